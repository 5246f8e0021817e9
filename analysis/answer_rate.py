"""How many of those served, or offered the survey, answered: in all, by unit and by month? Where can that not be?

Rate = answers on the days that were entered / citizens offered the survey on these days; / citizens served where those
offered were not counted on every one of them. Which numbers cannot all be right is decided in ``survey/served.py``.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from analysis.counting.matrix import Matrix
from analysis.selection import Selection, months_of
from survey.catalogue import Survey, SurveyStatus
from survey.packed import NOT_COUNTED
from survey.served import Count, DayOfUnit, Doubt, Totals


@dataclass(frozen=True)
class Line:
    """The sums of one unit (its number) or of one month (yyyymm)."""

    key: int
    totals: Totals


@dataclass(frozen=True)
class Doubtful:
    """A unit whose numbers cannot all be right on ``days`` days, the first of which is ``first``.

    With ``Doubt.NEARLY_ALL`` it is about all the days of the month of ``first`` that were entered.
    """

    unit: int
    doubt: Doubt
    days: int
    first: date


@dataclass(frozen=True)
class AnswerRates:
    """The rates of a selection. ``units`` and ``months`` are those of which something was entered.

    ``missing``: units with answers of which nothing was entered. ``whole``: the selection names a service or a way of
    answering, and these are the numbers of all of them, because served is known by unit and day only.
    """

    total: Totals
    units: tuple[Line, ...]
    months: tuple[Line, ...]
    missing: tuple[int, ...]
    doubtful: tuple[Doubtful, ...]
    whole: bool = False


def answer_rates(matrix: Matrix, counts: Sequence[Count], survey: Survey, selection: Selection) -> AnswerRates:
    """Of the days within the survey's time: its period, else from its first counted answer on.

    matrix: all responses to the survey that somebody may see. counts: what was entered of its units, at any time.
    """
    if not counts:
        return AnswerRates(Totals.of(()), (), (), (), ())
    answered = _answered(matrix)
    first, last = _time_of(survey, [day for _, day in answered])
    said = {(one.unit, one.day): one for one in counts}
    days = []
    for unit, day in sorted(answered.keys() | said.keys(), key=lambda place: (place[1], place[0])):
        one = said.get((unit, day))
        count = answered.get((unit, day), 0)
        days.append(DayOfUnit(unit, day, one.served if one else None, one.offered if one else None, count))
    days = [one for one in days if first <= one.day <= last and _is_chosen(one, survey, selection)]
    by_unit = _lines(days, lambda one: one.unit)
    return AnswerRates(
        total=Totals.of(days),
        units=tuple(line for line in by_unit if line.totals.days),
        months=tuple(line for line in _lines(days, _month) if line.totals.days),
        missing=tuple(line.key for line in by_unit if not line.totals.days),
        doubtful=tuple(_doubtful(days)),
        whole=selection.service is not None or selection.channel is not None,
    )


def _answered(matrix: Matrix) -> Mapping[tuple[int, date], int]:
    """How many counted responses each unit has on each day; those without a unit are left out."""
    keep = ((matrix.flags & np.uint8(NOT_COUNTED)) == 0) & (matrix.unit > 0) & (matrix.day > 0)
    if not keep.any():
        return {}
    unit, day = matrix.unit[keep], matrix.day[keep]
    earliest, numbers = int(day.min()), np.flatnonzero(np.bincount(unit))
    width = int(day.max()) - earliest + 1
    place = np.searchsorted(numbers, unit) * width + (day - earliest)
    counts = np.bincount(place)
    found = {}
    for at in np.flatnonzero(counts):
        number, after = divmod(int(at), width)
        found[int(numbers[number]), _date(earliest + after)] = int(counts[at])
    return found


def _date(day: int) -> date:
    return date(day // 10_000, day // 100 % 100, day % 100)


def _time_of(survey: Survey, answered: Sequence[date]) -> tuple[date, date]:
    """From when to when the survey was asked; numbers of other times belong to other surveys."""
    first, last = survey.opens, survey.closes
    if last is None and survey.status is not SurveyStatus.OPEN:
        last = max(answered, default=None)
    return first or min(answered, default=date.max), last or date.max


def _is_chosen(one: DayOfUnit, survey: Survey, selection: Selection) -> bool:
    wanted = {unit.number for unit in survey.units if unit.name == selection.unit}
    if selection.unit is None and selection.service is not None:
        wanted = {service.unit for service in survey.services if service.name == selection.service}
    if (selection.unit or selection.service) and one.unit not in wanted:
        return False
    if selection.period is None:
        return True
    first, last = months_of(selection.period) or (1, 0)
    return first <= _month(one) <= last


def _month(one: DayOfUnit) -> int:
    return one.day.year * 100 + one.day.month


def _lines(days: Iterable[DayOfUnit], key: Callable[[DayOfUnit], int]) -> list[Line]:
    found: dict[int, list[DayOfUnit]] = defaultdict(list)
    for one in days:
        found[key(one)].append(one)
    return [Line(number, Totals.of(found[number])) for number in sorted(found)]


def _doubtful(days: Sequence[DayOfUnit]) -> Iterable[Doubtful]:
    """By unit: what cannot be on a day, then months in which nearly everybody answered."""
    cannot: dict[tuple[int, Doubt], list[date]] = defaultdict(list)
    months: dict[tuple[int, int], list[DayOfUnit]] = defaultdict(list)
    for one in days:
        months[one.unit, _month(one)].append(one)
        for doubt in one.doubts:
            cannot[one.unit, doubt].append(one.day)
    for (unit, doubt), found in sorted(cannot.items()):
        yield Doubtful(unit, doubt, len(found), min(found))
    for (unit, _), of_month in sorted(months.items()):
        totals = Totals.of(of_month)
        if totals.nearly_all:
            yield Doubtful(
                unit, Doubt.NEARLY_ALL, totals.days, min(one.day for one in of_month if one.served is not None)
            )
