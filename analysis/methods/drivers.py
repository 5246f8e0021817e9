"""What drives the overall judgement, and how sure are we of the order?

Scores of dimensions go together, so the coefficients of a regression divide their common part by accident and may even
turn negative. The Shapley shares (LMG) divide the explained variance fairly: the gain of a dimension, averaged over
all orders in which the dimensions can enter. All answers come from the same persons at the same moment: a general mood
(halo) raises every correlation, and a driver is not yet a cause.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb, sqrt

import numpy as np
from scipy.special import stdtrit

from analysis.arrays import Floats
from analysis.methods.estimate import CONFIDENCE, Estimate
from analysis.methods.significance import Significance, by_f, by_t, undefined

MOST_PREDICTORS = 12  # 4096 regressions
REPLICATES = 1000
BLOCKS = 1000
LEAST_TOLERANCE = 1e-9  # 1 - R2 of a predictor from the others, below which it is called a copy of them


@dataclass(frozen=True)
class Driver:
    """One predictor of the overall judgement.

    ``r``: its correlation with the outcome. ``beta``: the standardised coefficient with its standard error and t
    interval; ``test`` of beta = 0. ``vif``: variance inflation, 1 = independent of the others, above 5 much shared.
    ``shapley``: the share of R2, adding up to R2 over the predictors; its interval is there after
    ``with_bootstrap``. ``percent``: the same in per cent of R2. ``relative_weight``: Johnson's approximation of it.
    ``first``: in which share of the bootstrap samples this predictor was the strongest; None without bootstrap.
    """

    r: float | None
    beta: Estimate
    test: Significance
    vif: float | None
    shapley: Estimate
    percent: Estimate
    relative_weight: float | None
    first: float | None = None


@dataclass(frozen=True)
class Drivers:
    """The regression of the overall judgement on p predictors, in the order given, over ``n`` complete persons.

    ``r2`` and ``adjusted_r2`` without interval; ``test``: whether R2 is 0. ``replicates`` and ``seed`` are those of
    the bootstrap, None without. ``reason``: why nothing is defined, or ``too_many_predictors`` when only the Shapley
    shares are not (then use the relative weights).
    """

    n: int
    r2: Estimate
    adjusted_r2: Estimate
    test: Significance
    drivers: tuple[Driver, ...]
    replicates: int | None = None
    seed: int | None = None
    reason: str | None = None


def correlations(cross: Floats) -> Floats:
    """The correlation matrix from sums of products.

    cross: (..., q, q) sums over complete persons of the products of (1, x1, ..., outcome): [0, 0] is their number.
    Returns (..., q - 1, q - 1); NaN in the row and column of a variable that does not vary. Take values near zero
    (subtract the mean, or a whole number near it): large sums would lose digits.
    """
    n = cross[..., :1, :1]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = cross[..., :1, 1:] / n
        spread = cross[..., 1:, 1:] - n * np.swapaxes(mean, -1, -2) * mean
        variance = np.diagonal(spread, axis1=-2, axis2=-1)
        # What is left after subtracting equal large numbers is noise, not variance.
        noise = 1e-13 * np.diagonal(cross, axis1=-2, axis2=-1)[..., 1:]
        deviation = np.sqrt(np.where(variance > noise, variance, np.nan))
        found: Floats = spread / deviation[..., :, None] / deviation[..., None, :]
    return found


def drivers(correlation: Floats, n: int) -> Drivers:
    """Regression, Shapley shares and relative weights from a correlation matrix.

    R: correlation of the predictors, r: with the outcome. beta = R^-1 r; R2 = r'beta; se of beta_j =
    sqrt((1 - R2) / (n - p - 1) x vif_j), vif_j = [R^-1]_jj; F = R2 / p / ((1 - R2) / (n - p - 1)).
    Shapley: sum over subsets S without j of |S|! (p - |S| - 1)! / p! x (R2 of S and j - R2 of S); Lindeman, Merenda and
    Gold (1980). Relative weights: Johnson (2000): with R^(1/2) = L, (L^2) ((L^-1 r)^2).
    R: ``lm(scale(y) ~ scale(x))``, ``relaimpo::calc.relimp(type = "lmg")``.

    correlation: (p + 1, p + 1), the outcome last. n: persons it was computed from, complete on all p + 1 variables.
    Reasons: ``no_variance`` (a variable does not vary), ``fewer_respondents_than_predictors`` (n < p + 2),
    ``collinear`` (a predictor is determined by the others), ``too_many_predictors`` (p > 12, for the shares).
    """
    p = len(correlation) - 1
    if correlation.shape != (p + 1, p + 1) or p < 1:
        raise ValueError(f"no correlation matrix of predictors and outcome: shape {correlation.shape}")
    reason = None
    if n == 0:
        reason = "no_answers"
    elif n < p + 2:
        reason = "fewer_respondents_than_predictors"
    elif not np.isfinite(correlation).all():
        reason = "no_variance"
    elif float(np.linalg.eigvalsh(correlation[:p, :p])[0]) < LEAST_TOLERANCE:
        reason = "collinear"
    if reason:
        none, test = Estimate(None, n, reason=reason), undefined("t", n, reason)
        nothing = tuple(Driver(_r(correlation, j), none, test, None, none, none, None) for j in range(p))
        return Drivers(n, none, none, undefined("f", n, reason), nothing, reason=reason)
    between, own = correlation[:p, :p], correlation[:p, p]
    inverse = np.linalg.inv(between)
    beta, vif = inverse @ own, inverse.diagonal()
    r2, df = min(float(own @ beta), 1.0), n - p - 1
    left = (1 - r2) / df
    too_many = "too_many_predictors" if p > MOST_PREDICTORS else None
    shares = None if too_many else shapley(correlation)
    weights = relative_weights(correlation)
    found = []
    for j in range(p):
        se = sqrt(left * float(vif[j]))
        test = by_t(float(beta[j]) / se, df, n) if se > 0 else undefined("t", n, "perfect_fit")
        share = Estimate(None, n, reason=too_many) if shares is None else Estimate(float(shares[j]), n)
        percent = share if share.value is None else _percent(share.value, r2, n)
        interval = _t_interval(float(beta[j]), se, df, n)
        found.append(Driver(_r(correlation, j), interval, test, float(vif[j]), share, percent, float(weights[j])))
    test = by_f(r2 / p / left, (p, df), n) if left > 0 else undefined("f", n, "perfect_fit")
    return Drivers(n, Estimate(r2, n), Estimate(1 - (n - 1) * left, n), test, tuple(found), reason=too_many)


def shapley(correlation: Floats) -> Floats:
    """The Shapley share of R2 of each predictor.

    correlation: (..., p + 1, p + 1), the outcome last, p <= 12; many at once (of a bootstrap, say) cost little more
    than one. Returns (..., p), each >= 0, adding up to R2; NaN where a matrix has no solution.
    """
    p = correlation.shape[-1] - 1
    if p > MOST_PREDICTORS:
        raise ValueError(f"{p} predictors would need {2**p} regressions")
    many = correlation.reshape(-1, p + 1, p + 1)
    explained = np.zeros((len(many), 2**p))
    for size in range(1, p + 1):
        subsets = np.array(list(combinations(range(p), size)))
        inside = many[:, subsets[:, :, None], subsets[:, None, :]]
        own = many[:, subsets, p]
        codes = (1 << subsets).sum(axis=1)
        explained[:, codes] = (own * _solve(inside, own)).sum(axis=-1)
    shares = np.zeros((len(many), p))
    everything = np.arange(2**p)
    sizes = np.array([int(code).bit_count() for code in everything])
    for j in range(p):
        without = everything[(everything >> j) & 1 == 0]
        weight = np.array([1 / (p * comb(p - 1, size)) for size in sizes[without].tolist()])
        shares[:, j] = (explained[:, without | (1 << j)] - explained[:, without]) @ weight
    return shares.reshape(*correlation.shape[:-2], p)


def relative_weights(correlation: Floats) -> Floats:
    """Johnson's relative weights: (p,) >= 0, adding up to R2. Any number of predictors. correlation: (p + 1, p + 1)."""
    p = len(correlation) - 1
    values, vectors = np.linalg.eigh(correlation[:p, :p])
    root = np.sqrt(np.maximum(values, 0.0))
    loading = (vectors * root) @ vectors.T
    onto = (vectors / root) @ vectors.T @ correlation[:p, p]
    found: Floats = loading**2 @ onto**2
    return found


def cross_products(values: Floats, *, blocks: int = BLOCKS, seed: int = 0) -> Floats:
    """Sums of products of complete persons, in blocks drawn at random, for ``correlations`` and ``with_bootstrap``.

    values: (n, p + 1) predictors and, last, the outcome; NaN = missing; persons with a missing value are left out
    (listwise). blocks: with fewer persons than blocks every person is a block, and the bootstrap is that on persons;
    else the persons are dealt at random to blocks (``seed``), whose sums vary just as much relative to their number,
    so that the bootstrap costs the same for a million persons. Values are centred first.
    Returns (blocks, p + 2, p + 2): the sum over all blocks is that of everybody, [0, 0] counts persons.
    """
    complete = values[~np.isnan(values).any(axis=1)]
    n, width = len(complete), values.shape[1] + 1
    if n == 0:
        return np.zeros((0, width, width))
    rows = np.empty((n, width))
    rows[:, 0] = 1
    rows[:, 1:] = complete - complete.mean(axis=0)
    if n <= blocks:
        return rows[:, :, None] * rows[:, None, :]
    rows = rows[np.random.default_rng(seed).permutation(n)]
    ends = np.linspace(0, n, blocks + 1).astype(np.int64)
    return np.stack([part.T @ part for part in np.split(rows, ends[1:-1])])


def with_bootstrap(
    found: Drivers,
    blocks: Floats,
    *,
    replicates: int = REPLICATES,
    seed: int = 1,
    confidence: float = CONFIDENCE,
) -> Drivers:
    """``found`` with percentile bootstrap intervals of the Shapley shares (absolute and in per cent).

    Blocks are drawn with replacement, as many as there are, ``replicates`` times; in each sample the shares are
    computed anew. Efron (1979); for the blocks see ``cross_products``. Samples in which a variable does not vary or
    predictors are collinear are left out; with fewer than half left, reason ``unstable`` and no interval.
    Shares cannot be negative, so that resampling raises those near 0: such a share can lie below its own interval, as
    it can in R (``relaimpo::boot.relimp``, ``bty = "perc"``). It then says no more than *hardly anything*.

    found: ``drivers(correlations(blocks.sum(axis=0)), n)``. blocks: (b, p + 2, p + 2) from ``cross_products``.
    The same seed gives the same intervals.
    """
    if found.reason:
        return found
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(len(blocks), np.full(len(blocks), 1 / len(blocks)), size=replicates)
    sampled = (drawn @ blocks.reshape(len(blocks), -1)).reshape(replicates, *blocks.shape[1:])
    matrices = correlations(sampled)
    good = matrices[np.isfinite(matrices).all(axis=(1, 2))]
    good = good[np.linalg.eigvalsh(good[:, :-1, :-1])[:, 0] > LEAST_TOLERANCE]
    if 2 * len(good) < replicates:
        unstable = tuple(
            replace(
                one, shapley=replace(one.shapley, reason="unstable"), percent=replace(one.percent, reason="unstable")
            )
            for one in found.drivers
        )
        return replace(found, drivers=unstable, replicates=replicates, seed=seed)
    shares = shapley(good)
    explained = shares.sum(axis=1, keepdims=True)
    percent = 100 * np.divide(shares, explained, out=np.zeros_like(shares), where=explained > 0)
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    first = np.bincount(shares.argmax(axis=1), minlength=shares.shape[1]) / len(shares)
    told = tuple(
        replace(
            one,
            shapley=_with_percentiles(one.shapley, shares[:, j], tails),
            percent=_with_percentiles(one.percent, percent[:, j], tails),
            first=float(first[j]),
        )
        for j, one in enumerate(found.drivers)
    )
    return replace(found, drivers=told, replicates=replicates, seed=seed)


def _with_percentiles(one: Estimate, sampled: Floats, tails: Sequence[float]) -> Estimate:
    if one.value is None:
        return one
    low, high = np.quantile(sampled, tails)
    return replace(one, se=float(sampled.std(ddof=1)), low=float(low), high=float(high))


def _solve(inside: Floats, own: Floats) -> Floats:
    """(..., s, s) x = (..., s); NaN where it has no solution."""
    found: Floats = np.full(own.shape, np.nan)
    try:
        found[...] = np.linalg.solve(inside, own[..., None])[..., 0]
    except np.linalg.LinAlgError:
        sound = np.abs(np.linalg.det(inside)) > 1e-300
        found[sound] = np.linalg.solve(inside[sound], own[sound][..., None])[..., 0]
    return found


def _r(correlation: Floats, j: int) -> float | None:
    value = float(correlation[j, -1])
    return value if np.isfinite(value) else None


def _percent(share: float, r2: float, n: int) -> Estimate:
    return Estimate(100 * share / r2, n) if r2 > 0 else Estimate(None, n, reason="nothing_explained")


def _t_interval(value: float, se: float, df: int, n: int) -> Estimate:
    reach = float(stdtrit(df, 1 - (1 - CONFIDENCE) / 2)) * se
    return Estimate(value, n, se, value - reach, value + reach)
