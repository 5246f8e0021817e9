"""How are the answers that enter the index counted, with all that its uncertainty needs?"""

from collections.abc import Sequence
from math import prod

import numpy as np
import numpy.typing as npt

from analysis.arrays import Bytes, Integers
from analysis.counting.block import Block, Places, folded, products_with_ones
from analysis.counting.layout import Layout

LARGEST_GROUP = 2**7  # places of the table of a group of columns


def cross_of_index(columns: Sequence[Bytes], starts: Places) -> tuple[Integers, Integers]:
    """((cells, 2k, 2k) sums of products, (cells,) persons with at least one answer), of k columns of answers.

    The first k are the answers, the other k the indicators *answered*. starts: (cells + 1,), as in ``Block``.
    """
    k, sizes = len(columns), np.diff(starts)
    highest = max((int(column.max(initial=1)) for column in columns), default=1)
    if all(column.all() for column in columns):
        products = products_with_ones(columns, starts, highest)
        which = np.concatenate([np.arange(1, k + 1), np.zeros(k, dtype=np.intp)])
        return products[:, which[:, None], which], sizes if k else np.zeros_like(sizes)
    has = [column > 0 for column in columns]
    anybody = np.logical_or.reduce(has)
    persons = np.add.reduceat(np.append(anybody, False), starts[:-1], dtype=np.int64)
    return products_with_ones([*columns, *has], starts, highest)[:, 1:, 1:], np.where(sizes > 0, persons, 0)


def groups_of_index(layout: Layout) -> list[tuple[int, ...]]:
    """The columns of the index in groups whose answers together fit into a byte."""
    groups: list[tuple[int, ...]] = []
    for column in layout.index:
        width = layout.codes[column] + 1
        if groups and width * prod(layout.codes[other] + 1 for other in groups[-1]) <= LARGEST_GROUP:
            groups[-1] = (*groups[-1], column)
        else:
            groups.append((column,))
    return groups


class IndexTables:
    """Persons by their answers to each two groups of index columns, from which all marginals and products follow."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.groups = groups_of_index(layout)
        self.shapes = [tuple(layout.codes[column] + 1 for column in group) for group in self.groups]
        self.widths = [prod(shape) for shape in self.shapes]
        count = len(self.groups)
        self.pairs = [(a, b) for a in range(count) for b in range(a + 1, count)] or [(0, 0)]
        sizes = [self.widths[a] * (self.widths[b] if a != b else 1) for a, b in self.pairs]
        self.tables = [np.zeros(size, dtype=np.int64) for size in sizes]
        self.persons = 0

    def add(self, block: Block) -> None:
        """Count a block of one cell."""
        codes = [
            folded([block.answers[column] for column in group], shape)
            for group, shape in zip(self.groups, self.shapes, strict=True)
        ]
        for number, (a, b) in enumerate(self.pairs):
            which = (a, b) if a != b else (a,)
            key = folded([codes[one] for one in which], [self.widths[one] for one in which])
            self.tables[number] += np.bincount(key, minlength=len(self.tables[number]))
        if any(block.complete([column]) for column in self.layout.index):
            self.persons += block.rows
        else:
            anybody = codes[0] > 0
            for code in codes[1:]:
                anybody |= code > 0
            self.persons += int(np.count_nonzero(anybody))

    def into(self, counts: Integers) -> None:
        """Add what was counted to the (size,) vector: products, and marginals of columns that no joint table tells."""
        cross = self.layout.table(counts, "cross index")
        alone: dict[int, Integers] = {}
        for (a, b), table in zip(self.pairs, self.tables, strict=True):
            joint = table.reshape(self.widths[a], -1)
            alone.setdefault(a, joint.sum(axis=1))
            if a != b:
                alone.setdefault(b, joint.sum(axis=0))
                found = self._values(a).T @ joint.astype(np.float64) @ self._values(b)
                rows, columns = self._places(a), self._places(b)
                cross[rows[:, None], columns] += np.rint(found).astype(np.int64)
                cross[columns[:, None], rows] += np.rint(found.T).astype(np.int64)
        joined = {pair.perception for pair in self.layout.pairs if pair.is_paired}
        for a, persons in alone.items():
            values, rows = self._values(a), self._places(a)
            cross[rows[:, None], rows] += np.rint((values.T * persons) @ values).astype(np.int64)
            shaped = persons.reshape(self.shapes[a])
            for axis, column in enumerate(self.groups[a]):
                if column not in joined:
                    others = tuple(other for other in range(shaped.ndim) if other != axis)
                    self.layout.table(counts, f"marginal {column}")[:] += shaped.sum(axis=others)
        self.layout.table(counts, "persons index")[0] += self.persons

    def _places(self, group: int) -> Places:
        """(2m,) where the m answers of a group and their indicators stand among the products."""
        rows = [self.layout.index.index(column) for column in self.groups[group]]
        return np.array([*rows, *(len(self.layout.index) + row for row in rows)])

    def _values(self, group: int) -> npt.NDArray[np.float64]:
        """(width, 2m) the m answers that each code of a group stands for, and whether there is one."""
        answers = np.stack(np.unravel_index(np.arange(self.widths[group]), self.shapes[group]), axis=1)
        return np.concatenate([answers, answers > 0], axis=1).astype(np.float64)
