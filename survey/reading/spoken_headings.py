"""Which column of a questionnaire does a heading mean that is written as people write headings?

Beside names and numbers (``Questionnaire.column_called``) files have headings such as ``E1`` for ``E_1``, ``U1.
Persyaratan``, the label alone, or, as the forms of online services export them, the whole question. A number may stand
before it, the title of a table or the path of a group, a word for expectation or perception on either side. Signs and
blanks between words do not count. What could mean two columns means none.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from survey.questionnaire import Aspect, Column, Questionnaire

_BETWEEN = re.compile(r"[\W_]+")
_NUMBER_FIRST = re.compile(r"\s*(\d{1,2})\s*[.):\-\N{EN DASH}]?\s+(?=\D)(.+)", re.DOTALL)
_IN_BRACKETS = re.compile(r"(.*\S)\s*\[([^\[\]]+)\]\s*", re.DOTALL)
_LETTER_AND_DIGITS = re.compile(r"([epmi])[ _]?(\d{1,2})")
_PRINTED = re.compile(r"[^\W\d_]{0,3}(\d{1,2})")
_NUMBER_AND_WORDS = re.compile(r"\s*([^\W\d_]{0,3}\d{1,2})[\W_]+(.+)", re.DOTALL)

_SAID = {
    Aspect.EXPECTATION: "harapan ekspektasi diharapkan seharusnya expectation expectations expected",
    Aspect.PERCEPTION: "persepsi kenyataan realita realitas dirasakan kinerja perception perceptions perceived",
    Aspect.IMPORTANCE: "kepentingan importance",
    Aspect.MINIMUM: "minimum",
}
ASPECTS: Mapping[str, Aspect] = {word: aspect for aspect, words in _SAID.items() for word in words.split()}
"""What tells the aspect in a heading, in small letters."""
_LETTERS: Mapping[str, Aspect] = {aspect.prefix.casefold(): aspect for aspect in Aspect}
_BESIDE = frozenset({"tingkat", "nilai", "skor", "skala", "jawaban", "kuesioner", "level", "score", "x", "y"})
"""What may stand beside such a word where a cell says nothing but the aspect of the columns below it."""


def column_finder(questionnaire: Questionnaire) -> Callable[[str], Column | None]:
    """A function that tells the column which a heading means, or None.

    A label without anything beside it means perception, as a bare name or number does; where both are asked, files
    call the expectation ``E_...``, by its question, or by a word beside it (*Harapan U1*, *U1 E*).
    """
    return _Finder(questionnaire).meaning


def contradiction(questionnaire: Questionnaire, heading: str) -> tuple[Column, Column] | None:
    """The two columns that number and words of a heading mean (*U8. Sarana*, where U9 is *sarana*), if they differ."""
    found = _NUMBER_AND_WORDS.fullmatch(heading)
    if not found:
        return None
    finder = _Finder(questionnaire)
    number, words = finder.exact(found[1]), finder.exact(found[2])
    if number is None or words is None or number.item is None or words.item is None or number.item is words.item:
        return None
    return number, words


def plain_heading(heading: str) -> str:
    """The letters and digits of a heading, words apart.

    >>> plain_heading(" U1. Persyaratan (layanan)")
    'u1 persyaratan layanan'
    """
    return _BETWEEN.sub(" ", heading.casefold()).strip()


def aspects_in(text: str) -> frozenset[Aspect]:
    """The aspects for which a text has a word."""
    return frozenset(ASPECTS[word] for word in plain_heading(text).split() if word in ASPECTS)


def only_aspect(text: str) -> Aspect | None:
    """The aspect that a text says if it says nothing else.

    >>> only_aspect("Tingkat Harapan (E)").prefix, only_aspect("Survei harapan masyarakat"), only_aspect("P").prefix
    ('E', None, 'P')
    """
    words = [word for word in plain_heading(text).split() if word not in _BESIDE]
    found = {ASPECTS.get(word) or _LETTERS.get(word) for word in words}
    return found.pop() if len(found) == 1 else None


class _Finder:
    """The ways to write each column: by itself, for its item (perception is meant), beside a word for the aspect."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.columns = {(c.item.name, c.aspect): c for c in questionnaire.columns if c.item and c.aspect}
        self.several = len({aspect for _, aspect in self.columns}) > 1
        self.spoken: dict[str, Column | None] = {}
        self.items: dict[str, str | None] = {}
        for column in questionnaire.columns:
            for heading in _ways_to_write(column):
                key = plain_heading(heading)
                self.spoken[key] = column if self.spoken.get(key, column) is column else None
            for heading in _ways_to_write_item(column):
                name = column.item.name if column.item else None
                self.items[heading] = name if self.items.get(heading, name) == name else None

    def exact(self, heading: str) -> Column | None:
        """The column that is written so, with nothing around it."""
        return self.questionnaire.column_called(heading) or self.spoken.get(plain_heading(heading))

    def meaning(self, heading: str) -> Column | None:
        """The column that a heading means, also with a number, a group, or the aspect beside it."""
        return self.exact(heading) or self._beside_letter(heading) or self._parted(heading)

    def _beside_letter(self, heading: str) -> Column | None:
        """E1 where the printed number is S1; where one aspect is asked, P may stand for anything."""
        found = _LETTER_AND_DIGITS.fullmatch(heading.strip().casefold())
        if not found or not self.several:
            return None
        return self._of_item(found[2], _LETTERS[found[1]])

    def _of_item(self, text: str, aspect: Aspect) -> Column | None:
        name = self.items.get(plain_heading(text))
        return None if name is None else self.columns.get((name, aspect))

    def _parted(self, heading: str) -> Column | None:
        numbered = _NUMBER_FIRST.fullmatch(heading)
        if numbered:
            printed, found = self.exact(numbered[1]), self.meaning(numbered[2])
            agree = printed is None or (found is not None and found.item is printed.item)
            return found if agree else None  # only where numbers are printed so they have to agree
        for group, rest in _parts(heading):
            found = self._in_group(group, rest)
            if found is not None:
                return found
        return None

    def _in_group(self, group: str, rest: str) -> Column | None:
        """The column of ``rest``; the aspect is told by ``group``, or else by ``rest`` itself."""
        alone = only_aspect(group)
        said = frozenset({alone}) if alone else aspects_in(group)
        numbered = _NUMBER_FIRST.fullmatch(rest)
        if numbered and plain_heading(rest) not in self.items:
            rest = numbered[2]
        if len(said) == 1:
            (aspect,) = said
            column = self._of_item(rest, aspect)
            exact = self.exact(rest)
            told = exact is not None and plain_heading(rest) not in self.items
            return column or (exact if told and exact is not None and exact.aspect is aspect else None)
        if said or (self.several and self.items.get(plain_heading(rest))):
            return None
        return self.exact(rest)


def _parts(heading: str) -> Iterator[tuple[str, str]]:
    """A heading as its group and the rest: *Harapan [Peralatan]*, *harapan/S1*, *Harapan S1*, *S1 (E)*."""
    if found := _IN_BRACKETS.fullmatch(heading):
        yield found[1], found[2]
    if "/" in heading:
        group, _, rest = heading.rpartition("/")
        yield group, rest
    words = plain_heading(heading).split()
    for at in range(1, len(words)):
        first, last = " ".join(words[:at]), " ".join(words[at:])
        if only_aspect(first) and len(first) > 1:
            yield first, last
        if only_aspect(last):
            yield last, first


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


def _ways_to_write_item(column: Column) -> set[str]:
    """How the item is written where the aspect is told beside it: also by the digits of its number."""
    item, question = column.item, column.question
    if item is None or question is None:
        return set()
    labels = item.label.values()
    ways = {item.name, item.number, *labels, *(f"{item.number} {label}" for label in labels)}
    ways |= set(question.question.values())
    if digits := _PRINTED.fullmatch(item.number):
        ways |= {digits[1], str(int(digits[1]))}
    return set(map(plain_heading, ways))
