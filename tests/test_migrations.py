"""Does a database of every earlier revision, with answers in it, become one of today without losing anything?"""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from survey.principal import LOCAL_STAFF
from survey.store.answers.responses import read_responses, rebuild
from survey.store.answers.submissions import Fate
from survey.store.plans.surveys import list_surveys
from survey.store.schema import MIGRATIONS
from survey.store.stations.arrivals import completeness
from survey.tables import Table
from tests.builders import respond, store_in, survey_called
from tests.databases.keep import kept

REVISIONS = [script.revision for script in reversed(list(ScriptDirectory(str(MIGRATIONS)).walk_revisions()))]
Contents = dict[str, tuple[list[str], list[tuple[object, ...]]]]


def restore(folder: Path, revision: str) -> Path:
    """The database of that revision in a data folder."""
    folder.mkdir()
    file = folder / "survey.db"
    connection = sqlite3.connect(file)
    connection.executescript(kept(revision).read_text(encoding="utf-8"))
    connection.close()
    return file


def contents(file: Path, columns: Contents | None = None) -> Contents:
    """Every table's columns and rows, read by Python's own SQLite; only the ``columns`` of an earlier reading."""
    connection = sqlite3.connect(file)
    names = columns or {
        name: ([column for _, column, *_ in connection.execute(f"PRAGMA table_info({name})")], [])
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        if name != "alembic_version"
    }
    found = {
        name: (wanted, sorted(connection.execute(f"SELECT {', '.join(wanted)} FROM {name}"), key=repr))
        for name, (wanted, _) in names.items()
    }
    connection.close()
    return found


def test_every_revision_has_a_database_with_answers_in_it() -> None:
    """A missing one is written by ``python -m tests.databases.keep`` before the next revision is begun."""
    assert [revision for revision in REVISIONS if not kept(revision).exists()] == []


def test_every_file_of_a_revision_begins_with_its_number() -> None:
    """Whether a database is of today is seen from the names, without the library that upgrades."""
    files = sorted((MIGRATIONS / "versions").glob("*.py"))
    assert [file.name[:5] for file in files if file.stem != "__init__"] == [f"{revision}_" for revision in REVISIONS]


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_upgrade_changes_nothing_that_was_there(tmp_path: Path, revision: str) -> None:
    file = restore(tmp_path / "data", revision)
    before = contents(file)
    assert len(before["response"][1]) >= 15 and before["set_aside"][1] and before["comment"][1]
    with store_in(tmp_path / "data"):
        pass
    after = contents(file, before)
    published = before["questionnaire"][1], before["questionnaire_column"][1]
    for name in before.keys() - {"questionnaire", "questionnaire_column"}:
        assert after[name] == before[name], name
    for name, rows in zip(("questionnaire", "questionnaire_column"), published, strict=True):
        assert set(after[name][1]) >= set(rows), "questionnaires published since may have come"


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_upgraded_database_is_read_and_every_digest_is_right(tmp_path: Path, revision: str) -> None:
    restore(tmp_path / "data", revision)
    with store_in(tmp_path / "data") as store:
        rebuilt = [one for s in list_surveys(store, LOCAL_STAFF) for one in rebuild(store, LOCAL_STAFF, s)]
        assert len(rebuilt) >= 15
        assert all(one.response.digest == one.digest for one in rebuilt)
        packed = read_responses(store, LOCAL_STAFF, survey_called(store))
        assert len(packed) >= 15 and set(packed.answers[:, packed.questionnaire.positions["P_time"]]) == {1, 2, 3, 4}
        assert respond(store, time=4).fate is Fate.STORED


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_upgraded_database_has_exactly_the_tables_of_a_new_one(tmp_path: Path, revision: str) -> None:
    restore(tmp_path / "data", revision)
    with store_in(tmp_path / "data") as store, store.reading.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []
        assert connection.scalar(sa.text("SELECT count(*) FROM answer")) > 100


@pytest.mark.parametrize("revision", REVISIONS)
def test_what_each_station_announced_is_known_after_the_upgrade(tmp_path: Path, revision: str) -> None:
    """Loket 1 gave six answers, of which one was set aside; loket 2 gave four, of which 2 and 3 never came."""
    restore(tmp_path / "data", revision)
    with store_in(tmp_path / "data") as store:
        found = [(one.station, one.announced, one.arrived, one.missing) for one in completeness(store, LOCAL_STAFF)]
    assert found == [("loket-1", 6, 6, ()), ("loket-2", 4, 2, ((2, 3),)), ("loket-2", 1, 1, ())]
