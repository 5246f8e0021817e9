"""Times and stations come out of the store and of a file as they went in; what they flag is told with its reason."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.counting.live import Live
from analysis.counting.matrix import Matrix
from analysis.evaluate import main
from analysis.files.background import background_of
from analysis.files.live_visits import LiveVisits
from analysis.files.visits import Visits, closed_in, visits_of
from analysis.full import study_of
from analysis.topics.quality import QualityTopic, quality_topic
from survey.circumstances import Circumstances
from survey.principal import CITIZEN, LOCAL_STAFF, Forbidden, Permission, Principal
from survey.store import Store
from survey.store.answers.circumstances import read_circumstances
from survey.store.answers.deletion import delete_response, find_by_receipt
from survey.store.answers.responses import read_responses
from tests.builders import (
    NOW,
    add_survey,
    ask_instead,
    next_version,
    questionnaire,
    respond,
    set_survey,
    store_in,
    survey_called,
)
from tests.numbers import ELEMENTS

EPOCH = "00000000-0000-4000-8000-000000000001"
MIXED = dict(zip(ELEMENTS, (4, 3, 2, 4, 1, 3, 4, 2, 3), strict=True))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with the example agency."""
    with store_in(tmp_path) as opened:
        yield opened


def read(store: Store) -> tuple[Matrix, QualityTopic]:
    """The responses of the survey *skm*, and what is said of their quality."""
    survey = survey_called(store)
    matrix = Matrix.from_packed(read_responses(store, LOCAL_STAFF, survey))
    known = visits_of(read_circumstances(store, LOCAL_STAFF, survey, matrix.last))
    known = replace(known, closed=closed_in(matrix, survey))
    background = replace(background_of(matrix, survey), visits=known)
    return matrix, quality_topic(study_of(survey.questionnaire, matrix, background=background, minimum=1))


def test_timings_station_and_moment_come_out_in_the_order_of_the_responses(store: Store) -> None:
    """The second waited two minutes on a device half an hour slow; the clock of the third is wrong by two days."""
    slow, wrong = NOW - timedelta(minutes=30), NOW + timedelta(days=2)
    respond(store, at=NOW, submitted_at=NOW.isoformat(), timings={"P_time": 31, "P_fee": 7}, **MIXED)
    respond(
        store,
        at=NOW,
        device_time=slow,
        submitted_at=(slow - timedelta(minutes=2)).isoformat(),
        station="loket-1",
        channel="kiosk",
        epoch=EPOCH,
        sequence=1,
        **MIXED,
    )
    respond(store, at=NOW, device_time=wrong, submitted_at=wrong.isoformat(), **MIXED)
    survey = survey_called(store)
    found = read_circumstances(store, LOCAL_STAFF, survey, last=3)
    assert found.station.tolist() == [0, survey.stations["loket-1"].number, 0]
    at = survey.questionnaire.positions
    assert found.timings[0, [at["P_time"], at["P_fee"]]].tolist() == [31, 7]
    assert found.timings.sum() == 38
    assert (found.moment - int(NOW.timestamp())).tolist() == [0, -120, 0]
    assert len(read_circumstances(store, LOCAL_STAFF, survey, last=1)) == 1


def test_timings_of_an_earlier_version_stand_under_their_names(store: Store) -> None:
    """The next version asks the fee first, no longer the time, and a new item."""
    first = questionnaire("time", "fee")
    add_survey(store, first)
    respond(store, survey="trial", time=1, fee=2, timings={"P_time": 11, "P_fee": 22})
    items = json.loads(questionnaire("fee", "room").canonical)["items"]
    survey = ask_instead(store, next_version(first, items=items), "trial")
    respond(store, survey="trial", fee=3, room=4, timings={"P_fee": 3, "P_room": 4})
    assert read_circumstances(store, LOCAL_STAFF, survey, last=2).timings.tolist() == [[22, 0], [3, 4]]


def test_only_who_may_read_results_is_told_and_only_of_the_own_units(store: Store) -> None:
    """A citizen is refused; whoever reads one unit gets as many rows as answers."""
    respond(store, service="nib", **MIXED)
    respond(store, **MIXED)
    survey = survey_called(store)
    with pytest.raises(Forbidden):
        read_circumstances(store, CITIZEN, survey, last=2)
    units = frozenset({unit.number for unit in survey.units})
    reader = Principal("reader", frozenset({Permission.READ_RESULTS}), units)
    assert len(read_circumstances(store, reader, survey, last=2)) == len(read_responses(store, reader, survey)) == 1


def test_fast_repeated_and_crowded_responses_of_a_station_are_flagged(store: Store) -> None:
    """Six with the same answers at one station within a minute, the first of them in half a second per question."""
    for number in range(6):
        moment = NOW + timedelta(seconds=10 * number)
        timings = {f"P_{name}": 5 if number == 0 else 40 for name in ELEMENTS}
        where = {"station": "loket-1", "channel": "kiosk", "epoch": EPOCH, "sequence": number + 1}
        respond(store, at=moment, submitted_at=moment.isoformat(), timings=timings, **where, **MIXED)
    _, found = read(store)
    assert (found.doubts["fast"], found.doubts["burst"], found.doubts["duplicate"]) == (1, 6, 5)
    assert found.not_judged_because == {"out_of_hours": "no_hours"}
    assert {one.without: one.left for one in found.comparison}["duplicate"] == 1
    assert found.doubtful == 6


def test_what_came_outside_the_opening_hours_is_flagged(store: Store) -> None:
    """NOW is a Tuesday morning, 09.00 in the office: open from eleven, that is too early."""
    set_survey(store, hours=[["11:00", "15:00"]] * 5 + [None, None])
    respond(store, **MIXED)
    _, found = read(store)
    assert found.doubts["out_of_hours"] == 1
    assert "no_timings" in found.not_judged_because.values()


class Counting:
    """Reads from the real store and remembers how many rows each read brought."""

    def __init__(self) -> None:
        self.brought: list[int] = []

    def __call__(self, *arguments: Any, **named: Any) -> Circumstances:
        found = read_circumstances(*arguments, **named)
        self.brought.append(len(found))
        return found


def told(visits: Visits | None) -> list[list[Any]]:
    assert visits is not None
    parts = (visits.pace, visits.timed, visits.station, visits.moment)
    return [[] if part is None else np.nan_to_num(part, nan=-1).tolist() for part in parts]


def test_times_that_were_read_once_are_not_read_again(store: Store) -> None:
    """Three, then one more: one row is read, and all four are as if they had been read at once."""
    survey, live, reads = survey_called(store), Live(store), Counting()
    visits = LiveVisits(store, read=reads)
    for number in range(3):
        respond(store, at=NOW + timedelta(minutes=number), timings={"P_time": 10 + number}, **MIXED)
    earlier = live.seen(LOCAL_STAFF, survey)
    assert len(told(visits.visits(LOCAL_STAFF, survey, earlier.matrix, earlier.deleted))[0]) == 3
    respond(store, at=NOW, station="loket-1", channel="kiosk", epoch=EPOCH, sequence=1, **MIXED)
    seen = live.seen(LOCAL_STAFF, survey)
    found = told(visits.visits(LOCAL_STAFF, survey, seen.matrix, seen.deleted))
    assert reads.brought == [3, 1]
    assert found == told(visits_of(read_circumstances(store, LOCAL_STAFF, survey, seen.matrix.last)))
    again = told(visits.visits(LOCAL_STAFF, survey, earlier.matrix, earlier.deleted))
    assert again == [part[:3] for part in found]
    assert reads.brought == [3, 1]


def test_times_are_read_anew_when_a_response_was_deleted_on_request(store: Store) -> None:
    """The second of three goes: what remains is in the order of the answers that remain."""
    survey, live, reads = survey_called(store), Live(store), Counting()
    visits = LiveVisits(store, read=reads)
    kept = [respond(store, timings={"P_time": 10 * number}, **MIXED) for number in (1, 2, 3)]
    seen = live.seen(LOCAL_STAFF, survey)
    visits.visits(LOCAL_STAFF, survey, seen.matrix, seen.deleted)
    found_by_receipt = find_by_receipt(store, LOCAL_STAFF, survey, kept[1].receipt or "")
    assert found_by_receipt is not None
    delete_response(store, LOCAL_STAFF, survey, found_by_receipt, reason="Diminta oleh pengisi di loket")
    after = live.seen(LOCAL_STAFF, survey)
    found = visits.visits(LOCAL_STAFF, survey, after.matrix, after.deleted)
    assert found is not None and found.pace is not None
    assert found.pace.tolist() == [1.0, 3.0]
    assert reads.brought == [3, 2]


def evaluated(folder: Path, text: str, *options: str) -> tuple[int, dict[str, Any], str]:
    file = folder / "answers.csv"
    file.write_text(text, encoding="utf-8")
    out, err = io.StringIO(), io.StringIO()
    asked = ["evaluate", str(file), "--questionnaire", "skm-2017", "--full", "--json", "--language", "en", *options]
    code = main(asked, out, err)
    return code, json.loads(out.getvalue() or "{}", parse_constant=pytest.fail), err.getvalue()


def test_expectations_that_are_all_the_best_are_no_doubt(tmp_path: Path) -> None:
    """Nobody's experience shows a pattern; everybody expects the best of everything, which is honest."""
    elements = ("requirements", "procedure", "time", "fee", "product", "competence", "behaviour", "complaints")
    head = ",".join(f"{letter}_{name}" for letter in "EP" for name in elements)
    file = tmp_path / "answers.csv"
    rows = [f"4,4,4,4,4,4,4,4,{codes}" for codes in ("4,2,3,1,4,2,3,1", "1,3,2,4,1,3,2,4", "2,4,1,3,4,1,3,2")]
    file.write_text("\n".join([head, *rows]), encoding="utf-8")
    out, err = io.StringIO(), io.StringIO()
    assert main(["evaluate", str(file), "--questionnaire", "skm-2017-servqual", "--full", "--json"], out, err) == 0
    quality = json.loads(out.getvalue())["full"]["quality"]
    assert quality["doubts"]["straight"] == quality["doubtful"] == 0
    assert [block["kind"] for block in quality["blocks"]] == ["perception", "expectation"]


HEAD = ",".join(f"U{number}" for number in range(1, 10))


def test_a_file_may_say_times_and_stations_itself(tmp_path: Path) -> None:
    """Six alike at K1 within a minute, the first in five seconds; one elsewhere, without a time."""
    rows = [f"4,3,2,4,1,3,4,2,3,K1,2026-11-24 08:00:{number:02d},{5 if not number else 90}" for number in range(6)]
    code, found, said = evaluated(
        tmp_path, "\n".join([f"{HEAD},station,submitted_at,seconds", *rows, "4,4,4,4,4,4,4,4,3,K2,,"])
    )
    assert (code, said) == (0, "")
    quality = found["full"]["quality"]
    assert (quality["doubts"]["fast"], quality["doubts"]["burst"], quality["doubts"]["duplicate"]) == (1, 6, 5)
    assert quality["not_judged_because"] == {"out_of_hours": "no_hours"}


def test_a_file_without_times_says_why_they_are_not_judged(tmp_path: Path) -> None:
    """Nothing but the answers."""
    _, found, _ = evaluated(tmp_path, f"{HEAD}\n4,3,2,4,1,3,4,2,3\n4,3,3,4,1,3,4,2,3\n")
    assert found["full"]["quality"]["not_judged_because"] == {
        "fast": "no_timings",
        "burst": "no_stations",
        "duplicate": "no_stations",
        "out_of_hours": "no_moments",
    }


def test_a_file_with_times_is_held_against_the_opening_hours_that_are_said(tmp_path: Path) -> None:
    """Tuesday to Sunday in the week of 24 November 2026: closed before eight, after three, and at the end of the week.

    What is written in world time, and what has no time, is not held against them.
    """
    times = ["2026-11-24 07:59", "2026-11-24 08.00", "24/11/2026 15:00", "2026-11-28 10:00+08:00", "2026-11-29 10:00"]
    rows = [f"{1 + at % 4},3,2,4,1,3,4,2,3,{time}" for at, time in enumerate([*times, "2026-11-24T23:00Z", ""])]
    hours = ["--hours", *["08.00-15.00"] * 5, "-"]
    code, found, said = evaluated(tmp_path, "\n".join([f"{HEAD},submitted_at", *rows]), *hours)
    assert (code, said) == (0, "")
    quality = found["full"]["quality"]
    assert quality["doubts"]["out_of_hours"] == 4
    assert "out_of_hours" not in quality["not_judged_because"]


@pytest.mark.parametrize(
    ("hours", "wanted"), [(["8 to 3 pm"], "hours of Monday (“8 to 3 pm”) cannot be read"), (["-"] * 8, "--hours")]
)
def test_opening_hours_that_cannot_be_read_are_told(tmp_path: Path, hours: list[str], wanted: str) -> None:
    """Words instead of times, and eight days."""
    code, _, said = evaluated(tmp_path, f"{HEAD}\n4,3,2,4,1,3,4,2,3\n", "--hours", *hours)
    assert code == 2
    assert wanted in said


@pytest.mark.parametrize(
    ("heading", "given", "said"),
    [
        ("submitted_at", "2026-11-24", "is no day with a time"),
        ("submitted_at", "2026-11-24 25:00", "is no day with a time"),
        ("seconds", "soon", "is no number of seconds"),
        ("seconds", "-3", "is no number of seconds"),
        ("seconds", "inf", "is no number of seconds"),
    ],
)
def test_what_is_no_time_is_told_with_its_place(tmp_path: Path, heading: str, given: str, said: str) -> None:
    """Row, column and repair; nothing is computed."""
    code, _, message = evaluated(tmp_path, f"{HEAD},{heading}\n4,3,2,4,1,3,4,2,3,{given}\n")
    assert code == 2
    assert "row 2" in message and heading in message and said in message


def test_zones_are_understood(tmp_path: Path) -> None:
    """08:00 in Makassar and 00:00 UTC are one moment: with three minutes between, six are a burst."""
    times = ["24/11/2026 08.00+08:00", "2026-11-24T00:00:30Z", "2026-11-24 00:01", "2026-11-24 00:01:10+00"]
    rows = [f"{1 + at % 4},3,2,4,1,3,4,2,3,K1,{time}" for at, time in enumerate([*times, "2026-11-24, 07:01:20 +07"])]
    code, found, said = evaluated(
        tmp_path,
        "\n".join(
            [f"{HEAD},station,submitted_at", *rows[:4], rows[4].replace("2026-11-24, 07", '"2026-11-24, 07') + '"']
        ),
    )
    assert (code, said) == (0, "")
    assert found["full"]["quality"]["doubts"]["burst"] == 5


def test_pace_is_nan_where_nothing_was_timed(store: Store) -> None:
    """Paper has no timings: not flagged, and not taken for infinitely fast."""
    respond(store, **MIXED)
    matrix, found = read(store)
    survey = survey_called(store)
    pace = visits_of(read_circumstances(store, LOCAL_STAFF, survey, matrix.last)).pace
    assert pace is not None and np.isnan(pace).all()
    assert "fast" not in found.doubts
