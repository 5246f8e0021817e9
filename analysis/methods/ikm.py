"""What is the index, how sure is it, and which grade does it earn?

Exact arithmetic: sums and counts are integers, weights are fractions, and rounding happens once, half-up, on the exact
decimal number, before the grade is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

import numpy as np

from analysis.arrays import Integers
from analysis.methods.estimate import Estimate, with_interval
from analysis.regulation import Rounding, RuleSet, Weights

DECIMALS = 2


@dataclass(frozen=True)
class IndexValue:
    """The index under one weight convention: exact, rounded half-up to two decimals, and the grade of the latter.

    ``grade`` is empty where no regulation grades.
    """

    convention: str
    exact: Fraction
    rounded: Decimal
    grade: str


def half_up(value: Fraction, decimals: int = DECIMALS) -> Decimal:
    """``value`` rounded to ``decimals``; a half goes away from zero: 88.305 -> 88.31, where a float may say 88.30."""
    over, under = value.numerator, value.denominator
    cents = (2 * abs(over) * 10**decimals + under) // (2 * under)
    return Decimal(cents if over >= 0 else -cents).scaleb(-decimals)


def index_of(
    means: Sequence[Fraction],
    *,
    weight: Fraction,
    points: Sequence[int],
    product_decimals: int | None = None,
) -> Fraction:
    """The index out of 100.

    Formula: sum over elements u of weight x mean_u x 100 / points_u; with four points (sum of weight x mean) x 25.

    means: (elements,) mean of each element, on 1..points (NRR); all of them must be known.
    product_decimals: round each weight x mean half-up to so many decimals before adding (2004 annex: 3); None = never.
    Returns 0..100, exact.
    """
    if product_decimals is not None:
        products = [Fraction(half_up(weight * mean, product_decimals)) for mean in means]
        return 100 * sum((product / scale for product, scale in zip(products, points, strict=True)), Fraction(0))
    return weight * 100 * _sum_of_shares(means, points)


def _sum_of_shares(means: Sequence[Fraction], points: Sequence[int]) -> Fraction:
    """Sum over elements of mean / points; one fraction at the end is several times faster than adding fractions."""
    under = [mean.denominator * scale for mean, scale in zip(means, points, strict=True)]
    common = lcm(*under)
    total = sum(mean.numerator * (common // share) for mean, share in zip(means, under, strict=True))
    return Fraction(total, common)


def graded(
    means: Sequence[Fraction],
    *,
    points: Sequence[int],
    weights: Weights,
    rules: RuleSet | None,
    rounding: Rounding | None = None,
) -> IndexValue:
    """The index under one convention with its grade (none without ``rules``). Means as in ``index_of``."""
    return graded_by(means, points=points, conventions=[weights], rules=rules, rounding=rounding)[0]


def graded_by(
    means: Sequence[Fraction],
    *,
    points: Sequence[int],
    conventions: Sequence[Weights],
    rules: RuleSet | None,
    rounding: Rounding | None = None,
) -> tuple[IndexValue, ...]:
    """The same under several conventions, which differ in the weight alone."""
    decimals = rounding.decimals if rounding else None
    shares = _sum_of_shares(means, points) if decimals is None else Fraction(0)
    found = []
    for weights in conventions:
        weight = weights.weight(len(means))
        if decimals is None:
            exact = weight * 100 * shares
        else:
            exact = index_of(means, weight=weight, points=points, product_decimals=decimals)
        rounded = half_up(exact)
        found.append(IndexValue(weights.name, exact, rounded, rules.grade(rounded) if rules else ""))
    return tuple(found)


def linearised_variance(cross: Integers, *, n: int, factors: Sequence[float]) -> float:
    """The variance of a weighted sum of means whose denominators may differ, with persons (not answers) independent.

    The answers of one person resemble each other; taken as independent they would promise half the true width.
    Each person i contributes z_i = sum over j of f_j o_ij (x_ij - mean_j) / n_j, where o_ij is 1 if i answered j, and
    n_j is the number of answers to j. The z_i add up to 0, so the variance is n / (n - 1) x sum of z_i^2 (Taylor
    linearisation; the same as ``survey::svymean`` on complete answers).

    cross: (2k, 2k) sums of products over persons, of the k values (0 where missing) followed by the k indicators o.
    n: persons with at least one answer. factors: (k,) the weight f_j of each mean.
    Returns the squared standard error, >= 0; 0 for n < 2 (the caller says that it is not defined).
    """
    k = len(factors)
    if n < 2:
        return 0.0
    both, value_where, pairs = cross[:k, :k], cross[:k, k:], cross[k:, k:]
    counts, sums = pairs.diagonal(), value_where.diagonal()
    # Shifting by a whole number near the mean keeps the digits that the subtraction of large sums would lose.
    shift = np.rint(sums / counts).astype(np.int64)
    shifted = both - shift * value_where - (shift * value_where).T + shift[:, None] * shift * pairs
    where = value_where - shift[:, None] * pairs
    mean = (sums - shift * counts) / counts
    centred = shifted - mean * where - (mean * where).T + mean[:, None] * mean * pairs
    scale = np.asarray(factors, dtype=np.float64) / counts
    return max(float(scale @ centred @ scale), 0.0) * n / (n - 1)


def index_interval(value: Fraction, cross: Integers, *, n: int, factors: Sequence[float]) -> Estimate:
    """The index with its t interval (n - 1 degrees of freedom), not cut at the ends of the scale.

    Arguments as in ``linearised_variance``; the factor of an element is weight x 100 / points. When everybody answered
    everything, and all elements are on one scale, it is the interval of a mean of the persons' sums, and exact.
    """
    k = len(factors)
    if n > 1 and len(set(factors)) == 1 and (cross[k:, k:] == n).all():
        total, squares = int(cross[:k, k].sum()), int(cross[:k, :k].sum())
        return with_interval(value, n, factors[0] ** 2 * (n * squares - total * total) / (n * n * (n - 1)))
    return with_interval(value, n, linearised_variance(cross, n=n, factors=factors))
