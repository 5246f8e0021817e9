"""Which sums of products do reliability, validity and factor models need, so that no response is read twice?

Counts of parts add up to the counts of the whole, and all are integers, so that covariances are exact: no digits are
lost by subtracting large sums. Cost: one pass over the answers, a matrix product in blocks that stay in the cache.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from analysis.arrays import Bytes, Floats, Integers, places_of
from analysis.methods.covariance import LISTWISE, PAIRWISE, Covariance

Set = tuple[int, ...]

ROWS = 16384  # counted at a time: 44 columns of them in float32 are 2.9 MB, which stay in the cache
WORTH_PARTING = 0.5  # with a larger share of incomplete rows, treating all of them as incomplete is cheaper
LARGEST_CODE = 31  # 31^2 x 16384 < 2^24, up to where float32 counts exactly


@dataclass(frozen=True)
class MomentLayout:
    """Which sums are kept, and where they stand in one long vector.

    columns: how many columns the answers have. sets: each a tuple of columns, of whose complete persons sums are kept.
    pairwise: also keep, for each two columns, the sums over persons who answered both.
    """

    columns: int
    sets: tuple[Set, ...]
    pairwise: bool = True

    def __post_init__(self) -> None:
        for columns in self.sets:
            if not columns or len(set(columns)) < len(columns) or not set(columns) <= set(range(self.columns)):
                raise ValueError(f"not a set of different columns among {self.columns}: {columns}")

    @classmethod
    def usual(cls, columns: int, dimensions: Sequence[tuple[Set, Set]], *, pairwise: bool = True) -> Self:
        """What the analyses of a questionnaire need: per dimension, and over all, each respect and both together.

        dimensions: the columns of the expectations and of the perceptions of each dimension; either may be empty.
        """
        everything = (
            tuple(column for first, _ in dimensions for column in first),
            tuple(column for _, second in dimensions for column in second),
        )
        wanted = [
            group
            for first, second in (*dimensions, everything)
            for group in (first, second, (*first, *second))
            if group
        ]
        return cls(columns, tuple(dict.fromkeys(wanted)), pairwise)

    @cached_property
    def places(self) -> dict[str | Set, tuple[slice, tuple[int, ...]]]:
        """Where each table stands, and its shape. Of a set of k columns: (k + 1, k + 1), see ``Moments.table``."""
        shapes: dict[str | Set, tuple[int, ...]] = {"rows": (1,)}
        shapes |= {columns: (len(columns) + 1, len(columns) + 1) for columns in self.sets}
        if self.pairwise:
            shapes[PAIRWISE] = (3, self.columns, self.columns)
        return places_of(shapes)

    @cached_property
    def size(self) -> int:
        """How many numbers there are."""
        return max(int(place.stop) for place, _ in self.places.values())

    @cached_property
    def places_in_sets(self) -> tuple[tuple[Set, npt.NDArray[np.intp]], ...]:
        """Each set with its columns as an array."""
        return tuple((columns, np.array(columns, dtype=np.intp)) for columns in self.sets)

    def table(self, counts: Integers, name: str | Set) -> Integers:
        """One table as a view of ``counts`` (size,)."""
        if name not in self.places:
            raise ValueError(f"no sums are kept for {name}")
        place, shape = self.places[name]
        return counts[place].reshape(shape)


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums and sums of products of n responses; ``moments + moments`` is that of both.

    ``counts`` is one (size,) int64 vector, so that many (of units, say) stack into one array and sum over rows.
    """

    layout: MomentLayout
    counts: Integers

    @classmethod
    def of(cls, layout: MomentLayout, answers: Bytes) -> Self:
        """Count ``answers``: (columns, n) uint8 codes up to 31, 0 = not answered."""
        if answers.ndim != 2 or len(answers) != layout.columns or answers.dtype != np.uint8:
            raise ValueError(f"({layout.columns}, n) uint8 wanted, got {answers.shape} {answers.dtype}")
        counter = _Counter(layout)
        for low in range(0, answers.shape[1], ROWS):
            block = answers[:, low : low + ROWS]
            if int(block.max(initial=0)) > LARGEST_CODE:
                raise ValueError(f"codes above {LARGEST_CODE} cannot be counted exactly")
            counter.add(block, None if block.all() else block != 0)
        return cls(layout, counter.result())

    @classmethod
    def of_gaps(cls, layout: MomentLayout, expectation: Bytes, perception: Bytes) -> Self:
        """Count perception - expectation, item by item: both (columns, n) uint8, 0 = not answered.

        A gap is known when both answers are; a missing expectation is not 0. Needed for *pairwise* gaps only:
        ``Moments.gaps`` has the listwise ones without another pass.
        """
        if expectation.shape != perception.shape or len(expectation) != layout.columns:
            raise ValueError(f"two arrays ({layout.columns}, n) wanted, got {expectation.shape} and {perception.shape}")
        counter = _Counter(layout)
        for low in range(0, expectation.shape[1], ROWS):
            e, p = expectation[:, low : low + ROWS], perception[:, low : low + ROWS]
            known = (e != 0) & (p != 0)
            counter.add(np.where(known, p.astype(np.int8) - e.astype(np.int8), np.int8(0)), known)
        return cls(layout, counter.result())

    @classmethod
    def nothing(cls, layout: MomentLayout) -> Self:
        """The moments of no response."""
        return cls(layout, np.zeros(layout.size, dtype=np.int64))

    def __add__(self, other: "Moments") -> "Moments":
        if other.layout != self.layout:
            raise ValueError("moments of different layouts do not add up")
        return Moments(self.layout, self.counts + other.counts)

    @property
    def rows(self) -> int:
        """Responses counted, complete or not."""
        return int(self.layout.table(self.counts, "rows")[0])

    def table(self, columns: Sequence[int]) -> Integers:
        """(k + 1, k + 1) of the persons who answered all of ``columns``: [[their number, sums], [sums, products]]."""
        return self.layout.table(self.counts, tuple(columns))

    def covariance(self, columns: Sequence[int], policy: str = LISTWISE) -> Covariance:
        """The covariance matrix of ``columns``, in this order.

        policy ``listwise``: the persons who answered all of ``columns``, which must be one of the layout's sets.
        R: ``cov(x[complete.cases(x), ])``. policy ``pairwise``: for each two columns the persons who answered both;
        such a matrix need not be that of any set of persons. R: ``cov(x, use = "pairwise")``.
        """
        if policy == LISTWISE:
            return _covariance_of(self.table(columns))
        if policy != PAIRWISE:
            raise ValueError(f"unknown policy: {policy}")
        n, sums, products = self.layout.table(self.counts, PAIRWISE)[
            :, np.asarray(columns)[:, None], np.asarray(columns)
        ]
        values = _divided(n, products, sums, sums.T)
        return Covariance(values, int(n.min(initial=self.rows)), PAIRWISE)

    def gaps(self, expectation: Sequence[int], perception: Sequence[int]) -> Covariance:
        """The covariance matrix of perception - expectation of the persons who answered all of both (listwise).

        The two of each item stand at the same place; ``(*expectation, *perception)`` must be a set of the layout.
        """
        if len(expectation) != len(perception):
            raise ValueError(f"{len(expectation)} expectations for {len(perception)} perceptions")
        table, k = self.table((*expectation, *perception)), len(expectation)
        difference = np.zeros((k + 1, 2 * k + 1), dtype=np.int64)
        difference[0, 0] = 1
        difference[1:, 1 : k + 1] = -np.eye(k, dtype=np.int64)
        difference[1:, k + 1 :] = np.eye(k, dtype=np.int64)
        return _covariance_of(difference @ table @ difference.T)


def _covariance_of(table: Integers) -> Covariance:
    """The covariance matrix of a table [[n, sums], [sums, products]]."""
    n, sums, k = table[0, 0], table[0, 1:], len(table) - 1
    first = np.broadcast_to(sums[:, None], (k, k))
    return Covariance(_divided(np.full((k, k), n), table[1:, 1:], first, first.T), int(n))


def _divided(n: Integers, products: Integers, first: Integers, second: Integers) -> Floats:
    """(n products - first second) / (n (n - 1)), exact until the division; 0 where n < 2."""
    if n.size and int(n.max()) ** 2 * LARGEST_CODE**2 >= 2**63:
        wide: npt.NDArray[Any] = n.astype(object)
        centred = (wide * products.astype(object) - first.astype(object) * second.astype(object)).astype(np.float64)
    else:
        centred = (n * products - first * second).astype(np.float64)
    persons = n.astype(np.float64)
    return np.where(n > 1, centred / np.maximum(persons * (persons - 1), 1.0), 0.0)


class _Counter:
    """Adds blocks of (columns, rows) values. Complete rows are counted once and shared out to all tables at the end."""

    def __init__(self, layout: MomentLayout) -> None:
        self.layout = layout
        self.counts = np.zeros(layout.size, dtype=np.int64)
        self.complete = np.zeros((layout.columns + 1, layout.columns + 1), dtype=np.int64)

    def add(self, values: npt.NDArray[Any], known: npt.NDArray[np.bool_] | None) -> None:
        """``values`` are 0 where not ``known`` (None: all are known)."""
        self.layout.table(self.counts, "rows")[0] += values.shape[1]
        if known is None:
            self.complete += _products(_with_ones(values))
            return
        rest = np.flatnonzero(~known.all(axis=0))
        if not len(rest) or len(rest) < WORTH_PARTING * values.shape[1]:
            self.complete += _products(_with_ones(values))  # too much by the rest, which is taken out again
            values, known = values.take(rest, axis=1), known.take(rest, axis=1)
            self.complete -= _products(_with_ones(values))
        self._add_incomplete(_with_ones(values), known)

    def _add_incomplete(self, whole: npt.NDArray[np.float32], known: npt.NDArray[np.bool_]) -> None:
        for columns, places in self.layout.places_in_sets:
            has_all = np.asarray(known[places].all(axis=0))
            inside = whole.take(_with_the_first(places), axis=0)
            chosen = np.flatnonzero(has_all)
            if len(chosen) < WORTH_PARTING * len(has_all):
                inside = inside.take(chosen, axis=1)
            else:
                inside *= has_all.astype(np.float32)
            table = self.layout.table(self.counts, columns)
            table += _products(inside)
        if self.layout.pairwise:
            k = len(known)
            products = _products(np.concatenate([whole[1:], known], dtype=np.float32))
            table = self.layout.table(self.counts, PAIRWISE)
            table[0] += products[k:, k:]
            table[1] += products[:k, k:]
            table[2] += products[:k, :k]

    def result(self) -> Integers:
        """All counts."""
        for columns, places in self.layout.places_in_sets:
            where = _with_the_first(places)
            table = self.layout.table(self.counts, columns)
            table += self.complete[np.ix_(where, where)]
        if self.layout.pairwise:
            table = self.layout.table(self.counts, PAIRWISE)
            table[0] += self.complete[0, 0]
            table[1] += self.complete[1:, :1]
            table[2] += self.complete[1:, 1:]
        return self.counts


def _with_the_first(places: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The rows of ``_with_ones`` that hold the ones and the columns at ``places``."""
    return np.concatenate([[0], places + 1])


def _with_ones(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """(columns + 1, rows) the values under a row of ones, so that one product has numbers, sums and products."""
    whole = np.empty((len(values) + 1, values.shape[1]), dtype=np.float32)
    whole[0] = 1
    whole[1:] = values
    return whole


def _products(values: npt.NDArray[np.float32]) -> Integers:
    """Sums of products over the rows, exact: whole numbers below 2^24."""
    return np.asarray(np.rint(values @ values.T), dtype=np.int64)
