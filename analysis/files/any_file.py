"""Which cells stand in a file of answers, whether it is CSV, Excel or SPSS, and in which row do its headings stand?

Whatever it was, it becomes a ``Sheet``; which kind it is, is seen from its first bytes, not from its name. Titles may
stand above the headings: of the first twenty rows the one with most known headings holds them.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from math import isnan
from pathlib import Path
from typing import Any

from survey.problem import Problem
from survey.reading.csv_file import DELIMITERS, Sheet, read_bytes, read_sheet
from survey.reading.table import ZIP
from survey.reading.workbook import OLD_EXCEL, Limits, Rows, read_workbook

ROWS_SEARCHED = 20
SPSS = (b"$FL2", b"$FL3")
LIMITS = Limits(file=1_000_000_000, unpacked=8_000_000_000, columns=16_384, cells=200_000_000)
"""Whoever runs the command holds the file and the computer; the ratio of a bomb is refused all the same."""

Known = Callable[[str], bool]
"""Whether a heading means something."""


def sheet_in(path: Path, known: Known, name: str | None = None) -> Sheet:
    """The cells of a file and its headings. ``name`` is that of the sheet of a workbook that has several.

    CSV may be in UTF-8, in UTF-16 with a byte order mark, or else in Windows-1252. Of SPSS files codes are read, but
    words where a variable that answers nothing has value labels; declared missing values are empty. Raises ``Problem``.
    """
    content, where = read_bytes(path), str(path)
    if content[:4] in (ZIP, OLD_EXCEL):
        book = read_workbook(content, where, name, LIMITS)
        sheet = _of_rows(book.rows, where, known)
        _refuse_merged(book, sheet, known)
        return sheet
    if name is not None:
        raise Problem("csv.no_sheets", where=where, sheet=name)
    if content[:4] in SPSS:
        return _of_rows(_rows_of_spss(path, known), where, known)
    sheet = read_sheet(content, where, office_code_page=True)
    if any(map(known, sheet.headings)):
        return sheet
    return _below_titles(content.decode(sheet.encoding, "replace"), where, known) or sheet


def _below_titles(text: str, where: str, known: Known) -> Sheet | None:
    """The sheet that begins with the first row that holds known headings, if one does."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at = _heading_row([_cells(line) for line in lines[:ROWS_SEARCHED]], known)
    if not at:
        return None
    sheet = read_sheet("\n".join(lines[at:]).encode(), where)
    return replace(sheet, first_row=sheet.first_row + at)


def _cells(line: str) -> Sequence[str]:
    try:
        return next(csv.reader([line], delimiter=max(DELIMITERS, key=line.count)), [])
    except csv.Error:
        return []


def _heading_row(rows: Iterable[Sequence[str]], known: Known) -> int:
    """The place of the row with most known headings; the first row when no row has one."""
    counts = [sum(map(known, row)) for row in rows]
    return counts.index(max(counts)) if counts else 0


def _of_rows(rows: Sequence[Sequence[str]], where: str, known: Known) -> Sheet:
    """The sheet that these rows make; what stands to the right of the headings is left out."""
    if not rows:
        raise Problem("csv.empty", where=where)
    at = _heading_row(rows[:ROWS_SEARCHED], known)
    headings = tuple(cell.strip() for cell in rows[at])
    width = len(headings)
    body = io.StringIO()
    writer = csv.writer(body, lineterminator="\n")
    writer.writerows([*row[:width], *[""] * (width - len(row))] for row in rows[at + 1 :])
    return Sheet(where, headings, ",", body.getvalue(), at + 2)


def _refuse_merged(book: Rows, sheet: Sheet, known: Known) -> None:
    """A merged cell keeps its value in its first row and column only: the others would look as if left empty."""
    places = [place for place, heading in enumerate(sheet.headings, start=1) if known(heading)]
    for merged in book.merged:
        used = any(merged.first_column <= place <= merged.last_column for place in places)
        if used and merged.last_row >= sheet.first_row:
            raise Problem("import.merged", where=sheet.where, cells=merged.reference)


def _rows_of_spss(path: Path, known: Known) -> list[Sequence[str]]:
    """The names of the variables, and below them the values as text."""
    import pyreadstat

    try:
        frame, meta = pyreadstat.read_sav(path)
    except Exception as error:  # a broken file shows itself as almost anything
        raise Problem("csv.spss", where=str(path), detail=str(error)[:200]) from error
    columns = []
    for variable in frame.columns:
        labels = {} if known(variable) else meta.variable_value_labels.get(variable, {})
        columns.append([str(labels.get(value, "")) or _text(value) for value in frame[variable].tolist()])
    return [list(frame.columns), *zip(*columns, strict=True)]


def _text(value: Any) -> str:
    """A value of SPSS as it would be typed; NaN and NaT are missing values.

    >>> [_text(4.0), _text(float("nan")), _text("Loket 1 "), _text(date(2019, 3, 4))]
    ['4', '', 'Loket 1', '2019-03-04']
    """
    if value is None or (isinstance(value, float) and isnan(value)) or str(value) == "NaT":
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else str(value).strip()
