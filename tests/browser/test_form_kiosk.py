"""Does the next citizen at a kiosk find nothing, and is every response of a station accounted for?"""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.citizen import Citizen, address, answers_of, arrived, bodies, queued
from tests.builders import rows
from tests.running import RunningApp

pytestmark = pytest.mark.browser
START = "Survei Kepuasan Masyarakat"


def frozen(kiosk: BrowserContext) -> Page:
    """A page whose clock the test turns."""
    page = kiosk.new_page()
    page.clock.install()
    return page


def nothing_is_left(page: Page, begin: str = START) -> None:
    """Neither on the screen, nor in the fields, nor in any storage of the browser."""
    citizen = Citizen(page)
    expect(citizen.heading).to_have_text(begin)
    assert citizen.form.locator("input:checked").count() == 0
    kept = page.evaluate("[...Object.entries(localStorage), ...Object.entries(sessionStorage)].map(String)")
    assert [entry for entry in kept if not entry.startswith("st")] == [], "Streamlit itself notes its theme"
    assert queued(page) == []
    assert "rahasia" not in page.content()


_END_REAL_TIMERS = "for (let last = setTimeout(() => {}); last; last--) clearTimeout(last)"
"""The form's own minute, begun by the real clock, would end in the middle of a test that is slow."""
_NOTE_WHEN_CLOSED = """(dialog) => {
  window.shut = new Promise((done) => dialog.addEventListener('close', () => done(true), { once: true }))
}"""


ALL_BUT_POINTS = ("service", "profile", "intro", "item", "comment")


@pytest.mark.parametrize(
    ("door", "survey", "kinds"),
    [("light", "skm", ALL_BUT_POINTS), ("streamlit", "skm", ALL_BUT_POINTS), ("light", "trial", ("points",))],
)
def test_a_kiosk_asks_who_is_there_and_wipes_on_every_kind_of_screen(
    server: RunningApp, kiosk: BrowserContext, door: str, survey: str, kinds: tuple[str, ...]
) -> None:
    """After 60 s a question, after 20 more the start; whoever answers the question in time goes on undisturbed."""
    before = len(answers_of(server, survey))
    page = frozen(kiosk) if door == "light" else kiosk.new_page()
    citizen = Citizen(page).visit(address(server, door, survey, station="loket-1"))
    begin = citizen.question
    if door == "streamlit":  # Streamlit's own start needs the real clock
        page.evaluate(_END_REAL_TIMERS)
        page.clock.install()
    for turn, kind in enumerate(kinds):
        if turn:
            citizen.accept_invitation()
        citizen.button("English").click()
        citizen.button("Start").press("Enter")
        while citizen.kind != kind:
            if citizen.kind in ("profile", "item"):
                citizen.form.get_by_role("radio").first.focus()
                citizen.press("Space")
            before_this = citizen.question
            citizen.button("Next").press("Enter")
            expect(citizen.heading).not_to_have_text(before_this)
        if kind == "comment":
            citizen.form.get_by_role("textbox").fill("rahasia")
        if kind == "points":
            citizen.form.get_by_role("textbox").first.fill("37")
        page.clock.fast_forward(61_000)
        expect(citizen.form.get_by_role("dialog")).to_contain_text("Are you still there?")
        if kind == "item":
            asked = citizen.question
            citizen.form.locator("dialog").evaluate(_NOTE_WHEN_CLOSED)
            citizen.press("Escape")
            assert page.evaluate("shut"), "now the minute begins anew"
            page.clock.fast_forward(30_000)
            expect(citizen.heading).to_have_text(asked)
            page.clock.fast_forward(31_000)
        page.clock.run_for(21_000)
        nothing_is_left(page, begin)
    assert len(answers_of(server, survey)) == before


def test_reload_back_and_another_page_show_nothing_of_the_person_before(
    server: RunningApp, kiosk: BrowserContext
) -> None:
    page = kiosk.new_page()
    citizen = Citizen(page).visit(address(server, "light", station="loket-1"))
    for leave in (
        page.reload,
        lambda: (page.goto("about:blank"), page.go_back()),
        lambda: (page.goto(address(server, "light", "brief")), page.go_back()),
    ):
        citizen.start()
        citizen.touch("Izin usaha")
        citizen.touch("Perempuan")
        leave()
        nothing_is_left(page)
        citizen.accept_invitation()


def test_leaving_the_streamlit_screen_wipes_it(server: RunningApp, kiosk: BrowserContext) -> None:
    page = kiosk.new_page()
    citizen = Citizen(page).visit(address(server, "streamlit"))
    citizen.start()
    citizen.touch("Izin reklame")
    page.get_by_role("link", name="Untuk petugas").click()
    page.wait_for_url("**/results")
    expect(citizen.form).to_have_count(0)
    page.go_back()
    nothing_is_left(page)


def test_a_kiosk_returns_to_the_start_after_the_thanks(server: RunningApp, kiosk: BrowserContext) -> None:
    page = frozen(kiosk)
    citizen = Citizen(page).visit(address(server, "light", "brief", "loket-1"))
    citizen.answer_brief()
    code = citizen.receipt
    expect(citizen.form.get_by_text("Layar ini kembali ke awal dalam 15 detik")).to_be_visible()
    page.clock.run_for(16_000)
    expect(citizen.form).to_have_attribute("data-screen", "notice")
    assert code not in page.content().replace(" ", "")


def test_the_numbers_of_a_station_have_no_gap(server: RunningApp, kiosk: BrowserContext) -> None:
    """Also over a reload and a time without network; another station counts for itself in the same browser storage."""
    before = len(answers_of(server, "brief"))
    page = kiosk.new_page()
    citizen = Citizen(page).visit(address(server, "light", "brief", "loket-2"))
    citizen.answer_brief()
    page.route("**/api/responses", lambda route: route.abort())
    kiosk.set_offline(True)
    citizen.button("Selesai").click()
    citizen.accept_invitation()
    citizen.answer_brief()
    assert [(body["station"], body["sequence"]) for body in bodies(page)] == [("loket-2", 2)]
    page.unroute("**/api/responses")
    kiosk.set_offline(False)
    assert arrived(server, "brief", before + 2)
    Citizen(page).visit(address(server, "light", "brief", "loket-2")).answer_brief()
    Citizen(page).visit(address(server, "light", "brief", "tablet-1")).answer_brief()
    assert arrived(server, "brief", before + 4)
    with server.store() as store:
        found = rows(
            store,
            "SELECT station.name, response.sequence, hex(response.epoch), response.channel FROM response "
            "JOIN station ON station.number = response.station ORDER BY response.number DESC LIMIT 4",
        )
    assert [(name, sequence) for name, sequence, _, _ in reversed(found)] == [
        ("loket-2", 1),
        ("loket-2", 2),
        ("loket-2", 3),
        ("tablet-1", 1),
    ]
    assert len({epoch for _, _, epoch, _ in found}) == 1
    assert {channel for _, _, _, channel in found} == {1}


def test_an_unknown_station_is_a_kiosk_that_says_so(server: RunningApp, kiosk: BrowserContext) -> None:
    """Somebody mistyped the name on a shared device: its answers must not be lost, nor be shown to the next person."""
    before = len(answers_of(server, "brief"))
    page = kiosk.new_page()
    citizen = Citizen(page).visit(address(server, "light", "brief", "loket-99"))
    expect(citizen.form.get_by_text("Nama tempat pada alamat halaman ini tidak dikenal")).to_be_visible()
    citizen.answer_brief()
    assert arrived(server, "brief", before + 1)
    assert page.evaluate("localStorage.length") == 0
