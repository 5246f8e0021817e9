"""Do the proofs run, do they bite, and does the disk of the simulated power cuts forget what a disk may forget?"""

import random
import re
from pathlib import Path

import apsw
import pytest

from survey.settings import ROOT
from survey.store.engine import SAFE_WAL, durable_settings
from tests.builders import rows, send
from tests.harness import drill, kill, load, powercut, soak
from tests.harness.disk import SECTOR, Disk, WatchedFiles
from tests.harness.made import FORTY_FOUR, filled_store, made_body, questionnaire
from tests.test_docs import text

CHANCES = [random.Random(seed) for seed in range(200)]


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.splitlines()[-1]


# --- the disk that forgets


def left(disk: Disk) -> list[dict[str, bytes]]:
    """What many cuts at this moment leave."""
    return [disk.cut(chance) for chance in CHANCES]


def test_what_was_synchronised_survives_every_cut() -> None:
    disk = Disk()
    file = disk.open("a")
    disk.write(file, 0, b"x" * 3000)
    disk.synchronise(file)
    assert all(found == {"a": b"x" * 3000} for found in left(disk))


def test_what_was_only_written_may_be_there_or_gone_or_torn_at_a_sector() -> None:
    disk = Disk()
    disk.put("a", b"-" * 3 * SECTOR)
    disk.write(disk.open("a"), 0, b"x" * 3 * SECTOR)
    found = {content["a"] for content in left(disk)}
    assert b"-" * 3 * SECTOR in found and b"x" * 3 * SECTOR in found and len(found) == 8
    assert all(len(set(content[n : n + SECTOR])) == 1 for content in found for n in range(0, 3 * SECTOR, SECTOR))


def test_a_later_write_may_be_kept_where_an_earlier_one_is_lost() -> None:
    disk = Disk()
    disk.put("a", b"--")
    disk.write(disk.open("a"), 0, b"x")
    disk.write(disk.open("a"), 1, b"y")
    assert {content["a"] for content in left(disk)} == {b"--", b"x-", b"-y", b"xy"}


def test_a_truncation_may_be_lost_and_its_hole_is_filled_with_nothing() -> None:
    disk = Disk()
    disk.put("a", b"abcd")
    disk.truncate(disk.open("a"), 1)
    disk.write(disk.open("a"), 3, b"z")
    assert {content["a"] for content in left(disk)} == {b"abcd", b"a", b"abcz", b"a\0\0z"}


def test_a_deletion_may_be_undone_unless_it_was_waited_for() -> None:
    disk = Disk()
    disk.put("a", b"1")
    disk.delete("a", wait=False)
    assert {tuple(found) for found in left(disk)} == {("a",), ()}
    disk.put("b", b"2")
    disk.delete("b", wait=True)
    assert all(found == {} for found in left(disk))


def test_names_keep_their_order_and_any_synchronisation_makes_the_earlier_ones_safe() -> None:
    disk = Disk()
    disk.put("a", b"1")
    disk.delete("a", wait=False)
    disk.open("b")
    assert {tuple(sorted(found)) for found in left(disk)} == {("a",), (), ("b",)}
    disk.synchronise(disk.open("c"))
    assert all(sorted(found) == ["b", "c"] for found in left(disk))


def test_a_file_made_again_under_its_name_is_another_file() -> None:
    """Two files that share a name in turn must not lend each other their contents."""
    disk = Disk()
    disk.put("a", b"old")
    disk.delete("a", wait=False)
    new = disk.open("a")
    disk.write(new, 0, b"N")
    assert {found.get("a") for found in left(disk)} == {b"old", None, b"", b"N"}
    disk.synchronise(new)
    assert all(found == {"a": b"N"} for found in left(disk))


def test_a_cut_changes_nothing_for_who_runs_on() -> None:
    disk = Disk()
    disk.write(disk.open("a"), 0, b"x")
    left(disk)
    assert disk.open("a").now == b"x"


@pytest.mark.parametrize("settings", [durable_settings(SAFE_WAL), durable_settings((3, 40, 1))])
def test_the_disk_knows_the_very_bytes_that_the_system_has(tmp_path: Path, settings: dict[str, str | int]) -> None:
    """What it noted of SQLite's writing equals the real files, name by name and byte by byte, whatever SQLite did."""
    disk = Disk()
    files = WatchedFiles("compared", disk)
    connection = apsw.Connection(str(tmp_path / "a.db"), vfs="compared")
    for name, value in {**settings, "wal_autocheckpoint": 5}.items():
        connection.execute(f"PRAGMA {name}={value}").fetchall()
    connection.execute("CREATE TABLE t (n, data)")
    for number in range(60):
        connection.execute("INSERT INTO t VALUES (?, randomblob(700))", (number,))
        if number % 7 == 0:
            connection.execute("DELETE FROM t WHERE n % 3 = 0")
        real = {file.name: file.read_bytes() for file in tmp_path.iterdir() if not file.name.endswith("-shm")}
        assert {name: inode.now for name, inode in disk.names.items()} == real
    connection.close()
    files.unregister()


# --- power cuts


def test_power_cuts_lose_nothing_with_our_settings_and_something_with_weaker_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert powercut.main(["--cuts", "200"]) == 0
    line = last_line(capsys)
    assert line.startswith("powercut: held: 400 cuts with the shipped settings (44 answers a row) lost 0 ")


def test_a_journal_without_any_synchronisation_is_found_out(tmp_path: Path) -> None:
    """A second sign that the simulation bites: with synchronous=OFF databases are lost as a whole."""
    template = powercut.make_template(tmp_path / "data", rows=100)
    result = powercut.run(template, {"journal_mode": "wal", "synchronous": 0}, cuts=60, seed=1)
    assert result.cuts_with_loss > 30 and result.broken > 0


# --- kills


def test_killed_servers_lose_nothing_double_nothing_and_tear_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert kill.main(["--seconds", "6"]) == 0
    assert last_line(capsys).startswith("kill: held: ")


def test_the_count_after_the_kills_finds_a_loss_a_double_and_a_change(tmp_path: Path) -> None:
    sent = {}
    with filled_store(tmp_path / "data") as store:
        for number in range(3):
            body = made_body(number)
            sent[str(send(store, body).id)] = body
        with store.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM response WHERE number = 1")
            connection.exec_driver_sql("UPDATE response SET digest = zeroblob(32) WHERE number = 2")
            connection.exec_driver_sql("UPDATE response SET answers = zeroblob(44) WHERE number = 3")
    result = kill.Killed()
    kill._count(tmp_path / "data", sent, result)
    found = "\n".join(result.wrong)
    for told in ("is there 0 times", "is not what was sent", "has not 44 answers", "2 stored, 3 acknowledged"):
        assert told in found


# --- load, drill, soak


def test_eight_processes_sixty_devices_and_a_slow_disk_store_without_an_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing is said of time here, since the machine may be busy: but no disk of 8 ms makes 125 commits a second."""
    load.main(["--seconds", "0.7", "--only", "store", "--only", "http", "--only", "slow"])
    _, *parts, last = capsys.readouterr().out.splitlines()
    assert len(parts) == 3 and all(" 0 errors" in said for said in parts) and last.startswith("load: ")
    together, one_by_one = map(int, re.findall(r"(\d+) (?:responses/s written together|one by one)", parts[2]))
    assert one_by_one <= 125 and one_by_one < together


def test_dashboards_are_recomputed_while_responses_come_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "DASHBOARDS", 2)
    monkeypatch.setattr(load, "EARLIER", 200)
    measured = load.dashboards(tmp_path, 3, beside=True)
    assert " 0 errors" in measured.said and "2 dashboards (" in measured.said


def test_backups_taken_while_others_write_are_all_usable_and_complete(capsys: pytest.CaptureFixture[str]) -> None:
    assert drill.main(["--backups", "2"]) == 0
    assert last_line(capsys).startswith("drill: held: 2 of 2 backups ")


def test_memory_and_log_are_measured_over_time(capsys: pytest.CaptureFixture[str]) -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("memory can be measured on Linux only")
    soak.main(["--minutes", "0.05"])
    line = last_line(capsys)
    assert line.startswith("soak: ") and "0 not; memory " in line


# --- what is sent, and what is told of it


def test_a_response_of_the_harness_has_44_answers_and_is_the_same_for_the_same_number(tmp_path: Path) -> None:
    with filled_store(tmp_path / "data") as store:
        send(store, made_body(1))
        ((answers,),) = rows(store, "SELECT answers FROM response")
    assert len(answers) == FORTY_FOUR == len(questionnaire().columns) and 0 not in answers


@pytest.mark.parametrize("command", [drill, kill, load, powercut, soak])
def test_every_proof_explains_itself_and_stands_in_the_readme_with_its_options(
    command: object, capsys: pytest.CaptureFixture[str]
) -> None:
    name = command.__name__  # type: ignore[attr-defined]
    told = text(ROOT / "tests" / "harness" / "README.md")
    assert f"python -m {name}" in told
    with pytest.raises(SystemExit):
        command.main(["--help"])  # type: ignore[attr-defined]
    for option in re.findall(r"--[a-z]+", capsys.readouterr().out):
        assert option in told or option == "--help"
