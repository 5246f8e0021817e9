"""How does the staff get the poster with the code for phones? Chosen, looked at, downloaded."""

from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import streamlit as st

from survey.catalogue import Survey
from survey.poster import KINDS, Kind, Poster, draw_poster, poster_of
from survey.principal import Permission
from survey.problem import Problem
from survey.screens import session
from survey.screens.address import likely_address
from survey.screens.choosing import choose_survey, said_in
from survey.screens.frame import open_screen
from survey.store.plans.surveys import list_surveys
from survey.words import Words

_MEDIA: dict[Kind, str] = {"pdf": "application/pdf", "png": "image/png"}
Place = tuple[str | None, str | None]
"""The unit and the service that a poster is for; None is every one."""


def show() -> None:
    """The whole screen."""
    principal, words = open_screen("poster.title", Permission.RUN_STATIONS)
    st.text(words("poster.why"))
    surveys = [s for s in list_surveys(session.store(), principal) if s.questionnaire.audience != "staff"]
    if not surveys:
        st.info(words("page.none.title"))
        return
    asked, shown = st.columns(2, gap="medium")
    with asked:
        poster = _chosen(surveys, words)
    if poster is None:
        return
    with asked:
        for kind in KINDS:
            st.download_button(
                words(f"poster.download.{kind}"),
                partial(draw_poster, poster, kind),
                file_name=f"poster-{poster.name}.{kind}",
                mime=_MEDIA[kind],
                type="primary" if kind == "pdf" else "secondary",
                on_click="ignore",
                key=f"poster_{kind}",
            )
    shown.image(draw_poster(poster, "png"), caption=words("poster.preview", address=poster.address), width="stretch")


def _chosen(surveys: list[Survey], words: Words) -> Poster | None:
    """The poster that the answers on this screen describe; None, and a sentence, when they describe none."""
    survey = choose_survey(surveys, words("poster.survey"), "poster_survey", words)
    places = _places(survey, words)
    unit, service = st.selectbox(
        words("poster.for"), list(places), format_func=places.__getitem__, key="poster_for", filter_mode=None
    )
    base = st.text_input(
        words("poster.address"), value=likely_address(), help=words("poster.address.help"), key="poster_address"
    )
    try:
        return poster_of(survey, base, unit, service)
    except Problem as problem:
        st.error(problem.say(words))
        return None


def _places(survey: Survey, words: Words) -> dict[Place, str]:
    """What a poster may be for: everything, each unit, and below it each of its services."""
    places: dict[Place, str] = {(None, None): words("poster.everything")}
    today = datetime.now(UTC).astimezone(ZoneInfo(survey.agency.zone)).date()
    services = survey.offered_services(today)
    for unit in survey.offered_units(today):
        places[unit.name, None] = words("poster.unit_option", label=said_in(unit.label, words))
        for service in services:
            if service.unit == unit.number:
                places[None, service.name] = said_in(service.label, words)
    return places
