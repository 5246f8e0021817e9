"""How often does what occur, counted so that counts of parts add up to the counts of the whole?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from analysis.arrays import Bytes, Floats, Integers
from analysis.counting.count_index import cross_of_index
from analysis.counting.count_one import OneCounter
from analysis.counting.counting import BLOCK, Counter
from analysis.counting.layout import KINDS, Layout, Pair, Scores
from analysis.counting.matrix import Matrix
from survey.questionnaire import Questionnaire

__all__ = ["KINDS", "Floats", "Integers", "Layout", "Pair", "Scores", "Tally", "index_counts"]

FEW = 16  # responses that are counted faster one by one

_one_counters: dict[str, OneCounter] = {}
"""By the digest of their questionnaire."""


def count(questionnaire: Questionnaire, answers: Bytes, profile: Bytes) -> Integers:
    """(size,) counts of (columns, n) answers and (questions, n) profile."""
    layout, n = Layout.of(questionnaire), answers.shape[1]
    if n <= FEW and not layout.points:
        counts, one = np.zeros(layout.size, dtype=np.int64), _one_counter(questionnaire)
        for row in range(n):
            one.add(counts, answers[:, row], profile[:, row])
        return counts
    counter = Counter(layout, rows=n)
    for low in range(0, n, BLOCK):
        high = min(low + BLOCK, n)
        counter.add(answers[:, low:high], profile[:, low:high], np.array([0, high - low]))
    counted: Integers = counter.result()[0]
    return counted


def _one_counter(questionnaire: Questionnaire) -> OneCounter:
    """The counter of single responses; made once for each questionnaire."""
    if questionnaire.digest not in _one_counters:
        _one_counters[questionnaire.digest] = OneCounter(Layout.of(questionnaire))
    return _one_counters[questionnaire.digest]


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts of n responses. ``tally + tally`` is the tally of both; the order never matters, all counts are integers.

    ``counts`` is one (size,) int64 vector, so that many tallies (of units and months, say) stack into one array, and
    choosing some of them is a sum over rows. The methods show its tables.
    """

    layout: Layout
    counts: Integers

    @classmethod
    def of(cls, matrix: Matrix) -> Self:
        """The tally of every response of ``matrix`` (flagged ones too: choose before counting)."""
        layout = Layout.of(matrix.questionnaire)
        return cls(layout, count(matrix.questionnaire, matrix.answers, matrix.profile))

    @classmethod
    def nothing(cls, questionnaire: Questionnaire) -> Self:
        """The tally of no response."""
        layout = Layout.of(questionnaire)
        return cls(layout, np.zeros(layout.size, dtype=np.int64))

    def __add__(self, other: "Tally") -> "Tally":
        if other.layout != self.layout:
            raise ValueError("tallies of different questionnaires do not add up")
        return Tally(self.layout, self.counts + other.counts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tally) and self.layout == other.layout and np.array_equal(self.counts, other.counts)

    __hash__ = None  # type: ignore[assignment]

    @property
    def n(self) -> int:
        """Responses counted."""
        return int(self._table("n")[0])

    @cached_property
    def sums_of_columns(self) -> list[list[int]]:
        """Of every column: who answered it, the sum of the answers and the sum of their squares."""
        return self.layout.runs_of_columns.sums(self.counts)

    @cached_property
    def sums_of_gaps(self) -> Mapping[str, list[int]]:
        """Of every item asked twice: who answered both times, the sum of the gaps and the sum of their squares."""
        names = [pair.name for pair in self.layout.pairs if pair.is_paired]
        return dict(zip(names, self.layout.runs_of_gaps.sums(self.counts), strict=True))

    @cached_property
    def sums_of_scores(self) -> Mapping[tuple[str, str], list[list[int]]]:
        """Of every score (dimension, kind) and number of answered items: persons, their sums added, and the squares.

        Each square is that of the sum of one person.
        """
        rows = iter(self.layout.runs_of_scores.sums(self.counts))
        return {
            (scores.dimension, scores.kind): [next(rows) for _ in range(scores.items + 1)]
            for scores in self.layout.scores
        }

    def marginal(self, column: int) -> Integers:
        """(codes + 1,) how often each code of a column was chosen; [0] counts those who did not answer."""
        return self._table(f"marginal {column}")

    def profile(self, question: int) -> Integers:
        """(codes + 1,) how often each code of a profile question was chosen; [0] counts those who skipped it."""
        return self._table(f"profile {question}")

    def joint(self, item: str) -> Integers:
        """(expectation codes + 1, perception codes + 1) persons by both answers to an item asked twice; 0 = missing."""
        return self._table(f"joint {item}")

    def scores(self, dimension: str, kind: str) -> Integers:
        """(items + 1, width) persons by how many items of a dimension they answered and by the sum of these answers.

        ``kind`` is expectation, perception or gap (items with both answers). Column 0 is the sum ``Scores.lowest``.
        """
        return self._table(f"scores {dimension} {kind}")

    @cached_property
    def partly(self) -> Mapping[tuple[str, str], list[int]]:
        """Of persons who left out an item of a score (dimension, kind): the sum of each item, and that of all squares.

        What is left of the sums of everybody without them are those of complete persons.
        """
        counts = self.counts[self.layout.place_of_partly].tolist()
        return {which: counts[begin:end] for which, begin, end in self.layout.parts_of_partly}

    def sums(self, dimension: str) -> Integers:
        """(width, width) persons who answered all items of a dimension twice, by the sums of E and of P."""
        return self._table(f"sums {dimension}")

    def cross_of_dimensions(self, kind: str) -> tuple[Integers, int]:
        """((2d, 2d) sums of products, persons with at least one score).

        The first d are the mean scores in ``Scores.parts`` of a point, the other d the indicators *has a score*.
        """
        return self._table(f"cross {kind}"), int(self._table(f"persons {kind}")[0])

    def cross_of_index(self) -> tuple[Integers, int]:
        """((2k, 2k) sums of products, persons with at least one answer).

        The first k are the answers that enter the index, the other k the indicators *answered*.
        """
        return self._table("cross index"), int(self._table("persons index")[0])

    def points(self) -> tuple[Integers, Integers]:
        """((1 + 2d,), (3,)) as ``count_points`` and ``count_weighted`` give them; only where points are asked."""
        return self._table("points"), self._table("weighted gap")

    def _table(self, name: str) -> Integers:
        return self.layout.table(self.counts, name)


def index_counts(matrix: Matrix, cell: npt.NDArray[np.intp], cells: int) -> tuple[Integers, Integers]:
    """What the index needs, by cell: ((cells, 2k, 2k), (cells,)) as ``Tally.cross_of_index`` of each cell.

    ``cell`` (n,) is the cell of each response, such as its month. A cell costs little: it keeps no other table.
    """
    layout = Layout.of(matrix.questionnaire)
    columns: Sequence[Bytes] = [matrix.answers[column] for column in layout.index]
    if len(cell) and np.any(cell[1:] < cell[:-1]):  # bring the responses of a cell together; a store often already has
        order = np.argsort(cell.astype(np.uint16) if cells < 2**16 else cell, kind="stable")
        cell = cell[order]
        columns = [column.take(order) for column in columns]
    starts = np.searchsorted(cell, np.arange(cells + 1))
    return cross_of_index(columns, starts)
