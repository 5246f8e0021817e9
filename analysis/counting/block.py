"""What do all tables need of some responses that are counted together, so that it is computed once?"""

import os
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.arrays import Bytes, Integers
from analysis.counting.layout import Scores
from survey.questionnaire import MAX_POINTS

Codes = npt.NDArray[Any]
Places = npt.NDArray[np.intp]
ONE_THREAD_UP_TO = 2**18  # multiplications; above, OpenBLAS starts threads unless it was told not to
AT_ONCE = 32768  # rows turned into floats at a time, which stay in the cache


class Block:
    """Some responses of one or several cells (units and months, say), those of a cell together.

    ``answers`` are (columns, rows), ``profile`` (questions, rows); the rows of cell c are ``starts[c]`` to
    ``starts[c + 1]``, the last being all rows.
    """

    def __init__(self, answers: Bytes, profile: Bytes, starts: Places) -> None:
        self.answers = answers
        self.profile = profile
        self.starts = starts
        self.sizes: Integers = np.diff(starts)
        self.cells = len(self.sizes)
        self.rows = answers.shape[1]
        self._least = answers.min(axis=1) if self.rows else np.ones(len(answers), dtype=np.uint8)
        self._sums: dict[tuple[int, ...], Codes] = {}
        self._keys: dict[Scores, Codes] = {}
        self._has: dict[int, npt.NDArray[np.bool_]] = {}

    def complete(self, columns: Sequence[int]) -> bool:
        """Whether nobody left out any of these columns."""
        return all(self._least[column] for column in columns)

    @cached_property
    def cell(self) -> Places:
        """(rows,) the cell of each row."""
        return np.repeat(np.arange(self.cells), self.sizes)

    def frequencies(self, codes: Codes, width: int) -> Integers:
        """(cells, width) how often each code occurs in each cell."""
        if self.cells > 1:
            codes = self.cell * width + codes
        return np.bincount(codes, minlength=self.cells * width).reshape(self.cells, width)

    def has(self, column: int) -> npt.NDArray[np.bool_]:
        """(rows,) who answered a column."""
        if column not in self._has:
            self._has[column] = self.answers[column] > 0
        return self._has[column]

    def sums(self, columns: tuple[int, ...]) -> Codes:
        """(rows,) the sum of the answers to some columns; missing answers add nothing."""
        if columns not in self._sums:
            self._sums[columns] = (
                total([self.answers[column] for column in columns]) if columns else np.zeros(self.rows, dtype=np.uint8)
            )
        return self._sums[columns]

    def key(self, scores: Scores) -> Codes:
        """(rows,) where each person stands in the flat table of a score, by answered items and by their sum."""
        if scores not in self._keys:
            self._keys[scores] = self._key(scores)
        return self._keys[scores]

    def _key(self, scores: Scores) -> Codes:
        if not scores.minus:
            answered, sums = total([self.has(column) for column in scores.first]), self.sums(scores.first)
        else:
            pairs = list(zip(scores.first, scores.minus, strict=True))
            answered = total([self.has(plus) & self.has(minus) for plus, minus in pairs])
            p = total([self.answers[plus] * self.has(minus) for plus, minus in pairs])
            e = total([self.answers[minus] * self.has(plus) for plus, minus in pairs])
            sums = np.subtract(p, e, dtype=np.int16)
        kind = np.dtype(np.int16 if (scores.items + 1) * scores.width < 2**15 else np.int32)
        key: Codes = np.multiply(answered, kind.type(scores.width), dtype=kind)
        key += sums
        key -= kind.type(scores.lowest)
        return key


def total(columns: Sequence[Codes]) -> Codes:
    """(rows,) the sum of columns of answers, or of who answered, in a type that holds it."""
    kind = np.uint8 if len(columns) * MAX_POINTS < 2**8 else np.int16
    if len(columns) == 1:
        return columns[0].astype(kind)
    found: Codes = np.add(columns[0], columns[1], dtype=kind)
    for column in columns[2:]:
        found += column
    return found


def folded(codes: Sequence[Bytes], widths: Sequence[int]) -> Codes:
    """(rows,) several codes as one, the last of which changes fastest; each is below its width."""
    if len(codes) == 1:
        return codes[0]
    size = prod(widths)
    kind = np.dtype(np.uint8 if size <= 2**8 else np.uint16 if size <= 2**16 else np.int64)
    key: Codes = np.multiply(codes[0], kind.type(widths[1]), dtype=kind)
    key += codes[1]
    for code, width in zip(codes[2:], widths[2:], strict=True):
        key *= kind.type(width)
        key += code
    return key


def products_with_ones(columns: Sequence[Codes], starts: Places, highest: float) -> Integers:
    """(cells, k + 1, k + 1) sums of products of a column of ones and of the k columns, over the rows of each cell.

    Exact: all are whole numbers up to ``highest`` in size, and sums stay below 2^24 in float32, else 2^53 in float64.
    Where the linear algebra library was not told to stay in one thread, in pieces so small that it does: on a busy
    machine its threads wait for each other, and a product of one millisecond was seen to take a second.
    """
    k = len(columns) + 1
    room = -(-k // 4) * 4  # a multiple of four is faster
    exact = int(2**24 / highest**2)
    kind = np.float32 if exact >= 256 else np.float64
    most = AT_ONCE if kind is np.float64 else exact
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        most = min(most, max(ONE_THREAD_UP_TO // (room * room), 16) // 16 * 16)
    values = np.zeros((room, min(AT_ONCE, int(starts[-1]))), dtype=kind)
    values[0] = 1
    products = np.zeros((len(starts) - 1, room, room))
    for low in range(0, int(starts[-1]), AT_ONCE):
        high = min(low + AT_ONCE, int(starts[-1]))
        for row, column in zip(values[1:], columns, strict=False):
            row[: high - low] = column[low:high]
        for cell, first, last in _pieces(starts, low, high, most):
            part = values[:, first - low : last - low]
            products[cell] += part @ part.T
    return np.rint(products[:, :k, :k]).astype(np.int64)


def _pieces(starts: Places, low: int, high: int, most: int) -> list[tuple[int, int, int]]:
    """(cell, first row, end) of the rows ``low`` to ``high``, cut where a cell ends and after ``most`` rows."""
    begin = max(int(np.searchsorted(starts, low, side="right")) - 1, 0)
    end = int(np.searchsorted(starts, high, side="left"))
    found = []
    for cell, (first, last) in enumerate(pairwise(starts[begin : end + 1].tolist()), start=begin):
        stop = min(last, high)
        found += [(cell, piece, min(piece + most, stop)) for piece in range(max(first, low), stop, most)]
    return found
