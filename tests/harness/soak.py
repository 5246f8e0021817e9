"""Does a server that runs for long keep its size?

``python -m tests.harness.soak [--minutes N]``

The app takes 50 responses a second and two dashboards are open; its memory and its write-ahead log are measured. After
the first third (caches fill, modules load) the memory may grow by a tenth or by 20 MB, whichever is more; the log stays
below 64 MB.
"""

import argparse
import asyncio
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.made import made_bodies
from tests.harness.dashboards import Watchers
from tests.harness.load import PER_SECOND, steadily
from tests.running import RunningApp, running_app

WAL_LIMIT = 64_000_000
GROWTH, GROWTH_AT_LEAST = 0.10, 20_000_000
WATCHING = 2


@dataclass
class Samples:
    """Memory (bytes) and log (bytes) over time."""

    memory: list[int] = field(default_factory=list)
    log: list[int] = field(default_factory=list)

    @property
    def settled(self) -> int:
        """The most memory of the first third."""
        return max(self.memory[: max(1, len(self.memory) // 3)])

    @property
    def most(self) -> int:
        return max(self.memory)


def memory_of(process: int) -> int:
    """Resident bytes of a process (Linux)."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def run(place: Path, seconds: float) -> tuple[Samples, int, int]:
    """What was measured, how many responses were stored, how many not."""
    samples, over = Samples(), threading.Event()
    with running_app(place / "data") as app:
        assert app.process is not None

        def sample(app: RunningApp = app) -> None:
            log = app.data / "survey.db-wal"
            while not over.wait(min(1.0, seconds / 30)):
                samples.memory.append(memory_of(app.process.pid))  # type: ignore[union-attr]
                samples.log.append(log.stat().st_size if log.exists() else 0)

        sampling = threading.Thread(target=sample)
        with Watchers(app.url, app.login(), WATCHING):
            sampling.start()
            stored, refused, turn, end = 0, 0, 0, time.monotonic() + seconds
            while time.monotonic() < end:
                turn += 1
                some = min(20.0, max(1.0, end - time.monotonic()))
                done = asyncio.run(steadily(app.port, list(made_bodies(int(some * PER_SECOND), seed=turn))))
                stored += done.statuses[b"201"]
                refused += sum(done.statuses.values()) - done.statuses[b"201"]
            over.set()
            sampling.join()
    return samples, stored, refused


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and say in one line how memory and log went; 1 when either grew beyond its bound."""
    parser = argparse.ArgumentParser(prog="python -m tests.harness.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long (default 10)")
    given = parser.parse_args(arguments)
    if not Path("/proc/self/status").exists():
        print("soak: memory can be measured on Linux only")
        return 2
    with tempfile.TemporaryDirectory() as place:
        samples, stored, refused = run(Path(place), given.minutes * 60)
    bound = samples.settled + max(GROWTH * samples.settled, GROWTH_AT_LEAST)
    held = samples.most <= bound and max(samples.log) < WAL_LIMIT and refused == 0
    print(
        f"soak: {'held' if held else 'DID NOT HOLD'}: {given.minutes:g} min, {stored} responses stored, {refused} not; "
        f"memory {samples.settled / 1e6:.0f} MB after a third, at most {samples.most / 1e6:.0f} MB, "
        f"{samples.memory[-1] / 1e6:.0f} MB at the end; write-ahead log at most {max(samples.log) / 1e6:.1f} MB"
    )
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
