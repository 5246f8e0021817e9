"""How does a device become a station of ours, and how is it known again?

Somebody makes a station and gets a one-time code. Whoever types it on the device gets a token, which that browser
profile sends with its answers. An answer under a station's name without its token is kept all the same, and flagged.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from survey.catalogue import StationKind
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.store.people.audit import Did, record
from survey.store.people.codes import CodeFor, make_code, use_code
from survey.store.people.tokens import hash_of_token
from survey.store.plans.surveys import AGENCY, STATION, TOKEN, UNIT, insert
from survey.store.secrets import PinHash, hash_of_pin

if TYPE_CHECKING:
    from survey.store import Store

SCOPE = "station"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
"""What may stand behind ``?station=``."""
PIN = re.compile(r"[0-9]{4,12}")
LONGEST_LABEL = 60
REGISTRAR = Principal("station", frozenset())
"""Who is written into the audit when a device registers by itself."""


@dataclass(frozen=True)
class Registered:
    """What a device gets for its code: the name and kind of its station, and the token that only it has."""

    station: str
    kind: StationKind
    token: str


@dataclass(frozen=True)
class NewStation:
    """What a station is called, on screens and in its address, what it is, and in which unit it stands (None: all)."""

    name: str
    label: str
    kind: StationKind
    unit: str | None = None


def make_station(store: Store, principal: Principal, wanted: NewStation, *, now: datetime | None = None) -> str:
    """A new station of the agency; gives the code with which its device registers, to be shown once.

    Raises ``Problem`` for a name that is taken or cannot be part of an address, an empty label, and an unknown unit.
    """
    principal.require(Permission.MANAGE_SURVEYS)
    name, label, kind = wanted.name.strip().lower(), _label(wanted.label), wanted.kind
    if not NAME.fullmatch(name):
        raise Problem("station.bad_name", name=name[:60])
    with store.engine.begin() as connection:
        agency = connection.scalar(sa.select(AGENCY.c.number).order_by(AGENCY.c.number).limit(1))
        if connection.scalar(sa.select(STATION.c.number).where(STATION.c.agency == agency, STATION.c.name == name)):
            raise Problem("station.exists", name=name)
        stands = _unit(connection, wanted.unit)
        _require_unit(principal, stands, name)
        row = {"agency": agency, "name": name, "label": label, "kind": kind.value, "unit": stands}
        number = insert(connection, STATION, row)
        record(connection, principal, Did.STATION_CHANGED, name, now, made=True, kind=kind.value)
        return make_code(store, connection, CodeFor(station=number), now or datetime.now(UTC))


def new_code(store: Store, principal: Principal, name: str, *, now: datetime | None = None) -> str:
    """Another code for a station: its device is a new one, or has lost its storage. Earlier codes are void."""
    with store.engine.begin() as connection:
        station = _mine(connection, principal, name)
        if station.retired_at is not None:
            raise Problem("station.retired", name=name)
        record(connection, principal, Did.STATION_CHANGED, name, now, code=True)
        return make_code(store, connection, CodeFor(station=station.number), now or datetime.now(UTC))


def change_pin(store: Store, principal: Principal, name: str, pin: str | None, *, now: datetime | None = None) -> None:
    """Give a station a PIN of its own, or with None the installation's again."""
    if pin is not None and not PIN.fullmatch(pin):
        raise Problem("station.bad_pin")
    _change(store, principal, name, {"pin": pin}, {"pin": "own" if pin else "common"}, now=now or datetime.now(UTC))


def rename_station(
    store: Store, principal: Principal, name: str, label: str, unit: str | None, *, now: datetime | None = None
) -> None:
    """Another label and place; the name stays, because it stands in addresses and answers."""
    with store.engine.begin() as connection:
        station = _mine(connection, principal, name)
        stands = _unit(connection, unit)
        _require_unit(principal, stands, name)
        connection.execute(
            sa.update(STATION).where(STATION.c.number == station.number).values(label=_label(label), unit=stands)
        )
        record(connection, principal, Did.STATION_CHANGED, name, now, label=_label(label), unit=unit)


def retire(store: Store, principal: Principal, name: str, *, back: bool = False, now: datetime | None = None) -> None:
    """Take a station out of use, or ``back`` into it. What a retired one still sends is kept and flagged."""
    moment = now or datetime.now(UTC)
    _change(store, principal, name, {"retired_at": None if back else moment}, {"retired": not back}, now=moment)


def register(store: Store, typed: str, *, now: datetime | None = None) -> Registered:
    """The code was typed on a device: its token. The code is spent, and an earlier device's token with it.

    Raises ``Problem`` for a code that is unknown, spent, or older than a day; which of these is not told.
    """
    moment = now or datetime.now(UTC)
    token_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    with store.engine.begin() as connection:
        opens = use_code(store, connection, typed[:40], moment)
        here = (STATION.c.number == opens.station, STATION.c.retired_at.is_(None)) if opens else (sa.false(),)
        station = connection.execute(sa.select(STATION).where(*here)).one_or_none()
        if station is None:
            raise Problem("station.wrong_code")  # and nothing is spent: it may be a code for something else
        if station.token is not None:
            connection.execute(sa.update(TOKEN).where(TOKEN.c.number == station.token).values(revoked_at=moment))
        token = f"skp_{token_id}_{secret}"
        row = {"id": token_id, "secret": hash_of_token(token), "label": station.name, "scope": SCOPE, "made_at": moment}
        changes = {"token": insert(connection, TOKEN, row), "registered_at": moment}
        connection.execute(sa.update(STATION).where(STATION.c.number == station.number).values(changes))
        record(connection, REGISTRAR, Did.STATION_REGISTERED, station.name, now)
    return Registered(station.name, StationKind(station.kind), token)


def pin_of(store: Store, name: str) -> PinHash | None:
    """The hash of a station's own PIN; None when the installation's is good there."""
    with store.reading.connect() as connection:
        pin = connection.scalar(sa.select(STATION.c.pin).where(STATION.c.name == name))
    return hash_of_pin(pin, store.receipt_key) if pin else None


def _mine(connection: sa.Connection, principal: Principal, name: str) -> sa.Row[tuple[object, ...]]:
    """The station of that name, for whoever may run it. Raises ``Problem``: of another unit it is as if not there."""
    principal.require(Permission.RUN_STATIONS)
    query = sa.select(STATION).where(STATION.c.name == name)
    if principal.units is not None:
        query = query.where(STATION.c.unit.in_(principal.units))
    found = connection.execute(query).one_or_none()
    if found is None:
        raise Problem("station.unknown", name=name[:60])
    return found


def _change(
    store: Store, principal: Principal, name: str, values: dict[str, object], told: dict[str, object], *, now: datetime
) -> None:
    with store.engine.begin() as connection:
        station = _mine(connection, principal, name)
        connection.execute(sa.update(STATION).where(STATION.c.number == station.number).values(values))
        record(connection, principal, Did.STATION_CHANGED, name, now, **told)


def _unit(connection: sa.Connection, name: str | None) -> int | None:
    if name is None:
        return None
    number = connection.scalar(sa.select(UNIT.c.number).where(UNIT.c.name == name))
    if number is None:
        raise Problem("station.unknown_unit", unit=name[:60])
    return int(number)


def _require_unit(principal: Principal, unit: int | None, name: str) -> None:
    """A station stays within the units of whoever places it."""
    if principal.units is not None and unit not in principal.units:
        raise Problem("station.unknown", name=name[:60])


def _label(label: str) -> str:
    said = " ".join(label.split())
    if not said or not said.isprintable() or len(said) > LONGEST_LABEL:
        raise Problem("station.bad_label", longest=LONGEST_LABEL)
    return said
