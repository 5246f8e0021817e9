"""Do both languages say the same things, is every sentence needed, and are numbers written as people write them?"""

import ast
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.settings import ROOT
from survey.strict_yaml import read_yaml
from survey.words import LANGUAGES, Words, load_words

FOLDER = ROOT / "survey" / "words"
ID, EN = load_words("id"), load_words("en")


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


# --- the two files


def test_both_languages_have_the_same_keys() -> None:
    assert set(ID.sentences) == set(EN.sentences)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_stands_twice_in(language: str) -> None:
    file = FOLDER / f"{language}.yaml"
    assert dict(read_yaml(file.read_text(encoding="utf-8"), file.name)) == dict(load_words(language).sentences)


def test_a_sentence_has_the_same_placeholders_in_both_languages() -> None:
    differ = {key for key in ID.sentences if placeholders(ID.sentences[key]) != placeholders(EN.sentences[key])}
    assert not differ


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_a_text_that_says_something_in(language: str) -> None:
    for key, sentence in load_words(language).sentences.items():
        assert isinstance(sentence, str) and sentence.strip() and sentence.rstrip() == sentence, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_placeholder_is_a_plain_name_in(language: str) -> None:
    """``{0}``, ``{a.b}`` and ``{a!r}`` would reach into what they are given."""
    for key, sentence in load_words(language).sentences.items():
        for name in placeholders(sentence):
            assert re.fullmatch("[a-z_]+", name), key


def test_a_language_we_do_not_have_is_answered_in_indonesian() -> None:
    assert load_words("tet").language == "id"


def test_the_agency_with_all_its_units_has_one_name_on_every_screen() -> None:
    """*Seluruh kantor* at the kiosks and *seluruh instansi* at the accounts were read as two things."""
    agency = {"id": "seluruh instansi", "en": "the whole agency"}
    for language, others in (("id", r"(seluruh|semua|segenap) kantor"), ("en", r"(whole|entire) office")):
        said = load_words(language).sentences
        assert [key for key, sentence in said.items() if re.search(others, sentence, re.IGNORECASE)] == []
        assert {said["account.all_units"].casefold(), said["station.unit.none"].casefold()} == {agency[language]}


# --- every key is used, and every key that is used is there
#
# A key may stand in the sources as it is ("app.title"), after a prefix ("problem." + key, under("form.")), or with
# holes (f"grade.{grade}"). What fills a hole must itself stand somewhere in the sources or data.

PYTHON = [ROOT / "app.py", *sorted((ROOT / "survey").rglob("*.py")), *sorted((ROOT / "analysis").rglob("*.py"))]
BROWSER = [*sorted((ROOT / "survey").rglob("*.js")), *sorted((ROOT / "survey").rglob("*.html"))]
DATA = [*sorted((ROOT / "analysis").glob("*.yaml")), *sorted((ROOT / "questionnaires").glob("*.yaml"))]
Parts = Sequence[str | None]
"""A text of the sources; None is a hole."""


@cache
def trees() -> dict[Path, ast.Module]:
    return {file: ast.parse(file.read_text(encoding="utf-8"), str(file)) for file in PYTHON}


def every_node() -> Iterator[ast.AST]:
    for tree in trees().values():
        yield from ast.walk(tree)


def in_browser() -> Iterator[Parts]:
    for file in BROWSER:
        for quoted in re.findall(r"'([^'\n]*)'|\"([^\"\n]*)\"|`([^`]*)`", file.read_text(encoding="utf-8")):
            texts = re.split(r"\$\{[^}]*\}", "".join(quoted))
            yield [text for pair in zip(texts, [None] * len(texts), strict=True) for text in pair][:-1]


@cache
def said() -> tuple[frozenset[str], tuple[Parts, ...], frozenset[str]]:
    """The texts of the sources without holes, those with holes, and the prefixes."""
    whole: set[str] = set()
    holed: list[Parts] = []
    prefixes: set[str] = {""}
    for node in every_node():
        match node:
            case ast.Constant(value=str(text)):
                whole.add(text)
            case ast.Constant(value=int(number)):
                whole.add(str(number))
            case ast.ClassDef(body=members):
                whole.update(target.id.lower() for target in assigned(members))
            case ast.JoinedStr(values=values):
                holed.append([part.value if isinstance(part, ast.Constant) else None for part in values])
            case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Add()):
                prefixes.add(text)
            case ast.Call(func=ast.Attribute(attr="under"), args=[ast.Constant(value=str(text)), *_]):
                prefixes.add(text)
    for parts in in_browser():
        whole.update(part for part in parts if part) if None not in parts else holed.append(parts)
    for file in DATA:
        whole.update(re.findall(r"[\w.-]+", file.read_text(encoding="utf-8")))
    holed = [parts for parts in holed if any(part and re.search(r"[._]", part) for part in parts)]
    return frozenset(whole), tuple(holed), frozenset(prefixes)


def assigned(members: list[ast.stmt]) -> Iterator[ast.Name]:
    """The names that the body of a class gives values, such as the members of an enumeration."""
    for member in members:
        if isinstance(member, ast.Assign):
            yield from (target for target in member.targets if isinstance(target, ast.Name))


def fits(text: str, parts: Parts, fillings: frozenset[str]) -> bool:
    """Whether ``text`` is ``parts`` with every hole filled by one of ``fillings``."""
    if not parts:
        return text == ""
    first, rest = parts[0], parts[1:]
    if first is not None:
        return text.startswith(first) and fits(text[len(first) :], rest, fillings)
    return any(text[:end] in fillings and fits(text[end:], rest, fillings) for end in range(1, len(text) + 1))


def is_used(key: str) -> bool:
    whole, holed, prefixes = said()
    endings = [key.removeprefix(prefix) for prefix in prefixes if key.startswith(prefix)]
    return any(ending in whole or any(fits(ending, parts, whole) for parts in holed) for ending in endings)


def test_every_key_is_used() -> None:
    assert [key for key in ID.sentences if not is_used(key)] == []


def test_the_search_for_unused_keys_finds_one() -> None:
    assert not is_used("app.nobody_says_this") and not is_used("problem.questionnaire.nobody_says_this")


def spoken() -> Iterator[tuple[str, str, set[str] | None]]:
    """Every call that names a key: where, the key, and the names it fills in (None when they are not written out)."""
    for file, tree in trees().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            key = node.args[0].value
            if not isinstance(key, str) or "." not in key:
                continue
            names = {keyword.arg for keyword in node.keywords if keyword.arg}
            filled = None if any(keyword.arg is None for keyword in node.keywords) else names
            where = f"{file.relative_to(ROOT)}:{node.lineno}"
            match node.func:
                case ast.Name(id="Problem" | "NotAResponse" | "DoesNotFit"):
                    yield where, f"problem.{key}", filled
                case ast.Name(id="words") | ast.Attribute(attr="words") | ast.Call(func=ast.Attribute(attr="words")):
                    yield where, key, filled


def test_every_key_that_is_asked_for_is_there_and_every_placeholder_is_filled() -> None:
    wrong = {
        where: key
        for where, key, filled in spoken()
        if key not in ID.sentences or (filled is not None and not placeholders(ID.sentences[key]) <= filled)
    }
    assert len(list(spoken())) > 50
    assert wrong == {}


def test_every_key_the_form_says_is_there() -> None:
    calls = (
        (file.name, key)
        for file in BROWSER
        for key in re.findall(r"\bsay\(\s*['\"]([a-z_.]+)['\"]", file.read_text(encoding="utf-8"))
    )
    missing = [(file, key) for file, key in calls if f"form.{key}" not in ID.sentences]
    assert missing == []


# --- numbers, days and times


@pytest.mark.parametrize(
    ("value", "decimals", "indonesian", "english"),
    [
        (1234.5, 2, "1.234,50", "1,234.50"),
        (0, 2, "0,00", "0.00"),
        (-0.4, 2, "−0,40", "−0.40"),
        (-0.001, 2, "0,00", "0.00"),
        (1_000_000, 0, "1.000.000", "1,000,000"),
        (Decimal("88.305"), 2, "88,31", "88.31"),
        (88.305, 2, "88,31", "88.31"),
        (2.675, 2, "2,68", "2.68"),
        (0.5, 0, "1", "1"),
        (1.5, 0, "2", "2"),
        (2.5, 0, "3", "3"),
        (-2.5, 0, "−3", "−3"),
        (1e21, 0, "1.000.000.000.000.000.000.000", "1,000,000,000,000,000,000,000"),
    ],
)
def test_a_number_is_rounded_half_up_and_written_as_the_language_writes_it(
    value: float | Decimal, decimals: int, indonesian: str, english: str
) -> None:
    """Half-up on the decimal that is printed: 88.305 is the boundary case of the regulation, 2.675 the usual trap."""
    assert (ID.number(value, decimals), EN.number(value, decimals)) == (indonesian, english)


@given(st.integers(-(10**9), 10**9), st.integers(0, 4))
def test_a_number_that_needs_no_rounding_is_written_exactly(hundredths: int, decimals: int) -> None:
    exact = Decimal(hundredths).scaleb(-decimals)
    written = EN.number(exact, decimals).replace(",", "").replace("\N{MINUS SIGN}", "-")
    assert Decimal(written) == exact


@pytest.mark.parametrize(
    ("share", "decimals", "indonesian", "english"),
    [(0.125, 1, "12,5 %", "12.5%"), (0.125, 0, "13 %", "13%"), (0.285, 0, "29 %", "29%"), (1, 0, "100 %", "100%")],
)
def test_a_share_is_written_as_a_percentage(share: float, decimals: int, indonesian: str, english: str) -> None:
    """0.285 is 28.5 %, although 100 * 0.285 is 28.499999999999996 in binary."""
    assert (ID.percent(share, decimals), EN.percent(share, decimals)) == (indonesian, english)


def test_days_months_and_times_are_written_in_words() -> None:
    day, moment = date(2026, 8, 5), datetime(2026, 8, 5, 14, 5, 9, tzinfo=UTC)
    assert (ID.day(day), EN.day(day)) == ("5 Agustus 2026", "5 August 2026")
    assert (ID.month(day), EN.month(day)) == ("Agustus 2026", "August 2026")
    assert (ID.time(moment), EN.time(moment)) == ("14.05.09", "14:05:09")
    assert (ID.count(12345), EN.count(12345)) == ("12.345", "12,345")


def test_the_words_of_one_visitor_do_not_change_those_of_another() -> None:
    assert ID("api.404") != EN("api.404")
    with pytest.raises(TypeError):
        ID.sentences["api.404"] = "changed"  # type: ignore[index]
    assert isinstance(load_words("en"), Words)
