"""What is different in a new version of a questionnaire, and may it follow the earlier ones?

Answers are kept by the names of columns. A name therefore keeps its scale, and the regulated elements stay: those that
every questionnaire published under the same regulation counts in its index.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from survey.problem import Problem
from survey.questionnaire import Aspect, Questionnaire, Text


class Kind(StrEnum):
    """What kind of difference."""

    ADDED = "added"
    REMOVED = "removed"
    REWORDED = "reworded"
    MOVED = "moved"


@dataclass(frozen=True)
class Difference:
    """One difference. ``place`` says where, by the names of the questionnaire; a text is None where there is none."""

    kind: Kind
    place: str
    before: Text | None = None
    after: Text | None = None


def differences(before: Questionnaire, after: Questionnaire) -> tuple[Difference, ...]:
    """Items and questions that came, went or moved, and every text with other words."""
    return tuple((*_items(before, after), *_order(before, after), *_texts(before, after)))


def _items(before: Questionnaire, after: Questionnaire) -> Iterator[Difference]:
    earlier, later = ({item.name: item.label for item in q.items} for q in (before, after))
    for name, label in later.items():
        if name not in earlier:
            yield Difference(Kind.ADDED, name, after=label)
    for name, label in earlier.items():
        if name not in later:
            yield Difference(Kind.REMOVED, name, before=label)


def _order(before: Questionnaire, after: Questionnaire) -> Iterator[Difference]:
    names = {item.name for item in before.items} & {item.name for item in after.items}
    orders = [[item.name for item in q.items if item.name in names] for q in (before, after)]
    if orders[0] != orders[1]:
        said = [dict.fromkeys(after.languages, ", ".join(order)) for order in orders]
        yield Difference(Kind.MOVED, "items", *said)


def _texts(before: Questionnaire, after: Questionnaire) -> Iterator[Difference]:
    names = [{item.name for item in q.items} for q in (before, after)]
    earlier, later = _said(before, names[1]), _said(after, names[0])
    for place, text in later.items():
        if place not in earlier:
            yield Difference(Kind.ADDED, place, after=text)
        elif dict(earlier[place]) != dict(text):
            yield Difference(Kind.REWORDED, place, earlier[place], text)
    for place, text in earlier.items():
        if place not in later:
            yield Difference(Kind.REMOVED, place, before=text)


def _said(q: Questionnaire, items: set[str]) -> Mapping[str, Text]:
    """Every text by its place; of items only those that the other version has, too."""
    said: dict[str, Text] = {"title": q.title}
    for block in q.blocks:
        said |= {f"{block.aspect.value}: title": block.title, f"{block.aspect.value}: intro": block.intro}
    for item in q.items:
        if item.name not in items:
            continue
        said[f"{item.name}: label"] = item.label
        for aspect in Aspect:
            question = item.question(aspect)
            if question:
                column = f"{aspect.prefix}_{item.name}"
                said[column] = question.question
                said |= {f"{column}: {code}": label for code, label in sorted(question.scale.labels.items())}
    for asked in q.profile:
        said[asked.name] = asked.question
        said |= {f"{asked.name}: {code}": label for code, label in sorted(asked.choices.items())}
    if q.points:
        said["points"] = q.points.question
    if q.comment:
        said["comment"] = q.comment.question
    return said


def regulated(published: Iterable[Questionnaire], regulation: str | None) -> frozenset[str]:
    """The elements that belong to a regulation: those in the index of everything published under it so far."""
    asked = [
        {item.name for item in q.items if item.in_index and item.perception}
        for q in published
        if q.regulation == regulation
    ]
    return frozenset(set.intersection(*asked)) if regulation and asked else frozenset()


def objections(new: Questionnaire, published: Sequence[Questionnaire]) -> tuple[Problem, ...]:
    """Why a questionnaire cannot be published after these; empty when it can."""
    return tuple(_objections(new, published))


def _objections(new: Questionnaire, published: Sequence[Questionnaire]) -> Iterator[Problem]:
    earlier = sorted((q for q in published if q.name == new.name), key=lambda q: q.version)
    if earlier and new.version <= earlier[-1].version:
        yield Problem("revision.version", name=new.name, version=new.version, next=earlier[-1].version + 1)
    counted = {item.name for item in new.items if item.in_index and item.perception}
    former = earlier[-1] if earlier else None
    if former and former.regulation and new.regulation != former.regulation:
        yield Problem("revision.regulation", regulation=former.regulation)
    regulation = former.regulation if former and former.regulation else new.regulation
    for name in sorted(regulated(published, regulation) - counted):
        yield Problem("revision.regulated", item=name, regulation=regulation)
    if former:
        for name, (was, now) in _rescaled(former, new).items():
            yield Problem("revision.rescaled", column=name, before=was, after=now)


def _rescaled(former: Questionnaire, new: Questionnaire) -> Mapping[str, tuple[int, int]]:
    """Columns that have another number of answers now; of profile questions those that lost one."""
    was = {column.name: column.codes for column in former.columns}
    found = {
        column.name: (was[column.name], column.codes)
        for column in new.columns
        if was.get(column.name, column.codes) != column.codes
    }
    choices = {asked.name: set(asked.choices) for asked in former.profile}
    for asked in new.profile:
        if choices.get(asked.name, set()) - set(asked.choices):
            found[asked.name] = (len(choices[asked.name]), len(asked.choices))
    return found


def lost_columns(present: Questionnaire, new: Questionnaire) -> tuple[str, ...]:
    """What answers to ``present`` would lose under ``new``: columns and profile questions gone, or on another scale."""
    columns = {column.name: column.codes for column in new.columns}
    lost = [column.name for column in present.columns if columns.get(column.name) != column.codes]
    profile = {asked.name: set(asked.choices) for asked in new.profile}
    return (*lost, *(asked.name for asked in present.profile if set(asked.choices) - profile.get(asked.name, set())))
