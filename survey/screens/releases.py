"""Which data sets were released to researchers? None yet; the screen says what will stand here."""

import streamlit as st

from survey.principal import Permission
from survey.screens.frame import open_screen, plain


def show() -> None:
    """The whole screen."""
    _, words = open_screen("release.title", Permission.READ_RELEASES)
    st.info(words("release.none"), icon=":material/hourglass_empty:")
    st.markdown(plain(words("release.what")))
