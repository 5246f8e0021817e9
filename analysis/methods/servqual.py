"""How far is what citizens found from what they expect?

The score of a person on a dimension is, by default, the mean over the items that the person answered
(``AVAILABLE``). The other policy, ``LISTWISE``, takes only persons who answered every item.
"""

from collections.abc import Sequence
from math import lcm

import numpy as np

from analysis.arrays import Integers
from analysis.methods.estimate import Estimate, of_mean, with_interval
from analysis.methods.ikm import linearised_variance

AVAILABLE = "available"
LISTWISE = "listwise"


def mean_of_codes(counts: Integers) -> Estimate:
    """The mean of one column with its t interval.

    counts: (codes + 1,) persons by code; [0], who did not answer, are left out. R: ``t.test(x)`` without NA.
    """
    codes = np.arange(len(counts))
    return of_mean(int(counts[1:].sum()), int(counts @ codes), int(counts @ codes**2))


def gap_of_item(joint: Integers) -> Estimate:
    """The mean of perception minus expectation over persons, with its paired t interval.

    joint: (expectation codes + 1, perception codes + 1) persons by both answers. Persons who miss one of the two are
    left out (a missing expectation is not 0). R: ``t.test(P, E, paired = TRUE)``.
    """
    inside = joint[1:, 1:]
    difference = np.arange(inside.shape[1])[None, :] - np.arange(inside.shape[0])[:, None]
    total, squares = int((inside * difference).sum()), int((inside * difference**2).sum())
    return of_mean(int(inside.sum()), total, squares, empty="no_pairs")


def mean_of_scores(
    scores: Integers, *, lowest: int = 0, policy: str = AVAILABLE, empty: str = "no_answers"
) -> Estimate:
    """The mean over persons of their score on a dimension, with its t interval.

    A person's score is the mean over the items answered; a gap's items are those with both answers, so that the
    interval is paired.

    scores: (items + 1, width) persons by number of items answered and by sum; column 0 is the sum ``lowest``.
    policy: ``available`` = everybody with at least one item; ``listwise`` = only persons with every item.
    R: ``t.test(rowMeans(G, na.rm = TRUE))`` and ``t.test(rowMeans(G))``.
    """
    sums = np.arange(scores.shape[1]) + lowest
    by_answered = [[int(counts.sum()), int(counts @ sums), int(counts @ sums**2)] for counts in scores]
    return mean_of_score_sums(by_answered, policy=policy, empty=empty)


def mean_of_score_sums(
    by_answered: Sequence[Sequence[int]], *, policy: str = AVAILABLE, empty: str = "no_answers"
) -> Estimate:
    """``mean_of_scores`` from what its table adds up to.

    by_answered: (items + 1,) by number of items answered: persons, the sum of their sums, the sum of the squares.
    """
    used = [answered for answered in range(1, len(by_answered)) if by_answered[answered][0]]
    if used == [len(by_answered) - 1]:  # nobody left out anything
        return of_mean(*by_answered[-1], unit=used[0], empty=empty)
    unit = lcm(*used)
    return of_mean(*sums_of_means(by_answered, policy=policy, unit=unit), unit=unit, empty=empty)


def sums_of_means(by_answered: Sequence[Sequence[int]], *, policy: str, unit: int) -> tuple[int, int, int]:
    """Persons, the sum of their mean scores and the sum of the squares, in ``unit`` parts of a point.

    Arguments as in ``mean_of_score_sums``. ``unit`` must be a multiple of every number of answered items that occurs.
    """
    items = len(by_answered) - 1
    used = range(items if policy == LISTWISE else 1, items + 1) if items else ()
    parts = [(by_answered[answered], unit // answered) for answered in used if by_answered[answered][0]]
    return (
        sum(counted[0] for counted, _ in parts),
        sum(counted[1] * part for counted, part in parts),
        sum(counted[2] * part * part for counted, part in parts),
    )


def unweighted(
    dimensions: Sequence[Estimate], cross: Integers, *, persons: int, parts: Sequence[int], empty: str = "no_answers"
) -> Estimate:
    """The mean of the dimension means (not of the items), each dimension counting the same, with its interval.

    The dimensions of a person go together, and a person may lack one: the variance is linearised per person, as for
    the index (``ikm.linearised_variance``); on complete answers it is that of the persons' own means.

    dimensions: (d,) the means, policy ``available``. cross: (2d, 2d) sums of products of the scores, in ``parts`` of a
    point, and of the indicators. persons: those with at least one score, which is the n of the result.
    Not defined (reason ``dimension_without_answers``) while one dimension has no score at all.
    """
    values = [dimension.value for dimension in dimensions]
    known = [value for value in values if value is not None]
    if not known:
        return Estimate(None, 0, reason=empty)
    if len(known) < len(values):
        return Estimate(None, persons, reason="dimension_without_answers")
    d = len(values)
    factors = [1 / (d * part) for part in parts]
    return with_interval(sum(known) / d, persons, linearised_variance(cross, n=persons, factors=factors))
