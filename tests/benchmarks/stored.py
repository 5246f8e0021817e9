"""How does a large survey get into a store in seconds, and how would somebody read it with SQLite and numpy alone?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from survey.catalogue import Survey
from survey.packed import PackedResponses
from survey.settings import Settings, read_settings
from survey.store import open_store
from survey.store.engine import pick_sqlite
from survey.store.plans.surveys import (
    AGENCY,
    SERVICE,
    SURVEY,
    SURVEY_UNIT,
    UNIT,
    find_survey,
    insert,
    publish_questionnaire,
)
from tests.benchmarks.asked_twice import UNITS

NAME = "measured"
MOMENT = "2026-12-31 02:00:00.000000"
COLUMNS = (
    "agency, id, survey, questionnaire, unit, service, channel, language, started_at, submitted_at, received_at, "
    "answered_on, profile, answers, timings, digest, flags"
)
READ = (
    "SELECT answered_on, coalesce(unit, 0), coalesce(service, 0), channel, flags, profile, answers "
    "FROM response WHERE survey = ? ORDER BY number"
)
AT_ONCE = 10_000


def store_survey(folder: Path, packed: PackedResponses, copies: int) -> tuple[Settings, Survey]:
    """A store in ``folder`` with a survey of ``UNITS`` units and its responses, ``copies`` times the given ones.

    The rows are written past the store, without its care for a power cut and for foreign keys.
    """
    settings = read_settings({"SURVEY_DATA": str(folder)})
    store = open_store(settings)
    with store.engine.begin() as connection:
        agency = connection.execute(sa.select(AGENCY.c.number)).scalar_one()
        questionnaire = publish_questionnaire(connection, packed.questionnaire)
        label = {"id": NAME, "en": NAME}
        row = {
            "agency": agency,
            "name": NAME,
            "title": label,
            "questionnaire": questionnaire,
            "status": "open",
            "test": False,
            "weight_convention": "exact",
            "retention_months": 12,
        }
        number = insert(connection, SURVEY, row)
        services = []
        for place in range(UNITS):
            own = {"agency": agency, "name": f"{NAME}-{place}", "label": label, "position": place}
            unit = insert(connection, UNIT, own)
            services.append((unit, insert(connection, SERVICE, own | {"unit": unit})))
            connection.execute(sa.insert(SURVEY_UNIT).values(survey=number, unit=unit))
    survey = find_survey(store, NAME)
    assert survey is not None
    store.close()
    _write(settings.database, list(_rows(packed, (agency, number, questionnaire), services)), copies)
    return settings, survey


def _write(database: Path, rows: list[Any], copies: int) -> None:
    raw: Any = pick_sqlite().connect(database)
    for pragma in ("journal_mode = DELETE", "journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF"):
        raw.execute(f"PRAGMA {pragma}")
    raw.executemany(f"INSERT INTO response ({COLUMNS}) VALUES ({', '.join('?' * 17)})", rows)
    # Further copies are made by the database itself, which is ten times faster.
    again = COLUMNS.replace(" id,", " substr(id, 1, 16) || printf('%016x', number + ?),")
    for copy in range(1, copies):
        raw.execute(
            f"INSERT INTO response ({COLUMNS}) SELECT {again} FROM response WHERE number <= ?", (copy << 32, len(rows))
        )
    raw.commit()
    raw.close()


def _rows(packed: PackedResponses, keys: tuple[int, int, int], services: list[tuple[int, int]]) -> Iterator[Any]:
    agency, survey, questionnaire = keys
    nothing, digest = bytes(2 * packed.answers.shape[1]), bytes(32)
    answers, profile = (
        np.ascontiguousarray(values).view(f"V{values.shape[1]}").ravel().tolist()
        for values in (packed.answers, packed.profile)
    )
    places, days, channels = (values.tolist() for values in (packed.unit - 1, packed.day, packed.channel))
    each = zip(places, days, channels, profile, answers, strict=True)
    for number, (place, day, channel, person, answer) in enumerate(each):
        unit, service = services[place]
        identity = f"{survey:016x}{number:016x}"
        yield (
            *(agency, identity, survey, questionnaire, unit, service, channel, "id", MOMENT, MOMENT, MOMENT),
            *(day, person, answer, nothing, digest, 0),
        )


def bare_read(database: Path, survey: Survey) -> list[np.ndarray[Any, Any]]:
    """The peer: the same columns as somebody who knows SQLite and numpy reads them, some rows at a time."""
    raw: Any = pick_sqlite().connect(database)
    cursor = raw.execute(READ, (survey.number,))
    parts: list[tuple[Any, ...]] = []
    while rows := cursor.fetchmany(AT_ONCE):
        *numbers, profile, answers = zip(*rows, strict=True)
        parts.append((*(np.array(column, np.int32) for column in numbers), b"".join(profile), b"".join(answers)))
    raw.close()
    columns = list(zip(*parts, strict=True))
    n = sum(map(len, columns[0]))
    whole = [np.concatenate(column) for column in columns[:-2]]
    return whole + [np.frombuffer(b"".join(column), np.uint8).reshape(n, -1) for column in columns[-2:]]
