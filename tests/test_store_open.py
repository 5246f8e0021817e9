"""Does the store open ready and safe, twice the same, and say in words why it cannot?"""

import hashlib
import os
import shutil
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from survey.catalogue import StationKind, SurveyStatus
from survey.principal import LOCAL_STAFF
from survey.problem import Problem
from survey.store import Store, open_store
from survey.store.answers.submissions import Fate
from survey.store.engine import SAFE_WAL, make_engine, pick_sqlite
from survey.store.plans.surveys import find_survey, first_survey, list_surveys
from survey.store.schema import MIGRATIONS, migrate
from survey.store.secrets import CODE_ALPHABET, forget_setup_code, is_setup_code, secret_key, setup_code
from survey.tables import Table
from survey.words import LANGUAGES, load_words
from tests.builders import SHIPPED, content, respond, rows, settings_of, store_in, survey_called, yaml_of

POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows keeps permissions in lists, not in modes")


def refused(folder: Path, **environment: str) -> dict[str, str]:
    """What is said, by language, when the store does not open."""
    with pytest.raises(Problem) as caught, store_in(folder, **environment):
        pass
    return {language: caught.value.say(load_words(language)) for language in LANGUAGES}


def dump(store: Store) -> dict[str, list[tuple[object, ...]]]:
    names = rows(store, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return {name: [tuple(row) for row in rows(store, f'SELECT * FROM "{name}"')] for (name,) in names}


def settings_in_force(store: Store) -> dict[str, object]:
    names = ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "busy_timeout", "cell_size_check")
    return {name: rows(store, f"PRAGMA {name}")[0][0] for name in names}


# --- the first start


def test_the_first_start_makes_the_folder_the_schema_and_a_survey_that_can_be_answered_at_once(tmp_path: Path) -> None:
    with store_in(tmp_path / "not" / "yet" / "there") as store:
        survey = first_survey(store)
        assert survey is not None
        assert (survey.name, survey.status, survey.test) == ("skm", SurveyStatus.OPEN, False)
        assert survey.questionnaire.name == "skm-2017-servqual"
        assert len(survey.units) >= 2 and len(survey.services) >= 3
        assert {station.kind for station in survey.stations.values()} >= {StationKind.KIOSK, StationKind.TABLET}
        assert respond(store, time=4, service=survey.services[0].name).fate is Fate.STORED


def test_the_first_start_also_makes_a_test_survey_for_made_up_answers(tmp_path: Path) -> None:
    with store_in(tmp_path / "data") as store:
        assert [(survey.name, survey.test) for survey in list_surveys(store, LOCAL_STAFF)] == [
            ("skm", False),
            ("contoh", True),
        ]


def test_the_example_agency_counts_its_days_in_the_zone_that_is_set(tmp_path: Path) -> None:
    with store_in(tmp_path / "data", SURVEY_ZONE="Asia/Jayapura") as store:
        assert survey_called(store).agency.zone == "Asia/Jayapura"


def test_every_label_of_the_example_speaks_both_languages(store: Store) -> None:
    survey = survey_called(store)
    labels = [survey.title, survey.agency.label, *(part.label for part in (*survey.units, *survey.services))]
    assert all(set(label) == set(LANGUAGES) and all(label.values()) for label in labels)


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    with store_in(tmp_path / "data") as store:
        respond(store, time=4, comment="Terima kasih")
        before, keys = dump(store), (store.receipt_key, store.comment_key)
    file = tmp_path / "data" / "survey.db"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    with store_in(tmp_path / "data") as store:
        assert dump(store) == before
        assert (store.receipt_key, store.comment_key) == keys
    assert hashlib.sha256(file.read_bytes()).hexdigest() == digest


def test_two_processes_may_start_at_the_same_moment(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: open_store(settings_of(tmp_path / "data")), range(4)))
    try:
        assert len({(store.receipt_key, store.comment_key) for store in stores}) == 1
        assert len(rows(stores[0], "SELECT * FROM agency")) == 1
    finally:
        for store in stores:
            store.close()


def test_a_survey_that_is_not_there_is_not_found(store: Store) -> None:
    assert find_survey(store, "nowhere") is None


# --- how the database is opened


def test_what_is_acknowledged_survives_a_power_cut_with_the_settings_in_force(store: Store) -> None:
    """600 simulated power cuts each: WAL with FULL (2) and the rollback journal with EXTRA (3) lost nothing, WAL with
    NORMAL lost acknowledged rows in 506, the rollback journal with FULL in 164. SQLite before 3.51.3 can corrupt a WAL
    database that two connections write.
    """
    modern = pick_sqlite().sqlite_version_info >= SAFE_WAL
    assert settings_in_force(store) == {
        "journal_mode": "wal" if modern else "delete",
        "synchronous": 2 if modern else 3,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": 30_000,
        "cell_size_check": 1,
    }


def test_a_start_with_weaker_settings_is_refused_in_words(tmp_path: Path) -> None:
    """What is read back counts: here something else sets connections to what power cuts were seen to break."""

    def weaken(connection: sa.Connection) -> None:
        connection.connection.driver_connection.execute("PRAGMA synchronous=1")  # type: ignore[union-attr]

    sa.event.listen(sa.Engine, "engine_connect", weaken)
    try:
        said = refused(tmp_path / "data")
    finally:
        sa.event.remove(sa.Engine, "engine_connect", weaken)
    assert "refuses the setting synchronous=" in said["en"] and "(it says 1)" in said["en"]
    assert "local disk" in said["en"] and "disk lokal" in said["id"]


def test_without_a_recent_sqlite_the_rollback_journal_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine that has no wheel with a SQLite of its own, Python's is taken, however old it is."""
    monkeypatch.setitem(sys.modules, "pysqlite3", None)
    monkeypatch.setitem(sys.modules, "pysqlite3.dbapi2", None)
    old = sqlite3.sqlite_version_info < (3, 51, 3)
    with store_in(tmp_path / "data") as store:
        found = settings_in_force(store)
        assert (found["journal_mode"], found["synchronous"]) == (("delete", 3) if old else ("wal", 2))
        assert respond(store, time=4).fate is Fate.STORED
        assert rows(store, "SELECT code FROM answer WHERE item = 'P_time'") == [(4,)]


def test_a_database_may_move_from_a_machine_with_a_recent_sqlite_to_one_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store_in(tmp_path / "data") as store:
        respond(store, time=4)
    monkeypatch.setitem(sys.modules, "pysqlite3", None)
    monkeypatch.setitem(sys.modules, "pysqlite3.dbapi2", None)
    with store_in(tmp_path / "data") as store:
        respond(store, time=2)
        assert [code for (code,) in rows(store, "SELECT code FROM answer WHERE item = 'P_time'")] == [4, 2]


def test_a_reader_does_not_wait_for_a_writer(store: Store) -> None:
    if pick_sqlite().sqlite_version_info < SAFE_WAL:
        pytest.skip("the rollback journal lets readers wait for the moment of the commit")
    with store.engine.begin() as writing:
        writing.exec_driver_sql("UPDATE survey SET target = 100")
        assert rows(store, "SELECT target FROM survey WHERE name = 'skm'") == [(None,)]


def test_a_row_that_points_nowhere_is_refused(store: Store) -> None:
    with pytest.raises(sa.exc.IntegrityError), store.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO comment VALUES (99, 'to no response')")


# --- the schema


def test_the_migrations_make_exactly_the_tables_of_the_models(store: Store) -> None:
    with store.reading.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Table.metadata) == []


def test_the_migrations_make_the_unique_constraints_on_which_exactly_once_rests(store: Store) -> None:
    with store.reading.connect() as connection:
        found = sa.inspect(connection).get_unique_constraints("response")
    assert {tuple(one["column_names"]) for one in found} == {("agency", "id"), ("station", "epoch", "sequence")}


def test_the_migrations_are_one_line_without_branches() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert len(script.get_heads()) == 1 and len(script.get_bases()) == 1


def test_migrating_twice_is_migrating_once(tmp_path: Path) -> None:
    engine = make_engine(tmp_path / "survey.db")
    migrate(engine)
    migrate(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar() == 1
    engine.dispose()


def test_a_database_of_a_newer_program_is_refused_in_words(tmp_path: Path) -> None:
    with store_in(tmp_path / "data") as store, store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    said = refused(tmp_path / "data")
    assert "made by a newer version of the program" in said["en"]
    assert "versi program yang lebih baru" in said["id"]
    assert str(tmp_path / "data" / "survey.db") in said["en"]


# --- questionnaire files


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder of questionnaire files of its own."""
    folder = tmp_path / "questionnaires"
    folder.mkdir()
    shutil.copy(SHIPPED, folder)
    return folder


def test_a_published_version_that_was_changed_in_its_file_is_refused_in_words(tmp_path: Path, files: Path) -> None:
    with store_in(tmp_path / "data", SURVEY_QUESTIONNAIRES=str(files)):
        pass
    file = files / SHIPPED.name
    file.write_text(file.read_text(encoding="utf-8").replace("en: Very fast", "en: Quite fast"), encoding="utf-8")
    said = refused(tmp_path / "data", SURVEY_QUESTIONNAIRES=str(files))
    assert said["en"].endswith("Undo the change in its file, or write “version: 3”.")
    assert said["id"].endswith("atau tuliskan “version: 3”.")


def test_the_next_version_is_published_beside_the_former(tmp_path: Path, files: Path) -> None:
    with store_in(tmp_path / "data", SURVEY_QUESTIONNAIRES=str(files)):
        pass
    file = files / SHIPPED.name
    file.write_text(file.read_text(encoding="utf-8").replace("version: 2", "version: 3"), encoding="utf-8")
    with store_in(tmp_path / "data", SURVEY_QUESTIONNAIRES=str(files)) as store:
        assert rows(store, "SELECT version FROM questionnaire ORDER BY 1") == [(2,), (3,)]
        assert survey_called(store).questionnaire.version == 2, "the survey goes on asking what it asked"
        assert rows(store, "SELECT count(*) FROM questionnaire_column") == [(36,)]


def test_a_layout_that_changes_is_no_change(tmp_path: Path, files: Path) -> None:
    with store_in(tmp_path / "data", SURVEY_QUESTIONNAIRES=str(files)):
        pass
    file = files / SHIPPED.name
    file.write_text("# reviewed\n\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    with store_in(tmp_path / "data", SURVEY_QUESTIONNAIRES=str(files)) as store:
        assert rows(store, "SELECT count(*) FROM questionnaire") == [(1,)]


def test_a_bad_questionnaire_file_stops_the_start_before_a_database_is_made(tmp_path: Path, files: Path) -> None:
    (files / "small.yaml").write_text(yaml_of(content(version=0)), encoding="utf-8")
    said = refused(tmp_path / "data", SURVEY_QUESTIONNAIRES=str(files))
    assert str(files / "small.yaml") in said["en"]
    assert not (tmp_path / "data" / "survey.db").exists()


def test_a_folder_of_questionnaires_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    said = refused(tmp_path / "data", SURVEY_QUESTIONNAIRES=str(tmp_path / "nowhere"))
    assert "no such folder" in said["en"] and "folder ini tidak ada" in said["id"]


def test_without_the_example_questionnaire_there_is_no_example(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with store_in(tmp_path / "data", SURVEY_QUESTIONNAIRES=str(tmp_path / "empty")) as store:
        assert first_survey(store) is None and list_surveys(store, LOCAL_STAFF) == ()


# --- what can be wrong with the folder


def test_a_file_in_the_place_of_the_folder_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("I am no folder")
    said = refused(tmp_path / "data")
    assert "this folder cannot be used" in said["en"] and "folder ini tidak dapat dipakai" in said["id"]


@POSIX
def test_a_folder_that_may_not_be_written_is_refused_in_words(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    (tmp_path / "data").mkdir(mode=0o500)
    assert "Check its permissions" in refused(tmp_path / "data")["en"]


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "survey.db").write_bytes(b"This is a letter, and no database at all. " * 100)
    said = refused(tmp_path / "data")
    assert "cannot be opened (file is not a database)" in said["en"]
    assert "pulihkan cadangan terbaru" in said["id"]


def test_a_folder_in_the_place_of_the_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "data" / "survey.db").mkdir(parents=True)
    assert "cannot be opened" in refused(tmp_path / "data")["en"]


# --- secrets


@POSIX
def test_secrets_can_be_read_by_their_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        setup_code(tmp_path)
        secret_key(tmp_path, "receipt")
    finally:
        os.umask(before)
    assert {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {
        "setup-code.txt": 0o600,
        "receipt.key": 0o600,
    }


def test_the_code_of_the_first_start_is_twelve_letters_that_nobody_misreads_and_stays_the_same(tmp_path: Path) -> None:
    code = setup_code(tmp_path)
    groups = code.split("-")
    assert [len(group) for group in groups] == [4, 4, 4]
    assert set("".join(groups)) <= set(CODE_ALPHABET) and not set(CODE_ALPHABET) & set("01IO")
    assert setup_code(tmp_path) == code == (tmp_path / "setup-code.txt").read_text().strip()


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    secrets = [(setup_code(tmp_path / place), secret_key(tmp_path / place, "receipt")) for place in "ab"]
    assert not set(secrets[0]) & set(secrets[1])


def test_threads_that_make_a_secret_at_once_all_get_the_same_and_leave_nothing_else(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: secret_key(tmp_path, "receipt"), range(16)))) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["receipt.key"]


@pytest.mark.parametrize("left", ["", "\n", "K7QD-4MTA", "\0" * 15, "abc"])
def test_a_spoilt_code_of_the_first_start_lets_nobody_in(tmp_path: Path, left: str) -> None:
    """What a power cut may leave behind; an empty code would equal an empty entry."""
    (tmp_path / "setup-code.txt").write_text(left)
    for given in (left, "", "AAAA-AAAA-AAAA"):
        with pytest.raises(Problem, match="holds no secret"):
            is_setup_code(tmp_path, given)


def test_the_code_of_the_first_start_may_be_typed_as_it_is_read_and_is_void_when_its_file_has_gone(
    tmp_path: Path,
) -> None:
    code = setup_code(tmp_path)
    assert is_setup_code(tmp_path, code.lower().replace("-", " ")) and not is_setup_code(tmp_path, code[:-1])
    forget_setup_code(tmp_path)
    assert not is_setup_code(tmp_path, code) and not is_setup_code(tmp_path, "")


def test_a_spoilt_key_stops_the_start_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "receipt.key").write_text("")
    said = refused(tmp_path / "data")
    assert "receipt.key" in said["en"] and "cadangan" in said["id"]
