"""How does the administrator make a survey, change it, and lead it from draft to published?"""

from collections.abc import Mapping
from functools import partial
from typing import Literal

import streamlit as st

from survey.catalogue import SurveyStatus
from survey.principal import Permission, Principal
from survey.screens import session
from survey.screens.choosing import said_in, titled
from survey.screens.entry import attempt, both_languages, say_what_was_done
from survey.screens.frame import open_screen, plain
from survey.screens.survey_plan import ask_plan
from survey.store.plans.planning import NEXT, TITLE_LONGEST, Plan, change_survey, move_survey, plan_survey
from survey.store.plans.progress import Standing, standings
from survey.store.plans.questionnaires import list_questionnaires
from survey.store.plans.setup import Office, read_office
from survey.words import Words

_COLOURS: Mapping[SurveyStatus, Literal["gray", "green", "orange", "blue"]] = {
    SurveyStatus.DRAFT: "gray",
    SurveyStatus.OPEN: "green",
    SurveyStatus.CLOSED: "orange",
    SurveyStatus.PUBLISHED: "blue",
}
_CHOSEN = "surveys-chosen"


def show() -> None:
    """The whole screen."""
    principal, words = open_screen("plan.title", Permission.MANAGE_SURVEYS)
    st.markdown(plain(words("plan.why")))
    say_what_was_done()
    store = session.store()
    office, every = read_office(store, principal), standings(store, principal)
    by_name = {one.survey.name: one for one in every}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        asked = st.query_params.get("survey")
        if asked in by_name and session.widget(_CHOSEN) is None:
            session.set_widget(_CHOSEN, asked)
        chosen = st.selectbox(
            words("plan.choose"),
            list(by_name),
            format_func=lambda name: _option(by_name[name], words) if name in by_name else name,
            key=_CHOSEN,
            filter_mode=None,
        )
        if st.button(words("plan.new"), key="plan-new", icon=":material/add:"):
            _new(principal, office)
    if chosen is not None:
        _one(principal, office, by_name[chosen], words)


def _option(standing: Standing, words: Words) -> str:
    survey = standing.survey
    status = words(f"plan.status.{survey.status.value}")
    return f"{titled(survey, words)} · {status}"


def _one(principal: Principal, office: Office, standing: Standing, words: Words) -> None:
    survey = standing.survey
    above = st.container(border=True)
    plan = ask_plan(principal, office, survey, words)
    unsaved = plan is None or plan != Plan.of(survey)
    with above:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(words(f"plan.status.{survey.status.value}"), color=_COLOURS[survey.status])
            if survey.test:
                st.badge(words("plan.test.badge"), color="violet")
            st.markdown(plain(_stands(standing, words)), width="stretch")
        st.markdown(f"[/s/{survey.name}](/s/{survey.name}) · {plain(words('plan.address'))}")
        _steps(principal, standing, unsaved, words)
    if st.button(
        words("plan.save"), type="primary", key=f"plan-save-{survey.name}", disabled=plan is None or not unsaved
    ):
        assert plan is not None
        attempt(lambda: change_survey(session.store(), principal, survey.name, plan), words("plan.saved"))


def _stands(standing: Standing, words: Words) -> str:
    n, way = words.count(standing.n), standing.progress
    if way is None:
        return words("plan.stands.no_target", n=n)
    said = words("plan.stands", n=n, target=words.count(way.target), share=words.percent(min(way.share, 9.99)))
    if way.needed_a_day:
        said += " " + words(
            "plan.stands.needed", n=words.number(way.needed_a_day, 1), days=words.count(way.days_left or 0)
        )
    return said


def _steps(principal: Principal, standing: Standing, unsaved: bool, words: Words) -> None:
    survey, reason = standing.survey, ""
    if survey.status is SurveyStatus.PUBLISHED:
        reason = st.text_input(words("plan.reason"), key=f"plan-reason-{survey.name}", max_chars=300)
    steps = [step for step in NEXT[survey.status] if step is not SurveyStatus.DRAFT or standing.n == 0]
    with st.container(horizontal=True):
        for status in steps:
            said = words(f"plan.step.{survey.status.value}.{status.value}")
            why = words("plan.step.open.draft.help") if status is SurveyStatus.DRAFT else None
            if st.button(
                said, key=f"plan-step-{survey.name}-{survey.status.value}-{status.value}", help=why, disabled=unsaved
            ):
                move = partial(move_survey, session.store(), principal, survey.name, status, reason)
                attempt(move, words(f"plan.moved.{status.value}"))
    if unsaved:
        st.warning(plain(words("plan.unsaved")), icon=":material/edit:")
    st.caption(plain(words(f"plan.status.{survey.status.value}.why")))


def _new(principal: Principal, office: Office) -> None:
    words = session.words()
    published = list_questionnaires(session.store(), principal)
    asked = {f"{one.questionnaire.name} {one.questionnaire.version}": one.questionnaire for one in published}
    usual = max(range(len(published)), key=lambda place: len(published[place].surveys), default=0)

    @st.dialog(words("plan.new"))
    def ask() -> None:
        with st.form("plan-make", border=False):
            name = st.text_input(words("plan.name"), key="plan-name", max_chars=60, help=words("plan.name.help"))
            title = both_languages(words("plan.of_title"), None, "plan-title", longest=TITLE_LONGEST)
            chosen = st.selectbox(
                words("plan.questionnaire"),
                list(asked),
                index=usual,
                format_func=lambda key: (
                    words(
                        "ask.titled",
                        title=said_in(asked[key].title, words),
                        name=asked[key].name,
                        version=asked[key].version,
                    )
                    if key in asked
                    else key
                ),
                key="plan-of",
                filter_mode=None,
            )
            test = st.checkbox(words("plan.test"), key="plan-test", help=words("plan.test.help"))
            made = st.form_submit_button(words("plan.make"), type="primary")
        if made:
            q = asked[chosen]
            units = frozenset(unit.number for unit in office.units)
            said = title if any(title.values()) else dict(q.title)
            plan = Plan(said, (q.name, q.version), units, test)

            def make() -> None:
                plan_survey(session.store(), principal, name.strip(), plan)
                st.query_params["survey"] = name.strip()
                session.forget_widget(_CHOSEN)

            attempt(make, words("plan.made", name=name.strip()))

    ask()
