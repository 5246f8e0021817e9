"""Is it known of every station what it gave, what arrived, and what is missing?"""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from survey.principal import CITIZEN, Forbidden, Permission, Principal
from survey.store import Store
from survey.store.answers.submissions import Fate
from survey.store.stations.arrivals import Epoch, Heartbeat, Note, announce, completeness, hear
from tests.builders import NOW, body, respond, rows, send, shipped, survey_called

STAFF = Principal("staff", frozenset(Permission))
ONE, TWO = str(uuid.UUID(int=1, version=4)), str(uuid.UUID(int=2, version=4))


def give(store: Store, *numbers: int, station: str = "loket-1", epoch: str = ONE, **given: Any) -> list[Fate]:
    """Answers with these numbers arrive from a station."""
    made = {"station": station, "epoch": epoch, "channel": "kiosk", "time": 4} | given
    return [respond(store, sequence=number, **made).fate for number in numbers]


def only(store: Store) -> Epoch:
    (found,) = completeness(store, STAFF)
    return found


def test_a_station_whose_answers_all_arrived_is_complete(store: Store) -> None:
    give(store, 1, 2, 3)
    found = only(store)
    assert (found.station, found.label, found.announced, found.arrived) == ("loket-1", "Loket 1", 3, 3)
    assert (found.missing, found.missing_count, found.notes) == ((), 0, frozenset())


def test_what_was_announced_and_has_not_arrived_is_missing_until_it_comes(store: Store) -> None:
    give(store, 1, 2, 5, 9)
    found = only(store)
    assert (found.announced, found.arrived, found.missing, found.missing_count) == (9, 4, ((3, 4), (6, 8)), 5)
    assert found.notes == {Note.MISSING}
    give(store, 3, 4, 6, 7, 8)
    assert only(store).notes == frozenset()


def test_a_station_may_announce_without_sending(store: Store) -> None:
    """As a heartbeat will: an answer that waits on the device is missing here, and known."""
    give(store, 1)
    station = survey_called(store).stations["loket-1"].number
    with store.engine.begin() as connection:
        announce(connection, station, uuid.UUID(ONE), 3, NOW + timedelta(hours=1))
        announce(connection, station, uuid.UUID(ONE), 2, NOW)
    found = only(store)
    assert (found.announced, found.missing) == (3, ((2, 3),))
    assert found.last_at == NOW + timedelta(hours=1)


def beat(**more: Any) -> Heartbeat:
    """What a station tells of itself, three answers after its first start."""
    told = {"survey": "skm", "station": "loket-1", "epoch": ONE, "sequence": 3, "waiting": 1, "aside": 1}
    return Heartbeat.model_validate(told | {"form": "0123456789"} | more)


def test_what_a_station_tells_of_itself_is_kept_beside_what_it_announced(store: Store) -> None:
    give(store, 1)
    assert only(store).told_at is None and only(store).waiting is None
    assert hear(store, beat(), NOW + timedelta(hours=1))
    found = only(store)
    assert (found.announced, found.arrived, found.missing) == (3, 1, ((2, 3),))
    assert (found.waiting, found.aside, found.form) == (1, 1, "0123456789")
    assert found.told_at == found.last_at == NOW + timedelta(hours=1)
    assert hear(store, beat(waiting=0, aside=0, sequence=2), NOW + timedelta(hours=2))
    assert (only(store).announced, only(store).waiting) == (3, 0), "a lower number takes nothing back"


def test_a_station_that_has_told_before_it_sent_is_known(store: Store) -> None:
    assert hear(store, beat(), NOW)
    assert (only(store).announced, only(store).arrived) == (3, 0)


@pytest.mark.parametrize("unknown", [{"station": "loket-99"}, {"survey": "nobody"}])
def test_what_no_station_tells_is_not_kept(store: Store, unknown: dict[str, str]) -> None:
    assert not hear(store, beat(**unknown), NOW)
    assert completeness(store, STAFF) == ()


@pytest.mark.parametrize("what", ["an unknown version", "an unknown column", "a conflict"])
def test_what_was_set_aside_has_arrived(store: Store, what: str) -> None:
    give(store, 1, 3)
    second = body(shipped(), station="loket-1", epoch=ONE, sequence=2, channel="kiosk", time=4)
    if what == "an unknown version":
        second["questionnaire"] = {"name": "skm-2030", "version": 1, "digest": "0" * 64}
    elif what == "an unknown column":
        second["answers"] = {"P_nothing": 1}
    else:
        second["id"] = str(uuid.UUID(hex=rows(store, "SELECT id FROM response")[0][0]))
    assert send(store, second).fate in (Fate.KEPT, Fate.CONFLICT)
    assert len(rows(store, "SELECT * FROM set_aside WHERE sequence = 2")) == 1
    assert (only(store).arrived, only(store).missing) == (3, ())


@pytest.mark.parametrize(
    "spoilt",
    [{"epoch": "no uuid"}, {"sequence": 0}, {"sequence": True}, {"sequence": 2**31}, {"station": "nowhere"}],
)
def test_a_number_that_cannot_be_read_announces_nothing(store: Store, spoilt: dict[str, Any]) -> None:
    sent = body(shipped(), station="loket-1", epoch=ONE, sequence=7, channel="kiosk") | spoilt
    assert send(store, sent).fate is Fate.KEPT
    assert completeness(store, STAFF) == ()


def test_an_own_phone_has_no_numbers_and_is_not_listed(store: Store) -> None:
    respond(store, time=4)
    assert completeness(store, STAFF) == ()


# --- what can happen to a station, each by its name


def test_two_tabs_of_one_station_share_the_numbers_and_nothing_is_unusual(store: Store) -> None:
    """Both take their numbers from the same storage of the browser; their answers arrive in any order."""
    assert give(store, 1, 4, 2, 3) == [Fate.STORED] * 4
    assert only(store).notes == frozenset()


def test_a_cloned_profile_is_named_and_costs_no_answer(store: Store) -> None:
    give(store, 1, 2)
    assert give(store, 2, 3) == [Fate.STORED] * 2
    assert give(store, 3) == [Fate.STORED]
    found = only(store)
    assert (found.notes, found.cloned, found.announced, found.arrived) == ({Note.CLONED}, 2, 3, 3)
    assert rows(store, "SELECT count(*) FROM response") == [(5,)]


def test_a_reinstalled_kiosk_begins_a_new_count_and_the_earlier_is_closed(store: Store) -> None:
    give(store, 1, 2, 4)
    give(store, 1, 2, epoch=TWO, at=NOW + timedelta(days=1))
    earlier, later = completeness(store, STAFF)
    assert (earlier.announced, earlier.notes) == (4, {Note.MISSING, Note.REPLACED})
    assert (later.announced, later.notes) == (2, frozenset())


def test_two_devices_under_one_name_are_named_and_cost_no_answer(store: Store) -> None:
    give(store, 1)
    give(store, 1, epoch=TWO, at=NOW + timedelta(hours=1))
    give(store, 2, at=NOW + timedelta(hours=2))
    assert [one.notes for one in completeness(store, STAFF)] == [{Note.PARALLEL}, {Note.PARALLEL}]
    assert rows(store, "SELECT count(*) FROM response") == [(3,)]


def test_the_same_epoch_at_another_station_counts_apart(store: Store) -> None:
    """One browser used as two stations in turn."""
    give(store, 1, 2)
    give(store, 1, station="loket-2")
    assert [(one.station, one.announced, one.notes) for one in completeness(store, STAFF)] == [
        ("loket-1", 2, frozenset()),
        ("loket-2", 1, frozenset()),
    ]


# --- who may know


def test_a_citizen_is_told_nothing_of_stations_and_a_units_staff_of_its_own(store: Store) -> None:
    give(store, 1)
    give(store, 1, station="loket-2")
    with pytest.raises(Forbidden):
        completeness(store, CITIZEN)
    unit = survey_called(store).stations["loket-2"].unit
    assert unit is not None
    of_unit = Principal("unit", frozenset(Permission), frozenset({unit}))
    assert [one.station for one in completeness(store, of_unit)] == ["loket-2"]
