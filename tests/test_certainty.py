"""How sure the index is, against R. Tolerance 1e-9 relative unless the docstring says otherwise."""

from fractions import Fraction
from math import isclose, sqrt

import numpy as np
import pytest

from analysis.arrays import Integers
from analysis.counting.tally import index_counts
from analysis.methods.certainty import (
    agency,
    certainty,
    ends_of_scale,
    finite_population_correction,
    index_cells,
    merged,
)
from analysis.methods.estimate import Estimate
from analysis.methods.ikm import linearised_variance
from analysis.methods.linearised import variances
from analysis.methods.trend import Period, periods_of
from tests.numbers import ELEMENTS, ikm400, matrix, questionnaire, reference

REL = 1e-9
FOUR = (4,) * 9
NINTH = Fraction(1, 9)
EVERY_SEVENTH = [(i - 1, i % 9) for i in range(1, 401, 7)]


def by_unit() -> tuple[Integers, Integers]:
    people = ikm400()
    return index_counts(people, people.unit.astype(np.intp) - 1, 4)


def everybody(**kwargs: object) -> tuple[Integers, Integers]:
    people = ikm400(**kwargs)  # type: ignore[arg-type]
    return index_counts(people, np.zeros(len(people), dtype=np.intp), 1)


def answers_of(*persons: str) -> tuple[Integers, Integers]:
    """One cell of persons, each a word of nine digits."""
    columns = {name: [int(person[k]) for person in persons] for k, name in enumerate(ELEMENTS)}
    people = matrix(questionnaire({"d": ELEMENTS}, aspects=["perception"]), columns)
    return index_counts(people, np.zeros(len(people), dtype=np.intp), 1)


@pytest.mark.parametrize(
    ("key", "drop", "population"),
    [("ikm", [], None), ("ikm_fpc_N2000", [], 2000), ("ikm_missing_every7", EVERY_SEVENTH, None)],
)
def test_both_intervals_are_those_of_r_with_correction_and_with_missing_answers(
    key: str, drop: list[tuple[int, int]], population: int | None
) -> None:
    """R: ikm_ref() in tests/reference/r/servqual.R: se, fpc_sqrt, ci95_t, ci95_logit."""
    r = reference()[key]
    found = index_cells(*everybody(drop=drop), points=FOUR, weight=NINTH).estimate(0)
    sure = certainty(found, lowest=25, highest=100, population=population)
    assert isclose(found.value or 0, r["ikm_exact"], rel_tol=REL)
    assert isclose(sure.se or 0, r["se"], rel_tol=REL)
    assert isclose(sure.correction, r["fpc_sqrt"], rel_tol=REL)
    assert np.allclose([sure.t.low, sure.t.high], r["ci95_t"], rtol=REL, atol=0)
    assert np.allclose([sure.logit.low, sure.logit.high], r["ci95_logit"], rtol=REL, atol=0)
    assert sure.t.clipped == ()


def test_many_cells_at_once_are_those_of_r_one_by_one() -> None:
    """R: lapply(split(U, d$unit), ikm_ref): n, ikm_exact, se, ci95_t of four units."""
    cells = index_cells(*by_unit(), points=FOUR, weight=NINTH)
    for place, r in enumerate(reference()["ikm_by_unit"].values()):
        found = cells.estimate(place)
        assert found.n == r["n"]
        assert isclose(found.value or 0, r["ikm_exact"], rel_tol=REL)
        assert isclose(found.se or 0, r["se"], rel_tol=REL)
        assert np.allclose([found.low, found.high], r["ci95_t"], rtol=REL, atol=0)
        assert isclose(float(cells.exact(place) or 0), r["ikm_exact"], rel_tol=REL)


def test_a_stack_of_tables_gives_the_variance_that_each_table_gives_alone() -> None:
    """The stacked formula against ikm.linearised_variance, which is checked against R in test_ikm."""
    people = ikm400(drop=EVERY_SEVENTH)
    cross, persons = index_counts(people, people.unit.astype(np.intp) - 1, 4)
    factors = np.full(9, 25 / 9)
    alone = [linearised_variance(table, n=int(n), factors=factors) for table, n in zip(cross, persons, strict=True)]
    assert np.allclose(variances(cross, persons, factors), alone, rtol=1e-12, atol=0)


def test_months_added_up_to_a_quarter_are_the_quarter() -> None:
    """R: ikm_by_month of January to March; their sum is computed here from the 400 respondents of these months."""
    people = ikm400()
    months = periods_of(people.day, Period.MONTH)
    cross, persons = index_counts(people, months.place, len(months.numbers))
    quarters = periods_of(months.numbers // 12 * 10_000 + (months.numbers % 12 + 1) * 100 + 1, Period.QUARTER)
    assert quarters.names == ("2023-Q1", "2023-Q2")
    found = index_cells(*merged(cross, persons, quarters.place, 2), points=FOUR, weight=NINTH)
    assert found.n.tolist() == [197, 203]
    first = [row for row in range(400) if people.day[row] < 20230400]
    straight = index_cells(*everybody(rows=first), points=FOUR, weight=NINTH)
    assert found.estimate(0) == straight.estimate(0)


def test_the_mean_of_units_and_the_pooled_index_are_both_told() -> None:
    """R: mean(sapply(ikm_by_unit, ...$ikm_exact)); the standard error of independent units is sqrt(sum of se^2) / 4.

    Degrees of freedom by hand (Satterthwaite): (sum of se^2)^2 / sum of se^4 / (n - 1).
    """
    units = list(reference()["ikm_by_unit"].values())
    found = agency(*by_unit(), points=FOUR, weight=NINTH)
    squares = np.array([unit["se"] ** 2 for unit in units])
    assert isclose(found.pooled.value or 0, reference()["ikm"]["ikm_exact"], rel_tol=REL)
    assert isclose(found.pooled.se or 0, reference()["ikm"]["se"], rel_tol=REL)
    assert isclose(found.mean_of_units.value or 0, reference()["ikm_mean_of_unit_ikm_unweighted"], rel_tol=REL)
    assert isclose(found.mean_of_units.se or 0, sqrt(squares.sum()) / 4, rel_tol=REL)
    free = squares.sum() ** 2 / sum(square**2 / (unit["n"] - 1) for square, unit in zip(squares, units, strict=True))
    assert isclose(found.degrees[0], free, rel_tol=REL)
    assert found.by_population == Estimate(None, 0, reason="no_population")


def test_units_may_count_as_much_as_they_have_users() -> None:
    """By hand: sum of N I / sum of N, se sqrt(sum of (N / sum of N)^2 se^2 (1 - n / N))."""
    units, users = list(reference()["ikm_by_unit"].values()), [500, 1000, 96, 4000]
    found = agency(*by_unit(), points=FOUR, weight=NINTH, populations=users)
    share = np.array(users) / sum(users)
    left = np.array([1 - unit["n"] / n for unit, n in zip(units, users, strict=True)])
    value = share @ [unit["ikm_exact"] for unit in units]
    se = sqrt((share**2 * np.array([unit["se"] for unit in units]) ** 2 * left).sum())
    assert isclose(found.by_population.value or 0, value, rel_tol=REL)
    assert isclose(found.by_population.se or 0, se, rel_tol=REL)
    assert isclose(found.pooled.se or 0, reference()["ikm"]["se"] * sqrt(1 - 400 / sum(users)), rel_tol=REL)


def test_a_unit_without_an_index_is_left_out_and_named() -> None:
    """Unit 1 has nobody, unit 3 nobody who answered the last element."""
    parts = [answers_of("444444444", "343434343"), answers_of(), answers_of("222222222", "232323232")]
    parts.append(answers_of("444444440"))
    cross, persons = np.concatenate([c for c, _ in parts]), np.concatenate([n for _, n in parts])
    found = agency(cross, persons, points=FOUR, weight=NINTH)
    assert found.left_out == (1, 3)
    assert found.mean_of_units.n == 4
    cells = index_cells(cross, persons, points=FOUR, weight=NINTH)
    assert [cells.estimate(cell).reason for cell in range(4)] == [None, "no_answers", None, "element_without_answers"]
    assert cells.exact(1) is None


def test_a_unit_with_one_respondent_has_a_value_but_no_interval() -> None:
    """The spread of one person is not defined, and neither is the standard error of a mean with it."""
    parts = [answers_of("444444444", "343434343"), answers_of("333333333")]
    cross, persons = np.concatenate([c for c, _ in parts]), np.concatenate([n for _, n in parts])
    assert index_cells(cross, persons, points=FOUR, weight=NINTH).estimate(1) == Estimate(
        75.0, 1, reason="one_respondent"
    )
    found = agency(cross, persons, points=FOUR, weight=NINTH).mean_of_units
    assert found.reason == "unit_with_one_respondent"
    assert found.se is None
    assert found.value is not None


def test_units_whose_people_all_agree_have_an_interval_of_no_width() -> None:
    """Two units of two persons each, 4 and 3 everywhere: the mean of units is 87.5."""
    parts = [answers_of("444444444", "444444444"), answers_of("333333333", "333333333")]
    cross, persons = np.concatenate([c for c, _ in parts]), np.concatenate([n for _, n in parts])
    assert agency(cross, persons, points=FOUR, weight=NINTH).mean_of_units == Estimate(87.5, 4, 0.0, 87.5, 87.5)


def test_an_agency_that_nobody_answered_has_a_reason() -> None:
    """No units with answers at all."""
    found = agency(*answers_of(), points=FOUR, weight=NINTH, populations=[10])
    assert found.pooled == Estimate(None, 0, reason="no_answers")
    assert found.mean_of_units == Estimate(None, 0, reason="no_answers")
    assert found.by_population == Estimate(None, 0, reason="no_answers")


def test_an_interval_beyond_the_scale_is_cut_and_says_where() -> None:
    """Two persons of nearly all 4: the t interval reaches beyond 100; the logit interval cannot."""
    found = index_cells(*answers_of("444444444", "444444443"), points=FOUR, weight=NINTH).estimate(0)
    sure = certainty(found, lowest=25, highest=100)
    assert sure.t.high == 100
    assert sure.t.clipped == ("high",)
    assert sure.logit.high is not None and sure.logit.high < 100
    assert found.high == 100


def test_everybody_at_the_top_has_no_logit_interval_and_says_why() -> None:
    """log(p / (1 - p)) does not exist for p = 1."""
    found = index_cells(*answers_of("444444444", "444444444"), points=FOUR, weight=NINTH).estimate(0)
    sure = certainty(found, lowest=25, highest=100)
    assert (sure.se, sure.t.low, sure.t.high) == (0.0, 100.0, 100.0)
    assert sure.logit.reason == "end_of_scale"


def test_without_a_standard_error_both_intervals_carry_its_reason() -> None:
    """n = 1 and n = 0."""
    one = certainty(Estimate(75.0, 1, reason="one_respondent"), lowest=25, highest=100)
    assert (one.value, one.t.low, one.t.reason, one.logit.reason) == (75.0, None, "one_respondent", "one_respondent")
    assert certainty(Estimate(None, 0, reason="no_answers"), lowest=25, highest=100).reason == "no_answers"


def test_the_correction_is_nothing_for_a_census_and_left_out_when_the_population_is_too_small() -> None:
    """sqrt(1 - n / N); n > N means that the population is wrong."""
    assert finite_population_correction(400, 2000) == (sqrt(0.8), None)
    assert finite_population_correction(400, 400) == (0.0, None)
    assert finite_population_correction(400, 300) == (1.0, "more_than_population")
    assert finite_population_correction(400, None) == (1.0, None)
    sure = certainty(Estimate(80.0, 400, 0.5), lowest=25, highest=100, population=300)
    assert (sure.se, sure.note) == (0.5, "more_than_population")
    with pytest.raises(ValueError, match="population"):
        finite_population_correction(0, 0)


def test_weights_of_0_11_move_the_ends_of_the_scale() -> None:
    """9 x 0.11 x 25 = 24.75 and 9 x 0.11 x 100 = 99."""
    assert ends_of_scale(FOUR, Fraction("0.11")) == (Fraction("24.75"), 99)
    assert ends_of_scale(FOUR, NINTH) == (25, 100)


def test_tables_of_another_shape_are_refused() -> None:
    """A programming error, not a result."""
    cross, persons = by_unit()
    with pytest.raises(ValueError, match="elements"):
        index_cells(cross, persons, points=(4,) * 8, weight=NINTH)
    with pytest.raises(ValueError, match="groups"):
        merged(cross, persons, [0, 0, 1], 2)
