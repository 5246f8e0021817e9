"""What does a file say of each respondent besides the answers: groups, days, an overall judgement, what counts?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.files.answers_file import AnswersFile
from analysis.files.background import CHANNEL, SERVICE, UNIT, Background, Grouping, Overall
from analysis.files.codebook import profile_names
from survey.problem import Problem
from survey.questionnaire import Questionnaire
from survey.reading.csv_file import read_bytes, read_sheet, rows_of
from survey.reading.days import read_days

COUNTED, FLAGGED = "counted", "flagged"
DATES = ("date", "month")
OVERALL = "overall"
MOST_GROUPS = 200
MOST_POINTS = 100
MARGINS = ("variable", "group", "people")


@dataclass(frozen=True)
class Wanted:
    """Which columns of a file say what; None and empty: those with the usual headings, where the file has them."""

    groups: tuple[str, ...] = ()
    unit: str | None = None
    mode: str | None = None
    overall: str | None = None
    overall_points: int | None = None
    date: str | None = None
    population: int | None = None
    target: int | None = None
    margins: tuple[Path, ...] = ()

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings that the file must have."""
        named = (*self.groups, self.unit, self.mode, self.overall, self.date)
        return tuple(dict.fromkeys(heading for heading in named if heading))


def usual_headings(questionnaire: Questionnaire) -> tuple[str, ...]:
    """What is read without being asked for: the columns that a package of our own has, and ``overall``."""
    return (UNIT, SERVICE, CHANNEL, *profile_names(questionnaire), *DATES, OVERALL)


def background_in(
    answers: AnswersFile, wanted: Wanted, questionnaire: Questionnaire, *, where: str
) -> tuple[Background, dict[str, Any]]:
    """What is known of the respondents of a file, and which columns that was read from (for the JSON).

    Raises ``Problem`` for cells that are no day or no judgement, for too many groups, and for margins that fit nothing.
    """
    texts = answers.texts
    units = wanted.unit or (UNIT if UNIT in texts else None)
    mode = wanted.mode or (CHANNEL if CHANNEL in texts else None)
    usual = (UNIT, SERVICE, CHANNEL, *profile_names(questionnaire))
    groups = wanted.groups or tuple(name for name in usual if name in texts)
    groups = tuple(dict.fromkeys(name for name in (units, mode, *groups) if name))
    day = wanted.date or next((name for name in DATES if name in texts), None)
    overall = wanted.overall or (OVERALL if OVERALL in texts else None)
    groupings = tuple(_grouping(name, texts[name], where) for name in groups)
    found = Background(
        groupings=groupings,
        unit=units,
        mode=mode,
        overall=_overall(overall, answers, wanted.overall_points, where) if overall else None,
        days=_days(day, answers, where) if day else None,
        population=wanted.population,
        margins=read_margins(wanted.margins, groupings),
        target=wanted.target,
    )
    read = {"groups": list(groups), "unit": units, "mode": mode, "overall": overall, "date": day}
    return found, read


def counted_in(answers: AnswersFile, where: str) -> npt.NDArray[np.bool_] | None:
    """(n,) which responses of a package of our own count; None when the file does not say."""
    return _yes_or_no(COUNTED, answers, where, otherwise=True)


def flagged_in(answers: AnswersFile, where: str) -> npt.NDArray[np.bool_] | None:
    """(n,) which deserve a second look; None when the file does not say."""
    return _yes_or_no(FLAGGED, answers, where, otherwise=False)


def _yes_or_no(heading: str, answers: AnswersFile, where: str, *, otherwise: bool) -> npt.NDArray[np.bool_] | None:
    texts = answers.texts.get(heading)
    if texts is None:
        return None
    wrong = ~np.isin(texts, ["", "0", "1"])
    _complain_about(wrong, "csv.not_yes_or_no", heading, answers, where)
    return np.asarray((texts == "1") | ((texts == "") & otherwise))


def _complain_about(
    wrong: npt.NDArray[np.bool_], problem: str, heading: str, answers: AnswersFile, where: str, **params: Any
) -> None:
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        given = str(answers.texts[heading][at])[:40]
        raise Problem(problem, where=where, row=int(answers.rows[at]), column=heading, given=given, **params)


def _grouping(name: str, texts: npt.NDArray[np.str_], where: str) -> Grouping:
    found = Grouping.of_texts(name, texts)
    if len(found.names) > MOST_GROUPS:
        raise Problem("csv.too_many_groups", where=where, column=name, count=len(found.names), limit=MOST_GROUPS)
    return found


def _overall(heading: str, answers: AnswersFile, points: int | None, where: str) -> Overall:
    """The overall judgement. Without ``points`` its scale ends at the highest answer that occurs."""
    highest = points or MOST_POINTS
    known: dict[str, int] = {}
    for text in np.unique(answers.texts[heading]):
        known[str(text)] = _code(str(text), highest)
    codes = np.array([known[str(text)] for text in answers.texts[heading]], dtype=np.int64)
    _complain_about(codes < 0, "csv.off_overall", heading, answers, where, low=1, high=highest)
    return Overall(heading, codes.astype(np.uint8), points or max(int(codes.max(initial=0)), 2))


def _code(text: str, highest: int) -> int:
    if not text:
        return 0
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return -1
    return int(value) if value in range(1, highest + 1) else -1


def _days(heading: str, answers: AnswersFile, where: str) -> npt.NDArray[np.int64]:
    """(n,) yyyymmdd of days, and of months (2026-11, 202611, 11/2026), which count as their first day; 0 = empty."""
    texts = answers.texts[heading]
    known = {"": 0}
    others = []
    for text in map(str, np.unique(texts)):
        month = _month(text)
        if month:
            known[text] = month * 100 + 1
        elif text:
            others.append(text)
    for text, day in read_days(others).items():
        known[text] = -1 if day is None else day.year * 10_000 + day.month * 100 + day.day
    days = np.array([known[str(text)] for text in texts], dtype=np.int64)
    _complain_about(days < 0, "csv.no_day", heading, answers, where)
    return days


def _month(text: str) -> int:
    """The month as yyyymm, 0 when the text is none."""
    for mark in "-/":
        text = text.replace(mark, " ")
    parts = text.split()
    if len(parts) == 1 and len(text) == 6:
        parts = [text[:4], text[4:]]
    if len(parts) != 2 or not all(part.isdecimal() for part in parts):
        return 0
    year, month = (parts[0], parts[1]) if len(parts[0]) == 4 else (parts[1], parts[0])
    try:
        found = date(int(year), int(month), 1)
    except ValueError:
        return 0
    return found.year * 100 + found.month if len(year) == 4 else 0


def read_margins(files: Iterable[Path], groupings: Sequence[Grouping]) -> Mapping[str, Mapping[str, float]]:
    """People by group, from CSV files with the headings ``variable``, ``group`` and ``people``."""
    known = {grouping.name: grouping for grouping in groupings}
    found: dict[str, dict[str, float]] = {}
    for file in files:
        sheet = read_sheet(read_bytes(file), str(file))
        places = [sheet.headings.index(name) if name in sheet.headings else -1 for name in MARGINS]
        if -1 in places:
            raise Problem("csv.margin_headings", where=str(file), headings=", ".join(sheet.headings)[:200])
        for number, row in enumerate(rows_of(sheet)):
            variable, group, people = (row[place].strip() for place in places)
            if not (variable or group or people):
                continue
            where = {"where": str(file), "row": sheet.first_row + number}
            if variable not in known:
                raise Problem("csv.margin_variable", **where, given=variable, known=", ".join(known) or "-")
            value = _people(people)
            if value is None:
                raise Problem("csv.margin_people", **where, given=people[:40])
            if group in found.setdefault(variable, {}):
                raise Problem("csv.margin_twice", **where, given=group)
            found[variable][group] = value
    return found


def _people(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
