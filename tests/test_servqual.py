"""Gaps and dimension scores, against R and published tables. Tolerance 1e-9 relative, or as a docstring says."""

from math import isclose, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.counting.tally import Layout, Tally
from analysis.methods.estimate import of_mean
from analysis.methods.servqual import LISTWISE, gap_of_item, mean_of_codes, mean_of_scores
from analysis.results import Estimate, Gap, evaluate
from tests.numbers import SERVQUAL, codes400, matrix, questionnaire, reference, servqual400, skm, with_sum

REL = 1e-9
DIMENSIONS = tuple(SERVQUAL)
ITEMS = tuple(f"{dimension}{k}" for dimension, n in SERVQUAL.items() for k in range(1, n + 1))


def same(estimate: Estimate, r: dict[str, object]) -> None:
    """Value, n, standard error and both ends of the interval are those of R."""
    assert estimate.n == r["n"]
    low, high = r["ci95"]  # type: ignore[misc]
    for ours, theirs in (
        (estimate.value, r["mean"]),
        (estimate.se, r["se"]),
        (estimate.low, low),
        (estimate.high, high),
    ):
        assert isclose(ours, theirs, rel_tol=REL), (ours, theirs)  # type: ignore[arg-type]


@pytest.mark.parametrize("item", ITEMS)
def test_every_item_mean_and_interval_is_that_of_r(item: str) -> None:
    """R: item_desc() in tests/reference/r/lib.R, that is mean, sd/sqrt(n) and qt(.975, n-1), 22 items, E and P."""
    found = {gap.name: gap for gap in evaluate(servqual400().questionnaire, servqual400()).items}[item]
    same(found.expectation, reference()["item_E"][item])
    same(found.perception, reference()["item_P"][item])
    same(found.gap, reference()["item_gap"][item])


@pytest.mark.parametrize("item", ITEMS)
def test_the_gap_of_an_item_is_a_paired_t_test(item: str) -> None:
    """R: t.test(P, E, paired = TRUE): estimate, stderr, conf.int, and n = persons with both answers."""
    tally = Tally.of(servqual400())
    gap, r = gap_of_item(tally.joint(item)), reference()["paired"][item]
    assert gap.n == r["n"]
    assert isclose(gap.value, r["t_paired"]["estimate"], rel_tol=REL)
    assert isclose(gap.se, r["t_paired"]["stderr"], rel_tol=REL)
    assert np.allclose([gap.low, gap.high], r["t_paired"]["ci"], rtol=REL, atol=0)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_by_default_a_person_counts_with_the_items_both_answered(dimension: str) -> None:
    """R: t.test(rowMeans(P - E, na.rm = TRUE)), ``person_gap_available``: all 400 persons."""
    found = {gap.name: gap for gap in evaluate(servqual400().questionnaire, servqual400()).dimensions}[dimension]
    same(found.gap, reference()["dim"][dimension]["person_gap_available"])
    assert found.gap.n == 400


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_listwise_takes_complete_persons_only(dimension: str) -> None:
    """R: t.test(rowMeans(X)) for E, P and P - E: ``person_E``, ``person_P``, ``person_gap``."""
    results = evaluate(servqual400().questionnaire, servqual400(), policy=LISTWISE)
    found, r = {gap.name: gap for gap in results.dimensions}[dimension], reference()["dim"][dimension]
    same(found.expectation, r["person_E"])
    same(found.perception, r["person_P"])
    same(found.gap, r["person_gap"])


def test_the_difference_of_item_means_is_another_number_when_answers_are_missing() -> None:
    """R: ``gap_of_item_means`` of REL is -0.5237, ours -0.5355: the former compares different persons."""
    found = evaluate(servqual400().questionnaire, servqual400())
    r = reference()["dim"]["REL"]["gap_of_item_means"]
    items = [gap for gap in found.items if gap.dimension == "REL"]
    means = sum(gap.perception.value - gap.expectation.value for gap in items) / 5  # type: ignore[operator]
    assert isclose(means, r, rel_tol=REL)
    assert abs(found.dimensions[1].gap.value - r) > 0.01  # type: ignore[operator]


def test_the_overall_gap_is_the_mean_of_the_dimension_gaps() -> None:
    """R: mean of the five ``person_gap_available`` means; not the mean of the 22 items."""
    found = evaluate(servqual400().questionnaire, servqual400())
    r = [reference()["dim"][dimension]["person_gap_available"]["mean"] for dimension in DIMENSIONS]
    assert found.overall is not None
    assert isclose(found.overall.gap.value, sum(r) / 5, rel_tol=REL)  # type: ignore[arg-type]
    assert found.overall.gap.n == 400


def test_the_interval_of_the_overall_gap_is_that_of_persons_means() -> None:
    """All 400 have a gap in every dimension, so it is t.test(rowMeans(five scores)), computed here from rows."""
    scores = np.stack([np.nanmean(gaps(dimension), axis=0) for dimension in DIMENSIONS]).mean(axis=0)
    found = evaluate(servqual400().questionnaire, servqual400()).overall
    assert found is not None
    assert isclose(found.gap.se, scores.std(ddof=1) / sqrt(400), rel_tol=REL)  # type: ignore[arg-type]


def gaps(dimension: str) -> np.ndarray:
    """(items, 400) gaps with NaN where an answer is missing."""
    names = [f"{dimension}{k}" for k in range(1, SERVQUAL[dimension] + 1)]
    e = np.array([codes400(f"E_{name}") for name in names], dtype=float)
    p = np.array([codes400(f"P_{name}") for name in names], dtype=float)
    return np.where((e > 0) & (p > 0), p - e, np.nan)


def test_the_interval_of_the_overall_gap_is_linearised_when_persons_lack_a_dimension() -> None:
    """Hand: z_i = sum over d of (g_id - mean_d) / (D n_d), se^2 = n / (n - 1) sum z_i^2, here with numpy."""
    asked = questionnaire({"a": ["a1", "a2"], "b": ["b1"]})
    answers = {
        "E_a1": [4, 4, 3, 0, 4, 2],
        "P_a1": [3, 1, 3, 2, 0, 4],
        "E_a2": [4, 3, 0, 0, 4, 3],
        "P_a2": [2, 2, 2, 2, 4, 1],
        "E_b1": [0, 4, 3, 3, 4, 4],
        "P_b1": [3, 1, 3, 2, 0, 1],
    }
    found = evaluate(asked, matrix(asked, answers)).overall
    a = np.array([-1.5, -2, 0, np.nan, 0, 0])
    b = np.array([np.nan, -3, 0, -1, np.nan, -3])
    z = sum(np.where(np.isnan(g), 0, g - np.nanmean(g)) / (2 * np.count_nonzero(~np.isnan(g))) for g in (a, b))
    assert found is not None
    assert isclose(found.gap.value, (np.nanmean(a) + np.nanmean(b)) / 2, rel_tol=REL)  # type: ignore[arg-type]
    assert isclose(found.gap.se, sqrt((z**2).sum() * 6 / 5), rel_tol=REL)  # type: ignore[arg-type]
    assert found.gap.n == 6


LAB = {
    "TAN": [(635, 501), (636, 540), (650, 625), (646, 583), (634, 572), (643, 591), (629, 543)],
    "REL": [(626, 574), (639, 512), (624, 567), (626, 564)],
    "RES": [(631, 554), (645, 571), (627, 566)],
    "ASS": [(647, 607), (654, 618), (634, 556), (622, 513)],
    "EMP": [(636, 580), (637, 594), (646, 618), (638, 592)],
}


def laboratory() -> tuple[Gap, tuple[Gap, ...]]:
    """143 rows with the printed item sums on five points: overall and dimensions."""
    items = {dimension: [f"{dimension}{k}" for k in range(1, len(sums) + 1)] for dimension, sums in LAB.items()}
    asked = questionnaire(items, points=5)
    answers = {}
    for dimension, sums in LAB.items():
        for k, (e, p) in enumerate(sums, start=1):
            answers[f"E_{dimension}{k}"] = with_sum(e, 143, 5)
            answers[f"P_{dimension}{k}"] = with_sum(p, 143, 5)
    found = evaluate(asked, matrix(asked, answers))
    assert found.overall is not None
    return found.overall, found.dimensions


def test_the_gaps_of_143_students_of_a_laboratory_are_the_printed_ones() -> None:
    """Worked case: E, P and gap by dimension to four decimals; unweighted -0.4590. Rows from the item sums."""
    printed = {
        "TAN": (4.4685, 3.9510, -0.5175),
        "REL": (4.3969, 3.8759, -0.5210),
        "RES": (4.4359, 3.9417, -0.4942),
        "ASS": (4.4703, 4.0105, -0.4598),
        "EMP": (4.4703, 4.1678, -0.3024),
    }
    overall, dimensions = laboratory()
    for found in dimensions:
        three = (found.expectation.value, found.perception.value, found.gap.value)
        assert three == pytest.approx(printed[found.name], abs=5e-5)
        assert found.gap.n == 143
    assert overall.gap.value == pytest.approx(-0.4590, abs=5e-5)


def test_the_grand_means_of_the_laboratory_are_those_of_the_22_items() -> None:
    """Worked case: grand means E 4.4517 and P 3.9863 are over items; ours is over dimensions (4.4484, 3.9894)."""
    sums = [pair for dimension in LAB.values() for pair in dimension]
    assert sum(e for e, _ in sums) / 143 / 22 == pytest.approx(4.4517, abs=5e-5)
    assert sum(p for _, p in sums) / 143 / 22 == pytest.approx(3.9863, abs=5e-5)
    overall, _ = laboratory()
    assert overall.expectation.value == pytest.approx((4.4685 + 4.3969 + 4.4359 + 4.4703 + 4.4703) / 5, abs=5e-5)


def test_a_published_table_of_means_gives_its_published_overall_gap() -> None:
    """PMC6131925 (n = 386, five points): dimension means to two decimals, unweighted -0.17."""
    e, p = (4.44, 4.49, 4.48, 4.50, 4.56), (4.19, 4.36, 4.35, 4.32, 4.40)
    dimensions = [f"d{k}" for k in range(5)]
    asked = questionnaire({dimension: [f"{dimension}x"] for dimension in dimensions}, points=5)
    answers = {}
    for dimension, mean_e, mean_p in zip(dimensions, e, p, strict=True):
        answers[f"E_{dimension}x"] = with_sum(round(mean_e * 386), 386, 5)
        answers[f"P_{dimension}x"] = with_sum(round(mean_p * 386), 386, 5)
    found = evaluate(asked, matrix(asked, answers)).overall
    assert found is not None
    assert found.gap.value == pytest.approx(-0.17, abs=0.005)


def test_a_missing_expectation_is_not_an_expectation_of_zero() -> None:
    """Two persons: gap 3 - 4 = -1, and P = 4 without E. Mean gap -1 (n = 1), not (-1 + 4) / 2."""
    asked = questionnaire({"d": ["x"]})
    found = evaluate(asked, matrix(asked, {"E_x": [4, 0], "P_x": [3, 4]}), minimum=1).items[0]
    assert (found.gap.value, found.gap.n) == (-1, 1)
    assert (found.perception.value, found.perception.n) == (3.5, 2)


def test_a_gap_below_zero_does_not_wrap_around() -> None:
    """Bytes have no sign: 1 - 10 would be 247. Ten points, all E = 10 and P = 1."""
    asked = questionnaire({"d": ["x", "y"]}, points=10)
    found = evaluate(asked, matrix(asked, {"E_x": [10] * 6, "P_x": [1] * 6, "E_y": [10] * 6, "P_y": [1] * 6}))
    assert found.items[0].gap.value == found.dimensions[0].gap.value == -9


def test_one_respondent_has_a_gap_without_an_interval() -> None:
    """The spread of one person is not defined: value and n are told, interval None, reason one_respondent."""
    asked = questionnaire({"d": ["x"]})
    gap = evaluate(asked, matrix(asked, {"E_x": [4], "P_x": [3]}), minimum=1).items[0].gap
    assert (gap.value, gap.n, gap.se, gap.low, gap.reason) == (-1, 1, None, None, "one_respondent")


def test_without_pairs_there_is_no_gap_and_a_reason() -> None:
    """E answered by one person, P by another: both means exist, the gap does not."""
    asked = questionnaire({"d": ["x"]})
    found = evaluate(asked, matrix(asked, {"E_x": [4, 0], "P_x": [0, 3]}), minimum=1)
    assert (found.items[0].gap.value, found.items[0].gap.reason) == (None, "no_pairs")
    assert (found.dimensions[0].gap.value, found.dimensions[0].gap.reason) == (None, "no_pairs")
    assert found.overall is not None
    assert (found.overall.gap.value, found.overall.gap.reason) == (None, "no_pairs")


def test_the_overall_gap_is_not_defined_while_a_dimension_is_empty() -> None:
    """A mean over four of five dimensions would not be comparable: no value, reason dimension_without_answers."""
    asked = questionnaire({"a": ["x"], "b": ["y"]})
    overall = evaluate(asked, matrix(asked, {"E_x": [4, 4], "P_x": [3, 3]}), minimum=1).overall
    assert overall is not None
    assert (overall.gap.value, overall.gap.reason) == (None, "dimension_without_answers")


def test_a_questionnaire_without_expectation_says_not_asked() -> None:
    """SERVPERF and plain SKM ask perception alone: every expectation and gap has the reason not_asked."""
    asked = questionnaire({"a": ["x"], "b": ["y"]}, aspects=["perception"])
    found = evaluate(asked, matrix(asked, {"P_x": [4, 3], "P_y": [3, 3]}), minimum=1)
    assert found.overall is not None
    assert {gap.gap.reason for gap in (*found.items, *found.dimensions, found.overall)} == {"not_asked"}
    assert found.overall.perception.value == pytest.approx(3.25, rel=REL)


def test_answers_that_do_not_differ_have_an_interval_of_width_zero() -> None:
    """Exact sums: the variance is 0, not 1e-17. R says ``data are essentially constant``; the mean is known exactly."""
    asked = skm()
    columns = {column.name: [4] * 30 for column in asked.columns}
    found = evaluate(asked, matrix(asked, columns))
    assert found.overall is not None
    for estimate in (found.items[0].gap, found.dimensions[1].gap, found.overall.gap, found.overall.perception):
        assert (estimate.se, estimate.low, estimate.high) == (0, estimate.value, estimate.value)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 7), min_size=6, max_size=6), min_size=2, max_size=30))
def test_scores_equal_means_over_answered_items_whatever_is_missing(rows: list[list[int]]) -> None:
    """Property: three items, E and P, any pattern of missing answers; compared with numpy's nanmean, sd and n."""
    asked = questionnaire({"d": ["x", "y", "z"]}, points=7)
    names = [column.name for column in asked.columns]
    people = matrix(asked, {name: [row[k] for row in rows] for k, name in enumerate(names)})
    tally, layout = Tally.of(people), Layout.of(asked)
    table = np.array(rows, dtype=float)
    table[table == 0] = np.nan
    e, p = table[:, :3], table[:, 3:]
    for kind, values in (("expectation", e), ("perception", p), ("gap", p - e)):
        scores = next(scores for scores in layout.scores if scores.kind == kind)
        found = mean_of_scores(tally.scores("d", kind), lowest=scores.lowest)
        persons = [row[~np.isnan(row)].mean() for row in values if not np.isnan(row).all()]
        assert found.n == len(persons)
        if persons:
            assert found.value == pytest.approx(np.mean(persons), rel=REL, abs=1e-12)
        if len(persons) > 1:
            assert found.se == pytest.approx(np.std(persons, ddof=1) / sqrt(len(persons)), rel=REL, abs=1e-12)


def test_missing_answers_are_never_counted_as_zero_in_a_mean() -> None:
    """Codes 4, 4 and one missing: mean 4 of n = 2; with the missing one as 0 it would be 2.67."""
    found = mean_of_codes(np.array([1, 0, 0, 0, 2]))
    assert (found.value, found.n) == (4, 2)


def test_an_empty_column_has_no_mean_and_a_reason() -> None:
    """No answers: value None and reason no_answers, never NaN."""
    assert mean_of_codes(np.array([5, 0, 0, 0, 0])) == Estimate(None, 0, reason="no_answers")
    assert of_mean(0, 0, 0).reason == "no_answers"
