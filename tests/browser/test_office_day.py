"""Does an office's day go well on a real screen: two keyings, hours at a kiosk, data taken away, numbers served?

One app for the whole file; each test is a story of its own with a survey of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from survey.hours import Hours
from survey.login.visit import LOGIN_COOKIE
from survey.principal import LOCAL_STAFF, Role
from survey.store.answers.deletion import delete_response, find_by_receipt
from survey.store.people.accounts import find_account
from survey.store.people.logins import begin_login
from survey.store.plans.planning import Plan, add_survey, change_survey
from survey.store.stations.served import entered_served
from survey.words import load_words
from tests.browser.citizen import Citizen, answers_of, happens
from tests.browser.staff import COMES_WITHIN, choose, gate, press, rests
from tests.browser.test_people import make
from tests.builders import add_survey as add_small_survey
from tests.builders import content, questionnaire, respond, set_survey, survey_called
from tests.running import RunningApp, running_app

pytestmark = pytest.mark.browser
ID = load_words("id")
ZONE = ZoneInfo("Asia/Makassar")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with running_app(tmp_path_factory.mktemp("day") / "data") as running:
        yield running


def today() -> date:
    """The office's."""
    return datetime.now(ZONE).date()


def person(browser: Browser, app: RunningApp, name: str, role: Role) -> BrowserContext:
    """A computer at which somebody has logged in."""
    app.administrator()
    make(app, name, role)
    with app.store() as store, store.engine.begin() as connection:
        account = find_account(connection, name)
        assert account
        token = begin_login(connection, account, datetime.now(UTC))
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="id-ID", accept_downloads=True)
    context.add_cookies(
        [{"name": LOGIN_COOKIE, "value": token, "url": app.url, "httpOnly": True, "sameSite": "Strict"}]
    )
    return context


def main(page: Page) -> Locator:
    return page.get_by_test_id("stMain")


# --- a form is keyed by two people


def key_form(page: Page, *keys: str) -> Locator:
    """Press keys at the desk; what it then says."""
    expect(page.locator(".desk input")).to_be_focused(timeout=COMES_WITHIN)
    for one in keys:
        page.keyboard.press(one)
    return page.locator(".desk .told")


def test_two_people_key_a_form_differently_and_a_third_look_at_the_paper_decides(
    browser: Browser, app: RunningApp
) -> None:
    """The second sees nothing of the first; until somebody has decided, nothing counts."""
    with app.store() as store:
        add_survey(store, LOCAL_STAFF, "dua-kali", "skm-2017")
    ani, budi = (person(browser, app, name, Role.OPERATOR) for name in ("ani", "budi"))
    filled = ["5", "Enter", "Enter", "2", *"1234"]
    desk = ani.new_page()
    desk.goto(f"{app.url}/paper")
    desk.get_by_text(ID("key.twice")).click(timeout=COMES_WITHIN)
    rests(desk)
    desk.locator(".desk input").click()
    expect(key_form(desk, *filled, *"343434321", "Enter", "Enter")).to_have_text(
        "Formulir 5 menunggu ketikan kedua oleh orang lain.", timeout=COMES_WITHIN
    )
    second = budi.new_page()
    second.goto(f"{app.url}/paper")
    expect(second.get_by_text("Menunggu ketikan kedua: 5.")).to_be_visible(timeout=COMES_WITHIN)
    expect(key_form(second, *filled, *"343434324", "Enter", "Enter")).to_have_text(
        "Formulir 5 diketik berbeda. Lihat tab Perbedaan.", timeout=COMES_WITHIN
    )
    assert answers_of(app, "dua-kali") == []

    second.get_by_role("tab", name="Perbedaan").click()
    expect(second.get_by_text("Formulir 5: ani dan budi mengetik berbeda")).to_be_visible(timeout=COMES_WITHIN)
    choice = second.get_by_test_id("stForm").get_by_role("combobox")
    expect(choice).to_have_count(1)
    choose(choice, re.compile("^4"))
    press(second.get_by_role("button", name="Simpan formulir 5"))
    expect(second.get_by_text("Tidak ada formulir yang ketikannya berbeda.")).to_be_visible(timeout=COMES_WITHIN)
    (kept,) = answers_of(app, "dua-kali")
    assert list(kept.values()) == [3, 4, 3, 4, 3, 4, 3, 2, 4]
    ani.close()
    budi.close()


# --- the kiosk keeps the office's hours


def test_a_kiosk_is_closed_outside_the_hours_says_when_it_opens_and_opens_by_itself(
    app: RunningApp, kiosk: BrowserContext
) -> None:
    """The server's clock cannot be turned: that the time has come is played by giving the survey other hours.

    Open on one day of the week only, and that is the day after tomorrow, so that no midnight comes between.
    """
    day = today() + timedelta(days=2)
    week = [(time(8), time(15)) if number == day.weekday() else None for number in range(7)]
    with app.store() as store:
        add_small_survey(store, questionnaire(**content("time", name="jam")), "jam")
        set_survey(store, "jam", test=True, hours=Hours(tuple(week)).stored())
    page = kiosk.new_page()
    page.clock.install()
    page.goto(f"{app.url}/s/jam?station=loket-1")
    citizen = Citizen(page)
    expect(citizen.heading).to_have_text("Survei ini tidak sedang dibuka", timeout=COMES_WITHIN)
    assert f"Survei ini buka lagi {ID.day(day)} pukul 08.00." in citizen.text
    assert page.locator("input[type=radio]").count() == 0
    page.wait_for_load_state("networkidle")
    page.clock.fast_forward(301_000)
    page.wait_for_load_state("networkidle")
    expect(citizen.heading).to_have_text("Survei ini tidak sedang dibuka")
    with app.store() as store:
        set_survey(store, "jam", hours=None)
    page.clock.fast_forward(301_000)
    citizen.accept_invitation()
    citizen.answer_brief()


# --- who may come in


def test_an_account_is_closed_and_opened_and_a_token_is_shown_once_and_revoked(
    browser: Browser, app: RunningApp
) -> None:
    """Whoever is in when the account is closed is out at once; a token opens nothing once it is revoked."""
    administrator, operator = (
        person(browser, app, "eka", Role.ADMINISTRATOR),
        person(browser, app, "gita", Role.OPERATOR),
    )
    theirs = operator.new_page()
    theirs.goto(f"{app.url}/stations")
    expect(main(theirs).get_by_role("heading", level=1)).to_be_visible(timeout=COMES_WITHIN)
    page = administrator.new_page()
    page.goto(f"{app.url}/accounts")
    for button, told in (
        ("account.close", "Akun Gita ditutup."),
        ("account.reopen", ID("account.reopen.done", name="Gita")),
    ):
        row = main(page).get_by_test_id("stExpander").filter(has=page.locator(".st-key-close-gita"))
        if not row.locator(".st-key-close-gita").is_visible():
            press(row.locator("summary"))
        press(row.get_by_role("button", name=ID(button), exact=True))
        expect(main(page).get_by_text(told)).to_be_visible(timeout=COMES_WITHIN)
        rests(page)
    theirs.reload()
    expect(gate(theirs)).to_be_visible(timeout=COMES_WITHIN)

    page.goto(f"{app.url}/tokens")
    main(page).get_by_label(ID("token.label")).fill("Pemantau", timeout=COMES_WITHIN)
    main(page).get_by_label(ID("token.label")).press("Tab")
    rests(page)
    press(main(page).get_by_role("button", name=ID("token.make"), exact=True))
    token = page.get_by_role("dialog").get_by_test_id("stCode").inner_text(timeout=COMES_WITHIN).strip()
    asked = {"Authorization": f"Bearer {token}"}
    assert page.request.get(f"{app.url}/api/stations", headers=asked).status == 200
    page.reload()
    expect(main(page).get_by_text("Pemantau", exact=True)).to_be_visible(timeout=COMES_WITHIN)
    assert token not in main(page).inner_text()
    press(main(page).get_by_role("button", name=ID("token.revoke"), exact=True))
    expect(main(page).get_by_text("Token “Pemantau” dicabut")).to_be_visible(timeout=COMES_WITHIN)
    assert page.request.get(f"{app.url}/api/stations", headers=asked).status == 401
    administrator.close()
    operator.close()


# --- what is taken away is written down


def test_a_download_leaves_its_entry_in_the_audit(browser: Browser, app: RunningApp) -> None:
    """Who, what kind of file, of which survey, how many responses."""
    with app.store() as store:
        add_survey(store, LOCAL_STAFF, "ambil", "skm-2017", test=True)
        for _ in range(3):
            respond(store, survey="ambil", at=datetime.now(UTC), device_time=None, time=4)
    desk = person(browser, app, "eka", Role.ADMINISTRATOR)
    page = desk.new_page()
    page.goto(f"{app.url}/audit")
    expect(main(page).get_by_text("Catatan ini utuh")).to_be_visible(timeout=COMES_WITHIN)
    entry = main(page).get_by_role("row").filter(has_text="“ambil”").filter(has_text=ID("audit.did.exported"))
    expect(entry).to_have_count(0)
    page.goto(f"{app.url}/data?survey=ambil")
    with page.expect_download(timeout=COMES_WITHIN) as waiting:
        press(page.get_by_role("button", name=re.compile("^Unduh paket")))
    assert waiting.value.suggested_filename.startswith("ambil-skm-2017-")
    rests(page)
    page.goto(f"{app.url}/audit")
    expect(entry).to_have_count(1, timeout=COMES_WITHIN)
    expect(entry).to_contain_text("eka")
    expect(entry).to_contain_text("jawaban: 3")
    desk.close()


# --- the target follows the number of citizens


def test_a_target_of_the_former_number_of_citizens_is_named_and_the_new_one_offered(
    browser: Browser, app: RunningApp
) -> None:
    """Krejcie and Morgan: 357 of 4,600 and 217 of 500. Nothing changes unless somebody wants it."""
    with app.store() as store:
        add_survey(store, LOCAL_STAFF, "sasaran", "skm-2017")
        plan = Plan.of(survey_called(store, "sasaran"))
        change_survey(store, LOCAL_STAFF, "sasaran", replace(plan, population=4600, target=357))
    office = person(browser, app, "wulan", Role.ADMINISTRATOR)
    page = office.new_page()
    page.goto(f"{app.url}/surveys?survey=sasaran")
    main(page).get_by_role("tab", name=ID("plan.tab.sample")).click(timeout=COMES_WITHIN)
    people, target = (main(page).get_by_label(ID(f"plan.{of}"), exact=True) for of in ("population", "target"))
    take = main(page).get_by_role("button", name=ID("plan.target.take", n="217"), exact=True)
    former = main(page).get_by_text(ID("plan.target.former", n="357", population="4.600"))
    expect(target).to_have_value("357")
    expect(take).to_have_count(0)
    target.fill("")
    target.press("Tab")
    expect(main(page).get_by_text(ID("plan.target.taken", n="357"))).to_be_visible(timeout=COMES_WITHIN)
    target.fill("357")
    target.press("Tab")
    expect(main(page).get_by_text(ID("plan.target.taken", n="357"))).to_have_count(0, timeout=COMES_WITHIN)
    people.fill("500")
    people.press("Tab")
    expect(former).to_be_visible(timeout=COMES_WITHIN)
    expect(target).to_have_value("357")
    press(take)
    expect(target).to_have_value("217", timeout=COMES_WITHIN)
    for gone in (former, take):
        expect(gone).to_have_count(0, timeout=COMES_WITHIN)
    expect(main(page).get_by_test_id("stAlert")).to_have_count(2)  # how the target is made, and what is not saved yet
    target.fill("")
    target.press("Tab")
    expect(main(page).get_by_text(ID("plan.target.taken", n="217"))).to_be_visible(timeout=COMES_WITHIN)
    expect(target).to_have_value("")
    press(main(page).get_by_role("button", name=ID("plan.save"), exact=True))
    expect(main(page).get_by_text(ID("plan.saved"))).to_be_visible(timeout=COMES_WITHIN)
    with app.store() as store:
        kept = Plan.of(survey_called(store, "sasaran"))
    assert (kept.population, kept.target) == (500, 217)
    office.close()


# --- tickets, as the guide says


def test_tickets_are_asked_for_made_and_used_by_the_steps_of_the_guide(browser: Browser, app: RunningApp) -> None:
    """The number of tickets is told right after they are made; before, it said 0 until the screen was loaded again."""
    with app.store() as store:
        add_survey(store, LOCAL_STAFF, "karcis", "skm-2017")
    office = person(browser, app, "rini", Role.ADMINISTRATOR)
    page = office.new_page()
    page.goto(f"{app.url}/tickets")
    shown = main(page)
    choose(shown.get_by_label(ID("ticket.survey"), exact=True), re.compile(re.escape("(karcis)")))
    rests(page)
    shown.get_by_text(ID("ticket.asked"), exact=True).click(timeout=COMES_WITHIN)
    rests(page)
    shown.get_by_label(ID("ticket.many", most="500"), exact=True).fill("3")
    press(shown.get_by_role("button", name=ID("ticket.make"), exact=True))
    expect(shown.get_by_text(ID("ticket.made", count="3"))).to_be_visible(timeout=COMES_WITHIN)
    expect(shown.get_by_text(ID("ticket.count", issued="3", used="0"))).to_be_visible()
    with page.expect_download() as download:
        press(shown.get_by_role("button", name=ID("ticket.csv"), exact=True))
    head, *lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert head == "ticket,address" and len(lines) == 3
    code = lines[0].split(",")[0]
    with app.store() as store:
        assert survey_called(store, "karcis").tickets
        respond(store, survey="karcis", at=datetime.now(UTC), device_time=None, time=4, ticket=code.replace("-", ""))
    page.reload()
    choose(shown.get_by_label(ID("ticket.survey"), exact=True), re.compile(re.escape("(karcis)")))
    expect(shown.get_by_text(ID("ticket.count", issued="3", used="1"))).to_be_visible(timeout=COMES_WITHIN)
    office.close()


# --- what is forgotten when


def test_the_lists_of_what_is_forgotten_name_a_survey_by_its_title_too(browser: Browser, app: RunningApp) -> None:
    """The name alone, as it stands in the address, is not what the office calls its survey."""
    with app.store() as store:
        add_survey(store, LOCAL_STAFF, "lupa", "skm-2017")
        sent = respond(store, survey="lupa", at=datetime.now(UTC), device_time=None, time=4)
        survey = survey_called(store, "lupa")
        found = find_by_receipt(store, LOCAL_STAFF, survey, str(sent.receipt))
        assert found
        delete_response(store, LOCAL_STAFF, survey, found, reason="diminta warga sendiri")
    office = person(browser, app, "yuni", Role.ADMINISTRATOR)
    page = office.new_page()
    page.goto(f"{app.url}/forgetting")
    named = f"{survey.title['id']} (lupa)"
    expect(main(page).get_by_role("cell", name=named, exact=True)).to_be_visible(timeout=COMES_WITHIN)
    gone = ID("forget.log.one", day=ID.day(today()), survey=named, who=LOCAL_STAFF.name, reason="diminta warga sendiri")
    expect(main(page).get_by_text(gone)).to_be_visible()
    office.close()


# --- numbers served


def type_number(page: Page, row: int, across: float, number: str) -> None:
    """Type into the row of a day (from 0); the grid is drawn on a canvas, so it is pointed at and typed into.

    It takes clicks only when it is drawn, and fetches what a cell is typed into at the first one.
    """
    grid = main(page).get_by_test_id("stDataFrame").first
    cell = page.locator("#portal input")

    def opened() -> bool:
        box = grid.bounding_box()
        if box and not cell.count():
            page.mouse.click(box["x"] + box["width"] * across, box["y"] + 35 * (row + 1) + 17)
            page.keyboard.press("Enter")
            page.wait_for_timeout(500)
        return cell.is_visible()

    happens(page, opened, "the cell is opened")
    cell.fill(number)
    page.keyboard.press("Enter")
    expect(cell).to_have_count(0)
    page.wait_for_timeout(500)  # the grid hands over what was typed a moment later, no faster than a hand moves


def test_numbers_served_are_typed_and_imported_and_the_manager_sees_the_rate(
    browser: Browser, app: RunningApp, tmp_path: Path
) -> None:
    """Six answers at the counter of licences today: 6 of 12 offered. A file brings a day on which that cannot be."""
    now, day = datetime.now(UTC), today()
    with app.store() as store:
        add_survey(store, LOCAL_STAFF, "harian", "skm-2017")
        set_survey(store, "harian", opens=day - timedelta(days=10))
        for _ in range(6):
            respond(store, survey="harian", at=now, device_time=None, time=4, service="nib")
    operator, manager = person(browser, app, "tari", Role.OPERATOR), person(browser, app, "made", Role.MANAGER)
    seen = manager.new_page()
    seen.goto(f"{app.url}/results?survey=harian&view=people")
    expect(main(seen)).to_contain_text("Belum diketahui: belum ada yang mengisi", timeout=COMES_WITHIN)

    page = operator.new_page()
    page.goto(f"{app.url}/served")
    expect(main(page).get_by_role("button", name="Simpan minggu ini")).to_be_visible(timeout=COMES_WITHIN)
    rests(page)
    choose(main(page).get_by_role("combobox").first, re.compile("harian"))
    rests(page)
    for across, number in ((0.45, "20"), (0.67, "12")):
        type_number(page, day.weekday(), across, number)
    press(main(page).get_by_role("button", name="Simpan minggu ini"))
    expect(main(page).get_by_text("Tersimpan: 1 hari baru atau berubah.")).to_be_visible(timeout=COMES_WITHIN)

    file = tmp_path / "dilayani.csv"
    before = day - timedelta(days=1)
    file.write_text(f"tanggal;unit;dilayani;ditawari\n{before:%d/%m/%Y};Perizinan berusaha;5;9\n", encoding="utf-8")
    page.get_by_role("tab", name="Dari berkas").click()
    main(page).locator("input[type=file]").set_input_files(file)
    expect(main(page).get_by_text(re.compile("^1 baris terbaca"))).to_be_visible(timeout=COMES_WITHIN)
    press(main(page).get_by_role("button", name="Simpan 1 baris"))

    def entered() -> list[tuple[date, int, int | None]]:
        with app.store() as store:
            found = entered_served(store, LOCAL_STAFF, survey_called(store, "harian"))
        return [(one.day, one.served, one.offered) for one in found]

    happens(page, lambda: len(entered()) == 2, "the row of the file is kept")
    assert entered() == [(before, 5, 9), (day, 20, 12)]

    seen.reload()
    card = seen.locator(".st-key-card-rates-unit")
    expect(card).to_contain_text("29 % dari 21 warga yang ditawari survei menjawab (6)", timeout=COMES_WITHIN)
    expect(main(seen)).to_contain_text("Perizinan berusaha: pada 1 hari lebih banyak warga ditawari survei daripada")
    seen.goto(f"{app.url}/results?survey=harian")
    expect(main(seen)).to_contain_text("Tingkat jawaban Perizinan berusaha tidak mungkin", timeout=COMES_WITHIN)
    operator.close()
    manager.close()
