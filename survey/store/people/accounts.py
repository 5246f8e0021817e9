"""Who are the people of the staff, what is each, and how does somebody become one?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from survey.principal import MAY, Permission, Principal, Role
from survey.problem import Problem
from survey.store.people.audit import Did, record
from survey.store.people.codes import CodeFor, code_opens, make_code, void_codes
from survey.store.people.passwords import RECOMMENDED, Cost, hash_password, is_right, require_strong
from survey.store.people.throttle import Try, count_failure, forget_failures, require_free
from survey.store.plans.surveys import AGENCY, UNIT, insert, table
from survey.store.secrets import forget_setup_code
from survey.tables import AccountRow, AccountUnitRow, LoginRow

if TYPE_CHECKING:
    from survey.store import Store

ACCOUNT, ACCOUNT_UNIT, LOGIN = table(AccountRow), table(AccountUnitRow), table(LoginRow)
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
LABEL_LONGEST = 80
SEES_UNITS = frozenset({Role.MANAGER, Role.OPERATOR})
"""The roles that can be limited to named units; the others see the whole agency, or none of it."""


@dataclass(frozen=True)
class Account:
    """A person of the staff. ``units`` None is the whole agency."""

    number: int
    name: str
    label: str
    role: Role
    units: frozenset[int] | None
    disabled: bool
    has_password: bool

    @property
    def principal(self) -> Principal:
        """What this person may do and see."""
        return Principal(self.name, MAY[self.role], self.units, self.role)


@dataclass(frozen=True)
class Wanted:
    """What an account is to be: who, which role, and which units (None: all)."""

    label: str
    role: Role
    units: frozenset[int] | None = None


def tidy_name(name: str) -> str:
    """The name of an account as it is kept: small letters, no spaces around it."""
    return name.strip().casefold()


def is_set_up(store: Store) -> bool:
    """Whether there is an administrator, so that nobody becomes one by the set-up page any more."""
    with store.reading.connect() as connection:
        return _has_administrator(connection)


def make_first_administrator(
    store: Store, name: str, label: str, password: str, now: datetime, *, cost: Cost = RECOMMENDED
) -> Account:
    """The first administrator. Raises ``Problem`` when there is one already, or for a name or password that is none.

    Whoever calls this has seen to it that the right person asks.
    """
    name = _fitting_name(name)
    wanted = Wanted(_fitting_label(label), Role.ADMINISTRATOR)
    require_strong(password, [name, wanted.label, *agency_names(store)])
    if is_set_up(store):
        raise Problem("account.is_set_up")
    hashed = hash_password(password, cost)
    with store.engine.begin() as connection:
        if _has_administrator(connection):
            raise Problem("account.is_set_up")
        made = _make(connection, name, wanted, now, hashed)
        record(connection, made.principal, Did.ACCOUNT_MADE, name, now, role=wanted.role.value, first=True)
    forget_setup_code(store.data)
    return made


def list_accounts(store: Store, principal: Principal) -> tuple[Account, ...]:
    """Every account, by name."""
    principal.require(Permission.MANAGE_ACCOUNTS)
    with store.reading.connect() as connection:
        rows = connection.execute(sa.select(ACCOUNT).order_by(ACCOUNT.c.name)).all()
        return tuple(_read(connection, row) for row in rows)


def make_account(store: Store, principal: Principal, name: str, wanted: Wanted, now: datetime) -> str:
    """A new account; the one-time code with which its person chooses a password, to be shown once."""
    principal.require(Permission.MANAGE_ACCOUNTS)
    name = _fitting_name(name)
    with store.engine.begin() as connection:
        wanted = _fitting(connection, wanted)
        made = _make(connection, name, wanted, now)
        record(connection, principal, Did.ACCOUNT_MADE, name, now, **_told(connection, wanted))
        code = make_code(store, connection, CodeFor(account=made.number), now)
    if wanted.role is Role.ADMINISTRATOR:
        forget_setup_code(store.data)
    return code


def change_account(store: Store, principal: Principal, name: str, wanted: Wanted, now: datetime) -> Account:
    """Give an account another role or other units; whoever is logged in with it has to log in again."""
    principal.require(Permission.MANAGE_ACCOUNTS)
    with store.engine.begin() as connection:
        account = require_account(connection, name)
        wanted = _fitting(connection, wanted)
        if wanted.role is not Role.ADMINISTRATOR:
            _require_another_administrator(connection, account)
        before, after = _told(connection, account), _told(connection, wanted)
        values = {"label": wanted.label, "role": wanted.role.value, "all_units": wanted.units is None}
        connection.execute(ACCOUNT.update().where(ACCOUNT.c.number == account.number).values(changed_at=now, **values))
        _write_units(connection, account.number, wanted.units)
        if before != after:
            log_out_everywhere(connection, account.number)
        record(connection, principal, Did.ACCOUNT_CHANGED, account.name, now, before=before, after=after)
        return require_account(connection, name)


def disable_account(store: Store, principal: Principal, name: str, disabled: bool, now: datetime) -> None:
    """Close an account or open it again; it is never deleted, because the audit names it."""
    principal.require(Permission.MANAGE_ACCOUNTS)
    with store.engine.begin() as connection:
        account = require_account(connection, name)
        if disabled:
            _require_another_administrator(connection, account)
            log_out_everywhere(connection, account.number)
            void_codes(connection, CodeFor(account=account.number))
        values = {"disabled_at": now if disabled else None, "changed_at": now}
        connection.execute(ACCOUNT.update().where(ACCOUNT.c.number == account.number).values(values))
        record(connection, principal, Did.ACCOUNT_CHANGED, account.name, now, disabled=disabled)


def make_reset_code(store: Store, principal: Principal, name: str, now: datetime) -> str:
    """A one-time code for whoever forgot the password. The old password opens nothing from now on."""
    principal.require(Permission.MANAGE_ACCOUNTS)
    with store.engine.begin() as connection:
        account = require_account(connection, name)
        if account.disabled:
            raise Problem("account.disabled", name=account.name)
        connection.execute(
            ACCOUNT.update().where(ACCOUNT.c.number == account.number).values(password=None, changed_at=now)
        )
        log_out_everywhere(connection, account.number)
        record(connection, principal, Did.RESET_CODE_MADE, account.name, now)
        return make_code(store, connection, CodeFor(account=account.number), now)


def choose_password_by_code(
    store: Store, tried: Try, code: str, password: str, now: datetime, *, cost: Cost = RECOMMENDED
) -> Account | None:
    """Set a new password by a one-time code; None when the code is not this account's, used or too old.

    Raises ``Problem`` for a password that is too weak, and the code stays good then; ``Throttled`` for too many tries.
    """
    require_free(store, tried, now)
    with store.reading.connect() as connection:
        account = find_account(connection, tried.account)
    require_strong(password, [tried.account, account.label if account else "", *agency_names(store)])
    hashed = hash_password(password, cost)
    with store.engine.begin() as connection:
        account = find_account(connection, tried.account)
        opens = CodeFor(account=account.number) if account and not account.disabled else None
        if account is None or opens is None or code_opens(store, connection, code, now) != opens:
            count_failure(store, connection, tried, now)
            return None
        forget_failures(store, connection, tried)
        _set_password(connection, account, hashed, now)
        return account


def change_password(
    store: Store, tried: Try, old: str, new: str, now: datetime, *, cost: Cost = RECOMMENDED
) -> Account | None:
    """Change the password of an account by the old one; None when that was wrong. Every login of the account ends."""
    require_free(store, tried, now)
    with store.reading.connect() as connection:
        account = find_account(connection, tried.account)
        kept = password_of(connection, tried.account)
    if account is None or not is_right(old, kept):
        with store.engine.begin() as connection:
            count_failure(store, connection, tried, now)
        return None
    if old == new:
        raise Problem("password.same")
    require_strong(new, [account.name, account.label, *agency_names(store)])
    hashed = hash_password(new, cost)
    with store.engine.begin() as connection:
        forget_failures(store, connection, tried)
        _set_password(connection, account, hashed, now)
    return account


def _set_password(connection: sa.Connection, account: Account, hashed: str, now: datetime) -> None:
    connection.execute(
        ACCOUNT.update().where(ACCOUNT.c.number == account.number).values(password=hashed, changed_at=now)
    )
    log_out_everywhere(connection, account.number)
    void_codes(connection, CodeFor(account=account.number))
    record(connection, account.principal, Did.PASSWORD_CHANGED, account.name, now)


def log_out_everywhere(connection: sa.Connection, account: int) -> None:
    """End every login of an account; its screens end with their next run."""
    connection.execute(LOGIN.delete().where(LOGIN.c.account == account))


def units_named(store: Store, names: Iterable[str]) -> frozenset[int]:
    """The numbers of the units with these names. Raises ``Problem`` for one that is not there."""
    with store.reading.connect() as connection:
        known = {row.name: row.number for row in connection.execute(sa.select(UNIT.c.name, UNIT.c.number))}
    for name in names:
        if name not in known:
            raise Problem("account.unknown_unit", name=name, known=", ".join(sorted(known)))
    return frozenset(known[name] for name in names)


def find_account(connection: sa.Connection, name: str) -> Account | None:
    """The account of that name; None when there is none."""
    row = connection.execute(sa.select(ACCOUNT).where(ACCOUNT.c.name == tidy_name(name))).one_or_none()
    return _read(connection, row) if row else None


def password_of(connection: sa.Connection, name: str) -> str | None:
    """The hash of the password of an account that is not disabled."""
    return connection.scalar(
        sa.select(ACCOUNT.c.password).where(ACCOUNT.c.name == tidy_name(name), ACCOUNT.c.disabled_at.is_(None))
    )


def account_numbered(connection: sa.Connection, number: int) -> Account:
    """The account with that number in the store."""
    return _read(connection, connection.execute(sa.select(ACCOUNT).where(ACCOUNT.c.number == number)).one())


def agency_label(store: Store) -> Mapping[str, str]:
    """What the agency is called, by language; empty before there is one."""
    with store.reading.connect() as connection:
        return connection.scalar(sa.select(AGENCY.c.label).order_by(AGENCY.c.number).limit(1)) or {}


def agency_names(store: Store) -> list[str]:
    """What the agency is called, which a password must not be made of."""
    with store.reading.connect() as connection:
        rows = connection.execute(sa.select(AGENCY.c.name, AGENCY.c.label)).all()
    return [said for row in rows for said in (row.name, *row.label.values())]


def _has_administrator(connection: sa.Connection, but: int | None = None) -> bool:
    asked = sa.select(ACCOUNT.c.number).where(
        ACCOUNT.c.role == Role.ADMINISTRATOR.value, ACCOUNT.c.disabled_at.is_(None), ACCOUNT.c.number != (but or 0)
    )
    return connection.scalar(asked.limit(1)) is not None


def _require_another_administrator(connection: sa.Connection, account: Account) -> None:
    if account.role is Role.ADMINISTRATOR and not _has_administrator(connection, but=account.number):
        raise Problem("account.last_administrator", name=account.name)


def require_account(connection: sa.Connection, name: str) -> Account:
    """The account of that name. Raises ``Problem``, with the names there are, when there is none."""
    found = find_account(connection, name)
    if found is None:
        known = connection.scalars(sa.select(ACCOUNT.c.name).order_by(ACCOUNT.c.name)).all()
        raise Problem("account.unknown", name=name, known=", ".join(known) or "-")
    return found


def _make(connection: sa.Connection, name: str, wanted: Wanted, now: datetime, password: str | None = None) -> Account:
    if find_account(connection, name):
        raise Problem("account.exists", name=name)
    row = {
        "name": name,
        "label": wanted.label,
        "role": wanted.role.value,
        "all_units": wanted.units is None,
        "password": password,
        "created_at": now,
        "changed_at": now,
    }
    number = insert(connection, ACCOUNT, row)
    _write_units(connection, number, wanted.units)
    return account_numbered(connection, number)


def _write_units(connection: sa.Connection, account: int, units: Iterable[int] | None) -> None:
    connection.execute(ACCOUNT_UNIT.delete().where(ACCOUNT_UNIT.c.account == account))
    for unit in sorted(units or ()):
        connection.execute(sa.insert(ACCOUNT_UNIT).values(account=account, unit=unit))


def _read(connection: sa.Connection, row: sa.Row[Any]) -> Account:
    units = None
    if not row.all_units:
        units = frozenset(
            connection.scalars(sa.select(ACCOUNT_UNIT.c.unit).where(ACCOUNT_UNIT.c.account == row.number)).all()
        )
    role = Role(row.role)
    return Account(row.number, row.name, row.label, role, units, row.disabled_at is not None, row.password is not None)


def _fitting_name(name: str) -> str:
    tidy = tidy_name(name)
    if not NAME.fullmatch(tidy):
        raise Problem("account.bad_name", name=name)
    return tidy


def _fitting_label(label: str) -> str:
    tidy = " ".join(label.split())
    if not tidy or len(tidy) > LABEL_LONGEST or not tidy.isprintable():
        raise Problem("account.bad_label", longest=LABEL_LONGEST)
    return tidy


def _fitting(connection: sa.Connection, wanted: Wanted) -> Wanted:
    units = wanted.units if wanted.role in SEES_UNITS else None
    if units is not None:
        known = set(connection.scalars(sa.select(UNIT.c.number)).all())
        if not units or units - known:
            raise Problem("account.no_unit")
    return Wanted(_fitting_label(wanted.label), wanted.role, units)


def _told(connection: sa.Connection, wanted: Wanted | Account) -> Mapping[str, Any]:
    """What the audit says of an account: its role and the names of its units."""
    names = None
    if wanted.units is not None:
        names = connection.scalars(
            sa.select(UNIT.c.name).where(UNIT.c.number.in_(wanted.units)).order_by(UNIT.c.name)
        ).all()
    return {"role": wanted.role.value, "units": None if names is None else list(names)}
