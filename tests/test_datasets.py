"""Can the data be taken away, read back by those who use them, and point at nobody?"""

import csv
import io
import zipfile
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from analysis.counting.matrix import Matrix
from analysis.files.datasets import MINIMUM, DataSet, cell, codebook_csv, data_set, package, responses_csv
from analysis.results import evaluate
from survey.principal import CITIZEN, LOCAL_STAFF, Forbidden
from survey.problem import Problem
from survey.questionnaire import Questionnaire
from survey.store import Store
from survey.store.answers.responses import read_responses
from tests.builders import NOW, add_survey, body, questionnaire, respond, send, set_survey, shipped, survey_called
from tests.numbers import matrix as matrix_of

QUESTIONNAIRE = shipped()


def taken(store: Store, survey: str = "skm") -> DataSet:
    """The data set of a survey as the screen takes it."""
    found = survey_called(store, survey)
    return data_set(Matrix.from_packed(read_responses(store, LOCAL_STAFF, found)), found, LOCAL_STAFF)


def read_back(data: DataSet) -> pd.DataFrame:
    """What pandas makes of the file without being told anything about it."""
    return pd.read_csv(io.BytesIO(responses_csv(data)))


def answer(store: Store, count: int = MINIMUM, **given: object) -> None:
    for _ in range(count):
        respond(store, **{"time": 4, **given})


# --- what is in it


def test_pandas_reads_back_what_the_citizens_said(store: Store) -> None:
    answer(store, 3, E_time=3, fee=1, service="nib", profile={"sex": 2, "age": 3})
    answer(store, 4, time=2, channel="kiosk", station="tablet-1")
    table = read_back(taken(store))
    assert list(table.columns[:4]) == ["month", "unit", "service", "channel"]
    assert len(table) == 7
    nib = table[table["service"] == "nib"]
    assert nib[["month", "sex", "age", "P_time", "E_time", "P_fee"]].drop_duplicates().values.tolist() == [
        [202611, 2, 3, 4, 3, 1]
    ]
    assert set(nib["unit"]) == {"perizinan"}
    assert table["P_time"].value_counts().to_dict() == {2: 4, 4: 3}
    assert table["E_time"].isna().sum() == 4
    assert set(table[table["channel"] == "kiosk"]["unit"]) == {"informasi"}


def test_the_index_can_be_computed_again_from_the_file(store: Store) -> None:
    """Mean of nine means x 25, over the rows that count: the same number as the dashboard's."""
    for code in (1, 2, 3, 4, 4, 3):
        respond(store, **{item.name: code for item in QUESTIONNAIRE.items} | {"fee": 4})
    survey = survey_called(store)
    shown = evaluate(QUESTIONNAIRE, Matrix.from_packed(read_responses(store, LOCAL_STAFF, survey)))
    table = read_back(taken(store)).query("counted == 1")
    again = table[[f"P_{item.name}" for item in QUESTIONNAIRE.items]].mean().mean() * 25
    assert shown.index is not None
    assert again == pytest.approx(float(shown.index.value.exact), abs=1e-12)


def test_responses_that_do_not_count_are_there_and_marked(store: Store) -> None:
    answer(store)
    set_survey(store, status="closed")
    respond(store, time=1)
    data = taken(store)
    table = read_back(data)
    assert table["counted"].tolist().count(0) == 1
    assert table[table["counted"] == 0]["P_time"].tolist() == [1]
    assert (data.n, data.not_counted, data.flagged) == (6, 1, 1)


def test_points_are_given_as_shared_not_as_stored(store: Store) -> None:
    """Stored as points + 1, so that 0 can mean not answered: 0 points and no answer must differ in the file."""
    q = questionnaire("time", points={"question": {"id": "Bagikan", "en": "Share"}, "total": 100})
    survey = add_survey(store, q)
    cells = matrix_of(q, {"P_time": [1, 2, 3, 4, 4], "W_one": [101, 1, 31, 0, 0]})
    table = read_back(data_set(cells, survey, LOCAL_STAFF))
    assert sorted(table["W_one"].dropna()) == [0, 30, 100]
    assert table["W_one"].isna().sum() == 2


def test_the_codebook_explains_every_column_and_every_code_of_the_file(store: Store) -> None:
    answer(store, 6, service="nib", profile={"sex": 1})
    data = taken(store)
    table = read_back(data)
    book = pd.read_csv(io.BytesIO(codebook_csv(data.variables)), dtype=str, keep_default_na=False)
    assert list(dict.fromkeys(book["variable"])) == list(table.columns)
    for name in table.columns:
        codes = set(book[book["variable"] == name]["code"]) - {""}
        values = {str(int(v)) if isinstance(v, float) else str(v) for v in table[name].dropna()}
        assert not codes or values <= codes, name
    assert set(book["missing_en"]) >= {"Empty = not answered", "Never empty"}


# --- what is not in it


def test_nothing_in_the_package_points_at_a_person(store: Store) -> None:
    """No id, receipt, station, epoch, sequence, clock time, day, timing or comment; only the month remains."""
    epoch, comment = "7d3f1c55-6a0e-4a7b-9f43-0a7f5d1c9e11", "Saya Maria dari Oebobo"
    receipts, ids = [], []
    for number in range(1, 7):
        sent = body(
            QUESTIONNAIRE, time=4, station="loket-1", epoch=epoch, sequence=number, channel="kiosk", comment=comment,
            timings={"P_time": 3131},
        )  # fmt: skip
        ids.append(sent["id"])
        receipts.append(send(store, sent).receipt)
    everything = b"".join(
        zipfile.ZipFile(io.BytesIO(package(taken(store)))).read(n) for n in ("data.csv", "codebook.csv", "README.txt")
    )
    for secret in (
        *ids,
        *receipts,
        epoch,
        comment,
        "Maria",
        "loket-1",
        "3131",
        "20261124",
        "2026-11-24",
        "01:57",
        "09.57",
    ):
        assert str(secret).encode() not in everything


def test_the_order_of_the_rows_does_not_tell_who_came_first(store: Store) -> None:
    """The same people in another order give the same file."""
    q = QUESTIONNAIRE
    survey = survey_called(store)
    codes = np.random.default_rng(4).integers(0, 5, (40, len(q.columns)))
    columns = {column.name: codes[:, at].tolist() for at, column in enumerate(q.columns)}
    turned = {name: values[::-1] for name, values in columns.items()}
    one, other = (data_set(matrix_of(q, given), survey, LOCAL_STAFF) for given in (columns, turned))
    assert responses_csv(one) == responses_csv(other)


def test_fewer_than_five_responses_cannot_be_taken_away(store: Store) -> None:
    answer(store, MINIMUM - 1)
    with pytest.raises(Problem, match="From 5 on"):
        taken(store)
    answer(store, 1)
    assert taken(store).n == MINIMUM


def test_a_test_survey_can_be_taken_away_at_once_and_says_what_it_is(store: Store) -> None:
    respond(store, survey="contoh", time=4)
    data = taken(store, "contoh")
    assert data.n == 1
    text = zipfile.ZipFile(io.BytesIO(package(data))).read("README.txt").decode("utf-8-sig")
    assert "TEST SURVEY: made-up answers" in text
    assert "SURVEI UJI COBA: jawaban buatan" in text


def test_a_citizen_gets_no_data(store: Store) -> None:
    answer(store)
    survey = survey_called(store)
    cells = Matrix.from_packed(read_responses(store, LOCAL_STAFF, survey))
    with pytest.raises(Forbidden):
        data_set(cells, survey, CITIZEN)


# --- the bytes


def test_the_same_responses_give_the_same_bytes(store: Store) -> None:
    answer(store, 7, service="pbg")
    assert package(taken(store)) == package(taken(store))
    times = {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(package(taken(store)))).infolist()}
    assert times == {(1980, 1, 1, 0, 0, 0)}


def test_excel_finds_a_byte_order_mark_and_every_row_has_every_cell(store: Store) -> None:
    answer(store, 5)
    written = responses_csv(taken(store))
    assert written.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in written
    assert written.endswith(b"\n")
    lines = list(csv.reader(io.StringIO(written.decode("utf-8-sig"))))
    assert len(lines) == 6
    assert {len(line) for line in lines} == {len(taken(store).variables)}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_a_spreadsheet_would_run_is_never_a_live_formula(start: str) -> None:
    written = next(csv.reader(io.StringIO(cell(f'{start}HYPERLINK("http://example.test")'), newline="")))
    assert written[0].startswith("'" + start)


def test_a_formula_in_the_words_of_a_questionnaire_or_in_a_name_stays_a_text(store: Store) -> None:
    survey = survey_called(store)
    trap = "=cmd|' /C calc'!A1"
    units = tuple(replace(unit, name=trap, label={"id": trap, "en": "+1"}) for unit in survey.units)
    items = tuple(item.model_copy(update={"label": {"id": trap, "en": "@x"}}) for item in QUESTIONNAIRE.items)
    q: Questionnaire = QUESTIONNAIRE.model_copy(update={"items": items})
    unit = survey.units[0].number
    data = data_set(
        matrix_of(q, {"P_time": [4] * 5}, unit=unit), replace(survey, units=units, questionnaire=q), LOCAL_STAFF
    )
    for written in (responses_csv(data), codebook_csv(data.variables)):
        cells = [c for line in csv.reader(io.StringIO(written.decode("utf-8-sig"))) for c in line]
        assert any("calc" in c for c in cells)
        assert not [c for c in cells if c.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_quotes_commas_and_line_ends_survive_the_way_through_a_file() -> None:
    for text in ('a "b"', "a,b", "a\nb", "plain", "", "ü é ’"):
        assert next(csv.reader(io.StringIO(cell(text), newline="")), [""]) == [text]


def test_the_month_is_that_of_the_office_not_of_greenwich(store: Store) -> None:
    """Half past four in the afternoon of 30 November in Greenwich is 1 December in Kupang."""
    late = NOW.replace(day=30, hour=16, minute=30)
    for _ in range(5):
        respond(
            store, time=4, at=late, submitted_at=late.isoformat(), started_at=(late - timedelta(minutes=2)).isoformat()
        )
    assert read_back(taken(store))["month"].unique().tolist() == [202612]


def test_a_hundred_thousand_responses_are_written_in_blocks_without_a_seam(store: Store) -> None:
    codes = np.random.default_rng(7).integers(0, 5, (120_001, len(QUESTIONNAIRE.columns)))
    cells = matrix_of(QUESTIONNAIRE, {c.name: codes[:, at].tolist() for at, c in enumerate(QUESTIONNAIRE.columns)})
    table = read_back(data_set(cells, survey_called(store), LOCAL_STAFF))
    assert len(table) == 120_001
    for at, column in enumerate(QUESTIONNAIRE.columns):
        assert table[column.name].fillna(0).value_counts().to_dict() == dict(
            zip(*map(np.ndarray.tolist, np.unique(codes[:, at], return_counts=True)), strict=True)
        )
