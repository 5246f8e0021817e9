"""When, where and how quickly was each response given, as far as a store or a file says?"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.arrays import Floats, Integers
from analysis.counting.matrix import Matrix
from analysis.files.answers_file import AnswersFile
from analysis.methods.quality import seconds_per_question
from survey.catalogue import Survey
from survey.circumstances import Circumstances
from survey.hours import Hours
from survey.packed import Flag
from survey.problem import Problem
from survey.reading.days import read_days

STATION, MOMENT, SECONDS = "station", "submitted_at", "seconds"
HEADINGS = (STATION, MOMENT, SECONDS)
MOST_SECONDS = 24 * 60 * 60
_TIME = re.compile(
    r"(?P<day>.*\S)[ T,]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:\.\d+)?)?"
    r"(?: ?(?P<zone>Z|[+-]\d{2}(?::?\d{2})?))?"
)


@dataclass(frozen=True, eq=False)
class Visits:
    """Of n responses, each part None where it is not known at all.

    ``pace``: (n,) mean seconds per question, NaN where not known; ``timed``: (n,) over how many questions. ``station``:
    (n,) a number for each station, 0 = none; ``moment``: (n,) in seconds since any fixed time, 0 = not known.
    ``closed``: (n,) whether the office was closed.
    """

    pace: Floats | None = None
    timed: Integers | None = None
    station: Integers | None = None
    moment: Integers | None = None
    closed: npt.NDArray[np.bool_] | None = None

    def chosen(self, keep: npt.NDArray[np.bool_]) -> "Visits":
        """The same for the responses for which ``keep`` (n,) is true."""

        def some(values: npt.NDArray[Any] | None) -> Any:
            return None if values is None else values[keep]

        return Visits(*(some(values) for values in vars(self).values()))


def visits_of(known: Circumstances) -> Visits:
    """What the store knows of responses, in the same order; ``closed`` is a matter of ``closed_in``."""
    timed = np.count_nonzero(known.timings, axis=1)
    return Visits(seconds_per_question(known.timings), timed, known.station, known.moment)


def closed_in(matrix: Matrix, survey: Survey) -> npt.NDArray[np.bool_] | None:
    """(n,) whether the office was closed; None where it has no hours.

    That was judged when the response came, by the hours of that day (``Flag.OUT_OF_HOURS``).
    """
    flagged = np.asarray((matrix.flags & np.uint8(Flag.OUT_OF_HOURS)) > 0)
    return flagged if survey.hours is not None or flagged.any() else None


def visits_in(answers: AnswersFile, where: str, hours: Hours | None = None) -> Visits:
    """What a file says: ``station``, ``submitted_at`` (day and time) and ``seconds`` (that the whole form took).

    ``hours`` are those of the office, by the clock that stands in the file; what is written in world time (``Z``) is
    not held against them. Raises ``Problem`` for a cell that is no moment, or no number of seconds.
    """
    texts = answers.texts
    station = pace = moment = closed = None
    answered = np.count_nonzero(answers.matrix.answers, axis=0)
    if STATION in texts:
        names, place = np.unique(texts[STATION], return_inverse=True)
        station = place.astype(np.int64) + (0 if len(names) and names[0] == "" else 1)
    if MOMENT in texts:
        known = _moments({str(text) for text in np.unique(texts[MOMENT])} - {""}) | {"": 0}
        moment = _told(MOMENT, [known[str(text)] for text in texts[MOMENT]], answers, where).astype(np.int64)
        closed = None if hours is None else _closed(texts[MOMENT], hours)
    if SECONDS in texts:
        seconds = _told(SECONDS, [_seconds(str(text)) for text in texts[SECONDS]], answers, where)
        pace = np.where(seconds > 0, seconds / np.maximum(answered, 1), np.nan)
    return Visits(pace, None if pace is None else answered, station, moment, closed)


def _told(heading: str, values: list[Any], answers: AnswersFile, where: str) -> npt.NDArray[Any]:
    found = np.array(values)
    wrong = np.flatnonzero(found < 0)
    if len(wrong):
        at = int(wrong[0])
        given = str(answers.texts[heading][at])[:40]
        key = "csv.no_moment" if heading == MOMENT else "csv.no_seconds"
        raise Problem(key, where=where, row=int(answers.rows[at]), column=heading, given=given)
    return found


def _closed(texts: npt.NDArray[np.str_], hours: Hours) -> npt.NDArray[np.bool_]:
    """(n,) whether the office was closed at the moment in each cell, all of which are moments or empty."""
    known = {"": False}
    for text, (part, day) in _read({str(text) for text in np.unique(texts)} - {""}).items():
        at = time(int(part["hour"] or 0), int(part["minute"] or 0)) if day and part["zone"] != "Z" else None
        known[text] = at is not None and day is not None and not hours.are_open_at(datetime.combine(day, at))
    return np.array([known[str(text)] for text in texts], dtype=np.bool_)


def _moments(texts: Iterable[str]) -> dict[str, int]:
    """The second that each text means (2026-11-24 08:30, 24/11/2026 08:30:05, with or without +07:00); -1 for none."""
    found = _read(texts)
    return {text: _second(*found[text]) if text in found else -1 for text in texts}


def _read(texts: Iterable[str]) -> dict[str, tuple[Mapping[str, str | None], date | None]]:
    """The parts of each text that looks like a moment, and the day that it names."""
    found = {text: match for text in texts if (match := _TIME.fullmatch(text))}
    days = read_days({match["day"] for match in found.values()})
    return {text: (match.groupdict(), days[match["day"]]) for text, match in found.items()}


def _second(part: Mapping[str, str | None], day: date | None) -> int:
    hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
    if day is None or hour > 23 or minute > 59 or second > 60:
        return -1
    zone = (part["zone"] or "Z").replace(":", "").replace("Z", "+0000").ljust(5, "0")
    ahead = int(zone[0] + "1") * (int(zone[1:3]) * 60 + int(zone[3:5]))
    return ((day.toordinal() * 24 + hour) * 60 + minute - ahead) * 60 + second


def _seconds(text: str) -> float:
    """0 where not known, -1 where it is no number of seconds."""
    if not text:
        return 0.0
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return -1.0
    return value if 0 <= value <= MOST_SECONDS else -1.0
