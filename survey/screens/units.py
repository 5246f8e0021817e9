"""How does the administrator set up the units and the services that citizens can choose?"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import streamlit as st

from survey.catalogue import Service, Unit
from survey.principal import Permission, Principal
from survey.screens import session
from survey.screens.choosing import said_in
from survey.screens.entry import attempt, both_languages, say_what_was_done
from survey.screens.frame import open_screen, plain
from survey.store.plans.setup import (
    LABEL_LONGEST,
    Office,
    Part,
    add_service,
    add_unit,
    change_part,
    delete_part,
    order_parts,
    read_office,
)


def show() -> None:
    """The whole screen."""
    principal, words = open_screen("setup.units.title", Permission.MANAGE_SURVEYS)
    st.markdown(plain(words("setup.units.why")))
    say_what_was_done()
    office = read_office(session.store(), principal)
    for place, unit in enumerate(office.units):
        with st.container(border=True):
            st.subheader(plain(said_in(unit.label, words)), anchor=False)
            _row(principal, office, unit, Part.UNIT, place)
            for at, service in enumerate(office.services_of(unit)):
                _row(principal, office, service, Part.SERVICE, at)
            if st.button(words("setup.service.add"), key=f"add-service-{unit.number}", icon=":material/add:"):
                _new(
                    words("setup.service.add"),
                    words("setup.added"),
                    partial(add_service, session.store(), principal, unit.number),
                )
    if st.button(words("setup.unit.add"), key="add-unit", icon=":material/add:", type="primary"):
        _new(words("setup.unit.add"), words("setup.unit.added"), partial(add_unit, session.store(), principal))


def _row(principal: Principal, office: Office, one: Unit | Service, part: Part, place: int) -> None:
    words = session.words()
    answers = (office.of_units if part is Part.UNIT else office.of_services).get(one.number, 0)
    today = datetime.now(UTC).astimezone(ZoneInfo(office.agency.zone)).date()
    key = f"{part.value}-{one.number}"
    with st.container(horizontal=True, vertical_alignment="center"):
        name = words("setup.all_of_unit") if part is Part.UNIT else said_in(one.label, words)
        state = "" if one.is_offered_on(today) else f" · **{plain(words('setup.not_offered'))}**"
        st.markdown(f"{plain(name)} · {plain(words('setup.answers', n=words.count(answers)))}{state}", width="stretch")
        if st.button(
            words("setup.up"), key=f"up-{key}", icon=":material/arrow_upward:", disabled=not place, type="tertiary"
        ):
            _move_up(principal, office, one, part)
        if st.button(words("setup.change"), key=f"change-{key}", icon=":material/edit:", type="tertiary"):
            _edit(principal, office, one, part)


def _move_up(principal: Principal, office: Office, one: Unit | Service, part: Part) -> None:
    every: tuple[Unit, ...] | tuple[Service, ...] = office.units
    if isinstance(one, Service):
        every = tuple(service for service in office.services if service.unit == one.unit)
    numbers = [other.number for other in every]
    at = numbers.index(one.number)
    numbers[at - 1], numbers[at] = numbers[at], numbers[at - 1]
    attempt(lambda: order_parts(session.store(), principal, part, numbers), session.words()("setup.saved"))


def _new(title: str, done: str, add: Callable[[dict[str, str]], object]) -> None:
    words = session.words()

    @st.dialog(title)
    def ask() -> None:
        with st.form("new-part", border=False):
            label = both_languages(words("setup.name"), None, "new-part", longest=LABEL_LONGEST)
            asked = st.form_submit_button(words("setup.add"), type="primary")
        if asked:
            attempt(lambda: add(label), done)

    ask()


def _edit(principal: Principal, office: Office, one: Unit | Service, part: Part) -> None:
    words = session.words()
    services = office.services_of(one) if isinstance(one, Unit) else ()
    delete = words("setup.delete.unit", n=words.count(len(services))) if services else words("setup.delete")

    @st.dialog(said_in(one.label, words))
    def ask() -> None:
        key = f"edit-{part.value}-{one.number}"
        with st.form(key, border=False):
            label = both_languages(words("setup.name"), one.label, key, longest=LABEL_LONGEST)
            left, right = st.columns(2)
            first = left.date_input(words("setup.from"), one.active_from, format="DD/MM/YYYY", key=f"{key}-from")
            last = right.date_input(words("setup.to"), one.active_to, format="DD/MM/YYYY", key=f"{key}-to")
            st.caption(plain(words("setup.dates.help")))
            with st.container(horizontal=True, horizontal_alignment="distribute"):
                saved = st.form_submit_button(words("setup.save"), type="primary")
                gone = st.form_submit_button(delete, type="tertiary", icon=":material/delete:")
        if saved:
            dates = {"active_from": first, "active_to": last}
            attempt(
                lambda: change_part(session.store(), principal, part, one.number, label=label, **dates),
                words("setup.saved"),
            )
        if gone:
            attempt(lambda: delete_part(session.store(), principal, part, one.number), words("setup.deleted"))

    ask()
