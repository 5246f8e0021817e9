"""How does a paper form come in, once, however often its number is keyed?

The number of the form is kept as ``sequence``, without a station: it makes the id (``importing/arrived.py``), so that
the database itself refuses a second form with that number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from survey.catalogue import Channel, Survey
from survey.importing.arrived import Arrived, identity_of_form
from survey.importing.cells import EARLIEST
from survey.paper_form import LARGEST_NUMBER
from survey.principal import Forbidden, Permission, Principal
from survey.problem import Problem
from survey.response import QuestionnaireReference, Submission, pack
from survey.store.answers.imports import write_responses
from survey.store.answers.responses import RESPONSE
from survey.store.plans.surveys import SERVICE

if TYPE_CHECKING:
    from survey.store import Store

LISTED = 8
LONGEST_COMMENT = 2000


@dataclass(frozen=True)
class PaperForm:
    """What stands on a filled form: codes as keyed, of profile questions and of columns; points as points + 1."""

    number: int
    day: date
    service: str | None
    profile: Mapping[str, int]
    answers: Mapping[str, int]
    comment: str = ""


@dataclass(frozen=True)
class KeyedForm:
    """A form that was keyed: its number, its day, the service, and how many answers it has."""

    number: int
    day: date
    service: str | None
    answered: int


def key_form(
    store: Store, principal: Principal, survey: Survey, form: PaperForm, *, now: datetime | None = None
) -> None:
    """Keep a paper form. Raises ``Problem`` when its number was keyed before, when its day cannot be, when nothing is
    answered, and ``DoesNotFit`` for codes that the questionnaire does not have.
    """
    moment = now or datetime.now(UTC)
    keep_form(store, survey, understood_form(store, principal, survey, form, moment), moment)


def keep_form(
    store: Store,
    survey: Survey,
    arrived: Arrived,
    moment: datetime,
    then: Callable[[sa.Connection], None] | None = None,
) -> None:
    """Write a form that was understood. Raises ``Problem`` when its number was keyed before.

    ``then`` is called in the same transaction.
    """
    if not write_responses(store, survey, [arrived], now=moment, then=then).new:
        raise Problem("key.again", number=arrived.response.sequence)


def understood_form(store: Store, principal: Principal, survey: Survey, form: PaperForm, moment: datetime) -> Arrived:
    """The form as a response. Raises ``Problem`` as ``key_form`` does; nothing is written."""
    principal.require(Permission.KEY_FORMS)
    zone = ZoneInfo(survey.agency.zone)
    if not 1 <= form.number <= LARGEST_NUMBER:
        raise Problem("key.number", number=form.number, largest=LARGEST_NUMBER)
    if not EARLIEST <= form.day <= moment.astimezone(zone).date():
        raise Problem("key.day", day=form.day.isoformat())
    if not form.answers:
        raise Problem("key.empty", number=form.number)
    if form.service is not None and form.service not in {service.name for service in survey.services}:
        raise Problem("response.unknown_service", service=form.service)
    if principal.units is not None and form.service is not None:
        unit = next(service.unit for service in survey.services if service.name == form.service)
        if unit not in principal.units:
            raise Forbidden(Permission.KEY_FORMS)
    noon = datetime.combine(form.day, time(12), zone).astimezone(UTC)
    q = survey.questionnaire
    fields: dict[str, Any] = {
        "id": identity_of_form(survey.name, form.number),
        "survey": survey.name,
        "questionnaire": QuestionnaireReference(name=q.name, version=q.version, digest=q.digest),
        "service": form.service,
        "sequence": form.number,
        "channel": Channel.PAPER,  # which no device may say of itself
        "language": "id" if "id" in q.languages else q.languages[0],
        "started_at": noon,
        "submitted_at": noon,
        "profile": dict(form.profile),
        "answers": dict(form.answers),
        "comment": form.comment.strip()[:LONGEST_COMMENT] or None,
    }
    filled = Submission.model_construct(**fields)
    return Arrived(pack(filled, q, store.comment_key), form.day, comment=filled.comment)


def last_forms(store: Store, principal: Principal, survey: Survey, count: int = LISTED) -> tuple[KeyedForm, ...]:
    """The forms keyed last, the newest first."""
    principal.require(Permission.KEY_FORMS)
    r = RESPONSE.c
    query = (
        sa.select(r.sequence, r.answered_on, r.answers, SERVICE.c.name)
        .outerjoin_from(RESPONSE, SERVICE, r.service == SERVICE.c.number)
        .where(r.survey == survey.number, r.channel == Channel.PAPER.code, r.sequence.is_not(None))
        .order_by(r.number.desc())
        .limit(count)
    )
    if principal.units is not None:
        query = query.where(r.unit.in_(principal.units))
    with store.reading.connect() as connection:
        return tuple(
            KeyedForm(number, day, service, sum(code > 0 for code in bytes(answers)))
            for number, day, answers, service in connection.execute(query)
        )


def keyed_numbers(store: Store, principal: Principal, survey: Survey) -> tuple[tuple[int, int], ...]:
    """The numbers of all keyed forms, as ranges with both ends: ((1, 250), (252, 260))."""
    principal.require(Permission.KEY_FORMS)
    r = RESPONSE.c
    query = (
        sa.select(r.sequence)
        .where(r.survey == survey.number, r.channel == Channel.PAPER.code, r.sequence.is_not(None))
        .order_by(r.sequence)
    )
    with store.reading.connect() as connection:
        numbers = list(connection.scalars(query))
    return as_ranges(numbers)


def as_ranges(numbers: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Ascending numbers as ranges with both ends."""
    if not numbers:
        return ()
    breaks = [(before, after) for before, after in pairwise(numbers) if after - before > 1]
    starts = [numbers[0], *(after for _, after in breaks)]
    ends = [*(before for before, _ in breaks), numbers[-1]]
    return tuple(zip(starts, ends, strict=True))
