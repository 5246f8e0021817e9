"""How do a million responses come out at once, and how is each read back whole?"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from survey.catalogue import Channel, Survey
from survey.packed import Bytes2D, PackedResponses
from survey.principal import Permission, Principal
from survey.questionnaire import Questionnaire
from survey.response import (
    Response,
)
from survey.store.answers.deletion import count_deleted
from survey.store.plans import surveys
from survey.store.plans.surveys import SERVICE, STATION, table
from survey.tables import CommentRow, ResponseRow, SetAsideRow

if TYPE_CHECKING:
    from survey.store import Store

RESPONSE, COMMENT, SET_ASIDE = table(ResponseRow), table(CommentRow), table(SetAsideRow)
_ROWS_AT_ONCE = 500  # while they are this few, the row objects stay in the processor's cache: half the time


@dataclass(frozen=True)
class Newest:
    """The number of the newest response of a survey (0: none yet) and when it was received.

    ``deleted``: how many were deleted on request; when it changes, what was read before is not true any more.
    """

    last: int
    received_at: datetime | None
    deleted: int = 0


def newest(store: Store, principal: Principal, survey: Survey) -> Newest:
    """Where the responses to a survey stand that the principal may see; cheap enough to ask every second."""
    principal.require(Permission.READ_RESULTS)
    with store.reading.connect() as connection:
        return _newest(connection, principal, survey)


def _newest(connection: sa.Connection, principal: Principal, survey: Survey) -> Newest:
    query = (
        sa.select(RESPONSE.c.number, RESPONSE.c.received_at)
        .where(RESPONSE.c.survey == survey.number)
        .order_by(RESPONSE.c.number.desc())
        .limit(1)
    )
    if principal.units is not None:
        query = query.where(RESPONSE.c.unit.in_(principal.units))
    row = connection.execute(query).one_or_none()
    deleted = count_deleted(connection, survey)
    return Newest(row.number, row.received_at, deleted) if row else Newest(0, None, deleted)


def count_set_aside(store: Store, principal: Principal, survey: Survey) -> dict[str, int]:
    """How many submissions to a survey are set aside, by reason; for who sees some units only, of their stations."""
    principal.require(Permission.READ_RESULTS)
    query = (
        sa.select(SET_ASIDE.c.reason, sa.func.count())
        .where(SET_ASIDE.c.survey == survey.number)
        .group_by(SET_ASIDE.c.reason)
        .order_by(SET_ASIDE.c.reason)
    )
    if principal.units is not None:
        theirs = sa.select(STATION.c.number).where(STATION.c.unit.in_(principal.units))
        query = query.where(SET_ASIDE.c.station.in_(theirs))
    with store.reading.connect() as connection:
        return {reason: count for reason, count in connection.execute(query)}


def read_responses(store: Store, principal: Principal, survey: Survey, after: int = 0) -> PackedResponses:
    """All responses to a survey stored after number ``after``, as arrays.

    Answers given to an earlier version of the questionnaire stand under the columns of the present one by name;
    columns that version did not have are *not answered*.
    """
    principal.require(Permission.READ_RESULTS)
    r = RESPONSE.c
    # Two integers carry all keys, and one run of bytes all answers: with fewer objects a million rows come in half the
    # time. For the same reason they are taken from the driver's own cursor.
    day, questionnaire = (sa.cast(column, sa.BigInteger) for column in (r.answered_on, r.questionnaire))
    place = (day * 65_536 + sa.func.coalesce(r.unit, 0)) * 65_536 + sa.func.coalesce(r.service, 0)
    kind = (questionnaire * 256 + r.channel) * 256 + r.flags
    given = sa.cast(r.profile.op("||")(r.answers), sa.LargeBinary)
    query = sa.select(place, kind, given).where(r.survey == survey.number, r.number > after)
    if principal.units is not None:
        query = query.where(r.unit.in_(principal.units))
    with store.reading.connect() as connection:
        stand = _newest(connection, principal, survey)
        cursor = connection.execute(query.where(r.number <= stand.last).order_by(r.number)).cursor
        assert cursor is not None
        parts: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], bytes]] = []
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            of_place, of_kind, of_given = zip(*rows, strict=True)
            place_of, kind_of = (np.fromiter(column, np.int64, len(rows)) for column in (of_place, of_kind))
            parts.append((place_of, kind_of, b"".join(of_given)))
        places, kinds = (np.concatenate([np.empty(0, np.int64), *(part[at] for part in parts)]) for at in (0, 1))
        version = kinds >> 16
        versions = {int(n): surveys.questionnaire_numbered(connection, int(n)) for n in np.unique(version)}
    bytes_given = np.frombuffer(b"".join(part[2] for part in parts), np.uint8)
    profile, answers = _aligned(bytes_given, version, versions, survey.questionnaire)
    return PackedResponses(
        questionnaire=survey.questionnaire,
        answers=answers,
        profile=profile,
        unit=(places >> 16 & 0xFFFF).astype(np.uint16),
        service=(places & 0xFFFF).astype(np.uint16),
        day=(places >> 32).astype(np.int32),
        channel=(kinds >> 8 & 0xFF).astype(np.uint8),
        flags=(kinds & 0xFF).astype(np.uint8),
        last=stand.last,
        newest=stand.received_at,
        deleted=stand.deleted,
    )


@dataclass(frozen=True)
class Rebuilt:
    """A stored response read back, with the digest that was kept beside it. Untouched, the two agree.

    ``response`` is None when the row is so spoilt that it is no response any more.
    """

    number: int
    response: Response | None
    digest: bytes

    @property
    def untouched(self) -> bool:
        """Whether the response is as it was stored."""
        try:
            return self.response is not None and self.response.digest == self.digest
        except (ValueError, LookupError, struct.error):
            return False


def rebuild(store: Store, principal: Principal, survey: Survey, after: int = 0) -> Iterator[Rebuilt]:
    """Every response to a survey stored after number ``after``, made again from its row alone."""
    principal.require(Permission.EXPORT_DATA)
    query = (
        sa.select(RESPONSE, SERVICE.c.name.label("service_name"), STATION.c.name.label("station_name"))
        .outerjoin_from(RESPONSE, SERVICE, RESPONSE.c.service == SERVICE.c.number)
        .outerjoin(STATION, RESPONSE.c.station == STATION.c.number)
        .where(RESPONSE.c.survey == survey.number, RESPONSE.c.number > after)
        .order_by(RESPONSE.c.number)
    )
    if principal.units is not None:
        query = query.where(RESPONSE.c.unit.in_(principal.units))
    with store.reading.connect() as connection:
        versions: dict[int, Questionnaire] = {}
        for row in connection.execute(query):
            if row.questionnaire not in versions:
                versions[row.questionnaire] = surveys.questionnaire_numbered(connection, row.questionnaire)
            try:
                response = _response(row, survey, versions[row.questionnaire])
            except (ValueError, LookupError, TypeError):
                response = None
            yield Rebuilt(row.number, response, bytes(row.digest))


def _response(row: sa.Row[Any], survey: Survey, questionnaire: Questionnaire) -> Response:
    return Response(
        id=row.id,
        survey=survey.name,
        questionnaire=questionnaire,
        service=row.service_name,
        station=row.station_name,
        epoch=row.epoch,
        sequence=row.taken_sequence or row.sequence,
        channel=list(Channel)[row.channel - 1],
        language=row.language,
        started_at=row.started_at,
        submitted_at=row.submitted_at,
        profile=bytes(row.profile),
        answers=bytes(row.answers),
        timings=bytes(row.timings),
        comment_digest=bytes(row.comment_digest) if row.comment_digest else None,
    )


def _names(questionnaire: Questionnaire) -> tuple[list[str], list[str]]:
    """What a row's bytes stand for: profile questions, then columns of answers."""
    return [question.name for question in questionnaire.profile], [column.name for column in questionnaire.columns]


def _aligned(
    given: npt.NDArray[np.uint8],
    version: npt.NDArray[np.int64],
    versions: Mapping[int, Questionnaire],
    present: Questionnaire,
) -> tuple[Bytes2D, Bytes2D]:
    """Profile and answers, (n, names of the present version) each, from the bytes of all rows behind each other.

    The bytes of each version stand under their names; what it did not ask is 0.
    """
    names = _names(present)
    profile, answers = (len(some) for some in names)
    if all(_names(questionnaire) == names for questionnaire in versions.values()):
        whole = given.reshape(len(version), profile + answers)
        return whole[:, :profile], whole[:, profile:]
    widths = {number: sum(map(len, _names(questionnaire))) for number, questionnaire in versions.items()}
    width = np.zeros(len(version), np.int64)
    for number, its_width in widths.items():
        width[version == number] = its_width
    begin = np.cumsum(width) - width
    found = np.zeros((len(version), profile), np.uint8), np.zeros((len(version), answers), np.uint8)
    for number, questionnaire in versions.items():
        mine = np.flatnonzero(version == number)
        block = given[begin[mine][:, None] + np.arange(widths[number])]
        first = 0
        for cells, theirs, ours in zip(found, _names(questionnaire), names, strict=True):
            shared = [name for name in ours if name in theirs]
            target = np.array([ours.index(name) for name in shared], np.intp)
            cells[mine[:, None], target] = block[:, first + np.array([theirs.index(name) for name in shared], np.intp)]
            first += len(theirs)
    return found
