"""How does the paper form come out of a terminal?"""

import argparse
import re
from pathlib import Path

from survey.commands.import_answers import survey_called
from survey.paper_form import paper_form
from survey.problem import Problem
from survey.settings import Settings
from survey.store import open_store
from survey.words import Words


def describe(command: argparse.ArgumentParser, words: Words) -> None:
    """The arguments of the command."""
    command.add_argument("survey", metavar="SURVEY", help=words("command.paper_form.survey"))
    command.add_argument("--to", type=Path, required=True, metavar="FILE", help=words("command.paper_form.to"))
    command.add_argument("--numbers", metavar="FROM-TO", help=words("command.paper_form.numbers"))


def run(given: argparse.Namespace, settings: Settings, words: Words) -> list[str]:
    """Write the form in the language of the messages; the line that says so."""
    numbers = _numbers(given.numbers) if given.numbers else range(0)
    store = open_store(settings)
    try:
        pdf = paper_form(survey_called(store, given.survey), words.language, numbers)
    finally:
        store.close()
    try:
        given.to.write_bytes(pdf)
    except OSError as error:
        raise Problem("import.cannot_save", where=str(given.to), detail=error.strerror or str(error)) from error
    if not numbers:
        return [words("command.paper_form.one", where=str(given.to))]
    return [words("command.paper_form.done", pages=words.count(len(numbers)), where=str(given.to))]


def _numbers(said: str) -> range:
    found = re.fullmatch(r"(\d{1,6})-(\d{1,6})", said)
    if not found or int(found[1]) > int(found[2]):
        raise Problem("paper.range", given=said[:40])
    return range(int(found[1]), int(found[2]) + 1)
