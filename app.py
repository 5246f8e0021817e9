"""The one process: launcher (routes, API, store) outside a script run, navigation inside one."""

import asyncio
import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: two threads wait for each other on a busy machine

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import streamlit as st
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.starlette import App

from survey.api import Collector, make_api
from survey.form.routes import form_routes
from survey.hourly import back_up_by_itself
from survey.problem import Problem
from survey.retention import forget_by_itself
from survey.screens import answer, session
from survey.screens.serving import MIDDLEWARE, answer_without_delay, say_sorry, tell_the_browser_its_language
from survey.settings import read_settings
from survey.store.lock import only_app
from survey.store.secrets import device_pin, staff_code
from survey.store.surveys import first_survey
from survey.words import load_words

_open: list[Collector] = []


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """Open the store before the first visitor, say where the survey is, and let go of everything at the end."""
    alone = ExitStack()
    try:
        settings = read_settings()
        words = load_words(settings.language)
        alone.enter_context(only_app(settings.data))
        store = session.store()
    except Problem as problem:
        words = load_words("id")
        print(words("app.cannot_start"), problem.say(words), sep="\n", file=sys.stderr, flush=True)
        os._exit(1)  # nothing is open yet, and a SystemExit from here would be told with a traceback
    survey = first_survey(store)
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    address = f"{scheme}://localhost:{st.get_option('server.port')}"
    print(words("app.started", address=address, survey=survey.name if survey else "-"))
    print(words("app.staff_code", code=staff_code(settings.data), file=settings.data / "staff-code.txt"))
    print(words("app.device_pin", pin=device_pin(settings.data), file=settings.data / "device-pin.txt"), flush=True)
    async with Collector(store) as collector:
        _open.append(collector)
        saving = asyncio.create_task(
            back_up_by_itself(settings, lambda told: print(words("app.backup_failed"), told, sep="\n", file=sys.stderr))
        )
        forgetting = asyncio.create_task(forget_by_itself(store))
        yield
        saving.cancel()
        forgetting.cancel()
        _open.clear()
    store.close()
    alone.close()


def results() -> None:
    """The dashboard; its charts are imported when somebody wants to see them."""
    from analysis.screens import dashboard

    dashboard.show()


def data() -> None:
    """Take the data away."""
    from analysis.screens import take_away

    take_away.show()


def bring() -> None:
    """Bring in earlier answers."""
    from survey.screens import importing

    importing.show()


def poster() -> None:
    """The poster with the code for phones."""
    from survey.screens import poster

    poster.show()


def paper() -> None:
    """Print and key paper forms."""
    from survey.screens import keying

    keying.show()


def system_health() -> None:
    """Whether everything is well."""
    from survey.screens import health

    health.show()


def main() -> None:
    """One run of the script: the page that the address names, in the visitor's language."""
    words = session.words()
    st.set_page_config(page_title=words("app.survey"), layout="wide")
    tell_the_browser_its_language(words.language)
    pages = [
        st.Page(answer.show, title=words("app.survey"), default=True),
        st.Page(results, title=words("app.results"), url_path="results"),
        st.Page(data, title=words("app.data"), url_path="data"),
        st.Page(bring, title=words("bring.title"), url_path="bring"),
        st.Page(poster, title=words("poster.title"), url_path="poster"),
        st.Page(paper, title=words("key.title"), url_path="paper"),
        st.Page(system_health, title=words("app.health"), url_path="health"),
    ]
    for_staff = session.principal() is not None
    page = st.navigation(pages, position="sidebar" if for_staff else "hidden")
    page.run()
    if page == pages[0] and not for_staff:
        st.page_link(pages[1], label=words("app.for_staff"))


if get_script_run_ctx(suppress_warning=True) is None:
    answer_without_delay()
    app = App(
        __file__,
        routes=[
            Mount("/api", make_api(lambda: _open[0])),
            Route("/api", RedirectResponse("/api/openapi.json")),
            *form_routes(session.store),
        ],
        middleware=MIDDLEWARE,
        lifespan=lifespan,
        on_script_error=say_sorry,
    )
else:
    main()
