"""How would a citizen see a questionnaire? In the very form, which here sends nothing and keeps nothing."""

from datetime import date
from functools import cache
from typing import Any

import streamlit as st

from survey.catalogue import EXACT_WEIGHTS, Agency, Survey, SurveyStatus
from survey.form import files
from survey.form.definition import form_definition, packed
from survey.questionnaire import Questionnaire
from survey.screens import session

# The last screen is never left: its one way to send is the submission of the form element, which is caught before it
# gets there. What is caught is said in place of the button's work.
_SCRIPT = """
const NAMES = ["form", "points", "stars", "kiosk", "phone", "ticket"]
const modules = (version) =>
  Promise.all(NAMES.map((name) => import(`${location.origin}/form/${version}/${name}.js`)))

export default function ({ parentElement, data }) {
  const host = parentElement.querySelector(".host")
  for (const [at, style] of parentElement.querySelectorAll("link").entries()) {
    const address = `${location.origin}/form/${data.version}/${["form", "scales"][at]}.css`
    if (style.href !== address) style.href = address
  }
  const leave = () => queueMicrotask(() => { if (!host.isConnected) host.form?.destroy() })
  if (host.shown === data.digest) return leave
  host.shown = data.digest
  const last = () => ["comment", "send"].includes(host.querySelector(".survey")?.dataset.screen)
  host.addEventListener("submit", (event) => {
    if (!last()) return
    event.preventDefault()
    event.stopImmediatePropagation()
    const said = host.querySelector("#alert")
    said.textContent = ""
    said.textContent = data.end
  }, true)
  modules(data.version).then(([{ mountSurvey }]) => {
    host.form?.destroy()
    host.form = mountSurvey(host, { definition: data.definition, api: `${location.origin}/api/responses` })
  })
  return leave
}
"""
_HTML = '<link rel="stylesheet"><link rel="stylesheet"><div class="host"></div>'


@cache
def _component() -> Any:
    return st.components.v2.component("survey_preview", html=_HTML, js=_SCRIPT, isolate_styles=True)


def show_preview(questionnaire: Questionnaire, agency: Agency, today: date) -> None:
    """The form with this questionnaire, in a trial survey that does not exist."""
    words = session.words()
    st.info(words("ask.preview.why"), icon=":material/visibility:")
    trial = _trial(questionnaire, agency)
    definition = packed(form_definition(trial, None, "streamlit", today=today))
    _component()(
        key=f"preview-{questionnaire.digest[:12]}",
        data={
            "version": files.version(),
            "digest": questionnaire.digest,
            "definition": definition,
            "end": words("ask.preview.end"),
        },
    )


def _trial(questionnaire: Questionnaire, agency: Agency) -> Survey:
    return Survey(
        number=0,
        name="-",
        title=questionnaire.title,
        agency=agency,
        questionnaire=questionnaire,
        status=SurveyStatus.OPEN,
        test=True,
        weight_convention=EXACT_WEIGHTS,
        opens=None,
        closes=None,
        population=None,
        target=None,
        retention_months=12,
        units=(),
        services=(),
        stations={},
    )
