"""How do our screens look? One style sheet on the keys of our own containers, put into the page in this one place."""

from pathlib import Path

import streamlit as st

SHEET = Path(__file__).with_name("style.css")


def apply_style() -> None:
    """Put the style sheet into the page; Streamlit wraps a ``.css`` file in a style element and shows nothing."""
    st.html(SHEET)
