"""Served, offered, answered: what is an answer rate a rate of, and which of these numbers cannot all be right?

Nobody can answer more often than citizens were served or offered the survey. Where the numbers say so, one of them is
wrong, and it is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

NEARLY_ALL, ENOUGH = 0.95, 50
"""From this share on, of at least so many, hardly any counter gets its answers from citizens alone."""


class Doubt(StrEnum):
    """Why numbers cannot all be right, or hardly."""

    MORE_THAN_SERVED = "more_than_served"
    """More answers than citizens were served."""
    MORE_THAN_OFFERED = "more_than_offered"
    """More answers than were offered the survey."""
    OFFERED_MORE = "offered_more"
    """The survey was offered to more citizens than were served."""
    NEARLY_ALL = "nearly_all"
    """Nearly everybody answered: possible, but hardly anywhere true. Told of sums, not of single days."""


class Basis(StrEnum):
    """Of whom an answer rate is a share."""

    OFFERED = "offered"
    SERVED = "served"


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
    """The sums over days and units; ``answered_of_served`` and ``answered_of_offered`` only where both are known.

    ``days`` counts those of which the number served is known, ``days_offered`` those of which both are.
    """

    days: int
    days_offered: int
    served: int
    offered: int
    answered: int
    answered_of_served: int
    answered_of_offered: int

    @classmethod
    def of(cls, days: Iterable[DayOfUnit]) -> "Totals":
        """Of these days."""
        known = list(days)
        with_served = [day for day in known if day.served is not None]
        with_offered = [day for day in known if day.offered is not None]
        return cls(
            days=len(with_served),
            days_offered=len(with_offered),
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

    @property
    def basis(self) -> Basis:
        """Those offered the survey where they were counted on every day that was entered, else those served."""
        return Basis.OFFERED if self.days and self.days_offered == self.days else Basis.SERVED

    @property
    def asked(self) -> int:
        """How many the rate is a share of."""
        return self.offered if self.basis is Basis.OFFERED else self.served

    @property
    def rate(self) -> float | None:
        """The share of the ``basis`` that answered, on the days that were entered; None of nobody."""
        return self.of_offered if self.basis is Basis.OFFERED else self.of_served

    @property
    def nearly_all(self) -> bool:
        """Whether hardly any counter can have such a rate, although it is possible."""
        return self.rate is not None and NEARLY_ALL <= self.rate <= 1 and self.asked >= ENOUGH
