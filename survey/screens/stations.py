"""Which kiosks and tablets does the office have, how are they, and how is one registered?"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import streamlit as st

from survey.catalogue import StationKind, Survey, SurveyStatus, Unit
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.screens import session
from survey.screens.address import likely_address
from survey.screens.choosing import said_in
from survey.screens.frame import open_screen, plain
from survey.store.plans.surveys import list_surveys
from survey.store.safety.health import ago, numbers_of
from survey.store.stations.registration import NewStation, change_pin, make_station, new_code, rename_station, retire
from survey.store.stations.watch import Watched, watch_stations
from survey.words import Words

Colour = Literal["green", "gray", "orange", "red"]


def show() -> None:
    """The whole screen."""
    principal, words = open_screen("station.title", Permission.RUN_STATIONS)
    st.text(words("station.intro"))
    surveys = list_surveys(session.store(), principal)
    now = datetime.now(UTC)
    stations = watch_stations(session.store(), principal, now)
    if not stations:
        makes = principal.may(Permission.MANAGE_SURVEYS)
        st.info(words("station.none" if makes else "station.none_here"))
    for station in stations:
        if station.silent:
            minutes = words.count(_minutes(station.silent))
            st.warning(plain(words("health.station.silent", station=station.label, minutes=minutes)))
    for station in stations:
        with st.container(border=True):
            _card(station, surveys, principal, words, now)
    if principal.may(Permission.MANAGE_SURVEYS):
        _add(surveys, principal, words)


def _card(station: Watched, surveys: tuple[Survey, ...], principal: Principal, words: Words, now: datetime) -> None:
    """One station: how it is in a badge, what is known of it in sentences, and the way to change it."""
    left, right = st.columns([3, 1])
    with left, st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(station.label)}**", width="content")
        colour, said = _state(station, words, now)
        st.badge(plain(said), color=colour)
    where = _units(surveys, words).get(station.unit_name or "", words("station.unit.none"))
    who = plain(f"{station.name} · {words(f'station.kind.{station.kind.value}')} · {where}")
    left.caption("  \n".join([who, *map(plain, _facts(station, words, surveys))]))
    if right.button(words("station.manage"), key=f"station_manage_{station.name}", width="stretch"):
        _manage(words("station.manage.title"), station, surveys, principal, words)


def _state(station: Watched, words: Words, now: datetime) -> tuple[Colour, str]:
    if station.retired_at:
        return "gray", words("station.state.retired")
    if station.silent:
        return "orange", words("station.state.silent", minutes=words.count(_minutes(station.silent)))
    if station.kind is StationKind.DESK:
        return "gray", words("station.state.desk")
    if station.last_at is None:
        return "gray", words("station.state.never")
    return "green", words("station.state.heard", age=ago(now - station.last_at, words))


def _facts(station: Watched, words: Words, surveys: tuple[Survey, ...]) -> list[str]:
    zone = ZoneInfo(surveys[0].agency.zone) if surveys else UTC
    said = []
    if station.registered_at is None and station.retired_at is None:
        said.append(words("station.device.not" if station.last_at else "station.device.none"))
    elif station.registered_at is not None:
        heard = station.last_at is not None and station.last_at >= station.registered_at
        device = "registered" if station.proven else "other" if heard else "waiting"
        day = words.day(station.registered_at.astimezone(zone).date())
        said.append(words(f"station.device.{device}", day=day))
    if (present := station.present) is not None:
        if present.told_at is not None:
            waiting, aside = (words.count(number or 0) for number in (present.waiting, present.aside))
            said.append(words("station.facts", form=present.form, waiting=waiting, aside=aside))
        given = sum(epoch.arrived for epoch in station.epochs)
        if station.missing:
            gaps = [gap for epoch in station.epochs for gap in epoch.missing]
            said.append(words("station.missing", count=words.count(station.missing), numbers=numbers_of(gaps)))
        else:
            said.append(words("station.complete", count=words.count(given)))
    if station.own_pin:
        said.append(words("station.pin.own"))
    return said


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds()) // 60


def _manage(title: str, station: Watched, surveys: tuple[Survey, ...], principal: Principal, words: Words) -> None:
    """A dialog with everything that can be done to a station."""

    @st.dialog(title, width="large", on_dismiss="rerun")
    def dialog() -> None:
        st.subheader(plain(f"{station.label} ({station.name})"), anchor=False)
        tabs = [words(f"station.{part}.title") for part in ("code", "pin", "rename", "retire")]
        code, pin, label, out = st.tabs(tabs)
        with code:
            _code(station, surveys, principal, words)
        with pin:
            _pin(station, principal, words)
        with label:
            _rename(station, surveys, principal, words)
        with out:
            _retire(station, principal, words)

    dialog()


def _code(station: Watched, surveys: tuple[Survey, ...], principal: Principal, words: Words) -> None:
    st.text(words("station.code.why"))
    opens = _survey_there(station.kind, surveys, words, "station_survey")
    if st.button(words("station.code.do"), key="station_code", type="primary"):
        _try(words, lambda: _tell_code(new_code(session.store(), principal, station.name), station.label, opens, words))


def _survey_there(kind: StationKind, surveys: tuple[Survey, ...], words: Words, key: str) -> str | None:
    """The survey that opens on the device when it is registered; None is the first one."""
    asking = {s.name: s for s in surveys if s.status is SurveyStatus.OPEN and not s.test}
    if kind is StationKind.DESK or len(asking) < 2:
        return None
    return st.selectbox(
        words("station.code.survey"),
        list(asking),
        format_func=lambda name: f"{said_in(asking[name].title, words)} ({name})",
        key=key,
    )


def _tell_code(code: str, label: str, survey: str | None, words: Words) -> None:
    """The code, large, and what to do with it."""
    with st.container(border=True):
        st.text(words("station.code.made", label=label))
        st.header(plain(code), anchor=False)
        address = f"{likely_address()}/station" + (f"?survey={survey}" if survey else "")
        st.text(words("station.code.how", address=address))


def _pin(station: Watched, principal: Principal, words: Words) -> None:
    with st.form("station_pin", border=False):
        pin = st.text_input(words("station.pin.new"), max_chars=12, type="password", autocomplete="off")
        asked = st.form_submit_button(words("station.pin.do"), type="primary")
    if asked:
        _done(station, words, lambda: change_pin(session.store(), principal, station.name, pin.strip()))
    if station.own_pin and st.button(words("station.pin.drop"), key="station_pin_drop"):
        _done(station, words, lambda: change_pin(session.store(), principal, station.name, None))


def _rename(station: Watched, surveys: tuple[Survey, ...], principal: Principal, words: Words) -> None:
    with st.form("station_rename", border=False):
        label = st.text_input(words("station.label"), station.label, max_chars=60, help=words("station.label.help"))
        unit = _choose_unit(surveys, principal, words, station.unit_name)
        asked = st.form_submit_button(words("station.rename.do"), type="primary")
    if asked:
        _done(station, words, lambda: rename_station(session.store(), principal, station.name, label, unit))


def _retire(station: Watched, principal: Principal, words: Words) -> None:
    st.text(words("station.retire.why"))
    back = station.retired_at is not None
    if st.button(words("station.back.do" if back else "station.retire.do"), key="station_retire"):
        _done(station, words, lambda: retire(session.store(), principal, station.name, back=back))


def _add(surveys: tuple[Survey, ...], principal: Principal, words: Words) -> None:
    with st.expander(words("station.add"), icon=":material/add:"):
        with st.form("station_add", border=False):
            left, right = st.columns(2)
            name = left.text_input(words("station.name"), max_chars=41, help=words("station.name.help"))
            label = right.text_input(words("station.label"), max_chars=60, help=words("station.label.help"))
            with left:
                kind = st.selectbox(
                    words("station.kind"), list(StationKind), format_func=lambda kind: words(f"station.kind.{kind}")
                )
            with right:
                unit = _choose_unit(surveys, principal, words)
            asked = st.form_submit_button(words("station.add.do"), type="primary")
        if asked:

            def make() -> None:
                wanted = NewStation(name, label, kind or StationKind.TABLET, unit)
                code = make_station(session.store(), principal, wanted)
                _tell_code(code, label, None, words)

            _try(words, make)


def _choose_unit(
    surveys: tuple[Survey, ...], principal: Principal, words: Words, present: str | None = None
) -> str | None:
    known = _units(surveys, words, principal)
    options: list[str | None] = [*known] if principal.units is not None else [None, *known]
    return st.selectbox(
        words("station.unit"),
        options,
        index=options.index(present) if present in options else 0,
        format_func=lambda name: known.get(name, "") if name else words("station.unit.none"),
    )


def _units(surveys: tuple[Survey, ...], words: Words, principal: Principal | None = None) -> dict[str, str]:
    """The labels of the units by name; with a principal only those that may be chosen."""
    found: dict[str, Unit] = {unit.name: unit for survey in surveys for unit in survey.units}
    allowed = principal.units if principal else None
    return {
        name: said_in(unit.label, words) for name, unit in found.items() if allowed is None or unit.number in allowed
    }


def _done(station: Watched, words: Words, work: Callable[[], None]) -> None:
    def told() -> None:
        work()
        st.success(plain(words("station.done", label=station.label)))

    _try(words, told)


def _try(words: Words, work: Callable[[], None]) -> None:
    try:
        work()
    except Problem as problem:
        st.error(plain(problem.say(words)))
