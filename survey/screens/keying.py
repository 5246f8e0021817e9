"""How are paper forms printed and keyed? With the number pad alone, a form of nine elements in a few seconds."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from survey.catalogue import Survey
from survey.keying import NUMBER, form_of, step_of, steps
from survey.paper_form import LARGEST_NUMBER, MOST_FORMS, paper_form
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.screens import session
from survey.screens.frame import open_screen, plain
from survey.store.paper import key_form, keyed_numbers, last_forms
from survey.store.surveys import list_surveys
from survey.words import LANGUAGES, Words, load_words

_FOLDER = Path(__file__).parent
HINTS = ("number", "day", "code", "stays", "points", "comment", "save")
"""What is said below the field, by the kind of step."""


@cache
def _component() -> Any:
    script, sheet = ((_FOLDER / f"keying.{kind}").read_text(encoding="utf-8") for kind in ("js", "css"))
    return st.components.v2.component("keying", html='<div class="desk"></div>', css=sheet, js=script)


def show() -> None:
    """The whole screen: which survey, the form to be keyed, the last ones, and forms to be printed."""
    principal, words = open_screen("key.title", Permission.KEY_FORMS)
    surveys = list_surveys(session.store(), principal)
    if not surveys:
        st.info(words("bring.no_survey"))
        return
    names = {survey.name: survey for survey in surveys}
    chosen = st.selectbox(
        words("key.survey"),
        list(names),
        format_func=lambda name: f"{names[name].title.get(words.language, name)} ({name})" if name in names else name,
        key="key-survey",
    )
    survey = names[chosen]
    key, print_forms = st.tabs([words("key.tab.key"), words("key.tab.print")])
    with key:
        _desk(principal, survey, words)
    with print_forms:
        _print(survey, words)


def _desk(principal: Principal, survey: Survey, words: Words) -> None:
    """The form to be keyed; what it hands over is kept before the desk is drawn again with the outcome."""
    name = f"keying-{survey.name}"
    outcome = None
    handed = session.widget(name)
    sent = getattr(handed, "form", None)
    if sent and sent.get("survey") == survey.name:
        outcome = _keep(principal, survey, sent, words)
    keyed = keyed_numbers(session.store(), principal, survey)
    forms = last_forms(session.store(), principal, survey)
    today = datetime.now(ZoneInfo(survey.agency.zone)).date()
    _component()(
        key=name,
        data={
            "survey": survey.name,
            "steps": steps(survey, words),
            "total": survey.questionnaire.points.total if survey.questionnaire.points else 0,
            "day": f"{today.day}/{today.month}/{today.year}",
            "next": min(forms[0].number + 1, LARGEST_NUMBER) if forms else 1,
            "keyed": [list(ends) for ends in keyed],
            "outcome": outcome,
            "words": {
                "off": words("key.off", known="{known}"),
                "number": words("key.number.wrong", largest=words.count(LARGEST_NUMBER)),
                "again": words("key.number.again", number="{number}"),
                "day": words("key.day.wrong"),
                "points": words("key.points.wrong"),
                "saving": words("key.saving"),
                "hints": {kind: words(f"key.hint.{kind}") for kind in HINTS},
            },
        },
        on_form_change=lambda: None,
    )
    if not forms:
        return
    st.markdown(f"**{plain(words('key.last'))}**")
    columns = len(survey.questionnaire.columns)
    lines = ["| " + " | ".join(words(f"key.column.{each}") for each in ("number", "day", "service", "answered")) + " |"]
    lines.append("| ---: | :--- | :--- | :--- |")
    labels = {service.name: service.label.get(words.language, service.name) for service in survey.services}
    for form in forms:
        service = labels.get(form.service or "", "–")
        answered = words("key.answered", count=form.answered, of=columns)
        cells = (words.count(form.number), words.day(form.day), service, answered)
        lines.append("| " + " | ".join(plain(cell) for cell in cells) + " |")
    st.markdown("\n".join(lines))


def _keep(principal: Principal, survey: Survey, sent: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Keep a form; what is told to the desk: whether it was kept, and at which step to go on when it was not."""
    token = str(sent.get("token", ""))
    try:
        form = form_of(survey, sent.get("values") or {})
        key_form(session.store(), principal, survey, form)
    except Problem as problem:
        return {"token": token, "kept": False, "said": problem.say(words), "step": step_of(problem)}
    return {"token": token, "kept": True, "said": words("key.kept", number=words.count(form.number)), "step": NUMBER}


def _print(survey: Survey, words: Words) -> None:
    """Forms to be printed, with or without numbers."""
    st.markdown(plain(words("key.print.why")))
    spoken = [language for language in survey.questionnaire.languages if language in LANGUAGES]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        language = st.selectbox(
            words("frame.language"),
            spoken,
            format_func=lambda code: load_words(code)("form.language"),
            key="print-language",
            width=160,
        )
        first = st.number_input(words("key.print.first"), 1, LARGEST_NUMBER, 1, key="print-first", width=180)
        count = st.number_input(words("key.print.count"), 0, MOST_FORMS, 0, key="print-count", width=180)
    numbers = range(int(first), min(int(first + count), LARGEST_NUMBER + 1))
    try:
        pdf = paper_form(survey, language, numbers)
    except Problem as problem:
        st.error(plain(problem.say(words)))
        return
    st.download_button(
        words("key.print.download", size=words.count(-(-len(pdf) // 1000))),
        pdf,
        f"{survey.name}-{language}.pdf",
        "application/pdf",
        key="print-download",
        type="primary",
        on_click="ignore",
    )
