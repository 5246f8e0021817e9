"""Has quality changed, or only who comes?

When a well-liked unit gets more visitors, the mean of all rises although no unit has become better. Direct
standardisation compares both periods with the same mix of units (or services): what then remains is a change within
units, and the rest of the crude change comes from the mix.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from scipy.special import stdtrit

from analysis.methods.estimate import CONFIDENCE, Estimate
from analysis.methods.significance import Significance, by_t, undefined


@dataclass(frozen=True)
class Change:
    """``after`` minus ``before``: independent samples, so the interval is Welch's. ``test``: whether it is 0."""

    before: Estimate
    after: Estimate
    difference: Estimate
    test: Significance


@dataclass(frozen=True)
class StandardisedChange:
    """The change between two periods under one fixed mix of strata (units or services).

    ``used`` are the places of the strata with at least two persons in both periods and a share in the mix, ``mix``
    these shares (adding up to 1). ``covered_before`` and ``covered_after`` say which share of the persons they hold;
    far below 1, the result is about a part only. ``standardised`` is the change under that mix. ``crude`` is the plain
    change of the means of all persons in the used strata, and ``from_mix`` = crude - standardised is what a changed
    clientele did; both None when nothing is defined.
    """

    used: tuple[int, ...]
    mix: tuple[float, ...]
    covered_before: float | None
    covered_after: float | None
    standardised: Change
    crude: float | None
    from_mix: float | None


def change(before: Estimate, after: Estimate) -> Change:
    """The change of a mean, an index or a gap from one period to another.

    se = sqrt(se1^2 + se2^2), degrees of freedom se^4 / (se1^4 / (n1 - 1) + se2^4 / (n2 - 1)). Welch (1947).
    R: ``t.test(after, before)``. before, after: with n and se, of different persons. Without a standard error in both
    (fewer than two persons) only the value is told, with the reason; without a value not even that.
    """
    return _change(before, after, [(1.0, before, after)])


def standardised_change(
    before: Sequence[Estimate], after: Sequence[Estimate], *, mix: Sequence[float] | None = None
) -> StandardisedChange:
    """The change under a fixed mix: sum over strata s of w_s (after_s - before_s), by direct standardisation.

    Variance: sum of w_s^2 (se_before_s^2 + se_after_s^2); degrees of freedom by Satterthwaite. The weights are taken as
    fixed. Kitagawa (1955) for the two components of a crude difference.

    before, after: (s,) the estimate of each stratum in both periods, in the same order. mix: (s,) shares >= 0 in any
    unit, such as the visitors of a year; None = the persons of both periods together. Strata that lack two persons in
    a period are left out and the weights of the others stretched: see ``covered_before``. Reason without any stratum:
    ``no_common_strata``.

    >>> u = lambda value, n: Estimate(value, n, se=0.1)  # two units, the same in both years, but other visitor numbers
    >>> found = standardised_change([u(3.0, 80), u(3.6, 20)], [u(3.0, 20), u(3.6, 80)])
    >>> round(found.standardised.difference.value, 9), round(found.from_mix, 9)
    (0.0, 0.36)
    """
    if len(before) != len(after) or (mix is not None and len(mix) != len(before)):
        raise ValueError("the two periods and the mix need the same strata")
    if mix is not None and min(mix, default=0.0) < 0:
        raise ValueError("a share of the mix is negative")
    wanted = [b.n + a.n for b, a in zip(before, after, strict=True)] if mix is None else list(mix)
    used = [
        place
        for place, (b, a, share) in enumerate(zip(before, after, wanted, strict=True))
        if b.se is not None and a.se is not None and share > 0
    ]
    covered = [_covered(period, used) for period in (before, after)]
    if not used:
        none = Estimate(None, 0, reason="no_common_strata")
        nothing = Change(none, none, none, undefined("t", 0, "no_common_strata"))
        return StandardisedChange((), (), covered[0], covered[1], nothing, None, None)
    whole = sum(wanted[place] for place in used)
    shares = [wanted[place] / whole for place in used]
    parts = [(share, before[place], after[place]) for share, place in zip(shares, used, strict=True)]
    found = _change(_weighted(shares, before, used), _weighted(shares, after, used), parts)
    crude = _crude(after, used) - _crude(before, used)
    assert found.difference.value is not None
    return StandardisedChange(
        tuple(used), tuple(shares), covered[0], covered[1], found, crude, crude - found.difference.value
    )


def _change(before: Estimate, after: Estimate, parts: Sequence[tuple[float, Estimate, Estimate]]) -> Change:
    """``parts``: weight and both estimates of every stratum that the two periods are made of."""
    n = before.n + after.n
    if before.value is None or after.value is None:
        reason = before.reason or after.reason or "no_answers"
        return Change(before, after, Estimate(None, n, reason=reason), undefined("t", n, reason))
    value = after.value - before.value
    errors = [
        (weight**2 * one.se**2, one.n) for weight, *both in parts for one in both if one.se is not None and one.n > 1
    ]
    variance = sum(error for error, _ in errors)
    if len(errors) < 2 * len(parts):
        reason = before.reason or after.reason or "one_respondent"
        return Change(before, after, Estimate(value, n, reason=reason), undefined("t", n, reason))
    if variance == 0:
        return Change(before, after, Estimate(value, n, 0.0, value, value), undefined("t", n, "no_variance"))
    df = variance**2 / sum(error**2 / (count - 1) for error, count in errors)
    reach = float(stdtrit(df, 1 - (1 - CONFIDENCE) / 2)) * sqrt(variance)
    difference = Estimate(value, n, sqrt(variance), value - reach, value + reach)
    return Change(before, after, difference, by_t(value / sqrt(variance), df, n))


def _weighted(shares: Sequence[float], period: Sequence[Estimate], used: Sequence[int]) -> Estimate:
    """The standardised mean of one period, its interval by Satterthwaite's degrees of freedom."""
    chosen = [period[place] for place in used]
    value = sum(share * (one.value or 0.0) for share, one in zip(shares, chosen, strict=True))
    errors = [(share * (one.se or 0.0)) ** 2 for share, one in zip(shares, chosen, strict=True)]
    variance, n = sum(errors), sum(one.n for one in chosen)
    if variance == 0:
        return Estimate(value, n, 0.0, value, value)
    df = variance**2 / sum(error**2 / (one.n - 1) for error, one in zip(errors, chosen, strict=True))
    reach = float(stdtrit(df, 1 - (1 - CONFIDENCE) / 2)) * sqrt(variance)
    return Estimate(value, n, sqrt(variance), value - reach, value + reach)


def _crude(period: Sequence[Estimate], used: Sequence[int]) -> float:
    """The mean over persons."""
    return sum(period[place].n * (period[place].value or 0.0) for place in used) / sum(period[p].n for p in used)


def _covered(period: Sequence[Estimate], used: Sequence[int]) -> float | None:
    everybody = sum(one.n for one in period)
    return sum(period[place].n for place in used) / everybody if everybody else None
