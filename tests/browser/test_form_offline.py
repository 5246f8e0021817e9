"""Does an answer arrive exactly once, whatever the network and the server do meanwhile?"""

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Route, expect

from tests.browser.citizen import Citizen, address, answers_of, arrived, happens, waiting
from tests.browser.offline import kept_for_offline
from tests.running import RunningApp

pytestmark = pytest.mark.browser
WAITS = "Belum tersimpan di kantor. Jawaban Anda aman di perangkat ini dan terkirim sendiri nanti."
_LOOKED_AT = "document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture
def careless(browser: Browser) -> Iterator[BrowserContext]:
    """A phone whose requests the test can answer itself: without a service worker between."""
    context = browser.new_context(viewport={"width": 412, "height": 915}, service_workers="block")
    yield context
    context.close()


def test_a_whole_survey_without_network_waits_on_the_phone_and_is_delivered_once(
    server: RunningApp, phone: BrowserContext
) -> None:
    """The page starts, is answered, is reloaded and answered again without network; then both arrive, each once, also
    when the page is left and come back to.
    """
    before = len(answers_of(server, "brief"))
    page = phone.new_page()
    citizen = Citizen(page).visit(address(server, "light", "brief"))
    kept_for_offline(page)
    phone.set_offline(True)
    page.reload()
    citizen.answer_brief()
    assert citizen.form.locator(".lead").inner_text() == WAITS
    expect(citizen.form.get_by_text("Kode bukti")).to_have_count(0)
    expect(citizen.form.get_by_text("Menunggu dikirim: 1 jawaban.")).to_be_visible()
    page.reload()
    expect(citizen.form.get_by_text(f"{WAITS} Menunggu dikirim: 1 jawaban.")).to_be_visible()
    citizen.answer_brief()
    assert waiting(page) == 2
    assert len(answers_of(server, "brief")) == before
    phone.set_offline(False)
    assert arrived(server, "brief", before + 2)
    # The thank-you that said "waits" now shows the receipt of this very response.
    assert len(citizen.receipt) == 8
    expect(citizen.form.locator(".lead")).to_contain_text("sudah tersimpan")
    assert waiting(page) == 0
    page.goto("about:blank")
    page.go_back()
    expect(citizen.heading).to_be_visible()
    page.wait_for_timeout(300)
    assert len(answers_of(server, "brief")) == before + 2


def test_the_other_language_is_there_without_network_after_one_visit(server: RunningApp, phone: BrowserContext) -> None:
    """The page brings the first language alone; the service worker keeps what came after it."""
    page = phone.new_page()
    citizen = Citizen(page).visit(address(server, "light", "brief"))
    kept_for_offline(page, "/definition")
    phone.set_offline(True)
    page.reload()
    citizen.button("English").click()
    expect(citizen.button("Start")).to_be_visible()
    phone.set_offline(False)


def test_a_language_that_did_not_come_is_shown_when_the_network_is_back(
    server: RunningApp, careless: BrowserContext
) -> None:
    """Until then the survey goes on in the first language, and what was written meanwhile stays."""
    page = careless.new_page()
    page.route("**/definition", lambda route: route.abort())
    citizen = Citizen(page).visit(address(server, "light", "skm"))
    citizen.button("English").click()
    citizen.button("Mulai").click()
    expect(citizen.form).to_have_attribute("data-screen", "service")
    page.unroute("**/definition")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(citizen.heading).to_have_text("Which service have you just received?")


def test_languages_of_a_page_that_has_changed_since_are_left_to_the_next_visit(
    server: RunningApp, careless: BrowserContext
) -> None:
    page = careless.new_page()
    page.route("**/definition", lambda route: route.fulfill(json={}, headers={"ETag": '"another"'}))
    citizen = Citizen(page).visit(address(server, "light", "brief"))
    citizen.button("English").click()
    citizen.start()
    assert citizen.kind == "intro"


def test_a_friendly_page_of_a_captive_portal_is_no_receipt(server: RunningApp, careless: BrowserContext) -> None:
    """200 with HTML, 200 with another id, 200 without a receipt: kept each time. Then the real server answers."""
    before = len(answers_of(server, "brief"))
    page = careless.new_page()
    lies = iter(
        [
            {"content_type": "text/html", "body": "<h1>Welcome to our Wi-Fi</h1>"},
            {"json": {"id": "00000000-0000-4000-8000-000000000000", "receipt": "K7QD4MTA", "status": "stored"}},
            {"json": {"status": "stored"}},
            {"status": 403, "content_type": "text/html", "body": "Please log in"},
        ]
    )
    told = []

    def portal(route: Route) -> None:
        lie = next(lies, None)
        if lie is None:
            route.continue_()
        else:
            told.append(lie)
            route.fulfill(**lie)

    page.route("**/api/responses", portal)
    citizen = Citizen(page).visit(address(server, "light", "brief"))
    citizen.answer_brief()
    expect(citizen.form.get_by_text("Kode bukti")).to_have_count(0)
    assert citizen.form.locator(".lead").inner_text() == WAITS
    for _ in range(3):
        page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_timeout(300)
    assert len(told) == 4
    page.unroute("**/api/responses")
    assert arrived(server, "brief", before + 1)
    assert len(citizen.receipt) == 8


def test_what_the_server_refuses_is_set_aside_and_holds_up_nobody(server: RunningApp, careless: BrowserContext) -> None:
    """A 422 in JSON: kept and counted on the device, said in words; the next response goes. A day later it goes too."""
    before = len(answers_of(server, "brief"))
    page = careless.new_page()
    page.clock.install()
    page.route("**/api/responses", lambda route: route.fulfill(status=422, json={"detail": "no response at all"}))
    citizen = Citizen(page).visit(address(server, "light", "brief"))
    citizen.answer_brief()
    expect(citizen.form.locator(".lead")).to_contain_text("akan diperiksa petugas")
    page.unroute("**/api/responses")
    citizen.press_button("Isi lagi untuk layanan lain")
    citizen.answer_brief()
    assert len(citizen.receipt) == 8
    assert arrived(server, "brief", before + 1)
    page.evaluate(_LOOKED_AT)
    page.wait_for_timeout(300)
    assert waiting(page) == 1, "what was set aside is still there"
    page.clock.fast_forward("25:00:00")
    page.evaluate(_LOOKED_AT)
    assert arrived(server, "brief", before + 2)
    happens(page, lambda: waiting(page) == 0, "it has its receipt")


def test_without_storage_the_person_is_told_before_answering_and_the_answer_still_arrives(
    server: RunningApp, careless: BrowserContext
) -> None:
    before = len(answers_of(server, "brief"))
    page = careless.new_page()
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('forbidden') } })")
    citizen = Citizen(page).visit(address(server, "light", "brief"))
    expect(citizen.form.locator(".note").last).to_contain_text("Perangkat ini tidak dapat menyimpan jawaban.")
    page.route("**/api/responses", lambda route: route.abort())
    citizen.answer_brief()
    assert citizen.question == "Belum tersimpan"
    page.unroute("**/api/responses")
    assert len(citizen.receipt) == 8, "it is sent by itself as long as the page is open"
    assert arrived(server, "brief", before + 1)


def own_address() -> str | None:
    """Where this computer is found in its network; nothing is sent to learn it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(asking.getsockname()[0])


def test_on_plain_http_in_the_office_network_it_works_the_same(server: RunningApp, careless: BrowserContext) -> None:
    """What a browser lacks on http://192.168...: randomUUID, cryptography, Web Locks. Two pages share a lease and send
    each answer once. A computer in no network takes these away by hand.
    """
    before = len(answers_of(server, "brief"))
    place, lacking = address(server, "light", "brief"), ("crypto.randomUUID", "crypto.subtle", "navigator.locks")
    if here := own_address():
        place = place.replace("localhost", here)
    else:
        taken = "Object.defineProperty({}, '{}', {{ value: undefined }})"
        careless.add_init_script(";".join(taken.format(*name.split(".")) for name in lacking))
    pages = [careless.new_page() for _ in range(2)]
    sent: list[str] = []
    for page in pages:
        page.on("requestfinished", lambda one: sent.append(str(one.post_data)) if one.method == "POST" else None)
        page.route("**/api/responses", lambda route: route.abort())
        citizen = Citizen(page).visit(place)
        assert [page.evaluate(f"typeof {name}") for name in lacking] == ["undefined"] * 3
        citizen.answer_brief()
        expect(citizen.form.locator(".lead")).to_have_text(WAITS)
    assert waiting(pages[0]) == 2
    for page in pages:
        page.unroute("**/api/responses")
    for page in pages:
        page.evaluate("dispatchEvent(new Event('online'))")
    assert arrived(server, "brief", before + 2, within=40)
    happens(pages[0], lambda: waiting(pages[0]) == 0, "each has its receipt")
    assert len(sent) == len(set(sent)) == 2, "one sender at a time: nothing went twice"


def test_the_streamlit_door_works_on_while_the_server_is_gone_and_delivers_when_it_is_back(
    server: RunningApp, kiosk: BrowserContext
) -> None:
    """The process is killed in the middle of a survey: no dialog, nothing inert, every key works; then one row."""
    before = len(answers_of(server, "trial"))
    page = kiosk.new_page()
    citizen = Citizen(page).visit(address(server, "streamlit", "trial"))
    citizen.start()
    citizen.go_on()
    citizen.choose(3)
    try:
        server.kill()
        page.wait_for_timeout(4500)  # Streamlit's own dialog used to come after 3.8 s and made everything inert
        assert page.get_by_role("dialog").count() == 0
        citizen.go_on()
        citizen.choose(7)
        citizen.go_on()
        citizen.button("Lanjut").click()
        citizen.press_button("Lewati")
        citizen.send()
        assert citizen.form.locator(".lead").inner_text() == WAITS
    finally:
        server.start()
    assert arrived(server, "trial", before + 1)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(500)
    assert answers_of(server, "trial")[before:] == [{"P_time": 3, "P_staff": 7}]


def test_the_light_page_starts_without_network_after_one_visit(server: RunningApp, phone: BrowserContext) -> None:
    """Also when the network is there and answers with a page of its own."""
    page = phone.new_page()
    citizen = Citizen(page).visit(address(server, "light", "skm", "loket-1"))
    kept_for_offline(page)
    page.close()
    phone.set_offline(True)
    page = phone.new_page()
    citizen = Citizen(page).visit(address(server, "light", "skm", "loket-1"))
    assert citizen.question == "Survei Kepuasan Masyarakat"
    assert "Loket 1" in citizen.text
    citizen.start()
    phone.set_offline(False)


def test_a_storage_that_is_full_keeps_nobody_from_the_page(server: RunningApp, phone: BrowserContext) -> None:
    """The service worker cannot keep what the network gives, and shows it all the same."""
    page = phone.new_page()
    Citizen(page).visit(address(server, "light", "brief"))
    kept_for_offline(page)
    page.evaluate("caches.delete('survey-pages')")
    wire = phone.new_cdp_session(page)
    wire.send("Storage.overrideQuotaForOrigin", {"origin": server.url, "quotaSize": 1})
    page.reload()
    assert Citizen(page).kind == "notice"
    assert page.evaluate("Boolean(navigator.serviceWorker.controller)"), "the service worker was asked"
