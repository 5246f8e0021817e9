"""Periods, Mann-Kendall and Sen, against R and against scipy's independent implementation."""

from itertools import permutations
from math import exp, isclose

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.methods.estimate import Estimate
from analysis.methods.trend import Period, exact_p, mann_kendall, period_name, period_numbers, periods_of, sen_slope
from tests.numbers import reference

REL = 1e-9
MONTHS = [month["ikm_exact"] for month in reference()["ikm_by_month"].values()]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Period.MONTH, ["2025-12", "2026-01", "2026-06", "2026-07", "2026-12"]),
        (Period.QUARTER, ["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]),
        (Period.SEMESTER, ["2025-S2", "2026-S1", "2026-S1", "2026-S2", "2026-S2"]),
        (Period.YEAR, ["2025", "2026", "2026", "2026", "2026"]),
    ],
)
def test_a_day_falls_into_its_period(kind: Period, names: list[str]) -> None:
    """The first and last days of months, semesters and years."""
    days = np.array([20251231, 20260101, 20260630, 20260701, 20261231])
    assert [period_name(int(number), kind) for number in period_numbers(days, kind)] == names


def test_periods_are_in_sequence_and_the_missing_ones_are_named() -> None:
    """November 2025, January 2026 (twice) and one response whose day is not known; December is missing."""
    found = periods_of(np.array([20260131, 0, 20251101, 20260102], dtype=np.int32), Period.MONTH)
    assert found.names == ("2025-11", "2026-01")
    assert found.place.tolist() == [1, -1, 0, 1]
    assert [period_name(number, Period.MONTH) for number in found.missing] == ["2025-12"]
    empty = periods_of(np.zeros(3, dtype=np.int32), Period.YEAR)
    assert (empty.names, empty.missing, empty.place.tolist()) == ((), (), [-1, -1, -1])


def test_mann_kendall_is_that_of_r() -> None:
    """R: S, var, z and p with continuity correction by formula, cor.test(method = "kendall", exact = FALSE)."""
    found, r = mann_kendall(MONTHS), reference()["control"]["mann_kendall"]
    assert found.s == r["S"]
    assert isclose(found.tau or 0, r["tau"], rel_tol=REL)
    assert isclose(found.variance or 0, r["var"], rel_tol=REL)
    assert isclose(found.z or 0, r["z_cc"], rel_tol=REL)
    assert isclose(found.p or 0, r["p_cc"], rel_tol=1e-7)
    assert isclose(found.p_uncorrected or 0, r["p_r_nocc"], rel_tol=1e-7)
    assert isclose(exp(found.log_p or 0), r["p_cc"], rel_tol=1e-7)


def test_sens_slope_is_that_of_r() -> None:
    """R: median of all pairwise slopes."""
    found = sen_slope(MONTHS)
    assert isclose(found.value or 0, reference()["control"]["mann_kendall"]["sen_slope"], rel_tol=REL)
    assert found.n == 6


@pytest.mark.parametrize("n", [3, 4, 5])
def test_the_exact_p_value_is_a_count_of_orders(n: int) -> None:
    """All n! orders, counted one by one."""
    reached = [abs(mann_kendall(order).s or 0) for order in permutations(range(n))]
    for s in set(reached):
        share = sum(other >= s for other in reached) / len(reached)
        assert isclose(exact_p(n, s), min(share, 1), rel_tol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=5, max_size=30))
def test_ties_are_corrected_as_another_implementation_does_it(values: list[int]) -> None:
    """scipy.stats.kendalltau (asymptotic: no continuity correction) and theilslopes; exact where there are no ties."""
    found, slope = mann_kendall(values), sen_slope(values)
    theirs = stats.theilslopes(values)
    assert isclose(slope.value or 0, theirs.slope, rel_tol=REL, abs_tol=1e-12)
    if slope.low is not None:
        assert isclose(slope.low, theirs.low_slope, rel_tol=REL, abs_tol=1e-12)
        assert isclose(slope.high or 0, theirs.high_slope, rel_tol=REL, abs_tol=1e-12)
    if found.reason:
        assert len(set(values)) == 1
        return
    tau = stats.kendalltau(range(len(values)), values, method="asymptotic")
    assert isclose(found.tau or 0, tau.statistic, rel_tol=REL, abs_tol=1e-12)
    assert isclose(found.p_uncorrected or 0, tau.pvalue, rel_tol=1e-7)
    if found.p_exact is not None:
        exact = stats.kendalltau(range(len(values)), values, method="exact").pvalue
        assert isclose(found.p_exact, exact, rel_tol=1e-9)


def test_a_long_steady_rise_keeps_its_tiny_p_value() -> None:
    """1,000 rising values: p has underflowed (z is about 47), its logarithm has not."""
    found = mann_kendall(range(1000))
    assert found.tau == 1
    assert found.p == 0 or (found.p or 1) < 1e-300
    assert -1200 < (found.log_p or 0) < -1000
    assert found.p_exact is None


def test_a_missing_period_makes_the_slope_flatter() -> None:
    """Values 1, 2, 3 in months 0, 1 and 5: slopes 1, 2/5, 1/4."""
    assert sen_slope([1, 2, 3], [0, 1, 5]).value == 0.4
    assert sen_slope([1, np.nan, 3, 4], [0, 1, 2, 3]).n == 3


def test_too_few_or_equal_values_have_a_reason() -> None:
    """n = 0, 1, 2; constant values; four periods cannot reach 95 %."""
    for values in ([], [1.0], [1.0, 2.0]):
        assert mann_kendall(values).reason == "too_few_periods"
        assert sen_slope(values) == Estimate(None, len(values), reason="too_few_periods")
    flat = mann_kendall([3, 3, 3])
    assert (flat.reason, flat.s, flat.p) == ("no_variation", 0, None)
    four = sen_slope([1, 2, 3, 5])
    assert (four.reason, four.low) == ("too_few_periods", None)
    assert four.value == pytest.approx(7 / 6)
    with pytest.raises(ValueError, match="times"):
        sen_slope([1, 2, 3], [0, 2, 1])
