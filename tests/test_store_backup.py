"""Is a backup whole or not there at all, does it come back without touching anything, and is a spoilt one refused?"""

import errno
import hashlib
import json
import os
import random
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from survey.principal import CITIZEN, LOCAL_STAFF, Forbidden
from survey.problem import Problem
from survey.settings import Settings
from survey.store import Store, open_store
from survey.store.answers.submissions import Fate
from survey.store.lock import only_app
from survey.store.safety import backup
from survey.store.safety.backup import check_backup, kept_of, last_failure, list_backups, make_backup, newest_backup
from survey.store.safety.restore import last_rehearsal, rehearse, restore
from survey.store.safety.verify import verify_database
from tests.builders import body, respond, rows, send, settings_of, shipped, store_in
from tests.databases.keep import kept


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path / "data")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """A store with a few answers, one with a comment and one set aside."""
    opened = open_store(settings)
    for code in (1, 2, 3, 4):
        respond(opened, time=code)
    respond(opened, time=4, comment="Terima kasih")
    respond(opened, speed=4)
    yield opened
    opened.close()


def made(store: Store, settings: Settings) -> Path:
    return make_backup(store, LOCAL_STAFF, settings).backup.file


def visible(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir() if not file.name.startswith("last-")}


# --- making one


def test_a_backup_is_a_database_with_every_row_its_sum_and_its_description(store: Store, settings: Settings) -> None:
    file = made(store, settings)
    assert visible(file.parent) == {file.name, f"{file.name}.json", "SHA256SUMS", "receipt.key", "comment.key"}
    told = json.loads(file.with_name(f"{file.name}.json").read_text())
    assert (told["rows"]["response"], told["rows"]["comment"], told["rows"]["set_aside"]) == (5, 1, 1)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert told["sha256"] == digest
    assert f"{digest}  {file.name}\n" in (file.parent / "SHA256SUMS").read_text()
    connection = sqlite3.connect(file)
    ours = rows(store)
    assert connection.execute("SELECT count(*) FROM response").fetchone() == (len(ours),)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps permissions in lists, not in modes")
def test_a_backup_can_be_read_by_its_owner_only(store: Store, settings: Settings) -> None:
    before = os.umask(0)
    try:
        file = made(store, settings)
    finally:
        os.umask(before)
    modes = {name: (file.parent / name).stat().st_mode & 0o777 for name in (file.name, "receipt.key", "comment.key")}
    assert set(modes.values()) == {0o600}, modes
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_backup_taken_while_others_write_holds_everything_stored_before_it(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "data")
    with store_in(tmp_path / "data") as store, store_in(tmp_path / "data") as busy:
        over, stored = threading.Event(), []

        def write() -> None:
            while not over.is_set():
                stored.append(respond(busy, time=4).id)

        writer = threading.Thread(target=write)
        writer.start()
        for _ in range(3):
            before = len(stored)
            manifest = make_backup(store, LOCAL_STAFF, settings).backup.manifest
            assert before <= manifest.responses <= len(stored) + 1
        over.set()
        writer.join()


def test_a_second_backup_within_one_second_has_a_name_of_its_own(store: Store, settings: Settings) -> None:
    first, second = made(store, settings), made(store, settings)
    assert first != second and check_backup(second) is not None
    assert len(list_backups(settings.data / "backups")) == 1, "of one hour the newest is kept"


def test_whoever_may_not_back_up_does_not(store: Store, settings: Settings) -> None:
    with pytest.raises(Forbidden):
        make_backup(store, CITIZEN, settings)
    with pytest.raises(Forbidden):
        rehearse(store, CITIZEN, settings)


def test_a_copy_that_differs_from_the_database_gets_no_name(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that loses what it was given: one answer of the copy is another."""
    examine = backup._examine

    def examine_spoilt(copy: Path) -> object:
        connection = sqlite3.connect(copy)
        connection.execute("UPDATE response SET answers = zeroblob(18) WHERE number = 3")
        connection.commit()
        connection.close()
        return examine(copy)

    monkeypatch.setattr(backup, "_examine", examine_spoilt)
    with pytest.raises(Problem, match="does not equal the database"):
        made(store, settings)
    assert list_backups(settings.data / "backups") == [] and not list((settings.data / "backups").glob(".*"))
    failed = last_failure(settings)
    assert failed is not None and "tidak sama dengan basis data" in failed[1]["id"]


def test_a_full_disk_leaves_no_half_backup_and_the_next_one_works(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(backup, "sync", full)
        with pytest.raises(Problem, match="No space left"):
            made(store, settings)
    assert newest_backup(settings.data / "backups") is None
    assert not [file for file in (settings.data / "backups").iterdir() if file.suffix in (".part", ".db")]
    assert check_backup(made(store, settings)) is not None
    assert last_failure(settings) is None


# --- the second place


def test_a_backup_is_copied_to_the_second_place_with_what_belongs_to_it(tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    settings = settings_of(tmp_path / "data", SURVEY_BACKUP_TO=str(tmp_path / "usb"))
    with store_in(tmp_path / "data") as store:
        done = make_backup(store, LOCAL_STAFF, settings)
    assert done.second is not None and done.problem is None
    assert visible(tmp_path / "usb") == visible(tmp_path / "data" / "backups")
    assert check_backup(done.second.file) == done.backup.manifest


def test_a_second_place_that_is_not_there_costs_not_the_first(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "data", SURVEY_BACKUP_TO=str(tmp_path / "usb"))
    with store_in(tmp_path / "data") as store:
        done = make_backup(store, LOCAL_STAFF, settings)
    assert done.second is None and done.problem is not None and done.problem.key == "backup.no_second"
    assert check_backup(done.backup.file) is not None
    assert not (tmp_path / "usb").exists(), "nothing is written into the place where a drive should be"
    failed = last_failure(settings)
    assert failed is not None and "USB" in failed[1]["en"]


def test_the_backups_of_two_installations_do_not_mix(tmp_path: Path) -> None:
    for name in "ab":
        with store_in(tmp_path / name) as store:
            settings = settings_of(tmp_path / name)
            if name == "a":
                make_backup(store, LOCAL_STAFF, settings, tmp_path / "shared")
            else:
                with pytest.raises(Problem, match="another installation"):
                    make_backup(store, LOCAL_STAFF, settings, tmp_path / "shared")


# --- how many are kept


def test_48_hours_35_days_and_24_months_are_kept() -> None:
    """Three years of a backup every 20 minutes. By hand: the newest of each of 48 hours, 35 days, 24 months."""
    last = datetime(2026, 11, 24, 10, 50, tzinfo=UTC)
    stamps = [(last - timedelta(minutes=20 * n)).strftime("%Y%m%dT%H%M%SZ") for n in range(3 * 365 * 72)]
    kept_now = sorted(kept_of(stamps), reverse=True)
    hours = [last - timedelta(hours=n) for n in range(48)]
    days = [datetime(2026, 11, 24, tzinfo=UTC) - timedelta(days=n) for n in range(1, 35)]
    ends_of_months = ["20261031", "20260930", "20260831", "20260731", "20260630", "20260531", "20260430", "20260331"]
    assert kept_now[:48] == [hour.strftime("%Y%m%dT%H%M%SZ") for hour in hours]
    assert {f"{day:%Y%m%d}T235000Z" for day in days} <= set(kept_now)
    assert {f"{day}T235000Z" for day in ends_of_months} <= set(kept_now)
    assert min(kept_now) == "20241231T235000Z"
    assert len(kept_now) == 48 + (35 - 3) + (24 - 2), "three days are among the hours, two months among the days"


def test_thinning_removes_a_backup_with_its_description_and_leaves_everything_else(tmp_path: Path) -> None:
    now = datetime(2026, 11, 24, 10, tzinfo=UTC)
    for n in range(60):
        name = f"survey-{now - timedelta(minutes=n):%Y%m%dT%H%M%SZ}.db"
        (tmp_path / name).touch()
        (tmp_path / f"{name}.json").touch()
    for other in ("before-upgrade-0001-20200101T000000Z.db", "holiday.db", "survey-old.db"):
        (tmp_path / other).touch()
    backup.thin(tmp_path)
    assert visible(tmp_path) == {
        *("survey-20261124T100000Z.db", "survey-20261124T100000Z.db.json"),
        *("survey-20261124T095900Z.db", "survey-20261124T095900Z.db.json"),
        *("before-upgrade-0001-20200101T000000Z.db", "holiday.db", "survey-old.db"),
    }


# --- before an upgrade


def test_an_earlier_database_is_backed_up_before_it_is_upgraded(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    connection = sqlite3.connect(tmp_path / "data" / "survey.db")
    connection.executescript(kept("0001").read_text(encoding="utf-8"))
    connection.close()
    with store_in(tmp_path / "data"):
        pass
    (before,) = list_backups(tmp_path / "data" / "backups")
    assert before.file.name.startswith("before-upgrade-0001-")
    assert check_backup(before.file) == before.manifest and before.manifest.revision == "0001"
    with store_in(tmp_path / "data"):
        pass
    assert list_backups(tmp_path / "data" / "backups") == [before], "no second one when there is nothing to upgrade"


def test_without_a_backup_there_is_no_upgrade(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "survey.db"
    connection = sqlite3.connect(file)
    connection.executescript(kept("0001").read_text(encoding="utf-8"))
    connection.close()
    (tmp_path / "data" / "backups").write_text("a file where the folder should be")
    with pytest.raises(Problem, match="the backup cannot be written"):
        open_store(settings_of(tmp_path / "data"))
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
    connection.close()


# --- restoring


def test_a_backup_goes_into_an_empty_place_and_everything_is_there(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    known = body(shipped(), time=2, comment="Cepat")
    receipt = send(store, known).receipt
    done = restore(made(store, settings), settings_of(tmp_path / "new"))
    assert (done.data, done.beside) == (tmp_path / "new", False)
    with store_in(tmp_path / "new") as restored:
        assert rows(restored) == rows(store)
        found = verify_database(restored, LOCAL_STAFF)
        assert (found.responses, found.set_aside, found.wrong) == (6, 1, False)
        again = send(restored, known)
        assert (again.fate, again.receipt) == (Fate.AGAIN, receipt), "it is known, and its receipt is the same"


def test_a_backup_never_goes_over_a_database(store: Store, settings: Settings) -> None:
    file = made(store, settings)
    respond(store, time=1)
    before = rows(store)
    done = restore(file, settings)
    assert done.beside and done.data.parent == settings.data and done.data.name.startswith("restored-")
    assert rows(store) == before and respond(store, time=1).fate is Fate.STORED
    with store_in(done.data) as restored:
        assert len(rows(restored)) == 5


def test_the_log_of_a_lost_database_does_not_get_into_the_restored_one(store: Store, settings: Settings) -> None:
    """SQLite would take the log for that of the new file and mix the two."""
    file = made(store, settings)
    respond(store, time=1)
    log = settings.data / "survey.db-wal"
    left = log.read_bytes() if log.exists() else b"a log"
    store.close()
    settings.database.unlink()
    log.write_bytes(left)
    done = restore(file, settings)
    assert not done.beside and not log.exists()
    (aside,) = settings.data.glob("left-over-*")
    assert (aside / "survey.db-wal").read_bytes() == left
    with store_in(settings.data) as restored:
        assert len(rows(restored)) == 5 and not verify_database(restored, LOCAL_STAFF).wrong


def test_while_the_app_runs_nothing_is_restored_under_its_feet(store: Store, settings: Settings) -> None:
    file = made(store, settings)
    store.close()
    settings.database.unlink()
    with only_app(settings.data), pytest.raises(Problem, match="Stop it"):
        restore(file, settings)
    assert not settings.database.exists()


def test_the_keys_of_the_backup_take_the_place_of_others(store: Store, settings: Settings, tmp_path: Path) -> None:
    """A start without a database has made new keys; with them nothing sent before would be known again."""
    file = made(store, settings)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "receipt.key").write_text("0" * 64)
    restore(file, settings_of(tmp_path / "new"))
    assert (tmp_path / "new" / "receipt.key").read_bytes() == (settings.data / "receipt.key").read_bytes()
    (aside,) = (tmp_path / "new").glob("left-over-*")
    assert (aside / "receipt.key").read_text() == "0" * 64


def test_a_backup_without_anything_to_compare_it_with_is_refused(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    file = made(store, settings)
    alone = shutil.copy(file, tmp_path)
    with pytest.raises(Problem, match="nobody can tell whether this backup is whole"):
        restore(Path(alone), settings_of(tmp_path / "new"))
    with pytest.raises(Problem, match="no such file"):
        check_backup(tmp_path / "nowhere.db")
    shutil.copy(file.with_name(f"{file.name}.json"), tmp_path)
    assert not restore(Path(alone), settings_of(tmp_path / "new")).beside


def test_of_a_hundred_backups_with_one_bit_turned_a_hundred_are_refused(store: Store, settings: Settings) -> None:
    """The bit is in the backup or in its description."""
    file = made(store, settings)
    chance = random.Random(6)
    refused = 0
    for n in range(100):
        spoilt = file if n < 80 else file.with_name(f"{file.name}.json")
        whole = spoilt.read_bytes()
        broken = bytearray(whole)
        place = chance.randrange(len(broken) * 8)
        broken[place // 8] ^= 1 << place % 8
        spoilt.write_bytes(broken)
        try:
            check_backup(file)
        except Problem as problem:
            refused += problem.key == "backup.damaged"
        spoilt.write_bytes(whole)
    assert refused == 100
    assert check_backup(file) is not None


def test_a_backup_that_was_cut_off_is_refused(store: Store, settings: Settings) -> None:
    file = made(store, settings)
    file.write_bytes(file.read_bytes()[:-4096])
    with pytest.raises(Problem, match="damaged or was changed"):
        restore(file, settings)


# --- rehearsing


def test_a_rehearsal_brings_everything_back_and_leaves_nothing(store: Store, settings: Settings) -> None:
    file = made(store, settings)
    before, ours = visible(file.parent), rows(store)
    done = rehearse(store, LOCAL_STAFF, settings)
    assert (done.responses, done.file) == (5, file.name)
    assert visible(file.parent) == before and rows(store) == ours
    assert last_rehearsal(settings) is not None and last_rehearsal(settings)[1]  # type: ignore[index]


def test_a_rehearsal_with_a_spoilt_backup_says_so_and_is_remembered(store: Store, settings: Settings) -> None:
    with pytest.raises(Problem, match="there is no backup yet"):
        rehearse(store, LOCAL_STAFF, settings)
    file = made(store, settings)
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(Problem, match="damaged"):
        rehearse(store, LOCAL_STAFF, settings)
    last = last_rehearsal(settings)
    assert last is not None and not last[1]


# --- verifying


def test_an_untouched_database_is_verified(store: Store) -> None:
    found = verify_database(store, LOCAL_STAFF)
    assert (found.responses, found.set_aside, found.wrong) == (5, 1, False)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE response SET answers = zeroblob(18) WHERE number = 2", "changed"),
        ("UPDATE response SET language = 'en' WHERE number = 2", "changed"),
        ("UPDATE response SET timings = x'0100' WHERE number = 2", "changed"),
        ("UPDATE response SET channel = 99 WHERE number = 2", "changed"),
        ("UPDATE set_aside SET body = x'7b7d'", "aside_changed"),
    ],
)
def test_what_was_changed_behind_our_back_is_found(store: Store, change: str, told: str) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql(change)
    found = verify_database(store, LOCAL_STAFF)
    assert found.wrong and getattr(found, told)


def test_a_response_that_points_nowhere_is_found(store: Store) -> None:
    connection = sqlite3.connect(store.engine.url.database or "")
    connection.execute("UPDATE response SET survey = 99 WHERE number = 1")
    connection.commit()
    connection.close()
    assert verify_database(store, LOCAL_STAFF).pages


def test_a_page_that_was_overwritten_is_found_and_told_in_words(tmp_path: Path) -> None:
    with store_in(tmp_path / "data") as store:
        for _ in range(300):
            respond(store, time=4, comment="Terima kasih " * 20)
    file = tmp_path / "data" / "survey.db"
    content = bytearray(file.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4096] = os.urandom(4096)
    file.write_bytes(content)
    try:
        with store_in(tmp_path / "data") as store:
            assert verify_database(store, LOCAL_STAFF).wrong
    except (Problem, sa.exc.DBAPIError) as error:
        assert "malformed" in str(error) or "cannot be opened" in str(error)
