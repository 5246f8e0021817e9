"""What is the index that these counts give, by which convention, how sure is it, and what would raise its grade?"""

from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from analysis.arrays import Integers
from analysis.counting.tally import Tally
from analysis.methods.estimate import NOT_ASKED, Estimate, of_mean
from analysis.methods.grades import GradeCertainty, NextGrade, grade_certainty, next_grade
from analysis.methods.ikm import IndexValue, graded_by, index_interval, index_of
from analysis.regulation import EXACT, ONCE, RuleSet, Weights, rule_set
from survey.problem import Problem
from survey.questionnaire import Questionnaire

UNREGULATED = Weights(name=EXACT, source="1 / number of items")


@dataclass(frozen=True)
class Element:
    """One element of the index. ``mean`` (NRR) is exact: sum of the answers / those who answered (``n``).

    ``points`` is its largest code.
    """

    name: str
    number: str
    dimension: str
    n: int
    mean: Fraction | None
    interval: Estimate
    weight: Fraction
    points: int

    @property
    def weighted(self) -> Fraction | None:
        """Weight x mean."""
        return None if self.mean is None else self.weight * self.mean

    @property
    def out_of_100(self) -> Fraction | None:
        """Mean x 100 / points."""
        return None if self.mean is None else self.mean * 100 / self.points


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

    # Both are computed when somebody asks, and neither knows the size of the population.
    @cached_property
    def certainty(self) -> GradeCertainty:
        """The probability of each grade, and the intervals that keep to the scale."""
        rules = rule_set(self.regulation) if self.regulation else None
        points, weight = [element.points for element in self.elements], self.elements[0].weight
        return grade_certainty(self.value, self.interval, points=points, weight=weight, rules=rules)

    @cached_property
    def next_grade(self) -> NextGrade:
        """What would have to rise by how much for a better grade."""
        rules = rule_set(self.regulation) if self.regulation else None
        return next_grade(
            [element.mean for element in self.elements if element.mean is not None],
            [element.n for element in self.elements],
            points=[element.points for element in self.elements],
            weights=convention_of(rules, self.value.convention, len(self.elements)),
            rules=rules,
            rounding=rules.rounding(self.rounding) if rules else None,
            exact=self.value.exact,
        )

    @property
    def grade_depends_on_weights(self) -> tuple[IndexValue, ...]:
        """The other conventions that would give another grade."""
        return tuple(other for other in self.others if other.grade != self.value.grade)

    @property
    def weakest_first(self) -> tuple[Element, ...]:
        """Elements by mean, the lowest first; those without answers last; ties in the order of the questionnaire."""
        return tuple(sorted(self.elements, key=lambda element: (element.mean is None, element.mean or 0)))


def indices_of(
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
    conventions = conventions_of(rules, len(columns))
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
    by = [own, *(other for other in conventions if other.name != own.name)]
    value, *others = graded_by(means, points=points, conventions=by, rules=rules, rounding=rounds)
    cross, _ = tally.cross_of_index()
    both = [*places, *(len(tally.layout.index) + place for place in places)]
    scale = Scale.of(points, weight)
    interval = index_interval(value.exact, cross[np.ix_(both, both)], n=persons, factors=scale.factors)
    return (
        Index(
            official=rules is not None,
            regulation=rules.name if rules else "",
            n=persons,
            value=value,
            others=tuple(others),
            interval=scale.cut(interval),
            elements=elements,
            rounding=rounds.name if rounds else ONCE,
            dimension=dimension,
        ),
        (),
    )


@dataclass(frozen=True)
class Scale:
    """The scale of an index of elements that weigh the same. ``factors``: what one point of each adds to it."""

    points: tuple[int, ...]
    weight: Fraction
    factors: tuple[float, ...]
    lowest: float
    highest: float

    @classmethod
    @lru_cache
    def of(cls, points: tuple[int, ...], weight: Fraction) -> "Scale":
        """From the largest code of each element and the weight of one."""
        factors = [weight * 100 / most for most in points]
        return cls(
            points,
            weight,
            tuple(float(factor) for factor in factors),
            float(sum(factors, Fraction(0))),
            float(weight * 100 * len(points)),
        )

    def cut(self, found: Estimate) -> Estimate:
        """An interval within what the scale allows: 25 to 100 for four points, weights adding up to 1."""
        if found.low is None or found.high is None:
            return found
        return replace(found, low=max(found.low, self.lowest), high=min(found.high, self.highest))

    def interval(self, exact: Fraction, cross: Integers, persons: int) -> Estimate:
        """The interval of the index, cut at the ends of the scale."""
        return self.cut(index_interval(exact, cross, n=persons, factors=self.factors))


def _element(questionnaire: Questionnaire, tally: Tally, column: int, *, weight: Fraction, points: int) -> Element:
    item = questionnaire.columns[column].item
    assert item is not None
    n, total, squares = tally.sums_of_columns[column]
    mean = Fraction(total, n) if n else None
    return Element(
        name=item.name,
        number=item.number,
        dimension=item.dimension,
        n=n,
        mean=mean,
        interval=of_mean(n, total, squares),
        weight=weight,
        points=points,
    )


def conventions_of(rules: RuleSet | None, elements: int) -> tuple[Weights, ...]:
    """The weights that can be chosen."""
    return rules.conventions(elements) if rules else (UNREGULATED,)


def convention_of(rules: RuleSet | None, weights: str, elements: int) -> Weights:
    """The weights of this name. Raises ``Problem`` when there are none."""
    if rules:
        return rules.convention(weights, elements)
    if weights != EXACT:
        raise Problem("regulation.weights", given=weights, regulation="-", known=EXACT)
    return UNREGULATED


def index_of_cell(cross: Integers, persons: int, scale: Scale) -> Estimate:
    """The index of one cell, such as a month, from its table (see ``tally.index_counts``)."""
    k = len(scale.points)
    if not k:
        return NOT_ASKED
    counts = [int(count) for count in cross[k:, k:].diagonal()]
    if 0 in counts:
        return Estimate(None, persons, reason="element_without_answers")
    sums = [int(total) for total in cross[:k, k:].diagonal()]
    means = [Fraction(total, n) for total, n in zip(sums, counts, strict=True)]
    return scale.interval(index_of(means, weight=scale.weight, points=scale.points), cross, persons)


def index_as_json(index: Index) -> dict[str, Any]:
    """Plain values for JSON."""
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
        "certainty": _certainty_as_json(index.certainty),
        "next_grade": _next_as_json(index.next_grade, index.elements),
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


def _certainty_as_json(sure: GradeCertainty) -> dict[str, Any]:
    return {
        "probability": sure.probability,
        "grades": [{"grade": each.grade, "probability": each.probability} for each in sure.grades],
        "logit": {"low": sure.certainty.logit.low, "high": sure.certainty.logit.high},
        "reason": sure.reason,
    }


def _next_as_json(wanted: NextGrade, elements: tuple[Element, ...]) -> dict[str, Any]:
    return {
        "grade": wanted.grade,
        "limit": _number(wanted.limit),
        "rise": _number(wanted.rise),
        "rise_of_each": _number(wanted.rise_of_each),
        "elements": [
            {
                "name": elements[alone.place].name,
                "needed": float(alone.needed),
                "rise": float(alone.rise),
                "possible": alone.possible,
                "answers": alone.answers,
            }
            for alone in wanted.elements
        ],
        "reason": wanted.reason,
    }


def _number(value: Fraction | Decimal | None) -> float | None:
    return None if value is None else float(value)
