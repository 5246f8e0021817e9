"""Who works here, as what, and who may see which units? The administrator's screen of accounts."""

from datetime import UTC, datetime

import streamlit as st

from survey.catalogue import Unit
from survey.principal import Permission, Principal, Role
from survey.problem import Problem
from survey.screens import session
from survey.screens.choosing import said_in
from survey.screens.codes import say_what_is_shown_once, show_once
from survey.screens.entry import attempt, say_problem, say_what_was_done
from survey.screens.frame import open_screen, plain
from survey.store.people.accounts import (
    LABEL_LONGEST,
    SEES_UNITS,
    Account,
    Wanted,
    change_account,
    disable_account,
    list_accounts,
    make_account,
    make_reset_code,
)
from survey.store.plans.setup import read_office
from survey.words import Words

_STATE = {"open": "green", "waiting": "orange", "closed": "gray"}


def show() -> None:
    """The whole screen."""
    principal, words = open_screen("account.title", Permission.MANAGE_ACCOUNTS)
    st.markdown(plain(words("account.why")))
    say_what_is_shown_once()
    say_what_was_done()
    units = read_office(session.store(), principal).units
    for account in list_accounts(session.store(), principal):
        _row(principal, account, units, words)
    with st.expander(words("account.add"), icon=":material/person_add:"):
        _add(principal, units, words)


def _row(principal: Principal, account: Account, units: tuple[Unit, ...], words: Words) -> None:
    state = "closed" if account.disabled else "open" if account.has_password else "waiting"
    with st.container(border=True):
        left, middle, right = st.columns([3, 3, 2], vertical_alignment="center")
        left.markdown(f"**{plain(account.label)}**  \n{plain(account.name)}")
        middle.text(f"{words(f'staff.role.{account.role.value}')}\n{_seen(account, units, words)}")
        right.badge(words(f"account.state.{state}"), color=_STATE[state])  # type: ignore[arg-type]
        with st.expander(words("account.change")):
            _change(principal, account, units, words)
            st.divider()
            _close(principal, account, words)


def _seen(account: Account, units: tuple[Unit, ...], words: Words) -> str:
    if account.role not in SEES_UNITS:
        return words(f"account.sees.{account.role.value}")
    if account.units is None:
        return words("account.all_units")
    return ", ".join(said_in(unit.label, words) for unit in units if unit.number in account.units)


def _change(principal: Principal, account: Account, units: tuple[Unit, ...], words: Words) -> None:
    wanted = _wanted(account, units, words, key=account.name)
    if st.button(words("account.save"), key=f"save-{account.name}", type="primary"):
        now = datetime.now(UTC)
        attempt(
            lambda: change_account(session.store(), principal, account.name, wanted, now),
            words("account.saved", name=account.label),
        )


def _close(principal: Principal, account: Account, words: Words) -> None:
    store, now = session.store(), datetime.now(UTC)
    with st.container(horizontal=True):
        if not account.disabled and st.button(
            words("account.reset"), key=f"reset-{account.name}", help=words("account.reset.why")
        ):
            try:
                code = make_reset_code(store, principal, account.name, now)
            except Problem as problem:
                say_problem(problem, words)
            else:
                show_once(words("account.code", name=account.label, account=account.name), code)
        key = "account.reopen" if account.disabled else "account.close"
        if st.button(words(key), key=f"close-{account.name}"):
            attempt(
                lambda: disable_account(store, principal, account.name, not account.disabled, now),
                words(f"{key}.done", name=account.label),
            )


def _add(principal: Principal, units: tuple[Unit, ...], words: Words) -> None:
    name = st.text_input(words("login.name"), key="new-name", help=words("login.name.hint"), max_chars=40)
    wanted = _wanted(None, units, words, key="new")
    if st.button(words("account.make"), key="new-make", type="primary"):
        try:
            code = make_account(session.store(), principal, name, wanted, datetime.now(UTC))
        except Problem as problem:
            say_problem(problem, words)
            return
        for field in ("new-name", "new-label", "new-whole", "new-units"):
            session.forget_widget(field)
        show_once(words("account.code", name=wanted.label, account=name), code)


def _wanted(account: Account | None, units: tuple[Unit, ...], words: Words, *, key: str) -> Wanted:
    """Fields for the person, the role and the units."""
    label = st.text_input(
        words("account.person"), account.label if account else "", key=f"{key}-label", max_chars=LABEL_LONGEST
    )
    roles = list(Role)
    role = st.radio(
        words("account.role"),
        roles,
        index=roles.index(account.role if account else Role.OPERATOR),
        format_func=lambda role: words(f"staff.role.{role.value}"),
        captions=[words(f"account.role.{role.value}") for role in roles],
        key=f"{key}-role",
    )
    if role not in SEES_UNITS:
        return Wanted(label, role)
    whole = st.radio(
        words("account.units"),
        [True, False],
        index=0 if account is None or account.units is None else 1,
        format_func=lambda whole: words("account.all_units" if whole else "account.some_units"),
        key=f"{key}-whole",
        horizontal=True,
    )
    if whole:
        return Wanted(label, role)
    labels = {unit.number: said_in(unit.label, words) for unit in units}
    chosen = st.multiselect(
        words("account.some_units"),
        list(labels),
        sorted(account.units & labels.keys()) if account and account.units else [],
        format_func=labels.__getitem__,
        key=f"{key}-units",
        placeholder=words("account.choose_units"),
        label_visibility="collapsed",
    )
    return Wanted(label, role, frozenset(chosen))  # none at all is refused: a slip must not open everything
