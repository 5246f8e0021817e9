"""How is a single response counted in less time than a screen needs to notice?

One person adds 1 to one place of every table. The places of all tables are found together, as one vector.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from analysis.arrays import Bytes, Integers
from analysis.counting.layout import KINDS, Layout, name_of, partly_of

Places = npt.NDArray[np.intp]


class OneCounter:
    """Counts single responses to a questionnaire that shares no points; made once for each layout."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._columns = len(layout.codes)
        self._tables_of_answers()
        self._tables_of_scores()
        self._sums_of_partly()
        self._products()

    def add(self, counts: Integers, answers: Bytes, profile: Bytes) -> None:
        """Add one response to the (size,) vector: (columns,) answers and (questions,) profile."""
        row = np.concatenate([answers, profile]).astype(np.intp)
        own = row[: self._columns]
        has = (own > 0).astype(np.intp)
        counts[0] += 1
        counts[self._begin + self._stride * row[self._first] + self._other_stride * row[self._second]] += 1
        p, e = own[self._plus], own[self._minus]
        both = has[self._plus] * has[self._minus]
        answered = np.concatenate([self._of_singles @ has, self._of_pairs @ both])
        sums = np.concatenate([self._of_singles @ own, self._of_pairs @ ((p - e) * both)])
        key = answered * self._widths + sums - self._lowest
        counts[self._begin_of_scores + key] += 1
        joint = self._begin_of_sums + (self._of_pairs @ e) * self._width_of_sums + self._of_pairs @ p
        counts[joint[answered[self._singles :] == self._items_of_gaps]] += 1
        known = (answered > 0).astype(np.intp)
        counts[self._persons] += (self._of_kind @ known) > 0
        answers_of_index, has_of_index = own[self._index], has[self._index]
        vector = np.concatenate(
            [self._nothing, self._parts[self._begin_of_parts + key], known, answers_of_index, has_of_index]
        )
        counts[self._place_of_products] += vector[self._one] * vector[self._other]
        counts[self._persons_of_index] += bool(has_of_index.any())
        partly = answered < self._items
        if partly.any():
            values = np.concatenate([own[self._columns_of_singles], (p - e) * both]) * partly[self._score_of_item]
            counts[self._partly] += values
            counts[self._squares] += self._of_score @ (values * values)

    def _start(self, table: str) -> int:
        return int(self.layout.places[table][0].start)

    def _tables_of_answers(self) -> None:
        """Where each begins, and two columns with their strides (a stride of 0 where there is only one)."""
        layout = self.layout
        tables = [(self._start(f"marginal {column}"), column, 1, 0, 0) for column in range(self._columns)]
        for question in range(len(layout.profile)):
            tables.append((self._start(f"profile {question}"), self._columns + question, 1, 0, 0))
        for pair in layout.pairs:
            if pair.expectation is not None and pair.perception is not None:
                stride = layout.codes[pair.perception] + 1
                tables.append((self._start(f"joint {pair.name}"), pair.expectation, stride, pair.perception, 1))
        self._begin, self._first, self._stride, self._second, self._other_stride = np.array(tables, np.intp).T

    def _tables_of_scores(self) -> None:
        """Scores that add answers come first, then those of gaps."""
        singles = [scores for scores in self.layout.scores if scores.items and not scores.minus]
        gaps = [scores for scores in self.layout.scores if scores.items and scores.minus]
        self._scores, self._singles = [*singles, *gaps], len(singles)
        self._of_singles = _membership([scores.first for scores in singles], self._columns)
        self._plus = _places([column for scores in gaps for column in scores.first])
        self._minus = _places([column for scores in gaps for column in scores.minus])
        ends = np.cumsum([0, *(scores.items for scores in gaps)]).tolist()
        runs = [range(first, last) for first, last in pairwise(ends)]
        self._of_pairs = _membership(runs, len(self._plus))
        self._widths = _places([scores.width for scores in self._scores])
        self._lowest = _places([scores.lowest for scores in self._scores])
        self._begin_of_scores = _places([self._start(name_of(scores)) for scores in self._scores])
        self._begin_of_sums = _places([self._start(f"sums {gap.dimension}") for gap in gaps])
        self._width_of_sums = _places([gap.items * gap.points + 1 for gap in gaps])
        self._items_of_gaps = _places([gap.items for gap in gaps])
        self._persons = _places([self._start(f"persons {kind}") for kind in KINDS])
        self._of_kind = np.array([[scores.kind == kind for scores in self._scores] for kind in KINDS], np.int64)

    def _sums_of_partly(self) -> None:
        """Where each item of each score is added, for persons who left out another, and the squares of all."""
        self._items = _places([scores.items for scores in self._scores])
        self._columns_of_singles = _places([c for scores in self._scores[: self._singles] for c in scores.first])
        self._score_of_item = np.repeat(np.arange(len(self._scores)), self._items)
        starts = [self._start(partly_of(scores)) for scores in self._scores]
        places = [
            start + item for start, scores in zip(starts, self._scores, strict=True) for item in range(scores.items)
        ]
        self._partly, self._squares = _places(places), _places(starts) + self._items
        self._of_score = (self._score_of_item == np.arange(len(self._scores))[:, None]).astype(np.int64)

    def _products(self) -> None:
        """Which two parts of one vector each sum of products multiplies.

        The vector holds 0, the score in parts of each dimension, whether there is one, and the answers of the index.
        """
        layout, scores = self.layout, self._scores
        sizes = [0, *np.cumsum([len(each.in_parts) for each in scores]).tolist()]
        self._parts = np.concatenate([np.zeros(0), *(each.in_parts for each in scores)]).astype(np.int64)
        self._begin_of_parts = _places(sizes[: len(scores)])
        self._nothing = np.zeros(1, np.int64)
        self._index = _places(list(layout.index))
        self._persons_of_index = self._start("persons index")
        number = {(each.dimension, each.kind): place for place, each in enumerate(scores)}
        one, other = [], []
        for kind in KINDS:
            own = [number.get((each.dimension, kind)) for each in layout.of_kind(kind)]
            values = [0 if place is None else 1 + place for place in own]
            both = _places(values + [0 if place is None else 1 + len(scores) + place for place in own])
            one.append(np.repeat(both, len(both)))
            other.append(np.tile(both, len(both)))
        both = np.arange(2 * len(self._index)) + 1 + 2 * len(scores)
        one.append(np.repeat(both, len(both)))
        other.append(np.tile(both, len(both)))
        self._one, self._other = np.concatenate(one), np.concatenate(other)
        self._place_of_products = slice(layout.persons, layout.persons + len(self._one))


def _places(values: Sequence[int]) -> Places:
    return np.array(values, dtype=np.intp)


def _membership(groups: Sequence[Sequence[int]], columns: int) -> Integers:
    """(groups, columns) 1 where a column belongs to a group."""
    found = np.zeros((len(groups), columns), dtype=np.int64)
    for row, group in zip(found, groups, strict=True):
        row[list(group)] = 1
    return found
