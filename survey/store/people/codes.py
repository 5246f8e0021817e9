"""Which codes are good once, for how long, and have they been used? Only a keyed hash of each is kept."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from survey.store.plans.surveys import table
from survey.store.secrets import letters_of, new_code
from survey.tables import OneTimeCodeRow

if TYPE_CHECKING:
    from survey.store import Store

CODE = table(OneTimeCodeRow)
GOOD_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class CodeFor:
    """What a code opens: the password of an account, or a station's registration."""

    account: int | None = None
    station: int | None = None


def make_code(
    store: Store, connection: sa.Connection, opens: CodeFor, now: datetime, good_for: timedelta = GOOD_FOR
) -> str:
    """A new code, to be shown once. Earlier ones for the same thing are void."""
    connection.execute(CODE.delete().where(_same(opens)))
    code = new_code()
    row = {"account": opens.account, "station": opens.station, "made_at": now, "expires_at": now + good_for}
    connection.execute(sa.insert(CODE).values(code=_hash(store, code), **row))
    return code


def code_opens(store: Store, connection: sa.Connection, code: str, now: datetime) -> CodeFor | None:
    """What the code would open; None for one that is wrong, used or too old."""
    row = connection.execute(sa.select(CODE).where(CODE.c.code == _hash(store, code))).one_or_none()
    if row is None or row.used_at is not None or row.expires_at <= now:
        return None
    return CodeFor(row.account, row.station)


def use_code(store: Store, connection: sa.Connection, code: str, now: datetime) -> CodeFor | None:
    """What the code opens, now and for the only time; None for one that is wrong, used or too old."""
    opens = code_opens(store, connection, code, now)
    if opens:
        connection.execute(CODE.update().where(CODE.c.code == _hash(store, code)).values(used_at=now))
    return opens


def void_codes(connection: sa.Connection, opens: CodeFor) -> None:
    """No code opens this any more."""
    connection.execute(CODE.delete().where(_same(opens)))


def _same(opens: CodeFor) -> sa.ColumnElement[bool]:
    return CODE.c.account == opens.account if opens.station is None else CODE.c.station == opens.station


def _hash(store: Store, code: str) -> bytes:
    return hmac.digest(store.receipt_key, f"one-time code {letters_of(code)}".encode(), "sha256")
