"""Small builders for tests of asking and keeping: an open store, a filled questionnaire, a file in few words."""

import json
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
import yaml

from survey.catalogue import Survey, SurveyStatus
from survey.questionnaire import Questionnaire, load_questionnaire, parse_questionnaire
from survey.response import Response, open_envelope, pack, read_submission
from survey.settings import ROOT, Settings, read_settings
from survey.store import Store, open_store
from survey.store.answers.submissions import Incoming, Outcome, submit
from survey.store.plans.surveys import AGENCY, SURVEY, find_survey, insert, publish_questionnaire

SHIPPED = ROOT / "questionnaires" / "skm-2017-servqual.yaml"
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""A Tuesday, ten in the morning in Kupang (Asia/Makassar)."""

SALT = b"salt of a test"


def settings_of(folder: Path, **environment: str) -> Settings:
    """The settings of an installation whose data live in ``folder``."""
    return read_settings({"SURVEY_DATA": str(folder), **environment})


@contextmanager
def store_in(folder: Path, **environment: str) -> Iterator[Store]:
    """The store in ``folder``, opened as a process would open it, with the example agency and its surveys."""
    opened = open_store(settings_of(folder, **environment))
    try:
        yield opened
    finally:
        opened.close()


@cache
def _first_start() -> TemporaryDirectory[str]:
    folder = TemporaryDirectory(prefix="first-start-")
    with store_in(Path(folder.name) / "data"):
        return folder


def after_first_start(folder: Path) -> Path:
    """``folder`` with what a first start leaves there: made by a real one, once in a run, and copied.

    For tests that are not about the first start; making the schema and reading the questionnaires takes longer than
    most of them.
    """
    return Path(shutil.copytree(Path(_first_start().name) / "data", folder, dirs_exist_ok=True))


def survey_called(store: Store, name: str = "skm") -> Survey:
    """The survey of that name, which must be there."""
    found = find_survey(store, name)
    assert found is not None, name
    return found


@cache
def shipped() -> Questionnaire:
    """The questionnaire skm-2017-servqual as it is shipped."""
    return load_questionnaire(SHIPPED)


# --- one filled questionnaire


def answered(questionnaire: Questionnaire, codes: Mapping[str, int]) -> dict[str, int]:
    """The codes by column; ``time`` means the perception of time."""
    columns = questionnaire.positions
    return {name if name in columns else f"P_{name}": code for name, code in codes.items()}


def body(questionnaire: Questionnaire, /, survey: str = "skm", **given: Any) -> dict[str, Any]:
    """What a phone sends, as a dictionary: ``body(shipped(), time=4, E_time=3, comment="Terima kasih")``.

    Fields of a submission go in by their name, everything else is an answer. A field given as ``...`` is left out.
    """
    fields: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "survey": survey,
        "questionnaire": {
            "name": questionnaire.name,
            "version": questionnaire.version,
            "digest": questionnaire.digest,
        },
        "service": None,
        "station": None,
        "epoch": None,
        "sequence": None,
        "channel": "phone",
        "language": "id",
        "started_at": "2026-11-24T01:57:00Z",
        "submitted_at": "2026-11-24T01:59:00Z",
        "profile": {},
        "answers": {},
        "timings": {},
        "comment": None,
        "ticket": ...,
    }
    codes = {name: given.pop(name) for name in list(given) if name not in fields}
    fields |= {"answers": answered(questionnaire, codes)} | given
    return {name: value for name, value in fields.items() if value is not ...}


def encoded(content: object) -> bytes:
    """The JSON of a body as a browser writes it: half characters and control characters escaped."""
    return json.dumps(content).encode()


def packed(questionnaire: Questionnaire, /, **given: Any) -> Response:
    """The checked response that ``body`` describes."""
    sent = encoded(body(questionnaire, **given))
    return pack(read_submission(open_envelope(sent)), questionnaire, SALT)


def send(
    store: Store,
    content: Mapping[str, Any] | bytes,
    *,
    at: datetime = NOW,
    device_time: datetime | None = ...,  # type: ignore[assignment]
) -> Outcome:
    """Hand a body to the store at a moment; the device's clock is right unless ``device_time`` says otherwise."""
    sent = content if isinstance(content, bytes) else encoded(content)
    return submit(store, [Incoming(sent, at, at if device_time is ... else device_time)])[0]


def respond(
    store: Store,
    /,
    *,
    survey: str = "skm",
    at: datetime = NOW,
    device_time: datetime | None = ...,  # type: ignore[assignment]
    **given: Any,
) -> Outcome:
    """Somebody answers: ``respond(store, time=4)``. The rest as in ``body`` and ``send``."""
    questionnaire = survey_called(store, survey).questionnaire
    return send(store, body(questionnaire, survey=survey, **given), at=at, device_time=device_time)


def rows(store: Store, query: str = "SELECT * FROM response ORDER BY number") -> list[Any]:
    """What the database says to a plain SQL query."""
    with store.reading.connect() as connection:
        return list(connection.exec_driver_sql(query).all())


# --- surveys


def set_survey(store: Store, name: str = "skm", **values: Any) -> Survey:
    """Change a survey in the store: ``set_survey(store, status="closed", closes=date(2026, 11, 23))``."""
    with store.engine.begin() as connection:
        connection.execute(sa.update(SURVEY).where(SURVEY.c.name == name).values(**values))
    return survey_called(store, name)


def add_survey(store: Store, questionnaire: Questionnaire, name: str = "trial") -> Survey:
    """Publish a questionnaire and ask it in an open survey of the example agency that names no units."""
    with store.engine.begin() as connection:
        number = publish_questionnaire(connection, questionnaire)
        row = {
            "agency": connection.scalar(sa.select(AGENCY.c.number)),
            "name": name,
            "title": {"id": name, "en": name},
            "questionnaire": number,
            "status": SurveyStatus.OPEN.value,
            "test": False,
            "weight_convention": "exact",
            "retention_months": 12,
        }
        insert(connection, SURVEY, row)
    return survey_called(store, name)


def ask_instead(store: Store, questionnaire: Questionnaire, name: str = "skm") -> Survey:
    """Publish a version and let the survey ask it from now on."""
    with store.engine.begin() as connection:
        number = publish_questionnaire(connection, questionnaire)
    return set_survey(store, name, questionnaire=number)


# --- questionnaire files


def both(words: str) -> dict[str, str]:
    """A text in both languages."""
    return {"id": f"{words} (id)", "en": f"{words} (en)"}


def scale(points: int = 4, worded: str = "all") -> dict[str, Any]:
    """A scale; ``worded`` is ``all``, ``ends``, or ``ends and middle``."""
    middle = [(points + 1) // 2] if "middle" in worded else []
    codes = range(1, points + 1) if worded == "all" else sorted({1, *middle, points})
    return {"points": points, "labels": {code: both(f"label {code}") for code in codes}}


def content(
    *names: str, aspects: tuple[str, ...] = ("perception",), scale_of: Mapping[str, str] | None = None, **given: Any
) -> dict[str, Any]:
    """What a small questionnaire file says, as a dictionary: items by name, each in the dimension ``one``.

    ``given`` replaces whole parts: ``content("time", points={...})``. Every item is asked in every aspect on the scale
    ``four``, or on the one that ``scale_of`` names for the aspect.
    """
    scale_of = scale_of or {}
    names = names or ("time",)
    made: dict[str, Any] = {
        "name": "small",
        "version": 1,
        "languages": ["id", "en"],
        "minutes": 1,
        "title": both("Small"),
        "scales": {"four": scale()},
        "dimensions": [{"name": "one", "label": both("One")}],
        "blocks": [{"aspect": aspect, "title": both(aspect), "intro": both("intro")} for aspect in aspects],
        "items": [
            {
                "name": name,
                "number": f"U{number}",
                "dimension": "one",
                "label": both(name),
                **{
                    aspect: {"question": both(f"{aspect} of {name}?"), "scale": scale_of.get(aspect, "four")}
                    for aspect in aspects
                },
            }
            for number, name in enumerate(names, start=1)
        ],
    }
    return made | given


def yaml_of(made: Mapping[str, Any]) -> str:
    """The file that says this."""
    return yaml.dump(dict(made), allow_unicode=True, sort_keys=False, Dumper=NoAliases)


class NoAliases(yaml.SafeDumper):
    """Writes equal parts out each time, since questionnaire files take no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def questionnaire(*names: str, **given: Any) -> Questionnaire:
    """The small questionnaire of ``content``, read as a file is read."""
    return parse_questionnaire(yaml_of(content(*names, **given)), "small.yaml")


def next_version(earlier: Questionnaire, **changes: Any) -> Questionnaire:
    """The same questionnaire one version later, with whole parts replaced as ``canonical`` writes them."""
    said = json.loads(earlier.canonical) | {"version": earlier.version + 1} | changes
    return Questionnaire.from_canonical(json.dumps(said))
