"""What do all statistics of one set of responses share, so that it is counted once?"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from analysis.arrays import Floats, Integers
from analysis.counting.matrix import Matrix
from analysis.counting.moments import MomentLayout, Moments
from analysis.counting.tally import Layout, Pair, Scores, Tally, index_counts
from analysis.files.background import Background, Grouping
from analysis.index import convention_of
from analysis.methods.covariance import LISTWISE, Covariance
from analysis.methods.ikm import IndexValue, graded
from analysis.methods.linearised import counts_of, sums_of
from analysis.regulation import EXACT, ONCE, Rounding, RuleSet, Weights, rule_set
from analysis.results import Results
from survey.questionnaire import Questionnaire

EXPECTATION, PERCEPTION, GAP = "expectation", "perception", "gap"
KINDS = (EXPECTATION, PERCEPTION, GAP)


@dataclass(frozen=True)
class IndexPart:
    """What an index is made of: ``dimension`` is empty for the index of the whole.

    ``elements`` are the names of its k items, ``places`` where they stand in the tables of the index, ``columns`` where
    in the questionnaire, ``points`` their largest codes, ``convention`` how they are weighted.
    """

    dimension: str
    elements: tuple[str, ...]
    places: tuple[int, ...]
    columns: tuple[int, ...]
    points: tuple[int, ...]
    convention: Weights

    @property
    def weight(self) -> Fraction:
        """The weight of one element."""
        return self.convention.weight(len(self.elements))

    def of_table(self, cross: Integers, elements: int) -> Integers:
        """(..., 2k, 2k) of this part, from (..., 2e, 2e) of all ``elements`` e."""
        both = np.array([*self.places, *(elements + place for place in self.places)])
        return cross[..., both[:, None], both]


@dataclass(frozen=True, eq=False)
class Study:
    """The responses that count, what is known of the respondents, and the counts from which statistics are made.

    ``covariances``: whether covariance matrices are ``listwise`` (as SPSS) or ``pairwise``.
    """

    questionnaire: Questionnaire
    matrix: Matrix
    results: Results
    background: Background
    weights: str = EXACT
    rounding_name: str = ONCE
    covariances: str = LISTWISE

    @cached_property
    def tally(self) -> Tally:
        """How often what occurs."""
        return Tally.of(self.matrix)

    @property
    def layout(self) -> Layout:
        """Where columns, pairs and scores stand."""
        return Layout.of(self.questionnaire)

    @property
    def n(self) -> int:
        """Respondents."""
        return len(self.matrix)

    @cached_property
    def rules(self) -> RuleSet | None:
        """The regulation."""
        return rule_set(self.questionnaire.regulation) if self.questionnaire.regulation else None

    @cached_property
    def rounding(self) -> Rounding | None:
        """When numbers are rounded."""
        return self.rules.rounding(self.rounding_name) if self.rules else None

    @cached_property
    def indices(self) -> tuple[IndexPart, ...]:
        """The index of the whole, or one of each dimension where the questionnaire says so."""
        index = self.layout.index
        if not index:
            return ()
        of = [self.questionnaire.columns[column].dimension for column in index]
        parts = []
        for dimension in self.dimensions if self.questionnaire.index_by else ("",):
            places = tuple(place for place in range(len(index)) if dimension in ("", of[place]))
            if not places:
                continue
            columns = tuple(index[place] for place in places)
            convention = convention_of(self.rules, self.weights, len(columns))
            parts.append(
                IndexPart(
                    dimension,
                    tuple(self._item_of(column) for column in columns),
                    places,
                    columns,
                    tuple(self.layout.codes[column] for column in columns),
                    convention,
                )
            )
        return tuple(parts)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """The items that were asked as expectation and as perception."""
        return tuple(pair for pair in self.layout.pairs if pair.is_paired)

    def scores(self, dimension: str, kind: str) -> Scores:
        """Of which columns the score of a dimension is made."""
        return next(scores for scores in self.layout.of_kind(kind) if scores.dimension == dimension)

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(dimension.name for dimension in self.questionnaire.dimensions)

    def items_of(self, kind: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The dimensions asked about in one respect, each with its items in the order of ``columns_of``."""
        found = []
        for dimension in self.dimensions:
            scores = self.scores(dimension, kind)
            if scores.items:
                found.append((dimension, tuple(self._item_of(column) for column in scores.first)))
        return tuple(found)

    def covariance(self, kind: str, dimension: str | None = None) -> Covariance:
        """The covariance matrix of the items of a dimension (None: of all) in one respect."""
        wanted = self.dimensions if dimension is None else (dimension,)
        first = [column for name in wanted for column in self.scores(name, kind).first]
        minus = [column for name in wanted for column in self.scores(name, kind).minus]
        if kind != GAP:
            return self.moments.covariance(self.places(first), self.covariances)
        if self.covariances == LISTWISE:
            return self.moments.gaps(self.places(minus), self.places(first))
        return self.gap_moments.covariance([self._gap_places[column] for column in first], self.covariances)

    def covariance_of_both(self, dimension: str) -> Covariance:
        """The covariance matrix of the expectations and then the perceptions of a dimension, complete persons."""
        gap = self.scores(dimension, GAP)
        return self.moments.covariance(self.places((*gap.minus, *gap.first)))

    def places(self, columns: Sequence[int]) -> tuple[int, ...]:
        """Where columns of the questionnaire stand among the answers to items (points shared stay outside)."""
        return tuple(self._places[column] for column in columns)

    @cached_property
    def item_columns(self) -> tuple[int, ...]:
        """The columns that hold answers to items."""
        return tuple(at for at, column in enumerate(self.questionnaire.columns) if column.item is not None)

    @cached_property
    def _places(self) -> dict[int, int]:
        return {column: place for place, column in enumerate(self.item_columns)}

    @cached_property
    def moments(self) -> Moments:
        """Sums of products of all answers to items."""
        groups = []
        everything: dict[str, list[int]] = {kind: [] for kind in KINDS}
        for expectation, perception, gap in self.layout.triples:
            both = (*gap.minus, *gap.first)
            groups += [expectation.first, perception.first, both]
            everything[EXPECTATION] += expectation.first
            everything[PERCEPTION] += perception.first
            everything[GAP] += gap.first
        minus = [column for _, _, gap in self.layout.triples for column in gap.minus]
        groups += [tuple(everything[EXPECTATION]), tuple(everything[PERCEPTION]), (*minus, *everything[GAP])]
        sets = dict.fromkeys(self.places(group) for group in groups if group)
        layout = MomentLayout(len(self.item_columns), tuple(sets))
        return Moments.of(layout, np.ascontiguousarray(self.matrix.answers[list(self.item_columns)]))

    @cached_property
    def _gap_places(self) -> dict[int, int]:
        return {pair.perception: place for place, pair in enumerate(self.pairs) if pair.perception is not None}

    @cached_property
    def gap_moments(self) -> Moments:
        """Sums of products of the gaps of paired items, over the persons who have both (pairwise)."""
        minus = [pair.expectation for pair in self.pairs if pair.expectation is not None]
        first = [pair.perception for pair in self.pairs if pair.perception is not None]
        layout = MomentLayout(len(first), ())
        return Moments.of_gaps(layout, self.matrix.answers[minus], self.matrix.answers[first])

    def cross(self, columns: Sequence[int], moments: Moments | None = None) -> Integers:
        """(2k, 2k) sums of products of k columns (places in the moments) and of the k indicators *answered*."""
        found = moments or self.moments
        at = np.asarray(columns, dtype=np.intp)
        n, sums, products = found.layout.table(found.counts, "pairwise")[:, at[:, None], at]
        return np.block([[products, sums], [sums.T, n]]).astype(np.int64)

    def persons(self, columns: Sequence[int]) -> int:
        """How many persons answered at least one of these columns of the questionnaire."""
        if not columns:
            return 0
        answered = self.matrix.answers[columns[0]] > 0
        for column in columns[1:]:
            answered = answered | (self.matrix.answers[column] > 0)
        return int(np.count_nonzero(answered))

    def index_table(self, part: IndexPart) -> tuple[Integers, int]:
        """((2k, 2k), persons): the table of the index, and how many answered at least one of its elements."""
        cross, persons = self.tally.cross_of_index()
        if len(part.places) == len(self.layout.index):
            return cross, persons
        return part.of_table(cross, len(self.layout.index)), self.persons(part.columns)

    def index_by(self, grouping: Grouping, part: IndexPart) -> tuple[Integers, Integers]:
        """The tables of the index by group: ((g, 2k, 2k), (g,)); whose group is not known is left out."""
        cross, persons = self._index_counts(grouping)
        if len(part.places) < len(self.layout.index):
            answered = (self.matrix.answers[list(part.columns)] > 0).any(axis=0) & (grouping.place >= 0)
            persons = np.bincount(grouping.place[answered], minlength=len(grouping.names)).astype(np.int64)
        return part.of_table(cross, len(self.layout.index)), persons

    def graded(self, part: IndexPart, cross: Integers) -> IndexValue | None:
        """The index and its grade of a (2k, 2k) table, rounded as this study rounds; None without all elements."""
        counts = counts_of(cross)
        if not counts.all():
            return None
        means = [Fraction(int(total), int(n)) for total, n in zip(sums_of(cross), counts, strict=True)]
        return graded(means, points=part.points, weights=part.convention, rules=self.rules, rounding=self.rounding)

    def _index_counts(self, grouping: Grouping) -> tuple[Integers, Integers]:
        cell = np.where(grouping.place >= 0, grouping.place, len(grouping.names)).astype(np.intp)
        cross, persons = index_counts(self.matrix, cell, len(grouping.names) + 1)
        return cross[:-1], persons[:-1]

    def dimension_scores(self, dimension: str, kind: str) -> Floats:
        """(n,) the score of each person: the mean over the items answered (a gap: answered twice); NaN without one."""
        scores, answers = self.scores(dimension, kind), self.matrix.answers
        total, answered = np.zeros(self.n, dtype=np.int64), np.zeros(self.n, dtype=np.int64)
        for place, column in enumerate(scores.first):
            has = answers[column] > 0
            value = answers[column].astype(np.int64)
            if scores.minus:
                has &= answers[scores.minus[place]] > 0
                value -= answers[scores.minus[place]]
            total += np.where(has, value, 0)
            answered += has
        return np.where(answered > 0, total / np.maximum(answered, 1), np.nan)

    @property
    def days(self) -> Integers | None:
        """(n,) the day of each response as yyyymmdd, None when no day is known."""
        return self.background.days

    def _item_of(self, column: int) -> str:
        item = self.questionnaire.columns[column].item
        assert item is not None
        return item.name
