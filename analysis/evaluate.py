"""What does the command ``python -m analysis evaluate`` understand, and what does it print?"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import numpy as np

from analysis.files.answers_file import AnswersFile, on_days, read_answers
from analysis.files.background_file import (
    COUNTED,
    FLAGGED,
    Wanted,
    background_in,
    counted_in,
    flagged_in,
    usual_headings,
)
from analysis.files.visits import HEADINGS, visits_in
from analysis.methods import servqual
from analysis.methods.covariance import LISTWISE, PAIRWISE
from analysis.regulation import EXACT, ONCE
from analysis.results import Element, Estimate, Gap, Index, Results, Weighted, evaluate
from survey.hours import DAYS, Hours, parse_hours
from survey.problem import Problem
from survey.questionnaire import Questionnaire, Text, load_questionnaire
from survey.reading.answer_cells import A_BEST, A_WORST, Writing
from survey.words import FALLBACK, LANGUAGES, Words, load_words

if TYPE_CHECKING:
    from analysis.full import FullResults

QUESTIONNAIRES = Path(__file__).parent.parent / "questionnaires"
FACILITIES = "facilities"
CANNOT = 2


class _UsageError(Exception):
    """The command line itself cannot be understood."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _UsageError(message)


def make_parser(words: Words) -> argparse.ArgumentParser:
    """The command line, explained in the language of ``words``."""
    parser = _Parser(prog="python -m analysis", description=words("cli.about"))
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command = commands.add_parser("evaluate", help=words("cli.evaluate"), description=words("cli.evaluate"))
    command.add_argument("file", type=Path, metavar="FILE", help=words("cli.file"))
    command.add_argument("--questionnaire", metavar="NAME_OR_PATH", help=words("cli.questionnaire"))
    command.add_argument("--json", action="store_true", help=words("cli.json"))
    command.add_argument("--mapping", type=Path, metavar="FILE", help=words("cli.mapping"))
    command.add_argument("--sheet", metavar="NAME", help=words("cli.sheet"))
    for key, metavar in (("missing", "TEXT"), ("reversed", "COLUMN"), ("without_rows", "ROWS")):
        option = f"--{key.replace('_', '-')}"
        command.add_argument(option, action="extend", nargs="+", default=[], metavar=metavar, help=words(f"cli.{key}"))
    command.add_argument("--from-zero", action="store_true", help=words("cli.from_zero"))
    command.add_argument("--letters", choices=[A_BEST, A_WORST], help=words("cli.letters"))
    command.add_argument(
        "--weights", choices=[EXACT, "0.11", "0.111", "0.071"], default=EXACT, help=words("cli.weights")
    )
    command.add_argument("--rounding", choices=[ONCE, "products"], default=ONCE, help=words("cli.rounding"))
    command.add_argument(
        "--scores",
        choices=[servqual.AVAILABLE, servqual.LISTWISE],
        default=servqual.AVAILABLE,
        help=words("cli.scores"),
    )
    command.add_argument("--facilities", choices=["U8", "U9"], help=words("cli.facilities"))
    command.add_argument("--all-rows", action="store_true", help=words("cli.all_rows"))
    command.add_argument("--language", choices=LANGUAGES, default=FALLBACK, help=words("cli.language"))
    command.add_argument("--full", action="store_true", help=words("cli.full"))
    for option, key in (("--group", "group"), ("--weight-margins", "margins")):
        kind = Path if key == "margins" else str
        metavar = "FILE" if key == "margins" else "COLUMN"
        command.add_argument(option, action="append", default=[], type=kind, metavar=metavar, help=words(f"cli.{key}"))
    for key in ("unit", "mode", "overall", "date"):
        command.add_argument(f"--{key}", metavar="COLUMN", help=words(f"cli.column.{key}"))
    for option, key in (("--overall-points", "overall_points"), ("--population", "population"), ("--target", "target")):
        command.add_argument(option, type=_from_one, metavar="N", help=words(f"cli.{key}"))
    command.add_argument("--hours", nargs="+", metavar="HOURS", help=words("cli.hours"))
    command.add_argument("--covariances", choices=[LISTWISE, PAIRWISE], default=LISTWISE, help=words("cli.covariances"))
    return parser


def _from_one(text: str) -> int:
    """A whole number from 1."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def main(arguments: Sequence[str], out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Run the command; 0 when done, 2 when something has to be repaired first (said on ``err``)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")  # a Windows pipe would refuse a minus sign or a dash
    out, err = out or sys.stdout, err or sys.stderr
    words = load_words(_language(arguments))
    try:
        given = make_parser(words).parse_args(arguments)
        questionnaire = _questionnaire(given.questionnaire)
        if given.facilities:
            questionnaire = with_facilities(questionnaire, given.facilities)
        found, answers = _evaluated(given, questionnaire)
    except _UsageError as error:
        print(words("cli.usage", detail=str(error)), file=err)
        return CANNOT
    except Problem as problem:
        if problem.key.startswith("hours."):  # which know the number of the day
            problem = Problem(problem.key, **problem.params | {"day": words(f"plan.day.{problem.params['day']}")})
        print(problem.say(words), file=err)
        return CANNOT
    if given.json:
        print(json.dumps(found.to_json(answers), indent=2, ensure_ascii=False, allow_nan=False), file=out)
    else:
        lines = as_text(found.results, answers, questionnaire, words)
        if found.full is not None:
            from analysis.texts.full_text import full_lines

            lines += full_lines(found.full, questionnaire, words)
        print("\n".join(lines), file=out)
    return 0


@dataclass(frozen=True)
class _Found:
    """What the command prints: the results, with ``--full`` every topic and whence the background was read."""

    results: Results
    full: "FullResults | None" = None
    background: Mapping[str, Any] | None = None

    def to_json(self, answers: AnswersFile) -> dict[str, Any]:
        """Every number, and which column was read as what."""
        read = {heading: column.name for heading, column in answers.columns.items()}
        topics = {} if self.full is None else {"full": self.full.to_json()["full"], "background": self.background}
        return {
            **self.results.to_json(),
            **topics,
            "columns": read,
            "left_out_columns": list(answers.left_out_columns),
        }


def _evaluated(given: argparse.Namespace, questionnaire: Questionnaire) -> tuple[_Found, AnswersFile]:
    wanted = Wanted(
        groups=tuple(given.group),
        unit=given.unit,
        mode=given.mode,
        overall=given.overall,
        overall_points=given.overall_points,
        date=given.date,
        population=given.population,
        target=given.target,
        margins=tuple(given.weight_margins),
    )
    if not given.full and (wanted != Wanted() or given.hours):
        raise _UsageError("--full")
    usual = usual_headings(questionnaire) if given.full else ()
    answers = read_answers(
        given.file,
        questionnaire,
        given.mapping,
        sheet=given.sheet,
        writing=Writing(given.missing, from_zero=given.from_zero, letters=given.letters),
        turned=given.reversed,
        without=given.without_rows,
        texts=wanted.headings,
        texts_if_there=(COUNTED, FLAGGED, *usual, *(HEADINGS if given.full else ())),
    )
    where, left_out = str(given.file), {}
    if answers.empty_rows:
        left_out["empty"] = answers.empty_rows
    counted = None if given.all_rows else counted_in(answers, where)
    if counted is not None and not counted.all():
        left_out["not_counted"] = int(np.count_nonzero(~counted))
        answers = answers.chosen(counted)
    flagged = flagged_in(answers, where)
    how = {"weights": given.weights, "rounding": given.rounding, "policy": given.scores, "minimum": 1}
    # A minimum of one: whoever runs this holds the file and could count in it anyway.
    if not given.full:
        results = evaluate(questionnaire, answers.matrix, **how)
        return _Found(replace(results, left_out={**results.left_out, **left_out})), answers
    from analysis.full import full_results

    background, read = background_in(answers, wanted, questionnaire, where=where)
    full = full_results(
        questionnaire,
        answers.matrix if background.days is None else on_days(answers.matrix, background.days),
        background=replace(background, flagged=flagged, visits=visits_in(answers, where, _hours(given.hours))),
        rows=answers.rows,
        covariances=given.covariances,
        **how,
    )
    results = replace(full.results, left_out={**full.results.left_out, **left_out})
    return _Found(results, full, read), answers


def _hours(said: Sequence[str] | None) -> Hours | None:
    """The opening hours of each day from Monday; days that are not said, and ``-``, are closed."""
    if said is None:
        return None
    if len(said) > DAYS:
        raise _UsageError("--hours")
    return parse_hours(["" if text == "-" else text for text in said] + [""] * (DAYS - len(said)))


def with_facilities(questionnaire: Questionnaire, number: str) -> Questionnaire:
    """The questionnaire with *facilities* under this number; the element that had it takes the other.

    Systems differ on which of the last two elements is U8 and which U9. Raises ``Problem`` when there is no such pair.
    """
    numbers = {item.name: item.number for item in questionnaire.items}
    other = next((name for name, given in numbers.items() if given == number), None)
    if FACILITIES not in numbers or other is None:
        raise Problem("csv.facilities", given=number, questionnaire=questionnaire.name)
    swapped = {FACILITIES: number, other: numbers[FACILITIES]} if other != FACILITIES else {}
    items = tuple(
        item.model_copy(update={"number": swapped.get(item.name, item.number)}) for item in questionnaire.items
    )
    said = {field: getattr(questionnaire, field) for field in type(questionnaire).model_fields}
    return questionnaire.model_validate(said | {"items": items})


def _language(arguments: Sequence[str]) -> str:
    """The language asked for, known before the other arguments can be judged in it."""
    for place, argument in enumerate(arguments):
        if argument.startswith("--language="):
            return argument.partition("=")[2]
        if argument == "--language" and place + 1 < len(arguments):
            return arguments[place + 1]
    return FALLBACK


def _questionnaire(name_or_path: str | None) -> Questionnaire:
    if name_or_path is None:
        raise Problem("csv.which_questionnaire", known=_known_questionnaires())
    path = Path(name_or_path)
    if path.suffix.lower() in {".yaml", ".yml"} or len(path.parts) > 1:
        return load_questionnaire(path)
    path = QUESTIONNAIRES / f"{name_or_path}.yaml"
    if not path.is_file():
        raise Problem("csv.questionnaire", given=name_or_path, known=_known_questionnaires())
    return load_questionnaire(path)


def _known_questionnaires() -> str:
    return ", ".join(sorted(file.stem for file in QUESTIONNAIRES.glob("*.yaml")))


def as_text(results: Results, answers: AnswersFile, questionnaire: Questionnaire, words: Words) -> list[str]:
    """The results in lines for reading, the finding first."""
    lines = _index_lines(results, questionnaire, words)
    labels = {item.name: _said(item.label, words) for item in questionnaire.items}
    if any(gap.gap.value is not None for gap in results.dimensions):
        lines += ["", words("cli.gaps")]
        names = {dimension.name: _said(dimension.label, words) for dimension in questionnaire.dimensions}
        lines += [_gap_line(gap, names[gap.name], words) for gap in results.dimensions]
        if results.overall:
            lines.append(_gap_line(results.overall, words("cli.overall"), words))
        lines += ["", words("cli.gaps_of_items")]
        lines += [_gap_line(gap, labels[gap.name], words) for gap in results.items]
    elif results.index is None and not results.indices:
        lines += ["", words("cli.means")]
        lines += [f"  {labels[gap.name]}: {_told(gap.perception, words)}" for gap in results.items]
    if results.weighted:
        lines += _weighted_lines(results.weighted, questionnaire, words)
    lines.append("")
    if results.facilities:
        lines.append(words("cli.facilities_are", number=results.facilities))
    if results.left_out.get("empty"):
        lines.append(words("cli.empty_rows", count=words.count(results.left_out["empty"])))
    left_out = ", ".join(answers.left_out_columns) or words("cli.none")
    if results.left_out.get("not_counted"):
        lines.append(words("cli.not_counted", count=words.count(results.left_out["not_counted"])))
    lines.append(words("cli.left_out_columns", columns=left_out))
    return lines


def _index_lines(results: Results, questionnaire: Questionnaire, words: Words) -> list[str]:
    version = words("cli.head", questionnaire=results.questionnaire, version=results.version, n=words.count(results.n))
    if results.indices:
        return [version, *_lines_by_dimension(results, questionnaire, words)]
    if results.index is None:
        missing = ", ".join(results.elements_without_answers)
        key = "cli.no_index" if questionnaire.regulation else "cli.no_index_unofficial"
        return [version, words(key, elements=missing)] if missing else [version]
    index = results.index
    lines = [version, _headline(index, words)]
    for other in index.others:
        params = {"convention": other.convention, "value": words.number(other.rounded), "grade": other.grade}
        lines.append(words("cli.other", **params))
    if index.grade_depends_on_weights:
        lines.append(words("cli.grade_depends"))
    lines += ["", words("cli.elements")]
    labels = {item.name: _said(item.label, words) for item in questionnaire.items}
    lines += [_element_line(element, labels[element.name], words) for element in index.weakest_first]
    return lines


def _lines_by_dimension(results: Results, questionnaire: Questionnaire, words: Words) -> list[str]:
    """Each dimension with its index, then its items, the weakest first."""
    labels = {item.name: _said(item.label, words) for item in questionnaire.items}
    names = {dimension.name: _said(dimension.label, words) for dimension in questionnaire.dimensions}
    lines: list[str] = []
    for index in results.indices:
        lines += ["", f"{names[index.dimension]}: {_headline(index, words)}"]
        lines += [_element_line(element, labels[element.name], words) for element in index.weakest_first]
    if results.elements_without_answers:
        lines += ["", words("cli.no_index_of", elements=", ".join(results.elements_without_answers))]
    return lines


def _weighted_lines(weighted: Weighted, questionnaire: Questionnaire, words: Words) -> list[str]:
    """The gap by the respondents' own points, and the mean points."""
    names = {dimension.name: _said(dimension.label, words) for dimension in questionnaire.dimensions}
    points = [f"  {names[shared.dimension]}: {_told(shared.points, words)}" for shared in weighted.points]
    return ["", words("cli.weighted", gap=_told(weighted.gap, words)), words("cli.points"), *points]


def _headline(index: Index, words: Words) -> str:
    value = words.number(index.value.rounded)
    if index.official:
        grade = words("cli.index", value=value, grade=index.value.grade, meaning=words(f"grade.{index.value.grade}"))
    else:
        grade = words("cli.index_unofficial", value=value)
    weights = words("cli.weights_are", convention=index.value.convention)
    return f"{grade} ({weights}; {_uncertainty(index.interval, words)})"


def _uncertainty(estimate: Estimate, words: Words) -> str:
    n = words.count(estimate.n)
    if estimate.se is None or estimate.low is None or estimate.high is None:
        return words("cli.no_interval", n=n, reason=words(f"reason.{estimate.reason}"))
    low, high = words.number(estimate.low), words.number(estimate.high)
    return words("cli.interval", low=low, high=high, se=words.number(estimate.se, 3), n=n)


def _told(estimate: Estimate, words: Words) -> str:
    if estimate.value is None:
        return words(f"reason.{estimate.reason}")
    return f"{words.number(estimate.value, 4)} ({_uncertainty(estimate, words)})"


def _element_line(element: Element, label: str, words: Words) -> str:
    return f"  {element.number} {label}: {_told(element.interval, words)}"


def _gap_line(gap: Gap, label: str, words: Words) -> str:
    expectation, perception = (
        "–" if estimate.value is None else words.number(estimate.value, 4)
        for estimate in (gap.expectation, gap.perception)
    )
    return words("cli.gap", label=label, expectation=expectation, perception=perception, gap=_told(gap.gap, words))


def _said(text: Text, words: Words) -> str:
    return text.get(words.language) or next(iter(text.values()))
