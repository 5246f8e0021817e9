"""Does each respondent's gap count by the respondent's own points, and is nobody counted who did not share them?"""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.counting.tally import Tally
from analysis.results import Results, Weighted, evaluate, evaluate_tally
from survey.questionnaire import Questionnaire
from tests.numbers import matrix, questionnaire

ASKED = questionnaire({"a": ["x", "y"], "b": ["z"]}, points=7, share_points=True)
PEOPLE: dict[str, list[int]] = {
    "E_x": [7, 6, 5, 7, 7, 6],
    "P_x": [5, 6, 6, 3, 7, 5],
    "E_y": [7, 0, 5, 7, 7, 6],
    "P_y": [4, 5, 5, 4, 6, 5],
    "E_z": [6, 6, 0, 7, 7, 6],
    "P_z": [6, 5, 4, 4, 5, 5],
    "W_a": [71, 51, 101, 41, 51, 0],
    "W_b": [31, 51, 1, 61, 41, 0],
}
"""Six respondents: the second misses one pair, the third gives all points to *a* and has no gap in *b*, the fifth
shares 90 only, the sixth skips the points."""


def told(people: Mapping[str, Sequence[int]], asked: Questionnaire = ASKED) -> Results:
    return evaluate(asked, matrix(asked, people), minimum=1)


def weighted(people: Mapping[str, Sequence[int]]) -> Weighted:
    found = told(people).weighted
    assert found is not None
    return found


def test_the_weighted_gap_is_the_mean_of_the_respondents_own_sums_of_points_and_gaps() -> None:
    """By hand: gaps a = -2.5, 0, 0.5, -3.5; b = 0, -1, none, -3; sums -1.75, -0.5, 0.5, -3.2: mean -4.95 / 4.

    R: ``t.test(c(-1.75, -0.5, 0.5, -3.2))``.
    """
    gap = weighted(PEOPLE).gap
    values = [-1.75, -0.5, 0.5, -3.2]
    interval = stats.ttest_1samp(values, 0).confidence_interval()
    assert (gap.value, gap.n) == (pytest.approx(-1.2375, rel=1e-12), 4)
    assert gap.se == pytest.approx(stats.sem(values), rel=1e-12)
    assert (gap.low, gap.high) == pytest.approx((interval.low, interval.high), rel=1e-9)


def test_the_mean_points_stand_beside_it_and_add_up_to_the_total() -> None:
    """By hand: a = (70 + 50 + 100 + 40) / 4 = 65, b = (30 + 50 + 0 + 60) / 4 = 35."""
    found = weighted(PEOPLE)
    assert [(shared.dimension, shared.points.value, shared.points.n) for shared in found.points] == [
        ("a", 65, 4),
        ("b", 35, 4),
    ]
    assert found.total == 100


@pytest.mark.parametrize("given", [(51, 41), (81, 31), (101, 0), (0, 0)])
def test_points_that_were_left_out_or_miss_the_total_count_for_nothing(given: tuple[int, int]) -> None:
    """90, 110, one dimension left out, none: the same numbers as without this person."""
    extra = {name: [*codes, 4] for name, codes in PEOPLE.items()} | {
        "W_a": [*PEOPLE["W_a"], given[0]],
        "W_b": [*PEOPLE["W_b"], given[1]],
    }
    assert weighted(extra) == weighted(PEOPLE)


def test_a_gap_that_is_missing_where_points_were_given_leaves_the_respondent_out_of_the_gap_alone() -> None:
    """The third respondent gives 1 of 100 points to *b*, where there is no gap: n 3, but the points still have n 4."""
    changed = {**PEOPLE, "W_a": [71, 51, 100, 41, 51, 0], "W_b": [31, 51, 2, 61, 41, 0]}
    found = weighted(changed)
    assert (found.gap.n, found.gap.value) == (3, pytest.approx((-1.75 - 0.5 - 3.2) / 3, rel=1e-12))
    assert {shared.points.n for shared in found.points} == {4}


def test_nobody_who_shared_them_is_told_as_a_reason() -> None:
    found = weighted({**PEOPLE, "W_a": [0] * 6, "W_b": [0] * 6})
    assert [(e.value, e.reason) for e in (found.gap, found.points[0].points)] == [(None, "no_points")] * 2


def test_without_expectation_the_points_are_told_and_the_gap_is_not_asked() -> None:
    asked = questionnaire({"a": ["x"], "b": ["y"]}, aspects=["perception"], share_points=True)
    found = told({"P_x": [3] * 5, "P_y": [4] * 5, "W_a": [61] * 5, "W_b": [41] * 5}, asked).weighted
    assert found is not None
    assert (found.gap.reason, found.points[0].points.value) == ("not_asked", 60)


def test_a_questionnaire_without_points_has_none() -> None:
    asked = questionnaire({"a": ["x"]})
    assert told({"P_x": [3] * 5, "E_x": [4] * 5}, asked).weighted is None


def test_equal_points_for_everybody_give_the_unweighted_gap() -> None:
    """Two dimensions at 50 points and complete answers: the weighted gap is the overall gap."""
    people = {"E_x": [7, 6], "P_x": [5, 6], "E_y": [7, 7], "P_y": [4, 5], "E_z": [6, 6], "P_z": [6, 3]}
    found = told({**people, "W_a": [51, 51], "W_b": [51, 51]})
    assert found.weighted is not None and found.overall is not None
    assert found.weighted.gap.value == pytest.approx(found.overall.gap.value, rel=1e-12)
    assert found.weighted.gap.se == pytest.approx(found.overall.gap.se, rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 7), min_size=7, max_size=7), min_size=1, max_size=12), st.integers(0, 12))
def test_tallies_of_parts_add_up_and_agree_with_floating_point(rows: list[list[int]], cut: int) -> None:
    """Property: whatever is missing, the counts of two parts add up to the whole, and numpy agrees to 1e-9."""
    names = ["E_x", "E_y", "E_z", "P_x", "P_y", "P_z"]
    people = {name: [row[k] for row in rows] for k, name in enumerate(names)}
    first = [min(row[6] * 15, 100) for row in rows]
    people |= {"W_a": [p + 1 for p in first], "W_b": [101 - p for p in first]}
    whole = Tally.of(matrix(ASKED, people))
    parts = [{name: codes[:cut] for name, codes in people.items()}, {n: codes[cut:] for n, codes in people.items()}]
    added = Tally.of(matrix(ASKED, parts[0])) + Tally.of(matrix(ASKED, parts[1]))
    assert added == whole
    values = []
    for k, p in enumerate(first):
        a = [people[f"P_{i}"][k] - people[f"E_{i}"][k] for i in "xy" if people[f"P_{i}"][k] and people[f"E_{i}"][k]]
        b = [people["P_z"][k] - people["E_z"][k]] if people["P_z"][k] and people["E_z"][k] else []
        if (a or p == 0) and (b or p == 100):
            values.append((p * (np.mean(a) if a else 0) + (100 - p) * (np.mean(b) if b else 0)) / 100)
    found = evaluate_tally(ASKED, whole, minimum=1).weighted
    assert found is not None and found.gap.n == len(values)
    if values:
        assert found.gap.value == pytest.approx(np.mean(values), abs=1e-9)
