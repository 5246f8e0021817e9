"""Which answers stand in a CSV file, in which columns, and what has to be repaired before they can be counted?"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.matrix import Matrix
from survey.packed import PackedResponses
from survey.problem import Problem, Problems
from survey.questionnaire import Column, Questionnaire
from survey.strict_yaml import read_yaml

DELIMITERS = ",;\t"
NOT_ANSWERED = frozenset({"", "na"})
TOLD_AT_ONCE = 20
ZERO, NEWLINE, QUOTE, POINT, COMMA = (ord(sign) for sign in '0\n".,')
OFF_SCALE, NOT_WHOLE, NOT_A_NUMBER = -1, -2, -3
PROBLEMS = {OFF_SCALE: "csv.off_scale", NOT_WHOLE: "csv.not_whole", NOT_A_NUMBER: "csv.not_a_number"}

Codes = npt.NDArray[np.int16]


@dataclass(frozen=True)
class AnswersFile:
    """The answers of a file. ``columns`` says which heading was read as what; the other headings were left out.

    ``empty_rows`` counts rows without any answer: they are no responses and are not in ``matrix``.
    """

    matrix: Matrix
    columns: Mapping[str, Column]
    left_out_columns: tuple[str, ...]
    empty_rows: int


@dataclass(frozen=True)
class _Sheet:
    """The text of a file: its headings, and what comes below, from row ``first_row`` of the file on."""

    where: str
    headings: tuple[str, ...]
    delimiter: str
    body: str
    first_row: int


def read_answers(path: Path, questionnaire: Questionnaire, mapping: Path | None = None) -> AnswersFile:
    """The answers in a CSV file with one row per respondent.

    Separated by comma, semicolon or tab; UTF-8 (with or without byte order mark) or UTF-16 with one. Headings as in
    ``Questionnaire.column_called``, or as a ``mapping`` file says. An empty cell or NA is *not answered*. Points shared
    over dimensions stand as points (0 to the total). Raises ``Problem`` with row, column, reason and repair.
    """
    sheet = _sheet(path)
    columns = _mapped(sheet, questionnaire, mapping) if mapping else _recognised(sheet, questionnaire)
    if not columns:
        known = ", ".join(column.name for column in questionnaire.columns[:3]) + " …"
        headings = ", ".join(sheet.headings)[:200]
        raise Problem(
            "csv.no_column", where=sheet.where, headings=headings, questionnaire=questionnaire.name, known=known
        )
    table = _fast(sheet, columns)
    codes = _slow(sheet, columns) if table is None else table
    if not codes.shape[1]:
        raise Problem("csv.no_rows", where=sheet.where)
    _complain(sheet, columns, codes)
    answers = np.zeros((codes.shape[1], len(questionnaire.columns)), dtype=np.uint8)
    for column, values in zip(columns.values(), codes, strict=True):
        answers[:, questionnaire.positions[column.name]] = values
    answered = (codes > 0).any(axis=0)
    n = int(np.count_nonzero(answered))
    if not n:
        raise Problem("csv.no_answers", where=sheet.where)
    return AnswersFile(
        matrix=Matrix.from_packed(_packed(questionnaire, answers if n == len(answers) else answers[answered])),
        columns={sheet.headings[place]: column for place, column in columns.items()},
        left_out_columns=tuple(h for place, h in enumerate(sheet.headings) if place not in columns),
        empty_rows=len(answers) - n,
    )


def _packed(questionnaire: Questionnaire, answers: npt.NDArray[np.uint8]) -> PackedResponses:
    """Rows of a file as responses of which only the answers are known."""
    n = len(answers)
    return PackedResponses(
        questionnaire=questionnaire,
        answers=answers,
        profile=np.zeros((n, len(questionnaire.profile)), dtype=np.uint8),
        unit=np.zeros(n, dtype=np.uint16),
        service=np.zeros(n, dtype=np.uint16),
        day=np.zeros(n, dtype=np.int32),
        channel=np.zeros(n, dtype=np.uint8),
        flags=np.zeros(n, dtype=np.uint8),
        last=n,
        newest=None,
    )


def _sheet(path: Path) -> _Sheet:
    where = str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Problem("csv.unreadable", where=where, detail=error.strerror or str(error)) from error
    text = _text(content, where).replace("\r\n", "\n").replace("\r", "\n")
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
    return _Sheet(where, tuple(heading.strip() for heading in headings), delimiter, body, first_row + 1)


def _text(content: bytes, where: str) -> str:
    if content[:4] == b"PK\x03\x04":
        raise Problem("csv.workbook", where=where)
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.rpartition(b"\n")[2]
        delimiter = max(DELIMITERS, key=lambda sign: content.partition(b"\n")[0].count(sign.encode()))
        row, column = before.count(b"\n") + 1, line.count(delimiter.encode()) + 1
        raise Problem("csv.encoding", where=where, row=row, column=column) from error
    if "\0" in text:
        raise Problem("csv.binary", where=where, row=text.count("\n", 0, text.index("\0")) + 1)
    return text


def _recognised(sheet: _Sheet, questionnaire: Questionnaire) -> Mapping[int, Column]:
    """Which heading (by place) names which column of the questionnaire."""
    found: dict[int, Column] = {}
    for place, heading in enumerate(sheet.headings):
        if column := questionnaire.column_called(heading):
            _not_twice(sheet, found, place, column)
            found[place] = column
    return found


def _not_twice(sheet: _Sheet, found: Mapping[int, Column], place: int, column: Column) -> None:
    for other, taken in found.items():
        if taken == column:
            one, two = (f"{sheet.headings[p]} ({p + 1})" for p in (other, place))
            raise Problem(
                "csv.duplicate", where=sheet.where, row=sheet.first_row - 1, one=one, two=two, name=column.name
            )


def _mapped(sheet: _Sheet, questionnaire: Questionnaire, mapping: Path) -> Mapping[int, Column]:
    """The same, as a mapping file says: ``heading: column``. Headings it does not name are left out."""
    found: dict[int, Column] = {}
    where = str(mapping)
    for heading, name in _mapping(mapping).items():
        if not isinstance(heading, str) or not isinstance(name, str):
            raise Problem("csv.mapping_kind", where=where, heading=str(heading)[:60], given=str(name)[:60])
        places = [place for place, given in enumerate(sheet.headings) if given == heading.strip()]
        if not places:
            headings = ", ".join(sheet.headings)[:200]
            raise Problem("csv.mapping_heading", where=where, heading=heading, file=sheet.where, headings=headings)
        if len(places) > 1:
            one, two = (f"{heading} ({place + 1})" for place in places[:2])
            raise Problem("csv.duplicate", where=sheet.where, row=sheet.first_row - 1, one=one, two=two, name=name)
        column = questionnaire.column_called(name)
        if column is None:
            known = ", ".join(column.name for column in questionnaire.columns[:40])
            raise Problem("csv.mapping_column", where=where, heading=heading, name=name, known=known)
        _not_twice(sheet, found, places[0], column)
        found[places[0]] = column
    return dict(sorted(found.items()))


def _mapping(path: Path) -> Mapping[Any, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Problem("csv.unreadable", where=str(path), detail=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise Problem("questionnaire.not_utf8", where=str(path)) from error
    if path.suffix.lower() != ".json":
        return read_yaml(text, str(path))
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise Problem("yaml.syntax", where=str(path), line=error.lineno, detail=error.msg) from error
    if not isinstance(content, dict):
        raise Problem("yaml.not_a_mapping", where=str(path))
    return content


def _fast(sheet: _Sheet, columns: Mapping[int, Column]) -> Codes | None:
    """(used columns, rows) codes of a file in which every row has every column; None for a file that is not so plain.

    One pass over the bytes finds where the cells begin and end. Usual cells (4, 4.0, "4", 12, empty) are read all at
    once; the others, mistakes among them, one by one.
    """
    content = sheet.body.rstrip("\n").encode() + b"\n"
    if content == b"\n":
        return np.zeros((len(columns), 0), dtype=np.int16)
    signs = np.frombuffer(content, dtype=np.uint8)
    ends = np.flatnonzero((signs == ord(sheet.delimiter)) | (signs == NEWLINE))
    if '"' in sheet.body:
        inside = np.cumsum(signs == QUOTE, dtype=np.int32) % 2 == 1
        if inside[-1]:
            return None
        ends = ends[~inside[ends]]
    width = len(sheet.headings)
    if len(ends) % width:
        return None
    is_end_of_row = (signs[ends] == NEWLINE).reshape(-1, width)
    if not is_end_of_row[:, -1].all() or is_end_of_row[:, :-1].any():
        return None
    begins = np.empty_like(ends)
    begins[0], begins[1:] = 0, ends[:-1] + 1
    codes = np.zeros((len(columns), len(ends) // width), dtype=np.int16)
    for into, (place, column) in zip(codes, columns.items(), strict=True):
        begin, end = begins[place::width], ends[place::width]
        odd = np.flatnonzero(~_usual(signs, begin, end, column, into))
        if len(odd):
            read = _Cells(column)
            pieces = zip(begin[odd].tolist(), end[odd].tolist(), strict=True)
            into[odd] = [read[_unquoted(content[low:high].decode())] for low, high in pieces]
    return codes


def _usual(
    signs: npt.NDArray[np.uint8], begin: npt.NDArray[np.intp], end: npt.NDArray[np.intp], column: Column, into: Codes
) -> npt.NDArray[np.bool_]:
    """Read the cells that hold one or two digits, or nothing, into ``into``; tell where that went well."""
    length = end - begin
    first = signs[begin]
    quoted = (first == QUOTE) & (length >= 2)
    if quoted.any():
        begin = begin + quoted
        length = length - 2 * (quoted & (signs[end - 1] == QUOTE))
        first = signs[begin]
    last = len(signs) - 1
    second, third = signs[np.minimum(begin + 1, last)], signs[np.minimum(begin + 2, last)]
    digit = first.astype(np.int16) - ZERO
    next_digit = second.astype(np.int16) - ZERO
    one = (length == 1) | ((length == 3) & ((second == POINT) | (second == COMMA)) & (third == ZERO))
    two = (length == 2) & (next_digit >= 0) & (next_digit <= 9)
    value = np.where(two, 10 * digit + next_digit, digit)
    lowest, highest = _limits(column)
    good = (one | two) & (digit >= 0) & (digit <= 9) & (value >= lowest) & (value <= highest)
    np.copyto(into, np.where(good, value + (1 - lowest), 0))
    usual: npt.NDArray[np.bool_] = good | (length == 0)
    return usual


def _unquoted(cell: str) -> str:
    cell = cell.strip()
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell


def _slow(sheet: _Sheet, columns: Mapping[int, Column]) -> Codes:
    """The same for any CSV file. An empty line is an empty row. Raises ``Problem`` for too few or too many cells."""
    width = len(sheet.headings)
    rows: list[Sequence[str]] = []
    reader = csv.reader(io.StringIO(sheet.body), delimiter=sheet.delimiter, strict=True)
    try:
        for row in reader:
            if not row:
                rows.append([""] * width)  # keeps its place, so that later rows are told by their right number
                continue
            if len(row) != width:
                number = sheet.first_row + len(rows)
                raise Problem("csv.width", where=sheet.where, row=number, cells=len(row), headings=width)
            rows.append(row)
    except csv.Error as error:
        raise Problem("csv.broken", where=sheet.where, row=sheet.first_row + len(rows), detail=str(error)) from error
    codes = np.zeros((len(columns), len(rows)), dtype=np.int16)
    for into, (place, column) in zip(codes, columns.items(), strict=True):
        read = _Cells(column)
        into[:] = np.fromiter((read[row[place]] for row in rows), dtype=np.int16, count=len(rows))
    return codes


class _Cells(dict[str, int]):
    """The code of a cell of one column, or a negative number saying what is wrong; each different cell is read once."""

    def __init__(self, column: Column) -> None:
        super().__init__()
        self.column = column

    def __missing__(self, cell: str) -> int:
        self[cell] = code = _code(cell.strip(), self.column)
        return code


def _code(cell: str, column: Column) -> int:
    if cell.casefold() in NOT_ANSWERED:
        return 0
    try:
        value = float(cell.replace(",", "."))
    except ValueError:
        return NOT_A_NUMBER
    if not isfinite(value):
        return NOT_A_NUMBER
    if value != int(value):
        return NOT_WHOLE
    lowest, highest = _limits(column)
    if not lowest <= value <= highest:
        return OFF_SCALE
    return int(value) + 1 - lowest


def _limits(column: Column) -> tuple[int, int]:
    """What a cell may say: a code from 1, or points from 0."""
    return (1, column.codes) if column.item else (0, column.codes - 1)


def _complain(sheet: _Sheet, columns: Mapping[int, Column], codes: Codes) -> None:
    """Raise ``Problems`` for cells that are no answer: the first ones in full, the others as a number."""
    if not (codes < 0).any():
        return
    rows, places = np.nonzero(codes.T < 0)
    used = list(columns)
    cells = _cells(sheet, rows[:TOLD_AT_ONCE])
    problems = []
    for row, place in list(zip(rows.tolist(), places.tolist(), strict=True))[:TOLD_AT_ONCE]:
        column = columns[used[place]]
        low, high = _limits(column)
        problems.append(
            Problem(
                PROBLEMS[int(codes[place, row])],
                where=sheet.where,
                row=sheet.first_row + row,
                column=sheet.headings[used[place]] or str(used[place] + 1),
                given=cells[row][used[place]].strip()[:40],
                low=low,
                high=high,
            )
        )
    if len(rows) > TOLD_AT_ONCE:
        problems.append(Problem("csv.more", where=sheet.where, count=len(rows) - TOLD_AT_ONCE))
    raise Problems(problems)


def _cells(sheet: _Sheet, rows: Iterable[np.intp]) -> Mapping[int, Sequence[str]]:
    """The cells of a few rows, as they stand in the file."""
    wanted = {int(row) for row in rows}
    last = max(wanted)
    found = {}
    for number, row in enumerate(csv.reader(io.StringIO(sheet.body), delimiter=sheet.delimiter)):
        if number in wanted:
            found[number] = row
        if number >= last:
            break
    return found
