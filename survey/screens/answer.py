"""How does a citizen answer inside the Streamlit app? By the same form as on the light page, put on this screen.

The script hands over three short words, and the browser fetches everything else from the form's own addresses. While
somebody answers, this script does not run: not for a tap, not for the submission. So the form goes on working when the
connection to Streamlit is cut.
"""

from functools import cache
from typing import Any

import streamlit as st

from survey.form import files
from survey.screens import session

_SCRIPT = """
// The module is fetched from this very server; a bare path could not be resolved from here.
const modules = (version) => Promise.all(
  ["form", "points", "stars", "kiosk", "phone", "ticket"]
    .map((name) => import(`${location.origin}/form/${version}/${name}.js`)))

const tell = (host, words) => {
  host.innerHTML = '<div class="survey"><div class="page"><div class="screen"><p class="lead"></p></div></div></div>'
  host.querySelector("p").textContent = words
}

export default function ({ parentElement, data }) {
  const host = parentElement.querySelector(".host")
  for (const [at, style] of parentElement.querySelectorAll("link").entries()) {
    const address = `${location.origin}/form/${data.version}/${["form", "scales"][at]}.css`
    if (style.href !== address) style.href = address
  }
  const { station, unit, service } = data
  const about = new URLSearchParams({ door: "streamlit", station, unit, service })
  const show = async () => {
    const asked = await fetch(`${location.origin}/s/${encodeURIComponent(data.survey)}/definition?${about}`)
    if (!asked.ok) return tell(host, data.unknown)
    const definition = await asked.json()
    const [{ mountSurvey }] = await modules(data.version)
    host.form?.destroy()
    host.form = mountSurvey(host, { definition, api: `${location.origin}/api/responses` })
  }
  if (host.asked !== about.toString() + data.survey) {
    host.asked = about.toString() + data.survey
    show().catch(() => {
      host.asked = null
      tell(host, data.failed)
    })
  }
  return () => queueMicrotask(() => { if (!host.isConnected) host.form?.destroy() })
}
"""
_HTML = '<link rel="stylesheet"><link rel="stylesheet"><div class="host"></div>'


@cache
def _component() -> Any:
    return st.components.v2.component("survey_form", html=_HTML, js=_SCRIPT, isolate_styles=True)


def show() -> None:
    """The survey named by ``?survey=`` (else the first open one), at the station named by ``?station=``.

    ``?unit=`` and ``?service=`` do the same as on the light page.
    """
    words = session.words()
    _component()(
        key="survey_form",
        data={
            "version": files.version(),
            "survey": st.query_params.get("survey", "-"),
            **{name: st.query_params.get(name, "") for name in ("station", "unit", "service")},
            "unknown": words("page.unknown.text"),
            "failed": words("page.failed"),
        },
    )
