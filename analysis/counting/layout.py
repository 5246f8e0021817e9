"""Which counts are kept of a questionnaire, and where does each stand in one long vector?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from math import lcm

import numpy as np
import numpy.typing as npt

from analysis.arrays import Floats, Integers, places_of
from survey.questionnaire import Aspect, Questionnaire

EXACT_SCORES_UP_TO = 10  # items in a dimension whose mean scores are whole numbers of parts, whatever is missing
PARTS = 5040
MISSING = -(2**40)  # in the place of a value, where somebody did not answer
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

    @cached_property
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
        """Where each table stands in the vector, and its shape: counts of persons first, then sums of products."""
        shapes: dict[str, tuple[int, ...]] = {"n": (1,)}
        products: dict[str, tuple[int, ...]] = {}
        for column, codes in enumerate(self.codes):
            shapes[f"marginal {column}"] = (codes + 1,)
        for question, codes in enumerate(self.profile):
            shapes[f"profile {question}"] = (codes + 1,)
        for pair in self.pairs:
            if pair.expectation is not None and pair.perception is not None:
                shapes[f"joint {pair.name}"] = (self.codes[pair.expectation] + 1, self.codes[pair.perception] + 1)
        for scores in self.scores:
            shapes[name_of(scores)] = (scores.items + 1, scores.width)
        for scores in self.scores:
            if scores.minus:
                width = scores.items * scores.points + 1
                shapes[f"sums {scores.dimension}"] = (width, width)
        dimensions = len(self.scores) // len(KINDS)
        for kind in KINDS:
            products[f"cross {kind}"] = (2 * dimensions, 2 * dimensions)
            shapes[f"persons {kind}"] = (1,)
        products["cross index"] = (2 * len(self.index), 2 * len(self.index))
        shapes["persons index"] = (1,)
        for scores in self.scores:
            if scores.items:
                products[partly_of(scores)] = (scores.items + 1,)
        if self.points:
            products["points"] = (1 + 2 * len(self.points),)
            products["weighted gap"] = (3,)
        return places_of(shapes | products)

    @cached_property
    def points_of_index(self) -> tuple[int, ...]:
        """The largest code of each column that enters the index."""
        return tuple(self.codes[column] for column in self.index)

    @cached_property
    def size(self) -> int:
        """How many counts there are."""
        return max(int(place.stop) for place, _ in self.places.values())

    @cached_property
    def persons(self) -> int:
        """How many of the counts, the first ones, count persons: none of them is larger than the number of persons."""
        return int(self.places[f"cross {KINDS[0]}"][0].start)

    def table(self, counts: Integers, name: str) -> Integers:
        """The table ``name`` as a view of ``counts``, whose last axis is the vector."""
        place, shape = self.places[name]
        return counts[..., place].reshape(*counts.shape[:-1], *shape)

    @cached_property
    def triples(self) -> tuple[tuple[Scores, Scores, Scores], ...]:
        """The scores of each dimension: expectation, perception, gap."""
        return tuple(zip(self.scores[0::3], self.scores[1::3], self.scores[2::3], strict=True))

    @cached_property
    def runs_of_columns(self) -> "Runs":
        """The codes of every column."""
        return Runs.of(
            self,
            [
                (f"marginal {column}", np.concatenate([[MISSING], np.arange(1, codes + 1)]))
                for column, codes in enumerate(self.codes)
            ],
        )

    @cached_property
    def runs_of_gaps(self) -> "Runs":
        """The differences in the joint table of every item asked twice."""
        found = []
        for pair in self.pairs:
            if pair.expectation is not None and pair.perception is not None:
                e, p = np.arange(self.codes[pair.expectation] + 1), np.arange(self.codes[pair.perception] + 1)
                differences = np.where((e[:, None] > 0) & (p > 0), p - e[:, None], MISSING)
                found.append((f"joint {pair.name}", differences.ravel()))
        return Runs.of(self, found)

    @cached_property
    def runs_of_scores(self) -> "Runs":
        """The sums of every score, by answered items: ``items + 1`` runs of each score, the first without answers."""
        found = []
        for scores in self.scores:
            sums = np.arange(scores.width) + scores.lowest
            found.append((name_of(scores), np.concatenate([np.full(scores.width, MISSING), *[sums] * scores.items])))
        return Runs.of(self, found, lengths=[width for s in self.scores for width in [s.width] * (s.items + 1)])

    @cached_property
    def place_of_partly(self) -> slice:
        """Where the tables ``partly_of`` stand, which are neighbours."""
        places = [self.places[partly_of(scores)][0] for scores in self.scores if scores.items]
        return slice(places[0].start, places[-1].stop) if places else slice(0, 0)

    @cached_property
    def parts_of_partly(self) -> tuple[tuple[tuple[str, str], int, int], ...]:
        """Of each of them: which (dimension, kind), where it begins in ``place_of_partly``, and where it ends."""
        ends = accumulate((scores.items + 1 for scores in self.scores if scores.items), initial=0)
        asked = [(scores.dimension, scores.kind) for scores in self.scores if scores.items]
        return tuple((which, *bounds) for which, bounds in zip(asked, pairwise(ends), strict=True))

    @cached_property
    def item_of_gap(self) -> Mapping[int, str]:
        """The item asked twice whose perception stands in a column."""
        return {pair.perception: pair.name for pair in self.pairs if pair.is_paired and pair.perception is not None}

    def of_kind(self, kind: str) -> tuple[Scores, ...]:
        """The scores of every dimension in one respect."""
        return tuple(scores for scores in self.scores if scores.kind == kind)


@dataclass(frozen=True, eq=False)
class Runs:
    """Neighbouring tables as runs of counts, each count with the ``value`` it counts; ``known`` is 0 where missing.

    ``place`` is where they stand in the vector, ``starts`` where each run begins from there.
    """

    place: slice
    starts: npt.NDArray[np.intp]
    value: Integers
    known: Integers

    @classmethod
    def of(
        cls, layout: Layout, tables: Sequence[tuple[str, Integers]], *, lengths: Sequence[int] | None = None
    ) -> "Runs":
        """The runs of some tables with the value of each count; each is one run, or runs are of these ``lengths``."""
        if not tables:
            return cls(slice(0, 0), np.zeros(0, dtype=np.intp), np.zeros(0, np.int64), np.zeros(0, np.int64))
        first, last = (layout.places[tables[end][0]][0] for end in (0, -1))
        value = np.concatenate([values for _, values in tables])
        ends = np.cumsum(lengths if lengths is not None else [len(values) for _, values in tables])
        assert len(value) == last.stop - first.start == ends[-1], "the tables are no neighbours"
        known = value != MISSING
        starts = np.concatenate([[0], ends[:-1]])
        return cls(slice(first.start, last.stop), starts, np.where(known, value, 0), known.astype(np.int64))

    def sums(self, counts: Integers) -> list[list[int]]:
        """Of every run: how many, the sum of their values and the sum of the squares, as integers of any size."""
        if not len(self.starts):
            return []
        found = counts[self.place]
        rows = np.empty((3, len(found)), dtype=np.int64)
        np.multiply(found, self.known, out=rows[0])
        np.multiply(found, self.value, out=rows[1])
        np.multiply(rows[1], self.value, out=rows[2])
        summed: list[list[int]] = np.add.reduceat(rows, self.starts, axis=1).T.tolist()
        return summed


_layouts: dict[str, Layout] = {}
"""Layouts by the digest of their questionnaire: they cost more than counting a few responses."""


def name_of(scores: Scores) -> str:
    """What the table of the scores is called."""
    return f"scores {scores.dimension} {scores.kind}"


def partly_of(scores: Scores) -> str:
    """What the table of those is called who answered some of its items and not all: a sum of each item, and squares."""
    return f"partly {scores.dimension} {scores.kind}"
