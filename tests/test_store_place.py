"""Is a data folder refused where answers would not be safe, and is a database that has gone noticed?"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from survey.api import make_api_alone
from survey.principal import LOCAL_STAFF
from survey.problem import Problem
from survey.store.answers.submissions import Fate
from survey.store.place import network_kind, require_place
from survey.store.safety.backup import check_backup, list_backups, make_backup
from survey.store.safety.verify import verify_database
from survey.words import LANGUAGES, load_words
from tests.builders import body, encoded, respond, rows, settings_of, shipped, store_in

POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has no mounts and no modes")


def refused(folder: Path) -> dict[str, str]:
    """What is said, by language, when the store does not open."""
    with pytest.raises(Problem) as caught, store_in(folder):
        pass
    return {language: caught.value.say(load_words(language)) for language in LANGUAGES}


# --- the folder


@POSIX
@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "vboxsf"])
def test_a_network_drive_is_known_by_the_kind_of_its_mount(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "a b" / "data"
    folder.mkdir(parents=True)
    escaped = str(tmp_path / "a b").replace(" ", "\\040")
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/share {escaped} {kind} rw 0 0\n", encoding="utf-8")
    assert network_kind(folder, mounts) == kind
    assert network_kind(tmp_path, mounts) is None
    with pytest.raises(Problem, match="network drive"):
        require_place(folder, mounts)


@POSIX
def test_of_two_mounts_on_one_place_the_later_counts(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/a {tmp_path} nfs rw 0 0\n/dev/sdb1 {tmp_path} ext4 rw 0 0\n", encoding="utf-8")
    assert network_kind(tmp_path, mounts) is None


@POSIX
def test_where_nothing_is_known_of_mounts_nothing_is_refused(tmp_path: Path) -> None:
    assert network_kind(tmp_path, tmp_path / "no such file") is None


@pytest.fixture
def somebody() -> Iterator[Path]:
    """A folder that an ordinary user may enter but not write to, as that user."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as place:  # everybody may enter it, whatever TMPDIR says
        Path(place).chmod(0o755)
        folder = Path(place) / "data"
        folder.mkdir(mode=0o555)
        if os.geteuid() != 0:
            yield folder
            folder.chmod(0o755)
            return
        os.seteuid(65534)
        try:
            yield folder
        finally:
            os.seteuid(0)


@POSIX
def test_a_folder_that_may_only_be_read_is_refused_with_the_repair(somebody: Path) -> None:
    said = refused(somebody)
    assert "may not write in this folder" in said["en"] and "Give the user who runs the program" in said["en"]
    assert "tidak boleh menulis di folder ini" in said["id"]


# --- the database


def test_a_database_that_was_deleted_is_never_replaced_by_an_empty_one(tmp_path: Path) -> None:
    with store_in(tmp_path / "data") as store:
        respond(store, time=4)
    (tmp_path / "data" / "survey.db").unlink()
    said = refused(tmp_path / "data")
    assert "the database that was here is gone" in said["en"] and "python -m survey restore" in said["en"]
    assert "tidak ada lagi" in said["id"]
    assert not (tmp_path / "data" / "survey.db").exists()


def test_a_database_that_became_empty_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    """As a file system may leave it after a power cut; SQLite takes a file of no bytes for a new database."""
    with store_in(tmp_path / "data"):
        pass
    (tmp_path / "data" / "survey.db").write_bytes(b"")
    assert "is gone" in refused(tmp_path / "data")["en"]


def test_who_wants_to_begin_anew_removes_the_mark(tmp_path: Path) -> None:
    with store_in(tmp_path / "data") as store:
        respond(store, time=4)
    (tmp_path / "data" / "survey.db").unlink()
    (tmp_path / "data" / "survey.db.lock").unlink()
    with store_in(tmp_path / "data") as store:
        assert rows(store) == []


def test_a_first_start_that_was_cut_short_can_be_repeated(tmp_path: Path) -> None:
    """The folder, the secrets and the lock are there, the database is not: nothing was promised yet."""
    with store_in(tmp_path / "data"):
        pass
    (tmp_path / "data" / "survey.db").unlink()
    (tmp_path / "data" / "survey.db.lock").write_bytes(b"")
    with store_in(tmp_path / "data") as store:
        assert respond(store, time=4).fate is Fate.STORED


@POSIX
def test_while_the_database_is_gone_devices_are_told_503_and_when_it_is_back_201_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURVEY_DATA", str(tmp_path / "data"))
    file, elsewhere = tmp_path / "data" / "survey.db", tmp_path / "elsewhere.db"
    with TestClient(make_api_alone()) as device:

        def post(sent: bytes) -> int:
            answer = device.post("/api/responses", content=sent, headers={"Accept-Language": "en"})
            if answer.status_code == 503:
                assert answer.json()["detail"] == "Not saved yet. Keep the answers and send them again."
            return answer.status_code

        assert post(encoded(body(shipped(), time=4))) == 201
        waiting = encoded(body(shipped(), time=3))
        file.rename(elsewhere)
        assert post(waiting) == 503
        assert not file.exists(), "no empty database in its place"
        elsewhere.rename(file)
        assert post(waiting) == 201
    with store_in(tmp_path / "data") as store:
        assert rows(store, "SELECT count(*) FROM response") == [(2,)]


@POSIX
def test_another_database_in_its_place_is_not_written_to_until_the_next_start(tmp_path: Path) -> None:
    """SQLite would mix the log of the one into the other; the next start checks what it finds."""
    with store_in(tmp_path / "other"):
        pass
    with store_in(tmp_path / "data") as store:
        (tmp_path / "other" / "survey.db").replace(tmp_path / "data" / "survey.db")
        with pytest.raises(sa.exc.OperationalError, match="gone"):
            respond(store, time=4)
        with pytest.raises(sa.exc.OperationalError, match="gone"):
            rows(store)


@POSIX
@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be deleted there")
def test_a_log_that_was_deleted_is_noticed_before_anything_is_promised(tmp_path: Path) -> None:
    """What is written into a log without a name is lost with the process."""
    with store_in(tmp_path / "data") as store:
        respond(store, time=4)
        log = tmp_path / "data" / "survey.db-wal"
        if not log.exists():
            pytest.skip("no write-ahead log with this SQLite")
        log.unlink()
        with pytest.raises(sa.exc.OperationalError, match="log is gone"):
            respond(store, time=4)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of 8 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only whoever may mount can fill a disk of its own")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_really_full_is_told_and_healed_without_a_restart(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the backup says that there is no room, and leaves nothing half-made."""
    monkeypatch.setenv("SURVEY_DATA", str(small_disk / "data"))
    settings = settings_of(small_disk / "data")
    with TestClient(make_api_alone()) as device, store_in(small_disk / "data") as store:

        def post(sent: bytes) -> int:
            return int(device.post("/api/responses", content=sent).status_code)

        first = encoded(body(shipped(), time=4))
        assert post(first) == 201
        with (small_disk / "film").open("wb", buffering=0) as film, contextlib.suppress(OSError):
            while film.write(bytes(4096)):
                pass
        waiting = [encoded(body(shipped(), time=2, comment="p" * 50_000)) for _ in range(3)]
        assert [post(one) for one in waiting] == [503] * 3
        with pytest.raises(Problem, match="the backup cannot be written"):
            make_backup(store, LOCAL_STAFF, settings)
        assert list_backups(small_disk / "data" / "backups") == []
        (small_disk / "film").unlink()
        assert [post(one) for one in (first, *waiting)] == [200, 201, 201, 201]
        assert not verify_database(store, LOCAL_STAFF).wrong
        assert rows(store, "SELECT count(*) FROM response") == [(4,)]
        assert check_backup(make_backup(store, LOCAL_STAFF, settings).backup.file) is not None
