"""Does the first question of every questionnaire stand on a kiosk and on a phone as it should?

Nothing is compared by pixels: what a person needs is measured. The pictures to look at are made by ``make_pictures``.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from survey.questionnaire import Question, load_questionnaire
from tests.browser.instruments import FOLDER, SHIPPED, SIZES, go_to, open_trials, visitor
from tests.numbers import QUESTIONNAIRES
from tests.running import RunningApp, running_app

pytestmark = pytest.mark.browser
LEAST_HEIGHT = 60


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The app with a trial survey for each questionnaire."""
    with running_app(tmp_path_factory.mktemp("instruments") / "data") as running:
        open_trials(running)
        yield running


def measured(page: Page) -> dict[str, Any]:
    """What stands on the screen, in pixels."""
    found: dict[str, Any] = page.evaluate(
        """() => {
          const box = (node) => node.getBoundingClientRect().toJSON()
          const all = (selector) => [...document.querySelectorAll('.survey ' + selector)]
          const page = document.documentElement
          const tooWide = (nodes) => nodes.filter((n) => n.scrollWidth > n.clientWidth + 1).map((n) => n.innerText)
          return {
            width: innerWidth, height: innerHeight, content: page.scrollWidth,
            title: box(all('h1')[0]), buttons: all('.buttons .button').map(box),
            cards: all('.card').map(box),
            spills: tooWide(all('.card')), cut: tooWide(all('.words')),
            words: all('.option').map((option) => option.querySelector('.words').innerText),
            stars: all('.stars').map((stars) => stars.innerText),
            faces: all('.face').length, numbers: all('.number').map((number) => number.innerText),
          }
        }"""
    )
    return found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SHIPPED)
def test_its_first_item_is_large_whole_and_worded_in_both_languages(
    app: RunningApp, browser: Browser, name: str, size: str
) -> None:
    """Targets of 60 px, nothing beside the screen, no word cut; on the kiosk everything is seen without scrolling."""
    q = load_questionnaire(QUESTIONNAIRES / f"{name}.yaml")
    question = q.columns[0].question
    assert question is not None
    with visitor(browser, size) as page:
        go_to(page, app, name, size)
        large_whole_and_worded(page, question, size, "id")
        page.locator(".survey [lang=en]").click()
        large_whole_and_worded(page, question, size, "en")


def large_whole_and_worded(page: Page, question: Question, size: str, language: str) -> None:
    assert page.locator(".survey h1").inner_text() == question.question[language]
    seen = measured(page)
    scale = question.scale
    assert seen["words"] == [
        scale.labels[code][language] if code in scale.labels else "" for code in range(1, scale.points + 1)
    ]
    assert min(card["height"] for card in seen["cards"]) >= LEAST_HEIGHT
    assert min(card["width"] for card in seen["cards"]) >= LEAST_HEIGHT
    assert seen["content"] <= seen["width"], "nothing sticks out of the screen"
    assert (seen["spills"], seen["cut"]) == ([], [])
    for box in (seen["title"], *seen["cards"], *seen["buttons"]):
        assert box["left"] >= 0 and box["right"] <= seen["width"]
        if size == "kiosk":
            assert box["top"] >= 0 and box["bottom"] <= seen["height"]
    assert len({round(card["width"]) for card in seen["cards"]}) == 1, "no answer is larger than another"


@pytest.mark.parametrize("size", SIZES)
def test_beside_the_words_stand_faces_numbers_or_stars_as_the_scale_wants(
    app: RunningApp, browser: Browser, size: str
) -> None:
    with visitor(browser, size) as page:
        go_to(page, app, "skm-2004", size)
        assert measured(page)["faces"] == 4
        go_to(page, app, "servqual-22", size)
        assert measured(page)["numbers"] == [str(k) for k in range(1, 8)]
        go_to(page, app, "zi-spkp-spak", size)
        assert measured(page)["stars"] == ["★" * k + "☆" * (6 - k) for k in range(1, 7)]


def test_the_hundred_points_are_shared_on_one_kiosk_screen_in_plain_words(app: RunningApp, browser: Browser) -> None:
    """Five rows with steps of 60 px, the rest to be shared, and the buttons: all without scrolling."""
    with visitor(browser, "kiosk") as page:
        go_to(page, app, "servqual-22", "kiosk", kind="points")
        rows = page.locator(".share")
        assert rows.count() == 5
        assert "Ruangan, peralatan, dan penampilan petugas" in rows.first.inner_text()
        for part in (".share .step", ".share .field", ".buttons .button"):
            for box in page.locator(part).evaluate_all(
                "(nodes) => nodes.map((n) => n.getBoundingClientRect().toJSON())"
            ):
                assert box["height"] >= LEAST_HEIGHT and box["bottom"] <= 800
        assert page.get_by_text("Sisa 100 poin.").is_visible()


def test_every_picture_to_look_at_is_there_and_no_other() -> None:
    wanted = {f"{name}-{size}.png" for name in SHIPPED for size in SIZES}
    assert {file.name for file in FOLDER.glob("*.png")} == wanted
