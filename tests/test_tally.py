"""The counts: parts add up to the whole in any order, and every table says what plain Python counts."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import analysis.counting.block
import analysis.counting.counting
import analysis.counting.tally
from analysis.counting.matrix import Matrix
from analysis.counting.tally import KINDS, Layout, Tally, index_counts
from analysis.results import evaluate, evaluate_tally
from survey.questionnaire import Questionnaire
from tests.numbers import matrix, packed, questionnaire, servqual400, skm

SMALL = questionnaire({"a": ["x", "y", "z"], "b": ["v"]})
MIXED = skm()


def people(asked: Questionnaire, rows: list[list[int]]) -> Matrix:
    """A matrix from rows in the order of the columns."""
    return matrix(asked, {column.name: [row[k] for row in rows] for k, column in enumerate(asked.columns)})


rows_of_answers = st.lists(st.lists(st.integers(0, 4), min_size=8, max_size=8), max_size=40)


@settings(max_examples=60, deadline=None)
@given(st.lists(rows_of_answers, min_size=1, max_size=4), st.randoms())
def test_tallies_of_parts_add_up_to_the_tally_of_the_whole_in_any_order(parts, random) -> None:  # type: ignore[no-untyped-def]
    """Property: integers, so the sum is the same to the last digit."""
    whole = Tally.of(people(SMALL, [row for part in parts for row in part]))
    tallies = [Tally.of(people(SMALL, part)) for part in parts]
    random.shuffle(tallies)
    assert sum(tallies, Tally.nothing(SMALL)) == whole


@settings(max_examples=60, deadline=None)
@given(rows_of_answers)
def test_every_table_is_what_plain_python_counts(rows: list[list[int]]) -> None:
    """Property: marginals, joint tables, scores, joint sums and sums of products, each counted again by hand."""
    tally, layout = Tally.of(people(SMALL, rows)), Layout.of(SMALL)
    assert tally.n == len(rows)
    for k in range(8):
        assert tally.marginal(k).tolist() == [sum(row[k] == code for row in rows) for code in range(5)]
    for pair in layout.pairs:
        counted = Counter((row[pair.expectation], row[pair.perception]) for row in rows)
        assert tally.joint(pair.name).tolist() == [[counted[e, p] for p in range(5)] for e in range(5)]
    for scores in layout.scores:
        told = [kept(row, scores) for row in rows]
        counted = Counter((len(values), sum(values) - scores.lowest) for values in told)
        table = tally.scores(scores.dimension, scores.kind)
        assert table.tolist() == [[counted[m, s] for s in range(scores.width)] for m in range(scores.items + 1)]
        rest = [partly(row, scores) for row in rows if 0 < len(kept(row, scores)) < scores.items]
        squares = sum(value**2 for values in rest for value in values)
        expected = [sum(values[item] for values in rest) for item in range(scores.items)]
        assert tally.partly[scores.dimension, scores.kind] == [*expected, squares]
    for kind in KINDS:
        scored = [[parts(kept(row, scores), scores) for scores in layout.of_kind(kind)] for row in rows]
        cross, persons = tally.cross_of_dimensions(kind)
        assert cross.tolist() == products(scored, 2)
        assert persons == sum(any(value is not None for value in row) for row in scored)
    answers = [[row[column] or None for column in layout.index] for row in rows]
    cross, persons = tally.cross_of_index()
    assert cross.tolist() == products(answers, 4)
    assert persons == sum(any(row) for row in answers)


def kept(row: list[int], scores) -> list[int]:  # type: ignore[no-untyped-def]
    """The answers (or gaps) of one person that a score is made of."""
    if scores.kind == "gap":
        pairs = zip(scores.first, scores.minus, strict=True)
        return [row[p] - row[e] for p, e in pairs if row[p] and row[e]]
    return [row[column] for column in scores.first if row[column]]


def partly(row: list[int], scores) -> list[int]:  # type: ignore[no-untyped-def]
    """The answers (or gaps) of one person to every item of a score, 0 where there is none."""
    if scores.kind == "gap":
        pairs = zip(scores.first, scores.minus, strict=True)
        return [row[p] - row[e] if row[p] and row[e] else 0 for p, e in pairs]
    return [row[column] for column in scores.first]


def parts(values: list[int], scores) -> int | None:  # type: ignore[no-untyped-def]
    """The mean score in parts of a point, which is a whole number."""
    if not values:
        return None
    exact = Fraction(sum(values) * scores.parts, len(values))
    assert exact.denominator == 1
    return int(exact)


def products(rows: list[list[int | None]], k: int) -> list[list[int]]:
    """Sums of products of values and of indicators."""
    total = np.zeros((2 * k, 2 * k), dtype=np.int64)
    for row in rows:
        vector = np.array([value or 0 for value in row] + [value is not None for value in row], dtype=np.int64)
        total += np.outer(vector, vector)
    return total.tolist()


def test_persons_are_counted_by_both_sums_when_they_answered_everything_twice() -> None:
    """Two complete persons (E 4+3+2 = 9, P 1+1+4 = 6) and one with a missing answer, who is not in the table."""
    rows = [[4, 3, 2, 1, 1, 1, 4, 2]] * 2 + [[4, 3, 0, 1, 1, 1, 4, 2]]
    table = Tally.of(people(SMALL, rows)).sums("a")
    assert table[9, 6] == 2
    assert table.sum() == 2


@pytest.fixture(params=[7, 64, 399, 400, 100_000])
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The number of rows counted at a time."""
    monkeypatch.setattr(analysis.counting.tally, "BLOCK", request.param)
    yield request.param


def test_the_counts_do_not_depend_on_how_many_rows_are_counted_at_a_time(block: int) -> None:
    """400 synthetic respondents with 3 % missing answers, in blocks from 7 rows to all, against three thirds."""
    everybody = servqual400()
    thirds = [Tally.of(everybody.select(np.arange(400) % 3 == third)) for third in range(3)]
    assert Tally.of(everybody) == sum(thirds, Tally.nothing(everybody.questionnaire)), block
    assert Tally.of(everybody).n == 400


ONCE = questionnaire({"a": ["x", "y"], "b": ["z"]}, aspects=["perception"])


@pytest.mark.parametrize("missing", [0.0, 0.02, 0.9])
@pytest.mark.parametrize("asked", [MIXED, SMALL, ONCE])
def test_every_way_of_counting_gives_the_same_counts(
    asked: Questionnaire, missing: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many rows are counted several tables at once, few rows one by one; complete rows in a quicker way than others."""
    random = np.random.default_rng(9)
    answers = random.integers(1, 5, (500, len(asked.columns)))
    answers[random.random(answers.shape) < missing] = 0
    everybody = people(asked, answers.tolist())
    usual = Tally.of(everybody)
    monkeypatch.setattr(analysis.counting.counting, "WORTH_JOINING", 0)
    assert Tally.of(everybody) == usual, "several tables at once"
    monkeypatch.setattr(analysis.counting.counting, "MOST_GROUPS", 0)
    assert Tally.of(everybody) == usual, "the index by products"
    monkeypatch.setattr(analysis.counting.block.Block, "complete", lambda *_: False)
    assert Tally.of(everybody) == usual, "as if answers were missing"
    parts = [Tally.of(everybody.select(np.arange(500) // 50 == part)) for part in range(10)]
    assert sum(parts, Tally.nothing(asked)) == usual, "in parts"
    rows = [Tally.of(everybody.select(np.arange(500) == row)) for row in range(500)]
    assert sum(rows, Tally.nothing(asked)) == usual, "one by one"


def test_a_questionnaire_that_asks_some_items_once_is_counted_too() -> None:
    """Item y has no expectation: its dimension has a gap over x alone, perception over both."""
    both = questionnaire({"a": ["x", "y"], "b": ["v"]})
    items = tuple(item.model_copy(update={"expectation": None}) if item.name == "y" else item for item in both.items)
    asked = both.model_validate({**dict(both), "items": items})
    rows = [[4, 4, 3, 1, 2], [2, 3, 4, 4, 4], [0, 3, 4, 4, 4]]  # E_x E_v P_x P_y P_v
    for few in (rows[:2], rows):
        results = evaluate(asked, people(asked, few), minimum=1)
        assert results.dimensions[0].gap.value == (3 - 4 + 4 - 2) / 2
        assert results.dimensions[0].gap.n == 2
        expected = [np.mean([row[2:4]]) for row in few]
        assert results.dimensions[0].perception.value == pytest.approx(np.mean(expected), rel=1e-12)


def test_a_dimension_of_many_items_keeps_complete_persons_exact() -> None:
    """22 items in one dimension: parts are a multiple of 22, so that complete persons have whole scores."""
    asked = questionnaire({"d": [f"x{k}" for k in range(22)]}, points=7)
    scores = Layout.of(asked).scores[0]
    assert scores.parts % 22 == 0
    random = np.random.default_rng(2)
    answers = random.integers(1, 8, (50, 44))
    found = evaluate(asked, people(asked, answers.tolist())).overall
    persons = (answers[:, 22:] - answers[:, :22]).mean(axis=1)
    assert found is not None
    assert found.gap.se == pytest.approx(persons.std(ddof=1) / np.sqrt(50), rel=1e-9)
    answers[3, :5] = 0
    found = evaluate(asked, people(asked, answers.tolist())).overall
    persons[3] = (answers[3, 27:] - answers[3, 5:22]).mean()
    assert found is not None
    assert found.gap.se == pytest.approx(persons.std(ddof=1) / np.sqrt(50), rel=1e-5)  # one score rounded to a part


def test_tallies_of_different_questionnaires_do_not_add_up() -> None:
    """Their cells mean different things."""
    with pytest.raises(ValueError, match="different questionnaires"):
        Tally.nothing(SMALL) + Tally.nothing(MIXED)


def test_results_of_a_tally_are_those_of_its_matrix() -> None:
    """Everything but groups and months, which need the keys of the rows."""
    whole = servqual400()
    from_matrix = evaluate(whole.questionnaire, whole)
    from_tally = evaluate_tally(whole.questionnaire, Tally.of(whole))
    assert (from_tally.index, from_tally.items, from_tally.dimensions) == (
        from_matrix.index,
        from_matrix.items,
        from_matrix.dimensions,
    )
    assert (from_tally.overall, from_tally.distributions) == (from_matrix.overall, from_matrix.distributions)


@pytest.mark.parametrize("order", ["sorted", "mixed"])
def test_what_the_index_needs_is_counted_by_cell(order: str) -> None:
    """Three cells, 300 rows, missing answers: each cell equals the tally of its own rows; one cell is empty."""
    random = np.random.default_rng(4)
    answers = random.integers(0, 5, (300, 18))
    cell = random.integers(0, 3, 300) * 2  # cells 1 and 3 stay empty
    if order == "sorted":
        cell.sort()
    everybody = people(MIXED, answers.tolist())
    cross, persons = index_counts(everybody, cell, 5)
    for number in range(5):
        own, n = Tally.of(everybody.select(cell == number)).cross_of_index()
        assert cross[number].tolist() == own.tolist()
        assert persons[number] == n


def test_an_empty_matrix_has_an_empty_tally() -> None:
    """Nothing counted, nothing undefined."""
    assert Tally.of(Matrix.from_packed(packed(SMALL, []))) == Tally.nothing(SMALL)
