"""Which column of a file holds what?"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from survey.catalogue import Survey
from survey.problem import Problem
from survey.questionnaire import Column, ProfileQuestion
from survey.reading.headings import mapped, recognised
from survey.reading.spoken_headings import column_finder
from survey.reading.table import Table

ROWS_SEARCHED = 20


class Kind(StrEnum):
    """What a column can say of a response beside its answers and profile. The value is its name in a mapping."""

    DATE = "date"
    SERVICE = "service"
    UNIT = "unit"
    NUMBER = "number"


HEADINGS: Mapping[Kind, frozenset[str]] = {
    Kind.DATE: frozenset(
        {"date", "tanggal", "tgl", "tanggal survei", "day", "timestamp", "cap waktu", "waktu pengisian"}
    ),
    Kind.SERVICE: frozenset({"service", "layanan", "jenis layanan", "pelayanan", "jenis pelayanan"}),
    Kind.UNIT: frozenset({"unit", "unit layanan", "unit pelayanan", "bidang"}),
    Kind.NUMBER: frozenset({"number", "id", "no", "no.", "nomor", "resp", "responden", "no responden", "rid"}),
}
"""Headings that are recognised without a mapping, in small letters."""


@dataclass(frozen=True)
class Target:
    """What a column of a file holds: answers, a profile question, or one of ``Kind``."""

    name: str
    column: Column | None = None
    question: ProfileQuestion | None = None
    kind: Kind | None = None


@dataclass(frozen=True)
class Headings:
    """The row (counted from 0) in which the headings stand, their words, and what the columns at these places hold."""

    row: int
    words: tuple[str, ...]
    targets: Mapping[int, Target]

    def word(self, place: int) -> str:
        """The heading at a place, or the number of the column where there is none."""
        return (self.words[place] if place < len(self.words) else "") or str(place + 1)

    @property
    def mapping(self) -> dict[str, str]:
        """What was understood, as a mapping file says it."""
        return {self.word(place): target.name for place, target in self.targets.items()}

    @property
    def unused(self) -> tuple[str, ...]:
        """The headings that were left out."""
        return tuple(word for place, word in enumerate(self.words) if word and place not in self.targets)


def target_names(survey: Survey) -> list[str]:
    """Every name that can stand in a mapping."""
    q = survey.questionnaire
    return [*(c.name for c in q.columns), *(asked.name for asked in q.profile), *Kind]


def find_headings(
    table: Table,
    survey: Survey,
    mapping: Mapping[str, str] | None = None,
    *,
    date_column: str | None = None,
    said_in: str = "-",
) -> Headings:
    """The headings of a table and what they mean: as ``mapping`` says, else as they are recognised.

    Titles may stand above them: the row that fits best holds the headings. ``date_column`` is the heading of the date
    where none is recognised. Raises ``Problem`` when no row fits, or two columns hold the same.
    """
    row = _heading_row(table, survey, mapping)
    words = tuple(cell.strip() for cell in table.rows[row])
    number = table.first + row
    if mapping is None:
        targets = recognised(words, _meaning(survey, date_column), where=table.where, row=number)
    else:
        targets = mapped(
            words,
            mapping,
            _meaning(survey, None),
            said_in=said_in,
            where=table.where,
            row=number,
            known=target_names(survey),
        )
        if date_column is not None and not any(target.kind is Kind.DATE for target in targets.values()):
            targets |= {
                place: Target(Kind.DATE, kind=Kind.DATE) for place, word in enumerate(words) if word == date_column
            }
    if date_column is not None and date_column.strip() not in words:
        raise Problem("import.no_date_column", where=table.where, heading=date_column, headings=", ".join(words)[:200])
    headings = Headings(row, words, dict(sorted(targets.items())))
    if not any(target.column for target in headings.targets.values()):
        raise _no_column(table, survey)
    return headings


def proposed_headings(table: Table, survey: Survey) -> Headings:
    """What a person is shown to correct: what is recognised, else the first row that holds something, all left out."""
    try:
        return find_headings(table, survey)
    except Problem:
        row = next((at for at, cells in enumerate(table.rows) if any(cells)), 0)
        return Headings(row, tuple(cell.strip() for cell in table.rows[row]) if table.rows else (), {})


def mapping_text(mapping: Mapping[str, str]) -> str:
    """A mapping file (YAML) that says this.

    >>> print(mapping_text({"Kecepatan: baik?": "P_time"}), end="")
    "Kecepatan: baik?": P_time
    """
    return "".join(f"{json.dumps(heading, ensure_ascii=False)}: {name}\n" for heading, name in mapping.items())


def _heading_row(table: Table, survey: Survey, mapping: Mapping[str, str] | None) -> int:
    """The first row with all headings of the mapping, else the one with most answers that are recognised.

    Without a mapping a ``Problem`` when no row has any.
    """
    rows = table.rows[:ROWS_SEARCHED]
    if mapping is not None:
        fitting = (at for at, row in enumerate(rows) if mapping and _has_all(row, mapping))
        return next(fitting, 0)
    meaning, called = _meaning(survey, None), survey.questionnaire.column_called
    known = [
        (sum(bool((target := meaning(word)) and target.column) for word in row), sum(map(bool, map(called, row))))
        for row in rows
    ]
    best = max(known, default=(0, 0))
    if not best[0]:
        raise _no_column(table, survey)
    return known.index(best)


def _has_all(row: Sequence[str], mapping: Mapping[str, str]) -> bool:
    words = {cell.strip() for cell in row}
    return all(heading.strip() in words for heading in mapping)


def _no_column(table: Table, survey: Survey) -> Problem:
    first: Sequence[str] = next((row for row in table.rows if any(row)), ())
    given = ", ".join(cell.strip() for cell in first if cell.strip())[:200]
    known = ", ".join(column.name for column in survey.questionnaire.columns[:3]) + " …"
    name = survey.questionnaire.name
    return Problem("csv.no_column", where=table.where, headings=given, questionnaire=name, known=known)


def _meaning(survey: Survey, date_column: str | None) -> Callable[[str], Target | None]:
    """What a heading means: an answer by name, a profile question, a kind, or an answer as people write it."""
    q = survey.questionnaire
    spoken = column_finder(q)
    known: dict[str, Target] = {}
    for kind, headings in HEADINGS.items():
        if date_column is None or kind is not Kind.DATE:
            known |= {heading: Target(kind, kind=kind) for heading in (*headings, kind.value)}
    if date_column is not None:
        known[date_column.strip().casefold()] = Target(Kind.DATE, kind=Kind.DATE)
    for asked in q.profile:
        target = Target(asked.name, question=asked)
        known |= {name.strip().casefold(): target for name in (*asked.label.values(), asked.name)}

    def meaning(heading: str) -> Target | None:
        other = known.get(heading.strip().casefold())
        column = q.column_called(heading) or (None if other else spoken(heading))
        return Target(column.name, column=column) if column else other

    return meaning
