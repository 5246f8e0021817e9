"""Files as offices and researchers have them, read by the command with nothing but a questionnaire of one's own."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest
import yaml

from analysis.evaluate import main
from tests.numbers import questionnaire_text

ROWS: list[list[Any]] = [[4, 3, 2], [3, 3, 4], ["", 4, 4]]
"""Perception of three items; U1 has the mean 3.5 of two, U2 10/3 and U3 10/3 of three."""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A questionnaire as a stranger would write it: three items U1 to U3 on four points, asked as experience."""
    labels = {1: "Tidak baik", 2: "Kurang baik", 3: "Baik", 4: "Sangat baik"}
    content = yaml.safe_load(questionnaire_text({"d": ["need", "way", "speed"]}, aspects=("perception",), name="own"))
    content["scales"]["s"]["labels"] = {code: {"en": said} for code, said in labels.items()}
    titles = ("Persyaratan", "Prosedur", "Waktu penyelesaian")
    for number, (item, title) in enumerate(zip(content["items"], titles, strict=True), start=1):
        item |= {"number": f"U{number}", "label": {"en": title}}
        item["perception"]["question"] = {"en": f"Bagaimana {title.lower()} di kantor kami?"}
    file = tmp_path / "own.yaml"
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return file


def run(file: Path, own: Path, *options: object) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = main(["evaluate", str(file), "--questionnaire", str(own), "--language", "en", *map(str, options)], out, err)
    return code, out.getvalue(), err.getvalue()


def means(file: Path, own: Path, *options: object) -> list[tuple[float, int]]:
    """The mean and n of each item."""
    code, out, err = run(file, own, "--json", *options)
    assert (code, err) == (0, "")
    return [(round(item["perception"]["value"], 6), item["perception"]["n"]) for item in json.loads(out)["items"]]


EXPECTED = [(3.5, 2), (3.333333, 3), (3.333333, 3)]


def text_file(folder: Path, content: str | bytes) -> Path:
    file = folder / "answers.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


FILES: dict[str, str | bytes] = {
    "decimal commas and semicolons": "no;U1;U2;U3\n1;4,0;3,0;2,0\n2;3,0;3,0;4,0\n3;;4,0;4,0\n",
    "floats of pandas, with its row numbers": ",U1,U2,U3\n0,4.0,3.0,2.0\n1,3.0,3.0,4.0\n2,nan,4.0,4.0\n",
    "words of the scale": "U1,U2,U3\nSangat Baik,Baik,kurang baik\nbaik, Baik ,Sangat  Baik\n"
    "NA,sangat baik,SANGAT BAIK\n",
    "codes with words": 'U1,U2,U3\n4 - Sangat baik,3. Baik,"2: Kurang baik"\n3 Baik,(3) Baik,4=Sangat baik\n'
    "-,4) x,Sangat baik (4)\n",
    "numbers and labels as headings": "U1. Persyaratan;U2 - Prosedur;U3 (Waktu penyelesaian)\n4;3;2\n3;3;4\n;4;4\n",
    "labels as headings": "Persyaratan,PROSEDUR,Waktu Penyelesaian\n4,3,2\n3,3,4\n,4,4\n",
    "questions as headings, as online forms export them": "Cap waktu,Bagaimana persyaratan di kantor kami?,"
    "Bagaimana prosedur di kantor kami?,Bagaimana waktu penyelesaian di kantor kami?\na,4,3,2\nb,3,3,4\nc,,4,4\n",
    "titles above": "Rekapitulasi SKM;;;\nTahun 2024;;;\n;;;\nNo;U1;U2;U3\n1;4;3;2\n2;3;3;4\n3;;4;4\n",
    "a title without separators": "Rekapitulasi SKM 2024\n\nNo,U1,U2,U3\n1,4,3,2\n2,3,3,4\n3,,4,4\n",
    "empty columns at the end": "U1,U2,U3,,\n4,3,2,,\n3,3,4,,\n,4,4,,\n",
    "separators at the end of rows only": "U1,U2,U3\n4,3,2,,\n3,3,4,,\n,4,4,,\n",
    "Windows-1252": "U1;U2;U3;Catatan\n4;3;2;caf\xe9\n3;3;4;\x96\n;4;4;x\n".encode("latin-1"),
    "byte order mark and quotes": '\ufeff"U1","U2","U3"\r\n"4","3","2"\r\n"3","3","4"\r\n"","4","4"\r\n',
    "missing as a point, NULL and #N/A": "U1,U2,U3\n4,3,2\n3,3,4\n.,4,4\nNULL,#N/A,\n",
    "a heading with blanks and other letters": " u1 , P_U2 ,p-u3\n4,3,2\n3,3,4\n,4,4\n",
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_any_usual_shape_gives_the_same_means(tmp_path: Path, own: Path, name: str) -> None:
    """By hand: (4 + 3) / 2, (3 + 3 + 4) / 3, (2 + 4 + 4) / 3."""
    assert means(text_file(tmp_path, FILES[name]), own) == EXPECTED


def book(folder: Path, sheets: dict[str, Sequence[Sequence[Any]]], merge: str = "") -> Path:
    file = folder / "answers.xlsx"
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append([*row])
        if merge:
            sheet.merge_cells(merge)
    made.save(file)
    return file


TITLED: list[list[Any]] = [["Rekapitulasi SKM"], [], ["No", "U1", "U2", "U3"], *([k, *ROWS[k]] for k in range(3)), []]


def test_a_workbook_with_a_title_is_read(tmp_path: Path, own: Path) -> None:
    assert means(book(tmp_path, {"Data": TITLED}), own) == EXPECTED


def test_of_several_sheets_one_has_to_be_named(tmp_path: Path, own: Path) -> None:
    """The message says with which option, and which sheets there are."""
    file = book(tmp_path, {"Rekap": [["Jumlah", 3]], "Data": TITLED})
    code, _, err = run(file, own)
    assert code == 2
    assert "Rekap, Data" in err and "--sheet" in err
    assert means(file, own, "--sheet", "Data") == EXPECTED


def test_a_sheet_of_a_file_without_sheets_is_told(tmp_path: Path, own: Path) -> None:
    code, _, err = run(text_file(tmp_path, "U1\n4\n"), own, "--sheet", "Data")
    assert code == 2
    assert "has no sheet “Data”" in err


def test_merged_answers_are_refused_instead_of_counted_as_missing(tmp_path: Path, own: Path) -> None:
    code, _, err = run(book(tmp_path, {"Data": TITLED}, merge="B4:B5"), own)
    assert code == 2
    assert "B4:B5" in err


def test_a_mistake_in_a_workbook_is_told_with_its_row_there(tmp_path: Path, own: Path) -> None:
    """Row 5 of the sheet: two title rows, the headings, and one respondent stand above."""
    file = book(tmp_path, {"Data": [*TITLED[:4], [1, 5, 3, 3]]})
    code, _, err = run(file, own)
    assert code == 2
    assert "row 5, column U1: “5” is off the scale from 1 to 4" in err and "--missing 5" in err


def test_an_spss_file_is_read_with_its_missing_values_and_labels(tmp_path: Path, own: Path) -> None:
    """9 is declared missing in U1; the words of the units are the groups."""
    file = tmp_path / "answers.sav"
    frame = pd.DataFrame({"U1": [4.0, 3.0, 9.0], "U2": [3.0, 3.0, 4.0], "U3": [2.0, 4.0, 4.0], "unit": [1.0, 2.0, 1.0]})
    labels: dict[str, dict[int | float, str]]
    labels = {"U1": {1: "Tidak baik", 4: "Sangat baik"}, "unit": {1: "Loket A", 2: "Loket B"}}
    pyreadstat.write_sav(frame, file, variable_value_labels=labels, missing_ranges={"U1": [9]})
    assert means(file, own) == EXPECTED
    code, out, _ = run(file, own, "--json", "--full")
    assert code == 0
    grouping = json.loads(out)["full"]["comparison"]["groupings"][0]
    assert (grouping["groups"], grouping["sizes"]) == (["Loket A", "Loket B"], [2, 1])


def test_codes_that_mean_not_answered_can_be_named(tmp_path: Path, own: Path) -> None:
    """-9, 99 and TT; without the option each is a mistake, and the message names the option."""
    file = text_file(tmp_path, "U1,U2,U3\n4,3,2\n3,3,4\n-9,4,4\n99.0,TT,-9\n")
    assert means(file, own, "--missing", "-9", "99", "tt") == EXPECTED
    code, _, err = run(file, own)
    assert code == 2
    assert "add --missing -9" in err and 'add --missing "TT"' in err


def test_a_code_of_the_scale_may_mean_not_answered(tmp_path: Path, own: Path) -> None:
    """1 is *no opinion* in this file, whichever way it is read."""
    assert means(text_file(tmp_path, "U1,U2,U3\n4,3,2\n3,3,4\n1,4,4\n"), own, "--missing", "1") == EXPECTED


@pytest.mark.parametrize("named", ["U1", "P_need"])
def test_a_question_that_is_worded_negatively_is_turned_round(tmp_path: Path, own: Path, named: str) -> None:
    """1 and 2 stand for 4 and 3; what was not answered stays so."""
    file = text_file(tmp_path, "U1,U2,U3\n1,3,2\n2,3,4\n,4,4\n")
    assert means(file, own, "--reversed", named) == EXPECTED
    code, _, err = run(file, own, "--reversed", "U9")
    assert code == 2
    assert "no column has the heading “U9”" in err


@pytest.mark.parametrize(
    "cell", ["4 - Kurang baik", "4 jam", "baik sekali", "5 - Sangat baik", "2.5", "1 2", "4 4 Baik"]
)
def test_an_answer_is_never_guessed(tmp_path: Path, own: Path, cell: str) -> None:
    """A code beside the words of another code, other words, a code off the scale."""
    code, out, err = run(text_file(tmp_path, f"U1,U2,U3\n4,3,2\n{cell},3,4\n"), own)
    assert (code, out) == (2, "")
    assert "row 3, column U1" in err


def test_what_could_mean_two_columns_means_none(tmp_path: Path, own: Path) -> None:
    """Two items with the same label."""
    own.write_text(own.read_text(encoding="utf-8").replace("Prosedur", "Persyaratan"), encoding="utf-8")
    code, out, _ = run(text_file(tmp_path, "Persyaratan,U2,U3\n4,3,2\n"), own)
    assert code == 0
    assert "Columns left out: Persyaratan" in out


def test_servqual_with_the_headings_of_theses_is_read(tmp_path: Path) -> None:
    """E1 to E22 and P1 to P22, numbers 1 to 22 in the questionnaire; E = 5, P = 4 everywhere but one."""
    items = {"d": [f"q{number}" for number in range(1, 23)]}
    text = questionnaire_text(items, points=5, name="thesis")
    file = tmp_path / "thesis.yaml"
    content = yaml.safe_load(text)
    for number, item in enumerate(content["items"], start=1):
        item["number"] = str(number)
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    head = [f"{letter}{number}" for letter in "EP" for number in range(1, 23)]
    rows = [["5"] * 22 + ["4"] * 22, ["5"] * 22 + ["4"] * 21 + ["2"]]
    answers = text_file(tmp_path, "\n".join(";".join(row) for row in [head, *rows]))
    out, err = io.StringIO(), io.StringIO()
    assert main(["evaluate", str(answers), "--questionnaire", str(file), "--json"], out, err) == 0
    gaps = [item["gap"]["value"] for item in json.loads(out.getvalue())["items"]]
    assert gaps == [-1.0] * 21 + [-2.0]
