"""Does everybody who looks see the newest response, without anything being read twice?"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from analysis.live import Live
from survey.catalogue import Survey
from survey.packed import PackedResponses
from survey.principal import CITIZEN, LOCAL_STAFF, Forbidden, Permission, Principal
from survey.store import Store
from survey.store.responses import read_responses
from tests.builders import respond, store_in, survey_called


class Counting:
    """Reads from the real store and remembers how many rows each read brought."""

    def __init__(self) -> None:
        self.brought: list[int] = []

    def __call__(self, store: Store, principal: Principal, survey: Survey, after: int = 0) -> PackedResponses:
        found = read_responses(store, principal, survey, after)
        self.brought.append(len(found))
        return found


def test_the_first_look_reads_everything_and_later_ones_only_what_is_new(store: Store) -> None:
    reads = Counting()
    live, survey = Live(store, read=reads), survey_called(store)
    for code in (1, 2, 3):
        respond(store, time=code)
    assert live.matrix(LOCAL_STAFF, survey).column("P_time").tolist() == [1, 2, 3]
    assert live.matrix(LOCAL_STAFF, survey).column("P_time").tolist() == [1, 2, 3]
    respond(store, time=4)
    assert live.matrix(LOCAL_STAFF, survey).column("P_time").tolist() == [1, 2, 3, 4]
    assert reads.brought == [3, 1]


def test_a_response_accepted_by_another_process_is_seen(store: Store, tmp_path: Path) -> None:
    """A second opening of the same file stands for another process: it shares nothing with the first but the file."""
    live, survey = Live(store), survey_called(store)
    assert len(live.matrix(LOCAL_STAFF, survey)) == 0
    with store_in(tmp_path / "data") as other:
        respond(other, time=4)
    assert live.matrix(LOCAL_STAFF, survey).column("P_time").tolist() == [4]
    assert live.newest(LOCAL_STAFF, survey).last == live.matrix(LOCAL_STAFF, survey).last


def test_who_holds_an_earlier_matrix_keeps_seeing_what_it_showed(store: Store) -> None:
    live, survey = Live(store), survey_called(store)
    respond(store, time=1)
    earlier = live.matrix(LOCAL_STAFF, survey)
    respond(store, time=4)
    live.matrix(LOCAL_STAFF, survey)
    assert earlier.column("P_time").tolist() == [1]


def test_surveys_do_not_mix(store: Store) -> None:
    live = Live(store)
    respond(store, time=1)
    respond(store, survey="contoh", time=4)
    assert live.matrix(LOCAL_STAFF, survey_called(store)).column("P_time").tolist() == [1]
    assert live.matrix(LOCAL_STAFF, survey_called(store, "contoh")).column("P_time").tolist() == [4]


def test_many_who_look_at_once_share_one_read(store: Store) -> None:
    reads = Counting()
    live, survey = Live(store, read=reads), survey_called(store)
    for _ in range(20):
        respond(store, time=3)
    together = Barrier(8)

    def look(_: int) -> int:
        together.wait()
        return len(live.matrix(LOCAL_STAFF, survey))

    with ThreadPoolExecutor(8) as people:
        assert set(people.map(look, range(8))) == {20}
    assert reads.brought == [20]


def test_a_reader_of_one_unit_never_sees_the_matrix_of_another(store: Store) -> None:
    live, survey = Live(store), survey_called(store)
    respond(store, time=1, service="nib")
    respond(store, time=4, service="pbg")
    numbers = {unit.name: unit.number for unit in survey.units}
    one = Principal("head of buildings", frozenset({Permission.READ_RESULTS}), frozenset({numbers["bangunan"]}))
    assert live.matrix(LOCAL_STAFF, survey).column("P_time").tolist() == [1, 4]
    assert live.matrix(one, survey).column("P_time").tolist() == [4]


def test_a_citizen_sees_nothing(store: Store) -> None:
    with pytest.raises(Forbidden):
        Live(store).matrix(CITIZEN, survey_called(store))
