"""Do citizens find other than they expect, item by item, and how large is the difference?

Everything is computed from how many persons gave which pair of answers, so that it costs the same for ten persons and
for ten million. The difference of a person is always perception minus expectation. Zero differences, which are common
on short scales, are treated under two names: ``dropped`` (Wilcoxon 1945, R's ``wilcox.test``) and ``pratt`` (Pratt
1959: ranked with the others, then left out).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import lcm, sqrt

import numpy as np
from scipy import special

from analysis.arrays import Integers
from analysis.methods.estimate import CONFIDENCE, Estimate, with_interval
from analysis.methods.significance import (
    Significance,
    by_normal,
    by_t,
    clopper_pearson,
    of_signs,
    small_sample_factor,
    undefined,
)

DROPPED = "dropped"
PRATT = "pratt"
EXACT_UP_TO = (
    25  # pairs that differ: below, the normal approximation of the signed rank test is told beside the exact p
)


@dataclass(frozen=True)
class SignedRank:
    """The signed rank test with one treatment of ``zeros`` (``dropped`` or ``pratt``).

    ``w_plus`` (R's V when zeros are dropped) and ``w_minus`` are the sums of the mid-ranks of the positive and the
    negative differences; ``n`` is the number of differences that are not zero. ``plain`` is the test by the normal
    distribution with the variance corrected for ties (statistic = z), ``continuity`` the same with half a rank taken
    off. ``exact_p`` is the conditional exact p, told for at most 25 differences when zeros are dropped, else None.
    """

    zeros: str
    n: int
    w_plus: float
    w_minus: float
    plain: Significance
    continuity: Significance
    exact_p: float | None = None


@dataclass(frozen=True)
class Paired:
    """The comparison of perception with expectation over the same persons.

    ``n`` persons answered both; ``zero``, ``positive`` and ``negative`` count the signs of perception - expectation.
    ``difference`` is their mean with the paired t interval and ``sd`` their standard deviation. Effect sizes: ``d_z`` =
    mean / sd of the differences, ``g_z`` = d_z x J (Hedges), ``d_av`` = mean / mean of the two standard deviations;
    ``rank_biserial`` = (W+ - W-) / (W+ + W-), -1..1, zeros dropped; ``correlation`` of both answers, -1..1.
    """

    n: int
    zero: int
    positive: int
    negative: int
    difference: Estimate
    sd: Estimate
    t: Significance
    wilcoxon: SignedRank
    pratt: SignedRank
    sign: Significance
    d_z: Estimate
    g_z: Estimate
    d_av: Estimate
    rank_biserial: Estimate
    correlation: Estimate

    @property
    def share_positive(self) -> Estimate:
        """The share of positive among the non-zero differences, 0..1, with the exact interval (Clopper-Pearson).

        R: ``binom.test(positive, positive + negative)$conf.int``.
        """
        moved = self.positive + self.negative
        if not moved:
            return Estimate(None, 0, reason=self.rank_biserial.reason)
        low, high = clopper_pearson(self.positive, moved)
        return Estimate(self.positive / moved, moved, low=low, high=high)


def paired(joint: Integers) -> Paired:
    """Perception against expectation for one item.

    joint: (expectation codes + 1, perception codes + 1) persons by both answers (``Tally.joint``); row and column 0,
    who did not answer one of them, are left out. Formulas in the functions below.
    R: ``t.test(P, E, paired = TRUE)``, ``wilcox.test(P, E, paired = TRUE, exact = FALSE, correct = FALSE)`` and
    ``correct = TRUE``, ``coin::wilcoxsign_test(P ~ E, zero.method = "Pratt")``, ``binom.test(positive, non-zero)``,
    ``effectsize::cohens_d(P, E, paired = TRUE)``.

    >>> paired(np.array([[0, 0, 0], [0, 3, 1], [0, 6, 2]])).rank_biserial.value  # six went down, one up
    -0.7142857142857143
    """
    return paired_items([joint])[0]


def paired_items(joints: Sequence[Integers]) -> tuple[Paired, ...]:
    """``paired`` for several items at once, which costs hardly more than for one."""
    found: list[Paired | None] = [None] * len(joints)
    for shape in {joint.shape for joint in joints}:
        places = [place for place, joint in enumerate(joints) if joint.shape == shape]
        inside = np.stack([joints[place] for place in places])[:, 1:, 1:]
        for place, one in zip(places, _compare(inside, unit=1), strict=True):
            found[place] = one
    return tuple(one for one in found if one is not None)


def paired_sums(sums: Integers, *, items: int) -> Paired:
    """Perception against expectation for a dimension, over the persons who answered all its items twice (listwise).

    sums: (width, width) persons by the sum of their expectations and of their perceptions (``Tally.sums``), both from
    0 upwards. items: how many items are summed; the score of a person is sum / items. Ties are exact: R compares
    means as floats, and for five items may call equal differences unequal.
    """
    if items < 1:
        raise ValueError("a score needs at least one item")
    return _compare(sums[None], unit=items)[0]


def paired_scores(scores: Integers, *, lowest: int) -> Paired:
    """The difference for a dimension, over everybody with at least one item answered twice (available).

    scores: (items + 1, width) persons by number of items answered twice and by the sum of the differences
    (``Tally.scores(dimension, "gap")``). lowest: the sum in column 0. A person's difference is sum / answered, exactly.
    ``d_av`` and ``correlation`` need both answers, which these counts no longer hold: reason ``needs_both_sums``.
    """
    rows, columns = np.nonzero(scores)
    unit = lcm(*{int(row) for row in rows if row})
    counted: Counter[int] = Counter()
    for row, column in zip(rows, columns, strict=True):
        if row:
            counted[(int(column) + lowest) * (unit // int(row))] += int(scores[row, column])
    values = sorted(counted)
    counts = np.array([[counted[value] for value in values]], dtype=np.int64)
    return _of_differences(values, counts, unit=unit)[0]


def effect_interval(d_z: Estimate, confidence: float = CONFIDENCE) -> Estimate:
    """``d_z`` with its interval by the noncentral t distribution.

    The bounds are the noncentrality parameters under which t = d_z sqrt(n) is at its upper and lower (1 - confidence)
    / 2, divided by sqrt(n). Steiger (2004). R: ``effectsize::cohens_d(x, y, paired = TRUE)``.
    An estimate without value stays as it is.
    """
    if d_z.value is None or d_z.n < 2:
        return d_z
    tail, root = (1 - confidence) / 2, sqrt(d_z.n)
    t = d_z.value * root
    low = float(special.nctdtrinc(d_z.n - 1, 1 - tail, t)) / root
    high = float(special.nctdtrinc(d_z.n - 1, tail, t)) / root
    return replace(d_z, low=low, high=high)


def _compare(tables: Integers, *, unit: int) -> list[Paired]:
    """(m, a, b) persons by both answers -> m comparisons. Place i of both axes means i / unit, plus one constant."""
    m, first, second = tables.shape
    place = np.arange(second)[None, :] - np.arange(first)[:, None] + (first - 1)
    width = first + second - 1
    key = (np.arange(m)[:, None] * width + place.ravel()[None, :]).ravel()
    # Counts below 2**53 stay whole numbers in the weights.
    counts = np.bincount(key, weights=tables.ravel(), minlength=m * width).reshape(m, width).astype(np.int64)
    places = (np.arange(first), np.arange(second))
    margins = (tables.sum(axis=2), tables.sum(axis=1))
    moments = np.stack(
        [
            tables.sum(axis=(1, 2)),
            *(margin @ at for margin, at in zip(margins, places, strict=True)),
            *(margin @ at**2 for margin, at in zip(margins, places, strict=True)),
            (tables @ places[1]) @ places[0],
        ],
        axis=1,
    )
    both = [_of_both(*sums) for sums in moments.tolist()]
    return _of_differences(list(range(1 - first, second)), counts, unit=unit, both=both)


def _of_both(*sums: int) -> tuple[Estimate, Estimate]:
    """What needs both answers: d_av = mean difference / ((sd_E + sd_P) / 2), and Pearson's r.

    sums: persons, and the sums of E, P, E^2, P^2 and E x P, in units, which cancel out.
    """
    n, e, p, ee, pp, ep = sums
    if n < 2:
        none = Estimate(None, n, reason="one_respondent" if n else "no_pairs")
        return none, none
    spread_e, spread_p = n * ee - e * e, n * pp - p * p
    constant = Estimate(None, n, reason="no_variance")
    d_av = r = constant
    if spread_e or spread_p:
        d_av = Estimate(2 * (p - e) / n / (sqrt(spread_e / (n * (n - 1))) + sqrt(spread_p / (n * (n - 1)))), n)
    if spread_e and spread_p:
        r = Estimate(min(max((n * ep - e * p) / sqrt(spread_e) / sqrt(spread_p), -1.0), 1.0), n)
    return d_av, r


def _of_differences(
    values: Sequence[int],
    counts: Integers,
    *,
    unit: int,
    both: Sequence[tuple[Estimate, Estimate]] | None = None,
) -> list[Paired]:
    """(m, D) persons by difference, the differences ``values`` / ``unit`` in ascending order -> m comparisons."""
    sizes = sorted({abs(value) for value in values} - {0})
    at = {size: place for place, size in enumerate(sizes)}
    m = len(counts)
    plus, minus = np.zeros((m, len(sizes)), dtype=np.int64), np.zeros((m, len(sizes)), dtype=np.int64)
    zero = np.zeros(m, dtype=np.int64)
    up = [place for place, value in enumerate(values) if value > 0]
    down = [place for place, value in enumerate(values) if value < 0]
    plus[:, [at[values[place]] for place in up]] = counts[:, up]
    minus[:, [at[-values[place]] for place in down]] = counts[:, down]
    if 0 in values:
        zero = counts[:, list(values).index(0)]
    tied = plus + minus
    twice_rank = 2 * (np.cumsum(tied, axis=1) - tied) + tied + 1  # twice the mid-rank, a whole number
    dropped = _signed_ranks(DROPPED, plus, minus, twice_rank)
    pratt = _signed_ranks(PRATT, plus, minus, twice_rank + 2 * zero[:, None])
    signs_of_all = np.stack([zero, plus.sum(axis=1), minus.sum(axis=1)], axis=1).tolist()
    found = []
    for row, own in enumerate(counts.tolist()):
        total = squares = 0  # of Python's integers, which never overflow
        for value, count in zip(values, own, strict=True):
            total += value * count
            squares += value * value * count
        ranked, own_both = (dropped[row], pratt[row]), both[row] if both else None
        found.append(_one(signs_of_all[row], total=total, squares=squares, unit=unit, ranked=ranked, both=own_both))
    return found


def _one(
    signs: Sequence[int],
    *,
    total: int,
    squares: int,
    unit: int,
    ranked: tuple[SignedRank, SignedRank],
    both: tuple[Estimate, Estimate] | None,
) -> Paired:
    """Everything that needs only the differences, from the exact sums of them and of their squares, in units.

    t = mean / (sd / sqrt(n)) with n - 1 degrees of freedom; d_z = mean / sd; g_z = d_z x J(n - 1).
    """
    zero, positive, negative = signs
    dropped, pratt = ranked
    n = zero + positive + negative
    spread = n * squares - total * total  # n (n - 1) times the variance
    nothing = "no_pairs" if n == 0 else "one_respondent" if n == 1 else "no_variance"
    if n == 0:
        difference = Estimate(None, 0, reason=nothing)
    else:
        difference = with_interval(total / (n * unit), n, spread / (n * n * max(n - 1, 1) * unit * unit))
    none = Estimate(None, n, reason=nothing)
    if n < 2 or spread == 0:
        sd, d_z, g_z, t = (none if n < 2 else Estimate(0.0, n)), none, none, undefined("t", n, nothing)
    else:
        deviation = sqrt(spread / (n * (n - 1)))
        value = total / n / deviation
        sd, d_z = Estimate(deviation / unit, n), Estimate(value, n)
        g_z = Estimate(value * small_sample_factor(n - 1), n) if n > 2 else Estimate(None, n, reason="few_respondents")
        t = by_t(value * sqrt(n), n - 1, n)
    moved = positive + negative
    if moved:
        r = Estimate((dropped.w_plus - dropped.w_minus) / (dropped.w_plus + dropped.w_minus), moved)
    else:
        r = Estimate(None, 0, reason="no_differences" if n else "no_pairs")
    sign = of_signs(positive, negative) if n else undefined("binomial", 0, "no_pairs")
    d_av, correlation = both or (Estimate(None, n, reason=nothing if n < 2 else "needs_both_sums"),) * 2
    return Paired(n, zero, positive, negative, difference, sd, t, dropped, pratt, sign, d_z, g_z, d_av, r, correlation)


def _signed_ranks(zeros: str, plus: Integers, minus: Integers, twice_rank: Integers) -> list[SignedRank]:
    """(m, sizes) persons by size of their positive and of their negative difference, and twice the rank of each size.

    Under the hypothesis every sign is as likely + as -: W+ has the mean sum of ranks / 2 and the variance sum of
    ranks^2 / 4, which is R's n (n + 1) (2 n + 1) / 24 - sum of (t^3 - t) / 48 for groups of t tied ranks.
    z = (W+ - mean) / sd; with continuity the distance from the mean is made smaller by 1/2 (not across 0).
    """
    tied = plus + minus
    w_plus, w_minus = (plus * twice_rank).sum(axis=1) / 2, (minus * twice_rank).sum(axis=1) / 2
    deviation = np.sqrt((tied * (twice_rank / 4.0) ** 2).sum(axis=1))
    found = []
    for row, moved in enumerate(tied.sum(axis=1).tolist()):
        up, down = float(w_plus[row]), float(w_minus[row])
        if not moved:
            none = undefined("normal", 0, "no_differences")
            found.append(SignedRank(zeros, 0, up, down, none, none))
            continue
        distance = (up - down) / 2  # W+ minus half the sum of all ranks
        nearer = distance - (0.5 if distance > 0 else -0.5 if distance < 0 else 0.0)
        exact = zeros == DROPPED and moved <= EXACT_UP_TO
        found.append(
            SignedRank(
                zeros,
                moved,
                up,
                down,
                by_normal(distance / float(deviation[row]), moved),
                by_normal(nearer / float(deviation[row]), moved),
                _exact_p(tied[row], twice_rank[row], round(2 * min(up, down))) if exact else None,
            )
        )
    return found


def _exact_p(tied: Integers, twice_rank: Integers, twice_least: int) -> float:
    """Two-sided p of the signed rank test, given the ranks: all 2^n choices of signs are equally likely.

    ``twice_least`` is twice the lesser of W+ and W-. Ties are allowed. R: ``exactRankTests::wilcox.exact``.
    """
    ways = np.ones(1)
    for many, rank in zip(tied.tolist(), twice_rank.tolist(), strict=True):
        for _ in range(many):
            longer = np.zeros(len(ways) + rank)
            longer[: len(ways)] += ways
            longer[rank:] += ways
            ways = longer
    return min(1.0, 2 * float(ways[: twice_least + 1].sum() / ways.sum()))
