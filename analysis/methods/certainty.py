"""How sure is the index: of one selection, of many cells at once, and of an agency with several units?

Everything is computed from the count tables of ``Tally.cross_of_index`` and ``tally.index_counts``. Persons are
independent, their answers are not. Missing answers: an element's mean is over those who answered it, and a person who
answered at least one element counts in n. Nothing is rounded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from math import exp, isnan, lcm, log, nan, sqrt

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from analysis.arrays import Floats, Integers
from analysis.methods.estimate import CONFIDENCE, Estimate, t_quantile
from analysis.methods.ikm import index_of
from analysis.methods.linearised import counts_of, sums_of, variances

AT_THE_END = 1e-12  # as a share of the scale: nearer to its end is the end, with the errors of the machine
REASONS = (None, "no_answers", "element_without_answers", "one_respondent")


@dataclass(frozen=True)
class Interval:
    """An interval made by ``method`` (``t`` or ``logit``).

    ``clipped`` names the ends (``low``, ``high``) that reached beyond the scale and were cut there; the logit interval
    never does. ``low`` and ``high`` are None when the interval is not defined, and ``reason`` says why.
    """

    method: str
    low: float | None
    high: float | None
    clipped: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class Certainty:
    """A value with both intervals.

    ``correction`` is the finite population correction that is already in ``se``: 1 when it does not apply, 0 when the
    whole population answered. ``degrees`` are the degrees of freedom of the t quantile. ``reason`` says why there is
    no interval, ``note`` why the correction was left out (``more_than_population``).
    """

    value: float | None
    n: int
    population: int | None
    correction: float
    se: float | None
    degrees: float
    t: Interval
    logit: Interval
    reason: str | None = None
    note: str | None = None


def ends_of_scale(points: Sequence[int], weight: Fraction) -> tuple[Fraction, Fraction]:
    """The lowest and the highest possible index: 25 and 100 with four points and weights that add up to 1.

    points: (elements,) the largest code of each. With nine weights of 0.11 the ends are 24.75 and 99.
    """
    return _ends(tuple(points), weight)


@lru_cache
def _ends(points: tuple[int, ...], weight: Fraction) -> tuple[Fraction, Fraction]:
    return sum((weight * 100 / scale for scale in points), Fraction(0)), weight * 100 * len(points)


@lru_cache
def _of_one_step(points: tuple[int, ...], weight: Fraction) -> tuple[float, float, float]:
    """What the index rises by when the total of ``_of_totals`` rises by 1, and the ends of the scale, as floats."""
    lowest, highest = _ends(points, weight)
    return float(weight * 100 / lcm(*points)), float(lowest), float(highest)


def finite_population_correction(n: int, population: int | None) -> tuple[float, str | None]:
    """The factor of the standard error when n people of N were taken without returning any.

    Formula: sqrt(1 - n / N). R: ``svydesign(~1, fpc = ~N)``. Returns 0..1 and a reason when it does not apply: with
    n > N the population must be wrong (or people came twice), so nothing is corrected.
    """
    if population is None:
        return 1.0, None
    if population < 1:
        raise ValueError(f"population {population} must be at least 1")
    return (1.0, "more_than_population") if n > population else (sqrt(1 - n / population), None)


def certainty(
    estimate: Estimate,
    *,
    lowest: Fraction | float,
    highest: Fraction | float,
    population: int | None = None,
    degrees: float | None = None,
    confidence: float = CONFIDENCE,
) -> Certainty:
    """The t and the logit interval of a value between ``lowest`` and ``highest``, with finite population correction.

    Formulas: t: value -+ q se, cut at the ends of the scale; logit: with p = (value - L) / (H - L) and
    s = se / (H - L) / (p (1 - p)), L + (H - L) / (1 + exp(-(log(p / (1 - p)) -+ q s))). q is the t quantile, se
    includes the correction.

    estimate: with the standard error before any correction; its own interval is not used. degrees: of freedom, n - 1
    when not given. population: people who could have answered; None for no correction.
    Not defined: the reasons of ``estimate``; the logit interval at an end of the scale (``end_of_scale``).
    R: ``ci95_t`` and ``ci95_logit`` of tests/reference/r/servqual.R.
    """
    n = estimate.n
    free = float(n - 1) if degrees is None else degrees
    correction, note = finite_population_correction(n, population)
    if estimate.value is None or estimate.se is None:
        reason = estimate.reason or "no_answers"
        none = Interval("t", None, None, reason=reason)
        return Certainty(
            estimate.value, n, population, correction, None, free, none, replace(none, method="logit"), reason, note
        )
    low, high, se = float(lowest), float(highest), estimate.se * correction
    reach = float(stdtrit(free, 1 - (1 - confidence) / 2)) if se else 0.0
    t = _t_interval(estimate.value, reach * se, low, high)
    logit = _logit_interval(estimate.value, reach * se, low, high)
    return Certainty(estimate.value, n, population, correction, se, free, t, logit, None, note)


def _t_interval(value: float, reach: float, lowest: float, highest: float) -> Interval:
    low, high = value - reach, value + reach
    clipped = tuple(end for end, beyond in (("low", low < lowest), ("high", high > highest)) if beyond)
    return Interval("t", max(low, lowest), min(high, highest), clipped)


def _logit_interval(value: float, reach: float, lowest: float, highest: float) -> Interval:
    share = (value - lowest) / (highest - lowest)
    if not AT_THE_END < share < 1 - AT_THE_END:
        return Interval("logit", None, None, reason="end_of_scale")
    centre = log(share / (1 - share))
    wide = reach / (highest - lowest) / (share * (1 - share))

    def back(logit: float) -> float:
        part = exp(-abs(logit))  # never overflows
        return lowest + (highest - lowest) * (1 if logit >= 0 else part) / (1 + part)

    return Interval("logit", back(centre - wide), back(centre + wide))


@dataclass(frozen=True, eq=False)
class IndexCells:
    """The index of many cells (units, services, periods) as arrays of length *cells*.

    ``value``, ``se``, ``low`` and ``high`` are NaN where not defined; ``undefined`` then holds the place of the reason
    in ``REASONS`` (0 = everything is defined). The interval is t, cut at the ends of the scale. ``estimate`` gives one
    cell as an Estimate, ``exact`` its index as a fraction, from which alone a grade may be read.
    """

    n: Integers
    value: Floats
    se: Floats
    low: Floats
    high: Floats
    undefined: Integers
    points: tuple[int, ...]
    weight: Fraction
    counts: Integers
    sums: Integers

    def __len__(self) -> int:
        return len(self.n)

    def estimate(self, cell: int) -> Estimate:
        """One cell."""
        n, why, *numbers = self._rows[cell]
        value, se, low, high = (None if isnan(number) else number for number in numbers)
        return Estimate(value, n, se, low, high, REASONS[why])

    @cached_property
    def _rows(self) -> list[tuple[int, int, float, float, float, float]]:
        arrays = (self.n, self.undefined, self.value, self.se, self.low, self.high)
        return list(zip(*(array.tolist() for array in arrays), strict=True))

    def exact(self, cell: int) -> Fraction | None:
        """The index of one cell without any rounding, None when it is not defined."""
        if np.isnan(self.value[cell]):
            return None
        means = [
            Fraction(int(total), int(count)) for total, count in zip(self.sums[cell], self.counts[cell], strict=True)
        ]
        return index_of(means, weight=self.weight, points=self.points)


def merged(cross: Integers, persons: Integers, group: Sequence[int], groups: int) -> tuple[Integers, Integers]:
    """Cells added up: ((groups, 2k, 2k), (groups,)) from ((cells, 2k, 2k), (cells,)).

    group: (cells,) the group of each cell, such as the quarter of a month or the unit of a service; -1 for none.
    """
    at = np.asarray(group, dtype=np.intp)
    if at.shape != persons.shape or cross.shape[:1] != persons.shape:
        raise ValueError(f"{len(at)} groups for {len(persons)} cells and {len(cross)} tables")
    total = np.zeros((groups, *cross.shape[1:]), dtype=np.int64)
    people = np.zeros(groups, dtype=np.int64)
    inside = at >= 0
    np.add.at(total, at[inside], cross[inside])
    np.add.at(people, at[inside], persons[inside])
    return total, people


def index_cells(
    cross: Integers,
    persons: Integers,
    *,
    points: Sequence[int],
    weight: Fraction,
    populations: Sequence[int | None] | None = None,
    confidence: float = CONFIDENCE,
) -> IndexCells:
    """The index of every cell with its standard error and t interval.

    cross: (cells, 2k, 2k), persons: (cells,), as ``tally.index_counts`` gives them. points: (k,) the largest code of
    each element. weight: of one element. populations: (cells,) people who could have answered, None where not known.
    A cell is not defined without respondents (``no_answers``) and with an element that nobody answered
    (``element_without_answers``); its interval is not defined with one person (``one_respondent``).
    """
    k = len(points)
    if cross.shape != (len(persons), 2 * k, 2 * k):
        raise ValueError(f"tables of shape {cross.shape} for {len(persons)} cells and {k} elements")
    counts, sums = counts_of(cross), sums_of(cross)
    factors = np.array([float(weight * 100 / scale) for scale in points])
    common = lcm(*points)  # one division at the end, so that three of four points are 75 and not 74.99999999999999
    units = np.array([common // scale for scale in points])
    empty, partial = persons == 0, (counts == 0).any(axis=-1)
    with np.errstate(invalid="ignore"):
        means = units * sums / np.maximum(counts, 1)
        # Added column by column: the same cell gives the same last digit, whatever cells stand beside it.
        total = sum(means[:, element] for element in range(k)) * (100 * weight.numerator)
        value = np.where(empty | partial, nan, total / (common * weight.denominator))
        se = np.sqrt(variances(cross, persons, factors))
        complete = (counts == persons[:, None]).all(axis=-1) & (persons > 0)
        if complete.any():
            squares = (units[:, None] * units * cross[:, :k, :k]).sum(axis=(1, 2))
            of_totals = _of_totals(persons, (units * sums).sum(axis=-1), squares, points, weight)
            value, se = (np.where(complete, one, other) for one, other in zip(of_totals, (value, se), strict=True))
        if populations is not None:
            corrections = zip(persons, populations, strict=True)
            se = se * np.array([finite_population_correction(int(n), known)[0] for n, known in corrections])
        reach = stdtrit(np.maximum(persons - 1, 1), 1 - (1 - confidence) / 2) * se
        lowest, highest = (float(end) for end in ends_of_scale(points, weight))
        low, high = np.maximum(value - reach, lowest), np.minimum(value + reach, highest)
    undefined = np.select([empty, partial, persons == 1], [1, 2, 3], 0)
    return IndexCells(persons, value, se, low, high, undefined, tuple(points), weight, counts, sums)


def estimates_of_totals(
    persons: Integers, totals: Integers, squares: Integers, *, points: Sequence[int], weight: Fraction
) -> list[Estimate]:
    """The index of every cell as ``index_cells`` tells it, from persons who answered every element.

    Of each cell: ``persons``, the sum of the persons' totals and of their squares. The total of a person is the sum of
    the answers, each times lcm(points) / points of its element; of elements on the same scale it is their sum.
    """
    value, se = _of_totals(persons, totals, squares, points, weight)
    reach = stdtrit(np.maximum(persons - 1, 1), 1 - (1 - CONFIDENCE) / 2) * se
    _, lowest, highest = _of_one_step(tuple(points), weight)
    low, high = np.maximum(value - reach, lowest), np.minimum(value + reach, highest)
    found = []
    for n, *numbers in zip(*(array.tolist() for array in (persons, value, se, low, high)), strict=True):
        if n > 1:
            found.append(Estimate(numbers[0], n, *numbers[1:]))
        else:
            found.append(Estimate(numbers[0] if n else None, n, reason="one_respondent" if n else "no_answers"))
    return found


def estimate_of_total(persons: int, total: int, squares: int, points: Sequence[int], weight: Fraction) -> Estimate:
    """``estimates_of_totals`` of one cell with at least two persons, to the last digit: the same steps, for numbers."""
    common = lcm(*points)
    shift = round(total / persons)  # halves to even, as ``np.rint``
    rest = total - shift * persons
    spread = squares - 2 * shift * total + shift * shift * persons
    variance = (spread - rest * (rest / persons)) / (persons * (persons - 1.0))
    value = total * (100 * weight.numerator) / (persons * (common * weight.denominator))
    step, lowest, highest = _of_one_step(tuple(points), weight)
    se = sqrt(max(variance, 0.0)) * step
    reach = t_quantile(persons) * se
    return Estimate(value, persons, se, max(value - reach, lowest), min(value + reach, highest))


def _of_totals(
    persons: Integers, totals: Integers, squares: Integers, points: Sequence[int], weight: Fraction
) -> tuple[Floats, Floats]:
    """Value and standard error of every cell; NaN where not defined. Arguments as in ``estimates_of_totals``.

    The squares are taken from a whole number near the mean, so that the subtraction loses no digits.
    """
    common, n = lcm(*points), np.maximum(persons, 1)
    shift = np.rint(totals / n).astype(np.int64)
    rest = totals - shift * persons
    spread = squares - 2 * shift * totals + shift * shift * persons
    variance = (spread - rest * (rest / n)) / (n * np.maximum(persons - 1, 1.0))
    value = totals * (100 * weight.numerator) / (n * (common * weight.denominator))
    se = np.sqrt(np.maximum(variance, 0.0)) * _of_one_step(tuple(points), weight)[0]
    return np.where(persons > 0, value, nan), np.where(persons > 1, se, nan)


@dataclass(frozen=True)
class AgencyIndex:
    """The index of an agency with several units, in three ways that may differ: say which one is printed.

    ``pooled``: every respondent counts the same, so a unit with many respondents decides. ``mean_of_units``: every unit
    counts the same. ``by_population``: every unit counts as much as it has users; not defined without populations.
    ``degrees`` of freedom belong to the last two, in this order. ``left_out`` are the places of units without an index.
    """

    pooled: Estimate
    mean_of_units: Estimate
    by_population: Estimate
    degrees: tuple[float, float]
    left_out: tuple[int, ...]


def agency(
    cross: Integers,
    persons: Integers,
    *,
    points: Sequence[int],
    weight: Fraction,
    populations: Sequence[int] | None = None,
    confidence: float = CONFIDENCE,
) -> AgencyIndex:
    """The index of an agency from the tables of its units.

    Formulas: pooled: the index of the sum of the tables, persons independent. Mean of units: sum of a_u I_u with
    a_u = 1 / U, by population a_u = N_u / sum of N; units are independent, so the variance is the sum of a_u^2 se_u^2;
    degrees of freedom after Satterthwaite, (sum of v_u)^2 / sum of v_u^2 / (n_u - 1) with v_u = a_u^2 se_u^2.

    cross: (units, 2k, 2k), persons: (units,). populations: (units,) users of each unit, for the weights and for the
    finite population correction of each unit (and, as their sum, of the pooled index).
    n is the number of respondents in the units used. Reasons: ``no_answers``, ``no_population``, and for the interval
    ``unit_with_one_respondent``.
    """
    units = index_cells(cross, persons, points=points, weight=weight, populations=populations, confidence=confidence)
    everyone = None if populations is None else [sum(populations)]
    pooled = index_cells(
        cross.sum(axis=0, keepdims=True),
        persons.sum(keepdims=True),
        points=points,
        weight=weight,
        populations=everyone,
        confidence=confidence,
    ).estimate(0)
    used = ~np.isnan(units.value)
    ends = tuple(float(end) for end in ends_of_scale(points, weight))
    mean, degrees = _combined(units, used, np.ones(len(units)), ends, confidence)
    if populations is None:
        weighted, weighted_degrees = Estimate(None, 0, reason="no_population"), 0.0
    else:
        shares = np.array(populations, dtype=np.float64)
        weighted, weighted_degrees = _combined(units, used, shares, ends, confidence)
    left_out = tuple(int(place) for place in np.flatnonzero(~used))
    return AgencyIndex(pooled, mean, weighted, (degrees, weighted_degrees), left_out)


def _combined(
    units: IndexCells, used: npt.NDArray[np.bool_], shares: Floats, ends: tuple[float, ...], confidence: float
) -> tuple[Estimate, float]:
    """The weighted mean of independent units, and its degrees of freedom."""
    n = int(units.n[used].sum())
    if not used.any():
        return Estimate(None, n, reason="no_answers"), 0.0
    part = shares[used] / shares[used].sum()
    value = float(part @ units.value[used])
    parts = (part * units.se[used]) ** 2
    if np.isnan(parts).any():
        return Estimate(value, n, reason="unit_with_one_respondent"), 0.0
    se = sqrt(float(parts.sum()))
    if not se:
        return Estimate(value, n, 0.0, value, value), float(n - len(part))
    degrees = float(parts.sum() ** 2 / (parts**2 / (units.n[used] - 1)).sum())
    reach = float(stdtrit(degrees, 1 - (1 - confidence) / 2)) * se
    return Estimate(value, n, se, max(value - reach, ends[0]), min(value + reach, ends[1])), degrees
