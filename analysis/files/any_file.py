"""Which cells stand in a file of answers, whether it is CSV, Excel or SPSS, and in which row do its headings stand?

Whatever it was, it becomes a ``Sheet``; which kind it is, is seen from its first bytes, not from its name. Titles may
stand above the headings: of the first twenty rows the one with most known headings holds them. Two rows may make the
headings together: *Harapan* and *Kenyataan* over the numbers of the items, or the numbers over *E* and *P*.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from math import isnan
from pathlib import Path
from typing import Any

from survey.problem import Problem, Problems
from survey.reading.csv_file import DELIMITERS, Sheet, read_bytes, read_sheet
from survey.reading.odd_rows import is_sum
from survey.reading.spoken_headings import only_aspect
from survey.reading.table import ZIP
from survey.reading.workbook import OLD_EXCEL, Limits, Rows, read_workbook

ROWS_SEARCHED = 20
SPSS = (b"$FL2", b"$FL3")
MOST_POINTS = 10
_DENIES = frozenset({"tidak", "kurang", "buruk", "jelek", "bad", "poor", "not", "disagree", "dissatisfied", "never"})
LIMITS = Limits(file=1_000_000_000, unpacked=8_000_000_000, columns=16_384, cells=200_000_000)
"""Whoever runs the command holds the file and the computer; the ratio of a bomb is refused all the same."""

Known = Callable[[str], bool]
"""Whether a heading means something."""
Words = Callable[[str], Mapping[str, int]]
"""The words of the scale on which the answers under a heading stand, in small letters, with their codes."""


def sheet_in(
    path: Path, known: Known, name: str | None = None, words: Words = lambda _: {}, *, from_zero: bool = False
) -> Sheet:
    """The cells of a file and its headings. ``name`` is that of the sheet of a workbook that has several.

    CSV may be in UTF-8, in UTF-16 with a byte order mark, or else in Windows-1252. Of SPSS files codes are read, but
    the value labels of a variable that answers nothing, or whose labels are ``words`` of its scale; a variable whose
    name means nothing may have a label that does; declared missing values are empty. Raises ``Problem``.
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
        return _of_rows(_rows_of_spss(path, known, words, from_zero), where, known)
    if content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise Problem("csv.web_page", where=where)
    sheet = read_sheet(content, where, office_code_page=True)
    if any(map(known, sheet.headings)):
        return _with_second_row(sheet, known)
    return _below_titles(content.decode(sheet.encoding, "replace"), where, known) or sheet


def _with_second_row(sheet: Sheet, known: Known) -> Sheet:
    """The sheet whose first row below the headings belongs to them, if more is known with it."""
    line, _, body = sheet.body.partition("\n")
    headings = _headings_together(sheet.headings, _cells(line, sheet.delimiter), known)
    if len(headings) != len(sheet.headings) or _count(headings, known) <= _count(sheet.headings, known):
        return sheet
    return replace(sheet, headings=headings, body=body, first_row=sheet.first_row + 1)


def _below_titles(text: str, where: str, known: Known) -> Sheet | None:
    """The sheet that begins with the first row that holds known headings, if one does."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at, headings = _headings_in([_cells(line) for line in lines[:ROWS_SEARCHED]], known)
    if not any(map(known, headings)):
        return None
    sheet = read_sheet("\n".join(lines[at:]).encode(), where)
    if len(headings) == len(sheet.headings):
        sheet = replace(sheet, headings=headings)
    return _with_second_row(replace(sheet, first_row=sheet.first_row + at), known)


def _cells(line: str, delimiter: str | None = None) -> Sequence[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter or max(DELIMITERS, key=line.count)), [])
    except csv.Error:
        return []


def _count(headings: Sequence[str], known: Known) -> int:
    return sum(map(known, headings))


def _headings_in(rows: Sequence[Sequence[str]], known: Known) -> tuple[int, tuple[str, ...]]:
    """The place of the row with most known headings, and the headings; the first row when no row has one.

    The row above may belong to them: where it tells expectation from perception, it does.
    """
    found, best = (0, tuple(cell.strip() for cell in rows[0]) if rows else ()), 0
    for at, row in enumerate(rows):
        alone = tuple(cell.strip() for cell in row)
        together = _headings_together(rows[at - 1], row, known) if at else alone
        headings = together if _count(together, known) >= _count(alone, known) else alone
        if (count := _count(headings, known)) > best:
            found, best = (at, headings), count
    return found


def _headings_together(above: Sequence[str], row: Sequence[str], known: Known) -> tuple[str, ...]:
    """The headings that two rows make: a cell above stands over all columns to its right up to the next one."""
    group, found = "", []
    for place, cell in enumerate(map(str.strip, row)):
        own = above[place].strip() if place < len(above) else ""
        group = own or group
        together = f"{group} {cell}"
        one_says_aspect = bool(only_aspect(group)) != bool(only_aspect(cell))
        found.append(together if cell and group and one_says_aspect and known(together) else cell or own)
    return tuple(found)


def _of_rows(rows: Sequence[Sequence[str]], where: str, known: Known) -> Sheet:
    """The sheet that these rows make; what stands to the right of the headings is left out."""
    if not rows:
        raise Problem("csv.empty", where=where)
    at, headings = _headings_in(rows[:ROWS_SEARCHED], known)
    width = len(headings)
    body = io.StringIO()
    writer = csv.writer(body, lineterminator="\n")
    writer.writerows([*row[:width], *[""] * (width - len(row))] for row in rows[at + 1 :])
    return Sheet(where, headings, ",", body.getvalue(), at + 2)


def _refuse_merged(book: Rows, sheet: Sheet, known: Known) -> None:
    """A merged cell keeps its value in its first row and column only, and a formula may have been saved without any."""
    places = [place for place, heading in enumerate(sheet.headings, start=1) if known(heading)]
    for cell in book.not_reckoned:
        if cell.first_column in places:
            raise Problem("csv.not_reckoned", where=sheet.where, cells=cell.reference)
    for merged in book.merged:
        if any(map(is_sum, book.rows[merged.first_row - 1][:1])):
            continue  # this row is told as what it is, not as one to be filled
        used = any(merged.first_column <= place <= merged.last_column for place in places)
        if used and merged.last_row >= sheet.first_row:
            raise Problem("import.merged", where=sheet.where, cells=merged.reference)


def _rows_of_spss(path: Path, known: Known, words: Words, from_zero: bool) -> list[Sequence[str]]:
    """The names of the variables, and below them the values as text."""
    import pyreadstat

    try:
        frame, meta = pyreadstat.read_sav(path)
    except Exception as error:  # a broken file shows itself as almost anything
        raise Problem("csv.spss", where=str(path), detail=str(error)[:200]) from error
    headings, columns, problems = [], [], []
    for variable, described in zip(frame.columns, meta.column_labels, strict=True):
        heading = described if described and not known(variable) and known(described) else variable
        values = frame[variable].tolist()
        labels: Mapping[Any, str] = meta.variable_value_labels.get(variable, {})
        if known(heading):
            labels, doubt = _labels_as_words(labels, values, words(heading), from_zero)
            if doubt:
                problems.append(Problem("csv.spss_labels", where=str(path), column=heading, labels=doubt[:300]))
        headings.append(heading)
        columns.append([str(labels.get(value, "")) or _text(value) for value in values])
    if problems:
        raise Problems(problems)
    return [headings, *zip(*columns, strict=True)]


def _labels_as_words(
    labels: Mapping[Any, str], values: Sequence[Any], words: Mapping[str, int], from_zero: bool
) -> tuple[Mapping[Any, str], str]:
    """The value labels that are read instead of the codes: those that are words of the scale. Else codes are codes.

    And, in words, the labels with which nobody knows what the codes mean: some are words of the scale with other codes
    and others are not, they begin at 0 and nobody said so, or the best code has the worst label.
    """
    said = {code: label for code, label in labels.items() if _plain(label) in words}
    others = {value for value in values if _text(value) and value not in said}
    moved = any(words[_plain(label)] != code + from_zero for code, label in said.items())
    moved = moved or (not from_zero and 0 in labels and bool(words) and max(words.values()) not in labels)
    if words and others and (moved or (not said and _from_best_to_worst(labels))):
        return said, ", ".join(f"{_text(code)} = {label}" for code, label in labels.items())
    return said, ""


def _from_best_to_worst(labels: Mapping[Any, str]) -> bool:
    """Whether the lowest code praises and the highest of the scale (at most 10) denies."""
    codes = sorted(code for code in labels if isinstance(code, int | float) and 0 <= code <= MOST_POINTS)
    if len(codes) < 2:
        return False
    first, last = (set(_plain(labels[code]).split()) for code in (codes[0], codes[-1]))
    return bool(last & _DENIES) and not first & _DENIES


def _plain(text: str) -> str:
    return " ".join(str(text).casefold().split())


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
