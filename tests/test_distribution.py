"""Quantiles, shares and shape from counts, against R. Tolerance 1e-9 relative."""

from fractions import Fraction
from math import isclose

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.methods.distribution import (
    CLOPPER_PEARSON,
    Quartiles,
    bottom_boxes,
    net_balance,
    quantile,
    quartiles,
    shape,
    share,
    top_boxes,
)
from analysis.methods.estimate import Estimate
from tests.numbers import SERVQUAL, codes400, reference

REL = 1e-9
ITEMS = [f"{dimension}{k}" for dimension, n in SERVQUAL.items() for k in range(1, n + 1)]


def counts(values: list[int], codes: int = 7) -> np.ndarray:
    return np.bincount(values, minlength=codes + 1)


@pytest.mark.parametrize("prefix", ["E", "P"])
@pytest.mark.parametrize("item", ITEMS)
def test_quartiles_and_shape_of_every_item_are_those_of_r(prefix: str, item: str) -> None:
    """R: median, quantile (type 7), moments by formula; kurtosi (psych) is type 3, skew (semTools) is G1."""
    found, r = counts(codes400(f"{prefix}_{item}")), reference()[f"item_{prefix}"][item]
    assert quartiles(found) == Quartiles(r["n"], Fraction(r["q1"]), Fraction(r["median"]), Fraction(r["q3"]))
    form = shape(found)
    for ours, theirs in (
        (form.g1, r["skew_g1"]),
        (form.G1, r["skew_G1"]),
        (form.G1, r["skew_b1"][0]),
        (form.g2, r["kurt_g2"]),
        (form.G2, r["kurt_G2"]),
        (form.b2, r["kurt_b2"]),
    ):
        assert isclose(ours or 0, theirs, rel_tol=REL), (ours, theirs)
    assert isclose(form.b1 or 0, r["skew_g1"] * (1 - 1 / r["n"]) ** 1.5, rel_tol=REL)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(1, 7), min_size=1, max_size=40), st.fractions(0, 1))
def test_a_quantile_from_counts_is_that_of_the_answers(values: list[int], part: Fraction) -> None:
    """numpy.quantile (linear = type 7) on the answers one by one."""
    ours = quantile(counts([*values, 0, 0]), part)
    assert ours is not None
    assert isclose(float(ours), float(np.quantile(values, float(part))), rel_tol=1e-9)


def test_the_top_boxes_have_the_intervals_of_r() -> None:
    """R: prop.test(k, n, correct = FALSE) and binom.test(k, n): overall >= 6 of seven points."""
    found, r = counts(codes400("overall")), reference()["top2box"]
    wilson, exact = top_boxes(found), top_boxes(found, method=CLOPPER_PEARSON)
    assert (wilson.value, wilson.n) == (r["p"], r["n"])
    assert np.allclose([wilson.low, wilson.high], r["wilson"], rtol=REL, atol=0)
    assert np.allclose([exact.low, exact.high], r["clopper"], rtol=REL, atol=0)


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 3000), st.floats(0, 1))
def test_intervals_of_any_share_are_those_of_another_implementation(n: int, part: float) -> None:
    """scipy.stats.binomtest(k, n).proportion_ci."""
    k = round(part * n)
    theirs = stats.binomtest(k, n)
    for method, name in (("wilson", "wilson"), (CLOPPER_PEARSON, "exact")):
        ours, ci = share(k, n, method=method), theirs.proportion_ci(method=name)
        assert isclose(ours.low or 0, ci.low, rel_tol=REL, abs_tol=1e-14)
        assert isclose(ours.high or 0, ci.high, rel_tol=REL, abs_tol=1e-14)
        assert 0 <= (ours.low or 0) <= k / n <= (ours.high or 0) <= 1


def test_shares_of_nobody_and_of_everybody() -> None:
    """0 of 0 is not defined; 0 of n and n of n touch the end."""
    assert share(0, 0) == Estimate(None, 0, reason="no_answers")
    assert top_boxes(counts([0, 0])).reason == "no_answers"
    assert share(0, 5).low == 0.0
    assert share(5, 5).high == 1.0
    assert share(5, 5, method=CLOPPER_PEARSON).high == 1.0
    with pytest.raises(ValueError, match="no share"):
        share(6, 5)
    with pytest.raises(ValueError, match="method"):
        share(1, 5, method="wald")


def test_bottom_boxes_count_from_the_other_end() -> None:
    """1, 1, 2, 4 of four points: three of four in the lowest two, one in the lowest one is wrong: two."""
    found = counts([1, 1, 2, 4, 0], 4)
    assert bottom_boxes(found).value == 0.75
    assert bottom_boxes(found, boxes=1).value == 0.5
    assert top_boxes(found, boxes=1).value == 0.25
    with pytest.raises(ValueError, match="boxes"):
        top_boxes(found, boxes=5)


def test_the_net_balance_is_a_mean_of_plus_and_minus_one() -> None:
    """R: t.test(c(-1, -1, -1, 1)): mean -0.5, se 0.5, n 4; on seven points 4 is neutral."""
    found = net_balance(counts([1, 1, 2, 4, 0], 4))
    assert (found.value, found.se, found.n) == (-0.5, 0.5, 4)
    assert net_balance(counts([4, 4, 7])).value == pytest.approx(1 / 3)
    assert net_balance(counts([3, 5, 7]), boxes=1).value == pytest.approx(1 / 3)
    assert net_balance(counts([])).reason == "no_answers"
    with pytest.raises(ValueError, match="overlap"):
        net_balance(counts([1], 4), boxes=3)


def test_few_or_equal_answers_have_no_shape_but_a_reason() -> None:
    """n = 0; constant; two and three different answers."""
    assert shape(counts([0])).reason == "no_answers"
    assert shape(counts([4, 4, 4, 4])).reason == "no_variation"
    two = shape(counts([1, 2]))
    assert (two.g1, two.G1, two.G2, two.reason) == (0.0, None, None, "too_few_answers")
    three = shape(counts([1, 1, 2]))
    assert pytest.approx(1.7320508075688772) == three.G1
    assert (three.G2, three.reason) == (None, "too_few_answers")


def test_without_answers_there_are_no_quartiles() -> None:
    """n = 0 and n = 1."""
    assert quartiles(counts([0, 0])) == Quartiles(0, None, None, None)
    assert quartiles(counts([3])) == Quartiles(1, Fraction(3), Fraction(3), Fraction(3))
    with pytest.raises(ValueError, match="share"):
        quantile(counts([3]), 2)


def test_a_million_answers_cost_what_ten_cost() -> None:
    """Only counts are read: exact at any size."""
    many = np.array([0, 250_000, 250_000, 250_000, 250_000])
    assert quartiles(many).lower == Fraction(7, 4)
    assert shape(many).g1 == 0
