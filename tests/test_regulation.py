"""The rule sets as data: every limit of every band, the conventions, and what must not be claimed."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest

from analysis.methods.ikm import half_up
from analysis.regulation import FILE, rule_set, rule_set_of, rule_sets
from survey.problem import Problem
from survey.strict_yaml import read_yaml
from survey.words import load_words
from tests.numbers import REFERENCE


def boundaries() -> list[tuple[str, float, str]]:
    """The boundary cases of tests/reference/formulas.json: value, rounded half-up, grade."""
    content = json.loads((REFERENCE / "formulas.json").read_text(encoding="utf-8"))["ikm_worked"]["boundary"]
    return [(case["value"], case["half_up_decimal"], case["grade_half_up"] or "D") for case in content]


@pytest.mark.parametrize(("value", "rounded", "grade"), boundaries())
def test_a_value_is_rounded_half_up_before_it_is_graded(value: str, rounded: float, grade: str) -> None:
    """R: halfup() and grade() of tests/reference/r/servqual.R; exact. Below 25, which R leaves open, D is given."""
    found = half_up(Fraction(value))
    assert found == Decimal(str(rounded))
    assert rule_set("skm-2017").grade(found) == grade


@pytest.mark.parametrize(
    "case",
    ["100.00 A", "88.31 A", "88.30 B", "76.61 B", "76.60 C", "65.00 C", "64.99 D", "25.00 D", "24.75 D"],
)
def test_every_limit_of_the_bands_of_2017_belongs_to_its_grade(case: str) -> None:
    """Printed bands: A 88.31-100.00, B 76.61-88.30, C 65.00-76.60, D 25.00-64.99. 24.75: all 1, weights 0.11."""
    value, grade = case.split()
    assert rule_set("skm-2017").grade(Decimal(value)) == grade


@pytest.mark.parametrize("name", ["skm-2004", "skm-2014"])
@pytest.mark.parametrize(
    "case",
    ["100.00 A", "81.26 A", "81.25 B", "62.51 B", "62.50 C", "43.76 C", "43.75 D", "25.00 D"],
)
def test_every_limit_of_the_bands_of_2004_belongs_to_its_grade(name: str, case: str) -> None:
    """Printed bands: A 81.26-100.00, B 62.51-81.25, C 43.76-62.50, D 25.00-43.75; many kept them under 2014."""
    value, grade = case.split()
    assert rule_set(name).grade(Decimal(value)) == grade


def test_no_value_with_two_decimals_falls_between_two_bands() -> None:
    """All 7,501 values from 25.00 to 100.00: a grade for each, never better than the grade of a higher value."""
    for rules in rule_sets():
        grades = "".join(rules.grade(Decimal(cents).scaleb(-2)) for cents in range(2500, 10001))
        assert grades == "".join(sorted(grades, reverse=True))
        assert set(grades) == set("ABCD")


def test_the_rule_sets_have_their_elements() -> None:
    """14 elements in 2004; 9 in 2014, with the charter; 9 in 2017, with the facilities."""
    assert [(rules.name, len(rules.elements)) for rules in rule_sets()] == [
        ("skm-2004", 14),
        ("skm-2014", 9),
        ("skm-2017", 9),
    ]
    assert set(rule_set("skm-2014").elements) ^ set(rule_set("skm-2017").elements) == {"charter", "facilities"}


@pytest.mark.parametrize(
    ("year", "name"),
    [(2004, "skm-2004"), (2013, "skm-2004"), (2014, "skm-2014"), (2017, "skm-2017"), (2026, "skm-2017")],
)
def test_a_year_has_the_newest_rule_set_issued_until_then(year: int, name: str) -> None:
    """Issued 2004, 2014 and 2017."""
    found = rule_set_of(year)
    assert found is not None
    assert found.name == name


def test_before_the_first_rule_there_is_none() -> None:
    """Nothing was issued before 2004."""
    assert rule_set_of(2003) is None


def test_printed_weights_fit_the_regulated_number_of_elements_only() -> None:
    """0.11 and 0.111 are written for 1/9, 0.071 for 1/14; a unit with 10 elements has 1/10 alone."""
    assert [kind.name for kind in rule_set("skm-2017").conventions(9)] == ["exact", "0.11", "0.111"]
    assert [kind.name for kind in rule_set("skm-2017").conventions(10)] == ["exact"]
    assert [kind.name for kind in rule_set("skm-2004").conventions(14)] == ["exact", "0.071"]
    assert rule_set("skm-2017").convention("0.111", 9).weight(9) == Fraction(111, 1000)
    assert rule_set("skm-2017").convention("exact", 10).weight(10) == Fraction(1, 10)


def test_what_does_not_exist_is_refused_with_what_does() -> None:
    """Names are told in the sentence, so that the next attempt succeeds."""
    words = load_words("en")
    with pytest.raises(Problem) as weights:
        rule_set("skm-2017").convention("0.071", 9)
    with pytest.raises(Problem) as rounding:
        rule_set("skm-2017").rounding("products")
    with pytest.raises(Problem) as unknown:
        rule_set("skm-1999")
    assert weights.value.say(words) == (
        "The weights “0.071” do not fit this questionnaire (rule set: skm-2017). Use one of: exact, 0.11, 0.111."
    )
    assert rounding.value.say(words) == "The rule set skm-2017 has no rounding “products”. Use one of: once."
    assert unknown.value.say(words) == (
        "The rule set “skm-1999” is not known. Use one of: skm-2004, skm-2014, skm-2017."
    )


def test_every_rule_names_its_source_and_nothing_unchecked_is_called_checked() -> None:
    """Nobody has compared these facts with the text of the regulations yet: ``checked`` must be false everywhere."""
    for rules in rule_sets():
        assert rules.source
        assert not rules.checked
        assert all(kind.source for kind in (*rules.weights, *rules.roundings))
        assert set(rules.title) == {"id", "en"}


def test_the_file_is_read_strictly() -> None:
    """Limits stand in quotation marks: 65.00 must not become the float 65.0 on its way."""
    content = read_yaml(FILE.read_text(encoding="utf-8"), FILE.name)
    for rules in content["rule_sets"]:
        assert all(isinstance(grade["from"], str) for grade in rules["grades"][:-1])
        assert "from" not in rules["grades"][-1]
