"""Which answers stand in a file, in which columns, and what has to be repaired before they can be counted?"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analysis.counting.matrix import Matrix
from analysis.files.any_file import sheet_in
from analysis.files.doubtful_columns import refuse_doubtful_columns
from survey.packed import PackedResponses
from survey.problem import Problem, Problems
from survey.questionnaire import Column, Questionnaire
from survey.reading.answer_cells import (
    NOT_A_NUMBER,
    NOT_ANSWERED,
    OFF_SCALE,
    PROBLEMS,
    USUAL,
    Codes,
    Writing,
    limits,
    read_codes,
    words_of,
)
from survey.reading.csv_file import Sheet, rows_of, some_rows
from survey.reading.days import read_days
from survey.reading.headings import mapped, read_mapping, recognised
from survey.reading.odd_rows import refuse_odd_rows, without_rows
from survey.reading.spoken_headings import column_finder

TOLD_AT_ONCE = 20


@dataclass(frozen=True)
class AnswersFile:
    """The answers of a file. ``columns`` says which heading was read as what; the other headings were left out.

    ``empty_rows`` counts rows without any answer: they are no responses and are not in ``matrix``. ``rows`` (n,) is the
    row of each response in the file; ``texts`` (n,) are the cells of other columns that were asked for, by heading.
    """

    matrix: Matrix
    columns: Mapping[str, Column]
    left_out_columns: tuple[str, ...]
    empty_rows: int
    rows: npt.NDArray[np.int64]
    texts: Mapping[str, npt.NDArray[np.str_]]

    def chosen(self, keep: npt.NDArray[np.bool_]) -> "AnswersFile":
        """The same for the responses for which ``keep`` (n,) is true."""
        texts = {heading: cells[keep] for heading, cells in self.texts.items()}
        return replace(self, matrix=self.matrix.select(keep), rows=self.rows[keep], texts=texts)


def on_days(matrix: Matrix, days: npt.NDArray[np.int64]) -> Matrix:
    """The same answers on these ``days`` (n,), as yyyymmdd."""
    packed = _packed(matrix.questionnaire, np.ascontiguousarray(matrix.answers.T))
    return Matrix.from_packed(replace(packed, day=days.astype(np.int32)))


def read_answers(
    path: Path,
    questionnaire: Questionnaire,
    mapping: Path | None = None,
    *,
    sheet: str | None = None,
    writing: Writing = USUAL,
    turned: Collection[str] = (),
    without: Collection[str] = (),
    texts: Iterable[str] = (),
    texts_if_there: Iterable[str] = (),
) -> AnswersFile:
    """The answers in a CSV, Excel or SPSS file with one row per respondent (see ``any_file``).

    Headings as in ``spoken_headings``, or as a ``mapping`` file says. Cells as in ``AnswerCells``; ``sheet`` is that of
    a workbook. ``turned`` are headings of questions that were worded negatively: their codes are counted from the other
    end. ``without`` are rows of the file that are no respondents (``46``, ``46-48``). Points shared over dimensions
    stand as points (0 to the total). ``texts`` are headings of other columns to be read as text, ``texts_if_there``
    those that a file need not have. Raises ``Problem`` with row, column, reason and repair.
    """
    pairs = None if mapping is None else read_mapping(mapping)
    finder = column_finder(questionnaire)
    named = {heading.strip() for heading in pairs or {}}

    def known(heading: str) -> bool:
        return finder(heading) is not None if pairs is None else heading.strip() in named

    def words(heading: str) -> Mapping[str, int]:
        named = finder(heading if pairs is None else pairs.get(heading, ""))
        around = {text.strip().casefold() for text in turned}
        return {} if named is None or {heading.casefold(), named.name.casefold()} & around else words_of(named)

    cells = sheet_in(path, known, sheet, words, from_zero=writing.from_zero)
    columns = _columns(cells, questionnaire, finder, pairs, str(mapping))
    if without:
        cells = without_rows(cells, without)
    if pairs is None:
        refuse_doubtful_columns(cells, columns, questionnaire)
    refuse_odd_rows(cells, columns)
    return _answers_in(
        cells,
        questionnaire,
        columns,
        finder,
        writing=writing,
        turned=turned,
        text_places=_text_places(cells, texts, texts_if_there),
    )


def _answers_in(
    sheet: Sheet,
    questionnaire: Questionnaire,
    columns: Mapping[int, Column],
    finder: Callable[[str], Column | None],
    *,
    writing: Writing,
    turned: Iterable[str],
    text_places: Mapping[str, int],
) -> AnswersFile:
    if not columns:
        known = ", ".join(column.name for column in questionnaire.columns[:3]) + " …"
        headings = ", ".join(sheet.headings)[:200]
        raise Problem(
            "csv.no_column", where=sheet.where, headings=headings, questionnaire=questionnaire.name, known=known
        )
    around = _turned(sheet, columns, turned)
    codes = read_codes(sheet, columns, writing)
    if not codes.shape[1]:
        raise Problem("csv.no_rows", where=sheet.where)
    _complain(sheet, columns, codes, finder, writing)
    answers = np.zeros((codes.shape[1], len(questionnaire.columns)), dtype=np.uint8)
    for column, values in zip(columns.values(), codes, strict=True):
        own = np.where(values > 0, column.codes + 1 - values, 0) if column.name in around else values
        answers[:, questionnaire.positions[column.name]] = own
    answered = (codes > 0).any(axis=0)
    n = int(np.count_nonzero(answered))
    if not n:
        raise Problem("csv.no_answers", where=sheet.where)
    return AnswersFile(
        matrix=Matrix.from_packed(_packed(questionnaire, answers if n == len(answers) else answers[answered])),
        columns={sheet.headings[place]: column for place, column in columns.items()},
        left_out_columns=tuple(h for place, h in enumerate(sheet.headings) if place not in columns),
        empty_rows=len(answers) - n,
        rows=np.flatnonzero(answered) + sheet.first_row,
        texts=_texts(sheet, text_places, np.asarray(answered), writing.missing),
    )


def _turned(sheet: Sheet, columns: Mapping[int, Column], headings: Iterable[str]) -> frozenset[str]:
    """The names of the columns under these headings."""
    found = set()
    for heading in headings:
        at = [place for place in columns if sheet.headings[place].casefold() == heading.strip().casefold()]
        name = next((c.name for c in columns.values() if c.name.casefold() == heading.strip().casefold()), None)
        if not at and name is None:
            used = ", ".join(sheet.headings[place] for place in columns)[:400]
            raise Problem("csv.no_heading", where=sheet.where, heading=heading, headings=used)
        found.add(columns[at[0]].name if at else str(name))
    return frozenset(found)


def _text_places(sheet: Sheet, wanted: Iterable[str], others: Iterable[str]) -> Mapping[str, int]:
    """Where the columns with these headings stand; upper and lower case are the same if none is written exactly so."""
    found, needed = {}, set(wanted)
    for heading in dict.fromkeys((*wanted, *others)):
        places = [place for place, given in enumerate(sheet.headings) if given == heading]
        places = places or [p for p, given in enumerate(sheet.headings) if given.casefold() == heading.casefold()]
        if not places and heading not in needed:
            continue
        if not places:
            raise Problem(
                "csv.no_heading", where=sheet.where, heading=heading, headings=", ".join(sheet.headings)[:400]
            )
        if len(places) > 1:
            one, two = (f"{heading} ({place + 1})" for place in places[:2])
            raise Problem("csv.duplicate", where=sheet.where, row=sheet.first_row - 1, one=one, two=two, name=heading)
        found[heading] = places[0]
    return found


def _texts(
    sheet: Sheet, places: Mapping[str, int], answered: npt.NDArray[np.bool_], missing: Collection[str]
) -> Mapping[str, npt.NDArray[np.str_]]:
    """The cells of these columns in the rows with an answer, without blanks around them; *not answered* is empty."""
    if not places:
        return {}
    rows = rows_of(sheet)[: len(answered)]
    nothing = NOT_ANSWERED | {text.strip().casefold() for text in missing}
    found = {}
    for heading, place in places.items():
        cells = [row[place].strip() for row in rows]
        found[heading] = np.array(["" if cell.casefold() in nothing else cell for cell in cells], np.str_)[answered]
    return found


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


def _columns(
    sheet: Sheet,
    questionnaire: Questionnaire,
    finder: Callable[[str], Column | None],
    pairs: Mapping[str, str] | None,
    said_in: str,
) -> Mapping[int, Column]:
    """Which heading (by place) names which column of the questionnaire."""
    where, row = sheet.where, sheet.first_row - 1
    if pairs is None:
        return recognised(sheet.headings, finder, where=where, row=row)
    known = [column.name for column in questionnaire.columns]
    return mapped(sheet.headings, pairs, finder, said_in=said_in, where=where, row=row, known=known)


def _complain(
    sheet: Sheet,
    columns: Mapping[int, Column],
    codes: Codes,
    finder: Callable[[str], Column | None],
    writing: Writing,
) -> None:
    """Raise ``Problems`` for cells that are no answer: the first ones in full, the others as a number.

    A row that repeats the headings is told once.
    """
    if not (codes < 0).any():
        return
    rows, places = np.nonzero(codes.T < 0)
    used = list(columns)
    cells = some_rows(sheet, rows[:TOLD_AT_ONCE].tolist())
    problems, repeated = [], set()
    for row, place in list(zip(rows.tolist(), places.tolist(), strict=True))[:TOLD_AT_ONCE]:
        column = columns[used[place]]
        low, high = limits(column, from_zero=writing.from_zero)
        given = cells[row][used[place]].strip()
        key = _what_is_wrong(int(codes[place, row]), given, column, finder)
        if row in repeated and key == "csv.heading_below":
            continue
        if key == "csv.heading_below":
            repeated.add(row)
        problems.append(
            Problem(
                key,
                where=sheet.where,
                row=sheet.first_row + row,
                column=sheet.headings[used[place]] or str(used[place] + 1),
                given=given[:40],
                low=low,
                high=high,
                last=column.codes - 1,
            )
        )
    if len(rows) > TOLD_AT_ONCE:
        problems.append(Problem("csv.more", where=sheet.where, count=len(rows) - TOLD_AT_ONCE))
    raise Problems(problems)


def _what_is_wrong(code: int, given: str, column: Column, finder: Callable[[str], Column | None]) -> str:
    """The problem of a cell; some mistakes are known well enough to say what they probably are."""
    if code == OFF_SCALE and given in ("0", "0.0", "0,0") and column.item:
        return "csv.zero"
    if code == NOT_A_NUMBER and len(given) == 1 and "a" <= given.casefold() <= "j":
        return "csv.letter"
    if code == NOT_A_NUMBER and finder(given) is not None:
        return "csv.heading_below"
    if code == NOT_A_NUMBER and any(read_days([given]).values()):
        return "csv.a_day"
    return PROBLEMS[code]
