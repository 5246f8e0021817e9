"""How many citizens did a unit serve on a day, how many were offered the survey, and how many answered?

Served and offered are entered or imported by the office; answers are counted. What follows from them, and which of them
cannot all be right, stands in ``survey/served.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from survey.catalogue import Survey
from survey.packed import NOT_COUNTED
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.served import Count, DayOfUnit
from survey.store.answers.responses import RESPONSE
from survey.store.people.audit import Did, record
from survey.store.plans.surveys import UNIT, table
from survey.tables import ServedRow

if TYPE_CHECKING:
    from survey.store import Store

SERVED = table(ServedRow)
MOST = 100_000
"""More than this nobody serves in a day: a slip of the keys."""


def enter_served(store: Store, principal: Principal, counts: Sequence[Count], *, now: datetime | None = None) -> int:
    """Keep these numbers; what was there for a unit and day is replaced. Gives how many days are new or different.

    All or none. Raises ``Problem`` for numbers that cannot be, days in the future, and units that are not the
    principal's.
    """
    principal.require(Permission.KEY_FORMS)
    moment = now or datetime.now(UTC)
    for count in counts:
        _check(count, principal, moment)
    changed: dict[tuple[int, date], Count] = {}
    with store.engine.begin() as connection:
        names: dict[int, str] = {row.number: row.name for row in connection.execute(sa.select(UNIT))}
        for count in counts:
            if count.unit not in names:
                raise Problem("served.unit", unit=count.unit)
            here = (SERVED.c.unit == count.unit, SERVED.c.day == count.day)
            before = connection.execute(sa.select(SERVED.c.served, SERVED.c.offered).where(*here)).one_or_none()
            if before is not None and tuple(before) == (count.served, count.offered):
                continue
            changed[count.unit, count.day] = count
            values = {"served": count.served, "offered": count.offered, "by": principal.name, "at": moment}
            if before is None:
                connection.execute(sa.insert(SERVED).values(unit=count.unit, day=count.day, **values))
            else:
                connection.execute(sa.update(SERVED).where(*here).values(values))
        for unit in sorted({unit for unit, _ in changed}):
            days = [day for of_unit, day in changed if of_unit == unit]
            span = {"days": len(days), "first": min(days).isoformat(), "last": max(days).isoformat()}
            record(connection, principal, Did.SERVED_ENTERED, names[unit], now, **span)
    return len(changed)


def forget_served(
    store: Store, principal: Principal, unit: int, days: Sequence[date], *, now: datetime | None = None
) -> int:
    """Nothing is known of these days any more: somebody emptied their cells. Gives how many there were."""
    principal.require(Permission.KEY_FORMS)
    _require_unit(principal, unit)
    with store.engine.begin() as connection:
        name = connection.scalar(sa.select(UNIT.c.name).where(UNIT.c.number == unit))
        gone = connection.execute(sa.delete(SERVED).where(SERVED.c.unit == unit, SERVED.c.day.in_(days))).rowcount
        if gone:
            record(connection, principal, Did.SERVED_ENTERED, str(name), now, emptied=gone)
    return int(gone)


def read_served(store: Store, principal: Principal, survey: Survey, first: date, last: date) -> tuple[DayOfUnit, ...]:
    """Every day and unit from ``first`` to ``last`` of which anything is known, by day and unit.

    ``answered`` are the counted answers to this survey from citizens, whatever the channel.
    """
    if not principal.may(Permission.KEY_FORMS):
        principal.require(Permission.READ_RESULTS)
    r = RESPONSE.c
    answers = (
        sa.select(r.unit, r.answered_on, sa.func.count())
        .where(r.survey == survey.number, r.unit.is_not(None), r.answered_on.between(first, last))
        .where(r.flags.bitwise_and(int(NOT_COUNTED)) == 0)
        .group_by(r.unit, r.answered_on)
    )
    if principal.units is not None:
        answers = answers.where(r.unit.in_(principal.units))
    said = _said(principal, survey).where(SERVED.c.day.between(first, last))
    with store.reading.connect() as connection:
        answered = {(day, unit): count for unit, day, count in connection.execute(answers)}
        entered = {(row.day, row.unit): (row.served, row.offered) for row in connection.execute(said)}
    return tuple(
        DayOfUnit(unit, day, *entered.get((day, unit), (None, None)), answered.get((day, unit), 0))
        for day, unit in sorted(answered.keys() | entered.keys())
    )


def entered_served(store: Store, principal: Principal, survey: Survey) -> tuple[Count, ...]:
    """What the office says of the units of a survey, by day and unit, whenever that was; answers are not counted."""
    principal.require(Permission.READ_RESULTS)
    query = _said(principal, survey).order_by(SERVED.c.day, SERVED.c.unit)
    with store.reading.connect() as connection:
        return tuple(Count(row.unit, row.day, row.served, row.offered) for row in connection.execute(query))


def _said(principal: Principal, survey: Survey) -> sa.Select[Any]:
    """What was entered of those units of the survey that the principal may see."""
    units = {unit.number for unit in survey.units}
    return sa.select(SERVED).where(SERVED.c.unit.in_(units if principal.units is None else units & principal.units))


def _check(count: Count, principal: Principal, now: datetime) -> None:
    _require_unit(principal, count.unit)
    if not date(2000, 1, 1) <= count.day <= (now + timedelta(days=1)).date():
        raise Problem("served.day", day=count.day.isoformat())
    for number in (count.served, count.offered or 0):
        if not 0 <= number <= MOST:
            raise Problem("served.number", number=number, most=MOST)


def _require_unit(principal: Principal, unit: int) -> None:
    if principal.units is not None and unit not in principal.units:
        raise Problem("served.unit", unit=unit)
