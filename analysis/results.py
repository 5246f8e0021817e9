"""What do these answers say? ``evaluate`` computes every number once; screen, file and command only show it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from analysis.counting.alphas import alphas_of
from analysis.counting.matrix import Matrix
from analysis.counting.tally import Tally
from analysis.gaps import Gap, Points, Weighted, dimensions_of, items_of, overall_of, weighted_of
from analysis.groups import Group, Month, groups_of, months_of, profile_of
from analysis.index import Element, Index, conventions_of, index_as_json, indices_of
from analysis.methods import servqual
from analysis.methods.estimate import Estimate
from analysis.methods.ikm import IndexValue
from analysis.regulation import EXACT, ONCE, rule_set
from survey.questionnaire import Questionnaire

__all__ = [
    "Distribution",
    "Element",
    "Estimate",
    "Gap",
    "Group",
    "Index",
    "IndexValue",
    "Month",
    "Points",
    "Results",
    "Scale",
    "Weighted",
    "evaluate",
    "evaluate_tally",
]

FACILITIES = "facilities"


@dataclass(frozen=True)
class Distribution:
    """How often each code of a column was chosen: ``counts[0]`` is code 1. ``missing`` did not answer."""

    column: str
    counts: tuple[int, ...]
    missing: int

    @property
    def n(self) -> int:
        """Those who answered."""
        return sum(self.counts)


@dataclass(frozen=True)
class Scale:
    """Cronbach's alpha of the items of one dimension, asked in one respect (``kind``).

    ``kind`` is expectation, perception or gap. ``alpha`` is of the n persons who answered all items of the scale.
    """

    dimension: str
    kind: str
    alpha: Estimate


@dataclass(frozen=True)
class Results:
    """Every number of one selection of responses to one questionnaire.

    When ``n`` is below ``minimum`` everything else is empty and ``hidden`` is True: fewer people could be recognised.
    ``left_out`` counts responses kept but not counted, by reason (such as ``closed``). ``facilities`` is the printed
    number of the element *facilities*, which is U8 in some systems and U9 in others. ``index`` is None when nothing
    enters it, and when an element has no answer at all: ``elements_without_answers`` then names these. It is also None
    when each dimension has an index of its own (``indices``). ``weighted`` is None when no points are shared.
    """

    questionnaire: str
    version: int
    n: int
    minimum: int
    hidden: bool
    left_out: Mapping[str, int]
    index: Index | None
    items: tuple[Gap, ...]
    dimensions: tuple[Gap, ...]
    overall: Gap | None
    distributions: tuple[Distribution, ...]
    profile: tuple[Group, ...]
    groups: tuple[Group, ...]
    months: tuple[Month, ...]
    facilities: str | None = None
    notes: tuple[str, ...] = ()
    elements_without_answers: tuple[str, ...] = ()
    conventions: tuple[str, ...] = ()
    indices: tuple[Index, ...] = ()
    weighted: Weighted | None = None
    scales: tuple[Scale, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values for JSON. The keys are documented in ``analysis/README.md`` and do not change.

        Numbers are unrounded; only ``rounded`` and ``grade`` follow the rounding of the regulation. Fractions are given
        twice, as a number and as text such as 11575/147.
        """
        return {
            "questionnaire": self.questionnaire,
            "version": self.version,
            "n": self.n,
            "minimum": self.minimum,
            "hidden": self.hidden,
            "left_out": dict(self.left_out),
            "conventions": list(self.conventions),
            "facilities": self.facilities,
            "elements_without_answers": list(self.elements_without_answers),
            "index": None if self.index is None else index_as_json(self.index),
            "indices": [index_as_json(index) for index in self.indices],
            "weighted": None if self.weighted is None else _weighted_as_json(self.weighted),
            "overall": None if self.overall is None else asdict(self.overall),
            "dimensions": [asdict(gap) for gap in self.dimensions],
            "items": [asdict(gap) for gap in self.items],
            "scales": [asdict(scale) for scale in self.scales],
            "distributions": [
                asdict(found) | {"counts": list(found.counts), "n": found.n} for found in self.distributions
            ],
            "profile": [asdict(group) for group in self.profile],
            "groups": [asdict(group) for group in self.groups],
            "months": [asdict(month) for month in self.months],
            "notes": list(self.notes),
        }


def evaluate(
    questionnaire: Questionnaire,
    matrix: Matrix,
    *,
    weights: str = EXACT,
    minimum: int = 5,
    rounding: str = ONCE,
    policy: str = servqual.AVAILABLE,
) -> Results:
    """Every number of these responses.

    Responses that do not count (``Matrix.counted``) are left out and told in ``left_out``. ``weights`` and ``rounding``
    are names of ``regulation.yaml``; ``policy`` says whose dimension scores are used (see ``servqual``). With fewer
    than ``minimum`` respondents nothing but their number is told.

    Raises ``Problem`` for weights or a rounding that the regulation of the questionnaire does not have.
    """
    counted, left_out = matrix.counted()
    return evaluate_tally(
        questionnaire,
        Tally.of(counted) if len(counted) >= minimum else Tally.nothing(questionnaire),
        respondents=len(counted),
        left_out=left_out,
        groups=groups_of(counted),
        months=months_of(questionnaire, counted, weights, minimum),
        weights=weights,
        minimum=minimum,
        rounding=rounding,
        policy=policy,
    )


def evaluate_tally(
    questionnaire: Questionnaire,
    tally: Tally,
    *,
    respondents: int | None = None,
    left_out: Mapping[str, int] | None = None,
    groups: tuple[Group, ...] = (),
    months: tuple[Month, ...] = (),
    weights: str = EXACT,
    minimum: int = 5,
    rounding: str = ONCE,
    policy: str = servqual.AVAILABLE,
) -> Results:
    """Every number that a tally holds; ``groups`` and ``months``, which it does not hold, are passed through.

    Arguments as in ``evaluate``; ``respondents`` is the number of responses when the tally was not even made.
    """
    rules = rule_set(questionnaire.regulation) if questionnaire.regulation else None
    n = tally.n if respondents is None else respondents
    shown = Results(
        questionnaire=questionnaire.name,
        version=questionnaire.version,
        n=n,
        minimum=minimum,
        hidden=n < minimum,
        left_out=dict(left_out or {}),
        index=None,
        items=(),
        dimensions=(),
        overall=None,
        distributions=(),
        profile=(),
        groups=(),
        months=(),
        facilities=next((item.number for item in questionnaire.items if item.name == FACILITIES), None),
        conventions=tuple(kind.name for kind in conventions_of(rules, len(tally.layout.index))),
    )
    if shown.hidden or n == 0:
        return shown
    indices, unanswered = indices_of(questionnaire, rules, tally, weights, rounding)
    dimensions = dimensions_of(questionnaire, tally, policy)
    return replace(
        shown,
        index=None if questionnaire.index_by else next(iter(indices), None),
        indices=indices if questionnaire.index_by else (),
        weighted=weighted_of(questionnaire, tally),
        items=items_of(questionnaire, tally),
        dimensions=dimensions,
        overall=overall_of(tally, dimensions, policy),
        scales=tuple(Scale(*which, alpha) for which, alpha in alphas_of(tally).items()),
        distributions=_distributions(questionnaire, tally),
        profile=profile_of(questionnaire, tally),
        groups=groups,
        months=months,
        elements_without_answers=unanswered,
    )


def _weighted_as_json(weighted: Weighted) -> dict[str, Any]:
    return {
        "total": weighted.total,
        "gap": asdict(weighted.gap),
        "points": [asdict(shared) for shared in weighted.points],
    }


def _distributions(questionnaire: Questionnaire, tally: Tally) -> tuple[Distribution, ...]:
    runs = tally.layout.runs_of_columns
    counts, found = tally.counts[runs.place].tolist(), []
    for column, start in zip(questionnaire.columns, runs.starts.tolist(), strict=True):
        own = tuple(counts[start + 1 : start + 1 + column.codes])
        found.append(Distribution(column.name, own, counts[start]))
    return tuple(found)
