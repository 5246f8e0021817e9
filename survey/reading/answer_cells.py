"""Which answer does a cell hold, or what is wrong with it?"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import isfinite

import numpy as np
import numpy.typing as npt

from survey.questionnaire import Column
from survey.reading.csv_file import Sheet, rows_of

NOT_ANSWERED = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "#null!", ".", "-", "\N{EN DASH}"})
"""What the usual programs write into a cell without an answer, in small letters."""
OFF_SCALE, NOT_WHOLE, NOT_A_NUMBER = -1, -2, -3
PROBLEMS = {OFF_SCALE: "csv.off_scale", NOT_WHOLE: "csv.not_whole", NOT_A_NUMBER: "csv.not_a_number"}
_CODE_FIRST = re.compile(r"\(?(\d{1,2})(?=\D)([)\-\N{EN DASH}.:=\s]*)\(?([^\W\d].*?)\)?")
_CODE_LAST = re.compile(r"([^\W\d].*?)\s*([(\[]?)[-\N{EN DASH}:=\s]*(?<=\W)(\d{1,2})[)\]]?")
_LETTER_FIRST = re.compile(r"\(?[a-j][.):\-]\s*(.+)")
A_BEST, A_WORST = "a-best", "a-worst"
ZERO, NEWLINE, QUOTE, POINT, COMMA = (ord(sign) for sign in '0\n".,')

Codes = npt.NDArray[np.int16]
"""(columns, rows): 0 not answered, from 1 a code as it is stored, below 0 what is wrong with the cell."""


@dataclass(frozen=True)
class Writing:
    """How answers are written in a file. ``missing`` are texts that mean *not answered* there.

    With ``from_zero`` the lowest answer is 0 instead of 1. ``letters`` says which end of the scale *a* is, ``A_BEST``
    or ``A_WORST``; without it a letter alone is no answer, because forms use both.
    """

    missing: Collection[str] = ()
    from_zero: bool = False
    letters: str | None = None


USUAL = Writing()


def read_codes(sheet: Sheet, columns: Mapping[int, Column], writing: Writing = USUAL) -> Codes:
    """The codes of the columns that stand at these places of the sheet, words of the scales understood.

    A code of the scale among the texts that mean *not answered* is taken for one.
    """
    codes = None if _on_a_scale(writing, columns) else _fast(sheet, columns, writing)
    return _slow(sheet, columns, writing) if codes is None else codes


def _on_a_scale(writing: Writing, columns: Mapping[int, Column]) -> bool:
    """Whether a cell that means *not answered* looks like an answer, which the quick reader would take it for."""
    used = columns.values()
    return any(_code(_plain(text), column, writing.from_zero) > 0 for text in writing.missing for column in used)


def limits(column: Column, *, from_zero: bool = False) -> tuple[int, int]:
    """What a cell may say: a code from 1 (or from 0), or points from 0."""
    return (1, column.codes) if column.item and not from_zero else (0, column.codes - 1)


def words_of(column: Column | None) -> Mapping[str, int]:
    """The code of each word of a column's scale, in small letters, in any of its languages."""
    labels = column.question.scale.labels if column and column.question else {}
    return {_plain(said): code for code, label in labels.items() for said in label.values()}


class AnswerCells(dict[str, int]):
    """The code of a cell of one column, or a negative number saying what is wrong; each different cell is read once.

    With ``worded`` the words of the scale, in any of its languages, mean their code too, also with the code or a letter
    beside them (*4 - Sangat baik*, *d. Sangat baik*); a code beside the words of another one is no answer.
    """

    def __init__(self, column: Column, *, worded: bool = False, writing: Writing = USUAL) -> None:
        super().__init__()
        self.column = column
        self.worded = worded
        self.writing = writing
        self.words = words_of(column) if worded else {}
        self.missing = frozenset(map(_plain, writing.missing))

    def __missing__(self, cell: str) -> int:
        text = _plain(cell)
        missing = text in self.missing or text.removesuffix(".0") in self.missing
        code = 0 if missing else _code(text, self.column, self.writing.from_zero)
        if code == NOT_A_NUMBER and self.worded:
            code = self.words.get(text) or self._of_letter(text) or self._with_words(text)
        self[cell] = code
        return code

    def _of_letter(self, text: str) -> int:
        """The code of a letter, 0 where it is none of this scale."""
        place = ord(text) - ord("a") + 1 if self.writing.letters and len(text) == 1 else 0
        if not 1 <= place <= self.column.codes:
            return 0
        return place if self.writing.letters == A_WORST else self.column.codes + 1 - place

    def _with_words(self, text: str) -> int:
        """The code of a cell that holds a code and words: its own words, or any others behind a sign."""
        if (found := _LETTER_FIRST.fullmatch(text)) and found[1] in self.words:
            return self.words[found[1]]
        if found := _CODE_FIRST.fullmatch(text):
            digits, sign, words = found.groups()
        elif found := _CODE_LAST.fullmatch(text):
            words, sign, digits = found.groups()
        else:
            return NOT_A_NUMBER
        code = _code(digits, self.column, self.writing.from_zero)
        if words in self.words:
            return code if self.words[words] == code else NOT_A_NUMBER
        return code if sign.strip() else NOT_A_NUMBER


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _code(cell: str, column: Column, from_zero: bool = False) -> int:
    if cell in NOT_ANSWERED:
        return 0
    try:
        value = float(cell.replace(",", "."))
    except ValueError:
        return NOT_A_NUMBER
    if not isfinite(value):
        return NOT_A_NUMBER
    if value != int(value):
        return NOT_WHOLE
    lowest, highest = limits(column, from_zero=from_zero)
    if not lowest <= value <= highest:
        return OFF_SCALE
    return int(value) + 1 - lowest


def _fast(sheet: Sheet, columns: Mapping[int, Column], writing: Writing) -> Codes | None:
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
        odd = np.flatnonzero(~_usual(signs, begin, end, limits(column, from_zero=writing.from_zero), into))
        if len(odd):
            read = AnswerCells(column, worded=True, writing=writing)
            pieces = zip(begin[odd].tolist(), end[odd].tolist(), strict=True)
            into[odd] = [read[_unquoted(content[low:high].decode())] for low, high in pieces]
    return codes


def _usual(
    signs: npt.NDArray[np.uint8],
    begin: npt.NDArray[np.intp],
    end: npt.NDArray[np.intp],
    allowed: tuple[int, int],
    into: Codes,
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
    lowest, highest = allowed
    good = (one | two) & (digit >= 0) & (digit <= 9) & (value >= lowest) & (value <= highest)
    np.copyto(into, np.where(good, value + (1 - lowest), 0))
    usual: npt.NDArray[np.bool_] = good | (length == 0)
    return usual


def _unquoted(cell: str) -> str:
    cell = cell.strip()
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell


def _slow(sheet: Sheet, columns: Mapping[int, Column], writing: Writing) -> Codes:
    """The same for any CSV file. Raises ``Problem`` for too few or too many cells."""
    rows = rows_of(sheet)
    codes = np.zeros((len(columns), len(rows)), dtype=np.int16)
    for into, (place, column) in zip(codes, columns.items(), strict=True):
        read = AnswerCells(column, worded=True, writing=writing)
        into[:] = np.fromiter((read[row[place]] for row in rows), dtype=np.int16, count=len(rows))
    return codes
