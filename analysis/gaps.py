"""How far is what citizens found from what they expect: by item, by dimension, overall, and is it more than chance?"""

from dataclasses import dataclass, replace

from analysis.counting.tally import Tally
from analysis.gap_tests import GapTest, tests_of_dimensions, tests_of_items
from analysis.methods import servqual
from analysis.methods.estimate import NOT_ASKED, Estimate, of_mean
from analysis.methods.points import mean_points, weighted_gap
from survey.questionnaire import Questionnaire


@dataclass(frozen=True)
class Gap:
    """Expectation, perception and P - E of one item, one dimension, or overall.

    ``gap`` is paired: only persons who answered both, so its value can differ from the difference of the two means.
    ``dimension`` is the dimension of an item, the dimension itself, or empty for the overall gap. ``test`` is None for
    the overall gap, and where nothing is asked twice.
    """

    name: str
    dimension: str
    expectation: Estimate
    perception: Estimate
    gap: Estimate
    test: GapTest | None = None


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


def items_of(questionnaire: Questionnaire, tally: Tally) -> tuple[Gap, ...]:
    """Expectation, perception and gap of every item, in the order of the questionnaire."""
    tests = tests_of_items(tally)
    return tuple(
        Gap(
            name=pair.name,
            dimension=pair.dimension,
            expectation=_mean(tally, pair.expectation),
            perception=_mean(tally, pair.perception),
            gap=of_mean(*tally.sums_of_gaps[pair.name], empty="no_pairs") if pair.is_paired else NOT_ASKED,
            test=tests.get(pair.name),
        )
        for pair in tally.layout.pairs
    )


def _mean(tally: Tally, column: int | None) -> Estimate:
    return NOT_ASKED if column is None else of_mean(*tally.sums_of_columns[column])


def dimensions_of(questionnaire: Questionnaire, tally: Tally, policy: str) -> tuple[Gap, ...]:
    """The same of every dimension, from the scores of persons; ``policy`` as in ``servqual``."""

    def mean(dimension: str, kind: str) -> Estimate:
        by_answered = tally.sums_of_scores[dimension, kind]
        if len(by_answered) == 1:  # made of no item
            return NOT_ASKED
        empty = "no_pairs" if kind == "gap" else "no_answers"
        return servqual.mean_of_score_sums(by_answered, policy=policy, empty=empty)

    tests = tests_of_dimensions(tally, policy)
    return tuple(
        Gap(
            name=dimension.name,
            dimension=dimension.name,
            expectation=mean(dimension.name, "expectation"),
            perception=mean(dimension.name, "perception"),
            gap=mean(dimension.name, "gap"),
            test=tests.get(dimension.name),
        )
        for dimension in questionnaire.dimensions
    )


def overall_of(tally: Tally, dimensions: tuple[Gap, ...], policy: str) -> Gap:
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


def weighted_of(questionnaire: Questionnaire, tally: Tally) -> Weighted | None:
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
