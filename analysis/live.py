"""How does everybody who looks see the newest response, without reading the others again?

One ``Live`` serves a whole process. It keeps one ``Matrix`` per survey and kind of reader; the first call reads all
responses, later calls only those stored since. Responses are only ever added to a survey: what was read stays true.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from analysis.matrix import Matrix
from survey.catalogue import Survey
from survey.packed import PackedResponses
from survey.principal import Permission, Principal
from survey.store import Store
from survey.store.responses import Newest, newest, read_responses


@dataclass
class _Place:
    """The matrix of one survey as far as it was read. ``lock`` lets one thread read on while the others wait for it."""

    lock: Lock = field(default_factory=Lock)
    matrix: Matrix | None = None


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
            if place.matrix is None:
                place.matrix = Matrix.from_packed(self._read(self._store, principal, survey))
            elif newest(self._store, principal, survey).last > place.matrix.last:
                more = self._read(self._store, principal, survey, after=place.matrix.last)
                place.matrix = place.matrix.append(more)
            return place.matrix

    def newest(self, principal: Principal, survey: Survey) -> Newest:
        """Where the store stands; cheap enough to ask every second."""
        return newest(self._store, principal, survey)

    def _place(self, principal: Principal, survey: Survey) -> _Place:
        key = (survey.number, survey.questionnaire.digest, principal.units)
        with self._lock:
            return self._places.setdefault(key, _Place())
