"""How far is each survey on the way to its target, and each service on the way to its quota?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from survey.catalogue import Survey
from survey.packed import NOT_COUNTED
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.sampling import Progress, progress
from survey.store.answers.responses import RESPONSE
from survey.store.people.audit import Did, record
from survey.store.plans.surveys import list_surveys, table
from survey.tables import QuotaRow

if TYPE_CHECKING:
    from survey.store import Store

QUOTA = table(QuotaRow)


@dataclass(frozen=True)
class Standing:
    """A survey with how many answers count. ``progress`` is None without a target."""

    survey: Survey
    n: int
    progress: Progress | None


def standings(store: Store, principal: Principal, now: datetime | None = None) -> tuple[Standing, ...]:
    """Where every survey stands, in the order of ``list_surveys``."""
    principal.require(Permission.MANAGE_SURVEYS)
    moment = now or datetime.now(UTC)
    counts = sa.func.count()
    by_survey = sa.select(RESPONSE.c.survey, counts).where(_counted()).group_by(RESPONSE.c.survey)
    found = []
    surveys = list_surveys(store, principal)
    with store.reading.connect() as connection:
        n: Mapping[int, int] = {number: count for number, count in connection.execute(by_survey)}
        for survey in surveys:
            here, way = n.get(survey.number, 0), None
            if survey.target:
                today = moment.astimezone(ZoneInfo(survey.agency.zone)).date()
                of_today = (RESPONSE.c.survey == survey.number, RESPONSE.c.answered_on == today, _counted())
                n_today = connection.scalar(sa.select(counts).select_from(RESPONSE).where(*of_today)) or 0
                period = {"opens": survey.opens, "closes": survey.closes}
                way = progress(here, survey.target, today=today, n_today=min(n_today, here), **period)
            found.append(Standing(survey, here, way))
    return tuple(found)


def read_quotas(store: Store, principal: Principal, survey: Survey) -> Mapping[int, tuple[int, int | None]]:
    """By service number: how many answers count, and how many are wished for (None: nothing was said)."""
    principal.require(Permission.MANAGE_SURVEYS)
    of_survey = RESPONSE.c.survey == survey.number
    by_service = (
        sa.select(RESPONSE.c.service, sa.func.count()).where(of_survey, _counted()).group_by(RESPONSE.c.service)
    )
    with store.reading.connect() as connection:
        n = {number: count for number, count in connection.execute(by_service)}
        wanted = {
            number: wish
            for number, wish in connection.execute(
                sa.select(QUOTA.c.service, QUOTA.c.wanted).where(QUOTA.c.survey == survey.number)
            )
        }
    return {service.number: (n.get(service.number, 0), wanted.get(service.number)) for service in survey.services}


def set_quotas(store: Store, principal: Principal, survey: Survey, wanted: Mapping[int, int | None]) -> None:
    """Wish for so many answers by service number; None wishes for none. Nobody is turned away for it."""
    principal.require(Permission.MANAGE_SURVEYS)
    names = {service.number: service.name for service in survey.services}
    if any(number not in names or (wish is not None and not 0 < wish < 2**31) for number, wish in wanted.items()):
        raise Problem("survey.quota")
    with store.engine.begin() as connection:
        of_survey = QUOTA.c.survey == survey.number
        query = sa.select(QUOTA.c.service, QUOTA.c.wanted).where(of_survey)
        before = {number: wish for number, wish in connection.execute(query)}
        after = {number: wish for number, wish in wanted.items() if wish is not None}
        if before == after:
            return
        connection.execute(sa.delete(QUOTA).where(of_survey))
        for number, wish in after.items():
            connection.execute(sa.insert(QUOTA).values(survey=survey.number, service=number, wanted=wish))
        told = {names[number]: wish for number, wish in after.items()}
        record(connection, principal, Did.SURVEY_CHANGED, survey.name, quotas=told)


def _counted() -> sa.ColumnElement[bool]:
    return RESPONSE.c.flags.op("&")(int(NOT_COUNTED)) == 0
