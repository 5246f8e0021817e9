"""Which responses came at a strange time or place: many in a row, out of hours, or the same ones again?

Arrays are (n,), one entry per response in any order. ``moment`` is in whole seconds since any fixed time (UTC: a clock
set back must not make a burst); ``station`` is the key of a registered station, 0 = none (own phones), for which
nothing can be said here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.arrays import Integers
from analysis.methods.quality import Doubt, Flags, Mask

MINUTE = 60


@dataclass(frozen=True)
class Places:
    """From where on a response is flagged; conventions to be stated beside the counts.

    burst: so many responses at one station within burst_seconds (the form takes a citizen a minute at least).
    repeat_seconds: the same answers again within so many seconds.
    """

    burst: int = 5
    burst_seconds: int = 3 * MINUTE
    repeat_seconds: int = 10 * MINUTE


DEFAULT = Places()


def bursts(station: npt.NDArray[Any], moment: npt.NDArray[Any], limits: Places = DEFAULT) -> Flags:
    """(n,) BURST: every response in a stretch of ``burst_seconds`` in which its station sent ``burst`` or more.

    A response that is kept on a device and sent later has the time of its submission, so a device that sends its queue
    is no burst.
    """
    flags = np.zeros(len(station), dtype=np.uint16)
    order = np.lexsort((moment, station))
    places, times = station[order].astype(np.int64), moment[order].astype(np.int64)
    # One ascending key: stations are farther apart than any stretch.
    key = _apart(places, times, limits.burst_seconds)
    end = np.searchsorted(key, key + limits.burst_seconds, side="left")
    many = (end - np.arange(len(key)) >= limits.burst) & (places > 0)
    edges = np.zeros(len(key) + 1, dtype=np.int64)
    np.add.at(edges, np.flatnonzero(many), 1)
    np.add.at(edges, end[many], -1)
    flags[order[np.cumsum(edges[:-1]) > 0]] = Doubt.BURST
    return flags


def _apart(group: Integers, times: Integers, reach: int) -> Integers:
    """(n,) times shifted by group, so that different groups (ascending) are more than ``reach`` apart."""
    if not len(times):
        return times
    start = times - times.min()
    _, number = np.unique(group, return_inverse=True)
    apart: Integers = number * (start.max() + reach + 1) + start
    return apart


def out_of_hours(
    weekday: npt.NDArray[Any],
    minute: npt.NDArray[Any],
    hours: Mapping[int, tuple[int, int]],
    *,
    applies: Mask | None = None,
) -> Flags:
    """(n,) OUT_OF_HOURS: sent on a day or at a time at which the office is closed.

    weekday: 0 = Monday .. 6 = Sunday, minute: of the day, 0..1439, both in the office's zone. hours: by weekday the
    opening and the closing minute, the latter not included; a weekday that is absent is closed. applies: (n,) where
    the rule makes sense: at stations in the office, not on citizens' own phones; None = everywhere.
    """
    opens, closes = np.zeros(7, dtype=np.int64), np.zeros(7, dtype=np.int64)
    for day, (first, last) in hours.items():
        if not (0 <= day <= 6 and 0 <= first <= last <= 24 * 60):
            raise ValueError(f"hours {first}-{last} of day {day} are not possible")
        opens[day], closes[day] = first, last
    closed = (minute < opens[weekday]) | (minute >= closes[weekday])
    if applies is not None:
        closed &= applies
    return np.where(closed, np.uint16(Doubt.OUT_OF_HOURS), np.uint16(0)).astype(np.uint16)


def duplicates(
    answers: npt.NDArray[Any],
    station: npt.NDArray[Any],
    moment: npt.NDArray[Any],
    limits: Places = DEFAULT,
    *,
    profile: npt.NDArray[Any] | None = None,
    ignore_straight: bool = True,
) -> Flags:
    """(n,) DUPLICATE: the same answers as an earlier response at the same station within ``repeat_seconds``.

    The first of a series is not flagged. Answers are the same when every one is, skipped ones included.
    answers: (n, k) codes, 0 = not answered. profile: (n, q) codes that have to be the same too; two people rarely agree
    in both. ignore_straight: leave out responses with one code in all answers (or with none): two satisfied citizens
    one after the other look the same, and flags of ``quality.pattern_flags`` tell of them.
    """
    flags = np.zeros(len(answers), dtype=np.uint16)
    rows = answers if profile is None else np.concatenate([answers, profile], axis=1)
    mark = _mark(rows)
    order = np.lexsort((moment, mark, station))
    earlier, later = order[:-1], order[1:]
    near = moment[later].astype(np.int64) - moment[earlier].astype(np.int64) <= limits.repeat_seconds
    pairs = near & (mark[earlier] == mark[later]) & (station[earlier] == station[later]) & (station[later] > 0)
    earlier, later = earlier[pairs], later[pairs]
    same = (rows[earlier] == rows[later]).all(axis=1)  # marks may agree by chance
    if ignore_straight and answers.shape[1]:
        found = answers[later]
        highest = found.max(axis=1, keepdims=True)
        same &= ~((found == highest) | (found == 0)).all(axis=1)
    flags[later[same]] = Doubt.DUPLICATE
    return flags


def _mark(rows: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
    """(n,) a number that equal rows share and different rows hardly ever do."""
    mark = np.zeros(len(rows), dtype=np.uint64)
    for column in range(rows.shape[1]):
        mark = mark * np.uint64(0x9E3779B97F4A7C15) + rows[:, column].astype(np.uint64) + np.uint64(1)
        mark ^= mark >> np.uint64(29)
    return mark
