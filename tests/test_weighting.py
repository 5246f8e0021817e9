"""Weights and the weighted index, against R's survey package. Tolerance 1e-9 relative, weights 1e-8."""

from fractions import Fraction
from math import isclose

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.arrays import Integers
from analysis.counting.tally import index_counts
from analysis.methods.certainty import index_cells
from analysis.methods.weighting import Margin, Weights, rake, weighted_index, weighted_table, weighting_cells
from tests.numbers import ikm400, reference, rows400

REL = 1e-9
FOUR = (4,) * 9
NINTH = Fraction(1, 9)
SEX = ["F", "M"]
AGE = ["17-25", "26-35", "36-45", "46-60", ">60"]


def sample(drop: list[tuple[int, int]] | None = None) -> tuple[Integers, Integers, list[Margin], np.ndarray]:
    """(cross, counts) by cell of sex x age, both margins of R's population, and the cell of each person."""
    sex = np.array([SEX.index(row["gender"]) for row in rows400()])
    age = np.array([AGE.index(row["age"]) for row in rows400()])
    cell, codes = weighting_cells([sex, age])
    cross, counts = index_counts(ikm400(drop=drop or []), cell, codes.shape[1])
    known = reference()["weighting"]["margins"]
    margins = [
        Margin("sex", codes[0], np.array([float(known["gender"][name]) for name in SEX])),
        Margin("age", codes[1], np.array([float(known["age"][name]) for name in AGE])),
    ]
    return cross, counts, margins, cell


def test_raking_gives_the_weights_of_r() -> None:
    """R: rake(design, list(~gender, ~age), margins, control = list(epsilon = 1e-9)); R's sum is 20,000, ours 400."""
    _, counts, margins, cell = sample()
    weights = rake(counts, margins)
    r = reference()["weighting"]
    assert weights.cell is not None
    assert np.allclose(weights.cell[cell][:20] * 50, r["rake_weights_first20"], rtol=1e-8, atol=0)
    assert isclose(weights.smallest or 0, r["rake_w_minmax"][0] / 50, rel_tol=1e-8)
    assert isclose(weights.largest or 0, r["rake_w_minmax"][1] / 50, rel_tol=1e-8)
    assert isclose(weights.effective_n or 0, r["kish"]["n_eff"], rel_tol=REL)
    assert isclose(weights.design_effect or 0, r["kish"]["deff"], rel_tol=REL)
    assert weights.reason is None


def test_the_raked_index_has_the_linearised_standard_error_of_r() -> None:
    """R: svymean(~ikm, rake(...)), and with the weights taken as given svymean(..., deff = "replace")."""
    cross, counts, margins, _ = sample()
    found = weighted_index(cross, counts, rake(counts, margins), margins, points=FOUR, weight=NINTH)
    r = reference()["weighting"]
    assert isclose(found.weighted.value or 0, r["rake_ikm"], rel_tol=REL)
    assert isclose(found.weighted.se or 0, r["rake_se_linearised"], rel_tol=REL)
    assert isclose(found.se_ignoring_margins or 0, r["naive_weighted_se"], rel_tol=REL)
    assert isclose(found.design_effect_ignoring_margins or 0, r["naive_deff"], rel_tol=REL)
    assert isclose(found.unweighted.value or 0, r["unweighted_ikm"], rel_tol=REL)
    assert found.weighted.n == 400


def test_post_stratification_is_raking_to_one_margin() -> None:
    """R: svymean(~ikm, postStratify(design, ~gender, margin))."""
    cross, counts, margins, _ = sample()
    weights = rake(counts, margins[:1])
    found = weighted_index(cross, counts, weights, margins[:1], points=FOUR, weight=NINTH)
    r = reference()["weighting"]
    assert weights.rounds == 1
    assert isclose(found.weighted.value or 0, r["poststrat_gender_ikm"], rel_tol=REL)
    assert isclose(found.weighted.se or 0, r["poststrat_gender_se"], rel_tol=REL)


def test_weights_of_one_give_the_unweighted_index_and_its_standard_error() -> None:
    """R: ikm_ref(); a single margin with the proportions of the sample and one category explains nothing."""
    cross, counts, _, _ = sample(drop=[(i - 1, i % 9) for i in range(1, 401, 7)])
    one = Margin("everybody", np.zeros(len(counts), dtype=np.int64), np.array([400.0]))
    found = weighted_index(cross, counts, rake(counts, [one]), [one], points=FOUR, weight=NINTH)
    r = reference()["ikm_missing_every7"]
    assert isclose(found.weighted.value or 0, r["ikm_exact"], rel_tol=REL)
    assert isclose(found.weighted.se or 0, r["se"], rel_tol=REL)
    assert isclose(found.unweighted.se or 0, r["se"], rel_tol=REL)
    assert isclose(found.design_effect or 0, 1, rel_tol=0.02)  # not exactly: elements have different numbers of answers


def test_a_population_makes_the_interval_shorter() -> None:
    """R: svydesign(fpc = ~N): the variance x (1 - 400 / 2000)."""
    cross, counts, margins, _ = sample()
    weights = rake(counts, margins)
    found = weighted_index(cross, counts, weights, margins, points=FOUR, weight=NINTH, population=2000)
    assert isclose(found.weighted.se or 0, reference()["weighting"]["rake_se_linearised"] * 0.8**0.5, rel_tol=REL)


@settings(max_examples=40, deadline=None)
@given(
    counts=st.lists(st.integers(1, 50), min_size=12, max_size=12),
    sex=st.lists(st.floats(1, 100), min_size=3, max_size=3),
    age=st.lists(st.floats(1, 100), min_size=4, max_size=4),
)
def test_raked_weights_reproduce_every_margin(counts: list[int], sex: list[float], age: list[float]) -> None:
    """3 x 4 full cells, any proportions: shares after weighting are those of the population."""
    people = np.array(counts)
    rows, columns = np.repeat(np.arange(3), 4), np.tile(np.arange(4), 3)
    weights = rake(people, [Margin("a", rows, np.array(sex)), Margin("b", columns, np.array(age))])
    assert weights.cell is not None
    weighted = people * weights.cell
    assert isclose(weighted.sum(), people.sum(), rel_tol=1e-9)
    for codes, totals in ((rows, sex), (columns, age)):
        shares = np.bincount(codes, weights=weighted) / weighted.sum()
        assert np.allclose(shares, np.array(totals) / sum(totals), rtol=1e-9)
    assert weights.totals_differ == (abs(sum(sex) - sum(age)) > 1e-6 * max(sum(sex), sum(age)))


def test_a_group_without_respondents_is_named_and_nothing_is_weighted() -> None:
    """Category 2 of "age" has people, but nobody answered."""
    margin = Margin("age", np.array([0, 1]), np.array([10.0, 10.0, 5.0]))
    weights = rake(np.array([4, 6]), [margin])
    assert (weights.cell, weights.reason, weights.where) == (None, "margin_without_respondents", (("age", 2),))
    cross, persons = index_counts(ikm400(), np.arange(400, dtype=np.intp) % 2, 2)
    found = weighted_index(cross, persons, weights, [margin], points=FOUR, weight=NINTH)
    assert (found.weighted.value, found.weighted.reason) == (None, "margin_without_respondents")
    assert found.unweighted.value is not None


def test_respondents_of_a_group_without_people_are_not_dropped_silently() -> None:
    """A weight of 0 would take them out of the result."""
    weights = rake(np.array([4, 6]), [Margin("age", np.array([0, 1]), np.array([10.0, 0.0]))])
    assert (weights.reason, weights.where) == ("margin_without_population", (("age", 1),))


def test_margins_that_contradict_each_other_are_said_not_to_converge() -> None:
    """Only two of four cells occur, so both margins must be equal; they are 50:50 and 60:40."""
    codes = np.array([0, 1])
    both = [Margin("a", codes, np.array([50.0, 50.0])), Margin("b", codes, np.array([60.0, 40.0]))]
    weights = rake(np.array([10, 10]), both)
    assert (weights.cell, weights.reason, weights.rounds) == (None, "not_converged", 1000)
    assert weights.error > 0.1


def test_who_did_not_say_keeps_the_share_of_the_sample() -> None:
    """10 of 40 did not tell their sex: they stay a quarter, the others become 50:50."""
    margin = Margin("sex", np.array([0, 1, -1]), np.array([500.0, 500.0]))
    counts = np.array([20, 10, 10])
    weights = rake(counts, [margin])
    assert weights.cell is not None
    assert np.allclose(counts * weights.cell, [15, 15, 10])
    silent = rake(np.array([10]), [Margin("sex", np.array([-1]), np.zeros(0))])
    assert silent.cell is not None and np.allclose(silent.cell, 1)


def test_design_weights_come_before_the_margins() -> None:
    """A unit sampled at half the rate has base weight 2; without margins to repair, that is what remains."""
    one = Margin("everybody", np.array([0, 0]), np.array([30.0]))
    weights = rake(np.array([10, 10]), [one], base=np.array([2.0, 1.0]))
    assert weights.cell is not None
    assert np.allclose(weights.cell, [4 / 3, 2 / 3])


def test_nobody_and_one_person_have_reasons() -> None:
    """n = 0: no weights; n = 1: a value without interval."""
    margin = Margin("everybody", np.array([0]), np.array([9.0]))
    assert rake(np.array([0]), [margin]).reason == "no_answers"
    cross, persons = index_counts(ikm400(rows=[0]), np.zeros(1, dtype=np.intp), 1)
    found = weighted_index(cross, persons, rake(persons, [margin]), [margin], points=FOUR, weight=NINTH)
    assert (found.weighted.se, found.weighted.reason) == (None, "one_respondent")
    assert found.weighted.value is not None


def test_people_who_all_agree_have_no_spread() -> None:
    """Two cells of five persons who answered 4 everywhere."""
    cross = np.zeros((2, 18, 18), dtype=np.int64)
    cross[:, :9, :9], cross[:, :9, 9:], cross[:, 9:, :9], cross[:, 9:, 9:] = 80, 20, 20, 5
    margin = Margin("a", np.array([0, 1]), np.array([3.0, 1.0]))
    counts = np.array([5, 5])
    found = weighted_index(cross, counts, rake(counts, [margin]), [margin], points=FOUR, weight=NINTH)
    assert (found.weighted.value, found.weighted.se) == (100.0, 0.0)


def test_weighted_counts_are_counts_times_weights() -> None:
    """Two cells with weights 2 and 1/2."""
    weights = Weights(np.array([2.0, 0.5]), 10)
    table = weighted_table(np.array([[0, 3, 1], [1, 2, 4]]), weights)
    assert table is not None
    assert table.tolist() == [0.5, 7.0, 4.0]
    assert weighted_table(np.array([[1]]), Weights(None, 0)) is None


def test_weighting_cells_are_the_combinations_that_occur() -> None:
    """Four persons, three combinations."""
    cell, codes = weighting_cells([np.array([1, 0, 1, 1], dtype=np.uint16), np.array([2, 2, 2, 0], dtype=np.uint8)])
    assert codes.tolist() == [[0, 1, 1], [2, 0, 2]]
    assert cell.tolist() == [2, 0, 2, 1]


def test_weighted_results_of_units_add_up_like_their_counts() -> None:
    """Counts by cell of two halves of the sample, added, give the weights and the index of the whole."""
    cross, counts, margins, cell = sample()
    half = np.arange(400) % 2
    parts = index_counts(ikm400(), cell + 10 * half, 20)
    assert np.array_equal(parts[0][:10] + parts[0][10:], cross)
    assert np.array_equal(parts[1][:10] + parts[1][10:], counts)
    assert index_cells(cross, counts, points=FOUR, weight=NINTH).n.sum() == 400
    assert rake(parts[1][:10] + parts[1][10:], margins).effective_n == rake(counts, margins).effective_n


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Margin("a", np.array([0, 2]), np.array([1.0, 1.0])),
        lambda: Margin("a", np.array([0]), np.array([-1.0])),
        lambda: Margin("a", np.array([0]), np.array([np.nan])),
        lambda: Margin("a", np.array([0]), np.array([[1.0]])),
        lambda: rake(np.array([1, 2]), [Margin("a", np.array([0]), np.array([1.0]))]),
        lambda: weighting_cells([]),
    ],
)
def test_margins_that_do_not_fit_are_refused(wrong: object) -> None:
    """Programming errors."""
    with pytest.raises(ValueError, match=r"margin|cells"):
        wrong()  # type: ignore[operator]
