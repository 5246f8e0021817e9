"""Results as a whole: what is told, what is hidden, and that every number carries its n."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.full import study_of
from analysis.gap_tests import GapTest
from analysis.results import Distribution, Group, Results, evaluate
from analysis.topics.reliability import reliability_topic
from survey.packed import Flag
from survey.problem import Problem
from survey.words import load_words
from tests.numbers import ELEMENTS, ikm400, matrix, questionnaire, reference, servqual400, skm

README = Path(__file__).parent.parent / "analysis" / "README.md"


def everybody(n: int, **keys: Any) -> Results:
    """n persons who answer skm-2017-servqual with 4 to expectation and 3 to perception."""
    asked = skm()
    answers = {column.name: [3 if column.name.startswith("P_") else 4] * n for column in asked.columns}
    minimum = keys.pop("minimum", 5)
    return evaluate(asked, matrix(asked, answers, **keys), minimum=minimum)


def test_fewer_than_the_minimum_are_hidden_and_only_their_number_is_told() -> None:
    """Four of at least five: no index, no gap, no distribution, no group, no month, no profile."""
    found = everybody(4, unit=1, day=20260105)
    assert (found.n, found.minimum, found.hidden, found.index, found.overall) == (4, 5, True, None, None)
    for part in (found.items, found.dimensions, found.distributions, found.profile, found.groups, found.months):
        assert part == ()


def test_exactly_the_minimum_is_shown() -> None:
    """Five of at least five."""
    found = everybody(5)
    assert not found.hidden
    assert found.index is not None


def test_a_test_survey_shows_a_single_respondent() -> None:
    """minimum = 1, as test surveys and the auditors' command use it."""
    assert everybody(1, minimum=1).index is not None


def test_an_empty_survey_has_no_numbers_and_no_errors() -> None:
    """n = 0, also with minimum 0; JSON without NaN."""
    asked = skm()
    for minimum in (0, 1, 5):
        found = evaluate(asked, matrix(asked, []), minimum=minimum)
        assert (found.n, found.hidden, found.index) == (0, minimum > 0, None)
        json.dumps(found.to_json(), allow_nan=False)


def test_responses_kept_but_not_counted_are_left_out_and_told() -> None:
    """Six responses, two of them after the survey closed: n = 4, so hidden; left_out tells the two."""
    found = everybody(6, flags=[0, 0, 0, 0, int(Flag.CLOSED), int(Flag.CLOSED | Flag.CLOCK)])
    assert (found.n, found.hidden, found.left_out) == (4, True, {"closed": 2})


def test_flags_that_only_ask_for_a_second_look_count() -> None:
    """A wrong clock or an unknown service is no reason to drop a citizen's answer."""
    found = everybody(5, flags=int(Flag.CLOCK | Flag.UNKNOWN_SERVICE))
    assert (found.n, found.left_out) == (5, {})


def test_every_column_has_its_distribution() -> None:
    """Codes 1, 4, 4 and one skipped: counts (1, 0, 0, 2), missing 1, n = 3."""
    asked = questionnaire({"d": ["x"]})
    found = evaluate(asked, matrix(asked, {"P_x": [1, 4, 0, 4]}), minimum=1).distributions
    assert found == (Distribution("E_x", (0, 0, 0, 0), 4), Distribution("P_x", (1, 0, 0, 2), 1))
    assert found[1].n == 3


def test_points_shared_over_dimensions_have_a_distribution() -> None:
    """Points are kept as points + 1: 0 points is code 1, 100 points is code 101."""
    asked = questionnaire({"d": ["x"]}, share_points=True)
    found = evaluate(asked, matrix(asked, {"W_d": [1, 101, 0], "P_x": [1, 1, 1]}), minimum=1).distributions[-1]
    assert (found.column, found.counts[0], found.counts[100], found.missing, found.n) == ("W_d", 1, 1, 1, 2)


def test_respondents_are_counted_by_profile_with_those_who_skipped() -> None:
    """Sex: one man, two women, one who skipped; every choice is listed, also the empty ones."""
    asked = skm()
    people = [{"sex": 1}, {"sex": 2}, {"sex": 2}, {}]
    found = evaluate(asked, matrix(asked, {"time": [1] * 4}, profile=people), minimum=1).profile
    assert [group for group in found if group.variable == "sex"] == [
        Group("sex", 1, 1),
        Group("sex", 2, 2),
        Group("sex", 0, 1),
    ]
    assert [group.n for group in found if group.variable == "age"] == [0, 0, 0, 0, 0, 0, 4]


def test_respondents_are_counted_by_unit_service_and_channel() -> None:
    """Units 7, 7, 9 and one not known (0)."""
    found = everybody(4, unit=[7, 7, 9, 0], minimum=1).groups
    assert [group for group in found if group.variable == "unit"] == [
        Group("unit", 0, 1),
        Group("unit", 7, 2),
        Group("unit", 9, 1),
    ]
    assert [group for group in found if group.variable == "channel"] == [Group("channel", 0, 4)]


def test_every_month_has_its_index_as_r_computes_it() -> None:
    """R: lapply(split(U, month), ikm_ref): value, se and t interval of six months; tolerance 1e-9 relative."""
    people = ikm400()
    found = evaluate(people.questionnaire, people).months
    r = reference()["ikm_by_month"]
    assert [month.month for month in found] == [int(name.replace("-", "")) for name in r]
    for month, values in zip(found, r.values(), strict=True):
        assert (month.n, month.index.n) == (values["n"], values["n"])
        ours = (month.index.value, month.index.se, month.index.low, month.index.high)
        assert np.allclose(ours, (values["ikm_exact"], values["se"], *values["ci95_t"]), rtol=1e-9, atol=0)


def test_months_do_not_depend_on_the_order_of_the_responses() -> None:
    """The same 400 respondents sorted by month."""
    months = [month for month in ikm400().day.tolist()]
    mixed, ordered = ikm400(), ikm400(rows=sorted(range(400), key=lambda row: months[row]))
    assert evaluate(mixed.questionnaire, mixed).months == evaluate(ordered.questionnaire, ordered).months


def test_a_month_with_too_few_respondents_hides_its_index() -> None:
    """Five in January, one in March: March has its n, and the reason instead of a value; nothing for February."""
    found = everybody(6, day=[20260101] * 5 + [20260301]).months
    assert [(month.month, month.n, month.index.reason) for month in found] == [
        (202601, 5, None),
        (202603, 1, "too_few"),
    ]
    assert found[1].index.value is None


def test_responses_without_a_day_are_in_no_month_but_count() -> None:
    """A file without dates: n is 5, months are empty."""
    found = everybody(5)
    assert (found.n, found.months) == (5, ())


def test_facilities_are_told_by_their_printed_number() -> None:
    """U9 in our file; U8 in other systems; None when a questionnaire has no such element."""
    assert everybody(5).facilities == "U9"
    asked = questionnaire({"d": ["x"]})
    assert evaluate(asked, matrix(asked, {"x": [1]}), minimum=1).facilities is None


def test_the_usable_weights_are_told_with_the_results() -> None:
    """A screen offers these, and no others."""
    assert everybody(5).conventions == ("exact", "0.11", "0.111")


@pytest.mark.parametrize("weights", ["0.071", "1/9", ""])
def test_weights_that_do_not_fit_are_refused(weights: str) -> None:
    """Nine elements have no 0.071; a questionnaire without a regulation has exact alone."""
    asked = skm()
    with pytest.raises(Problem):
        evaluate(asked, matrix(asked, {"time": [1] * 5}), weights=weights)
    small = questionnaire({"d": ["x"]})
    with pytest.raises(Problem):
        evaluate(small, matrix(small, {"x": [1] * 5}), weights="0.11")


def test_the_rounding_of_2004_is_a_named_option_of_its_rule_set() -> None:
    """14 elements, all 3: 0.071 x 3 = 0.213 exactly, so both roundings agree; the name is told."""
    asked = questionnaire({"d": [f"e{k}" for k in range(14)]}, aspects=["perception"], regulation="skm-2004")
    people = matrix(asked, {f"e{k}": [3, 3, 2] for k in range(14)})
    once = evaluate(asked, people, weights="0.071", minimum=1).index
    products = evaluate(asked, people, weights="0.071", rounding="products", minimum=1).index
    assert once is not None and products is not None
    assert (once.rounding, products.rounding) == ("once", "products")
    assert float(once.value.exact) == pytest.approx(0.071 * 8 / 3 * 14 * 25, rel=1e-12)
    assert float(products.value.exact) == pytest.approx(0.189 * 14 * 25, rel=1e-12)


def walk(content: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every key of a JSON value with its path; the entries of a list share the path of the list."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield f"{path}.{key}".lstrip("."), value
            yield from walk(value, f"{path}.{key}")
    elif isinstance(content, list):
        for value in content:
            yield from walk(value, f"{path}[]")


def test_the_json_keys_are_those_of_the_readme() -> None:
    """The table *Keys* in analysis/README.md against results in which everything occurs; ``left_out`` is free.

    The keys of ``indices`` are documented once, as those of ``index``.
    """
    asked = questionnaire({"d": ["a"]}, share_points=True)
    shared = evaluate(asked, matrix(asked, {"P_a": [3] * 5, "E_a": [4] * 5, "W_d": [101] * 5}))
    several = asked.model_copy(update={"index_by": "dimension"})
    by_dimension = evaluate(several, matrix(several, {"P_a": [3] * 5}))
    graded = evaluate(skm(), matrix(skm(), {name: [3] * 5 for name in ELEMENTS}))
    found = [everybody(7, unit=1, day=20260101, flags=[0] * 6 + [int(Flag.CLOSED)]), shared, by_dimension, graded]
    keys = {key for one in found for key, _ in walk(one.to_json()) if not key.startswith("left_out.")}
    only_with_grades = ("index.others[]", "index.certainty.grades[]", "index.next_grade.elements[]")
    assert {key.replace("indices[]", "index") for key in keys if "indices[]" in key} == {
        key for key in keys if key.startswith("index.") and not key.startswith(only_with_grades)
    }
    keys = {key for key in keys if "indices[]" not in key}
    section = README.read_text(encoding="utf-8").partition("## Keys of the JSON")[2].partition("\n## ")[0]
    documented = set(re.findall(r"^\| `([^`]+)` \|", section, flags=re.MULTILINE))
    estimate = {"value", "n", "se", "low", "high", "reason"}
    written = set(re.findall(r"^\| `([^`]+)` \| \*estimate\*", section, flags=re.MULTILINE))
    documented |= {f"{path}.{key}" for path in written for key in estimate}
    tested = set(re.findall(r"^\| `([^`]+)` \| \*test\*", section, flags=re.MULTILINE))
    documented |= {f"{path}.{field.name}" for path in tested for field in fields(GapTest)}
    assert keys == {key for key in documented if key not in {"columns", "left_out_columns"}}


def test_the_json_holds_unrounded_numbers_and_the_rounded_index() -> None:
    """All 3 on four points: index 75 exactly, C; fraction as text; the mean of an element as number and fraction."""
    index = everybody(5).to_json()["index"]
    assert (index["value"], index["fraction"], index["rounded"], index["grade"]) == (75.0, "75", 75.0, "C")
    assert (index["elements"][0]["mean"], index["elements"][0]["weight"]) == (3.0, 1 / 9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), min_size=18, max_size=18), max_size=12))
def test_no_number_is_ever_nan_and_no_missing_number_lacks_a_reason(rows: list[list[int]]) -> None:
    """Property: whatever was answered, JSON is valid, and every estimate without value or interval says why."""
    asked = skm()
    answers = {column.name: [row[k] for row in rows] for k, column in enumerate(asked.columns)}
    found = evaluate(asked, matrix(asked, answers), minimum=1).to_json()
    json.dumps(found, allow_nan=False)
    words = load_words("id")
    for _, value in walk(found):
        if not isinstance(value, dict):
            continue
        if "reason" in value:
            assert value["reason"] is None or words(f"reason.{value['reason']}")
        if "t" in value:
            assert (value["t"] is None) == (value["reason"] is not None)
        if "value" in value and "low" in value:
            assert (value["value"] is None or value["low"] is None) == (value["reason"] is not None)
            if value["value"] is not None:
                assert math.isfinite(value["value"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), min_size=18, max_size=18), min_size=1, max_size=12))
def test_a_person_who_answers_nothing_changes_no_mean_gap_or_index(rows: list[list[int]]) -> None:
    """Property: missing never counts as 0; only n (all respondents) and the numbers of missing answers grow."""
    asked = skm()

    def told(people: list[list[int]]) -> Results:
        answers = {column.name: [row[k] for row in people] for k, column in enumerate(asked.columns)}
        return evaluate(asked, matrix(asked, answers), minimum=1)

    without, with_one = told(rows), told([*rows, [0] * 18])
    assert (with_one.index, with_one.items, with_one.dimensions, with_one.overall) == (
        without.index,
        without.items,
        without.dimensions,
        without.overall,
    )
    assert with_one.n == without.n + 1


def test_the_elements_stand_weakest_first_and_ties_in_order() -> None:
    """Means 3, 2, 3, 3, ...: procedure first, the others in the order of the questionnaire."""
    asked = questionnaire({"d": ELEMENTS}, aspects=["perception"], regulation="skm-2017")
    answers = {name: [2 if name == "procedure" else 3] * 5 for name in ELEMENTS}
    index = evaluate(asked, matrix(asked, answers)).index
    assert index is not None
    assert [element.name for element in index.weakest_first] == ["procedure", "requirements", *ELEMENTS[2:]]


def test_the_worked_example_of_the_readme_comes_out_as_written() -> None:
    """The page is read: its table of answers, and every number in its list of results."""
    section = README.read_text(encoding="utf-8").partition("### A worked example")[2].partition("\n## ")[0]
    rows = [re.findall(r"[^|\s]+", line) for line in section.splitlines() if re.match(r"\| [A-F] ", line)]
    asked = questionnaire({"staff": ["competence", "behaviour"], "office": ["time"]}, regulation=None, name="example")
    names = ["E_competence", "P_competence", "E_behaviour", "P_behaviour", "E_time", "P_time"]
    answers = {name: [0 if row[k] == "–" else int(row[k]) for row in rows] for k, name in enumerate(names, start=1)}
    found = evaluate(asked, matrix(asked, answers))
    test = found.items[0].test
    assert found.index is not None and found.overall is not None and test is not None
    scales = reliability_topic(study_of(asked, matrix(asked, answers))).scales
    staff = next(scale for scale in scales if (scale.kind, scale.dimension) == ("perception", "staff"))
    told = {
        "n": found.n,
        "mean of competence": found.index.elements[0].mean,
        "mean of behaviour": found.index.elements[1].mean,
        "mean of time": found.index.elements[2].mean,
        "index": found.index.value.exact,
        "index, rounded": found.index.value.rounded,
        "standard error of the index": found.index.interval.se,
        "interval, low": found.index.interval.low,
        "interval, high": found.index.interval.high,
        "gap of competence": found.items[0].gap.value,
        "gap of staff": found.dimensions[0].gap.value,
        "n of the gap of staff": found.dimensions[0].gap.n,
        "gap of office": found.dimensions[1].gap.value,
        "overall gap": found.overall.gap.value,
        "standard error of the overall gap": found.overall.gap.se,
        "t of the gap of competence": test.t,
        "p of the gap of competence": test.p,
        "p of the gap of competence, Holm": test.holm,
        "effect d_z of the gap of competence": test.d_z,
        "rank-biserial of the gap of competence": test.rank_biserial,
        "alpha of the perception of staff": staff.found.alpha.value,
    }
    written = dict(re.findall(r"^- (.+?): \*\*(.+?)\*\*", section, flags=re.MULTILINE))
    assert set(written) == set(told)
    for name, number in written.items():
        decimals = len(number.partition(".")[2])
        assert f"{float(told[name]):.{decimals}f}".replace("-", "−") == number, name  # type: ignore[arg-type]


def test_the_grade_has_a_probability_and_the_way_to_the_next_one() -> None:
    """R: pt((81.4236 - 76.605) / 0.4931, 399) - pt((81.4236 - 88.305) / 0.4931, 399) = 1 to nine digits; B, then A."""
    index = evaluate(ikm400().questionnaire, ikm400()).index
    assert index is not None
    assert index.value.grade == "B"
    assert index.certainty.probability == pytest.approx(1, abs=1e-9)
    assert index.next_grade.grade == "A"
    assert float(index.next_grade.rise or 0) == pytest.approx(88.305 - reference()["ikm"]["ikm_exact"], rel=1e-9)


def test_gaps_are_tested_as_in_r_and_corrected_for_all_items_and_all_dimensions() -> None:
    """R: ``t.test(P, E, paired = TRUE)``, ``p.adjust(p, "holm")``; p relative 1e-7."""
    found = evaluate(servqual400().questionnaire, servqual400())
    for gap in found.items:
        assert gap.test is not None
        r = reference()["paired"][gap.name]
        assert gap.test.t == pytest.approx(r["t_paired"]["statistic"], rel=1e-9)
        assert gap.test.p == pytest.approx(r["t_paired"]["p"], rel=1e-7)
        assert gap.test.signed_rank_p == pytest.approx(r["wilcox_p_nocorrect"], rel=1e-7)
        assert gap.test.holm == pytest.approx(reference()["paired_p_adjust"]["t"]["holm"][gap.name], rel=1e-7)
        assert gap.test.is_certain == (gap.test.holm < 0.05)
    assert [gap.test.n if gap.test else None for gap in found.dimensions] == [400] * 5


def test_listwise_scores_are_tested_over_complete_persons() -> None:
    """R: ``t.test(rowMeans(P), rowMeans(E), paired = TRUE)`` of the dimension REL, 304 complete."""
    found = evaluate(servqual400().questionnaire, servqual400(), policy="listwise")
    test = next(gap.test for gap in found.dimensions if gap.name == "REL")
    assert test is not None
    assert (test.n, test.t) == (304, pytest.approx(reference()["dim"]["REL"]["paired"]["t_paired"]["statistic"]))
