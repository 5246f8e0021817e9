"""Do the charts say what the numbers say, in the reader's language, readable without colour and without seeing?"""

from pathlib import Path

import numpy as np
import pytest

from analysis.figures import findings, parts
from analysis.figures.answers import distributions
from analysis.figures.gaps import gaps, radar
from analysis.figures.groups import groups, months
from analysis.figures.index import bands_of, elements_weakest_first, grade_bar
from analysis.figures.look import DARK, DIVERGING, LIGHT, MIDDLE, contrast, ink_on, scale_colours
from analysis.figures.paper import Figure, Reader
from analysis.methods.estimate import Estimate
from analysis.results import Group, Results, evaluate
from analysis.small_cells import safe_counts
from survey.catalogue import Survey
from survey.questionnaire import Aspect, Questionnaire, load_questionnaire
from survey.store import Store
from survey.words import load_words
from tests.builders import survey_called
from tests.numbers import ELEMENTS, QUESTIONNAIRES, matrix, questionnaire, skm, with_sums

ID, EN = load_words("id"), load_words("en")
SUMS_OF_29 = (105, 101, 100, 116, 102, 105, 106, 105, 115)
"""29 respondents, nine elements: exact index 91.4751, with weight 0.11 90.5603 (printed in a public manual)."""


def results_of(
    sums: tuple[int, ...] = SUMS_OF_29, n: int = 29, *, expectation: int = 4, asked: Questionnaire | None = None
) -> Results:
    """n respondents whose perceptions have these sums and who all expect the same."""
    q = asked or skm()
    answers = with_sums(sums, n) | {f"E_{name}": [expectation] * n for name in ELEMENTS}
    return evaluate(q, matrix(q, answers, day=20261124))


def reader(language: str = "id", *, dark: bool = False) -> Reader:
    return Reader(skm(), load_words(language), dark)


def texts(figure: Figure) -> str:
    """Everything written on the paper of a chart."""
    return " ".join(str(note.text) for note in figure.chart.layout.annotations)


@pytest.fixture
def survey(store: Store) -> Survey:
    return survey_called(store)


def every_figure(results: Results, survey: Survey, reader: Reader) -> list[Figure]:
    return [
        f
        for view in ("overview", "elements", "gaps", "answers", "people")
        for f in parts.part(view, results, survey, reader)
    ]


# --- what the sentences claim


def test_the_headline_tells_index_grade_interval_and_weakest_element_in_the_readers_language() -> None:
    """Exact index 91.4751, grade A; the decimal mark is the language's."""
    said = findings.headline(results_of(), skm(), ID)
    assert said.lead == "IKM 91,48 — A, Sangat Baik"
    assert said.rest.startswith("; antara ")
    english = findings.headline(results_of(), skm(), EN)
    assert english.lead == "IKM 91.48 — A, Very Good"


def test_an_element_is_called_weakest_only_when_its_interval_stands_apart() -> None:
    """Sums of 60 against 116 on 29 answers: intervals far apart. Equal sums: nobody is weakest."""
    apart = results_of((116, 116, 60, 116, 116, 116, 116, 116, 116))
    assert apart.index is not None
    assert findings.weakest(apart.index, skm(), EN) == "Time is the weakest"
    alike = results_of((100, 101, 100, 101, 100, 101, 100, 101, 100))
    assert alike.index is not None
    assert findings.weakest(alike.index, skm(), EN) == "There is no clear difference between the elements"


def test_two_elements_that_overlap_are_named_together() -> None:
    results = results_of((116, 116, 60, 116, 116, 116, 116, 61, 116))
    assert results.index is not None
    said = findings.weakest(results.index, skm(), EN)
    assert said == "Time and Handling of complaints are the lowest, with no clear difference between them"


def test_a_warning_appears_exactly_when_another_usual_weight_changes_the_grade() -> None:
    """Index 88.89 is A with 1/9 and 88.00 (B) with 0.11; 91.48 is A under every convention."""
    flips = results_of((32,) * 9, n=9)
    assert flips.index is not None
    assert float(flips.index.value.exact) == pytest.approx(88.8889, abs=1e-4)
    warning = findings.weights_warning(flips.index, ID)
    assert warning is not None
    assert "88,00 (B, Baik) dengan bobot 0,11" in warning
    steady = results_of()
    assert steady.index is not None
    assert findings.weights_warning(steady.index, ID) is None
    assert findings.weights_note(steady.index, ID) == (
        "Bobot lain yang lazim memberi mutu yang sama: 90,56 dengan bobot 0,11 dan 91,38 dengan bobot 0,111."
    )


def test_gaps_are_claimed_only_where_the_interval_lies_on_one_side_of_zero() -> None:
    labels = findings.dimension_labels(skm(), EN)
    behind = results_of((60, 61) * 4 + (60,))
    assert "Citizens expect more" in findings.gap_title(behind.dimensions, labels, EN, "dimension")
    none = evaluate(
        skm(),
        matrix(skm(), {c.name: [3, 4] * 10 if c.aspect is Aspect.PERCEPTION else [4, 3] * 10 for c in skm().columns}),
    )
    assert findings.gap_title(none.dimensions, labels, EN, "dimension") == (
        "There is no clear difference between expectation and perception"
    )


def test_the_interval_of_a_share_equals_the_printed_one() -> None:
    """Newcombe (1998), Statistics in Medicine 17, table I, method 3: 15 of 148 -> 0.0624 to 0.1605."""
    found = findings.share_interval(15, 148)
    assert found.low == pytest.approx(0.0624, abs=5e-5)
    assert found.high == pytest.approx(0.1605, abs=5e-5)


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0.0, 0.1611), (20, 0.8389, 1.0)])
def test_a_share_of_nobody_or_everybody_has_an_interval_within_the_scale(count: int, low: float, high: float) -> None:
    """Newcombe (1998), table I, method 3: 0 of 20 -> 0.0000 to 0.1611."""
    found = findings.share_interval(count, 20)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


def test_an_interval_that_is_not_known_claims_no_difference() -> None:
    assert findings.overlap(Estimate(1.0, 1), Estimate(4.0, 400, 0.01, 3.98, 4.02))


# --- what the charts show


def test_the_grade_bar_frames_the_interval_and_names_every_grade() -> None:
    results = results_of()
    assert results.index is not None
    figure = grade_bar(results.index, bands_of(results.index), reader())
    frame = figure.chart.layout.shapes[0]
    assert (frame.x0, frame.x1) == (results.index.interval.low, results.index.interval.high)
    assert "91,48" in texts(figure)
    assert list(figure.chart.layout.xaxis.ticktext) == ["25", "65,00", "76,61", "88,31", "100"]
    assert "D Tidak Baik" in texts(figure)
    assert [row[0] for row in figure.table.rows] == ["bobot tepat 1/9", "bobot 0,11", "bobot 0,111"]
    assert "90,56" in figure.table.rows[1]


def test_elements_stand_weakest_first_with_mean_interval_and_n() -> None:
    results = results_of()
    assert results.index is not None
    figure = elements_weakest_first(results.index, reader())
    assert figure.table.rows[0][:2] == ("U3 Waktu penyelesaian", "3,45")
    assert figure.table.rows[-1][:2] == ("U4 Biaya/tarif", "4,00")
    assert "<b>3,45</b>  n 29" in texts(figure)
    assert all(row[4] == "29" for row in figure.table.rows)


def test_the_dumbbell_has_filled_and_open_marks_and_the_paired_gap_beside_them() -> None:
    results = results_of((60,) * 9)
    figure = gaps(results, reader(), "dimension")
    marks = {trace.name: trace.marker.symbol for trace in figure.chart.data if trace.name}
    assert marks == {"Kenyataan": "circle", "Harapan": "circle-open"}
    assert "−1,93" in texts(figure)
    assert figure.table.rows[-1][0] == "Semua dimensi (tanpa bobot)"


def test_the_radar_tells_its_outlines_apart_by_line_and_mark() -> None:
    figure = radar(results_of((60,) * 9), reader())
    assert [(trace.line.dash, trace.marker.symbol) for trace in figure.chart.data] == [
        ("dash", "circle-open"),
        ("solid", "circle"),
    ]
    assert figure.title == "Harapan di luar kenyataan pada 5 dari 5 dimensi"


def test_distributions_put_low_answers_left_of_the_middle_and_high_ones_right() -> None:
    """Of 30 answers to time a third each chose 1, 2 and 4: bars from -2/3 to 0 and from 0 to 1/3."""
    results = evaluate(skm(), matrix(skm(), {"P_time": [1, 2, 4] * 10}))
    figure = distributions(results, reader("en"), Aspect.PERCEPTION)
    bars = [(trace.base[0], trace.base[0] + trace.x[0]) for trace in figure.chart.data]
    assert bars == [pytest.approx(pair) for pair in [(-2 / 3, -1 / 3), (-1 / 3, 0), (0, 0), (0, 1 / 3)]]
    assert [trace.name for trace in figure.chart.data] == [
        "1 Not fast at all",
        "2 Not very fast",
        "3 Fast",
        "4 Very fast",
    ]
    assert figure.title == "67% gave a low answer on Time, more than on any other"


def test_the_middle_of_an_odd_scale_lies_half_to_each_side() -> None:
    q = questionnaire({"d": ["a"]}, points=5, aspects=["perception"])
    results = evaluate(q, matrix(q, {"P_a": [3] * 10}))
    figure = distributions(results, Reader(q, EN), Aspect.PERCEPTION)
    middle = figure.chart.data[2]
    assert (middle.base[0], middle.x[0]) == (-0.5, 1.0)


def test_months_show_the_index_with_its_interval_and_say_when_there_is_no_clear_difference() -> None:
    q = skm()
    answers = {f"P_{name}": [3, 4, 2, 3, 4] * 4 for name in ELEMENTS}
    results = evaluate(q, matrix(q, answers, day=[20261001] * 10 + [20261101] * 10))
    figure = months(results.months, reader("en"), official=True)
    assert figure.title == "There is no clear difference between October 2026 and November 2026"
    assert [row[0] for row in figure.table.rows] == ["October 2026", "November 2026"]
    assert figure.chart.data[1].error_y.array[0] > 0


def test_a_month_with_too_few_answers_has_a_bar_but_no_index() -> None:
    q = skm()
    answers = {f"P_{name}": [3, 4, 2, 3, 4] * 4 for name in ELEMENTS}
    results = evaluate(q, matrix(q, answers, day=[20261001] * 3 + [20261101] * 17))
    figure = months(results.months, reader(), official=True)
    assert list(figure.chart.data[0].y) == [3, 17]
    assert len(figure.chart.data[1].y) == 1
    assert figure.table.rows[0][1] == "responden terlalu sedikit untuk ditampilkan"


def test_small_groups_are_hidden_together_with_one_more_so_that_nobody_can_be_computed() -> None:
    people = [Group("sex", 1, 60), Group("sex", 2, 3), Group("sex", 0, 7)]
    figure = groups(people, reader("en"), variable="sex", heading="Sex", labels={1: "Male", 2: "Female"}, minimum=5)
    assert figure.table.rows == (("Male", "60", "95.2%"), ("Female", "hidden", "–"), ("Not answered", "hidden", "–"))
    assert "fewer than 5 people are hidden" in figure.terms


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((12, 9, 0), (12, 9, 0)),
        ((12, 3, 9), (12, None, None)),
        ((12, 3, 2), (12, None, None)),
        ((3,), (None,)),
        ((), ()),
    ],
)
def test_a_hidden_count_never_follows_from_the_others_and_the_total(
    counts: tuple[int, ...], shown: tuple[int | None, ...]
) -> None:
    assert safe_counts(counts, 5) == shown


# --- what holds for every figure


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("dark", [False, True])
def test_every_figure_has_a_finding_its_terms_a_text_and_a_table(language: str, dark: bool, survey: Survey) -> None:
    found = every_figure(results_of(), survey, reader(language, dark=dark))
    assert {f.name for f in found} >= {
        "grade", "weakest", "months", "elements", "gaps-dimension", "gaps-item", "radar",
        "distribution-perception", "distribution-expectation", "group-sex", "group-unit",
    } - {"group-unit"}  # fmt: skip
    for figure in found:
        assert figure.title
        assert figure.terms
        assert figure.alternative.endswith(".")
        assert all(len(row) == len(figure.table.headings) for row in figure.table.rows)
        assert figure.chart.layout.template.layout.separators == (",." if language == "id" else ".,")
        assert "system-ui" in figure.chart.layout.font.family


def test_words_of_a_questionnaire_are_never_markup_in_a_chart(survey: Survey) -> None:
    q = skm()
    items = [item.model_copy(update={"label": {"id": "<b>Waktu</b>", "en": "<i>x"}}) for item in q.items]
    trap = q.model_copy(update={"items": tuple(items)})
    results = results_of()
    for view in ("overview", "elements", "gaps", "answers"):
        for figure in parts.part(view, results, survey, Reader(trap, ID)):
            assert "<b>Waktu" not in figure.chart.to_json().replace("\\u003c", "<")


def test_one_respondent_has_numbers_without_intervals_and_the_reason_beside_them(survey: Survey) -> None:
    q = skm()
    results = evaluate(q, matrix(q, {c.name: [3] for c in q.columns}, day=20261124), minimum=1)
    found = every_figure(results, survey, reader())
    gaps = next(f for f in found if f.name == "gaps-dimension")
    assert "hanya satu responden" in texts(gaps)


def test_the_colours_can_be_read() -> None:
    """WCAG 2.2: 4.5:1 for text, 3:1 for marks, on light and on dark paper."""
    for ours in (LIGHT, DARK):
        assert contrast(ours.ink, ours.paper) >= 4.5
        assert contrast(ours.muted, ours.paper) >= 4.5
        for mark in (ours.first, ours.second, ours.alert):
            assert contrast(mark, ours.paper) >= 3
    for points in range(2, 11):
        colours = scale_colours(points)
        assert len(set(colours)) == points
        assert all(contrast(ink_on(colour), colour) >= 4.5 for colour in colours)
    assert scale_colours(4) == DIVERGING
    assert scale_colours(7)[3] == MIDDLE


@pytest.mark.parametrize("path", sorted(QUESTIONNAIRES.glob("*.yaml")), ids=lambda path: path.stem)
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_shipped_questionnaire_has_a_headline_and_figures(path: Path, language: str, survey: Survey) -> None:
    q = load_questionnaire(path)
    codes = np.random.default_rng(2).integers(0, [column.codes + 1 for column in q.columns], (60, len(q.columns)))
    results = evaluate(q, matrix(q, {c.name: codes[:, at].tolist() for at, c in enumerate(q.columns)}, day=20261124))
    words = load_words(language)
    assert findings.headline(results, q, words).sentence
    for figure in every_figure(results, survey, Reader(q, words)):
        assert figure.title
        assert figure.table.rows, figure.name
