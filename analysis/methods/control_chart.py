"""Which periods differ from the others by more than chance usually does?

A control chart has a centre, and limits three standard errors away on each side. Signals are told by rules with names:

- ``beyond``: one point beyond a limit (by chance about 3 points in 1000);
- ``two_of_three``: two of three successive points, the last of them included, more than two standard errors from the
  centre on the same side (about 3 in 1000);
- ``run``: eight or more successive points on the same side of the centre (about 8 in 1000); a point on it ends the run.

They are the first, second and fourth of the Western Electric rules (1956). Limits from fewer than about twelve periods
are preliminary. Periods without answers are simply not there: the caller says which are missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from analysis.arrays import Floats

D2 = 1.128  # mean range of two normal values in standard deviations, as printed in every table
D2_EXACT = 2 / sqrt(pi)
D4 = 3.267  # upper limit of a moving range in mean ranges, as printed
D4_EXACT = 1 + 3 * sqrt(2 - 4 / pi) / D2_EXACT
RUN = 8
FEWEST = 2


@dataclass(frozen=True)
class Signal:
    """A rule and the places of the points that satisfy it (every point of a run)."""

    rule: str
    places: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Chart:
    """``values`` with ``low`` and ``high`` limits, each (periods,); ``error`` is one standard error of each point.

    NaN: the first moving range, and the spread of a period with one respondent, do not exist. ``clipped`` tells that
    some limit lay beyond what is possible and was cut there. Without limits ``center`` is None and ``reason`` says why:
    ``too_few_periods``, ``no_variation`` (the centre is then known, and nothing can be a signal).
    """

    kind: str
    values: Floats
    center: float | None
    error: Floats
    low: Floats
    high: Floats
    signals: tuple[Signal, ...] = ()
    clipped: bool = False
    reason: str | None = None


def signals_in(distances: Floats) -> tuple[Signal, ...]:
    """The signals in points whose distance from the centre is given in standard errors; (n,), NaN is no point."""
    z = np.nan_to_num(distances)
    found: dict[str, set[int]] = {"beyond": set(np.flatnonzero(np.abs(z) > 3).tolist())}
    found["two_of_three"], found["run"] = set(), set()
    for side in (1, -1):
        far = side * z > 2
        found["two_of_three"] |= {i for i in range(1, len(z)) if far[i] and far[max(i - 2, 0) : i].any()}
        length = 0
        for place, on_side in enumerate(side * z > 0):
            length = length + 1 if on_side else 0
            if length >= RUN:
                found["run"] |= set(range(place - length + 1, place + 1))
    return tuple(Signal(rule, tuple(sorted(places))) for rule, places in found.items() if places)


def _chart(
    kind: str,
    values: Floats,
    center: float,
    error: Floats,
    *,
    lowest: float = -np.inf,
    highest: float = np.inf,
    centers: Floats | None = None,
    rules: Sequence[str] = ("beyond", "two_of_three", "run"),
) -> Chart:
    middle = np.full(len(values), center) if centers is None else centers
    low, high = middle - 3 * error, middle + 3 * error
    clipped = bool(np.any(low < lowest) or np.any(high > highest))
    spread = error > 0
    reason = None if spread.any() else "no_variation"
    distances = np.divide(values - middle, error, out=np.zeros(len(values)), where=spread)
    signals = tuple(signal for signal in signals_in(distances) if signal.rule in rules)
    return Chart(
        kind, values, center, error, np.maximum(low, lowest), np.minimum(high, highest), signals, clipped, reason
    )


def _too_few(kind: str, values: Floats) -> Chart:
    none = np.full(len(values), np.nan)
    return Chart(kind, values, None, none, none, none, reason="too_few_periods")


def xmr(
    values: Sequence[float], *, d2: float = D2, d4: float = D4, ends: tuple[float, float] = (-np.inf, np.inf)
) -> tuple[Chart, Chart]:
    """Individual values (X) and moving ranges (mR): for one number per period, whatever its sample size.

    Formula: centre = mean of x; standard error = mean of |x_t - x_(t-1)| / d2; limits centre -+ 3 standard errors. The
    moving range has its mean as centre and d4 x mean as its upper limit; only the rule ``beyond`` applies to it.
    ``D2`` = 1.128 and ``D4`` = 3.267 are the printed constants, ``D2_EXACT`` and ``D4_EXACT`` those without rounding.
    Source: Shewhart; Wheeler (2000), Understanding Variation; R: ``control$xmr`` of tests/reference/r/servqual.R.

    values: (periods,) in the order of time. ends: of the scale, where limits are cut. At least two periods.
    """
    x = np.asarray(values, dtype=np.float64)
    ranges = np.append(np.nan, np.abs(np.diff(x))) if len(x) else x
    if len(x) < FEWEST:
        return _too_few("x", x), _too_few("moving_range", ranges)
    mean_range = float(ranges[1:].mean())
    error = np.full(len(x), mean_range / d2)
    individual = _chart("x", x, float(x.mean()), error, lowest=ends[0], highest=ends[1])
    spread = np.full(len(x), mean_range * (d4 - 1) / 3)
    return individual, _chart("moving_range", ranges, mean_range, spread, lowest=0.0, rules=("beyond",))


def c4(n: npt.ArrayLike) -> Floats:
    """The mean of the standard deviation of n normal values, in true standard deviations; n >= 2.

    Formula: sqrt(2 / v) gamma((v + 1) / 2) / gamma(v / 2), v = n - 1. Beyond v = 500 its series, where the
    difference of two large logarithms would lose digits.
    """
    v = np.asarray(n, dtype=np.float64) - 1
    series = 1 - 1 / (4 * v) + 1 / (32 * v**2) + 5 / (128 * v**3) - 21 / (2048 * v**4)
    found: Floats = np.where(v > 500, series, np.sqrt(2 / v) * np.exp(gammaln((v + 1) / 2) - gammaln(v / 2)))
    return found


def pooled_deviation(sizes: Sequence[int], deviations: Sequence[float], *, unbiased: bool = False) -> float | None:
    """The standard deviation within periods: sqrt(sum of (n_t - 1) s_t^2 / sum of (n_t - 1)).

    unbiased: divide by c4(sum of (n_t - 1) + 1), which matters only with few answers. Periods of one answer tell
    nothing. None when no period has two.
    """
    n, s = np.asarray(sizes, dtype=np.float64), np.asarray(deviations, dtype=np.float64)
    free = np.maximum(n - 1, 0)
    if not free.sum():
        return None
    pooled = sqrt(float((free * np.where(free > 0, s, 0.0) ** 2).sum() / free.sum()))
    return pooled / float(c4(free.sum() + 1)) if unbiased else pooled


def xbar_s(
    sizes: Sequence[int],
    means: Sequence[float],
    deviations: Sequence[float],
    *,
    unbiased: bool = False,
    ends: tuple[float, float] = (-np.inf, np.inf),
) -> tuple[Chart, Chart]:
    """Means (X-bar) and standard deviations (S) of periods with different numbers of respondents.

    Formula: centre = sum of n_t x_t / sum of n_t; limits centre -+ 3 sigma / sqrt(n_t), sigma the pooled deviation. For
    S the centre is c4(n_t) sigma (``center`` is sigma itself) and the limits c4 sigma -+ 3 sigma sqrt(1 - c4^2), not
    below 0. With thousands of answers a month the limits of X-bar are so narrow that ordinary differences between
    months leave them: use ``xmr`` there.
    R: ``control$xbar_s_pooled`` of tests/reference/r/servqual.R.

    sizes, means, deviations: (periods,) n_t >= 1, x_t and s_t (for the index s_t = standard error x sqrt(n_t); anything
    where n_t is 1). unbiased: as in ``pooled_deviation``.
    """
    n, x = np.asarray(sizes, dtype=np.float64), np.asarray(means, dtype=np.float64)
    s = np.where(n > 1, np.asarray(deviations, dtype=np.float64), np.nan)
    sigma = pooled_deviation(sizes, deviations, unbiased=unbiased)
    if len(x) < FEWEST or sigma is None:
        return _too_few("xbar", x), _too_few("s", s)
    center = float((n * x).sum() / n.sum())
    known = np.where(n > 1, c4(np.maximum(n, 2)), np.nan)
    return (
        _chart("xbar", x, center, sigma / np.sqrt(n), lowest=ends[0], highest=ends[1]),
        _chart("s", s, sigma, sigma * np.sqrt(1 - known**2), lowest=0.0, centers=sigma * known),
    )


def p_chart(counts: Sequence[int], sizes: Sequence[int]) -> Chart:
    """Shares of periods with different sizes, as if chance alone (binomial) made them differ.

    Formula: centre p = sum of k_t / sum of n_t; limits p -+ 3 sqrt(p (1 - p) / n_t), cut at 0 and 1.
    R: ``control$p_chart`` of tests/reference/r/servqual.R. With large n use ``p_prime``.

    counts: (periods,) k_t of n_t = sizes, n_t >= 1.
    """
    return _shares("p", counts, sizes, laney=False)


def p_prime(counts: Sequence[int], sizes: Sequence[int], *, d2: float = D2) -> Chart:
    """Laney's p': shares whose differences include, besides chance, the ordinary variation between periods.

    Formula: z_t = (p_t - p) / sigma_t with sigma_t = sqrt(p (1 - p) / n_t); sigma_z = mean of |z_t - z_(t-1)| / d2;
    limits p -+ 3 sigma_t sigma_z. sigma_z above 1 is overdispersion, which a plain p chart shows as false signals.
    Source: Laney (2002), Quality Engineering 14, 531-537. Arguments as in ``p_chart``.
    """
    return _shares("p_prime", counts, sizes, laney=True, d2=d2)


def _shares(kind: str, counts: Sequence[int], sizes: Sequence[int], *, laney: bool, d2: float = D2) -> Chart:
    k, n = np.asarray(counts, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    if k.shape != n.shape or np.any(k > n) or np.any(n < 1):
        raise ValueError("each period needs a size of at least 1 and not more counts than that")
    if len(k) < FEWEST:
        return _too_few(kind, k / n)
    center = float(k.sum() / n.sum())
    error = np.sqrt(center * (1 - center) / n)
    if laney and center * (1 - center):
        error = error * float(np.abs(np.diff((k / n - center) / error)).mean()) / d2
    return _chart(kind, k / n, center, error, lowest=0.0, highest=1.0)
