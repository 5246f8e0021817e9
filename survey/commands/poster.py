"""How is the poster with the code for phones made from a terminal?"""

import argparse
from pathlib import Path

from survey.poster import draw_poster, kind_of, poster_of
from survey.problem import Problem
from survey.settings import Settings
from survey.store import open_store
from survey.store.plans.surveys import require_survey
from survey.words import Words


def describe(command: argparse.ArgumentParser, words: Words) -> None:
    """The arguments of the command."""
    command.add_argument("name", metavar="SURVEY", help=words("command.poster.survey"))
    command.add_argument("--unit", metavar="NAME", help=words("command.poster.unit"))
    command.add_argument("--service", metavar="NAME", help=words("command.poster.service"))
    command.add_argument("--address", required=True, metavar="URL", help=words("command.poster.address"))
    command.add_argument("--to", required=True, type=Path, metavar="FILE", help=words("command.poster.to"))


def run(given: argparse.Namespace, settings: Settings, words: Words) -> list[str]:
    """Draw it into the file; the lines that say what the code says."""
    kind = kind_of(given.to)
    store = open_store(settings)
    try:
        survey = require_survey(store, given.name)
    finally:
        store.close()
    poster = poster_of(survey, given.address, given.unit, given.service)
    drawn = draw_poster(poster, kind)
    try:
        given.to.write_bytes(drawn)
    except OSError as error:
        raise Problem("poster.cannot_write", where=str(given.to), detail=error.strerror or str(error)) from error
    return [words("command.poster.done", file=given.to), words("command.poster.says", address=poster.address)]
