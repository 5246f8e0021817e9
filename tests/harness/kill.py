"""Is anything lost, doubled or torn when server processes are killed over and over?

``python -m tests.harness.kill [--seconds N] [--kills N]``

Three server processes on one database, eight devices. A device makes the response and its number, and sends the same
bytes to any of the servers until it has a receipt with its own id; then the next. A random server is killed (SIGKILL)
after every short while, and each server kills itself in 2 % of the answers, after the commit and before the answer.
"""

import argparse
import hashlib
import http.client
import json
import math
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from survey.principal import LOCAL_STAFF
from survey.response import open_envelope, pack, read_submission
from survey.store.safety.verify import verify_database
from survey.store.stations.arrivals import completeness
from tests.harness.made import FORTY_FOUR, STATIONS, epoch_of, filled_store, made_body, questionnaire
from tests.harness.servers import Server

SERVERS, DEVICES, DYING = 3, 8, 0.02
PAUSE = (0.2, 0.8)
"""Seconds between two kills."""


@dataclass
class Device:
    """A kiosk with its queue: one response at a time, the same bytes until there is a receipt."""

    number: int
    ports: Sequence[int]
    acknowledged: dict[str, bytes] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0

    def work(self, over: threading.Event) -> None:
        """Answer and send until it is over; what was begun is brought to its end."""
        chance = random.Random(self.number)
        sequence = 0
        while not over.is_set():
            sequence += 1
            sent = made_body(
                sequence,
                self.number,
                station=STATIONS[self.number % len(STATIONS)],
                epoch=epoch_of(self.number),
                sequence=sequence,
                channel="kiosk",
            )
            while not self._receipt(sent, chance.choice(self.ports)):
                time.sleep(0.005)

    def _receipt(self, sent: bytes, port: int) -> bool:
        """Send once; whether there is a receipt for it."""
        identity = json.loads(sent)["id"]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("POST", "/api/responses", sent, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            told = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            self.unanswered += 1
            return False
        finally:
            connection.close()
        self.statuses[answer.status] += 1
        if answer.status not in (200, 201, 202) or told.get("id") != identity or not told.get("receipt"):
            return False
        self.acknowledged[identity] = sent
        return True


@dataclass
class Killed:
    """What happened."""

    kills: int = 0
    died: int = 0
    acknowledged: int = 0
    again: int = 0
    unanswered: int = 0
    stored: int = 0
    wrong: list[str] = field(default_factory=list)


def run(data: Path, seconds: float = math.inf, kills: float = math.inf) -> Killed:
    """Kill for that long or that often, whatever ends first, then count."""
    result, over = Killed(), threading.Event()
    with filled_store(data):
        pass
    servers = [Server(data, DYING) for _ in range(SERVERS)]
    for server in servers:
        server.start()
    for server in servers:
        server.wait()
    devices = [Device(number, [server.port for server in servers]) for number in range(DEVICES)]
    threads = [threading.Thread(target=device.work, args=(over,), daemon=True) for device in devices]
    for thread in threads:
        thread.start()
    chance, end = random.Random(6), time.monotonic() + seconds
    while time.monotonic() < end and result.kills < kills:
        time.sleep(chance.uniform(*PAUSE))
        victim = chance.choice([server for server in servers if server.alive] or servers)
        result.kills += victim.kill()
        for server in servers:
            if not server.alive:
                result.died += server is not victim
                server.start()
    over.set()
    while any(thread.is_alive() for thread in threads):
        for server in servers:
            if not server.alive:
                result.died += 1
                server.start()
        time.sleep(0.02)
    for server in servers:
        server.kill()
    for device in devices:
        result.unanswered += device.unanswered
        result.again += device.statuses[200]
    acknowledged = {identity: sent for device in devices for identity, sent in device.acknowledged.items()}
    _count(data, acknowledged, result)
    return result


def _count(data: Path, acknowledged: dict[str, bytes], result: Killed) -> None:
    """Everything acknowledged is there exactly once, whole and unchanged; nothing is missing in any station's count."""
    result.acknowledged = len(acknowledged)
    file = data / "survey.db"
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)  # by Python's own SQLite, not by the one that wrote
    rows = connection.execute("SELECT id, digest, answers FROM response").fetchall()
    if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
        result.wrong.append("integrity_check")
    if connection.execute("PRAGMA foreign_key_check").fetchall():
        result.wrong.append("foreign_key_check")
    if connection.execute("SELECT count(*) FROM set_aside").fetchone() != (0,):
        result.wrong.append("something was set aside")
    connection.close()
    result.stored = len(rows)
    found = Counter(identity for identity, *_ in rows)
    digests = {identity: digest for identity, digest, _ in rows}
    for identity, sent in acknowledged.items():
        key = identity.replace("-", "")
        if found[key] != 1:
            result.wrong.append(f"{identity} is there {found[key]} times")
        elif digests[key] != hashlib.sha256(_canonical(sent)).digest():
            result.wrong.append(f"{identity} is not what was sent")
    result.wrong += [f"{key} has not {FORTY_FOUR} answers" for key, _, a in rows if len(a) != FORTY_FOUR or 0 in a]
    if result.stored != result.acknowledged:
        result.wrong.append(f"{result.stored} stored, {result.acknowledged} acknowledged")
    with filled_store(data) as store:
        result.wrong += [f"{e.station}: {e.missing} missing" for e in completeness(store, LOCAL_STAFF) if e.missing]
        if len(completeness(store, LOCAL_STAFF)) != DEVICES:
            result.wrong.append("a station is not known")
        if verify_database(store, LOCAL_STAFF).wrong:
            result.wrong.append("a digest does not fit")


def _canonical(sent: bytes) -> bytes:
    return pack(read_submission(open_envelope(sent)), questionnaire(), b"").canonical


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and say how it went in one line; 1 when anything was lost, doubled or torn."""
    parser = argparse.ArgumentParser(prog="python -m tests.harness.kill", description=__doc__)
    parser.add_argument("--seconds", type=float, help="end after so long (default 60, with --kills no limit)")
    parser.add_argument("--kills", type=int, help="end after so many kills")
    given = parser.parse_args(arguments)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        longest = math.inf if given.kills else 60
        result = run(Path(place) / "data", given.seconds or longest, given.kills or math.inf)
    for wrong in result.wrong[:20]:
        print(wrong)
    held = not result.wrong and result.acknowledged > 0
    print(
        f"kill: {'held' if held else 'DID NOT HOLD'}: {result.kills} kills and {result.died} deaths between commit and "
        f"answer; {result.acknowledged} acknowledged, {result.stored} stored, {result.again} known again, "
        f"{result.unanswered} tries without an answer, {len(result.wrong)} wrong; {time.monotonic() - began:.0f} s"
    )
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
