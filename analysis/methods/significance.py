"""How unlikely is such a statistic by chance alone, also when the probability is too small for a float?"""

from dataclasses import dataclass
from math import exp, isfinite, lgamma, log, log1p
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.methods.studentized_range import log_tail

SMALL = 1e-290  # below it (and above the smallest float) the distribution functions begin to lose digits
MOST_TERMS = 100_000


@dataclass(frozen=True)
class Significance:
    """A test: its statistic, the ``law`` of the statistic by chance alone, degrees of freedom (none for a z) and ``p``.

    ``law`` is ``t``, ``normal``, ``f``, ``chi_square``, ``binomial`` or ``range`` (studentized range). ``p`` is 0..1,
    two-sided (upper tail for f, chi_square and range) and 0 when it is below 1e-308: ``log_p`` then still tells it.
    ``n`` persons were used. The rest is None when the test is not defined; ``reason`` then is a key under ``reason.``.
    """

    law: str
    statistic: float | None
    df: tuple[float, ...]
    p: float | None
    n: int
    reason: str | None = None

    @property
    def log_p(self) -> float | None:
        """The natural logarithm of p, which does not underflow."""
        if self.p is None or self.statistic is None or self.p >= SMALL:
            return None if self.p is None else log(self.p)
        return _log_tail(self.law, abs(self.statistic), self.df, self.n)


def undefined(law: str, n: int, reason: str) -> Significance:
    """A test that cannot be made."""
    return Significance(law, None, (), None, n, reason)


def by_t(t: float, df: float, n: int) -> Significance:
    """Two-sided test of Student's t. R: ``2 * pt(-abs(t), df)``.

    t: the statistic. df: degrees of freedom, > 0. n: persons used, only passed on.
    """
    return Significance("t", t, (df,), 2 * float(special.stdtr(df, -abs(t))), n)


def by_normal(z: float, n: int) -> Significance:
    """Two-sided test of a standard normal z. R: ``2 * pnorm(-abs(z))``."""
    return Significance("normal", z, (), 2 * float(special.ndtr(-abs(z))), n)


def by_f(f: float, df: tuple[float, float], n: int) -> Significance:
    """Upper tail of F. R: ``pf(f, df1, df2, lower.tail = FALSE)``. f: >= 0. df: of numerator and denominator."""
    return Significance("f", f, df, float(special.fdtrc(*df, f)), n)


def by_chi_square(x: float, df: float, n: int) -> Significance:
    """Upper tail of chi-square. R: ``pchisq(x, df, lower.tail = FALSE)``. x: >= 0."""
    return Significance("chi_square", x, (df,), float(special.chdtrc(df, x)), n)


def of_signs(positive: int, negative: int) -> Significance:
    """The sign test: exact two-sided binomial test of as many positive as negative signs.

    p = min(1, 2 P(X <= min(positive, negative))), X binomial with n = positive + negative and 1/2; the statistic is
    ``positive``. R: ``binom.test(positive, positive + negative)``. Without any sign: reason ``no_differences``.
    """
    n = positive + negative
    if n == 0:
        return undefined("binomial", 0, "no_differences")
    p = 1.0 if positive == negative else min(2 * float(special.bdtr(min(positive, negative), n, 0.5)), 1.0)
    return Significance("binomial", float(positive), (), p, n)


def clopper_pearson(count: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact interval of a share. R: ``binom.test(count, n)$conf.int``. n: > 0. Returns bounds within 0..1."""
    tail = (1 - confidence) / 2
    low = 0.0 if count == 0 else float(special.betaincinv(count, n - count + 1, tail))
    high = 1.0 if count == n else float(special.betaincinv(count + 1, n - count, 1 - tail))
    return low, high


def small_sample_factor(df: float) -> float:
    """Hedges' J, which takes the bias out of a standardised mean difference: below 1, close to it for many persons.

    J = gamma(df / 2) / (sqrt(df / 2) gamma((df - 1) / 2)), df > 1 degrees of freedom of the standard deviation.
    Hedges (1981). About 1 - 3 / (4 df - 1).
    """
    if df > 1e5:  # the two large logarithms would cancel; the series is exact to 1e-15 here
        return 1 - 3 / (4 * df) - 7 / (32 * df * df)
    return exp(lgamma(df / 2) - log(df / 2) / 2 - lgamma((df - 1) / 2))


def _log_tail(law: str, statistic: float, df: tuple[float, ...], n: int) -> float:
    """Ln of a tail that is tiny."""
    if not isfinite(statistic):
        return float("-inf")
    if law in ("t", "f"):
        first, second, f = (1.0, df[0], statistic**2) if law == "t" else (df[0], df[1], statistic)
        whole = second + first * f
        return _log_beta_tail(second / 2, first / 2, second / whole, first * f / whole)
    if law == "chi_square":
        return _log_gamma_tail(df[0] / 2, statistic / 2)
    if law == "binomial":
        fewer = min(statistic, n - statistic)
        return log(2) + _log_beta_tail(n - fewer, fewer + 1, 0.5, 0.5)
    if law == "range":
        return float(log_tail(np.array([statistic]), groups=int(df[0]), df=np.array([df[1]]))[0])
    return log(2) + float(special.log_ndtr(-statistic))


def _log_beta_tail(a: float, b: float, x: float, rest: float) -> float:
    """Ln of the regularised incomplete beta I_x(a, b), where it is tiny. ``rest`` = 1 - x, without cancellation.

    I_x(a, b) = x^a (1-x)^(b-1) / (a B(a, b)) x sum over i of product over j <= i of (b-j) / (a+j) x / (1-x), which is
    DLMF 8.17.8 after the transformation 15.8.1. The sum is cut where its terms are nothing or begin to grow.
    """
    ratio = x / rest
    head = a * (log1p(-rest) if rest < 0.5 else log(x)) + (b - 1) * log(rest) - log(a) - float(special.betaln(a, b))
    first = abs((b - 1) / (a + 1)) * ratio
    steps = np.arange(1, 2 + min(MOST_TERMS, int(40 / max(1 - first, 4e-4)) + 20))
    return head + _log_of_series((b - steps) / (a + steps) * ratio)


def _log_gamma_tail(a: float, x: float) -> float:
    """Ln of the regularised upper incomplete gamma Q(a, x), where it is tiny.

    Q = x^(a-1) e^-x / gamma(a) x sum over i of product over j <= i of (a-j) / x (DLMF 8.11.2), cut at its least term.
    """
    steps = np.arange(1, 2 + min(MOST_TERMS, int(40 / max(1 - a / x, 4e-4)) + 20))
    return (a - 1) * log(x) - x - float(special.gammaln(a)) + _log_of_series((a - steps) / x)


def _log_of_series(ratios: npt.NDArray[np.floating[Any]]) -> float:
    """Ln of 1 + r1 + r1 r2 + r1 r2 r3 + ..., up to the least term."""
    growing = np.flatnonzero(np.abs(ratios) >= 1)
    terms = np.cumprod(ratios[: growing[0]] if len(growing) else ratios)
    return log1p(float(terms.sum()))
