"""Do the staff come in through the door, see what their role may, and nothing any more once they may not?"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

import app as launcher
from survey.principal import LOCAL_STAFF, Role
from survey.store.people.accounts import Wanted, choose_password_by_code, find_account, log_out_everywhere, make_account
from survey.store.people.throttle import Try
from tests.browser.staff import COMES_WITHIN, gate, press, sign_in
from tests.running import ADMINISTRATOR, CHEAP, PASSWORD, RunningApp, running_app

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(office: BrowserContext) -> Iterator[BrowserContext]:
    """The computer of the staff, on which nobody is logged in."""
    yield office
    office.clear_cookies()


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible(timeout=COMES_WITHIN)


def make(app: RunningApp, name: str, role: Role) -> None:
    """Somebody with ``PASSWORD``."""
    now = datetime.now(UTC)
    with app.store() as store, store.reading.connect() as connection:
        if find_account(connection, name):
            return
        code = make_account(store, LOCAL_STAFF, name, Wanted(name.title(), role), now)
        choose_password_by_code(store, Try.of(name, "test"), code, PASSWORD, now, cost=CHEAP)


def enter(page: Page, app: RunningApp, name: str, wanted: str = "") -> None:
    page.goto(f"{app.url}/login?lang=en" + (f"&next={wanted}" if wanted else ""))
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def test_a_new_installation_is_set_up_from_the_first_page_to_the_first_screen(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """On the machine itself, in the language that was chosen, and then there is no second way in."""
    with running_app(tmp_path_factory.mktemp("new") / "data") as app:
        page = browser.new_page()
        page.goto(f"{app.url}/results?lang=en")
        gate(page).click(timeout=COMES_WITHIN)
        expect(page.get_by_role("heading", name="The first administrator")).to_be_visible()
        for name, said in {"label": "Ina Lestari", "name": "ina", "password": PASSWORD, "again": PASSWORD}.items():
            page.locator(f"input[name={name}]").fill(said)
        page.get_by_role("button", name="Make the account").click()
        expect(page.get_by_test_id("stSidebar").get_by_text("Ina Lestari")).to_be_visible(timeout=COMES_WITHIN)
        assert not (app.data / "setup-code.txt").exists()
        page.close()


def test_the_wall_leads_to_the_login_and_back_to_where_one_wanted_to_go(
    server: RunningApp, desk: BrowserContext
) -> None:
    server.administrator()
    page = desk.new_page()
    page.goto(f"{server.url}/results?survey=skm&lang=en")
    expect(gate(page)).to_be_visible(timeout=COMES_WITHIN)
    sign_in(page, server)
    assert re.search(r"/results\?.*survey=skm", page.url) and "lang=en" in page.url
    press(page.get_by_test_id("stSidebar").get_by_role("button", name="Log out"))
    expect(page.get_by_text("You are logged out.")).to_be_visible()
    page.goto(f"{server.url}/results")
    expect(gate(page)).to_be_visible(timeout=COMES_WITHIN)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (800, 1280), (1024, 768)])
def test_who_is_here_and_the_way_out_stand_on_the_screen_without_scrolling(
    server: RunningApp, desk: BrowserContext, width: int, height: int
) -> None:
    """For the administrator, whose list of screens is the longest; on a narrow screen once the list is opened."""
    page = desk.new_page()
    page.set_viewport_size({"width": width, "height": height})
    sign_in(page, server, "/home")
    sidebar = page.get_by_test_id("stSidebar")
    for part in (
        sidebar.get_by_text("Ina Tes"),
        sidebar.get_by_role("button", name="Keluar"),
        sidebar.get_by_text("Beranda"),
    ):
        expect(part).to_be_in_viewport(ratio=1)


def test_a_login_that_was_ended_elsewhere_shows_nothing_on_the_next_run(
    server: RunningApp, desk: BrowserContext
) -> None:
    """The page still holds its cookie and its connection; the store decides."""
    page = sign_in(desk.new_page(), server, "/audit?lang=en")
    expect(page.get_by_text("The audit is whole")).to_be_visible(timeout=COMES_WITHIN)
    with server.store() as store, store.engine.begin() as connection:
        account = find_account(connection, ADMINISTRATOR)
        assert account
        log_out_everywhere(connection, account.number)
    page.get_by_text("Indonesia", exact=True).click()
    expect(gate(page)).to_be_visible(timeout=COMES_WITHIN)
    expect(page.get_by_text("Catatan ini utuh")).to_have_count(0)


def test_a_dashboard_left_open_ends_by_itself_when_the_login_is_ended(server: RunningApp, desk: BrowserContext) -> None:
    """It looks every second and a half, without keeping the login alive."""
    page = sign_in(desk.new_page(), server, "/results?survey=skm")
    with server.store() as store, store.engine.begin() as connection:
        account = find_account(connection, ADMINISTRATOR)
        assert account
        log_out_everywhere(connection, account.number)
    expect(gate(page)).to_be_visible(timeout=COMES_WITHIN)


def test_the_cookie_is_hidden_from_scripts_and_works_behind_a_link_from_elsewhere(
    server: RunningApp, desk: BrowserContext
) -> None:
    """``SameSite=Strict`` is enough: the page needs no cookie, and its websocket is a request of its own."""
    page = sign_in(desk.new_page(), server, "/audit?lang=en")
    cookies = {cookie["name"]: cookie for cookie in desk.cookies()}
    assert "survey_" not in page.evaluate("document.cookie")
    assert (cookies["survey_login"]["httpOnly"], cookies["survey_login"]["sameSite"]) == (True, "Strict")
    elsewhere = desk.new_page()
    elsewhere.route("http://elsewhere.test/", lambda route: route.fulfill(
        content_type="text/html", body=f'<a href="{server.url}/audit?lang=en">audit</a>'
    ))  # fmt: skip
    elsewhere.goto("http://elsewhere.test/")
    elsewhere.get_by_role("link").click()
    heading(elsewhere, "Audit")


@pytest.mark.parametrize(
    ("role", "sees", "not_there"),
    [
        (Role.MANAGER, "Results", "Accounts"),
        (Role.OPERATOR, "Kiosks and tablets", "Results"),
        (Role.RESEARCHER, "Released data sets", "Results"),
    ],
)
def test_each_role_has_its_own_screens_and_no_others(
    server: RunningApp, desk: BrowserContext, role: Role, sees: str, not_there: str
) -> None:
    server.administrator()
    make(server, f"one-{role.value}", role)
    page = desk.new_page()
    enter(page, server, f"one-{role.value}")
    navigation = page.get_by_test_id("stSidebarNav")
    expect(navigation.get_by_text(sees, exact=True)).to_be_visible(timeout=COMES_WITHIN)
    expect(navigation.get_by_text(not_there, exact=True)).to_have_count(0)
    page.goto(f"{server.url}/audit?lang=en")
    expect(page.get_by_text("You may not do this here")).to_be_visible(timeout=COMES_WITHIN)
    expect(page.get_by_text("The audit is whole")).to_have_count(0)


def test_the_administrator_makes_an_account_whose_person_chooses_a_password(
    server: RunningApp, desk: BrowserContext, browser: Browser
) -> None:
    page = sign_in(desk.new_page(), server, "/accounts?lang=en")
    page.get_by_text("Add an account").click()
    page.get_by_role("textbox", name="Account name").fill("dewi")
    page.get_by_role("textbox", name="Name of the person").last.fill("Dewi Ratu")
    page.get_by_role("textbox", name="Name of the person").last.press("Tab")
    press(page.get_by_role("button", name="Make the account and its code"))
    code = page.get_by_test_id("stCode").inner_text(timeout=COMES_WITHIN).strip()
    assert re.fullmatch(r"(\w{4}-){2}\w{4}", code)
    press(page.get_by_role("button", name="It is written down"))
    expect(page.get_by_text(code)).to_have_count(0, timeout=COMES_WITHIN)
    theirs = browser.new_page()
    theirs.goto(f"{server.url}/reset?lang=en")
    for name, said in {"name": "dewi", "code": code, "password": PASSWORD, "again": PASSWORD}.items():
        theirs.locator(f"input[name={name}]").fill(said)
    theirs.get_by_role("button", name="Keep the password").click()
    expect(theirs.get_by_test_id("stSidebar").get_by_text("Dewi Ratu")).to_be_visible(timeout=COMES_WITHIN)
    theirs.close()


def test_no_screen_does_what_the_policy_of_the_page_forbids(server: RunningApp, desk: BrowserContext) -> None:
    """Every screen of the staff, the form through both doors, and the pages of the door, in one browser."""
    page = desk.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Security Policy" in said.text else None)
    page.on("pageerror", lambda error: refused.append(str(error)))
    sign_in(page, server, "/home?lang=en")
    seen = 0
    for place in launcher.PAGES:
        kept_inside(page.request.get(f"{server.url}/{place.address}").headers, strict=False)
        link = page.get_by_test_id("stSidebarNav").locator(f"a[href$='/{place.address}']")
        if not link.count():
            continue  # not for administrators
        link.click()
        page.wait_for_url(f"**/{place.address}*")
        resting = page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
        expect(resting).to_have_count(1, timeout=COMES_WITHIN)
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=COMES_WITHIN)
        expect(page.get_by_test_id("stMain").get_by_role("heading", level=1).first).to_be_visible(timeout=COMES_WITHIN)
        seen += 1
    assert seen >= 15
    for address in ("", "s/skm?station=loket-1", "logout", "password", "reset"):
        answer = page.goto(f"{server.url}/{address}")
        assert answer
        kept_inside(answer.headers, strict=bool(address))
        page.wait_for_load_state("networkidle")
    assert refused == []


def kept_inside(headers: Mapping[str, str], *, strict: bool) -> None:
    """The answer has a policy; pages of our own have the stricter one."""
    assert headers["x-frame-options"]
    assert ("default-src 'none'" in headers["content-security-policy"]) == strict
