"""Which made-up survey are statistics measured with? 22 items asked twice, nine elements, 20 units, 24 months."""

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.counting.matrix import Matrix
from survey.packed import PackedResponses
from survey.questionnaire import Questionnaire, parse_questionnaire

DIMENSIONS = {"TAN": 4, "REL": 5, "RES": 4, "ASS": 4, "EMP": 5}
UNITS, MONTHS = 20, 24
PROFILE = {"sex": 2, "age": 6, "education": 7, "work": 6}
AT_ONCE = 100_000


@cache
def asked_twice(*, elements: int = 9) -> Questionnaire:
    """SERVQUAL's 22 items on seven points, expectation and perception, and the nine elements of the IKM on four."""
    word = {"en": "word"}
    dimensions = [*DIMENSIONS, *(["ikm"] if elements else [])]
    asked = {aspect: {"question": word, "scale": "seven"} for aspect in ("expectation", "perception")}
    items: list[dict[str, Any]] = [
        {"name": f"{dimension}{k}", "number": f"{dimension}{k}", "dimension": dimension, "label": word, **asked}
        | {"in_index": not elements}
        for dimension, count in DIMENSIONS.items()
        for k in range(1, count + 1)
    ]
    once = {"perception": {"question": word, "scale": "four"}}
    items += [
        {"name": f"u{k}", "number": f"U{k}", "dimension": "ikm", "label": word, **once} for k in range(1, elements + 1)
    ]
    content = {
        "name": "asked-twice",
        "version": 1,
        "title": word,
        "languages": ["en"],
        "minutes": 9,
        "dimensions": [{"name": name, "label": word} for name in dimensions],
        "blocks": [{"aspect": aspect, "title": word, "intro": word} for aspect in ("expectation", "perception")],
        "items": items,
    } | ({"regulation": "skm-2017"} if elements else {})
    labels = {
        points: ", ".join(f"{code}: {{en: word}}" for code in range(1, points + 1))
        for points in ((7, 4) if elements else (7,))
    }
    scales = ", ".join(
        f"{name}: {{points: {points}, labels: {{{labels[points]}}}}}"
        for name, points in (("seven", 7), ("four", 4))
        if points in labels
    )
    profile = [
        f"{{name: {name}, label: {{en: word}}, question: {{en: word}}, "
        f"choices: {{{', '.join(f'{code}: {{en: word}}' for code in range(1, choices + 1))}}}}}"
        for name, choices in PROFILE.items()
    ]
    text = f"scales: {{{scales}}}\nprofile: [{', '.join(profile)}]\n"
    return parse_questionnaire(
        text + "\n".join(f"{key}: {json.dumps(value)}" for key, value in content.items()), "made"
    )


def made_responses(
    questionnaire: Questionnaire, n: int, *, missing: float = 0.0, seed: int = 2017, units: int = UNITS
) -> PackedResponses:
    """``n`` responses in the order of time, answers of a person alike; the same every time."""
    chance = np.random.default_rng(seed)
    answers = np.empty((n, len(questionnaire.columns)), dtype=np.uint8)
    for low in range(0, n, AT_ONCE):
        rows = answers[low : low + AT_ONCE]
        person = chance.standard_normal(len(rows), dtype=np.float32)
        for place, column in enumerate(questionnaire.columns):
            own = chance.standard_normal(len(rows), dtype=np.float32)
            higher = 0.8 if column.name[0] == "E" else 0.2
            value = (column.codes + 1) / 2 + column.codes / 7 * (0.9 * person + own + higher)
            rows[:, place] = np.clip(np.rint(value), 1, column.codes)
        if missing:
            rows[chance.random(rows.shape, dtype=np.float32) < missing] = 0
    months = np.sort(chance.integers(0, MONTHS, n))
    day = (2025 + months // 12) * 10_000 + (months % 12 + 1) * 100 + chance.integers(1, 29, n)
    profile = np.stack([chance.integers(0, choices + 1, n, np.uint8) for choices in PROFILE.values()], axis=1)
    unit = chance.integers(1, units + 1, n).astype(np.uint16)
    return PackedResponses(
        questionnaire=questionnaire,
        answers=answers,
        profile=profile if questionnaire.profile else np.zeros((n, 0), dtype=np.uint8),
        unit=unit,
        service=unit * 2,
        day=day.astype(np.int32),
        channel=chance.integers(1, 3, n).astype(np.uint8),
        flags=np.zeros(n, dtype=np.uint8),
        last=n,
        newest=datetime(2026, 12, 31, tzinfo=UTC) if n else None,
    )


def made_matrix(n: int, *, missing: float = 0.0) -> Matrix:
    """The same in memory."""
    return Matrix.from_packed(made_responses(asked_twice(), n, missing=missing))


def cells_of(matrix: Matrix) -> npt.NDArray[np.intp]:
    """(n,) the unit and month of each response as one number from 0."""
    month = (matrix.day // 10_000 - 2025) * 12 + matrix.day // 100 % 100 - 1
    return (month * UNITS + matrix.unit - 1).astype(np.intp)
