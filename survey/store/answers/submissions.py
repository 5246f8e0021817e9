"""How does a response come in exactly once?"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from survey.packed import Flag
from survey.problem import Problem
from survey.questionnaire import Questionnaire
from survey.response import (
    DoesNotFit,
    Envelope,
    NotAResponse,
    Response,
    Submission,
    open_envelope,
    pack,
    read_submission,
)
from survey.store.answers.deletion import deleted_among, numbers_used_once
from survey.store.answers.responses import COMMENT, RESPONSE, SET_ASIDE
from survey.store.engine import insert_or_ignore
from survey.store.plans import surveys
from survey.store.plans.surveys import Destination
from survey.store.stations.arrivals import Announcements
from survey.store.stations.tickets import use_ticket

if TYPE_CHECKING:
    from survey.store import Store

log = logging.getLogger(__name__)
EARLIEST = datetime(2024, 1, 1, tzinfo=UTC)
CLOCK_TOLERANCE = timedelta(hours=1)
_LARGEST = 2**31 - 1  # of an INTEGER in every database
_INSERT_COMMENT = sa.insert(COMMENT)
_STORED = sa.select(RESPONSE.c.digest, RESPONSE.c.flags).where(
    RESPONSE.c.agency == sa.bindparam("of_agency"), RESPONSE.c.id == sa.bindparam("with_id")
)


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
    NOT_WRITTEN = "not_written"
    """The database would not take this one; the device keeps it and tries again (503)."""


@dataclass(frozen=True)
class Incoming:
    """A body as it arrived. ``device_time`` is what the device's clock said when it was sent, None when not told.

    ``token``: what the device showed as that of its station. ``vouched``: the staff brings it from the device.
    """

    body: bytes
    received_at: datetime
    device_time: datetime | None = None
    token: str | None = None
    vouched: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of one submission, its receipt when it is safe, and the reason when it is not simply stored."""

    fate: Fate
    id: UUID | None = None
    receipt: str | None = None
    reason: Problem | None = None


def receipt_for(identity: UUID, key: bytes) -> str:
    """The receipt code: the first 8 characters, in base32, of HMAC-SHA256 of the response's id."""
    return base64.b32encode(hmac.digest(key, identity.bytes, "sha256")[:5]).decode()


def submit(store: Store, incoming: Sequence[Incoming]) -> list[Outcome]:
    """Write all submissions in one transaction; when this returns, they are committed.

    One outcome for each, in order. A submission that cannot be written does not take the others along: they are written
    one by one then. Raises the database's error when nothing can be written now (disk full, locked, gone).
    """
    try:
        return _submit_together(store, incoming)
    except sa.exc.OperationalError:
        raise
    except Exception:
        return [_submit_alone(store, one) for one in incoming]


def _submit_alone(store: Store, one: Incoming) -> Outcome:
    try:
        return _submit_together(store, [one])[0]
    except sa.exc.OperationalError:
        raise
    except Exception as error:
        log.error("a submission could not be written: %s", type(error).__name__)
        return Outcome(Fate.NOT_WRITTEN, reason=Problem("response.not_written"))


def _submit_together(store: Store, incoming: Sequence[Incoming]) -> list[Outcome]:
    read = [_Read.of(one) for one in incoming]  # before it is our turn: meanwhile others write
    with store.engine.begin() as connection, numbers_used_once(connection):
        desk = _Desk(store, connection)
        desk.know_deleted(read)
        outcomes = desk.take(read)
        desk.announced.write(connection)
        return outcomes


@dataclass(frozen=True)
class _Read:
    """A submission as far as it can be understood without the database."""

    incoming: Incoming
    envelope: Envelope | None = None
    submission: Submission | None = None
    problem: Problem | None = None

    @classmethod
    def of(cls, one: Incoming) -> _Read:
        try:
            envelope = open_envelope(one.body)
        except NotAResponse as problem:
            return cls(one, problem=problem)
        try:
            return cls(one, envelope, read_submission(envelope))
        except DoesNotFit as problem:
            return cls(one, envelope, problem=problem)


@dataclass(frozen=True)
class _Ready:
    """A submission that fits, with the row to write."""

    incoming: Incoming
    envelope: Envelope
    submission: Submission
    destination: Destination
    response: Response
    row: dict[str, Any]


class _Desk:
    """Takes submissions within one transaction; looks up once where those with the same names belong."""

    def __init__(self, store: Store, connection: sa.Connection) -> None:
        self.store = store
        self.connection = connection
        self.announced = Announcements()
        self._deleted: frozenset[UUID] = frozenset()
        self._destinations: dict[tuple[str | int | None, ...], Destination | None] = {}

    def take(self, read: Sequence[_Read]) -> list[Outcome]:
        """What becomes of each, in order. New rows are written by one statement: one each took longer than all else."""
        seen = [self._look(one) for one in read]
        new = {_key(one.row): one.row for one in reversed(seen) if isinstance(one, _Ready)}
        numbers = self._insert(list(reversed(new.values())))
        return [self._settle(one, numbers) if isinstance(one, _Ready) else one for one in seen]

    def _look(self, read: _Read) -> Outcome | _Ready:
        """The row to write; or the outcome of what is no response, was deleted, or does not fit."""
        one, envelope, submission = read.incoming, read.envelope, read.submission
        if envelope is None:
            return Outcome(Fate.REFUSED, reason=read.problem)
        if envelope.id in self._deleted:
            return Outcome(Fate.AGAIN, envelope.id, self._receipt(envelope.id))
        if submission is None:
            assert read.problem is not None
            return self._set_aside(envelope, one, read.problem)
        try:
            destination, number, questionnaire = self._destination(submission)
            response = pack(submission, questionnaire, self.store.comment_key)
        except DoesNotFit as problem:
            return self._set_aside(envelope, one, problem)
        row = _row(response, destination, number, one)
        row["flags"] |= _doubt(destination, one)
        self.announced.hear(row["station"], response.epoch, response.sequence, one.received_at)
        return _Ready(one, envelope, submission, destination, response, row)

    def _settle(self, ready: _Ready, numbers: dict[tuple[int, UUID], int]) -> Outcome:
        """The outcome of a row. Those in ``numbers`` are written; each is taken out for the first that has its id."""
        response, row = ready.response, ready.row
        written = numbers.pop(_key(row), None) or self._write(row)
        if written is None:
            return self._compare(ready.envelope, response, row["agency"], ready.incoming)
        if ready.destination.tickets:
            self._use_ticket(ready.destination, ready.submission, written, row)
        if response.comment_digest:
            text = storable((ready.submission.comment or "").strip())
            self.connection.execute(_INSERT_COMMENT, {"response": written, "text": text})
        return Outcome(_fate(row["flags"]), response.id, self._receipt(response.id))

    def _use_ticket(
        self, destination: Destination, submission: Submission, written: int, row: Mapping[str, Any]
    ) -> None:
        """Only a new answer uses a ticket up: the same one sent again is no second."""
        key = self.store.receipt_key
        said = use_ticket(self.connection, key, destination.survey, submission.ticket, row["answered_on"])
        if said:
            flagged = sa.update(RESPONSE).where(RESPONSE.c.number == written)
            self.connection.execute(flagged.values(flags=row["flags"] | said))

    def know_deleted(self, read: Sequence[_Read]) -> None:
        """Look up once which of these were deleted on request: they are not stored again."""
        self._deleted = deleted_among(self.connection, {one.envelope.id for one in read if one.envelope})

    def _receipt(self, identity: UUID) -> str:
        return receipt_for(identity, self.store.receipt_key)

    def _destination(self, submission: Submission) -> tuple[Destination, int, Questionnaire]:
        """Where it belongs, with the number and content of its questionnaire. Raises ``DoesNotFit`` when nowhere."""
        s, asked = submission, submission.questionnaire
        found = self._found(s.survey, asked.name, asked.version, s.service, s.station)
        if found is None:
            raise DoesNotFit("response.unknown_survey", survey=s.survey)
        if found.questionnaire is None or found.questionnaire[1].digest != asked.digest:
            raise DoesNotFit("response.unknown_questionnaire", name=asked.name, version=asked.version)
        if s.service is not None and found.service is None:
            raise DoesNotFit("response.unknown_service", service=s.service)
        if s.station is not None and found.station is None:
            raise DoesNotFit("response.unknown_station", station=s.station)
        return found, *found.questionnaire

    def _found(
        self,
        survey: str,
        questionnaire: str | None = None,
        version: int | None = None,
        service: str | None = None,
        station: str | None = None,
    ) -> Destination | None:
        key = (survey, questionnaire, version, service, station)
        if key not in self._destinations:
            names = dict(zip(("survey", "questionnaire", "version", "service", "station"), key, strict=True))
            self._destinations[key] = surveys.find_destination(self.connection, names)
        return self._destinations[key]

    def _write(self, row: dict[str, Any]) -> int | None:
        """The number of a new row that was refused at first, if only its sequence was taken; None for an id we have."""
        if row["sequence"] is None or self._stored(*_key(row)) is not None:
            return None
        # Another response has this station's sequence number: a cloned profile. Keep both, and say so.
        row["taken_sequence"], row["sequence"] = row["sequence"], None
        row["flags"] |= Flag.SEQUENCE_TAKEN
        return self._insert([row]).get(_key(row))

    def _insert(self, rows: list[dict[str, Any]]) -> dict[tuple[int, UUID], int]:
        """The numbers of the rows that no constraint forbids, by agency and id."""
        if not rows:
            return {}
        wanted = RESPONSE.c.number, RESPONSE.c.agency, RESPONSE.c.id
        statement = insert_or_ignore(self.store.engine.dialect.name, RESPONSE, *wanted)
        return {(agency, identity): number for number, agency, identity in self.connection.execute(statement, rows)}

    def _stored(self, agency: int, identity: UUID) -> tuple[bytes, Flag] | None:
        """The digest and flags of the response with this id."""
        row = self.connection.execute(_STORED, {"of_agency": agency, "with_id": identity}).one_or_none()
        return (bytes(row.digest), Flag(row.flags)) if row else None

    def _compare(self, envelope: Envelope, response: Response, agency: int, one: Incoming) -> Outcome:
        stored = self._stored(agency, response.id)
        assert stored is not None
        digest, flags = stored
        if digest == response.digest:
            fate = Fate.KEPT if _fate(flags) is Fate.KEPT else Fate.AGAIN
            return Outcome(fate, response.id, self._receipt(response.id))
        problem = Problem("response.conflict")
        self._set_aside(envelope, one, problem)
        return Outcome(Fate.CONFLICT, response.id, reason=problem)

    def _set_aside(self, envelope: Envelope, one: Incoming, problem: Problem) -> Outcome:
        named, epoch, sequence = _numbered(envelope)
        belongs = self._found(envelope.survey, station=named) if envelope.survey.isprintable() else None
        station = belongs.station if belongs else None
        self.announced.hear(station, epoch, sequence, one.received_at)
        row = {
            "id": envelope.id,
            "reason": problem.key.removeprefix("response."),
            "detail": storable(str(problem))[:500],
            "survey": belongs.survey if belongs else None,
            "received_at": one.received_at,
            "device_time": one.device_time,
            "body": one.body,
            "body_digest": hashlib.sha256(one.body).digest(),
            "station": station if epoch and sequence else None,
            "epoch": epoch if station and sequence else None,
            "sequence": sequence if station and epoch else None,
        }
        self.connection.execute(insert_or_ignore(self.store.engine.dialect.name, SET_ASIDE), row)
        return Outcome(Fate.KEPT, envelope.id, self._receipt(envelope.id), problem)


def _key(row: Mapping[str, Any]) -> tuple[int, UUID]:
    """Under which a response is there once."""
    return row["agency"], row["id"]


def _numbered(envelope: Envelope) -> tuple[str | None, UUID | None, int | None]:
    """The station, epoch and sequence of what does not fit, where they can be read."""
    named, epoch, sequence = (envelope.content.get(name) for name in ("station", "epoch", "sequence"))
    station = named if isinstance(named, str) and named.isprintable() else None
    try:
        known = UUID(epoch)
    except (ValueError, TypeError, AttributeError):
        return station, None, None
    return station, known, sequence if type(sequence) is int and 1 <= sequence <= _LARGEST else None


def _row(response: Response, destination: Destination, questionnaire: int, one: Incoming) -> dict[str, Any]:
    """The row to write; ``questionnaire`` is the number of the version it answers."""
    day, flags = _dated(response, destination, one)
    return {
        "agency": destination.agency,
        "id": response.id,
        "survey": destination.survey,
        "questionnaire": questionnaire,
        "unit": destination.unit,
        "service": destination.service,
        "station": destination.station,
        "epoch": response.epoch,
        "sequence": response.sequence,
        "taken_sequence": None,
        "channel": response.channel.code,
        "language": response.language,
        "started_at": response.started_at,
        "submitted_at": response.submitted_at,
        "received_at": one.received_at,
        "answered_on": day,
        "clock_offset": _seconds(one.received_at - one.device_time) if one.device_time else None,
        "profile": response.profile,
        "answers": response.answers,
        "timings": response.timings,
        "comment_digest": response.comment_digest,
        "digest": response.digest,
        "flags": flags,
    }


def _doubt(destination: Destination, one: Incoming) -> Flag:
    """A station that is retired, or that was registered and does not show its token: kept, and flagged."""
    foreign = destination.station_secret is not None and not (one.vouched or destination.knows(one.token))
    return Flag.UNKNOWN_STATION if destination.station_retired or foreign else Flag(0)


def _dated(response: Response, destination: Destination, one: Incoming) -> tuple[date, Flag]:
    """The day the response counts for: when it was received, less the time it waited on the device by its own clock."""
    zone = ZoneInfo(destination.zone)
    waited = (one.device_time or one.received_at) - response.submitted_at
    wrong = one.device_time is not None and abs(one.received_at - one.device_time) > CLOCK_TOLERANCE
    flags = Flag.CLOCK if wrong else Flag(0)
    if not -CLOCK_TOLERANCE <= waited <= one.received_at - EARLIEST:
        flags, waited = flags | Flag.CLOCK, timedelta(0)
    answered = (one.received_at - max(waited, timedelta(0))).astimezone(zone)
    if not destination.takes_answers_on(answered.date()):
        return answered.date(), flags | Flag.CLOSED
    return answered.date(), flags if destination.is_open_at(answered) else flags | Flag.OUT_OF_HOURS


def _fate(flags: Flag) -> Fate:
    return Fate.KEPT if flags & Flag.CLOSED else Fate.STORED


def _seconds(span: timedelta) -> int:
    return max(-_LARGEST, min(_LARGEST, round(span.total_seconds())))


def storable(text: str) -> str:
    """A text that every database takes: no half characters and no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
