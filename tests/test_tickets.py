"""Is a queue ticket good for one answer, is no answer ever lost for it, and does nothing lead from one to the other?"""

import csv
import io
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest

from survey.form.definition import form_definition, needed_files
from survey.packed import NOT_COUNTED, Flag
from survey.principal import CITIZEN, LOCAL_STAFF, MAY, Forbidden, Principal, Role
from survey.problem import Problem
from survey.store import Store
from survey.store.answers.responses import rebuild
from survey.store.answers.submissions import Fate
from survey.store.people.audit import read_audit
from survey.store.stations.tickets import MOST_AT_ONCE, ask_for_tickets, issue_tickets, issued_tickets
from survey.ticket import ALPHABET, letters_of_ticket, shown_ticket, ticket_list, ticket_roll
from tests.builders import NOW, body, packed, respond, rows, send, set_survey, shipped, survey_called

BASE = "http://192.168.1.10:8501"
TODAY = NOW.date()


@pytest.fixture
def tickets(store: Store) -> tuple[str, ...]:
    """Three tickets of a survey that asks for them."""
    survey = survey_called(store)
    ask_for_tickets(store, LOCAL_STAFF, survey, True)
    return issue_tickets(store, LOCAL_STAFF, survey, 3, now=NOW)


def flags(store: Store) -> list[Flag]:
    return [Flag(row[0]) for row in rows(store, "SELECT flags FROM response ORDER BY number")]


# --- one ticket, one answer


def test_a_ticket_is_good_for_one_answer_and_the_second_is_kept_and_flagged(
    store: Store, tickets: tuple[str, ...]
) -> None:
    for ticket in (tickets[0], tickets[0], tickets[1]):
        assert respond(store, time=4, ticket=ticket).fate is Fate.STORED
    assert flags(store) == [Flag(0), Flag.TICKET_USED, Flag(0)]
    assert issued_tickets(store, LOCAL_STAFF, survey_called(store)).used == 2


@pytest.mark.parametrize("given", [..., None, "", "ABCD", "AAAA-AAAA", "\u2603" * 60, "x" * 60])
def test_an_answer_without_a_ticket_that_we_know_is_kept_and_flagged(
    store: Store, tickets: tuple[str, ...], given: Any
) -> None:
    assert tickets
    assert respond(store, time=4, ticket=given).fate is Fate.STORED
    assert flags(store) == [Flag.NO_TICKET]


def test_what_is_no_ticket_at_all_is_set_aside_word_for_word(store: Store, tickets: tuple[str, ...]) -> None:
    assert tickets
    for given in (5, "x" * 61, ["A"]):
        assert respond(store, time=4, ticket=given).fate is Fate.KEPT
    assert rows(store, "SELECT count(*) FROM set_aside") == [(3,)]


def test_flagged_answers_count(store: Store) -> None:
    assert not (Flag.TICKET_USED | Flag.NO_TICKET) & NOT_COUNTED


def test_the_same_answer_sent_again_is_no_second_use(store: Store, tickets: tuple[str, ...]) -> None:
    identity = str(uuid.uuid4())
    assert respond(store, id=identity, time=4, ticket=tickets[0]).fate is Fate.STORED
    assert respond(store, id=identity, time=4, ticket=tickets[0]).fate is Fate.AGAIN
    assert respond(store, id=identity, time=1, ticket=tickets[1]).fate is Fate.CONFLICT
    assert flags(store) == [Flag(0)]
    assert issued_tickets(store, LOCAL_STAFF, survey_called(store)).used == 1


def test_of_two_devices_that_send_later_the_second_is_flagged(store: Store, tickets: tuple[str, ...]) -> None:
    """Both were offline, neither could know; the flag tells it when they come."""
    for hours in (2, 1):
        respond(store, time=4, ticket=tickets[2], at=NOW + timedelta(hours=hours), device_time=None)
    assert flags(store)[1] & Flag.TICKET_USED


def test_a_survey_that_asks_for_none_takes_no_notice_of_tickets(store: Store, tickets: tuple[str, ...]) -> None:
    ask_for_tickets(store, LOCAL_STAFF, survey_called(store), False)
    respond(store, time=4, ticket=tickets[0])
    respond(store, time=4)
    assert flags(store) == [Flag(0)] * 2
    assert issued_tickets(store, LOCAL_STAFF, survey_called(store)).used == 0


def test_a_ticket_of_another_survey_is_unknown(store: Store, tickets: tuple[str, ...]) -> None:
    set_survey(store, "contoh", tickets=True)
    respond(store, survey="contoh", time=4, ticket=tickets[0])
    assert flags(store) == [Flag.NO_TICKET]


# --- nothing leads from the ticket to the answer


def test_what_is_left_of_a_used_ticket_is_a_hash_and_a_day(store: Store, tickets: tuple[str, ...]) -> None:
    respond(store, time=4, ticket=tickets[0], at=NOW + timedelta(minutes=7))
    columns = [row[1] for row in rows(store, "PRAGMA table_info(ticket)")]
    assert columns == ["survey", "code", "issued_at", "used_on"]
    assert rows(store, "SELECT used_on FROM ticket WHERE used_on IS NOT NULL") == [(20261124,)]
    kept = b"".join(file.read_bytes() for file in store.data.glob("survey.db*"))
    for ticket in tickets:
        assert ticket.encode() not in kept and shown_ticket(ticket).encode() not in kept


def test_the_ticket_is_no_part_of_the_response(store: Store, tickets: tuple[str, ...]) -> None:
    """The digest is the same with and without it, so answers of earlier versions keep theirs, and rows verify."""
    identity = str(uuid.uuid4())
    with_ticket, without = (packed(shipped(), id=identity, time=4, ticket=t) for t in (tickets[0], ...))
    assert with_ticket == without and with_ticket.digest == without.digest
    respond(store, id=identity, time=4, ticket=tickets[0])
    assert all(one.untouched for one in rebuild(store, LOCAL_STAFF, survey_called(store)))
    assert send(store, body(shipped(), id=identity, time=4)).fate is Fate.AGAIN


# --- as they are typed and printed


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("acdf-2345", "ACDF2345"),
        (" ACDF 2345 ", "ACDF2345"),
        ("OQ0D-I1LL", "DDDDLLLL"),
        ("S5Z2-B8UV", "55228" + "8VV"),
        ("G6G6-acdf", "6666ACDF"),
        ("\u00c4\u0663", ""),
    ],
)
def test_a_code_is_read_however_it_was_typed(typed: str, read: str) -> None:
    assert letters_of_ticket(typed) == read


def test_no_letter_of_a_code_looks_like_another() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 26
    assert letters_of_ticket(ALPHABET) == ALPHABET
    assert not set(ALPHABET) & set("BGIOQSUZ01")


def test_the_roll_is_a_pdf_for_screen_readers_with_the_same_bytes_twice(store: Store, tickets: tuple[str, ...]) -> None:
    survey = survey_called(store)
    pdf = ticket_roll(survey, BASE, tickets, "id")
    assert pdf.startswith(b"%PDF-1.7") and b"pdfuaid:part>1<" in pdf
    assert pdf == ticket_roll(survey, BASE, tickets, "id")
    assert re.findall(rb"<xmpTPg:NPages>(\d+)<", ticket_roll(survey, BASE, tickets * 6, "en")) == [b"2"]


def test_the_list_for_the_queue_machine_opens_the_survey_with_each_ticket(
    store: Store, tickets: tuple[str, ...]
) -> None:
    read = list(csv.DictReader(io.StringIO(ticket_list(survey_called(store), BASE, tickets).decode("utf-8-sig"))))
    assert [line["ticket"] for line in read] == [shown_ticket(ticket) for ticket in tickets]
    assert read[0]["address"] == f"{BASE}/s/skm?ticket={tickets[0]}"
    with pytest.raises(Problem):
        ticket_list(survey_called(store), "http://localhost:8501", ())


# --- who may, and how many


def test_tickets_are_made_by_those_who_run_stations_and_told_in_the_audit(store: Store) -> None:
    survey = survey_called(store)
    operator = Principal("op", MAY[Role.OPERATOR], frozenset({1}), Role.OPERATOR)
    codes = issue_tickets(store, operator, survey, 2, now=NOW)
    (entry,) = read_audit(store, LOCAL_STAFF)
    assert (entry.did, entry.who, entry.what, dict(entry.detail)) == ("tickets_made", "op", "skm", {"count": 2})
    assert not any(code in str(entry) for code in codes)
    for may_not in (lambda: issue_tickets(store, CITIZEN, survey, 1), lambda: issued_tickets(store, CITIZEN, survey)):
        with pytest.raises(Forbidden):
            may_not()
    with pytest.raises(Forbidden):
        ask_for_tickets(store, operator, survey, True)
    for count in (0, MOST_AT_ONCE + 1):
        with pytest.raises(Problem, match="at a time"):
            issue_tickets(store, LOCAL_STAFF, survey, count)


# --- the form


def test_only_a_survey_that_asks_for_tickets_sends_that_screen_to_the_device(store: Store) -> None:
    plain = form_definition(survey_called(store), None, "light", today=TODAY)
    assert "ticket.js" not in needed_files(plain) and not [key for key in plain["words"]["id"] if "ticket" in key]
    asking = form_definition(set_survey(store, tickets=True), None, "light", today=TODAY)
    assert "ticket.js" in needed_files(asking) and asking["words"]["id"]["ticket.question"]
