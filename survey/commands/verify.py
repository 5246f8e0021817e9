"""Is everything still there and whole? Told in words, and by the exit code to programs."""

import argparse

from survey.commands import Alarm
from survey.principal import LOCAL_STAFF
from survey.settings import Settings
from survey.store import open_store
from survey.store.safety.health import Level, verify
from survey.words import Words


def describe(command: argparse.ArgumentParser, words: Words) -> None:
    """It takes no arguments of its own."""


def run(given: argparse.Namespace, settings: Settings, words: Words) -> list[str]:
    """One line for each finding, the most urgent first. An alarm unless all of them are green."""
    store = open_store(settings)
    try:
        found = verify(store, LOCAL_STAFF, settings)
    finally:
        store.close()
    lines = [f"[{words(f'health.level.{one.level.value}')}] {one.say(words)}" for one in found.findings]
    lines.append(words(f"health.all.{found.level.value}"))
    return lines if found.level is Level.GREEN else Alarm(lines)
