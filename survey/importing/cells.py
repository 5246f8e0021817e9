"""What does each cell of a column mean as a number, and which cells mean nothing?"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from survey.catalogue import Service, Survey, Unit
from survey.importing.columns import Kind, Target
from survey.questionnaire import ProfileQuestion, Text
from survey.reading import answer_cells
from survey.reading.answer_cells import NOT_ANSWERED, AnswerCells, limits
from survey.reading.days import read_days

EARLIEST = date(1995, 1, 1)
NO_CHOICE, NO_SERVICE, NO_UNIT, NO_DAY, NOT_YET, EMPTY_DAY, OTHER_UNIT, SUM_ROW = range(-10, -18, -1)
REASONS = {
    answer_cells.OFF_SCALE: "off_scale",
    answer_cells.NOT_WHOLE: "not_whole",
    answer_cells.NOT_A_NUMBER: "not_a_number",
    NO_CHOICE: "no_choice",
    NO_SERVICE: "no_service",
    NO_UNIT: "no_unit",
    NO_DAY: "no_day",
    NOT_YET: "not_yet",
    EMPTY_DAY: "empty_day",
    OTHER_UNIT: "other_unit",
    SUM_ROW: "sum_row",
}
"""What is wrong with a cell, as a key under ``import.bad.``."""
_KNOWN_TOLD = 12

Numbers = npt.NDArray[np.int32]


def read_column(target: Target, cells: Sequence[str], survey: Survey, today: date) -> Numbers:
    """The cells as numbers: codes as stored (0 = not answered), keys of the store (0 = not known), days as ordinals.

    Below 0 is what is wrong with a cell (``REASONS``). A column of numbers of rows gives zeros.
    """
    if target.column:
        meanings: Mapping[str, int] = AnswerCells(target.column, worded=True)
    elif target.question:
        meanings = _looked_up(cells, _choices(target.question), NO_CHOICE)
    elif target.kind is Kind.SERVICE:
        meanings = _looked_up(cells, _labelled(survey.services), NO_SERVICE)
    elif target.kind is Kind.UNIT:
        meanings = _looked_up(cells, _labelled(survey.units), NO_UNIT)
    elif target.kind is Kind.DATE:
        meanings = _days(cells, today)
    else:
        return np.zeros(len(cells), np.int32)
    return np.fromiter((meanings[cell] for cell in cells), np.int32, len(cells))


def known_to(target: Target, survey: Survey, language: str) -> dict[str, object]:
    """What could stand in the cells of a column instead: fills the sentence about a bad one."""
    if target.column:
        low, high = limits(target.column)
        return {"low": low, "high": high}
    texts: Iterable[str] = ()
    if target.question:
        texts = (f"{code} = {_said(label, language)}" for code, label in target.question.choices.items())
    elif target.kind is Kind.SERVICE:
        texts = (service.name for service in survey.services)
    elif target.kind is Kind.UNIT:
        texts = (unit.name for unit in survey.units)
    known = list(texts)
    return {"known": ", ".join(known[:_KNOWN_TOLD]) + (" …" if len(known) > _KNOWN_TOLD else "")}


def _said(text: Text, language: str) -> str:
    return text.get(language) or next(iter(text.values()), "")


def _days(cells: Sequence[str], today: date) -> dict[str, int]:
    def number(text: str, day: date | None) -> int:
        if not text.strip():
            return EMPTY_DAY
        if day is None or day < EARLIEST:
            return NO_DAY
        return NOT_YET if day > today else day.toordinal()

    return {text: number(text, day) for text, day in read_days(cells).items()}


def _looked_up(cells: Sequence[str], known: Mapping[str, int], unknown: int) -> dict[str, int]:
    def number(text: str) -> int:
        plain = text.strip().casefold()
        if plain in NOT_ANSWERED:
            return 0
        return known.get(plain, known.get(plain.removesuffix(".0"), unknown))

    return {text: number(text) for text in set(cells)}


def _choices(question: ProfileQuestion) -> dict[str, int]:
    """Codes and labels, in every language; the code wins where a label looks like one. 0 is *skipped*."""
    labels = {said.strip().casefold(): code for code, label in question.choices.items() for said in label.values()}
    return labels | {str(code): code for code in question.choices} | {"0": 0}


def _labelled(known: Sequence[Service] | Sequence[Unit]) -> dict[str, int]:
    labels = {said.strip().casefold(): one.number for one in known for said in one.label.values()}
    return labels | {one.name.casefold(): one.number for one in known}
