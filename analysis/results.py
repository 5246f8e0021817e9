"""What do these answers say? ``evaluate`` computes every number once; screen, file and command only show it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis import servqual
from analysis.estimate import Estimate
from analysis.ikm import IndexValue, graded, index_interval, index_of
from analysis.matrix import Matrix
from analysis.points import mean_points, weighted_gap
from analysis.regulation import EXACT, ONCE, RuleSet, Weights, rule_set
from analysis.tally import Integers, Layout, Tally, index_counts
from survey.problem import Problem
from survey.questionnaire import Questionnaire

__all__ = [
    "Distribution",
    "Element",
    "Estimate",
    "Gap",
    "Group",
    "Index",
    "IndexValue",
    "Month",
    "Points",
    "Results",
    "Weighted",
    "evaluate",
    "evaluate_tally",
]

FACILITIES = "facilities"
UNREGULATED = Weights(name=EXACT, source="1 / number of items")


@dataclass(frozen=True)
class Element:
    """One element of the index. ``mean`` (NRR) is exact: sum of the answers / those who answered (``n``).

    ``weighted`` is weight x mean, ``out_of_100`` is mean x 100 / points (x 25 for four points).
    """

    name: str
    number: str
    dimension: str
    n: int
    mean: Fraction | None
    interval: Estimate
    weight: Fraction
    weighted: Fraction | None
    out_of_100: Fraction | None


@dataclass(frozen=True)
class Index:
    """The Community Satisfaction Index (IKM), or for other questionnaires an index out of 100 (``official`` False).

    ``value`` is by the survey's own weight convention, ``others`` by the other usual ones. ``n`` is the number of
    respondents who answered at least one element; each element has its own n. ``interval`` is on the same scale as the
    index (25-100 for four points) and cut at its ends. ``rounding`` says when numbers were rounded (``once``: the index
    alone). Without a regulation ``regulation`` and the grade are empty. ``dimension`` is empty for the index of the
    whole, else the dimension it is made of.
    """

    official: bool
    regulation: str
    n: int
    value: IndexValue
    others: tuple[IndexValue, ...]
    interval: Estimate
    elements: tuple[Element, ...]
    rounding: str = ONCE
    dimension: str = ""

    @property
    def grade_depends_on_weights(self) -> tuple[IndexValue, ...]:
        """The other conventions that would give another grade."""
        return tuple(other for other in self.others if other.grade != self.value.grade)

    @property
    def weakest_first(self) -> tuple[Element, ...]:
        """Elements by mean, the lowest first; those without answers last; ties in the order of the questionnaire."""
        return tuple(sorted(self.elements, key=lambda element: (element.mean is None, element.mean or 0)))


@dataclass(frozen=True)
class Gap:
    """Expectation, perception and P - E of one item, one dimension, or overall.

    ``gap`` is paired: only persons who answered both, so its value can differ from the difference of the two means.
    ``dimension`` is the dimension of an item, the dimension itself, or empty for the overall gap.
    """

    name: str
    dimension: str
    expectation: Estimate
    perception: Estimate
    gap: Estimate


@dataclass(frozen=True)
class Points:
    """How many points of the total the respondents give to one dimension, by importance."""

    dimension: str
    points: Estimate


@dataclass(frozen=True)
class Weighted:
    """The gap when each respondent's dimensions count by the respondent's own points, and the mean points beside it.

    ``points`` rest on all who shared exactly the ``total``; the ``gap`` on those of them who have a gap in every
    dimension to which they gave points.
    """

    total: int
    gap: Estimate
    points: tuple[Points, ...]


@dataclass(frozen=True)
class Distribution:
    """How often each code of a column was chosen: ``counts[0]`` is code 1. ``missing`` did not answer."""

    column: str
    counts: tuple[int, ...]
    missing: int

    @property
    def n(self) -> int:
        """Those who answered."""
        return sum(self.counts)


@dataclass(frozen=True)
class Group:
    """How many respondents fall into one category of a variable; ``code`` 0 is *not answered* or *not known*."""

    variable: str
    code: int
    n: int


@dataclass(frozen=True)
class Month:
    """One calendar month (``month`` = yyyymm) of answers, with its own index when it may be shown."""

    month: int
    n: int
    index: Estimate


@dataclass(frozen=True)
class Results:
    """Every number of one selection of responses to one questionnaire.

    When ``n`` is below ``minimum`` everything else is empty and ``hidden`` is True: fewer people could be recognised.
    ``left_out`` counts responses kept but not counted, by reason (such as ``closed``). ``facilities`` is the printed
    number of the element *facilities*, which is U8 in some systems and U9 in others. ``index`` is None when nothing
    enters it, and when an element has no answer at all: ``elements_without_answers`` then names these. It is also None
    when each dimension has an index of its own (``indices``). ``weighted`` is None when no points are shared.
    """

    questionnaire: str
    version: int
    n: int
    minimum: int
    hidden: bool
    left_out: Mapping[str, int]
    index: Index | None
    items: tuple[Gap, ...]
    dimensions: tuple[Gap, ...]
    overall: Gap | None
    distributions: tuple[Distribution, ...]
    profile: tuple[Group, ...]
    groups: tuple[Group, ...]
    months: tuple[Month, ...]
    facilities: str | None = None
    notes: tuple[str, ...] = ()
    elements_without_answers: tuple[str, ...] = ()
    conventions: tuple[str, ...] = ()
    indices: tuple[Index, ...] = ()
    weighted: Weighted | None = None

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values for JSON. The keys are documented in ``analysis/README.md`` and do not change.

        Numbers are unrounded; only ``rounded`` and ``grade`` follow the rounding of the regulation. Fractions are given
        twice, as a number and as text such as 11575/147.
        """
        return {
            "questionnaire": self.questionnaire,
            "version": self.version,
            "n": self.n,
            "minimum": self.minimum,
            "hidden": self.hidden,
            "left_out": dict(self.left_out),
            "conventions": list(self.conventions),
            "facilities": self.facilities,
            "elements_without_answers": list(self.elements_without_answers),
            "index": None if self.index is None else _index_as_json(self.index),
            "indices": [_index_as_json(index) for index in self.indices],
            "weighted": None if self.weighted is None else _weighted_as_json(self.weighted),
            "overall": None if self.overall is None else asdict(self.overall),
            "dimensions": [asdict(gap) for gap in self.dimensions],
            "items": [asdict(gap) for gap in self.items],
            "distributions": [
                asdict(found) | {"counts": list(found.counts), "n": found.n} for found in self.distributions
            ],
            "profile": [asdict(group) for group in self.profile],
            "groups": [asdict(group) for group in self.groups],
            "months": [asdict(month) for month in self.months],
            "notes": list(self.notes),
        }


def evaluate(
    questionnaire: Questionnaire,
    matrix: Matrix,
    *,
    weights: str = EXACT,
    minimum: int = 5,
    rounding: str = ONCE,
    policy: str = servqual.AVAILABLE,
) -> Results:
    """Every number of these responses.

    Responses that do not count (``Matrix.counted``) are left out and told in ``left_out``. ``weights`` and ``rounding``
    are names of ``regulation.yaml``; ``policy`` says whose dimension scores are used (see ``servqual``). With fewer
    than ``minimum`` respondents nothing but their number is told.

    Raises ``Problem`` for weights or a rounding that the regulation of the questionnaire does not have.
    """
    counted, left_out = matrix.counted()
    return evaluate_tally(
        questionnaire,
        Tally.of(counted) if len(counted) >= minimum else Tally.nothing(questionnaire),
        respondents=len(counted),
        left_out=left_out,
        groups=_groups(counted),
        months=_months(questionnaire, counted, weights, minimum),
        weights=weights,
        minimum=minimum,
        rounding=rounding,
        policy=policy,
    )


def evaluate_tally(
    questionnaire: Questionnaire,
    tally: Tally,
    *,
    respondents: int | None = None,
    left_out: Mapping[str, int] | None = None,
    groups: tuple[Group, ...] = (),
    months: tuple[Month, ...] = (),
    weights: str = EXACT,
    minimum: int = 5,
    rounding: str = ONCE,
    policy: str = servqual.AVAILABLE,
) -> Results:
    """Every number that a tally holds; ``groups`` and ``months``, which it does not hold, are passed through.

    Arguments as in ``evaluate``; ``respondents`` is the number of responses when the tally was not even made.
    """
    rules = rule_set(questionnaire.regulation) if questionnaire.regulation else None
    n = tally.n if respondents is None else respondents
    shown = Results(
        questionnaire=questionnaire.name,
        version=questionnaire.version,
        n=n,
        minimum=minimum,
        hidden=n < minimum,
        left_out=dict(left_out or {}),
        index=None,
        items=(),
        dimensions=(),
        overall=None,
        distributions=(),
        profile=(),
        groups=(),
        months=(),
        facilities=next((item.number for item in questionnaire.items if item.name == FACILITIES), None),
        conventions=tuple(kind.name for kind in _conventions(rules, len(tally.layout.index))),
    )
    if shown.hidden or n == 0:
        return shown
    indices, unanswered = _indices(questionnaire, rules, tally, weights, rounding)
    dimensions = _dimensions(questionnaire, tally, policy)
    return replace(
        shown,
        index=None if questionnaire.index_by else next(iter(indices), None),
        indices=indices if questionnaire.index_by else (),
        weighted=_weighted(questionnaire, tally),
        items=_items(questionnaire, tally),
        dimensions=dimensions,
        overall=_overall(tally, dimensions, policy),
        distributions=_distributions(questionnaire, tally),
        profile=_profile(questionnaire, tally),
        groups=groups,
        months=months,
        elements_without_answers=unanswered,
    )


def _index_as_json(index: Index) -> dict[str, Any]:
    return {
        "dimension": index.dimension,
        "official": index.official,
        "regulation": index.regulation,
        "n": index.n,
        "rounding": index.rounding,
        **_value_as_json(index.value),
        "interval": asdict(index.interval),
        "others": [_value_as_json(other) for other in index.others],
        "grade_depends_on_weights": [other.convention for other in index.grade_depends_on_weights],
        "elements": [_element_as_json(element) for element in index.elements],
    }


def _weighted_as_json(weighted: Weighted) -> dict[str, Any]:
    return {
        "total": weighted.total,
        "gap": asdict(weighted.gap),
        "points": [asdict(shared) for shared in weighted.points],
    }


def _value_as_json(value: IndexValue) -> dict[str, Any]:
    return {
        "weights": value.convention,
        "value": float(value.exact),
        "fraction": str(value.exact),
        "rounded": float(value.rounded),
        "grade": value.grade,
    }


def _element_as_json(element: Element) -> dict[str, Any]:
    def number(value: Fraction | None) -> float | None:
        return None if value is None else float(value)

    return {
        "name": element.name,
        "number": element.number,
        "dimension": element.dimension,
        "n": element.n,
        "mean": number(element.mean),
        "fraction": None if element.mean is None else str(element.mean),
        "weight": float(element.weight),
        "weighted": number(element.weighted),
        "out_of_100": number(element.out_of_100),
        "interval": asdict(element.interval),
    }


def _conventions(rules: RuleSet | None, elements: int) -> tuple[Weights, ...]:
    return rules.conventions(elements) if rules else (UNREGULATED,)


@dataclass(frozen=True)
class _Scale:
    """The scale of an index of elements that weigh the same. ``factors``: what one point of each adds to it."""

    points: tuple[int, ...]
    weight: Fraction
    factors: tuple[float, ...]
    lowest: float
    highest: float

    @classmethod
    def of(cls, points: tuple[int, ...], weight: Fraction) -> "_Scale":
        factors = [weight * 100 / most for most in points]
        return cls(
            points,
            weight,
            tuple(float(factor) for factor in factors),
            float(sum(factors, Fraction(0))),
            float(weight * 100 * len(points)),
        )

    def interval(self, exact: Fraction, cross: Integers, persons: int) -> Estimate:
        """The interval of the index within what the scale allows: 25 to 100 for four points, weights adding up to 1."""
        found = index_interval(exact, cross, n=persons, factors=self.factors)
        if found.low is None or found.high is None:
            return found
        return replace(found, low=max(found.low, self.lowest), high=min(found.high, self.highest))


def _indices(
    questionnaire: Questionnaire, rules: RuleSet | None, tally: Tally, weights: str, rounding: str
) -> tuple[tuple[Index, ...], tuple[str, ...]]:
    """The index of the whole, or with ``index_by`` one of each dimension; and the elements that nobody answered.

    There is no index where one of its elements has no answer.
    """
    everything = tuple(range(len(tally.layout.index)))
    if not questionnaire.index_by:
        _, persons = tally.cross_of_index()
        made = [_index(questionnaire, rules, tally, everything, weights=weights, rounding=rounding, persons=persons)]
    else:
        of = [questionnaire.columns[column].dimension for column in tally.layout.index]
        made = [
            _index(
                questionnaire,
                rules,
                tally,
                tuple(place for place in everything if of[place] == dimension.name),
                weights=weights,
                rounding=rounding,
                persons=int(tally.scores(dimension.name, "perception")[1:].sum()),
                dimension=dimension.name,
            )
            for dimension in questionnaire.dimensions
        ]
    return tuple(index for index, _ in made if index), tuple(name for _, names in made for name in names)


def _index(
    questionnaire: Questionnaire,
    rules: RuleSet | None,
    tally: Tally,
    places: tuple[int, ...],
    *,
    weights: str,
    rounding: str,
    persons: int,
    dimension: str = "",
) -> tuple[Index | None, tuple[str, ...]]:
    """The index of the elements at ``places`` of the layout, or None with the names of those that nobody answered.

    ``persons`` answered at least one of them.
    """
    columns = tuple(tally.layout.index[place] for place in places)
    points = tuple(questionnaire.columns[column].codes for column in columns)
    conventions = _conventions(rules, len(columns))
    own = convention_of(rules, weights, len(columns))
    rounds = rules.rounding(rounding) if rules else None
    if not columns:
        return None, ()
    weight = own.weight(len(columns))
    elements = tuple(
        _element(questionnaire, tally, column, weight=weight, points=scale)
        for column, scale in zip(columns, points, strict=True)
    )
    means = [element.mean for element in elements if element.mean is not None]
    if len(means) < len(elements):
        return None, tuple(element.name for element in elements if element.mean is None)
    value = graded(means, points=points, weights=own, rules=rules, rounding=rounds)
    others = tuple(
        graded(means, points=points, weights=other, rules=rules, rounding=rounds)
        for other in conventions
        if other != own
    )
    cross, _ = tally.cross_of_index()
    both = [*places, *(len(tally.layout.index) + place for place in places)]
    return (
        Index(
            official=rules is not None,
            regulation=rules.name if rules else "",
            n=persons,
            value=value,
            others=others,
            interval=_Scale.of(points, weight).interval(value.exact, cross[np.ix_(both, both)], persons),
            elements=elements,
            rounding=rounds.name if rounds else ONCE,
            dimension=dimension,
        ),
        (),
    )


def _weighted(questionnaire: Questionnaire, tally: Tally) -> Weighted | None:
    """The points and the gap weighted by them; None when the questionnaire shares no points."""
    if questionnaire.points is None:
        return None
    total = questionnaire.points.total
    shared, weighted = tally.points()
    asked = any(pair.is_paired for pair in tally.layout.pairs)
    means = zip(questionnaire.dimensions, mean_points(shared), strict=True)
    return Weighted(
        total=total,
        gap=weighted_gap(weighted, total) if asked else NOT_ASKED,
        points=tuple(Points(dimension.name, estimate) for dimension, estimate in means),
    )


def convention_of(rules: RuleSet | None, weights: str, elements: int) -> Weights:
    if rules:
        return rules.convention(weights, elements)
    if weights != EXACT:
        raise Problem("regulation.weights", given=weights, regulation="-", known=EXACT)
    return UNREGULATED


def _element(questionnaire: Questionnaire, tally: Tally, column: int, *, weight: Fraction, points: int) -> Element:
    item = questionnaire.columns[column].item
    assert item is not None
    counts = tally.marginal(column)
    n = int(counts[1:].sum())
    mean = Fraction(int(counts @ np.arange(len(counts))), n) if n else None
    return Element(
        name=item.name,
        number=item.number,
        dimension=item.dimension,
        n=n,
        mean=mean,
        interval=servqual.mean_of_codes(counts),
        weight=weight,
        weighted=None if mean is None else weight * mean,
        out_of_100=None if mean is None else mean * 100 / points,
    )


NOT_ASKED = Estimate(None, 0, reason="not_asked")


def _items(questionnaire: Questionnaire, tally: Tally) -> tuple[Gap, ...]:
    return tuple(
        Gap(
            name=pair.name,
            dimension=pair.dimension,
            expectation=_mean(tally, pair.expectation),
            perception=_mean(tally, pair.perception),
            gap=servqual.gap_of_item(tally.joint(pair.name)) if pair.is_paired else NOT_ASKED,
        )
        for pair in tally.layout.pairs
    )


def _mean(tally: Tally, column: int | None) -> Estimate:
    return NOT_ASKED if column is None else servqual.mean_of_codes(tally.marginal(column))


def _dimensions(questionnaire: Questionnaire, tally: Tally, policy: str) -> tuple[Gap, ...]:
    def mean(dimension: str, kind: str) -> Estimate:
        scores = next(s for s in tally.layout.of_kind(kind) if s.dimension == dimension)
        if not scores.items:
            return NOT_ASKED
        empty = "no_pairs" if kind == "gap" else "no_answers"
        table = tally.scores(dimension, kind)
        return servqual.mean_of_scores(table, lowest=scores.lowest, policy=policy, empty=empty)

    return tuple(
        Gap(
            name=dimension.name,
            dimension=dimension.name,
            expectation=mean(dimension.name, "expectation"),
            perception=mean(dimension.name, "perception"),
            gap=mean(dimension.name, "gap"),
        )
        for dimension in questionnaire.dimensions
    )


def _overall(tally: Tally, dimensions: tuple[Gap, ...], policy: str) -> Gap:
    """The dimensions taken together. Listwise has no interval: who is complete differs from dimension to dimension."""

    def mean(kind: str) -> Estimate:
        parts = [scores.parts for scores in tally.layout.of_kind(kind)]
        estimates = [getattr(dimension, kind) for dimension in dimensions]
        if all(estimate.reason == "not_asked" for estimate in estimates):
            return NOT_ASKED
        cross, persons = tally.cross_of_dimensions(kind)
        empty = "no_pairs" if kind == "gap" else "no_answers"
        found = servqual.unweighted(estimates, cross, persons=persons, parts=parts, empty=empty)
        if policy == servqual.LISTWISE and found.se is not None:
            return replace(found, se=None, low=None, high=None, reason="listwise")
        return found

    return Gap("overall", "", mean("expectation"), mean("perception"), mean("gap"))


def _distributions(questionnaire: Questionnaire, tally: Tally) -> tuple[Distribution, ...]:
    found = []
    for position, column in enumerate(questionnaire.columns):
        counts = [int(count) for count in tally.marginal(position)]
        found.append(Distribution(column.name, tuple(counts[1:]), counts[0]))
    return tuple(found)


def _profile(questionnaire: Questionnaire, tally: Tally) -> tuple[Group, ...]:
    found = []
    for position, question in enumerate(questionnaire.profile):
        counts = tally.profile(position)
        found += [Group(question.name, code, int(counts[code])) for code in (*question.choices, 0)]
    return tuple(found)


def _groups(matrix: Matrix) -> tuple[Group, ...]:
    """Respondents by unit, service and channel: the categories that occur, by their key."""
    found = []
    for variable, values in (("unit", matrix.unit), ("service", matrix.service), ("channel", matrix.channel)):
        counts = np.bincount(values)
        found += [Group(variable, int(code), int(counts[code])) for code in np.flatnonzero(counts)]
    return tuple(found)


def _months(questionnaire: Questionnaire, matrix: Matrix, weights: str, minimum: int) -> tuple[Month, ...]:
    """The months that occur, each with its index unless too few answered. Responses without a day are in none."""
    if len(matrix) < minimum:
        return ()
    months, cell = _cells(matrix.day // 100)
    if not len(months):
        return ()
    rules = rule_set(questionnaire.regulation) if questionnaire.regulation else None
    cross, persons = index_counts(matrix, cell, len(months))
    sizes = np.bincount(cell, minlength=len(months))
    columns = [questionnaire.columns[column] for column in Layout.of(questionnaire).index]
    weight = convention_of(rules, weights, len(columns)).weight(len(columns)) if columns else Fraction(0)
    scale = _Scale.of(tuple(column.codes for column in columns), weight)
    found = []
    for number, month in enumerate(months):
        if month == 0:
            continue
        n = int(sizes[number])
        if questionnaire.index_by:
            index = Estimate(None, n, reason="several_indices")
        elif n < minimum:
            index = Estimate(None, n, reason="too_few")
        else:
            index = _index_of_cell(cross[number], int(persons[number]), scale)
        found.append(Month(int(month), n, index))
    return tuple(found)


def _cells(keys: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.intp]]:
    """The different keys in ascending order, and for each response the place of its key among them."""
    if not len(keys):
        return keys, np.zeros(0, dtype=np.intp)
    changes = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    if len(changes) < len(keys) // 100:  # long runs, as when a store is read in the order of time
        starts = np.concatenate([[0], changes])
        known, which = np.unique(keys[starts], return_inverse=True)
        return known, np.repeat(which, np.diff(np.append(starts, len(keys))))
    known, where = np.unique(keys, return_inverse=True)
    return known, where


def _index_of_cell(cross: Integers, persons: int, scale: _Scale) -> Estimate:
    k = len(scale.points)
    if not k:
        return NOT_ASKED
    counts = [int(count) for count in cross[k:, k:].diagonal()]
    if 0 in counts:
        return Estimate(None, persons, reason="element_without_answers")
    sums = [int(total) for total in cross[:k, k:].diagonal()]
    means = [Fraction(total, n) for total, n in zip(sums, counts, strict=True)]
    return scale.interval(index_of(means, weight=scale.weight, points=scale.points), cross, persons)
