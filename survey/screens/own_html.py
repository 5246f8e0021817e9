"""How is a link or a form of our own put on a screen? The only place where a staff screen holds HTML.

Streamlit's links open another tab and its buttons cannot post. Every word that comes here is escaped.
"""

from collections.abc import Mapping
from html import escape
from pathlib import Path

import streamlit as st

from survey.look import LIGHT

_BUTTON = (
    "display:inline-block;padding:{room};border-radius:14px;background:{ground};color:{ink};border:{border};"
    "font:inherit;font-weight:600;text-decoration:none;cursor:pointer"
)
_MAIN = _BUTTON.format(room=".7rem 1.6rem", ground=LIGHT.action, ink=LIGHT.on_sea, border="0")
_QUIET = _BUTTON.format(room=".4rem .8rem", ground="transparent", ink="inherit", border=f"1px solid {LIGHT.edge}")
_LINK = "color:inherit"


def link(address: str, label: str, *, button: bool = False) -> None:
    """A link to an address of ours, in the same tab; as the main button of a screen where it is one."""
    st.html(f'<a href="{escape(address)}" style="{_MAIN if button else _LINK}">{escape(label)}</a>', width="content")


def post_button(address: str, label: str, carries: Mapping[str, str]) -> None:
    """A button that posts to an address of ours, with what it carries unseen.

    Streamlit takes away names that a form or a page has a property of, such as ``lang``.
    """
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in carries.items()
    )
    pressed = f'<button type="submit" style="{_QUIET}">{escape(label)}</button>'
    st.html(f'<form method="post" action="{escape(address)}">{hidden}{pressed}</form>', width="content")


def wear(sheet: Path) -> None:
    """Put a style sheet into the page. Streamlit wraps a ``.css`` file in a style element, which shows nothing."""
    st.html(sheet)


def reword_upload(key: str, words: str) -> None:
    """The button of the file chooser with this key, in these words, without what is said beside it.

    Streamlit says *Upload* and *5MB per file* in English whatever the language, and offers no other words.
    """
    at = f".st-key-{escape(key)} section"
    st.html(
        f"<style>{at} button p{{font-size:0}}{at} button p::after{{content:{_quoted(words)};font-size:.9rem}}"
        f'{at} [data-testid="stFileUploaderDropzoneInstructions"]{{display:none}}</style>'
    )


def _quoted(words: str) -> str:
    """The words as a string of a style sheet, every sign by its number, so that none can end it."""
    return '"' + "".join(f"\\{ord(sign):x} " for sign in words) + '"'
