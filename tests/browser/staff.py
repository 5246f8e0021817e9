"""How do the staff enter their screens? Every browser test, picture and benchmark goes in through here."""

from playwright.sync_api import Locator, Page, expect

from tests.running import RunningApp

COMES_WITHIN = 30_000
"""Milliseconds; generous, because tests share a machine."""


def gate(page: Page) -> Locator:
    """The field that a visitor sees instead of a screen of the staff."""
    return page.get_by_test_id("stMain").locator("input[type=password]")


def sign_in(page: Page, app: RunningApp, path: str = "", patience: float = COMES_WITHIN) -> Page:
    """Open the screen of the staff at ``path``, or the one whose address stands there, and wait until it shows."""
    if path:
        page.goto(app.url + path)
    gate(page).fill(app.staff_code, timeout=patience)
    gate(page).press("Enter")
    expect(gate(page)).to_have_count(0, timeout=patience)
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=patience)
    return page
