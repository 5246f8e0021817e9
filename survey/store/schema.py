"""How does the database get the tables of this version? Alembic runs at start; there is no manual step."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from survey.problem import Problem

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def revision_to_upgrade(engine: sa.Engine) -> str | None:
    """The revision of a database that has to be upgraded; None for a new one, one of today, or one of the future."""
    script = ScriptDirectory(str(MIGRATIONS))
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    known = {revision.revision for revision in script.walk_revisions()}
    return found if found in known and found != script.get_current_head() else None


def migrate(engine: sa.Engine, revision: str = "head") -> None:
    """Bring the schema to ``revision`` in one transaction. Raises ``Problem`` for a schema of a newer program."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    with engine.begin() as connection:
        if revision == "head" and MigrationContext.configure(connection).get_current_revision() == head:
            return
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            raise Problem("store.newer_schema", where=str(engine.url.database)) from error
