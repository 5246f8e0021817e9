"""Does a text that somebody planted stay a text, on every screen and in every file that is taken away?

The worst case is played: the texts stand in the database already, past every check of a screen.
"""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from app import PAGES
from survey.principal import LOCAL_STAFF
from survey.store.people.audit import Did, record
from tests.browser.citizen import Citizen
from tests.browser.staff import sign_in
from tests.builders import respond
from tests.running import RunningApp, running_app

pytestmark = pytest.mark.browser
PLANT = (
    "<img src=/planted onerror=alert(1)><script>alert(2)</script>[link](http://planted.invalid/a)"
    " ![picture](http://planted.invalid/p.png) **bold** $x^2$ :material/home: =HYPERLINK(1) \u202egnorw"
)
LIVE = "img[src*=planted], a[href*=planted], .katex, [data-testid=stIconMaterial]:text-is('home')"
"""What would stand on a page if the text were taken for markup."""


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with running_app(tmp_path_factory.mktemp("planted") / "data") as app:
        app.administrator()
        with app.store() as store:
            for number in range(12):
                respond(store, time=1 + number % 4, service="nib", comment=PLANT)
            both = json.dumps({"id": PLANT, "en": PLANT})
            with store.engine.begin() as connection:
                for table in ("agency", "unit", "service"):
                    connection.exec_driver_sql(f"UPDATE {table} SET label = ?", (both,))
                for column in ("title", "notice", "thanks", "improved"):
                    connection.exec_driver_sql(f"UPDATE survey SET {column} = ?", (both,))
                for table in ("station", "account"):
                    connection.exec_driver_sql(f"UPDATE {table} SET label = ?", (PLANT,))
                record(connection, LOCAL_STAFF, Did.SURVEY_CHANGED, PLANT, before=PLANT, after=PLANT)
        yield app


@pytest.fixture
def watched(browser: Browser, planted: RunningApp) -> Iterator[Page]:
    """A page that notices dialogs and every request to somebody else."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="id-ID")
    page = context.new_page()
    heard: list[str] = []
    page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    page.on(
        "request",
        lambda asked: heard.append(f"{page.url} {asked.url} {asked.resource_type}") if "planted" in asked.url else None,
    )
    yield page
    assert heard == []
    context.close()


def test_no_screen_of_the_staff_takes_a_planted_text_for_markup(watched: Page, planted: RunningApp) -> None:
    sign_in(watched, planted, "/results")
    seen, live = 0, {}
    for place in PAGES:
        link = watched.get_by_test_id("stSidebarNav").locator(f"a[href$='/{place.address}']")
        if not link.count():
            continue  # not for administrators
        link.click()
        watched.wait_for_url(f"**/{place.address}*")
        expect(watched.get_by_test_id("stMain").get_by_role("heading", level=1).first).to_be_visible()
        expect(watched.get_by_test_id("stStatusWidget")).to_have_count(0)
        watched.wait_for_load_state("networkidle")
        if found := watched.locator(LIVE).all():
            live[place.address] = [one.evaluate("e => e.outerHTML")[:300] for one in found]
        if watched.get_by_text("Ada yang salah pada halaman ini").count():
            live[place.address] = ["broken"]
        seen += "gnorw" in watched.get_by_test_id("stMain").inner_text()
    assert live == {}
    assert seen >= 4  # or nothing was tried


@pytest.mark.parametrize("door", ["/s/skm", "/", "/login", "/s/skm?station=loket-1"])
def test_no_page_of_the_citizens_takes_a_planted_text_for_markup(watched: Page, planted: RunningApp, door: str) -> None:
    watched.goto(planted.url + door)
    expect(watched.get_by_text("onerror=alert(1)").first).to_be_visible(timeout=30_000)
    if urlsplit(door).path == "/s/skm" and "station" not in door:
        Citizen(watched).start()
    watched.wait_for_load_state("networkidle")
    assert watched.locator(LIVE).count() == 0
