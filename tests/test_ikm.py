"""The index: worked cases, boundaries, and its standard error against R (tests/reference, tolerance 1e-9 relative)."""

import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import isclose

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.methods.ikm import graded, half_up, index_of
from analysis.regulation import rule_set
from analysis.results import Index, evaluate
from tests.numbers import ELEMENTS, REFERENCE, ikm400, matrix, questionnaire, reference, rows400, skm, with_sums

REL = 1e-9
NINE = Fraction(1, 9)
ANNEX = "3.45 2.65 3.53 2.31 1.55 3.12 2.13 2.43 3.21 1.45 1.93 2.31 3.03 1.56"
BOGOR = {
    "74.67": "3.007 2.993 3.020 3.000 3.113 3.033 2.887 2.947 2.980 3.033 3.000 3.033 3.020 3.000",
    "74.51": "2.947 3.047 3.013 2.993 2.980 3.127 2.900 2.800 3.260 3.013 2.893 2.720 3.133 3.153",
    "74.59": "2.980 3.027 3.067 3.020 3.040 3.060 2.733 3.007 3.227 3.067 2.927 2.827 2.947 3.093",
    "75.77": "3.020 2.973 3.067 3.127 3.033 3.060 2.867 3.013 3.267 3.000 2.960 2.947 3.193 3.160",
}


def means(text: str) -> list[Fraction]:
    """Printed means, exactly as printed."""
    return [Fraction(number) for number in text.split()]


def index(values: list[Fraction], weight: str | Fraction, product_decimals: int | None = None) -> Fraction:
    """The index on four points."""
    points = [4] * len(values)
    return index_of(values, weight=Fraction(weight), points=points, product_decimals=product_decimals)


def index_of_sums(totals: list[int], n: int, weights: str = "exact") -> Index:
    """The index of n respondents whose answers have these sums, through the whole engine."""
    asked = questionnaire({"d": ELEMENTS}, aspects=["perception"], regulation="skm-2017")
    found = evaluate(asked, matrix(asked, with_sums(totals, n)), weights=weights).index
    assert found is not None
    return found


def test_the_example_in_the_annex_of_2004_comes_out_as_printed() -> None:
    """Annex of KEP/25/M.PAN/2/2004: products rounded to three decimals add up to 2.462, IKM 61.55, grade C."""
    rules = rule_set("skm-2004")
    found = graded(
        means(ANNEX),
        points=[4] * 14,
        weights=rules.convention("0.071", 14),
        rules=rules,
        rounding=rules.rounding("products"),
    )
    assert found.exact == Fraction("2.462") * 25
    assert (found.rounded, found.grade) == (Decimal("61.55"), "C")


def test_the_same_example_without_rounding_the_products_is_another_number() -> None:
    """Worked case: 61.5215 with weight 0.071, 61.8929 with exactly 1/14."""
    assert index(means(ANNEX), "0.071") == Fraction("61.5215")
    assert half_up(index(means(ANNEX), Fraction(1, 14)), 4) == Decimal("61.8929")


@pytest.mark.parametrize("published", BOGOR)
def test_four_published_indices_of_bogor_are_reproduced(published: str) -> None:
    """Worked case: 14 elements, unrounded means x 0.071 x 25, published with two decimals (2011 to 2014)."""
    assert half_up(index(means(BOGOR[published]), "0.071")) == Decimal(published)


def test_29_respondents_of_a_public_manual_give_both_printed_values() -> None:
    """Worked case: sums 105 101 100 116 102 105 106 105 115; exact 91.4751, with weight 0.11 90.5603."""
    found = index_of_sums([105, 101, 100, 116, 102, 105, 106, 105, 115], 29)
    by_name = {value.convention: value.exact for value in (found.value, *found.others)}
    assert half_up(by_name["exact"], 4) == Decimal("91.4751")
    assert half_up(by_name["0.11"], 4) == Decimal("90.5603")


def test_49_respondents_of_a_regency_give_the_published_index() -> None:
    """Worked case: sums 138 139 150 177 159 163 161 143 159; 78.7415, 77.9541 (0.11), 78.6628 (0.111), grade B."""
    found = index_of_sums([138, 139, 150, 177, 159, 163, 161, 143, 159], 49)
    values = {value.convention: half_up(value.exact, 4) for value in (found.value, *found.others)}
    assert values == {"exact": Decimal("78.7415"), "0.11": Decimal("77.9541"), "0.111": Decimal("78.6628")}
    assert (found.value.rounded, found.value.grade, found.n) == (Decimal("78.74"), "B", 49)
    assert found.grade_depends_on_weights == ()


@pytest.mark.parametrize(("weights", "value"), [("exact", "100.00"), ("0.11", "99.00"), ("0.111", "99.90")])
def test_if_everybody_gives_the_best_answer_short_weights_lose_points(weights: str, value: str) -> None:
    """R: ikm_worked$all4 (30 persons, all 4): 100, 99, 99.9. The interval has no width and ends at what is possible."""
    found = index_of_sums([120] * 9, 30, weights)
    assert found.value.rounded == Decimal(value)
    assert (found.interval.low, found.interval.high) == (float(value), float(value))


def test_printed_means_of_nine_elements_give_the_values_of_r() -> None:
    """R: ikm_worked$worked_example_9elements: 67.7222..., 67.045, 67.6545."""
    values = json.loads((REFERENCE / "formulas.json").read_text(encoding="utf-8"))["ikm_worked"][
        "worked_example_9elements"
    ]
    nine = means(" ".join(ANNEX.split()[:9]))
    assert isclose(index(nine, NINE), values["exact"], rel_tol=REL)
    assert index(nine, "0.11") == Fraction("67.045")
    assert index(nine, "0.111") == Fraction("67.6545")


def test_88_305_is_88_31_and_earns_an_a() -> None:
    """5,000 persons, every element with the sum 17,661: mean 3.5322, index 88.305, which no printed band holds."""
    found = index_of_sums([17661] * 9, 5000).value
    assert found.exact == Fraction("88.305")
    assert (found.rounded, found.grade) == (Decimal("88.31"), "A")


def test_halves_that_a_binary_float_rounds_down_are_rounded_up() -> None:
    """25.005 -> 25.01, where round(25.005, 2) says 25.0; the float nearest to 25.005 lies below it."""
    assert round(25.005, 2) == 25.0
    assert half_up(Fraction("25.005")) == Decimal("25.01")


@pytest.mark.parametrize(
    ("weights", "low", "high", "grades"),
    [
        ("0.11", "88.305", "89.197", "AB"),
        ("0.11", "76.605", "77.379", "BC"),
        ("0.11", "64.995", "65.652", "CD"),
        ("0.111", "88.305", "88.393", "AB"),
        ("0.111", "76.605", "76.682", "BC"),
        ("0.111", "64.995", "65.060", "CD"),
    ],
)
def test_the_printed_weights_change_the_grade_near_the_limits(weights: str, low: str, high: str, grades: str) -> None:
    """Worked ranges of the exact index in which the grade drops; just outside both grades agree. Steps of 0.001."""
    rules = rule_set("skm-2017")

    def both(exact: Fraction) -> str:
        nine = [exact / 25] * 9
        kinds = (rules.convention("exact", 9), rules.convention(weights, 9))
        return "".join(graded(nine, points=[4] * 9, weights=kind, rules=rules).grade for kind in kinds)

    step = Fraction(1, 1000)
    assert both(Fraction(low)) == grades
    assert both(Fraction(high) - step) == grades
    assert both(Fraction(low) - step) == grades[1] * 2
    assert both(Fraction(high) + step) == grades[0] * 2


def test_results_name_the_conventions_that_would_change_the_grade() -> None:
    """100 persons, exact index 88.5 (A): 0.11 gives 87.615 (B), 0.111 gives 88.4115 (A)."""
    found = index_of_sums([354] * 9, 100)
    assert (found.value.exact, found.value.grade) == (Fraction("88.5"), "A")
    assert [other.convention for other in found.grade_depends_on_weights] == ["0.11"]


def test_the_denominator_of_an_element_is_those_who_answered_it() -> None:
    """Three persons; time answered 4 and 2 and skipped once: mean 3 of n = 2, not 6 / 3. All others 4 (n = 3)."""
    asked = questionnaire({"d": ELEMENTS}, aspects=["perception"], regulation="skm-2017")
    answers = {name: [4, 4, 4] for name in ELEMENTS} | {"time": [4, 0, 2]}
    found = evaluate(asked, matrix(asked, answers), minimum=1).index
    assert found is not None
    time = next(element for element in found.elements if element.name == "time")
    assert (time.n, time.mean, time.out_of_100) == (2, 3, 75)
    assert found.value.exact == Fraction(25, 9) * (8 * 4 + 3)
    assert found.weakest_first[0] == time


def same_as_r(found: Index | None, r: dict[str, object]) -> None:
    """Every number that R's ikm_ref() gives."""
    assert found is not None
    assert found.n == r["n"]
    conventions = {value.convention: float(value.exact) for value in (found.value, *found.others)}
    assert isclose(conventions["exact"], r["ikm_exact"], rel_tol=REL)  # type: ignore[arg-type]
    assert isclose(conventions["0.11"], r["ikm_weight_0.11"], rel_tol=REL)  # type: ignore[arg-type]
    assert isclose(conventions["0.111"], r["ikm_weight_0.111"], rel_tol=REL)  # type: ignore[arg-type]
    assert found.value.grade == r["grade_exact"]
    nrr = list(r["nrr"].values())  # type: ignore[attr-defined]
    assert np.allclose([float(element.mean or 0) for element in found.elements], nrr, rtol=REL, atol=0)
    assert isclose(found.interval.se, r["se"], rel_tol=REL)  # type: ignore[arg-type]
    assert np.allclose([found.interval.low, found.interval.high], r["ci95_t"], rtol=REL, atol=0)  # type: ignore[arg-type]


def test_index_standard_error_and_interval_are_those_of_r() -> None:
    """R: ikm_ref(U), 400 persons; person-level linearisation, t interval with n - 1 degrees of freedom."""
    people = ikm400()
    same_as_r(evaluate(people.questionnaire, people).index, reference()["ikm"])


def test_they_are_those_of_r_also_when_answers_are_missing() -> None:
    """R: ikm_ref(U2): in rows 1, 8, 15, ... (from 1) element 1 + (row mod 9) is missing; denominators differ."""
    people = ikm400(drop=[(row - 1, row % 9) for row in range(1, 401, 7)])
    same_as_r(evaluate(people.questionnaire, people).index, reference()["ikm_missing_every7"])


@pytest.mark.parametrize("unit", ["u01", "u02", "u03", "u04"])
def test_they_are_those_of_r_in_every_unit(unit: str) -> None:
    """R: lapply(split(U, unit), ikm_ref)."""
    people = ikm400(rows=[row for row, person in enumerate(rows400()) if person["unit"] == unit])
    same_as_r(evaluate(people.questionnaire, people).index, reference()["ikm_by_unit"][unit])


def test_the_answers_of_a_person_are_not_taken_as_independent() -> None:
    """R: with independent items the standard error would be 0.258, half of the true 0.493."""
    r = reference()["ikm"]
    people = ikm400()
    found = evaluate(people.questionnaire, people).index
    assert found is not None
    assert found.interval.se > 1.9 * r["se_wrong_items_independent"]


def test_rounding_the_means_first_would_change_the_index() -> None:
    """R: 81.42 exact, 81.50 from means with two decimals, 81.00 with weights 0.11 and two decimals: never done here."""
    r = reference()["ikm"]
    people = ikm400()
    found = evaluate(people.questionnaire, people).index
    assert found is not None
    assert found.value.rounded == Decimal("81.42")
    assert (r["ikm_from_nrr_2dp_half_up_exact_weight"], r["ikm_from_nrr_2dp_0.11_2dp"]) == (81.5, 81)


def test_the_interval_ends_where_the_scale_ends() -> None:
    """Two persons, all 4 and all 3: mean 87.5, se 12.5, t(1) = 12.7: raw interval -71 to 246, cut to 25 to 100."""
    asked = questionnaire({"d": ELEMENTS}, aspects=["perception"], regulation="skm-2017")
    found = evaluate(asked, matrix(asked, {name: [4, 3] for name in ELEMENTS}), minimum=1).index
    assert found is not None
    assert (found.interval.se, found.interval.low, found.interval.high) == (12.5, 25, 100)


def test_one_respondent_has_an_index_without_an_interval() -> None:
    """The law gives a number for one form; its spread is not defined and the reason is told."""
    asked = questionnaire({"d": ELEMENTS}, aspects=["perception"], regulation="skm-2017")
    found = evaluate(asked, matrix(asked, {name: [3] for name in ELEMENTS}), minimum=1).index
    assert found is not None
    assert (found.value.exact, found.value.grade) == (75, "C")
    assert (found.interval.value, found.interval.low, found.interval.reason) == (75, None, "one_respondent")


def test_an_element_that_nobody_answered_leaves_the_index_open() -> None:
    """A sum over eight of nine elements would be too low, a mean over eight another index: None, and its name."""
    asked = questionnaire({"d": ELEMENTS}, aspects=["perception"], regulation="skm-2017")
    answers = {name: [3] * 6 for name in ELEMENTS if name != "fee"}
    found = evaluate(asked, matrix(asked, answers))
    assert found.index is None
    assert found.elements_without_answers == ("fee",)
    assert [gap.perception.value for gap in found.items] == [3, 3, 3, None, 3, 3, 3, 3, 3]


def test_an_index_without_a_regulation_is_out_of_100_and_has_no_grade() -> None:
    """Two items on seven points, means 7 and 3.5: (7 + 3.5) / 2 / 7 x 100 = 75; not official, no other conventions."""
    asked = questionnaire({"d": ["x", "y"]}, points=7, aspects=["perception"])
    found = evaluate(asked, matrix(asked, {"x": [7, 7], "y": [3, 4]}), minimum=1).index
    assert found is not None
    assert (found.official, found.regulation, found.value.exact, found.value.grade) == (False, "", 75, "")
    assert found.others == ()


def test_expectation_does_not_enter_the_index() -> None:
    """skm-2017-servqual: perception all 4, expectation all 1: IKM 100."""
    asked = skm()
    answers = {column.name: [4 if column.name.startswith("P_") else 1] * 5 for column in asked.columns}
    found = evaluate(asked, matrix(asked, answers)).index
    assert found is not None
    assert found.value.exact == 100


@settings(max_examples=300, deadline=None)
@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6), st.integers(0, 4))
def test_half_up_is_that_of_decimal_arithmetic(numerator: int, denominator: int, decimals: int) -> None:
    """Property: the decimal module's ROUND_HALF_UP on exact decimals (denominator a power of ten)."""
    places = len(str(denominator))
    value = Decimal(numerator).scaleb(-places)
    wanted = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    assert half_up(Fraction(value), decimals) == wanted


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=9, max_size=9), st.integers(2, 40))
def test_copying_every_person_changes_neither_index_nor_means(answers: list[int], copies: int) -> None:
    """Property: an index is a mean; and a missing answer (0) never lowers it."""
    asked = questionnaire({"d": ELEMENTS}, aspects=["perception"], regulation="skm-2017")
    filled = {name: [max(code, 1), code or max(answers)] for name, code in zip(ELEMENTS, answers, strict=True)}
    if not max(answers):
        return
    once = evaluate(asked, matrix(asked, filled), minimum=1).index
    often = evaluate(asked, matrix(asked, {name: codes * copies for name, codes in filled.items()}), minimum=1).index
    extra = {name: [*codes, 0] for name, codes in filled.items()}
    with_silent = evaluate(asked, matrix(asked, extra), minimum=1).index
    assert once is not None and often is not None and with_silent is not None
    assert once.value == often.value == with_silent.value
    assert once.interval == with_silent.interval
