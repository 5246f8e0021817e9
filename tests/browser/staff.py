"""How do the staff enter their screens? Every browser test, picture and benchmark goes in through here."""

import re
from urllib.parse import quote, urlsplit

from playwright.sync_api import BrowserContext, Locator, Page, TimeoutError, expect

from tests.browser.citizen import happens
from tests.running import PASSWORD, RunningApp

COMES_WITHIN = 30_000
"""Milliseconds; generous, because tests share a machine."""


def gate(page: Page) -> Locator:
    """The link to the login, or to the set-up, that a visitor sees instead of a screen of the staff."""
    return page.get_by_test_id("stMain").locator("a[href^='/login'], a[href^='/set-up']")


def sign_in(page: Page, app: RunningApp, path: str = "", patience: float = COMES_WITHIN) -> Page:
    """Log in on the real page and wait for the screen of the staff at ``path``, or the one whose address stands there.

    Whoever is logged in already comes straight to the screen.
    """
    name = app.administrator()
    if path:
        page.goto(f"{app.url}/login?next={quote(path, safe='')}")
    else:
        gate(page).click(timeout=patience)
    if urlsplit(page.url).path == "/login":
        page.locator("input[name=name]").fill(name, timeout=patience)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("button[type=submit]").click()
    expect(page.get_by_test_id("stMain").get_by_role("heading", level=1).first).to_be_visible(timeout=patience)
    expect(gate(page)).to_have_count(0)
    return page


def rests(page: Page) -> None:
    """The script has run to its end: until then the former screen may stand below, and what is pressed may move."""
    running = page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
    expect(running).to_have_count(1, timeout=COMES_WITHIN)


def press(button: Locator) -> None:
    """Press a button, or what else can be pressed, once it is there and the screen has come to rest, as people do."""
    expect(button).to_be_visible(timeout=COMES_WITHIN)
    rests(button.page)

    def stands_still() -> bool:
        place = button.bounding_box()
        button.page.wait_for_timeout(150)
        return place is not None and place == button.bounding_box()

    happens(button.page, stands_still, "it stands still")
    button.click(timeout=COMES_WITHIN)


def choose(box: Locator, wanted: str | re.Pattern[str]) -> None:
    """Choose from a list. One that closed because the screen still moved is opened again, as a hand would."""
    option = box.page.get_by_role("option", name=wanted)
    expect(box).to_be_visible(timeout=COMES_WITHIN)
    rests(box.page)

    def chosen() -> bool:
        try:
            if not option.count():
                box.click(timeout=2000)
            option.click(timeout=2000)
        except TimeoutError:
            return False
        return True

    happens(box.page, chosen, f"{wanted} can be chosen")


def carry_login(context: BrowserContext, app: RunningApp) -> None:
    """Give a browser a login that was begun straight in the store, for whoever only measures or takes pictures."""
    for name, value in app.login().items():
        context.add_cookies([{"name": name, "value": value, "url": app.url, "httpOnly": True, "sameSite": "Strict"}])
