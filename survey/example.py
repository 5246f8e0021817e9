"""What would this survey look like with answers? Made-up ones, for test surveys only, always the same for one seed."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np

from survey.catalogue import Channel, Survey
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.questionnaire import Aspect, Column, Questionnaire
from survey.store import Store
from survey.store.answers.responses import newest
from survey.store.answers.submissions import Incoming, submit

DAYS_BACK = 180
SHARE_SKIPPED = 0.03
_BATCH = 500


def add_example_answers(
    store: Store, principal: Principal, survey: Survey, count: int, *, seed: int, now: datetime | None = None
) -> int:
    """Add ``count`` made-up responses to a test survey, spread over the half year before ``now``; gives how many.

    They go the same way as a citizen's. Raises ``Problem`` for a survey that is no test: made-up answers never mix
    with real ones.
    """
    principal.require(Permission.MANAGE_SURVEYS)
    if not survey.test:
        raise Problem("example.not_a_test", survey=survey.name)
    moment = now or datetime.now(UTC)
    generator = np.random.default_rng([seed, newest(store, principal, survey).last])
    bodies = list(_bodies(survey, count, generator, moment))
    for start in range(0, count, _BATCH):
        submit(store, [Incoming(body, moment, moment) for body in bodies[start : start + _BATCH]])
    return count


def _bodies(survey: Survey, count: int, generator: np.random.Generator, now: datetime) -> Iterator[bytes]:
    q = survey.questionnaire
    ease = {column.name: generator.normal(0, 0.45) for column in q.columns}
    kindness = {unit.number: generator.normal(0, 0.25) for unit in survey.units}
    offered = () if q.audience == "staff" else survey.services
    for _ in range(count):
        service = offered[int(generator.integers(len(offered)))] if offered else None
        mood = generator.normal(0, 0.6) + (kindness[service.unit] if service else 0)
        finished = now - timedelta(seconds=int(generator.integers(DAYS_BACK * 86_400)))
        taken = timedelta(seconds=int(generator.integers(70, 400)))
        asked = [column for column in q.columns if column.aspect and generator.random() > SHARE_SKIPPED]
        body = {
            "id": str(uuid.UUID(bytes=generator.bytes(16), version=4)),
            "survey": survey.name,
            "questionnaire": {"name": q.name, "version": q.version, "digest": q.digest},
            "service": service.name if service else None,
            "channel": str(generator.choice([Channel.KIOSK, Channel.PHONE], p=[0.7, 0.3])),
            "language": str(generator.choice(q.languages)),
            "started_at": (finished - taken).isoformat(),
            "submitted_at": finished.isoformat(),
            "profile": {
                question.name: int(generator.choice(sorted(question.choices)))
                for question in q.profile
                if generator.random() > SHARE_SKIPPED
            },
            "answers": {column.name: _code(column, ease[column.name], mood, generator) for column in asked}
            | _points(q, generator),
            "timings": {column.name: int(generator.integers(15, 160)) for column in asked},
        }
        yield json.dumps(body).encode()


def _points(q: Questionnaire, generator: np.random.Generator) -> dict[str, int]:
    """The total shared in steps of five, or nothing; kept as points + 1. The first dimensions get less."""
    if q.points is None or generator.random() < SHARE_SKIPPED:
        return {}
    shares = np.linspace(0.7, 1.3, len(q.dimensions)) / len(q.dimensions)
    fives, rest = divmod(q.points.total, 5)
    points = 5 * generator.multinomial(fives, shares)
    points[-1] += rest
    return {f"W_{dimension.name}": int(given) + 1 for dimension, given in zip(q.dimensions, points, strict=True)}


def _code(column: Column, ease: float, mood: float, generator: np.random.Generator) -> int:
    """A code from 1 to the end of the scale: expectations are high and alike, perceptions follow mood and item."""
    expected = column.aspect in (Aspect.EXPECTATION, Aspect.IMPORTANCE)
    height = 0.9 + generator.normal(0, 0.13) if expected else 0.7 + 0.16 * (ease + mood) + generator.normal(0, 0.15)
    return int(np.clip(1 + round(height * (column.codes - 1)), 1, column.codes))
