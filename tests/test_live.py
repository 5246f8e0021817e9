"""Does everybody who looks see the newest response, without anything being read twice?"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from time import monotonic, sleep

import pytest

from analysis.counting.live import Live
from analysis.counting.tally import Tally
from survey.catalogue import Survey
from survey.packed import PackedResponses
from survey.principal import CITIZEN, LOCAL_STAFF, Forbidden, Permission, Principal
from survey.settings import ROOT
from survey.store import Store
from survey.store.answers.responses import read_responses
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


def test_a_response_of_another_process_reaches_the_counts_within_five_seconds(store: Store, tmp_path: Path) -> None:
    """Another Python process stores a response; we look once a second, and only that response is read."""
    reads = Counting()
    live, survey = Live(store, read=reads), survey_called(store)
    for code in (1, 2, 3):
        respond(store, time=code)
    assert live.seen(LOCAL_STAFF, survey).cells.rows == 3
    code = "import sys; from pathlib import Path; from tests.builders import respond, store_in\n"
    code += "with store_in(Path(sys.argv[1])) as store: respond(store, time=4)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "data")], cwd=ROOT, check=True, timeout=60)
    stored = monotonic()
    while live.newest(LOCAL_STAFF, survey).last == 3:
        assert monotonic() - stored < 5
        sleep(1)
    seen = live.seen(LOCAL_STAFF, survey)
    assert monotonic() - stored < 5
    assert seen.matrix.column("P_time").tolist() == [1, 2, 3, 4]
    everybody = seen.cells.chosen()
    assert everybody is not None
    assert everybody.tally == Tally.of(seen.matrix)
    assert reads.brought == [3, 1]


def test_counts_follow_also_when_only_the_matrix_was_asked_for_meanwhile(store: Store) -> None:
    """Taking data away reads on without counting; whoever looks at results next counts what was read."""
    live, survey = Live(store), survey_called(store)
    respond(store, time=1)
    assert live.seen(LOCAL_STAFF, survey).cells.rows == 1
    respond(store, time=4)
    assert len(live.matrix(LOCAL_STAFF, survey)) == 2
    seen = live.seen(LOCAL_STAFF, survey)
    assert (len(seen.matrix), seen.cells.rows) == (2, 2)


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
    for look in (Live(store).matrix, Live(store).seen):
        with pytest.raises(Forbidden):
            look(CITIZEN, survey_called(store))
