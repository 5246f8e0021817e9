"""Which responses does the harness send? 44 answers each, from numbered stations, the same for the same number."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from survey.questionnaire import Questionnaire, parse_questionnaire
from survey.settings import Settings, read_settings
from survey.store import Store, open_store
from survey.store.plans.surveys import find_survey
from tests.builders import SHIPPED, add_survey, body, content, encoded, yaml_of

FORTY_FOUR = 44
SURVEY = "harness"
STATIONS = ("loket-1", "loket-2", "tablet-1")
_NAME = "harness"
_ITEMS = [f"item{number:02}" for number in range(1, 23)]


@cache
def questionnaire() -> Questionnaire:
    """22 items, each as perception and as expectation."""
    made = parse_questionnaire(_written(), f"{_NAME}.yaml")
    assert len(made.columns) == FORTY_FOUR
    return made


def _written() -> str:
    return yaml_of(content(*_ITEMS, aspects=("perception", "expectation"), name=_NAME))


def settings_in(data: Path) -> Settings:
    """An installation in that folder, with the shipped questionnaire and ours."""
    questionnaires = data.parent / f"{data.name}-questionnaires"
    if not questionnaires.exists():
        questionnaires.mkdir(parents=True)
        (questionnaires / SHIPPED.name).write_bytes(SHIPPED.read_bytes())
        (questionnaires / f"{_NAME}.yaml").write_text(_written(), encoding="utf-8")
    return read_settings({"SURVEY_DATA": str(data), "SURVEY_QUESTIONNAIRES": str(questionnaires)})


@contextmanager
def filled_store(data: Path) -> Iterator[Store]:
    """The store of that installation with an open survey for the harness."""
    store = open_store(settings_in(data))
    try:
        if find_survey(store, SURVEY) is None:
            add_survey(store, questionnaire(), SURVEY)
        yield store
    finally:
        store.close()


def made_body(number: int, device: int = 0, **given: Any) -> bytes:
    """The body of the response with that number from a device; a station when a ``sequence`` is given."""
    chance = random.Random(f"{device} {number}")
    q = questionnaire()
    identity, now = str(UUID(int=chance.getrandbits(128), version=4)), datetime.now(UTC).isoformat()
    made = body(q, survey=SURVEY, id=identity, started_at=now, submitted_at=now)
    made |= {"answers": {column.name: chance.randint(1, column.codes) for column in q.columns}}
    made |= {"timings": {column.name: chance.randint(10, 120) for column in q.columns}}
    return encoded(made | given)


def epoch_of(device: int) -> str:
    """The storage of a device's browser."""
    return str(UUID(int=random.Random(f"epoch {device}").getrandbits(128), version=4))
