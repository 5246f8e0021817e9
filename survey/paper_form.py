"""How is the questionnaire asked on paper, for those who do not like screens and for days without power?

The form is made from the same questionnaire file as the screens. It carries the codes that the keying screen asks for,
and a number, so that no form is keyed twice. The PDF is tagged for screen readers (PDF/UA-1) and has the same bytes
whenever the survey and the numbers are the same.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from survey.catalogue import Survey
from survey.problem import Problem
from survey.questionnaire import FULLY_WORDED_UP_TO, Questionnaire, Scale, Text
from survey.words import FALLBACK, LANGUAGES, Words, load_words

TEMPLATE = Path(__file__).with_name("paper_form.typ")
MOST_FORMS = 500
LARGEST_NUMBER = 99_999
_EPOCH = 0
_SHORT, _MIDDLE = 17, 28


def paper_form(survey: Survey, language: str, numbers: Sequence[int] = ()) -> bytes:
    """The form as PDF (A4): one with an empty box for its number, or one for each of ``numbers``.

    Raises ``Problem`` for a language that the questionnaire does not speak, and for too many or too large numbers.
    """
    q = survey.questionnaire
    if language not in q.languages or language not in LANGUAGES:
        known = ", ".join(spoken for spoken in q.languages if spoken in LANGUAGES)
        raise Problem("paper.language", language=language, known=known)
    if len(numbers) > MOST_FORMS or any(not 1 <= number <= LARGEST_NUMBER for number in numbers):
        raise Problem("paper.numbers", most=MOST_FORMS, largest=LARGEST_NUMBER)
    import typst

    content = json.dumps(_content(survey, load_words(language), numbers), ensure_ascii=False, sort_keys=True)
    pdf = typst.compile(
        TEMPLATE,
        format="pdf",
        sys_inputs={"form": content},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,  # the same letters, and the same bytes, on every computer
        timestamp=_EPOCH,
    )
    assert isinstance(pdf, bytes)
    return pdf


def letters() -> Iterator[str]:
    """What stands before the profile questions: B, C, D ... (A is the service)."""
    return iter("BCDEFGHIJKLMNOPQRSTUVWXYZ")


def service_codes(survey: Survey) -> Mapping[str, str]:
    """What is keyed for each service, by its name: its place among those that were ever offered, the oldest first.

    So forms that were printed before keep their codes, whatever order the services are shown in now.
    """
    oldest_first = sorted(survey.services, key=lambda service: service.number)
    return {service.name: str(place) for place, service in enumerate(oldest_first, start=1)}


def _content(survey: Survey, words: Words, numbers: Sequence[int]) -> dict[str, Any]:
    """Everything that stands on the form, as words."""
    q, language = survey.questionnaire, words.language

    def said(text: Text) -> str:
        return text.get(language) or text.get(FALLBACK) or next(iter(text.values()), "")

    codes = service_codes(survey)
    services = [[codes[service.name], said(service.label)] for service in survey.services]
    agency = said(survey.agency.label)
    return {
        "language": language,
        "agency": agency,
        "title": said(survey.title),
        "test": survey.test,
        "numbers": [str(number) for number in numbers] or [None],
        "notice": _notice(survey, agency, words),
        "words": {
            "number": words("paper.number"),
            "date": words("paper.date"),
            "how": words("paper.how"),
            "about-you": words("form.profile.about_you") + " · " + words("form.profile.hint"),
            "thanks": words("paper.thanks"),
            "page": words("paper.page"),
            "test": words("form.test.survey"),
        },
        "service": _service(services, q, words),
        "profile": [
            {
                "number": letter,
                "question": said(asked.question),
                "choices": [[str(code), said(label)] for code, label in sorted(asked.choices.items())],
                "columns": _columns([said(label) for label in asked.choices.values()]),
            }
            for letter, asked in zip(letters(), q.profile, strict=False)
        ],
        "blocks": [
            {
                "title": said(block.title),
                "intro": said(block.intro),
                "items": [
                    _item(item.number, said(question.question), _choices(question.scale, said))
                    for item in q.items
                    if (question := item.question(block.aspect)) is not None
                ],
            }
            for block in q.blocks
        ],
        "points": _points(q, said, words),
        "comment": {"question": said(q.comment.question), "hint": words("form.comment.hint")} if q.comment else None,
        "footer": f"{survey.name} · {q.name} v{q.version}",
    }


def _notice(survey: Survey, agency: str, words: Words) -> list[str]:
    return [
        (survey.notice or {}).get(words.language) or words("form.notice", agency=agency),
        " ".join(
            (
                words("form.anonymous"),
                words("form.anonymous_more"),
                words("form.free", minutes=survey.questionnaire.minutes),
                words("form.free_more"),
            )
        ),
        words("form.kept") + " " + words("form.kept_more", months=survey.retention_months),
    ]


def _service(services: list[list[str]], q: Questionnaire, words: Words) -> dict[str, Any] | None:
    if not services or q.audience == "staff":
        return None
    other = [["0", words("form.service.other")]] if len(services) > 1 else []
    return {"question": words("form.service.question"), "choices": services + other}


def _choices(scale: Scale, said: Any) -> list[list[str]]:
    """Every code with its words; on long scales only the ends, and perhaps the middle, have some."""
    return [
        [str(code), said(scale.labels[code]) if code in scale.labels else ""] for code in range(1, scale.points + 1)
    ]


def _item(number: str, question: str, choices: list[list[str]]) -> dict[str, Any]:
    columns = _columns([label for _, label in choices])
    long = len(choices) > FULLY_WORDED_UP_TO
    return {"number": number, "question": question, "choices": choices, "columns": columns, "long": long}


def _columns(labels: Sequence[str]) -> int:
    """How many answers fit side by side."""
    longest = max(map(len, labels), default=0)
    wide = 4 if longest <= _SHORT else 3 if longest <= _MIDDLE else 2
    if len(labels) == 4 and wide == 3:
        return 4 if longest <= 24 else 2
    return min(wide, len(labels)) or 1


def _points(q: Questionnaire, said: Any, words: Words) -> dict[str, Any] | None:
    if q.points is None:
        return None
    return {
        "question": said(q.points.question),
        "hint": words("form.points.hint", total=q.points.total),
        "dimensions": [said(dimension.meaning or dimension.label) for dimension in q.dimensions],
    }
