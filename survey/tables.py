"""What is stored? One table for each word of the field; everything is portable SQLModel.

Nothing here identifies a respondent: no name, number, address or device.
"""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, DateTime, Dialect, Index, Integer, LargeBinary, SmallInteger, UniqueConstraint, false
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
    """The office that asks. ``languages``: those its forms offer, the first one first; None is all. ``logo``: a PNG."""

    __tablename__ = "agency"
    number: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    label: dict[str, str] = Field(sa_type=JSON)
    zone: str
    languages: list[str] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    logo: bytes | None = Field(default=None, sa_type=LargeBinary)


class UnitRow(Table, table=True):
    """A part of the agency that serves citizens. It is offered from ``active_from`` to ``active_to``, both included."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("agency", "name"),)
    number: int | None = Field(default=None, primary_key=True)
    agency: int = _key("agency.number")
    name: str
    label: dict[str, str] = Field(sa_type=JSON)
    position: int
    active_from: date | None = Field(default=None, sa_type=Day)
    active_to: date | None = Field(default=None, sa_type=Day)


class ServiceRow(Table, table=True):
    """A service citizens receive from a unit, offered from ``active_from`` to ``active_to``, both included."""

    __tablename__ = "service"
    __table_args__ = (UniqueConstraint("agency", "name"),)
    number: int | None = Field(default=None, primary_key=True)
    agency: int = _key("agency.number")
    unit: int = _key("unit.number")
    name: str
    label: dict[str, str] = Field(sa_type=JSON)
    position: int
    active_from: date | None = Field(default=None, sa_type=Day)
    active_to: date | None = Field(default=None, sa_type=Day)


class StationRow(Table, table=True):
    """A registered kiosk, tablet or keying desk.

    ``pin``: its own PIN in place of the installation's, hashed by ``secrets.hash_of_pin`` when a page is made, so it is
    kept as digits. ``token``: the API token it got when it was registered by a one-time code. ``retired_at``: it takes
    no more part; what it still sends is kept and flagged.
    """

    __tablename__ = "station"
    __table_args__ = (UniqueConstraint("agency", "name"),)
    number: int | None = Field(default=None, primary_key=True)
    agency: int = _key("agency.number")
    unit: int | None = Field(default=None, foreign_key="unit.number")
    name: str
    label: str
    kind: str
    pin: str | None = None
    token: int | None = Field(default=None, foreign_key="token.number")
    registered_at: datetime | None = Field(default=None, sa_type=Moment)
    retired_at: datetime | None = Field(default=None, sa_type=Moment)


class StationEpochRow(Table, table=True):
    """How far a station has counted, since its browser's storage was last made anew (an epoch).

    ``announced`` is the highest number it has told of, by sending a response with it. All from 1 to there were given,
    so what has not arrived is missing. ``first_at`` and ``last_at``: when we first and last heard of it.

    The rest is what it told of itself at ``told_at``: how many answers wait there, how many it set aside, and which
    version of the form it shows. ``proven_at``: when it last showed the token of its station.
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
    proven_at: datetime | None = Field(default=None, sa_type=Moment)


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
    """A questionnaire asked by an agency over a period. Its name is its address, so no two have the same.

    ``improved`` is told to whoever may want to answer it.

    ``notice`` and ``thanks`` replace the form's own words in these languages. ``hours``: opening hours as a list of
    seven days from Monday, each null (closed) or ``["08:00", "15:00"]``; null is always. ``tickets``: whether a queue
    ticket is asked for.
    """

    __tablename__ = "survey"
    __table_args__ = (UniqueConstraint("agency", "name"), Index("survey_name", "name", unique=True))
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
    notice: dict[str, str] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    thanks: dict[str, str] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    hours: list[Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    tickets: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class SurveyUnitRow(Table, table=True):
    """The units that a survey is about."""

    __tablename__ = "survey_unit"
    survey: int = Field(foreign_key="survey.number", primary_key=True)
    unit: int = Field(foreign_key="unit.number", primary_key=True)


class QuotaRow(Table, table=True):
    """How many respondents of a service a survey wishes for. Nobody is turned away for it."""

    __tablename__ = "quota"
    survey: int = Field(foreign_key="survey.number", primary_key=True)
    service: int = Field(foreign_key="service.number", primary_key=True)
    wanted: int


class DraftRow(Table, table=True):
    """A questionnaire file that was uploaded and is not published yet, word for word."""

    __tablename__ = "draft"
    number: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    content: str
    by: str
    at: datetime = Field(sa_type=Moment)


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


class TombstoneRow(Table, table=True):
    """What is left of a response that was deleted on request: enough to prove it, nothing of its answers.

    ``response`` was its number. The id stays taken, so that the same bytes sent again get their receipt and are not
    stored; a number of a station counts as arrived.
    """

    __tablename__ = "tombstone"
    __table_args__ = (UniqueConstraint("agency", "id"),)
    response: int = Field(primary_key=True)
    agency: int = _key("agency.number")
    id: UUID
    survey: int = _key("survey.number")
    digest: bytes = Field(sa_type=LargeBinary)
    station: int | None = Field(default=None, foreign_key="station.number")
    epoch: UUID | None = None
    sequence: int | None = None
    deleted_at: datetime = Field(sa_type=Moment)
    deleted_by: str
    reason: str


class TicketRow(Table, table=True):
    """A queue ticket: a code that is good for one answer. Only its keyed hash is kept.

    ``used_on``: the day it was used. Nothing leads from here to the answer that came with it.
    """

    __tablename__ = "ticket"
    survey: int = Field(foreign_key="survey.number", primary_key=True)
    code: bytes = Field(sa_type=LargeBinary, primary_key=True)
    issued_at: datetime = Field(sa_type=Moment)
    used_on: date | None = Field(default=None, sa_type=Day)


class ServedRow(Table, table=True):
    """How many citizens a unit served on a day, and how many were offered the survey (None: not known)."""

    __tablename__ = "served"
    unit: int = Field(foreign_key="unit.number", primary_key=True)
    day: date = Field(sa_type=Day, primary_key=True)
    served: int
    offered: int | None = None
    by: str
    at: datetime = Field(sa_type=Moment)


class PaperFormRow(Table, table=True):
    """A numbered paper form of a survey and how often it was keyed.

    ``first`` and ``second``: what was keyed, as the bytes of the submission; ``response``: the id of the response that
    came of it. A form that waits for its second keying, or whose keyings differ, has no response yet.
    """

    __tablename__ = "paper_form"
    survey: int = Field(foreign_key="survey.number", primary_key=True)
    form: int = Field(primary_key=True)
    first: bytes | None = Field(default=None, sa_type=LargeBinary)
    first_by: str | None = None
    first_at: datetime | None = Field(default=None, sa_type=Moment)
    second: bytes | None = Field(default=None, sa_type=LargeBinary)
    second_by: str | None = None
    second_at: datetime | None = Field(default=None, sa_type=Moment)
    response: UUID | None = None


class AccountRow(Table, table=True):
    """A person of the staff. ``password`` is an argon2id hash; None until the person has chosen one.

    ``all_units``: whether a manager sees the whole agency; else the rows of ``account_unit`` say which.
    ``disabled_at``: the account opens nothing any more; it stays because the audit names it.
    """

    __tablename__ = "account"
    number: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    label: str
    role: str
    all_units: bool
    password: str | None = None
    created_at: datetime = Field(sa_type=Moment)
    changed_at: datetime = Field(sa_type=Moment)
    disabled_at: datetime | None = Field(default=None, sa_type=Moment)


class AccountUnitRow(Table, table=True):
    """The units that a manager or operator may see."""

    __tablename__ = "account_unit"
    account: int = Field(foreign_key="account.number", primary_key=True)
    unit: int = Field(foreign_key="unit.number", primary_key=True)


class LoginRow(Table, table=True):
    """A browser in which somebody is logged in. Only the hash of its token is kept.

    ``csrf`` must come with every form that this browser posts. Idle and absolute time-outs count from ``used_at`` and
    ``began_at``.
    """

    __tablename__ = "login"
    token: bytes = Field(sa_type=LargeBinary, primary_key=True)
    account: int = _key("account.number")
    csrf: str
    began_at: datetime = Field(sa_type=Moment)
    used_at: datetime = Field(sa_type=Moment)


class OneTimeCodeRow(Table, table=True):
    """A code that is good once: for a first or a forgotten password (``account``), or to register a ``station``."""

    __tablename__ = "one_time_code"
    code: bytes = Field(sa_type=LargeBinary, primary_key=True)
    account: int | None = Field(default=None, foreign_key="account.number")
    station: int | None = Field(default=None, foreign_key="station.number")
    made_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)


class ThrottleRow(Table, table=True):
    """How often a login failed lately, for an account or an address; both only as keyed hashes.

    No try is looked at before ``free_at``.
    """

    __tablename__ = "throttle"
    key: bytes = Field(sa_type=LargeBinary, primary_key=True)
    failures: int
    first_at: datetime = Field(sa_type=Moment)
    free_at: datetime | None = Field(default=None, sa_type=Moment)


class TokenRow(Table, table=True):
    """A token with which a program or a station uses the API. Only the hash of its secret is kept.

    ``id`` is the part that may be seen. ``scope``: what it may do. ``account``: whom it belongs to, ``station``: which
    station.
    """

    __tablename__ = "token"
    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    secret: bytes = Field(sa_type=LargeBinary)
    label: str
    scope: str
    account: int | None = Field(default=None, foreign_key="account.number")
    made_at: datetime = Field(sa_type=Moment)
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


class AuditRow(Table, table=True):
    """Something that was done by the staff, in a chain: ``digest`` is over this row and the digest before it.

    Triggers refuse every change and deletion. Never an answer, never a password, never an address.
    """

    __tablename__ = "audit"
    number: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Moment)
    who: str
    role: str
    did: str
    what: str
    detail: dict[str, Any] = Field(sa_type=JSON)
    digest: bytes = Field(sa_type=LargeBinary)
