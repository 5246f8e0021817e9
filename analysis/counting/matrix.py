"""In which shape are answers fast to count?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, Self, TypeVar

import numpy as np
import numpy.typing as npt

from analysis.arrays import Bytes
from survey.packed import NOT_COUNTED, Flag, PackedResponses
from survey.questionnaire import Questionnaire

Kind = TypeVar("Kind", bound=np.generic)
GROWTH = 1.25
ROWS_AT_A_TIME = 8192  # so that the rows being turned into columns stay in the cache
KEYS = ("unit", "service", "day", "channel", "flags")


class _Room:
    """Arrays with room for more rows at their end. ``used`` rows belong to somebody; the rest is free."""

    def __init__(self, columns: int, profile: int, capacity: int) -> None:
        self.answers: Bytes = np.zeros((columns, capacity), dtype=np.uint8)
        self.profile: Bytes = np.zeros((profile, capacity), dtype=np.uint8)
        self.unit = np.zeros(capacity, dtype=np.uint16)
        self.service = np.zeros(capacity, dtype=np.uint16)
        self.day = np.zeros(capacity, dtype=np.int32)
        self.channel = np.zeros(capacity, dtype=np.uint8)
        self.flags = np.zeros(capacity, dtype=np.uint8)
        self.capacity = capacity
        self.used = 0
        self.lock = Lock()

    def put(self, at: int, packed: PackedResponses) -> None:
        """Write ``packed`` behind row ``at``; rows become columns."""
        for low in range(0, len(packed), ROWS_AT_A_TIME):
            rows = slice(low, min(low + ROWS_AT_A_TIME, len(packed)))
            into = slice(at + rows.start, at + rows.stop)
            self.answers[:, into] = packed.answers[rows].T
            self.profile[:, into] = packed.profile[rows].T
        for name in KEYS:
            getattr(self, name)[at : at + len(packed)] = getattr(packed, name)

    def arrays(self) -> tuple[npt.NDArray[Any], ...]:
        """Every array in a fixed order; the rows are along the last axis."""
        return (self.answers, self.profile, *(getattr(self, name) for name in KEYS))


@dataclass(frozen=True, eq=False)
class Matrix:
    """n responses to one questionnaire, one contiguous run of bytes per column.

    A matrix never changes: ``append`` gives a longer one, which shares the memory of the shorter one.
    ``last`` and ``newest`` say up to which response of the store it reads (see ``PackedResponses``).
    """

    questionnaire: Questionnaire
    rows: int
    last: int
    newest: datetime | None
    _room: _Room = field(repr=False)

    @classmethod
    def from_packed(cls, packed: PackedResponses) -> Self:
        """The matrix of what the store gave out."""
        return cls.empty(packed.questionnaire, room_for=len(packed)).append(packed)

    @classmethod
    def empty(cls, questionnaire: Questionnaire, *, room_for: int = 0) -> Self:
        """A matrix without responses, with room for some."""
        room = _Room(len(questionnaire.columns), len(questionnaire.profile), room_for)
        return cls(questionnaire, 0, 0, None, room)

    def __len__(self) -> int:
        return self.rows

    @property
    def answers(self) -> Bytes:
        """(columns, n) uint8 in codebook order, 0 = not answered; every column is contiguous.

        The bytes have no sign: ``3 - 5`` is 254. Widen them before subtracting or multiplying.
        """
        return _read_only(self._room.answers[:, : self.rows])

    @property
    def profile(self) -> Bytes:
        """(profile questions, n) uint8, 0 = skipped."""
        return _read_only(self._room.profile[:, : self.rows])

    def column(self, name: str) -> Bytes:
        """(n,) the codes of one column, such as ``P_time``."""
        return _read_only(self._room.answers[self.questionnaire.positions[name], : self.rows])

    @property
    def unit(self) -> npt.NDArray[np.uint16]:
        """(n,) keys of units in the store, 0 = not known."""
        return _read_only(self._room.unit[: self.rows])

    @property
    def service(self) -> npt.NDArray[np.uint16]:
        """(n,) keys of services in the store, 0 = not known."""
        return _read_only(self._room.service[: self.rows])

    @property
    def day(self) -> npt.NDArray[np.int32]:
        """(n,) the day each answer counts for, as yyyymmdd; 0 = not known."""
        return _read_only(self._room.day[: self.rows])

    @property
    def channel(self) -> Bytes:
        """(n,) ``Channel.code``; 0 = not known."""
        return _read_only(self._room.channel[: self.rows])

    @property
    def flags(self) -> Bytes:
        """(n,) ``Flag``."""
        return _read_only(self._room.flags[: self.rows])

    def append(self, more: PackedResponses) -> Self:
        """This matrix and then ``more``. Costs what ``more`` costs, now and then (when the room is full) a copy of all.

        Raises ``ValueError`` when ``more`` answers another questionnaire.
        """
        if more.questionnaire.digest != self.questionnaire.digest:
            raise ValueError("the responses to append belong to another questionnaire or version")
        if len(more) == 0:
            newest = more.newest or self.newest
            return type(self)(self.questionnaire, self.rows, max(self.last, more.last), newest, self._room)
        rows, room = self.rows + len(more), self._room
        with room.lock:
            if room.used == self.rows and rows <= room.capacity:
                room.put(self.rows, more)
                room.used = rows
                return type(self)(self.questionnaire, rows, more.last, more.newest, room)
        room = self._copied_with_room_for(int(rows * GROWTH) if self.rows else rows)
        room.put(self.rows, more)
        room.used = rows
        return type(self)(self.questionnaire, rows, more.last, more.newest, room)

    def select(self, chosen: npt.NDArray[np.bool_]) -> Self:
        """The responses for which ``chosen`` (n,) is true, in the same order."""
        places = np.flatnonzero(chosen)
        if len(chosen) != self.rows:
            raise ValueError(f"{len(chosen)} choices for {self.rows} responses")
        if len(places) == self.rows:
            return self
        room = _Room(len(self._room.answers), len(self._room.profile), len(places))
        for source, target in zip(self._room.arrays(), room.arrays(), strict=True):
            for old, new in zip(np.atleast_2d(source), np.atleast_2d(target), strict=True):
                np.take(old[: self.rows], places, out=new, mode="clip")  # "clip" writes straight into ``out``
        room.used = len(places)
        return type(self)(self.questionnaire, len(places), self.last, self.newest, room)

    def counted(self) -> tuple[Self, Mapping[str, int]]:
        """The responses that count, and how many were left out, by reason."""
        stays_out = self.flags & np.uint8(NOT_COUNTED)
        left_out = {
            str(flag.name).lower(): count
            for flag in Flag
            if flag in NOT_COUNTED and (count := int(np.count_nonzero(stays_out & np.uint8(flag))))
        }
        return (self.select(stays_out == 0) if left_out else self), left_out

    def _copied_with_room_for(self, capacity: int) -> _Room:
        room = _Room(len(self._room.answers), len(self._room.profile), capacity)
        for old, new in zip(self._room.arrays(), room.arrays(), strict=True):
            new[..., : self.rows] = old[..., : self.rows]
        return room


def _read_only(view: npt.NDArray[Kind]) -> npt.NDArray[Kind]:
    view.flags.writeable = False
    return view
