"""Which grade is it with which probability, and what would have to rise by how much to reach the next one?

A grade is read from the index after rounding it half-up, so 88.305 already earns the grade that begins at 88.31: every
limit below is moved down by half of the last decimal before it is compared with a number that is not rounded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil

import numpy as np
from scipy import special

from analysis.arrays import Integers
from analysis.methods.certainty import Certainty, certainty, ends_of_scale
from analysis.methods.estimate import Estimate
from analysis.methods.ikm import DECIMALS, IndexValue, graded, half_up, index_interval, index_of
from analysis.regulation import Grade, Rounding, RuleSet, Weights

HALF_OF_LAST_DECIMAL = Fraction(1, 2 * 10**DECIMALS)


@dataclass(frozen=True)
class GradeProbability:
    """How probable one grade is; 0..1. ``reached_from`` is the lowest index without rounding that earns it."""

    grade: str
    probability: float
    reached_from: Fraction | None


@dataclass(frozen=True)
class GradeCertainty:
    """The grade under one weight convention, the index there, its certainty, and every grade's probability.

    ``certainty`` and the probabilities include the finite population correction. ``grades`` is from the best to the
    lowest grade and adds up to 1; it is empty, with a ``reason``, when there is no standard error (``one_respondent``)
    or no regulation (``no_regulation``). With a standard error of 0 the grade is
    certain only in the sense that the formula sees no spread: the reason then is ``no_spread``, or
    ``whole_population`` when nobody is left who could change it.
    """

    value: IndexValue
    certainty: Certainty
    grades: tuple[GradeProbability, ...]
    reason: str | None = None

    @property
    def probability(self) -> float | None:
        """The probability of the very grade that the index has."""
        return next((grade.probability for grade in self.grades if grade.grade == self.value.grade), None)


@lru_cache
def lowest_exact(limit: Decimal) -> Fraction:
    """The smallest index that is rounded half-up to at least ``limit``: 88.31 -> 88.305, which is included."""
    return Fraction(limit) - HALF_OF_LAST_DECIMAL


def grade_probabilities(
    value: float | Fraction, se: float, *, degrees: float | None, rules: RuleSet
) -> tuple[GradeProbability, ...]:
    """How probable each grade is for the index of everybody, given what was estimated.

    Formula: P(index >= limit) = F((value - limit + 0.005) / se), F the t distribution with ``degrees`` of freedom
    (None = normal); a grade has the difference between its own limit and the next higher one. That is a statement by
    approximation, one-sided error levels read as probabilities, as good as the t interval itself. The best and the
    lowest grade include what the approximation puts beyond the ends of the scale, so the sum is 1.

    value: the index without rounding. se: its standard error, >= 0; 0 gives 1 to the grade of the rounded value.
    Returns the grades from the best downwards.
    R: ``pt((value - 88.305) / se, n - 1)``.
    """
    if se <= 0:
        own = rules.grade(half_up(Fraction(value)))
        return tuple(GradeProbability(r.grade, float(r.grade == own), _limit_of(r)) for r in rules.grades)
    limits = [limit for rule in rules.grades if (limit := _limit_of(rule)) is not None]
    z = np.array([float(Fraction(value) - limit) for limit in limits]) / se
    reached, missed = (
        special.ndtr([z, -z]) if degrees is None else special.stdtr(degrees, [z, -z])
    ).tolist()  # P(index >= limit), P(index < limit)
    found = []
    for number, rule in enumerate(rules.grades):
        if number == len(limits):
            probability = missed[-1]
        elif number == 0:
            probability = reached[0]
        elif z[number] >= 0:  # subtract the two small tails, so that nothing is lost near 1
            probability = missed[number - 1] - missed[number]
        else:
            probability = reached[number] - reached[number - 1]
        found.append(GradeProbability(rule.grade, max(probability, 0.0), _limit_of(rule)))
    return tuple(found)


def _limit_of(rule: Grade) -> Fraction | None:
    return None if rule.lowest is None else lowest_exact(rule.lowest)


def grade_under(
    means: Sequence[Fraction],
    cross: Integers,
    *,
    n: int,
    points: Sequence[int],
    weights: Weights,
    rules: RuleSet | None,
    rounding: Rounding | None = None,
    population: int | None = None,
) -> GradeCertainty:
    """The grade under one weight convention, with the probability of each grade.

    means: (k,) exact means of the elements. cross: (2k, 2k) and n persons, of ``Tally.cross_of_index``. points: (k,).
    population: for the finite population correction; None for none. Where a rule rounds products, the probabilities are
    those of the index so computed; the standard error is that without rounding.
    """
    value = graded(means, points=points, weights=weights, rules=rules, rounding=rounding)
    weight = weights.weight(len(means))
    interval = index_interval(value.exact, cross, n=n, factors=[float(weight * 100 / scale) for scale in points])
    return grade_certainty(value, interval, points=points, weight=weight, rules=rules, population=population)


def grade_certainty(
    value: IndexValue,
    interval: Estimate,
    *,
    points: Sequence[int],
    weight: Fraction,
    rules: RuleSet | None,
    population: int | None = None,
) -> GradeCertainty:
    """The same from an index that is already computed. interval: its own, whose ends are not used."""
    lowest, highest = ends_of_scale(points, weight)
    sure = certainty(interval, lowest=lowest, highest=highest, population=population)
    if rules is None:
        return GradeCertainty(value, sure, (), "no_regulation")
    if sure.se is None:
        return GradeCertainty(value, sure, (), sure.reason)
    reason = None if sure.se else "whole_population" if interval.se else "no_spread"
    probabilities = grade_probabilities(value.exact, sure.se, degrees=sure.degrees, rules=rules)
    return GradeCertainty(value, sure, probabilities, reason)


def grades_by_convention(
    means: Sequence[Fraction],
    cross: Integers,
    *,
    n: int,
    points: Sequence[int],
    rules: RuleSet,
    rounding: Rounding | None = None,
    population: int | None = None,
) -> tuple[GradeCertainty, ...]:
    """The grade with its probability under each weight convention of the regulation. Arguments as ``grade_under``."""
    return tuple(
        grade_under(
            means, cross, n=n, points=points, weights=weights, rules=rules, rounding=rounding, population=population
        )
        for weights in rules.conventions(len(means))
    )


@dataclass(frozen=True)
class ElementAlone:
    """What one element alone would have to reach for the next grade, if everything else stayed.

    ``place`` is its place among the means, ``needed`` the mean it would need, ``rise`` how much that is more.
    ``possible`` is False when that is more than the scale has. ``answers`` is how many of its n answers would have to
    be one step higher.
    """

    place: int
    mean: Fraction
    needed: Fraction
    rise: Fraction
    possible: bool
    answers: int


@dataclass(frozen=True)
class NextGrade:
    """The next better grade: ``limit`` is the printed one, ``needed`` the index without rounding that earns it.

    ``rise`` is how much the index has to rise, ``rise_of_each`` by how much every element's mean, if all rose alike
    (None when the scale ends before, for one of them, and where products are rounded). Everything is None with the
    reason ``highest_grade`` or ``no_regulation``.
    """

    grade: str | None
    limit: Decimal | None = None
    needed: Fraction | None = None
    rise: Fraction | None = None
    rise_of_each: Fraction | None = None
    elements: tuple[ElementAlone, ...] = ()
    reason: str | None = None


def next_grade(
    means: Sequence[Fraction],
    counts: Sequence[int],
    *,
    points: Sequence[int],
    weights: Weights,
    rules: RuleSet | None,
    rounding: Rounding | None = None,
    exact: Fraction | None = None,
) -> NextGrade:
    """What would have to rise by how much to earn the next grade.

    Formula: needed = limit - 0.005; rise = needed - index; for element u alone: mean_u + rise x points_u / (100 w).
    With products rounded (2004) the product of u has to reach the next of its rounded steps, so the mean needed is
    (step - half a unit) / w.

    means: (k,) exact means; counts: (k,) how many answered each; points: (k,) the largest code of each. exact: the
    index that they give, when the caller has it already.
    """
    if rules is None:
        return NextGrade(None, reason="no_regulation")
    weight = weights.weight(len(means))
    decimals = rounding.decimals if rounding else None
    if exact is None:
        exact = index_of(means, weight=weight, points=points, product_decimals=decimals)
    rounded = half_up(exact)
    better = [rule for rule in rules.grades if rule.lowest is not None and rule.lowest > rounded]
    if not better:
        return NextGrade(None, reason="highest_grade")
    target = min(better, key=lambda rule: rule.lowest or Decimal(0))
    assert target.lowest is not None
    needed = lowest_exact(target.lowest)
    rise = needed - exact
    alike = {scale: rise * scale / (100 * weight) for scale in set(points)}
    elements = tuple(
        _alone(place, mean, count, rise, more=alike[scale], weight=weight, points=scale, decimals=decimals)
        for place, (mean, count, scale) in enumerate(zip(means, counts, points, strict=True))
    )
    each: Fraction | None = rise / ends_of_scale(points, weight)[0]
    best = {scale: max(mean for mean, own in zip(means, points, strict=True) if own == scale) for scale in set(points)}
    if decimals is not None or any(mean + (each or 0) > scale for scale, mean in best.items()):
        each = None
    return NextGrade(target.grade, target.lowest, needed, rise, each, elements)


def _alone(
    place: int,
    mean: Fraction,
    count: int,
    rise: Fraction,
    *,
    more: Fraction,
    weight: Fraction,
    points: int,
    decimals: int | None,
) -> ElementAlone:
    if decimals is None:
        needed = mean + more
    else:
        unit = Fraction(1, 10**decimals)
        product = Fraction(half_up(weight * mean, decimals)) + rise * points / 100
        needed = (ceil(product / unit) * unit - unit / 2) / weight
        more = needed - mean
    answers = -(-more.numerator * count // more.denominator)  # rounded up
    return ElementAlone(place, mean, needed, more, needed <= points, answers)
