"""How is something about a survey changed from a terminal, as long as there is no screen for it?"""

import argparse
from collections.abc import Iterator

from survey.principal import LOCAL_STAFF
from survey.problem import Problem
from survey.settings import Settings
from survey.store import Store, open_store
from survey.store.plans.planning import choose_weights, tell_improved
from survey.words import LANGUAGES, Words


def describe(command: argparse.ArgumentParser, words: Words) -> None:
    """The arguments of the command."""
    command.add_argument("name", metavar="SURVEY", help=words("command.set.survey"))
    for language in LANGUAGES:
        about = words("command.set.improved", language=language)
        command.add_argument(f"--improved-{language}", metavar="TEXT", help=about)
    command.add_argument("--weights", metavar="WEIGHTS", help=words("command.weights"))


def run(given: argparse.Namespace, settings: Settings, words: Words) -> list[str]:
    """Change it; the lines that say what holds now."""
    store = open_store(settings)
    try:
        return list(_changes(store, given, words))
    finally:
        store.close()


def _changes(store: Store, given: argparse.Namespace, words: Words) -> Iterator[str]:
    said = {language: getattr(given, f"improved_{language}") for language in LANGUAGES}
    tells = any(text is not None for text in said.values())
    if not tells and given.weights is None:
        raise Problem("survey.nothing_set")
    if given.weights is not None:
        changed = choose_weights(store, LOCAL_STAFF, given.name, given.weights)
        yield words("command.set.weights_done", survey=changed.name, weights=changed.weight_convention)
    if tells:
        improved = tell_improved(
            store, LOCAL_STAFF, given.name, {key: text or "" for key, text in said.items()}
        ).improved
        key = "command.set.improved_done" if improved else "command.set.improved_nothing"
        yield words(key, survey=given.name)
        yield from (f"  {language}: {text}" for language, text in (improved or {}).items())
