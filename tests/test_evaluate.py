"""The command of the auditors, run as they run it, on good files and on every kind of bad one."""

import io
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.evaluate import main, make_parser
from survey.words import load_words
from tests.numbers import ELEMENTS, matrix, questionnaire_text, skm, with_sums

ROOT = Path(__file__).parent.parent
README = ROOT / "analysis" / "README.md"
SEKADAU = with_sums([138, 139, 150, 177, 159, 163, 161, 143, 159], 49)
SMALL = {"d": ["x"], "e": ["y", "z"]}


def write(
    folder: Path, headings: Sequence[str], rows: Sequence[Sequence[Any]], *, sign: str = ",", end: str = "\n"
) -> Path:
    """A CSV file."""
    file = folder / "answers.csv"
    lines = [sign.join(headings), *(sign.join(map(str, row)) for row in rows)]
    file.write_bytes((end.join(lines) + end).encode())
    return file


def regency(folder: Path, headings: Sequence[str] | None = None, **how: Any) -> Path:
    """49 rows with the sums of the published worked case, by default under U1 to U9, after a column of numbers."""
    names = headings or [f"U{k}" for k in range(1, 10)]
    rows = [[k + 1, *(SEKADAU[name][k] for name in ELEMENTS)] for k in range(49)]
    return write(folder, ["resp", *names], rows, **how)


def run(*arguments: object) -> tuple[int, str, str]:
    """Exit code, output and complaints of the command."""
    out, err = io.StringIO(), io.StringIO()
    code = main(["evaluate", *map(str, arguments)], out, err)
    return code, out.getvalue(), err.getvalue()


def numbers(*arguments: object) -> dict[str, Any]:
    """The JSON of the command."""
    code, out, err = run(*arguments, "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A questionnaire with three items, asked twice on five points."""
    file = tmp_path / "small.yaml"
    file.write_text(questionnaire_text(SMALL, points=5), encoding="utf-8")
    return file


def test_the_command_prints_the_published_index_as_json(tmp_path: Path) -> None:
    """Worked case: IKM 78.7415, grade B, n = 49; in a process of its own."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "analysis",
            "evaluate",
            str(regency(tmp_path)),
            "--questionnaire",
            "skm-2017-servqual",
            "--json",
        ],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=60,
    )
    found = json.loads(done.stdout.decode("utf-8"))
    assert found["index"]["value"] == pytest.approx(78.7415, abs=5e-5)
    assert (found["index"]["rounded"], found["index"]["grade"], found["index"]["n"]) == (78.74, "B", 49)
    assert found["left_out_columns"] == ["resp"]
    assert found["columns"] == {f"U{k}": f"P_{name}" for k, name in enumerate(ELEMENTS, start=1)}
    assert done.stderr == b""


def test_the_text_begins_with_the_finding_in_the_readers_language(tmp_path: Path) -> None:
    """Indonesian by default, with a decimal comma; English on request."""
    file = regency(tmp_path)
    _, indonesian, _ = run(file, "--questionnaire", "skm-2017-servqual")
    _, english, _ = run(file, "--questionnaire", "skm-2017-servqual", "--language", "en")
    assert indonesian.splitlines()[0] == "skm-2017-servqual, versi 2, 49 responden"
    assert indonesian.splitlines()[1].startswith("IKM 78,74: B, Baik (bobot exact; selang 95 %: ")
    assert english.splitlines()[1].startswith("IKM 78.74: B, Good (weights exact; 95% interval: ")
    assert "Sarana dan prasarana adalah U9." in indonesian
    assert "Columns left out: resp" in english
    assert english.index("U1 Requirements") < english.index("U4 Fee")


@pytest.mark.parametrize("weights", ["exact", "0.11", "0.111"])
def test_the_weights_can_be_chosen_and_are_printed(tmp_path: Path, weights: str) -> None:
    """Worked case: 78.7415, 77.9541, 78.6628."""
    wanted = {"exact": 78.7415, "0.11": 77.9541, "0.111": 78.6628}[weights]
    found = numbers(regency(tmp_path), "--questionnaire", "skm-2017-servqual", "--weights", weights)
    assert found["index"]["weights"] == weights
    assert found["index"]["value"] == pytest.approx(wanted, abs=5e-5)
    assert len(found["index"]["others"]) == 2


def test_a_grade_that_depends_on_the_weights_is_told_in_words(tmp_path: Path) -> None:
    """100 rows, exact 88.50 (A), with 0.11 87.62 (B)."""
    names = [f"U{k}" for k in range(1, 10)]
    columns = with_sums([354] * 9, 100)
    file = write(tmp_path, names, [[columns[name][k] for name in ELEMENTS] for k in range(100)])
    _, text, _ = run(file, "--questionnaire", "skm-2017-servqual", "--language", "en")
    assert "With weights 0.11: 87.62, grade B" in text
    assert "Note: the grade depends on the weights used." in text


@pytest.mark.parametrize(
    "headings",
    [
        ELEMENTS,
        [f"P_{name}" for name in ELEMENTS],
        [f"p_u{k}" for k in range(1, 10)],
        [f" u{k} " for k in range(1, 10)],
    ],
)
def test_columns_are_known_by_item_number_or_column_name(tmp_path: Path, headings: Sequence[str]) -> None:
    """``time``, ``P_time``, ``P_U3`` and ``U3`` mean the same, in any case and with spaces around."""
    found = numbers(regency(tmp_path, headings), "--questionnaire", "skm-2017-servqual")
    assert found["index"]["fraction"] == "11575/147"


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_a_mapping_file_says_what_headings_mean(tmp_path: Path, kind: str) -> None:
    """Headings Q1 to Q9; only what the mapping names is read."""
    mapping = tmp_path / f"mapping.{kind}"
    pairs = {f"Q{k}": f"U{k}" for k in range(1, 10)}
    mapping.write_text(json.dumps(pairs) if kind == "json" else "\n".join(f"{q}: {u}" for q, u in pairs.items()))
    file = regency(tmp_path, [f"Q{k}" for k in range(1, 10)])
    found = numbers(file, "--questionnaire", "skm-2017-servqual", "--mapping", mapping)
    assert (found["index"]["fraction"], found["left_out_columns"]) == ("11575/147", ["resp"])


def test_facilities_may_be_u8_and_that_is_printed(tmp_path: Path) -> None:
    """The same file read the other way: the sum 143 then belongs to facilities, 159 to complaints; same index."""
    file = regency(tmp_path)
    ours = numbers(file, "--questionnaire", "skm-2017-servqual")
    theirs = numbers(file, "--questionnaire", "skm-2017-servqual", "--facilities", "U8")
    assert (ours["facilities"], theirs["facilities"]) == ("U9", "U8")
    assert sums(ours)["facilities"] == sums(theirs)["complaints"] == "159/49"
    assert sums(theirs)["facilities"] == sums(ours)["complaints"] == "143/49"
    assert theirs["columns"]["U8"] == "P_facilities"
    assert ours["index"]["value"] == theirs["index"]["value"]
    same = numbers(file, "--questionnaire", "skm-2017-servqual", "--facilities", "U9")
    assert same["index"] == ours["index"]


def sums(found: dict[str, Any]) -> dict[str, str]:
    """The exact mean of each element."""
    return {element["name"]: element["fraction"] for element in found["index"]["elements"]}


@pytest.mark.parametrize(
    "how", [{"sign": ";"}, {"sign": "\t"}, {"end": "\r\n"}, {"end": "\r"}, {"sign": ";", "end": "\r\n"}]
)
def test_files_of_all_usual_programs_are_read(tmp_path: Path, how: dict[str, str]) -> None:
    """Semicolons (Indonesian Excel), tabs, and line ends of Windows and old Macs."""
    assert numbers(regency(tmp_path, **how), "--questionnaire", "skm-2017-servqual")["index"]["fraction"] == "11575/147"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_understood(tmp_path: Path, encoding: str) -> None:
    """Excel writes *CSV UTF-8* with one, *Unicode text* as UTF-16."""
    file = regency(tmp_path)
    file.write_bytes(file.read_text().encode(encoding))
    assert numbers(file, "--questionnaire", "skm-2017-servqual")["index"]["fraction"] == "11575/147"


def test_quotation_marks_decimal_zeros_na_and_spaces_are_read_for_what_they_mean(tmp_path: Path, small: Path) -> None:
    """As pandas, R and Excel write them; a comma and a line end inside quotation marks belong to the cell."""
    file = tmp_path / "answers.csv"
    file.write_text('"note","x",y,E_x\n"a, b","4",3.0,NA\n"two\nlines",5.0,"NA",\n\n"say ""hi""", 3 ,"4,0",2\n')
    found = numbers(file, "--questionnaire", small)
    assert [d["counts"] for d in found["distributions"]] == [
        [0, 1, 0, 0, 0],  # E_x: 2
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 1, 1, 1],  # x: 4, 5, 3
        [0, 0, 1, 1, 0],  # y: 3, 4
        [0, 0, 0, 0, 0],
    ]
    assert (found["n"], found["left_out"], found["left_out_columns"]) == (3, {"empty": 1}, ["note"])


def test_a_line_that_tells_excel_the_separator_is_no_heading(tmp_path: Path, small: Path) -> None:
    """``sep=;`` on top; a mistake is then told by its row in the file."""
    file = tmp_path / "answers.csv"
    file.write_text("sep=;\nx;y\n1;2\n9;2\n")
    assert run(file, "--questionnaire", small, "--language", "en")[2].startswith(
        f"{file}, row 4, column x: “9” is off the scale"
    )


def test_rows_without_an_answer_are_no_respondents_and_are_told(tmp_path: Path, small: Path) -> None:
    """Excel leaves rows of separators at the end: two of them are not counted."""
    file = write(tmp_path, ["id", "x", "y"], [[1, 4, 5], [2, 3, ""], ["", "", ""], ["", "", ""]])
    found = numbers(file, "--questionnaire", small)
    assert (found["n"], found["left_out"]) == (2, {"empty": 2})
    assert "Rows without a single answer, not counted: 2" in run(file, "--questionnaire", small, "--language", "en")[1]


def test_one_respondent_gives_values_without_intervals_and_the_reason(tmp_path: Path, small: Path) -> None:
    """Text and JSON; exit code 0: the numbers are right, there is only no spread."""
    file = write(tmp_path, ["x", "y", "z", "E_x", "E_y", "E_z"], [[4, 5, 3, 5, 5, 5]])
    found = numbers(file, "--questionnaire", small)
    assert (found["overall"]["gap"]["value"], found["overall"]["gap"]["reason"]) == (-1, "one_respondent")
    text = run(file, "--questionnaire", small, "--language", "en")[1]
    assert "no interval: one respondent only, the spread is not defined" in text
    assert "nan" not in text.lower().replace("na,", "")


def test_gaps_are_printed_when_both_were_asked(tmp_path: Path, small: Path) -> None:
    """Two persons; gap of x: (4 - 5 + 3 - 5) / 2 = -1.5."""
    file = write(tmp_path, ["x", "y", "z", "E_x", "E_y", "E_z"], [[4, 5, 3, 5, 5, 5], [3, 5, 3, 5, 5, 5]])
    text = run(file, "--questionnaire", small, "--language", "en")[1]
    assert "expectation 5.0000, perception 3.5000, gap −1.5000 (95% interval: " in text
    assert "All dimensions: " in text


def test_listwise_scores_are_an_option(tmp_path: Path, small: Path) -> None:
    """Dimension e has y and z; the second person skipped z: n 2 available, n 1 listwise."""
    file = write(tmp_path, ["x", "y", "z"], [[4, 5, 3], [3, 5, ""]])
    by_name = [
        numbers(file, "--questionnaire", small, "--scores", how)["dimensions"][1] for how in ("available", "listwise")
    ]
    assert [found["perception"]["n"] for found in by_name] == [2, 1]


def test_an_element_without_answers_is_named_instead_of_an_index(tmp_path: Path) -> None:
    """A file without U4: no IKM, its name, and the means of the others."""
    file = write(tmp_path, ["U1", "U2", "U3", "U5", "U6", "U7", "U8", "U9"], [[3] * 8] * 3)
    text = run(file, "--questionnaire", "skm-2017-servqual", "--language", "en")[1]
    assert "The IKM cannot be computed: there is no answer to fee." in text
    assert "Fee: no answers" in text
    assert "Time: 3.0000 (95% interval: 3.00 to 3.00; standard error 0.000; n = 3)" in text


def test_a_heading_may_run_over_two_lines(tmp_path: Path, small: Path) -> None:
    """As spreadsheets allow; rows are counted as a spreadsheet counts them: the 7 stands in row 3."""
    file = tmp_path / "answers.csv"
    file.write_text('"number of the\nform",x,y\n1,4,3\n2,5,7\n')
    assert "row 3, column y: “7”" in run(file, "--questionnaire", small, "--language", "en")[2]
    file.write_text('"number of the\nform",x,y\n1,4,3\n2,5,1\n')
    assert numbers(file, "--questionnaire", small)["left_out_columns"] == ["number of the\nform"]


def test_a_reader_that_stops_early_sees_no_traceback(tmp_path: Path) -> None:
    """``python -m analysis evaluate ... --json | head -1``: the pipe is closed before anything was read."""
    command = [
        sys.executable,
        "-m",
        "analysis",
        "evaluate",
        str(regency(tmp_path)),
        "--questionnaire",
        "skm-2017-servqual",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


BAD = {
    "off the scale": ("x,y\n1,2\n3,6\n", "row 3, column y: “6” is off the scale from 1 to 5."),
    "zero": ("x,y\n0,2\n", "row 2, column x: “0” is off the scale from 1 to 5."),
    "negative": ("x,y\n-1,2\n", "row 2, column x: “-1” is off the scale from 1 to 5."),
    "huge": ("x,y\n1e300,2\n", "row 2, column x: “1e300” is off the scale from 1 to 5."),
    "half": ("x;y\n1;2\n2,5;3\n", "row 3, column x: “2,5” is not a whole number."),
    "word": ("x,y\n1,baik\n", "row 2, column y: “baik” is not a number."),
    "infinite": ("x,y\ninf,1\n", "row 2, column x: “inf” is not a number."),
    "quoted": ('x,y\n"4","sangat baik"\n', "row 2, column y: “sangat baik” is not a number."),
    "too few cells": ("x,y\n1,2\n3\n", "row 3: has 1 cells, but there are 2 headings."),
    "too many cells": ("x,y\n1,2,3\n", "row 2: has 3 cells, but there are 2 headings."),
    "shifted cells": ("x,y,n\n1,2,a\n1,2\n3,1,2,4\n", "row 3: has 2 cells, but there are 3 headings."),
    "open quotation in a heading": ('x,"y\n1,2\n', "row 1: the CSV is broken"),
    "open quotation": ('x,y\n"1,2\n', "row 2: the CSV is broken"),
    "twice the same": ("x,y,P_x\n1,2,3\n", "row 1: the columns x (1) and P_x (3) hold the same thing (P_x)."),
    "same heading": ("x,x\n1,2\n", "row 1: the columns x (1) and x (2) hold the same thing (P_x)."),
    "no column": ("id,name\n1,a\n", "no heading fits the questionnaire small. Headings in the file: id, name."),
    "only headings": ("x,y\n", "holds only headings."),
    "no answers": ("x,y\n,\n,NA\n", "there is not a single answer in the known columns."),
    "empty": ("", "is empty."),
    "blank": ("\n \n", "is empty."),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_told_with_place_reason_and_repair(tmp_path: Path, small: Path, name: str) -> None:
    """Exit code 2, nothing printed, one sentence with the file first, and the same place in both languages."""
    content, wanted = BAD[name]
    file = tmp_path / "answers.csv"
    file.write_bytes(content.encode())
    code, out, err = run(file, "--questionnaire", small, "--language", "en")
    assert (code, out) == (2, "")
    assert err.startswith(str(file))
    assert wanted in err
    code, out, err = run(file, "--questionnaire", small, "--json")
    assert (code, out) == (2, "")
    assert err.strip()
    if row := re.search(r"row (\d+)", wanted):
        assert f"baris {row[1]}" in err


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"PK\x03\x04rest", "no Excel workbook that can be read"),
        (b"\xd0\xcf\x11\xe0rest", "is an old Excel workbook"),
        (b"$FL2rest", "no SPSS file that can be read"),
        (b"x,y\n1,\0\n", "not a text file"),
    ],
)
def test_a_file_that_is_no_text_is_told(tmp_path: Path, small: Path, content: bytes, wanted: str) -> None:
    """What begins as a workbook or as an SPSS file and is none, whatever its name, and bytes that no text has."""
    file = tmp_path / "answers.csv"
    file.write_bytes(content)
    code, _, err = run(file, "--questionnaire", small, "--language", "en")
    assert code == 2
    assert wanted in err


def test_many_mistakes_are_told_together_the_first_twenty_in_full(tmp_path: Path, small: Path) -> None:
    """30 wrong cells: 20 sentences and the number of the others."""
    file = write(tmp_path, ["x", "y"], [[9, 1]] * 30)
    code, _, err = run(file, "--questionnaire", small, "--language", "en")
    lines = err.strip().splitlines()
    assert code == 2
    assert len(lines) == 21
    assert lines[0].startswith(f"{file}, row 2, column x")
    assert lines[-1] == f"{file}: and 10 more cells with mistakes like these."


def test_mistakes_in_columns_that_are_left_out_do_not_matter(tmp_path: Path, small: Path) -> None:
    """Names of services, dates, anything."""
    file = write(tmp_path, ["service", "x"], [["izin usaha", 4], ["?", 5]])
    assert numbers(file, "--questionnaire", small)["n"] == 2


BAD_MAPPINGS = {
    "unknown heading": ("Q9: x\n", "no column in {file} has the heading “Q9”"),
    "unknown column": ("q: w\n", "“w” is no column of the questionnaire"),
    "number": ("q: 3\n", "“q: 3” cannot be read"),
    "not yaml": ("q: [\n", "this cannot be read"),
    "a list": ("- q\n", "“key: value” lines"),
    "twice": ("q: x\nr: P_x\n", "hold the same thing (P_x)"),
}


@pytest.mark.parametrize("name", BAD_MAPPINGS)
def test_a_bad_mapping_is_told_with_its_repair(tmp_path: Path, small: Path, name: str) -> None:
    """Exit code 2 and a sentence."""
    content, wanted = BAD_MAPPINGS[name]
    file, mapping = write(tmp_path, ["q", "r"], [[1, 2]]), tmp_path / "mapping.yaml"
    mapping.write_text(content)
    code, out, err = run(file, "--questionnaire", small, "--mapping", mapping, "--language", "en")
    assert (code, out) == (2, "")
    assert wanted.format(file=file) in err


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["nothing.csv"], "nothing.csv: cannot be read (No such file or directory)."),
        ([".", "--weights", "0.071"], "cannot be read"),
        (["nothing.csv", "--mapping", "x.yaml"], "cannot be read"),
        (["nothing.csv", "--weights", "0.1"], "The command cannot be understood"),
        (["nothing.csv", "--facilities", "U8"], "The questionnaire small has no element facilities, or no number U8."),
    ],
)
def test_arguments_that_cannot_be_followed_are_told(small: Path, arguments: list[str], wanted: str) -> None:
    """Exit code 2; the sentence says what to change."""
    code, out, err = run(*arguments, "--questionnaire", small, "--language", "en")
    assert (code, out) == (2, "")
    assert wanted in err


def test_an_unknown_questionnaire_is_told_with_those_there_are() -> None:
    """By name; a path to a file that does not exist says that it cannot be read."""
    code, _, err = run("x.csv", "--questionnaire", "skm-1999", "--language", "en")
    assert code == 2
    assert "There is no questionnaire “skm-1999”. Use one of:" in err
    assert "skm-2017-servqual" in err
    assert "cannot be read" in run("x.csv", "--questionnaire", "./none.yaml", "--language", "en")[2]


def test_weights_that_do_not_fit_the_questionnaire_are_told(tmp_path: Path) -> None:
    """0.071 is written for 14 elements."""
    code, _, err = run(
        regency(tmp_path), "--questionnaire", "skm-2017-servqual", "--weights", "0.071", "--language", "en"
    )
    assert code == 2
    assert "The weights “0.071” do not fit this questionnaire" in err


def test_points_shared_over_dimensions_stand_as_points(tmp_path: Path) -> None:
    """0 and 100 are points; 101 is too many."""
    questionnaire = tmp_path / "shared.yaml"
    questionnaire.write_text(questionnaire_text({"d": ["x"], "e": ["y"]}, name="shared", share_points=True))
    found = numbers(write(tmp_path, ["x", "W_d", "W_e"], [[1, 100, 0], [2, 40, 60]]), "--questionnaire", questionnaire)
    shared = {d["column"]: d["counts"] for d in found["distributions"]}
    assert [code for code, count in enumerate(shared["W_d"]) if count] == [40, 100]
    assert [code for code, count in enumerate(shared["W_e"]) if count] == [0, 60]
    bad = write(tmp_path, ["x", "W_d"], [[1, 101]])
    assert (
        "row 2, column W_d: “101” is off the scale from 0 to 100."
        in run(bad, "--questionnaire", questionnaire, "--language", "en")[2]
    )


def test_the_quick_and_the_patient_reader_agree(tmp_path: Path, small: Path) -> None:
    """A broken-up cell in a column that is left out forces the patient one; the numbers are the same."""
    rows = [[k % 5 + 1, (k * 7) % 5 + 1, "" if k % 3 else 2.0] for k in range(200)]
    quick = numbers(write(tmp_path, ["x", "y", "z"], rows), "--questionnaire", small)
    file = tmp_path / "patient.csv"
    file.write_text("x,y,z\n\n" + "".join(f"{x},{y},{z}\n" for x, y, z in rows))
    patient = numbers(file, "--questionnaire", small)
    assert patient.pop("left_out") == {"empty": 1}
    assert quick.pop("left_out") == {}
    assert patient == quick


def test_the_readme_lists_every_option_and_no_other() -> None:
    """The table under *The command* in analysis/README.md against argparse."""
    section = README.read_text(encoding="utf-8").partition("## The command")[2].partition("\n## ")[0]
    documented = set(re.findall(r"^\| `([^`]+)` \|", section, flags=re.MULTILINE))
    command = next(action for action in make_parser(load_words("en"))._actions if action.choices).choices["evaluate"]  # type: ignore[index]
    options = {action.option_strings[-1] if action.option_strings else action.metavar for action in command._actions}
    assert documented == options


def test_the_readme_lists_the_two_keys_that_only_the_command_adds(tmp_path: Path) -> None:
    """``columns`` and ``left_out_columns``; all others are those of ``Results.to_json``."""
    from analysis.results import evaluate

    found = numbers(regency(tmp_path), "--questionnaire", "skm-2017-servqual")
    library = evaluate(skm(), matrix(skm(), SEKADAU)).to_json()
    assert set(found) - set(library) == {"columns", "left_out_columns"}
    section = README.read_text(encoding="utf-8").partition("## Keys of the JSON")[2]
    assert "| `columns` |" in section
    assert "| `left_out_columns` |" in section


def test_the_command_can_be_explained_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    """``--help`` ends with code 0 in the language asked for."""
    for language, wanted in (("id", "nama kuesioner"), ("en", "name of a questionnaire")):
        with pytest.raises(SystemExit) as end:
            main(["evaluate", "--help", "--language", language])
        assert end.value.code == 0
        assert wanted in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["evaluate"], ["nothing"], ["evaluate", "x.csv"], ["--language"]])
def test_an_incomplete_command_is_explained(arguments: list[str]) -> None:
    """Exit code 2 and where to look, never a traceback."""
    out, err = io.StringIO(), io.StringIO()
    assert main(arguments, out, err) == 2
    assert "python -m analysis evaluate --help" in err.getvalue()


pieces = st.sampled_from(
    ["x", "y", "1", "5", "9", ",", ";", "\n", "\r", '"', " ", "NA", "4.0", "é", "\ufeff", "\0", "1e5", "-"]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.lists(pieces, max_size=40).map("".join).map(str.encode), st.binary(max_size=60)), st.booleans())
def test_no_file_whatever_ends_in_a_traceback(tmp_path: Path, small: Path, content: bytes, headed: bool) -> None:
    """Property: any bytes give results or a sentence."""
    file = tmp_path / "answers.csv"
    file.write_bytes((b"x,y\n" if headed else b"") + content)
    code, out, err = run(file, "--questionnaire", small, "--json")
    assert code in (0, 2)
    assert bool(out) == (code == 0)
    assert bool(err) == (code == 2)


@pytest.mark.parametrize(
    ("content", "wanted"), [("{", "this cannot be read"), ("[1]", "“key: value” lines"), ("\xff", "")]
)
def test_a_bad_json_mapping_is_told(tmp_path: Path, small: Path, content: str, wanted: str) -> None:
    """Broken, not a mapping, not UTF-8."""
    mapping = tmp_path / "mapping.json"
    mapping.write_bytes(content.encode("latin-1"))
    code, out, err = run(
        write(tmp_path, ["x"], [[1]]), "--questionnaire", small, "--mapping", mapping, "--language", "en"
    )
    assert (code, out) == (2, "")
    assert err.startswith(str(mapping))
    assert wanted in err


def test_a_mapped_heading_that_stands_twice_is_told(tmp_path: Path, small: Path) -> None:
    """Which of the two is meant cannot be guessed."""
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("q: x\n")
    file = write(tmp_path, ["q", "q"], [[1, 2]])
    _, _, err = run(file, "--questionnaire", small, "--mapping", mapping, "--language", "en")
    assert "row 1: the columns q (1) and q (2) hold the same thing (x)." in err
