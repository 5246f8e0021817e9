"""Which programs may use the API, and how is a token made or taken back?"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.screens import session
from survey.screens.codes import say_what_is_shown_once, show_once
from survey.screens.entry import attempt, say_problem, say_what_was_done
from survey.screens.frame import open_screen, plain
from survey.store.people.accounts import list_accounts
from survey.store.people.tokens import (
    LABEL_LONGEST,
    OFFERED,
    OPENS,
    NewToken,
    Token,
    list_tokens,
    make_token,
    revoke_token,
)
from survey.store.plans.setup import read_office
from survey.words import Words

_DAYS = (30, 90, 180, 365)


def show() -> None:
    """The whole screen."""
    principal, words = open_screen("token.title", Permission.MANAGE_ACCOUNTS)
    st.markdown(plain(words("token.why")))
    say_what_is_shown_once()
    say_what_was_done()
    zone = ZoneInfo(read_office(session.store(), principal).agency.zone)
    now = datetime.now(UTC)
    tokens = list_tokens(session.store(), principal)
    if not tokens:
        st.info(words("token.none"))
    for token in tokens:
        _row(principal, token, now, zone=zone, words=words)
    with st.expander(words("token.add"), icon=":material/key:", expanded=not tokens):
        _add(principal, words)


def _row(principal: Principal, token: Token, now: datetime, *, zone: ZoneInfo, words: Words) -> None:
    with st.container(border=True):
        left, middle, right = st.columns([3, 3, 2], vertical_alignment="center")
        left.markdown(f"**{plain(token.label)}**  \n{plain(words(f'token.scope.{token.scope.value}'))}")
        until = words("token.until", day=words.day(token.expires_at.astimezone(zone).date()))
        used = words("token.never")
        if token.used_at:
            here = token.used_at.astimezone(zone)
            used = words("token.used", day=words.day(here.date()), time=words.time(here))
        middle.text(f"{token.account} · skp_{token.id}_…\n{until}\n{used}")
        if not token.is_good(now):
            right.badge(words("token.over" if token.revoked_at is None else "token.revoked"), color="gray")
        elif right.button(words("token.revoke"), key=f"revoke-{token.id}"):
            attempt(
                lambda: revoke_token(session.store(), principal, token.id, now),
                words("token.revoke.done", label=token.label),
            )


def _add(principal: Principal, words: Words) -> None:
    label = st.text_input(words("token.label"), key="token-label", max_chars=LABEL_LONGEST)
    scope = (
        st.radio(
            words("token.scope"),
            OFFERED,
            format_func=lambda scope: words(f"token.scope.{scope.value}"),
            key="token-scope",
        )
        or OFFERED[0]
    )
    able = [
        account
        for account in list_accounts(session.store(), principal)
        if not account.disabled and OPENS[scope] & account.principal.permissions
    ]
    names = {account.name: f"{account.label} ({account.name})" for account in able}
    name = st.selectbox(words("token.account"), list(names), format_func=names.__getitem__, key="token-account")
    days = st.segmented_control(
        words("token.days"),
        _DAYS,
        default=90,
        format_func=lambda days: words("token.in_days", n=days),
        key="token-days",
        required=True,
    )
    if st.button(words("token.make"), key="token-make", type="primary"):
        try:
            made = make_token(
                session.store(), principal, NewToken(label, scope, name or "", days or 90), datetime.now(UTC)
            )
        except Problem as problem:
            say_problem(problem, words)
            return
        session.forget_widget("token-label")
        show_once(words("token.made", label=label), made)
