"""Do the shipped questionnaires ask what they promise, and do their results carry the right name?"""

import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from analysis.counting.matrix import Matrix
from analysis.counting.tally import Tally
from analysis.evaluate import main
from analysis.figures import findings
from analysis.figures.paper import Reader
from analysis.figures.parts import part
from analysis.regulation import rule_set
from analysis.results import Results, evaluate, evaluate_tally
from survey.example import add_example_answers
from survey.form.definition import form_definition
from survey.principal import LOCAL_STAFF
from survey.questionnaire import Aspect, Questionnaire, load_questionnaire, load_questionnaires
from survey.store import Store
from survey.store.answers.responses import read_responses
from survey.store.plans.planning import add_survey
from survey.store.plans.surveys import first_survey
from survey.words import load_words
from tests.builders import NOW, respond, survey_called
from tests.numbers import ELEMENTS, QUESTIONNAIRES, matrix, with_sum

SHAPES: dict[str, tuple[int, dict[str, int], int]] = {
    "skm-2017": (
        9,
        {"tangibles": 1, "reliability": 3, "responsiveness": 2, "assurance": 2, "empathy": 1},
        4,
    ),
    "skm-2014": (9, {"reliability": 3, "responsiveness": 2, "assurance": 3, "empathy": 1}, 4),
    "skm-2004": (
        14,
        {"tangibles": 1, "reliability": 5, "responsiveness": 2, "assurance": 4, "empathy": 2},
        4,
    ),
    "servqual-22": (
        22,
        {"tangibles": 4, "reliability": 5, "responsiveness": 4, "assurance": 4, "empathy": 5},
        7,
    ),
    "zi-spkp-spak": (13, {"spkp": 8, "spak": 5}, 6),
    "egov-2003-staff": (20, {"preparation": 5, "maturation": 5, "consolidation": 5, "utilization": 5}, 4),
    "egov-2003-citizen": (8, {"preparation": 2, "maturation": 2, "consolidation": 2, "utilization": 2}, 4),
}
"""Items, items by dimension, points of the scale."""

ANNEX_2004 = [345, 265, 353, 231, 155, 312, 213, 243, 321, 145, 193, 231, 303, 156]
"""Sums of 100 answers with the means of the annex of KEP/25/M.PAN/2/2004."""


def shipped(name: str) -> Questionnaire:
    return load_questionnaire(QUESTIONNAIRES / f"{name}.yaml")


def told(name: str, answers: Mapping[str, Sequence[int]], **how: str) -> Results:
    return evaluate(shipped(name), matrix(shipped(name), answers), **how)  # type: ignore[arg-type]


def everybody(q: Questionnaire, code: int, n: int = 6) -> dict[str, list[int]]:
    """Everybody gives the same answer to every question."""
    return {column.name: [code] * n for column in q.columns if column.aspect}


# --- what is asked


@pytest.mark.parametrize("name", SHAPES)
def test_it_has_its_items_in_its_dimensions_on_its_scale(name: str) -> None:
    items, dimensions, points = SHAPES[name]
    q = shipped(name)
    assert len(q.items) == items
    assert {d.name: sum(item.dimension == d.name for item in q.items) for d in q.dimensions} == dimensions
    assert {column.codes for column in q.columns if column.aspect} == {points}


def test_every_questionnaire_in_the_folder_is_known_here() -> None:
    assert {q.name for q in load_questionnaires(QUESTIONNAIRES)} == {*SHAPES, "skm-2017-servqual"}


@pytest.mark.parametrize(("name", "rules"), [(name, name) for name in ("skm-2004", "skm-2014", "skm-2017")])
def test_a_regulated_questionnaire_asks_exactly_the_elements_of_its_rule_as_perception(name: str, rules: str) -> None:
    """In the order of the rule, numbered U1 to U9 or U14, with four worded answers each."""
    q = shipped(name)
    assert q.regulation == rules
    assert tuple(item.name for item in q.items) == rule_set(rules).elements
    assert [item.number for item in q.items] == [f"U{k}" for k in range(1, len(q.items) + 1)]
    assert q.aspects() == (Aspect.PERCEPTION,)
    for column in q.columns:
        assert column.question is not None
        assert set(column.question.scale.labels) == {1, 2, 3, 4}


@pytest.mark.parametrize(("name", "numbers"), [("skm-2004", 14), ("skm-2014", 9), ("skm-2017", 9)])
def test_headings_from_u1_on_are_found(name: str, numbers: int) -> None:
    """``U3``, ``u3`` and the name of the element mean the same column; there is no number beyond the last."""
    q = shipped(name)
    for k, item in enumerate(q.items, start=1):
        for heading in (f"U{k}", f"u{k}", item.name, f"P_{item.name}", f"P_U{k}"):
            column = q.column_called(heading)
            assert column is not None and column.name == f"P_{item.name}"
    assert q.column_called(f"U{numbers + 1}") is None


def test_in_2014_the_service_charter_stands_where_2017_has_facilities() -> None:
    assert {item.name for item in shipped("skm-2017").items} - {item.name for item in shipped("skm-2014").items} == {
        "facilities"
    }
    charter = next(item for item in shipped("skm-2014").items if item.name == "charter")
    assert charter.number == "U8" and charter.label["id"] == "Maklumat pelayanan"


def test_skm_2017_asks_the_same_as_its_twin_with_expectations() -> None:
    """Elements, numbers and dimensions are the same, so that the two may follow each other in one series."""
    twins = [
        [(item.name, item.number, item.dimension) for item in shipped(name).items]
        for name in ("skm-2017", "skm-2017-servqual")
    ]
    assert twins[0] == twins[1]
    assert [name for name, _, _ in twins[0]] == ELEMENTS


@pytest.mark.parametrize("name", ["skm-2004", "skm-2014", "skm-2017-servqual"])
def test_an_element_is_asked_in_the_same_words_whatever_the_year(name: str) -> None:
    """Two offices, or two years, can be compared only where the same was asked; answers differ by a word otherwise."""
    ours = {item.name: item.perception for item in shipped("skm-2017").items}
    theirs = {item.name: item.perception for item in shipped(name).items}
    shared = ours.keys() & theirs.keys()
    assert shared >= {"requirements", "procedure"}
    assert {element: theirs[element] for element in shared} == {element: ours[element] for element in shared}


def test_servqual_asks_22_pairs_on_one_scale_worded_at_the_ends_and_in_the_middle_and_shares_100_points() -> None:
    q = shipped("servqual-22")
    assert q.aspects() == (Aspect.EXPECTATION, Aspect.PERCEPTION)
    assert [column.name[0] for column in q.columns] == ["E"] * 22 + ["P"] * 22 + ["W"] * 5
    for item in q.items:
        assert item.expectation is not None and item.perception is not None
        assert item.expectation.scale == item.perception.scale
        assert set(item.perception.scale.labels) == {1, 4, 7}
        for language, ideal, real in (
            ("id", "Di kantor pelayanan yang sangat baik", "Di kantor ini"),
            ("en", "In an excellent public office", "In this office"),
        ):
            expected, found = item.expectation.question[language], item.perception.question[language]
            assert expected.removeprefix(ideal) == found.removeprefix(real), "both ask the same, of two offices"
    assert q.points is not None and q.points.total == 100
    assert all(dimension.meaning for dimension in q.dimensions)
    assert q.regulation is None


def test_the_integrity_zone_shows_six_stars_with_a_word_for_each() -> None:
    for column in shipped("zi-spkp-spak").columns:
        assert column.question is not None
        assert (column.question.scale.picture, len(column.question.scale.labels)) == ("stars", 6)


def test_staff_and_citizens_judge_the_same_four_stages_in_two_questionnaires() -> None:
    staff, citizen = shipped("egov-2003-staff"), shipped("egov-2003-citizen")
    assert staff.dimensions == citizen.dimensions
    assert (staff.audience, citizen.audience) == ("staff", None)
    assert (staff.index_by, citizen.index_by) == ("dimension", "dimension")


@pytest.mark.parametrize("name", SHAPES)
def test_nobody_is_asked_who_they_are(name: str) -> None:
    """No question for a name, an identity number, a telephone number, an address or an e-mail."""
    q = shipped(name)
    assert {question.name for question in q.profile} <= {"sex", "age", "education", "occupation", "role"}


@pytest.mark.parametrize("name", SHAPES)
def test_a_question_fits_on_a_screen(name: str) -> None:
    """At most 100 characters, so that it stays large, and answers of at most 40."""
    for column in shipped(name).columns:
        if column.question:
            assert all(len(text) <= 100 for text in column.question.question.values()), column.name
            assert all(len(text) <= 40 for label in column.question.scale.labels.values() for text in label.values())


# --- what comes out


def test_the_annex_of_2004_comes_out_of_the_shipped_questionnaire_as_printed() -> None:
    """61.55, C: weight 0.071, each product rounded to three decimals; unrounded 61.5215; exactly 1/14 61.8929."""
    q = shipped("skm-2004")
    answers = {column.name: with_sum(total, 100) for column, total in zip(q.columns, ANNEX_2004, strict=True)}
    printed = told("skm-2004", answers, weights="0.071", rounding="products").index
    once = told("skm-2004", answers, weights="0.071").index
    exact = told("skm-2004", answers).index
    assert printed is not None and once is not None and exact is not None
    assert (printed.official, printed.value.exact, printed.value.rounded, printed.value.grade) == (
        True,
        Fraction("61.55"),
        Decimal("61.55"),
        "C",
    )
    assert (once.value.exact, exact.value.rounded) == (Fraction("61.5215"), Decimal("61.89"))
    assert [other.convention for other in exact.others] == ["0.071"], "the other convention stands beside it"


@pytest.mark.parametrize(("name", "code", "value", "grade"), [
    ("skm-2004", 3, 75, "B"), ("skm-2014", 3, 75, "B"), ("skm-2017", 3, 75, "C"),
])  # fmt: skip
def test_every_regulated_index_is_official_with_the_grades_of_its_own_year(
    name: str, code: int, value: int, grade: str
) -> None:
    """All answers 3: index 75, which is B by the bands of 2004 (62.51-81.25) and C by those of 2017 (65.00-76.60)."""
    index = told(name, everybody(shipped(name), code)).index
    assert index is not None
    assert (index.official, index.regulation, index.value.exact, index.value.grade) == (True, name, value, grade)


def test_servqual_has_an_index_out_of_100_that_is_not_official() -> None:
    """All perceptions 4 of 7: 400 / 7 = 57.142857; no grade, no rule; expectation does not enter."""
    q = shipped("servqual-22")
    answers = {column.name: [4 if column.aspect is Aspect.PERCEPTION else 7] * 6 for column in q.columns if column.item}
    found = told("servqual-22", answers)
    assert found.index is not None and found.indices == ()
    assert (found.index.official, found.index.value.exact, found.index.value.grade) == (False, Fraction(400, 7), "")
    assert found.overall is not None and found.overall.gap.value == -3


def test_the_integrity_zone_has_two_indices_and_none_of_the_whole() -> None:
    """SPKP all 5 of 6: 83.33; SPAK half 6, half 3: 75. Each with its own n, neither official."""
    q = shipped("zi-spkp-spak")
    answers = {column.name: [5] * 6 if column.dimension == "spkp" else [6, 6, 6, 3, 3, 3] for column in q.columns} | {
        "P_equality": [6, 6, 6, 3, 3, 3]
    }
    answers |= {name: [5, 5, 5, 5, 5, 0] for name in answers if name.startswith("P_") and answers[name] == [5] * 6}
    found = told("zi-spkp-spak", answers)
    assert found.index is None and found.elements_without_answers == ()
    assert [(i.dimension, i.value.rounded, i.n, len(i.elements), i.official) for i in found.indices] == [
        ("spkp", Decimal("83.33"), 5, 8, False),
        ("spak", Decimal("75.00"), 6, 5, False),
    ]
    assert found.indices[0].interval.se == 0


def test_the_interval_of_a_stage_is_that_of_the_mean_of_persons_when_all_answered() -> None:
    """Two items per stage; persons' means 1, 2, 3, 4, 2.5, 3 of 4: standard error as R's ``sd(x) / sqrt(6) * 25``."""
    q = shipped("egov-2003-citizen")
    people = {"P_finding": [1, 2, 3, 4, 2, 4], "P_help": [1, 2, 3, 4, 3, 2]}
    found = told("egov-2003-citizen", everybody(q, 3) | people).indices
    values = [25 * (a + b) / 2 for a, b in zip(*people.values(), strict=True)]
    mean = sum(values) / 6
    error = (sum((value - mean) ** 2 for value in values) / 5 / 6) ** 0.5
    assert [index.dimension for index in found] == ["preparation", "maturation", "consolidation", "utilization"]
    assert found[0].interval.value == pytest.approx(mean, rel=1e-12)
    assert found[0].interval.se == pytest.approx(error, rel=1e-9)
    assert [index.value.exact for index in found[1:]] == [75, 75, 75]


def test_a_stage_with_an_item_that_nobody_answered_has_no_index_but_the_others_have() -> None:
    q = shipped("egov-2003-citizen")
    found = told("egov-2003-citizen", everybody(q, 3) | {"P_tracking": [0] * 6})
    assert [index.dimension for index in found.indices] == ["preparation", "maturation", "utilization"]
    assert found.elements_without_answers == ("tracking",)


def test_indices_of_parts_come_from_tallies_that_add_up() -> None:
    q = shipped("zi-spkp-spak")
    some, others = matrix(q, everybody(q, 5, 3)), matrix(q, everybody(q, 2, 4))
    added = evaluate_tally(q, Tally.of(some) + Tally.of(others))
    assert [index.value.exact for index in added.indices] == [Fraction(23 * 100, 7 * 6)] * 2
    assert {index.n for index in added.indices} == {7}


@pytest.mark.parametrize(("language", "said"), [("id", "bukan IKM resmi"), ("en", "not the official IKM")])
@pytest.mark.parametrize("name", [name for name in SHAPES if not name.startswith("skm")])
def test_wherever_an_unofficial_index_is_shown_it_says_so(
    store: Store, tmp_path: Path, name: str, language: str, said: str
) -> None:
    """The headline of the dashboard, every figure with an index on it, and the text of the auditors' command."""
    q, words = shipped(name), load_words(language)
    survey = add_survey(store, LOCAL_STAFF, "trial", name)
    found = told(name, everybody(q, 4))
    assert said in findings.headline(found, q, words).sentence
    shown = {figure.name: figure for figure in part("overview", found, survey, Reader(q, words))}
    assert said in shown["months" if found.index else "indices"].terms
    file = tmp_path / "answers.csv"
    names = [column.name for column in q.columns if column.aspect]
    file.write_text("\n".join([",".join(names), *[",".join("4" for _ in names)] * 6]), encoding="utf-8")
    out = io.StringIO()
    assert main(["evaluate", str(file), "--questionnaire", name, "--language", language], out) == 0
    assert out.getvalue().count(said) == max(len(found.indices), 1)


def test_the_command_tells_the_gap_by_points_and_the_mean_points(tmp_path: Path) -> None:
    """Six rows, gap -1 everywhere, points 40 15 15 15 15: weighted gap -1, reliability 15."""
    q = shipped("servqual-22")
    row = ["5"] * 22 + ["4"] * 22 + ["40", "15", "15", "15", "15"]
    file = tmp_path / "answers.csv"
    file.write_text("\n".join([",".join(c.name for c in q.columns), *[",".join(row)] * 6]), encoding="utf-8")
    out = io.StringIO()
    assert main(["evaluate", str(file), "--questionnaire", q.name, "--language", "en"], out) == 0
    assert "Gap by the respondents' own points: −1.0000 (95% interval: −1.00 to −1.00" in out.getvalue()
    assert "Mean points by dimension:\n  Tangibles: 40.0000" in out.getvalue()


# --- asking it


@pytest.mark.parametrize("name", SHAPES)
def test_its_answers_are_stored_and_counted(store: Store, name: str) -> None:
    """A trial survey with made-up answers: every response fits, and a result comes out."""
    survey = add_survey(store, LOCAL_STAFF, f"{name}-trial", name, test=True)
    add_example_answers(store, LOCAL_STAFF, survey, 30, seed=3, now=NOW)
    packed = read_responses(store, LOCAL_STAFF, survey)
    assert len(packed) == 30
    found = evaluate(survey.questionnaire, Matrix.from_packed(packed))
    assert found.index is not None or len(found.indices) == len(survey.questionnaire.dimensions)
    if survey.questionnaire.points:
        assert found.weighted is not None and found.weighted.gap.n > 20
    assert set(packed.service) == {0} if survey.questionnaire.audience == "staff" else 0 not in set(packed.service)


def test_points_are_stored_as_points_and_one(store: Store) -> None:
    add_survey(store, LOCAL_STAFF, "points", "servqual-22", test=True)
    names = [dimension.name for dimension in shipped("servqual-22").dimensions]
    sent = {f"W_{name}": points + 1 for name, points in zip(names, [0, 100, 0, 0, 0], strict=True)}
    respond(store, survey="points", at=NOW, P_hours=7, **sent)
    packed = read_responses(store, LOCAL_STAFF, survey_called(store, "points"))
    assert packed.answers[0][-5:].tolist() == [1, 101, 1, 1, 1]


def test_staff_are_not_asked_which_service_they_received(store: Store) -> None:
    for name, services in (("egov-2003-staff", 0), ("egov-2003-citizen", 6)):
        survey = add_survey(store, LOCAL_STAFF, name, name)
        assert len(form_definition(survey, None, "light", today=NOW.date())["services"]) == services


def test_the_address_without_a_name_never_leads_citizens_to_a_survey_of_staff(store: Store) -> None:
    add_survey(store, LOCAL_STAFF, "inside", "egov-2003-staff")
    found = first_survey(store)
    assert found is not None and found.name == "skm"
    add_survey(store, LOCAL_STAFF, "outside", "egov-2003-citizen")
    found = first_survey(store)
    assert found is not None and found.name == "outside"


def test_whoever_shares_points_reads_what_a_dimension_means_in_plain_words(store: Store) -> None:
    survey = add_survey(store, LOCAL_STAFF, "points", "servqual-22")
    definition = form_definition(survey, None, "light", today=NOW.date())
    assert [entry["label"]["id"] for entry in definition["points"]["dimensions"]][:2] == [
        "Ruangan, peralatan, dan penampilan petugas",
        "Layanan yang benar dan sesuai janji",
    ]
    assert "picture" not in definition["scales"][0]
    stars = add_survey(store, LOCAL_STAFF, "stars", "zi-spkp-spak")
    assert [scale["picture"] for scale in form_definition(stars, None, "light", today=NOW.date())["scales"]] == [
        "stars"
    ]
