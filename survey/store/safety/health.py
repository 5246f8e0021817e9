"""Is everything well with what was answered: safe, whole, and saved elsewhere? The quick look, for a person's screen.

Green: nothing to do. Amber: look at it soon. Red: answers are in danger now.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.settings import Settings
from survey.store.answers.responses import RESPONSE
from survey.store.people.audit import Head, holds
from survey.store.safety.backup import Backup, check_backup, folder_of, last_failure, newest_backup
from survey.store.safety.restore import last_rehearsal
from survey.store.safety.verify import Verified, verify_database
from survey.store.stations.arrivals import Epoch, Note, completeness
from survey.store.stations.watch import Watched, watch_stations
from survey.words import Words

if TYPE_CHECKING:
    from survey.store import Store

FRESH, LATE = timedelta(hours=2), timedelta(hours=26)
"""A backup is made every hour; two hours may pass, a day and a bit may not, while answers come in."""

SECOND_PLACE_LATE = timedelta(days=8)
"""A USB drive is put in once a week."""

LATELY, DEVICES_ASKED, CLOCK_SLACK = 50, 10, timedelta(minutes=10)
"""The clock is compared with those of the devices that sent the newest answers, when enough of them told theirs."""

ROOM, LITTLE_ROOM = 1_000_000_000, 100_000_000


class Level(StrEnum):
    """How urgent a finding is."""

    GREEN = "green"
    ADVICE = "advice"
    """Nothing is wrong, and something could be better; all in all that is green."""
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``key`` names the sentence under ``health.``; ``params`` fill it."""

    level: Level
    key: str
    params: dict[str, Any] = field(default_factory=dict)

    def say(self, words: Words) -> str:
        """The sentence. Spans of time and numbers are written in the language."""
        return words(f"health.{self.key}", **{name: _said(value, words) for name, value in self.params.items()})


@dataclass(frozen=True)
class Health:
    """All findings, the most urgent first, and the stations they are about."""

    findings: tuple[Finding, ...]
    stations: tuple[Epoch, ...]

    @property
    def level(self) -> Level:
        """That of the most urgent finding."""
        most = self.findings[0].level
        return Level.GREEN if most is Level.ADVICE else most


def health(store: Store, principal: Principal, settings: Settings, now: datetime | None = None) -> Health:
    """The state of the database, the backups, the disk and the stations, within a moment."""
    principal.require(Permission.BACK_UP)
    now = now or datetime.now(UTC)
    try:
        with store.engine.connect() as connection, connection.begin() as trying:
            trying.rollback()  # nothing is written, but it could have been
        stations = completeness(store, principal)
        newest = newest_backup(folder_of(settings))
        findings = [
            Finding(Level.GREEN, "database"),
            _backup(newest, _Unsaved.of(store, newest), now),
            *_trouble(settings, newest),
            *_second_place(settings, now),
            *_rehearsed(settings, now),
            _disk(settings),
            *_clock(store, now),
            *_stations(stations),
            *_watched(watch_stations(store, principal, now)),
        ]
    except sa.exc.DBAPIError as error:
        stations, findings = (), [Finding(Level.RED, "database.not_writable", {"detail": str(error.orig)})]
    return _sorted(findings, stations)


def verify(store: Store, principal: Principal, settings: Settings, now: datetime | None = None) -> Health:
    """The same, after every response's digest was recomputed and the newest backup was read whole."""
    found = verify_database(store, principal)
    try:
        quick = health(store, principal, settings, now)
        newest = newest_backup(folder_of(settings))
        findings = [*quick.findings, *_verified(found)]
        if newest:
            check_backup(newest.file)
            findings += _audit_goes_on(store, newest)
            findings.append(Finding(Level.GREEN, "backup.whole", {"file": newest.file.name}))
    except Problem as problem:
        findings.append(Finding(Level.RED, "backup.broken", {"problem": problem}))
    return _sorted(findings, quick.stations)


def _sorted(findings: list[Finding], stations: tuple[Epoch, ...]) -> Health:
    urgency = list(Level)
    return Health(tuple(sorted(findings, key=lambda finding: -urgency.index(finding.level))), stations)


@dataclass(frozen=True)
class _Unsaved:
    """How many answers no backup has yet, and since when the oldest of them waits."""

    count: int
    since: datetime | None

    @classmethod
    def of(cls, store: Store, newest: Backup | None) -> _Unsaved:
        saved = newest.manifest.last_response if newest else 0
        query = sa.select(sa.func.count(), sa.func.min(RESPONSE.c.received_at)).where(RESPONSE.c.number > saved)
        with store.reading.connect() as connection:
            count, since = connection.execute(query).one()
        return cls(count, since)


def _backup(newest: Backup | None, unsaved: _Unsaved, now: datetime) -> Finding:
    waited = now - unsaved.since if unsaved.since else timedelta(0)
    level = Level.GREEN if waited <= FRESH else Level.AMBER if waited <= LATE else Level.RED
    if newest is None:
        return Finding(max(level, Level.AMBER, key=list(Level).index), "backup.none", {"count": unsaved.count})
    age = now - newest.manifest.moment
    return Finding(level, "backup", {"age": age, "responses": newest.manifest.responses, "count": unsaved.count})


def _trouble(settings: Settings, newest: Backup | None) -> Iterator[Finding]:
    failure = last_failure(settings)
    if failure:
        yield Finding(Level.AMBER, "backup.failed", {"reason": dict(failure[1])})
    if newest is None and folder_of(settings).is_dir() and any(folder_of(settings).glob("*.db")):
        yield Finding(Level.RED, "backup.unreadable", {"where": str(folder_of(settings))})


def _second_place(settings: Settings, now: datetime) -> Iterator[Finding]:
    if settings.backup_to is None:
        yield Finding(Level.ADVICE, "second.unset")
        return
    newest = newest_backup(settings.backup_to)
    if newest is None:
        yield Finding(Level.AMBER, "second.none", {"where": str(settings.backup_to)})
        return
    age = now - newest.manifest.moment
    level = Level.GREEN if age <= SECOND_PLACE_LATE else Level.AMBER
    yield Finding(level, "second", {"where": str(settings.backup_to), "age": age})


def _rehearsed(settings: Settings, now: datetime) -> Iterator[Finding]:
    last = last_rehearsal(settings)
    if last is None:
        yield Finding(Level.ADVICE, "rehearsal.never")
        return
    done, succeeded = last
    key = "rehearsal" if succeeded else "rehearsal.failed"
    params = {"age": now - done.at, "responses": done.responses} if succeeded else {"age": now - done.at}
    yield Finding(Level.GREEN if succeeded else Level.RED, key, params)


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data).free
    size = settings.database.stat().st_size
    level = Level.RED if free < max(LITTLE_ROOM, size) else Level.AMBER if free < max(ROOM, 4 * size) else Level.GREEN
    return Finding(level, "disk" if level is Level.GREEN else "disk.little", {"megabytes": free // 1_000_000})


def _clock(store: Store, now: datetime) -> Iterator[Finding]:
    """Whether the clock of this computer went back, or most devices that answered lately say another time."""
    newest = sa.select(RESPONSE.c.received_at, RESPONSE.c.clock_offset).order_by(RESPONSE.c.number.desc()).limit(LATELY)
    with store.reading.connect() as connection:
        rows = connection.execute(newest).all()
    if rows and rows[0].received_at - now > CLOCK_SLACK:
        yield Finding(Level.RED, "clock.back", {"minutes": _minutes(rows[0].received_at - now)})
        return
    off = [timedelta(seconds=abs(row.clock_offset)) for row in rows if row.clock_offset is not None]
    middle = sorted(off)[len(off) // 2] if len(off) >= DEVICES_ASKED else timedelta(0)
    if middle > CLOCK_SLACK:
        yield Finding(Level.AMBER, "clock.differs", {"minutes": _minutes(middle)})


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds()) // 60


_OF_NOTE = {
    Note.MISSING: "station.missing",
    Note.CLONED: "station.cloned",
    Note.PARALLEL: "station.parallel",
}


def _stations(stations: tuple[Epoch, ...]) -> Iterator[Finding]:
    for epoch in stations:
        for note, key in _OF_NOTE.items():
            if note in epoch.notes:
                params: dict[str, Any] = {"station": epoch.label}
                if note is Note.MISSING:
                    params |= {"count": epoch.missing_count, "numbers": numbers_of(epoch.missing)}
                if note is Note.CLONED:
                    params |= {"count": epoch.cloned}
                yield Finding(Level.AMBER, key, params)
    for epoch in stations:
        if epoch.aside:
            yield Finding(Level.AMBER, "station.aside", {"station": epoch.label, "count": epoch.aside})
    if stations and not any(epoch.notes - {Note.REPLACED} for epoch in stations):
        yield Finding(Level.GREEN, "station", {"count": sum(epoch.announced for epoch in stations)})


def _watched(stations: Sequence[Watched]) -> Iterator[Finding]:
    """Stations that are silent while the office is open, and devices that use the name of a registered one."""
    for station in stations:
        if station.silent:
            minutes = int(station.silent.total_seconds()) // 60
            yield Finding(Level.AMBER, "station.silent", {"station": station.label, "minutes": minutes})
        since, heard = station.registered_at, station.last_at
        if since and heard and heard >= since and not station.proven and not station.retired_at:
            yield Finding(Level.AMBER, "station.foreign", {"station": station.label})


def numbers_of(ranges: Sequence[tuple[int, int]], most: int = 5) -> str:
    """The first of these ranges as they are read: 3, 6-8, …"""
    numbers = [str(first) if first == last else f"{first}-{last}" for first, last in ranges[:most]]
    return ", ".join([*numbers, "…"] if len(ranges) > most else numbers)


def _verified(found: Verified) -> Iterator[Finding]:
    if found.pages:
        yield Finding(Level.RED, "verify.pages", {"detail": found.pages[0]})
    if found.changed:
        first = ", ".join(str(number) for number in found.changed[:3])
        yield Finding(Level.RED, "verify.changed", {"count": len(found.changed), "first": first})
    if found.aside_changed:
        yield Finding(Level.RED, "verify.aside_changed", {"count": found.aside_changed})
    if found.audit_broken is not None:
        yield Finding(Level.RED, "verify.audit", {"number": found.audit_broken})
    if not found.wrong:
        yield Finding(Level.GREEN, "verify", {"count": found.responses, "aside": found.set_aside})


def _audit_goes_on(store: Store, newest: Backup) -> Iterator[Finding]:
    """Whether the audit still goes through where it ended when the newest backup was made."""
    ended = Head(newest.manifest.audit_entries, newest.manifest.audit_digest)
    with store.reading.connect() as connection:
        if not holds(connection, ended):
            yield Finding(Level.RED, "verify.audit_rewritten", {"file": newest.file.name, "number": ended.entries})


def _said(value: object, words: Words) -> object:
    match value:
        case timedelta():
            return ago(value, words)
        case int():
            return words.count(value)
        case Problem():
            return value.say(words)
        case dict():
            return value[words.language]
    return value


def ago(span: timedelta, words: Words) -> str:
    """How long ago, in the largest unit that fits: "3 hari lalu"."""
    seconds = int(span.total_seconds())
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length or (unit == "minutes" and seconds >= length):
            return words(f"health.ago.{unit}", n=words.count(seconds // length))
    return words("health.ago.now")
