"""Where do citizens find other than they expect, and which differences are more than chance?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.methods.estimate import NOT_ASKED, Estimate, with_interval
from analysis.methods.ikm import linearised_variance
from analysis.methods.linearised import counts_of, sums_of
from analysis.methods.multiplicity import Family, family
from analysis.methods.paired import Paired, effect_interval, paired_items, paired_scores, paired_sums
from analysis.methods.zone import Zone, zone_of_tolerance
from analysis.study import GAP, KINDS, Study
from survey.questionnaire import Aspect


@dataclass(frozen=True)
class ItemGap:
    """The tests of one item. ``test.d_z`` has its interval (noncentral t)."""

    name: str
    dimension: str
    test: Paired


@dataclass(frozen=True)
class DimensionGap:
    """The tests of one dimension: over everybody with an item answered twice, and over complete persons only.

    ``item_means`` are the means of the item means, and their difference: a figure of many reports, which compares
    different persons where answers are missing and therefore has no interval (``different_persons``).
    """

    name: str
    available: Paired
    listwise: Paired
    item_means: dict[str, Estimate]


@dataclass(frozen=True)
class ItemZone:
    """The zone of tolerance of one item."""

    name: str
    dimension: str
    zone: Zone


@dataclass(frozen=True)
class GapsTopic:
    """Tests by item and dimension, their families, and the overall figures.

    ``families``: items and dimensions, by t and by signed ranks. ``all_items``: the mean over the items of each
    respect (SERVPERF is its perception), each item counting the same. ``of_item_means``: the mean over dimensions of
    their ``item_means``; ``by_points``: the same weighted by the mean points that citizens shared (None where none are
    asked; ``Results.weighted`` weights each person's gaps by the person's own points). ``zones`` is empty without
    minimum.
    """

    items: tuple[ItemGap, ...]
    dimensions: tuple[DimensionGap, ...]
    families: tuple[Family, ...]
    all_items: dict[str, Estimate]
    of_item_means: dict[str, Estimate]
    by_points: Estimate | None
    zones: tuple[ItemZone, ...]


def gaps_topic(study: Study) -> GapsTopic:
    """Everything about gaps."""
    tally = study.tally
    tests = paired_items([tally.joint(pair.name) for pair in study.pairs])
    items = tuple(
        ItemGap(pair.name, pair.dimension, replace(test, d_z=effect_interval(test.d_z)))
        for pair, test in zip(study.pairs, tests, strict=True)
    )
    dimensions = []
    for dimension, _ in study.items_of(GAP):
        scores = study.scores(dimension, GAP)
        available = paired_scores(tally.scores(dimension, GAP), lowest=scores.lowest)
        listwise = paired_sums(tally.sums(dimension), items=scores.items)
        found = {kind: _mean_of_item_means(study, dimension, kind) for kind in KINDS}
        dimensions.append(
            DimensionGap(
                dimension,
                replace(available, d_z=effect_interval(available.d_z)),
                replace(listwise, d_z=effect_interval(listwise.d_z)),
                found,
            )
        )
    families = (
        family("items_t", {item.name: item.test.t.log_p for item in items}),
        family("items_signed_rank", {item.name: item.test.wilcoxon.plain.log_p for item in items}),
        family("dimensions_t", {one.name: one.available.t.log_p for one in dimensions}),
        family("dimensions_signed_rank", {one.name: one.available.wilcoxon.plain.log_p for one in dimensions}),
    )
    of_item_means = {kind: _mean([one.item_means[kind] for one in dimensions]) for kind in KINDS}
    return GapsTopic(
        items,
        tuple(dimensions),
        families,
        {kind: _mean_of_items(study, kind) for kind in KINDS},
        of_item_means,
        _by_points(study, dimensions),
        _zones(study),
    )


def _mean_of_item_means(study: Study, dimension: str, kind: str) -> Estimate:
    """The mean of the item means; for the gap the difference of both, over the items asked twice."""
    if kind == GAP:
        gap = study.scores(dimension, GAP)
        sides = [_mean_of_columns(study, columns) for columns in (gap.minus, gap.first)]
        if sides[0].value is None or sides[1].value is None:
            return Estimate(None, 0, reason="no_answers")
        return Estimate(sides[1].value - sides[0].value, min(side.n for side in sides), reason="different_persons")
    return _mean_of_columns(study, study.scores(dimension, kind).first)


def _mean_of_columns(study: Study, columns: Sequence[int]) -> Estimate:
    """The mean of the means; n is the smallest number of answers behind one of them."""
    if not columns:
        return NOT_ASKED
    means, counts = [], []
    for column in columns:
        marginal = study.tally.marginal(column)
        counts.append(int(marginal[1:].sum()))
        if not counts[-1]:
            return Estimate(None, 0, reason="no_answers")
        means.append(float(marginal @ np.arange(len(marginal))) / counts[-1])
    return Estimate(sum(means) / len(means), min(counts), reason="different_persons")


def _mean(estimates: Sequence[Estimate]) -> Estimate:
    values = [estimate.value for estimate in estimates if estimate.value is not None]
    if not estimates or len(values) < len(estimates):
        reason = next((estimate.reason for estimate in estimates if estimate.value is None), "not_asked")
        return Estimate(None, 0, reason=reason)
    return Estimate(sum(values) / len(values), min(e.n for e in estimates), reason="different_persons")


def _mean_of_items(study: Study, kind: str) -> Estimate:
    """The mean of all item means with its interval, linearised per person."""
    if kind == GAP:
        places: Sequence[int] = range(len(study.pairs))
        if not places:
            return NOT_ASKED
        cross = study.cross(places, study.gap_moments)
        persons = _persons_with_gap(study)
    else:
        columns = [column for name in study.dimensions for column in study.scores(name, kind).first]
        if not columns:
            return NOT_ASKED
        cross, persons = study.cross(study.places(columns)), study.persons(columns)
    counts = counts_of(cross)
    empty = "no_pairs" if kind == GAP else "no_answers"
    if not counts.all():
        return Estimate(None, persons, reason=empty)
    k = len(counts)
    value = float((sums_of(cross) / counts).mean())
    return with_interval(value, persons, linearised_variance(cross, n=persons, factors=[1 / k] * k))


def _persons_with_gap(study: Study) -> int:
    answers = study.matrix.answers
    has = np.zeros(study.n, dtype=np.bool_)
    for pair in study.pairs:
        has |= (answers[pair.expectation] > 0) & (answers[pair.perception] > 0)
    return int(np.count_nonzero(has))


def _by_points(study: Study, dimensions: Sequence[DimensionGap]) -> Estimate | None:
    """Sum of weight x difference of the item means, the weights being the mean points of each dimension."""
    weighted = study.results.weighted
    if weighted is None:
        return None
    points = {shared.dimension: shared.points for shared in weighted.points}
    gaps = {one.name: one.item_means[GAP] for one in dimensions}
    total = 0.0
    for name, shared in points.items():
        if shared.value is None:
            return Estimate(None, 0, reason=shared.reason)
        gap = gaps.get(name)
        if shared.value and (gap is None or gap.value is None):
            return Estimate(None, 0, reason="dimension_without_answers")
        total += shared.value / weighted.total * ((gap.value if gap else None) or 0.0)
    return Estimate(total, min(shared.n for shared in points.values()), reason="different_persons")


def _zones(study: Study) -> tuple[ItemZone, ...]:
    """The items with a minimum, an expectation and a perception."""
    at, answers = study.questionnaire.positions, study.matrix.answers
    found = []
    for pair in study.pairs:
        minimum = at.get(f"{Aspect.MINIMUM.prefix}_{pair.name}")
        if minimum is None or pair.expectation is None or pair.perception is None:
            continue
        columns = (minimum, pair.expectation, pair.perception)
        shape = tuple(study.layout.codes[column] + 1 for column in columns)
        key = np.zeros(study.n, dtype=np.int64)
        for column, size in zip(columns, shape, strict=True):
            key = key * size + answers[column]
        triple = np.bincount(key, minlength=int(np.prod(shape))).reshape(shape)
        found.append(ItemZone(pair.name, pair.dimension, zone_of_tolerance(triple)))
    return tuple(found)
