"""When does a survey take answers, and when does it open again?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from survey.problem import Problem

DAYS = 7
_SPAN = re.compile(r"(\d{1,2})(?:[.:](\d{2}))?\s*(?:-|–|—|s/d|sampai|to)\s*(\d{1,2})(?:[.:](\d{2}))?")


@dataclass(frozen=True)
class Hours:
    """Opening hours: from when until when on each of seven days from Monday; None is closed all day."""

    week: tuple[tuple[time, time] | None, ...]

    def are_open_at(self, moment: datetime) -> bool:
        """Whether it is open at a moment, given in the office's zone. The last minute is closed already."""
        span = self.week[moment.weekday()]
        return span is not None and span[0] <= moment.time() < span[1]

    def opens_next(self, moment: datetime, first: date | None = None, last: date | None = None) -> datetime | None:
        """When it opens next after a moment, within a period of days; None when it does not open any more."""
        for ahead in range(DAYS + 1):
            day = max(moment.date(), first or moment.date()) + timedelta(days=ahead)
            span = self.week[day.weekday()]
            if last is not None and day > last:
                return None
            opening = datetime.combine(day, span[0], moment.tzinfo) if span else None
            if opening and opening > moment:
                return opening
        return None

    def stored(self) -> list[list[str] | None]:
        """As the store keeps them."""
        return [[f"{at:%H:%M}" for at in span] if span else None for span in self.week]

    @classmethod
    def read(cls, stored: Sequence[Sequence[str] | None]) -> "Hours":
        """From what the store keeps."""
        return cls(tuple((time.fromisoformat(s[0]), time.fromisoformat(s[1])) if s else None for s in stored))


def parse_hours(said: Sequence[str]) -> Hours | None:
    """The hours that a person typed for each day from Monday, such as ``08.00-15.00``; empty is closed.

    None, which is always, when no day says anything. Raises ``Problem`` with the number of the day.
    """
    spans = tuple(_span(text, number) for number, text in enumerate(said, start=1))
    return Hours(spans) if any(spans) else None


def _span(text: str, number: int) -> tuple[time, time] | None:
    if not text.strip():
        return None
    found = _SPAN.fullmatch(text.strip().lower())
    try:
        if found is None:
            raise ValueError
        begins, ends = (time(int(found[at]), int(found[at + 1] or 0)) for at in (1, 3))
    except ValueError:
        raise Problem("hours.unreadable", day=number, given=text[:30]) from None
    if begins >= ends:
        raise Problem("hours.backwards", day=number, given=text[:30])
    return begins, ends
