"""Is every response kept exactly once, and does it come out as it went in?"""

import base64
import hashlib
import hmac
import json
import os
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from survey.catalogue import Channel
from survey.packed import Flag
from survey.principal import CITIZEN, LOCAL_STAFF, Forbidden, Permission, Principal
from survey.response import MAX_BODY
from survey.store import Store
from survey.store.answers.responses import count_set_aside, newest, read_responses, rebuild
from survey.store.answers.submissions import Fate, Incoming, receipt_for, submit
from survey.store.plans.surveys import list_surveys
from tests.builders import (
    NOW,
    add_survey,
    ask_instead,
    body,
    both,
    encoded,
    next_version,
    questionnaire,
    respond,
    rows,
    send,
    set_survey,
    shipped,
    store_in,
    survey_called,
)

NOBODY = uuid.UUID(int=0)


def fate(store: Store, **given: Any) -> Fate:
    return respond(store, **given).fate


def flags(store: Store) -> list[Flag]:
    return [Flag(row.flags) for row in rows(store)]


def days(store: Store) -> list[int]:
    return [row.answered_on for row in rows(store)]


# --- what becomes of a submission


def test_a_new_response_is_stored_and_gets_a_receipt(store: Store) -> None:
    outcome = respond(store, time=4)
    assert (outcome.fate, outcome.reason) == (Fate.STORED, None)
    assert outcome.receipt is not None and len(outcome.receipt) == 8
    assert len(rows(store)) == 1


def test_the_receipt_is_the_beginning_of_an_hmac_of_the_id_in_base32(store: Store) -> None:
    """Worked here from the documentation: HMAC-SHA256 of the 16 bytes of the id, base32, first eight characters.

    The last line by ``openssl dgst -sha256 -mac HMAC -macopt hexkey:00…00 -binary | base32`` over 16 zero bytes.
    """
    outcome = respond(store, time=4)
    assert outcome.id is not None
    made = hmac.new(store.receipt_key, outcome.id.bytes, hashlib.sha256).digest()
    assert outcome.receipt == base64.b32encode(made)[:8].decode()
    assert receipt_for(NOBODY, bytes(32)) == "QU6HIA4T"


def test_the_same_response_again_is_there_already_with_the_same_receipt(store: Store) -> None:
    sent = body(shipped(), time=4)
    first, again = send(store, sent), send(store, sent, at=NOW + timedelta(hours=3))
    assert (first.fate, again.fate) == (Fate.STORED, Fate.AGAIN)
    assert first.receipt == again.receipt
    assert len(rows(store)) == 1


def test_the_same_response_twice_in_one_batch_is_stored_once(store: Store) -> None:
    one = Incoming(encoded(body(shipped(), time=4)), NOW, NOW)
    assert [outcome.fate for outcome in submit(store, [one, one, one])] == [Fate.STORED, Fate.AGAIN, Fate.AGAIN]
    assert len(rows(store)) == 1


def test_other_content_under_the_same_id_is_kept_aside_word_for_word(store: Store) -> None:
    sent = body(shipped(), time=4)
    send(store, sent)
    other = encoded(sent | {"answers": {"P_time": 1}})
    outcome = send(store, other)
    assert (outcome.fate, outcome.receipt) == (Fate.CONFLICT, None)
    assert len(rows(store)) == 1
    (aside,) = rows(store, "SELECT * FROM set_aside")
    assert (aside.reason, bytes(aside.body)) == ("conflict", other)
    assert read_responses(store, LOCAL_STAFF, survey_called(store)).answers.max() == 4, "the first one counts"


def test_a_conflict_sent_again_is_kept_aside_once(store: Store) -> None:
    sent = body(shipped(), time=4)
    send(store, sent)
    fates = [send(store, sent | {"comment": "!"}).fate for _ in range(3)]
    assert fates == [Fate.CONFLICT] * 3
    assert len(rows(store, "SELECT * FROM set_aside")) == 1


def test_an_id_used_in_another_survey_of_the_agency_is_a_conflict(store: Store) -> None:
    identity = str(uuid.uuid4())
    assert fate(store, id=identity) is Fate.STORED
    assert fate(store, id=identity, survey="contoh") is Fate.CONFLICT


def test_a_body_that_is_no_response_is_refused_and_leaves_nothing(store: Store) -> None:
    outcome = send(store, b"Saya puas")
    assert (outcome.fate, outcome.receipt, outcome.id) == (Fate.REFUSED, None, None)
    assert not rows(store) and not rows(store, "SELECT * FROM set_aside")


SET_ASIDE: dict[str, dict[str, Any]] = {
    "unknown_survey": {"survey": "nowhere"},
    "unknown_questionnaire": {"questionnaire": {"name": "skm-2017-servqual", "version": 2, "digest": "0"}},
    "unknown_service": {"service": "visa"},
    "unknown_station": {"station": "loket-99"},
    "unknown_column": {"speed": 4},
    "off_scale": {"time": 5},
    "wrong_field": {"started_at": "kemarin"},
}


@pytest.mark.parametrize("reason", SET_ASIDE)
def test_what_cannot_be_read_as_it_stands_is_kept_word_for_word_with_a_receipt_and_its_reason(
    store: Store, reason: str
) -> None:
    sent = encoded(body(shipped(), **SET_ASIDE[reason]))
    outcome = send(store, sent)
    assert outcome.fate is Fate.KEPT and outcome.id is not None
    assert outcome.receipt == receipt_for(outcome.id, store.receipt_key)
    assert not rows(store), "it is in no result"
    (aside,) = rows(store, "SELECT * FROM set_aside")
    assert (aside.reason, bytes(aside.body)) == (reason, sent)
    assert aside.detail.endswith(".")
    known = 0 if reason == "unknown_survey" else 1
    assert count_set_aside(store, LOCAL_STAFF, survey_called(store)) == ({reason: 1} if known else {})


def test_a_version_with_the_right_number_but_another_digest_is_set_aside(store: Store) -> None:
    q = shipped()
    reference = {"name": q.name, "version": q.version, "digest": "f" * 64}
    assert fate(store, questionnaire=reference, time=4) is Fate.KEPT
    assert not rows(store)


def test_what_was_set_aside_gets_the_same_receipt_again_and_is_kept_once(store: Store) -> None:
    sent = body(shipped(), speed=4)
    first, again = send(store, sent), send(store, sent)
    assert (first.fate, first.receipt) == (again.fate, again.receipt) == (Fate.KEPT, first.receipt)
    assert len(rows(store, "SELECT * FROM set_aside")) == 1


def test_one_submission_that_the_database_refuses_does_not_take_its_neighbours_along(store: Store) -> None:
    """A trigger stands for whatever a database may have against one row."""
    with store.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER no_english BEFORE INSERT ON response WHEN NEW.language = 'en' "
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    q = shipped()
    batch = [Incoming(encoded(body(q, time=4, language=spoken)), NOW, NOW) for spoken in ("id", "en", "id")]
    assert [one.fate for one in submit(store, batch)] == [Fate.STORED, Fate.NOT_WRITTEN, Fate.STORED]
    assert len(rows(store)) == 2


# --- exactly once


def test_eight_threads_and_two_stores_that_send_the_same_ids_store_each_once(tmp_path: Path) -> None:
    """Each of 20 responses is sent by every thread: one is told *stored*, seven *again*, whoever comes first."""
    with store_in(tmp_path / "data") as one, store_in(tmp_path / "data") as other:
        bodies = [encoded(body(shipped(), time=1 + n % 4, sequence=n + 1, station="loket-1")) for n in range(20)]
        ready = threading.Barrier(8)

        def send_all(number: int) -> list[tuple[Fate, str | None]]:
            ready.wait()
            through = one if number % 2 else other
            order = bodies[number:] + bodies[:number]
            outcomes = [(sent, submit(through, [Incoming(sent, NOW, NOW)])[0]) for sent in order]
            told = {sent: (outcome.fate, outcome.receipt) for sent, outcome in outcomes}
            return [told[sent] for sent in bodies]

        with ThreadPoolExecutor(8) as pool:
            told = list(pool.map(send_all, range(8)))
        for response in zip(*told, strict=True):
            assert sorted(outcome for outcome, _ in response) == sorted([Fate.STORED] + [Fate.AGAIN] * 7)
            assert len({receipt for _, receipt in response}) == 1
        assert len(rows(one)) == 20
        assert not rows(one, "SELECT * FROM set_aside")


def test_a_batch_is_committed_whole_before_anything_is_told(tmp_path: Path) -> None:
    with store_in(tmp_path / "data") as store:
        q = shipped()
        submit(store, [Incoming(encoded(body(q, time=4)), NOW, NOW) for _ in range(25)])
        with store_in(tmp_path / "data") as other:
            assert len(rows(other)) == 25


# --- stations and their sequence


EPOCH = str(uuid.UUID(int=7))


def test_a_sequence_number_that_another_response_has_is_flagged_and_both_are_kept(store: Store) -> None:
    """A browser profile copied to a second kiosk counts on from the same number."""
    clone = {"station": "loket-1", "epoch": EPOCH, "sequence": 5}
    assert [fate(store, **clone, time=code) for code in (4, 2)] == [Fate.STORED, Fate.STORED]
    assert flags(store) == [Flag(0), Flag.SEQUENCE_TAKEN]
    assert [(row.sequence, row.taken_sequence) for row in rows(store)] == [(5, None), (None, 5)]


def test_a_response_whose_sequence_was_taken_is_known_again(store: Store) -> None:
    clone = {"station": "loket-1", "epoch": EPOCH, "sequence": 5}
    respond(store, **clone)
    second = body(shipped(), **clone, time=2)
    assert [send(store, second).fate for _ in range(2)] == [Fate.STORED, Fate.AGAIN]


def test_the_same_sequence_in_another_epoch_or_at_another_station_is_free(store: Store) -> None:
    respond(store, station="loket-1", epoch=EPOCH, sequence=1)
    respond(store, station="loket-2", epoch=EPOCH, sequence=1)
    respond(store, station="loket-1", epoch=str(uuid.UUID(int=8)), sequence=1)
    assert flags(store) == [Flag(0)] * 3


def test_the_unit_comes_from_the_service_else_from_the_station_else_is_not_known(store: Store) -> None:
    survey = survey_called(store)
    unit = {unit.name: unit.number for unit in survey.units}
    respond(store, service="pbg", station="loket-1")  # a building permit, at the counter of business licences
    respond(store, station="loket-1")
    respond(store)
    assert read_responses(store, LOCAL_STAFF, survey).unit.tolist() == [unit["bangunan"], unit["perizinan"], 0]


# --- which day it counts for


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(("moment", "day"), [("2026-11-24T15:59:59Z", 20261124), ("2026-11-24T16:00:00Z", 20261125)])
def test_a_response_counts_for_the_day_in_the_offices_zone(store: Store, moment: str, day: int) -> None:
    """Asia/Makassar is UTC+8: midnight there is 16:00 UTC."""
    respond(store, submitted_at=moment, at=at(moment))
    assert days(store) == [day]


def test_an_answer_that_waited_on_the_device_counts_for_the_day_it_was_given(store: Store) -> None:
    respond(store, submitted_at="2026-11-20T02:00:00Z", at=at("2026-11-24T02:00:00Z"))
    assert (days(store), flags(store)) == ([20261120], [Flag(0)])


@pytest.mark.parametrize("wrong_by", [timedelta(days=400), -timedelta(days=400)])
def test_a_device_whose_clock_is_wrong_by_400_days_counts_for_the_right_day_and_is_flagged(
    store: Store, wrong_by: timedelta
) -> None:
    """It waited two days on the device by the device's own clock, so it was given two days ago."""
    device = NOW + wrong_by
    respond(store, submitted_at=(device - timedelta(days=2)).isoformat(), device_time=device)
    assert (days(store), flags(store)) == ([20261122], [Flag.CLOCK])
    assert rows(store)[0].clock_offset == -wrong_by.total_seconds()


def test_a_clock_that_is_half_an_hour_wrong_is_corrected_without_a_flag(store: Store) -> None:
    """Five past midnight by a clock that is half an hour fast was 23:35 in the office, the day before."""
    device = at("2026-11-24T16:05:00Z")
    respond(store, submitted_at=device.isoformat(), device_time=device, at=device - timedelta(minutes=30))
    assert (days(store), flags(store)) == ([20261124], [Flag(0)])


def test_a_device_that_does_not_say_its_time_is_believed(store: Store) -> None:
    respond(store, submitted_at="2026-11-22T02:00:00Z", device_time=None)
    assert (days(store), rows(store)[0].clock_offset) == ([20261122], None)


@pytest.mark.parametrize("submitted", ["2026-12-24T02:00:00Z", "2019-06-01T00:00:00Z", "1970-01-01T00:00:00Z"])
def test_an_impossible_day_becomes_the_day_of_receipt_and_is_flagged(store: Store, submitted: str) -> None:
    respond(store, submitted_at=submitted, device_time=None)
    assert (days(store), flags(store)) == ([20261124], [Flag.CLOCK])


def test_the_most_absurd_clocks_are_stored_and_flagged(store: Store) -> None:
    """The ends of what a device may say; arithmetic on them leaves the calendar."""
    moments = [datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 12, 31, tzinfo=UTC)]
    for submitted in moments:
        for device in moments:
            assert fate(store, submitted_at=submitted.isoformat(), device_time=device) is Fate.STORED
    assert set(days(store)) == {20261124} and set(flags(store)) == {Flag.CLOCK}
    assert all(abs(row.clock_offset) < 2**31 for row in rows(store)), "an INTEGER of every database"


# --- whether it counts at all


@pytest.mark.parametrize("status", ["draft", "closed", "published"])
def test_an_answer_to_a_survey_that_is_not_open_is_kept_flagged_and_not_counted(store: Store, status: str) -> None:
    set_survey(store, status=status)
    sent = body(shipped(), time=4)
    assert [send(store, sent).fate for _ in range(2)] == [Fate.KEPT, Fate.KEPT]
    assert flags(store) == [Flag.CLOSED]


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ({"opens": date(2026, 11, 25)}, Fate.KEPT),
        ({"opens": date(2026, 11, 24)}, Fate.STORED),
        ({"closes": date(2026, 11, 24)}, Fate.STORED),
        ({"closes": date(2026, 11, 23)}, Fate.KEPT),
    ],
)
def test_the_first_and_the_last_day_of_a_survey_count_and_no_day_beside_them(
    store: Store, period: dict[str, date], expected: Fate
) -> None:
    set_survey(store, **period)
    assert fate(store, time=4) is expected


def test_an_answer_given_before_the_survey_closed_counts_although_it_arrives_later(store: Store) -> None:
    set_survey(store, closes=date(2026, 11, 20))
    assert fate(store, submitted_at="2026-11-20T02:00:00Z") is Fate.STORED


# --- words of respondents


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("  Terima kasih\n", "Terima kasih"),
        ("antrean \ud83d", "antrean ?"),
        ("a\0b", "a\N{REPLACEMENT CHARACTER}b"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}abc", "\N{RIGHT-TO-LEFT OVERRIDE}abc"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("'; DROP TABLE response; --", "'; DROP TABLE response; --"),
        ("é" * 10_000, "é" * 10_000),
        ("p" * 60_000, "p" * 60_000),
    ],
    ids=["spaces", "half a character", "NUL", "right to left", "formula", "SQL", "60 kB escaped", "60 kB"],
)
def test_a_comment_is_kept_as_it_was_said_and_does_not_touch_the_answers(store: Store, said: str, kept: str) -> None:
    outcome = respond(store, time=4, comment=said)
    assert outcome.fate is Fate.STORED
    assert [row.text for row in rows(store, "SELECT text FROM comment")] == [kept]
    assert rows(store, "SELECT code FROM answer WHERE item = 'P_time'") == [(4,)]


def test_a_response_without_a_comment_has_no_comment(store: Store) -> None:
    respond(store, comment="   ")
    assert not rows(store, "SELECT * FROM comment")


def test_a_body_larger_than_64_kb_is_refused(store: Store) -> None:
    assert fate(store, comment="p" * MAX_BODY) is Fate.REFUSED


# --- what comes out


def test_the_view_answer_shows_what_the_packed_bytes_hold(store: Store) -> None:
    """Every code from 0 to 101 once: four from scales, the rest as shared points; 0 is *not answered*."""
    add_survey(store, questionnaire("time", "fee", points={"question": both("Share")}))
    for code in range(102):
        respond(store, survey="trial", time=1 + code % 4, **({"W_one": code} if code else {}))
    shown = rows(
        store,
        "SELECT r.number, a.item, a.code FROM answer a JOIN response r ON r.id = a.response ORDER BY 1, 2 DESC",
    )
    survey = survey_called(store, "trial")
    names = [column.name for column in survey.questionnaire.columns]
    cells = read_responses(store, LOCAL_STAFF, survey).answers
    told = np.zeros_like(cells)
    for number, item, code in shown:
        told[number - 1, names.index(item)] = code
    assert np.array_equal(told, cells)
    assert cells[:, 2].tolist() == list(range(102))


def test_what_goes_in_comes_out_as_arrays(store: Store) -> None:
    survey = survey_called(store)
    respond(store, time=4, E_fee=2, profile={"age": 3}, service="pbg", channel="kiosk")
    respond(store, facilities=1, submitted_at="2026-11-20T02:00:00Z")
    packed = read_responses(store, LOCAL_STAFF, survey)
    position, n = packed.questionnaire.positions, len(packed)
    assert (n, packed.answers.dtype, packed.profile.shape) == (2, np.uint8, (2, 4))
    assert packed.answers[0, [position["P_time"], position["E_fee"]]].tolist() == [4, 2]
    assert packed.answers.sum() == 4 + 2 + 1
    assert packed.profile.tolist() == [[0, 3, 0, 0], [0, 0, 0, 0]]
    assert packed.day.tolist() == [20261124, 20261120]
    assert packed.channel.tolist() == [Channel.KIOSK.code, Channel.PHONE.code]
    assert packed.service[0] == next(s.number for s in survey.services if s.name == "pbg") and packed.service[1] == 0
    assert (packed.last, packed.newest) == (2, NOW)


def test_a_survey_without_answers_comes_out_empty(store: Store) -> None:
    packed = read_responses(store, LOCAL_STAFF, survey_called(store))
    assert (packed.answers.shape, packed.profile.shape, packed.last, packed.newest) == ((0, 18), (0, 4), 0, None)


def test_reading_goes_on_after_the_last_response_read(store: Store) -> None:
    survey = survey_called(store)
    for code in (1, 2, 3):
        respond(store, time=code)
    first = read_responses(store, LOCAL_STAFF, survey)
    respond(store, survey="contoh", time=4)
    respond(store, time=4)
    later = read_responses(store, LOCAL_STAFF, survey, after=first.last)
    assert (len(first), len(later), later.answers.max()) == (3, 1, 4)
    nothing = read_responses(store, LOCAL_STAFF, survey, after=later.last)
    assert (len(nothing), nothing.last) == (0, later.last)


def test_surveys_do_not_mix(store: Store) -> None:
    respond(store, survey="contoh", time=1)
    respond(store, time=4)
    (code,) = read_responses(store, LOCAL_STAFF, survey_called(store)).answers.max(axis=1)
    assert code == 4


def test_answers_to_an_earlier_version_stand_under_the_present_columns_by_name(store: Store) -> None:
    """Version 2 asks the fee first, no longer the time, and a new item; the columns of both lie differently."""
    first = questionnaire("time", "fee", profile=[PROFILE])
    add_survey(store, first)
    respond(store, survey="trial", time=1, fee=2, profile={"sex": 2})
    items = json.loads(questionnaire("fee", "room").canonical)["items"]
    survey = ask_instead(store, next_version(first, items=items, profile=[]), "trial")
    respond(store, survey="trial", fee=3, room=4)
    packed = read_responses(store, LOCAL_STAFF, survey)
    assert [column.name for column in packed.questionnaire.columns] == ["P_fee", "P_room"]
    assert packed.answers.tolist() == [[2, 0], [3, 4]]
    assert packed.profile.shape == (2, 0)


PROFILE = {
    "name": "sex",
    "label": both("Sex"),
    "question": both("Sex?"),
    "choices": {1: both("male"), 2: both("female")},
}


def test_a_device_with_the_earlier_version_on_its_screen_is_still_understood(store: Store) -> None:
    first = questionnaire("time", "fee")
    add_survey(store, first)
    ask_instead(store, next_version(first, minutes=2), "trial")
    assert send(store, body(first, survey="trial", time=4)).fate is Fate.STORED


def test_the_newest_response_is_told_by_number_and_time_of_receipt(store: Store) -> None:
    survey = survey_called(store)
    assert newest(store, LOCAL_STAFF, survey).last == 0
    respond(store)
    respond(store, survey="contoh")
    stand = newest(store, LOCAL_STAFF, survey)
    assert (stand.last, stand.received_at) == (1, NOW)


def test_a_new_response_is_seen_by_another_store_at_once(tmp_path: Path) -> None:
    with store_in(tmp_path / "data") as writing, store_in(tmp_path / "data") as reading:
        survey = survey_called(reading)
        assert newest(reading, LOCAL_STAFF, survey).last == 0
        respond(writing, time=4)
        assert newest(reading, LOCAL_STAFF, survey).last == 1


# --- rebuilt from the row


def test_a_response_can_be_rebuilt_from_its_row_with_its_digest(store: Store) -> None:
    respond(store)
    respond(
        store,
        time=4,
        E_fee=1,
        service="nib",
        station="loket-1",
        epoch=EPOCH,
        sequence=3,
        channel="kiosk",
        language="en",
        profile={"sex": 1},
        timings={"P_time": 70_000},
        started_at="2026-11-24T01:00:00.123456Z",
        comment="Terima kasih \ud83d",
    )
    respond(store, time=1, station="loket-1", epoch=EPOCH, sequence=3)
    found = list(rebuild(store, LOCAL_STAFF, survey_called(store)))
    assert [one.number for one in found] == [1, 2, 3]
    assert [one.response.digest == one.digest for one in found] == [True] * 3
    assert found[1].response.canonical.count(b"Terima") == 0


@pytest.mark.parametrize(
    "change",
    [
        "answers = zeroblob(18)",
        "profile = zeroblob(4)",
        "timings = zeroblob(36)",
        "submitted_at = '2026-11-23 01:59:00.000000'",
        "service = NULL",
        "sequence = 4",
        "language = 'en'",
        "channel = 1",
        "comment_digest = NULL",
    ],
)
def test_a_row_that_was_changed_no_longer_has_its_digest(store: Store, change: str) -> None:
    respond(
        store,
        time=4,
        service="nib",
        station="loket-1",
        epoch=EPOCH,
        sequence=3,
        profile={"sex": 1},
        timings={"P_time": 5},
        comment="!",
    )
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE response SET {change}")
    (one,) = rebuild(store, LOCAL_STAFF, survey_called(store))
    assert one.response.digest != one.digest


# --- who may read


def test_whoever_may_not_read_results_gets_none(store: Store) -> None:
    survey = survey_called(store)
    for ask in (
        lambda: read_responses(store, CITIZEN, survey),
        lambda: newest(store, CITIZEN, survey),
        lambda: count_set_aside(store, CITIZEN, survey),
        lambda: list_surveys(store, CITIZEN),
        lambda: list(rebuild(store, CITIZEN, survey)),
    ):
        with pytest.raises(Forbidden):
            ask()


def test_a_principal_of_some_units_sees_the_answers_of_these_units_alone(store: Store) -> None:
    survey = survey_called(store)
    for service in ("nib", "pbg", None):
        respond(store, service=service, time=4)
    mine = frozenset({survey.units[1].number})
    manager = Principal("manager", frozenset({Permission.READ_RESULTS, Permission.EXPORT_DATA}), mine)
    packed = read_responses(store, manager, survey)
    assert packed.unit.tolist() == list(mine)
    assert packed.last == 2, "of the others not even the newest is told"
    assert [one.response.service for one in rebuild(store, manager, survey)] == ["pbg"]
    nobody = Principal("nobody", frozenset({Permission.READ_RESULTS}), frozenset())
    assert len(read_responses(store, nobody, survey)) == 0


# --- what lies on the disk


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps permissions in lists, not in modes")
def test_the_database_and_the_secrets_can_be_read_by_their_owner_only(tmp_path: Path) -> None:
    """Under a umask that would let everybody read."""
    before = os.umask(0)
    try:
        with store_in(tmp_path / "data") as store:
            respond(store, comment="Terima kasih")
            modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "data").iterdir()}
    finally:
        os.umask(before)
    assert {"survey.db", "receipt.key", "comment.key"} <= set(modes)
    assert set(modes.values()) == {0o600}, modes
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_an_error_of_the_database_says_nothing_of_the_answers(store: Store) -> None:
    with store.engine.begin() as connection, pytest.raises(sa.exc.DBAPIError) as caught:
        connection.execute(sa.text("INSERT INTO comment (text) VALUES (:said), (:said), (3, 4)"), {"said": "rahasia"})
    assert "rahasia" not in str(caught.value)


def test_nothing_of_what_identifies_a_respondent_has_a_column(store: Store) -> None:
    columns = {name for table in ("response", "comment", "set_aside") for name in named_columns(store, table)}
    assert not columns & {"name", "nik", "phone", "email", "address", "ip", "user_agent", "photo"}


def named_columns(store: Store, table: str) -> list[str]:
    return [row.name for row in rows(store, f"PRAGMA table_info({table})")]
