"""A citizen at the form: reads what stands on the screen and answers by keys or by touch, in either door."""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Locator, Page, expect

from survey.principal import LOCAL_STAFF
from survey.store.answers.responses import read_responses
from tests.builders import survey_called
from tests.running import RunningApp

ANSWERS_ARRIVE_WITHIN = 60_000
"""Milliseconds; generous, because tests share a machine."""
_STATION = re.compile(r"[?&]station=(loket-1|loket-2|tablet-1)\b")
"""The stations of a first start."""


@dataclass
class Citizen:
    """One person in front of a page. ``seen`` are the kinds of screen in the order in which they came."""

    page: Page
    seen: list[str] = field(default_factory=list)

    def visit(self, address: str) -> "Citizen":
        """Open the page; where a screen in the hall invites, touch it."""
        self.page.goto(address)
        if _STATION.search(address):
            self.accept_invitation()
        expect(self.heading).to_be_visible(timeout=ANSWERS_ARRIVE_WITHIN)
        return self

    def accept_invitation(self) -> None:
        """Touch the screen that invites, anywhere."""
        self.invitation.click(position={"x": 40, "y": 40}, timeout=ANSWERS_ARRIVE_WITHIN)
        expect(self.invitation).to_have_count(0)

    def answer_brief(self) -> None:
        """The whole of the survey ``brief``: the fourth answer to its one item."""
        self.start()
        self.answer_all(lambda _: 4)
        self.send()

    # --- what stands on the screen

    @property
    def form(self) -> Locator:
        return self.page.locator(".survey")

    @property
    def invitation(self) -> Locator:
        """What a screen in the hall shows while nobody uses it."""
        return self.form.locator(".invite")

    @property
    def heading(self) -> Locator:
        return self.form.locator("h1")

    @property
    def question(self) -> str:
        return self.heading.inner_text()

    @property
    def kind(self) -> str:
        """Which kind of screen this is: notice, service, profile, intro, item, points, comment, send, thanks."""
        return self.form.get_attribute("data-screen") or ""

    @property
    def text(self) -> str:
        return self.form.inner_text()

    @property
    def chosen(self) -> str | None:
        """The words of the chosen answer."""
        label = self.form.locator("label:has(input:checked)")
        return label.inner_text().strip() if label.count() else None

    @property
    def receipt(self) -> str:
        return self.form.locator(".code b").inner_text(timeout=ANSWERS_ARRIVE_WITHIN).replace(" ", "")

    def button(self, words: str) -> Locator:
        return self.form.get_by_role("button", name=words, exact=True)

    def answer(self, words: str) -> Locator:
        return self.form.get_by_role("radio", name=words, exact=True)

    # --- what a person does with keys alone

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, words: str) -> None:
        """Go to a button by the tab key, as somebody does who has no mouse."""
        for _ in range(40):
            if self.page.evaluate(_FOCUSED).endswith(words):
                return
            self.press("Tab")
        raise AssertionError(f"the tab key never reaches “{words}” on “{self.question}”")

    def choose(self, position: int) -> None:
        """Choose the answer at ``position`` (from 1) by keys; the focus is on the question."""
        self.press("Tab", "Space", *["ArrowDown"] * (position - 1))

    def go_on(self) -> None:
        """Press Enter, which is the main button where there is something to fill in, and wait for the next screen."""
        if self.kind == "intro":
            self.tab_to("Lanjut")
        self._then_the_next_screen(lambda: self.press("Enter"))

    def start(self) -> None:
        self.tab_to("Mulai")
        self.go_on()

    def answer_all(self, choice: Callable[[str], int], comment: str = "") -> Mapping[str, int]:
        """From the present screen to the last one before the end, by keys; what was chosen, by name of the radio."""
        chosen: dict[str, int] = {}
        while self.kind not in ("send", "comment"):
            if self.kind in ("service", "profile", "item"):
                name = self.form.locator("input[type=radio]").first.get_attribute("name") or ""
                chosen[name] = choice(name)
                self.choose(chosen[name])
            self.go_on()
        if comment:
            self.press("Tab")
            self.page.keyboard.type(comment)
        return chosen

    def send(self) -> None:
        """Press the last button and wait for the thank-you."""
        self.tab_to("Kirim jawaban")
        self.press("Enter")
        expect(self.form).to_have_attribute("data-screen", "thanks", timeout=ANSWERS_ARRIVE_WITHIN)

    # --- what a person does with a finger

    def touch(self, words: str) -> None:
        """Touch an answer; the screen moves on by itself."""
        self._then_the_next_screen(lambda: self.answer(words).click())

    def press_button(self, words: str) -> None:
        self._then_the_next_screen(lambda: self.button(words).click())

    def _then_the_next_screen(self, act: Callable[[], Any]) -> None:
        before, kind = self.question, self.kind
        act()
        if kind == "thanks":
            expect(self.form).not_to_have_attribute("data-screen", "thanks")
        else:
            expect(self.heading).not_to_have_text(before)
        self.seen.append(self.kind)
        assert self.page.evaluate(_FOCUSED).endswith(self.question), "the focus does not move to the question"


_FOCUSED = """() => {
  let focused = document.activeElement
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement
  return (focused?.textContent || "").trim()
}"""


def address(app: RunningApp, door: str, survey: str = "skm", station: str = "") -> str:
    """Where a survey is answered: by the ``light`` page or in the ``streamlit`` app."""
    path, sign = (f"/?survey={survey}", "&") if door == "streamlit" else (f"/s/{survey}", "?")
    return app.url + path + (f"{sign}station={station}" if station else "")


def answers_of(app: RunningApp, survey: str) -> list[dict[str, int]]:
    """What is stored of a survey, oldest first: code by column, without what was not answered."""
    with app.store() as store:
        packed = read_responses(store, LOCAL_STAFF, survey_called(store, survey))
    names = [column.name for column in packed.questionnaire.columns]
    return [{name: int(code) for name, code in zip(names, row, strict=True) if code} for row in packed.answers]


def arrived(app: RunningApp, survey: str, count: int, within: float = 60) -> bool:
    """Whether ``count`` responses are stored before the patience of ``within`` seconds is over."""
    deadline = time.monotonic() + within
    while len(answers_of(app, survey)) < count:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return len(answers_of(app, survey)) == count


def happens(page: Page, condition: Callable[[], Any], what: str, within: float = 60) -> None:
    """Wait until the condition holds, while the page goes on; it fails after the patience of ``within`` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"it never happens that {what}"
        page.wait_for_timeout(20)


def waiting(page: Page) -> int:
    """How many responses wait on the device, as the browser's database says."""
    return len(queued(page))


def queued(page: Page) -> list[dict[str, Any]]:
    """What waits on the device, oldest first."""
    found: list[dict[str, Any]] = page.evaluate(
        """() => new Promise((resolve) => {
          indexedDB.open("survey-queue").onsuccess = ({ target: { result: database } }) => {
            const all = database.transaction("waiting").objectStore("waiting").getAll()
            all.onsuccess = () => resolve(all.result, database.close())
          }
        })"""
    )
    return found


def bodies(page: Page) -> list[dict[str, Any]]:
    """What waits on the device, opened as the form itself opens it where it is sealed."""
    found: list[str] = page.evaluate(
        """async () => {
          const asked = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)))
          const database = await asked(indexedDB.open("survey-queue"))
          const all = await asked(database.transaction("waiting").objectStore("waiting").getAll())
          const key = await asked(database.transaction("device").objectStore("device").get("key"))
          database.close()
          const open = async ({ iv, bytes }) =>
            new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key.key, bytes))
          return Promise.all(all.map(({ body, sealed }) => body ?? open(sealed)))
        }"""
    )
    return [json.loads(body) for body in found]


def put(page: Page, records: list[dict[str, Any]]) -> None:
    """Put records into the queue of a device as an earlier form did."""
    page.evaluate(
        """(records) => new Promise((resolve) => {
          indexedDB.open("survey-queue").onsuccess = ({ target: { result: database } }) => {
            const writing = database.transaction("waiting", "readwrite")
            for (const record of records) writing.objectStore("waiting").add(record)
            writing.oncomplete = () => resolve(database.close())
          }
        })""",
        records,
    )
