"""The matrix: the same answers as in the store, one column after the other, and cheap to extend."""

from dataclasses import replace
from threading import Thread

import numpy as np
import pytest

from analysis.counting.matrix import Matrix
from survey.packed import Flag
from tests.numbers import matrix, packed, questionnaire, skm

ASKED = questionnaire({"d": ["x", "y"]})
ROWS = [{"E_x": 4, "P_x": 3, "E_y": 2, "P_y": 1}, {"P_x": 2}, {"E_y": 4, "P_y": 4}]


def test_a_matrix_holds_what_the_store_gave_column_by_column() -> None:
    """Three rows by hand; expectation stands before perception, as the blocks do; 0 is not answered."""
    found = matrix(ASKED, ROWS, unit=[1, 2, 1], day=[20260101, 20260102, 0])
    assert found.answers.tolist() == [[4, 0, 0], [2, 0, 4], [3, 2, 0], [1, 0, 4]]
    assert found.column("P_x").tolist() == [3, 2, 0]
    assert found.unit.tolist() == [1, 2, 1]
    assert found.day.tolist() == [20260101, 20260102, 0]
    assert len(found) == 3


def test_every_column_is_one_run_of_bytes() -> None:
    """Counting a column then reads memory in order."""
    found = matrix(ASKED, ROWS)
    assert found.answers.dtype == np.uint8
    assert found.answers[1].flags.c_contiguous
    assert found.column("P_y").flags.c_contiguous


def test_nobody_can_write_into_a_matrix() -> None:
    """A view that is written to would change the numbers of every other reader."""
    found = matrix(ASKED, ROWS)
    for view in (found.answers, found.profile, found.unit, found.day, found.flags, found.column("P_x")):
        with pytest.raises(ValueError, match="read-only"):
            view[0] = 1


def test_appending_equals_reading_everything_at_once() -> None:
    """50 pieces of different length, keys included, against one matrix of all."""
    random = np.random.default_rng(5)
    pieces = []
    for _ in range(50):
        n = int(random.integers(0, 40))
        answers = {column.name: random.integers(0, 5, n).tolist() for column in ASKED.columns}
        pieces.append(
            packed(ASKED, answers, unit=random.integers(0, 9, n).tolist(), day=random.integers(0, 9, n).tolist())
        )
    grown = Matrix.empty(ASKED)
    for piece in pieces:
        grown = grown.append(piece)
    assert grown.answers.tolist() == np.vstack([piece.answers for piece in pieces]).T.tolist()
    for key in ("unit", "service", "day", "channel", "flags"):
        assert getattr(grown, key).tolist() == np.concatenate([getattr(piece, key) for piece in pieces]).tolist()


def test_a_matrix_stays_what_it_was_when_it_is_extended() -> None:
    """The longer matrix shares memory; the shorter one does not see the new row, also when it is extended twice."""
    first = matrix(ASKED, ROWS).append(packed(ASKED, ROWS[:1]))
    one = first.append(packed(ASKED, [{"P_x": 1}]))
    other = first.append(packed(ASKED, [{"P_x": 4}]))
    assert first.column("P_x").tolist() == [3, 2, 0, 3]
    assert one.column("P_x").tolist() == [3, 2, 0, 3, 1]
    assert other.column("P_x").tolist() == [3, 2, 0, 3, 4]


def test_two_threads_may_extend_the_same_matrix() -> None:
    """Each gets its own longer matrix with its own row; 200 rounds."""
    for round_ in range(200):
        first = matrix(ASKED, ROWS).append(packed(ASKED, ROWS[:1]))
        found: dict[int, Matrix] = {}

        def extend(code: int, first: Matrix = first, found: dict[int, Matrix] = found) -> None:
            found[code] = first.append(packed(ASKED, [{"P_x": code}]))

        threads = [Thread(target=extend, args=(code,)) for code in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [found[code].column("P_x")[-1] for code in (1, 2)] == [1, 2], round_


def test_a_matrix_remembers_up_to_where_it_has_read() -> None:
    """``last`` is what the next read goes on from; an empty read keeps it."""
    first = matrix(ASKED, ROWS, last=17)
    assert first.last == 17
    assert first.append(packed(ASKED, [], last=17)).last == 17
    assert first.append(packed(ASKED, ROWS, last=20)).last == 20


def test_responses_to_another_version_are_not_mixed_in() -> None:
    """Their bytes would mean something else."""
    other = questionnaire({"d": ["x", "z"]})
    with pytest.raises(ValueError, match="another questionnaire"):
        matrix(ASKED, ROWS).append(packed(other, [{"P_x": 1}]))


def test_selecting_keeps_order_and_all_keys() -> None:
    """Rows 0 and 2 by hand."""
    found = matrix(ASKED, ROWS, unit=[1, 2, 3]).select(np.array([True, False, True]))
    assert found.answers.tolist() == [[4, 0], [2, 4], [3, 0], [1, 4]]
    assert found.unit.tolist() == [1, 3]
    assert len(found.select(np.array([False, False]))) == 0


def test_a_selection_can_be_extended() -> None:
    """As a dashboard does with a filter that stays."""
    found = matrix(ASKED, ROWS).select(np.array([False, True, False])).append(packed(ASKED, ROWS[:1]))
    assert found.column("P_x").tolist() == [2, 3]


def test_a_choice_of_the_wrong_length_is_refused() -> None:
    """A mask of another matrix would select other people."""
    with pytest.raises(ValueError, match="2 choices for 3 responses"):
        matrix(ASKED, ROWS).select(np.array([True, False]))


def test_closed_responses_do_not_count_and_are_told() -> None:
    """Flag CLOSED stays out, others count; the number left out is told by reason."""
    flags = [0, int(Flag.CLOSED), int(Flag.CLOCK)]
    counted, left_out = matrix(ASKED, ROWS, flags=flags).counted()
    assert counted.column("P_x").tolist() == [3, 0]
    assert left_out == {"closed": 1}
    everything, nothing = matrix(ASKED, ROWS).counted()
    assert (len(everything), nothing) == (3, {})


def test_a_million_responses_take_less_than_100_bytes_each() -> None:
    """44 answers, four profile questions and keys: 58 bytes each, and at most 25 % more after an append."""
    items = {"d": [f"x{k}" for k in range(22)]}
    asked = questionnaire(items)
    profile = skm().profile
    asked = asked.model_validate({**dict(asked), "profile": ()})
    n = 100_000
    piece = packed(asked, {"P_x0": [1] * n})
    piece = replace(piece, profile=np.zeros((n, 0), dtype=np.uint8))
    found = Matrix.from_packed(piece)
    assert sum(array.nbytes for array in found._room.arrays()) / n == 44 + 10
    found = found.append(packed(asked, {"P_x0": [1]}))
    assert sum(array.nbytes for array in found._room.arrays()) / n + len(profile) * 1.25 < 100
