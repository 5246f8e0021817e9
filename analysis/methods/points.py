"""How do respondents share points over the dimensions, and what is the gap when each dimension counts by them?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.arrays import Integers
from analysis.methods.estimate import Estimate, of_mean

PARTS = 2520
"""Into how many parts of a point the gap of a person in a dimension is counted; exact up to ten answered items."""


@dataclass(frozen=True)
class GapScores:
    """The gaps of n persons in one dimension: ``sums`` (n,) of perception minus expectation over ``answered`` items."""

    sums: Integers
    answered: Integers

    @property
    def in_parts(self) -> Integers:
        """(n,) the mean gap in ``PARTS`` of a point; 0 where nothing is answered."""
        return np.rint(self.sums * PARTS / np.maximum(self.answered, 1)).astype(np.int64)


def count_points(stored: npt.NDArray[np.uint8], total: int) -> Integers:
    """(1 + 2 d,) persons who shared exactly ``total``, then the sums of their points and of their squares.

    stored: (d, n) points + 1 by dimension, 0 = not answered. Whoever left one out or missed the total is not counted.
    """
    given = stored.astype(np.int64)[:, _shared(stored, total)] - 1
    return np.concatenate([[given.shape[1]], given.sum(axis=1), (given**2).sum(axis=1)])


def count_weighted(stored: npt.NDArray[np.uint8], gaps: Sequence[GapScores], total: int) -> Integers:
    """(3,) persons, sum and sum of squares of their weighted gaps, each a whole number: points x ``PARTS`` of a point.

    Counted are those who shared the total and have a gap in every dimension to which they gave points: a dimension
    without points weighs nothing, whether it was answered or not. Arguments as in ``count_points``.
    """
    given = stored.astype(np.int64) - 1
    counts = _shared(stored, total)
    for points, gap in zip(given, gaps, strict=True):
        counts &= (gap.answered > 0) | (points == 0)
    weighted = np.zeros(stored.shape[1], dtype=np.int64)
    for points, gap in zip(given, gaps, strict=True):
        weighted += points * gap.in_parts
    chosen = weighted[counts]
    return np.array([len(chosen), chosen.sum(), (chosen**2).sum()], dtype=np.int64)


def mean_points(counted: Integers) -> tuple[Estimate, ...]:
    """The mean points of each dimension (0 to the total) with their t intervals, from ``count_points``."""
    n, d = int(counted[0]), len(counted) // 2
    return tuple(of_mean(n, int(counted[1 + k]), int(counted[1 + d + k]), empty="no_points") for k in range(d))


def weighted_gap(counted: Integers, total: int) -> Estimate:
    """The weighted gap with its t interval, from ``count_weighted``.

    Formula: mean over persons i of sum over dimensions d of p_id x g_id / total, where p are the points of the person
    and g is its gap, the mean of perception minus expectation over the items answered both times (Parasuraman, Zeithaml
    and Berry 1991). On a scale of k points it lies in -(k - 1) to k - 1. R: ``t.test(rowSums(P * G) / 100)``.
    """
    n, unit = int(counted[0]), PARTS * total
    return of_mean(n, int(counted[1]), int(counted[2]), unit=unit, empty="no_points")


def _shared(stored: npt.NDArray[np.uint8], total: int) -> npt.NDArray[np.bool_]:
    """(n,) who gave points (perhaps 0) to every dimension, and the whole total."""
    shared: npt.NDArray[np.bool_] = (stored.sum(axis=0, dtype=np.int64) == total + len(stored)) & stored.all(axis=0)
    return shared
