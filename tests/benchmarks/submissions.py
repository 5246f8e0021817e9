"""How many submissions per second does the API take, against raw commits of the same rows?

``python -m tests.benchmarks.submissions [--short]``
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from survey.settings import read_settings
from survey.store import open_store
from survey.store.engine import pick_sqlite
from tests.benchmarks.client import closed_loop
from tests.benchmarks.made import made_bodies
from tests.benchmarks.servers import ApiAlone, ApiOnSlowDisk
from tests.benchmarks.slow_disk import FSYNC_SECONDS
from tests.running import RunningApp, running_app

CLIENTS = (1, 16, 64)
PRAGMAS = ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "busy_timeout", "cell_size_check")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each way to run the API, print every run, and the ratios on the last line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.submissions", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a few submissions, within 20 s")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of which the median counts (default 3)")
    options = parser.parse_args(arguments)
    rounds, count = (1, 100) if options.short else (options.rounds, 3000)
    ways = {
        "API alone": (ApiAlone, 0.0),
        "API in the app": (RunningApp, 0.0),
        "API alone, 8 ms fsync": (ApiOnSlowDisk, FSYNC_SECONDS),
    }
    print("way                     clients  per second  p50 ms  p95 ms  client's share of a core")
    ratios = []
    for way, (kind, fsync) in ways.items():
        measured, raw = _measure(way, kind, fsync, rounds=rounds, count=count)
        print(f"{way + ', raw commits':32}{raw:11.0f}", flush=True)
        ratios += [f"{way} with {clients}: {speed / raw:.2f}" for clients, speed in measured.items()]
    print("ratios to raw commits one by one: " + "; ".join(ratios))


def _measure(
    way: str, kind: type[RunningApp], fsync: float, *, rounds: int, count: int
) -> tuple[dict[int, float], float]:
    """Submissions per second by number of clients, and raw commits per second: medians over the rounds."""
    speeds: dict[int, list[float]] = {clients: [] for clients in CLIENTS}
    raws: list[float] = []
    few = count // 10 if fsync else count  # one after the other on a slow disk takes its time
    with tempfile.TemporaryDirectory() as folder, running_app(Path(folder, "api"), kind) as app:
        peer = _Raw(Path(folder, "raw"), fsync)
        for turn in range(rounds):
            for clients in CLIENTS:
                bodies = made_bodies(few if clients == 1 else count, seed=turn * 1000 + clients)
                run = closed_loop(app.port, bodies, clients)
                if set(run.statuses) != {b"201"}:
                    raise SystemExit(f"not every submission was stored: {dict(run.statuses)}")
                waits = f"{run.wait_ms(0.5):7.1f} {run.wait_ms(0.95):7.1f}"
                share = run.client_seconds / run.seconds
                print(f"{way:24}{clients:7} {run.per_second:11.0f} {waits} {share:8.0%}", flush=True)
                speeds[clients].append(run.per_second)
            raws.append(peer.commits_per_second(_rows_of(app.settings.database, after=peer.last, at_most=few)))
        peer.close()
    return {clients: statistics.median(runs) for clients, runs in speeds.items()}, statistics.median(raws)


class _Raw:
    """The peer: the same rows into the same table with the same settings, by hand, one commit each."""

    def __init__(self, data: Path, fsync: float) -> None:
        store = open_store(read_settings({"SURVEY_DATA": str(data)}))
        with store.engine.connect() as connection:
            settings = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}
        store.close()
        self.last, self._fsync = 0, fsync
        self._connection: Any = pick_sqlite().connect(data / "survey.db", isolation_level=None)
        for name, value in settings.items():
            self._connection.execute(f"PRAGMA {name}={value}")

    def commits_per_second(self, rows: list[tuple[Any, ...]]) -> float:
        execute = self._connection.execute
        insert = f"INSERT INTO response VALUES ({','.join('?' * len(rows[0]))})"
        began = time.perf_counter()
        for row in rows:
            execute("BEGIN IMMEDIATE")
            execute(insert, row)
            if self._fsync:
                time.sleep(self._fsync)
            execute("COMMIT")
        self.last = rows[-1][0]
        return len(rows) / (time.perf_counter() - began)

    def close(self) -> None:
        self._connection.close()


def _rows_of(file: Path, after: int, at_most: int) -> list[tuple[Any, ...]]:
    """Rows that the API wrote, those after a number."""
    connection = pick_sqlite().connect(file)
    query = "SELECT * FROM response WHERE number > ? ORDER BY number LIMIT ?"
    rows: list[tuple[Any, ...]] = connection.execute(query, (after, at_most)).fetchall()
    connection.close()
    return rows


if __name__ == "__main__":
    main()
