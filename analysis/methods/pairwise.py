"""Which groups differ from which, and by how much?"""

from dataclasses import dataclass
from itertools import combinations
from math import sqrt

import numpy as np

from analysis.arrays import Floats, Integers
from analysis.methods import multiplicity
from analysis.methods.comparison import CONSTANT, Moments, ranks
from analysis.methods.estimate import CONFIDENCE, Estimate
from analysis.methods.significance import Significance, by_normal, small_sample_factor, undefined
from analysis.methods.studentized_range import quantile, tail


@dataclass(frozen=True)
class PairOfGroups:
    """The mean of group ``second`` minus that of group ``first`` (places in the order given).

    ``difference`` has the Games-Howell interval, which holds for all pairs at once, and ``test`` its p, which needs no
    further correction (law ``range``; df = number of groups, Welch's degrees of freedom). ``hedges_g`` is the
    difference in pooled standard deviations, corrected for few persons.
    """

    first: int
    second: int
    difference: Estimate
    test: Significance
    hedges_g: Estimate


@dataclass(frozen=True)
class PairOfRanks:
    """Dunn's comparison of two groups: z > 0 when ``second`` ranks higher. ``holm`` and ``benjamini_hochberg``: p."""

    first: int
    second: int
    test: Significance
    holm: float | None
    benjamini_hochberg: float | None


def games_howell(
    moments: Moments, *, intervals: bool = True, confidence: float = CONFIDENCE
) -> tuple[PairOfGroups, ...]:
    """Every group with every other, without assuming equal spread or equal size. Games and Howell (1976).

    se = sqrt(v_i / n_i + v_j / n_j); q = |m_j - m_i| sqrt(2) / se is compared with the studentized range of k groups
    with Welch's degrees of freedom se^4 / sum of (v / n)^2 / (n - 1); the interval is +- q_crit se / sqrt(2).
    Hedges' g = (m_j - m_i) / pooled sd x J(n_i + n_j - 2). R: ``ptukey(q, k, df, lower.tail = FALSE)``.

    moments: (g,) groups; those with fewer than two persons are left out. intervals: False saves most of the time.
    Reason ``no_variance`` for two groups within which nobody differs.
    """
    used = moments.usable
    k = len(used)
    if k < 2:
        return ()
    pairs = np.array(list(combinations(range(k), 2)))
    m = moments[used]
    first, second = m[pairs[:, 0]], m[pairs[:, 1]]
    error_first, error_second = first.variance / first.n, second.variance / second.n
    error, difference = error_first + error_second, second.mean - first.mean
    spread = error > 0
    df = np.ones(len(pairs))
    np.divide(error**2, error_first**2 / (first.n - 1) + error_second**2 / (second.n - 1), out=df, where=spread)
    q = np.zeros(len(pairs))
    np.divide(np.abs(difference) * sqrt(2), np.sqrt(error), out=q, where=spread)
    p = tail(q, groups=k, df=df)
    reach = quantile(1 - confidence, groups=k, df=df) * np.sqrt(error / 2) if intervals else None
    both = first.n + second.n
    pooled = np.sqrt(((first.n - 1) * first.variance + (second.n - 1) * second.variance) / np.maximum(both - 2, 1))
    found = []
    for row, (i, j) in enumerate(used[pairs].tolist()):
        n, d = int(both[row]), float(difference[row])
        if not spread[row]:
            none = Estimate(None, n, reason=CONSTANT)
            found.append(PairOfGroups(i, j, Estimate(d, n, reason=CONSTANT), undefined("range", n, CONSTANT), none))
            continue
        half = None if reach is None else float(reach[row])
        interval = (None, None) if half is None else (d - half, d + half)
        test = Significance("range", float(q[row]), (k, float(df[row])), float(p[row]), n)
        g = Estimate(d / float(pooled[row]) * small_sample_factor(n - 2), n)
        found.append(PairOfGroups(i, j, Estimate(d, n, float(np.sqrt(error[row])), *interval), test, g))
    return tuple(found)


def dunn(counts: Integers, values: Floats | Integers) -> tuple[PairOfRanks, ...]:
    """Every group with every other by mean rank, after Kruskal and Wallis. Dunn (1964).

    z = (r_j - r_i) / sqrt(s2 (1 / n_i + 1 / n_j)), r mean ranks among all persons, s2 the variance of a rank with ties
    taken in; two-sided p, adjusted within this family of pairs (Holm; Benjamini and Hochberg).
    counts: (g, v) persons by group and value, without missing; values: (v,). Groups without persons are left out.
    Reason ``no_variance`` when all answers are equal. R: ``dunn.test::dunn.test``.
    """
    found = ranks(counts, values)
    used = np.flatnonzero(found.n).tolist()
    pairs = list(combinations(used, 2))
    tests = []
    for i, j in pairs:
        n = int(found.n[i] + found.n[j])
        if found.variance == 0:
            tests.append(undefined("normal", n, CONSTANT))
            continue
        error = sqrt(found.variance * (1 / int(found.n[i]) + 1 / int(found.n[j])))
        tests.append(by_normal(float(found.mean[j] - found.mean[i]) / error, n))
    logs = [test.log_p for test in tests]
    adjusted = zip(pairs, tests, multiplicity.holm(logs), multiplicity.benjamini_hochberg(logs), strict=True)
    return tuple(PairOfRanks(i, j, test, holm, bh) for (i, j), test, holm, bh in adjusted)
