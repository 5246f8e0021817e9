"""Does a clerk key a paper form by the number pad alone, fast, and is a form that was keyed before caught?"""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from survey.principal import LOCAL_STAFF
from survey.store.answers.responses import read_responses
from survey.store.plans.planning import add_survey
from tests.browser.staff import press, sign_in
from tests.builders import survey_called
from tests.running import RunningApp, running_app

pytestmark = pytest.mark.browser
PATIENCE = 20_000
BY_HAND_MILLISECONDS = 250
"""Between two keys on a number pad; a practised clerk is faster."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The real app; the newest survey asks the nine elements."""
    with running_app(tmp_path_factory.mktemp("keying") / "data") as running:
        with running.store() as store:
            add_survey(store, LOCAL_STAFF, "nine", "skm-2017")
        yield running


@pytest.fixture
def page(office: BrowserContext, app: RunningApp) -> Page:
    opened = sign_in(office.new_page(), app, "/paper")
    expect(field(opened)).to_be_focused(timeout=PATIENCE)
    return opened


def field(page: Page) -> Locator:
    return page.locator(".desk input")


def told(page: Page) -> Locator:
    return page.locator(".desk .told")


def key(page: Page, *keys: str, delay: float = 0) -> int:
    """Press keys, each a digit or a name; how many they were."""
    for one in keys:
        page.keyboard.press(one)
        if delay:
            page.wait_for_timeout(delay)
    return len(keys)


def stored(app: RunningApp) -> list[list[int]]:
    with app.store() as store:
        return [list(map(int, row)) for row in read_responses(store, LOCAL_STAFF, survey_called(store, "nine")).answers]


def test_a_form_of_nine_elements_takes_18_keys_and_less_than_20_seconds_by_hand(app: RunningApp, page: Page) -> None:
    """Number, date and service once by Enter or digit, four about the person, nine elements, comment, save.

    At four keys a second; the clock is the browser's, from the first key to the words that it is saved.
    """
    began = page.evaluate("performance.now()")
    keys = ["Enter", "Enter", "2", *"1234", *"343434321", "Enter", "Enter"]
    assert key(page, *keys, delay=BY_HAND_MILLISECONDS) == 18
    expect(told(page)).to_have_text("Formulir 1 tersimpan.", timeout=PATIENCE)
    assert page.evaluate("performance.now()") - began < 20_000
    assert stored(app)[-1] == [3, 4, 3, 4, 3, 4, 3, 2, 1]
    expect(page.get_by_role("main")).to_contain_text("Izin usaha")

    key(page, "Enter", "Enter", "Enter", *"1234", *"444444444", "Enter", "Enter")
    expect(told(page)).to_have_text("Formulir 2 tersimpan.", timeout=PATIENCE)
    with app.store() as store:
        found = read_responses(store, LOCAL_STAFF, survey_called(store, "nine"))
    assert len(set(found.service.tolist())) == 1, "the service stays for the next form"


def test_a_number_that_was_keyed_is_caught_before_the_form_is_keyed_again(app: RunningApp, page: Page) -> None:
    key(page, "7", "7", "Enter", "Enter", "0", *["Enter"] * 4, *"333333333", "Enter", "Enter")
    expect(told(page)).to_have_text("Formulir 77 tersimpan.", timeout=PATIENCE)
    count = len(stored(app))
    key(page, "7", "7", "Enter")
    expect(told(page)).to_have_text("Formulir 77 sudah pernah diketik.")
    expect(page.locator(".desk h2")).to_have_text("Nomor formulir")
    assert len(stored(app)) == count


def test_two_desks_cannot_keep_the_same_number(app: RunningApp, page: Page, browser: Browser) -> None:
    """The other desk had it first, after this page was drawn: the database refuses, and the desk says so."""
    context = browser.new_context()
    other = sign_in(context.new_page(), app, "/paper")
    expect(field(other)).to_be_focused(timeout=PATIENCE)
    for desk, said in ((other, "tersimpan"), (page, "sudah pernah diketik; tidak ada yang disimpan")):
        key(desk, "9", "0", "0", "Enter", "Enter", "0", *["Enter"] * 4, *"333333333", "Enter", "Enter")
        expect(told(desk)).to_contain_text(said, timeout=PATIENCE)
    context.close()


def test_enter_skips_backspace_goes_back_and_a_digit_off_the_scale_is_refused(app: RunningApp, page: Page) -> None:
    question = page.locator(".desk h2")
    key(page, "5", "0", "0", "Enter", "Enter", "1", *["Enter"] * 4)
    expect(question).to_have_text("Apakah syarat yang diminta sesuai dengan jenis layanannya?")
    key(page, "5")
    expect(told(page)).to_have_text("Ini bukan salah satu jawaban. Tekan 1–4.")
    key(page, "1", "2", "Backspace", "4")
    key(page, "Enter", *"1111111", "Enter")
    key(page, "Enter")
    expect(told(page)).to_have_text("Formulir 500 tersimpan.", timeout=PATIENCE)
    assert stored(app)[-1] == [1, 4, 0, 1, 1, 1, 1, 1, 1]


def test_the_form_can_be_downloaded_to_print(page: Page) -> None:
    page.get_by_role("tab", name="Cetak formulir").click()
    with page.expect_download(timeout=PATIENCE) as waiting:
        press(page.get_by_role("button", name="Unduh untuk dicetak"))
    assert waiting.value.suggested_filename == "nine-id.pdf"
    assert waiting.value.path().read_bytes().startswith(b"%PDF")


def test_the_desk_has_no_defect_that_axe_can_find(page: Page) -> None:
    key(page, "Enter", "Enter")
    found = Axe().run(page, context="main, [data-testid=stMain]").response["violations"]
    assert [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found] == []
