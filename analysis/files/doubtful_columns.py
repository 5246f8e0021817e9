"""Which columns are left out although they look like answers, so that the others may not be what they seem?

Nothing is guessed: whoever holds the file says it, by other headings or a mapping (with which nothing is asked here).
"""

import re
from collections import defaultdict
from collections.abc import Mapping

from survey.problem import Problem
from survey.questionnaire import Column, Questionnaire
from survey.reading.csv_file import Sheet, rows_of
from survey.reading.odd_rows import words_below
from survey.reading.spoken_headings import ASPECTS, aspects_in, contradiction, only_aspect

_NUMBERED = re.compile(r"(\D{0,12}?)(\d{1,3})")
_AGAIN = (".1", "_1", " 1", "_2", " 2", " (2)", ".2")
MOST_STACKED = 10


def refuse_doubtful_columns(sheet: Sheet, columns: Mapping[int, Column], questionnaire: Questionnaire) -> None:
    """Raise ``Problem`` where a column that was left out makes the meaning of the others doubtful."""
    left_out = [heading for place, heading in enumerate(sheet.headings) if place not in columns and heading]
    used = [sheet.headings[place] for place in columns]
    _refuse_contradictions(sheet, left_out, questionnaire)
    _refuse_twins(sheet, used, left_out)
    _refuse_further_numbers(sheet, used, left_out, questionnaire)
    _refuse_stacked(sheet, columns)


def _refuse_contradictions(sheet: Sheet, left_out: list[str], questionnaire: Questionnaire) -> None:
    """*U8. Sarana* where the questionnaire has the facilities as U9."""
    for heading in left_out:
        if found := contradiction(questionnaire, heading):
            number, words = (column.name for column in found)
            row = sheet.first_row - 1
            raise Problem("csv.contradiction", where=sheet.where, row=row, heading=heading, number=number, words=words)


def _refuse_twins(sheet: Sheet, used: list[str], left_out: list[str]) -> None:
    """Two blocks with the same headings, of which a program has numbered the second: *S1* and *S1.1*."""
    there = set(left_out)
    twins = [(one, one + again) for one in used for again in _AGAIN if one + again in there]
    if len(twins) >= max(2, len(used) // 2):
        one, two = twins[0]
        raise Problem("csv.twins", where=sheet.where, row=sheet.first_row - 1, one=one, two=two, count=len(twins))


def _refuse_further_numbers(sheet: Sheet, used: list[str], left_out: list[str], questionnaire: Questionnaire) -> None:
    """U10 to U14 where the questionnaire ends at U9: then it is another one, and U1 may be another element."""
    highest: dict[str, int] = defaultdict(int)
    for heading in used:
        if found := _NUMBERED.fullmatch(heading.strip().casefold()):
            highest[found[1]] = max(highest[found[1]], int(found[2]))
    further = []
    for heading in left_out:
        found = _NUMBERED.fullmatch(heading.strip().casefold())
        if found and highest.get(found[1], 0) >= 3 and int(found[2]) > highest[found[1]]:
            further.append(heading)
    if further:
        told = ", ".join(further[:8]) + (" …" if len(further) > 8 else "")
        raise Problem("csv.further_numbers", where=sheet.where, headings=told, questionnaire=questionnaire.name)


def _refuse_stacked(sheet: Sheet, columns: Mapping[int, Column]) -> None:
    """Expectation and perception in rows of their own, told apart by a column: each person would count twice."""
    text = words_below(sheet)
    if len({aspect for word, aspect in ASPECTS.items() if word in text}) < 2:
        return
    rows = rows_of(sheet)
    for place, heading in enumerate(sheet.headings):
        if place in columns:
            continue
        said = {row[place].strip() for row in rows} - {""}
        if 2 <= len(said) <= MOST_STACKED and all(map(only_aspect, said)) and len(set(map(aspects_in, said))) > 1:
            raise Problem("csv.stacked", where=sheet.where, column=heading, given=", ".join(sorted(said))[:80])
