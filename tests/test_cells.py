"""The cells of units and months: any filter by them says what counting the chosen responses says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import analysis.counting.cells
from analysis.counting.cells import Cell, Cells, evaluate_cells
from analysis.counting.layout import Layout
from analysis.counting.matrix import Matrix
from analysis.counting.tally import Tally
from analysis.groups import index_by_cell, index_in_cells, index_of_one
from analysis.results import evaluate
from survey.packed import Flag, PackedResponses
from survey.questionnaire import Questionnaire
from tests.numbers import packed, questionnaire, skm

SMALL = questionnaire({"a": ["x", "y", "z"], "b": ["v"]})
SHARED = questionnaire({"a": ["x", "y"], "b": ["v"]}, share_points=True)
MONTHS = (0, 202511, 202512, 202601, 202603)


def people(asked: Questionnaire, n: int, seed: int, *, units: int = 3, flagged: float = 0.1) -> PackedResponses:
    """Responses of some units (0 = not known) in some months, in no order, answers missing, some not to be counted."""
    random = np.random.default_rng(seed)
    answers = {column.name: random.integers(0, min(column.codes, 4) + 1, n) for column in asked.columns}
    if asked.points:
        rows = random.multinomial(asked.points.total, [1 / len(asked.dimensions)] * len(asked.dimensions), n) + 1
        answers |= {f"W_{d.name}": rows[:, k] for k, d in enumerate(asked.dimensions)}
    days = [month * 100 + 15 if month else 0 for month in random.choice(MONTHS, n)]
    made = packed(
        asked,
        {name: values.tolist() for name, values in answers.items()},
        day=days,
        unit=random.integers(0, units + 1, n).tolist(),
        flags=np.where(random.random(n) < flagged, int(Flag.CLOSED), random.choice([0, int(Flag.CLOCK)], n)).tolist(),
    )
    service = random.integers(0, 4, n).astype(np.uint16)
    channel = random.integers(1, 3, n).astype(np.uint8)
    return PackedResponses(**{**vars(made), "service": service, "channel": channel})


def of_filter(matrix: Matrix, unit: int | None, months: tuple[int, int] | None) -> Matrix:
    """The responses of a filter, chosen one by one."""
    keep = np.ones(len(matrix), np.bool_)
    if unit is not None:
        keep &= matrix.unit == unit
    if months is not None:
        month = matrix.day // 100
        keep &= (month >= months[0]) & (month <= months[1])
    return matrix.select(keep)


filters = st.tuples(
    st.sampled_from([None, 0, 1, 3, 9]),
    st.sampled_from([None, (202511, 202512), (202601, 202601), (202501, 202612), (202402, 202402)]),
)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([SMALL, SHARED, skm()]), st.integers(0, 120), st.integers(0, 99), filters)
def test_a_filter_of_cells_is_what_counting_the_chosen_responses_gives(
    asked: Questionnaire, n: int, seed: int, chosen: tuple[int | None, tuple[int, int] | None]
) -> None:
    """Property: every number of the results, and the counts themselves, by unit and period, flagged ones left out."""
    matrix = Matrix.from_packed(people(asked, n, seed))
    unit, months = chosen
    found = Cells.of(matrix).chosen(unit=unit, months=months)
    assert found is not None
    those = of_filter(matrix, unit, months)
    assert found.tally == Tally.of(those.counted()[0])
    assert evaluate_cells(asked, found) == evaluate(asked, those)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=5), st.integers(0, 99))
def test_cells_that_grow_are_those_that_are_counted_anew(sizes: list[int], seed: int) -> None:
    """Property: responses come one by one and in batches; each cell ends as if all had been there at once."""
    matrix, cells = Matrix.empty(SMALL), Cells.of(Matrix.empty(SMALL))
    for number, n in enumerate(sizes):
        matrix = matrix.append(people(SMALL, n, seed + number))
        cells = cells.upto(matrix)
    assert same(cells, Cells.of(matrix))


def same(one: Cells, other: Cells) -> bool:
    """Whether both have the same cells with the same counts."""
    return one.cells.keys() == other.cells.keys() and all(
        np.array_equal(cell.persons, other.cells[key].persons)
        and np.array_equal(cell.products, other.cells[key].products)
        and dict(cell.others) == dict(other.cells[key].others)
        for key, cell in one.cells.items()
    )


def test_many_cells_are_counted_together_as_they_are_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """4,000 responses in 200 cells, in blocks of 7 cells and of 100 rows, and in one block."""
    matrix = Matrix.from_packed(people(SMALL, 4000, seed=3, units=40))
    whole = Cells.of(matrix)
    monkeypatch.setattr(analysis.counting.cells, "CELLS_AT_ONCE", 7)
    assert same(Cells.of(matrix), whole)
    monkeypatch.setattr(analysis.counting.cells, "BLOCK", 100)
    assert same(Cells.of(matrix), whole)
    monkeypatch.setattr(analysis.counting.cells, "LARGEST_TABLE", 0)
    assert same(Cells.of(matrix), whole), "cells found by sorting"


def test_a_cell_alone_has_the_same_index_as_among_others() -> None:
    """4,000 complete responses in 16 cells: one by one, all at once, and from the responses, to the last digit."""
    made = people(skm(), 4000, seed=4, flagged=0)
    matrix = Matrix.from_packed(PackedResponses(**{**vars(made), "answers": np.maximum(made.answers, 1)}))
    cells = [cell for cell in Cells.of(matrix).cells.values() if cell.n]
    tables = [cell.cross_of_index for cell in cells]
    together = index_by_cell(skm(), np.stack([table for table, _ in tables]), np.array([n for _, n in tables]), "exact")
    assert [index_of_one(skm(), table, n, "exact") for table, n in tables] == together
    of_units = index_in_cells(skm(), matrix, matrix.unit.astype(np.intp), cells=4, weights="exact")
    keys = [key for key, cell in Cells.of(matrix).cells.items() if cell.n]
    assert [together[keys.index((unit, None))] for unit in range(4)] == of_units


def test_the_same_month_has_the_same_last_digit_whatever_stands_beside_it() -> None:
    """7,000 responses: the months of one unit from the cells, remembered one by one, and counted together."""
    matrix = Matrix.from_packed(people(skm(), 7000, seed=8, units=2))
    cells = Cells.of(matrix)
    for months in ((202511, 202511), (202511, 202601), (202511, 202603)):
        found = cells.chosen(unit=1, months=months)
        assert found is not None
        assert evaluate_cells(skm(), found) == evaluate(skm(), of_filter(matrix, 1, months))


def test_who_holds_earlier_cells_keeps_what_they_showed() -> None:
    """Cells never change: the next ones share what is not new."""
    matrix = Matrix.from_packed(people(SMALL, 50, seed=1, flagged=0))
    earlier = Cells.of(matrix)
    later = earlier.upto(matrix.append(people(SMALL, 1, seed=2, flagged=0)))
    before, after = earlier.chosen(), later.chosen()
    assert before is not None
    assert after is not None
    assert (before.tally.n, after.tally.n) == (50, 51)
    assert sum(later.cells[key] is not cell for key, cell in earlier.cells.items()) <= 4


def test_counts_take_as_few_bytes_as_their_number_needs() -> None:
    """One byte up to 255 respondents, two up to 65,535; and what is added is never cut off."""
    layout = Layout.of(SMALL)
    one = Tally.of(Matrix.from_packed(packed(SMALL, {"P_x": [3]}))).counts
    cell = Cell.nothing(layout)
    for times, kind in ((255, np.uint8), (1, np.uint16), (65_279, np.uint16), (1, np.uint32)):
        cell = cell.plus(one * times, {})
        assert cell.persons.dtype == kind
    assert cell.n == 65_536
    assert cell.persons.max() == 65_536


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells of units are given up when they need too much; what cells of months can tell is still told by them."""
    matrix = Matrix.from_packed(people(SMALL, 300, seed=5))
    monkeypatch.setattr(analysis.counting.cells, "BYTES_AT_LEAST", 1000)
    cells = Cells.of(matrix)
    assert not cells.by_unit
    assert cells.nbytes == sum(cell.nbytes for cell in cells.cells.values())
    assert cells.chosen(unit=1) is None
    found = cells.chosen(months=(202601, 202612))
    assert found is not None
    assert evaluate_cells(SMALL, found) == evaluate(SMALL, of_filter(matrix, None, (202601, 202612)))
    more = matrix.append(people(SMALL, 20, seed=6))
    assert same(cells.upto(more), Cells.of(more))


def test_twenty_units_in_24_months_take_at_most_twenty_bytes_per_response() -> None:
    """skm-2017-servqual, 1,000 responses in 60 cells; the bound for a million is measured by the benchmark."""
    cells = Cells.of(Matrix.from_packed(people(skm(), 1000, seed=7, units=11)))
    assert cells.by_unit
    assert cells.nbytes == sum(cell.nbytes for cell in cells.cells.values())
    per_cell = cells.nbytes / len(cells.cells)
    assert 480 * 2 * per_cell < 20 * 1_000_000
