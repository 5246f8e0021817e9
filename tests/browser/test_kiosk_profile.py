"""Does an answer that waits on a kiosk outlive the start script, which forgets everything else of the profile?"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.citizen import Citizen, address, answers_of, arrived, waiting
from tests.browser.conftest import CHROMIUM, SWITCHES
from tests.running import RunningApp
from tests.test_kiosk_scripts import run

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(os.name != "posix", reason="a script for Linux"),
]


@contextmanager
def browsing(browser: Browser, profile: Path, *, network: bool) -> Iterator[Page]:
    """Another browser of the same kind with the kiosk's profile; without ``network`` no answer gets through."""
    context = browser.browser_type.launch_persistent_context(profile, executable_path=CHROMIUM, args=SWITCHES)
    if not network:
        context.route("**/api/**", lambda route: route.abort())
    yield context.new_page()
    context.close()


def test_what_waits_outlives_the_start_script_and_traces_of_persons_do_not(
    server: RunningApp, browser: Browser, tmp_path: Path
) -> None:
    before = len(answers_of(server, "brief"))
    where = address(server, "light", "brief", "loket-1")
    with browsing(browser, tmp_path / "profile", network=False) as page:
        Citizen(page).visit(where).answer_brief()
        assert waiting(page) == 1
        page.evaluate("localStorage.trace = 'somebody'; document.cookie = 'trace=somebody; max-age=9999'")
    assert run(tmp_path, where).returncode == 0
    with browsing(browser, tmp_path / "profile", network=False) as page:
        Citizen(page).visit(where)
        assert waiting(page) == 1
        kept = page.evaluate("({...localStorage, cookie: document.cookie})")
        assert kept == {"survey-queue": "[1,1]", "cookie": ""}, "how many wait, noted anew, and nothing else"
    with browsing(browser, tmp_path / "profile", network=True) as page:
        Citizen(page).visit(where)
        assert arrived(server, "brief", before + 1)
