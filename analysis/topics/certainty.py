"""How sure is the index, which grade is it with which probability, and what would raise it to the next?"""

from dataclasses import dataclass, replace
from fractions import Fraction

from analysis.arrays import Integers
from analysis.methods.certainty import AgencyIndex, Certainty, agency, certainty, ends_of_scale, index_cells
from analysis.methods.estimate import Estimate
from analysis.methods.grades import GradeCertainty, NextGrade, grade_under, next_grade
from analysis.methods.ikm import index_interval, index_of
from analysis.methods.linearised import counts_of, sums_of
from analysis.study import IndexPart, Study
from analysis.topics.time import KINDS, periods_in


@dataclass(frozen=True)
class UnitIndex:
    """The index of one unit with its grade (empty where it has none) and the people it serves, when known."""

    name: str
    index: Estimate
    rounded: float | None
    grade: str
    population: float | None


@dataclass(frozen=True)
class AgencyTopic:
    """The index of an agency with several units; ``units`` in the order of their names."""

    grouping: str
    figures: AgencyIndex
    units: tuple[UnitIndex, ...]


@dataclass(frozen=True)
class GroupGrade:
    """The index of one group under one convention; ``probability`` is that of its very grade (None without one)."""

    convention: str
    rounded: float
    grade: str
    probability: float | None


@dataclass(frozen=True)
class GroupCertainty:
    """One group: its index with both intervals under the convention in use, and its grade under each convention.

    Without an index: a ``reason``.
    """

    name: str
    index: Certainty | None
    grades: tuple[GroupGrade, ...]
    reason: str | None = None


@dataclass(frozen=True)
class CertaintyBy:
    """Every group of one grouping: units, services, other groups, or the periods of one kind."""

    grouping: str
    groups: tuple[GroupCertainty, ...]


@dataclass(frozen=True)
class IndexCertainty:
    """The certainty of one index under the convention in use, the grades under each, the next grade, and the units.

    ``by`` tells the same of every group and period.

    ``dimension`` is empty for the index of the whole. ``elements`` names the elements by their place. Without an index
    everything else is empty, with a ``reason``.
    """

    dimension: str
    elements: tuple[str, ...]
    index: Certainty | None
    grades: tuple[GradeCertainty, ...]
    next_grade: NextGrade | None
    agency: AgencyTopic | None
    by: tuple[CertaintyBy, ...] = ()
    reason: str | None = None


def certainty_topic(study: Study) -> tuple[IndexCertainty, ...]:
    """The certainty of each index."""
    return tuple(_index(study, part) for part in study.indices)


def _index(study: Study, part: IndexPart) -> IndexCertainty:
    cross, n = study.index_table(part)
    counts = [int(count) for count in counts_of(cross)]
    if not all(counts):
        reason = "element_without_answers" if n else "no_answers"
        return IndexCertainty(part.dimension, part.elements, None, (), None, None, reason=reason)
    means = [Fraction(int(total), count) for total, count in zip(sums_of(cross), counts, strict=True)]
    population = study.background.population
    grades = _grades(study, part, means, cross, n=n, population=population)
    lowest, highest = ends_of_scale(part.points, part.weight)
    decimals = study.rounding.decimals if study.rounding else None
    exact = index_of(means, weight=part.weight, points=part.points, product_decimals=decimals)
    factors = [float(part.weight * 100 / scale) for scale in part.points]
    interval = index_interval(exact, cross, n=n, factors=factors)
    return IndexCertainty(
        part.dimension,
        part.elements,
        certainty(interval, lowest=lowest, highest=highest, population=population),
        grades,
        next_grade(
            means, counts, points=part.points, weights=part.convention, rules=study.rules, rounding=study.rounding
        ),
        _agency(study, part),
        _by(study, part),
    )


def _grades(
    study: Study, part: IndexPart, means: list[Fraction], cross: Integers, *, n: int, population: int | None
) -> tuple[GradeCertainty, ...]:
    """The grade under each convention of the regulation, or without one under the only one there is."""
    conventions = study.rules.conventions(len(means)) if study.rules else (part.convention,)
    return tuple(
        grade_under(
            means,
            cross,
            n=n,
            points=part.points,
            weights=kind,
            rules=study.rules,
            rounding=study.rounding,
            population=population,
        )
        for kind in conventions
    )


def _by(study: Study, part: IndexPart) -> tuple[CertaintyBy, ...]:
    """Every grouping of the respondents, then the periods of every kind where days are known."""
    groupings = list(study.background.groupings)
    if study.days is not None and (study.days > 0).any():
        groupings += [periods_in(study, kind)[1] for kind in KINDS]
    found = []
    for grouping in groupings:
        cross, persons = study.index_by(grouping, part)
        people = study.background.margins.get(grouping.name) or {}
        groups = [
            _group(study, part, name, table, n=int(n), population=round(people.get(name, 0)) or None)
            for name, table, n in zip(grouping.names, cross, persons, strict=True)
        ]
        found.append(CertaintyBy(grouping.name, tuple(groups)))
    return tuple(found)


def _group(
    study: Study, part: IndexPart, name: str, cross: Integers, *, n: int, population: int | None
) -> GroupCertainty:
    counts = counts_of(cross)
    if not counts.all():
        return GroupCertainty(name, None, (), "element_without_answers" if n else "no_answers")
    means = [Fraction(int(total), int(count)) for total, count in zip(sums_of(cross), counts, strict=True)]
    grades = _grades(study, part, means, cross, n=n, population=population)
    own = next(grade for grade in grades if grade.value.convention == part.convention.name)
    told = [
        GroupGrade(g.value.convention, float(g.value.rounded), g.value.grade, g.probability if g.value.grade else None)
        for g in grades
    ]
    return GroupCertainty(name, own.certainty, tuple(told))


def _agency(study: Study, part: IndexPart) -> AgencyTopic | None:
    grouping = study.background.grouping(study.background.unit)
    if grouping is None:
        return None
    cross, persons = study.index_by(grouping, part)
    people = study.background.margins.get(grouping.name)
    populations = None
    if people is not None and all(people.get(name, 0) >= 1 for name in grouping.names):
        populations = [round(people[name]) for name in grouping.names]
    figures = agency(cross, persons, points=part.points, weight=part.weight, populations=populations)
    cells = index_cells(cross, persons, points=part.points, weight=part.weight, populations=populations)
    units = []
    for at, name in enumerate(grouping.names):
        value, index = study.graded(part, cross[at]), cells.estimate(at)
        population = None if people is None else people.get(name)
        if value is None:
            units.append(UnitIndex(name, index, None, "", population))
        else:
            index = replace(index, value=float(value.exact))
            units.append(UnitIndex(name, index, float(value.rounded), value.grade, population))
    return AgencyTopic(grouping.name, figures, tuple(units))
