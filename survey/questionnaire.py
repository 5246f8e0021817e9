"""What is asked, in which words, on which scale, and in which order are its answers kept?"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from survey.problem import Problem, Problems
from survey.questionnaire_place import Steps, placed
from survey.strict_yaml import read_yaml

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,28}")  # with a prefix of two still legal in SPSS and Stata (32)
NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,11}")
FILE_NAME = re.compile(r"[a-z][a-z0-9-]{0,60}")
MAX_VERSION = 9999
MAX_POINTS = 10
FULLY_WORDED_UP_TO = 5

Text = Mapping[str, str]
"""The same words in every language of the questionnaire: ``{"id": "Waktu", "en": "Time"}``."""


class Aspect(StrEnum):
    """In what respect an item is asked. The value is the key in the file."""

    PERCEPTION = "perception"
    EXPECTATION = "expectation"
    MINIMUM = "minimum"
    IMPORTANCE = "importance"

    @property
    def prefix(self) -> str:
        """The letter before the item's name in a column: ``P_time``."""
        return self.value[0].upper()


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Scale(_Part):
    """Answers from 1 to ``points``; ``labels`` words them: up to five points all, beyond that at least both ends.

    ``picture`` says what stands beside the words; ``stars`` are as many stars as the code says.
    """

    points: Annotated[int, Field(ge=2, le=MAX_POINTS)]
    labels: Mapping[int, Text]
    picture: Literal["stars"] | None = None


class Question(_Part):
    """One question about one item in one respect. ``scale`` is given in the file by name or in place."""

    question: Text
    scale: Scale


class Dimension(_Part):
    """What several items have in common, such as responsiveness. ``meaning`` says it in plain words to a respondent."""

    name: str
    label: Text
    meaning: Text | None = None


class Item(_Part):
    """One thing asked about, an *element* (unsur) where a regulation names it.

    ``number`` is the printed number (``U3``); answers are kept by name, never by number or position.
    ``in_index`` says whether its perception enters the index.
    """

    name: str
    number: str
    dimension: str
    label: Text
    in_index: bool = True
    perception: Question | None = None
    expectation: Question | None = None
    minimum: Question | None = None
    importance: Question | None = None

    def question(self, aspect: Aspect) -> Question | None:
        """The question in this respect, or None when it is not asked."""
        found: Question | None = getattr(self, aspect.value)
        return found


class Block(_Part):
    """A run of screens that asks every item in one respect."""

    aspect: Annotated[Aspect, Field(strict=False)]
    title: Text
    intro: Text


class ProfileQuestion(_Part):
    """A question about the respondent. It may always be skipped and never identifies anybody."""

    name: str
    label: Text
    question: Text
    choices: Mapping[int, Text]


class Points(_Part):
    """A total (100) to be shared over the dimensions, by importance. Kept as points + 1."""

    question: Text
    total: Annotated[int, Field(ge=1, le=100)] = 100


class CommentQuestion(_Part):
    """The invitation to say more in one's own words."""

    question: Text


@dataclass(frozen=True)
class Column:
    """One byte of a packed response and one variable of a data set.

    ``codes`` are 1..codes; 0 is *not answered*. ``item`` is None for the points of a dimension.
    """

    name: str
    dimension: str
    codes: int
    item: Item | None = None
    aspect: Aspect | None = None
    question: Question | None = None


class Questionnaire(_Part):
    """A questionnaire file, checked. Published versions never change: ``digest`` tells them apart.

    ``audience`` is who answers: citizens, or with ``staff`` the office's own people. With ``index_by`` each dimension
    has an index of its own and there is none of the whole. A key added to this model later must be None by default:
    what is None is not written, so that the digest of an earlier version stays what it was.
    """

    name: str
    version: Annotated[int, Field(ge=1, le=MAX_VERSION)]
    title: Text
    languages: tuple[str, ...]
    regulation: str | None = None
    audience: Literal["staff"] | None = None
    index_by: Literal["dimension"] | None = None
    minutes: Annotated[int, Field(ge=1, le=240)]
    dimensions: tuple[Dimension, ...]
    items: tuple[Item, ...]
    blocks: tuple[Block, ...]
    profile: tuple[ProfileQuestion, ...] = ()
    points: Points | None = None
    comment: CommentQuestion | None = None

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Codebook order, which is also the order of the bytes: block by block, item by item, then the points."""
        asked = [
            Column(
                f"{block.aspect.prefix}_{item.name}",
                item.dimension,
                question.scale.points,
                item,
                block.aspect,
                question,
            )
            for block in self.blocks
            for item in self.items
            if (question := item.question(block.aspect)) is not None
        ]
        shared = [Column(f"W_{d.name}", d.name, self.points.total + 1) for d in self.dimensions] if self.points else []
        return tuple(asked + shared)

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Where each column stands in a packed response."""
        return {column.name: position for position, column in enumerate(self.columns)}

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the content (not the layout of the file), in hexadecimal."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @cached_property
    def canonical(self) -> str:
        """The content as JSON with sorted keys; ``from_canonical`` reads it back."""
        return json.dumps(self.model_dump(mode="json", exclude_none=True), sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_canonical(cls, text: str) -> Self:
        """The questionnaire that ``canonical`` wrote."""
        return cls.model_validate_json(text)

    def aspects(self) -> tuple[Aspect, ...]:
        """The respects asked, in the order of the blocks."""
        return tuple(block.aspect for block in self.blocks)

    def column_called(self, heading: str) -> Column | None:
        """The column that a heading means: its name, ``time`` or ``U3`` for perception, ``E_U3`` for expectation.

        Upper and lower case are the same; None when nothing fits.
        """
        return self._by_heading.get(heading.strip().casefold())

    @cached_property
    def _by_heading(self) -> Mapping[str, Column]:
        """Whatever looks like the name of a column is that column; only then do numbers and bare names count."""
        asked = [(column, column.aspect, column.item) for column in self.columns if column.aspect and column.item]
        perceived = [(column, item) for column, aspect, item in asked if aspect is Aspect.PERCEPTION]
        headings = [
            *((column.name, column) for column in self.columns),
            *((f"{aspect.prefix}_{item.number}", column) for column, aspect, item in asked),
            *((item.name, column) for column, item in perceived),
            *((item.number, column) for column, item in perceived),
        ]
        return {heading.casefold(): column for heading, column in reversed(headings)}


def load_questionnaire(path: Path) -> Questionnaire:
    """The questionnaire in a file called by its ``name``. Raises ``Problem``: where, what and how to repair."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Problem("questionnaire.unreadable", where=str(path), detail=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise Problem("questionnaire.not_utf8", where=str(path)) from error
    questionnaire = parse_questionnaire(text, str(path))
    if path.stem != questionnaire.name:
        raise Problem("questionnaire.file_name", where=str(path), name=questionnaire.name)
    return questionnaire


def load_questionnaires(folder: Path) -> tuple[Questionnaire, ...]:
    """Every ``*.yaml`` of a folder, by name."""
    if not folder.is_dir():
        raise Problem("questionnaire.no_folder", where=str(folder))
    return tuple(load_questionnaire(path) for path in sorted(folder.glob("*.yaml")))


@lru_cache(maxsize=32)
def parse_questionnaire(text: str, where: str) -> Questionnaire:
    """The questionnaire in ``text``, read once. Raises ``Problems`` with all that is wrong, each with its place."""
    content = dict(read_yaml(text, where))
    problems = _put_scales_in_place(content, where)
    if problems:
        raise Problems(placed(problems, text))
    try:
        questionnaire = Questionnaire.model_validate(_frozen(content))
    except ValidationError as error:
        raise Problems(placed((_told(detail, where) for detail in error.errors()), text)) from error
    problems = placed(_contradictions(questionnaire, where), text)
    if problems:
        raise Problems(problems)
    return questionnaire


def _put_scales_in_place(content: dict[str, Any], where: str) -> list[Problem]:
    """Replace the name of a scale by the scale, so that each question carries its own."""
    scales = content.pop("scales", {})
    problems: list[Problem] = []
    if not isinstance(scales, dict):
        return [Problem("questionnaire.not_mapping", where=where, path=("scales",), given=_given(scales))]
    used: set[str] = set()
    items = content.get("items")
    for index, item in enumerate(items if isinstance(items, list) else []):
        for aspect in Aspect:
            asked = item.get(aspect.value) if isinstance(item, dict) else None
            if not isinstance(asked, dict) or not isinstance(asked.get("scale"), str):
                continue
            name = asked["scale"]
            if name not in scales:
                path = ("items", index, aspect.value, "scale")
                known = ", ".join(sorted(map(str, scales))) or "-"
                problems.append(Problem("questionnaire.unknown_scale", where=where, path=path, scale=name, known=known))
                continue
            used.add(name)
            item[aspect.value] = {**asked, "scale": scales[name]}
    for name in scales:
        if name not in used and not problems:
            problems.append(Problem("questionnaire.unused_scale", where=where, path=("scales", str(name))))
    return problems


def _frozen(value: Any) -> Any:
    """Lists as tuples, which is what the frozen model holds."""
    if isinstance(value, list):
        return tuple(_frozen(entry) for entry in value)
    if isinstance(value, dict):
        return {key: _frozen(entry) for key, entry in value.items()}
    return value


def _given(value: object) -> str:
    """The beginning of a wrong value, as it stands in a file; a bare yes is ``true``, an empty place ``null``."""
    return json.dumps(value, ensure_ascii=False, default=str, skipkeys=True)[:60]


_COMPLAINTS = {
    "extra_forbidden": "unknown_key",
    "missing": "missing_key",
    "enum": "unknown_value",
    "literal_error": "unknown_value",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "string_type": "not_text",
    "string_unicode": "not_text",
    "int_type": "not_number",
    "int_from_float": "not_number",
    "bool_type": "not_truth",
    "tuple_type": "not_list",
}


def _told(detail: ErrorDetails, where: str) -> Problem:
    """A complaint of the schema in our own words."""
    given = detail["input"]
    complaint = _COMPLAINTS.get(detail["type"], "not_mapping")
    if complaint == "not_text" and isinstance(given, bool):
        complaint = "bare_yes"
    known = str(detail.get("ctx", {}).get("expected", "")).replace(" or ", ", ").replace("'", "")
    limit = next((value for name, value in detail.get("ctx", {}).items() if name in ("ge", "le")), None)
    return Problem(
        f"questionnaire.{complaint}",
        where=where,
        path=tuple(step for step in detail["loc"] if step != "[key]"),
        given=_given(given),
        known=known,
        limit=limit,
    )


def _contradictions(q: Questionnaire, where: str) -> Iterator[Problem]:
    """What the schema cannot see: names used twice, languages missing, scales and blocks that do not fit."""
    if not FILE_NAME.fullmatch(q.name):
        yield Problem("questionnaire.bad_name", where=where, path=("name",), name=q.name)
    if not q.languages or len(set(q.languages)) != len(q.languages):
        yield Problem("questionnaire.languages", where=where, path=("languages",))
    for empty in ("items", "blocks", "dimensions"):
        if not getattr(q, empty):
            yield Problem("questionnaire.empty", where=where, path=(empty,))
    yield from _bad_words(q, where)
    yield from _bad_names(q, where)
    known = {dimension.name for dimension in q.dimensions}
    aspects = q.aspects()
    if len(set(aspects)) != len(aspects):
        yield Problem("questionnaire.duplicate", where=where, path=("blocks",), name=", ".join(aspects))
    for index, item in enumerate(q.items):
        path: Steps = ("items", index)
        if item.dimension not in known:
            yield Problem(
                "questionnaire.unknown_dimension", where=where, path=(*path, "dimension"), name=item.dimension
            )
        asked = [aspect for aspect in Aspect if item.question(aspect)]
        if not asked:
            yield Problem("questionnaire.nothing_asked", where=where, path=path, name=item.name)
        for aspect in asked:
            if aspect not in aspects:
                yield Problem("questionnaire.no_block", where=where, path=(*path, aspect.value), aspect=aspect.value)
            question = item.question(aspect)
            assert question is not None
            yield from _bad_scale(question.scale, where, (*path, aspect.value, "scale"))
    yield from _bad_dimensions(q, where)


def _bad_dimensions(q: Questionnaire, where: str) -> Iterator[Problem]:
    used = {item.dimension for item in q.items}
    for index, dimension in enumerate(q.dimensions):
        if dimension.name not in used:
            yield Problem(
                "questionnaire.unused_dimension", where=where, path=("dimensions", index), name=dimension.name
            )
    if q.index_by and (q.regulation or not all(item.in_index for item in q.items)):
        yield Problem("questionnaire.index_by", where=where, path=("index_by",))


def _bad_scale(scale: Scale, where: str, path: Steps) -> Iterator[Problem]:
    everything = set(range(1, scale.points + 1))
    wanted = everything if scale.points <= FULLY_WORDED_UP_TO else {1, scale.points}
    unknown, missing = set(scale.labels) - everything, wanted - set(scale.labels)
    if unknown or missing:
        wrong = ", ".join(map(str, sorted(unknown | missing)))
        yield Problem(
            "questionnaire.wrong_scale", where=where, path=(*path, "labels"), points=scale.points, codes=wrong
        )


def _bad_names(q: Questionnaire, where: str) -> Iterator[Problem]:
    numbers = [item.number for item in q.items]
    groups = {
        "dimensions": [dimension.name for dimension in q.dimensions],
        "items": [item.name for item in q.items],
        "profile": [question.name for question in q.profile],
    }
    for group, names in groups.items():
        folded = [name.casefold() for name in names]
        for index, name in enumerate(names):
            if not NAME.fullmatch(name):
                yield Problem("questionnaire.bad_name", where=where, path=(group, index, "name"), name=name)
            if name.casefold() in folded[:index]:
                yield Problem("questionnaire.duplicate", where=where, path=(group, index, "name"), name=name)
    items = {name.casefold() for name in groups["items"]}
    for index, number in enumerate(numbers):
        same = number.casefold() in [other.casefold() for other in numbers[:index]]
        if not NUMBER.fullmatch(number):
            yield Problem("questionnaire.bad_number", where=where, path=("items", index, "number"), number=number)
        if same or number.casefold() in items - {q.items[index].name.casefold()}:
            yield Problem("questionnaire.duplicate", where=where, path=("items", index, "number"), name=number)
    for index, question in enumerate(q.profile):
        if not question.choices or not all(1 <= code <= 99 for code in question.choices):
            yield Problem("questionnaire.profile_codes", where=where, path=("profile", index, "choices"))


def _bad_words(q: Questionnaire, where: str) -> Iterator[Problem]:
    """Every text must speak every language of the questionnaire, and no other, and say something."""

    def walk(part: object, path: Steps) -> Iterator[Problem]:
        if isinstance(part, BaseModel):
            for name in type(part).model_fields:
                yield from walk(getattr(part, name), (*path, name))
        elif isinstance(part, tuple):
            for index, entry in enumerate(part):
                yield from walk(entry, (*path, index))
        elif isinstance(part, Mapping):
            if part and all(isinstance(key, int) for key in part):
                for code, entry in part.items():
                    yield from walk(entry, (*path, str(code)))
                return
            for language in q.languages:
                if not str(part.get(language, "")).strip():
                    yield Problem("questionnaire.missing_language", where=where, path=path, language=language)
            for language in set(part) - set(q.languages):
                yield Problem("questionnaire.other_language", where=where, path=path, language=language)

    yield from walk(q, ())
