"""How does the office describe itself: its name, its units and the services citizens receive from them?

Names that stand in answers and addresses are given once and never change; what people read can be changed at any time.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from survey.catalogue import Agency, Service, Unit
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.store.answers.responses import RESPONSE
from survey.store.people.audit import Did, record
from survey.store.plans.planning import said_in_all
from survey.store.plans.surveys import (
    AGENCY,
    SERVICE,
    SURVEY_UNIT,
    UNIT,
    agency_of,
    insert,
    service_of,
    table,
    unit_of,
)
from survey.tables import QuotaRow
from survey.words import LANGUAGES

if TYPE_CHECKING:
    from survey.store import Store

QUOTA = table(QuotaRow)
ZONES = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")
"""The zones of Indonesia: two for WIB, then WITA and WIT."""
LABEL_LONGEST = 90
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")
_NAME_LONGEST = 40


class Part(StrEnum):
    """What is set up: a unit or a service."""

    UNIT = "unit"
    SERVICE = "service"


_TABLE = {Part.UNIT: UNIT, Part.SERVICE: SERVICE}
_DID = {Part.UNIT: Did.UNIT_CHANGED, Part.SERVICE: Did.SERVICE_CHANGED}


@dataclass(frozen=True)
class Office:
    """The agency with all its units and services, retired ones included, in display order.

    ``answers`` counts the responses by service number, ``of_units`` by unit number.
    """

    agency: Agency
    units: tuple[Unit, ...]
    services: tuple[Service, ...]
    of_units: Mapping[int, int]
    of_services: Mapping[int, int]

    def services_of(self, unit: Unit) -> tuple[Service, ...]:
        """The services of one unit."""
        return tuple(service for service in self.services if service.unit == unit.number)


def read_office(store: Store, principal: Principal) -> Office:
    """The office as it is set up. Raises ``Problem`` while there is none."""
    principal.require(Permission.MANAGE_SURVEYS)
    with store.reading.connect() as connection:
        row = _agency_row(connection)
        units = connection.execute(_in_order(UNIT, row.number)).all()
        services = connection.execute(_in_order(SERVICE, row.number)).all()
        places = (RESPONSE.c.unit, RESPONSE.c.service)
        counts = sa.select(*places, sa.func.count()).where(RESPONSE.c.agency == row.number).group_by(*places)
        of_units: Counter[int] = Counter()
        of_services: Counter[int] = Counter()
        for unit, service, count in connection.execute(counts):
            of_units.update({unit: count} if unit is not None else {})
            of_services.update({service: count} if service is not None else {})
    return Office(
        agency=agency_of(row.number, row.name, row),
        units=tuple(map(unit_of, units)),
        services=tuple(map(service_of, services)),
        of_units=of_units,
        of_services=of_services,
    )


def change_agency(
    store: Store,
    principal: Principal,
    *,
    label: Mapping[str, str],
    zone: str,
    languages: Sequence[str],
    logo: bytes | None,
) -> Agency:
    """Change what the office is called, the zone its days are counted in, the languages of its forms, and its logo.

    ``logo`` is a PNG as ``logo.read_logo`` gives it. Days that answers were given on stay as they were counted.
    """
    principal.require(Permission.MANAGE_SURVEYS)
    chosen = [language for language in languages if language in LANGUAGES]
    if not chosen:
        raise Problem("setup.no_language")
    if zone not in ZONES:
        raise Problem("setup.zone", given=zone, known=", ".join(ZONES))
    values: dict[str, Any] = {
        "label": _label(label),
        "zone": zone,
        "languages": None if chosen == list(LANGUAGES) else chosen,
        "logo": logo,
    }
    with store.engine.begin() as connection:
        before = _agency_row(connection)
        changed = _changed(before, values)
        if changed:
            connection.execute(sa.update(AGENCY).where(AGENCY.c.number == before.number).values(**values))
            record(connection, principal, Did.AGENCY_CHANGED, before.name, **changed)
        after = _agency_row(connection)
    return agency_of(after.number, after.name, after)


def add_unit(store: Store, principal: Principal, label: Mapping[str, str]) -> int:
    """A new unit, behind the others; its number. It takes part in a survey when that survey says so."""
    return _add(store, principal, Part.UNIT, label, {})


def add_service(store: Store, principal: Principal, unit: int, label: Mapping[str, str]) -> int:
    """A new service of a unit, behind the others; its number. Every survey of the unit offers it at once."""
    return _add(store, principal, Part.SERVICE, label, {"unit": unit})


def change_part(
    store: Store,
    principal: Principal,
    part: Part,
    number: int,
    *,
    label: Mapping[str, str],
    active_from: date | None = None,
    active_to: date | None = None,
) -> None:
    """Rename a unit or service, or say from when until when it is offered (both days included; None is no limit).

    One that is not offered any more is retired: its answers stay and are shown under its name.
    """
    principal.require(Permission.MANAGE_SURVEYS)
    if active_from and active_to and active_from > active_to:
        raise Problem("setup.dates")
    of, values = _TABLE[part], {"label": _label(label), "active_from": active_from, "active_to": active_to}
    with store.engine.begin() as connection:
        before = _part_row(connection, part, number)
        changed = _changed(before, values)
        if changed:
            connection.execute(sa.update(of).where(of.c.number == number).values(**values))
            record(connection, principal, _DID[part], before.name, **changed)


def order_parts(store: Store, principal: Principal, part: Part, numbers: Sequence[int]) -> None:
    """Show units, or the services of a unit, in this order from now on."""
    principal.require(Permission.MANAGE_SURVEYS)
    of = _TABLE[part]
    with store.engine.begin() as connection:
        names = [_part_row(connection, part, number).name for number in numbers]
        for position, number in enumerate(numbers, start=1):
            connection.execute(sa.update(of).where(of.c.number == number).values(position=position))
        if names:
            record(connection, principal, _DID[part], names[0], order=names)


def delete_part(store: Store, principal: Principal, part: Part, number: int) -> None:
    """Delete a unit with its services, or a service, that nothing belongs to.

    Raises ``Problem`` when something does, such as an answer or a station: then it can only be retired. The database
    decides, not a look beforehand.
    """
    principal.require(Permission.MANAGE_SURVEYS)
    with store.engine.begin() as connection:
        name = _part_row(connection, part, number).name
        services = sa.select(SERVICE.c.number).where(
            (SERVICE.c.unit if part is Part.UNIT else SERVICE.c.number) == number
        )
        try:
            with connection.begin_nested():
                connection.execute(sa.delete(QUOTA).where(QUOTA.c.service.in_(services)))
                if part is Part.UNIT:
                    connection.execute(sa.delete(SURVEY_UNIT).where(SURVEY_UNIT.c.unit == number))
                    connection.execute(sa.delete(SERVICE).where(SERVICE.c.unit == number))
                connection.execute(sa.delete(_TABLE[part]).where(_TABLE[part].c.number == number))
        except sa.exc.IntegrityError as error:
            raise Problem("setup.in_use", name=name) from error
        record(connection, principal, _DID[part], name, deleted=True)


def _add(store: Store, principal: Principal, part: Part, label: Mapping[str, str], more: dict[str, int]) -> int:
    principal.require(Permission.MANAGE_SURVEYS)
    said, of = _label(label), _TABLE[part]
    with store.engine.begin() as connection:
        agency = _agency_row(connection).number
        if more:
            _part_row(connection, Part.UNIT, more["unit"])
        taken = set(connection.scalars(sa.select(of.c.name).where(of.c.agency == agency)))
        last = connection.scalar(sa.select(sa.func.max(of.c.position)).where(of.c.agency == agency)) or 0
        name = _free_name(said[LANGUAGES[0]], taken)
        row = {"agency": agency, "name": name, "label": said, "position": last + 1, **more}
        number = insert(connection, of, row)
        record(connection, principal, _DID[part], name, added=said)
    return number


def _free_name(label: str, taken: set[str]) -> str:
    """A name made from a label, for addresses and data sets: small letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    base = _NOT_IN_A_NAME.sub("-", plain).strip("-")[:_NAME_LONGEST].strip("-") or "x"
    return next(name for name in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if name not in taken)


def _label(label: Mapping[str, str]) -> dict[str, str]:
    said = said_in_all(label, LABEL_LONGEST, "setup.name_in_all", "survey.text_too_long")
    if said is None:
        raise Problem("setup.name_in_all")
    return said


def _changed(before: sa.Row[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What is different now: by column, the value before and the one after, as the audit keeps them."""
    pairs = {key: [_told(getattr(before, key)), _told(value)] for key, value in values.items()}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def _told(value: object) -> object:
    """A value as the audit keeps it."""
    if isinstance(value, bytes):
        return sha256(value).hexdigest()[:16]
    return value.isoformat() if isinstance(value, date) else value


def _in_order(of: sa.Table, agency: int) -> sa.Select[Any]:
    return sa.select(of).where(of.c.agency == agency).order_by(of.c.position, of.c.number)


def _agency_row(connection: sa.Connection) -> sa.Row[Any]:
    row = connection.execute(sa.select(AGENCY).order_by(AGENCY.c.number).limit(1)).one_or_none()
    if row is None:
        raise Problem("setup.no_agency")
    return row


def _part_row(connection: sa.Connection, part: Part, number: int) -> sa.Row[Any]:
    row = connection.execute(sa.select(_TABLE[part]).where(_TABLE[part].c.number == number)).one_or_none()
    if row is None:
        raise Problem("setup.gone")
    return row
