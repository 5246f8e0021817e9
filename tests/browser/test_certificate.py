"""Does a browser that trusts the office's own authority start the survey without network, over the app's real https?"""

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, expect

from survey.certificate import Certificates, make_certificates
from tests.browser.citizen import Citizen, address, answers_of, arrived, waiting
from tests.browser.conftest import CHROMIUM, SWITCHES
from tests.browser.offline import kept_for_offline
from tests.browser.staff import gate
from tests.running import RunningApp

pytestmark = pytest.mark.browser


@dataclass
class SecureApp(RunningApp):
    """The app, started with the certificates as the command tells."""

    certificates: Certificates = field(init=False)

    def __post_init__(self) -> None:
        self.certificates = make_certificates(self.data / "https", [], [], datetime.now(UTC))

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def command(self) -> list[str]:
        made = self.certificates
        return [*super().command, f"--server.sslCertFile={made.chain}", f"--server.sslKeyFile={made.key}"]

    def _healthy(self) -> bool:
        trusting = ssl.create_default_context(cafile=self.certificates.ca)
        try:
            with urlopen(self.url + self.health, timeout=2, context=trusting) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureApp]:
    app = SecureApp(tmp_path_factory.mktemp("secure") / "data")
    app.start()
    yield app
    app.kill()  # a goodbye over https waits half a minute for the browsers to say goodbye too


def browsing(browser: Browser, home: Path) -> Iterator[BrowserContext]:
    """Another browser of the same kind, of the user whose home this is; its own profile lies there too."""
    context = browser.browser_type.launch_persistent_context(
        home / "profile", executable_path=CHROMIUM, args=SWITCHES, env={**os.environ, "HOME": str(home)}
    )
    yield context
    context.close()


@pytest.fixture
def stranger(browser: Browser, tmp_path: Path) -> Iterator[BrowserContext]:
    """A tablet on which nothing was installed."""
    yield from browsing(browser, tmp_path)


@pytest.fixture
def tablet(browser: Browser, tmp_path: Path, secure: SecureApp) -> Iterator[BrowserContext]:
    """A tablet on which the authority was installed, by the command that is told for Linux."""
    if not shutil.which("certutil") and os.environ.get("CI") != "true":
        pytest.skip("certutil is not installed (Debian: libnss3-tools)")
    store = tmp_path / ".pki" / "nssdb"
    store.mkdir(parents=True)
    database = f"sql:{store}"
    subprocess.run(["certutil", "-d", database, "-N", "--empty-password"], check=True)
    install = ["certutil", "-d", database, "-A", "-t", "C,,", "-n", "Survei", "-i", str(secure.certificates.ca)]
    subprocess.run(install, check=True)
    yield from browsing(browser, tmp_path)


def test_the_app_says_its_address_with_https(secure: SecureApp) -> None:
    assert f"https://localhost:{secure.port}/s/skm" in secure.log


def test_a_tablet_that_trusts_the_authority_starts_without_the_server_and_delivers_later(
    secure: SecureApp, tablet: BrowserContext
) -> None:
    """The server's power is cut: the page starts anew, is answered, and waits; then the server comes back."""
    where = address(secure, "light", station="tablet-1")
    page = tablet.new_page()
    citizen = Citizen(page).visit(where)
    assert page.evaluate("isSecureContext")
    kept_for_offline(page)
    secure.kill()
    page.close()
    page = tablet.new_page()
    citizen = Citizen(page).visit(where)
    citizen.start()
    citizen.answer_all(lambda _: 2)
    citizen.send()
    assert waiting(page) == 1
    secure.start()
    assert arrived(secure, "skm", 1, within=60)
    assert answers_of(secure, "skm")[0]["P_time"] == 2


def test_the_dashboard_opens_over_https_too(secure: SecureApp, tablet: BrowserContext) -> None:
    """Streamlit's own connection is a secure one then (wss)."""
    page = tablet.new_page()
    page.goto(f"{secure.url}/results")
    expect(gate(page)).to_be_visible(timeout=60_000)


def test_a_tablet_that_does_not_is_told_by_its_browser(secure: SecureApp, stranger: BrowserContext) -> None:
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        stranger.new_page().goto(secure.url)
