"""How are responses counted, a million of them in a blink?

Counting costs per row, hardly per place of a table: so several tables are counted at once, as one table of all their
columns together, and taken apart at the end. Sums of products are products of matrices, exact because all numbers are
whole and small enough. Many cells (units and months, say) are counted at once in the same way.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import prod

import numpy as np

from analysis.arrays import Bytes, Integers
from analysis.counting.block import Block, Codes, Places, folded
from analysis.counting.count_index import IndexTables, cross_of_index, groups_of_index
from analysis.counting.count_scores import ScoreTables
from analysis.counting.layout import Layout
from analysis.methods.points import GapScores, count_points, count_weighted

BLOCK = 262144  # rows counted at a time: temporaries stay in the cache
TOGETHER = 4096  # places of a table counted at once: as integers they fill the nearest cache
WORTH_JOINING = 8192  # rows below which several small tables cost less than a large one
MOST_GROUPS = 5  # of index columns; with more, a product of matrices is cheaper than a table of each two groups


class Counter:
    """Counts blocks of responses into ``cells`` vectors of a layout at once; ``rows`` is about how many will come."""

    def __init__(self, layout: Layout, *, cells: int = 1, rows: int = 0) -> None:
        self.layout = layout
        self.cells = cells
        self._counts = np.zeros((cells, layout.size), dtype=np.int64)
        joins = cells == 1 and rows > WORTH_JOINING
        self._index = IndexTables(layout) if joins and 0 < len(groups_of_index(layout)) <= MOST_GROUPS else None
        self._tables = _together(_jobs(layout, index_apart=bool(self._index)), TOGETHER if joins else 0)
        self._joint = [np.zeros((cells, table.size), dtype=np.int64) for table in self._tables]
        self._scores = ScoreTables(layout, self._counts)

    def add(self, answers: Bytes, profile: Bytes, starts: Places) -> None:
        """Count (columns, rows) answers and (questions, rows) profile; ``starts`` as in ``Block``."""
        block = Block(answers, profile, starts)
        self.layout.table(self._counts, "n")[:, 0] += block.sizes
        for number, table in enumerate(self._tables):
            self._joint[number] += block.frequencies(table.key(block), table.size)
        self._scores.add(block)
        if self._index:
            self._index.add(block)
        elif self.layout.index:
            cross, persons = cross_of_index([answers[column] for column in self.layout.index], starts)
            self.layout.table(self._counts, "cross index")[:] += cross
            self.layout.table(self._counts, "persons index")[:, 0] += persons
        if self.layout.points:
            self._add_points(block)

    def result(self) -> Integers:
        """(cells, size) all counts. Call it once, after the last block."""
        layout, counts = self.layout, self._counts
        for table, joint in zip(self._tables, self._joint, strict=True):
            shaped = joint.reshape(self.cells, *(job.width for job in table.jobs))
            for axis, job in enumerate(table.jobs, start=1):
                others = tuple(other for other in range(1, shaped.ndim) if other != axis)
                layout.table(counts, job.name)[:] += shaped.sum(axis=others).reshape(self.cells, *job.shape)
        for pair in layout.pairs:
            if pair.is_paired:
                found = layout.table(counts, f"joint {pair.name}")
                layout.table(counts, f"marginal {pair.expectation}")[:] += found.sum(axis=2)
                layout.table(counts, f"marginal {pair.perception}")[:] += found.sum(axis=1)
        self._scores.finish()
        if self._index:
            self._index.into(counts[0])
        return counts

    def _add_points(self, block: Block) -> None:
        """How the points were shared, and the gaps weighted by them, person by person."""
        layout, stored, gaps = self.layout, block.answers[list(self.layout.points)], []
        for _, _, gap in layout.triples:
            sums, answered = np.zeros((2, block.rows), dtype=np.int64)
            for plus, minus in zip(gap.first, gap.minus, strict=True):
                both = block.has(plus) & block.has(minus)
                answered += both
                sums += np.where(both, block.answers[plus].astype(np.int64) - block.answers[minus], 0)
            gaps.append(GapScores(sums, answered))
        for counts, (first, last) in zip(self._counts, pairwise(block.starts.tolist()), strict=True):
            own = [GapScores(gap.sums[first:last], gap.answered[first:last]) for gap in gaps]
            layout.table(counts, "points")[:] += count_points(stored[:, first:last], layout.total)
            layout.table(counts, "weighted gap")[:] += count_weighted(stored[:, first:last], own, layout.total)


class _Job:
    """One table to be counted, of one or two columns; its shape is their codes + 1."""

    def __init__(
        self, name: str, columns: tuple[int, ...], shape: tuple[int, ...], *, of_profile: bool = False
    ) -> None:
        self.name = name
        self.columns = columns
        self.shape = shape
        self.width = prod(shape)
        self.of_profile = of_profile

    def key(self, block: Block) -> Codes:
        """(rows,) the place of each row in the flat table."""
        source = block.profile if self.of_profile else block.answers
        return folded([source[column] for column in self.columns], self.shape)


class _Table:
    """Several jobs counted as one table."""

    def __init__(self, jobs: Sequence[_Job]) -> None:
        self.jobs = jobs
        self.size = prod(job.width for job in jobs)

    def key(self, block: Block) -> Codes:
        """(rows,) the place of each row in the flat table."""
        return folded([job.key(block) for job in self.jobs], [job.width for job in self.jobs])


def _jobs(layout: Layout, *, index_apart: bool) -> list[_Job]:
    """The joint tables of items asked twice, and the marginals of everything else."""
    jobs = []
    for pair in layout.pairs:
        if pair.expectation is not None and pair.perception is not None:
            both = (pair.expectation, pair.perception)
            jobs.append(_Job(f"joint {pair.name}", both, (layout.codes[both[0]] + 1, layout.codes[both[1]] + 1)))
    elsewhere = {column for job in jobs for column in job.columns} | (set(layout.index) if index_apart else set())
    for column, codes in enumerate(layout.codes):
        if column not in elsewhere:
            jobs.append(_Job(f"marginal {column}", (column,), (codes + 1,)))
    for question, codes in enumerate(layout.profile):
        jobs.append(_Job(f"profile {question}", (question,), (codes + 1,), of_profile=True))
    return jobs


def _together(jobs: Sequence[_Job], places: int) -> list[_Table]:
    """Tables of neighbours with at most so many places."""
    groups: list[list[_Job]] = []
    for job in jobs:
        if groups and prod(one.width for one in groups[-1]) * job.width <= places:
            groups[-1].append(job)
        else:
            groups.append([job])
    return [_Table(group) for group in groups]
