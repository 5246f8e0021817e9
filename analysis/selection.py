"""Which responses does somebody want to look at? Unit, service, channel and period, by names for an address."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from analysis.counting.cells import Cells, Chosen
from analysis.counting.matrix import Matrix
from survey.catalogue import Channel, Survey
from survey.words import Words

_PERIOD = re.compile(r"(?P<year>\d{4})(?:-(?:S(?P<semester>[12])|Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")


@dataclass(frozen=True)
class Selection:
    """Names of a unit, a service, a channel and a period; None is all of them."""

    unit: str | None = None
    service: str | None = None
    channel: str | None = None
    period: str | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Selection()


def months_of(period: str) -> tuple[int, int] | None:
    """The first and the last month (yyyymm) of a period; None when it is not the name of one.

    >>> months_of("2026"), months_of("2026-S2"), months_of("2026-Q4"), months_of("2026-11")
    ((202601, 202612), (202607, 202612), (202610, 202612), (202611, 202611))
    """
    found = _PERIOD.fullmatch(period)
    if not found:
        return None
    year = int(found["year"]) * 100
    if found["semester"]:
        last = int(found["semester"]) * 6
        return year + last - 5, year + last
    if found["quarter"]:
        last = int(found["quarter"]) * 3
        return year + last - 2, year + last
    if found["month"]:
        return year + int(found["month"]), year + int(found["month"])
    return year + 1, year + 12


def periods_in(months: Iterable[int]) -> tuple[str, ...]:
    """The periods that these months (yyyymm) fall into: years, semesters, quarters, months, each the newest first."""
    known = {(month // 100, month % 100) for month in months if month}
    years = {f"{year}" for year, _ in known}
    semesters = {f"{year}-S{(month - 1) // 6 + 1}" for year, month in known}
    quarters = {f"{year}-Q{(month - 1) // 3 + 1}" for year, month in known}
    single = {f"{year}-{month:02d}" for year, month in known}
    return tuple(name for kind in (years, semesters, quarters, single) for name in sorted(kind, reverse=True))


def period_label(period: str, words: Words) -> str:
    """A period in words: *2026*, *semester 2 2026*, *triwulan 4 2026*, *November 2026*."""
    year, _, part = period.partition("-")
    if not part:
        return words("dashboard.period.year", year=year)
    if part[0] in "SQ":
        kind = "semester" if part[0] == "S" else "quarter"
        return words(f"dashboard.period.{kind}", number=part[1], year=year)
    return words.month(date(int(year), int(part), 1))


def chosen(matrix: Matrix, survey: Survey, selection: Selection) -> npt.NDArray[np.bool_]:
    """(n,) which responses belong to the selection. A name that the survey does not have selects nobody."""
    keep = np.ones(len(matrix), np.bool_)
    if selection.unit is not None:
        keep &= matrix.unit == next((unit.number for unit in survey.units if unit.name == selection.unit), -1)
    if selection.service is not None:
        keep &= matrix.service == next((s.number for s in survey.services if s.name == selection.service), -1)
    if selection.channel is not None:
        keep &= matrix.channel == next((c.code for c in Channel if c.value == selection.channel), -1)
    if selection.period is not None:
        first, last = months_of(selection.period) or (1, 0)
        month = matrix.day // 100
        keep &= (month >= first) & (month <= last)
    return keep


def selected(matrix: Matrix, survey: Survey, selection: Selection) -> Matrix:
    """The responses of the selection."""
    return matrix if selection.is_everything else matrix.select(chosen(matrix, survey, selection))


def chosen_cells(cells: Cells, survey: Survey, selection: Selection) -> Chosen | None:
    """What is counted of the selection already; None when the responses themselves have to be counted."""
    if selection.service is not None or selection.channel is not None:
        return None
    unit = None
    if selection.unit is not None:
        unit = next((unit.number for unit in survey.units if unit.name == selection.unit), -1)
    return cells.chosen(unit=unit, months=None if selection.period is None else months_of(selection.period) or (1, 0))
