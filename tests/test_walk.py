"""The walk of one answer, from the questionnaire file to the dashboard and the data set, in a real process.

I am her answer to "how fast was the service". This is my story, in the order in which it happens.
"""

import csv
import io
import json
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from analysis.counting.matrix import Matrix
from analysis.files.datasets import data_set, package
from analysis.results import evaluate
from survey.principal import LOCAL_STAFF
from survey.problem import Problem
from survey.questionnaire import Questionnaire, load_questionnaire, parse_questionnaire
from survey.store.answers.responses import read_responses
from survey.store.plans.surveys import find_survey
from tests.running import ROOT, RunningApp, running_app

FILE = ROOT / "questionnaires" / "skm-2017-servqual.yaml"
ANSWERS = (4, 4, 4, 3, 3)
"""What the five citizens of this story say about the time; everything else they find good (3)."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with running_app(tmp_path_factory.mktemp("walk") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def receipts(app: RunningApp) -> list[dict[str, Any]]:
    """Five citizens have answered; the first one's tablet was not sure and sent twice."""
    questionnaire = load_questionnaire(FILE)
    bodies = [body(questionnaire, time=code) for code in ANSWERS]
    return [post(app, sent) for sent in (bodies[0], *bodies)]


def body(questionnaire: Questionnaire, time: int) -> bytes:
    now = datetime.now(UTC).isoformat()
    response = {
        "id": str(uuid.uuid4()),
        "survey": "skm",
        "questionnaire": {
            "name": questionnaire.name,
            "version": questionnaire.version,
            "digest": questionnaire.digest,
        },
        "service": "nib",
        "channel": "phone",
        "language": "id",
        "started_at": now,
        "submitted_at": now,
        "profile": {"sex": 2},
        "answers": {column.name: 3 for column in questionnaire.columns} | {"P_time": time, "E_time": 4},
        "timings": {"P_time": 41},
        "comment": "=cepat sekali",
    }
    return json.dumps(response).encode()


def post(app: RunningApp, sent: bytes) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", "Device-Time": datetime.now(UTC).isoformat()}
    request = Request(f"{app.url}/api/responses", sent, headers, method="POST")
    with urlopen(request, timeout=10) as answer:
        return {"http": answer.status, **json.load(answer)}


def test_1_i_begin_as_lines_in_a_file_that_must_speak_both_languages() -> None:
    text = FILE.read_text(encoding="utf-8")
    mute = text.replace("label: {id: Waktu penyelesaian, en: Time}", "label: {id: Waktu penyelesaian}")
    assert mute != text
    with pytest.raises(Problem, match=r"item 3 \(time\), label.*language “en”"):
        parse_questionnaire(mute, str(FILE))


def test_2_the_page_she_opens_carries_me_with_my_four_worded_choices(app: RunningApp) -> None:
    with urlopen(f"{app.url}/s/skm", timeout=10) as page:
        html = page.read().decode()
    assert page.status == 200
    assert "Seberapa cepat layanan yang baru saja Anda terima?" in html
    for choice in ("Tidak cepat", "Kurang cepat", "Cepat", "Sangat cepat"):
        assert choice in html


def test_3_sent_twice_i_exist_once_and_have_one_receipt(app: RunningApp, receipts: list[dict[str, Any]]) -> None:
    first, again = receipts[:2]
    assert (first["http"], again["http"]) == (201, 200)
    assert first["receipt"] == again["receipt"] and len(first["receipt"]) == 8
    with app.store() as store, store.reading.connect() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM response").scalar_one()
    assert count == len(ANSWERS)


def test_4_in_my_row_i_am_one_byte_and_a_view_shows_me_to_whoever_uses_sql(
    app: RunningApp, receipts: list[dict[str, Any]]
) -> None:
    questionnaire = load_questionnaire(FILE)
    with app.store() as store, store.reading.connect() as connection:
        packed = connection.exec_driver_sql("SELECT answers FROM response ORDER BY number").scalars().all()
        shown = connection.exec_driver_sql("SELECT code FROM answer WHERE item = 'P_time'").scalars().all()
    at = questionnaire.positions["P_time"]
    assert [row[at] for row in packed] == list(ANSWERS)
    assert sorted(shown) == sorted(ANSWERS)


def test_5_her_words_are_kept_apart_from_me(app: RunningApp, receipts: list[dict[str, Any]]) -> None:
    with app.store() as store, store.reading.connect() as connection:
        words = connection.exec_driver_sql("SELECT text FROM comment").scalars().all()
        columns = connection.exec_driver_sql("SELECT * FROM response LIMIT 1").keys()
    assert words == ["=cepat sekali"] * len(ANSWERS)
    assert "comment" not in columns


def test_6_i_am_counted_and_become_a_number_with_its_n(app: RunningApp, receipts: list[dict[str, Any]]) -> None:
    """IKM by hand: eight elements at 3, time at 18/5 = 3.6; (8 x 3 + 3.6) / 9 x 25 = 76.6667. Gap of time: 3.6 - 4."""
    with app.store() as store:
        survey = find_survey(store, "skm")
        assert survey is not None
        matrix = Matrix.from_packed(read_responses(store, LOCAL_STAFF, survey))
    results = evaluate(survey.questionnaire, matrix)
    assert results.index is not None
    assert (str(results.index.value.rounded), results.index.value.grade, results.index.n) == ("76.67", "B", 5)
    gap = next(gap for gap in results.items if gap.name == "time").gap
    assert gap.value == pytest.approx(-0.4, abs=1e-12) and gap.n == 5


def test_7_a_university_takes_me_away_without_her(app: RunningApp, receipts: list[dict[str, Any]]) -> None:
    with app.store() as store:
        survey = find_survey(store, "skm")
        assert survey is not None
        matrix = Matrix.from_packed(read_responses(store, LOCAL_STAFF, survey))
    taken = zipfile.ZipFile(io.BytesIO(package(data_set(matrix, survey, LOCAL_STAFF))))
    table = next(name for name in taken.namelist() if name.endswith("data.csv"))
    rows = list(csv.DictReader(io.StringIO(taken.read(table).decode("utf-8-sig"))))
    assert sorted(int(row["P_time"]) for row in rows) == sorted(ANSWERS)
    everything = b"".join(taken.read(name) for name in taken.namelist()).decode("utf-8-sig")
    assert "cepat sekali" not in everything
    assert not any(receipt["id"] in everything or receipt["receipt"] in everything for receipt in receipts)


def test_8_an_auditor_finds_the_same_number_in_the_file(
    app: RunningApp, receipts: list[dict[str, Any]], tmp_path: Path
) -> None:
    """The command reads the CSV that the screen gives out; there is no second truth."""
    with app.store() as store:
        survey = find_survey(store, "skm")
        assert survey is not None
        matrix = Matrix.from_packed(read_responses(store, LOCAL_STAFF, survey))
    taken = zipfile.ZipFile(io.BytesIO(package(data_set(matrix, survey, LOCAL_STAFF))))
    table = next(name for name in taken.namelist() if name.endswith("data.csv"))
    (tmp_path / "data.csv").write_bytes(taken.read(table))
    command = [sys.executable, "-m", "analysis", "evaluate", str(tmp_path / "data.csv")]
    command += ["--questionnaire", "skm-2017-servqual", "--json"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    results = json.loads(said.stdout)
    assert results["index"]["rounded"] == 76.67
    assert (results["index"]["grade"], results["index"]["n"]) == ("B", 5)
