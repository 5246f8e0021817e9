"""How far apart do the extremes of several equal means lie by chance? (Tukey's studentized range, vectorised)

The range of k standard normal values has the tail T(w) = P(range > w) = k x integral over z of phi(z) [Phi(z)^(k-1) -
(Phi(z) - Phi(z - w))^(k-1)]. Divided by an independent standard deviation s with v degrees of freedom, P(q) = integral
over s of T(q s) f(s), f the density of sqrt(chi-square_v / v). Both integrals are smooth, so the trapezoidal rule is
exact to about ten digits; the bracket is computed without subtraction, so that small tails keep their digits.
ln T depends on w and k alone: it is tabulated once per k and interpolated.
"""

from functools import lru_cache

import numpy as np
from scipy import special

from analysis.arrays import Floats

STEP = 0.05  # of the table of ln T
WIDEST = 90.0  # beyond: T(w) = k (k - 1) Phi(-w / sqrt 2), exact to the last digit long before
POINTS = np.arange(-10.0, 10.0001, 0.125)  # of the inner integral, around w / 2
OUTER = 400  # points of the outer integral
NEIGHBOURS = 6  # of the interpolation: a polynomial of degree five


def tail(q: Floats, *, groups: int, df: Floats) -> Floats:
    """P(range / s > q). R: ``ptukey(q, groups, df, lower.tail = FALSE)``.

    q: (m,) >= 0, the distance of the extremes in standard errors of one mean. groups: k >= 2 means. df: (m,) > 0
    degrees of freedom of s. Returns (m,) 0..1. Within 1e-8 of it, relatively, also where it is tiny.
    """
    return np.exp(log_tail(q, groups=groups, df=df))


def log_tail(q: Floats, *, groups: int, df: Floats) -> Floats:
    """Ln of ``tail``, which does not underflow.

    The integral is taken over x = ln s. Its integrand T(q e^x) e^(v x - v e^2x / 2) is largest between x = 0 (where
    T is 1) and x = -ln(1 + q^2 / 2 v) / 2 (where T falls as a normal tail); there it is about 1 / sqrt(2 v) wide.
    """
    if groups < 2:
        raise ValueError("a range needs at least two groups")
    q, df = np.maximum(q, 0.0)[:, None], np.asarray(df, dtype=np.float64)[:, None]
    width = 1 / np.sqrt(2 * df)
    nearest = -np.log1p(q**2 / (2 * df)) / 2
    left = nearest - np.minimum(9 * width + 80 * width**2, 80.0)  # few degrees of freedom fall slowly to the left
    right = np.minimum(10 * width, 2.2)
    step = (right - left) / (OUTER - 1)
    x = left + step * np.arange(OUTER)
    # v x - v e^2x / 2 = -v / 2 - v (e^2x - 1 - 2x) / 2: the first part goes into the constant, where it cancels.
    bulge = np.where(np.abs(x) < 1e-3, 2 * x**2 * (1 + 2 * x / 3 + x**2 / 3), np.expm1(2 * x) - 2 * x)
    logs = _log_range_tail(q * np.exp(x), groups) + _log_constant(df) - df / 2 * bulge
    found: Floats = np.minimum(special.logsumexp(logs, axis=1) + np.log(step[:, 0]), 0.0)
    return found


def quantile(p: float, *, groups: int, df: Floats) -> Floats:
    """The q that is exceeded with probability ``p``. R: ``qtukey(1 - p, groups, df)``.

    p: 0 < p < 1. groups, df: as in ``tail``. Returns (m,), within 1e-9, by Newton's method on ln P over ln q, which is
    concave: starting above the root (Bonferroni's bound) it comes down to it.
    """
    df = np.asarray(df, dtype=np.float64)
    x: Floats = np.log(np.sqrt(2) * special.stdtrit(df, 1 - p / (groups * (groups - 1))))
    for _ in range(50):
        value, nearby = (log_tail(np.exp(x + shift), groups=groups, df=df) for shift in (0.0, 1e-6))
        move = (value - np.log(p)) * 1e-6 / (value - nearby)
        x += np.clip(move, -1, 1)
        if np.all(np.abs(move) < 1e-11):
            break
    return np.asarray(np.exp(x), dtype=np.float64)


def _log_constant(df: Floats) -> Floats:
    """Ln [2 (v/2)^(v/2) / gamma(v/2)] - v/2, by Stirling's series where the large terms would cancel."""
    half = df / 2
    series = np.log(half) / 2 - np.log(2 * np.pi) / 2 - 1 / (12 * half) + 1 / (360 * half**3)
    direct = half * np.log(half) - special.gammaln(half) - half
    found: Floats = np.log(2) + np.where(df > 200, series, direct)
    return found


def _log_range_tail(w: Floats, groups: int) -> Floats:
    """Ln T(w), interpolated by polynomials of degree five through the tabulated neighbours."""
    table = _table(groups)
    place = np.minimum(w, WIDEST) / STEP
    first = np.clip(np.floor(place).astype(np.int64) - NEIGHBOURS // 2 + 1, 0, len(table) - NEIGHBOURS)
    offset = place - first
    found = np.zeros_like(w)
    for node in range(NEIGHBOURS):
        others = [other for other in range(NEIGHBOURS) if other != node]
        weight = np.ones_like(w)
        for other in others:
            weight *= (offset - other) / (node - other)
        found += weight * table[first + node]
    far = w > WIDEST
    if np.any(far):
        found[far] = np.log(groups * (groups - 1)) + special.log_ndtr(-w[far] / np.sqrt(2))
    return np.minimum(found, 0.0)


@lru_cache(maxsize=64)
def _table(groups: int) -> Floats:
    """Ln T at 0, STEP, ..., WIDEST."""
    w = np.arange(0.0, WIDEST + STEP / 2, STEP)[:, None]
    z = w / 2 + POINTS[None, :]
    above = special.log_ndtr(z)
    share = np.exp(np.minimum(special.log_ndtr(z - w) - above, 0.0))  # of what lies below z, the part below z - w
    with np.errstate(divide="ignore"):
        lost = -np.expm1((groups - 1) * np.log1p(-np.minimum(share, 1.0)))
        logs = -(z**2) / 2 + (groups - 1) * above + np.log(lost)
    constant = np.log(groups) - np.log(2 * np.pi) / 2 + np.log(POINTS[1] - POINTS[0])
    found: Floats = np.minimum(special.logsumexp(logs, axis=1) + constant, 0.0)
    found.flags.writeable = False
    return found
