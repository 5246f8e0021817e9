"""When may a test take the network away? When the service worker has kept what the page needs."""

import time

from playwright.sync_api import Page

from tests.browser.citizen import ANSWERS_ARRIVE_WITHIN

LATER = ("/operator", "/operator.css", "/invitation.css", "/station.js", "/invitation.js", "/sealing.js", "/code.js")
"""The ends of the addresses that a station fetches when its page can be used already."""
_KEPT = """async () => {
  const kept = await (await caches.open('survey-pages')).keys()
  return [location.href, ...kept.map(({ url }) => url)]
}"""


def kept_for_offline(page: Page, *endings: str) -> None:
    """Wait until the service worker has kept this page and, by the ends of their addresses, what else is named.

    Playwright's ``wait_for_function`` would not do: it takes the promise of a function for a yes.
    """
    deadline = time.monotonic() + ANSWERS_ARRIVE_WITHIN / 1000
    while True:
        here, *kept = page.evaluate(_KEPT)
        missing = [] if here in kept else [here]
        paths = [address.partition("?")[0] for address in kept]
        missing += [ending for ending in endings if not any(path.endswith(ending) for path in paths)]
        if not missing:
            return
        assert time.monotonic() < deadline, f"not kept: {missing}, but {kept}"
        page.wait_for_timeout(20)
