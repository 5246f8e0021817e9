"""How is the database opened so that what we acknowledge survives a power cut?

Measured with simulated power cuts: WAL needs synchronous=FULL, the rollback journal needs EXTRA; weaker settings lose
acknowledged rows. SQLite before 3.51.3 can corrupt a WAL database when two connections write, so there we use the
rollback journal. This is the only module that knows SQLite from other databases.
"""

import importlib
import os
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.event import listens_for

from survey.problem import Problem

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


def make_engine(file: Path) -> sa.Engine:
    """An engine on a SQLite file (mode 0600), every setting read back.

    Raises ``Problem`` when it cannot be opened or set.
    """
    module = pick_sqlite()
    modern = module.sqlite_version_info >= SAFE_WAL
    wanted = {
        "journal_mode": "wal" if modern else "delete",
        "synchronous": 2 if modern else 3,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": BUSY_SECONDS * 1000,
    }
    engine = sa.create_engine(
        f"sqlite:///{file}",
        module=module,
        connect_args={"timeout": BUSY_SECONDS},
        pool_size=8,
        max_overflow=8,
        hide_parameters=True,  # an error in the log says nothing of anybody's answers
    )

    @listens_for(engine, "connect")
    def _settings(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say so, below
        for name, value in {**wanted, "cell_size_check": 1, "journal_size_limit": 67_108_864}.items():
            connection.execute(f"PRAGMA {name}={value}")

    @listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A deferred transaction that has read cannot start to write when another has written meanwhile.
        reading = connection.get_execution_options().get(READ_ONLY)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

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


@lru_cache
def insert_or_ignore(
    dialect: str, table: sa.Table, returning: sa.Column[Any] | None = None
) -> sqlite.Insert | postgresql.Insert | sa.sql.dml.ReturningInsert[Any]:
    """An INSERT that leaves out what a unique constraint forbids; it returns ``returning`` of the row it wrote."""
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table).on_conflict_do_nothing()
    return statement if returning is None else statement.returning(returning)
