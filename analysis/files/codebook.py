"""What does each variable of a data set mean? A questionnaire (and its survey) -> variables with labels and codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from survey.catalogue import Channel, Survey
from survey.questionnaire import Column, Questionnaire, Text
from survey.words import LANGUAGES, load_words

NOTHING: Mapping[str, Text] = MappingProxyType({})


class Role(StrEnum):
    """What a variable is good for."""

    PERCEPTION = "perception"
    EXPECTATION = "expectation"
    MINIMUM = "minimum"
    IMPORTANCE = "importance"
    POINTS = "points"
    PROFILE = "profile"
    PLACE = "place"
    CHANNEL = "channel"
    TIME = "time"
    QUALITY = "quality"


@dataclass(frozen=True)
class Variable:
    """One column of a data set.

    ``codes`` are the values that occur with their words, as written in the file; empty when every whole number of a
    range may occur. ``number`` is the printed number of the element (``U3``). ``missing`` is a key under
    ``data.missing.`` in the words. Names are legal in SPSS, Stata and R, and never change between versions.
    """

    name: str
    role: Role
    label: Text
    question: Text
    codes: Mapping[str, Text]
    missing: str
    number: str = ""
    dimension: Text | None = None


def codebook(questionnaire: Questionnaire, survey: Survey | None = None) -> tuple[Variable, ...]:
    """Every variable in the order of the file: when and where, who, the answers in codebook order, then quality.

    Unit and service are named only where a ``survey`` says which there are.
    """
    places = (_unit(survey), _service(survey)) if survey else ()
    return (
        _ours("month", Role.TIME, "month"),
        *places,
        _ours("channel", Role.CHANNEL, "unknown", {c.value: _words(f"data.channel.{c.value}") for c in Channel}),
        *_profile(questionnaire),
        *(_answer(column, questionnaire) for column in questionnaire.columns),
        _ours("flagged", Role.QUALITY, "never", _yes_no()),
        _ours("counted", Role.QUALITY, "never", _yes_no()),
    )


def profile_names(questionnaire: Questionnaire) -> tuple[str, ...]:
    """The variable of each profile question; a name that means something else in the file gets a prefix."""
    taken = {"month", "unit", "service", "channel", "flagged", "counted"}
    taken |= {column.name.casefold() for column in questionnaire.columns}
    return tuple(f"R_{q.name}" if q.name.casefold() in taken else q.name for q in questionnaire.profile)


def _profile(questionnaire: Questionnaire) -> tuple[Variable, ...]:
    return tuple(
        Variable(
            name,
            Role.PROFILE,
            asked.label,
            asked.question,
            {str(c): text for c, text in asked.choices.items()},
            "skipped",
        )
        for name, asked in zip(profile_names(questionnaire), questionnaire.profile, strict=True)
    )


def _answer(column: Column, questionnaire: Questionnaire) -> Variable:
    dimension = next(d.label for d in questionnaire.dimensions if d.name == column.dimension)
    if column.item is None or column.aspect is None or column.question is None:
        assert questionnaire.points is not None
        return Variable(
            column.name, Role.POINTS, dimension, questionnaire.points.question, NOTHING, "skipped", dimension=dimension
        )
    labels = column.question.scale.labels
    return Variable(
        name=column.name,
        role=Role(column.aspect.value),
        label=column.item.label,
        question=column.question.question,
        codes={str(code): labels.get(code, {}) for code in range(1, column.codes + 1)},
        missing="skipped",
        number=column.item.number,
        dimension=dimension,
    )


def _unit(survey: Survey) -> Variable:
    return _ours("unit", Role.PLACE, "unknown", {unit.name: unit.label for unit in survey.units})


def _service(survey: Survey) -> Variable:
    return _ours("service", Role.PLACE, "unknown", {service.name: service.label for service in survey.services})


def _ours(name: str, role: Role, missing: str, codes: Mapping[str, Text] = NOTHING) -> Variable:
    """A variable that the program adds; its words are the program's."""
    return Variable(name, role, _words(f"data.variable.{name}"), {}, codes, missing)


def _yes_no() -> dict[str, Text]:
    return {"0": _words("data.no"), "1": _words("data.yes")}


def _words(key: str) -> Text:
    return {language: load_words(language)(key) for language in LANGUAGES}
