"""Does what the administrator sets on a screen hold: for the citizen, for the colleague, and on the disk?

One app for the whole file; each test is a story of its own with a survey, a unit or a person of its own.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from survey.principal import LOCAL_STAFF, Role
from survey.store.people.accounts import list_accounts
from survey.store.people.audit import Did, Entry, read_audit
from survey.store.plans.planning import add_survey
from survey.store.plans.progress import read_quotas
from survey.store.plans.setup import add_service, add_unit, read_office
from survey.store.safety.backup import list_backups
from survey.words import load_words
from tests.browser.citizen import Citizen
from tests.browser.staff import COMES_WITHIN, carry_login, gate, press, rests
from tests.browser.test_office_day import main, person, today
from tests.builders import add_survey as add_small_survey
from tests.builders import content, questionnaire, respond, survey_called
from tests.running import PASSWORD, RunningApp, running_app

pytestmark = pytest.mark.browser
ID = load_words("id")
ANOTHER_PASSWORD = "empat perahu di teluk biru"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with running_app(tmp_path_factory.mktemp("settings") / "data") as running:
        yield running


@pytest.fixture
def desk(browser: Browser, app: RunningApp) -> Iterator[Page]:
    """The administrator's computer."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="id-ID")
    carry_login(context, app)
    yield context.new_page()
    context.close()


def go(page: Page, app: RunningApp, screen: str) -> None:
    """Open a screen of the staff and wait until it has come to rest."""
    page.goto(f"{app.url}/{screen}")
    expect(main(page).get_by_role("heading", level=1)).to_be_visible(timeout=COMES_WITHIN)
    rests(page)


def reads(page: Page, said: str | re.Pattern[str]) -> None:
    """The words are there, and the screen has come to rest."""
    expect(main(page).get_by_text(said).first).to_be_visible(timeout=COMES_WITHIN)
    rests(page)


def fill(field: Locator, said: str) -> None:
    """Type into a field and leave it."""
    field.fill(said, timeout=COMES_WITHIN)
    field.press("Tab")


def press_word(within: Locator, key: str, **params: str) -> None:
    press(within.get_by_role("button", name=ID(key, **params), exact=True))


def told(app: RunningApp, did: Did, what: str) -> list[Entry]:
    """What the audit says was done to it, the newest first."""
    with app.store() as store:
        return [entry for entry in read_audit(store, LOCAL_STAFF) if (entry.did, entry.what) == (did, what)]


# --- a survey


def test_quotas_of_services_are_kept_and_show_how_far_each_one_is(app: RunningApp, desk: Page) -> None:
    """Three answers of one service: 3 of 4 wished for. Whoever empties the field wishes for none any more."""
    with app.store() as store:
        add_survey(store, LOCAL_STAFF, "kuota", "skm-2017")
        for _ in range(3):
            respond(store, survey="kuota", at=datetime.now(UTC), device_time=None, time=4, service="nib")
    quotas = main(desk).get_by_test_id("stExpander").filter(has_text=ID("plan.quotas"))
    licences, practice = (
        quotas.get_by_label(ID("plan.quota", label=label, n=n), exact=True)
        for label, n in (("Nomor Induk Berusaha (NIB)", "3"), ("Izin praktik tenaga kesehatan", "0"))
    )

    def look() -> None:
        go(desk, app, "surveys?survey=kuota")
        main(desk).get_by_role("tab", name=ID("plan.tab.sample")).click()
        press(quotas.locator("summary"))

    def wished() -> dict[str, int]:
        with app.store() as store:
            survey = survey_called(store, "kuota")
            found = read_quotas(store, LOCAL_STAFF, survey)
        return {one.name: wish for one in survey.services if (wish := found[one.number][1])}

    look()
    fill(licences, "4")
    fill(practice, "25")
    press_word(quotas, "plan.quotas.save")
    reads(desk, ID("plan.saved"))
    expect(quotas.get_by_text("3 dari 4", exact=True)).to_be_visible()
    assert wished() == {"nib": 4, "izin-praktik": 25}
    look()
    expect(licences).to_have_value("4")
    expect(quotas.get_by_text("0 dari 25", exact=True)).to_be_visible()
    fill(practice, "")
    press_word(quotas, "plan.quotas.save")
    expect(quotas.get_by_text("0 dari 25", exact=True)).to_have_count(0, timeout=COMES_WITHIN)
    assert wished() == {"nib": 4}
    assert [entry.detail for entry in told(app, Did.SURVEY_CHANGED, "kuota")] == [
        {"quotas": {"nib": 4}},
        {"quotas": {"nib": 4, "izin-praktik": 25}},
    ]


def test_own_texts_open_and_end_the_form_in_the_citizens_language(
    app: RunningApp, desk: Page, phone: BrowserContext
) -> None:
    """A text in one language only is refused, and what was typed stays to be completed."""
    own = {
        "notice": ("Ceritakan antrean Anda pagi ini.", "Tell us about your queue this morning."),
        "thanks": ("Terima kasih, sampai jumpa di loket.", "Thank you, see you at the counter."),
    }
    with app.store() as store:
        add_small_survey(store, questionnaire(**content("time", name="teks")), "teks")
    go(desk, app, "surveys?survey=teks")
    main(desk).get_by_role("tab", name=ID("plan.tab.texts")).click()

    def field(which: str, language: str) -> Locator:
        said = ID("setup.in", label=ID(f"plan.{which}"), language=ID(f"setup.language.{language}"))
        return main(desk).get_by_label(said, exact=True)

    for which, (indonesian, _) in own.items():
        fill(field(which, "id"), indonesian)
    press_word(main(desk), "plan.save")
    reads(desk, re.compile("Teks itu belum lengkap"))
    for which, (indonesian, english) in own.items():
        expect(field(which, "id")).to_have_value(indonesian)
        fill(field(which, "en"), english)
    press_word(main(desk), "plan.save")
    reads(desk, ID("plan.saved"))
    with app.store() as store:
        kept = survey_called(store, "teks")
    assert (kept.notice, kept.thanks) == tuple(dict(zip(("id", "en"), said, strict=True)) for said in own.values())

    for number, language in enumerate(("id", "en")):
        citizen, words = Citizen(phone.new_page()).visit(f"{app.url}/s/teks"), load_words(language)
        if language == "en":
            citizen.button("English").click()
        expect(citizen.form).to_contain_text(own["notice"][number])
        citizen.press_button(words("form.start"))
        citizen.press_button(words("form.next"))
        assert own["notice"][number] not in citizen.text
        citizen.touch(f"label 4 ({language})")
        assert own["thanks"][number] not in citizen.text
        citizen.button(words("form.send")).click()
        expect(citizen.form).to_have_attribute("data-screen", "thanks", timeout=COMES_WITHIN)
        expect(citizen.form).to_contain_text(own["thanks"][number], timeout=COMES_WITHIN)


# --- a unit


def test_a_unit_whose_dates_are_over_is_not_offered_any_more_and_keeps_its_answer(
    app: RunningApp, desk: Page, phone: BrowserContext
) -> None:
    with app.store() as store:
        unit = add_unit(store, LOCAL_STAFF, {"id": "Loket lama", "en": "Old counter"})
        service = add_service(store, LOCAL_STAFF, unit, {"id": "Izin keramaian", "en": "Event permit"})
        add_survey(store, LOCAL_STAFF, "pindah", "skm-2017")
        respond(store, survey="pindah", at=datetime.now(UTC), device_time=None, time=4, service="izin-keramaian")
    citizen = Citizen(phone.new_page()).visit(f"{app.url}/s/pindah")
    citizen.press_button("Mulai")
    assert citizen.kind == "service" and "Izin keramaian" in citizen.text and "Izin usaha" in citizen.text

    go(desk, app, "units")
    row = main(desk).locator(f".st-key-change-unit-{unit}")
    press(row.get_by_role("button"))
    dialog = desk.get_by_role("dialog")
    last = dialog.get_by_role("group", name=ID("setup.to"), exact=True).get_by_role("spinbutton")
    last.first.click(timeout=COMES_WITHIN)
    desk.keyboard.type(f"{today() - timedelta(days=1):%d%m%Y}")
    press_word(dialog, "setup.save")
    reads(desk, ID("setup.saved"))
    reads(desk, re.compile("Seluruh unit · 1 jawaban · tidak ditawarkan hari ini"))

    citizen.visit(f"{app.url}/s/pindah")  # an own phone goes on where it was
    expect(citizen.form).to_have_attribute("data-screen", "service")
    assert "Izin usaha" in citizen.text
    assert "Izin keramaian" not in citizen.text and "Loket lama" not in citizen.text
    with app.store() as store:
        office = read_office(store, LOCAL_STAFF)
    assert (office.of_units[unit], office.of_services[service]) == (1, 1)


# --- backups


def test_a_second_place_takes_the_next_backup_and_a_folder_that_is_not_there_is_refused(
    app: RunningApp, desk: Page, tmp_path: Path
) -> None:
    place, nowhere = tmp_path / "flashdisk", tmp_path / "tidak-ada"
    place.mkdir()
    go(desk, app, "backups")
    folder = main(desk).get_by_label(ID("backups.second.folder"), exact=True)
    reads(desk, ID("backups.second.none"))
    fill(folder, str(nowhere))
    press_word(main(desk), "setup.save")
    reads(desk, re.compile("folder ini tidak ada atau tidak dapat ditulisi"))
    assert app.settings.backup_to is None and not nowhere.exists()
    fill(folder, str(place))
    press_word(main(desk), "setup.save")
    reads(desk, ID("backups.second.chosen"))
    reads(desk, ID("backups.second.at", where=str(place)))
    assert app.settings.backup_to == place
    press_word(main(desk), "health.back_up")
    reads(desk, ID("backups.made"))
    (copied,) = list_backups(place)
    assert copied.file.stat().st_size == copied.manifest.bytes
    reads(desk, copied.file.name)


# --- people


def row_of(page: Page, name: str) -> Locator:
    """What can be changed of an account, opened."""
    row = main(page).get_by_test_id("stExpander").filter(has=page.locator(f".st-key-close-{name}"))
    if not row.locator(f".st-key-close-{name}").is_visible():
        press(row.locator("summary"))
    return row


def log_in(page: Page, name: str, password: str) -> None:
    page.locator("input[name=name]").fill(name, timeout=COMES_WITHIN)
    page.locator("input[name=password]").fill(password)
    page.locator("button[type=submit]").click()


def test_a_reset_code_lets_its_person_in_with_a_new_password_and_ends_the_old_login(
    app: RunningApp, desk: Page, browser: Browser
) -> None:
    """The old password opens nothing from the moment the code is made."""
    theirs = person(browser, app, "sari", Role.MANAGER)
    page = theirs.new_page()
    go(page, app, "data")
    go(desk, app, "accounts")
    press_word(row_of(desk, "sari"), "account.reset")
    shown = desk.get_by_role("dialog")
    code = shown.get_by_test_id("stCode").inner_text(timeout=COMES_WITHIN).strip()
    expect(shown).to_contain_text(ID("account.code", name="Sari", account="sari"))
    press_word(shown, "once.noted")
    expect(shown).to_have_count(0, timeout=COMES_WITHIN)
    expect(main(desk).locator(".st-key-reset-sari")).to_be_visible()  # the fields that were open still are

    main(page).get_by_text("English", exact=True).click()
    gate(page).click(timeout=COMES_WITHIN)
    log_in(page, "sari", PASSWORD)
    expect(page.get_by_text("do not belong together")).to_be_visible(timeout=COMES_WITHIN)
    page.get_by_role("link", name="A one-time code").click()
    for name, said in {"name": "sari", "code": code, "password": ANOTHER_PASSWORD, "again": ANOTHER_PASSWORD}.items():
        page.locator(f"input[name={name}]").fill(said)
    page.get_by_role("button", name="Keep the password").click()
    expect(page.get_by_test_id("stSidebar").get_by_text("Sari")).to_be_visible(timeout=COMES_WITHIN)
    assert [entry.who for entry in told(app, Did.RESET_CODE_MADE, "sari")] == [app.administrator()]
    assert told(app, Did.PASSWORD_CHANGED, "sari")[0].who == "sari"
    theirs.close()


def test_another_role_takes_its_screens_away_on_the_next_run_and_gives_those_of_the_new_one(
    app: RunningApp, desk: Page, browser: Browser
) -> None:
    """A manager becomes an operator: the open screen asks for the login again, and then has other sections."""
    theirs = person(browser, app, "wayan", Role.MANAGER)
    page = theirs.new_page()
    go(page, app, "data")
    screens = page.get_by_test_id("stSidebarNav")
    results, stations = (screens.get_by_text(ID(key), exact=True) for key in ("app.results", "station.title"))
    expect(results).to_be_visible(timeout=COMES_WITHIN)
    expect(stations).to_have_count(0)

    go(desk, app, "accounts")
    row = row_of(desk, "wayan")
    row.get_by_role("radiogroup", name=ID("account.role")).locator("label").filter(
        has_text=ID("staff.role.operator")
    ).click()
    rests(desk)
    press_word(row, "account.save")
    reads(desk, ID("account.saved", name="Wayan"))
    with app.store() as store:
        (kept,) = (one for one in list_accounts(store, LOCAL_STAFF) if one.name == "wayan")
    assert kept.role is Role.OPERATOR

    main(page).get_by_text("English", exact=True).click()
    expect(gate(page)).to_be_visible(timeout=COMES_WITHIN)
    expect(results).to_have_count(0)
    gate(page).click()
    log_in(page, "wayan", PASSWORD)
    expect(screens.get_by_text("Kiosks and tablets", exact=True)).to_be_visible(timeout=COMES_WITHIN)
    expect(screens.get_by_text("Results", exact=True)).to_have_count(0)
    theirs.close()
