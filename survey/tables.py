"""What is stored? One table for each word of the field; everything is portable SQLModel.

Nothing here identifies a respondent: no name, number, address or device.
"""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, DateTime, Dialect, Index, Integer, LargeBinary, SmallInteger, UniqueConstraint
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; comes back with its zone, also from databases that keep none."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Without a zone, since it is always UTC."""
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """With the zone again."""
        return value.replace(tzinfo=UTC) if value else None


class Day(TypeDecorator[date]):
    """A day as the number yyyymmdd: sorts, groups by month with ``/ 100``, and reads fast by the million."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> int | None:
        """2026-11-24 as 20261124."""
        return value.year * 10_000 + value.month * 100 + value.day if value else None

    def process_result_value(self, value: int | None, dialect: Dialect) -> date | None:
        """20261124 as 2026-11-24."""
        return date(value // 10_000, value // 100 % 100, value % 100) if value else None


class Table(SQLModel, registry=registry()):
    """The base of all tables, with a registry of its own: a module that is loaded again does not define them twice."""


def _key(target: str) -> Any:
    return Field(foreign_key=target, index=False)


class AgencyRow(Table, table=True):
    """The office that asks."""

    __tablename__ = "agency"
    number: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    label: dict[str, str] = Field(sa_type=JSON)
    zone: str


class UnitRow(Table, table=True):
    """A part of the agency that serves citizens."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("agency", "name"),)
    number: int | None = Field(default=None, primary_key=True)
    agency: int = _key("agency.number")
    name: str
    label: dict[str, str] = Field(sa_type=JSON)
    position: int


class ServiceRow(Table, table=True):
    """A service citizens receive from a unit."""

    __tablename__ = "service"
    __table_args__ = (UniqueConstraint("agency", "name"),)
    number: int | None = Field(default=None, primary_key=True)
    agency: int = _key("agency.number")
    unit: int = _key("unit.number")
    name: str
    label: dict[str, str] = Field(sa_type=JSON)
    position: int


class StationRow(Table, table=True):
    """A registered kiosk, tablet or keying desk."""

    __tablename__ = "station"
    __table_args__ = (UniqueConstraint("agency", "name"),)
    number: int | None = Field(default=None, primary_key=True)
    agency: int = _key("agency.number")
    unit: int | None = Field(default=None, foreign_key="unit.number")
    name: str
    label: str
    kind: str


class StationEpochRow(Table, table=True):
    """How far a station has counted, since its browser's storage was last made anew (an epoch).

    ``announced`` is the highest number it has told of, by sending a response with it. All from 1 to there were given,
    so what has not arrived is missing. ``first_at`` and ``last_at``: when we first and last heard of it.

    The rest is what it told of itself at ``told_at``: how many answers wait there, how many it set aside, and which
    version of the form it shows.
    """

    __tablename__ = "station_epoch"
    station: int = Field(foreign_key="station.number", primary_key=True)
    epoch: UUID = Field(primary_key=True)
    announced: int
    first_at: datetime = Field(sa_type=Moment)
    last_at: datetime = Field(sa_type=Moment)
    waiting: int | None = None
    aside: int | None = None
    form: str | None = None
    told_at: datetime | None = Field(default=None, sa_type=Moment)


class QuestionnaireRow(Table, table=True):
    """A published version of a questionnaire, whole. It never changes."""

    __tablename__ = "questionnaire"
    __table_args__ = (UniqueConstraint("name", "version"),)
    number: int | None = Field(default=None, primary_key=True)
    name: str
    version: int
    digest: str
    content: str


class QuestionnaireColumnRow(Table, table=True):
    """Which byte of a packed response holds which column; ``position`` counts from 1."""

    __tablename__ = "questionnaire_column"
    questionnaire: int = Field(foreign_key="questionnaire.number", primary_key=True)
    position: int = Field(primary_key=True)
    name: str


class SurveyRow(Table, table=True):
    """A questionnaire asked by an agency over a period. ``improved`` is told to whoever may want to answer it."""

    __tablename__ = "survey"
    __table_args__ = (UniqueConstraint("agency", "name"),)
    number: int | None = Field(default=None, primary_key=True)
    agency: int = _key("agency.number")
    name: str
    title: dict[str, str] = Field(sa_type=JSON)
    questionnaire: int = _key("questionnaire.number")
    status: str
    test: bool
    weight_convention: str
    opens: date | None = Field(default=None, sa_type=Day)
    closes: date | None = Field(default=None, sa_type=Day)
    population: int | None = None
    target: int | None = None
    retention_months: int
    improved: dict[str, str] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class SurveyUnitRow(Table, table=True):
    """The units that a survey is about."""

    __tablename__ = "survey_unit"
    survey: int = Field(foreign_key="survey.number", primary_key=True)
    unit: int = Field(foreign_key="unit.number", primary_key=True)


class ResponseRow(Table, table=True):
    """One response: who asked what, when, and the answers, a byte each.

    ``number`` is the order in which responses were stored here; ``id`` is the device's. ``answers`` and ``profile``
    hold one byte per column (0 = not answered), ``timings`` two bytes per column (tenths of seconds, little-endian).
    ``taken_sequence`` is the number it came with when another response of its station has it already; ``sequence`` is
    empty then. ``digest`` is over the canonical bytes, which can be rebuilt from this row (``response.py``).
    """

    __tablename__ = "response"
    __table_args__ = (
        UniqueConstraint("agency", "id"),
        UniqueConstraint("station", "epoch", "sequence"),
        Index("response_survey", "survey", "number"),
    )
    number: int | None = Field(default=None, primary_key=True)
    agency: int = _key("agency.number")
    id: UUID
    survey: int = _key("survey.number")
    questionnaire: int = _key("questionnaire.number")
    unit: int | None = Field(default=None, foreign_key="unit.number")
    service: int | None = Field(default=None, foreign_key="service.number")
    station: int | None = Field(default=None, foreign_key="station.number")
    epoch: UUID | None = None
    sequence: int | None = None
    taken_sequence: int | None = None
    channel: int = Field(sa_type=SmallInteger)
    language: str
    started_at: datetime = Field(sa_type=Moment)
    submitted_at: datetime = Field(sa_type=Moment)
    received_at: datetime = Field(sa_type=Moment)
    answered_on: date = Field(sa_type=Day)
    clock_offset: int | None = None
    profile: bytes = Field(sa_type=LargeBinary)
    answers: bytes = Field(sa_type=LargeBinary)
    timings: bytes = Field(sa_type=LargeBinary)
    comment_digest: bytes | None = Field(default=None, sa_type=LargeBinary)
    digest: bytes = Field(sa_type=LargeBinary)
    flags: int = Field(sa_type=SmallInteger)


class CommentRow(Table, table=True):
    """A respondent's own words, apart from the answers: deleted after their time, never given to researchers."""

    __tablename__ = "comment"
    response: int = Field(foreign_key="response.number", primary_key=True)
    text: str


class SetAsideRow(Table, table=True):
    """A submission kept word for word for the administrator: it conflicts with a stored one, or cannot be read yet.

    ``station``, ``epoch`` and ``sequence`` are there where they can be read: that number of the station has arrived.
    """

    __tablename__ = "set_aside"
    __table_args__ = (UniqueConstraint("id", "body_digest"),)
    number: int | None = Field(default=None, primary_key=True)
    id: UUID
    reason: str
    detail: str
    survey: int | None = Field(default=None, foreign_key="survey.number")
    received_at: datetime = Field(sa_type=Moment)
    device_time: datetime | None = Field(default=None, sa_type=Moment)
    body: bytes = Field(sa_type=LargeBinary)
    body_digest: bytes = Field(sa_type=LargeBinary)
    station: int | None = Field(default=None, foreign_key="station.number")
    epoch: UUID | None = None
    sequence: int | None = None
