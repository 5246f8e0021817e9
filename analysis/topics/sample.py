"""Are the respondents enough, are they composed like the users of the service, and what if they were?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from analysis.counting.tally import index_counts
from analysis.files.background import Grouping
from analysis.methods.estimate import Estimate
from analysis.methods.weighting import Margin, WeightedIndex, Weights, rake, weighted_index, weighting_cells
from analysis.study import IndexPart, Study
from survey.sampling import (
    Progress,
    SampleSize,
    cochran,
    for_mean,
    krejcie_morgan,
    krejcie_morgan_printed,
    margin_of_share,
    progress,
    slovin,
)

HALF_WIDTH = 1.0
"""The wanted half-width of the interval of the index, in points of the index out of 100."""


@dataclass(frozen=True)
class WeightedPart:
    """One index with weights. ``dimension`` is empty for the index of the whole."""

    dimension: str
    found: WeightedIndex


@dataclass(frozen=True)
class Composition:
    """One margin: by group the share among the respondents and the share among the users (both of those known)."""

    name: str
    groups: tuple[str, ...]
    sample: tuple[float | None, ...]
    population: tuple[float, ...]


@dataclass(frozen=True)
class Weighting:
    """Weights with which the respondents have the margins of the population, and the index with them.

    ``unknown`` names groups of the population that are no group of the respondents, by margin. The weights are by
    combination of groups: ``smallest``, ``largest`` and the rest stand in ``weights``.
    """

    margins: tuple[Composition, ...]
    unknown: Mapping[str, tuple[str, ...]]
    weights: Weights
    indices: tuple[WeightedPart, ...]
    reason: str | None = None


@dataclass(frozen=True)
class Precision:
    """How many respondents one index needs for a half-width of one point, from the spread seen.

    ``deviation`` is that of the persons' own indices (standard error x sqrt(n)).
    """

    dimension: str
    half_width: float
    deviation: float | None
    size: SampleSize | None
    reason: str | None


@dataclass(frozen=True)
class SampleTopic:
    """Sample sizes by every formula, the margin of a share, progress against the target, and weighting.

    Without a population only the formulas that need none are told. ``weighting`` is None without margins.
    """

    n: int
    population: int | None
    sizes: tuple[SampleSize, ...]
    margin_of_share: float | None
    precision: tuple[Precision, ...]
    target: int | None
    progress: Progress | None
    weighting: Weighting | None


def sample_topic(study: Study) -> SampleTopic:
    """Everything about the sample."""
    population, target = study.background.population, study.background.target
    sizes = [cochran()]
    if population is not None:
        sizes = [
            krejcie_morgan(population),
            krejcie_morgan_printed(population),
            cochran(population=population),
            slovin(population),
        ]
    return SampleTopic(
        n=study.n,
        population=population,
        sizes=tuple(sizes),
        margin_of_share=margin_of_share(study.n, population=population),
        precision=tuple(_precision(study, part) for part in study.indices),
        target=target,
        progress=_progress(study, target),
        weighting=_weighting(study),
    )


def _precision(study: Study, part: IndexPart) -> Precision:
    index = study.results.index
    if part.dimension:
        index = next((found for found in study.results.indices if found.dimension == part.dimension), None)
    interval = Estimate(None, 0, reason="element_without_answers") if index is None else index.interval
    if interval.se is None:
        return Precision(part.dimension, HALF_WIDTH, None, None, interval.reason)
    deviation = interval.se * interval.n**0.5
    size = for_mean(deviation=deviation, half_width=HALF_WIDTH, population=study.background.population)
    return Precision(part.dimension, HALF_WIDTH, deviation, size, None)


def _progress(study: Study, target: int | None) -> Progress | None:
    """As of the last day on which somebody answered."""
    if target is None or study.days is None or not (study.days > 0).any():
        return None
    last, first = int(study.days.max()), int(study.days[study.days > 0].min())
    today, opened = (date(day // 10_000, day // 100 % 100, day % 100) for day in (last, first))
    return progress(study.n, target, today=today, opens=opened, n_today=int(np.count_nonzero(study.days == last)))


def _weighting(study: Study) -> Weighting | None:
    used = [
        (grouping, study.background.margins[grouping.name])
        for grouping in study.background.groupings
        if grouping.name in study.background.margins
    ]
    if not used:
        return None
    cell, codes = weighting_cells([grouping.place + 1 for grouping, _ in used])
    margins, unknown = [], {}
    for (grouping, people), own in zip(used, codes, strict=True):
        names = [*grouping.names, *(name for name in people if name not in grouping.names)]
        totals = np.array([float(people.get(name, 0.0)) for name in names])
        margins.append(Margin(grouping.name, own - 1, totals))
        if len(names) > len(grouping.names):
            unknown[grouping.name] = tuple(names[len(grouping.names) :])
    cells = codes.shape[1]
    counts = np.bincount(cell, minlength=cells).astype(np.int64)
    weights = rake(counts, margins)
    cross, _ = index_counts(study.matrix, cell, cells)
    indices = []
    for part in study.indices:
        own_cross = part.of_table(cross, len(study.layout.index))
        answered = (study.matrix.answers[list(part.columns)] > 0).any(axis=0)
        persons = np.bincount(cell[answered], minlength=cells).astype(np.int64)
        found = weighted_index(
            own_cross,
            persons,
            weights,
            margins,
            points=part.points,
            weight=part.weight,
            population=study.background.population,
        )
        indices.append(WeightedPart(part.dimension, found))
    compositions = tuple(_composition(grouping, people) for grouping, people in used)
    return Weighting(compositions, unknown, weights, tuple(indices), weights.reason)


def _composition(grouping: Grouping, people: Mapping[str, float]) -> Composition:
    sizes, total = grouping.sizes, sum(people.values())
    known = int(sizes.sum())
    return Composition(
        grouping.name,
        grouping.names,
        tuple(int(size) / known if known else None for size in sizes),
        tuple(people.get(name, 0.0) / total if total else 0.0 for name in grouping.names),
    )
