"""Who may write now, and is another app at work in this data folder?

Both are told by locks on files, which the operating system lets go of when a process ends, however it ends. Where it
has neither ``fcntl`` (Linux, macOS) nor ``msvcrt`` (Windows), there is no such lock: writers then take turns by
SQLite's own lock alone, which is safe but not fair, and a second app is not noticed.
"""

import contextlib
import importlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from survey.problem import Problem

Claim = Callable[[int, bool], bool]
"""Take the lock behind a file handle: wait for it, or (False) say at once whether it could be had."""


class WriterLock:
    """Lets the writers of all processes and threads take turns.

    SQLite's own way of waiting is to ask again and again after growing pauses: with eight processes one may wait for
    seconds while another writes a thousand times. Here the system wakes who waits.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def take(self, seconds: Callable[[], float]) -> Callable[[], None] | None:
        """What lets go of the lock again, or None when it could not be had in time.

        ``seconds`` is how long to wait; it is asked only when somebody else has the lock.
        """
        claim = _claim()
        if claim is None:
            return _nothing
        handle = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            ours = claim(handle, False)
        except OSError:  # a file system that has no such locks
            os.close(handle)
            return _nothing
        if ours or _claimed_in_time(claim, handle, seconds()):
            return lambda: os.close(handle)
        return None


def _nothing() -> None:
    """Nothing is held."""


def _claimed_in_time(claim: Claim, handle: int, seconds: float) -> bool:
    """Wait in a thread of its own, because the system's waiting has no end that we could set."""
    decided, settling = threading.Event(), threading.Lock()
    outcome: list[bool] = []

    def wait() -> None:
        claim(handle, True)
        with settling:
            if not outcome:
                outcome.append(True)
            else:  # nobody waits for it any more
                os.close(handle)
        decided.set()

    threading.Thread(target=wait, name="waits-to-write", daemon=True).start()
    decided.wait(seconds)
    with settling:
        if not outcome:
            outcome.append(False)
        return outcome[0]


@contextmanager
def only_app(data: Path) -> Iterator[None]:
    """The one app of a data folder, as long as the block lasts. The API alone and commands may run beside it.

    Raises ``Problem`` when another app is at work there.
    """
    claim, file = _claim(), data / "app.lock"
    if claim is None:
        yield
        return
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Problem("store.data_folder", where=str(data), detail=error.strerror or str(error)) from error
    try:
        if not claim(handle, False):
            raise Problem("store.second_app", where=str(data), process=_written(handle) or "-")
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)


def app_at_work(data: Path) -> bool:
    """Whether an app runs on this data folder now."""
    try:
        with only_app(data):
            return False
    except Problem as problem:
        if problem.key == "store.second_app":
            return True
        raise


def _written(handle: int) -> str:
    with contextlib.suppress(OSError):  # Windows does not let others read what is locked
        os.lseek(handle, 0, os.SEEK_SET)
        return os.read(handle, 20).decode("ascii", "replace")
    return ""


def _claim() -> Claim | None:
    """How this system locks a file; None where it cannot."""
    for module, claim in (("fcntl", _claim_posix), ("msvcrt", _claim_windows)):
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
            return claim
    return None


def _claim_posix(handle: int, wait: bool) -> bool:
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def _claim_windows(handle: int, wait: bool) -> bool:
    system: Any = importlib.import_module("msvcrt")
    while True:
        os.lseek(handle, 1 << 20, os.SEEK_SET)  # a byte far behind what is written, which others may read
        try:
            system.locking(handle, system.LK_NBLCK, 1)
        except OSError:
            if not wait:
                return False
            time.sleep(0.005)
        else:
            return True
