"""How do responses from a file or from paper come in, each exactly once?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from survey.catalogue import Channel, Survey
from survey.importing.arrived import Arrived
from survey.packed import Flag
from survey.principal import Permission, Principal
from survey.store.answers.deletion import deleted_among, numbers_used_once
from survey.store.answers.responses import COMMENT, RESPONSE
from survey.store.answers.submissions import storable
from survey.store.engine import insert_or_ignore
from survey.store.people.audit import Did, record
from survey.store.plans.surveys import SURVEY

if TYPE_CHECKING:
    from survey.store import Store

_AT_ONCE = 500

_NEVER_ALIKE = ("id", "digest")

Progress = Callable[[int, int], None]
"""Is told how many responses are done, and of how many."""


@dataclass(frozen=True)
class Same:
    """A value that stands in every row of a column."""

    value: Any


Values = Same | list[Any]
"""A column: one value for each row, or the same for all."""


@dataclass(frozen=True)
class Imported:
    """What became of the responses: ``new`` were written, ``again`` were here already.

    ``before`` and ``after`` are the responses to the survey; ``not_counted`` of the new ones are kept but lie outside
    the survey's period.
    """

    before: int
    new: int
    again: int
    not_counted: int

    @property
    def after(self) -> int:
        """The responses to the survey when it is done."""
        return self.before + self.new


def import_responses(
    store: Store,
    principal: Principal,
    survey: Survey,
    arrived: Sequence[Arrived],
    *,
    now: datetime | None = None,
    progress: Progress | None = None,
    dry_run: bool = False,
) -> Imported:
    """Write all of these, or none, in one transaction; those whose id is here already are left as they are.

    ``dry_run`` counts what would happen and writes nothing.
    """
    principal.require(Permission.MANAGE_SURVEYS)

    def tell(connection: sa.Connection) -> None:
        record(connection, principal, Did.IMPORTED, survey.name, now, given=len(arrived))

    return write_responses(store, survey, arrived, now=now, progress=progress, dry_run=dry_run, then=tell)


def write_responses(
    store: Store,
    survey: Survey,
    arrived: Sequence[Arrived],
    *,
    now: datetime | None = None,
    progress: Progress | None = None,
    dry_run: bool = False,
    then: Callable[[sa.Connection], None] | None = None,
) -> Imported:
    """The same for whoever has asked for the permission already.

    ``then`` is called in the same transaction, when they are written.
    """
    with (store.reading if dry_run else store.engine).begin() as connection:
        before = _count(connection, survey)
        here = _known(connection, survey, (one.response.id for one in arrived))
        fresh = [one for one in arrived if one.response.id not in here]
        if not dry_run:
            columns = _Columns(connection, survey, now or datetime.now(UTC))
            write = _prepared_insert(connection)
            with numbers_used_once(connection):
                for start in range(0, len(fresh), _AT_ONCE):
                    if progress:
                        progress(start, len(fresh))
                    write(columns.of(fresh[start : start + _AT_ONCE]))
            _write_comments(connection, survey, fresh)
            if then and fresh:
                then(connection)
    if progress and not dry_run:
        progress(len(fresh), len(fresh))
    outside = sum(not survey.takes_answers_on(one.day) for one in fresh)
    return Imported(before, len(fresh), len(arrived) - len(fresh), outside)


def _prepared_insert(connection: sa.Connection) -> Callable[[Mapping[str, Values]], None]:
    """A function that inserts rows, given as every column but ``number``; those whose id is here are left out.

    SQLAlchemy looks at every value of every row anew, which takes as long as the database itself. Here the statement
    is made once, and what is the same in many rows is turned once into what the database takes.
    """
    dialect = connection.dialect
    names = [column.name for column in RESPONSE.columns if column.name != "number"]
    statement = insert_or_ignore(dialect.name, RESPONSE)
    compiled = statement.compile(dialect=dialect, column_keys=names)
    order = compiled.positiontup or names
    converters = {name: _converter(RESPONSE.c[name], dialect) for name in order}

    def write(columns: Mapping[str, Values]) -> None:
        values = [converters[name](columns[name]) for name in order]
        lines: list[Any] = list(zip(*values, strict=False))  # what is the same in all rows has no end
        if not compiled.positiontup:
            lines = [dict(zip(order, line, strict=True)) for line in lines]
        connection.exec_driver_sql(str(compiled), lines)

    return write


def _converter(column: sa.Column[Any], dialect: sa.Dialect) -> Callable[[Values], Iterable[Any]]:
    """Turns the values of a column into what the database takes."""
    convert = column.type.dialect_impl(dialect).bind_processor(dialect)
    known: dict[Any, Any] = {}

    def converted(values: Values) -> Iterable[Any]:
        if isinstance(values, Same):
            return repeat(convert(values.value) if convert else values.value)
        if convert is None:
            return values
        if column.name in _NEVER_ALIKE:
            return map(convert, values)
        for value in set(values) - known.keys():
            known[value] = convert(value)
        return [known[value] for value in values]

    return converted


def _write_comments(connection: sa.Connection, survey: Survey, fresh: Sequence[Arrived]) -> None:
    for one in fresh:
        if one.comment:
            found = sa.and_(RESPONSE.c.agency == survey.agency.number, RESPONSE.c.id == one.response.id)
            number = connection.scalar(sa.select(RESPONSE.c.number).where(found))
            connection.execute(sa.insert(COMMENT), {"response": number, "text": storable(one.comment)})


class _Columns:
    """Makes the columns to be written."""

    def __init__(self, connection: sa.Connection, survey: Survey, now: datetime) -> None:
        self.survey = survey
        self.services = {service.name: service for service in survey.services}
        asked = sa.select(SURVEY.c.questionnaire).where(SURVEY.c.number == survey.number)
        self.same = {
            "agency": Same(survey.agency.number),
            "survey": Same(survey.number),
            "questionnaire": Same(connection.scalar(asked)),
            "received_at": Same(now),
            **dict.fromkeys(("station", "epoch", "taken_sequence", "clock_offset"), Same(None)),
        }

    def of(self, arrived: Sequence[Arrived]) -> Mapping[str, Values]:
        """Every column of these responses."""
        responses = [one.response for one in arrived]
        days = [one.day for one in arrived]
        services = [self.services[one.service] if one.service else None for one in responses]
        codes = {channel: channel.code for channel in Channel}
        flags = {day: int(Flag(0) if self.survey.takes_answers_on(day) else Flag.CLOSED) for day in set(days)}
        units = [service.unit if service else one.unit for service, one in zip(services, arrived, strict=True)]
        return self.same | {
            "id": [one.id for one in responses],
            "unit": units,
            "service": [service.number if service else None for service in services],
            "sequence": [one.sequence for one in responses],
            "channel": [codes[one.channel] for one in responses],
            "language": [one.language for one in responses],
            "started_at": [one.started_at for one in responses],
            "submitted_at": [one.submitted_at for one in responses],
            "answered_on": days,
            "profile": [one.profile for one in responses],
            "answers": [one.answers for one in responses],
            "timings": [one.timings for one in responses],
            "comment_digest": [one.comment_digest for one in responses],
            "digest": [one.digest for one in responses],
            "flags": [flags[day] for day in days],
        }


def _count(connection: sa.Connection, survey: Survey) -> int:
    query = sa.select(sa.func.count()).select_from(RESPONSE).where(RESPONSE.c.survey == survey.number)
    return int(connection.scalar(query) or 0)


def _known(connection: sa.Connection, survey: Survey, identities: Iterable[UUID]) -> set[UUID]:
    """Which of these ids are here already, or were deleted on request and do not come back."""
    found: set[UUID] = set()
    waiting = iter(identities)
    while chunk := list(islice(waiting, _AT_ONCE)):
        query = sa.select(RESPONSE.c.id).where(RESPONSE.c.agency == survey.agency.number, RESPONSE.c.id.in_(chunk))
        found.update(connection.scalars(query), deleted_among(connection, chunk))
    return found
