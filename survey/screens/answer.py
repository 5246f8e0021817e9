"""stub until the form lands"""

import streamlit as st


def show() -> None:
    st.write("survey")
