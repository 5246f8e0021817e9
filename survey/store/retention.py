"""When does a respondent's comment go? After the months that the survey's notice promised; the answers stay."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from survey.store.responses import COMMENT, RESPONSE
from survey.store.surveys import SURVEY

if TYPE_CHECKING:
    from survey.store import Store

log = logging.getLogger(__name__)


def delete_old_comments(store: Store, now: datetime) -> int:
    """Delete every comment that is older than its survey keeps comments; gives how many went.

    A comment's age counts from its receipt. The response keeps the salted hash of the comment, so that its digest can
    be verified as before. Backups made earlier still hold the comment until they are rotated out.
    """
    gone = 0
    with store.engine.begin() as connection:
        for survey in connection.execute(sa.select(SURVEY.c.number, SURVEY.c.retention_months)).all():
            old = sa.select(RESPONSE.c.number).where(
                RESPONSE.c.survey == survey.number, RESPONSE.c.received_at < months_before(now, survey.retention_months)
            )
            gone += connection.execute(sa.delete(COMMENT).where(COMMENT.c.response.in_(old))).rowcount
    if gone:
        log.warning("%d comments deleted: older than their surveys keep them", gone)
    return gone


def months_before(moment: datetime, months: int) -> datetime:
    """The same time of the same day so many months earlier; the last day of a month that is too short."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    for day in range(moment.day, 0, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise ValueError("no such month")
