"""How do our screens look? One style sheet on the keys of our own containers, put into the page in this one place."""

from pathlib import Path

import streamlit as st

SHEET = Path(__file__).with_name("style.css")


def dress(title: str) -> None:
    """Name the browser's tab and put the style sheet into the page.

    Streamlit wraps a ``.css`` file in a style element, which shows nothing.
    """
    st.set_page_config(page_title=title)
    st.html(SHEET)


def weave() -> None:
    """The woven band at the foot of the page, our only ornament; the style sheet draws it."""
    st.container(key="weave", height=12, border=False)
