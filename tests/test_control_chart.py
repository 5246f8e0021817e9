"""Control charts, against R and by hand. Tolerance 1e-9 relative."""

from math import isclose, nan, sqrt

import numpy as np
import pytest

from analysis.methods.control_chart import (
    D2_EXACT,
    D4_EXACT,
    Signal,
    c4,
    p_chart,
    p_prime,
    pooled_deviation,
    signals_in,
    xbar_s,
    xmr,
)
from tests.numbers import codes400, reference, rows400

REL = 1e-9
R = reference()["control"]
MONTHS = reference()["ikm_by_month"]
INDEX = [month["ikm_exact"] for month in MONTHS.values()]
SIZES = [month["n"] for month in MONTHS.values()]
DEVIATIONS = [month["se"] * sqrt(month["n"]) for month in MONTHS.values()]


def close(ours: object, theirs: object) -> bool:
    return bool(np.allclose(np.asarray(ours, float), np.asarray(theirs, float), rtol=REL, atol=0))


def test_individual_values_and_moving_ranges_have_the_limits_of_r() -> None:
    """R: mean -+ 3 mr / 1.128, mean + 3 mr / (2 / sqrt(pi)), 3.267 mr."""
    individual, ranges = xmr(INDEX)
    r = R["xmr"]
    assert close(individual.center, r["center"])
    assert close(individual.low, [r["lcl"]] * 6)
    assert close(individual.high, [r["ucl"]] * 6)
    assert close(ranges.center, r["mr_bar"])
    assert close(ranges.high, [r["mr_ucl_D4_3.267"]] * 6)
    assert ranges.low.tolist() == [0.0] * 6
    exact, exact_ranges = xmr(INDEX, d2=D2_EXACT, d4=D4_EXACT)
    assert close(exact.high, [r["ucl_exact_d2"]] * 6)
    assert isclose(exact_ranges.high[0], r["mr_bar"] * 3.26653, rel_tol=1e-5)
    assert individual.signals == ()


def test_means_of_months_have_the_limits_of_r() -> None:
    """R: control$xbar_s_pooled: weighted centre, pooled sigma, limits by n; also with sigma / c4."""
    means, _ = xbar_s(SIZES, INDEX, DEVIATIONS)
    r = R["xbar_s_pooled"]
    assert close(means.center, r["center"])
    assert close(means.high, list(r["ucl"].values()))
    assert close(means.low, list(r["lcl"].values()))
    assert close(pooled_deviation(SIZES, DEVIATIONS), r["sigma_pooled"])
    assert close(pooled_deviation(SIZES, DEVIATIONS, unbiased=True), r["sigma_pooled_c4"])
    assert close(DEVIATIONS, list(r["sd"].values()))


def test_spreads_of_months_have_limits_around_c4_sigma() -> None:
    """Printed tables: c4(2) = 0.797885, c4(5) = 0.939986, c4(25) = 0.989640; for n = 5 B3 = 0, B4 = 2.089."""
    assert np.allclose(c4([2, 5, 25]), [0.797885, 0.939986, 0.989640], atol=5e-7)
    assert isclose(float(c4(10**6)), 1 - 1 / (4 * (10**6 - 1)), rel_tol=1e-12)
    _, spread = xbar_s([5, 5], [1.0, 2.0], [1.0, 1.0])
    assert np.allclose(spread.high / (0.939986), 2.089, atol=1e-3)
    assert spread.low.tolist() == [0.0, 0.0]
    assert spread.clipped


def test_limits_beyond_the_scale_are_cut_and_said_to_be() -> None:
    """Index values near 100."""
    individual, _ = xmr([99, 95, 99.5, 96], ends=(25, 100))
    assert individual.high.tolist() == [100.0] * 4
    assert individual.clipped


def test_shares_have_the_limits_of_r() -> None:
    """R: control$p_chart: share of overall >= 6 by month."""
    months = sorted({row["month"] for row in rows400()})
    high = np.array(codes400("overall")) >= 6
    which = np.array([months.index(row["month"]) for row in rows400()])
    counts = [int(high[which == month].sum()) for month in range(6)]
    found, r = p_chart(counts, SIZES), R["p_chart"]
    assert close(found.values, list(r["p"].values()))
    assert close(found.center, r["pbar"])
    assert close(found.high, r["ucl"] if isinstance(r["ucl"], list) else list(r["ucl"].values()))
    assert close(found.low, r["lcl"] if isinstance(r["lcl"], list) else list(r["lcl"].values()))


def test_laneys_chart_widens_the_limits_by_the_spread_between_months() -> None:
    """By hand: 500, 550, 450, 600 of 1000: p = 0.525, sigma = 0.0157916; z = -1.5831, 1.5831, -4.7493, 4.7493.

    Moving ranges 3.1662, 6.3324, 9.4987: mean 6.3324, sigma_z = 6.3324 / 1.128 = 5.6139; sigma x sigma_z = 0.0886525,
    the mean range of the shares (0.1) / 1.128.
    """
    plain, laney = p_chart([500, 550, 450, 600], [1000] * 4), p_prime([500, 550, 450, 600], [1000] * 4)
    assert np.allclose(laney.error, 0.1 / 1.128, rtol=REL)
    assert plain.signals == (Signal("beyond", (2, 3)),)
    assert laney.signals == ()


def test_each_rule_finds_its_signal_and_nothing_else() -> None:
    """Distances from the centre in standard errors."""
    assert signals_in(np.array([0, 3.1, 0, -3.01, 3.0])) == (Signal("beyond", (1, 3)),)
    assert signals_in(np.array([2.1, 0.1, 2.2, -2.5, 0])) == (Signal("two_of_three", (2,)),)
    assert signals_in(np.array([2.1, 0, 0, 2.2])) == ()
    assert signals_in(np.array([-1, *[0.5] * 8, -1])) == (Signal("run", tuple(range(1, 9))),)
    assert signals_in(np.array([0.5] * 7)) == ()
    assert signals_in(np.array([0.5] * 5 + [0] + [0.5] * 5)) == ()
    assert signals_in(np.array([nan, 4.0])) == (Signal("beyond", (1,)),)


def test_a_moving_range_beyond_its_limit_is_a_signal() -> None:
    """Eleven quiet months and a jump."""
    _, ranges = xmr([80, 81, 80, 81, 80, 81, 80, 81, 80, 81, 95])
    assert ranges.signals == (Signal("beyond", (10,)),)


def test_too_few_periods_and_no_variation_have_reasons() -> None:
    """n = 0 and 1; constant values; periods of one respondent."""
    for values in ([], [80.0]):
        assert [chart.reason for chart in xmr(values)] == ["too_few_periods"] * 2
    flat = xmr([80, 80, 80])[0]
    assert (flat.reason, flat.signals, flat.center) == ("no_variation", (), 80.0)
    assert xbar_s([1, 1], [3.0, 4.0], [nan, nan])[0].reason == "too_few_periods"
    assert p_chart([3], [5]).reason == "too_few_periods"
    assert p_chart([0, 0], [5, 5]).reason == "no_variation"
    assert p_prime([5, 5], [5, 5]).reason == "no_variation"
    with pytest.raises(ValueError, match="size"):
        p_chart([6], [5])


def test_a_period_of_one_respondent_has_a_mean_but_no_spread() -> None:
    """Sizes 1, 3, 3: sigma comes from the other two."""
    means, spread = xbar_s([1, 3, 3], [1.0, 2.0, 3.0], [nan, 1.0, 2.0])
    assert isclose(pooled_deviation([1, 3, 3], [nan, 1.0, 2.0]) or 0, sqrt(2.5))
    assert np.isfinite(means.high).all()
    assert np.isnan(spread.high).tolist() == [True, False, False]
