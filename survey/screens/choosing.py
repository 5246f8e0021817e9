"""How is one of several surveys, units or services chosen, each by its name in the reader's language?"""

from collections.abc import Iterable, Mapping

import streamlit as st

from survey.catalogue import Survey
from survey.words import FALLBACK, Words


def said_in(text: Mapping[str, str], words: Words) -> str:
    """A text in the reader's language, else in Indonesian."""
    return text.get(words.language) or text.get(FALLBACK, "")


def titled(survey: Survey, words: Words) -> str:
    """A survey as every list names it: by its title and its name."""
    return f"{said_in(survey.title, words)} ({survey.name})"


def choose_survey(surveys: Iterable[Survey], label: str, key: str, words: Words) -> Survey:
    """The survey that somebody looks at, of those there are, each by its title and its name."""
    names = {survey.name: survey for survey in surveys}

    def shown(name: str) -> str:
        return titled(names[name], words) if name in names else name

    return names[st.selectbox(label, list(names), format_func=shown, key=key, filter_mode=None)]
