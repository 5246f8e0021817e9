"""Which heading of a file means which thing: by itself, or as a mapping file says?"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from survey.problem import Problem
from survey.strict_yaml import read_yaml


class Named(Protocol):
    """What a heading can mean, such as a column of the questionnaire."""

    @property
    def name(self) -> str:
        """Its name in messages and mapping files."""


Meaning = TypeVar("Meaning", bound=Named)


def recognised(
    headings: Sequence[str], meaning_of: Callable[[str], Meaning | None], *, where: str, row: int
) -> dict[int, Meaning]:
    """What each heading means, by its place. ``row`` is where the headings stand, for messages.

    Raises ``Problem`` when two headings mean the same.
    """
    found: dict[int, Meaning] = {}
    for place, heading in enumerate(headings):
        meaning = meaning_of(heading)
        if meaning is not None:
            _not_twice(headings, found, place, meaning, where=where, row=row)
            found[place] = meaning
    return found


def mapped(
    headings: Sequence[str],
    mapping: Mapping[str, str],
    meaning_of: Callable[[str], Meaning | None],
    *,
    said_in: str,
    where: str,
    row: int,
    known: Sequence[str],
) -> dict[int, Meaning]:
    """The same, as a mapping says: ``heading: meaning``. Headings it does not name are left out.

    ``said_in`` names the mapping and ``known`` what can stand in it, for messages.
    """
    found: dict[int, Meaning] = {}
    for heading, name in mapping.items():
        places = [place for place, given in enumerate(headings) if given == heading.strip()]
        if not places:
            given = ", ".join(headings)[:200]
            raise Problem("csv.mapping_heading", where=said_in, heading=heading, file=where, headings=given)
        if len(places) > 1:
            one, two = (f"{heading} ({place + 1})" for place in places[:2])
            raise Problem("csv.duplicate", where=where, row=row, one=one, two=two, name=name)
        meaning = meaning_of(name)
        if meaning is None:
            raise Problem("csv.mapping_column", where=said_in, heading=heading, name=name, known=", ".join(known[:40]))
        _not_twice(headings, found, places[0], meaning, where=where, row=row)
        found[places[0]] = meaning
    return dict(sorted(found.items()))


def _not_twice(
    headings: Sequence[str], found: Mapping[int, Meaning], place: int, meaning: Meaning, *, where: str, row: int
) -> None:
    for other, taken in found.items():
        if taken.name == meaning.name:
            one, two = (f"{headings[p]} ({p + 1})" for p in (other, place))
            raise Problem("csv.duplicate", where=where, row=row, one=one, two=two, name=meaning.name)


def read_mapping(path: Path) -> dict[str, str]:
    """The pairs of a mapping file, YAML or (``.json``) JSON. Raises ``Problem`` where a pair is not two texts."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Problem("csv.unreadable", where=str(path), detail=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise Problem("questionnaire.not_utf8", where=str(path)) from error
    return parse_mapping(text, str(path))


def parse_mapping(text: str, where: str) -> dict[str, str]:
    """The pairs that stand in the text of a mapping file."""
    pairs = {}
    for heading, name in _parsed(text, where).items():
        if not isinstance(heading, str) or not isinstance(name, str):
            raise Problem("csv.mapping_kind", where=where, heading=str(heading)[:60], given=str(name)[:60])
        pairs[heading] = name
    return pairs


def _parsed(text: str, where: str) -> Mapping[Any, Any]:
    if not where.lower().endswith(".json"):
        return read_yaml(text, where)
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        why = Problem("yaml.why.json")
        raise Problem("yaml.syntax", where=where, line=error.lineno, column=error.colno, why=why) from error
    if not isinstance(content, dict):
        raise Problem("yaml.not_a_mapping", where=where)
    return content
