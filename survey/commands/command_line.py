"""What does ``python -m survey`` understand, and how does it answer?"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, TextIO

from survey.commands import (
    Alarm,
    account,
    add_survey,
    backup,
    certificate,
    import_answers,
    import_queue,
    paper,
    poster,
    restore,
    set_survey,
    verify,
)
from survey.problem import Problem
from survey.settings import Settings, read_settings
from survey.words import LANGUAGES, Words, load_words

LOOK, CANNOT = 1, 2


@dataclass(frozen=True)
class Command:
    """One command. ``about`` is the key of the sentence that explains it; ``run`` gives the lines to be printed.

    An ``Alarm`` as its lines ends the command with 1.
    """

    about: str
    describe: Callable[[argparse.ArgumentParser, Words], None]
    run: Callable[[argparse.Namespace, Settings, Words], list[str]]


COMMANDS: Mapping[str, Command] = {
    "add-survey": Command("command.add_survey", add_survey.describe, add_survey.run),
    "set": Command("command.set", set_survey.describe, set_survey.run),
    "import": Command("command.import", import_answers.describe, import_answers.run),
    "import-queue": Command("command.import_queue", import_queue.describe, import_queue.run),
    "backup": Command("command.backup", backup.describe, backup.run),
    "restore": Command("command.restore", restore.describe, restore.run),
    "verify": Command("command.verify", verify.describe, verify.run),
    "paper-form": Command("command.paper_form", paper.describe, paper.run),
    "poster": Command("command.poster", poster.describe, poster.run),
    "account": Command("command.account", account.describe, account.run),
    "certificate": Command("command.certificate", certificate.describe, certificate.run),
}


class _UsageError(Exception):
    """The command line itself cannot be understood."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _UsageError(message)


def make_parser(words: Words) -> argparse.ArgumentParser:
    """The command line, explained in the language of ``words``."""
    parser = _Parser(prog="python -m survey", description=words("command.about"))
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        described = commands.add_parser(name, help=words(command.about), description=words(command.about))
        described.add_argument("--language", choices=LANGUAGES, help=words("command.language"))
        command.describe(described, words)
    return parser


def main(
    arguments: Sequence[str],
    out: TextIO | None = None,
    err: TextIO | None = None,
    environment: Mapping[str, str] = os.environ,
) -> int:
    """Run a command: 0 when done, 1 when it tells of something to be looked at, 2 when it could not be done.

    What has to be repaired first is said on ``err``.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")  # a Windows pipe would refuse a dash or a quotation mark
    out, err = out or sys.stdout, err or sys.stderr
    words = load_words(_language(arguments, environment))
    try:
        settings = read_settings(environment)
        given = make_parser(words).parse_args(arguments)
        lines = COMMANDS[given.command].run(given, settings, words)
        print(*lines, sep="\n", file=out)
    except _UsageError as error:
        print(words("command.usage", detail=str(error)), file=err)
        return CANNOT
    except Problem as problem:
        print(problem.say(words), file=err)
        return CANNOT
    return LOOK if isinstance(lines, Alarm) else 0


def _language(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language asked for, known before the other arguments can be judged in it; else that of the terminal."""
    for place, argument in enumerate(arguments):
        if argument.startswith("--language="):
            return argument.partition("=")[2]
        if argument == "--language" and place + 1 < len(arguments):
            return arguments[place + 1]
    try:
        return read_settings(environment).language
    except Problem:
        return environment.get("SURVEY_LANGUAGE", "")
