"""Changes between periods, the effect of the mode, and the zone of tolerance. Relative 1e-9."""

from math import isclose, sqrt

import numpy as np
import pytest
from scipy import stats

from analysis.methods.change import change, standardised_change
from analysis.methods.comparison import Moments
from analysis.methods.estimate import Estimate, of_mean
from analysis.methods.mode_effect import ALIKE, DIFFERENT, UNCLEAR, VARIES, ModeEffect, mode_effects
from analysis.methods.zone import ABOVE, BELOW, WITHIN, zone_of_tolerance
from tests.numbers import rows400
from tests.soundness import nothing_is_nan


def close(ours: float | None, theirs: float, rel: float = 1e-9) -> None:
    assert ours is not None and isclose(ours, theirs, rel_tol=rel, abs_tol=1e-12), (ours, theirs)


def estimate(values: list[int] | np.ndarray) -> Estimate:
    x = [int(value) for value in values]
    return of_mean(len(x), sum(x), sum(value * value for value in x))


def overall(unit: str, months: tuple[str, ...]) -> np.ndarray:
    rows = [row for row in rows400() if row["unit"] == unit and row["month"] in months and row["overall"]]
    return np.array([int(row["overall"]) for row in rows])


FIRST, SECOND = ("2023-01", "2023-02", "2023-03"), ("2023-04", "2023-05", "2023-06")
UNITS = ("u01", "u02", "u03", "u04")


def test_a_change_is_welchs_test_of_two_samples() -> None:
    """R: t.test(after, before), here scipy.stats.ttest_ind(equal_var=False)."""
    before, after = overall("u01", FIRST), overall("u01", SECOND)
    found, r = change(estimate(before), estimate(after)), stats.ttest_ind(after, before, equal_var=False)
    close(found.test.statistic, r.statistic)
    close(found.test.df[0], r.df)
    close(found.test.p, r.pvalue, 1e-7)
    low, high = r.confidence_interval()
    close(found.difference.low, low)
    close(found.difference.high, high)
    assert found.difference.n == len(before) + len(after)


def test_under_a_fixed_mix_only_what_changed_within_units_counts() -> None:
    """By hand: weights n of both periods; variance sum of w^2 s^2 / n; crude = difference of the means of all."""
    before, after = ([overall(unit, months) for unit in UNITS] for months in (FIRST, SECOND))
    found = standardised_change([estimate(x) for x in before], [estimate(x) for x in after])
    weight = np.array([len(b) + len(a) for b, a in zip(before, after, strict=True)]) / 400
    d = np.array([a.mean() - b.mean() for b, a in zip(before, after, strict=True)])
    error = sum(
        w * w * (b.var(ddof=1) / len(b) + a.var(ddof=1) / len(a)) for w, b, a in zip(weight, before, after, strict=True)
    )
    close(found.standardised.difference.value, float(weight @ d))
    close(found.standardised.difference.se, sqrt(error))
    close(found.crude, float(np.concatenate(after).mean() - np.concatenate(before).mean()))
    close(found.from_mix, (found.crude or 0) - (found.standardised.difference.value or 0))
    assert (found.covered_before, found.covered_after, found.used) == (1, 1, (0, 1, 2, 3))
    nothing_is_nan(found)


def test_one_stratum_is_the_plain_change() -> None:
    before, after = estimate(overall("u02", FIRST)), estimate(overall("u02", SECOND))
    one, plain = standardised_change([before], [after]), change(before, after)
    close(one.standardised.test.p, plain.test.p or 0)
    close(one.standardised.before.low, before.low or 0)
    close(one.from_mix, 0)


def test_more_visitors_to_the_better_unit_are_no_better_quality() -> None:
    """Simpson: the mean of all rises by 0.36 although both units fall by 0.1; the mix alone gives the rest."""
    before = [Estimate(3.0, 80, se=0.05), Estimate(3.8, 20, se=0.05)]
    after = [Estimate(2.9, 20, se=0.05), Estimate(3.7, 80, se=0.05)]
    found = standardised_change(before, after)
    close(found.standardised.difference.value, -0.1)
    close(found.crude, 0.38)
    close(found.from_mix, 0.48)
    wanted = standardised_change(before, after, mix=[9, 1])
    assert wanted.mix == (0.9, 0.1)
    close(wanted.standardised.before.value, 3.08)


def test_a_unit_seen_in_one_period_only_is_left_out_and_said_so() -> None:
    nobody = Estimate(None, 0, reason="no_answers")
    before = [Estimate(3.0, 60, se=0.1), Estimate(3.5, 40, se=0.1), nobody]
    after = [Estimate(3.2, 50, se=0.1), nobody, Estimate(3.9, 50, se=0.1)]
    found = standardised_change(before, after)
    assert (found.used, found.mix, found.covered_before, found.covered_after) == ((0,), (1.0,), 0.6, 0.5)
    nothing = standardised_change([nobody], [Estimate(3.0, 1, reason="one_respondent")])
    assert nothing.standardised.test.reason == "no_common_strata"
    nothing_is_nan((found, nothing, standardised_change([], [])))


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [([], [3, 4], "no_answers"), ([3], [3, 4], "one_respondent"), ([3, 3], [4, 4], "no_variance")],
)
def test_a_change_that_cannot_be_tested_says_why(before: list[int], after: list[int], reason: str) -> None:
    found = change(estimate(before), estimate(after))
    assert found.test.reason == reason
    nothing_is_nan(found)


def test_strata_must_be_the_same_and_shares_not_negative() -> None:
    one = Estimate(3.0, 60, se=0.1)
    with pytest.raises(ValueError, match="same strata"):
        standardised_change([one], [one, one])
    with pytest.raises(ValueError, match="negative"):
        standardised_change([one], [one], mix=[-1])


def effects(counts: np.ndarray) -> tuple[ModeEffect, ...]:
    """Of (strata, modes, v) counts of answers 1..v."""
    strata, many, v = counts.shape
    return mode_effects(Moments.of_counts(counts.reshape(strata * many, v), np.arange(1, v + 1)), modes=many)


def modes(shift: float, persons: int, strata: int = 3) -> np.ndarray:
    """(strata, 2, 4) counts of answers 1..4 at two doors, the second by ``shift`` of probability higher."""
    one = np.array([0.1, 0.2, 0.4, 0.3])
    other = one + np.array([0, -shift, 0, shift])
    return np.array([[np.rint(one * persons * 2), np.rint(other * persons)]] * strata).astype(np.int64)


def test_doors_are_alike_only_when_shown_to_be() -> None:
    """The same difference is unclear with few answers, and alike or different with many, by its size."""
    verdicts = [effects(modes(shift, persons))[0].verdict for shift, persons in ((0.01, 20), (0.01, 2000), (0.2, 2000))]
    assert verdicts == [UNCLEAR, ALIKE, DIFFERENT]


def test_the_difference_between_doors_is_taken_within_units() -> None:
    """Kiosk mostly in the good unit: crudely it looks better, within units it is not. By hand: d = 0 in both strata."""
    good, poor = np.array([0, 10, 30, 60]), np.array([40, 30, 20, 10])
    counts = np.array([[good * 9, good], [poor, poor * 9]])
    found = effects(counts)[0]
    assert (found.reference, found.mode, found.strata) == (0, 1, 2)
    assert abs(found.crude.value or 0) > 1
    close(found.adjusted.value, 0)
    close(found.heterogeneity.statistic, 0)


def test_one_stratum_without_adjustment_is_welchs_test() -> None:
    counts = modes(0.1, 50, strata=1)
    found = effects(counts)[0]
    kiosk, phone = (np.repeat(np.arange(1, 5), row) for row in counts[0])
    r = stats.ttest_ind(phone, kiosk, equal_var=False)
    close(found.test.statistic, r.statistic)
    close(found.test.p, r.pvalue, 1e-7)
    close(found.crude.value, found.adjusted.value or 0)
    assert found.heterogeneity.reason == "one_stratum"


def test_an_effect_that_differs_from_unit_to_unit_is_said() -> None:
    counts = np.concatenate([modes(0.2, 500, 1), modes(-0.2, 500, 1)])
    found = effects(counts)[0]
    close(found.adjusted.value, 0)
    assert found.heterogeneity.p is not None and found.heterogeneity.p < 1e-6
    assert found.verdict == VARIES
    d = 0.4  # +0.4 in one unit, -0.4 in the other
    variance = sum(np.var(np.repeat(np.arange(1, 5), row), ddof=1) / row.sum() for row in counts[0])
    other = sum(np.var(np.repeat(np.arange(1, 5), row), ddof=1) / row.sum() for row in counts[1])
    w = np.array([1 / variance, 1 / other])
    q = float(w @ (np.array([d, -d]) - w @ [d, -d] / w.sum()) ** 2)
    close(found.heterogeneity.statistic, q)
    close(found.between, sqrt((q - 1) / (w.sum() - w @ w / w.sum())))


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([[[3, 4], [0, 0]], [[0, 0], [2, 5]]], "no_common_strata"),
        ([[[3, 4], [0, 1]]], "no_common_strata"),
        ([[[5, 0], [0, 5]]], "no_variance"),
    ],
)
def test_doors_never_seen_in_the_same_unit_cannot_be_compared(counts: list, reason: str) -> None:  # type: ignore[type-arg]
    (found,) = effects(np.array(counts))
    assert found.adjusted.reason == found.test.reason == reason and found.verdict is None
    nothing_is_nan(found)


def test_doors_may_be_compared_by_the_index_of_each_cell() -> None:
    """Two units, kiosk and phone, an index with its standard error: d = 2 and 4, weights n n / (n + n) = 50 and 25."""
    cells = [Estimate(v, n, se=1.0) for v, n in ((80.0, 100), (82.0, 100), (70.0, 50), (74.0, 50))]
    (found,) = mode_effects(Moments.of_estimates(cells), modes=2, margin=5)
    close(found.adjusted.value, (50 * 2 + 25 * 4) / 75)
    close(found.adjusted.se, sqrt(2 * (4 / 9) + 2 * (1 / 9)))
    close(found.crude.value, (82 * 100 + 74 * 50 - 80 * 100 - 70 * 50) / 150)
    assert found.margin == 5
    with pytest.raises(ValueError, match="3 cells"):
        mode_effects(Moments.of_estimates(cells[:3]), modes=2)


def test_one_door_alone_has_nothing_to_be_compared_with() -> None:
    assert effects(np.array([[[3, 4], [0, 0]]])) == ()


def zone(*persons: tuple[int, int, int], times: int = 1) -> np.ndarray:
    table = np.zeros((8, 8, 8), dtype=np.int64)
    for minimum, expectation, perception in persons:
        table[minimum, expectation, perception] += times
    return table


def test_perception_stands_below_within_or_above_the_zone() -> None:
    """Minimum 3 or 4, expectation 6: found 2 to 3 below, 5 within, 7 above; many persons leave no doubt."""
    for low, high, position in ((2, 3, BELOW), (4, 5, WITHIN), (7, 7, ABOVE)):
        found = zone_of_tolerance(zone((3, 6, low), (4, 6, high), times=50))
        assert (found.position, found.undecided) == (position, False)
        assert {BELOW: found.below, WITHIN: found.within, ABOVE: found.above}[position].value == 1
        nothing_is_nan(found)


def test_adequacy_and_superiority_are_paired_over_persons_with_all_three_answers() -> None:
    """Three complete persons: P - M = 1, -1, 3 and P - E = -1, -3, 0; R: t.test(..., paired = TRUE)."""
    found = zone_of_tolerance(zone((3, 5, 4), (4, 6, 3), (3, 6, 6), (0, 6, 2), (3, 0, 2), (3, 6, 0)))
    assert found.n == 3
    close(found.adequacy.difference.value, 1)
    close(found.superiority.difference.value, -4 / 3)
    close(found.width.value, (2 + 2 + 3) / 3)
    close(found.adequacy.t.statistic, stats.ttest_1samp([1, -1, 3], 0).statistic)
    assert [share.value for share in (found.below, found.within, found.above)] == pytest.approx([1 / 3, 2 / 3, 0])
    close(found.below.low, 0.06149194472039637)  # R: prop.test(1, 3, correct = FALSE)$conf.int, Wilson's
    assert (found.position, found.undecided) == (WITHIN, True)


def test_a_minimum_above_the_expectation_leaves_no_zone() -> None:
    found = zone_of_tolerance(zone((6, 4, 5), (3, 5, 4)))
    assert (found.n, found.inverted, found.within.n) == (2, 1, 1)
    for table in (zone(), zone((6, 4, 5)), zone((0, 4, 5)), zone((3, 5, 4))):
        nothing_is_nan(zone_of_tolerance(table))
    assert zone_of_tolerance(zone()).position is None
    assert zone_of_tolerance(zone((6, 4, 5))).within.reason == "no_zone"
