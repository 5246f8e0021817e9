"""Which stations are there, and which of them is silent although the office is open?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from survey.catalogue import StationKind, SurveyStatus
from survey.hours import Hours
from survey.principal import Permission, Principal
from survey.store.plans.surveys import AGENCY, STATION, SURVEY, UNIT
from survey.store.stations.arrivals import Epoch, completeness

if TYPE_CHECKING:
    from survey.store import Store

SILENT_AFTER = timedelta(minutes=30)
"""A station tells of itself every ten minutes: three times not heard, while the office is open, is silence."""

USED_LATELY = timedelta(days=7)
"""A station that was never registered counts as used for so long after it was last heard."""

USUAL_HOURS = Hours.read([["08:00", "15:00"]] * 5 + [None, None])
"""When no open survey has opening hours: Monday to Friday, 08.00 to 15.00."""


@dataclass(frozen=True)
class Watched:
    """A station and what is known of it now.

    ``epochs``: what it gave in each life of its storage, the latest last. ``silent``: for how long nothing was heard
    since the office opened or since the last contact; None when there is no reason for alarm.
    """

    name: str
    label: str
    kind: StationKind
    unit: int | None
    unit_name: str | None
    own_pin: bool
    registered_at: datetime | None
    retired_at: datetime | None
    epochs: tuple[Epoch, ...]
    silent: timedelta | None = None

    @property
    def present(self) -> Epoch | None:
        """The life of its storage that was heard last."""
        return max(self.epochs, key=lambda epoch: epoch.last_at, default=None)

    @property
    def last_at(self) -> datetime | None:
        """When it was last heard."""
        return self.present.last_at if self.present else None

    @property
    def proven(self) -> bool:
        """Whether the device that was heard last is the registered one."""
        at = self.present.proven_at if self.present else None
        return at is not None and self.registered_at is not None and at >= self.registered_at

    @property
    def missing(self) -> int:
        """How many answers have not arrived, of all its lives."""
        return sum(epoch.missing_count for epoch in self.epochs)


def watch_stations(store: Store, principal: Principal, now: datetime | None = None) -> tuple[Watched, ...]:
    """Every station that the principal may see: those in use first, by name."""
    if not principal.may(Permission.READ_RESULTS):
        principal.require(Permission.RUN_STATIONS)
    moment = now or datetime.now(UTC)
    lives: dict[str, list[Epoch]] = {}
    for epoch in completeness(store, principal):
        lives.setdefault(epoch.station, []).append(epoch)
    query = (
        sa.select(STATION, UNIT.c.name.label("unit_name"))
        .outerjoin(UNIT, STATION.c.unit == UNIT.c.number)
        .order_by(STATION.c.retired_at.is_not(None), STATION.c.name)
    )
    if principal.units is not None:
        query = query.where(STATION.c.unit.in_(principal.units))
    with store.reading.connect() as connection:
        open_since = _open_since(connection, moment)
        rows = connection.execute(query).all()
    return tuple(_watched(row, lives.get(row.name, ()), open_since, moment) for row in rows)


def _watched(
    row: sa.Row[tuple[object, ...]], epochs: Iterable[Epoch], open_since: datetime | None, now: datetime
) -> Watched:
    found = Watched(
        name=row.name,
        label=row.label,
        kind=StationKind(row.kind),
        unit=row.unit,
        unit_name=row.unit_name,
        own_pin=row.pin is not None,
        registered_at=row.registered_at,
        retired_at=row.retired_at,
        epochs=tuple(epochs),
    )
    return Watched(**{**found.__dict__, "silent": _silence(found, open_since, now)})


def _silence(station: Watched, open_since: datetime | None, now: datetime) -> timedelta | None:
    if open_since is None or station.retired_at is not None or station.kind is StationKind.DESK:
        return None
    heard = max((at for at in (station.last_at, station.registered_at) if at), default=None)
    if heard is None or (station.registered_at is None and now - heard > USED_LATELY):
        return None
    silent = now - max(heard, open_since)
    return silent if silent > SILENT_AFTER else None


def _open_since(connection: sa.Connection, now: datetime) -> datetime | None:
    """Since when the office is open today, by the hours of the surveys that ask now; None when it is closed."""
    query = sa.select(SURVEY.c.hours, AGENCY.c.zone).join(AGENCY, SURVEY.c.agency == AGENCY.c.number)
    rows = connection.execute(query.where(SURVEY.c.status == SurveyStatus.OPEN.value, ~SURVEY.c.test)).all()
    if not rows:
        return None
    here = now.astimezone(ZoneInfo(rows[0].zone))
    known = [Hours.read(row.hours) for row in rows if row.hours] or [USUAL_HOURS]
    spans = (hours.week[here.weekday()] for hours in known if hours.are_open_at(here))
    began = min((span[0] for span in spans if span), default=None)
    return datetime.combine(here.date(), began, here.tzinfo) if began else None
