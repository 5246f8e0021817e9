"""What does the administrator see first? Whether all is well, how the surveys stand, and what to do next."""

import streamlit as st

from survey.catalogue import SurveyStatus
from survey.principal import Permission, Principal
from survey.screens import session
from survey.screens.choosing import said_in
from survey.screens.frame import open_screen, plain
from survey.screens.pages import link_to
from survey.settings import read_settings
from survey.store.plans.progress import Standing, standings
from survey.store.safety.health import Finding, Level, health
from survey.words import Words

_REPAIRED_AT = (("backup", "backups"), ("second", "backups"), ("rehearsal", "backups"), ("station", "stations"))
"""Which screen repairs a finding, by the beginning of its key."""
_BOXES = {Level.GREEN: st.success, Level.AMBER: st.warning, Level.RED: st.error}
_BEHIND = ("behind", "missed")


def show() -> None:
    """The whole screen."""
    principal, words = open_screen("home.title", Permission.MANAGE_SURVEYS)
    with st.container(horizontal=True, gap="medium", key="home"):
        left, right = st.container(), st.container()
    with left:
        st.subheader(words("home.surveys"), anchor=False)
        _surveys(principal, words)
    with right:
        st.subheader(words("home.health"), anchor=False)
        _health(principal, words)
        st.subheader(words("home.next"), anchor=False)
        for address in ("agency", "units", "questionnaires", "surveys", "stations", "poster"):
            link_to(address, words(f"home.to.{address}"))


def _surveys(principal: Principal, words: Words) -> None:
    every = standings(session.store(), principal)
    shown = [one for one in every if one.survey.status is not SurveyStatus.PUBLISHED]
    if not shown:
        st.info(words("home.no_survey"))
    for standing in shown:
        with st.container(border=True):
            _survey(standing, words)


def _survey(standing: Standing, words: Words) -> None:
    survey, way = standing.survey, standing.progress
    status = words(f"plan.status.{survey.status.value}")
    mark = f" · {words('plan.test.badge')}" if survey.test else ""
    st.markdown(f"**{plain(said_in(survey.title, words))}** · {plain(status + mark)}")
    if way is None:
        st.markdown(plain(words("plan.stands.no_target", n=words.count(standing.n))))
        return
    said = words(
        "plan.stands", n=words.count(standing.n), target=words.count(way.target), share=words.percent(way.share)
    )
    st.progress(min(way.share, 1.0), plain(said))
    if way.state in _BEHIND:
        needed = words.number(way.needed_a_day or 0, 1)
        st.warning(plain(words(f"home.{way.state}", n=needed, days=words.count(way.days_left or 0))))


def _health(principal: Principal, words: Words) -> None:
    if not principal.may(Permission.BACK_UP):
        return
    found = health(session.store(), principal, read_settings())
    _BOXES[found.level](words(f"health.all.{found.level.value}"))
    urgent = [one for one in found.findings if one.level in (Level.AMBER, Level.RED)]
    for finding in urgent[:6]:
        st.markdown(f"- {plain(finding.say(words))}")
    for address in dict.fromkeys(filter(None, map(_repair, urgent))):
        link_to(address, words(f"home.repair.{address}"))
    link_to("health", words("home.repair.health"))


def _repair(finding: Finding) -> str | None:
    return next((address for begins, address in _REPAIRED_AT if finding.key.startswith(begins)), None)
