"""What do the rows of a file mean as responses to a survey, and which of them cannot be read?

Nothing is guessed: a cell that cannot be read is told with row, column, reason and repair.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np

from survey.catalogue import Channel, Survey
from survey.importing.arrived import Arrived, identity_of_row
from survey.importing.cells import OTHER_UNIT, REASONS, SUM_ROW, Numbers, known_to, read_column
from survey.importing.columns import Headings, Kind, Target, find_headings
from survey.packed import Bytes2D
from survey.problem import Problem
from survey.reading.odd_rows import sum_rows
from survey.reading.table import Table
from survey.response import Response

TOLD = 100
"""So many bad cells are told in full."""
_EVERY = 2_000

Progress = Callable[[int, int], None]
"""Is told how many rows are done, and of how many."""


@dataclass(frozen=True)
class Wishes:
    """What the person who brings a file says of it.

    ``day`` holds for every row; without it a column tells the day. ``batch`` tells this file from another one that may
    hold equal rows of other people, such as that of another counter. ``mapping`` was ``said_in`` that file.
    """

    channel: Channel = Channel.IMPORT
    day: date | None = None
    date_column: str | None = None
    mapping: Mapping[str, str] | None = None
    said_in: str = "-"
    batch: str = ""


@dataclass(frozen=True)
class BadCell:
    """A cell that cannot be read. ``reason`` is a key under ``import.bad.``; ``target`` is what it should hold."""

    row: int
    column: str
    given: str
    reason: str
    target: Target


@dataclass(frozen=True)
class Understood:
    """What was understood of a file.

    ``first_row`` is the row of the first respondent in the file. ``bad`` are the first bad cells, ``bad_cells`` says
    how many there are, ``bad_rows`` in how many rows; these rows are not among ``arrived``. ``empty_rows`` hold no
    answer and are no respondents.
    """

    table: Table
    headings: Headings
    first_row: int
    rows: int
    empty_rows: int
    bad: tuple[BadCell, ...]
    bad_cells: int
    bad_rows: int
    arrived: tuple[Arrived, ...]


def understand(
    table: Table, survey: Survey, wishes: Wishes, now: datetime, progress: Progress | None = None
) -> Understood:
    """What the rows of a file mean. Raises ``Problem`` while columns or days are not clear; bad cells are told."""
    headings = find_headings(table, survey, wishes.mapping, date_column=wishes.date_column, said_in=wishes.said_in)
    targets = _with_day(headings, table, wishes)
    _refuse_merged(table, headings, targets)
    body = table.rows[headings.row + 1 :]
    if not body:
        raise Problem("csv.no_rows", where=table.where)
    cells = {place: [row[place] if place < len(row) else "" for row in body] for place in targets}
    today = now.astimezone(ZoneInfo(survey.agency.zone)).date()
    numbers = {place: read_column(target, cells[place], survey, today) for place, target in targets.items()}
    _compare_units(targets, numbers, survey)
    _mark_sums(targets, numbers, body)
    answered = np.zeros(len(body), np.bool_)
    for place, target in targets.items():
        if target.column:
            answered |= numbers[place] != 0
    if not answered.any():
        raise Problem("csv.no_answers", where=table.where)
    first_row = table.first + headings.row + 1
    wrong = np.array([(numbers[place] < 0) & answered for place in targets]).T
    rows, columns = np.nonzero(wrong)
    places = list(targets)
    bad = tuple(
        BadCell(
            row=first_row + row,
            column=headings.word(places[column]),
            given=cells[places[column]][row].strip()[:40],
            reason=REASONS[int(numbers[places[column]][row])],
            target=targets[places[column]],
        )
        for row, column in zip(rows[:TOLD].tolist(), columns[:TOLD].tolist(), strict=True)
    )
    good = np.flatnonzero(answered & ~wrong.any(axis=1))
    read = _GoodRows(survey, wishes, targets, {place: values[good] for place, values in numbers.items()})
    labels = next((cells[place] for place, target in targets.items() if target.kind is Kind.NUMBER), None)
    labels = [labels[row].strip() for row in good.tolist()] if labels else [""] * len(good)
    return Understood(
        table=table,
        headings=Headings(headings.row, headings.words, targets),
        first_row=first_row,
        rows=len(body),
        empty_rows=int(len(body) - answered.sum()),
        bad=bad,
        bad_cells=len(rows),
        bad_rows=int(wrong.any(axis=1).sum()),
        arrived=tuple(read.responses(labels, progress)),
    )


def bad_cell_params(cell: BadCell, survey: Survey, language: str) -> dict[str, object]:
    """What fills the sentence ``import.bad.<reason>``."""
    return {"given": cell.given, "low": 0, "high": 0, "known": ""} | known_to(cell.target, survey, language)


def _mark_sums(targets: Mapping[int, Target], numbers: Mapping[int, Numbers], body: Sequence[Sequence[str]]) -> None:
    """Rows of sums and means are no respondents, also where their numbers are on the scale: the first is no answer."""
    places = [place for place, target in targets.items() if target.column]
    for row in sum_rows(body, places):
        numbers[places[0]][row] = SUM_ROW


def _with_day(headings: Headings, table: Table, wishes: Wishes) -> dict[int, Target]:
    """The targets; a day that was said holds for every row, and a column of days is then left out."""
    dated = {place for place, target in headings.targets.items() if target.kind is Kind.DATE}
    if wishes.day is None and not dated:
        raise Problem("import.no_date", where=table.where, headings=", ".join(headings.words)[:200])
    left_out = dated if wishes.day else set()
    return {place: target for place, target in headings.targets.items() if place not in left_out}


def _refuse_merged(table: Table, headings: Headings, targets: Mapping[int, Target]) -> None:
    """A merged cell keeps its value in its first row and column only: the others would look empty."""
    for merged in table.merged:
        used = any(merged.first_column <= place + 1 <= merged.last_column for place in targets)
        if used and merged.last_row > headings.row + 1:
            raise Problem("import.merged", where=table.where, cells=merged.reference)


def _compare_units(targets: Mapping[int, Target], numbers: Mapping[int, Numbers], survey: Survey) -> None:
    """Mark units that are not those of the service beside them."""
    places = {target.kind: place for place, target in targets.items() if target.kind}
    if Kind.SERVICE not in places or Kind.UNIT not in places:
        return
    services, units = numbers[places[Kind.SERVICE]], numbers[places[Kind.UNIT]]
    for service in survey.services:
        units[(services == service.number) & (units > 0) & (units != service.unit)] = OTHER_UNIT


@dataclass(frozen=True)
class _GoodRows:
    """The rows that can be read: what each place of the file holds, as numbers."""

    survey: Survey
    wishes: Wishes
    targets: Mapping[int, Target]
    numbers: Mapping[int, Numbers]

    def responses(self, labels: Sequence[str], progress: Progress | None) -> Iterator[Arrived]:
        """The rows as responses, each with an id made from what it says. ``labels`` are the numbers of the rows."""
        survey, wishes, q = self.survey, self.wishes, self.survey.questionnaire
        columns, asked = [column.name for column in q.columns], [question.name for question in q.profile]
        n = len(labels)
        answers, profile = self._packed(columns, n), self._packed(asked, n)
        codes = _codes_said(answers, columns, profile, asked)
        days = [wishes.day.toordinal()] * n if wishes.day else self._of(Kind.DATE, n)
        services, units = self._of(Kind.SERVICE, n), self._of(Kind.UNIT, n)
        service_names = {service.number: service.name for service in survey.services}
        unit_names = {unit.number: unit.name for unit in survey.units}
        calendar = _Calendar(survey)
        seen: Counter[str] = Counter()
        language = "id" if "id" in q.languages else q.languages[0]
        no_timings = bytes(2 * len(columns))
        for at, label in enumerate(labels):
            if progress and at % _EVERY == 0:
                progress(at, n)
            day, noon = calendar[days[at]]
            service, unit = service_names.get(services[at]), unit_names.get(units[at], "")
            said = "\n".join((survey.name, str(day), unit, service or "", label, wishes.batch, codes[at]))
            seen[said] += 1
            response = Response(
                id=identity_of_row(said, seen[said]),
                survey=survey.name,
                questionnaire=q,
                service=service,
                station=None,
                epoch=None,
                sequence=None,
                channel=wishes.channel,
                language=language,
                started_at=noon,
                submitted_at=noon,
                profile=profile[at].tobytes(),
                answers=answers[at].tobytes(),
                timings=no_timings,
                comment_digest=None,
            )
            yield Arrived(response, day, units[at] or None)
        if progress:
            progress(n, n)

    def _of(self, kind: Kind, n: int) -> list[int]:
        """The numbers of the column of this kind; zeros where there is none."""
        found = [self.numbers[place] for place, target in self.targets.items() if target.kind is kind]
        return found[0].tolist() if found else [0] * n

    def _packed(self, names: Sequence[str], n: int) -> Bytes2D:
        """(n, names) codes as they are stored."""
        packed = np.zeros((n, len(names)), np.uint8)
        for place, target in self.targets.items():
            if target.name in names and not target.kind:
                packed[:, names.index(target.name)] = self.numbers[place]
        return packed


class _Calendar(dict[int, tuple[date, datetime]]):
    """The day with an ordinal number, and its noon at the agency: nobody knows the hour, and noon is that day."""

    def __init__(self, survey: Survey) -> None:
        super().__init__()
        self.zone = ZoneInfo(survey.agency.zone)

    def __missing__(self, ordinal: int) -> tuple[date, datetime]:
        day = date.fromordinal(ordinal)
        self[ordinal] = found = day, datetime.combine(day, time(12), self.zone).astimezone(UTC)
        return found


def _codes_said(answers: Bytes2D, columns: Sequence[str], profile: Bytes2D, asked: Sequence[str]) -> list[str]:
    """The given codes of each row as ``P_fee=4;P_time=3;sex=1``, by name in the order of bytes."""
    values = dict(zip(columns, answers.T.tolist(), strict=True)) | dict(zip(asked, profile.T.tolist(), strict=True))
    names = sorted(name for name, codes in values.items() if any(codes))
    rows = zip(*(values[name] for name in names), strict=True)
    return [";".join([f"{name}={code}" for name, code in zip(names, row, strict=True) if code]) for row in rows]
