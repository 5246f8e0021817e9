"""Who is logged in, since when, and does the login still hold?

A browser carries a random token of 256 bits; the database keeps its hash only. A login ends after half an hour without
use, after eight hours in any case, and whenever its account gets another password, role or unit, or is closed.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from survey.principal import Principal
from survey.store.people.accounts import LOGIN, Account, account_numbered, find_account, password_of
from survey.store.people.audit import Did, record
from survey.store.people.passwords import is_right
from survey.store.people.throttle import Try, count_failure, forget_failures, require_free

if TYPE_CHECKING:
    from survey.store import Store

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=8)
TOUCHED_EVERY = timedelta(minutes=1)
NOBODY = Principal("-", frozenset())
"""Who is named in the audit when a password was wrong."""


@dataclass(frozen=True)
class LoggedIn:
    """A login that holds: who it is, and what must come with every form this browser posts."""

    account: Account
    csrf: str

    @property
    def principal(self) -> Principal:
        """What this person may do and see."""
        return self.account.principal


@dataclass(frozen=True)
class Wrong:
    """The name and the password do not belong together; nobody learns which of them is wrong."""


def log_in(store: Store, tried: Try, password: str, now: datetime) -> str | Wrong:
    """The token of a new login, or that it was wrong. Raises ``Throttled`` before anything is computed.

    A name that nobody has takes as long as one that somebody has.
    """
    require_free(store, tried, now)
    with store.reading.connect() as connection:
        kept = password_of(connection, tried.account)
    right = is_right(password, kept)
    with store.engine.begin() as connection:
        account = find_account(connection, tried.account)
        if not right or account is None or account.disabled or password_of(connection, tried.account) != kept:
            count_failure(store, connection, tried, now)
            record(connection, NOBODY, Did.LOGIN_FAILED, account.name if account else "-", now)
            return Wrong()
        forget_failures(store, connection, tried)
        record(connection, account.principal, Did.LOGGED_IN, account.name, now)
        return begin_login(connection, account, now)


def begin_login(connection: sa.Connection, account: Account, now: datetime) -> str:
    """The token of a new login. Logins that are over are cleared away."""
    connection.execute(LOGIN.delete().where(sa.or_(LOGIN.c.used_at <= now - IDLE, LOGIN.c.began_at <= now - LONGEST)))
    token = secrets.token_urlsafe(32)
    row = {"token": _hash(token), "account": account.number, "csrf": secrets.token_urlsafe(32)}
    connection.execute(sa.insert(LOGIN).values(began_at=now, used_at=now, **row))
    return token


def who_is(store: Store, token: str, now: datetime, *, used: bool = True) -> LoggedIn | None:
    """Who is behind a token; None when the login is over.

    ``used``: whether a person did something, which begins the half hour anew. It is written once a minute at most.
    """
    hashed = _hash(token)
    with store.reading.connect() as connection:
        row = connection.execute(sa.select(LOGIN).where(LOGIN.c.token == hashed)).one_or_none()
        if row is None or now - row.used_at >= IDLE or now - row.began_at >= LONGEST:
            return None
        account = account_numbered(connection, row.account)
    if account.disabled:
        return None
    if used and now - row.used_at >= TOUCHED_EVERY:
        with store.engine.begin() as connection:
            connection.execute(LOGIN.update().where(LOGIN.c.token == hashed).values(used_at=now))
    return LoggedIn(account, row.csrf)


def log_out(store: Store, token: str, now: datetime) -> None:
    """End a login. What is over already stays so."""
    with store.engine.begin() as connection:
        number = connection.scalar(sa.select(LOGIN.c.account).where(LOGIN.c.token == _hash(token)))
        if number is not None:
            connection.execute(LOGIN.delete().where(LOGIN.c.token == _hash(token)))
            account = account_numbered(connection, number)
            record(connection, account.principal, Did.LOGGED_OUT, account.name, now)


def end_login(connection: sa.Connection, token: str) -> None:
    """Forget a login without a word, such as the one a browser came with when somebody logs in anew."""
    connection.execute(LOGIN.delete().where(LOGIN.c.token == _hash(token)))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
