"""How is a backup made from a terminal, or by the app for itself?"""

import argparse
from pathlib import Path

from survey.commands import Alarm
from survey.principal import LOCAL_STAFF
from survey.settings import Settings
from survey.store import open_store
from survey.store.safety.backup import make_backup
from survey.words import Words


def describe(command: argparse.ArgumentParser, words: Words) -> None:
    """The arguments of the command."""
    command.add_argument("--to", type=Path, metavar="DIR", help=words("command.backup.to"))
    command.add_argument("--by-itself", action="store_true", help=words("command.backup.by_itself"))


def run(given: argparse.Namespace, settings: Settings, words: Words) -> list[str]:
    """Make the backup; the lines that say where it is. An alarm when the second place could not be reached."""
    store = open_store(settings)
    try:
        made = make_backup(store, LOCAL_STAFF, settings, given.to, by_itself=given.by_itself)
    finally:
        store.close()
    done = {"file": made.backup.file, "responses": words.count(made.backup.manifest.responses)}
    lines = [words("command.backup.done", seconds=words.number(made.seconds, 1), **done)]
    if made.second:
        lines.append(words("command.backup.second", file=made.second.file))
    return Alarm([*lines, made.problem.say(words)]) if made.problem else lines
