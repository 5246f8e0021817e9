"""How is the database opened so that what we acknowledge survives a power cut?

Measured with simulated power cuts: WAL needs synchronous=FULL, the rollback journal needs EXTRA; weaker settings lose
acknowledged rows. SQLite before 3.51.3 can corrupt a WAL database when two connections write, so there we use the
rollback journal. This module and ``backup.py`` are the only ones that know SQLite from other databases.
"""

import importlib
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.event import listens_for

from survey.problem import Problem
from survey.store.lock import WriterLock
from survey.store.place import Identity

SAFE_WAL = (3, 51, 3)
BUSY_SECONDS = 30
READ_ONLY = "read_only"


def pick_sqlite() -> ModuleType:
    """The SQLite that brings its own recent library where there is a wheel for it, else Python's."""
    for name in ("pysqlite3.dbapi2", "sqlite3.dbapi2"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise Problem("store.no_sqlite")


def durable_settings(version: tuple[int, ...]) -> dict[str, str | int]:
    """The settings under which nothing that was committed is lost in a power cut, for a version of SQLite.

    They are read back as they stand here. Simulated cuts (``tests/harness/powercut.py``) use the same.
    """
    modern = version >= SAFE_WAL
    return {"journal_mode": "wal" if modern else "delete", "synchronous": 2 if modern else 3}


def make_engine(file: Path) -> sa.Engine:
    """An engine on a SQLite file (mode 0600), every setting read back.

    Whoever writes takes its turn by a lock that all processes share. When the file has gone or another has taken its
    place, every transaction fails until it is back: SQLite would go on writing into a file that has no name any more.
    Raises ``Problem`` when it cannot be opened or set.
    """
    module = pick_sqlite()
    wanted = {
        **durable_settings(module.sqlite_version_info),
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": BUSY_SECONDS * 1000,
    }
    engine = sa.create_engine(
        f"sqlite:///{file}",
        module=module,
        connect_args={"timeout": BUSY_SECONDS, "factory": _taking_turns(module.Connection, lock_of(file))},
        pool_size=8,
        max_overflow=8,
        hide_parameters=True,  # an error in the log says nothing of anybody's answers
    )
    journal = file.with_name(f"{file.name}-wal") if wanted["journal_mode"] == "wal" else file

    @listens_for(engine, "connect")
    def _settings(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say so, below
        connection.identity = Identity.of(file)
        for name, value in {**wanted, "cell_size_check": 1, "journal_size_limit": 67_108_864}.items():
            connection.execute(f"PRAGMA {name}={value}")

    @listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A deferred transaction that has read cannot start to write when another has written meanwhile.
        reading = connection.get_execution_options().get(READ_ONLY)
        beneath: Any = connection.connection.driver_connection
        if Identity.of(file) != beneath.identity:
            raise sa.exc.OperationalError("BEGIN", None, module.OperationalError("the database file is gone"))
        if reading:
            beneath.begin_reading()
            connection.exec_driver_sql("BEGIN")
            return
        if not beneath.take_turn():
            raise sa.exc.OperationalError("BEGIN", None, module.OperationalError("database is locked by a writer"))
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            if not journal.exists():
                connection.exec_driver_sql("ROLLBACK")
                raise sa.exc.OperationalError("BEGIN", None, module.OperationalError("the write-ahead log is gone"))
        except BaseException:
            beneath.end_turn()
            raise

    try:
        # Made here, because SQLite would let everybody read it; -wal and -shm take over its mode.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
        with engine.connect() as connection:
            for name, value in wanted.items():
                found = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                if found != value:
                    raise Problem("store.setting", where=str(file), name=name, wanted=value, found=found)
    except OSError as error:
        raise Problem("store.cannot_open", where=str(file), detail=error.strerror or str(error)) from error
    except sa.exc.DBAPIError as error:
        raise Problem("store.cannot_open", where=str(file), detail=str(error.orig)) from error
    return engine


def lock_of(file: Path) -> WriterLock:
    """The lock of those who write to this database."""
    return WriterLock(file.with_name(f"{file.name}.lock"))


def _taking_turns(base: type[Any], lock: WriterLock) -> type[Any]:
    """A connection that holds the writers' lock from the begin of a writing transaction to its end.

    While it reads, SQLite refuses every change: one that slipped in would not have waited for its turn.
    """

    class Connection(base):  # type: ignore[misc]
        identity: Identity | None = None
        _leave: Callable[[], None] | None = None
        _reads = False

        def take_turn(self) -> bool:
            """Wait for the lock as long as the database itself would be waited for."""
            self._leave = lock.take(lambda: float(self.execute("PRAGMA busy_timeout").fetchone()[0] / 1000))
            return self._leave is not None

        def end_turn(self) -> None:
            leave, self._leave = self._leave, None
            if leave:
                leave()

        def begin_reading(self) -> None:
            self.execute("PRAGMA query_only=1")
            self._reads = True

        def _end_reading(self) -> None:
            if self._reads:
                self._reads = False
                self.execute("PRAGMA query_only=0")

        def commit(self) -> None:
            try:
                super().commit()
                self._end_reading()
            finally:
                if not self.in_transaction:
                    self.end_turn()

        def rollback(self) -> None:
            try:
                super().rollback()
                self._end_reading()
            finally:
                self.end_turn()

        def close(self) -> None:
            try:
                super().close()
            finally:
                self.end_turn()

    return Connection


@lru_cache
def insert_or_ignore(
    dialect: str, table: sa.Table, *returning: sa.Column[Any]
) -> sqlite.Insert | postgresql.Insert | sa.sql.dml.ReturningInsert[Any]:
    """An INSERT that leaves out what a unique constraint forbids; it returns ``returning`` of the rows it wrote."""
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table).on_conflict_do_nothing()
    return statement.returning(*returning) if returning else statement


@lru_cache
def insert_or_update(dialect: str, table: sa.Table, highest: tuple[str, ...]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that raises the columns ``highest`` of a row that is there already, where the new values are higher."""
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    larger = {
        name: sa.case((statement.excluded[name] > table.c[name], statement.excluded[name]), else_=table.c[name])
        for name in highest
    }
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=larger)
