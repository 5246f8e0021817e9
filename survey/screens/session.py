"""What does this visitor's session remember, and who is it? The only module that touches ``st.session_state``.

Nothing that is remembered here says who somebody is: the browser's cookie does, and the store is asked on every run.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

import streamlit as st

from survey.login.visit import LOGIN_COOKIE
from survey.principal import Principal
from survey.settings import read_settings
from survey.store import Store, open_store
from survey.store.people.accounts import is_set_up
from survey.store.people.logins import LoggedIn, who_is
from survey.words import FALLBACK, LANGUAGES, Words, load_words

_LANGUAGE, _BY_ITSELF = "language", "by_itself"
Kept = TypeVar("Kept")


def language() -> str:
    """The visitor's language: as chosen, else as the address says (``?lang=en``), else Indonesian."""
    chosen = st.session_state.get(_LANGUAGE) or st.query_params.get("lang")
    return chosen if chosen in LANGUAGES else FALLBACK


def choose_language(chosen: str) -> None:
    """Remember the language, and put it into the address so that a link keeps it."""
    st.session_state[_LANGUAGE] = chosen
    st.query_params["lang"] = chosen


def words() -> Words:
    """The words in the visitor's language."""
    return load_words(language())


def logged_in(*, used: bool = False) -> LoggedIn | None:
    """The login this browser carries, if it still holds. ``used``: a person did something, the half hour begins anew.

    The cookie is the one with which the page opened its connection; whether it still opens anything, the store knows.
    """
    token = st.context.cookies.get(LOGIN_COOKIE, "")
    return who_is(store(), token, datetime.now(UTC), used=used) if token else None


def arrive() -> LoggedIn | None:
    """Who begins this run. A run that a screen asked for by itself does not keep a login alive."""
    return logged_in(used=not st.session_state.pop(_BY_ITSELF, False))


def principal() -> Principal | None:
    """Who this is: somebody of the staff, or None for a visitor."""
    found = logged_in()
    return found.principal if found else None


def run_by_itself() -> None:
    """Run the whole screen again, not because a person did something."""
    st.session_state[_BY_ITSELF] = True
    st.rerun()


def needs_set_up() -> bool:
    """Whether there is no administrator yet."""
    return not is_set_up(store())


def widget(key: str) -> object:
    """What the widget with this key holds."""
    return st.session_state.get(key)


def set_widget(key: str, value: object) -> None:
    """Bring a widget, before it is drawn, to a value that is kept elsewhere, such as in the address."""
    st.session_state[key] = value


def begin_widget(key: str, value: object) -> None:
    """Give a widget what it holds at first; from then on it holds what somebody types, also nothing."""
    st.session_state.setdefault(key, value)


def forget_widget(key: str) -> None:
    """Let the widget with this key begin anew."""
    st.session_state.pop(key, None)


def remember(value: object) -> None:
    """Keep something for this visitor until the page is left; one of each kind."""
    st.session_state[f"kept-{type(value).__qualname__}"] = value


def remembered(kind: type[Kept]) -> Kept | None:
    """What was kept of this kind."""
    found: Kept | None = st.session_state.get(f"kept-{kind.__qualname__}")
    return found


def forget(kind: type[object]) -> None:
    """Keep nothing of this kind any more."""
    st.session_state.pop(f"kept-{kind.__qualname__}", None)


@lru_cache(maxsize=1)
def store() -> Store:
    """The store that every session of this process shares; the launcher opens it before the first visitor comes."""
    return open_store(read_settings())
