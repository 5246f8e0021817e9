"""How is one figure put on a screen? Finding, terms, the chart with its text, the table behind a click."""

from typing import TYPE_CHECKING, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from survey.screens.frame import plain
from survey.words import Words

if TYPE_CHECKING:
    from analysis.figures.paper import Figure, Table


def small_print(text: str, *, width: Literal["stretch", "content"] | int = "stretch") -> None:
    """Terms and notes: small and grey, but not as faint as Streamlit's captions, which miss 4.5:1."""
    st.markdown(f":small[:gray[{plain(text)}]]", width=width)


def as_markdown(table: "Table") -> str:
    """A table that a screen reader can walk through: words to the left, numbers to the right."""
    head = "| " + " | ".join(plain(heading) for heading in table.headings) + " |"
    line = "|" + "|".join([" :--- "] + [" ---: "] * (len(table.headings) - 1)) + "|"
    rows = ["| " + " | ".join(plain(cell) for cell in row) + " |" for row in table.rows]
    return "\n".join([head, line, *rows])


def two_columns(name: str = "column") -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two columns that become one wherever a card would be narrower than its chart can bear."""
    with st.container(horizontal=True, gap="small", key=f"{name}s"):
        return st.container(key=f"{name}-1"), st.container(key=f"{name}-2")


def show_figure(figure: "Figure", words: Words, *, with_title: bool = True) -> None:
    """One figure inside the card that is open."""
    if with_title:
        st.header(plain(figure.title), anchor=False)
        small_print(figure.terms)
    st.plotly_chart(
        figure.chart,
        theme=None,
        alt=figure.alternative,
        config={"displayModeBar": False, "responsive": True},
        key=f"chart-{figure.name}",
    )
    with st.expander(words("dashboard.table"), type="compact"):
        st.markdown(as_markdown(figure.table))


def show_card(figure: "Figure", words: Words) -> None:
    """One figure in a card of its own."""
    with st.container(border=True, key=f"card-{figure.name}", height="stretch"):
        show_figure(figure, words)
