"""How does a questionnaire come in by a file, is looked at, and is published for good?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from survey.principal import Permission, Principal
from survey.problem import Problem, Problems
from survey.questionnaire import Questionnaire, parse_questionnaire
from survey.revision import Difference, differences, objections
from survey.settings import Settings
from survey.store.people.audit import Did, record
from survey.store.plans.surveys import (
    QUESTIONNAIRE,
    SURVEY,
    insert,
    publish_questionnaire,
    questionnaire_numbered,
    table,
)
from survey.strict_yaml import MAX_BYTES
from survey.tables import DraftRow

if TYPE_CHECKING:
    from survey.store import Store

DRAFT = table(DraftRow)


@dataclass(frozen=True)
class Published:
    """A published version, and the surveys that ask it."""

    questionnaire: Questionnaire
    surveys: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """An uploaded questionnaire that is not published yet.

    ``former`` is what it is compared with: the newest version of its name, else the published one that shares most of
    its items. ``objections`` say why it cannot be published; empty when it can.
    """

    questionnaire: Questionnaire
    by: str
    at: datetime
    former: Questionnaire | None
    differences: tuple[Difference, ...]
    objections: tuple[Problem, ...]


def list_questionnaires(store: Store, principal: Principal) -> tuple[Published, ...]:
    """Every published version: first those of the newest regulation, then by name, and of each the newest first."""
    principal.require(Permission.MANAGE_SURVEYS)
    with store.reading.connect() as connection:
        rows = connection.execute(
            sa.select(QUESTIONNAIRE.c.number).order_by(QUESTIONNAIRE.c.name, QUESTIONNAIRE.c.version.desc())
        ).all()
        asked: dict[int, list[str]] = {}
        for name, number in connection.execute(sa.select(SURVEY.c.name, SURVEY.c.questionnaire)):
            asked.setdefault(number, []).append(name)
        found = [
            Published(questionnaire_numbered(connection, row.number), tuple(asked.get(row.number, ()))) for row in rows
        ]
        return tuple(sorted(found, key=_regulated, reverse=True))


def _regulated(published: Published) -> str:
    """The name of the regulation, which ends in its year; sorting keeps the order of what is equal."""
    return published.questionnaire.regulation or ""


def keep_draft(store: Store, principal: Principal, content: bytes, where: str, settings: Settings) -> Draft:
    """Read an uploaded file and keep it, word for word, in place of an earlier draft of the same questionnaire.

    Raises ``Problem`` with everything that is wrong in it: where, what, how to repair. Its size is looked at before it
    is read. The name of a questionnaire that comes with the program belongs to the program: a later version of the
    program may bring a later version of it.
    """
    principal.require(Permission.MANAGE_SURVEYS)
    if len(content) > MAX_BYTES:
        raise Problem("yaml.too_large", where=where, limit=MAX_BYTES)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem("questionnaire.not_utf8", where=where) from error
    questionnaire = parse_questionnaire(text, where)
    if questionnaire.name in {file.stem for file in settings.questionnaires.glob("*.yaml")}:
        raise Problem("revision.shipped", where=where, name=questionnaire.name)
    row = {"name": questionnaire.name, "content": text, "by": principal.name, "at": datetime.now(UTC)}
    with store.engine.begin() as connection:
        connection.execute(sa.delete(DRAFT).where(DRAFT.c.name == questionnaire.name))
        insert(connection, DRAFT, row)
        record(connection, principal, Did.DRAFT_KEPT, questionnaire.name, **_told(questionnaire))
        return _draft(connection, questionnaire.name)


def list_drafts(store: Store, principal: Principal) -> tuple[Draft, ...]:
    """Every draft, by name."""
    principal.require(Permission.MANAGE_SURVEYS)
    with store.reading.connect() as connection:
        names = connection.scalars(sa.select(DRAFT.c.name).order_by(DRAFT.c.name)).all()
        return tuple(_draft(connection, name) for name in names)


def discard_draft(store: Store, principal: Principal, name: str) -> None:
    """Forget a draft; nothing that was published changes. Raises ``Problem`` when there is none of that name."""
    principal.require(Permission.MANAGE_SURVEYS)
    with store.engine.begin() as connection:
        draft = _draft(connection, name)
        connection.execute(sa.delete(DRAFT).where(DRAFT.c.name == name))
        record(connection, principal, Did.DRAFT_DISCARDED, name, **_told(draft.questionnaire))


def publish_draft(store: Store, principal: Principal, name: str) -> Questionnaire:
    """Publish a draft: from now on surveys may ask it, and this version never changes.

    Raises ``Problems`` with what speaks against it.
    """
    principal.require(Permission.MANAGE_SURVEYS)
    with store.engine.begin() as connection:
        draft = _draft(connection, name)
        if draft.objections:
            raise Problems(list(draft.objections))
        q = draft.questionnaire
        publish_questionnaire(connection, q)
        connection.execute(sa.delete(DRAFT).where(DRAFT.c.name == name))
        record(connection, principal, Did.QUESTIONNAIRE_PUBLISHED, q.name, **_told(q))
    return q


def _told(questionnaire: Questionnaire) -> dict[str, Any]:
    """Which one it was, for the audit."""
    return {"version": questionnaire.version, "digest": questionnaire.digest}


def _draft(connection: sa.Connection, name: str) -> Draft:
    row = connection.execute(sa.select(DRAFT).where(DRAFT.c.name == name)).one_or_none()
    if row is None:
        raise Problem("revision.no_draft", name=name)
    questionnaire = parse_questionnaire(row.content, f"{name}.yaml")
    published = [
        questionnaire_numbered(connection, number)
        for number in connection.scalars(sa.select(QUESTIONNAIRE.c.number).order_by(QUESTIONNAIRE.c.number)).all()
    ]
    former = _former(questionnaire, published)
    return Draft(
        questionnaire=questionnaire,
        by=row.by,
        at=row.at,
        former=former,
        differences=differences(former, questionnaire) if former else (),
        objections=objections(questionnaire, published),
    )


def _former(questionnaire: Questionnaire, published: Sequence[Questionnaire]) -> Questionnaire | None:
    own = [q for q in published if q.name == questionnaire.name]
    if own:
        return max(own, key=lambda q: q.version)
    columns = set(questionnaire.positions)

    def likeness(other: Questionnaire) -> tuple[int, bool, int]:
        shared = len(columns & set(other.positions))
        return shared, other.regulation == questionnaire.regulation, -len(other.positions)

    nearest = max(published, key=likeness, default=None)
    return nearest if nearest and columns & set(nearest.positions) else None
