"""How do the set-up screens take what is typed in two languages, and say what came of it?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from survey.problem import Problem
from survey.screens import session
from survey.screens.frame import plain
from survey.words import LANGUAGES, Words


@dataclass(frozen=True)
class Done:
    """What was done in the last run, to be said once in this one."""

    said: str


def say_what_was_done() -> None:
    """Say what the last press of a button came to, at the top of the screen.

    Its place is there in every run: else what stands below would move, and begin anew, when the words go.
    """
    place, done = st.empty(), session.remembered(Done)
    if done:
        session.forget(Done)
        place.success(plain(done.said), icon=":material/check:")
        st.toast(plain(done.said), icon=":material/check:")  # whoever pressed a button far below sees it, too


def attempt(work: Callable[[], object], said: str) -> None:
    """Do it and draw the screen anew, which then says so; else say what is wrong, and leave what was typed."""
    try:
        work()
    except Problem as problem:
        say_problem(problem, session.words())
        return
    session.remember(Done(said))
    st.rerun()


def say_problem(problem: Problem, words: Words) -> None:
    """What is wrong and how to repair it, a paragraph each."""
    st.error("\n\n".join(plain(line) for line in problem.say(words).splitlines()))


def both_languages(
    label: str, text: Mapping[str, str] | None, key: str, *, longest: int, area: bool = False
) -> dict[str, str]:
    """Two fields side by side, one for each language."""
    words, said = session.words(), {}
    for column, language in zip(st.columns(len(LANGUAGES)), LANGUAGES, strict=True):
        name = words("setup.in", label=label, language=words(f"setup.language.{language}"))
        field = column.text_area if area else column.text_input
        said[language] = field(name, (text or {}).get(language, ""), key=f"{key}-{language}", max_chars=longest)
    return said
