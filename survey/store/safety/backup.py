"""How does a copy of the database come into being that can be relied on, and how many are kept?

``VACUUM INTO`` makes the copy; it is opened again, checked, compared row by row with the database as it stood at that
moment, written to the disk for good, and only then does it get its name. Copying the file of a database in use would
give a broken copy about every second time.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sa

from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.settings import Settings
from survey.store.engine import pick_sqlite
from survey.store.people.audit import Did, record
from survey.store.place import sync

if TYPE_CHECKING:
    from survey.store import Store

HOURLY, DAILY, MONTHLY = 48, 35, 24
KEYS = ("receipt.key", "comment.key")
"""Without these a response sent again after a restore would not be known again; they lie beside the backups."""

SUMS = "SHA256SUMS"
_STAMP = "%Y%m%dT%H%M%SZ"
_REGULAR = re.compile(r"survey-(\d{8}T\d{6}Z)\.db")
_BACKUP = re.compile(r"(survey|before-upgrade-\w+)-\d{8}T\d{6}Z\.db")
_UNFINISHED_FOR = 24 * 3600


@dataclass(frozen=True)
class Manifest:
    """What a backup holds, as it was found when the finished file was opened and compared with the database.

    ``rows`` counts the rows of each table, ``contents`` is a SHA-256 over all of them, ``sha256`` that of the file.
    ``last_response`` is the number of the newest response. ``audit_entries`` and ``audit_digest`` are where the chain
    of the audit ended: whoever rewrites it later cannot rewrite this file as well, if it lies elsewhere.
    """

    file: str
    made_at: str
    bytes: int
    sha256: str
    revision: str
    rows: Mapping[str, int]
    contents: str
    last_response: int
    audit_entries: int = 0
    audit_digest: str = ""
    format: int = 1

    @property
    def moment(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.made_at)

    @property
    def responses(self) -> int:
        """How many responses are in it."""
        return self.rows["response"]


@dataclass(frozen=True)
class Backup:
    """A finished backup on a disk."""

    file: Path
    manifest: Manifest


@dataclass(frozen=True)
class Made:
    """A new backup, and why it could not be copied to the second place (None: it was, or there is none)."""

    backup: Backup
    seconds: float
    second: Backup | None
    problem: Problem | None


def folder_of(settings: Settings) -> Path:
    """Where backups are made."""
    return settings.data / "backups"


def make_backup(
    store: Store, principal: Principal, settings: Settings, to: Path | None = None, *, by_itself: bool = False
) -> Made:
    """Make a backup in ``to``, else where backups belong, and copy it to the second place if one is set.

    Older ones are thinned out. Writers wait while the copy is written, not while it is checked. Raises ``Problem`` when
    no backup that holds everything could be made; nothing unfinished stays behind. What came of it is written down for
    ``last_failure``; the audit tells of it, unless the app makes it ``by_itself``.
    """
    principal.require(Permission.BACK_UP)
    began = time.monotonic()
    try:
        backup = make(store.engine, settings, to or folder_of(settings))
    except Problem as problem:
        _write_down(settings, problem)
        raise
    second, failed = None, None
    if settings.backup_to and to is None:
        try:
            second = _copy_to(settings.backup_to, backup, settings)
        except Problem as problem:
            failed = problem
    _write_down(settings, failed)
    if not by_itself:
        with suppress(sa.exc.DBAPIError), store.engine.begin() as connection:  # it is made, whatever the disk says now
            record(connection, principal, Did.BACKED_UP, backup.file.name, responses=backup.manifest.responses)
    return Made(backup, time.monotonic() - began, second, failed)


def make(engine: sa.Engine, settings: Settings, folder: Path, before_upgrade_of: str | None = None) -> Backup:
    """Make a verified backup of the database in a folder. Raises ``Problem`` when that cannot be done."""
    name = f"before-upgrade-{before_upgrade_of}" if before_upgrade_of else "survey"
    try:
        _prepare(folder, settings)
        file, now = _free_name(folder, name)
        with _unfinished(file) as copy:
            with _frozen(engine, copy) as live:
                found = _examine(copy)
                expected = _contents(live)
            if found != expected:
                raise Problem("backup.differs", where=str(file))
            manifest = Manifest(
                file=file.name,
                made_at=now.isoformat(timespec="seconds"),
                bytes=copy.stat().st_size,
                sha256=_sum_of(copy),
                revision=found.revision,
                rows=found.rows,
                contents=found.digest,
                last_response=found.last,
                audit_entries=found.audit[0],
                audit_digest=found.audit[1],
            )
            _finish(copy, file, manifest)
    except OSError as error:
        raise Problem("backup.cannot_write", where=str(folder), detail=error.strerror or str(error)) from error
    except sa.exc.DBAPIError as error:
        raise Problem("backup.cannot_write", where=str(folder), detail=str(error.orig)) from error
    return Backup(file, manifest)


def list_backups(folder: Path) -> list[Backup]:
    """The backups of a folder, the newest first. One whose manifest cannot be read is left out."""
    found = []
    with suppress(OSError):
        for file in folder.iterdir():
            if _BACKUP.fullmatch(file.name) and (manifest := _manifest_of(file)):
                found.append(Backup(file, manifest))
    return sorted(found, key=lambda backup: (backup.manifest.made_at, backup.file.name), reverse=True)


def newest_backup(folder: Path) -> Backup | None:
    """The newest backup of a folder; None when there is none."""
    return next(iter(list_backups(folder)), None)


def check_backup(file: Path) -> Manifest | None:
    """Whether this is the file that was made, and a whole database: its sum, its pages, its keys, its contents.

    Gives its manifest (None when only ``SHA256SUMS`` lies beside it). Raises ``Problem`` when anything is not as it
    was, and when nothing lies beside it to compare with.
    """
    manifest = _manifest_of(file)
    sums = _sums_in(file.parent)
    listed = sums.get(file.name)
    if not file.is_file():
        raise Problem("backup.no_file", where=str(file))
    if manifest is None and listed is None:
        raise Problem("backup.no_sum", where=str(file), name=f"{file.name}.json", sums=SUMS)
    try:
        sum_of_file = _sum_of(file)
        described = f"{file.name}.json"
        if any(known not in (None, sum_of_file) for known in (listed, manifest and manifest.sha256)):
            raise Problem("backup.damaged", where=str(file), detail=SUMS)
        if described in sums and sums[described] != _sum_of(file.with_name(described)):
            raise Problem("backup.damaged", where=str(file), detail=described)
        found = _examine(file)
    except OSError as error:
        raise Problem("backup.damaged", where=str(file), detail=error.strerror or str(error)) from error
    if manifest and (found.digest, dict(found.rows)) != (manifest.contents, dict(manifest.rows)):
        raise Problem("backup.damaged", where=str(file), detail="contents")
    return manifest


def seconds_until_due(settings: Settings, every: float = 3600) -> float:
    """How long until the next backup by itself; 0 when it is due now."""
    made = [backup for backup in list_backups(folder_of(settings)) if _REGULAR.fullmatch(backup.file.name)]
    if not made:
        return 0
    age = (datetime.now(UTC) - made[0].manifest.moment).total_seconds()
    return max(0.0, every - age) if age >= 0 else every  # made in the future: the clock was put right since


def last_failure(settings: Settings) -> tuple[datetime, Mapping[str, str]] | None:
    """When and why the last try failed, by language; None when it succeeded, or there was none."""
    try:
        told = json.loads((folder_of(settings) / "last-try.json").read_text(encoding="utf-8"))
        return (datetime.fromisoformat(told["at"]), told["problem"]) if told["problem"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_down(settings: Settings, problem: Problem | None) -> None:
    from survey.words import LANGUAGES, load_words

    said = {language: problem.say(load_words(language)) for language in LANGUAGES} if problem else None
    told = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "problem": said}
    with suppress(OSError):  # a full disk also has no room for saying so; the age of the newest backup tells it
        _write_whole(folder_of(settings) / "last-try.json", json.dumps(told))


# --- the copy


@contextmanager
def _frozen(engine: sa.Engine, copy: Path) -> Iterator[Any]:
    """Write the copy; give a connection that sees the database as it stood at that moment.

    Nobody writes until the copy is there. After that the connection goes on seeing the same rows, so that they can be
    compared in peace (with a rollback journal writers wait until that is over as well).
    """
    with engine.connect() as reading:
        live: Any = reading.connection.driver_connection
        with engine.begin(), engine.connect() as copying:
            live.execute("BEGIN")
            live.execute("SELECT count(*) FROM sqlite_master").fetchone()
            beneath: Any = copying.connection.driver_connection
            try:
                beneath.execute("VACUUM INTO ?", (str(copy),))
            except pick_sqlite().Error as error:
                raise Problem("backup.cannot_write", where=str(copy.parent), detail=str(error)) from error
        try:
            yield live
        finally:
            live.execute("ROLLBACK")


@dataclass(frozen=True)
class _Contents:
    revision: str
    rows: Mapping[str, int]
    digest: str
    last: int
    audit: tuple[int, str]


def _contents(connection: Any) -> _Contents:
    """Every row of every table, in one digest, with how many there are."""
    names = [
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        if not name.startswith("sqlite_")
    ]
    whole, rows = hashlib.sha256(), {}
    for name in names:
        whole.update(f"\n{name}\n".encode())
        rows[name] = 0
        quoted = name.replace('"', '""')  # a file that somebody brings may name its tables as it likes
        for row in connection.execute(f'SELECT * FROM "{quoted}" ORDER BY rowid'):  # noqa: S608 - quoted above
            whole.update(repr(tuple(row)).encode("utf-8", "surrogatepass"))
            rows[name] += 1
    (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
    (last,) = connection.execute("SELECT coalesce(max(number), 0) FROM response").fetchone()
    audit = "SELECT number, hex(digest) FROM audit ORDER BY number DESC LIMIT 1"
    ended = connection.execute(audit).fetchone() if "audit" in rows else None
    number, digest = ended or (0, "")
    return _Contents(revision, rows, whole.hexdigest(), last, (number, digest.lower()))


def _examine(file: Path) -> _Contents:
    """What is in a database file that nobody writes to. Raises ``Problem`` when it is not whole."""
    sqlite = pick_sqlite()
    try:
        connection = sqlite.connect(f"file:{quote(str(file))}?mode=ro&immutable=1", uri=True)
        try:
            connection.execute("PRAGMA cell_size_check=1")
            said = [text for (text,) in connection.execute("PRAGMA integrity_check(5)")]
            if said != ["ok"]:
                raise Problem("backup.damaged", where=str(file), detail=said[0])
            if astray := connection.execute("PRAGMA foreign_key_check").fetchone():
                raise Problem("backup.damaged", where=str(file), detail=f"{astray[0]} {astray[1]}")
            return _contents(connection)
        finally:
            connection.close()
    except (sqlite.Error, UnicodeDecodeError) as error:
        raise Problem("backup.damaged", where=str(file), detail=str(error)) from error


# --- the folder


def _prepare(folder: Path, settings: Settings) -> None:
    """Make the folder, put the keys there, and clear away what an interrupted backup left."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in KEYS:
        ours, there = settings.data / name, folder / name
        if ours.is_file():
            if there.exists() and there.read_bytes() != ours.read_bytes():
                raise Problem("backup.other_installation", where=str(folder), name=name)
            if not there.exists():
                _write_whole(there, ours.read_text(encoding="ascii"))
    for file in folder.glob(".*.part"):
        if time.time() - file.stat().st_mtime > _UNFINISHED_FOR:
            file.unlink(missing_ok=True)


def _free_name(folder: Path, name: str) -> tuple[Path, datetime]:
    """A name that no backup has, with the moment in it."""
    while True:
        now = datetime.now(UTC)
        file = folder / f"{name}-{now.strftime(_STAMP)}.db"
        if not file.exists():
            return file, now
        time.sleep(0.05)


@contextmanager
def _unfinished(file: Path) -> Iterator[Path]:
    """A file under another name, readable by its owner only, that goes when it was not finished."""
    copy = file.with_name(f".{file.name}.{os.getpid()}.part")
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _finish(copy: Path, file: Path, manifest: Manifest) -> None:
    """Make the copy safe on the disk, describe it, and give it its name."""
    sync(copy)
    _write_whole(file.with_name(f"{file.name}.json"), json.dumps(asdict(manifest), indent=1, sort_keys=True) + "\n")
    copy.replace(file)
    thin(file.parent)
    _write_sums(file.parent)


def _write_sums(folder: Path) -> None:
    lines = []
    for backup in reversed(list_backups(folder)):
        described = backup.file.with_name(f"{backup.file.name}.json")
        lines += [f"{backup.manifest.sha256}  {backup.file.name}\n", f"{_sum_of(described)}  {described.name}\n"]
    _write_whole(folder / SUMS, "".join(lines))


def _write_whole(file: Path, text: str) -> None:
    """Write a small file so that it is there whole or not at all, also after a power cut."""
    with _unfinished(file) as copy:
        with copy.open("w", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
        sync(copy)
        copy.replace(file)
    sync(file.parent)


def _copy_to(place: Path, backup: Backup, settings: Settings) -> Backup:
    """The backup in the second place, read back there."""
    try:
        if not place.is_dir():
            raise Problem("backup.no_second", where=str(place))
        _prepare(place, settings)
        file = place / backup.file.name
        with _unfinished(file) as copy:
            shutil.copyfile(backup.file, copy)
            sync(copy)
            if _sum_of(copy) != backup.manifest.sha256:
                raise Problem("backup.differs", where=str(file))
            _finish(copy, file, backup.manifest)
    except OSError as error:
        raise Problem("backup.cannot_write", where=str(place), detail=error.strerror or str(error)) from error
    return Backup(file, backup.manifest)


def thin(folder: Path) -> list[Path]:
    """Remove regular backups beyond the newest of each of 48 hours, 35 days and 24 months; what was removed.

    Backups made before an upgrade stay.
    """
    dated = {file: found[1] for file in folder.iterdir() if (found := _REGULAR.fullmatch(file.name))}
    keep = kept_of(dated.values())
    gone = [file for file, stamp in dated.items() if stamp not in keep]
    for file in gone:
        file.unlink(missing_ok=True)
        file.with_name(f"{file.name}.json").unlink(missing_ok=True)
    return gone


def kept_of(stamps: Iterable[str]) -> set[str]:
    """Which of these moments (``20261124T020000Z``) are kept."""
    newest_first = sorted(stamps, reverse=True)
    keep: set[str] = set()
    for length, count in ((len("20261124T02"), HOURLY), (len("20261124"), DAILY), (len("202611"), MONTHLY)):
        newest_of: dict[str, str] = {}
        for stamp in newest_first:
            newest_of.setdefault(stamp[:length], stamp)
        keep |= set(list(newest_of.values())[:count])
    return keep


def _manifest_of(file: Path) -> Manifest | None:
    try:
        told = json.loads(file.with_name(f"{file.name}.json").read_text(encoding="utf-8"))
        manifest = Manifest(**told)
        return manifest if manifest.moment.tzinfo and isinstance(manifest.responses, int) else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _sums_in(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    return {name: sum_of for sum_of, _, name in (line.partition("  ") for line in lines)}


def _sum_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
