"""Which programs may use the API, for whom, for what and until when?

A token is shown once, when it is made: ``skp_<id>_<secret>``. The database keeps its id, which may be seen, and a hash.
It never opens more than its account may, and nothing any more when that is closed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.store.people.accounts import ACCOUNT, account_numbered, require_account
from survey.store.people.audit import Did, record
from survey.store.plans.surveys import TOKEN, insert

if TYPE_CHECKING:
    from survey.store import Store

LABEL_LONGEST, LONGEST_DAYS = 80, 366
TOUCHED_EVERY = timedelta(minutes=1)
_FORM = re.compile(r"skp_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")


class Scope(StrEnum):
    """What a token may be used for."""

    STATIONS = "stations"
    RELEASES = "releases"


OPENS: Mapping[Scope, frozenset[Permission]] = MappingProxyType(
    {
        Scope.STATIONS: frozenset({Permission.RUN_STATIONS}),
        Scope.RELEASES: frozenset({Permission.READ_RELEASES}),
    }
)
"""Which permissions of its account a token carries."""
OFFERED = (Scope.STATIONS,)
"""For what tokens are made: what the API has an address for. No data set can be released yet, so none for releases."""


@dataclass(frozen=True)
class Token:
    """A token as it may be shown: never its secret."""

    id: str
    label: str
    scope: Scope
    account: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything at that moment."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True)
class NewToken:
    """What a token is to be: for what, for whom, and for how many days."""

    label: str
    scope: Scope
    account: str
    days: int = 90


def hash_of_token(token: str) -> bytes:
    """What is kept of a token. It is long and random, so that a plain hash does."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def make_token(store: Store, principal: Principal, wanted: NewToken, now: datetime) -> str:
    """A new token, to be shown once. Raises ``Problem`` when it would open nothing: for its account, or at all."""
    principal.require(Permission.MANAGE_ACCOUNTS)
    if wanted.scope not in OFFERED:
        raise Problem("token.not_yet")
    label = " ".join(wanted.label.split())
    if not label or len(label) > LABEL_LONGEST or not label.isprintable():
        raise Problem("token.label", longest=LABEL_LONGEST)
    if not 1 <= wanted.days <= LONGEST_DAYS:
        raise Problem("token.days", longest=LONGEST_DAYS)
    identity = secrets.token_hex(6)
    token = f"skp_{identity}_{secrets.token_urlsafe(32)}"
    with store.engine.begin() as connection:
        account = require_account(connection, wanted.account)
        if account.disabled or not OPENS[wanted.scope] & account.principal.permissions:
            raise Problem("token.account", name=account.name)
        row = {
            "id": identity,
            "secret": hash_of_token(token),
            "label": label,
            "scope": wanted.scope.value,
            "account": account.number,
            "made_at": now,
            "expires_at": now + timedelta(days=wanted.days),
        }
        insert(connection, TOKEN, row)
        record(connection, principal, Did.TOKEN_MADE, identity, now, scope=wanted.scope.value, account=account.name)
    return token


def list_tokens(store: Store, principal: Principal) -> tuple[Token, ...]:
    """Every token of a person, the newest first; those of stations belong to the stations."""
    principal.require(Permission.MANAGE_ACCOUNTS)
    query = sa.select(TOKEN, ACCOUNT.c.name).join(ACCOUNT, TOKEN.c.account == ACCOUNT.c.number)
    with store.reading.connect() as connection:
        return tuple(_read(row) for row in connection.execute(query.order_by(TOKEN.c.number.desc())))


def revoke_token(store: Store, principal: Principal, identity: str, now: datetime) -> None:
    """The token opens nothing any more."""
    principal.require(Permission.MANAGE_ACCOUNTS)
    mine = (TOKEN.c.id == identity, TOKEN.c.account.is_not(None), TOKEN.c.revoked_at.is_(None))
    with store.engine.begin() as connection:
        if connection.execute(TOKEN.update().where(*mine).values(revoked_at=now)).rowcount:
            record(connection, principal, Did.TOKEN_REVOKED, identity, now)


def holder(store: Store, given: str, scope: Scope, now: datetime) -> Principal | None:
    """Who uses this token for this: what its account may do of what the scope opens; None when it opens nothing."""
    form = _FORM.fullmatch(given)
    if form is None:
        return None
    hashed = hash_of_token(given)
    with store.reading.connect() as connection:
        row = connection.execute(sa.select(TOKEN).where(TOKEN.c.id == form[1])).one_or_none()
        if not hmac.compare_digest(bytes(row.secret) if row else bytes(32), hashed) or row is None:
            return None
        expired = row.expires_at is not None and now >= row.expires_at
        if row.account is None or row.revoked_at is not None or expired or row.scope != scope.value:
            return None
        account = account_numbered(connection, row.account)
    opened = account.principal.permissions & OPENS[scope]
    if account.disabled or not opened:
        return None
    if row.used_at is None or now - row.used_at >= TOUCHED_EVERY:
        with store.engine.begin() as connection:
            connection.execute(TOKEN.update().where(TOKEN.c.number == row.number).values(used_at=now))
    return Principal(f"{account.name} ({row.id})", opened, account.units, account.role)


def _read(row: sa.Row[Any]) -> Token:
    return Token(
        id=row.id,
        label=row.label,
        scope=Scope(row.scope),
        account=row.name,
        made_at=row.made_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
