"""Which made-up responses are measured with? The same every time: the seed is fixed."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from survey.questionnaire import Questionnaire, load_questionnaire
from survey.settings import ROOT
from survey.store.first_start import EXAMPLE_QUESTIONNAIRE


def example_questionnaire() -> Questionnaire:
    """The one that a first start publishes."""
    return load_questionnaire(ROOT / "questionnaires" / f"{EXAMPLE_QUESTIONNAIRE}.yaml")


def made_bodies(count: int, seed: int) -> Iterator[bytes]:
    """``count`` bodies for ``POST /api/responses``, as a kiosk sends them: every item answered, every screen timed."""
    q, chance = example_questionnaire(), random.Random(seed)
    reference = {"name": q.name, "version": q.version, "digest": q.digest}
    epoch = str(_uuid4(chance))
    now = datetime.now(UTC)
    for sequence in range(1, count + 1):
        began = now - timedelta(minutes=chance.randint(5, 500))
        body: dict[str, Any] = {
            "id": str(_uuid4(chance)),
            "survey": "skm",
            "questionnaire": reference,
            "service": chance.choice(["nib", "izin-usaha", "pbg", "konsultasi"]),
            "station": "loket-1",
            "epoch": epoch,
            "sequence": sequence,
            "channel": "kiosk",
            "language": "id",
            "started_at": _iso(began),
            "submitted_at": _iso(began + timedelta(minutes=4)),
            "profile": {question.name: chance.choice(list(question.choices)) for question in q.profile},
            "answers": {column.name: chance.randint(1, column.codes) for column in q.columns},
            "timings": {column.name: chance.randint(10, 120) for column in q.columns},
            "comment": None,
        }
        yield json.dumps(body, separators=(",", ":")).encode()


def _uuid4(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
