"""Can nobody change what was noted of the staff's doings, or take it away, without it being found?"""

import ast
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from survey.importing.arrived import Arrived
from survey.principal import LOCAL_STAFF, Role
from survey.screens.audit import detail_in_words
from survey.settings import ROOT
from survey.store import Store, open_store
from survey.store.answers.imports import import_responses
from survey.store.people.audit import (
    Asked,
    Did,
    Entry,
    first_broken,
    head,
    people_in_audit,
    read_audit,
    record,
    record_export,
)
from survey.store.people.logins import who_is
from survey.store.safety.backup import make_backup
from survey.store.safety.health import verify
from survey.store.safety.restore import restore
from survey.words import LANGUAGES, load_words
from tests.builders import packed, rows, settings_of, shipped, survey_called
from tests.people import START, account, administrator, at, principal, token

ZONE = ZoneInfo("Asia/Makassar")


def noted(store: Store, *whats: str) -> None:
    with store.engine.begin() as connection:
        for what in whats:
            record(connection, LOCAL_STAFF, Did.SURVEY_CHANGED, what, START, status="open")


def tamper(store: Store, statement: str) -> None:
    """As somebody would who has the file and removes the guards first."""
    with store.engine.begin() as connection:
        for change in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS audit_refuses_{change}")
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit WHERE number = 2"])
def test_the_database_itself_refuses_to_change_or_remove_an_entry(store: Store, statement: str) -> None:
    noted(store, "a", "b", "c")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), store.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert [entry.what for entry in read_audit(store, LOCAL_STAFF)] == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("statement", "found_at"),
    [
        ("UPDATE audit SET who = 'nobody' WHERE number = 2", 2),
        ("UPDATE audit SET detail = '{}' WHERE number = 3", 3),
        ("UPDATE audit SET at = '2026-01-01 00:00:00.000000' WHERE number = 1", 1),
        ("DELETE FROM audit WHERE number = 2", 3),
        ("DELETE FROM audit WHERE number = 1", 2),
        ("UPDATE audit SET number = number + 10 WHERE number = 4", None),
    ],
)
def test_who_removes_the_guards_and_edits_an_entry_is_found(store: Store, statement: str, found_at: int | None) -> None:
    """The number alone says nothing: the order and the content are what the chain holds."""
    noted(store, "a", "b", "c", "d")
    assert first_broken(store, LOCAL_STAFF) is None
    tamper(store, statement)
    assert first_broken(store, LOCAL_STAFF) == found_at


def test_entries_taken_from_the_end_are_found_by_the_head_in_the_newest_backup(store: Store) -> None:
    settings = settings_of(store.data)
    noted(store, "a", "b")
    made = make_backup(store, LOCAL_STAFF, settings)
    assert (made.backup.manifest.audit_entries, len(made.backup.manifest.audit_digest)) == (2, 64)
    assert all("audit" not in finding.key for finding in verify(store, LOCAL_STAFF, settings).findings)
    tamper(store, "DELETE FROM audit WHERE number >= 2")
    assert first_broken(store, LOCAL_STAFF) is None, "the chain alone cannot know"
    assert "verify.audit_rewritten" in [finding.key for finding in verify(store, LOCAL_STAFF, settings).findings]


def test_verify_tells_of_an_edited_entry(store: Store) -> None:
    settings = settings_of(store.data)
    noted(store, "a", "b")
    tamper(store, "UPDATE audit SET what = 'x' WHERE number = 1")
    findings = {finding.key: finding for finding in verify(store, LOCAL_STAFF, settings).findings}
    assert findings["verify.audit"].params == {"number": 1}


def test_an_entry_stands_or_falls_with_what_it_tells_of(store: Store) -> None:
    with pytest.raises(RuntimeError), store.engine.begin() as connection:
        record(connection, LOCAL_STAFF, Did.SURVEY_CHANGED, "skm")
        raise RuntimeError
    assert read_audit(store, LOCAL_STAFF) == ()
    with store.reading.connect() as connection:
        assert head(connection).entries == 0


def test_entries_are_found_by_person_kind_and_time(store: Store) -> None:
    administrator(store)
    account(store, "budi", Role.OPERATOR)
    token(store, "budi", at(hours=1))
    token(store, "ina", at(hours=2))

    def asked(**given: object) -> list[str]:
        return [f"{entry.who} {entry.did}" for entry in read_audit(store, LOCAL_STAFF, Asked(**given))]  # type: ignore[arg-type]

    assert asked(who="budi") == ["budi logged_in", "budi password_changed"]
    assert asked(did=frozenset({Did.LOGGED_IN})) == ["ina logged_in", "budi logged_in"]
    assert asked(since=at(hours=1, minutes=1)) == ["ina logged_in"]
    assert people_in_audit(store, LOCAL_STAFF) == ("budi", "ina", "local-staff")
    assert [entry.number for entry in read_audit(store, LOCAL_STAFF, before=3, limit=1)] == [2]


def test_exports_imports_and_backups_by_hand_are_noted_and_hourly_ones_are_not(store: Store) -> None:
    survey, manager = survey_called(store), principal(store, Role.MANAGER)
    record_export(store, manager, "skm", "sav", 120)
    arrived = [Arrived(packed(shipped(), time=4), START.date())]
    import_responses(store, LOCAL_STAFF, survey, arrived, dry_run=True)
    import_responses(store, LOCAL_STAFF, survey, arrived)
    make_backup(store, LOCAL_STAFF, settings_of(store.data), by_itself=True)
    make_backup(store, LOCAL_STAFF, settings_of(store.data))
    told = [(entry.who, entry.did, entry.what, dict(entry.detail)) for entry in read_audit(store, LOCAL_STAFF)]
    assert told[1:] == [
        ("local-staff", "imported", "skm", {"given": 1}),
        ("manager", "exported", "skm", {"kind": "sav", "n": 120}),
    ]
    assert told[0][1] == "backed_up" and told[0][3] == {"responses": 1}


def test_a_restore_is_noted_at_the_next_start_and_logs_everybody_out(store: Store, tmp_path: Path) -> None:
    administrator(store)
    here = token(store)
    made = make_backup(store, LOCAL_STAFF, settings_of(store.data)).backup
    elsewhere = settings_of(tmp_path / "new")
    restore(made.file, elsewhere)
    opened = open_store(elsewhere)
    try:
        newest = read_audit(opened, LOCAL_STAFF)[0]
        assert (newest.did, newest.what) == (Did.RESTORED, made.file.name)
        assert who_is(opened, here, START) is None and rows(opened, "SELECT * FROM login") == []
        assert first_broken(opened, LOCAL_STAFF) is None
    finally:
        opened.close()
    again = open_store(elsewhere)
    assert [entry.did for entry in read_audit(again, LOCAL_STAFF)].count(Did.RESTORED) == 1
    again.close()


# --- in words


def details() -> set[str]:
    """Every name under which an entry tells more, as far as it stands in a call of ``record``."""
    calls = [
        node
        for file in (ROOT / "survey").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record"
    ]
    assert len(calls) > 20
    return {keyword.arg for call in calls for keyword in call.keywords if keyword.arg} - {"at"}


def test_whatever_can_be_done_is_of_one_kind() -> None:
    from survey.screens.audit import _KINDS

    assert sorted(did for kind in _KINDS.values() for did in kind) == sorted(Did)


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_can_be_done_is_said_in_words(language: str) -> None:
    said = load_words(language).sentences
    assert {f"audit.did.{did.value}" for did in Did} <= said.keys()
    assert {f"audit.detail.{name}" for name in details()} <= said.keys()


def test_the_screen_tells_opening_hours_by_the_day_and_an_account_without_units_as_the_whole_agency() -> None:
    """Found by somebody who read the screen: *08:00, 15:00, 08:00, ...* and *unit: empty* said nothing to her."""
    week = [["08:00", "15:00"], None, ["08:00", "11:30"], *[None] * 4]
    words = load_words("id")
    changed = Entry(1, START, "a", "administrator", Did.SURVEY_CHANGED, "skm", {"hours": [None, week]}, b"")
    made = Entry(2, START, "a", "administrator", Did.ACCOUNT_MADE, "citra", {"units": None}, b"")
    said = "jam buka: kosong → Senin 08:00\N{EN DASH}15:00, Rabu 08:00\N{EN DASH}11:30"
    assert detail_in_words(changed, ZONE, words) == said
    assert detail_in_words(made, ZONE, words) == "unit: Seluruh instansi"


@pytest.mark.parametrize(
    ("did", "detail", "indonesian", "english"),
    [
        (
            Did.SURVEY_CHANGED,
            {"opens": [None, "2026-11-24"]},
            "buka: kosong → 24 November 2026",
            "opens: nothing → 24 November 2026",
        ),
        (
            Did.SERVED_ENTERED,
            {"first": "2026-08-03", "last": "2026-08-07"},
            "pertama: 3 Agustus 2026; terakhir: 7 Agustus 2026",
            "first: 3 August 2026; last: 7 August 2026",
        ),
        (Did.RESPONSE_DELETED, {"day": "2026-08-05"}, "hari: 5 Agustus 2026", "day: 5 August 2026"),
        (
            Did.RESTORED,
            {"restored_at": "2026-08-05T17:05:09+00:00"},
            "dipulihkan: 6 Agustus 2026, 01.05.09",
            "restored: 6 August 2026, 01:05:09",
        ),
        (Did.RESTORED, {"restored_at": "-"}, "dipulihkan: -", "restored: -"),
        (Did.ACCOUNT_MADE, {"first": True}, "pertama: ya", "first: yes"),
    ],
)
def test_days_and_moments_in_what_was_done_are_written_in_words_in_the_zone_of_the_office(
    did: Did, detail: dict[str, object], indonesian: str, english: str
) -> None:
    """A reason or a title that reads like a date is nobody's date and stays as it was typed."""
    entry = Entry(1, START, "a", "administrator", did, "skm", {**detail, "reason": "2026-08-05"}, b"")
    said = [detail_in_words(entry, ZONE, load_words(language)) for language in ("id", "en")]
    assert said == [f"{indonesian}; alasan: 2026-08-05", f"{english}; reason: 2026-08-05"]
