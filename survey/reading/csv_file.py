"""Which headings and which cells stand in a CSV file?"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from survey.problem import Problem

DELIMITERS = ",;\t"
OFFICE = "cp1252"
"""The code page of Excel's plain *CSV* in Indonesia and Western Europe."""


@dataclass(frozen=True)
class Sheet:
    """The text of a file: its headings, and what comes below, from row ``first_row`` of the file on.

    ``encoding`` is the one it was read with.
    """

    where: str
    headings: tuple[str, ...]
    delimiter: str
    body: str
    first_row: int
    encoding: str = "utf-8-sig"


def read_bytes(path: Path) -> bytes:
    """The content of a file. Raises ``Problem`` when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Problem("csv.unreadable", where=str(path), detail=error.strerror or str(error)) from error


def read_sheet(content: bytes, where: str, *, office_code_page: bool = False) -> Sheet:
    """The sheet in a CSV file: separated by comma, semicolon or tab; UTF-8, or UTF-16 with a byte order mark.

    With ``office_code_page`` a file that is not UTF-8 is read as Windows-1252. Raises ``Problem`` with row and column.
    """
    text, encoding = _text(content, where, office_code_page)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first_row = 1
    delimiter = None
    if text[:4].lower() == "sep=" and text[5:6] == "\n":  # what Excel writes to tell itself the delimiter
        delimiter, text, first_row = text[4], text[6:], 2
    while text[:1] == "\n":
        text, first_row = text[1:], first_row + 1
    if not text.strip():
        raise Problem("csv.empty", where=where)
    line, _, body = text.partition("\n")
    delimiter = delimiter or max(DELIMITERS, key=line.count)
    try:
        if line.count('"') % 2:  # a heading that runs over several lines
            reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
            headings = next(reader)
            body = "\n".join(text.split("\n")[reader.line_num :])
        else:
            headings = next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Problem("csv.broken", where=where, row=first_row, detail=str(error)) from error
    return Sheet(where, tuple(heading.strip() for heading in headings), delimiter, body, first_row + 1, encoding)


def _text(content: bytes, where: str, office_code_page: bool) -> tuple[str, str]:
    if content[:4] == b"PK\x03\x04":
        raise Problem("csv.workbook", where=where)
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if office_code_page and encoding == "utf-8-sig" and b"\0" not in content:
            text, encoding = content.decode(OFFICE, "replace"), OFFICE
        else:
            before = content[: error.start]
            line = before.rpartition(b"\n")[2]
            delimiter = max(DELIMITERS, key=lambda sign: content.partition(b"\n")[0].count(sign.encode()))
            row, column = before.count(b"\n") + 1, line.count(delimiter.encode()) + 1
            raise Problem("csv.encoding", where=where, row=row, column=column) from error
    if "\0" in text:
        raise Problem("csv.binary", where=where, row=text.count("\n", 0, text.index("\0")) + 1)
    return text, encoding


def rows_of(sheet: Sheet) -> list[Sequence[str]]:
    """The cells below the headings. An empty line is an empty row: later rows are told by their right number.

    Empty cells beyond the last heading are left out. Raises ``Problem`` for too few or too many cells, and for open
    quotation marks.
    """
    width = len(sheet.headings)
    rows: list[Sequence[str]] = []
    reader = csv.reader(io.StringIO(sheet.body), delimiter=sheet.delimiter, strict=True)
    try:
        for row in reader:
            if not row:
                rows.append([""] * width)
                continue
            if len(row) > width and not any(map(str.strip, row[width:])):
                del row[width:]
            if len(row) != width:
                number = sheet.first_row + len(rows)
                raise Problem("csv.width", where=sheet.where, row=number, cells=len(row), headings=width)
            rows.append(row)
    except csv.Error as error:
        raise Problem("csv.broken", where=sheet.where, row=sheet.first_row + len(rows), detail=str(error)) from error
    return rows


def some_rows(sheet: Sheet, rows: Iterable[int]) -> Mapping[int, Sequence[str]]:
    """The cells of a few rows (counted from 0 below the headings), as they stand in the file."""
    wanted = set(rows)
    last = max(wanted)
    found = {}
    for number, row in enumerate(csv.reader(io.StringIO(sheet.body), delimiter=sheet.delimiter)):
        if number in wanted:
            found[number] = row
        if number >= last:
            break
    return found
