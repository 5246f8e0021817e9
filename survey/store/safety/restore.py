"""How does a backup become a database again, without ever being put over the one that is there?"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from survey.principal import LOCAL_STAFF, Permission, Principal
from survey.problem import Problem
from survey.settings import Settings
from survey.store.lock import app_at_work
from survey.store.people.audit import Did, record
from survey.store.place import sync
from survey.store.plans.surveys import table
from survey.store.safety.backup import KEYS, Manifest, check_backup, folder_of, newest_backup
from survey.tables import LoginRow

if TYPE_CHECKING:
    from survey.store import Store

RESTORED = "restored.json"
"""Tells the next start that the database comes from a backup; the audit is told then."""

_BESIDE_THE_DATABASE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Restored:
    """A data folder with a restored database. ``beside``: the present database stayed where it was, and in use."""

    data: Path
    beside: bool
    manifest: Manifest | None


@dataclass(frozen=True)
class Rehearsal:
    """A restore that was tried for practice: when, how many responses came back, and how long it took."""

    at: datetime
    file: str
    responses: int
    seconds: float


def restore(file: Path, settings: Settings) -> Restored:
    """Put a checked backup into the data folder when no database is there, else into a new folder within it.

    What an earlier database left behind (its log, other keys) is moved out of the way into a folder: SQLite would mix
    an old log into the restored file. Raises ``Problem`` for a backup that is not whole, and while the app runs on the
    folder that the database would go to.
    """
    manifest = check_backup(file)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    beside = settings.database.exists() and settings.database.stat().st_size > 0
    target = settings.data / f"restored-{stamp}" if beside else settings.data
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=not beside)
        if not beside:
            if app_at_work(target):
                raise Problem("restore.stop_app", where=str(target))
            _clear(settings, file, settings.data / f"left-over-{stamp}")
        _put(file, target / settings.database.name)
        for name in KEYS:
            if (file.parent / name).is_file() and not (target / name).exists():
                _put(file.parent / name, target / name)
        note = {"file": file.name, "at": datetime.now(UTC).isoformat(timespec="seconds")}
        (target / RESTORED).write_text(json.dumps(note), encoding="utf-8")
        sync(target)
    except OSError as error:
        raise Problem("restore.cannot_write", where=str(target), detail=error.strerror or str(error)) from error
    return Restored(target, beside, manifest)


def tell_of_restore(engine: sa.Engine, data: Path) -> None:
    """When the database was restored since the last start: the audit is told, and nobody is logged in any more."""
    note = data / RESTORED
    try:
        told = json.loads(note.read_text(encoding="utf-8"))
        file, at = str(told["file"]), str(told["at"])
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError):
        file, at = "-", "-"
    with engine.begin() as connection:
        connection.execute(sa.delete(table(LoginRow)))
        record(connection, LOCAL_STAFF, Did.RESTORED, file, restored_at=at)
    note.unlink(missing_ok=True)


def rehearse(store: Store, principal: Principal, settings: Settings) -> Rehearsal:
    """Restore the newest backup into a folder of its own, start from it, recompute every digest, and clear it away.

    Raises ``Problem`` when the backup would not have brought everything back. What came of it is written down for
    ``last_rehearsal``.
    """
    principal.require(Permission.BACK_UP)
    from survey.store import open_store
    from survey.store.safety.verify import verify_database

    began, now = time.monotonic(), datetime.now(UTC)
    newest = newest_backup(folder_of(settings))
    if newest is None:
        raise Problem("restore.no_backup", where=str(folder_of(settings)))
    with tempfile.TemporaryDirectory(prefix=".rehearsal-", dir=folder_of(settings)) as place:
        elsewhere = replace(settings, data=Path(place) / "data")
        try:
            for name in KEYS:
                if not (newest.file.parent / name).is_file():
                    raise Problem("restore.no_key", where=str(newest.file.parent), name=name)
            restore(newest.file, elsewhere)
            opened = open_store(elsewhere)
            try:
                found = verify_database(opened, principal)
            finally:
                opened.close()
            if found.wrong or found.responses != newest.manifest.responses:
                raise Problem("restore.incomplete", where=str(newest.file))
        except Problem as problem:
            _write_down(settings, Rehearsal(now, newest.file.name, 0, 0.0), problem)
            raise
    done = Rehearsal(now, newest.file.name, found.responses, time.monotonic() - began)
    _write_down(settings, done, None)
    return done


def last_rehearsal(settings: Settings) -> tuple[Rehearsal, bool] | None:
    """The last rehearsal and whether it succeeded; None when there was none."""
    try:
        told = json.loads((folder_of(settings) / "last-rehearsal.json").read_text(encoding="utf-8"))
        at = datetime.fromisoformat(told["at"])
        return Rehearsal(at, told["file"], told["responses"], told["seconds"]), not told["failed"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_down(settings: Settings, done: Rehearsal, problem: Problem | None) -> None:
    told = {**asdict(done), "at": done.at.isoformat(timespec="seconds"), "failed": problem.key if problem else None}
    with suppress(OSError):
        (folder_of(settings) / "last-rehearsal.json").write_text(json.dumps(told), encoding="utf-8")


def _clear(settings: Settings, file: Path, aside: Path) -> None:
    """Move what belongs to another database than the one to be restored out of the way."""
    name = settings.database.name
    leftovers = [settings.data / f"{name}{ending}" for ending in ("", *_BESIDE_THE_DATABASE)]
    for key in KEYS:
        theirs, ours = file.parent / key, settings.data / key
        if theirs.is_file() and ours.is_file() and theirs.read_bytes() != ours.read_bytes():
            leftovers.append(ours)
    for leftover in leftovers:
        if leftover.exists():
            aside.mkdir(mode=0o700, exist_ok=True)
            leftover.rename(aside / leftover.name)


def _put(source: Path, target: Path) -> None:
    """Copy a file whole, readable by its owner only; never over one that is there."""
    copy = target.with_name(f".{target.name}.{os.getpid()}.part")
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        shutil.copyfile(source, copy)
        sync(copy)
        if source.read_bytes() != copy.read_bytes():
            raise OSError("the copy differs")
        try:
            target.hardlink_to(copy)
        except FileExistsError:
            raise
        except OSError:  # a disk without hard links, such as a USB stick
            if target.exists():
                raise
            copy.replace(target)
    finally:
        copy.unlink(missing_ok=True)
