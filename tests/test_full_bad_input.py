"""The full evaluation of what is too little, too equal or wrong: a number, or the reason why there is none."""

import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.evaluate import main
from survey.words import load_words
from tests.numbers import questionnaire_text

SMALL = {"d": ["x"], "e": ["y", "z"]}
HEADINGS = ("E_x", "P_x", "E_y", "P_y", "E_z", "P_z")


def run(file: Path, *arguments: object) -> tuple[int, dict[str, Any], str]:
    """Exit code, JSON (without NaN or Infinity) and complaints of the full evaluation."""
    out, err = io.StringIO(), io.StringIO()
    code = main(["evaluate", str(file), *map(str, arguments), "--language", "en", "--json", "--full"], out, err)
    return code, json.loads(out.getvalue() or "{}", parse_constant=pytest.fail), err.getvalue()


def write(folder: Path, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> Path:
    file = folder / "answers.csv"
    file.write_text("\n".join(",".join(map(str, row)) for row in (headings, *rows)) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dimension of one item and one of two, asked twice on five points."""
    file = tmp_path_factory.mktemp("small") / "small.yaml"
    file.write_text(questionnaire_text(SMALL, points=5), encoding="utf-8")
    return file


def objects(value: Any, keys: set[str]) -> Iterator[dict[str, Any]]:
    """Every object of the JSON that has these keys."""
    if isinstance(value, dict):
        if keys <= set(value):
            yield value
        for inside in value.values():
            yield from objects(inside, keys)
    elif isinstance(value, list):
        for inside in value:
            yield from objects(inside, keys)


def holds(found: dict[str, Any]) -> None:
    """No value is missing without a reason, and every reason has words in both languages."""
    for estimate in objects(found["full"], {"value", "reason"}):
        assert estimate["value"] is not None or estimate["reason"], estimate
    for test in objects(found["full"], {"law", "statistic", "reason"}):
        assert test["statistic"] is not None or test["reason"], test
    for reason in {one["reason"] for one in objects(found["full"], {"reason"}) if one["reason"]}:
        for language in ("id", "en"):
            assert f"reason.{reason}" in load_words(language).sentences, reason


cell = st.sampled_from(["", "1", "2", "3", "5", "5", "5"])
row = st.tuples(
    *[cell] * len(HEADINGS),
    st.sampled_from(["", "a", "b"]),
    st.sampled_from(["", "2026-01", "2026-03"]),
    st.sampled_from(["", "K1", "K2"]),
    st.sampled_from(["", "2026-11-24 08:00", "2026-11-24 08:00:30"]),
    st.sampled_from(["", "0", "2", "90.5"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(row, min_size=1, max_size=12), st.sampled_from(["available", "listwise"]), st.booleans())
def test_no_small_matrix_whatever_ends_in_a_traceback_or_a_number_without_reason(
    tmp_path: Path, small: Path, rows: list[tuple[str, ...]], scores: str, pairwise: bool
) -> None:
    """Property: few persons, many holes, equal answers, groups of one, an overall judgement that is the first item."""
    lines = [(*cells[:6], cells[0], *cells[6:]) for cells in rows]
    file = write(tmp_path, (*HEADINGS, "overall", "unit", "month", "station", "submitted_at", "seconds"), lines)
    covariances = "pairwise" if pairwise else "listwise"
    code, found, err = run(
        file, "--questionnaire", small, "--scores", scores, "--covariances", covariances, "--population", 5
    )
    assert (code, bool(err)) == ((0, False) if any(any(cells[:6]) for cells in rows) else (2, True))
    if code == 0:
        holds(found)
        reads(file, small)


def reads(file: Path, questionnaire: Path) -> None:
    """The same as text says nothing that only a program understands."""
    out = io.StringIO()
    assert main(["evaluate", str(file), "--questionnaire", str(questionnaire), "--full"], out, io.StringIO()) == 0
    assert not re.search(r"\b(nan|None|inf)\b|[{}]", out.getvalue())


def test_sixty_units_of_one_person_on_days_to_come_are_evaluated(tmp_path: Path, small: Path) -> None:
    """No group can be compared and no unit has an interval, which is said; the agency has its index."""
    rows = [[1 + k % 5, 2, 3, 1 + k % 4, 5, 4, 5, f"u{k}", f"2099-01-{1 + k % 28:02d}"] for k in range(60)]
    file = write(tmp_path, OVERALL, rows)
    code, found, _ = run(file, "--questionnaire", small, "--date", "day", "--population", 60)
    assert code == 0
    holds(found)
    reads(file, small)
    units = found["full"]["certainty"][0]["agency"]["units"]
    assert {unit["index"]["reason"] for unit in units} == {"one_respondent"}
    assert found["full"]["comparison"]["groupings"][0]["outcomes"][0]["test"]["welch"]["reason"]


def test_one_respondent_has_numbers_but_no_intervals(tmp_path: Path, small: Path) -> None:
    """Means are there, intervals, tests and alpha say ``one_respondent``."""
    code, found, _ = run(write(tmp_path, HEADINGS, [[5, 4, 5, 3, 4, 4]]), "--questionnaire", small)
    assert code == 0
    holds(found)
    full = found["full"]
    assert full["certainty"][0]["index"]["reason"] == "one_respondent"
    assert {one["test"]["t"]["reason"] for one in full["gaps"]["items"]} == {"one_respondent"}
    scales = {(one["kind"], one["dimension"]): one["found"]["alpha"]["reason"] for one in full["reliability"]["scales"]}
    assert scales["perception", "e"] == "one_respondent"
    assert scales["perception", "d"] == "one_item"


def test_answers_that_are_all_equal_have_no_tests_and_no_factors(tmp_path: Path, small: Path) -> None:
    """Everybody says 4: alpha, correlations, models and priorities say why not."""
    code, found, _ = run(write(tmp_path, HEADINGS, [[4] * 6] * 30), "--questionnaire", small)
    assert code == 0
    holds(found)
    full = found["full"]
    assert {one["test"]["t"]["reason"] for one in full["gaps"]["items"]} == {"no_variance"}
    assert {one["fit"]["reason"] for one in full["validity"]["confirmatory"]} == {"constant_item"}
    assert full["quality"]["doubts"]["straight"] == 0  # three answers are too few to call anybody a straight-liner


def test_fewer_respondents_than_items_have_no_factor_model(tmp_path: Path, small: Path) -> None:
    """Three persons, three items: ``too_few_complete``."""
    rows = [[5, 1, 4, 2, 3, 5], [4, 2, 5, 3, 1, 4], [3, 5, 2, 2, 4, 1]]
    code, found, _ = run(write(tmp_path, HEADINGS, rows), "--questionnaire", small)
    assert code == 0
    holds(found)
    assert {one["fit"]["reason"] for one in found["full"]["validity"]["confirmatory"]} == {"too_few_complete"}


def test_answers_of_one_side_only_have_no_gap(tmp_path: Path, small: Path) -> None:
    """Perception alone: no pairs, but an index."""
    code, found, _ = run(write(tmp_path, ["P_x", "P_y", "P_z"], [[5, 4, 3], [4, 4, 2]]), "--questionnaire", small)
    assert code == 0
    holds(found)
    assert found["full"]["certainty"][0]["index"]["value"] == pytest.approx(22 / 6 / 5 * 100)
    assert {one["test"]["t"]["reason"] for one in found["full"]["gaps"]["items"]} == {"no_pairs"}


def test_a_column_of_a_scale_that_nobody_answered_takes_the_index_away(tmp_path: Path, small: Path) -> None:
    """``element_without_answers``; the rest is told."""
    code, found, _ = run(write(tmp_path, ["P_x", "P_y"], [[5, 4], [4, 4]]), "--questionnaire", small)
    assert code == 0
    holds(found)
    assert found["full"]["certainty"][0]["reason"] == "element_without_answers"


OVERALL = (*HEADINGS, "overall", "unit", "day")


@pytest.mark.parametrize(
    ("arguments", "rows", "wanted"),
    [
        ([], [["", "", "", "", "", "", 5, "a", ""]], "there is not a single answer"),
        ([], [[9, 1, 1, 1, 1, 1, 5, "a", ""]], "row 2, column E_x: “9” is off the scale from 1 to 5"),
        ([], [[1, 1, 1, 1, 1, 1, "good", "a", ""]], "row 2, column overall: “good” is no judgement from 1 to 100"),
        (["--overall-points", 5], [[1] * 6 + [6, "a", ""]], "“6” is no judgement from 1 to 5"),
        (["--date", "day"], [[1] * 6 + [5, "a", "yesterday"]], "row 2, column day: “yesterday” is no day"),
        (["--group", "gender"], [[1] * 6 + [5, "a", ""]], "no column has the heading “gender”"),
        (["--group", "day"], [[1] * 6 + [5, "a", k] for k in range(201)], "holds 201 different groups"),
        (["--population", 0], [[1] * 6 + [5, "a", ""]], "--population"),
    ],
)
def test_what_has_to_be_repaired_is_told(
    tmp_path: Path, small: Path, arguments: list[object], rows: list[list[object]], wanted: str
) -> None:
    """Exit code 2, no JSON, and a sentence that says where and what."""
    code, found, err = run(write(tmp_path, OVERALL, rows), "--questionnaire", small, *arguments)
    assert (code, found) == (2, {})
    assert wanted in err


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("variable,group\nunit,a\n", "the headings must be variable, group and people"),
        ("variable,group,people\ngender,F,10\n", "row 2: “gender” is no grouping"),
        ("variable,group,people\nunit,a,many\n", "row 2: “many” is no number of people"),
        ("variable,group,people\nunit,a,1\nunit,a,2\n", "row 3: the group “a” stands twice"),
    ],
)
def test_a_margin_that_fits_nothing_is_told(tmp_path: Path, small: Path, content: str, wanted: str) -> None:
    """Which row of which file, and what it should be."""
    margins = tmp_path / "margins.csv"
    margins.write_text(content, encoding="utf-8")
    file = write(tmp_path, OVERALL, [[1] * 6 + [5, "a", ""]] * 3)
    code, _, err = run(file, "--questionnaire", small, "--weight-margins", margins)
    assert code == 2
    assert err.startswith(str(margins)) and wanted in err


def test_margins_with_people_nobody_asked_give_the_reason(tmp_path: Path, small: Path) -> None:
    """A group of the population without respondents cannot be weighted."""
    margins = tmp_path / "margins.csv"
    margins.write_text("variable,group,people\nunit,a,10\nunit,b,10\n", encoding="utf-8")
    file = write(tmp_path, OVERALL, [[1, 2, 3, 4, 5, 1, 5, "a", ""]] * 3)
    code, found, _ = run(file, "--questionnaire", small, "--weight-margins", margins)
    assert code == 0
    holds(found)
    weighting = found["full"]["sample"]["weighting"]
    assert weighting["reason"] == "margin_without_respondents"
    assert weighting["unknown"] == {"unit": ["b"]}


def test_options_of_the_full_evaluation_need_it(tmp_path: Path, small: Path) -> None:
    """Rather than being silently ignored."""
    out, err = io.StringIO(), io.StringIO()
    file = write(tmp_path, HEADINGS, [[1] * 6])
    assert main(["evaluate", str(file), "--questionnaire", str(small), "--group", "unit"], out, err) == 2
    assert "--full" in err.getvalue()


def test_months_may_be_written_in_many_ways(tmp_path: Path, small: Path) -> None:
    """2026-11, 202611, 11/2026 and days all fall into November."""
    days = ["2026-11", "202611", "11/2026", "2026-11-24", "24/11/2026", ""]
    rows = [[1, 2, 3, 4, 5, 1, 5, "a", day] for day in days]
    code, found, _ = run(write(tmp_path, OVERALL, rows), "--questionnaire", small, "--date", "day")
    assert code == 0
    (month,) = found["months"]
    assert (month["month"], month["n"]) == (202611, 5)
    assert found["full"]["time"]["unknown"] == 1
