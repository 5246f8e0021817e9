"""How does the administrator see what is forgotten when, and delete a response whose giver asks for it?"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import streamlit as st

from survey.catalogue import Survey
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.screens import session
from survey.screens.choosing import choose_survey, said_in, titled
from survey.screens.entry import attempt, say_problem, say_what_was_done
from survey.screens.frame import open_screen, plain
from survey.screens.pages import link_to
from survey.store.answers.deletion import REASON_LONGEST, Found, delete_response, find_by_receipt, list_deletions
from survey.store.answers.retention import Kept, forgotten_comments, kept_comments
from survey.store.plans.surveys import list_surveys
from survey.words import Words


@dataclass(frozen=True)
class _Looked:
    """What was found for a code."""

    survey: str
    code: str
    found: Found | None


def show() -> None:
    """The whole screen."""
    principal, words = open_screen("forget.title", Permission.DELETE_RESPONSES)
    say_what_was_done()
    surveys = {survey.name: survey for survey in list_surveys(session.store(), principal)}
    if not surveys:
        st.info(words("page.none.title"))
        return
    with st.container(border=True):
        st.subheader(words("forget.one"), anchor=False)
        st.markdown(plain(words("forget.one.why")))
        _delete_one(principal, surveys, words)
    with st.container(border=True):
        st.subheader(words("forget.comments"), anchor=False)
        st.markdown(plain(words("forget.comments.why")))
        _comments(principal, surveys, words)


def _delete_one(principal: Principal, surveys: dict[str, Survey], words: Words) -> None:
    left, right = st.columns(2)
    with left:
        survey = choose_survey(surveys.values(), words("forget.survey"), "forget-survey", words)
    code = right.text_input(words("forget.code"), key="forget-code", max_chars=20, placeholder="ABCD 2345")
    if not code.strip():
        return
    try:
        found = _looked_for(principal, survey, code)
    except Problem as problem:
        say_problem(problem, words)
        return
    if found is None:
        st.warning(plain(words("forget.not_found", survey=titled(survey, words))))
        return
    _confirm(principal, survey, found, words)


def _looked_for(principal: Principal, survey: Survey, code: str) -> Found | None:
    """The response with this code. Of a million it takes seconds, so it is looked for once, not at every key."""
    looked = session.remembered(_Looked)
    if looked is None or (looked.survey, looked.code) != (survey.name, code):
        with st.spinner(session.words()("forget.looking")):
            looked = _Looked(survey.name, code, find_by_receipt(session.store(), principal, survey, code))
        if looked.found:
            session.remember(looked)
    return looked.found


def _confirm(principal: Principal, survey: Survey, found: Found, words: Words) -> None:
    service = next((said_in(one.label, words) for one in survey.services if one.name == found.service), None)
    channel = words(f"data.channel.{found.channel.value}") if found.channel else words("forget.aside")
    place = found.station or "\N{EN DASH}"
    st.markdown(
        plain(
            words(
                "forget.found",
                day=words.day(found.day),
                service=service or words("forget.no_service"),
                channel=channel,
                place=place,
                comment=words("forget.with_comment" if found.has_comment else "forget.without_comment"),
            )
        )
    )
    with st.form("forget-delete", border=False):
        reason = st.text_input(words("forget.reason"), key="forget-reason", max_chars=REASON_LONGEST)
        sure = st.checkbox(words("forget.sure"), key="forget-sure")
        asked = st.form_submit_button(words("forget.delete"), type="primary", icon=":material/delete_forever:")
    if asked and not sure:
        st.warning(plain(words("forget.not_sure")))
    elif asked:
        attempt(partial(_delete, principal, survey, found, reason), words("forget.deleted"))


def _delete(principal: Principal, survey: Survey, found: Found, reason: str) -> None:
    delete_response(session.store(), principal, survey, found, reason=reason)
    session.forget(_Looked)
    session.forget_widget("forget-code")


def _comments(principal: Principal, surveys: dict[str, Survey], words: Words) -> None:
    store = session.store()
    lines = [_line(kept, surveys[kept.survey], words) for kept in kept_comments(store, principal)]
    st.table(lines, border="horizontal", hide_index=True)
    link_to("surveys", words("forget.change_months"))
    log = _gone(principal, surveys, words)
    st.markdown(f"**{plain(words('forget.log.title'))}**")
    if not log:
        st.markdown(plain(words("forget.log.none")))
    zone = ZoneInfo(next(iter(surveys.values())).agency.zone)
    for at, said in sorted(log, key=lambda entry: entry[0], reverse=True)[:100]:
        st.markdown(f"- {plain(said.replace('{day}', words.day(at.astimezone(zone)), 1))}")


def _gone(principal: Principal, surveys: dict[str, Survey], words: Words) -> list[tuple[datetime, str]]:
    """What went when; the day is still to be written into the sentence."""
    store, names = session.store(), {name: titled(survey, words) for name, survey in surveys.items()}
    numbered = {survey.number: names[name] for name, survey in surveys.items()}
    comments = [
        (
            gone.at,
            words("forget.log", day="{day}", survey=names.get(gone.survey, gone.survey), n=words.count(gone.comments)),
        )
        for gone in forgotten_comments(store, principal)
    ]
    responses = [
        (
            gone.at,
            words("forget.log.one", day="{day}", survey=numbered[gone.survey], who=gone.by, reason=gone.reason),
        )
        for gone in list_deletions(store, principal)
        if gone.survey in numbered
    ]
    return comments + responses


def _line(kept: Kept, survey: Survey, words: Words) -> dict[str, str]:
    zone = ZoneInfo(survey.agency.zone)
    day = words.day(kept.next_at.astimezone(zone)) if kept.next_at else "\N{EN DASH}"
    cells = (plain(titled(survey, words)), words.count(kept.months), words.count(kept.comments), plain(day))
    names = ("survey", "months", "comments", "next")
    return {words(f"forget.column.{name}"): cell for name, cell in zip(names, cells, strict=True)}
