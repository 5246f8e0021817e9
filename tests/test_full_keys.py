"""Are the keys of the full evaluation those that analysis/README.md documents, no more and no less?"""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.evaluate import main
from tests.numbers import REFERENCE, SERVQUAL, questionnaire_text

README = Path(__file__).parent.parent / "analysis" / "README.md"
NAMES = {"name"}


def section() -> str:
    return README.read_text(encoding="utf-8").partition("## Keys of --full")[2].partition("\n## ")[0]


def shapes() -> dict[str, set[str]]:
    """The objects that occur often, by name, with their keys (those before the colon, and no types in brackets)."""
    found = {}
    for name, keys in re.findall(r"^\| \*([a-z ]+)\* \| (.+) \|$", section(), flags=re.MULTILINE):
        told = re.sub(r"\([^)]*\)", "", keys.partition(": ")[0])
        found[name] = set(re.findall(r"`([^`]+)`", told))
    return found


def documented() -> dict[str, str]:
    """Every documented path with its meaning."""
    found = {}
    for part in re.split(r"^### ", section(), flags=re.MULTILINE)[1:]:
        base = re.findall(r"`([^`]+)`", part)[0]
        for keys, meaning in re.findall(r"^\| (`.+?`) \| (.+) \|$", part, flags=re.MULTILINE):
            found |= {f"{base}.{key}": meaning for key in re.findall(r"`([^`]+)`", keys)}
    return found


def walk(value: Any, path: str, told: dict[str, str]) -> Iterator[str]:
    """Every path of the JSON down to documented objects; checks that these have the keys of their shape."""
    shape = next(iter(re.findall(r"^\*([a-z ]+)\*", told.get(path, ""))), None)
    if shape:
        yield path
        for one in value if isinstance(value, list) else [value]:
            assert one is None or set(one) - NAMES == shapes()[shape] - NAMES, path
    elif isinstance(value, dict) and not told.get(path, "").startswith("by name"):
        if path in told:
            yield path
        for key, inside in value.items():
            yield from walk(inside, f"{path}.{key}".lstrip("."), told)
    elif isinstance(value, list) and any(isinstance(inside, dict) for inside in value):
        for inside in value:
            yield from walk(inside, f"{path}[]", told)
    elif not (isinstance(value, list) and not value and any(key.startswith(f"{path}[]") for key in told)):
        yield path


def full(*arguments: object) -> dict[str, Any]:
    out, err = io.StringIO(), io.StringIO()
    assert main(["evaluate", *map(str, arguments), "--json", "--full"], out, err) == 0, err.getvalue()
    found: dict[str, Any] = json.loads(out.getvalue())["full"]
    return found


def test_the_keys_are_those_of_the_readme(tmp_path: Path) -> None:
    """Three evaluations in which everything occurs: 22 pairs, nine elements with margins, and the three-column form."""
    asked = {dimension: [f"{dimension}{k}" for k in range(1, n + 1)] for dimension, n in SERVQUAL.items()}
    (tmp_path / "servqual.yaml").write_text(questionnaire_text(asked, points=7, name="servqual"), encoding="utf-8")
    three = ["minimum", "expectation", "perception"]
    text = questionnaire_text({"d": ["x", "y"]}, points=5, aspects=three, name="three", share_points=True)
    (tmp_path / "three.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "three.csv").write_text("M_x,E_x,P_x,M_y,E_y,P_y,W_d\n1,3,2,2,5,4,100\n2,4,4,1,3,5,100\n", "utf-8")
    (tmp_path / "margins.csv").write_text("variable,group,people\ngender,F,1\ngender,M,1\ngender,X,0\n", "utf-8")
    file, groups = REFERENCE / "servqual400.csv", ("--group", "gender", "--group", "unit", "--mode", "gender")
    evaluated = [
        full(file, "--questionnaire", tmp_path / "servqual.yaml", *groups),
        full(
            file,
            "--questionnaire",
            "skm-2017-servqual",
            *groups,
            "--target",
            500,
            "--weight-margins",
            tmp_path / "margins.csv",
        ),
        full(tmp_path / "three.csv", "--questionnaire", tmp_path / "three.yaml"),
    ]
    told = documented()
    found = {path for one in evaluated for path in walk(one, "", told)}
    nullable = {path for path in found if any(key.startswith(f"{path}.") for key in told)} - set(told)
    assert found - nullable == set(told)
