"""What do these answers say? ``evaluate`` computes every number once; screen, file and command only show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from analysis import servqual
from analysis.estimate import Estimate
from analysis.ikm import IndexValue, graded, index_interval
from analysis.matrix import Matrix
from analysis.regulation import EXACT, ONCE, RuleSet, Weights, rule_set
from analysis.tally import Integers, Tally, index_counts
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
    "Results",
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
    alone). Without a regulation ``regulation`` and the grade are empty.
    """

    official: bool
    regulation: str
    n: int
    value: IndexValue
    others: tuple[IndexValue, ...]
    interval: Estimate
    elements: tuple[Element, ...]
    rounding: str = ONCE

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
    enters it, and when an element has no answer at all: ``elements_without_answers`` then names these.
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
    are names of ``regulation.yaml``; ``policy`` says whose dimension scores are used (see ``servqual``). With fewer than
    ``minimum`` respondents nothing but their number is told.

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
    index, unanswered = _index(questionnaire, rules, tally, weights, rounding)
    dimensions = _dimensions(questionnaire, tally, policy)
    return replace(
        shown,
        index=index,
        items=_items(questionnaire, tally),
        dimensions=dimensions,
        overall=_overall(tally, dimensions, policy),
        distributions=_distributions(questionnaire, tally),
        profile=_profile(questionnaire, tally),
        groups=groups,
        months=months,
        elements_without_answers=unanswered,
    )
