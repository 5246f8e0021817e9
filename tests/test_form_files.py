"""Does what travels still say what was written?"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from survey.form import files
from survey.words import LANGUAGES, load_words

LATER = [name for name in files.LATER if name.endswith(".js")]
SOURCES = [(files.FOLDER / name) for name in (*files.SCRIPTS, *LATER, "page.js", "service-worker.js")]


def test_comments_and_indentation_stay_at_home_and_strings_stay_whole() -> None:
    written = (
        "// What is it?\n"
        "const words = { quiet: 'a  -  const b, c' };  \n"
        "const half = (one) => one / 2; // of it\n"
        "if (half(4) === 2) {\n"
        "  go(`${ words.quiet }  ;}`, a + +b);\n"
        "}\n"
    )
    assert files.without_comments(written, ".js") == (
        'let words={quiet:"a  -  const b, c"};let half=(one)=>one/2;'
        "if(half(4)===2){go(`${ words.quiet }  ;}`,a + +b)}\n"
    )


def test_colours_have_short_names_alike_in_every_style() -> None:
    """Fewer than 27, one letter each; a script names the tints by number."""
    token = r"(--[a-z][a-z0-9-]*)"
    travelling = {name: files.read(name) for name in ("form.css", "scales.css", "operator.css", "invitation.css")}
    named = set(re.findall(token + ":", travelling["form.css"]))
    assert all(re.fullmatch(r"--([a-z]|tint[1-4])", name) for name in named)
    assert {used for text in travelling.values() for used in re.findall(rf"var\({token}\)", text)} <= named


def test_a_number_stands_where_its_name_was_used() -> None:
    written = "const LEASE = 30 * 1000; // ms\nconst LEASED = 2;\nwait(2 * LEASE, one.LEASE, 'LEASE', LEASED);\n"
    assert files.without_comments(written, ".js") == 'wait(2*30000,one.LEASE,"LEASE",2);'


def test_a_selector_keeps_the_space_that_means_something() -> None:
    written = "/* Why\n   so. */\n.survey :focus,\n.a > .b {\n  margin: 0 auto;\n}\n"
    assert files.without_comments(written, ".css") == ".survey :focus,.a>.b{margin:0 auto;}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_the_scripts_keep_the_rules_that_the_short_form_relies_on(path: Path) -> None:
    """One string on one line, no escaped and no double quotation mark, a comment alone or behind ``;``."""
    numbers = re.findall(r"^const ([A-Z_]+) = \d", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        code = re.sub(r"(?<=;) // .*|^\s*//.*", "", line)
        where = f"{path.name}, line {number}"
        assert "\\'" not in code and "\\`" not in code, where
        assert code.count("`") % 2 == 0, where
        assert " // " not in re.sub(r"'[^']*'|`[^`]*`", "", code), where
        assert "/*" not in code, where
        assert '"' not in re.sub(r"`[^`]*`", "", code), where
        assert not any(name in said for said in re.findall(r"`[^`]*`", code) for name in numbers), where
        assert not re.search(r"(^|\)|;)\s*;", re.sub(r"\);|for \([^)]*\)", "", code)), f"{where}: an empty statement"


def test_no_two_modules_use_the_same_name_at_their_top_level() -> None:
    """They stand side by side in one script on the light page."""
    names: list[str] = []
    for name in (*files.SCRIPTS, "page.js"):
        text = (files.FOLDER / name).read_text(encoding="utf-8")
        names += re.findall(r"^(?:export )?(?:async )?(?:const|let|function) (\w+)", text, flags=re.MULTILINE)
    assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)


@pytest.mark.skipif(shutil.which("node") is None, reason="only looks at the syntax; the browser tests run the scripts")
def test_the_joined_script_is_correct_javascript() -> None:
    joined = files.joined(*files.SCRIPTS, "page.js")
    assert not re.search(r"^import", joined, re.MULTILINE)
    node = shutil.which("node") or ""
    command = [node, "--check", "--input-type=module"]
    checked = subprocess.run(command, check=False, input=joined.encode(), capture_output=True)
    assert checked.returncode == 0, checked.stderr.decode()


def test_the_version_names_exactly_these_files() -> None:
    assert re.fullmatch("[0-9a-f]{10}", files.version())
    assert set(files.assets()) == {*files.SCRIPTS, *files.STYLES, *files.LATER}


def test_every_word_of_the_form_is_said_and_every_word_said_is_there() -> None:
    """Keys made of parts (``thanks_stored``, ``kiosk.idle_text``) are found by their parts."""
    scripts = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    known = set(load_words("id").under("form."))
    said = set(re.findall(r"(?:say|complain)\('([\w.]+)'", scripts)) | set(
        re.findall(r"'((?:points|kiosk)\.\w+)'", scripts)
    )
    assert said <= known | {"kiosk.idle"}, said - known
    staff = set(load_words("id").sentences)
    assert set(re.findall(r"sentence\('([\w.]+)'", scripts)) <= staff
    quoted = set(re.findall(r"'([\w.]+)'", scripts))
    made = {f"thanks_{state}" for state in ("stored", "aside")}
    made |= {f"{fact}{more}" for fact in ("anonymous", "free", "kept", "touch") for more in ("", "_more")}
    made |= {f"{why}{part}" for why in ("over", "kiosk.idle") for part in ("", "_text")}
    definition = (files.FOLDER / "definition.py").read_text(encoding="utf-8")
    made |= set(re.findall(r'words\("form\.([\w.]+)"', definition))
    unused = known - said - quoted - made - {"language"}
    assert not unused, unused


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_the_form_are_short_enough_for_their_place(language: str) -> None:
    words = load_words(language)
    for key in ("back", "next", "skip", "start", "send", "kiosk.finish", "wipe", "go_on"):
        assert len(words(f"form.{key}")) <= 18, key
