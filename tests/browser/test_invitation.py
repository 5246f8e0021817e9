"""Does a screen in the hall invite calmly, tell what was improved, and come back to that for each new person?"""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from survey.principal import LOCAL_STAFF
from survey.store.plans.planning import tell_improved
from tests.browser.citizen import ANSWERS_ARRIVE_WITHIN, Citizen, address
from tests.browser.offline import LATER, kept_for_offline
from tests.running import RunningApp

pytestmark = pytest.mark.browser
TOLD = {"id": "Loket sekarang buka sampai pukul 16.", "en": "The counters are now open until 4 p.m."}


@pytest.fixture(scope="module")
def improved(server: RunningApp) -> Iterator[RunningApp]:
    """The survey skm tells of an improvement; the survey brief tells of none."""
    with server.store() as store:
        tell_improved(store, LOCAL_STAFF, "skm", TOLD)
    yield server
    with server.store() as store:
        tell_improved(store, LOCAL_STAFF, "skm", {})


def invited(page: Page, where: str) -> Citizen:
    page.goto(where)
    citizen = Citizen(page)
    expect(citizen.invitation).to_be_visible(timeout=ANSWERS_ARRIVE_WITHIN)
    return citizen


@pytest.mark.parametrize("door", ["light", "streamlit"])
def test_it_says_who_asks_what_is_asked_and_what_was_improved_in_every_language(
    improved: RunningApp, kiosk: BrowserContext, door: str
) -> None:
    citizen = invited(kiosk.new_page(), address(improved, door, station="loket-1"))
    assert citizen.invitation.inner_text().split("\n\n") == [
        "DPMPTSP Kota Kupang",
        "Bagaimana layanan kami hari ini?",
        "How was our service today?",
        f"Baru kami perbaiki: {TOLD['id']}",
        f"Improved lately: {TOLD['en']}",
        "Sentuh layar untuk mulai",
        "Touch the screen to begin",
    ]
    languages = citizen.invitation.locator("[lang=en]")
    assert languages.all_inner_texts()[0] == "How was our service today?"
    expect(citizen.form.get_by_text("Loket 1")).to_be_visible()


def test_a_survey_that_tells_nothing_shows_no_empty_place(improved: RunningApp, kiosk: BrowserContext) -> None:
    citizen = invited(kiosk.new_page(), address(improved, "light", "brief", station="loket-1"))
    expect(citizen.invitation.locator(".invite-news")).to_have_count(0)
    expect(citizen.invitation.get_by_role("button")).to_be_visible()


def test_a_touch_anywhere_begins_and_the_first_screen_has_the_focus(
    improved: RunningApp, kiosk: BrowserContext
) -> None:
    page = kiosk.new_page()
    for x, y in ((20, 20), (1260, 600), (640, 400)):
        citizen = invited(page, address(improved, "light", station="loket-1"))
        page.mouse.click(x, y)
        expect(citizen.invitation).to_have_count(0)
        expect(citizen.heading).to_be_visible()
        assert citizen.kind == "notice"
        assert page.evaluate("document.activeElement.textContent") == "Survei Kepuasan Masyarakat"


def test_it_begins_by_keys_too(improved: RunningApp, kiosk: BrowserContext) -> None:
    """The focus is on the question, which a screen reader says; the next stop of the tab key is the button."""
    page = kiosk.new_page()
    citizen = invited(page, address(improved, "light", station="loket-1"))
    assert page.evaluate("document.activeElement.textContent") == "Bagaimana layanan kami hari ini?"
    citizen.press("Tab", "Enter")
    expect(citizen.invitation).to_have_count(0)
    citizen.start()


def test_it_comes_back_for_each_new_person_and_not_for_another_language(
    improved: RunningApp, kiosk: BrowserContext
) -> None:
    page = kiosk.new_page()
    page.clock.install()
    citizen = invited(page, address(improved, "light", "brief", station="loket-1"))
    citizen.accept_invitation()
    citizen.button("English").click()
    expect(citizen.form.get_by_role("button", name="Start")).to_be_visible()
    page.wait_for_timeout(300)
    expect(citizen.invitation).to_have_count(0)
    # Nobody is there any more.
    page.clock.fast_forward(61_000)
    expect(citizen.invitation).to_be_visible()
    # The next person answers; after the thanks comes the invitation.
    citizen.accept_invitation()
    citizen.answer_brief()
    page.wait_for_timeout(300)
    expect(citizen.invitation).to_have_count(0)
    page.clock.run_for(16_000)
    expect(citizen.invitation).to_be_visible()
    assert citizen.form.get_attribute("data-screen") == "notice"


def test_a_persons_own_phone_invites_nobody(improved: RunningApp, phone: BrowserContext) -> None:
    citizen = Citizen(phone.new_page()).visit(address(improved, "light"))
    citizen.page.wait_for_timeout(1500)
    expect(citizen.invitation).to_have_count(0)


def test_it_is_there_without_network_after_one_visit(improved: RunningApp, kiosk: BrowserContext) -> None:
    where = address(improved, "light", station="loket-1")
    page = kiosk.new_page()
    invited(page, where)
    kept_for_offline(page, "/invitation/skm", *LATER)
    page.close()
    kiosk.set_offline(True)
    citizen = invited(kiosk.new_page(), where)
    expect(citizen.invitation.get_by_text(TOLD["id"])).to_be_visible()
    kiosk.set_offline(False)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (1024, 600), (800, 1280), (412, 915)])
def test_it_fits_every_screen_and_axe_finds_nothing(
    improved: RunningApp, browser: Browser, size: tuple[int, int], scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale="id-ID",
    )
    page = context.new_page()
    citizen = invited(page, address(improved, "light", station="loket-1"))
    height, width = page.evaluate("[document.documentElement.scrollHeight, document.documentElement.scrollWidth]")
    assert (width, height) == size
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
    button = citizen.invitation.get_by_role("button").bounding_box()
    assert button and button["height"] >= 60
    context.close()


# --- the screen stays on; a sound only where it is wanted

_SPY = """
  window.told = []
  if (navigator.wakeLock) {
    const request = navigator.wakeLock.request.bind(navigator.wakeLock)
    navigator.wakeLock.request = (kind) => { told.push(kind); return request(kind) }
  }
  const start = OscillatorNode.prototype.start
  OscillatorNode.prototype.start = function (...at) {
    told.push(Math.round(this.frequency.value))
    return start.apply(this, at)
  }
"""


@pytest.mark.parametrize(("asked", "heard"), [("", []), ("&sound=1", [880, 523, 784])])
def test_the_screen_stays_on_and_sounds_only_when_the_address_asks(
    improved: RunningApp, kiosk: BrowserContext, asked: str, heard: list[int]
) -> None:
    """A click for each answer, two soft notes at the end. The real browser plays them; the test only listens."""
    page = kiosk.new_page()
    page.add_init_script(_SPY)
    citizen = invited(page, address(improved, "light", "brief", station="loket-1") + asked)
    citizen.accept_invitation()
    citizen.start()
    citizen.answer_all(lambda _: 1)
    citizen.send()
    page.wait_for_timeout(300)
    told = page.evaluate("told")
    assert told[0] == "screen"
    assert [sound for sound in told if sound != "screen"] == heard


# --- the way out, for the staff


@pytest.mark.parametrize("begun", [False, True], ids=["while it invites", "while somebody answers"])
def test_the_staff_leaves_the_form_by_a_long_press_and_the_pin(
    improved: RunningApp, kiosk: BrowserContext, begun: bool
) -> None:
    """From the panel to the staff's screens; what a citizen has begun is wiped first, and not found by going back."""
    page = kiosk.new_page()
    citizen = invited(page, address(improved, "light", station="loket-1"))
    if begun:
        citizen.accept_invitation()
        citizen.start()
        citizen.touch("Izin usaha")
    page.locator(".staff-door").click(delay=1700)
    for digit in (improved.data / "device-pin.txt").read_text().strip():
        page.get_by_role("button", name=digit, exact=True).click()
    page.get_by_role("button", name="Buka", exact=True).click()
    page.get_by_role("button", name="Buka halaman petugas").click()
    page.wait_for_url("**/results")
    expect(page.get_by_role("heading", name="Untuk petugas")).to_be_visible(timeout=ANSWERS_ARRIVE_WITHIN)
    page.go_back()
    expect(citizen.invitation).to_be_visible(timeout=ANSWERS_ARRIVE_WITHIN)
    assert "Izin usaha" not in citizen.text and citizen.form.locator("input:checked").count() == 0
