"""How do queue tickets come on paper or into the queue machine?"""

from dataclasses import dataclass

import streamlit as st

from survey.catalogue import Survey
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.screens import session
from survey.screens.address import likely_address
from survey.screens.choosing import choose_survey
from survey.screens.frame import open_screen, plain
from survey.store.plans.surveys import list_surveys
from survey.store.stations.tickets import MOST_AT_ONCE, ask_for_tickets, issue_tickets, issued_tickets
from survey.ticket import ticket_list, ticket_roll
from survey.words import Words


@dataclass(frozen=True)
class _Batch:
    """Tickets that were made just now, ready to be taken away; the codes themselves are nowhere else."""

    survey: str
    count: int
    pdf: bytes
    csv: bytes


def show() -> None:
    """The whole screen."""
    principal, words = open_screen("ticket.title", Permission.RUN_STATIONS)
    st.text(words("ticket.intro"))
    surveys = [s for s in list_surveys(session.store(), principal) if s.questionnaire.audience != "staff"]
    if not surveys:
        st.info(words("page.none.title"))
        return
    survey = choose_survey(surveys, words("ticket.survey"), "ticket_survey", words)
    _asked(survey, principal, words)
    counted = st.container()
    _make(survey, principal, words)
    state = issued_tickets(session.store(), principal, survey)
    counted.text(words("ticket.count", issued=words.count(state.issued), used=words.count(state.used)))


def _asked(survey: Survey, principal: Principal, words: Words) -> None:
    """Whether the survey asks for tickets; who may change surveys switches it here."""
    if not principal.may(Permission.MANAGE_SURVEYS):
        st.text(words("ticket.on" if survey.tickets else "ticket.off"))
        return
    wanted = st.toggle(words("ticket.asked"), survey.tickets, key=f"ticket_asked_{survey.name}")
    if wanted != survey.tickets:
        ask_for_tickets(session.store(), principal, survey, wanted)


def _make(survey: Survey, principal: Principal, words: Words) -> None:
    with st.form("ticket_make"):
        left, right = st.columns(2)
        count = left.number_input(words("ticket.many", most=MOST_AT_ONCE), 1, MOST_AT_ONCE, 64)
        base = right.text_input(words("ticket.address"), likely_address())
        asked = st.form_submit_button(words("ticket.make"), type="primary")
    if asked:
        session.forget(_Batch)
        try:
            with st.spinner(words("ticket.make")):
                ticket_list(survey, base, ())  # a wrong address is told before there are tickets
                codes = issue_tickets(session.store(), principal, survey, int(count))
                pdf = ticket_roll(survey, base, codes, words.language)
                session.remember(_Batch(survey.name, len(codes), pdf, ticket_list(survey, base, codes)))
        except Problem as problem:
            st.error(plain(problem.say(words)))
    batch = session.remembered(_Batch)
    if batch is None or batch.survey != survey.name:
        return
    st.success(plain(words("ticket.made", count=words.count(batch.count))))
    with st.container(horizontal=True):
        for kind, content, mime in (("pdf", batch.pdf, "application/pdf"), ("csv", batch.csv, "text/csv")):
            st.download_button(
                words(f"ticket.{kind}"),
                content,
                f"tickets-{survey.name}.{kind}",
                mime,
                key=f"ticket_{kind}",
                type="primary" if kind == "pdf" else "secondary",
                on_click="ignore",
            )
