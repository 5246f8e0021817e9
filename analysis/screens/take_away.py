"""How does somebody take the data away? As a package, for Excel or for SPSS: what is in it and what is not."""

from dataclasses import dataclass

import streamlit as st

from analysis.counting.matrix import Matrix
from analysis.figures.findings import said
from analysis.files.codebook import Variable
from analysis.files.datasets import MINIMUM, DataSet, data_set, package, package_name
from analysis.files.excel import xlsx
from analysis.files.spss import sav
from analysis.results import evaluate
from analysis.screens import choice
from analysis.screens.dashboard import live
from analysis.screens.showing import small_print, two_columns
from analysis.screens.style import dress, weave
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.screens import session
from survey.screens.frame import plain
from survey.screens.staff import require_principal
from survey.store.people.audit import record_export
from survey.store.plans.surveys import list_surveys
from survey.words import Words

TITLE_PIXELS = 380
"""Wide enough for a survey's title: here it says what is taken away."""
CONTENTS = ("responses", "codebook", "readme")


@dataclass(frozen=True)
class Format:
    """A kind of file: the ending of its name, its media type, and the words of its button."""

    ending: str
    media_type: str
    button: str


FORMATS = {
    "package": Format("zip", "application/zip", "data.download"),
    "xlsx": Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "data.download.xlsx"),
    "sav": Format("sav", "application/x-spss-sav", "data.download.sav"),
}


def show() -> None:
    """The whole screen."""
    principal = require_principal(Permission.EXPORT_DATA)
    words = session.words()
    dress(words("app.data"))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="topline"):
        with st.container(key="headline", width="content"):
            st.title(plain(words("data.title")), anchor=False)
        choice.choose_language(words)
    small_print(words("data.intro"))
    surveys = list_surveys(session.store(), principal)
    if not surveys:
        st.info(words("dashboard.no_survey"))
        return
    survey = choice.choose_survey(surveys, words, pixels=TITLE_PIXELS)
    matrix = live().matrix(principal, survey)
    if len(matrix) == 0:
        st.info(words("data.empty"))
    else:
        try:
            data = data_set(matrix, survey, principal)
        except Problem as problem:
            st.warning(plain(problem.say(words)))
        else:
            _offer(principal, data, matrix, words)
    weave()


def _offer(principal: Principal, data: DataSet, matrix: Matrix, words: Words) -> None:
    if data.survey.test:
        with st.container(key="test-mark"):
            st.markdown(f"**{plain(words('data.test'))}**")
    left, right = two_columns()
    with left, st.container(border=True, key="card-contents", height="stretch"):
        columns = words.count(len(data.variables))
        st.header(plain(words("data.rows", n=words.count(data.n), columns=columns)), anchor=False)
        for key, n in (("data.kept_only", data.not_counted), ("data.flagged", data.flagged)):
            if n:
                st.markdown(plain(words(key, n=words.count(n))))
        kind = st.radio(
            words("data.format"), list(FORMATS), format_func=lambda kind: words(f"data.format.{kind}"), key="format"
        )
        if kind == "package":
            st.markdown("\n".join(f"- {plain(words(f'data.contents.{name}'))}" for name in CONTENTS))
        content = _file(
            kind,
            words.language,
            principal.view,
            data.survey.name,
            (matrix.last, len(matrix)),
            _data=data,
            _matrix=matrix,
        )
        st.download_button(
            words(FORMATS[kind].button, size=words.count(-(-len(content) // 1000))),
            content,
            package_name(data.survey, FORMATS[kind].ending),
            FORMATS[kind].media_type,
            key="download-package",
            type="primary",
            on_click=record_export,
            args=(session.store(), principal, data.survey.name, kind, data.n),
        )
    with right, st.container(border=True, key="card-left-out", height="stretch"):
        st.header(plain(words("data.not_in_it")), anchor=False)
        st.markdown(plain(words("data.left_out")))
    with st.container(border=True, key="card-variables"), st.expander(words("data.preview")):
        st.markdown(_variables(data.variables, words))


@st.cache_data(show_spinner=False, max_entries=8, ttl=600)
def _file(
    kind: str,
    language: str,
    principal: str,
    survey: str,
    stand: tuple[int, int],
    *,
    _data: DataSet,
    _matrix: Matrix,
) -> bytes:
    """The file of a survey, kept until a response comes or goes; the first five arguments are its key."""
    if kind == "sav":
        return sav(_data, language)
    if kind == "xlsx":
        asked = _data.survey
        minimum = 1 if asked.test else MINIMUM
        found = evaluate(asked.questionnaire, _matrix, weights=asked.weight_convention, minimum=minimum)
        return xlsx(_data, found, language)
    return package(_data)


def _variables(variables: tuple[Variable, ...], words: Words) -> str:
    """The codebook as a table on the screen."""
    keys = ("data.column.variable", "data.column.label", "data.column.role", "data.column.codes")
    lines = ["| " + " | ".join(words(key) for key in keys) + " |", "| :--- | :--- | :--- | :--- |"]
    for variable in variables:
        codes = ", ".join(f"{code} = {said(label, words)}" if label else code for code, label in variable.codes.items())
        label = f"{variable.number} {said(variable.label, words)}".strip()
        cells = (variable.name, label, words(f"data.role.{variable.role.value}"), codes or "–")
        lines.append("| " + " | ".join(plain(cell) for cell in cells) + " |")
    return "\n".join(lines)
