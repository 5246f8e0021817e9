"""Who is there in a test of accounts? Made straight in the store, with passwords that cost nothing to check."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from survey.principal import LOCAL_STAFF, MAY, Principal, Role
from survey.store import Store
from survey.store.people.accounts import (
    Account,
    Wanted,
    choose_password_by_code,
    find_account,
    make_account,
    make_first_administrator,
)
from survey.store.people.logins import Wrong, log_in
from survey.store.people.throttle import Try
from survey.store.plans.surveys import UNIT
from tests.running import CHEAP, PASSWORD

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
HERE = "192.168.1.20"


def at(**since: float) -> datetime:
    """So long after the start of the test."""
    return START + timedelta(**since)


def administrator(store: Store, name: str = "ina", now: datetime = START) -> Account:
    """The first administrator."""
    return make_first_administrator(store, name, "Ina Lestari", PASSWORD, now, cost=CHEAP)


def account(store: Store, name: str, role: Role, *units: str, password: str = PASSWORD) -> Account:
    """Somebody else, who has chosen a password already; ``units`` by name, all when there are none."""
    numbers = frozenset(unit_number(store, unit) for unit in units) or None
    code = make_account(store, LOCAL_STAFF, name, Wanted(name.title(), role, numbers), START)
    made = choose_password_by_code(store, Try.of(name, HERE), code, password, START, cost=CHEAP)
    assert made is not None
    return made


def token(store: Store, name: str = "ina", now: datetime = START, password: str = PASSWORD) -> str:
    """Of a new login."""
    found = log_in(store, Try.of(name, HERE), password, now)
    assert not isinstance(found, Wrong)
    return found


def found(store: Store, name: str) -> Account:
    """The account of that name, which must be there."""
    with store.reading.connect() as connection:
        account = find_account(connection, name)
    assert account is not None
    return account


def everything_kept(store: Store) -> bytes:
    """Every byte of the database's files."""
    return b"".join(file.read_bytes() for file in store.data.glob("survey.db*"))


def unit_number(store: Store, name: str) -> int:
    """The number of a unit in the store."""
    with store.reading.connect() as connection:
        return int(connection.scalar(sa.select(UNIT.c.number).where(UNIT.c.name == name)) or 0)


def principal(store: Store, role: Role, *units: str) -> Principal:
    """Somebody of that role who sees these units, or all."""
    return Principal(role.value, MAY[role], frozenset(unit_number(store, unit) for unit in units) or None, role)
