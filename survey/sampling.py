"""How many respondents are enough, and are we on the way to that number?

Every formula here assumes a simple random sample; a survey that takes whoever comes is not one, so the numbers are
targets, not promises. Krejcie-Morgan, Cochran for a share and Slovin are made for a share of one half; the index is a
mean, for which ``for_mean`` is the right question.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, sqrt
from statistics import NormalDist
from types import MappingProxyType

CONFIDENCE = 0.95
CHI_SQUARE = 3.841  # as printed: the 95 % point of chi-square with one degree of freedom, to three decimals
HALF = 0.5
MARGIN = 0.05
ROUNDED, UPWARDS = "rounded", "upwards"
_TINY = 1e-9  # so that 385.0000000001, which is 385 with the errors of the machine, does not become 386

_PRINTED_POPULATIONS = (
    *(10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100),
    *(110, 120, 130, 140, 150, 160, 170, 180, 190, 200, 210, 220, 230, 240, 250, 260, 270, 280, 290, 300),
    *(320, 340, 360, 380, 400, 420, 440, 460, 480, 500, 550, 600, 650, 700, 750, 800, 850, 900, 950, 1000),
    *(1100, 1200, 1300, 1400, 1500, 1600, 1700, 1800, 1900, 2000, 2200, 2400, 2600, 2800, 3000, 3500, 4000, 4500),
    *(5000, 6000, 7000, 8000, 9000, 10_000, 15_000, 20_000, 30_000, 40_000, 50_000, 75_000),
)
_PRINTED_LAST = 384


@dataclass(frozen=True)
class SampleSize:
    """How many respondents a method asks for.

    ``exact`` is the number before rounding, ``size`` the whole number to reach, ``rounding`` how one became the other
    (``rounded`` half-up or ``upwards``). ``size`` is never more than the population.
    """

    method: str
    size: int
    exact: float
    rounding: str


def krejcie_morgan(
    population: int, *, share: float = HALF, margin: float = MARGIN, chi_square: float = CHI_SQUARE
) -> SampleSize:
    """The sample for a share, from a finite population, as Krejcie and Morgan compute it.

    Formula: s = X2 N P (1 - P) / (d2 (N - 1) + X2 P (1 - P)), with N the population, P the share, d the margin, and X2
    the chi-square of one degree of freedom at the confidence. Rounded half-up, as their printed table is: for N = 500
    it says 217, where rounding upwards would say 218.
    Source: Krejcie & Morgan (1970), Educational and Psychological Measurement 30, 607-610.

    population: people, at least 1. share, margin: between 0 and 1.

    >>> krejcie_morgan(500).size
    217
    """
    _check(population=population, share=share, margin=margin)
    wanted = chi_square * population * share * (1 - share)
    exact = wanted / (margin**2 * (population - 1) + chi_square * share * (1 - share))
    return SampleSize("krejcie_morgan", min(max(floor(exact + 0.5), 1), population), exact, ROUNDED)


def krejcie_morgan_table() -> Mapping[int, int]:
    """The rows of the printed table, sample size by population, but for its last one.

    Every printed size is the rounded formula (checked for all rows), so only the populations are kept here. The last
    row, 384, stands beside 1,000,000 in the article and beside 100,000 in many copies; it is read as *above 75,000*.
    """
    return MappingProxyType({population: krejcie_morgan(population).size for population in _PRINTED_POPULATIONS})


def krejcie_morgan_printed(population: int) -> SampleSize:
    """The sample by the printed table as it is used: the row of the population, or the next row upwards.

    population: people, at least 1. ``exact`` is the printed number itself. Populations below the first row of ten take
    all their people.

    >>> krejcie_morgan_printed(4600).size, krejcie_morgan_printed(2_000_000).size
    (357, 384)
    """
    _check(population=population)
    table = krejcie_morgan_table()
    size = next((size for row, size in table.items() if row >= population), _PRINTED_LAST)
    return SampleSize("krejcie_morgan_printed", min(size, population), float(size), ROUNDED)


def cochran(
    *, share: float = HALF, margin: float = MARGIN, confidence: float = CONFIDENCE, population: int | None = None
) -> SampleSize:
    """The sample for a share with a wanted margin.

    Formula: n0 = z2 p (1 - p) / e2; from a finite population N: n = n0 / (1 + (n0 - 1) / N). z is the normal quantile
    of the confidence (1.95996 for 95 %, not 1.96), e the margin. Rounded upwards.
    Source: Cochran (1977), Sampling Techniques, 3rd edition, 4.4.

    >>> cochran().size, cochran(population=500).size
    (385, 218)
    """
    _check(share=share, margin=margin, confidence=confidence, population=population)
    endless = _z(confidence) ** 2 * share * (1 - share) / margin**2
    exact = endless if population is None else endless / (1 + (endless - 1) / population)
    return _upwards("cochran", exact, population)


def slovin(population: int, *, margin: float = MARGIN) -> SampleSize:
    """The sample by the formula of many theses: n = N / (1 + N e2), with N the population and e the margin.

    It is Cochran's with z = 2 and p = 1/2, and no other confidence is hidden in it. Rounded upwards.

    >>> slovin(1000).size
    286
    """
    _check(population=population, margin=margin)
    return _upwards("slovin", population / (1 + population * margin**2), population)


def for_mean(
    *, deviation: float, half_width: float, confidence: float = CONFIDENCE, population: int | None = None
) -> SampleSize:
    """The sample after which the interval of a mean reaches ``half_width`` to each side.

    Formula: n0 = (z s / h)^2; from a finite population N: n = n0 / (1 + n0 / N). s is the standard deviation between
    persons, h the half-width, both in the same unit: for the index the deviation of the persons' own indices, about 10
    on the scale of 100. Rounded upwards. The normal quantile stands for the t quantile, which asks for two respondents
    more.
    Source: Cochran (1977), 4.7.

    >>> for_mean(deviation=0.6, half_width=0.1).size
    139
    """
    _check(confidence=confidence, population=population)
    if deviation < 0 or half_width <= 0:
        raise ValueError(f"deviation {deviation} and half-width {half_width} must be positive")
    endless = (_z(confidence) * deviation / half_width) ** 2
    exact = endless if population is None else endless / (1 + endless / population)
    return _upwards("for_mean", exact, population)


def margin_of_share(
    n: int, *, share: float = HALF, confidence: float = CONFIDENCE, population: int | None = None
) -> float | None:
    """The margin e that ``n`` respondents give for a share: Cochran's formula turned around.

    Formula: e = z sqrt(p (1 - p) / n x (N - n) / (N - 1)). None without a respondent; 0 when everybody answered.
    """
    _check(share=share, confidence=confidence, population=population)
    if n < 1:
        return None
    if population is not None and n >= population:
        return 0.0
    left = 1.0 if population is None else (population - n) / (population - 1)
    return _z(confidence) * sqrt(share * (1 - share) / n * left)


@dataclass(frozen=True)
class Progress:
    """Where a survey stands against its target on a day.

    ``share`` is n / target and may exceed 1. ``days_left`` counts today and the last day; None without a last day.
    ``needed_a_day`` is what the days left have to bring on average, 0 when the target is reached, None when no day is
    left or no last day is known. ``so_far_a_day`` is the average of the days before today, None before the second
    day. ``expected`` is n plus that average for each day left (what came today is already in n, so it leans to the
    high side early in the day). ``state`` is ``reached``, ``ahead``, ``behind``, ``missed`` or ``unknown``.
    """

    n: int
    target: int
    share: float
    remaining: int
    days_left: int | None
    needed_a_day: float | None
    so_far_a_day: float | None
    expected: float | None
    state: str


def progress(
    n: int, target: int, *, today: date, opens: date | None = None, closes: date | None = None, n_today: int = 0
) -> Progress:
    """How far ``n`` responses are on the way to ``target``.

    n: responses so far, those of today included. n_today: those of today. opens, closes: the first and the last day,
    both included; None when not known.

    >>> progress(120, 400, today=date(2026, 1, 11), opens=date(2026, 1, 1), closes=date(2026, 1, 20)).state
    'behind'
    """
    if n < 0 or target < 1 or not 0 <= n_today <= n:
        raise ValueError(f"n {n}, of which {n_today} today, and target {target} do not fit together")
    remaining = max(target - n, 0)
    over = closes is not None and today > closes
    passed = 0 if opens is None else (closes - opens).days + 1 if closes and over else (today - opens).days
    so_far = (n if over else n - n_today) / passed if passed > 0 else None
    if closes is None:
        state = "unknown" if remaining else "reached"
        return Progress(n, target, n / target, remaining, None, None if remaining else 0.0, so_far, None, state)
    first = max(today, opens) if opens else today
    days_left = max((closes - first).days + 1, 0)
    needed = 0.0 if not remaining else remaining / days_left if days_left else None
    expected = float(n) if not days_left else None if so_far is None else n + so_far * days_left
    if not remaining:
        state = "reached"
    elif not days_left:
        state = "missed"
    elif expected is None:
        state = "unknown"
    else:
        state = "ahead" if expected >= target else "behind"
    return Progress(n, target, n / target, remaining, days_left, needed, so_far, expected, state)


def _z(confidence: float) -> float:
    return NormalDist().inv_cdf(1 - (1 - confidence) / 2)


def _upwards(method: str, exact: float, population: int | None) -> SampleSize:
    size = max(ceil(exact * (1 - _TINY)), 1)
    return SampleSize(method, size if population is None else min(size, population), exact, UPWARDS)


def _check(*, population: int | None = None, **shares: float) -> None:
    if population is not None and population < 1:
        raise ValueError(f"population {population} must be at least 1")
    for name, value in shares.items():
        if not 0 < value < 1:
            raise ValueError(f"{name} {value} must lie between 0 and 1")
