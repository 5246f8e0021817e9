"""How many citizens did a unit serve on a day, how many were offered the survey, and how many answered?

Served and offered are entered or imported by the office; answers are counted. Nobody can answer more often than
citizens were served: where the numbers say so, one of them is wrong, and it is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from survey.catalogue import Survey
from survey.packed import NOT_COUNTED
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.store.audit import Did, record
from survey.store.responses import RESPONSE
from survey.store.surveys import UNIT, table
from survey.tables import ServedRow

if TYPE_CHECKING:
    from survey.store import Store

SERVED = table(ServedRow)
MOST = 100_000
"""More than this nobody serves in a day: a slip of the keys."""


class Doubt(StrEnum):
    """Why the numbers of a day cannot all be right."""

    MORE_THAN_SERVED = "more_than_served"
    """More answers than citizens were served."""
    MORE_THAN_OFFERED = "more_than_offered"
    """More answers than were offered the survey."""
    OFFERED_MORE = "offered_more"
    """The survey was offered to more citizens than were served."""


@dataclass(frozen=True)
class Count:
    """What the office says of a unit and a day. ``offered`` is None when nobody counted it."""

    unit: int
    day: date
    served: int
    offered: int | None = None


@dataclass(frozen=True)
class DayOfUnit:
    """A unit on a day: served and offered as the office says (None: not entered), and answered as counted."""

    unit: int
    day: date
    served: int | None
    offered: int | None
    answered: int

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Why these numbers cannot all be right."""
        found = []
        if self.served is not None and self.answered > self.served:
            found.append(Doubt.MORE_THAN_SERVED)
        if self.offered is not None and self.answered > self.offered:
            found.append(Doubt.MORE_THAN_OFFERED)
        if self.served is not None and self.offered is not None and self.offered > self.served:
            found.append(Doubt.OFFERED_MORE)
        return tuple(found)


@dataclass(frozen=True)
class Totals:
    """The sums over days and units; ``answered_of_served`` and ``answered_of_offered`` only where both are known."""

    days: int
    served: int
    offered: int
    answered: int
    answered_of_served: int
    answered_of_offered: int

    @classmethod
    def of(cls, days: Iterable[DayOfUnit]) -> Totals:
        """Of these days."""
        known = list(days)
        with_served = [day for day in known if day.served is not None]
        with_offered = [day for day in known if day.offered is not None]
        return cls(
            days=len(with_served),
            served=sum(day.served or 0 for day in with_served),
            offered=sum(day.offered or 0 for day in with_offered),
            answered=sum(day.answered for day in known),
            answered_of_served=sum(day.answered for day in with_served),
            answered_of_offered=sum(day.answered for day in with_offered),
        )

    @property
    def of_served(self) -> float | None:
        """The share of those served that answered, on days of which it is known."""
        return self.answered_of_served / self.served if self.served else None

    @property
    def of_offered(self) -> float | None:
        """The share of those offered the survey that answered, on days of which it is known."""
        return self.answered_of_offered / self.offered if self.offered else None


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
    said = sa.select(SERVED).where(
        SERVED.c.day.between(first, last), SERVED.c.unit.in_([unit.number for unit in survey.units])
    )
    if principal.units is not None:
        answers, said = answers.where(r.unit.in_(principal.units)), said.where(SERVED.c.unit.in_(principal.units))
    with store.reading.connect() as connection:
        answered = {(day, unit): count for unit, day, count in connection.execute(answers)}
        entered = {(row.day, row.unit): (row.served, row.offered) for row in connection.execute(said)}
    return tuple(
        DayOfUnit(unit, day, *entered.get((day, unit), (None, None)), answered.get((day, unit), 0))
        for day, unit in sorted(answered.keys() | entered.keys())
    )


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
