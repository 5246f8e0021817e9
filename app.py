"""The one process: launcher (routes, API, store) outside a script run, navigation inside one."""

import asyncio
import gc
import os
import sys

gc.disable()  # what is imported stays: looking for garbage in it takes a sixth of the time of a start
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
from survey.login.routes import login_routes
from survey.principal import Permission
from survey.problem import Problem
from survey.retention import forget_by_itself
from survey.screens import answer, session
from survey.screens.pages import StaffPage, in_sections, link_to
from survey.screens.serving import MIDDLEWARE, answer_without_delay, say_sorry, tell_the_browser_its_language
from survey.screens.staff import SIDEBAR_PIXELS, who_is_here
from survey.settings import read_settings
from survey.store.lock import only_app
from survey.store.people.accounts import is_set_up
from survey.store.plans.surveys import first_survey
from survey.store.secrets import device_pin, forget_setup_code, setup_code
from survey.words import load_words

gc.enable()
ANSWERS, COLLECTING, SET_UP, PEOPLE, CARE = (
    f"app.section.{name}" for name in ("answers", "collecting", "setup", "people", "care")
)
PAGES = (
    StaffPage("home", "survey.screens.home", "home.title", Permission.MANAGE_SURVEYS),
    StaffPage("results", "analysis.screens.dashboard", "app.results", Permission.READ_RESULTS, ANSWERS),
    StaffPage("data", "analysis.screens.take_away", "app.data", Permission.EXPORT_DATA, ANSWERS),
    StaffPage("releases", "survey.screens.releases", "release.title", Permission.READ_RELEASES, ANSWERS),
    StaffPage("poster", "survey.screens.poster", "poster.title", Permission.RUN_STATIONS, COLLECTING),
    StaffPage("stations", "survey.screens.stations", "station.title", Permission.RUN_STATIONS, COLLECTING),
    StaffPage("tickets", "survey.screens.tickets", "ticket.title", Permission.RUN_STATIONS, COLLECTING),
    StaffPage("served", "survey.screens.served", "served.title", Permission.KEY_FORMS, COLLECTING),
    StaffPage("paper", "survey.screens.keying", "key.title", Permission.KEY_FORMS, COLLECTING),
    StaffPage("bring", "survey.screens.importing", "bring.title", Permission.MANAGE_SURVEYS, COLLECTING),
    StaffPage("agency", "survey.screens.agency", "setup.agency.title", Permission.MANAGE_SURVEYS, SET_UP),
    StaffPage("units", "survey.screens.units", "setup.units.title", Permission.MANAGE_SURVEYS, SET_UP),
    StaffPage("surveys", "survey.screens.surveys", "plan.title", Permission.MANAGE_SURVEYS, SET_UP),
    StaffPage("questionnaires", "survey.screens.questionnaires", "ask.title", Permission.MANAGE_SURVEYS, SET_UP),
    StaffPage("accounts", "survey.screens.accounts", "account.title", Permission.MANAGE_ACCOUNTS, PEOPLE),
    StaffPage("tokens", "survey.screens.tokens", "token.title", Permission.MANAGE_ACCOUNTS, PEOPLE),
    StaffPage("audit", "survey.screens.audit", "audit.title", Permission.READ_AUDIT, PEOPLE),
    StaffPage("health", "survey.screens.health", "app.health", Permission.BACK_UP, CARE),
    StaffPage("backups", "survey.screens.backups", "backups.title", Permission.BACK_UP, CARE),
    StaffPage("forgetting", "survey.screens.forgetting", "forget.title", Permission.DELETE_RESPONSES, CARE),
)
"""In the order of the navigation; the citizens' survey stands before them."""

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
    if is_set_up(store):
        forget_setup_code(settings.data)
    else:
        file = settings.data / "setup-code.txt"
        print(words("app.setup", address=address, code=setup_code(settings.data), file=file))
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


def main() -> None:
    """One run of the script: the page that the address names, in the visitor's language."""
    words = session.words()
    st.set_page_config(page_title=words("app.survey"), layout="wide", initial_sidebar_state=SIDEBAR_PIXELS)
    tell_the_browser_its_language(words.language)
    here = session.arrive()
    principal = here.principal if here else None
    survey = st.Page(answer.show, title=words("app.survey"), default=True)
    sections = in_sections(PAGES, principal, words, survey)
    page = st.navigation(sections, position="sidebar" if principal else "hidden", expanded=True)
    if here:
        who_is_here(here)
    page.run()
    if page == survey and not principal:
        link_to("results", words("app.for_staff"))


if get_script_run_ctx(suppress_warning=True) is None:
    answer_without_delay()
    app = App(
        __file__,
        routes=[
            Mount("/api", make_api(lambda: _open[0])),
            Route("/api", RedirectResponse("/api/openapi.json")),
            *form_routes(session.store),
            *login_routes(session.store),
        ],
        middleware=MIDDLEWARE,
        lifespan=lifespan,
        on_script_error=say_sorry,
    )
else:
    main()
