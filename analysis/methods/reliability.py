"""Do the items of a scale measure the same thing, and how precisely?

Everything here comes from the covariance matrix of the items and the number of persons (``counting.moments`` counts
both), so that a million responses cost no more than ten. Missing answers: the matrix says whether it is *listwise*
(only persons who answered every item of the scale; the default, as in SPSS) or *pairwise*; ``n`` is in every result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

import numpy as np
from scipy.special import betaincinv, ndtri

from analysis.arrays import Floats, Integers
from analysis.methods.cfa import Confirmatory, confirmatory
from analysis.methods.correlation import Correlation, of_correlation, undefined_correlation
from analysis.methods.covariance import NOTHING, Covariance
from analysis.methods.estimate import CONFIDENCE, Estimate

ALPHA = "alpha"
SPEARMAN_BROWN = "spearman_brown"


@dataclass(frozen=True)
class SplitHalf:
    """Two halves of a scale against each other.

    first, second: the places of their items. r: the correlation of the halves' sums. spearman_brown: of the whole scale
    if both halves are alike, 2 r / (1 + r). horst: the same for halves of different length (Horst 1951).
    guttman: lambda 4, 4 cov / variance of the whole, which does not assume equal variances. All at most 1; negative
    values are shown.
    """

    first: tuple[int, ...]
    second: tuple[int, ...]
    r: Estimate
    spearman_brown: Estimate
    horst: Estimate
    guttman: Estimate


@dataclass(frozen=True)
class ItemInScale:
    """One item (its ``place`` in the scale) against the others.

    total: its correlation with the sum of all items, itself among them, which flatters it. corrected: with the sum of
    the *other* items. alpha_if_deleted: alpha of the others; not defined for a scale of two (reason ``two_items``).
    """

    place: int
    total: Correlation
    corrected: Correlation
    alpha_if_deleted: Estimate


@dataclass(frozen=True)
class ScaleReliability:
    """The reliability of one scale of ``k`` items in several senses; see the functions of the same names.

    ``preferred`` names the coefficient to report: ``spearman_brown`` (of ``odd_even``) for two items, else ``alpha``.
    error_of_sum: the standard error of measurement of a person's sum, sd sqrt(1 - alpha), in points.
    """

    k: int
    n: int
    policy: str
    preferred: str
    alpha: Estimate
    alpha_standardised: Estimate
    omega: Estimate
    odd_even: SplitHalf
    first_second: SplitHalf
    mean_correlation: Estimate
    error_of_sum: Estimate
    items: tuple[ItemInScale, ...]

    @property
    def coefficient(self) -> Estimate:
        """The value of the preferred coefficient."""
        return self.odd_even.spearman_brown if self.preferred == SPEARMAN_BROWN else self.alpha


@dataclass(frozen=True)
class DifferenceReliability:
    """How reliable the gap (perception minus expectation) of a dimension is.

    n: persons who answered all items twice. alpha_expectation (a_E), alpha_perception (a_P): of the two scales, of the
    same persons. r: the correlation of both sums. sd_expectation (s_E), sd_perception (s_P): of the sums, in points.
    general: (s_E^2 a_E + s_P^2 a_P - 2 r s_E s_P) / (s_E^2 + s_P^2 - 2 r s_E s_P). equal_variances: the textbook's
    ((a_E + a_P) / 2 - r) / (1 - r), right only if s_E = s_P. alpha_of_gaps: alpha of the items' gaps; it equals
    ``general`` when, item by item, expectation and perception share nothing beyond what the scales share.
    """

    n: int
    alpha_expectation: Estimate
    alpha_perception: Estimate
    r: Estimate
    sd_expectation: Estimate
    sd_perception: Estimate
    general: Estimate
    equal_variances: Estimate
    alpha_of_gaps: Estimate


def scale_reliability(covariance: Covariance) -> ScaleReliability:
    """Every coefficient of one scale. covariance: of its items, in the order of the questionnaire."""
    k = covariance.items
    half = (k + 1) // 2
    alpha = cronbach_alpha(covariance)
    return ScaleReliability(
        k=k,
        n=covariance.n,
        policy=covariance.policy,
        preferred=SPEARMAN_BROWN if k == 2 else ALPHA,
        alpha=alpha,
        alpha_standardised=standardised_alpha(covariance),
        omega=omega(covariance),
        odd_even=split_half(covariance, range(0, k, 2), range(1, k, 2)),
        first_second=split_half(covariance, range(half), range(half, k)),
        mean_correlation=mean_correlation(covariance),
        error_of_sum=_error_of_sum(covariance, alpha),
        items=items_in_scale(covariance),
    )


def cronbach_alpha(covariance: Covariance) -> Estimate:
    """Cronbach's alpha with Feldt's 95 % interval.

    Formula: alpha = k / (k - 1) x (1 - sum of the items' variances / variance of their sum).
    Interval: 1 - (1 - alpha) F, F the quantiles 0.975 and 0.025 of the F distribution with n - 1 and (n - 1)(k - 1)
    degrees of freedom. Sources: Cronbach (1951); Feldt, Woodruff and Salih (1987).
    R: ``psych::alpha(x)$total$raw_alpha`` of complete rows, ``psych::alpha.ci(alpha, n.obs = n, n.var = k)``.

    Returns at most 1; a negative alpha (items that contradict each other) is shown as it is.
    Not defined for one item (``one_item``), fewer than two persons, or a ``sum_does_not_vary``.

    >>> round(cronbach_alpha(Covariance(np.array([[1.0, 0.5], [0.5, 1.0]]), 100)).value, 4)
    0.6667
    """
    reason = _why_no_scale(covariance)
    if reason:
        return Estimate(None, covariance.n, reason=reason)
    return _with_feldt(_alpha(covariance.values), covariance.items, covariance.n)


def alpha_of_counts(items: Sequence[Integers], sums: Integers) -> Estimate:
    """Cronbach's alpha with Feldt's interval, from counts alone: no products are needed, since only variances enter.

    Formula, source, range and reasons: see ``cronbach_alpha``. Exact until the division.
    items: for each item (codes,) persons by answer; the codes are consecutive whole numbers, wherever they begin (of a
    gap: persons by difference). sums: (width,) the *same* persons by the sum of their answers. Both must count persons
    who answered every item (listwise) and nobody else, else ``ValueError``.

    >>> alpha_of_counts([np.array([2, 0, 2]), np.array([2, 0, 2])], np.array([2, 0, 0, 0, 2])).value
    1.0
    """
    n = int(sums.sum())
    if any(int(counts.sum()) != n for counts in items):
        raise ValueError(f"the items and the sums must count the same {n} persons")
    return alpha_of_spreads(len(items), sum(map(_spread_of_counts, items)), _spread_of_counts(sums), n)


def alpha_of_spreads(k: int, items: int, total: int, n: int) -> Estimate:
    """The same from n (n - 1) times the variances of k items added up, and of their sum, over the same n persons."""
    reason = "not_asked" if k == 0 else "one_item" if k == 1 else None
    if not reason and n < 2:
        reason = "one_respondent" if n else "no_complete_responses"
    if not reason and total == 0:
        reason = "sum_does_not_vary"
    if reason:
        return Estimate(None, n, reason=reason)
    return _with_feldt(k / (k - 1) * (1 - items / total), k, n)


def standardised_alpha(covariance: Covariance) -> Estimate:
    """Alpha of the items after each was given the variance 1: k r / (1 + (k - 1) r), r the mean correlation.

    R: ``psych::alpha(x)$total$std.alpha``. No interval: Feldt's is for raw alpha. Not defined where alpha is not, and
    when everybody gave the same answer to an item (``constant_item``).
    """
    reason = _why_no_correlations(covariance)
    if not reason and Covariance(covariance.correlation, covariance.n).total_variance == 0:
        reason = "sum_does_not_vary"
    if reason:
        return Estimate(None, covariance.n, reason=reason)
    return Estimate(_alpha(covariance.correlation), covariance.n)


def mean_correlation(covariance: Covariance) -> Estimate:
    """The mean of the correlations between different items, -1..1. R: ``psych::alpha(x)$total$average_r``."""
    reason = _why_no_correlations(covariance)
    if reason:
        return Estimate(None, covariance.n, reason=reason)
    k = covariance.items
    return Estimate(float(covariance.correlation.sum() - k) / (k * (k - 1)), covariance.n)


def omega(covariance: Covariance) -> Estimate:
    """McDonald's omega (total) with its 95 % interval, from a one-factor model fitted by maximum likelihood.

    Formula: (sum l)^2 / ((sum l)^2 + sum t): l the unstandardised loadings of the items on the one factor, t their
    residual variances; the denominator is the variance of the sum that the model implies. Interval: +- 1.96 standard
    errors by the delta method, from the expected information. Unlike alpha it does not take the loadings to be equal.
    Source: McDonald (1999). R: ``fit <- lavaan::cfa(model, std.lv = TRUE)``, then the formula.

    Not defined for fewer than three items (``one_item``, ``two_items``), and when the model cannot be fitted
    (``constant_item``, ``too_few_complete``, ``singular``, ``model_not_converged``) or its solution is impossible
    (``heywood``: a negative residual variance).
    """
    k = covariance.items
    if k < 3:
        return Estimate(None, covariance.n, reason=_why_no_scale(covariance) or "two_items")
    return omega_of(confirmatory(covariance, [range(k)]))


def omega_of(fit: Confirmatory) -> Estimate:
    """Omega of a fitted one-factor model; see ``omega``."""
    if fit.loadings is None or fit.residuals is None or fit.acov is None or fit.reason:
        return Estimate(None, fit.n, reason=fit.reason)
    a, b = float(fit.loadings.sum()), float(fit.residuals.sum())
    total = a * a + b
    gradient = np.concatenate([np.full(fit.items, 2 * a * b), np.full(fit.items, -a * a)]) / total**2
    se = sqrt(max(float(gradient @ fit.acov @ gradient), 0.0))
    reach = float(ndtri(1 - (1 - CONFIDENCE) / 2)) * se
    value = a * a / total
    return Estimate(value, fit.n, se, value - reach, value + reach)


def split_half(covariance: Covariance, first: Sequence[int], second: Sequence[int]) -> SplitHalf:
    """The reliability of a scale from its two halves.

    Formulas: with r the correlation of the two sums, Spearman-Brown 2 r / (1 + r); Horst, with p and q the shares of
    items in the halves, (r sqrt(r^2 + 4 p q (1 - r^2)) - r^2) / (2 p q (1 - r^2)); Guttman's lambda 4,
    4 cov(first, second) / variance of the whole sum. Sources: Spearman and Brown (1910), Guttman (1945), Horst (1951).
    R: ``r <- cor(rowSums(x[, first]), rowSums(x[, second]))``, ``psych::splitHalf``.

    first, second: places of items in the matrix, none in both. Each coefficient has its reason when not defined.
    """
    first, second, n = tuple(first), tuple(second), covariance.n
    if set(first) & set(second):
        raise ValueError(f"an item cannot be in both halves: {first}, {second}")
    reason = covariance.reason or ("one_item" if not first or not second else None)
    variance_1, variance_2, between = covariance.between(first, second)
    if not reason and (variance_1 == 0 or variance_2 == 0):
        reason = "sum_does_not_vary"
    if reason:
        nothing = Estimate(None, n, reason=reason)
        return SplitHalf(first, second, nothing, nothing, nothing, nothing)
    r = of_correlation(between / sqrt(variance_1 * variance_2), n).r
    assert r.value is not None
    share = len(first) * len(second) / (len(first) + len(second)) ** 2
    total = covariance.of((*first, *second)).total_variance
    contradict = Estimate(None, n, reason="sum_does_not_vary")
    return SplitHalf(
        first,
        second,
        r,
        Estimate(2 * r.value / (1 + r.value), n) if r.value > NOTHING - 1 else contradict,
        Estimate(_horst(r.value, share), n) if r.value > NOTHING - 1 else contradict,
        Estimate(4 * between / total, n) if total > 0 else contradict,
    )


def items_in_scale(covariance: Covariance) -> tuple[ItemInScale, ...]:
    """Each item against its scale.

    Formulas, with c_i the sum of row i of the covariance matrix, v_i the variance of item i and V that of the sum:
    total c_i / sqrt(v_i V); corrected (c_i - v_i) / sqrt(v_i (V - 2 c_i + v_i)); alpha if deleted is alpha without
    row and column i. R: ``cor(x[, i], rowSums(x[, -i]))``, ``psych::alpha(x)$alpha.drop``.

    Returns one entry per item. A constant item correlates with nothing (``constant_item``), nor does any with a sum
    that does not vary (``sum_does_not_vary``).
    """
    return tuple(_item(covariance, place) for place in range(covariance.items))


def difference_reliability(
    both: Covariance, expectation: Sequence[int], perception: Sequence[int]
) -> DifferenceReliability:
    """How reliable the difference of two scales is; the formulas stand in ``DifferenceReliability``.

    Source: Lord (1963); Peter, Churchill and Brown (1993) on SERVQUAL. R: by the formulas, with ``cov`` of the complete
    rows of both scales. both: covariance of all items of both, of the same persons (listwise over both).
    expectation, perception: places of their items; an item has the same place in both.

    Reasons: those of alpha (``one_item`` ...), and ``sum_does_not_vary`` when the difference does not vary. A negative
    value is shown: the two scales then share more than either is reliable.
    """
    if len(expectation) != len(perception):
        raise ValueError(f"{len(expectation)} expectations for {len(perception)} perceptions")
    n, e, p = both.n, both.of(expectation), both.of(perception)
    alpha_e, alpha_p = cronbach_alpha(e), cronbach_alpha(p)
    cross = both.values[np.ix_(expectation, perception)]
    gaps = Covariance(e.values + p.values - cross - cross.T, n, both.policy)
    variance_e, variance_p, between = both.between(expectation, perception)
    constant = variance_e == 0 or variance_p == 0
    if both.reason:
        r = Estimate(None, n, reason=both.reason)
    elif constant:
        r = Estimate(None, n, reason="sum_does_not_vary")
    else:
        r = of_correlation(between / sqrt(variance_e * variance_p), n).r
    general = equal = Estimate(None, n, reason=alpha_e.reason or alpha_p.reason or r.reason)
    if alpha_e.value is not None and alpha_p.value is not None and r.value is not None:
        variance = gaps.total_variance
        general = equal = Estimate(None, n, reason="sum_does_not_vary")
        if variance > 0:
            general = Estimate((variance_e * alpha_e.value + variance_p * alpha_p.value - 2 * between) / variance, n)
        if r.value < 1 - NOTHING:
            equal = Estimate(((alpha_e.value + alpha_p.value) / 2 - r.value) / (1 - r.value), n)
    return DifferenceReliability(
        n=n,
        alpha_expectation=alpha_e,
        alpha_perception=alpha_p,
        r=r,
        sd_expectation=_spread(variance_e, both),
        sd_perception=_spread(variance_p, both),
        general=general,
        equal_variances=equal,
        alpha_of_gaps=cronbach_alpha(gaps),
    )


def _why_no_scale(covariance: Covariance) -> str | None:
    if covariance.items == 0:
        return "not_asked"
    if covariance.items == 1:
        return "one_item"
    if covariance.reason:
        return covariance.reason
    return "sum_does_not_vary" if covariance.total_variance == 0 else None


def _why_no_correlations(covariance: Covariance) -> str | None:
    if covariance.items < 2 or covariance.reason:
        return _why_no_scale(covariance)
    return "constant_item" if covariance.constant else None


def _alpha(values: Floats) -> float:
    k = len(values)
    return k / (k - 1) * (1 - float(np.trace(values)) / float(values.sum()))


def _spread_of_counts(counts: Integers) -> int:
    """N (n - 1) times the variance of consecutive whole numbers that occur so often; exact, as unlimited integers."""
    codes = np.arange(len(counts))
    n, total, squares = (int(value) for value in (counts.sum(), counts @ codes, counts @ codes**2))
    return n * squares - total * total


def _with_feldt(alpha: float, k: int, n: int) -> Estimate:
    """Alpha with its interval; the F quantiles come from the beta distribution, which keeps its digits at any n."""
    low, high = (1 - (1 - alpha) * quantile for quantile in _quantiles_of_f(k, n))
    return Estimate(alpha, n, None, low, high)


@lru_cache(maxsize=1024)
def _quantiles_of_f(k: int, n: int) -> tuple[float, float]:
    """The upper and the lower one, with n - 1 and (n - 1)(k - 1) degrees of freedom."""
    d1, d2 = n - 1, (n - 1) * (k - 1)
    x, y = (float(betaincinv(d1 / 2, d2 / 2, share)) for share in (1 - (1 - CONFIDENCE) / 2, (1 - CONFIDENCE) / 2))
    return d2 * x / (d1 * (1 - x)), d2 * y / (d1 * (1 - y))


def _horst(r: float, share: float) -> float:
    """Spearman-Brown for halves of different length; ``share`` is p q. At r = 1 its limit, 1."""
    rest = 2 * share * (1 - r * r)
    return (r * sqrt(r * r + 2 * rest) - r * r) / rest if rest > NOTHING else 1.0


def _error_of_sum(covariance: Covariance, alpha: Estimate) -> Estimate:
    if alpha.value is None:
        return Estimate(None, covariance.n, reason=alpha.reason)
    if alpha.value > 1:  # which only covariances of different persons can say
        return Estimate(None, covariance.n, reason="contradictory_pairs")
    return Estimate(sqrt(covariance.total_variance * (1 - alpha.value)), covariance.n)


def _spread(variance: float, covariance: Covariance) -> Estimate:
    if covariance.reason:
        return Estimate(None, covariance.n, reason=covariance.reason)
    return Estimate(sqrt(variance), covariance.n)


def _item(covariance: Covariance, place: int) -> ItemInScale:
    n, k = covariance.n, covariance.items
    rest = [other for other in range(k) if other != place]
    reason = _why_no_scale(covariance) if k < 2 or covariance.reason else None
    if not reason and place in covariance.constant:
        reason = "constant_item"
    deleted = Estimate(None, n, reason=_why_no_scale(covariance) if k < 2 else "two_items")
    if k > 2:
        deleted = cronbach_alpha(covariance.of(rest))
    if reason:
        nothing = undefined_correlation(n, reason)
        return ItemInScale(place, nothing, nothing, deleted)
    variance, others, between = covariance.between([place], rest)
    total = covariance.total_variance
    return ItemInScale(
        place,
        _correlation(between + variance, variance * total, n),
        _correlation(between, variance * others, n),
        deleted,
    )


def _correlation(covariance: float, variances: float, n: int) -> Correlation:
    if variances <= 0:
        return undefined_correlation(n, "sum_does_not_vary")
    return of_correlation(covariance / sqrt(variances), n)
