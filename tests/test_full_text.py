"""The full evaluation as text: every part has its heading, its n and its reasons, in both languages."""

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest

from analysis.evaluate import QUESTIONNAIRES, main
from survey.questionnaire import load_questionnaire
from survey.words import LANGUAGES, load_words
from tests.numbers import REFERENCE, SERVQUAL, questionnaire_text, reference

PARTS = ("certainty", "gaps", "reliability", "validity", "priorities", "comparison", "trend", "sample", "quality")
OTHERS = ("servqual-22", "egov-2003-citizen", "egov-2003-staff", "zi-spkp-spak")


def text(file: Path, questionnaire: object, language: str, *options: object) -> str:
    """What the command prints with ``--full`` and without ``--json``."""
    out, err = io.StringIO(), io.StringIO()
    arguments = ["evaluate", str(file), "--questionnaire", str(questionnaire), "--full", "--language", language]
    assert main([*arguments, *map(str, options)], out, err) == 0, err.getvalue()
    return out.getvalue()


def part(told: str, name: str, language: str) -> str:
    """The lines under one heading."""
    return told.partition(f"\n{load_words(language)(f'full.title.{name}')}\n")[2].partition("\n\n")[0]


@pytest.fixture(scope="module")
def servqual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """22 items asked twice on seven points."""
    file = tmp_path_factory.mktemp("servqual") / "servqual.yaml"
    asked = {dimension: [f"{dimension}{k}" for k in range(1, n + 1)] for dimension, n in SERVQUAL.items()}
    file.write_text(questionnaire_text(asked, points=7, name="servqual"), encoding="utf-8")
    return file


def made(folder: Path, name: str, n: int = 60) -> Path:
    """Answers of so many made-up persons to a shipped questionnaire."""
    asked, chance = load_questionnaire(QUESTIONNAIRES / f"{name}.yaml"), np.random.default_rng(3)
    columns = [column for column in asked.columns if not column.name.startswith("W_")]
    file = folder / f"{name}.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow([column.name for column in columns])
        writer.writerows([[int(chance.integers(1, column.codes + 1)) for column in columns] for _ in range(n)])
    return file


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_is_told_with_its_heading_in_both_languages(servqual: Path, language: str) -> None:
    """In one order, nothing empty, and nothing that a program says instead of a word."""
    told = text(REFERENCE / "servqual400.csv", servqual, language, "--population", 2000, "--group", "unit")
    places = [told.index(f"\n{load_words(language)(f'full.title.{name}')}\n") for name in PARTS]
    assert places == sorted(places)
    assert all(part(told, name, language).strip() for name in PARTS)
    assert not re.search(r"\bnan\b|\bNone\b|\{|\}", told)


def test_the_lines_say_what_r_says(servqual: Path) -> None:
    """Alpha of one scale with its interval and n, and the fit of the five dimensions."""
    told = text(REFERENCE / "servqual400.csv", servqual, "en", "--group", "unit")
    alpha = reference()["reliability"]["P"]["REL"]
    assert any(
        f"alpha {alpha['alpha_listwise']:.2f} (95%: {alpha['ci95_feldt_F'][0]:.2f} to {alpha['ci95_feldt_F'][1]:.2f}; "
        f"n = {alpha['n_complete']})" in found
        for found in part(told, "reliability", "en").splitlines()
    )
    fit = reference()["cfa_P"]["fit"]
    assert f"chi-square = {fit['chisq']:.2f}, df {fit['df']:.0f}" in part(told, "validity", "en")
    assert f"CFI {fit['cfi']:.3f}" in part(told, "validity", "en")


def test_the_grade_of_a_unit_is_told_with_its_probability() -> None:
    """As the JSON says, of every unit."""
    told = part(text(REFERENCE / "servqual400.csv", "skm-2017-servqual", "en", "--group", "unit"), "certainty", "en")
    units = [line for line in told.splitlines() if line.strip().startswith("u0")]
    assert len(units) == 4
    assert all(re.search(r"n = \d+\) [ABCD] \(probability of this grade \d+\.\d%\)$", line) for line in units), units


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_defined_has_its_reason(tmp_path: Path, language: str) -> None:
    """One respondent: hardly anything is defined, and each part says why."""
    file = tmp_path / "one.csv"
    file.write_text("U1,U2,U3,U4,U5,U6,U7,U8,U9\n4,3,2,4,1,3,4,2,3\n", encoding="utf-8")
    told = text(file, "skm-2017", language)
    words = load_words(language)
    assert words("reason.one_respondent") in part(told, "certainty", language)
    assert words("reason.no_timings") in part(told, "quality", language)
    assert not re.search(r"\bnan\b|\bNone\b|\binf\b", told)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("name", OTHERS)
def test_an_index_that_is_not_the_official_one_says_so(tmp_path: Path, name: str, full: bool, language: str) -> None:
    """With and without ``--full``, also while an item has no answer."""
    wanted = "bukan IKM resmi" if language == "id" else "not the official IKM"
    file = made(tmp_path, name)
    for source in (file, without_first_column(file)):
        out, err = io.StringIO(), io.StringIO()
        options = ["--full"] if full else []
        assert main(["evaluate", str(source), "--questionnaire", name, "--language", language, *options], out, err) == 0
        assert wanted in out.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_official_index_never_says_that_it_is_not(tmp_path: Path, language: str) -> None:
    told = text(made(tmp_path, "skm-2017"), "skm-2017", language)
    assert "bukan IKM resmi" not in told and "not the official IKM" not in told


def without_first_column(file: Path) -> Path:
    """The same file without the answers to the first column that enters an index."""
    rows = [line.split(",") for line in file.read_text(encoding="utf-8").splitlines()]
    at = next(place for place, heading in enumerate(rows[0]) if heading.startswith("P_"))
    other = file.with_name(f"less-{file.name}")
    other.write_text("\n".join(",".join(row[:at] + row[at + 1 :]) for row in rows) + "\n", encoding="utf-8")
    return other


def test_the_json_says_that_it_is_not_official(tmp_path: Path) -> None:
    """``index.official`` or every ``indices[].official`` is false."""
    for name in OTHERS:
        out, err = io.StringIO(), io.StringIO()
        assert main(["evaluate", str(made(tmp_path, name)), "--questionnaire", name, "--json"], out, err) == 0
        found = json.loads(out.getvalue())
        told = [found["index"], *found["indices"]]
        assert [index["official"] for index in told if index] == [False] * sum(map(bool, told))
        assert any(told)
