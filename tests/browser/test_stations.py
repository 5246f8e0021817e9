"""Does a clerk register a tablet, is it told from others, and is a queue ticket good once, on a real screen?"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from survey.packed import Flag
from survey.principal import LOCAL_STAFF
from survey.store.stations.tickets import issue_tickets, issued_tickets
from tests.browser.citizen import Citizen, arrived, happens
from tests.browser.staff import press, sign_in
from tests.browser.test_form_access import violations
from tests.builders import add_survey, content, questionnaire, rows, set_survey, survey_called
from tests.running import RunningApp

pytestmark = pytest.mark.browser
PATIENCE = 30_000


@pytest.fixture
def tablet(browser: Browser) -> Iterator[BrowserContext]:
    """A tablet in the hall, with a browser profile of its own."""
    context = browser.new_context(viewport={"width": 800, "height": 1280}, has_touch=True, locale="id-ID")
    yield context
    context.close()


@pytest.fixture(scope="module")
def ticketed(server: RunningApp) -> tuple[str, ...]:
    """A survey of one item that asks for tickets, and four of them."""
    with server.store() as store:
        add_survey(store, questionnaire(**content("time", name="ticketed")), "ticketed")
        set_survey(store, "ticketed", test=True, tickets=True)
        return issue_tickets(store, LOCAL_STAFF, survey_called(store, "ticketed"), 4)


def flags(server: RunningApp, survey: str) -> list[Flag]:
    with server.store() as store:
        number = survey_called(store, survey).number
        found = rows(store, f"SELECT flags FROM response WHERE survey = {number} ORDER BY number")
    return [Flag(row[0]) for row in found]


def answer(page: Page) -> None:
    """The one item of a small survey, from the screen before it to the thank-you."""
    citizen = Citizen(page)
    citizen.answer_all(lambda _: 4)
    citizen.send()


# --- a tablet is registered


def test_a_tablet_is_registered_answers_and_is_seen_in_the_list(
    server: RunningApp, office: BrowserContext, tablet: BrowserContext
) -> None:
    """The clerk makes the station and reads out the code; on the tablet it is typed, and the survey opens there."""
    desk = sign_in(office.new_page(), server, "/stations")
    main = desk.get_by_test_id("stMain")
    main.get_by_text("Tempat baru").click()
    main.get_by_role("textbox", name="Nama di alamat").fill("tablet-5")
    main.get_by_role("textbox", name="Sebutan").fill("Tablet pintu utama")
    press(main.get_by_role("button", name="Buat, dan tampilkan kodenya"))
    code = main.locator("h2").filter(has_text="-").first.inner_text(timeout=PATIENCE)

    page = tablet.new_page()
    page.goto(f"{server.url}/station?survey=brief")
    page.locator("#code").fill("AAAA-BBBB-CCCC")
    page.get_by_role("button", name="Daftarkan").click()
    expect(page.get_by_role("alert")).to_contain_text("Kode ini tidak berlaku", timeout=PATIENCE)
    assert violations(page) == []
    page.locator("#code").fill(code.lower().replace("-", " "))
    page.get_by_role("button", name="Daftarkan").click()
    page.wait_for_url("**/s/brief?station=tablet-5", timeout=PATIENCE)
    citizen = Citizen(page)
    citizen.accept_invitation()
    citizen.answer_brief()

    def known() -> bool:
        with server.store() as store:
            query = (
                "SELECT flags FROM response JOIN station ON station.number = response.station WHERE name = 'tablet-5'"
            )
            proven = "SELECT proven_at IS NOT NULL FROM station_epoch JOIN station ON number = station"
            return rows(store, query) == [(0,)] and (1,) in rows(store, proven + " WHERE name = 'tablet-5'")

    happens(page, known, "the answer and the heartbeat show the tablet's token")
    desk.reload()
    card = main.get_by_text("Tablet pintu utama")
    expect(card).to_be_visible(timeout=PATIENCE)
    expect(main.get_by_text("perangkat yang terdaftar.").first).to_be_visible()


def test_another_browser_under_its_name_is_told_from_it(
    server: RunningApp, tablet: BrowserContext, kiosk: BrowserContext
) -> None:
    """Both answers are kept; the one without the token is flagged. What is registered stays so over a reload."""
    from survey.catalogue import StationKind
    from survey.store.stations.registration import NewStation, make_station

    with server.store() as store:
        code = make_station(store, LOCAL_STAFF, NewStation("tablet-6", "Tablet 6", StationKind.TABLET))
    page = tablet.new_page()
    page.goto(f"{server.url}/station?survey=brief&lang=en")
    page.locator("#code").fill(code)
    page.get_by_role("button", name="Register").click()
    page.wait_for_url("**/s/brief?station=tablet-6", timeout=PATIENCE)
    page.reload()
    other = kiosk.new_page()
    other.goto(f"{server.url}/s/brief?station=tablet-6")
    for one in (page, other):
        Citizen(one).accept_invitation()
        Citizen(one).answer_brief()

    def said() -> list[int]:
        query = "SELECT flags FROM response JOIN station ON station.number = response.station WHERE name = 'tablet-6'"
        with server.store() as store:
            return [row[0] for row in rows(store, query)]

    happens(page, lambda: len(said()) == 2, "both answers arrive")
    assert sorted(said()) == [0, int(Flag.UNKNOWN_STATION)]


# --- a ticket is good once


def test_a_scanned_ticket_is_not_asked_for_and_its_second_use_is_flagged(
    server: RunningApp, browser: Browser, ticketed: tuple[str, ...]
) -> None:
    for count in (1, 2):
        context = browser.new_context(viewport={"width": 412, "height": 915}, has_touch=True, locale="id-ID")
        page = context.new_page()
        citizen = Citizen(page).visit(f"{server.url}/s/ticketed?ticket={ticketed[0]}")
        citizen.start()
        assert citizen.kind == "intro", "whoever scanned a ticket is not asked for it"
        answer(page)
        context.close()
        assert arrived(server, "ticketed", count)
    assert flags(server, "ticketed") == [Flag(0), Flag.TICKET_USED]


def test_a_ticket_is_typed_as_it_is_read_and_whoever_has_none_goes_on(
    server: RunningApp, phone: BrowserContext, ticketed: tuple[str, ...]
) -> None:
    before = flags(server, "ticketed")
    page = phone.new_page()
    citizen = Citizen(page).visit(f"{server.url}/s/ticketed")
    citizen.start()
    assert citizen.kind == "ticket" and violations(page) == []
    citizen.form.locator("input").fill(f"{ticketed[1][:4]}-{ticketed[1][4:]}".lower())
    citizen.press_button("Lanjut")
    answer(page)
    citizen.press_button("Isi lagi untuk layanan lain")
    citizen.start()
    citizen.button("Lanjut").click()
    expect(page.get_by_role("alert")).to_contain_text("Kodenya belum lengkap")
    citizen.press_button("Lewati")
    answer(page)
    assert arrived(server, "ticketed", len(before) + 2)
    assert flags(server, "ticketed")[len(before) :] == [Flag(0), Flag.NO_TICKET]


def test_a_kiosk_has_keys_for_the_ticket_and_forgets_it(
    server: RunningApp, kiosk: BrowserContext, ticketed: tuple[str, ...]
) -> None:
    before = flags(server, "ticketed")
    page = kiosk.new_page()
    citizen = Citizen(page).visit(f"{server.url}/s/ticketed?station=loket-1")
    citizen.start()
    for letter in (*ticketed[2], "A"):
        citizen.button(letter).click()
    citizen.button("Hapus satu huruf").click()
    assert citizen.form.locator("input").input_value() == ticketed[2]
    assert violations(page) == []
    citizen.press_button("Lanjut")
    answer(page)
    assert arrived(server, "ticketed", len(before) + 1)
    assert flags(server, "ticketed")[len(before) :] == [Flag(0)]
    citizen.button("Selesai").click()
    citizen.accept_invitation()
    citizen.start()
    assert citizen.form.locator("input").input_value() == ""
    with server.store() as store:
        assert issued_tickets(store, LOCAL_STAFF, survey_called(store, "ticketed")).used == 3
