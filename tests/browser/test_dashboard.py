"""Does a manager see the right number, at once, in both languages, and nothing that points at a person?"""

import io
import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from survey.example import add_example_answers
from survey.principal import LOCAL_STAFF
from survey.words import load_words
from tests.browser.staff import choose, gate, press, sign_in
from tests.builders import respond, survey_called
from tests.numbers import ELEMENTS
from tests.running import RunningApp, running_app

pytestmark = pytest.mark.browser
KNOWN = dict(zip(ELEMENTS, (4, 3, 2, 4, 3, 4, 4, 2, 3), strict=True))
"""Sum 29: the index of people who all answer this is 29 / 9 x 25 = 80.5556, grade B; with 0.11 it is 79.75, also B."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The real app; six citizens have answered, and a test survey has made-up answers."""
    with running_app(tmp_path_factory.mktemp("dashboard") / "data") as running:
        with running.store() as store:
            for _ in range(6):
                respond(store, **KNOWN, **{f"E_{name}": 4 for name in KNOWN}, service="nib", profile={"sex": 1})
            add_example_answers(store, LOCAL_STAFF, survey_called(store, "contoh"), 120, seed=1)
        yield running


def drawn(page: Page) -> None:
    """Wait until the script has run, its charts stand there, and they have found their size."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=60_000)
    page.wait_for_timeout(500)


def finding(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def test_a_visitor_is_shown_nothing(app: RunningApp, kiosk: BrowserContext) -> None:
    page = kiosk.new_page()
    page.goto(app.url + "/results")
    expect(gate(page)).to_be_visible(timeout=20_000)
    assert "IKM" not in page.get_by_role("main").inner_text()


def test_the_dashboard_says_the_index_of_known_answers_first_as_a_sentence(
    app: RunningApp, office: BrowserContext
) -> None:
    """29 / 9 x 25 = 80.5556 -> 80.56, B. Six people who agree leave no doubt: the interval is a point."""
    page = sign_in(office.new_page(), app, "/results?survey=skm")
    expect(page.get_by_role("heading", level=1)).to_contain_text("IKM 80,56 — B, Baik; antara 80,6 dan 80,6")
    main = page.get_by_role("main")
    expect(main).to_contain_text("n = 6 responden · bobot tepat 1/9 · PermenPANRB 14/2017")
    expect(main).to_contain_text("79,75 dengan bobot 0,11 dan 80,48 dengan bobot 0,111")
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=20_000)
    expect(main).to_contain_text("Warga berharap lebih, terutama pada Daya tanggap")


def test_it_says_the_same_in_english(app: RunningApp, office: BrowserContext) -> None:
    page = sign_in(office.new_page(), app, "/results?survey=skm")
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("IKM 80.56 — B, Good; between 80.6 and 80.6")
    expect(page.get_by_role("main")).to_contain_text("n = 6 respondents · exact weight 1/9")
    page.wait_for_url("**lang=en*")


def test_a_new_response_appears_within_five_seconds_without_a_touch(app: RunningApp, office: BrowserContext) -> None:
    """The seventh citizen gives 36 instead of 29 points: 210 / 7 / 9 x 25 = 83.33."""
    page = sign_in(office.new_page(), app, "/results?survey=skm")
    expect(page.locator(".js-plotly-plot")).to_have_count(4, timeout=20_000)
    with app.store() as store:
        started = time.monotonic()
        respond(store, **dict.fromkeys(KNOWN, 4), service="pbg")
    expect(page.get_by_role("heading", level=1)).to_contain_text("IKM 83,33", timeout=5_000)
    assert time.monotonic() - started < 5


def test_fewer_than_five_are_hidden_with_the_reason(app: RunningApp, office: BrowserContext) -> None:
    page = sign_in(office.new_page(), app, "/results?survey=skm&service=pbg")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Baru 1 jawaban")
    main = page.get_by_role("main")
    expect(main).to_contain_text("dengan lebih sedikit, seseorang dapat dikenali")
    assert not re.search(r"IKM \d", main.inner_text())
    assert page.locator(".js-plotly-plot").count() == 0


def test_a_filter_lives_in_the_address_and_goes_back_with_the_browser(app: RunningApp, office: BrowserContext) -> None:
    page = sign_in(office.new_page(), app, "/results?survey=skm")
    choose(page.get_by_role("combobox", name=re.compile("unit", re.IGNORECASE)), "Bangunan dan tata ruang")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Baru 1 jawaban")
    assert "unit=bangunan" in page.url
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_contain_text("IKM")
    assert "unit=" not in page.url


def test_a_test_survey_is_marked_and_shows_results_of_few(app: RunningApp, office: BrowserContext) -> None:
    page = sign_in(office.new_page(), app, "/results?survey=contoh")
    expect(page.get_by_role("main")).to_contain_text("SURVEI UJI COBA")
    assert "IKM" in finding(page)


def test_an_empty_survey_offers_example_answers_that_go_into_the_test_survey(
    tmp_path: Path, office: BrowserContext
) -> None:
    with running_app(tmp_path / "data") as empty:
        page = sign_in(office.new_page(), empty, "/results")
        expect(page.get_by_role("heading", level=1)).to_have_text("Belum ada jawaban")
        press(page.get_by_role("button", name="Isi survei uji coba dengan 400 jawaban contoh"))
        expect(page.get_by_role("heading", level=1)).to_contain_text("IKM", timeout=15_000)
        expect(page.get_by_role("main")).to_contain_text("SURVEI UJI COBA")
        assert "survey=contoh" in page.url


def test_every_part_of_the_results_draws_its_charts_with_a_text_for_each(
    app: RunningApp, office: BrowserContext
) -> None:
    problems: list[str] = []
    page = sign_in(office.new_page(), app, "/results?survey=contoh&lang=en")
    page.on("pageerror", lambda error: problems.append(str(error)))
    views = (
        *(("Overview", 4), ("Elements", 1), ("Gaps", 3), ("Priorities", 1)),
        *(("Answers", 2), ("Respondents", 7), ("Measurement", 5)),
    )
    for view, charts in views:
        page.get_by_role("main").get_by_text(view, exact=True).click()
        expect(page.locator(".js-plotly-plot")).to_have_count(charts, timeout=20_000)
        texts = page.locator("[aria-label]").filter(has=page.locator(".js-plotly-plot"))
        assert texts.count() >= charts, view
    assert problems == []


def test_the_data_can_be_downloaded_and_read_back(app: RunningApp, office: BrowserContext) -> None:
    page = sign_in(office.new_page(), app, "/data?survey=contoh&lang=en")
    with page.expect_download() as waiting:
        press(page.get_by_role("button", name=re.compile("Download the package")))
    assert re.fullmatch(r"contoh-skm-2017-servqual-v\d+\.zip", waiting.value.suggested_filename)
    archive = zipfile.ZipFile(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    table = pd.read_csv(archive.open("data.csv"))
    assert len(table) == 120
    assert table["P_time"].dropna().between(1, 4).all()
    assert set(pd.read_csv(archive.open("codebook.csv"))["variable"]) == set(table.columns)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_our_own_parts(app: RunningApp, office: BrowserContext, scheme: str) -> None:
    """In the parts of the results that look different, and where the data are taken away."""
    page = office.new_page()
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    sign_in(page, app, "/results?survey=contoh")
    words, found = load_words("id"), {}
    for view in ("overview", "answers", "priorities", "comparison", "measurement"):
        if view != "overview":
            page.locator(".st-key-choice-view").get_by_text(words(f"dashboard.view.{view}"), exact=True).click()
            page.wait_for_url(f"**view={view}*")
        drawn(page)
        found[view] = violations(page)
    sign_in(page, app, "/data?survey=contoh")
    found["data"] = violations(page)
    assert {where: rules for where, rules in found.items() if rules} == {}


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds in our part of the page: rules, each with the places."""
    found = Axe().run(page, context="main, [data-testid=stMain]").response["violations"]
    return [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found]


def test_the_parts_of_the_results_stand_in_one_row_on_a_computer(app: RunningApp, office: BrowserContext) -> None:
    """Eight of them at 1280 pixels, in both languages."""
    page = office.new_page()
    page.set_viewport_size({"width": 1280, "height": 800})
    sign_in(page, app, "/results?survey=contoh")
    for language in ("Indonesia", "English"):
        page.get_by_text(language, exact=True).click()
        expect(page.get_by_role("radio", name=language, exact=True)).to_be_checked()
        drawn(page)
        parts = page.locator(".st-key-choice-view [role=radio]")
        assert parts.count() == 8
        assert len({round(box["y"]) for part in parts.all() if (box := part.bounding_box())}) == 1


def test_nothing_sticks_out_to_the_side(app: RunningApp, office: BrowserContext) -> None:
    """On a small phone, a phone, and a tablet that is held upright."""
    page = office.new_page()
    page.set_viewport_size({"width": 320, "height": 640})
    sign_in(page, app, "/results?survey=contoh")
    for width, height in ((320, 640), (412, 915), (800, 1280)):
        page.set_viewport_size({"width": width, "height": height})
        drawn(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width
