"""Do units, services and groups of citizens differ, in what, by how much, and which cannot be told apart?"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.arrays import Integers
from analysis.files.background import Grouping
from analysis.methods.certainty import index_cells
from analysis.methods.comparison import Association, Comparison, Moments, RankComparison, associate, compare, kruskal
from analysis.methods.estimate import Estimate, with_interval
from analysis.methods.mode_effect import ModeEffect, mode_effects
from analysis.methods.multiplicity import Family, family
from analysis.methods.pairwise import PairOfGroups, PairOfRanks, dunn, games_howell
from analysis.methods.tiers import Tiers, tiers
from analysis.study import GAP, PERCEPTION, IndexPart, Study

MOST_PAIRED, MOST_PAIRED_OF_ITEMS = 30, 12
"""With more groups there are more pairs than anybody reads; tests and tiers are told all the same."""


@dataclass(frozen=True)
class Outcome:
    """One number compared between groups.

    ``name``: ``index`` (or ``index.<dimension>``), the overall judgement by its heading, ``perception.<dimension>`` and
    ``gap.<dimension>`` (scores of available items) or ``P_<item>``. ``means`` by group. ``ranks`` and ``dunn`` are
    empty for the index, which is no number of single persons. ``pairs_reason`` is ``too_many_groups`` when no pairs
    are told.
    """

    name: str
    means: tuple[Estimate, ...]
    test: Comparison
    tiers: Tiers
    games_howell: tuple[PairOfGroups, ...]
    ranks: RankComparison | None
    dunn: tuple[PairOfRanks, ...]
    pairs_reason: str | None = None


@dataclass(frozen=True)
class GroupedBy:
    """One grouping; ``groups`` names the groups by their place, ``sizes`` are respondents, ``unknown`` those in none.

    ``families``: the Welch tests of all outcomes of one kind, judged together.
    """

    variable: str
    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    unknown: int
    outcomes: tuple[Outcome, ...]
    families: tuple[Family, ...]


@dataclass(frozen=True)
class Together:
    """Whether two groupings go together."""

    first: str
    second: str
    table: tuple[tuple[int, ...], ...]
    found: Association


@dataclass(frozen=True)
class Modes:
    """Whether ways of answering may be pooled, for one number; ``strata`` are the units (or everybody together)."""

    outcome: str
    modes: tuple[str, ...]
    strata: tuple[str, ...]
    effects: tuple[ModeEffect, ...]


@dataclass(frozen=True)
class ComparisonTopic:
    """Every grouping, the groupings with each other, and the modes."""

    groupings: tuple[GroupedBy, ...]
    associations: tuple[Together, ...]
    modes: tuple[Modes, ...]


def comparison_topic(study: Study) -> ComparisonTopic:
    """Everything about differences between groups."""
    groupings = study.background.groupings
    together = []
    for first, second in combinations(groupings, 2):
        table = _table(first, second)
        rows = tuple(tuple(row) for row in table.tolist())
        together.append(Together(first.name, second.name, rows, associate(table)))
    return ComparisonTopic(tuple(grouped_by(study, grouping) for grouping in groupings), tuple(together), _modes(study))


def grouped_by(study: Study, grouping: Grouping) -> GroupedBy:
    """One grouping with every outcome."""
    outcomes = [index_outcome(study, grouping, part) for part in study.indices]
    outcomes += [_outcome(grouping, name, values) for name, values in _persons_values(study)]
    families = []
    for kind in ("perception.", "gap.", "P_"):
        logs = {one.name: one.test.welch.log_p for one in outcomes if one.name.startswith(kind)}
        if logs:
            families.append(family(f"{grouping.name}_{kind.rstrip('._')}", logs))
    sizes = tuple(grouping.sizes.tolist())
    return GroupedBy(grouping.name, grouping.names, sizes, study.n - sum(sizes), tuple(outcomes), tuple(families))


def index_outcome(study: Study, grouping: Grouping, part: IndexPart) -> Outcome:
    """The index by group."""
    cells = index_cells(*study.index_by(grouping, part), points=part.points, weight=part.weight)
    means = tuple(cells.estimate(at) for at in range(len(cells)))
    moments = Moments.of_estimates(means)
    few = len(means) <= MOST_PAIRED
    name = f"index.{part.dimension}" if part.dimension else "index"
    pairs = games_howell(moments) if few else None
    reason = None if few else "too_many_groups"
    return Outcome(name, means, compare(moments), tiers(moments, pairs=pairs), pairs or (), None, (), reason)


def _persons_values(study: Study) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """What every person has of its own: (n,), NaN where it is missing."""
    if study.background.overall is not None:
        yield study.background.overall.name, _known(study.background.overall.codes)
    for kind in (PERCEPTION, GAP):
        for dimension, _ in study.items_of(kind):
            yield f"{kind}.{dimension}", study.dimension_scores(dimension, kind)
    for pair in study.layout.pairs:
        if pair.perception is not None:
            yield f"P_{pair.name}", _known(study.matrix.answers[pair.perception])


def _known(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    return np.where(codes > 0, codes, np.nan).astype(np.float64)


def _outcome(grouping: Grouping, name: str, values: npt.NDArray[Any]) -> Outcome:
    counts, different = counted_by(grouping, values)
    moments = Moments.of_counts(counts, different)
    few = len(grouping.names) <= (MOST_PAIRED_OF_ITEMS if name.startswith("P_") else MOST_PAIRED)
    means = tuple(_mean(moments, at) for at in range(len(moments.n)))
    pairs = games_howell(moments) if few else None
    return Outcome(
        name,
        means,
        compare(moments),
        tiers(moments, pairs=pairs),
        pairs or (),
        kruskal(counts, different),
        dunn(counts, different) if few else (),
        None if few else "too_many_groups",
    )


def counted_by(grouping: Grouping, values: npt.NDArray[Any]) -> tuple[Integers, npt.NDArray[np.float64]]:
    """((g, v) persons by group and value, (v,) the values), without the missing ones."""
    known = ~np.isnan(values) & (grouping.place >= 0)
    # Means over items are quotients: equal ones must count as equal.
    different, place = np.unique(np.round(values[known], 12), return_inverse=True)
    g, v = len(grouping.names), len(different)
    counts = np.bincount(grouping.place[known] * v + place, minlength=g * v) if v else np.zeros(0, dtype=np.int64)
    return counts.reshape(g, v).astype(np.int64), different


def _mean(moments: Moments, at: int) -> Estimate:
    n = int(moments.n[at])
    if n == 0:
        return Estimate(None, 0, reason="no_answers")
    variance = 0.0 if n < 2 else float(moments.variance[at]) / n
    return with_interval(float(moments.mean[at]), n, variance)


def _table(first: Grouping, second: Grouping) -> Integers:
    both = (first.place >= 0) & (second.place >= 0)
    size = len(second.names)
    found = np.bincount(first.place[both] * size + second.place[both], minlength=len(first.names) * size)
    return found.reshape(len(first.names), size).astype(np.int64)


def _modes(study: Study) -> tuple[Modes, ...]:
    modes = study.background.grouping(study.background.mode)
    if modes is None:
        return ()
    units = study.background.grouping(study.background.unit)
    strata = ("all",) if units is None else units.names
    at = np.zeros(study.n, dtype=np.int64) if units is None else units.place
    m = len(modes.names)
    place = np.where((at >= 0) & (modes.place >= 0), at * m + modes.place, -1)
    cells = Grouping("cell", tuple(str(cell) for cell in range(len(strata) * m)), place)
    found = []
    for part in study.indices:
        outcome = index_outcome_moments(study, cells, part)
        name = f"index.{part.dimension}" if part.dimension else "index"
        found.append(Modes(name, modes.names, strata, mode_effects(outcome, modes=m)))
    for name, values in _persons_values(study):
        moments = Moments.of_counts(*counted_by(cells, values))
        found.append(Modes(name, modes.names, strata, mode_effects(moments, modes=m)))
    return tuple(found)


def index_outcome_moments(study: Study, grouping: Grouping, part: IndexPart) -> Moments:
    """n, index and spread of each group."""
    cells = index_cells(*study.index_by(grouping, part), points=part.points, weight=part.weight)
    return Moments.of_estimates([cells.estimate(at) for at in range(len(cells))])
