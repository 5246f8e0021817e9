"""How are the scores of dimensions counted, person by person, when answers may be missing?"""

from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.arrays import Integers
from analysis.counting.block import Block, Codes, products_with_ones
from analysis.counting.layout import KINDS, Layout, Scores, name_of, partly_of

Triple = tuple[Scores, Scores, Scores]


def is_aligned(triple: Triple) -> bool:
    """Whether all items of a dimension are asked twice: the gap of a complete person is a difference of two sums."""
    expectation, perception, gap = triple
    return bool(gap.items) and gap.first == perception.first and gap.minus == expectation.first


class ScoreTables:
    """Counts the scores of every dimension into (cells, size) ``counts``.

    Persons who answered everything twice are kept by both sums and taken apart at the end, in ``finish``.
    """

    def __init__(self, layout: Layout, counts: Integers) -> None:
        self.layout = layout
        self.counts = counts
        self.both: dict[Triple, Integers] = {}

    def add(self, block: Block) -> None:
        """Count a block."""
        for triple in self.layout.triples:
            if block.complete((*triple[0].first, *triple[1].first)):
                self._add_complete(block, triple)
            else:
                self._add_incomplete(block, triple)
        if all(block.complete((*triple[0].first, *triple[1].first)) for triple in self.layout.triples):
            self._cross_of_complete(block)
        else:
            for kind in KINDS:
                self._cross_of_incomplete(block, kind)

    def finish(self) -> None:
        """Add what follows from the joint sums of complete persons."""
        for (expectation, perception, gap), both in self.both.items():
            self._sums(gap)[:] += both
            self._table(gap)[:, gap.items] += _along_differences(both, gap)
            if is_aligned((expectation, perception, gap)):
                self._table(expectation)[:, gap.items] += both.sum(axis=2)
                self._table(perception)[:, gap.items] += both.sum(axis=1)

    def _table(self, scores: Scores) -> Integers:
        return self.layout.table(self.counts, name_of(scores))

    def _sums(self, gap: Scores) -> Integers:
        return self.layout.table(self.counts, f"sums {gap.dimension}")

    def _add_complete(self, block: Block, triple: Triple) -> None:
        gap = triple[2]
        if not is_aligned(triple):
            for scores in triple[:2]:
                if scores.items:
                    self._table(scores)[:, scores.items] += block.frequencies(block.sums(scores.first), scores.width)
        if gap.items:
            found = _joint_sums(block, gap)
            if triple in self.both:
                self.both[triple] += found
            else:
                self.both[triple] = found

    def _add_incomplete(self, block: Block, triple: Triple) -> None:
        for scores in triple:
            if scores.items:
                table = self._table(scores)
                table += block.frequencies(block.key(scores), table[0].size).reshape(table.shape)
                self._add_partly(block, scores)
        gap = triple[2]
        if gap.items:
            self._sums(gap)[:] += _joint_sums(block, gap, only=block.key(gap) >= gap.items * gap.width)

    def _add_partly(self, block: Block, scores: Scores) -> None:
        """Sums of those who answered some items of a score and not all."""
        key = block.key(scores)
        rows = np.flatnonzero((key < scores.items * scores.width) & (key >= scores.width))
        if not len(rows):
            return
        table = self.layout.table(self.counts, partly_of(scores))
        cell = block.cell[rows] if block.cells > 1 else None
        for place, column in enumerate(scores.first):
            value = block.answers[column].take(rows).astype(np.float64)
            if scores.minus:
                other = block.answers[scores.minus[place]].take(rows)
                value = np.where((value > 0) & (other > 0), value - other, 0.0)
            for at, what in ((place, value), (scores.items, value * value)):
                total = what.sum() if cell is None else np.bincount(cell, weights=what, minlength=block.cells)
                table[:, at] += np.asarray(total).astype(np.int64)  # whole numbers, exact up to 2**53

    def _cross_of_complete(self, block: Block) -> None:
        """One product of the sums tells all: where the same items are asked, the gap is a difference of two sums."""
        d, columns = len(self.layout.triples), list[Codes]()
        highest = 1
        factors = {kind: np.zeros((d, 3 * d), dtype=np.int64) for kind in KINDS}
        for number, triple in enumerate(self.layout.triples):
            gap, at = triple[2], {}
            for scores in triple[:2]:
                if scores.items:
                    at[scores.kind] = len(columns)
                    factors[scores.kind][number, len(columns)] = scores.parts // scores.items
                    columns.append(block.sums(scores.first))
                    highest = max(highest, scores.items * scores.points)
            if is_aligned(triple):
                factors[gap.kind][number, at["perception"]] = gap.parts // gap.items
                factors[gap.kind][number, at["expectation"]] = -(gap.parts // gap.items)
            elif gap.items:
                factors[gap.kind][number, len(columns)] = gap.parts // gap.items
                columns.append(np.subtract(block.sums(gap.first), block.sums(gap.minus), dtype=np.int16))
        products = products_with_ones(columns, block.starts, highest)
        for kind, factor in factors.items():
            used = factor[:, : len(columns)]
            has: Integers = np.asarray(used.any(axis=1), dtype=np.int64)
            sums: Integers = np.matmul(products[:, 0, 1:], used.T)
            cross = self.layout.table(self.counts, f"cross {kind}")
            cross[:, :d, :d] += used @ products[:, 1:, 1:] @ used.T
            cross[:, :d, d:] += sums[:, :, None] * has
            cross[:, d:, :d] += has[:, None] * sums[:, None, :]
            cross[:, d:, d:] += np.outer(has, has) * block.sizes[:, None, None]
            self._persons(kind)[:] += block.sizes if has.any() else 0

    def _cross_of_incomplete(self, block: Block, kind: str) -> None:
        """The mean score of each person is looked up; whoever has none is 0 twice, as value and as indicator."""
        cross, d = self.layout.table(self.counts, f"cross {kind}"), len(self.layout.triples)
        asked = [(number, scores) for number, scores in enumerate(self.layout.of_kind(kind)) if scores.items]
        if not asked:
            return
        k = len(asked)
        places = np.array([number for number, _ in asked] + [d + number for number, _ in asked])
        values = [scores.in_parts.take(block.key(scores), mode="clip") for _, scores in asked]
        highest = max(float(np.abs(scores.in_parts).max()) for _, scores in asked)
        has: list[npt.NDArray[Any]] = [block.key(scores) >= scores.width for _, scores in asked]
        if all(known.all() for known in has):
            products = products_with_ones(values, block.starts, highest)
            which = np.concatenate([np.arange(1, k + 1), np.zeros(k, dtype=np.intp)])
            cross[:, places[:, None], places] += products[:, which[:, None], which]
            self._persons(kind)[:] += block.sizes
            return
        products = products_with_ones([*values, *has], block.starts, highest)
        cross[:, places[:, None], places] += products[:, 1:, 1:]
        anybody = np.logical_or.reduce(has).view(np.uint8)
        self._persons(kind)[:] += block.frequencies(anybody, 2)[:, 1]

    def _persons(self, kind: str) -> Integers:
        return self.layout.table(self.counts, f"persons {kind}")[:, 0]


def _joint_sums(block: Block, gap: Scores, *, only: npt.NDArray[np.bool_] | None = None) -> Integers:
    """(cells, width, width) persons (``only`` some) by both sums of a dimension."""
    width = gap.items * gap.points + 1
    kind = np.dtype(np.uint16 if width * width < 2**16 else np.int32)
    key = np.multiply(block.sums(gap.minus), kind.type(width), dtype=kind)
    key += block.sums(gap.first)
    if only is not None:
        np.copyto(key, kind.type(width * width), where=~only)
    found = block.frequencies(key, width * width + (only is not None))
    return found[:, : width * width].reshape(-1, width, width)


def _along_differences(joint: Integers, gap: Scores) -> Integers:
    """(cells, gap.width) persons by the difference of both sums, from the joint sums of complete persons."""
    inside = joint[:, gap.items :, gap.items :]
    reach = inside.shape[1] - 1
    diagonals = [inside.trace(offset, axis1=1, axis2=2) for offset in range(-reach, reach + 1)]
    return np.stack(diagonals, axis=1)
