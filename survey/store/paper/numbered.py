"""Which numbers were printed on paper forms, and which of these forms have not come back?

A counter gives each printed form of a survey its number, so that no two piles carry the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from survey.catalogue import Channel, Survey
from survey.paper_form import LARGEST_NUMBER, MOST_FORMS
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.store.answers.responses import RESPONSE
from survey.store.engine import insert_or_ignore
from survey.store.paper.forms import as_ranges
from survey.store.plans.surveys import table
from survey.tables import PaperFormRow

if TYPE_CHECKING:
    from survey.store import Store

FORM = table(PaperFormRow)


@dataclass(frozen=True)
class Printed:
    """How many forms were numbered, the number that comes next, and the ranges of those that were not keyed yet."""

    count: int
    next: int
    outstanding: tuple[tuple[int, int], ...]

    @property
    def outstanding_count(self) -> int:
        """How many were printed and not keyed."""
        return sum(last - first + 1 for first, last in self.outstanding)


def number_forms(store: Store, principal: Principal, survey: Survey, count: int) -> range:
    """The next so many numbers, which nobody gets again. Raises ``Problem`` when there are not so many left."""
    principal.require(Permission.KEY_FORMS)
    with store.engine.begin() as connection:
        first = _next(connection, survey)
        numbers = range(first, first + count)
        if not 1 <= count <= MOST_FORMS or numbers[-1] > LARGEST_NUMBER:
            raise Problem("paper.numbers", most=MOST_FORMS, largest=LARGEST_NUMBER)
        rows = [{"survey": survey.number, "form": number} for number in numbers]
        connection.execute(insert_or_ignore(connection.dialect.name, FORM), rows)
    return numbers


def printed_forms(store: Store, principal: Principal, survey: Survey) -> Printed:
    """What was numbered so far, and what of it has not been keyed."""
    principal.require(Permission.KEY_FORMS)
    keyed = sa.select(RESPONSE.c.sequence).where(
        RESPONSE.c.survey == survey.number, RESPONSE.c.channel == Channel.PAPER.code, RESPONSE.c.sequence.is_not(None)
    )
    query = sa.select(FORM.c.form).where(FORM.c.survey == survey.number).order_by(FORM.c.form)
    with store.reading.connect() as connection:
        numbers = list(connection.scalars(query))
        open_ones = list(connection.scalars(query.where(FORM.c.form.not_in(keyed), FORM.c.first.is_(None))))
        return Printed(len(numbers), _next(connection, survey), as_ranges(open_ones))


def _next(connection: sa.Connection, survey: Survey) -> int:
    """One more than the highest number that was printed or keyed."""
    printed = connection.scalar(sa.select(sa.func.max(FORM.c.form)).where(FORM.c.survey == survey.number))
    here = (RESPONSE.c.survey == survey.number, RESPONSE.c.channel == Channel.PAPER.code)
    keyed = connection.scalar(sa.select(sa.func.max(RESPONSE.c.sequence)).where(*here))
    return max(printed or 0, keyed or 0) + 1
