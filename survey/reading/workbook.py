"""Which rows stand in an Excel workbook, and is it safe to look?

A workbook is a ZIP file, and a small one can unfold to gigabytes. Therefore its table of contents is judged before
anything is unpacked; what is unpacked then is never more than the table of contents says (Python's ``zipfile`` sees to
that). Entities and document types in the XML are refused by defusedxml.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, BinaryIO

from survey.problem import Problem

ENTRIES = 200
RATIO = 100
EXCEL_ROWS = 1_048_576
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
"""How .xls files and workbooks with a password begin."""
_ENCRYPTED = 0x1
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*\bref=\"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})\"")
_NOT_RECKONED = re.compile(
    rb"<c r=\"([A-Z]{1,3})(\d{1,7})\"(?![^>]*\bt=\"str\")[^>]*><f(?:[^>]*/>|[^>]*>[^<]*</f>)"
    rb"\s*(?:<v\s*/>|<v></v>)?\s*</c>"
)
_CHUNK = 1 << 20
_MERGES_TOLD = 500


@dataclass(frozen=True)
class Limits:
    """How much we are ready to read: bytes of the file, bytes when unpacked, columns, and cells in all."""

    file: int = 5_000_000
    unpacked: int = 50_000_000
    columns: int = 2_000
    cells: int = 4_000_000


@dataclass(frozen=True)
class Merged:
    """Cells that were merged into one; rows and columns count from 1, both ends included."""

    first_column: int
    first_row: int
    last_column: int
    last_row: int
    reference: str


@dataclass(frozen=True)
class Rows:
    """The rows of one sheet as text, each as long as its last cell that holds something.

    ``not_reckoned`` are the first cells with a formula whose result no spreadsheet has saved: they read as empty.
    """

    sheet: str
    sheets: tuple[str, ...]
    rows: list[Sequence[str]]
    merged: tuple[Merged, ...]
    not_reckoned: tuple[Merged, ...] = ()


def check_archive(content: bytes, where: str, limits: Limits) -> None:
    """Judge a workbook by its table of contents. Raises ``Problem`` for a bomb, a password, or what is no workbook."""
    if len(content) > limits.file:
        raise Problem("workbook.too_large", where=where, size=_megabytes(len(content)), limit=_megabytes(limits.file))
    if content[:4] == OLD_EXCEL:
        raise Problem("workbook.old", where=where)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Problem("workbook.broken", where=where, detail=str(error)) from error
    unpacked = sum(entry.file_size for entry in entries)
    suspicious = (
        len(entries) > ENTRIES
        or unpacked > limits.unpacked
        or any(entry.file_size > RATIO * max(entry.compress_size, 1) for entry in entries if entry.file_size > _CHUNK)
        or unpacked > RATIO * max(len(content), 1)
        or any(".." in entry.filename.split("/") or entry.filename.startswith("/") for entry in entries)
    )
    if suspicious:
        raise Problem("workbook.bomb", where=where, size=_megabytes(unpacked), limit=_megabytes(limits.unpacked))
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise Problem("workbook.old", where=where)
    if "[Content_Types].xml" not in {entry.filename for entry in entries}:
        raise Problem("workbook.broken", where=where, detail="[Content_Types].xml")


def read_workbook(content: bytes, where: str, sheet: str | None, limits: Limits) -> Rows:
    """The rows of a sheet: the one that is named, else the only one that holds anything.

    Dates come as 2019-03-04, whole numbers without decimals. Raises ``Problem`` where nothing can be read, or where
    it is not clear which sheet is meant.
    """
    check_archive(content, where, limits)
    import openpyxl

    if not openpyxl.DEFUSEDXML:
        raise Problem("workbook.unsafe")
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            return _chosen(book, where, sheet, limits)
        finally:
            book.close()
    except (Problem, MemoryError):
        raise
    except Exception as error:  # a broken workbook shows itself as almost anything
        raise Problem("workbook.broken", where=where, detail=_reason(error)) from error


def _chosen(book: Any, where: str, sheet: str | None, limits: Limits) -> Rows:
    shown = {found.title: found for found in book.worksheets if found.sheet_state == "visible"}
    if sheet is not None:
        if sheet not in book.sheetnames or not hasattr(book[sheet], "iter_rows"):
            raise Problem("workbook.no_sheet", where=where, sheet=sheet, sheets=", ".join(shown))
        chosen = book[sheet]
    else:
        filled = [found for found in shown.values() if _holds_something(found)]
        if not filled:
            raise Problem("csv.empty", where=where)
        if len(filled) > 1:
            raise Problem("workbook.several_sheets", where=where, sheets=", ".join(found.title for found in filled))
        (chosen,) = filled
    rows = _rows(chosen, where, limits)
    with chosen._get_source() as source:
        merged = tuple(_merged(source))
    with chosen._get_source() as source:
        not_reckoned = tuple(_not_reckoned(source))
    return Rows(chosen.title, tuple(shown), rows, merged, not_reckoned)


def filled_sheets(content: bytes, where: str, limits: Limits) -> tuple[str, ...]:
    """The names of the sheets that hold something, so that a person can choose one."""
    check_archive(content, where, limits)
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            return tuple(s.title for s in book.worksheets if s.sheet_state == "visible" and _holds_something(s))
        finally:
            book.close()
    except Exception as error:
        raise Problem("workbook.broken", where=where, detail=_reason(error)) from error


def _holds_something(sheet: Any) -> bool:
    sheet.reset_dimensions()
    return any(value is not None for row in sheet.iter_rows(max_row=20, values_only=True) for value in row)


def _rows(sheet: Any, where: str, limits: Limits) -> list[Sequence[str]]:
    sheet.reset_dimensions()  # a sheet may claim any size; what counts is what stands in it
    rows: list[Sequence[str]] = []
    cells = 0
    for row in sheet.iter_rows(max_row=EXCEL_ROWS, values_only=True):
        if len(row) > limits.columns:
            raise Problem("workbook.too_wide", where=where, row=len(rows) + 1, columns=len(row), limit=limits.columns)
        cells += len(row)
        if cells > limits.cells:
            raise Problem("workbook.too_many_cells", where=where, limit=limits.cells)
        rows.append([value if type(value) is str else _text(value) for value in row])
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _text(value: Any) -> str:
    """A cell as it would be typed.

    >>> [_text(4), _text(4.0), _text(2.5), _text(None), _text(datetime(2019, 3, 4)), _text(True)]
    ['4', '4', '2.5', '', '2019-03-04', 'TRUE']
    """
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() if value.time() == time(0):
            return value.date().isoformat()
        case datetime() | date():
            return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    return str(value)


def _merged(source: BinaryIO) -> Iterator[Merged]:
    """The merged cells of a sheet, found by a glance over its text: openpyxl does not tell them when it only reads."""
    kept, told = b"", 0
    while chunk := source.read(_CHUNK):
        text = kept + chunk
        end = 0
        for found in _MERGED.finditer(text):
            left, top, right, bottom = (part.decode() for part in found.groups())
            yield Merged(_number(left), int(top), _number(right), int(bottom), f"{left}{top}:{right}{bottom}")
            end, told = found.end(), told + 1
            if told == _MERGES_TOLD:
                return
        kept = text[max(end, len(text) - 300) :]


def _not_reckoned(source: BinaryIO) -> Iterator[Merged]:
    """The cells with a formula and without its result, one for each column."""
    kept, columns = b"", set()
    while chunk := source.read(_CHUNK):
        text = kept + chunk
        for found in _NOT_RECKONED.finditer(text) if b"<f" in text else ():
            letters, row = (part.decode() for part in found.groups())
            if letters not in columns:
                columns.add(letters)
                yield Merged(_number(letters), int(row), _number(letters), int(row), f"{letters}{row}")
        kept = text[-300:]


def _number(letters: str) -> int:
    """The number of a column: A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def _reason(error: BaseException) -> str:
    """What really happened, below what openpyxl makes of it."""
    while beneath := error.__cause__ or error.__context__:
        error = beneath
    return f"{type(error).__name__}: {error}"[:200]


def _megabytes(size: int) -> str:
    return str(-(-size // 1_000_000))
