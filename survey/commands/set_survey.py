"""How is something about a survey changed from a terminal, as long as there is no screen for it?"""

import argparse

from survey.principal import LOCAL_STAFF
from survey.settings import Settings
from survey.store import open_store
from survey.store.surveys import tell_improved
from survey.words import LANGUAGES, Words


def describe(command: argparse.ArgumentParser, words: Words) -> None:
    """The arguments of the command."""
    command.add_argument("name", metavar="SURVEY", help=words("command.set.survey"))
    for language in LANGUAGES:
        about = words("command.set.improved", language=language)
        command.add_argument(f"--improved-{language}", required=True, metavar="TEXT", help=about)


def run(given: argparse.Namespace, settings: Settings, words: Words) -> list[str]:
    """Change it; the lines that say what is told now."""
    improved = {language: getattr(given, f"improved_{language}") for language in LANGUAGES}
    store = open_store(settings)
    try:
        changed = tell_improved(store, LOCAL_STAFF, given.name, improved)
    finally:
        store.close()
    if changed.improved is None:
        return [words("command.set.improved_nothing", survey=changed.name)]
    told = (f"  {language}: {text}" for language, text in changed.improved.items())
    return [words("command.set.improved_done", survey=changed.name), *told]
