"""Do the items belong to their dimensions, and are the dimensions different things?"""

from dataclasses import dataclass

from analysis.arrays import Floats
from analysis.methods.cfa import Confirmatory, confirmatory
from analysis.methods.covariance import Covariance
from analysis.methods.factors import (
    MINRES,
    ML,
    Adequacy,
    FactorSolution,
    ParallelAnalysis,
    adequacy,
    explore,
    parallel_analysis,
    sphericity,
)
from analysis.methods.rotation import promax, varimax
from analysis.methods.significance import Significance
from analysis.methods.validity import (
    Convergence,
    Discrimination,
    ItemValidity,
    convergence,
    discrimination,
    item_validity,
)
from analysis.study import KINDS, Study

LEVELS = ("dimensions", "parallel")


@dataclass(frozen=True)
class ScaleItems:
    """The items of one dimension against the rest of it; ``items`` names them by their place."""

    kind: str
    dimension: str
    items: tuple[str, ...]
    found: tuple[ItemValidity, ...]


@dataclass(frozen=True, eq=False)
class Exploration:
    """One exploratory solution and its rotations; ``by`` says whence its number of factors: the ``dimensions`` of the
    questionnaire or the ``parallel`` analysis. ``promax_correlations`` are those of its factors.
    """

    by: str
    solution: FactorSolution
    varimax: Floats | None
    promax: Floats | None
    promax_correlations: Floats | None


@dataclass(frozen=True, eq=False)
class Exploratory:
    """What the items of one respect have in common without knowing the dimensions. ``items`` names the rows."""

    kind: str
    items: tuple[str, ...]
    adequacy: Adequacy
    sphericity: Significance
    parallel: ParallelAnalysis
    solutions: tuple[Exploration, ...]


@dataclass(frozen=True, eq=False)
class Model:
    """A confirmatory model: ``dimensions`` (of the questionnaire) or ``one_factor``.

    ``items`` and ``dimensions`` name items and factors by their place.
    """

    kind: str
    model: str
    items: tuple[str, ...]
    dimensions: tuple[str, ...]
    fit: Confirmatory
    convergence: tuple[Convergence, ...]
    discrimination: tuple[Discrimination, ...]


@dataclass(frozen=True, eq=False)
class ValidityTopic:
    """Items against their scales, exploration, and confirmatory models, in every respect asked."""

    items: tuple[ScaleItems, ...]
    exploratory: tuple[Exploratory, ...]
    confirmatory: tuple[Model, ...]


def validity_topic(study: Study) -> ValidityTopic:
    """Everything about validity."""
    items, explored, models = [], [], []
    for kind in KINDS:
        dimensions = study.items_of(kind)
        if not dimensions:
            continue
        for dimension, inside in dimensions:
            items.append(ScaleItems(kind, dimension, inside, item_validity(study.covariance(kind, dimension))))
        names = tuple(item for _, inside in dimensions for item in inside)
        whole = study.covariance(kind)
        explored.append(_explored(kind, names, whole, len(dimensions)))
        factors, at = [], 0
        for _, inside in dimensions:
            factors.append(tuple(range(at, at + len(inside))))
            at += len(inside)
        for model, groups, labels in (
            ("dimensions", factors, tuple(dimension for dimension, _ in dimensions)),
            ("one_factor", [tuple(range(len(names)))], ("all",)),
        ):
            if model == "one_factor" and len(dimensions) == 1:
                continue
            fit = confirmatory(whole, groups)
            models.append(Model(kind, model, names, labels, fit, convergence(fit), discrimination(whole, fit)))
    return ValidityTopic(tuple(items), tuple(explored), tuple(models))


def _explored(kind: str, names: tuple[str, ...], whole: Covariance, dimensions: int) -> Exploratory:
    parallel = parallel_analysis(whole)
    wanted = [(LEVELS[0], dimensions)]
    if parallel.factors and parallel.factors != dimensions:
        wanted.append((LEVELS[1], parallel.factors))
    solutions = []
    for by, factors in wanted:
        for method in (MINRES, ML):
            found = explore(whole, factors, method=method)
            if found.loadings is None:
                solutions.append(Exploration(by, found, None, None, None))
                continue
            oblique = promax(found.loadings)
            straight = varimax(found.loadings).loadings
            solutions.append(Exploration(by, found, straight, oblique.loadings, oblique.correlations))
    return Exploratory(kind, names, adequacy(whole), sphericity(whole), parallel, tuple(solutions))
