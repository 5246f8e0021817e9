"""Pictures for the README and to look at every questionnaire: ``python -m tests.browser.make_pictures``.

They are taken from the real app in a data folder that is thrown away; every answer in them is made up. With
``--all DIR`` every screen at three sizes goes into a folder, to be looked at: those are not kept.
"""

import argparse
import io
import tempfile
from dataclasses import replace
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from survey.example import add_example_answers
from survey.principal import LOCAL_STAFF
from survey.store.plans.planning import Plan, change_survey
from tests.browser import instruments
from tests.browser.citizen import Citizen, address
from tests.browser.conftest import CHROMIUM, SWITCHES
from tests.browser.every_screen import picture_every_screen
from tests.browser.staff import sign_in
from tests.builders import survey_called
from tests.running import RunningApp, running_app

FOLDER = Path(__file__).parent / "pictures"


def form_pictures(app: RunningApp, browser: Browser, folder: Path = FOLDER) -> list[Path]:
    """The third question on a kiosk and, without network, on a phone; and the kiosk's thank-you."""
    taken = [folder / f"form-{name}.png" for name in ("kiosk", "phone", "thanks")]
    kiosk = browser.new_context(viewport={"width": 1280, "height": 800}, locale="id-ID")
    citizen = Citizen(kiosk.new_page()).visit(address(app, "light", station="loket-1"))
    _to_the_third_item(citizen)
    _choose_quietly(citizen, "Cepat")
    citizen.page.screenshot(path=taken[0])
    citizen.form.locator("[data-key=next]").click()
    while citizen.kind != "comment":
        citizen.answer(citizen.form.locator(".words").nth(2).inner_text()).click()
        citizen.page.wait_for_timeout(600)
        if citizen.kind == "intro":
            citizen.press_button("Lanjut")
    citizen.button("Kirim jawaban").click()
    assert citizen.receipt
    citizen.page.screenshot(path=taken[2])
    kiosk.close()
    phone = browser.new_context(viewport={"width": 412, "height": 915}, has_touch=True, locale="id-ID")
    citizen = Citizen(phone.new_page()).visit(address(app, "light"))
    _to_the_third_item(citizen)
    phone.set_offline(True)
    _choose_quietly(citizen, "Cepat")
    citizen.page.screenshot(path=taken[1])
    phone.close()
    return taken


def dashboard_picture(app: RunningApp, browser: Browser, folder: Path = FOLDER) -> Path:
    """The overview of the trial survey, with its made-up answers, as a manager sees it on a laptop."""
    with app.store() as store:
        add_example_answers(store, LOCAL_STAFF, survey_called(store, "contoh"), 400, seed=2026)
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="id-ID")
    page = context.new_page()
    sign_in(page, app, "/results?survey=contoh")
    for chart in range(3):
        page.locator(".js-plotly-plot .main-svg").nth(chart).wait_for(timeout=60_000)
    page.wait_for_timeout(1500)
    page.screenshot(path=folder / "dashboard.png")
    context.close()
    return folder / "dashboard.png"


def setup_pictures(app: RunningApp, browser: Browser, folder: Path = FOLDER) -> list[Path]:
    """Two screens of the administrator, for the guide: few colours, small files."""
    with app.store() as store:
        plan = replace(Plan.of(survey_called(store, "contoh")), population=4600, target=357)
        change_survey(store, LOCAL_STAFF, "contoh", plan)
    context = browser.new_context(viewport={"width": 1180, "height": 720}, locale="id-ID")
    page = context.new_page()
    taken = []
    for name, path in (("home", "/home"), ("surveys", "/surveys?survey=contoh")):
        sign_in(page, app, path)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(2500)
        file = folder / f"setup-{name}.png"
        Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(64).save(file, optimize=True)
        taken.append(file)
    context.close()
    return taken


def _to_the_third_item(citizen: Citizen) -> None:
    citizen.press_button("Mulai")
    while citizen.kind != "item":
        citizen.press_button("Lanjut")
    citizen.touch("Sesuai")
    citizen.touch("Mudah")


def _choose_quietly(citizen: Citizen, words: str) -> None:
    """Choose an answer without the touch that would move on."""
    citizen.answer(words).evaluate("(radio) => radio.click()")
    citizen.page.wait_for_timeout(300)


def main() -> None:
    given = argparse.ArgumentParser(prog="python -m tests.browser.make_pictures")
    given.add_argument("--all", type=Path, metavar="DIR", help="every screen at three sizes, into this folder")
    everything: Path | None = given.parse_args().all
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder) / "data") as app,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        if everything:
            for picture in picture_every_screen(app, browser, everything):
                print(picture, flush=True)
        else:
            made = [*form_pictures(app, browser), dashboard_picture(app, browser), *setup_pictures(app, browser)]
            for picture in (*made, *instruments.take_pictures(app, browser)):
                print(picture.relative_to(Path.cwd()), picture.stat().st_size)
        browser.close()


if __name__ == "__main__":
    main()
