"""Can a station be registered, told from somebody who uses its name, and missed when it is silent?"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from survey.catalogue import StationKind
from survey.packed import NOT_COUNTED, Flag
from survey.principal import LOCAL_STAFF, MAY, Forbidden, Permission, Principal, Role
from survey.problem import Problem
from survey.store import Store
from survey.store.answers.submissions import Fate, Incoming, submit
from survey.store.people.audit import read_audit
from survey.store.secrets import hash_of_pin
from survey.store.stations.arrivals import Heartbeat, hear
from survey.store.stations.registration import (
    NewStation,
    Registered,
    change_pin,
    make_station,
    new_code,
    pin_of,
    register,
    rename_station,
    retire,
)
from survey.store.stations.watch import SILENT_AFTER, Watched, watch_stations
from tests.builders import NOW, body, encoded, respond, rows, set_survey, shipped, survey_called

EPOCH = str(uuid.UUID(int=1, version=4))


def made(store: Store, name: str = "tablet-9", unit: str | None = "bangunan", kind: str = "tablet") -> str:
    return make_station(store, LOCAL_STAFF, NewStation(name, "Tablet 9", StationKind(kind), unit), now=NOW)


def registered(store: Store, name: str = "tablet-9") -> Registered:
    return register(store, made(store, name), now=NOW)


def sent(store: Store, token: str | None, at: datetime = NOW, vouched: bool = False, **given: Any) -> Fate:
    """An answer under the name of the station, with what the device shows as its token."""
    content = body(shipped(), station="tablet-9", channel="kiosk", time=4, **given)
    return submit(store, [Incoming(encoded(content), at, at, token, vouched)])[0].fate


def flags(store: Store) -> list[Flag]:
    return [Flag(row[0]) for row in rows(store, "SELECT flags FROM response ORDER BY number")]


def watched(store: Store, name: str = "tablet-9", at: datetime = NOW, who: Principal = LOCAL_STAFF) -> Watched:
    (found,) = [station for station in watch_stations(store, who, at) if station.name == name]
    return found


def told(store: Store, token: str | None = None, at: datetime = NOW, sequence: int = 0) -> None:
    beat = {"survey": "skm", "station": "tablet-9", "epoch": EPOCH, "sequence": sequence, "waiting": 0, "aside": 0}
    assert hear(store, Heartbeat.model_validate(beat | {"form": "0123456789"}), at, token)


def operator_of(store: Store, unit: str) -> Principal:
    number = next(one.number for one in survey_called(store).units if one.name == unit)
    return Principal("op", MAY[Role.OPERATOR], frozenset({number}), Role.OPERATOR)


# --- registering


def test_a_code_makes_a_device_a_station_once(store: Store) -> None:
    """As it is typed: small letters, without dashes."""
    code = made(store)
    became = register(store, code.lower().replace("-", " "), now=NOW)
    assert (became.station, became.kind) == ("tablet-9", StationKind.TABLET)
    assert watched(store).registered_at == NOW
    with pytest.raises(Problem, match="This code is not valid"):
        register(store, code, now=NOW)


def test_neither_code_nor_token_can_be_read_in_the_database(store: Store) -> None:
    code = made(store)
    token = register(store, code, now=NOW).token
    kept = b"".join(file.read_bytes() for file in store.data.glob("survey.db*"))
    assert b"tablet-9" in kept
    for secret in (code, code.replace("-", ""), token, token.split("_", 2)[2]):
        assert secret.encode() not in kept


def test_a_code_is_void_after_a_day_and_when_another_is_made(store: Store) -> None:
    first = made(store)
    second = new_code(store, LOCAL_STAFF, "tablet-9", now=NOW)
    for code, at in ((first, NOW), (second, NOW + timedelta(hours=24)), ("AAAA-BBBB-CCCC", NOW)):
        with pytest.raises(Problem, match="This code is not valid"):
            register(store, code, now=at)
    assert register(store, second, now=NOW + timedelta(hours=23)).station == "tablet-9"


def test_a_new_device_takes_the_place_of_the_one_before(store: Store) -> None:
    before = registered(store).token
    after = register(store, new_code(store, LOCAL_STAFF, "tablet-9", now=NOW), now=NOW).token
    assert [sent(store, token) for token in (before, after)] == [Fate.STORED] * 2
    assert flags(store) == [Flag.UNKNOWN_STATION, Flag(0)]


def test_what_cannot_be_a_station_is_told(store: Store) -> None:
    made(store)
    for name, problem in (("tablet-9", "already"), ("Ruang 1", "cannot be the name"), ("x" * 42, "cannot be the name")):
        with pytest.raises(Problem, match=problem):
            made(store, name)
    with pytest.raises(Problem, match="no unit called"):
        made(store, "tablet-8", unit="nowhere")
    with pytest.raises(Problem, match="needs a label"):
        make_station(store, LOCAL_STAFF, NewStation("tablet-8", "  ", StationKind.KIOSK))


# --- telling it from others; nothing is lost


def test_an_answer_of_the_registered_device_is_told_from_one_under_its_name(store: Store) -> None:
    token = registered(store).token
    assert [sent(store, shown) for shown in (token, None, "", "skp_0_guess", "\u2603")] == [Fate.STORED] * 5
    assert flags(store) == [Flag(0), *[Flag.UNKNOWN_STATION] * 4]
    assert not Flag.UNKNOWN_STATION & NOT_COUNTED, "they count; the quality of the data tells of them"


def test_a_station_that_was_never_registered_goes_on_as_before(store: Store) -> None:
    made(store)
    assert sent(store, None) is Fate.STORED
    assert flags(store) == [Flag(0)]


def test_what_the_staff_brings_from_the_device_needs_no_token(store: Store) -> None:
    registered(store)
    sent(store, None, vouched=True)
    assert flags(store) == [Flag(0)]


def test_what_a_retired_station_still_sends_is_kept_and_flagged(store: Store) -> None:
    token = registered(store).token
    retire(store, LOCAL_STAFF, "tablet-9", now=NOW)
    assert sent(store, token) is Fate.STORED
    with pytest.raises(Problem, match="out of use"):
        new_code(store, LOCAL_STAFF, "tablet-9")
    retire(store, LOCAL_STAFF, "tablet-9", back=True, now=NOW)
    assert sent(store, token) is Fate.STORED
    assert flags(store) == [Flag.UNKNOWN_STATION, Flag(0)]


def test_the_same_answer_sent_again_with_another_token_is_the_same(store: Store) -> None:
    token = registered(store).token
    identity = str(uuid.uuid4())
    assert sent(store, token, id=identity) is Fate.STORED
    assert sent(store, None, id=identity) is Fate.AGAIN
    assert flags(store) == [Flag(0)]


def test_a_device_proves_itself_by_its_heartbeat(store: Store) -> None:
    token = registered(store).token
    assert not watched(store).proven
    told(store, "wrong")
    assert not watched(store).proven
    told(store, token)
    assert watched(store).proven and watched(store).missing == 0
    later = NOW + timedelta(hours=1)
    register(store, new_code(store, LOCAL_STAFF, "tablet-9", now=later), now=later)
    assert not watched(store).proven, "another device is expected now"


# --- changing it


def test_a_station_may_have_a_pin_of_its_own(store: Store) -> None:
    made(store)
    assert pin_of(store, "tablet-9") is None and pin_of(store, "nowhere") is None
    change_pin(store, LOCAL_STAFF, "tablet-9", "1234")
    assert pin_of(store, "tablet-9") == hash_of_pin("1234", store.receipt_key)
    assert watched(store).own_pin
    for wrong in ("123", "12a4", "", "1" * 13):
        with pytest.raises(Problem, match="4 to 12 digits"):
            change_pin(store, LOCAL_STAFF, "tablet-9", wrong)
    change_pin(store, LOCAL_STAFF, "tablet-9", None)
    assert pin_of(store, "tablet-9") is None


def test_a_station_may_be_called_and_placed_otherwise(store: Store) -> None:
    made(store)
    rename_station(store, LOCAL_STAFF, "tablet-9", " Pintu   utama ", "informasi")
    found = watched(store)
    assert (found.label, found.unit_name) == ("Pintu utama", "informasi")


def test_every_change_is_in_the_audit_and_no_secret_is(store: Store) -> None:
    code = made(store)
    register(store, code, now=NOW)
    change_pin(store, LOCAL_STAFF, "tablet-9", "4711")
    retire(store, LOCAL_STAFF, "tablet-9")
    entries = read_audit(store, LOCAL_STAFF)
    assert [entry.did for entry in reversed(entries)] == [
        "station_changed",
        "station_registered",
        "station_changed",
        "station_changed",
    ]
    said = "".join(str(entry) for entry in entries)
    assert "4711" not in said and code not in said


def test_operators_see_and_change_the_stations_of_their_units_only(store: Store) -> None:
    made(store)
    inside, outside = operator_of(store, "bangunan"), operator_of(store, "informasi")
    assert {station.name for station in watch_stations(store, inside, NOW)} == {"loket-2", "tablet-9"}
    assert "tablet-9" not in {station.name for station in watch_stations(store, outside, NOW)}
    new_code(store, inside, "tablet-9")
    changes: list[Any] = [
        lambda: new_code(store, outside, "tablet-9"),
        lambda: change_pin(store, outside, "tablet-9", "1234"),
        lambda: retire(store, outside, "tablet-9"),
        lambda: rename_station(store, outside, "tablet-9", "Mine", "informasi"),
        lambda: rename_station(store, inside, "tablet-9", "Elsewhere", "informasi"),
    ]
    for change in changes:
        with pytest.raises(Problem, match="no station called"):
            change()
    with pytest.raises(Forbidden):
        make_station(store, inside, NewStation("tablet-8", "T", StationKind.TABLET, "bangunan"))
    nobody = Principal("nobody", frozenset({Permission.EXPORT_DATA}))
    for forbidden in (lambda: watch_stations(store, nobody), lambda: new_code(store, nobody, "tablet-9")):
        with pytest.raises(Forbidden):
            forbidden()


# --- silence


@pytest.mark.parametrize(
    ("hours", "last", "now", "silent"),
    [
        pytest.param(None, "09:00", "09:30", None, id="half an hour is no silence"),
        pytest.param(None, "09:00", "09:31", 31, id="a little more is"),
        pytest.param(None, "14:50", "15:30", None, id="after three, when nobody has said otherwise"),
        pytest.param([["10:00", "20:00"]] * 7, "14:50", "15:30", 40, id="but here they are open until eight"),
        pytest.param([["10:00", "20:00"]] * 7, "08:00", "10:20", None, id="counted since the opening"),
        pytest.param([None] * 7, "08:00", "10:20", None, id="closed all day"),
    ],
)
def test_a_station_that_is_not_heard_while_the_office_is_open_is_silent(
    store: Store, hours: Any, last: str, now: str, silent: int | None
) -> None:
    """NOW is a Tuesday; Kupang is eight hours ahead of UTC."""

    def here(clock: str) -> datetime:
        hour, minute = map(int, clock.split(":"))
        return datetime(2026, 11, 24, hour, minute, tzinfo=UTC) - timedelta(hours=8)

    set_survey(store, hours=hours)
    made(store)
    told(store, at=here(last))
    assert watched(store, at=here(now)).silent == (timedelta(minutes=silent) if silent else None)
    assert timedelta(minutes=30) == SILENT_AFTER


def test_nobody_waits_for_what_is_not_in_use(store: Store) -> None:
    """Never heard, out of use, not registered and long away, a keying desk; and no survey is open."""
    later = NOW + timedelta(hours=2)
    assert all(station.silent is None for station in watch_stations(store, LOCAL_STAFF, later))
    registered(store)
    assert watched(store, at=later).silent is not None, "registered, and never heard since"
    retire(store, LOCAL_STAFF, "tablet-9")
    assert watched(store, at=later).silent is None
    retire(store, LOCAL_STAFF, "tablet-9", back=True)
    set_survey(store, status="closed")
    assert watched(store, at=later).silent is None
    respond(store, station="loket-1", channel="kiosk", epoch=EPOCH, sequence=1, time=4)
    set_survey(store, status="open")
    assert watched(store, "loket-1", at=later).silent is not None
    assert watched(store, "loket-1", at=NOW + timedelta(days=8)).silent is None


def test_the_token_of_a_station_is_of_no_other_use(store: Store) -> None:
    registered(store)
    assert rows(store, "SELECT scope, account FROM token") == [("station", None)]
    with store.reading.connect() as connection:
        assert connection.scalar(sa.text("SELECT length(secret) FROM token")) == 32
