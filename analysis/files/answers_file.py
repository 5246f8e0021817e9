"""Which answers stand in a CSV file, in which columns, and what has to be repaired before they can be counted?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analysis.counting.matrix import Matrix
from survey.packed import PackedResponses
from survey.problem import Problem, Problems
from survey.questionnaire import Column, Questionnaire
from survey.reading.answer_cells import PROBLEMS, Codes, limits, read_codes
from survey.reading.csv_file import Sheet, read_bytes, read_sheet, rows_of, some_rows
from survey.reading.headings import mapped, read_mapping, recognised

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
    texts: Iterable[str] = (),
    texts_if_there: Iterable[str] = (),
) -> AnswersFile:
    """The answers in a CSV file with one row per respondent.

    Separated by comma, semicolon or tab; UTF-8 (with or without byte order mark) or UTF-16 with one. Headings as in
    ``Questionnaire.column_called``, or as a ``mapping`` file says. An empty cell or NA is *not answered*. Points shared
    over dimensions stand as points (0 to the total). ``texts`` are headings of other columns to be read as text,
    ``texts_if_there`` those that a file need not have. Raises ``Problem`` with row, column, reason and repair.
    """
    sheet = read_sheet(read_bytes(path), str(path))
    columns = _columns(sheet, questionnaire, mapping)
    text_places = _text_places(sheet, texts, [name for name in texts_if_there if name in sheet.headings])
    if not columns:
        known = ", ".join(column.name for column in questionnaire.columns[:3]) + " …"
        headings = ", ".join(sheet.headings)[:200]
        raise Problem(
            "csv.no_column", where=sheet.where, headings=headings, questionnaire=questionnaire.name, known=known
        )
    codes = read_codes(sheet, columns)
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
        rows=np.flatnonzero(answered) + sheet.first_row,
        texts=_texts(sheet, text_places, np.asarray(answered)),
    )


def _text_places(sheet: Sheet, wanted: Iterable[str], others: Iterable[str]) -> Mapping[str, int]:
    """Where the columns with these headings stand."""
    found = {}
    for heading in dict.fromkeys((*wanted, *others)):
        places = [place for place, given in enumerate(sheet.headings) if given == heading]
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
    sheet: Sheet, places: Mapping[str, int], answered: npt.NDArray[np.bool_]
) -> Mapping[str, npt.NDArray[np.str_]]:
    """The cells of these columns in the rows with an answer, without blanks around them; NA is empty."""
    if not places:
        return {}
    rows = rows_of(sheet)[: len(answered)]
    found = {}
    for heading, place in places.items():
        cells = [row[place].strip() for row in rows]
        found[heading] = np.array(["" if cell.casefold() == "na" else cell for cell in cells], dtype=np.str_)[answered]
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


def _columns(sheet: Sheet, questionnaire: Questionnaire, mapping: Path | None) -> Mapping[int, Column]:
    """Which heading (by place) names which column of the questionnaire."""
    where, row, meaning_of = sheet.where, sheet.first_row - 1, questionnaire.column_called
    if mapping is None:
        return recognised(sheet.headings, meaning_of, where=where, row=row)
    known = [column.name for column in questionnaire.columns]
    pairs = read_mapping(mapping)
    return mapped(sheet.headings, pairs, meaning_of, said_in=str(mapping), where=where, row=row, known=known)


def _complain(sheet: Sheet, columns: Mapping[int, Column], codes: Codes) -> None:
    """Raise ``Problems`` for cells that are no answer: the first ones in full, the others as a number."""
    if not (codes < 0).any():
        return
    rows, places = np.nonzero(codes.T < 0)
    used = list(columns)
    cells = some_rows(sheet, rows[:TOLD_AT_ONCE].tolist())
    problems = []
    for row, place in list(zip(rows.tolist(), places.tolist(), strict=True))[:TOLD_AT_ONCE]:
        column = columns[used[place]]
        low, high = limits(column)
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
