"""The probability of a grade, and the way to the next one."""

from decimal import Decimal
from fractions import Fraction
from math import isclose

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.arrays import Integers
from analysis.counting.tally import index_counts
from analysis.methods.grades import grade_probabilities, grade_under, grades_by_convention, lowest_exact, next_grade
from analysis.methods.ikm import graded, half_up
from analysis.regulation import EXACT, RuleSet, rule_set
from tests.numbers import ikm400, reference

NINE = (4,) * 9
RULES = rule_set("skm-2017")
OLD = rule_set("skm-2004")
ANNEX_2004 = [
    "3.45",
    "2.65",
    "3.53",
    "2.31",
    "1.55",
    "3.12",
    "2.13",
    "2.43",
    "3.21",
    "1.45",
    "1.93",
    "2.31",
    "3.03",
    "1.56",
]


def whole() -> tuple[list[Fraction], Integers, int]:
    people = ikm400()
    cross, persons = index_counts(people, np.zeros(400, dtype=np.intp), 1)
    return [Fraction(int(total), 400) for total in cross[0, :9, 9:].diagonal()], cross[0], int(persons[0])


def probabilities(value: float | Fraction, se: float, rules: RuleSet = RULES) -> dict[str, float]:
    return {g.grade: g.probability for g in grade_probabilities(value, se, degrees=399, rules=rules)}


def test_a_limit_applies_to_the_rounded_value_so_the_half_below_it_belongs_to_the_grade() -> None:
    """88.305 is rounded half-up to 88.31, grade A: an index of exactly 88.305 has even chances (t is symmetric)."""
    assert lowest_exact(Decimal("88.31")) == Fraction("88.305")
    found = probabilities(Fraction("88.305"), 0.5)
    assert isclose(found["A"], 0.5, rel_tol=1e-12)
    assert isclose(found["B"], 0.5, rel_tol=1e-9)


def test_the_probabilities_are_areas_of_the_t_distribution() -> None:
    """R: pt((77 - 88.305) / 0.5, 399), pt((77 - 76.605) / 0.5, 399) and their differences; scipy.stats.t as R's pt."""
    found, t = probabilities(77.0, 0.5), stats.t(399)
    above = [t.sf((limit - 77.0) / 0.5) for limit in (88.305, 76.605, 64.995)]
    assert isclose(found["A"], above[0], rel_tol=1e-7)
    assert isclose(found["B"], above[1] - above[0], rel_tol=1e-9)
    assert isclose(found["C"], t.cdf((76.605 - 77.0) / 0.5) - t.cdf((64.995 - 77.0) / 0.5), rel_tol=1e-9)
    assert isclose(found["D"], t.cdf((64.995 - 77.0) / 0.5), rel_tol=1e-7)


def test_a_grade_far_away_keeps_its_tiny_probability() -> None:
    """Differences of numbers near 1 would give 0 or a negative number; tails are subtracted instead."""
    found = {g.grade: g.probability for g in grade_probabilities(99.0, 0.3, degrees=None, rules=RULES)}
    assert isclose(found["C"], stats.norm.sf((99.0 - 76.605) / 0.3), rel_tol=1e-7) or found["C"] < 1e-300
    assert 0 < probabilities(99.0, 0.3)["D"] < 1e-100


@settings(max_examples=200, deadline=None)
@given(value=st.floats(25, 100), se=st.floats(0.001, 20))
def test_the_probabilities_add_up_to_one_and_are_never_negative(value: float, se: float) -> None:
    """Whatever the value and its standard error."""
    found = probabilities(value, se)
    assert list(found) == ["A", "B", "C", "D"]
    assert isclose(sum(found.values()), 1, rel_tol=1e-9)
    assert all(0 <= probability <= 1 for probability in found.values())


@pytest.mark.parametrize("value", ["88.305", "88.304", "76.605", "64.995", "64.994", "100", "20"])
def test_without_spread_the_rounded_value_decides_alone(value: str) -> None:
    """se = 0: the probability of the grade of half_up(value) is 1."""
    found = probabilities(Fraction(value), 0.0)
    assert found[RULES.grade(half_up(Fraction(value)))] == 1
    assert sum(found.values()) == 1


def test_every_weight_convention_has_its_own_grade_and_probability() -> None:
    """R: ikm_weight_0.11 and so on; the standard error shrinks with the weight (0.11 x 9 = 0.99)."""
    means, cross, n = whole()
    found = {g.value.convention: g for g in grades_by_convention(means, cross, n=n, points=NINE, rules=RULES)}
    r = reference()["ikm"]
    assert list(found) == ["exact", "0.11", "0.111"]
    assert isclose(float(found["0.11"].value.exact), r["ikm_weight_0.11"], rel_tol=1e-12)
    assert isclose(found["exact"].certainty.se or 0, r["se"], rel_tol=1e-9)
    assert isclose(found["0.11"].certainty.se or 0, r["se"] * 0.99, rel_tol=1e-9)
    for grade in found.values():
        assert grade.value.grade == "B"
        assert grade.probability is not None and grade.probability > 0.999


def test_the_correction_for_a_small_population_makes_the_grade_surer() -> None:
    """R: ikm_fpc_N2000: se x sqrt(1 - 400 / 2000); for N = 400 nobody is left who could change it."""
    means, cross, n = whole()
    kind = RULES.weights[0]
    corrected = grade_under(means, cross, n=n, points=NINE, weights=kind, rules=RULES, population=2000)
    assert isclose(corrected.certainty.se or 0, reference()["ikm_fpc_N2000"]["se"], rel_tol=1e-9)
    census = grade_under(means, cross, n=n, points=NINE, weights=kind, rules=RULES, population=400)
    assert (census.probability, census.reason) == (1.0, "whole_population")


def test_one_respondent_or_no_regulation_gives_no_probability_but_a_reason() -> None:
    """n = 1, and a questionnaire of one's own."""
    people = ikm400(rows=[0])
    cross, _ = index_counts(people, np.zeros(1, dtype=np.intp), 1)
    means = [Fraction(int(total)) for total in cross[0, :9, 9:].diagonal()]
    one = grade_under(means, cross[0], n=1, points=NINE, weights=RULES.weights[0], rules=RULES)
    assert (one.grades, one.probability, one.reason) == ((), None, "one_respondent")
    free = grade_under(*whole()[:2], n=400, points=NINE, weights=RULES.weights[0], rules=None)
    assert (free.grades, free.reason, free.value.grade) == ((), "no_regulation", "")


def test_persons_who_agree_completely_show_no_spread() -> None:
    """Five persons of all 4: index 100, grade A, but the certainty is only the formula's."""
    cross = np.zeros((18, 18), dtype=np.int64)
    cross[:9, :9], cross[:9, 9:], cross[9:, :9], cross[9:, 9:] = 80, 20, 20, 5
    found = grade_under([Fraction(4)] * 9, cross, n=5, points=NINE, weights=RULES.weights[0], rules=RULES)
    assert (found.value.grade, found.probability, found.reason) == ("A", 1.0, "no_spread")


def test_the_next_grade_says_how_much_the_index_and_each_element_must_rise() -> None:
    """By hand, ten persons.

    Means 3.2 everywhere: index 80, B. A begins at 88.305 without rounding: 8.305 more, 0.3322 in each mean; one element
    alone would need 3.2 + 8.305 x 4 / (100 / 9) = 6.1898, more than 4.
    """
    found = next_grade([Fraction("3.2")] * 9, [10] * 9, points=NINE, weights=RULES.weights[0], rules=RULES)
    assert (found.grade, found.limit, found.needed) == ("A", Decimal("88.31"), Fraction("88.305"))
    assert (found.rise, found.rise_of_each) == (Fraction("8.305"), Fraction("0.3322"))
    assert found.elements[0].needed == Fraction("6.1898")
    assert not found.elements[0].possible
    assert found.elements[0].answers == 30


def test_one_element_alone_may_be_enough_and_reaching_it_earns_the_grade() -> None:
    """Index 76.50: C. With the mean that is said to be needed the grade is B; with a little less it is not."""
    means = [Fraction("3.06")] * 9
    kind = RULES.weights[0]
    found = next_grade(means, [100] * 9, points=NINE, weights=kind, rules=RULES)
    alone = found.elements[4]
    assert found.grade == "B"
    assert alone.possible
    for less, grade in ((Fraction(0), "B"), (Fraction(1, 10**9), "C")):
        changed = [*means[:4], alone.needed - less, *means[5:]]
        assert graded(changed, points=NINE, weights=kind, rules=RULES).grade == grade
    raised = [*means[:4], alone.mean + Fraction(alone.answers, 100), *means[5:]]
    assert graded(raised, points=NINE, weights=kind, rules=RULES).grade == "B"
    raised[4] -= Fraction(1, 100)
    assert graded(raised, points=NINE, weights=kind, rules=RULES).grade == "C"


@settings(max_examples=60, deadline=None)
@given(
    sums=st.lists(st.integers(20, 80), min_size=9, max_size=9),
    convention=st.sampled_from(["exact", "0.11", "0.111"]),
    place=st.integers(0, 8),
)
def test_the_needed_mean_is_the_smallest_that_earns_the_next_grade(
    sums: list[int], convention: str, place: int
) -> None:
    """20 persons with any sums, under every convention."""
    means = [Fraction(total, 20) for total in sums]
    kind = RULES.convention(convention, 9)
    found = next_grade(means, [20] * 9, points=NINE, weights=kind, rules=RULES)
    if found.reason:
        assert graded(means, points=NINE, weights=kind, rules=RULES).grade == "A"
        return
    for less in (Fraction(0), Fraction(1, 10**12)):
        changed = [*means]
        changed[place] = found.elements[place].needed - less
        reached = graded(changed, points=NINE, weights=kind, rules=RULES).grade == found.grade
        assert reached == (less == 0)


def test_where_products_are_rounded_the_needed_mean_reaches_the_next_rounded_step() -> None:
    """Annex of 2004: 61.55, C; B begins at 62.51. Checked by computing the index anew with the mean that is needed."""
    means = [Fraction(mean) for mean in ANNEX_2004]
    kind, rounding = OLD.convention("0.071", 14), OLD.rounding("products")
    found = next_grade(means, [150] * 14, points=(4,) * 14, weights=kind, rules=OLD, rounding=rounding)
    assert (found.grade, found.rise_of_each) == ("B", None)
    for place in range(14):
        for less, grade in ((Fraction(0), "B"), (Fraction(1, 10**9), "C")):
            changed = [*means]
            changed[place] = found.elements[place].needed - less
            value = graded(changed, points=(4,) * 14, weights=kind, rules=OLD, rounding=rounding)
            assert value.grade == grade, (place, less, value)


def test_the_highest_grade_has_no_next_one_and_no_regulation_has_none() -> None:
    """Means of 4, and a questionnaire of one's own."""
    weights = RULES.convention(EXACT, 9)
    assert next_grade([Fraction(4)] * 9, [3] * 9, points=NINE, weights=weights, rules=RULES).reason == "highest_grade"
    assert next_grade([Fraction(2)] * 9, [3] * 9, points=NINE, weights=weights, rules=None).reason == "no_regulation"


def test_the_rise_of_each_is_not_told_when_one_element_cannot_rise_so_much() -> None:
    """Eight means of 3 and one of 4: index 77.78; all cannot rise by the same."""
    means = [Fraction(3)] * 8 + [Fraction(4)]
    assert next_grade(means, [3] * 9, points=NINE, weights=RULES.weights[0], rules=RULES).rise_of_each is None
