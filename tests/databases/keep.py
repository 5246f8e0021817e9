"""What does a database of today's revision look like, with answers of every kind in it?

``python -m tests.databases.keep`` writes it as SQL beside this file, once for each revision: a test upgrades it for
ever after. A revision that has its file is never written again.
"""

import shutil
import sqlite3
import sys
import tempfile
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory

from survey.store import Store
from survey.store.schema import MIGRATIONS
from tests.builders import NOW, SHIPPED, body, respond, send, set_survey, shipped, store_in

FOLDER = Path(__file__).resolve().parent


def kept(revision: str) -> Path:
    """The file that holds the database of a revision."""
    return FOLDER / f"{revision}.sql"


def fill(store: Store) -> None:
    """Answers of every kind: plain, commented, from stations, late, closed, in conflict, set aside."""
    numbers = iter(range(1, 1000))

    def answer(**given: Any) -> dict[str, Any]:
        number = next(numbers)
        made = body(shipped(), id=str(uuid.UUID(int=number, version=4)), time=1 + number % 4, E_time=4, **given)
        return made | {"profile": {"sex": 1 + number % 2}, "timings": {"P_time": 30 + number}}

    epochs = [str(uuid.UUID(int=1000 + number, version=4)) for number in range(3)]
    for number in range(1, 6):
        send(store, answer(service="nib"))
        send(store, answer(station="loket-1", epoch=epochs[0], sequence=number, channel="kiosk"))
    send(store, answer(comment="Terima kasih, cepat sekali", service="pbg", language="en"))
    send(store, answer(comment="=1+1 \N{SNOWMAN}"))
    again = answer(station="loket-2", epoch=epochs[1], sequence=1, channel="kiosk")
    send(store, again)
    send(store, again)
    send(store, again | {"answers": {"P_time": 1}})  # in conflict
    send(store, answer(station="loket-2", epoch=epochs[1], sequence=1, channel="kiosk"))  # a number that is taken
    send(store, answer(station="loket-2", epoch=epochs[1], sequence=4, channel="kiosk"))  # 2 and 3 are missing
    send(store, answer(station="loket-2", epoch=epochs[2], sequence=1, channel="kiosk"), at=NOW + timedelta(days=2))
    unknown = {"name": "skm-2030", "version": 1, "digest": "0" * 64}
    send(store, answer(station="loket-1", epoch=epochs[0], sequence=6, channel="kiosk") | {"questionnaire": unknown})
    send(store, answer(station="nowhere", epoch=epochs[0], sequence=1))
    send(store, answer(survey="contoh"))
    send(store, answer(), device_time=NOW + timedelta(days=400))
    set_survey(store, "contoh", status="closed")
    respond(store, survey="contoh", id=str(uuid.UUID(int=2000, version=4)), time=2)


def main() -> int:
    """Write the file of today's revision; 2 when it is there already."""
    revision = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert revision is not None
    file = kept(revision)
    if file.exists():
        print(f"{file.name} is kept already and is never written again.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        questionnaires = Path(folder) / "questionnaires"
        questionnaires.mkdir()
        shutil.copy(SHIPPED, questionnaires)
        with store_in(Path(folder) / "data", SURVEY_QUESTIONNAIRES=str(questionnaires)) as store:
            fill(store)
        connection = sqlite3.connect(Path(folder) / "data" / "survey.db")
        file.write_text("\n".join(connection.iterdump()) + "\n", encoding="utf-8")
        connection.close()
    print(f"{file.name} is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
