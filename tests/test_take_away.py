"""Does Excel get numbers and text that does nothing, and SPSS labels and missing values, the same bytes every time?"""

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from analysis.counting.matrix import Matrix
from analysis.files.datasets import DataSet, data_set, responses_csv
from analysis.files.excel import SHEETS, xlsx
from analysis.files.spss import sav
from analysis.results import evaluate
from survey.catalogue import Unit
from survey.principal import LOCAL_STAFF
from survey.questionnaire import Questionnaire
from survey.settings import ROOT
from survey.store import Store
from survey.store.answers.responses import read_responses
from tests.builders import add_survey, questionnaire, respond, shipped, survey_called
from tests.numbers import matrix as matrix_of

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", '=HYPERLINK("http://x")', "http://x.example")


def taken(store: Store) -> DataSet:
    found = survey_called(store)
    return data_set(Matrix.from_packed(read_responses(store, LOCAL_STAFF, found)), found, LOCAL_STAFF)


def workbook(data: DataSet, store: Store, language: str = "id") -> bytes:
    survey = data.survey
    matrix = Matrix.from_packed(read_responses(store, LOCAL_STAFF, survey_called(store)))
    return xlsx(data, evaluate(survey.questionnaire, matrix), language)


@pytest.fixture
def answered(store: Store) -> Store:
    """Six citizens: time 4 4 4 4 2 2, fee skipped, expectation of time 3; three of them for NIB."""
    for code, service in ((4, "nib"), (4, "nib"), (4, "nib"), (4, None), (2, None), (2, None)):
        respond(store, time=code, E_time=3, service=service, profile={"sex": 2})
    return store


# --- Excel


def test_pandas_reads_numbers_and_empty_cells_from_the_workbook(answered: Store) -> None:
    table = pd.read_excel(io.BytesIO(workbook(taken(answered), answered)), sheet_name="data")
    assert len(table) == 6
    assert sorted(table["P_time"]) == [2, 2, 4, 4, 4, 4]
    assert table["P_time"].dtype.kind == "i"
    assert table["P_fee"].isna().all()
    assert table["service"].dropna().tolist() == ["nib"] * 3
    assert set(table["month"]) == {202611}


def test_the_workbook_says_the_same_as_the_csv_file(answered: Store) -> None:
    data = taken(answered)
    theirs = pd.read_csv(io.BytesIO(responses_csv(data)))
    pd.testing.assert_frame_equal(pd.read_excel(io.BytesIO(workbook(data, answered))), theirs)


def test_openpyxl_finds_three_sheets_with_a_head_that_stays(answered: Store) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(taken(answered), answered)))
    assert tuple(book.sheetnames) == SHEETS
    sheet = book["data"]
    assert (sheet.freeze_panes, sheet.dimensions) == ("A2", "A1:AB7")
    assert sheet["A7"].value == 202611


@pytest.mark.parametrize(
    ("language", "label", "headline"), [("id", "Waktu penyelesaian", "IKM"), ("en", "Time", "IKM")]
)
def test_codebook_and_summary_speak_the_chosen_language(
    answered: Store, language: str, label: str, headline: str
) -> None:
    content = workbook(taken(answered), answered, language)
    codebook = pd.read_excel(io.BytesIO(content), sheet_name="codebook", header=0)
    (row,) = codebook[(codebook.iloc[:, 0] == "P_time") & (codebook.iloc[:, 6] == 4)].values.tolist()
    assert label in row
    summary = pd.read_excel(io.BytesIO(content), sheet_name="summary", header=None)
    assert headline in str(summary.iloc[0, 0])
    (mean,) = summary[summary[0] == label].iloc[:, 1]
    assert mean == pytest.approx(20 / 6)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_live_whatever_it_begins_with(answered: Store, text: str) -> None:
    """As the name of a unit in the data, as its label in the codebook, as the title in the summary."""
    data = taken(answered)
    unit = data.survey.units[0]
    units = (Unit(unit.number, text, {"id": text, "en": text}), *data.survey.units[1:])
    survey = replace(data.survey, units=units, title={"id": text, "en": text})
    matrix = Matrix.from_packed(read_responses(answered, LOCAL_STAFF, survey_called(answered)))
    content = xlsx(data_set(matrix, survey, LOCAL_STAFF), evaluate(survey.questionnaire, matrix), "id")
    book = openpyxl.load_workbook(io.BytesIO(content))
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert {cell.data_type for cell in found} <= {"s", "inlineStr"}
    assert sum(cell.value.strip() == text.strip() for cell in found) >= 3
    parts = zipfile.ZipFile(io.BytesIO(content))
    for name in parts.namelist():
        assert not re.search(b"<f[ >]|<hyperlink|relationships/hyperlink", parts.read(name)), name


# --- SPSS


def read_sav(content: bytes, folder: Path, **how: Any) -> tuple[pd.DataFrame, Any]:
    (file := folder / "data.sav").write_bytes(content)
    table, meta = pyreadstat.read_sav(file, **how)
    return pd.DataFrame(table), meta


def test_spss_gets_variable_labels_value_labels_and_levels(answered: Store, tmp_path: Path) -> None:
    table, meta = read_sav(sav(taken(answered), "en"), tmp_path)
    labels: Mapping[str, str] = meta.column_names_to_labels
    assert labels["P_time"] == "U3 Time (perception)"
    assert labels["sex"] == "Sex"
    assert meta.variable_value_labels["P_time"] == {
        0: "Not answered",
        1: "Not fast at all",
        2: "Not very fast",
        3: "Fast",
        4: "Very fast",
    }
    assert meta.variable_value_labels["channel"][2] == "Own phone"
    assert meta.variable_value_labels["unit"][1] == "Business licences"
    measures = meta.variable_measure
    assert (measures["P_time"], measures["sex"], measures["unit"]) == ("ordinal", "nominal", "nominal")
    assert meta.file_label == "Community satisfaction survey"
    assert sorted(table["P_time"]) == [2, 2, 4, 4, 4, 4]


def test_not_answered_is_a_declared_missing_value(answered: Store, tmp_path: Path) -> None:
    """By default pandas sees NA; with user_missing the 0 that SPSS shows as *Not answered*."""
    content = sav(taken(answered), "en")
    table, meta = read_sav(content, tmp_path)
    assert table["P_fee"].isna().all()
    assert table["service"].isna().sum() == 3
    kept, _ = read_sav(content, tmp_path, user_missing=True)
    assert set(kept["P_fee"]) == {0}
    _, meta = read_sav(content, tmp_path, user_missing=True, metadataonly=True)
    assert meta.missing_ranges["P_fee"] == [{"lo": 0, "hi": 0}]
    assert "month" not in meta.missing_ranges and "counted" not in meta.missing_ranges


def test_no_points_and_no_answer_differ_in_spss(store: Store, tmp_path: Path) -> None:
    q = questionnaire("time", points={"question": {"id": "Bagikan", "en": "Share"}, "total": 100})
    data = data_set(matrix_of(q, {"P_time": [1] * 5, "W_one": [101, 1, 31, 0, 0]}), add_survey(store, q), LOCAL_STAFF)
    table, meta = read_sav(sav(data, "id"), tmp_path)
    assert sorted(table["W_one"].dropna()) == [0, 30, 100]
    assert meta.variable_measure["W_one"] == "scale"
    assert meta.variable_value_labels["W_one"] == {-1: "Tidak dijawab"}


def test_long_labels_are_cut_where_spss_ends(store: Store, tmp_path: Path) -> None:
    content = json.loads(shipped().canonical)
    content["name"], content["items"][0]["label"] = "long", {"id": "é" * 300, "en": "é" * 300}
    q = Questionnaire.from_canonical(json.dumps(content))
    data = data_set(matrix_of(q, {"P_time": [1] * 5}), add_survey(store, q), LOCAL_STAFF)
    _, meta = read_sav(sav(data, "id"), tmp_path)
    assert 100 < len(meta.column_names_to_labels["P_requirements"]) <= 127


# --- the same bytes


def test_the_same_responses_give_the_same_bytes_in_another_process_zone_and_hour(
    answered: Store, tmp_path: Path
) -> None:
    """Hash seed, time zone and time of day are different; the clock stands in neither file."""
    data = taken(answered)
    script = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from tests.builders import store_in
from tests.test_take_away import sav, taken, workbook
with store_in(Path({str(tmp_path / "data")!r})) as store:
    data = taken(store)
    Path({str(tmp_path / "b.sav")!r}).write_bytes(sav(data, "id"))
    Path({str(tmp_path / "b.xlsx")!r}).write_bytes(workbook(data, store))
"""
    environment = {"PYTHONHASHSEED": "7", "TZ": "America/Lima", "PATH": "/usr/bin:/bin"}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True, timeout=120)
    assert (tmp_path / "b.sav").read_bytes() == sav(data, "id")
    assert (tmp_path / "b.xlsx").read_bytes() == workbook(data, answered)
