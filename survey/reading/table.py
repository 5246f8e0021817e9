"""Which rows stand in a file that somebody brings, be it CSV or Excel?"""

from collections.abc import Sequence
from dataclasses import dataclass

from survey.problem import Problem
from survey.reading.csv_file import read_sheet, rows_of
from survey.reading.workbook import OLD_EXCEL, Limits, Merged, read_workbook

ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Table:
    """Every row of a file as text, headings and titles above them included.

    ``first`` is the number of the first of ``rows`` in the file. Rows may be of different length; what is missing is
    empty. ``encoding`` is that of a CSV file, ``sheet`` that of a workbook.
    """

    where: str
    rows: Sequence[Sequence[str]]
    first: int = 1
    merged: tuple[Merged, ...] = ()
    sheet: str | None = None
    encoding: str | None = None


def read_table(content: bytes, where: str, *, sheet: str | None = None, limits: Limits) -> Table:
    """The rows of a CSV file or a workbook; which of the two it is, is seen from its first bytes, not from its name.

    Raises ``Problem`` in words that say what to repair.
    """
    if len(content) > limits.file:
        size, limit = (str(-(-number // 1_000_000)) for number in (len(content), limits.file))
        raise Problem("workbook.too_large", where=where, size=size, limit=limit)
    if content[:4] in (ZIP, OLD_EXCEL):
        found = read_workbook(content, where, sheet, limits)
        return Table(where, found.rows, merged=found.merged, sheet=found.sheet)
    read = read_sheet(content, where, office_code_page=True)
    if len(read.headings) > limits.columns:
        row = read.first_row - 1
        raise Problem("workbook.too_wide", where=where, row=row, columns=len(read.headings), limit=limits.columns)
    return Table(where, [read.headings, *rows_of(read)], first=read.first_row - 1, encoding=read.encoding)
