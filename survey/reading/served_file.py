"""Which unit served how many citizens on which day, by a file that somebody brings?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from survey.catalogue import Unit
from survey.problem import Problem, Problems
from survey.reading.days import read_days
from survey.reading.table import Table

HEADINGS: Mapping[str, frozenset[str]] = {
    "day": frozenset({"tanggal", "tgl", "hari", "day", "date"}),
    "unit": frozenset({"unit", "loket", "bagian", "bidang", "counter", "section"}),
    "served": frozenset({"dilayani", "terlayani", "jumlah", "jumlah dilayani", "served", "visitors"}),
    "offered": frozenset({"ditawari", "ditawarkan", "offered", "invited"}),
}
"""What the first row may call its columns, in small letters."""
_LOOKS_AT = 20
_MOST_TOLD = 10


@dataclass(frozen=True)
class ServedLine:
    """A line of the file: a unit by its name, a day, and two numbers (None: not told)."""

    row: int
    unit: str
    day: date
    served: int
    offered: int | None


def read_served_lines(table: Table, units: Sequence[Unit], otherwise: Unit | None = None) -> tuple[ServedLine, ...]:
    """The lines below the headings. A file without a column for the unit is about the unit ``otherwise``.

    Raises ``Problems``, one for each row that cannot be understood, with its number in the file.
    """
    at, columns = _headings(table)
    if "unit" not in columns and otherwise is None:
        raise Problem("served.no_unit", where=table.where)
    names = _names(units)
    cells = [(table.first + number, row) for number, row in enumerate(table.rows) if number > at and any(row)]

    def cell(row: Sequence[str], column: str) -> str:
        place = columns.get(column, len(row))
        return row[place].strip() if place < len(row) else ""

    days = read_days(cell(row, "day") for _, row in cells)
    found, problems = [], []
    for number, row in cells:
        try:
            found.append(_line(number, lambda column, row=row: cell(row, column), days, names, otherwise))  # type: ignore[misc]
        except Problem as problem:
            problems.append(problem)
    if problems:
        raise Problems(problems[:_MOST_TOLD])
    return tuple(found)


def _headings(table: Table) -> tuple[int, Mapping[str, int]]:
    """The row of the headings, and the place of each column that we know."""
    for at, row in enumerate(table.rows[:_LOOKS_AT]):
        said = [" ".join(cell.split()).casefold() for cell in row]
        places = {
            column: next(place for place, heading in enumerate(said) if heading in known)
            for column, known in HEADINGS.items()
            if known & set(said)
        }
        if {"day", "served"} <= places.keys():
            return at, places
    raise Problem("served.no_headings", where=table.where)


def _names(units: Sequence[Unit]) -> dict[str, str]:
    """The name of a unit by everything it is called."""
    return {said.strip().casefold(): unit.name for unit in units for said in (unit.name, *unit.label.values())}


def _line(
    row: int,
    cell: Callable[[str], str],
    days: Mapping[str, date | None],
    names: Mapping[str, str],
    otherwise: Unit | None,
) -> ServedLine:
    day = days.get(cell("day"))
    if day is None:
        raise Problem("served.row_day", row=row, given=cell("day")[:40])
    said = cell("unit")
    unit = names.get(said.casefold()) if said else otherwise.name if otherwise else None
    if unit is None:
        raise Problem("served.row_unit", row=row, given=said[:40], known=", ".join(sorted(set(names.values()))))
    served, offered = _number(row, cell("served")), _number(row, cell("offered"))
    if served is None:
        raise Problem("served.row_number", row=row, given="")
    return ServedLine(row, unit, day, served, offered)


def _number(row: int, said: str) -> int | None:
    """A whole number; None for an empty cell. 1.234 and 1,234 are a thousand and more, as people write it."""
    if not said or said in ("-", "\N{EN DASH}"):
        return None
    head, *groups = said.replace(",", ".").split(".")
    whole = head + "".join(groups) if all(len(group) == 3 and group.isdecimal() for group in groups) else ""
    if groups == ["0"]:
        whole = head  # 12.0, as a spreadsheet may keep it
    if not (whole.isascii() and whole.isdecimal()) or len(whole) > 7:
        raise Problem("served.row_number", row=row, given=said[:40])
    return int(whole)
