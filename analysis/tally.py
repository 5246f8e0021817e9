"""How often does what occur, counted so that counts of parts add up to the counts of the whole?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import lcm, prod
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from analysis.matrix import Bytes, Matrix
from analysis.points import GapScores, count_points, count_weighted
from survey.questionnaire import MAX_POINTS, Aspect, Questionnaire

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BLOCK = 131072  # rows counted at a time: temporaries stay in the cache, and sums in float32 stay exact (below 2^24)
EXACT_SCORES_UP_TO = 10  # items in a dimension whose mean scores are whole numbers of parts, whatever is missing
PARTS = 5040
ONE_THREAD_UP_TO = 2**18  # multiplications; above, OpenBLAS starts threads
WORTH_PARTING = 0.7  # with a larger share of incomplete rows, treating all of them as incomplete is cheaper
KINDS = ("expectation", "perception", "gap")


@dataclass(frozen=True)
class Pair:
    """The columns of one item: where its expectation and its perception stand; None when not asked."""

    name: str
    dimension: str
    expectation: int | None
    perception: int | None

    @property
    def is_paired(self) -> bool:
        """Whether a gap can be computed."""
        return self.expectation is not None and self.perception is not None


@dataclass(frozen=True)
class Scores:
    """The columns of one dimension in one respect (``kind``), for scores per person.

    ``first`` are the columns whose answers are added, ``minus`` (same length, or empty) those subtracted: a gap is
    perception minus expectation, over the items of which a person answered both. ``points`` is the largest code.
    """

    dimension: str
    kind: str
    first: tuple[int, ...]
    minus: tuple[int, ...]
    points: int

    @property
    def items(self) -> int:
        """How many items the score is made of."""
        return len(self.first)

    @property
    def lowest(self) -> int:
        """The smallest possible sum."""
        return -self.items * (self.points - 1) if self.minus else 0

    @property
    def width(self) -> int:
        """How many different sums there are, from ``lowest`` upwards."""
        return self.items * (2 * (self.points - 1) if self.minus else self.points) + 1

    @property
    def parts(self) -> int:
        """Into how many parts of a point the mean score of a person is counted.

        Up to ten items a multiple of every number of answered items, so that sum / answered is a whole number of
        parts. With more items a multiple of ``items``: complete persons stay exact, others are rounded to a part.
        """
        if self.items <= EXACT_SCORES_UP_TO:
            return lcm(*range(1, self.items + 1)) if self.items else 1
        return PARTS // self.items * self.items

    @cached_property
    def in_parts(self) -> Floats:
        """((items + 1) x width,) the mean score in parts, by answered items and sum; 0 where nothing is answered."""
        answered = np.arange(self.items + 1)[:, None]
        sums = np.arange(self.width)[None, :] + self.lowest
        scores: Floats = np.rint(sums * self.parts / np.maximum(answered, 1))
        scores[0] = 0
        return scores.ravel()


@dataclass(frozen=True)
class Layout:
    """Which counts are kept, and where they stand in one long vector.

    ``points`` are the columns of the points of each dimension, empty when none are shared; ``total`` is what is shared.
    """

    codes: tuple[int, ...]
    profile: tuple[int, ...]
    pairs: tuple[Pair, ...]
    scores: tuple[Scores, ...]
    index: tuple[int, ...]
    points: tuple[int, ...] = ()
    total: int = 0

    @classmethod
    def of(cls, questionnaire: Questionnaire) -> "Layout":
        """The layout for a questionnaire; made once for each."""
        if known := _layouts.get(questionnaire.digest):
            return known
        at = questionnaire.positions
        codes = tuple(column.codes for column in questionnaire.columns)
        pairs = tuple(
            Pair(item.name, item.dimension, at.get(f"E_{item.name}"), at.get(f"P_{item.name}"))
            for item in questionnaire.items
        )
        scores = []
        for dimension in questionnaire.dimensions:
            inside = [pair for pair in pairs if pair.dimension == dimension.name]
            expectation = tuple(pair.expectation for pair in inside if pair.expectation is not None)
            perception = tuple(pair.perception for pair in inside if pair.perception is not None)
            both = [
                (pair.expectation, pair.perception)
                for pair in inside
                if pair.expectation is not None and pair.perception is not None
            ]
            points = max((codes[column] for column in expectation + perception), default=1)
            scores += [
                Scores(dimension.name, "expectation", expectation, (), points),
                Scores(dimension.name, "perception", perception, (), points),
                Scores(dimension.name, "gap", tuple(p for _, p in both), tuple(e for e, _ in both), points),
            ]
        index = tuple(
            at[f"{Aspect.PERCEPTION.prefix}_{item.name}"]
            for item in questionnaire.items
            if item.in_index and item.perception is not None
        )
        profile = tuple(max(question.choices) for question in questionnaire.profile)
        asked = questionnaire.points
        shared = tuple(at[f"W_{dimension.name}"] for dimension in questionnaire.dimensions) if asked else ()
        layout = cls(codes, profile, pairs, tuple(scores), index, shared, asked.total if asked else 0)
        _layouts[questionnaire.digest] = layout
        return layout

    @cached_property
    def places(self) -> Mapping[str, tuple[slice, tuple[int, ...]]]:
        """Where each table stands in the vector, and its shape."""
        shapes: dict[str, tuple[int, ...]] = {"n": (1,)}
        for column, codes in enumerate(self.codes):
            shapes[f"marginal {column}"] = (codes + 1,)
        for question, codes in enumerate(self.profile):
            shapes[f"profile {question}"] = (codes + 1,)
        for pair in self.pairs:
            if pair.expectation is not None and pair.perception is not None:
                shapes[f"joint {pair.name}"] = (self.codes[pair.expectation] + 1, self.codes[pair.perception] + 1)
        for scores in self.scores:
            shapes[_name(scores)] = (scores.items + 1, scores.width)
            if scores.minus:
                width = scores.items * scores.points + 1
                shapes[f"sums {scores.dimension}"] = (width, width)
        dimensions = len(self.scores) // len(KINDS)
        for kind in KINDS:
            shapes[f"cross {kind}"] = (2 * dimensions, 2 * dimensions)
            shapes[f"persons {kind}"] = (1,)
        shapes["cross index"] = (2 * len(self.index), 2 * len(self.index))
        shapes["persons index"] = (1,)
        if self.points:
            shapes["points"] = (1 + 2 * len(self.points),)
            shapes["weighted gap"] = (3,)
        places, at = {}, 0
        for name, shape in shapes.items():
            places[name] = (slice(at, at + prod(shape)), shape)
            at += prod(shape)
        return places

    @cached_property
    def size(self) -> int:
        """How many counts there are."""
        return max(int(place.stop) for place, _ in self.places.values())

    def table(self, counts: Integers, name: str) -> Integers:
        """The table ``name`` as a view of ``counts``, whose last axis is the vector."""
        place, shape = self.places[name]
        return counts[..., place].reshape(*counts.shape[:-1], *shape)

    @cached_property
    def asked(self) -> tuple[int, ...]:
        """The columns that scores and the index are made of."""
        return tuple(sorted({*self.index, *(c for scores in self.scores for c in scores.first + scores.minus)}))

    @cached_property
    def triples(self) -> tuple[tuple[Scores, Scores, Scores], ...]:
        """The scores of each dimension: expectation, perception, gap."""
        return tuple(zip(self.scores[0::3], self.scores[1::3], self.scores[2::3], strict=True))

    @cached_property
    def scores_of_answers(self) -> Mapping[str, Integers]:
        """(scores, asked) by kind: with which factor an answer of a complete person enters each score in parts.

        ``index`` takes the answers as they are.
        """
        place = {column: number for number, column in enumerate(self.asked)}
        found = {}
        for kind in KINDS:
            factors = np.zeros((len(self.triples), len(self.asked)), dtype=np.int64)
            for number, scores in enumerate(self.of_kind(kind)):
                for sign, columns in ((1, scores.first), (-1, scores.minus)):
                    factors[number, [place[column] for column in columns]] = sign * scores.parts // max(scores.items, 1)
            found[kind] = factors
        found["index"] = np.eye(len(self.asked), dtype=np.int64)[[place[column] for column in self.index]]
        return found

    def of_kind(self, kind: str) -> tuple[Scores, ...]:
        """The scores of every dimension in one respect."""
        return tuple(scores for scores in self.scores if scores.kind == kind)


_layouts: dict[str, Layout] = {}
"""Layouts by the digest of their questionnaire: they cost more than counting a few responses."""


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
        counts = np.zeros(layout.size, dtype=np.int64)
        answers, profile = matrix.answers, matrix.profile
        for low in range(0, len(matrix), BLOCK):
            _count(layout, answers[:, low : low + BLOCK], profile[:, low : low + BLOCK], counts)
        return cls(layout, counts)

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
    k = len(layout.index)
    cross = np.zeros((cells, 2 * k, 2 * k), dtype=np.int64)
    persons = np.zeros(cells, dtype=np.int64)
    columns: Sequence[Bytes] = [matrix.answers[column] for column in layout.index]
    if len(cell) and np.any(cell[1:] < cell[:-1]):  # bring the responses of a cell together; a store often already has
        order = np.argsort(cell.astype(np.uint16) if cells < 2**16 else cell, kind="stable")
        cell = cell[order]
        columns = [column[order] for column in columns]
    ends = np.searchsorted(cell, np.arange(cells), side="right")
    low = 0
    for number, end in enumerate(ends):
        for start in range(low, int(end), BLOCK):
            stop = min(start + BLOCK, int(end))
            persons[number] += _cross_of_index([column[start:stop] for column in columns], cross[number])
        low = int(end)
    return cross, persons


def _count(layout: Layout, answers: Bytes, profile: Bytes, counts: Integers) -> None:
    """Add the counts of one block: (columns, rows) answers and (questions, rows) profile."""
    layout.table(counts, "n")[0] += answers.shape[1]
    for question, codes in enumerate(layout.profile):
        layout.table(counts, f"profile {question}")[:] += np.bincount(profile[question], minlength=codes + 1)
    if layout.points:
        _count_points(layout, answers, counts)
    missing = _count_answers(layout, answers, counts)
    gaps = [column for column in layout.asked if missing[column]]
    if not gaps:
        _count_complete(layout, answers, counts)
        return
    incomplete = answers[gaps[0]] == 0
    for column in gaps[1:]:
        incomplete |= answers[column] == 0
    rows = np.flatnonzero(incomplete)
    if len(rows) > WORTH_PARTING * len(incomplete):
        _count_incomplete(layout, answers, counts)
        return
    _count_incomplete(layout, answers[:, rows], counts)
    _count_complete(layout, answers[:, np.flatnonzero(~incomplete)], counts)


def _count_points(layout: Layout, answers: Bytes, counts: Integers) -> None:
    """How the points were shared, and the gaps weighted by them, person by person."""
    stored, gaps = answers[list(layout.points)], []
    for _, _, gap in layout.triples:
        sums, answered = np.zeros((2, answers.shape[1]), dtype=np.int64)
        for plus, minus in zip(gap.first, gap.minus, strict=True):
            both = (answers[plus] > 0) & (answers[minus] > 0)
            answered += both
            sums += np.where(both, answers[plus].astype(np.int64) - answers[minus], 0)
        gaps.append(GapScores(sums, answered))
    layout.table(counts, "points")[:] += count_points(stored, layout.total)
    layout.table(counts, "weighted gap")[:] += count_weighted(stored, gaps, layout.total)


def _count_answers(layout: Layout, answers: Bytes, counts: Integers) -> Integers:
    """Marginals and joint tables. Returns how many answers are missing in each column of this block."""
    missing = np.zeros(len(layout.codes), dtype=np.int64)
    jobs: list[tuple[str, tuple[int, ...]]] = []
    for pair in layout.pairs:
        if pair.expectation is not None and pair.perception is not None:
            jobs.append((f"joint {pair.name}", (pair.expectation, pair.perception)))
    paired = {column for _, columns in jobs for column in columns}
    jobs += [(f"marginal {column}", (column,)) for column in range(len(layout.codes)) if column not in paired]
    for together in _two_by_two(jobs):
        columns = [column for _, inside in together for column in inside]
        shape = [layout.codes[column] + 1 for column in columns]
        table = _joint(answers, columns, shape)
        axis = 0
        for name, inside in together:
            axes = tuple(range(axis, axis + len(inside)))
            axis += len(inside)
            found = table.sum(axis=tuple(set(range(table.ndim)) - set(axes)))
            layout.table(counts, name)[:] += found
            for place, column in enumerate(inside):
                marginal = found if len(inside) == 1 else found.sum(axis=1 - place)
                missing[column] = marginal[0]
                if len(inside) == 2:
                    layout.table(counts, f"marginal {column}")[:] += marginal
    return missing


def _two_by_two(jobs: list[tuple[str, tuple[int, ...]]]) -> Iterator[list[tuple[str, tuple[int, ...]]]]:
    """Two tables are counted at once: counting costs per row, hardly per cell."""
    for first in range(0, len(jobs), 2):
        yield jobs[first : first + 2]


def _joint(answers: Bytes, columns: Sequence[int], shape: Sequence[int]) -> Integers:
    """Persons by their answers to up to four columns at once."""
    cells = prod(shape)
    key = answers[columns[0]].astype(np.uint8 if cells <= 2**8 else np.uint16 if cells <= 2**16 else np.int32)
    for column, codes in zip(columns[1:], shape[1:], strict=True):
        key *= key.dtype.type(codes)
        key += answers[column]
    return np.bincount(key, minlength=cells).reshape(shape)


def _count_complete(layout: Layout, answers: Bytes, counts: Integers) -> None:
    """Scores, their joint sums and the sums of products, for rows without a missing answer.

    Here every score is a sum of answers: one table of joint sums tells all three scores of a dimension, and one
    product of the answers with themselves tells all sums of products.
    """
    rows = answers.shape[1]
    if not rows:
        return
    for expectation, perception, gap in layout.triples:
        aligned = gap.first == perception.first and gap.minus == expectation.first
        if not aligned:
            for scores in (expectation, perception):
                if not scores.items:
                    continue
                table = layout.table(counts, _name(scores))
                table[scores.items] += np.bincount(_added(answers, scores.first), minlength=scores.width)
        if gap.items:
            both = _joint_sums(_added(answers, gap.minus), _added(answers, gap.first), gap)
            layout.table(counts, f"sums {gap.dimension}")[:] += both
            layout.table(counts, _name(gap))[gap.items] += _along_differences(both, gap)
            if aligned:
                layout.table(counts, _name(expectation))[gap.items] += both.sum(axis=1)
                layout.table(counts, _name(perception))[gap.items] += both.sum(axis=0)
    products = _products_with_ones([answers[column] for column in layout.asked])
    for name, scores_of_answers in layout.scores_of_answers.items():
        cross, d = layout.table(counts, f"cross {name}"), len(scores_of_answers)
        has = scores_of_answers.any(axis=1).astype(np.int64)
        sums = scores_of_answers @ products[0, 1:]
        cross[:d, :d] += scores_of_answers @ products[1:, 1:] @ scores_of_answers.T
        cross[:d, d:] += np.outer(sums, has)
        cross[d:, :d] += np.outer(has, sums)
        cross[d:, d:] += np.outer(has, has) * rows
        layout.table(counts, f"persons {name}")[0] += rows if has.any() else 0


def _count_incomplete(layout: Layout, answers: Bytes, counts: Integers) -> None:
    """The same for rows in which answers may be missing."""
    rows = answers.shape[1]
    d = len(layout.triples)
    values = {kind: _room_for_products(2 * d, rows, np.float64) for kind in KINDS}
    has = {column: answers[column] > 0 for column in layout.asked}
    for number, (expectation, perception, gap) in enumerate(layout.triples):
        for scores in (expectation, perception):
            if scores.items:
                answered = _total([has[column] for column in scores.first])
                sums = _total([answers[column] for column in scores.first])
                into = values[scores.kind][number : 2 * d : d, :rows]
                _score(layout.table(counts, _name(scores)), scores, answered, sums, into)
        if not gap.items:
            continue
        both = [has[plus] & has[minus] for plus, minus in zip(gap.first, gap.minus, strict=True)]
        answered = _total(both)
        p = _total([answers[column] * pair for column, pair in zip(gap.first, both, strict=True)])
        e = _total([answers[column] * pair for column, pair in zip(gap.minus, both, strict=True)])
        difference = p.astype(np.int16) - e
        _score(layout.table(counts, _name(gap)), gap, answered, difference, values["gap"][number : 2 * d : d, :rows])
        everything = np.flatnonzero(answered == gap.items)
        layout.table(counts, f"sums {gap.dimension}")[:] += _joint_sums(e[everything], p[everything], gap)
    for kind, scored in values.items():
        layout.table(counts, f"cross {kind}")[:] += _products(scored)[: 2 * d, : 2 * d]
        layout.table(counts, f"persons {kind}")[0] += np.count_nonzero(scored[d : 2 * d].any(axis=0))
    layout.table(counts, "persons index")[0] += _cross_of_index(
        [answers[column] for column in layout.index], layout.table(counts, "cross index")
    )


def _name(scores: Scores) -> str:
    return f"scores {scores.dimension} {scores.kind}"


def _score(
    table: Integers, scores: Scores, answered: npt.NDArray[Any], sums: npt.NDArray[Any], values: npt.NDArray[Any]
) -> None:
    """Count one dimension by number and sum of answered items; put the scores, and who has one, into ``values``."""
    key = answered.astype(np.intp)
    key *= scores.width
    key += sums
    key -= scores.lowest
    table += np.bincount(key, minlength=table.size).reshape(table.shape)
    np.take(scores.in_parts, key, out=values[0], mode="clip")  # "clip" writes straight into ``out``
    values[1] = answered > 0


def _added(answers: Bytes, columns: Sequence[int]) -> npt.NDArray[Any]:
    """(rows,) the sum of the answers; missing answers add nothing."""
    return _total([answers[column] for column in columns]) if columns else np.zeros(answers.shape[1], dtype=np.uint8)


def _total(columns: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """(rows,) the sum of columns of small numbers, in a type that holds it."""
    total: npt.NDArray[Any] = columns[0].astype(np.uint8 if len(columns) * MAX_POINTS < 2**8 else np.int32)
    for column in columns[1:]:
        total += column
    return total


def _joint_sums(e: npt.NDArray[Any], p: npt.NDArray[Any], gap: Scores) -> Integers:
    """(width, width) persons by both sums of a dimension."""
    width = gap.items * gap.points + 1
    key = e.astype(np.int32)
    key *= np.int32(width)
    key += p
    return np.bincount(key, minlength=width * width).reshape(width, width)


def _along_differences(joint: Integers, gap: Scores) -> Integers:
    """(gap.width,) persons by the difference of both sums, from the joint sums of complete persons."""
    inside = joint[gap.items :, gap.items :]
    reach = len(inside) - 1
    return np.array([inside.trace(offset) for offset in range(-reach, reach + 1)], dtype=np.int64)


def _products_with_ones(columns: Sequence[npt.NDArray[Any]]) -> Integers:
    """(k + 1, k + 1) sums of products of a column of ones and of the k columns, over the rows of one block."""
    k, rows = len(columns) + 1, len(columns[0]) if columns else 0
    values = _room_for_products(k, rows, np.float32)
    values[0, :rows] = 1
    for number, column in enumerate(columns, start=1):
        values[number, :rows] = column
    return _products(values)[:k, :k]


def _room_for_products(k: int, rows: int, kind: type[np.floating[Any]]) -> npt.NDArray[Any]:
    """Zeros for ``_products``: a multiple of four columns, which is faster, and whole pieces of rows."""
    k = -(-k // 4) * 4
    piece = _rows_at_once(k)
    return np.zeros((k, -(-rows // piece) * piece), dtype=kind)


def _products(values: npt.NDArray[Any]) -> Integers:
    """(k, k) sums of products over the rows of one block, exact: whole numbers below 2^24 in float32, 2^53 in float64.

    In pieces so small that the linear algebra library stays in one thread: on a busy machine its threads wait for each
    other, and a product of one millisecond was seen to take a second.
    """
    pieces = values.reshape(len(values), -1, _rows_at_once(len(values)))
    products = np.matmul(pieces.transpose(1, 0, 2), pieces.transpose(1, 2, 0)).sum(axis=0)
    whole: Integers = np.rint(products).astype(np.int64)
    return whole


def _rows_at_once(k: int) -> int:
    """The largest power of two of rows whose product with themselves is done in one thread."""
    return 1 << max((ONE_THREAD_UP_TO // (k * k)).bit_length() - 1, 0)


def _cross_of_index(columns: Sequence[Bytes], cross: Integers) -> int:
    """Add the products of one block of index answers to ``cross``; returns how many persons answered at least one."""
    k = len(columns)
    if not k:
        return 0
    rows = len(columns[0])
    if all(column.all() for column in columns):
        products = _products_with_ones(columns)
        cross[:k, :k] += products[1:, 1:]
        cross[:k, k:] += products[1:, :1]
        cross[k:, :k] += products[:1, 1:]
        cross[k:, k:] += rows
        return rows
    has = [column > 0 for column in columns]
    cross += _products_with_ones([*columns, *has])[1:, 1:]
    return int(np.count_nonzero(np.logical_or.reduce(has)))
