"""Where should an agency concentrate, given what citizens find important and how they find it done?

Importance against performance (Martilla and James 1977): two cut lines part the items into four quadrants. Means of a
sample are not exact, so every item has a confidence ellipse, and an item whose ellipse crosses a line is *undecided*.
Also: how far performance fulfils expectation (tingkat kesesuaian). The satisfaction index is in ``methods.csi``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import atan2, sqrt
from statistics import mean, median

import numpy as np
from scipy import special

from analysis.arrays import Floats, Integers
from analysis.methods.estimate import CONFIDENCE, Estimate, t_quantile, with_interval
from analysis.methods.linearised import centred_products, counts_of, sums_of

Errors = tuple[float, float, float]  # variance of the importance, of the performance, and their covariance
Point = tuple[Fraction, Fraction]  # importance and performance, exactly: an item on a line is on it

CONCENTRATE = "concentrate"  # prioritas utama: important, not well done
KEEP_UP = "keep_up"  # pertahankan prestasi
LOW_PRIORITY = "low_priority"  # prioritas rendah
POSSIBLE_OVERKILL = "possible_overkill"  # berlebihan: well done, not important

STATED = "stated"
PEARSON = "pearson"
SPEARMAN = "spearman"

GRAND_MEAN = "grand_mean"
MEDIAN = "median"
SCALE_MIDDLE = "scale_middle"

MEANS = "means"
DISTANCES = "distances"

AVAILABLE = "available"
PAIRS = "pairs"


@dataclass(frozen=True)
class Ellipse:
    """Where both means of an item lie with 95 % confidence: centre, half axes (long, short) and the long axis' angle.

    The angle is in radians from the importance axis towards the performance axis, -pi/2..pi/2. ``reach_importance`` and
    ``reach_performance`` are how far the ellipse goes from its centre along each axis.
    """

    importance: float
    performance: float
    long: float
    short: float
    angle: float
    reach_importance: float
    reach_performance: float


@dataclass(frozen=True)
class Placed:
    """One item: both coordinates, the covariance of their errors, its ellipse and its quadrant.

    ``quadrant`` is by the point itself, as usual; ``undecided`` is True when the ellipse crosses a cut line, or when
    there is no ellipse (fewer than three persons; ``rests_on_one``: without one person all others agree). Both
    coordinates must be known, else quadrant is None.
    """

    importance: Estimate
    performance: Estimate
    covariance: float | None
    ellipse: Ellipse | None
    quadrant: str | None
    undecided: bool
    reason: str | None = None


@dataclass(frozen=True)
class Priorities:
    """Importance and performance of all items, in the order given.

    ``importance`` says what stands for importance: ``stated`` (its mean, or the mean expectation), ``pearson`` or
    ``spearman`` (the correlation of performance with the overall judgement). ``cut`` says where the lines are:
    ``grand_mean`` (of the items), ``median`` (of the items) or ``scale_middle``; ``cut_importance`` and
    ``cut_performance`` are their places. ``ellipses`` says what the ellipses are of: ``means`` (the lines are taken as
    fixed, although the first two are themselves estimated) or ``distances`` (from the lines, which move with the same
    persons: a person who praises everything moves all items and the line, and so says nothing about priorities).
    """

    importance: str
    cut: str
    cut_importance: float | None
    cut_performance: float | None
    confidence: float
    items: tuple[Placed, ...]
    ellipses: str = MEANS
    reason: str | None = None


def stated_priorities(
    joints: Sequence[Integers],
    *,
    cut: str = GRAND_MEAN,
    confidence: float = CONFIDENCE,
    cross: Integers | None = None,
    persons: int = 0,
) -> Priorities:
    """Stated importance (or expectation) against performance.

    The covariance of both means is linearised per person, so that persons who gave only one of the two answers count
    too: cov = N / (N - 1) x sum over persons with both of (e - mean E) (p - mean P) / (n_E n_P), N = persons with any.
    Ellipse: Hotelling's T2, radius^2 = 2 (n - 1) / (n - 2) x F(confidence; 2, n - 2), times the covariance matrix;
    n = the smaller of n_E and n_P. With ``cross`` and the cut at the grand mean the covariance matrix is that of the
    distances of both means from the two grand means, over all items at once.

    joints: for each item (importance codes + 1, performance codes + 1) persons by both answers (``Tally.joint``), 0 =
    missing. Each mean takes everybody who answered that question. cut: see ``Priorities``; the scale middle is
    (1 + points) / 2 of the longest scale on that axis. cross: (4k, 4k) sums of products over persons of the k
    importance codes, the k performance codes, and the two times k indicators *answered*; persons: who gave any answer.
    R: ``colMeans(E, na.rm = TRUE)`` and quadrants by ``>=`` on both axes.
    """
    _known(cut)
    found = [_means(joint) for joint in joints]
    errors = None if cross is None or cut != GRAND_MEAN else _distances(found, cross, persons)
    points = [_exact(joint.sum(axis=1), joint.sum(axis=0)) for joint in joints]
    return _prioritised(STATED, cut, confidence, found, points, middles=_middles(joints), errors=errors)


def derived_priorities(
    joints: Sequence[Integers], *, kind: str = PEARSON, cut: str = GRAND_MEAN, confidence: float = CONFIDENCE
) -> Priorities:
    """Importance derived from the correlation of an item's performance with an overall judgement.

    Standard error of the correlation, and its covariance with the mean performance, by the jackknife over persons
    (Efron 1982), which from counts needs one recomputation per cell of the table, not per person.

    joints: for each item (overall codes + 1, performance codes + 1) persons by both answers, 0 = missing. The
    correlation takes pairs, the mean everybody who answered the item. kind: ``pearson`` or ``spearman`` (mid-ranks
    among the pairs). cut: ``grand_mean`` or ``median``; a correlation has no scale middle (reason ``no_scale_middle``).
    R: ``cor(P, overall, use = "pairwise", method = kind)``.
    """
    _known(cut)
    if kind not in (PEARSON, SPEARMAN):
        raise ValueError(f"no such correlation: {kind}")
    found = [_correlated(joint, pearson if kind == PEARSON else spearman) for joint in joints]
    if cut == SCALE_MIDDLE:
        items = tuple(Placed(i, p, c, None, None, False, "no_scale_middle") for i, p, c in found)
        return Priorities(kind, cut, None, None, confidence, items, reason="no_scale_middle")
    points = [
        None if i.value is None or p.value is None else (Fraction(i.value), Fraction(p.value)) for i, p, _ in found
    ]
    return _prioritised(kind, cut, confidence, found, points)


def conformity(joint: Integers, *, policy: str = AVAILABLE) -> Estimate:
    """Tingkat kesesuaian: by how many per cent performance fulfils expectation, 100 = exactly.

    TKI = sum of P / sum of E x 100. With missing answers the two sums are of different persons, so the rule matters:
    ``available`` = 100 x mean P / mean E, each over everybody who answered it; ``pairs`` = both sums over the persons
    who answered both. Without missing answers both are the same.
    Standard error by the delta method: TKI sqrt(var P / P^2 + var E / E^2 - 2 cov / (P E)), t interval.

    joint: (expectation codes + 1, performance codes + 1) persons by both answers, 0 = missing. Returns > 0, in per
    cent. R: ``colMeans(P, na.rm = TRUE) / colMeans(E, na.rm = TRUE) * 100``.
    """
    if policy not in (AVAILABLE, PAIRS):
        raise ValueError(f"no such policy: {policy}")
    if policy == PAIRS:
        joint = joint.copy()
        joint[0], joint[:, 0] = 0, 0
    e, p, covariance = _means(joint)
    n = int(joint.sum() - joint[0, 0])
    if e.value is None or p.value is None:
        return Estimate(None, n, reason="no_pairs" if policy == PAIRS else "no_answers")
    value = 100 * p.value / e.value
    if e.se is None or p.se is None or covariance is None:
        return Estimate(value, n, reason="one_respondent")
    relative = (p.se / p.value) ** 2 + (e.se / e.value) ** 2 - 2 * covariance / (p.value * e.value)
    return with_interval(value, n, value**2 * relative)


def pearson(tables: Floats) -> Floats:
    """Pearson's r of the row and the column code. tables: (..., a, b) persons, without missing. NaN when constant."""
    return _correlation(tables, *(np.arange(size, dtype=np.float64) for size in tables.shape[-2:]))


def spearman(tables: Floats) -> Floats:
    """Spearman's rho: Pearson's r of the mid-ranks. tables: (..., a, b) persons, without missing. NaN when constant."""
    margins = tables.sum(axis=-1), tables.sum(axis=-2)
    first, second = (np.cumsum(margin, axis=-1) - margin / 2 for margin in margins)
    return _correlation(tables, first, second)


def _correlation(tables: Floats, first: Floats, second: Floats) -> Floats:
    """``first`` (..., a) and ``second`` (..., b) are the values of the rows and columns."""
    margins = tables.sum(axis=-1), tables.sum(axis=-2)
    n = margins[0].sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        x = first - (margins[0] * first).sum(axis=-1, keepdims=True) / n
        y = second - (margins[1] * second).sum(axis=-1, keepdims=True) / n
        cross = np.einsum("...ab,...a,...b->...", tables, x, y)
        spread = (margins[0] * x**2).sum(axis=-1) * (margins[1] * y**2).sum(axis=-1)
        r = np.where(spread > 1e-18 * n[..., 0] ** 2, cross / np.sqrt(spread), np.nan)
    found: Floats = np.clip(r, -1, 1)
    return found


def _known(cut: str) -> None:
    if cut not in (GRAND_MEAN, MEDIAN, SCALE_MIDDLE):
        raise ValueError(f"no such cut: {cut}")


def _middles(joints: Sequence[Integers]) -> Point:
    """(1 + points) / 2 of the longest scale on each axis."""
    rows, columns = (Fraction(max((joint.shape[axis] for joint in joints), default=2), 2) for axis in (0, 1))
    return rows, columns


def _exact(importance: Integers, performance: Integers) -> Point | None:
    """Both means of an item from its persons by code, [0] = missing; None when one was answered by nobody."""
    (a, b), (n, m) = (
        [int(margin @ np.arange(len(margin))) for margin in (importance, performance)],
        [int(margin[1:].sum()) for margin in (importance, performance)],
    )
    return (Fraction(a, n), Fraction(b, m)) if n and m else None


def _means(joint: Integers) -> tuple[Estimate, Estimate, float | None]:
    """Both means, each over everybody who answered, and the covariance of their errors."""
    n = int(joint.sum() - joint[0, 0])
    margins = joint.sum(axis=1), joint.sum(axis=0)
    counts = [int(margin[1:].sum()) for margin in margins]
    if not all(counts):
        none = [Estimate(None, 0, reason="no_answers")] * 2
        known = [_mean(margin) if count else lost for margin, count, lost in zip(margins, counts, none, strict=True)]
        return known[0], known[1], None
    e, p = (_mean(margin) for margin in margins)
    assert e.value is not None and p.value is not None
    if n < 2:
        return e, p, None
    away_e, away_p = np.arange(1, joint.shape[0]) - e.value, np.arange(1, joint.shape[1]) - p.value
    covariance = float(away_e @ joint[1:, 1:] @ away_p) / counts[0] / counts[1] * n / (n - 1)
    return e, p, covariance


def _mean(margin: Integers) -> Estimate:
    """The mean code of everybody who answered, with its t interval."""
    n, codes = int(margin[1:].sum()), np.arange(len(margin))
    total, squares = int(margin @ codes), int(margin @ codes**2)
    return with_interval(total / n, n, (n * squares - total * total) / (n * n * max(n - 1, 1)))


def _correlated(joint: Integers, correlation: Callable[[Floats], Floats]) -> tuple[Estimate, Estimate, float | None]:
    """The correlation over pairs, the mean performance, and the jackknife covariance of both."""
    margin = joint.sum(axis=0)
    n = int(margin[1:].sum())
    performance = _mean(margin) if n else Estimate(None, 0, reason="no_answers")
    pairs = joint[1:, 1:].astype(np.float64)
    both = int(joint[1:, 1:].sum())
    r = float(correlation(pairs)) if both > 1 else np.nan
    if np.isnan(r):
        reason = "no_pairs" if both == 0 else "one_respondent" if both == 1 else "no_variance"
        return Estimate(None, both, reason=reason), performance, None
    rows, columns = np.nonzero(pairs)
    without = np.repeat(pairs[None], len(rows), axis=0)
    without[np.arange(len(rows)), rows, columns] -= 1
    left = correlation(without)
    if both < 3 or np.isnan(left).any():  # without some person all others agree, however many they are
        return Estimate(r, both, reason="few_respondents" if both < 3 else "rests_on_one"), performance, None
    counts = pairs[rows, columns]
    moved = left - float(counts @ left) / both
    variance = float(counts @ moved**2) * (both - 1) / both
    reach = t_quantile(both) * sqrt(variance)
    importance = Estimate(r, both, sqrt(variance), max(-1.0, r - reach), min(1.0, r + reach))
    assert performance.value is not None
    # Without person i the mean of n falls by (p_i - mean) / (n - 1); the correlation moves only for pairs.
    away = -(columns + 1 - performance.value) / max(n - 1, 1)
    return importance, performance, float(counts @ (moved * away)) * (n - 1) / n


def _prioritised(
    kind: str,
    cut: str,
    confidence: float,
    found: Sequence[tuple[Estimate, Estimate, float | None]],
    points: Sequence[Point | None],
    *,
    middles: Point = (Fraction(0), Fraction(0)),
    errors: Sequence[Errors | None] | None = None,
) -> Priorities:
    known = [point for point in points if point is not None]
    if not known:
        items = tuple(Placed(i, p, c, None, None, False, i.reason or p.reason) for i, p, c in found)
        return Priorities(kind, cut, None, None, confidence, items, reason="no_answers")
    middle = mean if cut == GRAND_MEAN else median
    lines = middles if cut == SCALE_MIDDLE else (middle(i for i, _ in known), middle(p for _, p in known))
    own = [None if i.se is None or p.se is None or c is None else (i.se**2, p.se**2, c) for i, p, c in found]
    items = tuple(
        _place(i, p, c, error, away=point and (point[0] - lines[0], point[1] - lines[1]), confidence=confidence)
        for (i, p, c), point, error in zip(found, points, own if errors is None else errors, strict=True)
    )
    kept = MEANS if errors is None else DISTANCES
    return Priorities(kind, cut, float(lines[0]), float(lines[1]), confidence, items, kept)


def _distances(
    found: Sequence[tuple[Estimate, Estimate, float | None]], cross: Integers, persons: int
) -> list[Errors | None]:
    """Of each item the variances and the covariance of its distances from the grand means of the items used."""
    k = len(found)
    if cross.shape != (4 * k, 4 * k):
        raise ValueError(f"products of shape {cross.shape} for {k} items")
    used = [at for at, (i, p, _) in enumerate(found) if i.value is not None and p.value is not None]
    if persons < 3 or not used:
        return [None] * k
    counts = np.maximum(counts_of(cross), 1)
    scale = 1 / counts
    covariance = centred_products(cross, sums_of(cross) * scale) * scale[:, None] * scale * persons / (persons - 1)
    contrast = np.eye(len(used)) - 1 / len(used)
    first = np.array(used)
    parts = [
        np.einsum("ij,jk,ik->i", contrast, covariance[np.ix_(one, other)], contrast)
        for one, other in ((first, first), (first + k, first + k), (first, first + k))
    ]
    errors: list[Errors | None] = [None] * k
    for at, (a, b, c) in zip(used, zip(*(part.tolist() for part in parts), strict=True), strict=True):
        errors[at] = (max(a, 0.0), max(b, 0.0), c)
    return errors


def _place(
    importance: Estimate,
    performance: Estimate,
    covariance: float | None,
    error: Errors | None,
    *,
    away: Point | None,
    confidence: float,
) -> Placed:
    """``away``: how far from both lines, exactly: means that are equal must not part by the rounding of a float."""
    if importance.value is None or performance.value is None or away is None:
        return Placed(importance, performance, None, None, None, False, importance.reason or performance.reason)
    important, done = away[0] >= 0, away[1] >= 0
    quadrant = (KEEP_UP if done else CONCENTRATE) if important else (POSSIBLE_OVERKILL if done else LOW_PRIORITY)
    n = min(importance.n, performance.n)
    if error is None or n < 3:
        reason = importance.reason or performance.reason if n >= 3 else None
        return Placed(importance, performance, covariance, None, quadrant, True, reason or "few_respondents")
    radius = sqrt(2 * (n - 1) / (n - 2) * float(special.fdtri(2, n - 2, confidence)))
    ellipse = _ellipse(importance.value, performance.value, error, radius)
    crosses = abs(away[0]) <= ellipse.reach_importance or abs(away[1]) <= ellipse.reach_performance
    return Placed(importance, performance, covariance, ellipse, quadrant, crosses)


def _ellipse(importance: float, performance: float, error: Errors, radius: float) -> Ellipse:
    """From the eigenvectors of a 2 x 2 covariance matrix: of the long axis, angle = atan2(2 c, a - b) / 2."""
    a, b, c = error
    middle, half = (a + b) / 2, sqrt(((a - b) / 2) ** 2 + c**2)
    return Ellipse(
        importance,
        performance,
        radius * sqrt(middle + half),
        radius * sqrt(max(middle - half, 0.0)),
        atan2(2 * c, a - b) / 2,
        radius * sqrt(a),
        radius * sqrt(b),
    )
