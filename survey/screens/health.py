"""Is everything well? The administrator's screen: what is in danger first, each with its repair."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

import streamlit as st

from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.screens import session
from survey.screens.frame import open_screen
from survey.settings import Settings, read_settings
from survey.store.safety.backup import make_backup
from survey.store.safety.health import Health, Level, ago, health
from survey.store.safety.restore import rehearse
from survey.words import Words

_SHOWN: dict[Level, tuple[Literal["green", "gray", "orange", "red"], str]] = {
    Level.GREEN: ("green", ":material/check_circle:"),
    Level.ADVICE: ("gray", ":material/lightbulb:"),
    Level.AMBER: ("orange", ":material/error:"),
    Level.RED: ("red", ":material/dangerous:"),
}
_BOX = {Level.GREEN: st.success, Level.AMBER: st.warning, Level.RED: st.error}


def show() -> None:
    """The whole screen."""
    principal, words = open_screen("health.title", Permission.BACK_UP)
    settings = read_settings()
    told, looked = st.empty(), st.container()
    with st.container(horizontal=True):
        if st.button(words("health.back_up"), key="health_back_up", type="primary"):
            _try(told, words, lambda: _back_up(principal, settings, words))
        if st.button(words("health.rehearse"), key="health_rehearse", help=words("health.rehearse.why")):
            _try(told, words, lambda: _rehearse(principal, settings, words))
    found = health(session.store(), principal, settings)
    with looked:
        _BOX[found.level](words(f"health.all.{found.level.value}"))
        for finding in found.findings:
            colour, symbol = _SHOWN[finding.level]
            left, right = st.columns([1, 5])
            left.badge(words(f"health.level.{finding.level.value}"), icon=symbol, color=colour)
            right.text(finding.say(words))
    _stations(found, words)


def _try(told: "st.delta_generator.DeltaGenerator", words: Words, work: Callable[[], str]) -> None:
    """Do it and say what came of it, where one looks first."""
    with told, st.spinner(words("health.title")):
        try:
            said, box = work(), st.success
        except Problem as problem:
            said, box = problem.say(words), st.error
    with told:
        box(said)


def _back_up(principal: Principal, settings: Settings, words: Words) -> str:
    made = make_backup(session.store(), principal, settings)
    count = words.count(made.backup.manifest.responses)
    said = words("health.backed_up", responses=count, file=made.backup.file.name)
    return f"{said} {made.problem.say(words)}" if made.problem else said


def _rehearse(principal: Principal, settings: Settings, words: Words) -> str:
    done = rehearse(session.store(), principal, settings)
    return words("health.rehearsed", responses=words.count(done.responses), seconds=words.number(done.seconds, 1))


def _stations(found: Health, words: Words) -> None:
    if not found.stations:
        return
    now = datetime.now(UTC)
    st.header(words("health.stations"), anchor=False)
    rows = [
        {
            words("health.column.station"): epoch.label,
            words("health.column.announced"): epoch.announced,
            words("health.column.arrived"): epoch.arrived,
            words("health.column.missing"): epoch.missing_count,
            words("health.column.waiting"): epoch.waiting,
            words("health.column.aside"): epoch.aside,
            words("health.column.last"): ago(now - epoch.last_at, words),
            words("health.column.note"): ", ".join(words(f"health.note.{note.value}") for note in sorted(epoch.notes)),
        }
        for epoch in found.stations
    ]
    st.dataframe(rows, hide_index=True, width="stretch")
