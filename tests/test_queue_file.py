"""Does a queue carried on a USB drive come in like one that was sent: whole, once, and told in words?"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from survey.packed import Flag
from survey.store.plans.surveys import publish_questionnaire
from tests.builders import body, encoded, questionnaire, rows, send, set_survey, shipped, store_in
from tests.test_commands import run

STATION = {"station": "loket-1", "epoch": "0c8a1d6e-52a5-4a3f-8d0d-3a7f1a2b3c4d", "channel": "kiosk"}


def given(number: int, **more: Any) -> dict[str, Any]:
    """The answer with this number of the station, submitted now."""
    return body(shipped(), **STATION, sequence=number, submitted_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", **more)


def saved(folder: Path, *bodies: object, **more: Any) -> Path:
    """A file as the panel of a kiosk saves it."""
    records = [{"id": "x", "aside": 0, "body": one if isinstance(one, str) else json.dumps(one)} for one in bodies]
    file = folder / "queue.json"
    said = {"kind": "survey-queue", "version": 1, "form": "0123456789", "station": "loket-1", "records": records}
    said |= {"saved_at": "2026-11-24T02:00:00.000Z", "ahead": None} | more
    file.write_text(json.dumps(said), encoding="utf-8")
    return file


def test_what_stands_in_the_file_is_stored_and_the_second_time_it_is_there_already(tmp_path: Path) -> None:
    file = saved(tmp_path, given(1, time=4), given(2, time=3, comment="Cepat"))
    assert run(tmp_path / "data", "import-queue", str(file)) == (
        0,
        "Antrean dari loket-1, disimpan 2026-11-24T02:00:00.000Z menurut jam perangkat: 2 jawaban.\n"
        "2 baru dan tersimpan.\n"
        "Hapus berkas ini setelah semua tersimpan. Perangkat masih akan mengirimnya sendiri; itu tidak apa-apa.\n",
        "",
    )
    code, out, _ = run(tmp_path / "data", "import-queue", str(file), "--language", "en")
    assert code == 0 and "Here already, not stored twice: 2." in out
    with store_in(tmp_path / "data") as store:
        assert [row.sequence for row in rows(store)] == [1, 2]
        assert rows(store, "SELECT text FROM comment") == [("Cepat",)]


def test_what_the_device_sent_before_and_what_it_sends_after_is_the_same_response(tmp_path: Path) -> None:
    first, second = given(1, time=4), given(2, time=4)
    with store_in(tmp_path / "data") as store:
        send(store, encoded(first))
    code, out, _ = run(tmp_path / "data", "import-queue", str(saved(tmp_path, first, second)))
    assert code == 0 and "1 baru dan tersimpan." in out and "1 sudah ada" in out
    with store_in(tmp_path / "data") as store:
        assert send(store, encoded(second)).fate.value == "again"
        assert len(rows(store)) == 2


def test_every_outcome_is_told_and_what_has_to_be_looked_at_ends_with_1(tmp_path: Path) -> None:
    """A conflict, nothing that could be opened, a survey that is closed."""
    first = given(1, time=4)
    with store_in(tmp_path / "data") as store:
        send(store, encoded(first))
        set_survey(store, "contoh", status="closed")
    closed = given(3, time=1) | {"survey": "contoh"}
    file = saved(tmp_path, first | {"answers": {"P_time": 1}}, "", closed)
    code, out, err = run(tmp_path / "data", "import-queue", str(file))
    assert (code, err) == (1, "")
    assert "1 tersimpan, tetapi ditandai atau disisihkan" in out
    assert "1 memiliki id yang sudah ada dengan isi lain." in out
    assert "1 bukan jawaban dan tidak disimpan." in out
    with store_in(tmp_path / "data") as store:
        assert len(rows(store)) == 2 and len(rows(store, "SELECT * FROM set_aside")) == 1


def test_an_answer_to_an_earlier_version_comes_in_under_its_version(tmp_path: Path) -> None:
    earlier = questionnaire("time", name="skm-2017-servqual-old")
    with store_in(tmp_path / "data") as store, store.engine.begin() as connection:
        publish_questionnaire(connection, earlier)
    file = saved(tmp_path, body(earlier, time=2, **STATION, sequence=1))
    assert run(tmp_path / "data", "import-queue", str(file))[0] == 0
    with store_in(tmp_path / "data") as store:
        query = "SELECT q.name FROM response r JOIN questionnaire q ON q.number = r.questionnaire"
        assert rows(store, query) == [("skm-2017-servqual-old",)]


def test_the_clock_of_the_device_is_reckoned_with_as_the_server_last_saw_it(tmp_path: Path) -> None:
    """Its clock is 400 days ahead: the answer counts for the day it was given, and is flagged."""
    ahead = 400 * 86_400
    now = datetime.now(UTC)
    submitted = datetime.fromtimestamp(now.timestamp() + ahead, UTC)
    one = given(1, time=4) | {"submitted_at": submitted.isoformat(), "started_at": submitted.isoformat()}
    assert run(tmp_path / "data", "import-queue", str(saved(tmp_path, one, ahead=ahead + 0.25)))[0] == 0
    with store_in(tmp_path / "data") as store:
        ((offset, flags),) = rows(store, "SELECT clock_offset, flags FROM response")
    assert offset == -ahead and flags == Flag.CLOCK


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "bukan berkas antrean"),
        ("[1, 2]", "bukan berkas antrean"),
        ('{"kind": "survey-queue", "version": 1}', "(records)"),
        ('{"kind": "survey-queue", "version": 1, "records": [{"body": 7}]}', "(records.0.body)"),
        ('{"kind": "survey-queue", "version": 1, "records": [], "ahead": 1e300}', "(ahead)"),
        ('{"kind": "survey-queue", "version": 2, "records": []}', "lebih baru (versi 2)"),
        ("[" * 100_000, "bukan berkas antrean"),
        ('{"kind": "survey-queue", "version": 1, "records": []}', "Berkas ini tidak berisi jawaban."),
    ],
)
def test_a_file_that_is_no_queue_is_told_and_changes_nothing(tmp_path: Path, content: str, told: str) -> None:
    file = tmp_path / "queue.json"
    file.write_text(content)
    code, out, err = run(tmp_path / "data", "import-queue", str(file))
    assert told in out + err
    assert code == (0 if out else 2)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    code, _, err = run(tmp_path / "data", "import-queue", str(tmp_path / "none.json"))
    assert code == 2 and "tidak dapat dibaca" in err


def test_when_nothing_can_be_written_it_says_so_and_the_file_can_be_taken_in_again(tmp_path: Path) -> None:
    """A trigger in the database refuses every response, as a full disk would."""
    file = saved(tmp_path, given(1, time=4))
    with store_in(tmp_path / "data") as store, store.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON response BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    code, out, _ = run(tmp_path / "data", "import-queue", str(file))
    assert code == 1 and "1 tidak dapat ditulis." in out
    with store_in(tmp_path / "data") as store, store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER full")
    assert "1 baru dan tersimpan." in run(tmp_path / "data", "import-queue", str(file))[1]
