"""What is on the paper, where two people keyed it differently? Decided item by item by somebody who holds the form."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from survey.catalogue import Survey
from survey.keying import steps
from survey.principal import Principal
from survey.problem import Problem
from survey.screens import session
from survey.screens.choosing import said_in
from survey.screens.frame import plain
from survey.store.paper.twice import Differing, decide, fields_of
from survey.words import Words


def show_differences(principal: Principal, survey: Survey, differing: tuple[Differing, ...], words: Words) -> None:
    """Every form that waits for a decision, one below the other."""
    if not differing:
        st.info(words("key.differ.none"))
        return
    st.text(words("key.differ.why"))
    asked = {step["name"]: step for step in steps(survey, words)}
    for form in differing:
        with st.form(f"differ-{form.number}"):
            title = words(
                "key.differ.title", number=words.count(form.number), first=form.first_by, second=form.second_by
            )
            st.markdown(f"**{plain(title)}**")
            order = [name for name in (*asked, *form.differences) if name in form.differences]
            chosen = {name: _choice(name, form, asked, survey, words) for name in dict.fromkeys(order)}
            saved = st.form_submit_button(words("key.differ.save", number=words.count(form.number)), type="primary")
        if saved:
            _save(principal, survey, form, chosen, words)


def _choice(
    name: str, form: Differing, asked: Mapping[str, Mapping[str, Any]], survey: Survey, words: Words
) -> str | None:
    """What was chosen for one field: its code or text, empty for not answered; None until somebody has chosen."""
    one, other = fields_of(form.first).get(name, ""), fields_of(form.second).get(name, "")
    step = asked.get(name, {})
    said = _said(name, step, survey, words)
    options = list(dict.fromkeys([one, other]))
    if step.get("kind") == "code" and name != "service":
        options = list(dict.fromkeys([one, other, *step["codes"], ""]))
    elif name == "service":
        options = list(dict.fromkeys([one, other, *(service.name for service in survey.services), ""]))
    number = step.get("number")
    question = step.get("question") or words(f"key.differ.{name}")
    keyed = f"{form.first_by}: {said(one)} · {form.second_by}: {said(other)}"
    return st.selectbox(
        plain(f"{number} · {question}" if number else str(question)),
        options,
        index=None,
        format_func=said,
        placeholder=keyed,
        key=f"differ-{form.number}-{name}",
        filter_mode=None,
    )


def _said(name: str, step: Mapping[str, Any], survey: Survey, words: Words) -> Any:
    """Turns what is kept of a field into what a person reads."""
    labels = {code: f"{code} {label}".strip() for code, label in step.get("options", ())}
    if name == "service":
        labels = {service.name: said_in(service.label, words) for service in survey.services}

    def said(value: str) -> str:
        if not value:
            return words("key.differ.empty")
        if step.get("kind") == "points":
            return str(int(value) - 1)
        return labels.get(value, value)

    return said


def _save(
    principal: Principal, survey: Survey, form: Differing, chosen: Mapping[str, str | None], words: Words
) -> None:
    decided = {name: value for name, value in chosen.items() if value is not None}
    try:
        decide(session.store(), principal, survey, form.number, decided)
    except Problem as problem:
        st.error(plain(problem.say(words)))
        return
    st.toast(plain(words("key.differ.kept", number=words.count(form.number))))
    st.rerun()
