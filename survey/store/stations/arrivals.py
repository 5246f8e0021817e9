"""Which answers did each station give, which of them have arrived, and which are missing?

A station numbers its answers without gaps, within an *epoch*: the life of its browser's storage. Whoever sends number 7
announces that 1 to 7 were given. What the station tells besides (``announce``) counts in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from survey.principal import Permission, Principal
from survey.response import Name
from survey.store.engine import insert_or_update
from survey.store.plans.surveys import STATION, find_destination, table
from survey.tables import ResponseRow, SetAsideRow, StationEpochRow, TombstoneRow

if TYPE_CHECKING:
    from survey.store import Store

RESPONSE, SET_ASIDE, EPOCH = table(ResponseRow), table(SetAsideRow), table(StationEpochRow)
TOMBSTONE = table(TombstoneRow)


class Note(StrEnum):
    """What is to be said of a station's epoch. Without a note, everything given has arrived, and nothing is unusual."""

    MISSING = "missing"
    """Answers were given that have not arrived: they wait on the device, are set aside there, or are lost with it."""
    CLONED = "cloned"
    """Two devices count with the same epoch: a copied browser profile. Both answers of a number are kept."""
    PARALLEL = "parallel"
    """Two devices use the name of this station at the same time, each with its own epoch."""
    REPLACED = "replaced"
    """The storage was made anew since (a reinstalled kiosk, deleted browser data): nothing more will come from it."""


@dataclass(frozen=True)
class Epoch:
    """What one station gave and what arrived, in one life of its browser's storage.

    ``missing`` are ranges of numbers, both ends included. ``cloned`` counts answers that came with a number taken.
    ``waiting``, ``aside`` and ``form`` are what the station told of itself at ``told_at``; None when it never did.
    ``proven_at``: when it last showed the token with which its station was registered.
    """

    station: str
    label: str
    epoch: UUID
    announced: int
    arrived: int
    missing: tuple[tuple[int, int], ...]
    cloned: int
    first_at: datetime
    last_at: datetime
    waiting: int | None = None
    aside: int | None = None
    form: str | None = None
    told_at: datetime | None = None
    proven_at: datetime | None = None
    notes: frozenset[Note] = field(default_factory=frozenset)

    @property
    def missing_count(self) -> int:
        """How many answers have not arrived."""
        return sum(last - first + 1 for first, last in self.missing)


@dataclass
class Announcements:
    """The highest number heard from each station within a transaction, written down once at its end."""

    highest: dict[tuple[int, UUID], tuple[int, datetime]] = field(default_factory=dict)

    def hear(self, station: int | None, epoch: UUID | None, sequence: int | None, at: datetime) -> None:
        """A response with this number has come; what comes from no station is not counted."""
        if station is None or epoch is None or sequence is None:
            return
        known = self.highest.get((station, epoch), (0, at))
        self.highest[station, epoch] = max(known[0], sequence), max(known[1], at)

    def write(self, connection: sa.Connection) -> None:
        """Keep what was heard."""
        for (station, epoch), (sequence, at) in self.highest.items():
            announce(connection, station, epoch, sequence, at)


def announce(connection: sa.Connection, station: int, epoch: UUID, sequence: int, at: datetime) -> None:
    """A station says how far it has counted. A number below one that was announced before changes nothing."""
    row = {"station": station, "epoch": epoch, "announced": sequence, "first_at": at, "last_at": at}
    statement = insert_or_update(connection.dialect.name, EPOCH, highest=("announced", "last_at"))
    connection.execute(statement, row)


class Heartbeat(BaseModel):
    """What a station tells of itself from time to time. Nothing in it is about a person."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    survey: Name
    station: Name
    epoch: Annotated[UUID, Field(strict=False)]
    sequence: int = Field(ge=0, lt=2**31, description="the highest number it has given, 0 before the first")
    waiting: int = Field(ge=0, lt=2**31, description="how many answers wait to be sent")
    aside: int = Field(ge=0, lt=2**31, description="how many answers the server refused, kept on the device")
    form: Annotated[str, Field(pattern="^[0-9a-f]{6,64}$", description="the version of the form it shows")]


def hear(store: Store, beat: Heartbeat, at: datetime, token: str | None = None) -> bool:
    """Keep what a station tells; False when there is no such station. ``token`` shows that it is the registered one."""
    names = {"survey": beat.survey, "questionnaire": None, "version": None, "service": None, "station": beat.station}
    with store.engine.begin() as connection:
        found = find_destination(connection, names)
        if found is None or found.station is None:
            return False
        announce(connection, found.station, beat.epoch, beat.sequence, at)
        told = {"waiting": beat.waiting, "aside": beat.aside, "form": beat.form, "told_at": at}
        if found.knows(token):
            told["proven_at"] = at
        here = (EPOCH.c.station == found.station, EPOCH.c.epoch == beat.epoch)
        connection.execute(sa.update(EPOCH).where(*here).values(told))
    return True


def completeness(store: Store, principal: Principal) -> tuple[Epoch, ...]:
    """Every epoch of every station that the principal may see, by station, the earliest first."""
    if not principal.may(Permission.READ_RESULTS):
        principal.require(Permission.RUN_STATIONS)
    query = (
        sa.select(EPOCH, STATION.c.name, STATION.c.label)
        .join(STATION, EPOCH.c.station == STATION.c.number)
        .order_by(STATION.c.name, EPOCH.c.first_at, EPOCH.c.announced.desc())
    )
    if principal.units is not None:
        query = query.where(STATION.c.unit.in_(principal.units))
    with store.reading.connect() as connection:
        rows = connection.execute(query).all()
        found = [_epoch(connection, row) for row in rows]
    lives: dict[str, list[Epoch]] = {}
    for epoch in found:
        lives.setdefault(epoch.station, []).append(epoch)
    return tuple(_noted(epoch, lives[epoch.station]) for epoch in found)


def _epoch(connection: sa.Connection, row: sa.Row[tuple[object, ...]]) -> Epoch:
    of_response = (RESPONSE.c.station == row.station, RESPONSE.c.epoch == row.epoch)
    of_aside = (SET_ASIDE.c.station == row.station, SET_ASIDE.c.epoch == row.epoch)
    of_deleted = (TOMBSTONE.c.station == row.station, TOMBSTONE.c.epoch == row.epoch)
    numbers = sa.union(
        sa.select(RESPONSE.c.sequence).where(*of_response, RESPONSE.c.sequence.is_not(None)),
        sa.select(SET_ASIDE.c.sequence).where(*of_aside, SET_ASIDE.c.sequence.is_not(None)),
        sa.select(TOMBSTONE.c.sequence).where(*of_deleted, TOMBSTONE.c.sequence.is_not(None)),
    )
    arrived = sorted(number for number in connection.scalars(numbers) if number <= row.announced)
    cloned = connection.scalar(
        sa.select(sa.func.count()).select_from(RESPONSE).where(*of_response, RESPONSE.c.taken_sequence.is_not(None))
    )
    return Epoch(
        station=row.name,
        label=row.label,
        epoch=row.epoch,
        announced=row.announced,
        arrived=len(arrived),
        missing=tuple(_gaps(arrived, row.announced)),
        cloned=cloned or 0,
        first_at=row.first_at,
        last_at=row.last_at,
        waiting=row.waiting,
        aside=row.aside,
        form=row.form,
        told_at=row.told_at,
        proven_at=row.proven_at,
    )


def _gaps(arrived: Iterable[int], announced: int) -> Iterable[tuple[int, int]]:
    """The ranges between 1 and ``announced`` that are not in ``arrived`` (sorted)."""
    expected = 1
    for number in (*arrived, announced + 1):
        if number > expected:
            yield expected, number - 1
        expected = number + 1


def _noted(epoch: Epoch, lives: Iterable[Epoch]) -> Epoch:
    others = [other for other in lives if other.epoch != epoch.epoch]
    held: Mapping[Note, bool] = {
        Note.MISSING: bool(epoch.missing),
        Note.CLONED: epoch.cloned > 0,
        Note.PARALLEL: any(o.first_at <= epoch.last_at and epoch.first_at <= o.last_at for o in others),
        Note.REPLACED: any(other.first_at > epoch.last_at for other in others),
    }
    notes = frozenset(note for note, holds in held.items() if holds)
    return Epoch(**{**epoch.__dict__, "notes": notes})
