"""Does it get better or worse over time, and by how much per period?

Months, quarters, semesters and years are counted as whole numbers in sequence (``period_numbers``), so that a missing
period is a gap in the numbers and the distance between two periods is their difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import log, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr, ndtr, ndtri

from analysis.methods.estimate import CONFIDENCE, Estimate

NOT_KNOWN = -1
FEWEST = 3
EXACT_UP_TO = 50


class Period(IntEnum):
    """A kind of period; its value is how many of them make a year."""

    YEAR = 1
    SEMESTER = 2
    QUARTER = 4
    MONTH = 12


def period_numbers(days: npt.NDArray[Any], kind: Period) -> npt.NDArray[np.int64]:
    """(n,) the number of the period that each day falls into: periods per year x year + place in the year, from 0.

    days: (n,) as yyyymmdd; 0 (not known) gives -1. For months written yyyymm, pass ``months * 100 + 1``.

    >>> period_numbers(np.array([20261124, 0]), Period.QUARTER).tolist()
    [8107, -1]
    """
    wide = days.astype(np.int64)
    numbers = wide // 10_000 * kind + (wide // 100 % 100 - 1) * kind // 12
    return np.where(wide > 0, numbers, NOT_KNOWN)


def period_name(number: int, kind: Period) -> str:
    """The name of a period as addresses and files write it: 2026, 2026-S2, 2026-Q4, 2026-11.

    >>> period_name(8107, Period.QUARTER)
    '2026-Q4'
    """
    year, place = divmod(number, int(kind))
    if kind is Period.YEAR:
        return str(year)
    letter = {Period.SEMESTER: "S", Period.QUARTER: "Q"}.get(kind)
    return f"{year}-{letter}{place + 1}" if letter else f"{year}-{place + 1:02d}"


@dataclass(frozen=True, eq=False)
class Periods:
    """The periods that occur, in sequence, and where each row belongs.

    ``numbers`` (periods,) ascending. ``place`` (n,) the place of each row among them, -1 where the day is not known.
    ``missing`` are the numbers between the first and the last that do not occur.
    """

    kind: Period
    numbers: npt.NDArray[np.int64]
    place: npt.NDArray[np.intp]
    missing: tuple[int, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, such as 2026-Q4."""
        return tuple(period_name(int(number), self.kind) for number in self.numbers)


def periods_of(days: npt.NDArray[Any], kind: Period) -> Periods:
    """The periods of these days (yyyymmdd). ``place`` is what ``certainty.merged`` takes to add monthly tables up."""
    numbers = period_numbers(days, kind)
    known = np.unique(numbers[numbers >= 0])
    place = np.where(numbers >= 0, np.searchsorted(known, numbers), NOT_KNOWN)
    missing = np.setdiff1d(np.arange(known[0], known[-1]), known) if len(known) else known
    return Periods(kind, known, place, tuple(int(number) for number in missing))


@dataclass(frozen=True)
class MannKendall:
    """Whether values tend to rise (or fall) with time, whatever the shape of the rise.

    ``s`` is rising pairs minus falling pairs, ``variance`` that of s without a trend, corrected for ties. ``tau`` is
    Kendall's tau-b, -1..1. ``z`` is with continuity correction and ``p`` its two-sided p-value (``log_p`` its natural
    logarithm, which never underflows); ``p_uncorrected`` is without the correction. ``p_exact`` is the exact two-sided
    p-value, None with ties or more than 50 periods: with few periods it is the one to read, and fewer than five can
    never reach 0.05. Everything is None with a ``reason``: ``too_few_periods`` (under three), ``no_variation``.
    Periods are taken as independent: autocorrelation makes p too small.
    """

    n: int
    s: int | None = None
    variance: float | None = None
    tau: float | None = None
    z: float | None = None
    p: float | None = None
    log_p: float | None = None
    p_uncorrected: float | None = None
    p_exact: float | None = None
    reason: str | None = None


def mann_kendall(values: Sequence[float]) -> MannKendall:
    """The test of Mann (1945) and Kendall for a trend in values that are in the order of time.

    Formula: S = sum over pairs i < j of sign(x_j - x_i); var S = (n (n - 1)(2n + 5) - sum over groups of t tied values
    of t (t - 1)(2t + 5)) / 18; z = (S - sign S) / sqrt(var S). tau-b = S / sqrt((N - ties) N), N = n (n - 1) / 2.
    R: ``cor.test(seq_along(x), x, method = "kendall")`` for tau, the p-values without correction, and the exact one.

    values: (n,) NaN is left out.
    """
    x = np.asarray(values, dtype=np.float64)
    x = x[~np.isnan(x)]
    n = len(x)
    if n < FEWEST:
        return MannKendall(n, reason="too_few_periods")
    s = int(np.sign(x[None, :] - x[:, None])[np.triu_indices(n, 1)].sum())
    _, ties = np.unique(x, return_counts=True)
    variance = _variance_of_s(n, ties)
    if variance == 0:
        return MannKendall(n, s, reason="no_variation")
    pairs = n * (n - 1) / 2
    tau = s / sqrt((pairs - float((ties * (ties - 1) / 2).sum())) * pairs)
    z = (s - np.sign(s)) / sqrt(variance)
    return MannKendall(
        n,
        s,
        variance,
        tau,
        float(z),
        float(2 * ndtr(-abs(z))),
        float(log(2) + log_ndtr(-abs(z))),
        float(2 * ndtr(-abs(s) / sqrt(variance))),
        exact_p(n, s) if n <= EXACT_UP_TO and ties.max() == 1 else None,
    )


def _variance_of_s(n: int, ties: npt.NDArray[np.int64]) -> float:
    return float(n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18


def exact_p(n: int, s: int) -> float:
    """The exact two-sided p-value of S for n different values: how many of the n! orders are as far from 0.

    The orders with d falling pairs are counted by inserting one value after the other: the j-th makes 0..j-1 of them.
    """
    orders = [1]
    for size in range(2, n + 1):
        longer = [0] * (len(orders) + size - 1)
        running = 0
        for place in range(len(longer)):
            running += orders[place] if place < len(orders) else 0
            running -= orders[place - size] if place >= size else 0
            longer[place] = running
        orders = longer
    falling = (n * (n - 1) // 2 - abs(s)) // 2  # as few falling pairs, or fewer
    return min(2 * sum(orders[: falling + 1]) / sum(orders), 1.0)


def sen_slope(
    values: Sequence[float], times: Sequence[float] | None = None, *, confidence: float = CONFIDENCE
) -> Estimate:
    """The change per period: the median of the slopes between all pairs of periods, with its interval.

    Formula: slopes (x_j - x_i) / (t_j - t_i), i < j; the interval goes from the r-th smallest to the r-th largest
    slope, r = round((N - z sqrt(var S)) / 2), N pairs, z the normal quantile, var S as in ``mann_kendall``.
    Source: Sen (1968), Journal of the American Statistical Association 63, 1379-1389. R: ``trend::sens.slope``.

    values: (n,), NaN is left out. times: (n,) increasing, such as period numbers (so that a missing period counts);
    0, 1, 2 ... when not given. Returns value units per unit of time; n periods. Reasons: ``too_few_periods`` (under
    three, and for the interval when even all slopes do not reach the confidence: with fewer than five periods).
    """
    x = np.asarray(values, dtype=np.float64)
    t = np.arange(len(x), dtype=np.float64) if times is None else np.asarray(times, dtype=np.float64)
    if t.shape != x.shape or np.any(np.diff(t) <= 0):
        raise ValueError("times must be as many as the values, and increase")
    t, x = t[~np.isnan(x)], x[~np.isnan(x)]
    n = len(x)
    if n < FEWEST:
        return Estimate(None, n, reason="too_few_periods")
    first, second = np.triu_indices(n, 1)
    slopes = np.sort((x[second] - x[first]) / (t[second] - t[first]))
    _, ties = np.unique(x, return_counts=True)
    reach = float(ndtri(1 - (1 - confidence) / 2)) * sqrt(_variance_of_s(n, ties))
    low, high = round((len(slopes) - reach) / 2), round((len(slopes) + reach) / 2 + 1)
    value = float(np.median(slopes))
    if low < 1 or high > len(slopes):
        return Estimate(value, n, reason="too_few_periods")
    return Estimate(value, n, None, float(slopes[low - 1]), float(slopes[high - 1]))
