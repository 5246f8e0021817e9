"""What waits on a device: does it survive whatever happens, does it stay secret, and do the staff see how it is?"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from survey.commands.command_line import main
from survey.packed import Flag
from tests.browser.citizen import Citizen, address, answers_of, arrived, bodies, happens, put, queued, waiting
from tests.browser.offline import LATER, kept_for_offline
from tests.browser.test_form_access import violations
from tests.builders import (
    add_survey,
    ask_instead,
    content,
    next_version,
    questionnaire,
    rows,
    set_survey,
    survey_called,
)
from tests.running import RunningApp

pytestmark = pytest.mark.browser
EARLIER = Path(__file__).parent / "queues" / "2026-11.json"
API = "**/api/responses"
FULL = "Perangkat ini tidak dapat menyimpan jawaban. Biarkan halaman ini terbuka sampai terkirim."
ABOUT_TEN_MINUTES = 601_000


@pytest.fixture
def device(browser: Browser) -> Iterator[BrowserContext]:
    """A kiosk whose requests the test can hold back: without a service worker between."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="id-ID", service_workers="block")
    yield context
    context.close()


def at_kiosk(page: Page, server: RunningApp, station: str = "loket-2", survey: str = "brief") -> Citizen:
    """A citizen at a station, where everything that comes later has come."""
    citizen = Citizen(page).visit(address(server, "light", survey, station))
    expect(door(page)).to_be_visible()
    return citizen


def finish(citizen: Citizen) -> None:
    """Leave the thank-you; the next person finds the start."""
    citizen.button("Selesai").click()
    citizen.accept_invitation()


def cut(page: Page) -> None:
    """Nothing reaches the server any more."""
    page.route(API, lambda route: route.abort())


def mend(page: Page) -> None:
    """The network is back."""
    page.unroute(API)
    page.evaluate("dispatchEvent(new Event('online'))")


def still(page: Page) -> None:
    """The page's clock, which was installed before, stands still until it is told otherwise."""
    page.clock.pause_at(page.evaluate("Date.now() / 1000 + 1"))


def stored(server: RunningApp, query: str) -> list[Any]:
    with server.store() as store:
        return rows(store, query)


# --- whatever happens between the device and the disk


def test_a_server_killed_between_the_commit_and_its_answer_stores_once(
    server: RunningApp, device: BrowserContext
) -> None:
    """The answer of the process is dropped after it committed, and the process killed: the same bytes go again."""
    before = len(answers_of(server, "brief"))
    page = device.new_page()
    page.clock.install()
    receipts = []

    def drop(route: Route) -> None:
        answer = route.fetch()
        assert answer.status == 201
        receipts.append(answer.json()["receipt"])
        server.kill()
        route.abort()

    page.route(API, drop, times=1)
    citizen = at_kiosk(page, server)
    try:
        citizen.answer_brief()
        expect(citizen.form.locator(".lead")).to_contain_text("Belum tersimpan di kantor")
        assert len(receipts) == 1 and waiting(page) == 1
        still(page)  # the thanks do not end while the server starts
    finally:
        server.start()
    page.clock.resume()
    mend(page)
    assert citizen.receipt == receipts[0], "the receipt of the first time"
    assert len(answers_of(server, "brief")) == before + 1
    assert waiting(page) == 0


def test_while_the_database_is_gone_the_answer_waits_and_goes_by_itself_when_it_is_back(
    server: RunningApp, device: BrowserContext
) -> None:
    """The file is moved away under the running app. The device asks again after 1, 2, 4 s … 5 min, each time a quarter
    more or less, and at once when somebody looks at the page; the app is not started anew.
    """
    before = len(answers_of(server, "brief"))
    page = device.new_page()
    page.clock.install()
    asked: list[str] = []
    told: list[int] = []
    page.on("request", lambda sent: asked.append(sent.url) if sent.url.endswith("/api/responses") else None)
    page.on("response", lambda answer: told.append(answer.status) if answer.url.endswith("/api/responses") else None)
    citizen = Citizen(page).visit(address(server, "light", "brief"))
    file = server.settings.database

    def looked_at() -> None:
        tries = len(told)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        happens(page, lambda: len(told) == tries + 1, "it is sent at once")

    file.rename(file.with_suffix(".away"))
    try:
        citizen.answer_brief()
        expect(citizen.form.locator(".lead")).to_contain_text("Belum tersimpan di kantor")
        page.clock.pause_at(page.evaluate("Date.now() + 1"))
        looked_at()
        for seconds in (1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300):
            happens(page, lambda: len(told) == len(asked), "the server answers, by a clock of its own")
            page.wait_for_timeout(200)
            waited, tries = 0.0, len(asked)
            while len(asked) == tries:
                assert waited < 2 * seconds, f"nothing was sent for {waited} s"
                page.clock.run_for(seconds * 100)
                page.wait_for_timeout(20)
                waited += seconds / 10
            assert waited > 0.7 * seconds, f"{waited} s after a failure, {seconds} were meant"
        happens(page, lambda: len(told) == len(asked), "the server answers")
        looked_at()
        assert set(told) == {503} and waiting(page) == 1
    finally:
        file.with_suffix(".away").rename(file)
    while 201 not in told:
        page.clock.run_for(500)
        page.wait_for_timeout(20)
    assert len(citizen.receipt) == 8
    assert len(answers_of(server, "brief")) == before + 1 and waiting(page) == 0


def test_a_double_tap_sends_once(server: RunningApp, device: BrowserContext) -> None:
    before = len(answers_of(server, "brief"))
    page = device.new_page()
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/api/responses") else None)
    citizen = at_kiosk(page, server)
    citizen.start()
    citizen.answer_all(lambda _: 4)
    citizen.button("Kirim jawaban").dblclick()
    assert len(citizen.receipt) == 8
    assert (len(sent), len(answers_of(server, "brief"))) == (1, before + 1)


def test_two_tabs_of_a_station_count_together_and_send_each_answer_once(
    server: RunningApp, device: BrowserContext
) -> None:
    """Both answer without network and come back at the same moment; the numbers of the station have no gap."""
    before = len(answers_of(server, "brief"))
    pages = [device.new_page(), device.new_page()]
    citizens = [at_kiosk(page, server) for page in pages]
    for page in pages:
        cut(page)
    for citizen in citizens:
        citizen.page.bring_to_front()
        citizen.answer_brief()
    assert sorted(body["sequence"] for body in bodies(pages[0])) == [1, 2]
    sent: list[str] = []
    for page in pages:
        page.on("request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None)
        page.unroute(API)
    for page in pages:
        page.evaluate("dispatchEvent(new Event('online'))")
    assert arrived(server, "brief", before + 2)
    expect(Citizen(pages[0]).form.locator(".code")).to_be_visible()
    expect(Citizen(pages[1]).form.locator(".code")).to_be_visible()
    assert waiting(pages[0]) == 0
    told = [json.loads(body) for body in sent if '"answers"' in body]
    assert len(told) == len({body["id"] for body in told}) == 2, "one sender at a time: nothing went twice"
    assert [body["sequence"] for body in told] == [1, 2], "the oldest first"


def test_when_the_storage_is_full_the_person_is_told_before_answering_and_the_answer_arrives(
    server: RunningApp, device: BrowserContext
) -> None:
    """It is held in memory and sent from there. Before each person it is asked anew: then there is room again."""
    before = len(answers_of(server, "brief"))
    page = device.new_page()
    wire = device.new_cdp_session(page)
    wire.send("Storage.overrideQuotaForOrigin", {"origin": server.url, "quotaSize": 1})
    citizen = at_kiosk(page, server)
    expect(citizen.form.locator(".note.alert").last).to_have_text(FULL)
    expect(citizen.form.locator(".news")).to_have_text(FULL)
    citizen.answer_brief()
    assert arrived(server, "brief", before + 1)
    assert len(citizen.receipt) == 8
    wire.send("Storage.overrideQuotaForOrigin", {"origin": server.url})
    finish(citizen)
    expect(citizen.form.locator(".news")).to_have_text("")


def test_a_database_that_the_browser_closed_is_opened_again(server: RunningApp, device: BrowserContext) -> None:
    before = len(answers_of(server, "brief"))
    page = device.new_page()
    citizen = at_kiosk(page, server)
    device.new_cdp_session(page).send("Storage.clearDataForOrigin", {"origin": server.url, "storageTypes": "indexeddb"})
    cut(page)
    citizen.answer_brief()
    assert len(bodies(page)) == 1, "sealed with the key that lies beside it, not with the one that went"
    page.reload()
    mend(page)
    assert arrived(server, "brief", before + 1)


def test_while_the_browser_does_not_open_its_database_what_waits_is_still_counted_and_goes_when_it_does(
    server: RunningApp, device: BrowserContext
) -> None:
    """The panel said that all was sent, and nobody tried again until the next touch. Of none, no count is kept."""
    before = len(answers_of(server, "brief"))
    page = device.new_page()
    citizen = at_kiosk(page, server)
    cut(page)
    citizen.answer_brief()
    expect(citizen.form.locator(".lead")).to_contain_text("Belum tersimpan di kantor")
    assert waiting(page) == 1
    page.add_init_script(
        """const open = IDBFactory.prototype.open
        window.broken = true
        IDBFactory.prototype.open = function (...given) {
          if (window.broken) throw new DOMException('broken', 'UnknownError')
          return open.apply(this, given)
        }"""
    )
    at_kiosk(page, server)
    panel = open_panel(page, server)
    expect(panel.locator("dd").first).to_be_visible()
    assert facts(panel)["Jawaban menunggu dikirim"] == "1"
    panel.get_by_role("button", name="Kirim sekarang").click()
    expect(panel.get_by_role("status")).to_contain_text("Masih menunggu: 1")
    page.unroute(API)
    page.evaluate("window.broken = false")
    assert arrived(server, "brief", before + 1), "by its own timer: nobody touched anything"
    happens(page, lambda: waiting(page) == 0, "it has its receipt")
    happens(page, lambda: page.evaluate("localStorage['survey-queue'] === undefined"), "nothing is noted of nothing")


@pytest.mark.parametrize("days", [400, -400])
def test_a_clock_that_is_off_by_400_days_changes_no_day(server: RunningApp, device: BrowserContext, days: int) -> None:
    """The answer counts for the day on which it arrived, is flagged, and the queue works by the same clock."""
    before = len(answers_of(server, "brief"))
    page = device.new_page()
    page.clock.install(time=datetime.now(UTC) + timedelta(days=days))
    citizen = Citizen(page).visit(address(server, "light", "brief"))
    cut(page)
    citizen.answer_brief()
    page.clock.run_for(3_000)
    mend(page)
    assert arrived(server, "brief", before + 1)
    ((day, flags, offset, received),) = stored(
        server, "SELECT answered_on, flags, clock_offset, received_at FROM response ORDER BY number DESC LIMIT 1"
    )
    at = datetime.fromisoformat(received).replace(tzinfo=UTC)
    assert day in {int(f"{at + timedelta(hours=hours):%Y%m%d}") for hours in (7, 9)}, "in a zone of Indonesia"
    assert flags & Flag.CLOCK
    assert abs(offset + days * 86_400) < 600


def test_the_queue_of_an_earlier_form_is_sealed_and_delivered(server: RunningApp, device: BrowserContext) -> None:
    """Records as the form of November 2026 wrote them: one waits, one was set aside with a number as its reason."""
    before = len(answers_of(server, "brief"))
    with server.store() as store:
        asked = survey_called(store, "brief").questionnaire
    known = {"name": asked.name, "version": asked.version, "digest": asked.digest}
    written = EARLIER.read_text(encoding="utf-8").replace("QUESTIONNAIRE", json.dumps(json.dumps(known))[1:-1])
    page = device.new_page()
    cut(page)
    at_kiosk(page, server, "tablet-1")
    put(page, json.loads(written))
    page.reload()
    expect(door(page)).to_be_visible()
    happens(page, lambda: all("body" not in record for record in queued(page)), "what lay open is sealed")
    page.unroute(API)
    page.reload()
    assert arrived(server, "brief", before + 1)
    assert answers_of(server, "brief")[-1] == {"P_time": 2}
    panel = open_panel(page, server)
    panel.get_by_role("button", name="Kirim sekarang").click()
    expect(panel.get_by_role("status")).to_have_text("Semua sudah terkirim.")
    assert answers_of(server, "brief")[-1] == {"P_time": 3}
    assert waiting(page) == 0


def test_a_questionnaire_that_changes_while_answers_wait_leaves_them_under_their_version(
    server: RunningApp, device: BrowserContext
) -> None:
    with server.store() as store:
        first = questionnaire(**content("time", name="changing"))
        add_survey(store, first, "changing")
        set_survey(store, "changing", test=True)
    page = device.new_page()
    citizen = at_kiosk(page, server, survey="changing")
    cut(page)
    citizen.answer_brief()
    with server.store() as store:
        ask_instead(store, next_version(first, title={"id": "Baru", "en": "New"}), "changing")
    mend(page)
    assert len(citizen.receipt) == 8
    citizen = at_kiosk(page, server, survey="changing")
    citizen.answer_brief()
    assert len(citizen.receipt) == 8
    query = (
        "SELECT q.version, r.flags FROM response r JOIN questionnaire q ON q.number = r.questionnaire "
        "WHERE q.name = 'changing' ORDER BY r.number"
    )
    assert [tuple(row) for row in stored(server, query)] == [(1, 0), (2, 0)]


# --- not for the next person


def test_what_waits_on_a_kiosk_cannot_be_read_in_its_storage(server: RunningApp, device: BrowserContext) -> None:
    """Sealed with a key that does not leave the browser; the form itself still sends it, byte for byte."""
    before = len(answers_of(server, "skm"))
    page = device.new_page()
    citizen = at_kiosk(page, server, survey="skm")
    cut(page)
    citizen.start()
    citizen.answer_all(lambda _: 1, comment="rahasia sekali")
    citizen.send()
    expect(citizen.form.locator(".lead")).to_contain_text("Belum tersimpan di kantor")
    (record,) = queued(page)
    assert set(record) == {"number", "id", "aside", "sealed", "token"}
    assert "rahasia" not in json.dumps(record, default=repr)
    exported = page.evaluate(
        """async () => {
          const asked = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)))
          const database = await asked(indexedDB.open("survey-queue"))
          const key = await asked(database.transaction("device").objectStore("device").get("key"))
          return crypto.subtle.exportKey("raw", key.key).then(() => "exported", (error) => error.name)
        }"""
    )
    assert exported == "InvalidAccessError"
    (body,) = bodies(page)
    assert (body["comment"], body["station"], body["sequence"]) == ("rahasia sekali", "loket-2", 1)
    mend(page)
    assert arrived(server, "skm", before + 1)
    assert waiting(page) == 0


def test_without_cryptography_the_answer_waits_as_it_is_and_the_panel_says_so(
    server: RunningApp, device: BrowserContext
) -> None:
    """Plain http in the office's network: no crypto.subtle. An answer outranks its secrecy."""
    before = len(answers_of(server, "brief"))
    page = device.new_page()
    page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    citizen = at_kiosk(page, server)
    cut(page)
    citizen.answer_brief()
    assert "body" in queued(page)[0]
    panel = open_panel(page, server)
    expect(panel).to_contain_text("tidak terkunci (halaman ini bukan https)")
    page.keyboard.press("Escape")
    mend(page)
    assert arrived(server, "brief", before + 1)


# --- the door for the staff


def door(page: Page) -> Locator:
    return page.locator(".staff-door")


def pin_of(server: RunningApp) -> str:
    return (server.data / "device-pin.txt").read_text().strip()


def hold(page: Page, milliseconds: int) -> None:
    """A finger stays on the corner."""
    box = door(page).bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.clock.run_for(milliseconds)
    page.mouse.up()


def touch_code(page: Page, digits: str) -> None:
    """Type a code on the keys of the screen."""
    code = page.get_by_role("dialog", name="PIN perangkat")
    for digit in digits:
        code.get_by_role("button", name=digit, exact=True).click()
    code.get_by_role("button", name="Buka").click()


def open_panel(page: Page, server: RunningApp) -> Locator:
    """By the keyboard: the door is a button, the PIN is typed."""
    door(page).press("Enter")
    expect(page.get_by_role("dialog", name="PIN perangkat")).to_be_visible()
    page.keyboard.type(pin_of(server))
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog", name="Keadaan perangkat ini")
    expect(panel).to_be_visible()
    return panel


def facts(panel: Locator) -> dict[str, str]:
    return dict(zip(panel.locator("dt").all_inner_texts(), panel.locator("dd").all_inner_texts(), strict=True))


def test_a_long_press_and_the_pin_open_the_panel_and_nothing_less(server: RunningApp, device: BrowserContext) -> None:
    """A short touch does nothing; each wrong PIN costs twice the time of the one before, over a reload too."""
    page = device.new_page()
    page.clock.install()
    at_kiosk(page, server)
    code = page.get_by_role("dialog", name="PIN perangkat")
    hold(page, 300)
    page.clock.run_for(2_000)
    expect(code).to_have_count(0)
    hold(page, 1_600)
    expect(code).to_be_visible()
    assert violations(page) == []
    touch_code(page, "12")
    expect(code.get_by_role("alert")).to_have_text("PIN salah.")
    wrong = "0000" if pin_of(server) != "000000" else "1111"
    still(page)  # else a slow machine sees fewer seconds left
    for seconds in (2, 4, 8, 16):
        touch_code(page, wrong)
        expect(code.get_by_role("alert")).to_have_text(f"PIN salah. Coba lagi {seconds} detik lagi.")
        if seconds < 16:
            page.clock.run_for(seconds * 1_000)
    page.clock.resume()
    page.reload()
    expect(door(page)).to_be_visible()
    hold(page, 1_600)
    touch_code(page, pin_of(server))
    expect(code.get_by_role("alert")).to_contain_text("Coba lagi")
    page.clock.run_for(16_000)
    touch_code(page, pin_of(server))
    expect(page.get_by_role("dialog", name="Keadaan perangkat ini")).to_be_visible()


def test_the_panel_tells_how_the_device_is_and_saves_a_file_that_the_server_takes_in_once(
    server: RunningApp, device: BrowserContext, tmp_path: Path
) -> None:
    """One answer waits, one is set aside for a reason. The file is imported twice, then the device sends."""
    before = len(answers_of(server, "skm"))
    page = device.new_page()
    page.route(API, lambda route: route.fulfill(status=422, json={"detail": "Kiriman bukan JSON yang sah."}), times=1)
    citizen = at_kiosk(page, server, survey="skm")
    citizen.start()
    citizen.answer_all(lambda _: 1, comment="rahasia satu")
    citizen.send()
    expect(citizen.form.locator(".lead")).to_contain_text("akan diperiksa petugas")
    cut(page)
    finish(citizen)
    citizen.start()
    citizen.answer_all(lambda _: 2, comment="rahasia dua")
    citizen.send()
    panel = open_panel(page, server)
    told = facts(panel)
    assert told["Tempat"] == "Loket 2 (loket-2)"
    assert (told["Jawaban menunggu dikirim"], told["Jawaban ditolak server, disimpan di sini"]) == ("1", "1")
    assert told["Nomor jawaban terakhir"] == "2"
    assert told["Jawaban yang menunggu"] == "terkunci dari orang di depan layar"
    assert re.fullmatch(r"[0-9a-f]{10} · skm-2017-servqual 2", told["Versi formulir"])
    expect(panel.locator(".reasons")).to_contain_text("422 Kiriman bukan JSON yang sah.")
    assert "rahasia" not in page.content()
    assert violations(page) == []
    with page.expect_download() as caught:
        panel.get_by_role("button", name="Simpan ke berkas").click()
    assert re.fullmatch(r"survey-queue-loket-2-[\dTZ-]+\.json", caught.value.suggested_filename)
    file = tmp_path / "queue.json"
    caught.value.save_as(file)
    expect(panel.get_by_role("status")).to_contain_text("Serahkan kepada administrator, lalu hapus.")
    for outcome in ("2 baru dan tersimpan.", "2 sudah ada, tidak disimpan dua kali."):
        out = StringIO()
        assert main(["import-queue", str(file)], out, out, {"SURVEY_DATA": str(server.data)}) == 0
        assert outcome in out.getvalue()
    page.unroute(API)
    panel.get_by_role("button", name="Kirim sekarang").click()
    expect(panel.get_by_role("status")).to_have_text("Semua sudah terkirim.")
    assert waiting(page) == 0
    assert len(answers_of(server, "skm")) == before + 2
    panel.get_by_role("button", name="Tutup").press("Enter")
    expect(panel).to_have_count(0)


def test_the_panel_goes_away_by_itself(server: RunningApp, device: BrowserContext) -> None:
    page = device.new_page()
    page.clock.install()
    Citizen(page).visit(address(server, "light", "brief", "loket-2"))
    page.clock.run_for(1_000)
    panel = open_panel(page, server)
    page.clock.run_for(61_000)
    expect(panel).to_have_count(0)


def test_the_streamlit_door_seals_and_has_the_panel_too(server: RunningApp, kiosk: BrowserContext) -> None:
    """In its shadow root, with its styles."""
    page = kiosk.new_page()
    citizen = Citizen(page).visit(address(server, "streamlit", "brief"))
    expect(door(page)).to_be_visible()
    cut(page)
    citizen.answer_brief()
    assert "body" not in queued(page)[0]
    assert facts(open_panel(page, server))["Jawaban menunggu dikirim"] == "1"
    assert violations(page) == []
    assert page.locator(".keypad").count() == 0
    page.keyboard.press("Escape")
    mend(page)
    assert citizen.receipt


def test_a_kiosk_starts_whole_without_network(server: RunningApp, kiosk: BrowserContext) -> None:
    """The service worker keeps what came later too: sealing, the panel and its PIN."""
    page = kiosk.new_page()
    at_kiosk(page, server)
    kept_for_offline(page, "/invitation/brief", *LATER)
    kiosk.set_offline(True)
    page.reload()
    citizen = at_kiosk(page, server)
    citizen.answer_brief()
    assert "body" not in queued(page)[0]
    assert facts(open_panel(page, server))["Jawaban menunggu dikirim"] == "1"
    kiosk.set_offline(False)


# --- what a station tells


def test_a_station_tells_that_it_is_there_every_ten_minutes_and_what_waits_after_sending(
    server: RunningApp, device: BrowserContext
) -> None:
    """Also before anybody has answered: else nobody could tell a silent device from an empty hall."""
    page = device.new_page()
    page.clock.install()
    told: list[dict[str, Any]] = []
    page.on("request", lambda one: told.append(one.post_data_json) if one.url.endswith("/heartbeat") else None)
    citizen = Citizen(page).visit(address(server, "light", "brief", "tablet-1"))
    page.clock.run_for(1_000)
    expect(door(page)).to_be_visible()
    happens(page, lambda: [one["sequence"] for one in told] == [0], "it tells that it is there")
    citizen.answer_brief()
    assert citizen.receipt
    page.clock.run_for(1_000)
    finish(citizen)
    citizen.answer_brief()
    assert citizen.receipt
    page.wait_for_timeout(200)
    last = told[1:]
    assert [(one["station"], one["sequence"], one["waiting"], one["aside"]) for one in last] == [("tablet-1", 1, 0, 0)]
    assert set(told[0]) == {"survey", "station", "epoch", "sequence", "waiting", "aside", "form"}
    page.clock.run_for(ABOUT_TEN_MINUTES)
    page.wait_for_timeout(200)
    assert [one["sequence"] for one in told] == [0, 1, 2, 2], "the steady one, and the one of the second answer"
    kept = stored(server, "SELECT announced, waiting, aside, form FROM station_epoch WHERE told_at IS NOT NULL")
    assert (2, 0, 0, told[0]["form"]) in [tuple(row) for row in kept]
