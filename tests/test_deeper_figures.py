"""Do the parts that are computed only on request say what their numbers say, and hide what few could be known by?"""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from analysis.counting.matrix import Matrix
from analysis.figures import certain_words, parts
from analysis.figures.paper import Figure, Reader
from analysis.files.background import background_of
from analysis.full import study_of
from analysis.results import Results, evaluate
from analysis.study import Study
from analysis.topics.priorities import stated_map
from survey.catalogue import Survey
from survey.questionnaire import load_questionnaire
from survey.store import Store
from survey.words import load_words
from tests.builders import survey_called
from tests.numbers import ELEMENTS, QUESTIONNAIRES, ikm400, matrix, skm, with_sums

ID, EN = load_words("id"), load_words("en")
MONTHS = [202601 + month for month in range(10)]


@pytest.fixture
def survey(store: Store) -> Survey:
    return survey_called(store)


def people(n: int = 600, *, better: int = 0, months: int = 10) -> Matrix:
    """n made-up respondents over ten months and two units; the second unit gets ``better`` points more of four."""
    generator = np.random.default_rng(4)
    unit = generator.integers(1, 3, n)
    mood = generator.normal(0, 0.7, n)
    answers = {}
    for at, name in enumerate(ELEMENTS):
        level = 2.4 + 0.1 * at + mood + generator.normal(0, 0.6, n) + better * (unit == 2)
        answers[name] = np.clip(np.rint(level), 1, 4).astype(int).tolist()
        answers[f"E_{name}"] = (
            np.clip(np.rint(3.9 - 0.08 * at + generator.normal(0, 0.4, n)), 1, 4).astype(int).tolist()
        )
    days = [MONTHS[at % months] * 100 + 10 for at in range(n)]
    return matrix(skm(), answers, unit=unit.tolist(), day=days)


def study(asked: Matrix, survey: Survey, minimum: int = 5) -> Study:
    return study_of(asked.questionnaire, asked, background=background_of(asked, survey), minimum=minimum)


def figures(
    view: str, asked: Matrix, survey: Survey, reader: Reader | None = None, minimum: int = 5
) -> dict[str, Figure]:
    made = study(asked, survey, minimum)
    found = parts.part(view, made.results, survey, reader or Reader(asked.questionnaire, ID), lambda: made)
    return {figure.name: figure for figure in found}


def results_of(totals: list[int], n: int) -> Results:
    return evaluate(skm(), matrix(skm(), with_sums(totals, n)))


# --- words


def test_the_probability_of_the_grade_is_said_with_what_else_is_possible() -> None:
    """R: 1 - pt((76.605 - 76.7) / 0.5, 399) ... here an index a little above the limit of B."""
    index = evaluate(ikm400().questionnaire, ikm400(rows=range(40))).index
    assert index is not None
    said = certain_words.grade_certainty(index, EN)
    assert said is not None and said.startswith(f"Probability of grade {index.value.grade}: ")
    likely = [each for each in index.certainty.grades if each.probability >= 0.005]
    assert all(f"{each.grade} " in said.replace(":", " ") for each in likely)


def test_a_grade_that_is_all_but_certain_is_not_given_more_digits_than_anybody_knows() -> None:
    """400 respondents, B with a probability of 1 - 1e-20: *more than 99 %*."""
    index = evaluate(ikm400().questionnaire, ikm400()).index
    assert index is not None
    assert certain_words.grade_certainty(index, ID) == "Peluang mutu B: lebih dari 99 %"


def test_answers_that_are_all_equal_promise_no_certainty() -> None:
    """No spread is seen, which is no proof: nothing is said."""
    index = results_of([147] * 9, 49).index
    assert index is not None
    assert index.certainty.reason == "no_spread"
    assert certain_words.grade_certainty(index, ID) is None


def test_the_way_to_the_next_grade_names_an_element_that_can_do_it_alone() -> None:
    """88.305 - 88.2 is little: the lowest element needs 0.04 more; all 4: there is no better grade."""
    q = skm()
    near = evaluate(q, matrix(q, with_sums([174] * 8 + [163], 49))).index
    assert near is not None
    said = certain_words.next_grade(near, q, EN)
    alone = near.next_grade.elements[-1]
    assert alone.needed > Fraction(163, 49)
    assert said is not None and "for example by Facilities alone: from 3.33 to " in said
    best = evaluate(q, matrix(q, with_sums([196] * 9, 49))).index
    assert best is not None
    assert certain_words.next_grade(best, q, EN) == "This is the best grade."


def test_where_no_element_can_do_it_alone_all_have_to_rise(survey: Survey) -> None:
    """From 62.5 to 64.995: 2.495 / 25 = 0.0998 each; from 25 to 64.995 one element would need 17.4 of 4 points."""
    q = skm()
    low = evaluate(q, matrix(q, with_sums([49] * 9, 49))).index
    assert low is not None
    said = certain_words.next_grade(low, q, EN)
    assert said is not None and "no element can do it alone, all of them with 1.60 points more each" in said


def test_a_gap_is_said_to_be_more_than_chance_only_when_it_is(survey: Survey) -> None:
    """Differences that add up to nothing are not clear; everybody one point lower has no spread, and no test."""
    q = skm()
    nothing = evaluate(
        q, matrix(q, {f"P_{n}": [2, 3] * 10 for n in ELEMENTS} | {f"E_{n}": [3, 2] * 10 for n in ELEMENTS})
    )
    assert certain_words.chance(nothing.items[0], EN) == "not clear"
    clear = evaluate(q, people())
    assert certain_words.chance(clear.items[0], EN) == "yes"
    told = certain_words.chance_of_all(clear.items, EN)
    assert told is not None and told.endswith("of 9 are larger than chance (tested together, Holm, 5%)")
    same = evaluate(q, matrix(q, {f"P_{n}": [2] * 10 for n in ELEMENTS} | {f"E_{n}": [3] * 10 for n in ELEMENTS}))
    assert certain_words.chance(same.items[0], EN) == "–"
    assert certain_words.chance_of_all(same.items, EN) is None


# --- figures


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("dark", [False, True])
def test_every_deeper_figure_has_a_finding_its_terms_a_text_and_a_table(
    language: str, dark: bool, survey: Survey
) -> None:
    asked, reader = people(), Reader(skm(), load_words(language), dark)
    found = {name: figure for view in parts.DEEPER for name, figure in figures(view, asked, survey, reader).items()}
    assert set(found) == {
        *("priorities", "compare-unit", "trend"),
        *("alpha-perception", "alpha-expectation", "alpha-gap", "doubts", "without"),
    }
    for figure in found.values():
        assert figure.title and figure.terms and figure.table.rows
        assert figure.alternative.endswith(".")
        assert all(len(row) == len(figure.table.headings) for row in figure.table.rows)
        assert "NaN" not in figure.chart.to_json()


def test_units_that_differ_are_told_apart_and_others_are_not(survey: Survey) -> None:
    """One point of four is 25 of 100; nothing is nothing."""
    apart = figures("comparison", people(better=1), survey)["compare-unit"]
    assert "jelas di atas" in apart.title
    assert {row[3] for row in apart.table.rows} == {"a", "b"}
    same = figures("comparison", people(), survey)["compare-unit"]
    assert same.title == "Tidak ada unit yang dapat dibedakan dari yang lain"


def test_a_unit_with_few_respondents_is_not_compared(survey: Survey) -> None:
    """Four of them could be recognised: the figure has no second unit left, and is not there."""
    asked = people(60)
    lonely = matrix(
        skm(),
        {column.name: asked.column(column.name).tolist() for column in skm().columns},
        unit=[1] * 56 + [2] * 4,
        day=20260110,
    )
    assert "compare-unit" not in figures("comparison", lonely, survey)
    assert "compare-unit" in figures("comparison", lonely, survey, minimum=1)


def test_a_month_with_few_respondents_is_in_no_trend(survey: Survey) -> None:
    """Ten months of sixty people each, one of them with three: nine are charted."""
    asked = people()
    days = asked.day.copy()
    october = np.flatnonzero(days == 20261010)
    days[october[3:]] = 20260110
    moved = matrix(
        skm(), {column.name: asked.column(column.name).tolist() for column in skm().columns}, day=days.tolist()
    )
    table = figures("comparison", moved, survey)["trend"].table
    assert len(table.rows) == 9
    assert "Oktober 2026" not in {row[0] for row in table.rows}


def test_there_is_no_control_chart_of_fewer_than_eight_months(survey: Survey) -> None:
    assert "trend" not in figures("comparison", people(months=7), survey)
    assert "trend" in figures("comparison", people(months=8), survey)


def test_a_priority_is_claimed_only_when_its_ellipse_crosses_no_line(survey: Survey) -> None:
    """The first element is expected most and found worst; the title names it, and nothing undecided."""
    asked = people(3000)
    figure = figures("priorities", asked, survey)["priorities"]
    found = stated_map(study(asked, survey))
    assert found is not None
    first = {
        name
        for name, one in zip(found.items, found.found.items, strict=True)
        if one.quadrant == "concentrate" and not one.undecided
    }
    labels = {item.name: item.label["id"] for item in skm().items}
    assert "requirements" in first
    assert figure.title.startswith("Prioritas utama: ")
    assert {name for name in labels if labels[name] in figure.title} == first


def test_a_scale_of_one_item_says_why_it_has_no_reliability(survey: Survey) -> None:
    figure = figures("measurement", people(), survey)["alpha-perception"]
    assert "hanya satu butir" in " ".join(str(note.text) for note in figure.chart.layout.annotations)


def test_doubtful_responses_are_told_beside_all_and_nobody_is_dropped(survey: Survey) -> None:
    """The first row is everybody, the last without any doubt."""
    asked = people()
    table = figures("measurement", asked, survey)["without"].table
    assert table.rows[0][0] == "Semua jawaban"
    assert table.rows[0][-1] == "600"
    assert int(table.rows[-1][-1]) < 600


def test_words_of_a_questionnaire_are_never_markup_in_a_deeper_chart(survey: Survey) -> None:
    trap = [item.model_copy(update={"label": {"id": "<b>Waktu</b>", "en": "<i>x"}}) for item in skm().items]
    units = tuple(replace(unit, label={"id": "<b>Waktu</b>", "en": "<i>x"}) for unit in survey.units)
    reader = Reader(skm().model_copy(update={"items": tuple(trap)}), ID)
    asked = people()
    for view in parts.DEEPER:
        for figure in figures(view, asked, replace(survey, units=units), reader).values():
            assert "<b>Waktu" not in figure.chart.to_json().replace("\\u003c", "<")


@pytest.mark.parametrize("path", sorted(QUESTIONNAIRES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_questionnaire_has_deeper_figures_or_none(path: Path, survey: Survey) -> None:
    q = load_questionnaire(path)
    codes = np.random.default_rng(2).integers(0, [column.codes + 1 for column in q.columns], (90, len(q.columns)))
    answers = {column.name: codes[:, at].tolist() for at, column in enumerate(q.columns)}
    asked = matrix(q, answers, unit=[1, 2, 3] * 30, day=[MONTHS[at % 10] * 100 + 1 for at in range(90)])
    for view in parts.DEEPER:
        for figure in figures(view, asked, survey).values():
            assert figure.table.rows, figure.name
