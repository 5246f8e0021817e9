"""Do units, services, periods or kinds of citizens differ at all?

Welch's analysis of variance is the test of means to be reported: it does not assume that all groups are equally
spread. Kruskal and Wallis' test is about ranks, not about means. Which groups differ from which is told by
``analysis.methods.pairwise``, and which cannot be told apart by ``analysis.methods.tiers``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Self

import numpy as np

from analysis.arrays import Floats, Integers
from analysis.methods.estimate import Estimate
from analysis.methods.significance import Significance, by_chi_square, by_f, undefined

FEW = "fewer_than_two_groups"
CONSTANT = "no_variance"


@dataclass(frozen=True, eq=False)
class Moments:
    """How many persons are in each of g groups, their mean, and the variance between persons (divisor n - 1).

    ``n``, ``mean`` and ``variance`` are (g,); mean is NaN for n = 0 and variance for n < 2.
    """

    n: Integers
    mean: Floats
    variance: Floats

    @classmethod
    def of_counts(cls, counts: Integers, values: Floats | Integers) -> Self:
        """From (g, v) persons by group and by value, and the (v,) values. Leave the column of missing answers out."""
        if counts.ndim != 2 or counts.shape[1] != len(values):
            raise ValueError(f"counts of shape {counts.shape} for {len(values)} values")
        n = counts.sum(axis=1)
        if not len(values):
            return cls(n, np.full(len(n), np.nan), np.full(len(n), np.nan))
        # Distances from a value that each group has: a group whose values are all equal has variance 0 exactly.
        own = np.asarray(values, dtype=np.float64)[np.argmax(counts > 0, axis=1)]
        away = np.asarray(values, dtype=np.float64)[None, :] - own[:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            shift = (counts * away).sum(axis=1) / n
            variance = (counts * (away - shift[:, None]) ** 2).sum(axis=1) / np.where(n > 1, n - 1, np.nan)
        return cls(n, np.where(n > 0, own + shift, np.nan), variance)

    @classmethod
    def of_estimates(cls, estimates: Sequence[Estimate]) -> Self:
        """From the estimate of each group, such as its index: the variance between persons is se^2 n."""
        n = np.array([estimate.n if estimate.value is not None else 0 for estimate in estimates], dtype=np.int64)
        mean = np.array([np.nan if estimate.value is None else estimate.value for estimate in estimates])
        variance = np.array([np.nan if e.se is None else e.se**2 * e.n for e in estimates])
        return cls(n, mean.astype(np.float64), variance.astype(np.float64))

    @property
    def usable(self) -> Integers:
        """The places of the groups with at least two persons: a single person has no spread."""
        found: Integers = np.flatnonzero((self.n > 1) & ~np.isnan(self.variance))
        return found

    def __getitem__(self, places: Integers) -> "Moments":
        return Moments(self.n[places], self.mean[places], self.variance[places])


@dataclass(frozen=True)
class Comparison:
    """Whether the means of groups differ. ``groups`` are the places of the groups compared (two persons or more).

    ``anova`` (equal spread assumed) and ``welch`` test the same; report ``welch``. Effect sizes of the classical
    analysis of variance: ``eta2`` = SSB / (SSB + SSW), 0..1 and too large for small groups; ``omega2`` and
    ``epsilon2`` correct it and may be slightly negative, which means none.
    """

    n: int
    groups: tuple[int, ...]
    anova: Significance
    welch: Significance
    eta2: Estimate
    omega2: Estimate
    epsilon2: Estimate


@dataclass(frozen=True)
class RankComparison:
    """Whether groups tend to higher or lower values: Kruskal and Wallis' test, ties corrected.

    ``epsilon2`` = H / ((n^2 - 1) / (n + 1)), 0..1. ``mean_ranks`` by group, None for a group without persons.
    """

    n: int
    groups: tuple[int, ...]
    test: Significance
    epsilon2: Estimate
    mean_ranks: tuple[float | None, ...]


def compare(moments: Moments) -> Comparison:
    """Analysis of variance between groups, classical and by Welch (1951).

    SSB = sum of n_i (m_i - m)^2, SSW = sum of (n_i - 1) v_i, F = (SSB / (k - 1)) / (SSW / (n - k)).
    Welch: w_i = n_i / v_i, mw = sum w_i m_i / sum w_i, F = [sum w_i (m_i - mw)^2 / (k - 1)] / [1 + 2 (k - 2) c], with
    c = sum (1 - w_i / sum w)^2 / (n_i - 1) / (k^2 - 1) and 1 / (3 c) degrees of freedom in the denominator.
    omega2 = (SSB - (k - 1) MSW) / (SSB + SSW + MSW), epsilon2 = (SSB - (k - 1) MSW) / (SSB + SSW).
    R: ``aov(y ~ g)``, ``oneway.test(y ~ g)``.

    moments: of the groups; groups with fewer than two persons are left out. Reasons: ``fewer_than_two_groups``;
    ``no_variance`` when nobody differs within the groups (for Welch: within one of the groups).
    """
    used = moments.usable
    m, k = moments[used], len(used)
    n, places = int(m.n.sum()), tuple(used.tolist())
    if k < 2:
        none = Estimate(None, n, reason=FEW)
        return Comparison(n, places, undefined("f", n, FEW), undefined("f", n, FEW), none, none, none)
    grand = float(m.n @ m.mean) / n
    between, within = float(m.n @ (m.mean - grand) ** 2), float((m.n - 1) @ m.variance)
    if within == 0:
        none = Estimate(None, n, reason=CONSTANT)
        return Comparison(n, places, undefined("f", n, CONSTANT), undefined("f", n, CONSTANT), none, none, none)
    spread = within / (n - k)
    return Comparison(
        n,
        places,
        by_f(between / (k - 1) / spread, (k - 1, n - k), n),
        _welch(m, k, n),
        Estimate(between / (between + within), n),
        Estimate((between - (k - 1) * spread) / (between + within + spread), n),
        Estimate((between - (k - 1) * spread) / (between + within), n),
    )


def _welch(m: Moments, k: int, n: int) -> Significance:
    if np.any(m.variance == 0):
        return undefined("f", n, CONSTANT)
    weight = m.n / m.variance
    share = weight / weight.sum()
    centre = float(share @ m.mean)
    c = float(((1 - share) ** 2 / (m.n - 1)).sum()) / (k * k - 1)
    f = float(weight @ (m.mean - centre) ** 2) / (k - 1) / (1 + 2 * (k - 2) * c)
    return by_f(f, (k - 1, 1 / (3 * c)), n)


@dataclass(frozen=True, eq=False)
class Ranks:
    """Mid-ranks of all persons together: (g,) ``n`` and ``mean`` by group, and the ``variance`` of a single rank."""

    n: Integers
    mean: Floats
    variance: float


def ranks(counts: Integers, values: Floats | Integers) -> Ranks:
    """The mean rank of each group.

    counts: (g, v) persons by group and value; values: (v,), in any order; equal values are taken together. The
    variance of a rank is N (N + 1) / 12 - sum of (t^3 - t) / (12 (N - 1)) over groups of t tied persons.
    """
    distinct, place = np.unique(np.asarray(values, dtype=np.float64), return_inverse=True)
    by_value = np.zeros((len(counts), len(distinct)), dtype=np.int64)
    np.add.at(by_value.T, place, counts.T)
    tied = by_value.sum(axis=0)
    rank = np.cumsum(tied) - tied + (tied + 1) / 2
    n, everybody = by_value.sum(axis=1), int(tied.sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (by_value @ rank) / n
    if everybody < 2:
        return Ranks(n, mean, 0.0)
    # N (N + 1) / 12 = sum of (r - mean)^2 / (N - 1) without ties; so is the corrected one with mid-ranks.
    return Ranks(n, mean, float(tied @ (rank - (everybody + 1) / 2) ** 2) / (everybody - 1))


def kruskal(counts: Integers, values: Floats | Integers) -> RankComparison:
    """Kruskal and Wallis' test, corrected for ties.

    H = sum of n_i (r_i - (N + 1) / 2)^2 / variance of a rank; chi-square with k - 1 degrees of freedom.
    R: ``kruskal.test(y ~ g)``. counts: (g, v) persons by group and value, without missing; values: (v,).
    Reasons: ``fewer_than_two_groups``; ``no_variance`` when all answers are equal.
    """
    found = ranks(counts, values)
    used = np.flatnonzero(found.n)
    n, k = int(found.n.sum()), len(used)
    mean_ranks = tuple(float(mean) if count else None for mean, count in zip(found.mean, found.n, strict=True))
    reason = FEW if k < 2 else CONSTANT if found.variance == 0 else None
    if reason:
        none = Estimate(None, n, reason=reason)
        return RankComparison(n, tuple(used.tolist()), undefined("chi_square", n, reason), none, mean_ranks)
    h = float(found.n[used] @ (found.mean[used] - (n + 1) / 2) ** 2) / found.variance
    test = by_chi_square(h, k - 1, n)
    return RankComparison(n, tuple(used.tolist()), test, Estimate(h * (n + 1) / (n * n - 1), n), mean_ranks)


@dataclass(frozen=True)
class Association:
    """Whether two classifications go together. ``cramers_v`` 0..1; ``corrected_v`` without its upward bias (Bergsma).

    ``expected_below_5`` is the share of cells that expect fewer than five persons: above 0.2, or with a smallest
    expectation below 1, the p-value is not to be trusted. ``residuals`` (r, c), adjusted and standardised, show by
    which cells: beyond +-2 (R: ``chisq.test(table)$stdres``); None in an empty row or column.
    """

    n: int
    test: Significance
    cramers_v: Estimate
    corrected_v: Estimate
    smallest_expected: float | None
    expected_below_5: float | None
    residuals: tuple[tuple[float | None, ...], ...]


def associate(table: Integers) -> Association:
    """Pearson's chi-square test of independence, without continuity correction.

    X2 = sum of (observed - expected)^2 / expected; V = sqrt(X2 / (n min(r - 1, c - 1))). Corrected by Bergsma (2013):
    X2 / n is made smaller by (r - 1) (c - 1) / (n - 1), not below 0, r by (r - 1)^2 / (n - 1) and c alike.
    R: ``chisq.test(table, correct = FALSE)``. table: (r, c) persons, without missing. Empty rows and columns are left
    out; with fewer than two rows or columns left: reason ``fewer_than_two_groups``.
    """
    rows, columns = np.flatnonzero(table.sum(axis=1)), np.flatnonzero(table.sum(axis=0))
    inside, n = table[np.ix_(rows, columns)].astype(np.float64), int(table.sum())
    residuals: list[list[float | None]] = [[None] * table.shape[1] for _ in range(table.shape[0])]
    r, c = len(rows), len(columns)
    if min(r, c) < 2:
        none = Estimate(None, n, reason=FEW)
        told = tuple(tuple(row) for row in residuals)
        return Association(n, undefined("chi_square", n, FEW), none, none, None, None, told)
    row_share, column_share = inside.sum(axis=1, keepdims=True) / n, inside.sum(axis=0, keepdims=True) / n
    expected = row_share * column_share * n
    x2 = float(((inside - expected) ** 2 / expected).sum())
    adjusted = (inside - expected) / np.sqrt(expected * (1 - row_share) * (1 - column_share))
    for row, by_column in zip(rows.tolist(), adjusted.tolist(), strict=True):
        for column, value in zip(columns.tolist(), by_column, strict=True):
            residuals[row][column] = value
    phi2 = max(0.0, x2 / n - (r - 1) * (c - 1) / (n - 1))
    smaller = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return Association(
        n,
        by_chi_square(x2, (r - 1) * (c - 1), n),
        Estimate(sqrt(x2 / (n * (min(r, c) - 1))), n),
        Estimate(sqrt(phi2 / smaller), n) if smaller > 0 else Estimate(None, n, reason="few_respondents"),
        float(expected.min()),
        float((expected < 5).mean()),
        tuple(tuple(row) for row in residuals),
    )
