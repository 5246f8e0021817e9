"""Which column of a questionnaire does a heading mean that is written as people write headings?

Beside names and numbers (``Questionnaire.column_called``) files have headings such as ``E1`` for ``E_1``, ``U1.
Persyaratan``, the label alone, or, as the forms of online services export them, the whole question. Signs and blanks
between words do not count. What could mean two columns means none.
"""

import re
from collections.abc import Callable

from survey.questionnaire import Aspect, Column, Questionnaire

_BETWEEN = re.compile(r"[\W_]+")


def column_finder(questionnaire: Questionnaire) -> Callable[[str], Column | None]:
    """A function that tells the column which a heading means, or None.

    A label without anything beside it means perception, as a bare name or number does; where both are asked, files
    call the expectation ``E_...`` or by its question.
    """
    spoken: dict[str, Column | None] = {}
    for column in questionnaire.columns:
        for heading in _ways_to_write(column):
            key = plain_heading(heading)
            spoken[key] = column if spoken.get(key, column) is column else None

    def meaning(heading: str) -> Column | None:
        return questionnaire.column_called(heading) or spoken.get(plain_heading(heading))

    return meaning


def plain_heading(heading: str) -> str:
    """The letters and digits of a heading, words apart.

    >>> plain_heading(" U1. Persyaratan (layanan)")
    'u1 persyaratan layanan'
    """
    return _BETWEEN.sub(" ", heading.casefold()).strip()


def _ways_to_write(column: Column) -> list[str]:
    item, aspect, question = column.item, column.aspect, column.question
    if item is None or aspect is None or question is None:
        return [column.name]
    prefix = aspect.prefix
    labels = set(item.label.values())
    ways = [column.name, f"{prefix}_{item.number}", f"{prefix}{item.number}", *set(question.question.values())]
    ways += [f"{prefix} {item.number} {label}" for label in labels] + [f"{prefix}_{label}" for label in labels]
    if aspect is Aspect.PERCEPTION:
        ways += [item.name, item.number, *labels, *(f"{item.number} {label}" for label in labels)]
    # The same words in two languages are one way to write it.
    return list({plain_heading(way): way for way in ways}.values())
