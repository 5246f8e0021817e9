"""How does a backup become a database again?"""

import argparse
from pathlib import Path

from survey.settings import Settings
from survey.store.safety.backup import KEYS
from survey.store.safety.restore import restore
from survey.words import Words


def describe(command: argparse.ArgumentParser, words: Words) -> None:
    """The arguments of the command."""
    command.add_argument("file", type=Path, metavar="FILE", help=words("command.restore.file"))


def run(given: argparse.Namespace, settings: Settings, words: Words) -> list[str]:
    """Restore it; the lines that say where it is and what comes next."""
    done = restore(given.file, settings)
    if done.beside:
        steps = ("command.restore.beside", "command.restore.look", "command.restore.use")
        lines = [words(step, where=done.data) for step in steps]
    else:
        lines = [words("command.restore.done", where=done.data)]
    if not all((done.data / name).exists() for name in KEYS):
        lines.append(words("command.restore.no_keys"))
    return lines
