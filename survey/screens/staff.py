"""Who may see the staff's screens? Whoever knows the code made at the first start, until accounts exist."""

import hmac
import time

import streamlit as st

from survey.principal import Forbidden, Permission, Principal
from survey.screens import session
from survey.settings import read_settings
from survey.store.secrets import CODE_ALPHABET, staff_code

WRONG_CODE_SECONDS = 1.0


def require_principal(permission: Permission | None = None) -> Principal:
    """The principal; shows the screen that asks for the code, and stops this run, while there is none.

    With a ``permission``, whoever does not have it is told so, and the run stops too.
    """
    found = session.principal()
    if found is None:
        _ask_for_code()
        st.stop()
    assert found is not None
    if permission is not None and not found.may(permission):
        st.warning(Forbidden(permission).say(session.words()))
        st.stop()
    return found


def leave_button() -> None:
    """A button that closes the staff's screens again."""
    if session.principal() and st.button(session.words()("staff.leave"), key="staff_leave"):
        session.leave()
        st.rerun()


def _ask_for_code() -> None:
    words = session.words()
    st.header(words("staff.title"))
    st.write(words("staff.why"))
    with st.form("staff_code", width=420):
        given = st.text_input(words("staff.code"), type="password", autocomplete="off")
        asked = st.form_submit_button(words("staff.enter"), type="primary")
    if not asked:
        return
    right = staff_code(read_settings().data)
    if hmac.compare_digest(_letters(given), _letters(right)):
        session.enter()
        st.rerun()
    time.sleep(WRONG_CODE_SECONDS)  # a wrong code costs a second: guessing is hopeless, and a slip is not punished
    st.error(words("staff.wrong"))


def _letters(code: str) -> bytes:
    """The code without dashes, spaces and small letters, so that it can be typed as it is read."""
    return "".join(letter for letter in code.upper() if letter in CODE_ALPHABET).encode()
