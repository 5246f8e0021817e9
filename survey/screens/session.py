"""What does this visitor's session remember? The only module that touches ``st.session_state``."""

from functools import lru_cache

import streamlit as st

from survey.principal import LOCAL_STAFF, Principal
from survey.settings import read_settings
from survey.store import Store, open_store
from survey.words import FALLBACK, LANGUAGES, Words, load_words

_LANGUAGE, _PRINCIPAL = "language", "principal"


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


def principal() -> Principal | None:
    """Who this is: the staff behind the code, or None for a visitor."""
    return LOCAL_STAFF if st.session_state.get(_PRINCIPAL) == LOCAL_STAFF.name else None


def enter() -> None:
    """The right code was given."""
    st.session_state[_PRINCIPAL] = LOCAL_STAFF.name


def leave() -> None:
    """Forget who this was."""
    st.session_state.pop(_PRINCIPAL, None)


def widget(key: str) -> object:
    """What the widget with this key holds."""
    return st.session_state.get(key)


def set_widget(key: str, value: object) -> None:
    """Bring a widget, before it is drawn, to a value that is kept elsewhere, such as in the address."""
    st.session_state[key] = value


@lru_cache(maxsize=1)
def store() -> Store:
    """The store that every session of this process shares; the launcher opens it before the first visitor comes."""
    return open_store(read_settings())
