"""What was done by the staff, when and by whom, so that nobody can change it unnoticed?

Each entry carries a digest over itself and the entry before it. The table refuses changes by triggers; whoever removes
these and edits a row breaks the chain from there on, and the head that is kept in every backup's manifest shows it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from survey.principal import Permission, Principal
from survey.store.plans.surveys import insert, table
from survey.tables import AuditRow

if TYPE_CHECKING:
    from survey.store import Store

AUDIT = table(AuditRow)
BEGINNING = bytes(32)
"""The digest before the first entry."""


class Did(StrEnum):
    """What can be done."""

    LOGGED_IN = "logged_in"
    LOGIN_FAILED = "login_failed"
    LOGGED_OUT = "logged_out"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - no password
    RESET_CODE_MADE = "reset_code_made"
    ACCOUNT_MADE = "account_made"
    ACCOUNT_CHANGED = "account_changed"
    TOKEN_MADE = "token_made"  # noqa: S105 - no token
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - no token
    AGENCY_CHANGED = "agency_changed"
    UNIT_CHANGED = "unit_changed"
    SERVICE_CHANGED = "service_changed"
    SURVEY_MADE = "survey_made"
    SURVEY_CHANGED = "survey_changed"
    DRAFT_KEPT = "draft_kept"
    DRAFT_DISCARDED = "draft_discarded"
    QUESTIONNAIRE_PUBLISHED = "questionnaire_published"
    STATION_CHANGED = "station_changed"
    STATION_REGISTERED = "station_registered"
    TICKETS_MADE = "tickets_made"
    SERVED_ENTERED = "served_entered"
    IMPORTED = "imported"
    EXPORTED = "exported"
    BACKED_UP = "backed_up"
    RESTORED = "restored"
    RESPONSE_DELETED = "response_deleted"
    COMMENTS_DELETED = "comments_deleted"
    FORM_CORRECTED = "form_corrected"
    SETTING_CHANGED = "setting_changed"


@dataclass(frozen=True)
class Entry:
    """One entry. ``what`` is the thing it was done to, by name; ``detail`` says more, as plain JSON values."""

    number: int
    at: datetime
    who: str
    role: str
    did: str
    what: str
    detail: Mapping[str, Any]
    digest: bytes

    def follows(self, before: bytes) -> bool:
        """Whether the digest is right after an entry with the digest ``before``."""
        return self.digest == _digest(before, self.at, self.who, self.role, self.did, self.what, self.detail)


@dataclass(frozen=True)
class Head:
    """How long the chain is and the digest of its last entry, in hexadecimal."""

    entries: int
    digest: str


def record(
    connection: sa.Connection, principal: Principal, did: Did, what: str, at: datetime | None = None, **detail: Any
) -> None:
    """Write an entry in the caller's transaction: it stands or falls with what it tells of.

    Never give an answer, a comment, a password, a code or an address.
    """
    before = connection.scalar(sa.select(AUDIT.c.digest).order_by(AUDIT.c.number.desc()).limit(1))
    moment = (at or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    role = principal.role.value if principal.role else "-"
    row = {"at": moment, "who": principal.name, "role": role, "did": did.value, "what": what, "detail": detail}
    insert(connection, AUDIT, {**row, "digest": _digest(bytes(before or BEGINNING), *row.values())})


def _digest(before: bytes, *values: Any) -> bytes:
    moment, *rest = values
    written = json.dumps([moment.isoformat(), *rest], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(before + written.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True)
class Asked:
    """Which entries somebody wants to see: of whom, of what kind, since when. Empty is all."""

    who: str = ""
    did: frozenset[Did] = frozenset()
    since: datetime | None = None


EVERYTHING = Asked()


def read_audit(
    store: Store, principal: Principal, asked: Asked = EVERYTHING, before: int | None = None, limit: int = 200
) -> tuple[Entry, ...]:
    """Entries, the newest first, from before the number ``before`` on."""
    principal.require(Permission.READ_AUDIT)
    query = sa.select(AUDIT).order_by(AUDIT.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(AUDIT.c.number < before)
    if asked.who:
        query = query.where(AUDIT.c.who == asked.who)
    if asked.did:
        query = query.where(AUDIT.c.did.in_([did.value for did in asked.did]))
    if asked.since:
        query = query.where(AUDIT.c.at >= asked.since)
    with store.reading.connect() as connection:
        return tuple(_entries(connection, query))


def people_in_audit(store: Store, principal: Principal) -> tuple[str, ...]:
    """Everybody who did something, by name."""
    principal.require(Permission.READ_AUDIT)
    with store.reading.connect() as connection:
        return tuple(connection.scalars(sa.select(AUDIT.c.who).distinct().order_by(AUDIT.c.who)))


def record_export(store: Store, principal: Principal, survey: str, kind: str, n: int) -> None:
    """Somebody took the data of a survey away: as which kind of file, how many responses."""
    principal.require(Permission.EXPORT_DATA)
    with store.engine.begin() as connection:
        record(connection, principal, Did.EXPORTED, survey, kind=kind, n=n)


def first_broken(store: Store, principal: Principal) -> int | None:
    """The number of the first entry that does not follow from the one before it; None when the chain is whole."""
    principal.require(Permission.READ_AUDIT)
    with store.reading.connect() as connection:
        return broken_at(connection)


def broken_at(connection: sa.Connection) -> int | None:
    """The same for whoever has asked for the permission already."""
    digest = BEGINNING
    for entry in _entries(connection, sa.select(AUDIT).order_by(AUDIT.c.number)):
        if not entry.follows(digest):
            return entry.number
        digest = entry.digest
    return None


def holds(connection: sa.Connection, earlier: Head) -> bool:
    """Whether the chain still goes through where it once ended: nothing before was taken away or written anew."""
    if not earlier.entries:
        return True
    digest = connection.scalar(sa.select(AUDIT.c.digest).where(AUDIT.c.number == earlier.entries))
    return digest is not None and bytes(digest).hex() == earlier.digest


def head(connection: sa.Connection) -> Head:
    """Where the chain ends."""
    row = connection.execute(sa.select(AUDIT.c.number, AUDIT.c.digest).order_by(AUDIT.c.number.desc()).limit(1))
    found = row.one_or_none()
    return Head(found.number, bytes(found.digest).hex()) if found else Head(0, BEGINNING.hex())


def _entries(connection: sa.Connection, query: sa.Select[Any]) -> Iterable[Entry]:
    for row in connection.execute(query):
        yield Entry(row.number, row.at, row.who, row.role, row.did, row.what, row.detail, bytes(row.digest))
