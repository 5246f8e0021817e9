"""Are backups that were taken while everybody writes usable and complete, every one of them?

``python -m tests.harness.drill [--backups N]``

Three processes write. Again and again a backup is made as the app makes it, restored into an empty folder, started
from, and every digest recomputed: everything that was acknowledged before the backup began must be in it.
"""

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from survey.principal import LOCAL_STAFF
from survey.store import open_store
from survey.store.safety.backup import make_backup
from survey.store.safety.restore import restore
from survey.store.safety.verify import verify_database
from tests.builders import rows, send
from tests.harness.made import STATIONS, epoch_of, filled_store, made_body, settings_in
from tests.harness.servers import CONTEXT

WRITERS = 3


def write(data: Path, device: int, over: "multiprocessing.synchronize.Event", acknowledged: str) -> None:
    """Store responses until it is over; each number is noted after its commit."""
    with filled_store(data) as store, Path(acknowledged).open("a", encoding="ascii") as noted:
        sequence = 0
        while not over.is_set():
            sequence += 1
            given = {"station": STATIONS[device], "epoch": epoch_of(device), "sequence": sequence, "channel": "kiosk"}
            stored = send(store, made_body(sequence, device, **given)).id
            assert stored is not None
            noted.write(f"{stored.hex}\n")
            noted.flush()


def run(data: Path, backups: int) -> tuple[int, int, list[str]]:
    """How many backups were usable and complete, how many responses the last held, and what was wrong."""
    with filled_store(data):
        pass
    over = CONTEXT.Event()
    notes = [data.parent / f"acknowledged-{device}" for device in range(WRITERS)]
    for note in notes:
        note.touch()
    writers = [CONTEXT.Process(target=write, args=(data, n, over, str(note))) for n, note in enumerate(notes)]
    for writer in writers:
        writer.start()
    good, responses, wrong = 0, 0, []
    settings = settings_in(data)
    try:
        while not all(note.stat().st_size for note in notes):
            time.sleep(0.05)
        with filled_store(data) as store:
            for number in range(backups):
                before = {line for note in notes for line in note.read_text(encoding="ascii").split("\n")[:-1]}
                made = make_backup(store, LOCAL_STAFF, settings).backup
                place = replace(settings, data=data.parent / f"restored-{number}")
                restore(made.file, place)
                restored = open_store(place)
                found = verify_database(restored, LOCAL_STAFF)
                there = {identity for (identity,) in rows(restored, "SELECT id FROM response")}
                restored.close()
                responses = found.responses
                if found.wrong or before - there:
                    wrong.append(f"backup {number}: {len(before - there)} missing, {found}")
                else:
                    good += 1
                time.sleep(0.05)
    finally:
        over.set()
        for writer in writers:
            writer.join(60)
    return good, responses, wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and say how many were usable and complete; 1 unless all were."""
    parser = argparse.ArgumentParser(prog="python -m tests.harness.drill", description=__doc__)
    parser.add_argument("--backups", type=int, default=20, help="how many backups (default 20)")
    given = parser.parse_args(arguments)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        good, responses, wrong = run(Path(place) / "data", given.backups)
    print(*wrong[:20], sep="\n", end="\n" if wrong else "")
    print(
        f"drill: {'held' if good == given.backups else 'DID NOT HOLD'}: {good} of {given.backups} backups taken while "
        f"{WRITERS} processes wrote are usable and complete, the last with {responses} responses; "
        f"{time.monotonic() - began:.0f} s"
    )
    return 0 if good == given.backups else 1


if __name__ == "__main__":
    sys.exit(main())
