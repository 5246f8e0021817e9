"""How sure is a correlation, and how large must it be to be more than chance?"""

from dataclasses import dataclass
from math import atanh, copysign, inf, sqrt, tanh

from scipy.special import ndtri, stdtrit

from analysis.methods.estimate import CONFIDENCE, Estimate
from analysis.methods.significance import Significance, by_t, undefined


@dataclass(frozen=True)
class Correlation:
    """A correlation (-1..1) with its interval, and the ``test`` that there is none (Student's t, n - 2 df)."""

    r: Estimate
    test: Significance


def of_correlation(r: float, n: int) -> Correlation:
    """A correlation of ``n`` persons with its 95 % interval by Fisher's z and its two-sided test.

    Formulas: interval tanh(atanh(r) -+ z / sqrt(n - 3)), z the normal quantile; t = r sqrt((n - 2) / (1 - r^2)).
    Source: Fisher (1921). R: ``cor.test(x, y)``. The interval needs four persons, the test three (reason
    ``few_respondents``). At r = -1 or 1 the interval has no width.
    """
    r = min(1.0, max(-1.0, r))
    if n < 3:
        return Correlation(Estimate(r, n, reason="few_respondents"), undefined("t", n, "few_respondents"))
    left = (1 - r) * (1 + r)
    test = by_t(r * sqrt((n - 2) / left) if left else copysign(inf, r), n - 2, n)
    if n < 4:
        return Correlation(Estimate(r, n, reason="few_respondents"), test)
    if not left:
        return Correlation(Estimate(r, n, None, r, r), test)
    reach = float(ndtri(1 - (1 - CONFIDENCE) / 2)) / sqrt(n - 3)
    return Correlation(Estimate(r, n, None, tanh(atanh(r) - reach), tanh(atanh(r) + reach)), test)


def undefined_correlation(n: int, reason: str) -> Correlation:
    """No correlation, and why."""
    return Correlation(Estimate(None, n, reason=reason), undefined("t", n, reason))


def critical_r(n: int, level: float = 0.05) -> Estimate:
    """The *r table*: the smallest correlation of ``n`` persons that is significant, two-sided, at ``level``.

    Formula: t / sqrt(t^2 + n - 2), t the quantile 1 - level / 2 of Student's distribution with n - 2 degrees of
    freedom (tables list it under df = n - 2). R: ``t <- qt(1 - level / 2, n - 2); t / sqrt(t^2 + n - 2)``.
    Returns 0..1; not defined for fewer than three persons (reason ``few_respondents``). It shrinks as n grows: with
    400 persons 0.098 is significant, so passing it says little; see the threshold .30 beside it.

    >>> round(critical_r(30).value, 3)
    0.361
    """
    if n < 3:
        return Estimate(None, n, reason="few_respondents")
    t = float(stdtrit(n - 2, 1 - level / 2))
    return Estimate(t / sqrt(t * t + n - 2), n)
