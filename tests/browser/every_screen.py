"""Pictures of every screen at the size of a kiosk, a tablet and a phone, to be looked at; they are not kept.

``python -m tests.browser.make_pictures --all DIR`` writes them. Every answer in them is made up.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from app import PAGES
from survey.example import add_example_answers
from survey.principal import LOCAL_STAFF
from survey.store.plans.planning import tell_improved
from tests.browser.citizen import ANSWERS_ARRIVE_WITHIN, Citizen
from tests.browser.staff import gate, sign_in
from tests.builders import survey_called
from tests.running import RunningApp

SIZES: dict[str, dict[str, Any]] = {
    "kiosk": {"viewport": {"width": 1280, "height": 800}},
    "tablet": {"viewport": {"width": 800, "height": 1280}, "has_touch": True},
    "phone": {"viewport": {"width": 412, "height": 915}, "has_touch": True},
    "kiosk-dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
}
VIEWS = ("overview", "elements", "gaps", "answers", "people", "priorities", "comparison", "measurement")
STAFF = {
    **{f"results-{view}": f"/results?survey=contoh&view={view}" for view in VIEWS},
    "results-empty": "/results?survey=skm",
    **{page.address: f"/{page.address}" for page in PAGES if page.address not in ("results", "releases")},
}
LIGHT_PAGES = ("login", "reset", "station")
IMPROVED = {
    "id": "Loket sekarang buka sampai pukul 16, juga pada hari Jumat.",
    "en": "The counters are now open until 4 p.m., on Fridays too.",
}


def picture_every_screen(app: RunningApp, browser: Browser, folder: Path) -> Iterator[Path]:
    """Write them, one after another; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    yield _taken_of_set_up(app, browser, folder)
    app.administrator()
    with app.store() as store:
        tell_improved(store, LOCAL_STAFF, "skm", IMPROVED)
        add_example_answers(store, LOCAL_STAFF, survey_called(store, "contoh"), 400, seed=2026)
    for size, screen in SIZES.items():
        context = browser.new_context(**screen, locale="id-ID", reduced_motion="reduce")
        page = context.new_page()
        for name in chain(_of_citizens(app, page, shared=size != "phone"), _of_staff(app, page)):
            yield _taken(page, folder / f"{size}-{name}.png")
        context.close()


def _of_citizens(app: RunningApp, page: Page, *, shared: bool) -> Iterator[str]:
    """Walk through the form and say the name of each screen when it stands there."""
    citizen = Citizen(page)
    page.goto(f"{app.url}/s/skm" + ("?station=loket-1" if shared else ""))
    if shared:
        expect(citizen.invitation).to_be_visible(timeout=ANSWERS_ARRIVE_WITHIN)
        yield "form-invitation"
        citizen.accept_invitation()
    yield "form-notice"
    citizen.press_button("Mulai")
    yield "form-service"
    citizen.press_button("Lanjut")
    yield "form-profile"
    while citizen.kind != "intro":
        citizen.press_button("Lanjut")
    yield "form-intro"
    citizen.press_button("Lanjut")
    yield "form-item"
    citizen.answer("Sesuai").evaluate("(radio) => radio.click()")
    yield "form-item-chosen"
    citizen.press_button("Lanjut")
    citizen.button("Lanjut").click()
    yield "form-item-missing"
    citizen.button("Mulai dari awal").click()
    yield "form-start-over"
    citizen.button("Lanjutkan mengisi").click()
    while citizen.kind != "comment":
        citizen.button("Lewati" if citizen.button("Lewati").count() else "Lanjut").click()
    yield "form-comment"
    citizen.button("Kirim jawaban").click()
    assert citizen.receipt
    yield "form-thanks"
    page.goto(f"{app.url}/s/tidak-ada")
    yield "form-unknown"
    page.goto(app.url)
    expect(citizen.heading).to_be_visible(timeout=ANSWERS_ARRIVE_WITHIN)
    yield "form-in-streamlit"
    if shared:
        yield from _of_the_panel(app, page)


def _of_the_panel(app: RunningApp, page: Page) -> Iterator[str]:
    Citizen(page).visit(f"{app.url}/s/skm?station=loket-1")
    page.locator(".staff-door").press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible(timeout=ANSWERS_ARRIVE_WITHIN)
    yield "panel-pin"
    page.keyboard.type((app.data / "device-pin.txt").read_text().strip())
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Keadaan perangkat ini")).to_be_visible()
    yield "panel"


def _of_staff(app: RunningApp, page: Page) -> Iterator[str]:
    """Each screen anew by its address: a link must lead there, too."""
    page.goto(f"{app.url}/results")
    gate(page).wait_for(timeout=60_000)
    yield "staff-wall"
    for address in LIGHT_PAGES:
        page.goto(f"{app.url}/{address}")
        yield f"page-{address}"
    for name, path in STAFF.items():
        sign_in(page, app, path)
        if name.startswith("results-") and not name.endswith("empty"):
            page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=60_000)
        yield name
    page.goto(f"{app.url}/password")
    yield "page-password"


def _taken_of_set_up(app: RunningApp, browser: Browser, folder: Path) -> Path:
    page = browser.new_page(**SIZES["kiosk"])
    page.goto(f"{app.url}/set-up")
    taken = _taken(page, folder / "kiosk-page-set-up.png")
    page.close()
    return taken


def _taken(page: Page, file: Path) -> Path:
    """The whole page when it has come to rest."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1200)
    page.screenshot(path=file, full_page=True)
    return file
