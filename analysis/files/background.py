"""What is known of the respondents besides their answers: groups, days, an overall judgement, the population?"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from analysis.arrays import Integers
from analysis.counting.matrix import Matrix
from analysis.files.visits import Visits
from survey.catalogue import Channel, Survey

NOT_KNOWN = -1
NOBODY: Mapping[str, Mapping[str, float]] = MappingProxyType({})

UNIT, SERVICE, CHANNEL = "unit", "service", "channel"


@dataclass(frozen=True, eq=False)
class Grouping:
    """Into which group each respondent falls.

    ``names`` are the groups in the order of display; ``place`` (n,) is the place of each respondent's group among
    them, -1 where it is not known. ``name`` is the heading of a file, or ``unit``, ``service``, ``channel``, or a
    question of the profile.
    """

    name: str
    names: tuple[str, ...]
    place: Integers

    @classmethod
    def of_texts(cls, name: str, texts: npt.NDArray[Any]) -> Self:
        """Groups as they are written, in the order of the alphabet (numbers by size); an empty text is not known."""
        found, place = np.unique(texts, return_inverse=True)
        written = [str(text) for text in found]
        known = sorted((text for text in written if text), key=_by_size)
        at = {text: number for number, text in enumerate(known)}
        return cls(name, tuple(known), np.array([at.get(text, NOT_KNOWN) for text in written], dtype=np.int64)[place])

    @classmethod
    def of_codes(cls, name: str, codes: npt.NDArray[Any], labels: Mapping[int, str]) -> Self:
        """Groups by code, in the order of ``labels``; other codes (such as 0) are not known."""
        place = np.full(max([0, *labels, int(codes.max(initial=0))]) + 1, NOT_KNOWN, dtype=np.int64)
        place[list(labels)] = np.arange(len(labels))
        return cls(name, tuple(labels.values()), place[codes])

    @property
    def sizes(self) -> Integers:
        """(groups,) how many respondents each has."""
        return np.bincount(self.place[self.place >= 0], minlength=len(self.names)).astype(np.int64)

    def chosen(self, keep: npt.NDArray[np.bool_]) -> "Grouping":
        """The same for some of the respondents; groups stay, even where nobody is left."""
        return replace(self, place=self.place[keep])

    def without_small(self, minimum: int) -> "Grouping":
        """Groups with fewer than ``minimum`` respondents are taken as not known: fewer could be recognised."""
        sizes = self.sizes
        kept = np.flatnonzero(sizes >= minimum)
        place = np.full(len(self.names) + 1, NOT_KNOWN, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        return Grouping(self.name, tuple(self.names[at] for at in kept), place[self.place])


@dataclass(frozen=True, eq=False)
class Overall:
    """One judgement of everything: (n,) ``codes`` from 1 to ``points``, 0 = not answered. ``name`` is its heading."""

    name: str
    codes: npt.NDArray[np.uint8]
    points: int


@dataclass(frozen=True, eq=False)
class Background:
    """All of it; ``n`` respondents in the order of the matrix.

    ``unit`` and ``mode`` name the groupings that are the units of an agency and the ways of answering. ``days`` (n,)
    as yyyymmdd, 0 = not known; None when no day is known. ``population``: people who could have answered; ``margins``:
    people by group, for some groupings (those of the units also weight them). ``target``: how many responses are
    wanted. ``flagged`` (n,): what a file says deserves a second look. ``visits``: when, where and how quickly, where
    somebody read it.
    """

    groupings: tuple[Grouping, ...] = ()
    unit: str | None = None
    mode: str | None = None
    overall: Overall | None = None
    days: Integers | None = None
    population: int | None = None
    margins: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: NOBODY)
    target: int | None = None
    flagged: npt.NDArray[np.bool_] | None = None
    visits: Visits | None = None

    def grouping(self, name: str | None) -> Grouping | None:
        """The grouping of this name, None without one."""
        return next((grouping for grouping in self.groupings if grouping.name == name), None)

    def chosen(self, keep: npt.NDArray[np.bool_]) -> "Background":
        """The same for the respondents for which ``keep`` (n,) is true."""
        return replace(
            self,
            groupings=tuple(grouping.chosen(keep) for grouping in self.groupings),
            overall=None if self.overall is None else replace(self.overall, codes=self.overall.codes[keep]),
            days=None if self.days is None else self.days[keep],
            flagged=None if self.flagged is None else self.flagged[keep],
            visits=None if self.visits is None else self.visits.chosen(keep),
        )


def background_of(matrix: Matrix, survey: Survey | None = None) -> Background:
    """What the store keeps of each response: unit, service, channel, profile and day.

    Groups have the names of the survey, or without one those of their keys. A grouping with fewer than two groups
    that occur is left out.
    """
    days = matrix.day.astype(np.int64)
    units = {unit.number: unit.name for unit in survey.units} if survey else _as_written(matrix.unit)
    services = {service.number: service.name for service in survey.services} if survey else _as_written(matrix.service)
    channels = {channel.code: channel.value for channel in Channel}
    found = [
        Grouping.of_codes(UNIT, matrix.unit, units),
        Grouping.of_codes(SERVICE, matrix.service, services),
        Grouping.of_codes(CHANNEL, matrix.channel, channels),
    ]
    for at, question in enumerate(matrix.questionnaire.profile):
        labels = {code: str(code) for code in question.choices}
        found.append(Grouping.of_codes(question.name, matrix.profile[at], labels))
    return Background(
        groupings=tuple(grouping for grouping in found if np.count_nonzero(grouping.sizes) > 1),
        unit=UNIT,
        mode=CHANNEL,
        days=days if days.any() else None,
        population=survey.population if survey else None,
        target=survey.target if survey else None,
    )


def _as_written(keys: npt.NDArray[Any]) -> dict[int, str]:
    return {int(key): str(int(key)) for key in np.unique(keys) if key}


def _by_size(text: str) -> tuple[int, float, str]:
    """Numbers first, by size; then words."""
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text
