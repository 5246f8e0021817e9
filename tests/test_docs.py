"""Does the documentation say what the program does?"""

import argparse
import io
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from analysis.evaluate import main as run_analysis
from analysis.evaluate import make_parser as analysis_parser
from survey import questionnaire as q
from survey.commands.command_line import make_parser as survey_parser
from survey.questionnaire import parse_questionnaire
from survey.settings import ROOT, SETTINGS
from survey.store import Store
from survey.words import load_words
from tests.benchmarks import importing, load, pages, submissions
from tests.builders import respond

README, README_ID = ROOT / "README.md", ROOT / "README.id.md"
QUESTIONNAIRES = ROOT / "questionnaires" / "README.md"
SET_UP = "pip install -r requirements.txt && streamlit run app.py"
TEST = "pip install -r requirements.txt -r tests/requirements.txt && pytest"
PARTS: tuple[type[BaseModel], ...] = (
    q.Questionnaire,
    q.Scale,
    q.Dimension,
    q.Block,
    q.Item,
    q.Question,
    q.ProfileQuestion,
    q.Points,
    q.CommentQuestion,
)


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def tracked(pattern: str = "") -> list[Path]:
    """The files of the project, as git knows them; all files where there is no git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name.endswith(pattern) and (ROOT / name).is_file()]


def blocks(path: Path, language: str) -> list[str]:
    """The fenced blocks of a language in a Markdown file."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text(path), re.MULTILINE | re.DOTALL)


def rows(path: Path) -> list[list[str]]:
    """The cells of every table row in a Markdown file."""
    lines = [line for line in text(path).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def without_code(markdown: str) -> str:
    return re.sub(r"^```.*?^```$", "", markdown, flags=re.MULTILINE | re.DOTALL)


def anchors(path: Path) -> set[str]:
    """The places of a Markdown file that a link may name."""
    headings = re.findall(r"^#+ (.*)$", without_code(text(path)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_two_commands_stand_in_the_readme_word_for_word() -> None:
    lines = text(README).splitlines()
    assert SET_UP in lines
    assert TEST in lines
    assert SET_UP in text(README_ID).splitlines()


@pytest.mark.parametrize("about", ["Jika kantor memakai karcis", "Jika sebuah program memerlukan token"])
def test_the_indonesian_guide_names_what_stands_on_the_screens(about: str) -> None:
    """Whatever the guide sets in italics is to be found on a screen, word for word; holes stand for numbers."""
    (section,) = re.findall(rf"^### {about}\n(.*?)^##", text(README_ID), re.MULTILINE | re.DOTALL)
    named = {" ".join(name.split()) for name in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", section)}
    assert len(named) >= 6
    assert named - set(load_words("id").sentences.values()) == set()


def test_no_setting_is_told_that_is_not_there() -> None:
    assert set(re.findall(r"`(SURVEY_[A-Z_]+)`", text(README))) == {setting.name for setting in SETTINGS}


def _commands() -> list[tuple[str, argparse.ArgumentParser]]:
    """Every command of ours, with what it understands."""
    found = []
    for parser in (analysis_parser(load_words("en")), survey_parser(load_words("en"))):
        (commands,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
        found += [(f"{parser.prog} {name}", command) for name, command in commands.choices.items()]
    return found


def _actions(command: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """What a command understands, and what the commands below it do."""
    for action in command._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _actions(below)


@pytest.mark.parametrize(("name", "command"), _commands(), ids=[name for name, _ in _commands()])
def test_a_command_stands_in_the_readme_with_its_options_and_choices_and_no_others(
    name: str, command: argparse.ArgumentParser
) -> None:
    (row,) = (row for row in rows(README) if row[0].startswith((f"`{name} ", f"`{name}`")))
    told = " ".join(row)
    understood = list(_actions(command))
    options = {option for action in understood for option in action.option_strings}
    assert set(re.findall(r"--[a-z-]+", told)) == {option for option in options if option.startswith("--")}
    for choice in (choice for action in understood for choice in action.choices or ()):
        assert re.search(rf"\b{re.escape(str(choice))}\b", told), choice


def test_every_command_told_in_the_readme_can_be_started() -> None:
    for module in re.findall(r"`python -m ([a-z_.]+)", text(README)):
        place = ROOT / module.replace(".", "/")
        assert place.with_suffix(".py").is_file() or (place / "__main__.py").is_file(), module
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_the_benchmarks_are_told_where_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """Each explains itself on ``--help``, and its options stand in the README of the benchmarks."""
    told = text(ROOT / "tests" / "benchmarks" / "README.md")
    for module in (submissions, load, pages, importing):
        assert f"python -m {module.__name__}" in told
        with pytest.raises(SystemExit):
            module.main(["--help"])
        for option in re.findall(r"--[a-z]+", capsys.readouterr().out):
            assert option in told or option == "--help"


def test_the_example_of_the_auditors_command_prints_what_the_readme_prints(tmp_path: Path) -> None:
    """The CSV and the output stand in the README; the index by hand: 29 of 36 points, 725/9 = 80.5556."""
    (answers,) = blocks(README, "csv")
    (printed,) = blocks(README, "text")
    (tmp_path / "answers.csv").write_text(answers, encoding="utf-8")
    (command,) = re.findall(r"^python -m analysis (evaluate answers\.csv .*)$", text(README), re.MULTILINE)
    out, err = io.StringIO(), io.StringIO()
    arguments = [str(tmp_path / word) if word == "answers.csv" else word for word in command.split()]
    assert run_analysis(arguments, out, err) == 0, err.getvalue()
    assert out.getvalue() == printed


def test_every_key_of_a_questionnaire_stands_in_its_table() -> None:
    told = {row[1] for row in rows(QUESTIONNAIRES) if len(row) == 4}
    keys = {f"`{name}`" for part in PARTS for name in part.model_fields} | {"`scales`"}
    assert keys <= told, keys - told
    assert {key for key in told if key.startswith("`")} <= keys


def test_the_table_says_which_keys_are_needed() -> None:
    place = ""
    needed: dict[tuple[str, str], bool] = {}
    for row in rows(QUESTIONNAIRES):
        if len(row) == 4 and row[1].startswith("`"):
            place = row[0] or place
            needed[place, row[1].strip("`")] = row[2] == "yes"
    parts = dict(zip(dict.fromkeys(place for place, _ in needed), PARTS, strict=True))
    for (place, key), yes in needed.items():
        if key != "scales":
            assert parts[place].model_fields[key].is_required() == yes, (place, key)


def test_the_example_questionnaire_loads_and_can_be_counted() -> None:
    (example,) = blocks(QUESTIONNAIRES, "yaml")
    questionnaire = parse_questionnaire(example, "README.md")
    assert [column.name for column in questionnaire.columns] == ["P_friendly"]


def test_the_shipped_questionnaires_are_listed() -> None:
    listed = set(re.findall(r"^\| `([a-z0-9-]+)\.yaml` \|", text(QUESTIONNAIRES), re.MULTILINE))
    assert listed == {path.stem for path in QUESTIONNAIRES.parent.glob("*.yaml")}


def test_the_query_of_the_view_works(store: Store) -> None:
    respond(store, time=4)
    (query,) = blocks(ROOT / "survey" / "README.md", "sql")
    with store.reading.connect() as connection:
        counted = connection.exec_driver_sql(query).all()
    assert ("P_time", 4, 1) in [tuple(row) for row in counted]


@pytest.mark.parametrize("path", tracked(".md"), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_and_picture_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text(path))):
        if re.match(r"https?://|mailto:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), target
        if anchor:
            assert anchor in anchors(found / "README.md" if found.is_dir() else found), target


@pytest.mark.parametrize("path", tracked(".md"), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_named_in_a_table_of_contents_is_there(path: Path) -> None:
    for row in rows(path):
        for name in re.findall(r"`([\w/.-]+\.(?:py|yaml|md|js|css|html|txt|toml))`", row[0]):
            if "data" in path.parts or name.startswith("data/") or "<" in name:
                continue
            assert (path.parent / name).exists() or (ROOT / name).exists(), name


def test_every_folder_of_code_says_what_it_holds() -> None:
    """A folder's own README names each module of it, or, where there is none, the one above."""
    for folder in ("questionnaires", "tests", "tests/benchmarks", "tests/harness", "data"):
        assert len(text(ROOT / folder / "README.md")) > 200, folder
    unnamed = [
        str(module.relative_to(ROOT))
        for package in ("survey", "analysis")
        for module in sorted((ROOT / package).rglob("*.py"))
        if module.name not in ("__init__.py", "__main__.py") and "migrations" not in module.parts
        if f"`{module.name}`" not in text(module.parent / "README.md")
    ]
    assert unnamed == []


def test_changes_and_licence_are_there() -> None:
    assert "## 0.1.0" in text(ROOT / "CHANGELOG.md")
    licence = text(ROOT / "LICENSE")
    assert "Apache License" in licence
    assert "Copyright 2026 The authors of the survey platform" in licence


def test_nothing_names_the_machine_it_was_written_on() -> None:
    """No path of a work place, and no registry: packages come from wherever this computer is set to take them."""
    forbidden = re.compile("/wor" + "k/|/roo" + "t/|index-" + "url|trusted-" + "host|find-" + "links")
    named = []
    for path in tracked():
        try:
            content = text(path)
        except UnicodeDecodeError:
            continue  # a picture
        named += [f"{path.relative_to(ROOT)}: {found.group()}" for found in forbidden.finditer(content)]
    assert named == []
