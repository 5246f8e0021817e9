"""How much does the first visit cost a citizen on a slow line?"""

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from tests.browser.citizen import Citizen, address
from tests.running import RunningApp

pytestmark = pytest.mark.browser
MOST_BYTES = 15_000
MOST_SECONDS = 1.5
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}


def first_visit(page: Page, address: str, throttle: bool = False) -> tuple[dict[str, int], float]:
    """The bytes of every answer with its headers, as they came over the wire, and the second at which one can start."""
    wire: CDPSession = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    if throttle:
        wire.send("Network.emulateNetworkConditions", SLOW)
    names: dict[str, str] = {}
    size: dict[str, int] = {}
    wire.on("Network.requestWillBeSent", lambda event: names.update({event["requestId"]: event["request"]["url"]}))
    wire.on(
        "Network.loadingFinished",
        lambda event: size.update({names[event["requestId"]]: int(event["encodedDataLength"])}),
    )
    Citizen(page).visit(address)
    page.wait_for_timeout(300)
    seconds = page.evaluate("performance.getEntriesByName('usable')[0].startTime") / 1000
    return {url: bytes_ for url, bytes_ in size.items() if not url.startswith("data:")}, seconds


@pytest.mark.parametrize("station", ["", "loket-1"])
def test_everything_needed_to_answer_comes_in_one_answer_of_at_most_15_kilobytes(
    server: RunningApp, browser: Browser, station: str
) -> None:
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    size, usable = first_visit(page, address(server, "light", station=station))
    later = page.evaluate("performance.getEntriesByType('resource').map(({ startTime }) => startTime / 1000)")
    context.close()
    print(size)
    assert size[next(url for url in size if "/s/skm" in url)] <= MOST_BYTES
    assert all(start > usable + 0.4 for start in later), "whatever a kiosk fetches besides comes later"
    assert not later or station, "and a phone fetches nothing"


def test_one_can_start_within_a_second_and_a_half_at_400_kilobit_and_400_milliseconds(
    server: RunningApp, browser: Browser
) -> None:
    """The line is as slow as that each time; on a machine that is busy with other things the best of three counts."""
    tried: list[float] = []
    while not tried or (min(tried) > MOST_SECONDS and len(tried) < 3):
        context = browser.new_context(locale="id-ID")
        tried.append(first_visit(context.new_page(), address(server, "light"), throttle=True)[1])
        context.close()
    print(tried)
    assert min(tried) <= MOST_SECONDS


def test_a_second_visit_costs_next_to_nothing(server: RunningApp, browser: Browser) -> None:
    """The page is asked for anew each time, and the server says: unchanged."""
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    Citizen(page).visit(address(server, "light"))
    with page.expect_response("**/s/skm**") as caught:
        page.reload()
    assert caught.value.status in (200, 304)
    assert page.evaluate("performance.getEntriesByType('navigation')[0].transferSize") < 1000
    context.close()
