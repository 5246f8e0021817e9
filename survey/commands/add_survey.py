"""How does a survey with another questionnaire come into being, as long as there is no screen for it?"""

import argparse

from survey.catalogue import EXACT_WEIGHTS
from survey.principal import LOCAL_STAFF
from survey.settings import Settings
from survey.store import open_store
from survey.store.plans.planning import add_survey
from survey.words import Words


def describe(command: argparse.ArgumentParser, words: Words) -> None:
    """The arguments of the command."""
    command.add_argument("name", metavar="NAME", help=words("command.add_survey.name"))
    command.add_argument("--questionnaire", required=True, metavar="NAME", help=words("command.add_survey.of"))
    command.add_argument("--weights", default=EXACT_WEIGHTS, metavar="WEIGHTS", help=words("command.weights"))
    command.add_argument("--test", action="store_true", help=words("command.add_survey.test"))


def run(given: argparse.Namespace, settings: Settings, words: Words) -> list[str]:
    """Open the survey; the lines that say so."""
    store = open_store(settings)
    try:
        made = add_survey(store, LOCAL_STAFF, given.name, given.questionnaire, test=given.test, weights=given.weights)
    finally:
        store.close()
    q = made.questionnaire
    kind = "command.add_survey.done_test" if made.test else "command.add_survey.done"
    lines = [words(kind, name=made.name, questionnaire=q.name, version=q.version)]
    return [*lines, words("command.add_survey.address", path=f"/s/{made.name}")]
