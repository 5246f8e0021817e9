"""Which rows below the headings are no respondents: sums and means, numbers of the columns, rows without their number?

They look like answers as soon as their numbers are on the scale (the mean of three threes is a three), so they are told
before anything is counted, and never guessed away: whoever holds the file deletes them or names them.
"""

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from survey.problem import Problem
from survey.reading.csv_file import Sheet, rows_of
from survey.reading.spoken_headings import plain_heading

_SAYS_SUM = (
    "jumlah total subtotal sum rata rerata mean average avg nrr ikm median modus minimum min maksimum maks maximum max "
    "snilai bobot simpangan standar deviasi deviation stdev std varians variance persentase"
)
_SAYS_OF_WHAT = (
    "nilai skor score unsur per dan tertimbang tertbg pelayanan unit layanan indeks indikator item butir soal semua "
    "keseluruhan ideal standard baku of all tiap setiap jawaban responden respondent kolom grand kumulatif"
)
_SUMS = frozenset(_SAYS_SUM.split())
_BESIDE = frozenset(_SAYS_OF_WHAT.split())
_SIGMA = ("\N{N-ARY SUMMATION}", "\N{GREEK CAPITAL LETTER SIGMA}")
_TOLD = 10


def is_sum(cell: str) -> bool:
    """Whether a cell says that its row is reckoned from others, and says nothing else.

    >>> [is_sum(text) for text in ("Jumlah", "NRR per unsur", "Rata-rata", "Total Quality", "Nilai", "")]
    [True, True, True, False, False, False]
    """
    words = plain_heading(cell).split()
    if cell.strip().startswith(_SIGMA) and len(words) < 5:
        return True
    return any(word in _SUMS for word in words) and all(word in _SUMS or word in _BESIDE for word in words)


def refuse_odd_rows(sheet: Sheet, places: Collection[int]) -> None:
    """Raise ``Problem`` for rows that are no respondents, where the answers stand in the columns at ``places``."""
    if not sheet.body or not places:
        return
    first = next(csv.reader(io.StringIO(sheet.body), delimiter=sheet.delimiter), [])
    _refuse_numbers(sheet, [first[place] for place in sorted(places) if place < len(first)])
    text = words_below(sheet)
    sums = any(word in text for word in _SUMS) or any(sign.casefold() in sheet.body for sign in _SIGMA)
    open_end = _last_line(sheet).lstrip('" ').startswith(sheet.delimiter) and 0 not in places
    if sums or open_end:
        rows = rows_of(sheet)
        _refuse_sums(sheet, rows, places)
        _refuse_without_number(sheet, rows, places)


def words_below(sheet: Sheet) -> str:
    """What stands below the headings, in small letters; nothing where no letter does, as in most files of codes."""
    text = sheet.body.casefold()
    return "" if text == sheet.body.upper() else text


def _refuse_numbers(sheet: Sheet, cells: Sequence[str]) -> None:
    """The first row may number the columns: 1, 2, 3 … or (2), (3), (4) …"""
    numbers = [cell.strip(" ()") for cell in cells]
    if len(numbers) < 4 or not all(number.isascii() and number.isdecimal() for number in numbers):
        return
    if all(int(later) == int(sooner) + 1 for sooner, later in pairwise(numbers)):
        said = ", ".join(cell.strip() for cell in cells[:4]) + " …"
        raise Problem("csv.column_numbers", where=sheet.where, row=sheet.first_row, given=said)


def sum_rows(rows: Sequence[Sequence[str]], places: Collection[int]) -> dict[int, str]:
    """The rows (counted from 0) with something in the columns at ``places`` that say to be sums, and what they say.

    Only the first cell that is no answer speaks for its row: behind a number or a time may stand anything.
    """
    found = {}
    for number, row in enumerate(rows):
        label = next((cell for place, cell in enumerate(row) if place not in places and cell.strip()), "")
        if is_sum(label) and any(place < len(row) and row[place].strip() for place in places):
            found[number] = label.strip()
    return found


def _refuse_sums(sheet: Sheet, rows: Sequence[Sequence[str]], places: Collection[int]) -> None:
    found = sum_rows(rows, places)
    if found:
        numbers = [sheet.first_row + row for row in found]
        given = next(iter(found.values()))[:40]
        raise Problem("csv.sum_rows", where=sheet.where, rows=_list(numbers), given=given, option=_spans(numbers))


def _refuse_without_number(sheet: Sheet, rows: Sequence[Sequence[str]], places: Collection[int]) -> None:
    """The last rows, if they alone have nothing where all others have a number, a name or a time."""
    answered = [at for at, row in enumerate(rows) if any(row[place].strip() for place in places)]
    for place in range(min(places)):
        empty = [at for at in answered if not rows[at][place].strip()]
        if empty and len(answered) - len(empty) >= 2 and answered[-len(empty) :] == empty and len(empty) <= 3:
            numbers = [sheet.first_row + at for at in empty]
            if any(cell.strip() for at in empty for cell in rows[at][: min(places)]):
                continue
            column = sheet.headings[place] or str(place + 1)
            raise Problem(
                "csv.row_without_number", where=sheet.where, rows=_list(numbers), column=column, option=_spans(numbers)
            )


def _last_line(sheet: Sheet) -> str:
    """The last line that holds something besides delimiters and quotation marks."""
    end = sheet.body[-1_000_000:].rstrip(f'\n" {sheet.delimiter}')
    return end[end.rfind("\n") + 1 :]


def _list(rows: Iterable[int]) -> str:
    told = list(map(str, rows))
    return ", ".join(told[:_TOLD]) + (" …" if len(told) > _TOLD else "")


def _spans(rows: Iterable[int]) -> str:
    """The rows as an option says them.

    >>> _spans([2, 46, 47, 48])
    '2 46-48'
    """
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    return " ".join(str(low) if low == high else f"{low}-{high}" for low, high in spans)


def without_rows(sheet: Sheet, said: Iterable[str]) -> Sheet:
    """The same sheet with these rows of the file (``46``, ``46-48``) left empty, so that later rows keep their number.

    Raises ``Problem`` for what is no row below the headings.
    """
    rows = [list(row) for row in rows_of(sheet)]
    last = sheet.first_row + len(rows) - 1
    for text in said:
        low, _, high = text.partition("-")
        span = [int(part) if part.isascii() and part.isdecimal() else 0 for part in (low, high or low)]
        if not sheet.first_row <= span[0] <= span[1] <= last:
            raise Problem("csv.no_row", where=sheet.where, given=text[:40], low=sheet.first_row, high=last)
        for number in range(span[0], span[1] + 1):
            rows[number - sheet.first_row] = [""] * len(sheet.headings)
    body = io.StringIO()
    csv.writer(body, delimiter=sheet.delimiter, lineterminator="\n").writerows(rows)
    return replace(sheet, body=body.getvalue())
