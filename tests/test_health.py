"""Does the administrator see in words what is in danger, and does the app keep backups by itself?"""

import asyncio
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from survey.catalogue import StationKind
from survey.commands.command_line import main
from survey.hourly import back_up_by_itself
from survey.principal import CITIZEN, LOCAL_STAFF, Forbidden
from survey.settings import ROOT, Settings
from survey.store import Store, open_store
from survey.store.safety.backup import list_backups, make_backup, seconds_until_due
from survey.store.safety.health import Level, ago, health, verify
from survey.store.safety.restore import rehearse
from survey.store.safety.second_place import choose_second_place
from survey.store.stations.arrivals import Heartbeat, hear
from survey.store.stations.registration import NewStation, make_station, register
from survey.words import LANGUAGES, load_words
from tests.builders import respond, rows, settings_of, store_in

ID, EN = load_words("id"), load_words("en")
NOW = datetime.now(UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path / "data")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = open_store(settings)
    yield opened
    opened.close()


def found(store: Store, settings: Settings, key: str, after: timedelta = timedelta(0)) -> tuple[Level, str]:
    """How urgent the finding of that name is some time from now, and what it says in English."""
    told = {finding.key: finding for finding in health(store, LOCAL_STAFF, settings, NOW + after).findings}
    assert all(finding.say(load_words(language)) for finding in told.values() for language in LANGUAGES)
    return told[key].level, told[key].say(EN)


# --- the look


def test_a_new_installation_is_told_what_to_do_first(store: Store, settings: Settings) -> None:
    looked = health(store, LOCAL_STAFF, settings)
    assert looked.level is Level.AMBER
    assert looked.findings[0].say(ID).startswith("Belum ada cadangan.")
    assert found(store, settings, "second.unset")[0] is Level.ADVICE


def test_with_a_backup_all_is_well(store: Store, settings: Settings) -> None:
    respond(store, time=4, at=NOW)
    make_backup(store, LOCAL_STAFF, settings)
    assert health(store, LOCAL_STAFF, settings).level is Level.GREEN
    assert found(store, settings, "backup") == (
        Level.GREEN,
        "Last checked backup: just now. Answers in it: 1; not backed up yet: 0.",
    )


@pytest.mark.parametrize(
    ("after", "level"),
    [(timedelta(hours=1), Level.GREEN), (timedelta(hours=5), Level.AMBER), (timedelta(days=3), Level.RED)],
)
def test_answers_that_no_backup_has_are_the_more_urgent_the_longer_they_wait(
    store: Store, settings: Settings, after: timedelta, level: Level
) -> None:
    make_backup(store, LOCAL_STAFF, settings)
    respond(store, time=4, at=NOW)
    assert found(store, settings, "backup", after)[0] is level
    said = health(store, LOCAL_STAFF, settings, NOW + timedelta(days=3, hours=1)).findings[0].say(ID)
    assert said == "Cadangan terakhir yang diperiksa: 3 hari lalu, berisi 0 jawaban. Belum dicadangkan: 1."


def test_an_office_that_was_closed_for_a_month_has_nothing_to_worry_about(store: Store, settings: Settings) -> None:
    respond(store, time=4, at=NOW)
    make_backup(store, LOCAL_STAFF, settings)
    assert found(store, settings, "backup", timedelta(days=30))[0] is Level.GREEN


def test_the_reason_of_a_failed_backup_is_told_until_one_succeeds(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "data", SURVEY_BACKUP_TO=str(tmp_path / "usb"))
    with store_in(tmp_path / "data") as store:
        make_backup(store, LOCAL_STAFF, settings)
        level, said = found(store, settings, "backup.failed")
        assert level is Level.AMBER and "Put in the USB drive" in said
        assert found(store, settings, "second.none")[0] is Level.AMBER
        (tmp_path / "usb").mkdir()
        make_backup(store, LOCAL_STAFF, settings)
        assert health(store, LOCAL_STAFF, settings).level is Level.GREEN
        assert found(store, settings, "second", timedelta(days=9))[0] is Level.AMBER


def test_backups_that_nobody_can_read_are_red(store: Store, settings: Settings) -> None:
    file = make_backup(store, LOCAL_STAFF, settings).backup.file
    file.with_name(f"{file.name}.json").write_text("{")
    assert found(store, settings, "backup.unreadable")[0] is Level.RED


def test_a_rehearsal_is_told_and_a_failed_one_is_red(store: Store, settings: Settings) -> None:
    respond(store, time=4)
    file = make_backup(store, LOCAL_STAFF, settings).backup.file
    rehearse(store, LOCAL_STAFF, settings)
    assert "answers that came back whole: 1" in found(store, settings, "rehearsal")[1]
    told = file.parent / "last-rehearsal.json"
    told.write_text(json.dumps(json.loads(told.read_text()) | {"failed": "backup.damaged"}))
    assert found(store, settings, "rehearsal.failed")[0] is Level.RED


def test_a_disk_that_fills_up_is_told_before_it_is_full(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(settings.data)
    for free, level in ((10**12, Level.GREEN), (5 * 10**8, Level.AMBER), (5 * 10**7, Level.RED)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, left=free: usage._replace(free=left))
        key = "disk" if level is Level.GREEN else "disk.little"
        assert found(store, settings, key)[0] is level


def test_what_a_station_gave_and_did_not_arrive_is_told_with_its_numbers(store: Store, settings: Settings) -> None:
    one = {"station": "loket-1", "channel": "kiosk", "epoch": str(uuid.uuid4())}
    respond(store, sequence=1, **one)
    assert found(store, settings, "station") == (
        Level.GREEN,
        "All numbered answers of kiosks and tablets have arrived (1).",
    )
    respond(store, sequence=5, **one)
    level, said = found(store, settings, "station.missing")
    assert level is Level.AMBER and said.startswith("Loket 1: answers that have not arrived: 3 (numbers 2-4).")
    respond(store, sequence=5, **one)
    respond(store, sequence=1, **one | {"epoch": str(uuid.uuid4())})
    assert "numbers used twice: 1" in found(store, settings, "station.cloned")[1]
    assert found(store, settings, "station.parallel")[0] is Level.AMBER


def test_a_database_that_cannot_be_written_is_red(store: Store, settings: Settings) -> None:
    settings.database.rename(settings.data / "moved.db")
    looked = health(store, LOCAL_STAFF, settings)
    assert looked.level is Level.RED and "answers are not saved yet" in looked.findings[0].say(EN)


def test_a_citizen_is_told_nothing_of_it(store: Store, settings: Settings) -> None:
    with pytest.raises(Forbidden):
        health(store, CITIZEN, settings)


@pytest.mark.parametrize(
    ("span", "indonesian", "english"),
    [
        (timedelta(days=3), "3 hari lalu", "3 days ago"),
        (timedelta(hours=47), "47 jam lalu", "47 hours ago"),
        (timedelta(minutes=119), "119 menit lalu", "119 min ago"),
        (timedelta(seconds=20), "baru saja", "just now"),
        (timedelta(hours=-1), "baru saja", "just now"),
    ],
)
def test_how_long_ago_is_said_as_people_say_it(span: timedelta, indonesian: str, english: str) -> None:
    assert (ago(span, ID), ago(span, EN)) == (indonesian, english)


# --- the thorough look


def test_verifying_names_what_was_changed_and_a_backup_that_is_not_whole(store: Store, settings: Settings) -> None:
    respond(store, time=4)
    file = make_backup(store, LOCAL_STAFF, settings).backup.file
    assert verify(store, LOCAL_STAFF, settings).level is Level.GREEN
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE response SET answers = zeroblob(18)")
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    looked = verify(store, LOCAL_STAFF, settings)
    told = {finding.key: finding.say(EN) for finding in looked.findings if finding.level is Level.RED}
    assert set(told) == {"verify.changed", "backup.broken"}
    assert told["verify.changed"].startswith("Answers that are not as they were stored any more: 1 (number 1).")


# --- the commands


class Ran(NamedTuple):
    code: int
    out: str
    err: str


def command(settings: Settings, *words: str, **environment: str) -> Ran:
    out, err = io.StringIO(), io.StringIO()
    given = {"SURVEY_DATA": str(settings.data), "SURVEY_LANGUAGE": "en", **environment}
    return Ran(main(words, out, err, given), out.getvalue(), err.getvalue())


def test_backup_restore_and_verify_from_a_terminal(store: Store, settings: Settings, tmp_path: Path) -> None:
    respond(store, time=4)
    verified = command(settings, "verify")
    assert verified.code == 1 and "[Look at this] There is no backup yet." in verified.out
    made = command(settings, "backup")
    assert made.code == 0 and made.out.startswith("The backup is made and checked in ")
    verified = command(settings, "verify")
    assert verified.code == 0 and verified.out.endswith("All is well.\n")
    elsewhere = command(settings, "backup", "--to", str(tmp_path / "stick"))
    (copy,) = list_backups(tmp_path / "stick")
    assert elsewhere.code == 0 and str(copy.file) in elsewhere.out
    beside = command(settings, "restore", str(copy.file))
    assert beside.code == 0 and "Restored beside the present database" in beside.out
    new = settings_of(tmp_path / "new")
    fresh = command(new, "restore", str(copy.file))
    assert fresh.code == 0 and fresh.out.startswith(f"Restored to {new.data}.") and "Note:" not in fresh.out
    assert command(new, "verify", SURVEY_LANGUAGE="id").out.splitlines()[0].startswith("[Perlu dilihat] Belum ada")


def test_a_command_that_cannot_be_done_says_why_and_ends_with_2(store: Store, settings: Settings) -> None:
    ran = command(settings, "restore", "nowhere.db")
    assert (ran.code, ran.out) == (2, "") and "there is no such file" in ran.err


def test_a_second_place_that_is_not_there_ends_with_1_and_the_backup_is_made(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    ran = command(settings, "backup", SURVEY_BACKUP_TO=str(tmp_path / "usb"))
    assert ran.code == 1 and "the second place for backups is not there" in ran.out
    assert len(list_backups(settings.data / "backups")) == 1


def test_verify_finds_damage_also_through_the_real_command(store: Store, settings: Settings) -> None:
    respond(store, time=4)
    command(settings, "backup")
    store.close()
    connection = sqlite3.connect(settings.database)
    connection.execute("UPDATE response SET answers = zeroblob(18)")
    connection.commit()
    connection.close()
    environment = {**os.environ, "SURVEY_DATA": str(settings.data), "SURVEY_LANGUAGE": "en"}
    run = subprocess.run(
        [sys.executable, "-m", "survey", "verify"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1 and run.stdout.startswith(
        "[In danger] Answers that are not as they were stored any more: 1"
    )


def test_a_restore_without_keys_says_what_that_means(store: Store, settings: Settings, tmp_path: Path) -> None:
    command(settings, "backup", "--to", str(tmp_path / "stick"))
    for key in ("receipt.key", "comment.key"):
        (tmp_path / "stick" / key).unlink()
    (copy,) = list_backups(tmp_path / "stick")
    ran = command(settings_of(tmp_path / "new"), "restore", str(copy.file))
    assert ran.code == 0 and "earlier receipt codes cannot be checked" in ran.out


# --- by itself


def run_for(settings: Settings, until: Any, every: float = 3600) -> list[str]:
    """Let the app's own backups run until something holds, at most 30 s."""
    told: list[str] = []

    async def running() -> None:
        task = asyncio.create_task(back_up_by_itself(settings, told.append, first=0, every=every))
        end = time.monotonic() + 30
        while not until(told) and time.monotonic() < end:
            await asyncio.sleep(0.05)
        task.cancel()

    asyncio.run(running())
    return told


def test_the_app_makes_a_backup_when_there_is_none_and_then_when_it_is_an_hour_old(
    store: Store, settings: Settings
) -> None:
    assert seconds_until_due(settings) == 0
    respond(store, time=4)
    folder = settings.data / "backups"
    assert run_for(settings, lambda _: list_backups(folder)) == []
    (made,) = list_backups(folder)
    assert made.manifest.responses == 1
    assert 3500 < seconds_until_due(settings) <= 3600
    later = made.file.with_name(made.file.name)
    assert run_for(settings, lambda _: list_backups(folder)[0].file != later, every=1) == []


def test_a_backup_by_itself_that_fails_is_told_in_words(tmp_path: Path) -> None:
    with store_in(tmp_path / "data") as store:
        (tmp_path / "data" / "settings.toml").write_text(f'survey_backup_to = "{tmp_path / "usb"}"\n', encoding="utf-8")
        told = run_for(settings_of(tmp_path / "data"), bool)
        assert rows(store) == []
    assert len(told) == 1 and "tempat cadangan kedua tidak ada" in told[0] and "Cadangan dibuat" in told[0]


def test_a_second_place_chosen_while_the_app_runs_takes_the_next_backup_by_itself(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    """The app has read its settings before; it is not started again."""
    here, usb = settings.data / "backups", tmp_path / "usb"
    usb.mkdir()

    def choose_then_look(_: object) -> bool:
        if list_backups(here) and not (settings.data / "settings.toml").exists():
            assert list_backups(usb) == []
            choose_second_place(store, LOCAL_STAFF, settings, str(usb))
        return bool(list_backups(usb))

    assert run_for(settings, choose_then_look, every=1) == []
    assert list_backups(usb)[0].file.name in {made.file.name for made in list_backups(here)}


def test_a_clock_that_went_back_and_one_that_differs_from_most_devices_are_told(store: Store, tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "data")
    for number in range(12):
        respond(store, time=4, at=NOW, device_time=NOW - timedelta(minutes=30 if number < 8 else 0))

    def told(now: datetime) -> dict[str, Any]:
        found = health(store, LOCAL_STAFF, settings, now).findings
        return {finding.key: finding.params for finding in found if finding.key.startswith("clock")}

    assert told(NOW - timedelta(hours=2)) == {"clock.back": {"minutes": 120}}
    assert told(NOW) == {"clock.differs": {"minutes": 30}}
    for _ in range(50):
        respond(store, time=4, at=NOW)
    assert told(NOW) == {}


# --- stations


def test_a_silent_station_and_a_foreign_device_are_told_with_their_repair(store: Store, settings: Settings) -> None:
    """Noon in Kupang on a Tuesday: the office is open, as nobody has said otherwise."""
    noon = datetime(2026, 11, 24, 4, tzinfo=UTC)
    code = make_station(store, LOCAL_STAFF, NewStation("tablet-9", "Tablet 9", StationKind.TABLET), now=noon)
    token = register(store, code, now=noon).token
    beat = {"survey": "skm", "station": "tablet-9", "sequence": 0, "waiting": 0, "aside": 0, "form": "0123456789"}

    def beats(at: datetime, shown: str | None) -> None:
        assert hear(store, Heartbeat.model_validate(beat | {"epoch": uuid.uuid4()}), at, shown)

    def said(at: datetime) -> list[str]:
        found = health(store, LOCAL_STAFF, settings, at).findings
        return [one.say(EN) for one in found if one.key in ("station.silent", "station.foreign")]

    beats(noon, token)
    assert said(noon + timedelta(minutes=30)) == []
    assert said(noon + timedelta(minutes=45)) == [
        "Tablet 9: not heard for 45 minutes although the office is open. Check that the device is on, shows the "
        "survey, and has network. Answers there wait and are not lost."
    ]
    beats(noon + timedelta(minutes=50), None)
    assert said(noon + timedelta(minutes=51)) == [
        "Tablet 9: what is heard is not the registered device. Its answers are kept and flagged. Register the device "
        "anew, or give it a name of its own."
    ]
