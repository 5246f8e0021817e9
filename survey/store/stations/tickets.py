"""Which queue tickets were issued, and has this one been used?

A ticket is a code that is good for one answer. The store keeps a keyed hash of it and the day it was used: nothing that
leads from the ticket to the answer, or from the answer to the ticket. An answer without a good ticket is never lost; it
is flagged (``Flag.TICKET_USED``, ``Flag.NO_TICKET``).
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from survey.catalogue import Survey
from survey.packed import Flag
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.store.people.audit import Did, record
from survey.store.plans.surveys import SURVEY, table
from survey.tables import TicketRow
from survey.ticket import ALPHABET, LENGTH, letters_of_ticket

if TYPE_CHECKING:
    from survey.store import Store

TICKET = table(TicketRow)
MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Issued:
    """How many tickets of a survey were issued, how many were used, and when the last were issued."""

    issued: int
    used: int
    last_at: datetime | None


def issue_tickets(
    store: Store, principal: Principal, survey: Survey, count: int, *, now: datetime | None = None
) -> tuple[str, ...]:
    """So many new codes. They are known only now: print them, or give them to the queue machine."""
    principal.require(Permission.RUN_STATIONS)
    if not 1 <= count <= MOST_AT_ONCE:
        raise Problem("ticket.count", most=MOST_AT_ONCE)
    moment = now or datetime.now(UTC)
    codes: set[str] = set()
    while len(codes) < count:
        codes.add("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))
    made = sorted(codes)  # in no order that tells of anything
    rows = [{"survey": survey.number, "code": _hash(store.receipt_key, code), "issued_at": moment} for code in made]
    with store.engine.begin() as connection:
        connection.execute(sa.insert(TICKET), rows)
        record(connection, principal, Did.TICKETS_MADE, survey.name, now, count=count)
    return tuple(made)


def issued_tickets(store: Store, principal: Principal, survey: Survey) -> Issued:
    """How many there are and how many of them were used."""
    principal.require(Permission.RUN_STATIONS)
    query = sa.select(sa.func.count(), sa.func.count(TICKET.c.used_on), sa.func.max(TICKET.c.issued_at))
    with store.reading.connect() as connection:
        return Issued(*connection.execute(query.where(TICKET.c.survey == survey.number)).one())


def ask_for_tickets(
    store: Store, principal: Principal, survey: Survey, wanted: bool, *, now: datetime | None = None
) -> None:
    """Let a survey ask for tickets from now on, or no more. Earlier answers stay as they are."""
    principal.require(Permission.MANAGE_SURVEYS)
    with store.engine.begin() as connection:
        connection.execute(sa.update(SURVEY).where(SURVEY.c.number == survey.number).values(tickets=wanted))
        record(connection, principal, Did.SURVEY_CHANGED, survey.name, now, tickets=wanted)


def use_ticket(connection: sa.Connection, key: bytes, survey: int, given: str | None, day: date) -> Flag:
    """Use the ticket that came with a new answer; what is to be said of the answer.

    In the transaction that writes the answer, so that of two answers with one ticket the second is flagged.
    """
    here = (TICKET.c.survey == survey, TICKET.c.code == _hash(key, letters_of_ticket(given or "")))
    used = sa.update(TICKET).where(*here, TICKET.c.used_on.is_(None)).values(used_on=day)
    if connection.execute(used).rowcount:
        return Flag(0)
    known = connection.scalar(sa.select(sa.func.count()).select_from(TICKET).where(*here))
    return Flag.TICKET_USED if known else Flag.NO_TICKET


def _hash(key: bytes, letters: str) -> bytes:
    return hmac.digest(key, f"ticket {letters}".encode(), "sha256")[:16]
