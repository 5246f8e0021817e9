"""How does the database get the tables of this version? Alembic runs at start; there is no manual step."""

from pathlib import Path

import sqlalchemy as sa

from survey.problem import Problem

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
_ALEMBIC = sa.table("alembic_version", sa.column("version_num"))


def revision_to_upgrade(engine: sa.Engine) -> str | None:
    """The revision of a database that has to be upgraded; None for a new one, one of today, or one of the future."""
    found, known = _revision_of(engine), _revisions()
    return found if found in known and found != known[-1] else None


def migrate(engine: sa.Engine, revision: str = "head") -> None:
    """Bring the schema to ``revision`` in one transaction. Raises ``Problem`` for a schema of a newer program."""
    if revision == "head" and _revision_of(engine) == _revisions()[-1]:
        return
    # Imported only where it is needed: it takes a tenth of the time that a start takes.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            raise Problem("store.newer_schema", where=str(engine.url.database)) from error


def _revisions() -> list[str]:
    """The revisions there are, the oldest first: they are numbered, and their files begin with the number."""
    return sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _revision_of(engine: sa.Engine) -> str | None:
    """The revision that the database has; None when it is new."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table(_ALEMBIC.name):
            return None
        return connection.execute(sa.select(_ALEMBIC.c.version_num)).scalar_one_or_none()
