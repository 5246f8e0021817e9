"""The first question of every questionnaire, as it stands on a kiosk and on a phone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from survey.principal import LOCAL_STAFF
from survey.store.plans.planning import add_survey
from tests.browser.citizen import Citizen
from tests.running import RunningApp

SHIPPED = (
    "skm-2017",
    "skm-2017-servqual",
    "skm-2014",
    "skm-2004",
    "servqual-22",
    "egov-2003-staff",
    "egov-2003-citizen",
    "zi-spkp-spak",
)
SIZES: dict[str, dict[str, Any]] = {
    "kiosk": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 412, "height": 915}, "has_touch": True},
}
FOLDER = Path(__file__).parent / "pictures" / "instruments"


def open_trials(app: RunningApp, names: Sequence[str] = SHIPPED) -> None:
    """A trial survey for each questionnaire, called like it."""
    with app.store() as store:
        for name in names:
            add_survey(store, LOCAL_STAFF, name, name, test=True)


@contextmanager
def visitor(browser: Browser, size: str) -> Iterator[Page]:
    """A page on a screen of that size."""
    context = browser.new_context(**SIZES[size], locale="id-ID")
    yield context.new_page()
    context.close()


def go_to(page: Page, app: RunningApp, name: str, size: str, kind: str = "item") -> None:
    """Open the trial survey and press the main button, skipping what may be skipped, until a ``kind`` of screen."""
    page.goto(f"{app.url}/s/{name}" + ("?station=loket-1" if size == "kiosk" else ""))
    if size == "kiosk":
        Citizen(page).accept_invitation()
    page.locator(".survey .main").click()  # by a pointer, so that no frame of the keyboard stands around headings
    page.evaluate(_UNTIL, kind)
    expect(page.locator(".survey")).to_have_attribute("data-screen", kind)


def take_pictures(app: RunningApp, browser: Browser, folder: Path = FOLDER) -> list[Path]:
    """A picture of the first item of each questionnaire in each size; the files written."""
    open_trials(app)
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    for size in SIZES:
        with visitor(browser, size) as page:
            for name in SHIPPED:
                go_to(page, app, name, size)
                taken.append(folder / f"{name}-{size}.png")
                page.screenshot(path=taken[-1])
    return taken


_UNTIL = """async (kind) => {
  const root = document.querySelector('.survey')
  for (let step = 0; root.dataset.screen !== kind && step < 99; step++) {
    root.querySelector('.main').click()
    await new Promise(requestAnimationFrame)
    root.querySelector('[data-key=skip]')?.click()
  }
}"""
