"""How often may somebody try a password? The database counts, so that a start of the app forgives nothing.

Five wrong ones for an account cost a minute, each further one twice as long, up to a quarter of an hour. Twenty from
one address within ten minutes close that address for the rest of them. Names and addresses are kept as keyed hashes
only.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from survey.problem import Problem
from survey.store.plans.surveys import table
from survey.tables import ThrottleRow

if TYPE_CHECKING:
    from survey.store import Store

THROTTLE = table(ThrottleRow)
ACCOUNT_FAILURES, ACCOUNT_LONGEST = 5, timedelta(minutes=15)
ADDRESS_FAILURES, ADDRESS_WINDOW = 20, timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(days=1)


class Throttled(Problem):
    """Somebody has to wait before the next try."""

    def __init__(self, free_at: datetime, now: datetime) -> None:
        minutes = -(-int((free_at - now).total_seconds()) // 60)
        super().__init__("login.wait", minutes=max(1, minutes))
        self.free_at = free_at


@dataclass(frozen=True)
class Try:
    """A try to get in: for which account, from which address. Both leave this object only as keyed hashes."""

    account: str
    address: str

    @classmethod
    def of(cls, name: str, address: str) -> Try:
        """A try for whatever somebody typed as a name."""
        return cls(name.encode("utf-8", "replace").decode().strip().casefold()[:100], address)

    def keys(self, store: Store) -> tuple[bytes, bytes]:
        """The keys under which the tries for the account and from the address are counted."""
        return _key(store, "account", self.account), _key(store, "address", self.address)


def _key(store: Store, kind: str, value: str) -> bytes:
    return hmac.digest(store.receipt_key, f"throttle {kind} {value}".encode("utf-8", "replace"), "sha256")


def require_free(store: Store, tried: Try, now: datetime) -> None:
    """Raise ``Throttled`` while the account or the address has to wait. Nothing has been computed by then."""
    latest = sa.select(sa.func.max(THROTTLE.c.free_at)).where(THROTTLE.c.key.in_(tried.keys(store)))
    with store.reading.connect() as connection:
        free = connection.scalar(latest)
    if free is not None and free > now:
        raise Throttled(free, now)


def count_failure(store: Store, connection: sa.Connection, tried: Try, now: datetime) -> None:
    """The try was wrong: count it for the account and for the address."""
    last = sa.func.coalesce(THROTTLE.c.free_at, THROTTLE.c.first_at)
    connection.execute(THROTTLE.delete().where(last < now - FORGOTTEN_AFTER))
    account, address = tried.keys(store)
    failures, _ = _counted(connection, account, now)
    if failures >= ACCOUNT_FAILURES:
        wait = min(ACCOUNT_LONGEST, timedelta(minutes=2 ** min(10, failures - ACCOUNT_FAILURES)))
        _close(connection, account, now + wait)
    failures, first = _counted(connection, address, now, ADDRESS_WINDOW)
    if failures >= ADDRESS_FAILURES:
        _close(connection, address, first + ADDRESS_WINDOW)


def forget_failures(store: Store, connection: sa.Connection, tried: Try) -> None:
    """The right password was given: the account begins anew. The address does not: others may share it."""
    connection.execute(THROTTLE.delete().where(THROTTLE.c.key == tried.keys(store)[0]))


def _counted(
    connection: sa.Connection, key: bytes, now: datetime, window: timedelta | None = None
) -> tuple[int, datetime]:
    row = connection.execute(sa.select(THROTTLE).where(THROTTLE.c.key == key)).one_or_none()
    if row is None:
        connection.execute(sa.insert(THROTTLE).values(key=key, failures=1, first_at=now))
        return 1, now
    if window and now - row.first_at >= window:
        failures, first = 1, now
    else:
        failures, first = row.failures + 1, row.first_at
    connection.execute(THROTTLE.update().where(THROTTLE.c.key == key).values(failures=failures, first_at=first))
    return failures, first


def _close(connection: sa.Connection, key: bytes, until: datetime) -> None:
    connection.execute(THROTTLE.update().where(THROTTLE.c.key == key).values(free_at=until))
