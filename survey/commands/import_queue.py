"""How do answers come in that were carried from a kiosk on a USB drive?"""

import argparse
import logging
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from survey.commands import Alarm
from survey.importing.queue_file import QueueFile, read_queue_file
from survey.settings import Settings
from survey.store import Store, open_store
from survey.store.answers.submissions import Fate, Incoming, submit
from survey.words import Words

log = logging.getLogger(__name__)
_AT_ONCE = 500
_TO_BE_LOOKED_AT = {Fate.CONFLICT, Fate.REFUSED, Fate.NOT_WRITTEN}


def describe(command: argparse.ArgumentParser, words: Words) -> None:
    """The arguments of the command."""
    command.add_argument("file", type=Path, metavar="FILE", help=words("command.import_queue.file"))


def run(given: argparse.Namespace, settings: Settings, words: Words) -> list[str]:
    """Take in what stands in the file, as if the device had sent it; what became of it, in words.

    Running it again changes nothing. An alarm when something was not stored as it stands.
    """
    queue = read_queue_file(given.file)
    station = queue.station or words("queue.no_station")
    count = words.count(len(queue.bodies))
    lines = [words("queue.read", station=station, moment=queue.saved_at or "-", count=count)]
    if not queue.bodies:
        return [*lines, words("queue.none")]
    store = open_store(settings)
    try:
        fates = _take_in(store, queue)
    finally:
        store.close()
    lines += [words(f"queue.fate.{fate.value}", count=words.count(fates[fate])) for fate in Fate if fates[fate]]
    lines.append(words("queue.keep"))
    return Alarm(lines) if _TO_BE_LOOKED_AT & fates.keys() else lines


def _take_in(store: Store, queue: QueueFile) -> Counter[Fate]:
    fates: Counter[Fate] = Counter()
    now = datetime.now(UTC)
    for start in range(0, len(queue.bodies), _AT_ONCE):
        part, clock = queue.bodies[start : start + _AT_ONCE], queue.device_time(now)
        waiting = [Incoming(body, now, clock, vouched=True) for body in part]
        try:
            fates.update(outcome.fate for outcome in submit(store, waiting))
        except Exception as error:  # disk full, locked, gone: told as what it means for the file
            log.error("the queue could not be written: %s", type(error).__name__)
            fates[Fate.NOT_WRITTEN] += len(waiting)
    return fates
