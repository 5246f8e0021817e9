"""How many respondents are there by group and by month, and what is the index of each month?"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from analysis.arrays import Integers
from analysis.counting.block import total
from analysis.counting.counting import BLOCK
from analysis.counting.matrix import Matrix
from analysis.counting.tally import Layout, Tally, index_counts
from analysis.index import convention_of
from analysis.methods.certainty import estimate_of_total, estimates_of_totals, index_cells
from analysis.methods.estimate import NOT_ASKED, Estimate
from analysis.regulation import rule_set
from survey.questionnaire import Questionnaire


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


def profile_of(questionnaire: Questionnaire, tally: Tally) -> tuple[Group, ...]:
    """Respondents by the choices of every profile question; code 0 skipped it."""
    found = []
    for position, question in enumerate(questionnaire.profile):
        counts = tally.profile(position).tolist()
        found += [Group(question.name, code, counts[code]) for code in (*question.choices, 0)]
    return tuple(found)


def groups_of(matrix: Matrix) -> tuple[Group, ...]:
    """Respondents by unit, service and channel: the categories that occur, by their key."""
    found = []
    for variable, values in (("unit", matrix.unit), ("service", matrix.service), ("channel", matrix.channel)):
        counts = np.bincount(values)
        found += [Group(variable, int(code), int(counts[code])) for code in np.flatnonzero(counts)]
    return tuple(found)


def months_of(questionnaire: Questionnaire, matrix: Matrix, weights: str, minimum: int) -> tuple[Month, ...]:
    """The months that occur, each with its index unless too few answered. Responses without a day are in none."""
    if len(matrix) < minimum:
        return ()
    months, cell = _cells(matrix.day // 100)
    if not len(months):
        return ()
    sizes = np.bincount(cell, minlength=len(months))
    indices = index_in_cells(questionnaire, matrix, cell, cells=len(months), weights=weights)
    told = zip(months.tolist(), sizes.tolist(), indices, strict=True)
    return tuple(month_of(questionnaire, month, n, index, minimum) for month, n, index in told if month)


def month_of(questionnaire: Questionnaire, month: int, n: int, index: Estimate, minimum: int) -> Month:
    """One month of ``n`` respondents with its index, unless fewer than ``minimum`` answered or there are several."""
    if questionnaire.index_by:
        return Month(month, n, Estimate(None, n, reason="several_indices"))
    return Month(month, n, index if n >= minimum else Estimate(None, n, reason="too_few"))


def index_in_cells(
    questionnaire: Questionnaire, matrix: Matrix, cell: npt.NDArray[np.intp], *, cells: int, weights: str
) -> list[Estimate]:
    """The index of every cell of a matrix; ``cell`` (n,) is the cell of each response, such as its month.

    When nobody left out an element and all are on one scale, the total of each person tells everything.
    """
    layout = Layout.of(questionnaire)
    columns, points = [matrix.answers[column] for column in layout.index], layout.points_of_index
    if not columns or len(set(points)) > 1 or not all(column.all() for column in columns):
        return index_by_cell(questionnaire, *index_counts(matrix, cell, cells), weights)
    width = sum(points) + 1
    by_total = np.zeros((cells, width), dtype=np.int64)
    for low in range(0, len(matrix), BLOCK):
        rows = slice(low, low + BLOCK)
        key = cell[rows] * width
        key += total([column[rows] for column in columns])
        by_total += np.bincount(key, minlength=cells * width).reshape(cells, width)
    persons, totals, weight = by_total.sum(axis=1), np.arange(width), _weight(questionnaire, weights)
    return estimates_of_totals(persons, by_total @ totals, by_total @ totals**2, points=points, weight=weight)


def index_of_one(questionnaire: Questionnaire, cross: Integers, persons: int, weights: str) -> Estimate:
    """The same as ``index_by_cell`` of one cell, to the last digit; sooner where all persons answered every element."""
    layout, k = Layout.of(questionnaire), len(cross) // 2
    points = layout.points_of_index
    if len(set(points)) != 1 or persons < 2 or not (cross[k:, k:] == persons).all():
        return index_by_cell(questionnaire, cross[None], np.array([persons]), weights)[0]
    return estimate_of_total(
        persons, int(cross[:k, k].sum()), int(cross[:k, :k].sum()), points, _weight(questionnaire, weights)
    )


def _weight(questionnaire: Questionnaire, weights: str) -> Fraction:
    rules = rule_set(questionnaire.regulation) if questionnaire.regulation else None
    elements = len(Layout.of(questionnaire).index)
    return convention_of(rules, weights, elements).weight(elements)


def index_by_cell(questionnaire: Questionnaire, cross: Integers, persons: Integers, weights: str) -> list[Estimate]:
    """The index of every cell, such as a month, of all elements together.

    cross: (cells, 2k, 2k), persons: (cells,), as ``tally.index_counts`` gives them. Where all persons answered every
    element, and all are on one scale, the totals of persons tell everything, to the last digit the same.
    """
    points = Layout.of(questionnaire).points_of_index
    if not points:
        return [NOT_ASKED] * len(persons)
    k, weight = len(points), _weight(questionnaire, weights)
    if len(set(points)) == 1 and (cross[:, k:, k:] == persons[:, None, None]).all():
        totals, squares = cross[:, :k, k].sum(axis=1), cross[:, :k, :k].sum(axis=(1, 2))
        return estimates_of_totals(persons, totals, squares, points=points, weight=weight)
    found = index_cells(cross, persons, points=points, weight=weight)
    return [found.estimate(cell) for cell in range(len(found))]


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
