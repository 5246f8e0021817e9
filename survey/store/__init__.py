"""The only opener of database sessions. ``open_store`` migrates, publishes the questionnaire files and is ready."""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from survey.problem import Problem
from survey.questionnaire import load_questionnaires
from survey.settings import Settings
from survey.store import first_start
from survey.store.engine import READ_ONLY, lock_of, make_engine
from survey.store.place import mark_made, require_database, require_place
from survey.store.plans import surveys
from survey.store.safety import backup, restore
from survey.store.schema import migrate, revision_to_upgrade
from survey.store.secrets import PinHash, device_pin, hash_of_pin, secret_key

__all__ = ["Store", "open_store"]


@dataclass(frozen=True)
class Store:
    """An open database with the secrets of this installation. Threads may share it; a forked process may not."""

    engine: sa.Engine
    data: Path
    receipt_key: bytes
    comment_key: bytes

    @property
    def reading(self) -> sa.Engine:
        """The engine for reading: transactions that never wait for a writer."""
        return self.engine.execution_options(**{READ_ONLY: True})

    def pin_hash(self) -> PinHash:
        """What devices check the staff's PIN with. Read anew each time: the administrator may have changed it."""
        return hash_of_pin(device_pin(self.data), self.receipt_key)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def open_store(settings: Settings) -> Store:
    """The store in the data folder, at the newest schema, with every questionnaire file published.

    Makes the folder, the database and the secrets when they are missing, and on the first start an example agency with
    a survey that can be answered at once. A database of an earlier version is backed up before it is upgraded. A
    database that was there and is gone is never replaced by an empty one. Raises ``Problem`` in words that say what to
    repair.
    """
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_place(settings.data)
        mark = lock_of(settings.database).file
        require_database(settings.database, mark)
        keys = secret_key(settings.data, "receipt"), secret_key(settings.data, "comment")
    except OSError as error:
        raise Problem("store.data_folder", where=str(settings.data), detail=error.strerror or str(error)) from error
    questionnaires = load_questionnaires(settings.questionnaires)
    store = Store(make_engine(settings.database), settings.data, *keys)
    try:
        if earlier := revision_to_upgrade(store.engine):
            backup.make(store.engine, settings, backup.folder_of(settings), before_upgrade_of=earlier)
        migrate(store.engine)
        mark_made(mark)
        restore.tell_of_restore(store.engine, settings.data)
        with store.engine.begin() as connection:
            published = [surveys.publish_questionnaire(connection, questionnaire) for questionnaire in questionnaires]
            if published:
                first_start.create_example(connection, settings.zone)
    except BaseException:
        store.close()
        raise
    return store
