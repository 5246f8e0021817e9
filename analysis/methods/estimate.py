"""How is a mean told together with its uncertainty?"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import sqrt

from scipy.special import stdtrit

CONFIDENCE = 0.95


@dataclass(frozen=True, init=False)
class Estimate:
    """A number with its uncertainty.

    ``value`` is None when it is not defined, ``se``, ``low`` and ``high`` (the 95 % interval) are None when the
    interval is not; ``reason`` then is a key under ``reason.`` in the words, such as ``one_respondent``.
    ``n`` persons were used. Nothing here is rounded.
    """

    value: float | None
    n: int
    se: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str | None = None

    def __init__(  # noqa: PLR0917 - its fields, in their order
        self,
        value: float | None,
        n: int,
        se: float | None = None,
        low: float | None = None,
        high: float | None = None,
        reason: str | None = None,
    ) -> None:
        # As a frozen class would, in a third of its time: a dashboard makes a hundred of these for each new response.
        self.__dict__.update(value=value, n=n, se=se, low=low, high=high, reason=reason)


NOT_ASKED = Estimate(None, 0, reason="not_asked")


@lru_cache(maxsize=4096)
def t_quantile(n: int, confidence: float = CONFIDENCE) -> float:
    """How many standard errors the interval of a mean of ``n`` persons reaches to each side (n - 1 degrees of freedom).

    R: ``qt(1 - (1 - confidence) / 2, n - 1)``.
    """
    return float(stdtrit(n - 1, 1 - (1 - confidence) / 2))


def with_interval(value: Fraction | float, n: int, variance: float) -> Estimate:
    """``value`` and its t interval, from the ``variance`` of ``value`` itself (the squared standard error).

    No interval for fewer than two persons: the spread of one person is not defined.
    """
    number = float(value)
    if n < 2:
        return Estimate(number, n, reason="one_respondent")
    se = sqrt(max(variance, 0.0))
    reach = t_quantile(n) * se
    return Estimate(number, n, se, number - reach, number + reach)


def of_mean(n: int, total: int, squares: int, *, unit: int = 1, empty: str = "no_answers") -> Estimate:
    """The mean of ``n`` values with its t interval, from their exact sum and the exact sum of their squares.

    Formula: mean = total / n, variance of the mean = (squares - total^2 / n) / (n - 1) / n. Being exact until the
    division, it does not lose digits by cancellation, and values that do not differ have variance 0, not nearly 0.
    R: ``t.test(x)`` (``estimate``, ``stderr``, ``conf.int``). Missing values must be left out by the caller; without
    any value the estimate is None with the reason ``empty``.

    unit: of how many parts of a point values are whole numbers; ``total`` and ``squares`` are in these parts.
    """
    if n == 0:
        return Estimate(None, 0, reason=empty)
    value = total / (n * unit)
    if n == 1:
        return Estimate(value, n, reason="one_respondent")
    se = sqrt((n * squares - total * total) / (n * n * (n - 1) * unit * unit))
    reach = t_quantile(n) * se
    return Estimate(value, n, se, value - reach, value + reach)
