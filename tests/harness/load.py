"""How much can be stored at once without anybody waiting long?

``python -m tests.harness.load [--seconds N] [--only WHAT]``

``store``      8 processes, each commits one response after the other, 44 answers each
``http``       64 devices against the API in a process of its own, each sending as soon as it is answered
``slow``       the same on a disk that needs 8 ms to make a commit safe, and there with one commit for each response
``dashboards`` 50 responses a second while ten dashboards are recomputed every 3 s, once with the API inside the app,
               once in a process of its own beside it
"""

import argparse
import asyncio
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from survey.store.answers.submissions import Fate, Incoming, submit
from tests.benchmarks.client import Run, closed_loop, request
from tests.benchmarks.made import made_bodies
from tests.benchmarks.servers import ApiAlone, ApiOneByOne, ApiOnSlowDisk
from tests.benchmarks.slow_disk import FSYNC_SECONDS
from tests.builders import send
from tests.harness.dashboards import Watchers
from tests.harness.made import STATIONS, epoch_of, filled_store, made_body
from tests.harness.servers import CONTEXT
from tests.running import RunningApp, running_app

PROCESSES, DEVICES, DASHBOARDS, PER_SECOND = 8, 64, 10, 50
EARLIER = 5000
"""Responses that the dashboards have to count when they are opened."""

PARTS = ("store", "http", "slow", "dashboards")


@dataclass
class Measured:
    """What one part gave, what it should give, and whether it did."""

    name: str
    said: str
    held: bool


def quantile(waits: list[float], share: float) -> float:
    """In milliseconds."""
    return sorted(waits)[int(share * (len(waits) - 1))] * 1000


def around(place: Path) -> str:
    """What the figures depend on besides us: how long this disk takes for an fsync, and how busy the machine is."""
    took = []
    with (place / "probe").open("wb") as file:
        for _ in range(40):
            file.write(bytes(4096))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    busy = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "?"
    return f"{os.cpu_count()} cores, load before {busy}, an fsync of 4 kB alone {quantile(took, 0.5):.2f} ms"


# --- the store


def write(
    data: Path,
    device: int,
    seconds: float,
    ready: "multiprocessing.synchronize.Barrier",
    told: "multiprocessing.Queue[object]",
) -> None:
    """Commit one response after the other; tell how long each took and how many failed."""
    waits, errors = [], 0
    with filled_store(data) as store:
        bodies = [
            made_body(
                n,
                device,
                station=STATIONS[device % 3],
                epoch=epoch_of(device),
                sequence=n,
                channel="kiosk",
            )
            for n in range(1, int(seconds * 600) + 1)
        ]
        ready.wait()
        end = time.perf_counter() + seconds
        for body in bodies:
            began = time.perf_counter()
            if began > end:
                break
            try:
                errors += send(store, body).fate is not Fate.STORED
            except Exception:
                errors += 1
            waits.append(time.perf_counter() - began)
    told.put((waits, errors))


def store(place: Path, seconds: float) -> Measured:
    """8 processes: at least 300 a second, no error, p99 below 250 ms, the longest below 1 s."""
    data = place / "store"
    with filled_store(data):
        pass
    ready, told = CONTEXT.Barrier(PROCESSES), CONTEXT.Queue()
    writers = [CONTEXT.Process(target=write, args=(data, n, seconds, ready, told)) for n in range(PROCESSES)]
    for writer in writers:
        writer.start()
    found = [told.get(timeout=seconds * 10 + 120) for _ in writers]
    for writer in writers:
        writer.join()
    waits = [wait for some, _ in found for wait in some]
    errors = sum(wrong for _, wrong in found)
    counts = [len(some) for some, _ in found]
    per_second, p99, longest = len(waits) / seconds, quantile(waits, 0.99), max(waits) * 1000
    return Measured(
        "store",
        f"{PROCESSES} processes: {per_second:.0f} responses/s, {errors} errors, p50 {quantile(waits, 0.5):.1f} ms, "
        f"p99 {p99:.0f} ms, longest {longest:.0f} ms, {min(counts)} to {max(counts)} per process",
        per_second >= 300 and errors == 0 and p99 < 250 and longest < 1000,
    )


# --- over HTTP


def http(place: Path, seconds: float) -> Measured:
    """The API alone: at least 800 a second, no error."""
    with running_app(place / "http", ApiAlone) as app:
        before = worked(app)
        run = closed_loop(app.port, list(made_bodies(int(seconds * 800), seed=6)), DEVICES)
        server = (worked(app) - before) / len(run.waits) * 1e6
    client = run.client_seconds / len(run.waits) * 1e6
    return Measured(
        "http",
        f"{DEVICES} devices: {run.per_second:.0f} responses/s, {errors(run)} errors, p50 {run.wait_ms(0.5):.0f} ms, "
        f"p95 {run.wait_ms(0.95):.0f} ms; processor time for each: server {server:.0f} us, devices {client:.0f} us",
        run.per_second >= 800 and errors(run) == 0,
    )


def slow(place: Path, seconds: float) -> Measured:
    """8 ms for each commit: at least 800 a second where one commit for each response gives some 116."""
    runs = []
    for kind, per_second in ((ApiOnSlowDisk, 800), (ApiOneByOne, 116)):
        with running_app(place / kind.__name__, kind) as app:
            runs.append(closed_loop(app.port, list(made_bodies(int(seconds * per_second), seed=9)), DEVICES))
    together, alone = runs
    wrong = errors(together) + errors(alone)
    return Measured(
        "slow",
        f"8 ms for each commit: {together.per_second:.0f} responses/s written together, {alone.per_second:.0f} "
        f"one by one, {wrong} errors",
        together.per_second >= 800 and alone.per_second <= 1 / FSYNC_SECONDS and wrong == 0,
    )


def errors(run: Run) -> int:
    """Submissions that were not answered 201."""
    return sum(count for status, count in run.statuses.items() if status != b"201")


def worked(app: RunningApp) -> float:
    """Seconds of processor time that the process has taken (Linux; 0 elsewhere)."""
    try:
        fields = Path(f"/proc/{app.process.pid if app.process else 0}/stat").read_text(encoding="ascii")
    except OSError:
        return 0.0
    user, system = fields.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


# --- beside dashboards


def dashboards(place: Path, seconds: float, beside: bool) -> Measured:
    """50 a second while ten dashboards are recomputed: p95 below 100 ms, no error."""
    data = place / f"dashboards-{beside}"
    with filled_store(data) as store:
        for bodies in batched(made_bodies(EARLIER, seed=8)):
            submit(store, [Incoming(body, datetime.now(UTC)) for body in bodies])
    with running_app(data) as app:
        api = ApiAlone(app.data) if beside else app
        if beside:
            api.start()
        try:
            with Watchers(app.url, app.login(), DASHBOARDS) as watchers:
                run = asyncio.run(steadily(api.port, list(made_bodies(int(seconds * PER_SECOND), seed=7))))
            reruns = watchers.reruns
        finally:
            if beside:
                api.stop()
    p95 = run.wait_ms(0.95)
    where = "the API in a process of its own" if beside else "the API inside the app"
    return Measured(
        "dashboards",
        f"{PER_SECOND}/s with {where}, {DASHBOARDS} dashboards ({len(reruns)} reruns, p50 "
        f"{quantile(reruns, 0.5):.0f} ms): {errors(run)} errors, p50 {run.wait_ms(0.5):.1f} ms, p95 {p95:.0f} ms, "
        f"p99 {run.wait_ms(0.99):.0f} ms",
        errors(run) == 0 and p95 < 100 and len(reruns) >= DASHBOARDS,
    )


def batched(bodies: Iterator[bytes], size: int = 500) -> Iterator[list[bytes]]:
    while some := list(islice(bodies, size)):
        yield some


async def steadily(port: int, bodies: list[bytes]) -> Run:
    """Send so many a second, each on a connection of its own, whether the former is answered or not."""
    run = Run(PER_SECOND)
    began = time.perf_counter()

    async def one(number: int, body: bytes) -> None:
        await asyncio.sleep(max(0.0, number / PER_SECOND - (time.perf_counter() - began)))
        sent = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request(body))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        run.waits.append(time.perf_counter() - sent)
        run.statuses[head[9:12]] += 1
        writer.close()

    await asyncio.gather(*(one(number, body) for number, body in enumerate(bodies)))
    run.seconds = time.perf_counter() - began
    return run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every part, and say in one line what held; 1 unless all did."""
    parser = argparse.ArgumentParser(prog="python -m tests.harness.load", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long each part lasts (default 60)")
    parser.add_argument("--only", choices=PARTS, action="append", help="run this part alone")
    given = parser.parse_args(arguments)
    wanted, measured = given.only or PARTS, []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        print(around(place), flush=True)
        for part in (store, http, slow):
            if part.__name__ in wanted:
                measured.append(part(place, given.seconds))
                print(measured[-1].said, flush=True)
        for beside in (True, False) if "dashboards" in wanted else ():
            measured.append(dashboards(place, given.seconds, beside))
            print(measured[-1].said, flush=True)
    failed = [one for one in measured if not one.held]
    print(f"load: {'DID NOT HOLD' if failed else 'held'}: " + "; ".join(one.said for one in failed or measured))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
