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
from survey.paper_form import LARGEST_NUMBER
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.screens import session
from survey.screens.choosing import choose_survey
from survey.screens.differences import show_differences
from survey.screens.frame import open_screen, plain
from survey.screens.printing import show_printing
from survey.store.paper.forms import KeyedForm, as_ranges, keyed_numbers, last_forms
from survey.store.paper.twice import Waiting, differing_forms, key_carefully, waiting_forms
from survey.store.plans.surveys import list_surveys
from survey.store.safety.health import numbers_of
from survey.words import Words

_FOLDER = Path(__file__).parent
_TWICE = "key-twice"
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
    survey = choose_survey(surveys, words("key.survey"), "key-survey", words)
    key, differ, print_forms = st.tabs([words(f"key.tab.{tab}") for tab in ("key", "differ", "print")])
    with key:
        _desk(principal, survey, words)
    with differ:
        show_differences(principal, survey, differing_forms(session.store(), principal, survey), words)
    with print_forms:
        show_printing(principal, survey, words)


def _desk(principal: Principal, survey: Survey, words: Words) -> None:
    """The form to be keyed; what it hands over is kept before the desk is drawn again with the outcome."""
    name = f"keying-{survey.name}"
    outcome = None
    handed = session.widget(name)
    sent = getattr(handed, "form", None)
    if sent and sent.get("survey") == survey.name:
        outcome = _keep(principal, survey, sent, words)
    waiting = waiting_forms(session.store(), principal, survey)
    mine = [(form.number, form.number) for form in waiting if form.by == principal.name]
    keyed = [*keyed_numbers(session.store(), principal, survey), *mine]
    forms = last_forms(session.store(), principal, survey)
    today = datetime.now(ZoneInfo(survey.agency.zone)).date()
    _component()(
        key=name,
        data={
            "survey": survey.name,
            "steps": steps(survey, words),
            "total": survey.questionnaire.points.total if survey.questionnaire.points else 0,
            "day": f"{today.day}/{today.month}/{today.year}",
            "next": _next_number(outcome, sent, forms),
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
    _twice(waiting, words)
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
        became = key_carefully(session.store(), principal, survey, form, double=bool(session.widget(_TWICE)))
    except Problem as problem:
        return {"token": token, "kept": False, "said": problem.say(words), "step": step_of(problem)}
    said = words(f"key.{became.value}", number=words.count(form.number))
    return {"token": token, "kept": True, "said": said, "step": NUMBER}


def _next_number(outcome: Mapping[str, Any] | None, sent: Any, forms: tuple[KeyedForm, ...]) -> int:
    """The number that is likely next: one more than the last, which may wait and stand in no list yet."""
    if outcome and outcome["kept"]:
        return min(int(sent["values"]["number"]) + 1, LARGEST_NUMBER)
    return min(forms[0].number + 1, LARGEST_NUMBER) if forms else 1


def _twice(waiting: tuple[Waiting, ...], words: Words) -> None:
    """Whether every form is keyed twice here, and which wait for it."""
    st.toggle(words("key.twice"), key=_TWICE, help=words("key.twice.help"))
    if waiting:
        numbers = numbers_of(as_ranges([form.number for form in waiting]), most=12)
        st.text(words("key.waiting", numbers=numbers))
