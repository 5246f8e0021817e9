"""How are the answers to one question spread, besides their mean?

Everything is computed from counts per code, (codes + 1,) as ``Tally.marginal`` gives them: ``counts[0]``, who did not
answer, is left out. Codes are ordered categories: medians and shares take nothing else for granted, skewness and
kurtosis take the codes for numbers.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import floor, sqrt

import numpy as np
from scipy.special import betaincinv, ndtri

from analysis.arrays import Integers
from analysis.methods.estimate import CONFIDENCE, Estimate, of_mean

WILSON, CLOPPER_PEARSON = "wilson", "clopper_pearson"


def quantile(counts: Integers, share: Fraction | float) -> Fraction | None:
    """The quantile of the answers by R's type 7, the default of R, numpy and spreadsheets.

    Formula: with the n answers in order x_1..x_n and h = (n - 1) share + 1: x_floor(h) + (h - floor(h)) (x_next - it).
    R: ``quantile(x, share, type = 7)``. Returns a code or a number between two codes, None without answers.

    >>> float(quantile(np.array([0, 1, 0, 0, 1]), Fraction(1, 4)))
    1.75
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share {share} must be from 0 to 1")
    n = int(counts[1:].sum())
    if n == 0:
        return None
    place = (n - 1) * Fraction(share)
    below = floor(place)
    up_to = np.cumsum(counts[1:])
    first, second = (int(np.searchsorted(up_to, min(at, n - 1), side="right")) + 1 for at in (below, below + 1))
    return first + (place - below) * (second - first)


@dataclass(frozen=True)
class Quartiles:
    """Lower quartile, median, upper quartile (R's type 7) of ``n`` answers; None without answers."""

    n: int
    lower: Fraction | None
    median: Fraction | None
    upper: Fraction | None


def quartiles(counts: Integers) -> Quartiles:
    """The three quartiles. R: ``quantile(x, c(.25, .5, .75))``."""
    lower, median, upper = (quantile(counts, Fraction(part, 4)) for part in (1, 2, 3))
    return Quartiles(int(counts[1:].sum()), lower, median, upper)


def share(k: int, n: int, *, method: str = WILSON, confidence: float = CONFIDENCE) -> Estimate:
    """The share k / n with an interval that stays within 0..1.

    Formulas: ``wilson``: (p + z2/2n -+ z sqrt(p (1 - p) / n + z2/4n2)) / (1 + z2/n), which covers the truth in about 95
    of 100 samples; ``clopper_pearson``: from the beta quantiles B(a/2; k, n - k + 1) to B(1 - a/2; k + 1, n - k), which
    never covers it less often and is wider. ``se`` is sqrt(p (1 - p) / n).
    R: ``prop.test(k, n, correct = FALSE)$conf.int`` and ``binom.test(k, n)$conf.int``.

    Returns 0..1; without answers None (``no_answers``).
    """
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no share")
    if n == 0:
        return Estimate(None, 0, reason="no_answers")
    p, tail = k / n, (1 - confidence) / 2
    if method == WILSON:
        z = float(ndtri(1 - tail))
        middle, reach = p + z**2 / (2 * n), z * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
        low = 0.0 if k == 0 else (middle - reach) / (1 + z**2 / n)
        high = 1.0 if k == n else (middle + reach) / (1 + z**2 / n)
    elif method == CLOPPER_PEARSON:
        low = 0.0 if k == 0 else float(betaincinv(k, n - k + 1, tail))
        high = 1.0 if k == n else float(betaincinv(k + 1, n - k, 1 - tail))
    else:
        raise ValueError(f"method {method} is not known")
    return Estimate(p, n, sqrt(p * (1 - p) / n), low, high)


def top_boxes(counts: Integers, *, boxes: int = 2, method: str = WILSON, confidence: float = CONFIDENCE) -> Estimate:
    """The share of answers in the ``boxes`` highest codes (3 and 4 of four: top two), with its interval.

    R: ``prop.test(sum(x >= k - 1), length(x), correct = FALSE)``. Returns 0..1; None without answers.
    """
    _check_boxes(counts, boxes)
    return share(int(counts[-boxes:].sum()), int(counts[1:].sum()), method=method, confidence=confidence)


def bottom_boxes(counts: Integers, *, boxes: int = 2, method: str = WILSON, confidence: float = CONFIDENCE) -> Estimate:
    """The share of answers in the ``boxes`` lowest codes, as ``top_boxes``."""
    _check_boxes(counts, boxes)
    return share(int(counts[1 : boxes + 1].sum()), int(counts[1:].sum()), method=method, confidence=confidence)


def net_balance(counts: Integers, *, boxes: int | None = None) -> Estimate:
    """Share of favourable minus share of unfavourable answers, with its t interval.

    Formula: the mean over persons of +1 for the ``boxes`` highest codes, -1 for the ``boxes`` lowest, 0 between.
    boxes: None = half of the codes (the middle one of an odd number is neutral).
    R: ``t.test(sign(x - middle))``. Returns -1..1; None without answers.
    """
    size = (len(counts) - 1) // 2 if boxes is None else boxes
    _check_boxes(counts, size)
    if 2 * size > len(counts) - 1:
        raise ValueError(f"{size} boxes on both sides of {len(counts) - 1} codes overlap")
    up, down = int(counts[len(counts) - size :].sum()), int(counts[1 : size + 1].sum())
    return of_mean(int(counts[1:].sum()), up - down, up + down)


@dataclass(frozen=True)
class Shape:
    """Skewness and excess kurtosis (0 for the normal distribution) in the three usual definitions.

    With m_r the r-th central moment (divided by n): g1 = m3 / m2^(3/2), g2 = m4 / m2^2 - 3 (type 1, of the answers
    themselves); G1, G2 correct them for the sample size (type 2: SPSS, SAS, Excel, pandas with bias=False); b1, b2 use
    the variance with n - 1 (type 3: psych in R, Minitab). None with a ``reason``: ``no_answers``, ``no_variation``;
    G1 needs three answers and G2 four: with fewer they alone are None, and the reason is ``too_few_answers``.
    """

    n: int
    g1: float | None = None
    G1: float | None = None
    b1: float | None = None
    g2: float | None = None
    G2: float | None = None
    b2: float | None = None
    reason: str | None = None


def shape(counts: Integers) -> Shape:
    """Skewness and kurtosis of the answers.

    R: ``e1071::skewness(x, type)`` and ``e1071::kurtosis(x, type)``, types 1, 2 and 3.
    Computed from exact central sums: constant answers have no shape, not a quotient of two errors.
    Source: Joanes & Gill (1998), The Statistician 47, 183-189.
    """
    n = int(counts[1:].sum())
    if n == 0:
        return Shape(0, reason="no_answers")
    total = sum(code * int(count) for code, count in enumerate(counts))
    m2, m3, m4 = (
        Fraction(sum(int(count) * (code * n - total) ** r for code, count in enumerate(counts) if code), n ** (r + 1))
        for r in (2, 3, 4)
    )
    if m2 == 0:
        return Shape(n, reason="no_variation")
    g1, g2 = float(m3) / float(m2) ** 1.5, float(m4 / m2**2 - 3)
    return Shape(
        n,
        g1,
        g1 * sqrt(n * (n - 1)) / (n - 2) if n > 2 else None,
        g1 * (1 - 1 / n) ** 1.5,
        g2,
        (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6) if n > 3 else None,
        float((m4 / m2**2) * Fraction(n - 1, n) ** 2 - 3),
        "too_few_answers" if n < 4 else None,
    )


def _check_boxes(counts: Integers, boxes: int) -> None:
    if not 1 <= boxes < len(counts):
        raise ValueError(f"{boxes} boxes of {len(counts) - 1} codes")
