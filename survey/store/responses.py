"""How does a response come in exactly once, and how do a million of them come out at once?"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import chain, compress
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from survey.catalogue import Service, Station, Survey
from survey.packed import Bytes2D, Flag, PackedResponses
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.questionnaire import Questionnaire
from survey.response import DoesNotFit, Envelope, NotAResponse, Response, open_envelope, pack, read_submission
from survey.store import surveys
from survey.store.engine import insert_or_ignore
from survey.store.surveys import table
from survey.tables import CommentRow, ResponseRow, SetAsideRow

if TYPE_CHECKING:
    from survey.store import Store

RESPONSE, COMMENT, SET_ASIDE = table(ResponseRow), table(CommentRow), table(SetAsideRow)
EARLIEST = date(2024, 1, 1)
CLOCK_TOLERANCE = timedelta(hours=1)
_ROWS_AT_ONCE = 50_000


class Fate(StrEnum):
    """What became of a submission."""

    STORED = "stored"
    """New, written and counted (201)."""
    AGAIN = "again"
    """Already here with the same content (200)."""
    KEPT = "kept"
    """Safe, but flagged or set aside: not in the results as it stands (202)."""
    CONFLICT = "conflict"
    """The id is here with other content; this one is set aside beside it (409)."""
    REFUSED = "refused"
    """No response at all (422)."""


@dataclass(frozen=True)
class Incoming:
    """A body as it arrived. ``device_time`` is what the device's clock said when it was sent, None when not told."""

    body: bytes
    received_at: datetime
    device_time: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one submission, its receipt when it is safe, and the reason when it is not simply stored."""

    fate: Fate
    id: UUID | None = None
    receipt: str | None = None
    reason: Problem | None = None


@dataclass(frozen=True)
class Newest:
    """The number of the newest response of a survey (0: none yet) and when it was received."""

    last: int
    received_at: datetime | None


def receipt_for(identity: UUID, key: bytes) -> str:
    """The receipt code: the first 8 characters, in base32, of HMAC-SHA256 of the response's id."""
    return base64.b32encode(hmac.digest(key, identity.bytes, "sha256")).decode()[:8]


def submit(store: Store, incoming: Sequence[Incoming]) -> list[Outcome]:
    """Write all submissions in one transaction; when this returns, they are committed.

    One outcome for each, in order. A response that cannot be written with the others does not take them along: the
    rest is written again, one by one. Raises the database's error when nothing can be written at all.
    """
    try:
        return _submit_together(store, incoming)
    except sa.exc.IntegrityError:
        if len(incoming) == 1:
            raise
        return [outcome for one in incoming for outcome in _submit_together(store, [one])]


def _submit_together(store: Store, incoming: Sequence[Incoming]) -> list[Outcome]:
    with store.engine.begin() as connection:
        desk = _Desk(store, connection)
        return [desk.take(one) for one in incoming]


class _Desk:
    """Takes submissions within one transaction; looks each survey and questionnaire up once."""

    def __init__(self, store: Store, connection: sa.Connection) -> None:
        self.store = store
        self.connection = connection
        self._surveys: dict[str, Survey | None] = {}
        self._questionnaires: dict[tuple[str, int], tuple[int, Questionnaire] | None] = {}

    def take(self, one: Incoming) -> Outcome:
        try:
            envelope = open_envelope(one.body)
        except NotAResponse as problem:
            return Outcome(Fate.REFUSED, reason=problem)
        survey = self._survey(envelope.survey)
        try:
            row, response = self._read(envelope, survey, one)
        except DoesNotFit as problem:
            return self._set_aside(envelope.id, one, problem, survey)
        written = self._write(row)
        if written is None:
            return self._compare(response, one, survey)
        number, flags = written
        if response.comment_digest:
            text = str(envelope.content["comment"]).strip()
            storable = text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
            self.connection.execute(sa.insert(COMMENT).values(response=number, text=storable))
        return Outcome(_fate(flags), response.id, self._receipt(response.id))

    def _receipt(self, identity: UUID) -> str:
        return receipt_for(identity, self.store.receipt_key)

    def _survey(self, name: str) -> Survey | None:
        if name not in self._surveys:
            storable = name.isprintable() and len(name) <= 100
            self._surveys[name] = surveys.load_survey(self.connection, name) if storable else None
        return self._surveys[name]

    def _questionnaire(self, name: str, version: int, digest: str) -> tuple[int, Questionnaire]:
        key = (name, version)
        if key not in self._questionnaires:
            storable = name.isprintable() and 0 < version < 2**31
            self._questionnaires[key] = surveys.find_questionnaire(self.connection, *key) if storable else None
        found = self._questionnaires[key]
        if found is None or found[1].digest != digest:
            raise DoesNotFit("response.unknown_questionnaire", name=name[:80], version=version)
        return found

    def _read(self, envelope: Envelope, survey: Survey | None, one: Incoming) -> tuple[dict[str, Any], Response]:
        """The row to write. Raises ``DoesNotFit`` with the first reason why it cannot be read as it stands."""
        submission = read_submission(envelope)
        if survey is None:
            raise DoesNotFit("response.unknown_survey", survey=submission.survey[:80])
        asked = submission.questionnaire
        number, questionnaire = self._questionnaire(asked.name, asked.version, asked.digest)
        response = pack(submission, questionnaire, self.store.comment_key)
        service, station = _service(response, survey), _station(response, survey)
        day, offset, flags = _dated(response, survey, one)
        row = {
            "agency": survey.agency.number,
            "id": response.id,
            "survey": survey.number,
            "questionnaire": number,
            "unit": service.unit if service else station.unit if station else None,
            "service": service.number if service else None,
            "station": station.number if station else None,
            "epoch": response.epoch,
            "sequence": response.sequence,
            "channel": response.channel.code,
            "language": response.language,
            "started_at": response.started_at,
            "submitted_at": response.submitted_at,
            "received_at": one.received_at,
            "answered_on": day,
            "clock_offset": offset,
            "profile": response.profile,
            "answers": response.answers,
            "timings": response.timings,
            "comment_digest": response.comment_digest,
            "digest": response.digest,
            "flags": int(flags),
        }
        return row, response

    def _write(self, row: dict[str, Any]) -> tuple[int, Flag] | None:
        """The number and flags of the new row; None when its id is here already."""
        number = self._inserted(row)
        if number is None and row["sequence"] is not None and self._stored_digest(row["agency"], row["id"]) is None:
            # Another response has this station's sequence number: a cloned profile. Keep both, and say so.
            row |= {"sequence": None, "flags": row["flags"] | Flag.SEQUENCE_TAKEN}
            number = self._inserted(row)
        return None if number is None else (number, Flag(row["flags"]))

    def _inserted(self, row: dict[str, Any]) -> int | None:
        statement = insert_or_ignore(self.store.engine, RESPONSE).returning(RESPONSE.c.number)
        number: int | None = self.connection.execute(statement, row).scalar_one_or_none()
        return number

    def _stored_digest(self, agency: int, identity: UUID) -> bytes | None:
        query = sa.select(RESPONSE.c.digest).where(RESPONSE.c.agency == agency, RESPONSE.c.id == identity)
        digest: bytes | None = self.connection.scalar(query)
        return digest

    def _compare(self, response: Response, one: Incoming, survey: Survey | None) -> Outcome:
        assert survey is not None
        query = sa.select(RESPONSE.c.digest, RESPONSE.c.flags).where(
            RESPONSE.c.agency == survey.agency.number, RESPONSE.c.id == response.id
        )
        stored = self.connection.execute(query).one()
        if bytes(stored.digest) == response.digest:
            fate = Fate.KEPT if _fate(Flag(stored.flags)) is Fate.KEPT else Fate.AGAIN
            return Outcome(fate, response.id, self._receipt(response.id))
        problem = Problem("response.conflict")
        self._set_aside(response.id, one, problem, survey)
        return Outcome(Fate.CONFLICT, response.id, reason=problem)

    def _set_aside(self, identity: UUID, one: Incoming, problem: Problem, survey: Survey | None) -> Outcome:
        row = {
            "id": identity,
            "reason": problem.key.removeprefix("response."),
            "detail": str(problem).encode("utf-8", "replace").decode()[:500],
            "survey": survey.number if survey else None,
            "received_at": one.received_at,
            "device_time": one.device_time,
            "body": one.body,
            "body_digest": hashlib.sha256(one.body).digest(),
        }
        self.connection.execute(insert_or_ignore(self.store.engine, SET_ASIDE), row)
        return Outcome(Fate.KEPT, identity, self._receipt(identity), problem)


def _fate(flags: Flag) -> Fate:
    return Fate.KEPT if flags & Flag.CLOSED else Fate.STORED


def _service(response: Response, survey: Survey) -> Service | None:
    if response.service is None:
        return None
    for service in survey.services:
        if service.name == response.service:
            return service
    raise DoesNotFit("response.unknown_service", service=response.service[:80])


def _station(response: Response, survey: Survey) -> Station | None:
    if response.station is None:
        return None
    if response.station not in survey.stations:
        raise DoesNotFit("response.unknown_station", station=response.station[:80])
    return survey.stations[response.station]


def _dated(response: Response, survey: Survey, one: Incoming) -> tuple[date, int | None, Flag]:
    """The day the response counts for, by the device's time corrected by how wrong its clock was when it sent."""
    zone = ZoneInfo(survey.agency.zone)
    received_on = one.received_at.astimezone(zone).date()
    offset = one.received_at - one.device_time if one.device_time else timedelta(0)
    day = (response.submitted_at + offset).astimezone(zone).date()
    flags = Flag(0)
    if abs(offset) > CLOCK_TOLERANCE:
        flags |= Flag.CLOCK
    if not EARLIEST <= day <= received_on:
        flags, day = flags | Flag.CLOCK, received_on
    if not survey.takes_answers_on(day):
        flags |= Flag.CLOSED
    return day, round(offset.total_seconds()) if one.device_time else None, flags


def newest(store: Store, principal: Principal, survey: Survey) -> Newest:
    """Where the responses of a survey stand; cheap enough to ask every second."""
    principal.require(Permission.READ_RESULTS)
    with store.reading.connect() as connection:
        return _newest(connection, survey)


def _newest(connection: sa.Connection, survey: Survey) -> Newest:
    query = (
        sa.select(RESPONSE.c.number, RESPONSE.c.received_at)
        .where(RESPONSE.c.survey == survey.number)
        .order_by(RESPONSE.c.number.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return Newest(row.number, row.received_at) if row else Newest(0, None)


def count_set_aside(store: Store, principal: Principal, survey: Survey) -> dict[str, int]:
    """How many submissions to a survey are set aside, by reason."""
    principal.require(Permission.READ_RESULTS)
    query = (
        sa.select(SET_ASIDE.c.reason, sa.func.count())
        .where(SET_ASIDE.c.survey == survey.number)
        .group_by(SET_ASIDE.c.reason)
        .order_by(SET_ASIDE.c.reason)
    )
    with store.reading.connect() as connection:
        return {reason: count for reason, count in connection.execute(query)}


def read_responses(store: Store, principal: Principal, survey: Survey, after: int = 0) -> PackedResponses:
    """All responses to a survey stored after number ``after``, as arrays.

    Answers given to an earlier version of the questionnaire stand under the columns of the present one by name;
    columns that version did not have are *not answered*.
    """
    principal.require(Permission.READ_RESULTS)
    r = RESPONSE.c
    # Two integers carry all keys, so that a row is four objects; a million rows cost a second less than as columns.
    day, questionnaire = (sa.cast(column, sa.BigInteger) for column in (r.answered_on, r.questionnaire))
    place = (day * 65_536 + sa.func.coalesce(r.unit, 0)) * 65_536 + sa.func.coalesce(r.service, 0)
    kind = (questionnaire * 256 + r.channel) * 256 + r.flags
    query = sa.select(place, kind, r.profile, r.answers).where(r.survey == survey.number, r.number > after)
    if principal.units is not None:
        query = query.where(r.unit.in_(principal.units))
    with store.reading.connect() as connection:
        stand = _newest(connection, survey)
        rows = connection.execute(query.where(r.number <= stand.last).order_by(r.number))
        chunks = [tuple(zip(*chunk, strict=True)) for chunk in rows.partitions(_ROWS_AT_ONCE)]
        places, kinds = (_joined([chunk[column] for chunk in chunks]) for column in (0, 1))
        version = kinds >> 16
        versions = {int(n): surveys.questionnaire_numbered(connection, int(n)) for n in np.unique(version)}
    return PackedResponses(
        questionnaire=survey.questionnaire,
        answers=_aligned([chunk[3] for chunk in chunks], version, versions, survey.questionnaire, _column_names),
        profile=_aligned([chunk[2] for chunk in chunks], version, versions, survey.questionnaire, _profile_names),
        unit=(places >> 16 & 0xFFFF).astype(np.uint16),
        service=(places & 0xFFFF).astype(np.uint16),
        day=(places >> 32).astype(np.int32),
        channel=(kinds >> 8 & 0xFF).astype(np.uint8),
        flags=(kinds & 0xFF).astype(np.uint8),
        last=stand.last,
        newest=stand.received_at,
    )


def _joined(parts: list[tuple[int, ...]]) -> npt.NDArray[np.int64]:
    return np.concatenate([np.empty(0, np.int64), *(np.array(part, np.int64) for part in parts)])


def _column_names(questionnaire: Questionnaire) -> list[str]:
    return [column.name for column in questionnaire.columns]


def _profile_names(questionnaire: Questionnaire) -> list[str]:
    return [question.name for question in questionnaire.profile]


def _aligned(
    parts: list[tuple[bytes, ...]],
    version: npt.NDArray[np.int64],
    versions: Mapping[int, Questionnaire],
    present: Questionnaire,
    names_of: Callable[[Questionnaire], list[str]],
) -> Bytes2D:
    """The packed rows as one array (n, names of the present version), each version's bytes under their names."""
    names = names_of(present)
    if all(names_of(questionnaire) == names for questionnaire in versions.values()):
        packed = b"".join(chain.from_iterable(parts))
        return np.frombuffer(packed, np.uint8).reshape(len(version), len(names))
    cells = np.zeros((len(version), len(names)), np.uint8)
    for number, questionnaire in versions.items():
        theirs = names_of(questionnaire)
        mine = version == number
        packed = b"".join(compress(chain.from_iterable(parts), mine))
        block = np.frombuffer(packed, np.uint8).reshape(int(mine.sum()), len(theirs))
        shared = [name for name in names if name in theirs]
        target = np.ix_(mine, [names.index(name) for name in shared])
        cells[target] = block[:, [theirs.index(name) for name in shared]]
    return cells
