"""Is a questionnaire file read exactly as it is written, and refused in words that help?"""

import contextlib
import copy
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.problem import Problem
from survey.questionnaire import Aspect, Questionnaire, load_questionnaire, load_questionnaires, parse_questionnaire
from survey.strict_yaml import MAX_BYTES, MAX_DEPTH
from survey.words import LANGUAGES, load_words
from tests.builders import SHIPPED, NoAliases, both, content, questionnaire, scale, shipped, yaml_of

ELEMENTS = [
    *("requirements", "procedure", "time", "fee", "product", "competence"),
    *("behaviour", "complaints", "facilities"),
]


def refusal(text: str) -> Problem:
    """What is said when this file is refused."""
    with pytest.raises(Problem) as caught:
        parse_questionnaire(text, "small.yaml")
    return caught.value


def changed(change: Callable[[dict[str, Any]], object], *names: str, **given: Any) -> str:
    """A good small file, spoilt by ``change``."""
    made = copy.deepcopy(content(*(names or ("time", "fee")), **given))
    change(made)
    return yaml_of(made)


# --- the file that is shipped


def test_the_shipped_questionnaire_asks_the_nine_elements_as_perception_and_as_expectation() -> None:
    q = shipped()
    assert [item.name for item in q.items] == ELEMENTS
    assert [item.number for item in q.items] == [f"U{n}" for n in range(1, 10)]
    assert [column.name for column in q.columns] == [f"{aspect}_{name}" for aspect in "PE" for name in ELEMENTS]
    assert {column.codes for column in q.columns} == {4}
    assert {item.dimension for item in q.items} == {dimension.name for dimension in q.dimensions}
    assert len(q.dimensions) == 5 and all(item.in_index for item in q.items)


def test_every_questionnaire_in_the_folder_loads() -> None:
    assert "skm-2017-servqual" in [q.name for q in load_questionnaires(SHIPPED.parent)]


def test_every_shipped_text_speaks_indonesian_and_english() -> None:
    assert set(shipped().languages) == set(LANGUAGES)


# --- what is refused, where, and how to repair it


PROFILE = {"name": "sex", "label": both("Sex"), "question": both("Sex?"), "choices": {1: both("male")}}
REFUSALS: dict[str, tuple[str, str, str, str]] = {
    "an unknown key": (
        changed(lambda c: c["items"][1].update(lable=both("Fee"))),
        "item 2 (fee), lable",
        "not known",
        "tidak dikenal",
    ),
    "a missing key": (changed(lambda c: c["items"][0].pop("number")), "item 1 (time), number", "missing", "belum ada"),
    "a missing language": (
        changed(lambda c: c["items"][1]["perception"]["question"].pop("en")),
        "item 2 (fee), perception.question",
        "language “en” are missing",
        "bahasa “en” belum ada",
    ),
    "a language that says nothing": (
        changed(lambda c: c["title"].update(id="  ")),
        "title",
        "language “id” are missing",
        "bahasa “id” belum ada",
    ),
    "a language nobody speaks": (
        changed(lambda c: c["title"].update(fr="Petit")),
        "title",
        "“fr” is not among languages",
        "“fr” tidak ada di languages",
    ),
    "no language": (changed(lambda c: c.update(languages=[])), "languages", "at least one language", "satu bahasa"),
    "a language named twice": (
        changed(lambda c: c.update(languages=["id", "en", "id"])),
        "languages",
        "each once",
        "masing-masing sekali",
    ),
    "an item's name used twice": (
        changed(lambda c: c["items"][1].update(name="Time")),
        "item 2 (Time), name",
        "“Time” is used twice",
        "“Time” dipakai dua kali",
    ),
    "a number used twice": (
        changed(lambda c: c["items"][1].update(number="u1")),
        "item 2 (fee), number",
        "“u1” is used twice",
        "“u1” dipakai dua kali",
    ),
    "a number that is another item's name": (
        changed(lambda c: c["items"][1].update(number="TIME")),
        "item 2 (fee), number",
        "is used twice",
        "dipakai dua kali",
    ),
    "a dimension used twice": (
        changed(lambda c: c["dimensions"].append(c["dimensions"][0])),
        "dimension 2 (one), name",
        "is used twice",
        "dipakai dua kali",
    ),
    "a block used twice": (
        changed(lambda c: c["blocks"].append(c["blocks"][0])),
        "blocks",
        "is used twice",
        "dipakai dua kali",
    ),
    "a bare yes": (
        changed(lambda c: c["items"][0]["label"].update(en=True)).replace("en: true", "en: yes"),
        "item 1 (time), label.en",
        "bare yes",
        "tanpa tanda kutip",
    ),
    "a scale without a word for each of four points": (
        changed(lambda c: c["scales"]["four"]["labels"].pop(3)),
        "scale four, labels",
        "do not fit at 3",
        "tidak cocok pada 3",
    ),
    "a scale whose codes begin at 0": (
        changed(lambda c: c["scales"]["four"]["labels"].update({0: both("nothing")})),
        "scale four, labels",
        "do not fit at 0",
        "tidak cocok pada 0",
    ),
    "a scale of seven without a word for its end": (
        changed(lambda c: c["scales"].update(four=scale(7, "ends")) or c["scales"]["four"]["labels"].pop(7)),
        "scale four, labels",
        "do not fit at 7",
        "tidak cocok pada 7",
    ),
    "a scale of eleven points": (
        changed(lambda c: c["scales"]["four"].update(points=11)),
        "scale four, points",
        "11 is outside the allowed range (limit 10)",
        "11 di luar batas",
    ),
    "a scale of one point": (
        changed(lambda c: c["scales"]["four"].update(points=1)),
        "scale four, points",
        "(limit 2)",
        "(batas 2)",
    ),
    "points that are words": (
        changed(lambda c: c["scales"]["four"].update(points="4")),
        "scale four, points",
        'whole number, but is "4"',
        'bilangan bulat, tetapi berisi "4"',
    ),
    "an unknown scale": (
        changed(lambda c: c["items"][1]["perception"].update(scale="five")),
        "item 2 (fee), perception.scale",
        "no scale “five”",
        "tidak ada skala “five”",
    ),
    "a scale that nobody uses": (
        changed(lambda c: c["scales"].update(five=scale(5))),
        "scale five",
        "no question uses this scale",
        "tidak ada pertanyaan yang memakai skala ini",
    ),
    "an unknown dimension": (
        changed(lambda c: c["items"][1].update(dimension="two")),
        "item 2 (fee), dimension",
        "no dimension “two”",
        "tidak ada dimensi “two”",
    ),
    "a dimension without items": (
        changed(lambda c: c["dimensions"].append({"name": "two", "label": both("Two")})),
        "dimension 2 (two)",
        "no item belongs to the dimension “two”",
        "tidak ada butir dalam dimensi “two”",
    ),
    "a question without a block": (
        changed(lambda c: c["items"][0].update(expectation=c["items"][0]["perception"])),
        "item 1 (time), expectation",
        "no block for “expectation”",
        "tidak ada blok untuk “expectation”",
    ),
    "an item that asks nothing": (
        changed(lambda c: c["items"][0].pop("perception")),
        "item 1 (time)",
        "nothing is asked about “time”",
        "tidak ada yang ditanyakan tentang “time”",
    ),
    "no items": (
        changed(lambda c: c.update(items=[], scales={}, dimensions=[])),
        "items",
        "is empty",
        "kosong",
    ),
    "an unknown aspect": (
        changed(lambda c: c["blocks"][0].update(aspect="memory")),
        "block 1 (memory), aspect",
        '"memory" is not known. Use one of: perception',
        '"memory" tidak dikenal',
    ),
    "an item's name with a space": (
        changed(lambda c: c["items"][0].update(name="waiting time")),
        "item 1 (waiting time), name",
        "“waiting time” cannot be a name",
        "tidak dapat dijadikan nama",
    ),
    "an item's name too long for SPSS": (
        changed(lambda c: c["items"][0].update(name="t" * 30)),
        f"item 1 ({'t' * 30}), name",
        "cannot be a name",
        "tidak dapat dijadikan nama",
    ),
    "a questionnaire's name in capitals": (
        changed(lambda c: c.update(name="Small")),
        "name",
        "“Small” cannot be a name",
        "“Small” tidak dapat dijadikan nama",
    ),
    "an empty number": (
        changed(lambda c: c["items"][0].update(number="")),
        "item 1 (time), number",
        "cannot be a number",
        "tidak dapat menjadi nomor",
    ),
    "a profile code of 0": (
        changed(lambda c: c.update(profile=[PROFILE | {"choices": {0: both("none")}}])),
        "profile question 1 (sex), choices",
        "codes from 1 to 99",
        "kode dari 1 sampai 99",
    ),
    "version 0": (changed(lambda c: c.update(version=0)), "version", "(limit 1)", "(batas 1)"),
    "a version larger than any database counts": (
        changed(lambda c: c.update(version=2**63)),
        "version",
        "outside the allowed range",
        "di luar batas",
    ),
    "more than 100 points to share": (
        changed(lambda c: c.update(points={"question": both("Share"), "total": 250})),
        "points.total",
        "(limit 100)",
        "(batas 100)",
    ),
    "an audience we do not know": (
        changed(lambda c: c.update(audience="everybody")),
        "audience",
        '"everybody" is not known. Use one of: staff.',
        '"everybody" tidak dikenal. Gunakan salah satu dari: staff.',
    ),
    "a picture we cannot draw": (
        changed(lambda c: c["scales"]["four"].update(picture="hearts")),
        "scale four, picture",
        "Use one of: stars.",
        "salah satu dari: stars.",
    ),
    "an index by dimension beside a regulation": (
        changed(lambda c: c.update(index_by="dimension", regulation="skm-2017")),
        "index_by",
        "cannot stand together with regulation:",
        "tidak dapat berdiri bersama regulation:",
    ),
    "an index by dimension that leaves items out": (
        changed(lambda c: c.update(index_by="dimension") or c["items"][0].update(in_index=False)),
        "index_by",
        "in_index: false",
        "in_index: false",
    ),
    "a meaning without a language": (
        changed(lambda c: c["dimensions"][0].update(meaning={"id": "Semua"})),
        "dimension 1 (one), meaning",
        "language “en” are missing",
        "bahasa “en” belum ada",
    ),
    "a list where a word belongs": (
        changed(lambda c: c["items"][0].update(name=["time"])),
        "item 1, name",
        "should be words",
        "seharusnya kata-kata",
    ),
    "a word where a list belongs": (
        changed(lambda c: c.update(languages="id, en")),
        "languages",
        "should be a list",
        "seharusnya daftar",
    ),
    "a word where a mapping belongs": (
        changed(lambda c: c["items"][0].update(label="Time")),
        "item 1 (time), label",
        "“key: value” lines",
        "“kunci: nilai”",
    ),
    "a word where true or false belongs": (
        changed(lambda c: c["items"][0].update(in_index="always")),
        "item 1 (time), in_index",
        "true or false",
        "true atau false",
    ),
    "scales that are a list": (
        changed(lambda c: c.update(scales=["four"])),
        "scales",
        "“key: value” lines",
        "“kunci: nilai”",
    ),
}
REFUSALS_BY_LINE: dict[str, tuple[str, int, str, str]] = {
    "a key that stands twice": ("name: a\nversion: 1\nname: b\n", 3, "“name” stands here", "“name” tertulis dua kali"),
    "an alias": ("name: &n small\ntitle: *n\n", 2, "aliases", "alias"),
    "broken YAML": ("name: small\ntitle: 'unfinished\n", 2, "cannot be read", "tidak terbaca"),
    "a Tab before a key": ("name: small\nscales:\n\tfour:\n", 3, "type spaces", "ketik spasi"),
    "a list as a key": ("name: small\n? [a, b]\n: c\n", 2, "a key must be one word", "kunci harus satu kata"),
    "an impossible number": ("name: small\nversion: 0x_\n", 2, "cannot be read", "tidak terbaca"),
    "a value that lies about its kind": ("name: small\nversion: !!int one\n", 2, "cannot be read", "tidak terbaca"),
    "code of another language": ("name: !!python/object/apply:os.getcwd []\n", 1, "cannot be read", "tidak terbaca"),
    "nesting without end": ("name: " + "[" * 500, 1, f"more than {MAX_DEPTH} levels", f"lebih dari {MAX_DEPTH}"),
}


IN_INDONESIAN = {"item": "butir", "scale": "skala", "dimension": "dimensi", "block": "blok"}
IN_INDONESIAN |= {"profile question": "pertanyaan profil"}
TWO_ITEMS = """name: small
version: 1
languages: [id, en]
minutes: 1
title: {id: Kecil, en: Small}
scales:
  two:
    points: 2
    labels: {1: {id: buruk, en: bad}, 2: {id: baik, en: good}}
dimensions: [{name: one, label: {id: Satu, en: One}}]
blocks: [{aspect: perception, title: {id: Pengalaman, en: Experience}, intro: {id: Isi, en: Fill}}]
items:
  - {name: time, number: U1, dimension: one, label: {id: Waktu, en: Time},
     perception: {question: {id: Waktu?, en: Time?}, scale: two}}
  - name: fee
    number: U2
    dimension: one
    label: {id: Biaya, en: Fee}
    perception: {question: {id: Biaya?, en: Fee?}, scale: two}
"""
UNREADABLE = [
    ("name: small: one\n", "baris 1, kolom 12", "Ada titik dua"),
    ("name: small\ntitle\nversion: 1\n", "baris 3, kolom 1", "Titik dua sesudah kunci"),
    ("name: small\ntitle: 'unfinished\nversion: 1\n", "baris 2, kolom 8", "Tanda kutip atau kurung"),
    ("name: small\n  version: 1\n", "baris 2, kolom 10", "Ada titik dua"),
    ("title:\n    id: a\n  en: b\n", "baris 3, kolom 3", "Spasi di awal baris"),
    ("items:\n  - a\n  b: c\n", "baris 3, kolom 3", "Spasi di awal baris"),
    ("title: 'a' b\n", "baris 1, kolom 12", "Spasi di awal baris"),
    ("languages: [id, en\nname: a\n", "baris 2, kolom 5", "Koma atau kurung"),
    ("title: @small\n", "baris 1, kolom 8", "Ada tanda"),
    ('title: "C:\\users"\n', "baris 1, kolom 13", "Garis miring"),
    ("title: !now a\n", "baris 1, kolom 8", "Tanda seru"),
    ("version: 0x_\n", "baris 1, kolom 10", "Nilai ini"),
]


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_file_is_refused_with_its_name_the_path_and_the_repair_in_both_languages_for(kind: str) -> None:
    text, place, english, indonesian = REFUSALS[kind]
    problem = refusal(text)
    for language, words in (("en", english), ("id", indonesian)):
        lines = problem.say(load_words(language)).splitlines()
        begins = rf"small\.yaml(, (line|baris) \d+)?, {re.escape(in_language(place, language))}: "
        assert [line for line in lines if words in line and re.match(begins, line)], lines


def in_language(place: str, language: str) -> str:
    """A place as the table above names it, in English; keys and names are the file's own in every language."""
    if language == "en":
        return place
    for english, indonesian in IN_INDONESIAN.items():
        place = re.sub(rf"^{english} ", f"{indonesian} ", place)
    return place


def test_what_is_wrong_is_told_with_its_line_and_counted_from_one() -> None:
    """In the file below the second item stands in line 15, its question in line 19 without English; the scale's word
    for code 2 in line 9 has no Indonesian, which is told once although both items use the scale."""
    text = TWO_ITEMS.replace("question: {id: Biaya?, en: Fee?}", "question: {id: Biaya?}").replace(
        "2: {id: baik, en: good}", "2: {en: good}"
    )
    assert refusal(text).say(load_words("id")).splitlines() == [
        "small.yaml, baris 9, skala two, labels.2: kata-kata dalam bahasa “id” belum ada. Tambahkan, atau keluarkan "
        "bahasa itu dari languages:.",
        "small.yaml, baris 19, butir 2 (fee), perception.question: kata-kata dalam bahasa “en” belum ada. Tambahkan, "
        "atau keluarkan bahasa itu dari languages:.",
    ]
    gone = TWO_ITEMS.replace("    number: U2\n", "")
    assert str(refusal(gone)).startswith("small.yaml, line 15, item 2 (fee), number: is missing.")


@pytest.mark.parametrize(("text", "place", "indonesian"), UNREADABLE)
def test_why_a_file_is_no_yaml_is_told_in_the_readers_language(text: str, place: str, indonesian: str) -> None:
    """The reader of YAML speaks English and of its own insides; nobody is shown that."""
    said = refusal(text).say(load_words("id"))
    assert said.startswith(f"small.yaml, {place}: tidak terbaca. {indonesian}"), said
    for of_the_reader in ("expected", "token", "mapping", "found", "(Kata pembaca"):
        assert of_the_reader not in said + str(refusal(text))


@pytest.mark.parametrize("kind", REFUSALS_BY_LINE)
def test_a_file_is_refused_with_its_name_and_the_line_in_both_languages_for(kind: str) -> None:
    text, line, english, indonesian = REFUSALS_BY_LINE[kind]
    problem = refusal(text)
    said = problem.say(load_words("en")), problem.say(load_words("id"))
    assert re.match(rf"small\.yaml, line {line}[:,]", said[0]) and english in said[0]
    assert re.match(rf"small\.yaml, baris {line}[:,]", said[1]) and indonesian in said[1]


def test_everything_wrong_in_a_file_is_told_at_once() -> None:
    def spoil(c: dict[str, Any]) -> None:
        c["items"][0]["name"] = "waiting time"
        c["items"][1]["dimension"] = "two"
        c["title"].pop("en")

    assert len(refusal(changed(spoil)).say(load_words("en")).splitlines()) == 3


def test_a_good_file_is_good_before_it_is_spoilt() -> None:
    assert parse_questionnaire(changed(lambda c: None), "small.yaml").columns


def test_a_file_larger_than_a_megabyte_is_refused_before_it_is_read() -> None:
    text = "name: small\n" + "#" * MAX_BYTES
    assert str(MAX_BYTES) in refusal(text).say(load_words("id"))


def test_a_file_whose_top_is_a_list_is_refused() -> None:
    assert "“key: value” lines" in str(refusal("- a\n- b\n"))


def test_an_empty_file_is_refused() -> None:
    assert "“key: value” lines" in str(refusal(""))


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_bytes(yaml_of(content(title={"id": "Kecil", "en": "Café"})).encode("latin-1"))
    with pytest.raises(Problem, match="UTF-8") as caught:
        load_questionnaire(file)
    assert str(file) in str(caught.value)


def test_a_file_must_be_called_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "other.yaml"
    file.write_text(yaml_of(content()), encoding="utf-8")
    with pytest.raises(Problem, match=r"Name the file small\.yaml"):
        load_questionnaire(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cannot be read"):
        load_questionnaire(tmp_path / "small.yaml")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no such folder"):
        load_questionnaires(tmp_path / "nowhere")


# --- the instruments that are still to come fit the format


def test_a_scale_of_seven_may_word_its_ends_alone_or_its_ends_and_middle() -> None:
    for worded in ("ends", "ends and middle"):
        q = questionnaire("time", scales={"four": scale(7, worded)})
        assert [column.codes for column in q.columns] == [7]


def test_six_stars_are_a_scale_of_six_with_worded_ends() -> None:
    assert questionnaire("time", scales={"four": scale(6, "ends")}).columns[0].codes == 6


def test_expectation_and_perception_may_have_different_scales() -> None:
    q = questionnaire(
        "time",
        aspects=("expectation", "perception"),
        scale_of={"expectation": "seven"},
        scales={"four": scale(), "seven": scale(7, "ends")},
    )
    assert {column.name: column.codes for column in q.columns} == {"E_time": 7, "P_time": 4}


def test_three_columns_minimum_expectation_and_perception_are_kept_block_by_block() -> None:
    q = questionnaire("time", "fee", aspects=("minimum", "expectation", "perception"))
    assert [column.name for column in q.columns] == ["M_time", "M_fee", "E_time", "E_fee", "P_time", "P_fee"]
    assert q.aspects() == (Aspect.MINIMUM, Aspect.EXPECTATION, Aspect.PERCEPTION)


def test_points_over_dimensions_are_columns_of_101_codes_after_all_others() -> None:
    """0 to 100 points are kept as 1 to 101; 0 stays *not answered*."""
    names = ["tangibles", "empathy"]
    made = content("time", "fee", points={"question": both("Share 100 points")})
    made["dimensions"] = [{"name": name, "label": both(name)} for name in names]
    for item, name in zip(made["items"], names, strict=True):
        item["dimension"] = name
    q = parse_questionnaire(yaml_of(made), "small.yaml")
    assert [(c.name, c.codes, c.item) for c in q.columns[2:]] == [("W_tangibles", 101, None), ("W_empathy", 101, None)]


def test_fourteen_elements_without_an_expectation_are_fourteen_columns() -> None:
    """KEP/25/M.PAN/2/2004 has fourteen elements and asks perception alone."""
    q = questionnaire(*(f"element{n}" for n in range(1, 15)))
    assert len(q.columns) == 14
    assert [q.column_called(f"U{n}") for n in range(1, 15)] == list(q.columns)


def test_an_item_may_be_asked_in_one_block_and_left_out_of_another() -> None:
    made = content("time", "fee", aspects=("expectation", "perception"))
    del made["items"][1]["expectation"]
    q = parse_questionnaire(yaml_of(made), "small.yaml")
    assert [column.name for column in q.columns] == ["E_time", "P_time", "P_fee"]


def test_an_item_may_be_left_out_of_the_index() -> None:
    made = content("time", "fee")
    made["items"][1]["in_index"] = False
    assert [i.in_index for i in parse_questionnaire(yaml_of(made), "small.yaml").items] == [True, False]


def test_a_questionnaire_may_speak_one_language() -> None:
    def in_indonesian(part: Any) -> Any:
        if isinstance(part, dict):
            return {k: in_indonesian(v) for k, v in part.items() if k != "en"}
        return [in_indonesian(p) for p in part] if isinstance(part, list) else part

    made = in_indonesian(content()) | {"languages": ["id"]}
    assert parse_questionnaire(yaml_of(made), "small.yaml").languages == ("id",)


# --- order, digest, headings


def test_the_position_of_a_column_is_the_position_of_its_byte() -> None:
    q = shipped()
    assert [q.positions[column.name] for column in q.columns] == list(range(18))


def test_the_digest_does_not_see_the_layout_of_the_file() -> None:
    made = content("time", "fee")
    turned = {key: made[key] for key in reversed(made)}
    flow = "# a comment\n" + yaml.dump(turned, Dumper=NoAliases, default_flow_style=True)
    plain = parse_questionnaire(yaml_of(made), "a")
    assert parse_questionnaire(yaml_of(turned), "b").digest == plain.digest
    assert parse_questionnaire(flow, "c").digest == plain.digest


def test_a_scale_written_in_place_has_the_digest_of_a_scale_with_a_name() -> None:
    made = content()
    made["items"][0]["perception"]["scale"] = made.pop("scales")["four"]
    assert parse_questionnaire(yaml_of(made), "a").digest == questionnaire().digest


@pytest.mark.parametrize(
    ("former", "present"),
    [
        ("Seberapa cepat layanan", "Seberapa lambat layanan"),
        ("en: Very fast", "en: Quite fast"),
        ("version: 2", "version: 3"),
        ("minutes: 4", "minutes: 5"),
        ("number: U3", "number: U33"),
        ("name: time", "name: duration"),
        ("What is your sex?", "Which sex are you?"),
    ],
)
def test_the_digest_changes_with_any_word_or_number(former: str, present: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert text.count(former) >= 1
    assert parse_questionnaire(text.replace(former, present, 1), "x").digest != shipped().digest


def test_the_digest_is_the_same_in_every_process_and_release() -> None:
    """Kept here word for word: if this fails, every stored response would lose its questionnaire."""
    assert questionnaire("time").digest == "2eac8606a3c3e0d68f4a6417a9a816eb93d08b8f9549646e0b232d45ad9c40d6"


def test_what_was_written_canonically_reads_back_as_the_same_questionnaire() -> None:
    for q in (shipped(), questionnaire("time", points={"question": both("Share")})):
        again = Questionnaire.from_canonical(q.canonical)
        assert again == q and again.digest == q.digest and again.columns == q.columns


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("P_time", "P_time"),
        ("p_TIME ", "P_time"),
        ("time", "P_time"),
        ("U3", "P_time"),
        ("u3", "P_time"),
        ("P_U3", "P_time"),
        ("E_U3", "E_time"),
        ("E_time", "E_time"),
    ],
)
def test_a_heading_is_found_by_name_or_number(heading: str, column: str) -> None:
    found = shipped().column_called(heading)
    assert found is not None and found.name == column


@pytest.mark.parametrize("heading", ["", " ", "U10", "E_U10", "X_time", "U3b", "nama responden"])
def test_a_heading_that_means_nothing_finds_nothing(heading: str) -> None:
    assert shipped().column_called(heading) is None


def test_a_column_is_always_found_by_its_own_name() -> None:
    """An item called ``P_time`` must not catch what the column of ``time`` is called."""
    q = questionnaire("P_time", "time")
    for column in q.columns:
        assert q.column_called(column.name) == column


# --- whatever is thrown at it

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["id", "en"])
KEYS = st.sampled_from(sorted({*content(), *content()["items"][0], "question", "scale", "points", "labels", "choices"}))
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | LEAVES, inner, max_size=4), max_leaves=12
)


def reads_or_tells(text: str) -> None:
    try:
        parse_questionnaire(text, "small.yaml")
    except Problem as problem:
        for language in LANGUAGES:
            assert problem.say(load_words(language)).encode()


def with_one_byte_changed(raw: bytes) -> st.SearchStrategy[bytes]:
    places = st.integers(0, len(raw) - 1)
    return st.tuples(places, st.binary(min_size=1, max_size=1)).map(lambda at: raw[: at[0]] + at[1] + raw[at[0] + 1 :])


@given(st.dictionaries(KEYS, TREES, max_size=8))
@settings(max_examples=80, deadline=None)
def test_any_tree_is_a_questionnaire_or_a_problem_in_words(tree: dict[str, Any]) -> None:
    reads_or_tells(yaml_of(content() | tree))


@given(st.text(max_size=60) | st.text(alphabet="ab:-?[]{}&*!|>%@\"'# \n\t0x_.~<=,", max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_questionnaire_or_a_problem_in_words(text: str) -> None:
    reads_or_tells(text)


@given(st.sampled_from(["!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!binary", "!!set", "!!omap", "!x"]))
@settings(deadline=None)
def test_any_tag_is_a_questionnaire_or_a_problem_in_words(tag: str) -> None:
    for value in ("x", "[a]", "{a: b}", "''", "0x_", "9" * 5000):
        reads_or_tells(f"name: {tag} {value}\n? {tag} {value}\n: a\n")


@given(st.binary(max_size=200) | st.just(SHIPPED.read_bytes()).flatmap(with_one_byte_changed))
@settings(max_examples=100, deadline=None)
def test_any_bytes_in_a_file_are_a_questionnaire_or_a_problem_in_words(raw: bytes) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / SHIPPED.name
        file.write_bytes(raw)
        with contextlib.suppress(Problem):
            load_questionnaire(file)


def test_keys_added_later_leave_the_digest_of_earlier_files_as_it_was() -> None:
    """A published version is compared by its digest at every start; this one was computed before the keys came."""
    assert questionnaire("time", "fee").digest == "27db84d43c6cb5c144708a56db85a18bdb7c25129a08c7afdf74587f16d12d76"
    plain, marked = questionnaire("time"), questionnaire("time", audience="staff")
    assert plain.digest != marked.digest
    assert Questionnaire.from_canonical(marked.canonical) == marked
