"""Who may see the staff's screens? Whoever is logged in, and of the screens only those that the role allows."""

from pathlib import Path
from urllib.parse import urlencode, urlsplit

import streamlit as st

from survey.principal import Forbidden, Permission, Principal
from survey.screens import session
from survey.screens.own_html import link, post_button, wear
from survey.store.people.logins import LoggedIn
from survey.words import FALLBACK

SIDEBAR_PIXELS = 240
"""Wide enough for the longest name of a screen, narrow enough for the filters of the results."""
_SHEET = Path(__file__).with_name("staff.css")


def require_principal(permission: Permission | None = None) -> Principal:
    """The principal; leads to the login and stops this run while there is none.

    With a ``permission``, whoever does not have it is told so, and the run stops too.
    """
    found = session.principal()
    if found is None:
        _lead_to_login()
        st.stop()
    assert found is not None
    if permission is not None and not found.may(permission):
        st.warning(Forbidden(permission).say(session.words()))
        st.stop()
    return found


def who_is_here(here: LoggedIn) -> None:
    """At the foot of the sidebar: who this is, another password, and the way out, which is a form of its own."""
    words = session.words()
    wear(_SHEET)
    with st.sidebar, st.container(key="who", gap="xsmall"):
        st.text(f"{here.account.label} · {words(f'staff.role.{here.account.role.value}')}")
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            post_button("/logout", words("staff.out"), {"csrf": here.csrf, "language": words.language})
            link(f"/password{_language()}", words("staff.password"))


def login_address() -> str:
    """The address of the login that leads back to where somebody is now."""
    here = urlsplit(st.context.url or "/").path
    asked = urlencode(st.query_params.to_dict())
    query = {"next": f"{here}?{asked}" if asked else here}
    if session.language() != FALLBACK:
        query["lang"] = session.language()
    return f"/login?{urlencode(query)}"


def _lead_to_login() -> None:
    words, new = session.words(), session.needs_set_up()
    st.header(words("staff.title"), anchor=False)
    st.write(words("staff.why_setup" if new else "staff.why"))
    address = f"/set-up{_language()}" if new else login_address()
    link(address, words("staff.set_up" if new else "staff.enter"), button=True)


def _language() -> str:
    return "" if session.language() == FALLBACK else f"?lang={session.language()}"
