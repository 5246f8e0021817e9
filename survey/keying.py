"""What is asked, step by step, of somebody who keys a paper form, and what does the keyed form say?"""

from collections.abc import Mapping
from typing import Any

from survey.catalogue import Survey
from survey.paper_form import letters, service_codes
from survey.problem import Problem
from survey.questionnaire import Text
from survey.reading.days import read_days
from survey.store.paper.forms import PaperForm
from survey.words import FALLBACK, Words

NUMBER, DAY = 0, 1
"""The places of the first two steps."""


def steps(survey: Survey, words: Words) -> list[dict[str, Any]]:
    """The steps in the order of the paper form, ready for JSON.

    ``kind`` is number, day, code, points, comment or save. A ``code`` has ``options``; what ``stays`` is kept for the
    next form until another code is keyed.
    """

    def said(text: Text) -> str:
        return text.get(words.language) or text.get(FALLBACK) or next(iter(text.values()), "")

    q = survey.questionnaire
    found: list[dict[str, Any]] = [
        {"kind": "number", "name": "number", "short": words("key.short.number"), "question": words("paper.number")},
        {"kind": "day", "name": "day", "short": words("key.short.day"), "question": words("key.day")},
    ]
    if survey.services and q.audience != "staff":
        codes = service_codes(survey)
        options = [[codes[service.name], said(service.label)] for service in survey.services]
        options.append(["0", words("form.service.other")])
        found.append(_code("service", "A", words("form.service.question"), options) | {"stays": True})
    for letter, asked in zip(letters(), q.profile, strict=False):
        options = [[str(code), said(label)] for code, label in sorted(asked.choices.items())]
        found.append(_code(f"profile.{asked.name}", letter, said(asked.question), options))
    for column in q.columns:
        if column.item and column.question:
            labels = column.question.scale.labels
            options = [[str(code), said(labels.get(code, {"id": ""}))] for code in range(1, column.codes + 1)]
            number = (
                f"{column.aspect.prefix}·{column.item.number}"
                if column.aspect and len(q.blocks) > 1
                else column.item.number
            )
            found.append(_code(column.name, number, said(column.question.question), options))
        else:
            dimension = next(d.label for d in q.dimensions if d.name == column.dimension)
            found.append({"kind": "points", "name": column.name, "short": said(dimension), "question": said(dimension)})
    if q.comment:
        question = said(q.comment.question)
        found.append({"kind": "comment", "name": "comment", "short": words("key.short.comment"), "question": question})
    return [*found, {"kind": "save", "name": "save", "short": "", "question": words("key.save")}]


def form_of(survey: Survey, values: Mapping[str, Any]) -> PaperForm:
    """The form that was keyed. Raises ``Problem`` for a number or a day that is none."""
    said = {str(name): str(value) for name, value in values.items() if value is not None}
    number, day_said = said.get("number", ""), said.get("day", "")
    if not (number.isascii() and number.isdecimal()):
        raise Problem("key.number_wrong", number=number[:20])
    day = read_days([day_said])[day_said] or read_days([_compact(day_said)])[_compact(day_said)]
    if day is None:
        raise Problem("key.day", day=day_said[:20])
    services = {code: name for name, code in service_codes(survey).items()}
    points = {column.name for column in survey.questionnaire.columns if column.item is None}
    answers = {
        name: int(said[name]) + int(name in points)
        for name in survey.questionnaire.positions
        if said.get(name, "").isdecimal()
    }
    profile = {
        asked.name: int(said[f"profile.{asked.name}"])
        for asked in survey.questionnaire.profile
        if said.get(f"profile.{asked.name}", "").isdecimal()
    }
    return PaperForm(int(number), day, services.get(said.get("service", "")), profile, answers, said.get("comment", ""))


def step_of(problem: Problem) -> int:
    """The step to which a form that was not kept goes back."""
    return DAY if problem.key == "key.day" else NUMBER


def _code(name: str, number: str, question: str, options: list[list[str]]) -> dict[str, Any]:
    codes = [code for code, _ in options]
    return {"kind": "code", "name": name, "number": number, "question": question, "options": options, "codes": codes}


def _compact(day: str) -> str:
    """24112026, as it is keyed on a number pad, as 24/11/2026."""
    return f"{day[:2]}/{day[2:4]}/{day[4:]}" if len(day) == 8 and day.isdecimal() else day
