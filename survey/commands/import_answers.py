"""How do earlier answers come in from a terminal?"""

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from survey.catalogue import Channel, Survey
from survey.importing.columns import mapping_text
from survey.importing.report import NotUnderstood, bad_cell_lines, counts_lines, understood_lines
from survey.importing.understanding import Understood, Wishes, understand
from survey.principal import LOCAL_STAFF
from survey.problem import Problem
from survey.reading.csv_file import read_bytes
from survey.reading.headings import read_mapping
from survey.reading.table import read_table
from survey.reading.workbook import Limits
from survey.settings import Settings
from survey.store import Store, open_store
from survey.store.answers.imports import import_responses
from survey.store.plans.surveys import find_survey, list_surveys
from survey.words import Words

MEGABYTE = 1_000_000
LARGEST = 100
_UNPACKED = 12  # a workbook unfolds to about this many times its size


def describe(command: argparse.ArgumentParser, words: Words) -> None:
    """The arguments of the command."""
    command.add_argument("file", type=Path, metavar="FILE", help=words("command.import.file"))
    command.add_argument("--survey", required=True, metavar="NAME", help=words("command.import.survey"))
    command.add_argument("--dry-run", action="store_true", help=words("command.import.dry_run"))
    command.add_argument("--mapping", type=Path, metavar="FILE", help=words("command.import.mapping"))
    command.add_argument("--save-mapping", type=Path, metavar="FILE", help=words("command.import.save_mapping"))
    command.add_argument("--sheet", metavar="NAME", help=words("command.import.sheet"))
    command.add_argument("--date", type=date.fromisoformat, metavar="YYYY-MM-DD", help=words("command.import.date"))
    command.add_argument("--date-column", metavar="HEADING", help=words("command.import.date_column"))
    command.add_argument(
        "--channel",
        choices=[Channel.IMPORT.value, Channel.PAPER.value],
        default=Channel.IMPORT.value,
        help=words("command.import.channel"),
    )
    command.add_argument("--leave-out-bad", action="store_true", help=words("command.import.leave_out_bad"))
    command.add_argument("--batch", default="", metavar="NAME", help=words("command.import.batch"))
    command.add_argument(
        "--largest", type=int, default=LARGEST, metavar="MB", help=words("command.import.largest", default=LARGEST)
    )


def run(given: argparse.Namespace, settings: Settings, words: Words) -> list[str]:
    """Bring the answers in; the lines that say what was understood and what was kept."""
    store = open_store(settings)
    try:
        survey = survey_called(store, given.survey)
        now = datetime.now(UTC)
        understood = _understood(given, survey, words, now)
        lines = understood_lines(understood, words)
        if given.save_mapping:
            lines.append(_saved(given.save_mapping, understood, words))
        if understood.bad_cells and not given.leave_out_bad and not given.dry_run:
            raise NotUnderstood(understood, survey)
        if understood.bad_cells:
            lines += bad_cell_lines(understood, survey, words)
            lines.append(words("import.left_out", rows=words.count(understood.bad_rows)))
        done = import_responses(
            store,
            LOCAL_STAFF,
            survey,
            understood.arrived,
            now=now,
            progress=_Shown(words, "import.progress.keeping"),
            dry_run=given.dry_run,
        )
    finally:
        store.close()
    return [*lines, *counts_lines(done, survey, words, dry_run=given.dry_run)]


def survey_called(store: Store, name: str) -> Survey:
    """The survey of that name. Raises ``Problem`` with the names that there are."""
    survey = find_survey(store, name)
    if survey is None:
        known = ", ".join(sorted(survey.name for survey in list_surveys(store, LOCAL_STAFF)))
        raise Problem("import.no_survey", survey=name, known=known)
    return survey


def _understood(given: argparse.Namespace, survey: Survey, words: Words, now: datetime) -> Understood:
    size = given.largest * MEGABYTE
    limits = Limits(file=size, unpacked=size * _UNPACKED, cells=50_000_000)
    table = read_table(read_bytes(given.file), str(given.file), sheet=given.sheet, limits=limits)
    wishes = Wishes(
        channel=Channel(given.channel),
        day=given.date,
        date_column=given.date_column,
        mapping=read_mapping(given.mapping) if given.mapping else None,
        said_in=str(given.mapping),
        batch=given.batch,
    )
    return understand(table, survey, wishes, now, _Shown(words, "import.progress.reading"))


def _saved(path: Path, understood: Understood, words: Words) -> str:
    try:
        path.write_text(mapping_text(understood.headings.mapping), encoding="utf-8")
    except OSError as error:
        raise Problem("import.cannot_save", where=str(path), detail=error.strerror or str(error)) from error
    return words("import.mapping_saved", where=str(path))


class _Shown:
    """Progress in the last line of a terminal; where there is no terminal, nothing is shown."""

    def __init__(self, words: Words, key: str) -> None:
        self.words = words
        self.key = key

    def __call__(self, done: int, of: int) -> None:
        if not sys.stderr.isatty():
            return
        said = self.words(self.key, done=self.words.count(done), of=self.words.count(of))
        end = "\r\033[K" if done >= of else ""
        print(f"\r{said}{end}", end="", file=sys.stderr, flush=True)
