"""How many respondents are there by group and by month, and what is the index of each month?"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from analysis.certainty import index_cells
from analysis.estimate import NOT_ASKED, Estimate
from analysis.index import convention_of
from analysis.matrix import Matrix
from analysis.regulation import rule_set
from analysis.tally import Integers, Layout, Tally, index_counts
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
    cross, persons = index_counts(matrix, cell, len(months))
    sizes = np.bincount(cell, minlength=len(months))
    tables = zip(months.tolist(), sizes.tolist(), cross, persons.tolist(), strict=True)
    return months_from(questionnaire, list(tables), weights, minimum)


def months_from(
    questionnaire: Questionnaire, tables: Sequence[tuple[int, int, Integers, int]], weights: str, minimum: int
) -> tuple[Month, ...]:
    """The same from what is counted of each month.

    tables: month, respondents, and of the index (2k, 2k) sums of products and who answered (``tally.index_counts``).
    """
    rules = rule_set(questionnaire.regulation) if questionnaire.regulation else None
    columns = [questionnaire.columns[column] for column in Layout.of(questionnaire).index]
    weight = convention_of(rules, weights, len(columns)).weight(len(columns)) if columns else Fraction(0)
    points = tuple(column.codes for column in columns)
    shown = [number for number, (_, n, _, _) in enumerate(tables) if n >= minimum]
    indices: dict[int, Estimate] = {}
    if points and shown and not questionnaire.index_by:
        cross, persons = np.stack([tables[number][2] for number in shown]), [tables[number][3] for number in shown]
        made = index_cells(cross, np.array(persons, dtype=np.int64), points=points, weight=weight)
        indices = {number: made.estimate(place) for place, number in enumerate(shown)}
    found = []
    for number, (month, n, _, _) in enumerate(tables):
        if month == 0:
            continue
        if questionnaire.index_by:
            index = Estimate(None, n, reason="several_indices")
        elif n < minimum:
            index = Estimate(None, n, reason="too_few")
        else:
            index = indices.get(number, NOT_ASKED)
        found.append(Month(month, n, index))
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
