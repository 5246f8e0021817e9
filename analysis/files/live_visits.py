"""How are times and stations kept for whoever judges the quality of answers, without reading them all again?

Beside ``counting.live``, which keeps the answers: of each response its pace, station and moment stay in memory (21
bytes), from the first time somebody judges the quality of a survey. Later only those of newer responses are read. The
timings themselves, two bytes per question, are not kept.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock

import numpy as np
import numpy.typing as npt

from analysis.counting.matrix import Matrix
from analysis.files.visits import Visits, closed_in, visits_of
from survey.catalogue import Survey
from survey.circumstances import Circumstances
from survey.principal import Permission, Principal
from survey.store import Store
from survey.store.answers.circumstances import read_circumstances


@dataclass
class _Place:
    """What was read of one survey for one kind of reader, up to response number ``last``."""

    lock: Lock = field(default_factory=Lock)
    last: int = 0
    deleted: int = 0
    pace: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    timed: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    station: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    moment: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def add(self, found: Visits, last: int) -> None:
        """Append the visits of the responses up to ``last``."""
        assert found.pace is not None and found.timed is not None
        assert found.station is not None and found.moment is not None
        self.pace = np.concatenate([self.pace, found.pace])
        self.timed = np.concatenate([self.timed, np.minimum(found.timed, 255).astype(np.uint8)])
        self.station = np.concatenate([self.station, found.station.astype(np.int32)])
        self.moment = np.concatenate([self.moment, found.moment])
        self.last = last

    def forget(self) -> None:
        """As if nothing had been read."""
        empty = _Place()
        self.last, self.deleted = 0, 0
        self.pace, self.timed, self.station, self.moment = empty.pace, empty.timed, empty.station, empty.moment


class LiveVisits:
    """The visits of every survey whose quality somebody judges. Threads may share it."""

    def __init__(self, store: Store, *, read: Callable[..., Circumstances] = read_circumstances) -> None:
        self._store = store
        self._read = read
        self._places: dict[tuple[int, str, frozenset[int] | None], _Place] = {}
        self._lock = Lock()

    def visits(self, principal: Principal, survey: Survey, matrix: Matrix, deleted: int) -> Visits | None:
        """The visits of the responses of ``matrix``, in the same order, which ``Live`` has read for ``principal``.

        ``deleted``: how many responses had been deleted on request until then; when that changes, everything is read
        anew. None when one was deleted at this very moment.
        """
        principal.require(Permission.READ_RESULTS)
        key = (survey.number, survey.questionnaire.digest, principal.units)
        with self._lock:
            place = self._places.setdefault(key, _Place())
        n = len(matrix)
        with place.lock:
            if place.deleted != deleted:
                place.forget()
            if place.last < matrix.last:
                more = self._read(self._store, principal, survey, matrix.last, after=place.last)
                place.add(visits_of(more), matrix.last)
                place.deleted = deleted
            if len(place.pace) < n or (place.last == matrix.last and len(place.pace) != n):
                place.forget()
                return None
            timed, station = place.timed[:n].astype(np.int64), place.station[:n].astype(np.int64)
            found = Visits(place.pace[:n], timed, station, place.moment[:n])
        return replace(found, closed=closed_in(matrix, survey))
