"""Earlier answers, brought as the office brings them: by the command, from CSV and Excel, good files and bad ones."""

import csv
import io
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from openpyxl import Workbook

from analysis.counting.matrix import Matrix
from analysis.results import Results, evaluate
from survey.catalogue import Channel
from survey.commands.command_line import main
from survey.packed import Flag
from survey.principal import CITIZEN, LOCAL_STAFF, Forbidden
from survey.reading.days import read_days
from survey.store.answers.imports import import_responses
from survey.store.answers.responses import read_responses, rebuild
from tests.builders import SHIPPED, respond, set_survey, store_in, survey_called
from tests.numbers import ELEMENTS, questionnaire_text, with_sums

SEKADAU = with_sums([138, 139, 150, 177, 159, 163, 161, 143, 159], 49)
LABORATORY_E = [
    635,
    636,
    650,
    646,
    634,
    643,
    629,
    626,
    639,
    624,
    626,
    631,
    645,
    627,
    647,
    654,
    634,
    622,
    636,
    637,
    646,
    638,
]
LABORATORY_P = [
    501,
    540,
    625,
    583,
    572,
    591,
    543,
    574,
    512,
    567,
    564,
    554,
    571,
    566,
    607,
    618,
    556,
    513,
    580,
    594,
    618,
    592,
]
NUMBERS = [f"U{k}" for k in range(1, 10)]


def regency() -> list[list[Any]]:
    """49 rows with the sums of the published worked case, the number of the row first."""
    return [[k + 1, *(SEKADAU[name][k] for name in ELEMENTS)] for k in range(49)]


def write_csv(file: Path, lines: Sequence[Sequence[Any]], *, sign: str = ",", encoding: str = "utf-8") -> Path:
    held = io.StringIO()
    csv.writer(held, delimiter=sign, lineterminator="\r\n").writerows(lines)
    file.write_bytes(held.getvalue().encode(encoding))
    return file


def write_xlsx(file: Path, lines: Sequence[Sequence[Any]], **sheets: Sequence[Sequence[Any]]) -> Path:
    book = Workbook()
    for name, held in {"Sheet": lines, **sheets}.items():
        sheet = book[name] if name in book.sheetnames else book.create_sheet(name)
        for line in held:
            sheet.append(list(line))
    book.save(file)
    return file


def run(
    folder: Path, file: Path, *arguments: object, survey: str = "skm", language: str = "en", **more: str
) -> tuple[int, str, str]:
    """Exit code, output and complaints of ``python -m survey import``."""
    out, err = io.StringIO(), io.StringIO()
    words = ["import", str(file), "--survey", survey, "--language", language, *map(str, arguments)]
    code = main(words, out, err, {"SURVEY_DATA": str(folder / "data"), **more})
    return code, out.getvalue(), err.getvalue()


def results(folder: Path, survey: str = "skm") -> Results:
    """What the dashboard computes."""
    with store_in(folder / "data") as store:
        found = survey_called(store, survey)
        packed = read_responses(store, LOCAL_STAFF, found)
    return evaluate(found.questionnaire, Matrix.from_packed(packed), weights="exact")


def kept(folder: Path, survey: str = "skm") -> list[dict[str, int]]:
    """What is stored: code by column, without what was not answered."""
    with store_in(folder / "data") as store:
        found = read_responses(store, LOCAL_STAFF, survey_called(store, survey))
    names = [column.name for column in found.questionnaire.columns]
    return [{name: int(code) for name, code in zip(names, row, strict=True) if code} for row in found.answers]


# --- known results


@pytest.mark.parametrize("kind", ["comma", "semicolon", "tab", "UTF-16", "workbook"])
def test_a_published_file_gives_its_published_index(tmp_path: Path, kind: str) -> None:
    """Worked case of a regency, first half of 2019: IKM 78.74, n = 49, whatever program saved the file."""
    lines = [["resp", *NUMBERS], *regency()]
    match kind:
        case "workbook":
            file = write_xlsx(tmp_path / "a.xlsx", lines)
        case "UTF-16":
            file = write_csv(tmp_path / "a.txt", lines, sign="\t", encoding="utf-16")
        case _:
            file = write_csv(tmp_path / "a.csv", lines, sign={"comma": ",", "semicolon": ";", "tab": "\t"}[kind])
    code, out, err = run(tmp_path, file, "--date", "2019-06-30")
    assert (code, err) == (0, "")
    assert out.endswith("“skm” had 0 responses; 49 have come, 0 were there already; now it has 49.\n")
    index = results(tmp_path).index
    assert index is not None
    assert (str(index.value.rounded), index.value.grade, index.n) == ("78.74", "B", 49)
    with store_in(tmp_path / "data") as store:
        found = read_responses(store, LOCAL_STAFF, survey_called(store))
    assert set(found.day.tolist()) == {20190630}
    assert set(found.channel.tolist()) == {Channel.IMPORT.code}
    assert set(found.flags.tolist()) == {0}


def test_a_published_servqual_study_gives_its_published_gaps(tmp_path: Path) -> None:
    """143 students, 7/4/3/4/4 items on five points: overall gap -0.459; tangibles -0.5175, empathy -0.3024.

    The rows are made so that each item has its printed sum.
    """
    items = {"TAN": 7, "REL": 4, "RES": 3, "ASS": 4, "EMP": 4}
    names = {dimension: [f"{dimension}{k}" for k in range(1, n + 1)] for dimension, n in items.items()}
    questionnaires = tmp_path / "questionnaires"
    questionnaires.mkdir()
    text = questionnaire_text(names, points=5, name="laboratory")
    shutil.copy(SHIPPED, questionnaires)
    (questionnaires / "laboratory.yaml").write_text(text, encoding="utf-8")
    headings = [f"{letter}_{name}" for letter in "EP" for inside in names.values() for name in inside]
    columns = with_sums(LABORATORY_E + LABORATORY_P, 143, points=5, names=headings)
    file = write_csv(tmp_path / "lab.csv", [["rid", *headings], *zip(range(1, 144), *columns.values(), strict=True)])
    environment = {"SURVEY_QUESTIONNAIRES": str(questionnaires)}
    made = ["add-survey", "lab", "--questionnaire", "laboratory"]
    assert main(made, io.StringIO(), io.StringIO(), {"SURVEY_DATA": str(tmp_path / "data"), **environment}) == 0
    code, _, err = run(tmp_path, file, "--date", "2022-06-01", survey="lab", **environment)
    assert (code, err) == (0, "")
    found = results(tmp_path, "lab")
    assert found.overall is not None and found.overall.gap.value == pytest.approx(-0.4590, abs=5e-5)
    gaps = {gap.name: gap.gap.value for gap in found.dimensions}
    printed = {"TAN": -0.5175, "REL": -0.5210, "RES": -0.4942, "ASS": -0.4598, "EMP": -0.3024}
    assert gaps == pytest.approx(printed, abs=5e-5)


# --- once, and only once


def test_the_same_file_twice_adds_nothing_in_whatever_form(tmp_path: Path) -> None:
    """CSV, then the same rows as a workbook with a note beside: what is said is the same, so are the ids."""
    lines = [["resp", *NUMBERS], *regency()]
    run(tmp_path, write_csv(tmp_path / "a.csv", lines), "--date", "2019-06-30")
    noted = [[*line, "note"] for line in lines]
    _, out, _ = run(tmp_path, write_xlsx(tmp_path / "b.xlsx", noted), "--date", "2019-06-30")
    assert "had 49 responses; 0 have come, 49 were there already; now it has 49." in out
    assert "49 rows were brought before and are not counted twice." in out
    assert len(kept(tmp_path)) == 49


def test_equal_rows_of_one_file_are_different_people(tmp_path: Path) -> None:
    """Three people who agree; a longer file later adds the fourth only."""
    row = [3] * 9
    run(tmp_path, write_csv(tmp_path / "a.csv", [NUMBERS, row, row, row]), "--date", "2019-06-30")
    _, out, _ = run(tmp_path, write_csv(tmp_path / "b.csv", [NUMBERS, row, row, row, row]), "--date", "2019-06-30")
    assert "1 have come, 3 were there already; now it has 4." in out


@pytest.mark.parametrize("what", [["--date", "2019-07-01"], ["--date", "2019-06-30", "--batch", "loket-2"]])
def test_the_same_answers_of_another_day_or_batch_are_other_people(tmp_path: Path, what: Sequence[str]) -> None:
    file = write_csv(tmp_path / "a.csv", [NUMBERS, [3] * 9])
    run(tmp_path, file, "--date", "2019-06-30")
    assert "1 have come, 0 were there already; now it has 2." in run(tmp_path, file, *what)[1]


def test_the_id_of_a_row_is_made_as_documented(tmp_path: Path) -> None:
    """UUID version 5 over the lines in ``survey/importing/arrived.py``, made here by Python's own uuid5."""
    file = write_csv(tmp_path / "a.csv", [["no", "date", "layanan", "U3", "sex"], [7, "4/3/2019", "NIB", 4, 1]])
    assert run(tmp_path, file)[0] == 0
    said = "skm\n2019-03-04\n\nnib\n7\n\nP_time=4;sex=1\n1"
    with store_in(tmp_path / "data") as store:
        (one,) = rebuild(store, LOCAL_STAFF, survey_called(store))
    assert one.response.id == uuid5(UUID("6d1c0f5e-5f0a-5c8e-9b7e-6a5b1d1f9a3c"), said)
    assert one.response.digest == one.digest


def test_a_dry_run_says_everything_and_keeps_nothing(tmp_path: Path) -> None:
    with store_in(tmp_path / "data") as store:
        respond(store, time=4)
    file = write_csv(tmp_path / "a.csv", [["resp", "catatan", *NUMBERS], [1, "x", *[3] * 9], [2, "y", *[4] * 8, 5]])
    code, out, err = run(tmp_path, file, "--date", "2019-06-30", "--dry-run")
    assert (code, err) == (0, "")
    assert "  U3 → P_time\n" in out
    assert "Columns left out: catatan\n" in out
    assert "Row 3, column U9: “5” is off the scale from 1 to 4. Correct it, or leave it empty" in out
    assert "Nothing has been kept yet. “skm” has 1 responses; 1 would come, 0 are there already;" in out
    assert "afterwards it would have 2." in out
    assert len(kept(tmp_path)) == 1


def test_nothing_is_kept_while_one_cell_is_not_understood(tmp_path: Path) -> None:
    """Exit code 2; with --leave-out-bad the good row comes."""
    file = write_csv(tmp_path / "a.csv", [NUMBERS, [3] * 9, [4] * 8 + ["baik sekali"]])
    code, out, err = run(tmp_path, file, "--date", "2019-06-30")
    assert (code, out) == (2, "")
    assert "Row 3, column U9: “baik sekali” is neither a number nor an answer of the scale." in err
    assert "Nothing has been kept: 1 cells in 1 rows cannot be read." in err
    assert kept(tmp_path) == []
    code, out, _ = run(tmp_path, file, "--date", "2019-06-30", "--leave-out-bad")
    assert code == 0
    assert "Rows left out, because they hold a cell that cannot be read: 1" in out
    assert len(kept(tmp_path)) == 1


def test_the_first_hundred_bad_cells_are_told_and_the_number_of_the_others(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [NUMBERS, *[[9] * 9] * 20])
    _, _, err = run(tmp_path, file, "--date", "2019-06-30")
    assert err.count("off the scale") == 100
    assert "And 80 more cells like these." in err
    _, _, indonesian = run(tmp_path, file, "--date", "2019-06-30", language="id")
    assert "Baris 2, kolom U1: “9” di luar skala 1 sampai 4." in indonesian


# --- days, places, people


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2019-03-04", date(2019, 3, 4)),
        ("4/3/2019", date(2019, 3, 4)),
        ("04.03.2019 10:15", date(2019, 3, 4)),
        ("4 Maret 2019", date(2019, 3, 4)),
        ("4-Mar-2019", date(2019, 3, 4)),
        ("2019/03/04 10:15:00 AM GMT+8", date(2019, 3, 4)),
        ("43528", date(2019, 3, 4)),
        ("20190304", date(2019, 3, 4)),
        ("31/02/2019", None),
        ("4/3/19", None),
        ("2019", None),
        ("kemarin", None),
        ("", None),
    ],
)
def test_a_day_is_read_as_people_here_write_it(said: str, meant: date | None) -> None:
    """43528 is the number by which Excel keeps that day; two digits of a year are not guessed at."""
    assert read_days([said])[said] == meant


def test_a_column_with_american_dates_is_read_as_american() -> None:
    """3/14/2019 can only be March: then 3/4/2019 of the same column is March too. Alone it is the third of April."""
    assert read_days(["3/14/2019", "3/4/2019"])["3/4/2019"] == date(2019, 3, 4)
    assert read_days(["3/4/2019"])["3/4/2019"] == date(2019, 4, 3)


def test_dates_of_excel_profile_service_and_unit_are_understood_by_code_or_by_label(tmp_path: Path) -> None:
    """A real date cell, labels in Indonesian and English, codes as text and number."""
    headings = ["Tanggal", "Jenis Layanan", "Unit", "Jenis kelamin", "U3"]
    lines: list[list[Any]] = [
        headings,
        [date(2024, 5, 6), "nib", None, "Perempuan", 4],
        [date(2024, 5, 7), "Izin reklame", "bangunan", "female", 3],
        [date(2024, 5, 8), None, "Informasi dan pengaduan", 1, "Sangat cepat"],
    ]
    code, _, err = run(tmp_path, write_xlsx(tmp_path / "a.xlsx", lines), "--channel", "paper")
    assert (code, err) == (0, "")
    with store_in(tmp_path / "data") as store:
        survey = survey_called(store)
        found = read_responses(store, LOCAL_STAFF, survey)
        assert all(one.response.digest == one.digest for one in rebuild(store, LOCAL_STAFF, survey))
    units, services = ({one.number: one.name for one in kind} for kind in (survey.units, survey.services))
    assert found.day.tolist() == [20240506, 20240507, 20240508]
    assert [units[key] for key in found.unit.tolist()] == ["perizinan", "bangunan", "informasi"]
    assert [services.get(key) for key in found.service.tolist()] == ["nib", "reklame", None]
    sex = [asked.name for asked in survey.questionnaire.profile].index("sex")
    assert found.profile[:, sex].tolist() == [2, 2, 1]
    assert found.answers[:, survey.questionnaire.positions["P_time"]].tolist() == [4, 3, 4]
    assert set(found.channel.tolist()) == {Channel.PAPER.code}


WRONG_PLACES = {
    "no_service": (["service"], ["paspor"], "there is no service “paspor” in this survey. Enter one of: nib, "),
    "no_unit": (["unit"], ["dinas lain"], "there is no unit “dinas lain” in this survey. Enter one of: perizinan"),
    "other_unit": (["service", "unit"], ["nib", "bangunan"], "the unit “bangunan” does not give the service"),
    "no_choice": (["sex"], ["lainnya"], "“lainnya” is none of the choices. Enter one of: 1 = Male, 2 = Female"),
}


@pytest.mark.parametrize("what", WRONG_PLACES)
def test_an_unknown_place_or_choice_is_told_with_what_is_known(tmp_path: Path, what: str) -> None:
    headings, cells, wanted = WRONG_PLACES[what]
    file = write_csv(tmp_path / "a.csv", [[*headings, "U3"], [*cells, 4]])
    code, _, err = run(tmp_path, file, "--date", "2019-06-30")
    assert code == 2
    assert wanted in err


@pytest.mark.parametrize(("said", "wanted"), [("2999-01-01", "future"), ("x", "not a date"), ("", "date is missing")])
def test_a_day_that_cannot_be_is_a_bad_cell(tmp_path: Path, said: str, wanted: str) -> None:
    file = write_csv(tmp_path / "a.csv", [["tanggal", "U3"], [said, 4]])
    code, _, err = run(tmp_path, file)
    assert code == 2
    assert wanted in err


def test_a_file_that_says_no_day_is_asked_for_one(tmp_path: Path) -> None:
    code, _, err = run(tmp_path, write_csv(tmp_path / "a.csv", [["kapan", "U3"], ["4/3/2019", 4]]))
    assert code == 2
    assert "no column tells the day of the answers. Headings in the file: kapan, U3." in err
    assert run(tmp_path, tmp_path / "a.csv", "--date-column", "kapan")[0] == 0
    assert "no column has the heading “bila”" in run(tmp_path, tmp_path / "a.csv", "--date-column", "bila")[2]


def test_answers_from_outside_the_period_are_kept_but_not_counted_and_that_is_said(tmp_path: Path) -> None:
    with store_in(tmp_path / "data") as store:
        set_survey(store, opens=date(2020, 1, 1))
    file = write_csv(tmp_path / "a.csv", [["tanggal", "U3"], ["2019-12-31", 4], ["2020-01-01", 4]])
    _, out, _ = run(tmp_path, file)
    assert "1 of the new responses lie outside the period" in out
    with store_in(tmp_path / "data") as store:
        assert read_responses(store, LOCAL_STAFF, survey_called(store)).flags.tolist() == [Flag.CLOSED, 0]


# --- headings and mappings


def test_a_mapping_can_be_saved_and_used_again(tmp_path: Path) -> None:
    """First by hand for headings that nobody could recognise, then as the program wrote it."""
    file = write_csv(tmp_path / "a.csv", [["Kapan?", "Cepat: ya?", "Cowok/cewek"], ["4/3/2019", 4, 1]])
    by_hand, saved = tmp_path / "m.json", tmp_path / "m.yaml"
    by_hand.write_text('{"Kapan?": "date", "Cepat: ya?": "U3", "Cowok/cewek": "sex"}')
    assert run(tmp_path, file, "--mapping", by_hand, "--save-mapping", saved)[0] == 0
    assert saved.read_text("utf-8") == '"Kapan?": date\n"Cepat: ya?": P_time\n"Cowok/cewek": sex\n'
    _, out, _ = run(tmp_path, file, "--mapping", saved)
    assert "0 have come, 1 were there already" in out


def test_a_mapping_that_does_not_fit_is_told(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [["a", "b"], [1, 2]])
    (mapping := tmp_path / "m.yaml").write_text("a: P_tiem\n")
    assert "a: “P_tiem” is no column of the questionnaire. Known are: " in run(tmp_path, file, "--mapping", mapping)[2]
    mapping.write_text("c: P_time\n")
    assert "has the heading “c”. The headings there: a, b." in run(tmp_path, file, "--mapping", mapping)[2]


def test_titles_may_stand_above_the_headings(tmp_path: Path) -> None:
    """As offices write: a merged title, an empty row, then the headings. Rows are told as Excel numbers them."""
    book = Workbook()
    sheet = book.active
    for line in [["Rekap SKM 2019"], [], ["tanggal", *NUMBERS], [date(2019, 3, 4), *[3] * 9], [date(2019, 3, 5), 9]]:
        sheet.append(line)
    sheet.merge_cells("A1:J1")
    book.save(tmp_path / "a.xlsx")
    _, out, _ = run(tmp_path, tmp_path / "a.xlsx", "--leave-out-bad")
    assert "2 rows below the headings in row 3." in out
    assert "Row 5, column U1: “9” is off the scale" in out
    assert len(kept(tmp_path)) == 1


def test_whole_questions_are_headings_as_online_forms_export_them(tmp_path: Path) -> None:
    """With the number of the form before them; the aspect before the element in brackets; *U3* alone."""
    first = "5. Apakah syarat yang diminta sesuai dengan jenis layanannya?"
    heads = ["Cap waktu", first, "Kenyataan [Sistem, mekanisme, dan prosedur]", *NUMBERS[2:]]
    file = write_csv(tmp_path / "a.csv", [heads, ["04/03/2024 08:13:00", *[3] * 9]])
    code, out, err = run(tmp_path, file)
    assert (code, err) == (0, "")
    assert f"{first} → P_requirements" in out and "→ P_procedure" in out
    assert len(kept(tmp_path)) == 1


def test_labels_above_the_printed_numbers_are_no_headings_of_their_own(tmp_path: Path) -> None:
    """As forms for recapitulation have them: the row with the numbers is nearer to the answers."""
    labels = ["Persyaratan", "Sistem, mekanisme, dan prosedur", "Waktu penyelesaian", *[""] * 6]
    file = write_csv(tmp_path / "a.csv", [labels, NUMBERS, [3] * 9])
    code, _, err = run(tmp_path, file, "--date", "2019-06-30")
    assert (code, err) == (0, "")
    assert len(kept(tmp_path)) == 1


def test_a_mean_below_the_answers_is_no_respondent_also_where_it_is_whole(tmp_path: Path) -> None:
    """The mean of two threes is a three; with --leave-out-bad the two respondents come."""
    lines = [["no", *NUMBERS], [1, *[3] * 9], [2, *[3] * 9], ["Rata-rata", *[3] * 9]]
    file = write_csv(tmp_path / "a.csv", lines)
    code, _, err = run(tmp_path, file, "--date", "2019-06-30")
    assert code == 2
    assert "Row 4, column U1: this row is reckoned" in err
    assert kept(tmp_path) == []
    assert run(tmp_path, file, "--date", "2019-06-30", "--leave-out-bad")[0] == 0
    assert len(kept(tmp_path)) == 2


def test_rows_without_an_answer_are_no_respondents(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [["no", "tanggal", "U3"], [1, "4/3/2019", 4], [2, "", ""], ["", "", ""]])
    _, out, _ = run(tmp_path, file)
    assert "Rows without a single answer, not counted: 2" in out
    assert len(kept(tmp_path)) == 1


def test_windows_1252_is_read_and_said(tmp_path: Path) -> None:
    file = write_csv(
        tmp_path / "a.csv",
        [["tanggal", "Keterangan ✓".replace("✓", "é"), "U3"], ["4/3/2019", "x", 4]],
        encoding="cp1252",
    )
    code, out, _ = run(tmp_path, file)
    assert code == 0
    assert "it was read as Windows-1252" in out
    assert "Columns left out: Keterangan é" in out


def test_nobody_brings_answers_without_the_permission(tmp_path: Path) -> None:
    with store_in(tmp_path / "data") as store, pytest.raises(Forbidden):
        import_responses(store, CITIZEN, survey_called(store), [])


def test_an_unknown_survey_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [["U3"], [4]])
    assert "There is no survey “smk”. Use one of: contoh, skm." in run(tmp_path, file, survey="smk")[2]
