"""How do paper forms come out of the printer, each with a number of its own?"""

from dataclasses import dataclass

import streamlit as st

from survey.catalogue import Survey
from survey.paper_form import LARGEST_NUMBER, MOST_FORMS, paper_form
from survey.principal import Principal
from survey.problem import Problem
from survey.screens import session
from survey.screens.frame import plain
from survey.store.paper.numbered import number_forms, printed_forms
from survey.store.safety.health import numbers_of
from survey.words import LANGUAGES, Words, load_words


@dataclass(frozen=True)
class _Given:
    """Forms that were numbered just now, as a file to be printed."""

    survey: str
    first: int
    last: int
    pdf: bytes


def show_printing(principal: Principal, survey: Survey, words: Words) -> None:
    """Which numbers come next and which are out, and a file: without a number, with new ones, or printed again."""
    st.markdown(plain(words("key.print.why")))
    told = st.empty()
    spoken = [language for language in survey.questionnaire.languages if language in LANGUAGES]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        language = st.selectbox(
            words("frame.language"),
            spoken,
            format_func=lambda code: load_words(code)("form.language"),
            key="print-language",
            width=160,
        )
        count = int(st.number_input(words("key.print.many"), 0, MOST_FORMS, 0, key="print-many", width=360))
    if count:
        _number(principal, survey, language, count, words)
    else:
        session.forget(_Given)
        _download(survey, language, range(0), words, "print-download")
    state = printed_forms(session.store(), principal, survey)
    if state.outstanding:
        out = {"count": words.count(state.outstanding_count), "numbers": numbers_of(state.outstanding)}
        told.text(words("key.print.state", next=words.count(state.next), **out))
    elif state.count:
        told.text(words("key.print.state_none", next=words.count(state.next)))
    if state.count:
        with st.expander(words("key.print.again")):
            _again(survey, language, words)


def _number(principal: Principal, survey: Survey, language: str, count: int, words: Words) -> None:
    """New numbers, given when the button is pressed and not before: none is given twice."""
    if st.button(words("key.print.give"), key="print-give", type="primary"):
        try:
            numbers = number_forms(session.store(), principal, survey, count)
            pdf = paper_form(survey, language, numbers)
            session.remember(_Given(survey.name, numbers[0], numbers[-1], pdf))
        except Problem as problem:
            st.error(plain(problem.say(words)))
    given = session.remembered(_Given)
    if given is None or given.survey != survey.name:
        return
    ends = {"first": words.count(given.first), "last": words.count(given.last)}
    st.success(plain(words("key.print.given", **ends)))
    _button(survey, given.pdf, f"{language}-{given.first}-{given.last}", words, "print-given")


def _again(survey: Survey, language: str, words: Words) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = int(st.number_input(words("key.print.first"), 1, LARGEST_NUMBER, 1, key="print-first", width=180))
        count = int(st.number_input(words("key.print.count"), 1, MOST_FORMS, 1, key="print-count", width=180))
    _download(survey, language, range(first, min(first + count, LARGEST_NUMBER + 1)), words, "print-again")


def _download(survey: Survey, language: str, numbers: range, words: Words, key: str) -> None:
    try:
        pdf = paper_form(survey, language, numbers)
    except Problem as problem:
        st.error(plain(problem.say(words)))
        return
    part = f"{language}-{numbers[0]}-{numbers[-1]}" if numbers else language
    _button(survey, pdf, part, words, key)


def _button(survey: Survey, pdf: bytes, part: str, words: Words, key: str) -> None:
    st.download_button(
        words("key.print.download", size=words.count(-(-len(pdf) // 1000))),
        pdf,
        f"{survey.name}-{part}.pdf",
        "application/pdf",
        key=key,
        type="primary",
        on_click="ignore",
    )
