"""Does anything that was acknowledged get lost when the power goes? Simulated cuts at random moments of real writing.

``python -m tests.harness.powercut [--cuts N] [--seed N]``

The rows are those of real responses in the real schema, the settings those that ``survey/store/engine.py`` uses. With
synchronous=NORMAL, which many tutorials recommend, the same cuts must lose some: otherwise this proof proves nothing.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from survey.store.engine import SAFE_WAL, durable_settings
from tests.builders import send
from tests.harness.disk import Disk, WatchedFiles
from tests.harness.made import FORTY_FOUR, filled_store, made_body

Settings = Mapping[str, str | int]
CUTS_PER_LIFE = 40
CHECKPOINT_PAGES = 40
"""Checkpoints come 25 times as often as in real life, so that cuts fall into them too."""


@dataclass
class Result:
    """What the cuts of one setting did."""

    settings: Settings
    cuts: int = 0
    acknowledged: int = 0
    cuts_with_loss: int = 0
    lost: int = 0
    broken: int = 0
    examples: list[str] = field(default_factory=list)

    def line(self) -> str:
        """One row of the table."""
        name = f"{self.settings['journal_mode']}, synchronous={self.settings['synchronous']}"
        return (
            f"{name:28} {self.cuts:6} cuts  {self.acknowledged:8} acknowledged rows looked for  "
            f"{self.cuts_with_loss:5} cuts with loss  {self.lost:6} rows lost  {self.broken:4} databases broken"
        )


@dataclass(frozen=True)
class Template:
    """A database of the real schema without responses, and rows of real responses to write."""

    content: bytes
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def make_template(folder: Path, rows: int = 300) -> Template:
    """Made by the store itself."""
    with filled_store(folder) as store:
        for number in range(rows):
            send(store, made_body(number))
    connection = sqlite3.connect(folder / "survey.db")
    columns = tuple(name for _, name, *_ in connection.execute("PRAGMA table_info(response)"))
    found = tuple(connection.execute("SELECT * FROM response ORDER BY number"))
    connection.execute("DELETE FROM response")
    connection.commit()
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.execute("VACUUM")
    connection.close()
    return Template((folder / "survey.db").read_bytes(), columns, found)


class Life:
    """One database from its first row to the last of its cuts."""

    def __init__(self, template: Template, folder: Path, settings: Settings, chance: random.Random) -> None:
        self.template, self.folder, self.settings, self.chance = template, folder, settings, chance
        self.acknowledged = 0
        self.left: list[tuple[int, dict[str, bytes]]] = []
        self._until_cut = self._pause()
        self._disk = Disk(self._heard)

    def _pause(self) -> int:
        return self.chance.randint(1, 60)

    def _heard(self) -> None:
        """Something happens on the disk: the power may go just now."""
        self._until_cut -= 1
        if self._until_cut == 0 and len(self.left) < CUTS_PER_LIFE:
            self.left.append((self.acknowledged, self._disk.cut(self.chance)))
            self._until_cut = self._pause()

    def live(self) -> None:
        """Write responses, one commit each, until there were enough cuts."""
        file = self.folder / "survey.db"
        file.write_bytes(self.template.content)
        self._disk.put(file.name, self.template.content)
        files = WatchedFiles(f"watched-{id(self)}", self._disk)
        connection = apsw.Connection(str(file), vfs=f"watched-{id(self)}")
        for name, value in {**self.settings, "wal_autocheckpoint": CHECKPOINT_PAGES}.items():
            connection.execute(f"PRAGMA {name}={value}").fetchall()
        marks = ", ".join("?" * len(self.template.columns))
        for row in self.template.rows:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(f"INSERT INTO response VALUES ({marks})", row)
            connection.execute("COMMIT")
            self.acknowledged += 1
            if len(self.left) >= CUTS_PER_LIFE:
                break
        self._until_cut = 0  # closing writes too, but nobody waits for it
        connection.close()
        files.unregister()


def look(template: Template, left: Mapping[str, bytes], acknowledged: int, folder: Path) -> tuple[int, str]:
    """Open what the cut left, as the next start would: how many acknowledged rows are lost, and what is broken."""
    for name, content in left.items():
        (folder / name).write_bytes(content)
    connection = apsw.Connection(str(folder / "survey.db"))
    try:
        found = list(connection.execute("SELECT * FROM response ORDER BY number"))
        whole = connection.execute("PRAGMA integrity_check(1)").fetchall()
        if whole != [("ok",)]:
            return acknowledged, str(whole[0][0])
        wrong = next((n for n, row in enumerate(found) if row != template.rows[n]), None)
        if wrong is not None:
            return acknowledged - wrong, f"row {wrong + 1} is not as it was written"
        return max(0, acknowledged - len(found)), ""
    except apsw.Error as error:
        return acknowledged, str(error)
    finally:
        connection.close()


def run(template: Template, settings: Settings, cuts: int, seed: int) -> Result:
    """Cut the power that many times under these settings."""
    result, chance = Result(settings), random.Random(seed)
    while result.cuts < cuts:
        with tempfile.TemporaryDirectory(dir=_memory()) as place:
            life = Life(template, Path(place), settings, chance)
            life.live()
            for acknowledged, left in life.left[: cuts - result.cuts]:
                with tempfile.TemporaryDirectory(dir=_memory()) as after:
                    lost, broken = look(template, left, acknowledged, Path(after))
                result.cuts += 1
                result.acknowledged += acknowledged
                result.cuts_with_loss += lost > 0
                result.lost += lost
                result.broken += bool(broken)
                if broken and len(result.examples) < 5:
                    result.examples.append(broken)
    return result


def _memory() -> str | None:
    """A place in memory where there is one: the cuts are played, the real disk need not wait."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def main(arguments: Sequence[str] | None = None) -> int:
    """The shipped settings, those shipped for an older SQLite, and NORMAL; 1 when the promise did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.harness.powercut", description=__doc__)
    parser.add_argument("--cuts", type=int, default=2000, help="cuts for each setting (default 2000)")
    parser.add_argument("--seed", type=int, default=6, help="begin of the chances (default 6)")
    given = parser.parse_args(arguments)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        template = make_template(Path(place) / "data")
    shipped = [durable_settings(SAFE_WAL), durable_settings((3, 40, 1))]
    weaker = [{**one, "synchronous": 1} for one in shipped]
    results = []
    for settings in (*shipped, *weaker):
        results.append(run(template, settings, given.cuts, given.seed))
        print(results[-1].line(), *results[-1].examples, sep="\n    ", flush=True)
    safe = all(result.lost == 0 and result.broken == 0 for result in results[:2])
    bites = results[2].cuts_with_loss > 0
    said = "held" if safe and bites else "DID NOT HOLD"
    print(
        f"powercut: {said}: {results[0].cuts + results[1].cuts} cuts with the shipped settings "
        f"({FORTY_FOUR} answers a row) lost {results[0].lost + results[1].lost} acknowledged responses; "
        f"{results[2].cuts} cuts with WAL and synchronous=NORMAL lost some in {results[2].cuts_with_loss}; "
        f"{time.monotonic() - began:.0f} s"
    )
    return 0 if safe and bites else 1


if __name__ == "__main__":
    sys.exit(main())
