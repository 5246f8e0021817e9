"""How does everybody who looks see the newest response, without reading the others again?

One ``Live`` serves a whole process. It keeps one ``Matrix`` per survey and kind of reader, and its ``Cells`` once
somebody looks at results; the first call reads and counts all responses, later calls only those stored since. Responses
are only ever added to a survey, and what was read stays true, until one is deleted on request: then everything is read
and counted anew.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from analysis.counting.cells import Cells
from analysis.counting.matrix import Matrix
from survey.catalogue import Survey
from survey.packed import PackedResponses
from survey.principal import Permission, Principal
from survey.store import Store
from survey.store.answers.responses import Newest, newest, read_responses


@dataclass(frozen=True, eq=False)
class Seen:
    """The responses up to one moment, and the counts of these very responses by unit and month.

    ``deleted``: how many responses had been deleted on request until then.
    """

    matrix: Matrix
    cells: Cells
    deleted: int = 0

    @property
    def stand(self) -> tuple[int, int]:
        """Changes whenever the responses do: the number of the newest, and how many were deleted."""
        return self.matrix.last, self.deleted


@dataclass
class _Place:
    """What was read of one survey. ``lock`` lets one thread read on while the others wait for it."""

    lock: Lock = field(default_factory=Lock)
    deleted: int = 0
    matrix: Matrix | None = None
    cells: Cells | None = None


class Live:
    """The responses of every survey somebody looks at, in memory, up to date on demand. Threads may share it."""

    def __init__(self, store: Store, *, read: Callable[..., PackedResponses] = read_responses) -> None:
        self._store = store
        self._read = read
        self._places: dict[tuple[int, str, frozenset[int] | None], _Place] = {}
        self._lock = Lock()

    def matrix(self, principal: Principal, survey: Survey) -> Matrix:
        """All responses to the survey that ``principal`` may see, up to the newest committed one.

        Raises ``Forbidden`` without the permission to read results. A reader limited to some units gets a matrix of
        its own, never a view of another reader's.
        """
        principal.require(Permission.READ_RESULTS)
        place = self._place(principal, survey)
        with place.lock:
            return self._read_on(place, principal, survey)

    def seen(self, principal: Principal, survey: Survey) -> Seen:
        """The same with its cells, counted as far as they were not before."""
        principal.require(Permission.READ_RESULTS)
        place = self._place(principal, survey)
        with place.lock:
            matrix = self._read_on(place, principal, survey)
            place.cells = place.cells.upto(matrix) if place.cells else Cells.of(matrix)
            return Seen(matrix, place.cells, place.deleted)

    def newest(self, principal: Principal, survey: Survey) -> Newest:
        """Where the store stands; cheap enough to ask every second."""
        return newest(self._store, principal, survey)

    def _read_on(self, place: _Place, principal: Principal, survey: Survey) -> Matrix:
        """Bring the place, whose lock is held, up to date."""
        stand = newest(self._store, principal, survey)
        if place.matrix is not None and stand.deleted == place.deleted:
            if stand.last <= place.matrix.last:
                return place.matrix
            more = self._read(self._store, principal, survey, after=place.matrix.last)
            if more.deleted == place.deleted:
                place.matrix = place.matrix.append(more)
                return place.matrix
        whole = self._read(self._store, principal, survey)
        place.matrix, place.cells, place.deleted = Matrix.from_packed(whole), None, whole.deleted
        return place.matrix

    def _place(self, principal: Principal, survey: Survey) -> _Place:
        key = (survey.number, survey.questionnaire.digest, principal.units)
        with self._lock:
            return self._places.setdefault(key, _Place())
