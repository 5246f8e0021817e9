"""Does every screen of the staff fit on a phone? A clerk may have nothing else at hand."""

import pytest
from playwright.sync_api import BrowserContext, expect

from app import PAGES
from survey.principal import LOCAL_STAFF
from survey.store.safety.backup import make_backup
from tests.browser.staff import sign_in
from tests.running import RunningApp

pytestmark = pytest.mark.browser
OUTSIDE = """(main) => new Promise((told) => {
  const until = performance.now() + 5000
  const look = () => {
    const outside = main.scrollWidth - main.clientWidth
    if (outside <= 0 || performance.now() > until) told(outside)
    else requestAnimationFrame(look)
  }
  look()
})"""
"""How many pixels stick out to the side, when tables have had the time to notice that the screen is narrow."""


def test_no_screen_of_the_staff_sticks_out_to_the_side_of_a_phone(server: RunningApp, office: BrowserContext) -> None:
    with server.store() as store:
        make_backup(store, LOCAL_STAFF, server.settings)  # the names of its files are long
    page = sign_in(office.new_page(), server, "/home")
    resting = page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
    outside = {}
    for place in PAGES:
        page.set_viewport_size({"width": 1280, "height": 800})
        link = page.get_by_test_id("stSidebarNav").locator(f"a[href$='/{place.address}']")
        if not link.count():
            continue  # not for administrators
        link.click()
        page.wait_for_url(f"**/{place.address}*")
        expect(resting).to_have_count(1, timeout=20_000)
        page.set_viewport_size({"width": 412, "height": 915})
        expect(page.get_by_test_id("stMain").get_by_role("heading", level=1).first).to_be_visible()
        outside[place.address] = page.get_by_test_id("stMain").evaluate(OUTSIDE)
    assert len(outside) >= 15
    assert {address: pixels for address, pixels in outside.items() if pixels > 0} == {}
