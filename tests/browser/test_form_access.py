"""Can everybody use every screen: with a screen reader, with large text, on the smallest phone, in the dark?"""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.citizen import Citizen, address
from tests.running import RunningApp

pytestmark = pytest.mark.browser

AXE = Axe()


def violations(page: Page) -> list[str]:
    """What axe finds on the screen, with all its rules, also inside the shadow root."""
    found = AXE.run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def screens(citizen: Citizen) -> Iterator[str]:
    """Every kind of screen, one after another, each named: also the complaint and the question before a wipe."""
    yield "notice"
    citizen.button("Mulai").press("Enter")
    known = {"notice"}
    while citizen.kind != "thanks":
        if citizen.kind not in known or citizen.kind == "intro":
            expect(citizen.form).to_have_attribute("data-screen", citizen.kind)
            yield citizen.kind
        if citizen.kind not in known and citizen.kind in ("item", "points"):
            citizen.button("Lanjut").press("Enter")
            expect(citizen.form.get_by_role("alert")).not_to_have_text("")
            yield f"{citizen.kind} without an answer"
            if citizen.kind == "points":
                citizen.button("Lewati").press("Enter")
                expect(citizen.form).to_have_attribute("data-screen", "send")
                continue
        if citizen.kind == "comment":
            citizen.button("Mulai dari awal").press("Enter")
            yield "asked before a wipe"
            citizen.button("Lanjutkan mengisi").press("Enter")
        known.add(citizen.kind)
        _forward(citizen)
    assert citizen.receipt
    yield "thanks"


def _forward(citizen: Citizen) -> None:
    before = citizen.question
    if citizen.kind == "item":
        citizen.form.get_by_role("radio").first.focus()
        citizen.press("Space")
    citizen.form.locator("[data-key=next]").press("Enter")
    expect(citizen.heading).not_to_have_text(before)


@pytest.mark.parametrize(
    ("door", "survey", "scheme"),
    [("light", "skm", "light"), ("streamlit", "skm", "light"), ("light", "trial", "dark")],
)
def test_axe_finds_nothing_on_any_screen(
    server: RunningApp, browser: Browser, door: str, survey: str, scheme: str
) -> None:
    """All default rules of axe-core: names, roles, contrast, landmarks, order of headings."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    citizen = Citizen(context.new_page()).visit(address(server, door, survey))
    found = {screen: violations(citizen.page) for screen in screens(citizen)}
    context.close()
    assert {screen: problems for screen, problems in found.items() if problems} == {}
    assert len(found) >= (9 if survey == "skm" else 8), sorted(found)


def test_axe_would_find_something_in_the_shadow_root(server: RunningApp, kiosk: BrowserContext) -> None:
    """The test above bites: a picture without words, put into the form, is found."""
    citizen = Citizen(kiosk.new_page()).visit(address(server, "streamlit", "trial"))
    citizen.form.locator(".band").evaluate("node => node.append(new Image())")  # nothing draws it anew
    assert any(problem.startswith("image-alt") for problem in violations(citizen.page))


def test_nothing_scrolls_sideways_at_320_pixels_and_the_largest_text_and_every_target_is_large(
    server: RunningApp, browser: Browser
) -> None:
    """The smallest phone still sold, text at its largest, high contrast; buttons and answers are 60 px high or more."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, has_touch=True)
    for survey in ("skm", "trial"):
        citizen = Citizen(context.new_page()).visit(address(server, "light", survey))
        if survey == "skm":  # afterwards this phone remembers
            citizen.button("A+ Ukuran huruf").click()
            citizen.button("A+ Ukuran huruf").click()
            citizen.button("◐ Kontras").click()
        assert citizen.form.get_attribute("data-size") == "2"
        for screen in screens(citizen):
            wide, small, hidden = citizen.page.evaluate(
                """() => [
                  document.documentElement.scrollWidth,
                  [...document.querySelectorAll("button, .option, .field")]
                    .filter((node) => node.offsetParent && node.offsetHeight < 60).map((node) => node.textContent),
                  [...document.querySelectorAll("h1, .words, .button, .hint, .lead, .note, li")]
                    .filter((node) => node.clientWidth && node.scrollWidth > node.clientWidth + 1)
                    .map((node) => node.textContent),
                ]"""
            )
            assert (wide, small, hidden) == (320, [], []), screen
            assert violations(citizen.page) == [] if screen in ("notice", "item", "thanks") else True, screen
    context.close()


def test_the_reading_button_is_there_only_where_the_device_has_a_voice(
    server: RunningApp, kiosk: BrowserContext
) -> None:
    """This browser has none. With one that speaks Indonesian the button reads question and answers aloud."""
    citizen = Citizen(kiosk.new_page()).visit(address(server, "light", "brief"))
    expect(citizen.form.get_by_role("button", name="Bacakan")).to_have_count(0)
    page = kiosk.new_page()
    page.add_init_script(
        """const spoken = (window.spoken = [])
        Object.defineProperty(speechSynthesis, "getVoices", { value: () => [{ lang: "id-ID" }] })
        speechSynthesis.speak = (said) => spoken.push(`${said.lang}: ${said.text}`)
        window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text } }"""
    )
    citizen = Citizen(page).visit(address(server, "light", "skm", "tablet-1"))
    citizen.start()
    citizen.form.get_by_role("button", name="Bacakan").click()
    assert page.evaluate("spoken") == [
        "id-ID: Apa jenis kelamin Anda?. Boleh tidak dijawab.. Laki-laki. Perempuan. Tidak ingin menjawab"
    ]
    citizen.button("English").click()
    expect(citizen.form.get_by_role("button", name="Read aloud")).to_have_count(0)


def test_an_address_without_a_survey_says_so_in_words(server: RunningApp, phone: BrowserContext) -> None:
    page = phone.new_page()
    answer = page.goto(server.url + "/s/no-such-survey")
    assert answer is not None and answer.status == 404
    expect(page.get_by_role("heading", name="Survei ini tidak ditemukan")).to_be_visible()
    expect(page.get_by_role("heading", name="This survey was not found")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="Buka survei").click()
    expect(page.get_by_role("heading", name="Survei Kepuasan Masyarakat")).to_be_visible()
    page.goto(server.url + "/?survey=no-such-survey")
    expect(page.get_by_text("Mungkin alamatnya salah ketik.")).to_be_visible()
