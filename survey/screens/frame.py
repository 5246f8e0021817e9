"""What stands on every screen of the staff: its name and the language switch?"""

import re

import streamlit as st

from survey.principal import Permission, Principal
from survey.screens import session
from survey.screens.staff import require_principal
from survey.words import Words

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+!|~$:^-])")
_ADDRESSES = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)
_JOINED = "\N{WORD JOINER}"
_KEY = "frame-language"


def plain(text: str) -> str:
    """A text in which Streamlit finds no markup, link, colour, icon or formula.

    What looks like an address would become a link whatever is escaped; a joiner that nobody sees keeps it a text. A
    number and its percent sign stay on one line.
    """
    whole = " ".join(text.split()).replace(" %", "\N{NO-BREAK SPACE}%")
    return _MARKS.sub(r"\\\1", _ADDRESSES.sub(_JOINED, whole))


def without_marks(text: str) -> str:
    """A text of letters, digits, commas and brackets alone, for labels that are read out but not seen.

    They are drawn as well, so no markup may be in them; strokes before what is escaped would be read out.
    """
    return " ".join(re.sub(r"[^\w\s(),-]|_", " ", text).split())


def open_screen(title: str, permission: Permission) -> tuple[Principal, Words]:
    """The top of a screen, for those who may see it: who this is, and the words in their language.

    ``title`` is the key of its name. Stops the run for everybody else.
    """
    principal = require_principal(permission)
    words = session.words()
    st.set_page_config(page_title=words(title))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(plain(words(title)), anchor=False, width="content")
        session.set_widget(_KEY, words.language)
        st.segmented_control(
            words("frame.language"),
            ["id", "en"],
            format_func={"id": "Indonesia", "en": "English"}.__getitem__,
            key=_KEY,
            required=True,
            label_visibility="collapsed",
            on_change=_remember_language,
        )
    return principal, words


def _remember_language() -> None:
    session.choose_language(str(session.widget(_KEY)))
