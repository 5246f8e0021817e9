"""What would the index be if the respondents were composed like the users of the service?

A weight depends only on the weighting cell of a person (unit x sex x age, say), so everything is computed from counts
by cell, which add up: ``weighting_cells`` makes the cells, ``tally.index_counts`` counts them, ``rake`` weights them
and ``weighted_index`` tells the index. Weighting repairs a composition that is wrong in what is known, nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from analysis.arrays import Floats, Integers
from analysis.methods.certainty import ends_of_scale, finite_population_correction, index_cells
from analysis.methods.estimate import CONFIDENCE, Estimate
from analysis.methods.linearised import centred_products, centred_sums, counts_of, sums_of

TOLERANCE = 1e-12
ROUNDS = 1000
NOT_KNOWN = -1
NO_SPREAD = 1e-18  # a variance of the index that is nothing but errors of the machine


@dataclass(frozen=True, eq=False)
class Margin:
    """The known composition of the population in one respect (unit, service, or a profile question).

    ``category`` (cells,) says in which category each weighting cell is, counted from 0; ``NOT_KNOWN`` (-1) where the
    respondents did not say: these keep the share that they have in the sample. ``totals`` (categories,) are the people
    of the population by category; only their proportions matter.
    """

    name: str
    category: Integers
    totals: Floats

    def __post_init__(self) -> None:
        if np.ndim(self.totals) != 1 or np.ndim(self.category) != 1:
            raise ValueError(f"margin {self.name}: category and totals must have one dimension")
        if not np.isfinite(self.totals).all() or np.any(self.totals < 0):
            raise ValueError(f"margin {self.name}: totals must be numbers from 0 upwards")
        if len(self.category) and not -1 <= self.category.min() <= self.category.max() < len(self.totals):
            raise ValueError(f"margin {self.name}: a category has no total")


@dataclass(frozen=True, eq=False)
class Weights:
    """The weight of a person in each cell, on average 1 over the respondents.

    ``cell`` (cells,) is None when weights cannot be had; ``reason`` says why: ``no_answers``;
    ``margin_without_respondents`` and ``margin_without_population`` (``where`` then names margins and categories that
    have people but no respondents, or respondents but no people: merge them with others or treat them as not known);
    ``not_converged`` (the margins contradict each other in the cells that occur; ``error`` is the largest relative
    distance to a total that remained after ``rounds``).
    ``effective_n`` and ``design_effect`` are Kish's; they ignore what the margins explain, so the standard error of
    ``weighted_index`` is the number to judge by. ``totals_differ`` tells that the margins add up to different
    populations (by more than one in a million), which often is a mistake in the input.
    """

    cell: Floats | None
    n: int
    rounds: int = 0
    error: float = 0.0
    effective_n: float | None = None
    design_effect: float | None = None
    smallest: float | None = None
    largest: float | None = None
    totals_differ: bool = False
    reason: str | None = None
    where: tuple[tuple[str, int], ...] = ()


def weighting_cells(codes: Sequence[npt.NDArray[Any]]) -> tuple[npt.NDArray[np.intp], Integers]:
    """The cells that occur: (n,) the cell of each person and (margins, cells) the codes of each cell.

    codes: for each margin (n,) whole numbers from 0 upwards, such as unit keys or profile codes.
    """
    if not codes:
        raise ValueError("at least one margin is needed")
    key, sizes = np.zeros(len(codes[0]), dtype=np.int64), []
    for values in codes:
        sizes.append(int(values.max(initial=0)) + 1)
        key = key * sizes[-1] + values
    known, cell = np.unique(key, return_inverse=True)
    found = np.zeros((len(codes), len(known)), dtype=np.int64)
    for margin in reversed(range(len(codes))):
        known, found[margin] = np.divmod(known, sizes[margin])
    return cell, found


def rake(
    counts: Integers,
    margins: Sequence[Margin],
    *,
    base: Floats | None = None,
    tolerance: float = TOLERANCE,
    rounds: int = ROUNDS,
) -> Weights:
    """Weights with which the sample has the margins of the population (iterative proportional fitting).

    Formula: for one margin after the other, the weights of each category are multiplied by wanted / present, until all
    margins fit to ``tolerance`` (relative) at the end of a round. With a single margin that is post-stratification,
    done in one round; cross two characteristics into one margin to post-stratify by both.
    Source: Deming & Stephan (1940), Annals of Mathematical Statistics 11, 427-444. R: ``survey::rake``, whose weights
    add up to the population, with an epsilon near 0.

    counts: (cells,) respondents by weighting cell, as the ``persons`` of ``tally.index_counts``. base: (cells,) design
    weights before raking; None = 1 each. Cells without respondents get the weight their categories imply.
    """
    n = int(counts.sum())
    start = np.ones(len(counts)) if base is None else np.asarray(base, dtype=np.float64)
    if start.shape != counts.shape or any(margin.category.shape != counts.shape for margin in margins):
        raise ValueError(f"{len(counts)} cells, but not as many base weights or categories")
    if not n:
        return Weights(None, 0, reason="no_answers")
    groups, wanted = [], []
    for margin in margins:
        group = np.where(margin.category == NOT_KNOWN, len(margin.totals), margin.category)
        present = _by_group(counts * start, group, len(margin.totals) + 1)
        if nobody := np.flatnonzero((present[:-1] == 0) & (margin.totals > 0)).tolist():
            where = tuple((margin.name, int(category)) for category in nobody)
            return Weights(None, n, reason="margin_without_respondents", where=where)
        if missing := np.flatnonzero((present[:-1] > 0) & (margin.totals == 0)).tolist():
            where = tuple((margin.name, int(category)) for category in missing)
            return Weights(None, n, reason="margin_without_population", where=where)
        unknown = present[-1] / present.sum()
        known = margin.totals / margin.totals.sum() * (1 - unknown) if unknown < 1 else 0 * margin.totals
        groups.append(group)
        wanted.append(np.append(known, unknown) * n)
    weight, error, done = start * n / (counts @ start), 2 * tolerance, 0
    while error > tolerance and done < rounds:
        done += 1
        for group, target in zip(groups, wanted, strict=True):
            present = _by_group(counts * weight, group, len(target))
            weight = weight * np.divide(target, present, out=np.ones_like(target), where=present > 0)[group]
        error = max((_distance(counts * weight, *pair) for pair in zip(groups, wanted, strict=True)), default=0.0)
    sums = [float(margin.totals.sum()) for margin in margins]
    differ = bool(sums) and max(sums) - min(sums) > 1e-6 * max(sums)
    if error > tolerance:
        return Weights(None, n, done, error, totals_differ=differ, reason="not_converged")
    inside = weight[counts > 0]
    effective = float((counts @ weight) ** 2 / (counts @ weight**2))
    return Weights(weight, n, done, error, effective, n / effective, float(inside.min()), float(inside.max()), differ)


def _by_group(values: Floats | Integers, group: Integers, groups: int) -> Floats:
    return np.bincount(group, weights=values, minlength=groups).astype(np.float64)


def _distance(present: Floats, group: Integers, target: Floats) -> float:
    """The largest relative distance between what is there and what is wanted."""
    there = _by_group(present, group, len(target))
    asked = target > 0
    return float(np.max(np.abs(there[asked] / target[asked] - 1), initial=0.0))


def weighted_table(tables: Integers, weights: Weights) -> Floats | None:
    """Counts by cell, (cells, ...), added up with their weights: a weighted distribution, say. None without weights."""
    return None if weights.cell is None else np.tensordot(weights.cell, tables, axes=1)


@dataclass(frozen=True)
class WeightedIndex:
    """The index with weights beside the one without.

    ``weighted``: with the linearised standard error, which knows that the margins are fixed. ``se_ignoring_margins``
    treats the weights as given; where the margins explain the answers it is larger. ``design_effect`` is the variance
    of ``weighted`` / that of a simple random sample of as many respondents (R: ``deff = "replace"``).
    """

    weighted: Estimate
    unweighted: Estimate
    se_ignoring_margins: float | None = None
    design_effect: float | None = None
    design_effect_ignoring_margins: float | None = None


def weighted_index(
    cross: Integers,
    counts: Integers,
    weights: Weights,
    margins: Sequence[Margin],
    *,
    points: Sequence[int],
    weight: Fraction,
    population: int | None = None,
    confidence: float = CONFIDENCE,
) -> WeightedIndex:
    """The weighted index with its linearised standard error.

    Formula: mean_j = sum of w_i x_ij / sum of w_i o_ij; person i contributes u_i = sum over j of
    f_j o_ij (x_ij - mean_j) / sum of w o_j. What the margins explain is taken out: e_i is the residual of the least
    squares regression of u on the categories of all margins. Variance = n / (n - 1) x sum of (w_i e_i - mean)^2.
    Source: Deville & Sarndal (1992); R: ``svymean(~index, rake(...))``, ``SE()``; with one margin ``postStratify``.

    cross: (cells, 2k, 2k) and counts: (cells,) of ``tally.index_counts``; margins: those given to ``rake``. points:
    (k,) the largest codes; weight: of one element. population: applies the finite population correction.
    The interval is t with n - 1 degrees of freedom (R's ``confint`` uses the normal), cut at the ends of the scale.
    Not defined: the reasons of ``weights``, ``element_without_answers``; no interval with ``one_respondent``.
    """
    n = int(counts.sum())
    whole = index_cells(
        cross.sum(axis=0, keepdims=True), np.array([n]), points=points, weight=weight,
        populations=[population], confidence=confidence,
    ).estimate(0)  # fmt: skip
    if weights.cell is None or whole.value is None:
        return WeightedIndex(Estimate(None, n, reason=weights.reason or whole.reason), whole)
    w = weights.cell
    factors = np.array([float(weight * 100 / scale) for scale in points])
    bases, totals = w @ counts_of(cross), w @ sums_of(cross)
    means = totals / bases
    lowest, highest = (float(end) for end in ends_of_scale(points, weight))
    value = min(max(float(factors @ means), lowest), highest)  # which it is but for the errors of the machine
    if n < 2:
        return WeightedIndex(Estimate(value, n, reason="one_respondent"), whole)
    part = factors / bases
    sums = centred_sums(cross, means) @ part  # of u, by cell
    squares = np.einsum("i,cij,j->c", part, centred_products(cross, means), part)
    explained = _explained(sums, counts, margins)
    left = squares - 2 * explained * sums + counts * explained**2
    correction, _ = finite_population_correction(n, population)
    variance = _variance(w, sums - counts * explained, left, n) * correction**2
    ignoring = _variance(w, sums, squares, n) * correction**2
    simple = float(w @ squares) * float(w @ counts) / (n - 1)
    se = sqrt(variance)
    reach = float(stdtrit(n - 1, 1 - (1 - confidence) / 2)) * se
    weighted = Estimate(value, n, se, max(value - reach, lowest), min(value + reach, highest))
    if simple <= NO_SPREAD:
        return WeightedIndex(replace(weighted, se=0.0, low=value, high=value), whole, 0.0)
    return WeightedIndex(weighted, whole, sqrt(ignoring), variance / simple, ignoring / simple)


def _variance(w: Floats, sums: Floats, squares: Floats, n: int) -> float:
    """N / (n - 1) x sum of (w u - mean)^2, from the sums and squares of u by cell."""
    total = float(w @ sums)
    return max(float(w**2 @ squares) - total**2 / n, 0.0) * n / (n - 1)


def _explained(sums: Floats, counts: Integers, margins: Sequence[Margin]) -> Floats:
    """(cells,) what the categories of the margins explain of u: least squares, one margin after the other."""
    effect = np.zeros(len(counts))
    groups = [np.where(m.category == NOT_KNOWN, len(m.totals), m.category) for m in margins]
    people = [np.maximum(_by_group(counts, group, 1), 1) for group in groups]
    scale = float(np.abs(sums).max(initial=0.0))
    for _ in range(ROUNDS):
        moved = 0.0
        for group, inside in zip(groups, people, strict=True):
            step = _by_group(sums - counts * effect, group, len(inside)) / inside
            effect = effect + step[group]
            moved = max(moved, float(np.abs(step * inside).max(initial=0.0)))
        if moved <= TOLERANCE * scale:
            break
    return effect
