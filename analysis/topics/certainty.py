"""How sure is the index, which grade is it with which probability, and what would raise it to the next?"""

from dataclasses import dataclass, replace
from fractions import Fraction

from analysis.methods.certainty import AgencyIndex, Certainty, agency, certainty, ends_of_scale, index_cells
from analysis.methods.estimate import Estimate
from analysis.methods.grades import GradeCertainty, NextGrade, grade_under, next_grade
from analysis.methods.ikm import half_up, index_interval, index_of
from analysis.methods.linearised import counts_of, sums_of
from analysis.study import IndexPart, Study


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
class IndexCertainty:
    """The certainty of one index under the convention in use, the grades under each, the next grade, and the units.

    ``dimension`` is empty for the index of the whole. ``elements`` names the elements by their place. Without an index
    everything else is empty, with a ``reason``.
    """

    dimension: str
    elements: tuple[str, ...]
    index: Certainty | None
    grades: tuple[GradeCertainty, ...]
    next_grade: NextGrade | None
    agency: AgencyTopic | None
    reason: str | None = None


def certainty_topic(study: Study) -> tuple[IndexCertainty, ...]:
    """The certainty of each index."""
    return tuple(_index(study, part) for part in study.indices)


def _index(study: Study, part: IndexPart) -> IndexCertainty:
    cross, n = study.index_table(part)
    counts = [int(count) for count in counts_of(cross)]
    if not all(counts):
        reason = "element_without_answers" if n else "no_answers"
        return IndexCertainty(part.dimension, part.elements, None, (), None, None, reason)
    means = [Fraction(int(total), count) for total, count in zip(sums_of(cross), counts, strict=True)]
    population = study.background.population
    conventions = study.rules.conventions(len(means)) if study.rules else (part.convention,)
    grades = tuple(
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
    )


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
        exact = cells.exact(at)
        rounded = None if exact is None else half_up(exact)
        grade = study.rules.grade(rounded) if study.rules and rounded is not None else ""
        index = cells.estimate(at)
        if exact is not None:
            index = replace(index, value=float(exact))
        population = None if people is None else people.get(name)
        units.append(UnitIndex(name, index, None if rounded is None else float(rounded), grade, population))
    return AgencyTopic(grouping.name, figures, tuple(units))
