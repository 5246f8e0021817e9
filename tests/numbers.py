"""Small builders for tests of numbers: questionnaires in few words, and responses from plain lists."""

import csv
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from analysis.counting.matrix import Matrix
from survey.packed import PackedResponses
from survey.questionnaire import Questionnaire, load_questionnaire, parse_questionnaire

REFERENCE = Path(__file__).parent / "reference"
QUESTIONNAIRES = Path(__file__).parent.parent / "questionnaires"
ELEMENTS = [
    "requirements",
    "procedure",
    "time",
    "fee",
    "product",
    "competence",
    "behaviour",
    "complaints",
    "facilities",
]
SERVQUAL = {"TAN": 4, "REL": 5, "RES": 4, "ASS": 4, "EMP": 5}


def skm() -> Questionnaire:
    """The questionnaire skm-2017-servqual as it is shipped."""
    return load_questionnaire(QUESTIONNAIRES / "skm-2017-servqual.yaml")


def questionnaire(
    items: Mapping[str, Sequence[str]],
    *,
    points: int = 4,
    aspects: Sequence[str] = ("expectation", "perception"),
    name: str = "small",
    regulation: str | None = None,
    share_points: bool = False,
) -> Questionnaire:
    """A questionnaire with these items by dimension, every item asked in every respect on the same scale."""
    return parse_questionnaire(questionnaire_text(items, points, aspects, name, regulation, share_points), name)


def questionnaire_text(
    items: Mapping[str, Sequence[str]],
    points: int = 4,
    aspects: Sequence[str] = ("expectation", "perception"),
    name: str = "small",
    regulation: str | None = None,
    share_points: bool = False,
) -> str:
    """The same as text (JSON is YAML)."""
    word = {"en": "word"}
    labels = {code: word for code in range(1, points + 1)}
    content: dict[str, Any] = {
        "name": name,
        "version": 1,
        "title": word,
        "languages": ["en"],
        "minutes": 1,
        "dimensions": [{"name": dimension, "label": word} for dimension in items],
        "blocks": [{"aspect": aspect, "title": word, "intro": word} for aspect in aspects],
        "items": [
            {"name": item, "number": f"N{number}", "dimension": dimension, "label": word}
            | {aspect: {"question": word, "scale": "s"} for aspect in aspects}
            for number, (dimension, item) in enumerate(
                ((dimension, item) for dimension, inside in items.items() for item in inside), start=1
            )
        ],
    }
    if regulation:
        content["regulation"] = regulation
    if share_points:
        content["points"] = {"question": word}
    scales = f"scales: {{s: {{points: {points}, labels: {{"
    scales += ", ".join(f"{code}: {{en: word}}" for code in labels) + "}}}"
    return scales + "\n" + "\n".join(f"{key}: {json.dumps(value)}" for key, value in content.items()) + "\n"


def packed(
    asked: Questionnaire,
    answers: Mapping[str, Sequence[int]] | Sequence[Mapping[str, int]],
    *,
    day: Sequence[int] | int = 0,
    unit: Sequence[int] | int = 0,
    flags: Sequence[int] | int = 0,
    profile: Sequence[Mapping[str, int]] | None = None,
    last: int | None = None,
) -> PackedResponses:
    """Responses as the store gives them, from lists by column or from one mapping per person; what is absent is 0."""
    if isinstance(answers, Mapping):
        columns = {asked.column_called(name).name: list(values) for name, values in answers.items()}  # type: ignore[union-attr]
        n = max((len(values) for values in columns.values()), default=0)
    else:
        n = len(answers)
        names = {name for person in answers for name in person}
        columns = {asked.column_called(name).name: [p.get(name, 0) for p in answers] for name in names}  # type: ignore[union-attr]
    table = np.zeros((n, len(asked.columns)), dtype=np.uint8)
    for name, values in columns.items():
        table[:, asked.positions[name]] = values
    people = np.zeros((n, len(asked.profile)), dtype=np.uint8)
    for person, row in zip(profile or (), people, strict=False):
        for position, question in enumerate(asked.profile):
            row[position] = person.get(question.name, 0)
    return PackedResponses(
        questionnaire=asked,
        answers=table,
        profile=people,
        unit=np.broadcast_to(np.asarray(unit, dtype=np.uint16), (n,)),
        service=np.zeros(n, dtype=np.uint16),
        day=np.broadcast_to(np.asarray(day, dtype=np.int32), (n,)),
        channel=np.zeros(n, dtype=np.uint8),
        flags=np.broadcast_to(np.asarray(flags, dtype=np.uint8), (n,)),
        last=n if last is None else last,
        newest=None,
    )


def matrix(asked: Questionnaire, answers: Any, **keys: Any) -> Matrix:
    """A matrix of ``packed`` responses."""
    return Matrix.from_packed(packed(asked, answers, **keys))


def with_sum(total: int, n: int, points: int = 4) -> list[int]:
    """n answers from 1 to ``points`` that add up to ``total``, as equal as possible."""
    assert n <= total <= n * points
    low, more = divmod(total, n)
    return [low + 1] * more + [low] * (n - more)


def with_sums(totals: Sequence[int], n: int, points: int = 4, names: Sequence[str] = ELEMENTS) -> dict[str, list[int]]:
    """Columns of n answers with the printed sums."""
    return {name: with_sum(total, n, points) for name, total in zip(names, totals, strict=True)}


@cache
def reference() -> Mapping[str, Any]:
    """What R computes from ``servqual400.csv``."""
    content: Mapping[str, Any] = json.loads((REFERENCE / "servqual400.json").read_text(encoding="utf-8"))
    return content


@cache
def rows400() -> tuple[Mapping[str, str], ...]:
    """The 400 synthetic respondents."""
    with (REFERENCE / "servqual400.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def codes400(heading: str) -> list[int]:
    """One column of the 400 respondents; 0 = missing."""
    return [int(row[heading] or 0) for row in rows400()]


def servqual400() -> Matrix:
    """The 22 items of the 400 respondents on seven points, expectation and perception."""
    items = {dimension: [f"{dimension}{k}" for k in range(1, n + 1)] for dimension, n in SERVQUAL.items()}
    asked = questionnaire(items, points=7, name="servqual")
    return matrix(asked, {column.name: codes400(column.name) for column in asked.columns})


def ikm400(*, drop: Sequence[tuple[int, int]] = (), rows: Sequence[int] | None = None) -> Matrix:
    """The nine elements of the 400 respondents by skm-2017, answers dropped by (row, element), some rows only."""
    asked = questionnaire({"d": ELEMENTS}, aspects=["perception"], regulation="skm-2017")
    answers = [codes400(f"U{k}") for k in range(1, 10)]
    for row, element in drop:
        answers[element][row] = 0
    chosen = range(400) if rows is None else rows
    months = [int(row["month"].replace("-", "")) * 100 + 1 for row in rows400()]
    units = [int(row["unit"][1:]) for row in rows400()]
    return matrix(
        asked,
        {name: [column[row] for row in chosen] for name, column in zip(ELEMENTS, answers, strict=True)},
        day=[months[row] for row in chosen],
        unit=[units[row] for row in chosen],
    )
