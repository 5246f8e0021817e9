"""How does a response go when the person who gave it asks for it, so that it is gone and everything else still holds?

A tombstone is left: it keeps the id, so that the same bytes sent again get their receipt and are not stored, and the
station's number, which has arrived. Of the answers nothing is left. Backups made earlier hold the response until they
are thinned out, and a backup restored from before brings it back: then it has to be deleted again.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from survey.catalogue import Channel, Survey
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.store.people.audit import Did, record
from survey.store.plans.surveys import QUESTIONNAIRE, SERVICE, STATION, UNIT, table
from survey.tables import CommentRow, PaperFormRow, ResponseRow, SetAsideRow, TombstoneRow

if TYPE_CHECKING:
    from survey.store import Store

RESPONSE, COMMENT, SET_ASIDE = table(ResponseRow), table(CommentRow), table(SetAsideRow)
TOMBSTONE, PAPER_FORM = table(TombstoneRow), table(PaperFormRow)
REASON_SHORTEST, REASON_LONGEST = 10, 300
_RECEIPT = re.compile(r"[A-Z2-7]{8}")
_ROWS_AT_ONCE = 5000


@dataclass(frozen=True)
class Found:
    """What may be shown of a response before it is deleted: nothing of its answers.

    ``aside``: it was set aside and is in no result. ``day`` is the day it counts for, else the day it was received.
    """

    id: UUID
    survey: str
    day: date
    service: str | None
    unit: str | None
    station: str | None
    channel: Channel | None
    has_comment: bool
    aside: bool = False


def find_by_receipt(store: Store, principal: Principal, survey: Survey, code: str) -> Found | None:
    """The response with this receipt code; None when the survey has none.

    The code is an HMAC of the id and is kept nowhere: it is computed for every id of the survey. Should two responses
    have the same code (one chance in a trillion for a pair), the newer one is found.
    """
    principal.require(Permission.DELETE_RESPONSES)
    wanted = receipt_bytes(code)
    with store.reading.connect() as connection:
        number = _numbered(connection, store.receipt_key, RESPONSE, survey, wanted)
        if number is not None:
            return _shown(connection, survey, number)
        number = _numbered(connection, store.receipt_key, SET_ASIDE, survey, wanted)
        return _shown_aside(connection, survey, number) if number is not None else None


def receipt_bytes(code: str) -> bytes:
    """The five bytes that a receipt code writes, as a person types it. Raises ``Problem`` when it cannot be one."""
    typed = "".join(code.upper().split()).replace("-", "").replace("0", "O").replace("1", "I").replace("8", "B")
    if not _RECEIPT.fullmatch(typed):
        raise Problem("deletion.no_code", given=code[:20])
    return base64.b32decode(typed)


def _numbered(connection: sa.Connection, key: bytes, of: sa.Table, survey: Survey, wanted: bytes) -> int | None:
    """The number of the newest row whose id has this receipt."""
    query = sa.select(of.c.number, of.c.id).where(of.c.survey == survey.number).order_by(of.c.number.desc())
    cursor = connection.execute(query).cursor  # the driver's own rows: half a million ids a second
    assert cursor is not None
    digest = hmac.digest
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        for number, identity in rows:
            bytes_of_id = bytes.fromhex(identity) if isinstance(identity, str) else UUID(str(identity)).bytes
            if digest(key, bytes_of_id, "sha256")[:5] == wanted:
                return int(number)
    return None


def _shown(connection: sa.Connection, survey: Survey, number: int) -> Found:
    row = connection.execute(
        sa.select(
            RESPONSE.c.id,
            RESPONSE.c.answered_on,
            RESPONSE.c.channel,
            SERVICE.c.name.label("service"),
            UNIT.c.name.label("unit"),
            STATION.c.label.label("station"),
            RESPONSE.c.comment_digest.is_not(None).label("has_comment"),
        )
        .outerjoin_from(RESPONSE, SERVICE, RESPONSE.c.service == SERVICE.c.number)
        .outerjoin(UNIT, RESPONSE.c.unit == UNIT.c.number)
        .outerjoin(STATION, RESPONSE.c.station == STATION.c.number)
        .where(RESPONSE.c.number == number)
    ).one()
    channel = list(Channel)[row.channel - 1]
    return Found(row.id, survey.name, row.answered_on, row.service, row.unit, row.station, channel, row.has_comment)


def _shown_aside(connection: sa.Connection, survey: Survey, number: int) -> Found:
    row = connection.execute(
        sa.select(SET_ASIDE.c.id, SET_ASIDE.c.received_at, STATION.c.label.label("station"))
        .outerjoin_from(SET_ASIDE, STATION, SET_ASIDE.c.station == STATION.c.number)
        .where(SET_ASIDE.c.number == number)
    ).one()
    return Found(row.id, survey.name, row.received_at.date(), None, None, row.station, None, False, aside=True)


def delete_response(
    store: Store, principal: Principal, survey: Survey, found: Found, *, reason: str, now: datetime | None = None
) -> None:
    """Delete a response and its comment, and what was set aside under its id; leave a tombstone, and tell the audit.

    Raises ``Problem`` without a reason, and when it is gone already.
    """
    principal.require(Permission.DELETE_RESPONSES)
    said = " ".join(reason.split())[:REASON_LONGEST]
    if len(said) < REASON_SHORTEST:
        raise Problem("deletion.reason", shortest=REASON_SHORTEST)
    moment = now or datetime.now(UTC)
    with store.engine.begin() as connection:
        grave = _grave(connection, survey, found)
        connection.execute(
            sa.insert(TOMBSTONE).values(
                **grave, agency=survey.agency.number, id=found.id, survey=survey.number, deleted_at=moment,
                deleted_by=principal.name, reason=said,
            )
        )  # fmt: skip
        connection.execute(sa.delete(COMMENT).where(COMMENT.c.response == grave["response"]))
        connection.execute(sa.delete(RESPONSE).where(RESPONSE.c.number == grave["response"]))
        connection.execute(sa.delete(SET_ASIDE).where(SET_ASIDE.c.id == found.id))
        keyed = sa.update(PAPER_FORM).where(PAPER_FORM.c.response == found.id)
        connection.execute(keyed.values(first=None, second=None))
        told = {"day": found.day.isoformat(), "number": grave["response"], "reason": said}
        record(connection, principal, Did.RESPONSE_DELETED, survey.name, at=moment, **told)


def _grave(connection: sa.Connection, survey: Survey, found: Found) -> dict[str, Any]:
    """What the tombstone keeps of the response; of one that was only set aside, its number there, below zero."""
    response = connection.execute(
        sa.select(
            RESPONSE.c.number.label("response"),
            RESPONSE.c.digest,
            RESPONSE.c.station,
            RESPONSE.c.epoch,
            RESPONSE.c.sequence,
        ).where(RESPONSE.c.survey == survey.number, RESPONSE.c.id == found.id)
    ).one_or_none()
    if response:
        return dict(response._mapping)
    aside = connection.execute(
        sa.select(
            (-SET_ASIDE.c.number).label("response"),
            SET_ASIDE.c.body_digest.label("digest"),
            SET_ASIDE.c.station,
            SET_ASIDE.c.epoch,
            SET_ASIDE.c.sequence,
        )
        .where(SET_ASIDE.c.survey == survey.number, SET_ASIDE.c.id == found.id)
        .limit(1)
    ).one_or_none()
    if aside is None:
        raise Problem("deletion.gone")
    return dict(aside._mapping)


@dataclass(frozen=True)
class Deletion:
    """A deletion on request, as the tombstone tells of it."""

    survey: int
    at: datetime
    by: str
    reason: str


def list_deletions(store: Store, principal: Principal) -> tuple[Deletion, ...]:
    """Every deletion on request, the newest first."""
    principal.require(Permission.DELETE_RESPONSES)
    t = TOMBSTONE.c
    query = sa.select(t.survey, t.deleted_at, t.deleted_by, t.reason).order_by(t.deleted_at.desc())
    with store.reading.connect() as connection:
        return tuple(Deletion(*row) for row in connection.execute(query))


def count_deleted(connection: sa.Connection, survey: Survey) -> int:
    """How many responses to a survey were deleted on request: when it changes, what was read is not true any more."""
    query = sa.select(sa.func.count()).select_from(TOMBSTONE).where(TOMBSTONE.c.survey == survey.number)
    return int(connection.scalar(query) or 0)


def deleted_among(connection: sa.Connection, identities: Collection[UUID]) -> frozenset[UUID]:
    """Which of these ids belong to a response that was deleted: whatever comes under them is not stored again."""
    if not identities:
        return frozenset()
    return frozenset(connection.scalars(sa.select(TOMBSTONE.c.id).where(TOMBSTONE.c.id.in_(identities))))


@contextmanager
def numbers_used_once(connection: sa.Connection) -> Iterator[None]:
    """Let no response written within get the number of a deleted one.

    SQLite gives the highest number there is and one more. When the newest response was deleted, its number would be
    given again, and whoever reads on from a number would never see the new one. Therefore the number is held by a row
    that is there for this transaction only. Other databases never give a number twice.
    """
    held = _held(connection) if connection.dialect.name == "sqlite" else None
    yield
    if held:
        connection.execute(sa.delete(RESPONSE).where(RESPONSE.c.number == held))


_HIGHEST = sa.select(sa.func.max(TOMBSTONE.c.response))


def _held(connection: sa.Connection) -> int | None:
    highest = connection.scalar(_HIGHEST)
    if highest is None or highest <= (connection.scalar(sa.select(sa.func.max(RESPONSE.c.number))) or 0):
        return None
    grave = connection.execute(sa.select(TOMBSTONE).where(TOMBSTONE.c.response == highest)).one()
    now = datetime.now(UTC)
    empty = {name: b"" for name in ("profile", "answers", "timings", "digest")}
    connection.execute(
        sa.insert(RESPONSE).values(
            number=highest, agency=grave.agency, id=uuid4(), survey=grave.survey,
            questionnaire=sa.select(sa.func.min(QUESTIONNAIRE.c.number)).scalar_subquery(), channel=1, language="id",
            started_at=now, submitted_at=now, received_at=now, answered_on=now.date(), flags=0, **empty,
        )
    )  # fmt: skip
    return int(highest)
