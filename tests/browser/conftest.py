"""A real browser, and the real app that it visits. One browser serves all tests of a run."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.builders import add_survey, both, content, questionnaire, scale, set_survey
from tests.running import RunningApp, running_app

_AS_PLAYWRIGHT = (
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay"),
    *("HttpsFirstBalancedModeAutoEnable", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning", "AimEnabled"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "PreconnectToSearch"),
)
"""What Playwright 1.65 switches off by itself. Only the last of such switches counts, and ours comes later."""
_ADDRESS_BAR = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup")
"""What is suggested below the address bar is a page of its own, loaded for each window, though nobody sees it: half of
the processor time of a visit to the light page."""
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
PATIENCE = 20_000
"""Milliseconds for what is expected without a promise of its own; generous, because tests share a machine."""
SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=" + ",".join((*_AS_PLAYWRIGHT, *_ADDRESS_BAR)),
]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, closed before other tests begin: its library keeps asyncio to itself.

    Where there is none, tests that need it are skipped, but never in CI.
    """
    if not CHROMIUM.exists() and os.environ.get("CI") != "true":
        pytest.skip("Chromium is not installed")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The real app in a fresh data folder, shared by the tests that do not stop it for good.

    Beside the surveys of a first start there are two that are quickly answered: ``brief`` (one item) and ``trial`` (an
    item of four points, one of seven, a hundred points to share).
    """
    with running_app(tmp_path_factory.mktemp("app") / "data") as app:
        with app.store() as store:
            for made in (content("time"), _trial()):
                name = str(made["name"]).replace("small", "brief")
                add_survey(store, questionnaire(**made | {"name": name}), name)
                set_survey(store, name, test=True)
        yield app


def _trial() -> dict[str, Any]:
    made = content("time", "staff", name="trial", points={"question": both("Share them")})
    made["scales"]["seven"] = scale(7, worded="ends and middle")
    made["dimensions"].append({"name": "two", "label": both("Two")})
    made["items"][1] |= {"dimension": "two", "perception": {"question": both("How was the staff?"), "scale": "seven"}}
    return made


@pytest.fixture(scope="module")
def _office(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield context
    context.close()


@pytest.fixture
def office(_office: BrowserContext) -> Iterator[BrowserContext]:
    """The computer of the staff: what it has fetched it keeps, as Streamlit's 3 MB; the pages are new for each test."""
    yield _office
    for page in _office.pages:
        page.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """Somebody's own phone."""
    context = browser.new_context(viewport={"width": 412, "height": 915}, has_touch=True, locale="id-ID")
    yield context
    context.close()


@pytest.fixture
def kiosk(browser: Browser) -> Iterator[BrowserContext]:
    """A screen in the hall."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="id-ID")
    yield context
    context.close()
