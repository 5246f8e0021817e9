"""Do the writers of several processes take turns, and is a second app on the same folder told apart from a command?"""

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from survey.problem import Problem
from survey.settings import ROOT
from survey.store import Store, lock
from survey.store.answers.submissions import Fate
from survey.store.engine import lock_of, make_engine
from survey.store.lock import WriterLock, app_at_work, only_app
from survey.words import load_words
from tests.builders import respond, rows, settings_of, store_in
from tests.running import RunningApp, running_app


def writes(data: Path, seconds: float, began: "multiprocessing.synchronize.Barrier") -> int:
    """Write as often as possible for some time, as one of several processes."""
    with store_in(data) as store:
        began.wait(60)
        count, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            assert respond(store, time=4).fate is Fate.STORED
            count += 1
    return count


def test_a_lock_is_had_by_one_at_a_time_and_by_the_next_when_it_is_left(tmp_path: Path) -> None:
    first, second = WriterLock(tmp_path / "lock"), WriterLock(tmp_path / "lock")
    leave = first.take(lambda: 1)
    assert leave is not None and second.take(lambda: 0.05) is None
    leave()
    leave_too = second.take(lambda: 0.05)
    assert leave_too is not None
    leave_too()


def test_whoever_reads_cannot_write_and_the_next_on_the_same_connection_can(store: Store) -> None:
    """A change in a reading transaction would not have waited for its turn, and would not be safe from the others."""
    respond(store, time=4)
    with store.reading.connect() as connection:
        assert len(connection.execute(sa.text("SELECT id FROM response")).all()) == 1
        with pytest.raises(sa.exc.OperationalError, match="readonly"):
            connection.execute(sa.text("DELETE FROM response"))
    assert respond(store, time=3).fate is Fate.STORED
    assert len(rows(store)) == 2


def test_how_long_to_wait_is_asked_only_when_somebody_else_has_the_lock(tmp_path: Path) -> None:
    asked: list[float] = []

    def seconds() -> float:
        asked.append(0.05)
        return 0.05

    one = WriterLock(tmp_path / "lock")
    leave = one.take(seconds)
    assert leave is not None and asked == []
    assert one.take(seconds) is None and asked == [0.05]
    leave()


def test_whoever_gave_up_waiting_does_not_keep_the_lock_from_others(tmp_path: Path) -> None:
    one = WriterLock(tmp_path / "lock")
    leave = one.take(lambda: 1)
    assert leave is not None
    assert [one.take(lambda: 0.02) for _ in range(3)] == [None] * 3
    leave()
    later = one.take(lambda: 5)
    assert later is not None
    later()


def test_a_lock_dies_with_its_process(tmp_path: Path) -> None:
    script = f"""
import sys, time
from pathlib import Path
from survey.store.lock import WriterLock
held = WriterLock(Path({str(tmp_path / "lock")!r})).take(lambda: 1)
print("held", flush=True)
time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    assert WriterLock(tmp_path / "lock").take(lambda: 0.05) is None
    process.kill()
    process.wait()
    process.stdout.close()
    leave = WriterLock(tmp_path / "lock").take(lambda: 5)
    assert leave is not None
    leave()


@pytest.mark.skipif(sys.platform == "win32", reason="tried on POSIX only")
def test_no_writer_of_four_processes_is_left_behind(tmp_path: Path) -> None:
    """By SQLite's own way of waiting some process wrote a fraction of what others did."""
    with store_in(tmp_path / "data"):
        pass
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, context.Pool(4) as pool:
        barrier = manager.Barrier(4)
        counts = pool.starmap(writes, [(tmp_path / "data", 1.5, barrier)] * 4)
    with store_in(tmp_path / "data") as store:
        assert rows(store, "SELECT count(*) FROM response") == [(sum(counts),)]
    assert min(counts) > max(counts) / 5, counts


def test_a_writer_that_waits_too_long_is_told_as_when_the_database_is_locked(tmp_path: Path) -> None:
    engine = make_engine(tmp_path / "survey.db")
    sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=50"))
    engine.dispose()
    leave = lock_of(tmp_path / "survey.db").take(lambda: 1)
    assert leave is not None
    with pytest.raises(sa.exc.OperationalError, match="locked"), engine.begin():
        pass
    leave()
    with engine.begin():
        pass
    engine.dispose()


@pytest.mark.parametrize("how", ["commit", "rollback", "a failed commit", "a failed begin"])
def test_the_turn_ends_with_the_transaction_however_it_ends(tmp_path: Path, how: str) -> None:
    with store_in(tmp_path / "data") as store:
        if how == "a failed begin":
            (tmp_path / "data" / "survey.db").rename(tmp_path / "data" / "moved")
        try:
            with store.engine.begin() as connection:
                if how == "rollback":
                    raise RuntimeError(how)
                if how == "a failed commit":
                    connection.exec_driver_sql("PRAGMA defer_foreign_keys=1")
                    connection.exec_driver_sql("INSERT INTO comment VALUES (99, 'to no response')")
        except (RuntimeError, sa.exc.DBAPIError):
            assert how != "commit"
        leave = lock_of(tmp_path / "data" / "survey.db").take(lambda: 0.05)
        assert leave is not None
        leave()


def test_where_a_system_has_no_such_locks_writing_goes_on_by_the_databases_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", None)
    assert lock._claim() is None
    with only_app(tmp_path / "data"), only_app(tmp_path / "data"), store_in(tmp_path / "data") as store:
        threads = [threading.Thread(target=respond, args=(store,), kwargs={"time": 4}) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert rows(store, "SELECT count(*) FROM response") == [(4,)]


# --- a second app


def test_one_app_at_a_time_in_a_data_folder_and_another_in_another(tmp_path: Path) -> None:
    assert not app_at_work(tmp_path / "data")
    with only_app(tmp_path / "data"), only_app(tmp_path / "other"):
        assert app_at_work(tmp_path / "data")
        with pytest.raises(Problem) as caught, only_app(tmp_path / "data"):
            pass
        assert str(os.getpid()) in caught.value.say(load_words("id"))
        assert "set SURVEY_DATA to another folder" in str(caught.value)
    assert not app_at_work(tmp_path / "data")


def test_a_second_app_says_so_and_ends_and_the_first_and_the_commands_go_on(tmp_path: Path) -> None:
    with running_app(tmp_path / "data") as app:
        second = RunningApp(tmp_path / "data")
        with pytest.raises(RuntimeError) as caught:
            second.start()
        assert second.process is not None and second.process.wait(10) == 1
        said = str(caught.value)
        assert "aplikasi lain sudah berjalan dengan folder data ini" in said and "Traceback" not in said
        assert app._healthy()
        with app.store() as store:
            assert respond(store, time=4).fate is Fate.STORED
        app.kill()
        app.start()
        assert settings_of(tmp_path / "data").database.exists()
