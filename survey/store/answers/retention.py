"""When does a respondent's comment go? After the months that the survey's notice promised; the answers stay."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from survey.principal import Permission, Principal
from survey.store.answers.responses import COMMENT, RESPONSE
from survey.store.people.audit import AUDIT, Did, record
from survey.store.plans.surveys import SURVEY

if TYPE_CHECKING:
    from survey.store import Store

log = logging.getLogger(__name__)
BY_ITSELF = Principal("program", frozenset())
"""Who deletes: nobody asked, the time had come."""


@dataclass(frozen=True)
class Kept:
    """How long a survey keeps comments, how many it has, and when the oldest of them goes (None: it has none)."""

    survey: str
    months: int
    comments: int
    next_at: datetime | None


@dataclass(frozen=True)
class Forgotten:
    """An entry of the log: so many comments of a survey went."""

    at: datetime
    survey: str
    comments: int


def delete_old_comments(store: Store, now: datetime) -> int:
    """Delete every comment that is older than its survey keeps comments; gives how many went.

    A comment's age counts from its receipt. The response keeps the salted hash of the comment, so that its digest can
    be verified as before. Backups made earlier still hold the comment until they are rotated out. The audit tells of
    it, when any went.
    """
    gone = 0
    with store.engine.begin() as connection:
        for survey in connection.execute(sa.select(SURVEY.c.number, SURVEY.c.name, SURVEY.c.retention_months)).all():
            old = sa.select(RESPONSE.c.number).where(
                RESPONSE.c.survey == survey.number, RESPONSE.c.received_at < months_before(now, survey.retention_months)
            )
            went = connection.execute(sa.delete(COMMENT).where(COMMENT.c.response.in_(old))).rowcount
            if went:
                told = {"comments": went, "months": survey.retention_months}
                record(connection, BY_ITSELF, Did.COMMENTS_DELETED, survey.name, at=now, **told)
            gone += went
    if gone:
        log.warning("%d comments deleted: older than their surveys keep them", gone)
    return gone


def kept_comments(store: Store, principal: Principal) -> tuple[Kept, ...]:
    """What every survey keeps, by name."""
    principal.require(Permission.DELETE_RESPONSES)
    count, oldest = sa.func.count(COMMENT.c.response), sa.func.min(RESPONSE.c.received_at)
    query = (
        sa.select(SURVEY.c.name, SURVEY.c.retention_months, count.label("comments"), oldest.label("oldest"))
        .outerjoin_from(SURVEY, RESPONSE, sa.and_(RESPONSE.c.survey == SURVEY.c.number, _commented()))
        .outerjoin(COMMENT, COMMENT.c.response == RESPONSE.c.number)
        .group_by(SURVEY.c.name, SURVEY.c.retention_months)
        .order_by(SURVEY.c.name)
    )
    with store.reading.connect() as connection:
        return tuple(
            Kept(row.name, row.retention_months, row.comments, months_after(row.oldest, row.retention_months))
            if row.comments
            else Kept(row.name, row.retention_months, 0, None)
            for row in connection.execute(query)
        )


def forgotten_comments(store: Store, principal: Principal, limit: int = 200) -> tuple[Forgotten, ...]:
    """What went when, the newest first."""
    principal.require(Permission.DELETE_RESPONSES)
    query = (
        sa.select(AUDIT.c.at, AUDIT.c.what, AUDIT.c.detail)
        .where(AUDIT.c.did == Did.COMMENTS_DELETED.value)
        .order_by(AUDIT.c.number.desc())
        .limit(limit)
    )
    with store.reading.connect() as connection:
        return tuple(Forgotten(at, what, int(detail["comments"])) for at, what, detail in connection.execute(query))


def months_before(moment: datetime, months: int) -> datetime:
    """The same time of the same day so many months earlier; the last day of a month that is too short."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    for day in range(moment.day, 0, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise ValueError("no such month")


def months_after(moment: datetime, months: int) -> datetime:
    """The same time of the same day so many months later; the last day of a month that is too short."""
    return months_before(moment, -months)


def _commented() -> sa.ColumnElement[bool]:
    return RESPONSE.c.number.in_(sa.select(COMMENT.c.response))
