"""How satisfied are citizens in one number, each item counting by its importance? (Customer Satisfaction Index)

The usual index divides by the highest point of the scale, and so cannot be 0: on seven points its floor is 14 %. The
other index is counted from the lowest point. Both are told, and which is which.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from analysis.arrays import Integers
from analysis.methods.estimate import Estimate, with_interval
from analysis.methods.ikm import half_up, linearised_variance

CLASSES = (
    (81, "very_satisfied"),
    (66, "satisfied"),
    (51, "fairly_satisfied"),
    (35, "less_satisfied"),
    (0, "dissatisfied"),
)


@dataclass(frozen=True)
class ClassedIndex:
    """One index in per cent: exact, rounded half-up to a whole per cent, and the class of the latter.

    Classes: <= 34 ``dissatisfied``, 35-50 ``less_satisfied``, 51-65 ``fairly_satisfied``, 66-80 ``satisfied``, 81-100
    ``very_satisfied``.
    """

    estimate: Estimate
    rounded: Decimal | None
    satisfaction: str | None


@dataclass(frozen=True)
class SatisfactionIndex:
    """The index from the scale maximum and from the scale minimum, and what it is made of, by item.

    ``importance`` (MIS) and ``satisfaction`` (MSS) are means, ``weights`` (WF) add up to 1, ``scores`` (WS) to
    ``total`` (WT). An item without one of the two means is left out (None in all four); the weights are of the rest.
    ``n`` is the least number of answers to any question used.
    """

    n: int
    importance: tuple[Fraction | None, ...]
    satisfaction: tuple[Fraction | None, ...]
    weights: tuple[Fraction | None, ...]
    scores: tuple[Fraction | None, ...]
    total: Fraction | None
    from_maximum: ClassedIndex
    from_minimum: ClassedIndex


def satisfaction_index(
    importance: Sequence[Integers],
    satisfaction: Sequence[Integers],
    *,
    cross: Integers | None = None,
    persons: int = 0,
) -> SatisfactionIndex:
    """The Customer Satisfaction Index.

    MIS_i, MSS_i = mean importance (or expectation) and mean satisfaction (performance) of item i; WF_i = MIS_i / sum of
    MIS; WS_i = WF_i MSS_i; WT = sum of WS. From the maximum: WT / h x 100 with h points; from the minimum: (WT - 1) /
    (h - 1) x 100. Exact arithmetic; rounded half-up to whole per cent before the class is read.
    The interval is linearised per person: the index moves by WF_i / h per point of MSS_i and by (MSS_i - WT) /
    (h sum of MIS) per point of MIS_i.

    importance, satisfaction: for each item (points + 1,) persons by code, [0] = missing (``Tally.marginal``); all
    satisfaction scales must have the same number of points. Each mean is over everybody who answered.
    cross: (4k, 4k) sums of products over persons of the k importance codes, the k satisfaction codes, and the two times
    k indicators *answered*; persons: those with any answer. Without cross there is no interval (reason
    ``needs_products``). Without any item: ``no_answers``. R: as in the formula.
    """
    if len(importance) != len(satisfaction):
        raise ValueError("importance and satisfaction need the same items")
    scales = {len(counts) - 1 for counts in satisfaction}
    if len(scales) > 1:
        raise ValueError(f"satisfaction on scales of different length: {sorted(scales)}")
    k = len(importance)
    mis, mss = [_mean(counts) for counts in importance], [_mean(counts) for counts in satisfaction]
    used = [place for place in range(k) if mis[place] is not None and mss[place] is not None]
    if not used:
        empty = ClassedIndex(Estimate(None, 0, reason="no_answers"), None, None)
        nothing = (None,) * k
        return SatisfactionIndex(0, nothing, nothing, nothing, nothing, None, empty, empty)
    points = scales.pop()
    if points < 2:
        raise ValueError("a scale needs at least two points")
    means = {place: (mis[place] or Fraction(0), mss[place] or Fraction(0)) for place in used}
    whole = sum((own for own, _ in means.values()), Fraction(0))
    weights = {place: own / whole for place, (own, _) in means.items()}
    scores = {place: weights[place] * done for place, (_, done) in means.items()}
    total = sum(scores.values(), Fraction(0))
    n = min(int(counts[place][1:].sum()) for counts in (importance, satisfaction) for place in used)
    variance = None
    if cross is not None:
        slopes = [float((means[place][1] - total) / whole) for place in used] + [
            float(weights[place]) for place in used
        ]
        rows = np.array([place + k * block for block in range(4) for place in used])
        variance = linearised_variance(cross[np.ix_(rows, rows)], n=persons, factors=slopes)
    return SatisfactionIndex(
        n,
        tuple(means[place][0] if place in means else None for place in range(k)),
        tuple(means[place][1] if place in means else None for place in range(k)),
        tuple(weights.get(place) for place in range(k)),
        tuple(scores.get(place) for place in range(k)),
        total,
        _classed(total * 100 / points, variance, 100 / points, (n, persons)),
        _classed((total - 1) * 100 / (points - 1), variance, 100 / (points - 1), (n, persons)),
    )


def class_of(percent: Decimal) -> str:
    """The class of an index in whole per cent.

    >>> class_of(Decimal(80)), class_of(Decimal(81))
    ('satisfied', 'very_satisfied')
    """
    return next(name for least, name in CLASSES if percent >= least)


def _classed(value: Fraction, variance: float | None, scale: float, n: tuple[int, int]) -> ClassedIndex:
    rounded = half_up(value, 0)
    if variance is None:
        estimate = Estimate(float(value), n[0], reason="needs_products")
    else:
        estimate = with_interval(float(value), n[1], variance * scale * scale)
    return ClassedIndex(estimate, rounded, class_of(rounded))


def _mean(counts: Integers) -> Fraction | None:
    n = int(counts[1:].sum())
    return Fraction(int(counts @ np.arange(len(counts))), n) if n else None
