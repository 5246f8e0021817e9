"""Who asks what, where and until when? What the store knows about agencies, units, services, stations and surveys."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from survey.hours import Hours
from survey.questionnaire import Questionnaire, Text


class StationKind(StrEnum):
    """What stands there. A kiosk or tablet forgets everything between citizens; a desk keys paper forms."""

    KIOSK = "kiosk"
    TABLET = "tablet"
    DESK = "desk"


class SurveyStatus(StrEnum):
    """Only an open survey takes answers that count; what comes later is kept and flagged."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"


class Channel(StrEnum):
    """How an answer came to us."""

    KIOSK = "kiosk"
    PHONE = "phone"
    PAPER = "paper"
    IMPORT = "import"
    STAFF = "staff"

    @property
    def code(self) -> int:
        """The number kept in the database, from 1."""
        return list(Channel).index(self) + 1


@dataclass(frozen=True)
class Unit:
    """A part of the agency that serves citizens. ``number`` is its key in the store.

    It is offered from ``active_from`` to ``active_to``, both included; None is no limit.
    """

    number: int
    name: str
    label: Text
    active_from: date | None = None
    active_to: date | None = None

    def is_offered_on(self, day: date) -> bool:
        """Whether citizens may choose it on that day."""
        return _within(day, self.active_from, self.active_to)


@dataclass(frozen=True)
class Service:
    """A service citizens receive from a unit, offered from ``active_from`` to ``active_to``, both included."""

    number: int
    name: str
    label: Text
    unit: int
    active_from: date | None = None
    active_to: date | None = None

    def is_offered_on(self, day: date) -> bool:
        """Whether citizens may choose it on that day; its unit must be offered, too."""
        return _within(day, self.active_from, self.active_to)


@dataclass(frozen=True)
class Station:
    """A registered kiosk, tablet or keying desk."""

    number: int
    name: str
    label: str
    kind: StationKind
    unit: int | None


@dataclass(frozen=True)
class Agency:
    """The office that asks. ``zone`` is the zone its days are counted in.

    ``languages`` are those its forms offer, the first one first; None is every one. ``logo`` is a PNG.
    """

    number: int
    name: str
    label: Text
    zone: str
    languages: tuple[str, ...] | None = None
    logo: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Survey:
    """A questionnaire asked by an agency over a period.

    ``units`` and ``services`` are all it is or was about, in display order, so that every answer has its name;
    ``offered_units`` and ``offered_services`` are those that citizens may choose. ``test`` surveys are marked
    everywhere and never mixed with real ones. ``opens`` and ``closes`` are days in the agency's zone, both included;
    None is no limit. ``improved`` is what was done about earlier answers, for the screen that invites to this survey.
    ``notice`` and ``thanks`` replace the form's own words; ``hours`` are its opening hours, None is always.
    """

    number: int
    name: str
    title: Text
    agency: Agency
    questionnaire: Questionnaire
    status: SurveyStatus
    test: bool
    weight_convention: str
    opens: date | None
    closes: date | None
    population: int | None
    target: int | None
    retention_months: int
    units: tuple[Unit, ...]
    services: tuple[Service, ...]
    stations: Mapping[str, Station]
    improved: Text | None = None
    notice: Text | None = None
    thanks: Text | None = None
    hours: Hours | None = None
    tickets: bool = False

    def offered_units(self, day: date) -> tuple[Unit, ...]:
        """The units that citizens may choose on a day."""
        return tuple(unit for unit in self.units if unit.is_offered_on(day))

    def offered_services(self, day: date) -> tuple[Service, ...]:
        """The services that citizens may choose on a day: those of units that are offered themselves."""
        units = {unit.number for unit in self.offered_units(day)}
        return tuple(one for one in self.services if one.unit in units and one.is_offered_on(day))

    def of_units(self, units: frozenset[int] | None) -> "Survey":
        """The same for somebody who sees these units only, by number: of the others there is no name in it."""
        if units is None:
            return self
        return replace(
            self,
            units=tuple(unit for unit in self.units if unit.number in units),
            services=tuple(service for service in self.services if service.unit in units),
            stations={name: station for name, station in self.stations.items() if station.unit in units},
        )

    def takes_answers_on(self, day: date) -> bool:
        """Whether an answer of that day counts."""
        return counts_on(day, self.status, self.opens, self.closes)


EXACT_WEIGHTS = "exact"
_PRINTED_WEIGHTS = {9: ("0.11", "0.111"), 14: ("0.071",)}
"""How reports write 1/9 and 1/14."""


def weight_conventions(questionnaire: Questionnaire) -> tuple[str, ...]:
    """The weights that a survey with this questionnaire may count with: 1/n, or what reports print for it.

    A printed one fits only the regulated number of elements. What they do to the index is in analysis/regulation.yaml.
    """
    elements = sum(item.in_index for item in questionnaire.items)
    return (EXACT_WEIGHTS, *(_PRINTED_WEIGHTS.get(elements, ()) if questionnaire.regulation else ()))


def counts_on(day: date, status: SurveyStatus, opens: date | None, closes: date | None) -> bool:
    """Whether an answer of that day counts in a survey of this status and period."""
    return status is SurveyStatus.OPEN and _within(day, opens, closes)


def _within(day: date, first: date | None, last: date | None) -> bool:
    return (first is None or day >= first) and (last is None or day <= last)
