"""Files as offices and universities really keep them: read rightly, or refused with the place and the repair.

Worst is a number that looks right and is not: a row of sums that counts as a respondent, letters read from the wrong
end, an expectation read as perception. Every file here is made in its test; the answers are invented.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from analysis.evaluate import QUESTIONNAIRES, main
from survey.questionnaire import load_questionnaire

Cell = Any
SKM, SERVQUAL = (load_questionnaire(QUESTIONNAIRES / f"{name}.yaml") for name in ("skm-2017", "servqual-22"))
U = [item.number for item in SKM.items]
S = [item.number for item in SERVQUAL.items]
TIME = "04/03/2024 08:13:00"


def answers(people: int, items: int, points: int, seed: int) -> list[list[int]]:
    """Whole numbers from 1; the first row does not count up, as a row of numbers would."""
    found: list[list[int]] = np.random.default_rng(seed).integers(1, points + 1, (people, items)).tolist()
    return found


NINE = answers(12, 9, 4, 1)
EXPECTED, FOUND = answers(10, 22, 7, 2), answers(10, 22, 7, 3)
BOTH = [[*one, *other] for one, other in zip(EXPECTED, FOUND, strict=True)]


def csv_file(folder: Path, rows: Sequence[Sequence[Cell]], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    file = folder / "answers.csv"
    file.write_bytes(text.getvalue().encode(encoding))
    return file


def run(file: Path, questionnaire: str, *options: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = main(["evaluate", str(file), "--questionnaire", questionnaire, "--language", "en", *options], out, err)
    return code, out.getvalue(), err.getvalue()


def read(file: Path, questionnaire: str = "skm-2017", *options: str) -> dict[str, Any]:
    code, out, err = run(file, questionnaire, "--json", *options)
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def refusal(file: Path, questionnaire: str = "skm-2017", *options: str) -> str:
    """What is said in English; nothing is printed, and the Indonesian sentence is another one."""
    code, out, err = run(file, questionnaire, *options)
    assert (code, out) == (2, "")
    other = io.StringIO()
    assert main(["evaluate", str(file), "--questionnaire", questionnaire, *options], io.StringIO(), other) == 2
    assert other.getvalue() != err
    return err


def means(found: dict[str, Any], aspect: str = "perception") -> list[float]:
    return [item[aspect]["value"] for item in found["items"]]


def by_pandas(rows: Sequence[Sequence[int]]) -> Any:
    return pytest.approx(pd.DataFrame(rows).mean().tolist())


def word(item: int, code: int) -> str:
    question = SKM.items[item].perception
    assert question is not None
    return question.scale.labels[code]["id"]


def question_of(item: int) -> str:
    question = SKM.items[item].perception
    assert question is not None
    return question.question["id"]


LABELS = [item.label["id"] for item in SKM.items]
HEADS: dict[str, list[str]] = {
    "Google Forms, numbered questions": [f"{k + 5}. {question_of(k)}" for k in range(9)],
    "Google Forms, a table": [f"Bagaimana penilaian Anda? [{label}]" for label in LABELS],
    "LimeSurvey, codes": [f"SKM[{number}]" for number in U],
    "LimeSurvey, questions": [f"Penilaian layanan [{question_of(k)}]" for k in range(9)],
    "KoboToolbox": [f"penilaian/{number}" for number in U],
    "a word for the aspect": [f"Persepsi {number}" for number in U],
}


@pytest.mark.parametrize("name", HEADS)
def test_the_headings_of_online_services_are_understood(tmp_path: Path, name: str) -> None:
    """Beside them stand a time, a consent and a comment over two lines, which are left out."""
    rows = [[TIME, "Ya", *codes, 'baris satu\n"baris dua", koma'] for codes in NINE]
    found = read(csv_file(tmp_path, [["Cap waktu", "Saya bersedia", *HEADS[name], "Saran"], *rows]))
    assert (means(found), found["n"]) == (by_pandas(NINE), 12)
    assert found["left_out_columns"] == ["Cap waktu", "Saya bersedia", "Saran"]


def test_words_in_any_letters_with_blanks_around_them_are_answers(tmp_path: Path) -> None:
    said = [[f" {word(k, code).upper()} " if k % 2 else word(k, code) for k, code in enumerate(row)] for row in NINE]
    assert means(read(csv_file(tmp_path, [HEADS["Google Forms, numbered questions"], *said]))) == by_pandas(NINE)


H = [f"Harapan {number}" for number in S]
BLOCKS: dict[str, list[list[Cell]]] = {
    "words beside numbers": [[*H, *(f"Persepsi {number}" for number in S)]],
    "E1 and P1 where numbers are S1": [[f"{letter}{k}" for letter in "EP" for k in range(1, 23)]],
    "paths": [[f"{group}/{number}" for group in ("harapan", "kenyataan") for number in S]],
    "aspects over numbers": [["Harapan", *[""] * 21, "Persepsi", *[""] * 21], [*S, *S]],
    "aspects over bare numbers, under a title": [
        ["Hasil survei harapan masyarakat"],
        ["HARAPAN (E)", *[""] * 21, "KENYATAAN (P)", *[""] * 21],
        [*range(1, 23), *range(1, 23)],
    ],
    "aspects repeated": [[*["Harapan"] * 22, *["Persepsi"] * 22], [*S, *S]],
}


@pytest.mark.parametrize("name", BLOCKS)
def test_two_blocks_of_servqual_are_told_apart(tmp_path: Path, name: str) -> None:
    found = read(csv_file(tmp_path, [*BLOCKS[name], *BOTH]), "servqual-22")
    assert (means(found, "expectation"), means(found)) == (by_pandas(EXPECTED), by_pandas(FOUND))
    gaps = pd.DataFrame(FOUND) - pd.DataFrame(EXPECTED)
    assert [item["gap"]["value"] for item in found["items"]] == pytest.approx(gaps.mean().tolist())


def test_merged_cells_over_the_items_are_read_in_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["No", "Harapan", *[None] * 21, "Persepsi"])
    sheet.append([None, *range(1, 23), *range(1, 23)])
    for number, row in enumerate(BOTH, start=1):
        sheet.append([number, *row])
    for cells in ("A1:A2", "B1:W1", "X1:AS1"):
        sheet.merge_cells(cells)
    book.save(file := tmp_path / "answers.xlsx")
    found = read(file, "servqual-22")
    assert (means(found, "expectation"), means(found)) == (by_pandas(EXPECTED), by_pandas(FOUND))


def test_the_aspects_may_stand_below_the_items(tmp_path: Path) -> None:
    pairs = [[code for pair in zip(*both, strict=True) for code in pair] for both in zip(EXPECTED, FOUND, strict=True)]
    heads = [[text for number in S for text in (number, "")], ["E", "P"] * 22]
    found = read(csv_file(tmp_path, [*heads, *pairs]), "servqual-22")
    assert (means(found, "expectation"), means(found)) == (by_pandas(EXPECTED), by_pandas(FOUND))


DOUBTFUL: dict[str, tuple[str, list[list[Cell]], str]] = {
    "the same headings twice": ("servqual-22", [[*S, *S], *BOTH], "headings such as E_… and P_…"),
    "twins that pandas numbers": ("servqual-22", [[*S, *(f"{n}.1" for n in S)], *BOTH], "“S1” and “S1.1”"),
    "aspects in rows": (
        "servqual-22",
        [["jenis", *S], *(["Harapan", *row] for row in EXPECTED), *(["Persepsi", *row] for row in FOUND)],
        "column jenis: expectation and perception stand in rows of their own (Harapan, Persepsi)",
    ),
    "fourteen elements of 2004": ("skm-2017", [[f"U{k}" for k in range(1, 15)], [3] * 14], "U10, U11, U12, U13, U14"),
    "number against label": (
        "skm-2017",
        [[*U[:7], "U8. Sarana dan prasarana", "U9. Penanganan pengaduan, saran, dan masukan"], *NINE],
        "its number means P_complaints, its words mean P_facilities",
    ),
    "expectation where perception is asked": ("skm-2017", [[f"Harapan {n}" for n in U], *NINE], "no heading fits"),
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_columns_that_may_mean_something_else_are_refused(tmp_path: Path, name: str) -> None:
    """Before, each of these gave numbers, and most of them wrong ones."""
    questionnaire, rows, wanted = DOUBTFUL[name]
    assert wanted in refusal(csv_file(tmp_path, rows), questionnaire)


def test_what_is_doubtful_can_be_said_with_a_mapping(tmp_path: Path) -> None:
    file = csv_file(tmp_path, [[*S, *(f"{number}.1" for number in S)], *BOTH])
    pairs = {number: f"E_{number}" for number in S} | {f"{number}.1": f"P_{number}" for number in S}
    (tmp_path / "mapping.json").write_text(json.dumps(pairs), encoding="utf-8")
    found = read(file, "servqual-22", "--mapping", str(tmp_path / "mapping.json"))
    assert (means(found, "expectation"), means(found)) == (by_pandas(EXPECTED), by_pandas(FOUND))


NUMBERED: list[list[Cell]] = [["No", *U], *([k, *row] for k, row in enumerate(NINE, start=1))]
NO_PEOPLE: dict[str, tuple[list[list[Cell]], str]] = {
    "a total of one": ([*NUMBERED[:2], ["Jumlah", *NINE[0]]], "row 3: “Jumlah” is reckoned"),
    "a mean that is whole": ([["No", *U], *([k, *[3] * 9] for k in range(3)), ["Rata-rata", *[3] * 9]], "row 5:"),
    "a mean behind an empty number": (
        [["No", "Nama", *U], [1, "A", *[3] * 9], ["", "NRR per unsur", *[3] * 9]],
        "row 3",
    ),
    "highest and lowest": (
        [*NUMBERED, ["Skor maksimum", *[4] * 9], ["Skor minimum", *[1] * 9]],
        "--without-rows 14-15",
    ),
    "weights above": ([NUMBERED[0], ["Bobot", *[1] * 9], *NUMBERED[1:]], "row 2: “Bobot”"),
    "no label at all": ([*NUMBERED, ["", *[3] * 9]], "row 14: column No is empty there"),
    "numbers of the columns": ([NUMBERED[0], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], *NUMBERED[1:]], "numbers of the columns"),
    "numbers in brackets": ([NUMBERED[0], [f"({k})" for k in range(1, 11)], *NUMBERED[1:]], "--without-rows 2"),
    "headings again": ([*NUMBERED[:6], NUMBERED[0], *NUMBERED[6:]], "row 7, column U1: “U1” is a heading"),
    "questions one below the other": ([["Unsur", "R1", "R2"], *([n, 3, 4] for n in U)], "Transpose"),
}


@pytest.mark.parametrize("name", NO_PEOPLE)
def test_a_row_that_is_no_respondent_is_refused_also_where_its_numbers_are_on_the_scale(
    tmp_path: Path, name: str
) -> None:
    rows, wanted = NO_PEOPLE[name]
    assert wanted in refusal(csv_file(tmp_path, rows))


def test_rows_that_are_no_respondents_can_be_left_out_by_number(tmp_path: Path) -> None:
    """The recapitulation of an SKM report: sums, means, weighted means and the index below twelve respondents."""
    below: list[list[Cell]] = [
        ["SNilai /unsur", *pd.DataFrame(NINE).sum().tolist()],
        ["NRR / Unsur", *(f"{mean:.3f}".replace(".", ",") for mean in pd.DataFrame(NINE).mean())],
        ["NRR tertbg/ unsur", *["0,333"] * 9],
        ["IKM Unit pelayanan", *[""] * 8, "81,20"],
    ]
    titles: list[list[Cell]] = [["PENGOLAHAN SURVEI"], [], ["No. Resp", "Nilai unsur pelayanan"]]
    file = csv_file(tmp_path, [*titles, ["", *U], *NUMBERED[1:], *below], delimiter=";")
    assert "row 17, 18, 19, 20" in refusal(file)
    found = read(file, "skm-2017", "--without-rows", "17-20")
    assert (means(found), found["n"]) == (by_pandas(NINE), 12)
    assert found["index"]["value"] == pytest.approx(pd.DataFrame(NINE).mean().mean() * 25)
    assert "“99” is no row of respondents" in refusal(file, "skm-2017", "--without-rows", "99")


def test_columns_of_sums_and_means_beside_the_answers_are_left_out(tmp_path: Path) -> None:
    rows = [[*row, sum(row), f"{sum(row) / 9:.2f}"] for row in NUMBERED[1:] if isinstance(row[1], int)]
    found = read(csv_file(tmp_path, [["No", *U, "Jumlah", "NRR"], *[[*map(str, row)] for row in rows]]))
    assert (means(found), found["left_out_columns"]) == (by_pandas(NINE), ["No", "Jumlah", "NRR"])


def test_a_respondent_who_is_called_like_a_sum_still_counts_behind_a_number(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [["No", "Nama", *U], [1, "Max", *NINE[0]], [2, "Total Quality", *NINE[1]]]
    assert read(csv_file(tmp_path, rows))["n"] == 2


def test_zero_is_never_taken_for_missing_or_for_an_answer_by_itself(tmp_path: Path) -> None:
    """The same file says two things, and only the person who holds it knows which."""
    file = csv_file(tmp_path, [U, *([code - 1 for code in row] for row in NINE)])
    said = refusal(file)
    assert "--missing 0" in said and "--from-zero" in said
    assert means(read(file, "skm-2017", "--from-zero")) == by_pandas(NINE)


@pytest.mark.parametrize(("option", "letters"), [("a-worst", "abcd"), ("a-best", "dcba")])
def test_letters_are_read_from_the_end_that_is_named(tmp_path: Path, option: str, letters: str) -> None:
    """Forms print a to d from worst to best, and others the other way round."""
    file = csv_file(tmp_path, [U, *([letters[code - 1].upper() for code in row] for row in NINE)])
    said = refusal(file)
    assert "--letters a-worst" in said and "--letters a-best" in said
    assert means(read(file, "skm-2017", "--letters", option)) == by_pandas(NINE)


@pytest.mark.parametrize("letters", ["abcd", "dcba"])
def test_words_behind_a_letter_decide(tmp_path: Path, letters: str) -> None:
    rows = [[f"{letters[code - 1]}. {word(k, code)}" for k, code in enumerate(row)] for row in NINE]
    assert means(read(csv_file(tmp_path, [U, *rows]))) == by_pandas(NINE)


def spss(folder: Path, rows: Sequence[Sequence[int]], labels: Mapping[Any, str], **more: Any) -> Path:
    frame = pd.DataFrame(rows, columns=more.pop("names", U)).astype(float)
    file = folder / "answers.sav"
    said: dict[str, dict[int | float, str]] = {name: dict(labels) for name in frame.columns}
    pyreadstat.write_sav(frame, file, variable_value_labels=said if labels else None, **more)
    return file


def test_spss_labels_from_best_to_worst_are_refused_until_it_is_said(tmp_path: Path) -> None:
    """1 is the best in this file; read as a code it would be the worst."""
    turned = [[5 - code for code in row] for row in NINE]
    file = spss(tmp_path, turned, {1: "Sangat puas", 2: "Puas", 3: "Kurang puas", 4: "Tidak puas"})
    said = refusal(file)
    assert "variable U9" in said and "--reversed U9" in said and "1 = Sangat puas" in said
    assert means(read(file, "skm-2017", "--reversed", *U)) == by_pandas(NINE)


def test_spss_labels_from_zero_are_refused_also_where_nobody_answered_zero(tmp_path: Path) -> None:
    """2 and 3 of 0 to 3 are the two best; as codes from 1 they would be the second and third."""
    file = spss(tmp_path, [[2] * 9, [3] * 9], {0: "Jelek", 1: "Lumayan", 2: "Memadai", 3: "Istimewa"})
    assert "0 = Jelek" in refusal(file)
    assert means(read(file, "skm-2017", "--from-zero")) == [3.5] * 9


def test_spss_labels_that_are_the_words_of_the_scale_are_answers(tmp_path: Path) -> None:
    """Whatever codes stand behind them: here 0 to 3, from best to worst."""
    labels = {4 - code: word(0, code) for code in (1, 2, 3, 4)}
    names = ["U1"]
    file = spss(tmp_path, [[4 - row[0]] for row in NINE], labels, names=names)
    assert means(read(file))[0] == pytest.approx(pd.DataFrame(NINE)[0].mean())


def test_the_label_of_an_spss_variable_may_be_the_question(tmp_path: Path) -> None:
    names = [f"VAR{k:05d}" for k in range(1, 10)]
    asked = [f"{k + 1}. {question_of(k)}" for k in range(9)]
    assert means(read(spss(tmp_path, NINE, {}, names=names, column_labels=asked))) == by_pandas(NINE)


def test_a_formula_that_was_saved_without_its_result_is_not_an_empty_answer(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(U)
    for number, row in enumerate(NINE, start=2):
        book.active.append([*row[:8], f"=A{number}"])
    book.save(file := tmp_path / "answers.xlsx")
    assert "cell I2 holds a formula whose result was not saved" in refusal(file)


def test_numbers_kept_as_text_with_blanks_are_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["No", *U])
    for row in NINE:
        book.active.append(["1", *(f"\N{NO-BREAK SPACE}{code} " for code in row)])
    book.save(file := tmp_path / "answers.xlsx")
    assert means(read(file)) == by_pandas(NINE)


def test_a_time_under_the_heading_of_a_question_is_told_as_a_time(tmp_path: Path) -> None:
    """*Time* is a question in English, and the time of the answer in most files."""
    assert "is a day or a time, not an answer" in refusal(csv_file(tmp_path, [["Time", *U[3:]], [TIME, *NINE[0][3:]]]))


def test_a_web_page_that_is_named_like_excel_is_told(tmp_path: Path) -> None:
    file = tmp_path / "answers.xls"
    file.write_text("\n<table><tr><th>U1</th></tr><tr><td>4</td></tr></table>", encoding="utf-8")
    assert "is a web page" in refusal(file)


def test_a_command_without_a_questionnaire_says_which_there_are(tmp_path: Path) -> None:
    err = io.StringIO()
    assert main(["evaluate", str(csv_file(tmp_path, [U, *NINE])), "--language", "en"], io.StringIO(), err) == 2
    assert "--questionnaire" in err.getvalue() and "skm-2017" in err.getvalue()
