"""How is a code or a token shown that nobody can show again? Once, until somebody says that it is written down."""

from dataclasses import dataclass

import streamlit as st

from survey.screens import session
from survey.screens.frame import plain


@dataclass(frozen=True)
class Shown:
    """A secret that was just made, and what it is."""

    about: str
    secret: str


def show_once(about: str, secret: str) -> None:
    """Keep it for the next run, which begins now."""
    session.remember(Shown(about, secret))
    st.rerun()


def say_what_is_shown_once() -> None:
    """The secret that was just made, above the screen wherever somebody has scrolled to, and until it is noted."""
    shown = session.remembered(Shown)
    if shown is None:
        return
    words = session.words()

    @st.dialog(words("once.title"), dismissible=False, icon=":material/key:")
    def tell(shown: Shown) -> None:
        st.markdown(plain(shown.about))
        st.code(shown.secret, language=None, wrap_lines=True)
        st.caption(plain(words("once.only")))
        if st.button(words("once.noted"), key="once-noted", type="primary"):
            session.forget(Shown)
            st.rerun()

    tell(shown)
