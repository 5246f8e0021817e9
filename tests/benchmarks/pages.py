"""How much comes over a slow line, and when can a person begin? The light page, the survey door, the dashboard.

``python -m tests.benchmarks.pages [--short]``
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from survey.example import add_example_answers
from survey.principal import LOCAL_STAFF
from survey.store.plans.surveys import find_survey
from survey.words import load_words
from tests.benchmarks.servers import StreamlitHello
from tests.browser.conftest import CHROMIUM, SWITCHES
from tests.browser.staff import carry_login
from tests.running import RunningApp, running_app

PATIENCE_MS = 180_000
KILOBIT = 1000 / 8  # bytes per second


@dataclass(frozen=True)
class Line:
    """A network as the browser is told to play it: kilobits per second down and up, and milliseconds of round trip."""

    name: str
    kilobits: int
    round_trip: int


FREE = Line("not slowed", 0, 0)
MEGABIT = Line("1 Mbit/s, 100 ms", 1000, 100)
WEAK = Line("400 kbit/s, 400 ms", 400, 400)


@dataclass(frozen=True)
class Visit:
    """What one cold visit cost: bytes of all HTTP answers with their headers, bytes over the websocket, seconds."""

    requests: int
    http: float
    socket: float
    seconds: float


@dataclass(frozen=True)
class Kind:
    """A page to visit, and how to see that a person can begin: gives the seconds since the address was entered.

    ``enter`` is done with the browser before it goes there.
    """

    name: str
    address: str
    ready: Callable[[Page], float]
    enter: Callable[[BrowserContext], None] = lambda _: None


def main(arguments: Sequence[str] | None = None) -> None:
    """Visit each page over each line, print the medians, and the ratios to Streamlit's hello page on the last line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.pages", description=__doc__)
    parser.add_argument("--short", action="store_true", help="one visit each, hardly slowed, within 20 s")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of which the median counts (default 3)")
    options = parser.parse_args(arguments)
    rounds = 1 if options.short else options.rounds
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        app = stack.enter_context(running_app(folder / "app"))
        hello = stack.enter_context(running_app(folder / "hello", StreamlitHello))
        with app.store() as store:
            survey = find_survey(store, "contoh")
            assert survey
            add_example_answers(store, LOCAL_STAFF, survey, 400, seed=2026)
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        stack.callback(browser.close)
        light, peer, *others = _kinds(app, hello)
        if options.short:
            runs = [(kind, FREE) for kind in (peer, light, others[0])] + [(light, WEAK)]
        else:
            runs = [(kind, line) for line in (FREE, MEGABIT) for kind in (peer, light, *others)]
            runs += [(peer, WEAK), (light, WEAK)]
        visits: dict[tuple[Kind, Line], list[Visit]] = {run: [] for run in runs}
        for _ in range(rounds):
            for kind, line in runs:
                visits[kind, line].append(_visit(browser, kind, line))
    print("page                                line                 requests      bytes  websocket  seconds")
    middle = {run: _median(of) for run, of in visits.items()}
    for (kind, line), cost in middle.items():
        counted = f"{cost.requests:8}{cost.http:11,.0f}{cost.socket:11,.0f}{cost.seconds:9.2f}"
        print(f"{kind.name:36}{line.name:21}{counted}", flush=True)
    ratios = [
        f"{kind.name} ({line.name}): {cost.http / middle[peer, line].http:.3f} of the bytes, "
        f"{cost.seconds / middle[peer, line].seconds:.2f} of the time"
        for (kind, line), cost in middle.items()
        if kind != peer and (peer, line) in middle
    ]
    print("ratios to Streamlit's hello page: " + "; ".join(ratios))


def _kinds(app: RunningApp, hello: RunningApp) -> tuple[Kind, ...]:
    start = load_words("id")("form.start")

    def usable(page: Page) -> float:
        page.get_by_role("button", name=start).wait_for(timeout=PATIENCE_MS)
        return _now(page)

    def marked(page: Page) -> float:
        usable(page)
        return float(page.evaluate("performance.getEntriesByName('usable')[0].startTime")) / 1000

    def welcome(page: Page) -> float:
        page.get_by_role("heading", name="Welcome").wait_for(timeout=PATIENCE_MS)
        return _now(page)

    def finding(page: Page) -> float:
        page.get_by_role("heading", name="IKM").first.wait_for(timeout=PATIENCE_MS)
        return _now(page)

    def chart(page: Page) -> float:
        finding(page)
        page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=PATIENCE_MS)
        return _now(page)

    def logged_in(context: BrowserContext) -> None:
        carry_login(context, app)

    dashboard = app.url + "/results?survey=contoh"
    return (
        Kind("light page, usable", app.url + "/s/skm", marked),
        Kind("Streamlit hello, first text", hello.url, welcome),
        Kind("survey door, usable", app.url, usable),
        Kind("dashboard, first text", dashboard, finding, logged_in),
        Kind("dashboard, first chart", dashboard, chart, logged_in),
    )


def _now(page: Page) -> float:
    return float(page.evaluate("performance.now()")) / 1000


def _visit(browser: Browser, kind: Kind, line: Line) -> Visit:
    """One visit with nothing in the browser's cache."""
    context = browser.new_context(viewport={"width": 412, "height": 915}, locale="id-ID")
    kind.enter(context)
    page = context.new_page()
    protocol = context.new_cdp_session(page)
    answers: list[float] = []
    frames: list[float] = []

    def frame(event: dict[str, Any]) -> None:
        frames.append(len(event["response"]["payloadData"]) * 3 / 4)  # sent to us in base64

    protocol.on("Network.loadingFinished", lambda event: answers.append(event["encodedDataLength"]))
    protocol.on("Network.webSocketFrameReceived", frame)
    protocol.send("Network.enable")
    if line.kilobits:
        rate = line.kilobits * KILOBIT
        conditions = {"latency": line.round_trip, "downloadThroughput": rate, "uploadThroughput": rate}
        protocol.send("Network.emulateNetworkConditions", {"offline": False, **conditions})
    page.goto(kind.address, wait_until="commit", timeout=PATIENCE_MS)
    seconds = kind.ready(page)
    visit = Visit(len(answers), sum(answers), sum(frames), seconds)
    context.close()
    return visit


def _median(visits: Sequence[Visit]) -> Visit:
    return Visit(
        int(statistics.median(visit.requests for visit in visits)),
        statistics.median(visit.http for visit in visits),
        statistics.median(visit.socket for visit in visits),
        statistics.median(visit.seconds for visit in visits),
    )


if __name__ == "__main__":
    main()
