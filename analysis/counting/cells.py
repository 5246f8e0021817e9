"""How does a screen show another unit or period at once, however many responses there are?

A cell is one unit in one month. Its counts are kept, and so are those of every unit, of every month and of all: what a
filter by unit and period shows is a sum of a few of them, and a new response changes four. Nothing is counted twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from analysis.arrays import Integers
from analysis.counting.counting import BLOCK, Counter
from analysis.counting.layout import Layout
from analysis.counting.matrix import Matrix
from analysis.counting.tally import FEW, Tally, count
from analysis.groups import Group, Month, index_by_cell, index_of_one, month_of
from analysis.methods.estimate import Estimate
from analysis.methods.servqual import AVAILABLE
from analysis.regulation import EXACT, ONCE
from analysis.results import Results, evaluate_tally
from survey.packed import NOT_COUNTED, Flag
from survey.questionnaire import Questionnaire

Key = tuple[int | None, int | None]
"""A unit (its key in the store, 0 = not known) and a month (yyyymm, 0 = not known); None is all of them."""

Other = tuple[str, int]
"""Something else that is counted: a unit, service or channel with its key, or a flag of those left out."""

VARIABLES = ("unit", "service", "channel")
LEFT_OUT = "left_out"
REASONS = tuple((int(flag), str(flag.name).lower()) for flag in Flag if flag in NOT_COUNTED)
"""Why a response is left out: its flag and the name of the reason."""
CELLS_AT_ONCE = 128
FEW_CELLS = 4  # whose index is computed faster one by one
BYTES_AT_LEAST, BYTES_PER_RESPONSE = 32 * 2**20, 20
LARGEST_TABLE = 2**22  # places of the table in which cells are looked up


@dataclass(frozen=True, eq=False)
class Cell:
    """The counts of some responses, in as few bytes as their number needs.

    ``persons`` are the counts of a layout that count persons, ``products`` its sums of products, ``others`` how many
    respondents fall into the categories of other variables, and how many were left out by reason. ``indices`` remembers
    the index by weight convention.
    """

    layout: Layout
    n: int
    persons: npt.NDArray[np.unsignedinteger[Any]]
    products: Integers
    others: Mapping[Other, int]
    indices: dict[str, Estimate] = field(default_factory=dict)

    @classmethod
    def nothing(cls, layout: Layout) -> Self:
        """Of no response."""
        rest = layout.size - layout.persons
        return cls(layout, 0, np.zeros(layout.persons, np.uint8), np.zeros(rest, np.int64), {})

    def plus(self, counts: Integers, others: Mapping[Other, int]) -> Self:
        """This cell and more responses: their (size,) counts, and their other categories."""
        n, first = self.n + int(counts[0]), self.layout.persons
        kind = np.uint8 if n < 2**8 else np.uint16 if n < 2**16 else np.uint32
        persons = np.add(self.persons, counts[:first], dtype=kind, casting="unsafe")
        return type(self)(self.layout, n, persons, self.products + counts[first:], _added(self.others, others))

    @property
    def counts(self) -> Integers:
        """(size,) all of them, a vector of its own."""
        return np.concatenate([self.persons, self.products], dtype=np.int64)

    @property
    def cross_of_index(self) -> tuple[Integers, int]:
        """The same as ``Tally.cross_of_index``."""
        place, shape = self.layout.places["cross index"]
        first = self.layout.persons
        table = self.products[place.start - first : place.stop - first].reshape(shape)
        return table, int(self.persons[self.layout.places["persons index"][0].start])

    @property
    def nbytes(self) -> int:
        """The memory of its counts."""
        return self.persons.nbytes + self.products.nbytes


@dataclass(frozen=True, eq=False)
class Chosen:
    """The cells of one filter, added up: the ``tally``, the other categories, and the cell of every month."""

    tally: Tally
    others: Mapping[Other, int]
    months: tuple[tuple[int, Cell], ...]

    @cached_property
    def left_out(self) -> Mapping[str, int]:
        """How many were left out, by reason, as ``Matrix.counted`` tells."""
        return {reason: n for flag, reason in REASONS if (n := self.others.get((LEFT_OUT, flag), 0))}

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Respondents by unit, service and channel: the categories that occur, by their key."""
        found: dict[str, list[tuple[int, int]]] = {name: [] for name in (*VARIABLES, LEFT_OUT)}
        for (name, code), n in self.others.items():
            found[name].append((code, n))
        return tuple(Group(name, code, n) for name in VARIABLES for code, n in sorted(found[name]))


@dataclass(frozen=True, eq=False)
class Cells:
    """The counts of the first ``rows`` responses of a matrix by unit and month.

    It never changes: ``upto`` gives another that shares the cells in which nothing is new. Memory is bounded: when the
    cells of units in months need more than ``BYTES_AT_LEAST`` and more than ``BYTES_PER_RESPONSE``, they are no longer
    kept (``by_unit`` is False), and a filter by unit counts the responses. ``nbytes`` is the memory of all counts.
    ``months`` are those (yyyymm) in which somebody answered, whether it counts or not. ``told`` remembers ``index``.
    """

    questionnaire: Questionnaire
    rows: int
    cells: Mapping[Key, Cell]
    by_unit: bool = True
    nbytes: int = 0
    months: tuple[int, ...] = ()
    told: dict[str, Mapping[Key, Estimate]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, matrix: Matrix) -> Self:
        """The cells of all responses that count."""
        return cls(matrix.questionnaire, 0, {}).upto(matrix)

    def upto(self, matrix: Matrix) -> Self:
        """These cells and the responses that ``matrix`` has beyond them."""
        if len(matrix) == self.rows:
            return self
        cells, by_unit, nbytes = dict(self.cells), self.by_unit, self.nbytes
        nothing = Cell.nothing(Layout.of(self.questionnaire))
        most = max(BYTES_AT_LEAST, BYTES_PER_RESPONSE * len(matrix))
        # Added up before they are kept in few bytes, which takes longer than adding.
        wider, changed = dict[Key, tuple[Integers, Mapping[Other, int]]](), list[Key]()
        for (unit, month), counts, others in _counted(matrix, self.rows):
            for wide in ((None, None), (None, month), (unit, None))[: 3 if by_unit else 2]:
                total = wider.get(wide)
                wider[wide] = (total[0] + counts, _added(total[1], others)) if total else (counts, others)
            if by_unit:
                known = cells.get((unit, month), nothing)
                cells[unit, month] = known.plus(counts, others)
                changed.append((unit, month))
                nbytes += cells[unit, month].nbytes - (known.nbytes if known is not nothing else 0)
                by_unit = nbytes <= most
        for key, (counts, others) in wider.items():
            cells[key] = cells.get(key, nothing).plus(counts, others)
        if len(cells) == len(self.cells):  # none is ever taken away above
            months = self.months
        else:
            months = tuple(sorted(month for unit, month in cells if unit is None and month))
        if by_unit:
            nbytes += sum(cells[key].nbytes - self.cells.get(key, nothing).nbytes for key in wider)
            nbytes += nothing.nbytes * sum(key not in self.cells for key in wider)
            by_unit = nbytes <= most
        if not by_unit:
            cells = {key: cell for key, cell in cells.items() if key[0] is None}
            nbytes = sum(cell.nbytes for cell in cells.values())
            changed.clear()
        told: dict[str, Mapping[Key, Estimate]] = {
            weights: {**known, **_index_by_key(self.questionnaire, cells, changed, weights)}
            for weights, known in self.told.items()
            if by_unit
        }
        return type(self)(self.questionnaire, len(matrix), cells, by_unit, nbytes, months, told)

    def index(self, weights: str) -> Mapping[Key, Estimate]:
        """The index of every unit in every month where somebody counts, by weight convention; empty without units."""
        if weights not in self.told:
            self.told[weights] = _index_by_key(self.questionnaire, self.cells, list(self.cells), weights)
        return self.told[weights]

    def chosen(self, *, unit: int | None = None, months: tuple[int, int] | None = None) -> Chosen | None:
        """What is counted of one unit, from the first to the last of some months; None means all of them.

        Returns None where the cells cannot tell.
        """
        if unit is not None and not self.by_unit:
            return None
        layout = Layout.of(self.questionnaire)
        inside = [month for month in self.months if months is None or months[0] <= month <= months[1]]
        by_month = tuple((month, cell) for month in inside if (cell := self.cells.get((unit, month))))
        if months is None:
            whole = self.cells.get((unit, None))
            parts = [whole] if whole else []
        else:
            parts = [cell for _, cell in by_month]
        first, *rest = parts or [Cell.nothing(layout)]
        counts, others = first.counts, first.others
        for cell in rest:
            counts[: layout.persons] += cell.persons
            counts[layout.persons :] += cell.products
            others = _added(others, cell.others)
        return Chosen(Tally(layout, counts), others, tuple((month, cell) for month, cell in by_month if cell.n))


def evaluate_cells(
    questionnaire: Questionnaire,
    chosen: Chosen,
    *,
    weights: str = EXACT,
    minimum: int = 5,
    rounding: str = ONCE,
    policy: str = AVAILABLE,
) -> Results:
    """What ``results.evaluate`` says of the same responses, without looking at one of them. Arguments as there."""
    months: tuple[Month, ...] = ()
    if chosen.tally.n >= minimum:
        indices = _indices(questionnaire, [cell for _, cell in chosen.months], weights)
        told = zip(chosen.months, indices, strict=True)
        months = tuple(month_of(questionnaire, month, cell.n, index, minimum) for (month, cell), index in told)
    return evaluate_tally(
        questionnaire,
        chosen.tally,
        left_out=chosen.left_out,
        groups=chosen.groups,
        months=months,
        weights=weights,
        minimum=minimum,
        rounding=rounding,
        policy=policy,
    )


def _index_by_key(
    questionnaire: Questionnaire, cells: Mapping[Key, Cell], keys: Sequence[Key], weights: str
) -> dict[Key, Estimate]:
    """The index of those cells that are a unit in a month where somebody counts."""
    chosen = [(key, cells[key]) for key in keys if None not in key and cells[key].n]
    found = _indices(questionnaire, [cell for _, cell in chosen], weights)
    return dict(zip([key for key, _ in chosen], found, strict=True))


def _indices(questionnaire: Questionnaire, cells: Sequence[Cell], weights: str) -> list[Estimate]:
    """The index of each cell. It is remembered with the cell, which never changes."""
    new = [cell for cell in cells if weights not in cell.indices]
    if len(new) <= FEW_CELLS:
        for cell in new:
            cell.indices[weights] = index_of_one(questionnaire, *cell.cross_of_index, weights)
    else:
        tables = [cell.cross_of_index for cell in new]
        cross, persons = np.stack([table for table, _ in tables]), np.array([n for _, n in tables], dtype=np.int64)
        for cell, index in zip(new, index_by_cell(questionnaire, cross, persons, weights), strict=True):
            cell.indices[weights] = index
    return [cell.indices[weights] for cell in cells]


def _added(first: Mapping[Other, int], second: Mapping[Other, int]) -> Mapping[Other, int]:
    if not first or not second:
        return first or second
    found = dict(first)
    _add(found, second)
    return found


def _add(found: dict[Other, int], more: Mapping[Other, int]) -> None:
    """As ``Counter.update``, which takes longer for a few categories."""
    for category, n in more.items():
        found[category] = found.get(category, 0) + n


def _counted(matrix: Matrix, first: int) -> Iterator[tuple[Key, Integers, Mapping[Other, int]]]:
    """The responses of ``matrix`` from row ``first`` on, counted: unit and month, (size,) counts, other categories."""
    if len(matrix) - first <= FEW:
        yield from _counted_one_by_one(matrix, first)
        return
    rows = slice(first, len(matrix))
    unit, month = matrix.unit[rows], matrix.day[rows] // 100
    keys, cell = _numbered(unit, month)
    order = np.argsort(cell.astype(np.uint16) if len(keys) < 2**16 else cell, kind="stable")
    starts = np.searchsorted(cell[order], np.arange(len(keys) + 1))
    variables: dict[str, npt.NDArray[Any]] = {
        "unit": unit,
        "service": matrix.service[rows],
        "channel": matrix.channel[rows],
    }
    flags = matrix.flags[rows] & np.uint8(NOT_COUNTED)
    counts = bool(flags.any())
    order += first
    for low, high in _some_cells(starts):
        chosen = order[starts[low] : starts[high]]
        ends = starts[low : high + 1] - starts[low]
        own = flags[chosen - first]
        kept = np.flatnonzero(own == 0) if counts else np.arange(len(chosen))
        others = _others(chosen - first, ends, kept, variables, own)
        inside = np.searchsorted(kept, ends)
        vectors = _vectors(matrix, chosen[kept] if counts else chosen, inside)
        for number, (counted, categories) in enumerate(zip(vectors, others, strict=True), start=low):
            yield keys[number], counted, categories


def _counted_one_by_one(matrix: Matrix, first: int) -> Iterator[tuple[Key, Integers, Mapping[Other, int]]]:
    answers, profile, day, unit = matrix.answers, matrix.profile, matrix.day, matrix.unit
    values: dict[str, npt.NDArray[Any]] = {"unit": unit, "service": matrix.service, "channel": matrix.channel}
    nothing = np.zeros(Layout.of(matrix.questionnaire).size, dtype=np.int64)
    for row in range(first, len(matrix)):
        key = (int(unit[row]), int(day[row]) // 100)
        flags = int(matrix.flags[row]) & int(NOT_COUNTED)
        if flags:
            yield key, nothing, {(LEFT_OUT, flag): 1 for flag, _ in REASONS if flag & flags}
        else:
            own = slice(row, row + 1)
            counts = count(matrix.questionnaire, answers[:, own], profile[:, own])
            yield key, counts, {(name, int(codes[row])): 1 for name, codes in values.items()}


def _numbered(unit: npt.NDArray[np.uint16], month: npt.NDArray[np.int32]) -> tuple[list[Key], npt.NDArray[Any]]:
    """The units in months that occur, and for each response the place of its own among them."""
    if not len(unit):
        return [], np.zeros(0, np.intp)
    known = month[month > 0]
    earliest = int(known.min()) - 1 if len(known) else 0  # the place of months that are not known
    span = int(month.max()) - earliest + 1 if len(known) else 1
    # By month first: a store is read in the order of time, and so the responses of neighbouring cells are neighbours.
    units = int(unit.max()) + 1
    code = np.maximum(month - earliest, 0).astype(np.int64) * units + unit
    size = units * span
    if size <= max(LARGEST_TABLE, 1):
        found = np.flatnonzero(np.bincount(code, minlength=size))
        place = np.zeros(size, dtype=np.int32)
        place[found] = np.arange(len(found))
        cell: npt.NDArray[Any] = place[code]
    else:
        found, cell = np.unique(code, return_inverse=True)
    keys: list[Key] = []
    for one in found.tolist():
        rest, which = divmod(one, units)
        keys.append((which, rest + earliest if rest else 0))
    return keys, cell


def _some_cells(starts: npt.NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Neighbouring cells to be counted together: from, to."""
    low, cells = 0, len(starts) - 1
    while low < cells:
        high = int(np.searchsorted(starts, starts[low] + BLOCK, side="right")) - 1
        high = min(max(high, low + 1), low + CELLS_AT_ONCE, cells)
        yield low, high
        low = high


def _vectors(matrix: Matrix, chosen: npt.NDArray[np.intp], starts: npt.NDArray[np.intp]) -> Integers:
    """(cells, size) counts of the rows ``chosen``, which are in the order of their cells."""
    layout = Layout.of(matrix.questionnaire)
    source, people = matrix.answers, matrix.profile
    if len(starts) == 2 or len(chosen) <= FEW:
        return np.stack(
            [
                count(matrix.questionnaire, source[:, own], people[:, own])
                for own in (chosen[low:high] for low, high in pairwise(starts))
            ]
        )
    answers = np.empty((len(source), len(chosen)), dtype=np.uint8)
    for column, into in zip(source, answers, strict=True):
        np.take(column, chosen, out=into, mode="clip")
    counter = Counter(layout, cells=len(starts) - 1)
    counter.add(answers, people[:, chosen], starts)
    return counter.result()


def _others(
    rows: npt.NDArray[np.intp],
    ends: npt.NDArray[np.intp],
    kept: npt.NDArray[np.intp],
    variables: Mapping[str, npt.NDArray[Any]],
    flags: npt.NDArray[np.uint8],
) -> list[dict[Other, int]]:
    """Of each cell: respondents by the categories of every variable, and how many were left out, by flag."""
    cells = len(ends) - 1
    cell = np.repeat(np.arange(cells), np.diff(ends))
    found: list[dict[Other, int]] = [{} for _ in range(cells)]

    def add(name: str, where: npt.NDArray[np.intp], codes: npt.NDArray[Any]) -> None:
        width = int(codes.max(initial=0)) + 1
        table = np.bincount(where * width + codes, minlength=cells * width)
        for place in np.flatnonzero(table).tolist():
            found[place // width][name, place % width] = int(table[place])

    for name, values in variables.items():
        add(name, cell[kept], values[rows[kept]])
    for flag, _ in REASONS if len(kept) < len(rows) else ():
        has = np.flatnonzero(flags & np.uint8(flag))
        add(LEFT_OUT, cell[has], np.full(len(has), flag))
    return found
