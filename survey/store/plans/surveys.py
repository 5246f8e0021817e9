"""Which surveys, units, services and stations are there, and with which published questionnaire?"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from survey.catalogue import Agency, Service, Station, StationKind, Survey, SurveyStatus, Unit, counts_on
from survey.hours import Hours
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.questionnaire import Questionnaire
from survey.tables import (
    AgencyRow,
    QuestionnaireColumnRow,
    QuestionnaireRow,
    ServiceRow,
    StationRow,
    SurveyRow,
    SurveyUnitRow,
    Table,
    TokenRow,
    UnitRow,
)

if TYPE_CHECKING:
    from survey.store import Store


def table(row: type[Table]) -> sa.Table:
    """The table behind a class of ``tables.py``."""
    found: sa.Table = row.__table__  # type: ignore[attr-defined]
    return found


AGENCY, UNIT, SERVICE, STATION = table(AgencyRow), table(UnitRow), table(ServiceRow), table(StationRow)
QUESTIONNAIRE, COLUMN = table(QuestionnaireRow), table(QuestionnaireColumnRow)
SURVEY, SURVEY_UNIT, TOKEN = table(SurveyRow), table(SurveyUnitRow), table(TokenRow)


def list_surveys(store: Store, principal: Principal) -> tuple[Survey, ...]:
    """Every survey, real ones first, the newest first. Of its answers nothing is told.

    Who sees some units only is given those surveys that ask in one of them, without the names of the others.
    """
    if not any(map(principal.may, (Permission.RUN_STATIONS, Permission.KEY_FORMS))):
        principal.require(Permission.READ_RESULTS)
    with store.reading.connect() as connection:
        names = connection.scalars(sa.select(SURVEY.c.name).order_by(SURVEY.c.test, SURVEY.c.number.desc())).all()
        found = [survey for name in names if (survey := load_survey(connection, name))]
    seen = (survey.of_units(principal.units) for survey in found)
    return tuple(survey for survey in seen if principal.units is None or survey.units)


def find_survey(store: Store, name: str) -> Survey | None:
    """The survey of that name, for whoever wants to answer it; None when there is none."""
    with store.reading.connect() as connection:
        return load_survey(connection, name)


def require_survey(store: Store, name: str) -> Survey:
    """The survey of that name. Raises ``Problem``, with the names there are, when there is none."""
    found = find_survey(store, name)
    if found is None:
        raise _unknown(store.reading, name)
    return found


def _unknown(engine: sa.Engine, name: str) -> Problem:
    with engine.connect() as connection:
        known = connection.scalars(sa.select(SURVEY.c.name).order_by(SURVEY.c.name)).all()
    return Problem("survey.unknown", name=name, known=", ".join(known))


def first_survey(store: Store) -> Survey | None:
    """The survey a visitor is shown when the address names none: the newest open one for citizens that is no test."""
    with store.reading.connect() as connection:
        names = connection.scalars(
            sa.select(SURVEY.c.name)
            .where(SURVEY.c.status == SurveyStatus.OPEN.value, ~SURVEY.c.test)
            .order_by(SURVEY.c.number.desc())
        ).all()
        found = (load_survey(connection, name) for name in names)
        return next((survey for survey in found if survey and survey.questionnaire.audience != "staff"), None)


def load_survey(connection: sa.Connection, name: str) -> Survey | None:
    """The survey of that name with everything the form and the store need to know of it, retired services included."""
    row = connection.execute(
        sa.select(
            SURVEY,
            QUESTIONNAIRE.c.content,
            AGENCY.c.name.label("agency_name"),
            AGENCY.c.label,
            AGENCY.c.zone,
            AGENCY.c.languages,
            AGENCY.c.logo,
        )
        .join_from(SURVEY, QUESTIONNAIRE, SURVEY.c.questionnaire == QUESTIONNAIRE.c.number)
        .join(AGENCY, SURVEY.c.agency == AGENCY.c.number)
        .where(SURVEY.c.name == name)
    ).one_or_none()
    if row is None:
        return None
    units = connection.execute(
        sa.select(UNIT)
        .join(SURVEY_UNIT, SURVEY_UNIT.c.unit == UNIT.c.number)
        .where(SURVEY_UNIT.c.survey == row.number)
        .order_by(UNIT.c.position, UNIT.c.number)
    ).all()
    asked = [unit.number for unit in units]
    services = connection.execute(
        sa.select(SERVICE).where(SERVICE.c.unit.in_(asked)).order_by(SERVICE.c.position, SERVICE.c.number)
    ).all()
    stations = connection.execute(sa.select(STATION).where(STATION.c.agency == row.agency)).all()
    return Survey(
        number=row.number,
        name=row.name,
        title=row.title,
        agency=agency_of(row.agency, row.agency_name, row),
        questionnaire=_read_questionnaire(row.content),
        status=SurveyStatus(row.status),
        test=row.test,
        weight_convention=row.weight_convention,
        opens=row.opens,
        closes=row.closes,
        population=row.population,
        target=row.target,
        retention_months=row.retention_months,
        units=tuple(map(unit_of, units)),
        services=tuple(map(service_of, services)),
        stations={s.name: Station(s.number, s.name, s.label, StationKind(s.kind), s.unit) for s in stations},
        improved=row.improved,
        notice=row.notice,
        thanks=row.thanks,
        hours=Hours.read(row.hours) if row.hours else None,
        tickets=row.tickets,
    )


def agency_of(number: int, name: str, row: sa.Row[Any]) -> Agency:
    """The agency that a row tells of by its ``label``, ``zone``, ``languages`` and ``logo``."""
    languages = tuple(row.languages) if row.languages else None
    return Agency(number, name, row.label, row.zone, languages, bytes(row.logo) if row.logo else None)


def unit_of(row: sa.Row[Any]) -> Unit:
    """The unit in a row."""
    return Unit(row.number, row.name, row.label, row.active_from, row.active_to)


def service_of(row: sa.Row[Any]) -> Service:
    """The service in a row."""
    return Service(row.number, row.name, row.label, row.unit, row.active_from, row.active_to)


@dataclass(frozen=True)
class Destination:
    """Where a response belongs: what is needed of its survey to keep it, read at once.

    ``questionnaire`` is None when that version was never published here; ``service`` and ``station`` are None when the
    survey has none of that name. ``unit`` is the service's, else the station's. ``tickets``: whether it asks for a
    ticket; ``station_secret``: the hash of the token with which the station was registered, if it was.
    """

    agency: int
    zone: str
    survey: int
    status: SurveyStatus
    opens: date | None
    closes: date | None
    hours: Hours | None
    questionnaire: tuple[int, Questionnaire] | None
    service: int | None
    station: int | None
    unit: int | None
    tickets: bool
    station_secret: bytes | None
    station_retired: bool

    def knows(self, token: str | None) -> bool:
        """Whether the token is the one with which the station was registered."""
        given = hashlib.sha256((token or "").encode("utf-8", "replace")).digest()
        return self.station_secret is not None and hmac.compare_digest(given, self.station_secret)

    def takes_answers_on(self, day: date) -> bool:
        """Whether an answer of that day counts."""
        return counts_on(day, self.status, self.opens, self.closes)

    def is_open_at(self, moment: datetime) -> bool:
        """Whether a moment, in the agency's zone, lies within the opening hours."""
        return self.hours is None or self.hours.are_open_at(moment)


def _destination_query() -> sa.Select[Any]:
    asked = sa.select(SURVEY_UNIT.c.unit).where(SURVEY_UNIT.c.survey == SURVEY.c.number).scalar_subquery()
    questionnaire = sa.and_(
        QUESTIONNAIRE.c.name == sa.bindparam("questionnaire"), QUESTIONNAIRE.c.version == sa.bindparam("version")
    )
    service = sa.and_(
        SERVICE.c.agency == SURVEY.c.agency, SERVICE.c.name == sa.bindparam("service"), SERVICE.c.unit.in_(asked)
    )
    station = sa.and_(STATION.c.agency == SURVEY.c.agency, STATION.c.name == sa.bindparam("station"))
    return (
        sa.select(
            SURVEY.c.agency,
            AGENCY.c.zone,
            SURVEY.c.number,
            SURVEY.c.status,
            SURVEY.c.opens,
            SURVEY.c.closes,
            SURVEY.c.hours,
            QUESTIONNAIRE.c.number,
            QUESTIONNAIRE.c.content,
            SERVICE.c.number,
            STATION.c.number,
            sa.func.coalesce(SERVICE.c.unit, STATION.c.unit),
            SURVEY.c.tickets,
            STATION.c.retired_at,
            TOKEN.c.secret,
        )
        .join_from(SURVEY, AGENCY, SURVEY.c.agency == AGENCY.c.number)
        .outerjoin(QUESTIONNAIRE, questionnaire)
        .outerjoin(SERVICE, service)
        .outerjoin(STATION, station)
        .outerjoin(TOKEN, sa.and_(STATION.c.token == TOKEN.c.number, TOKEN.c.revoked_at.is_(None)))
        .where(SURVEY.c.name == sa.bindparam("survey"))
    )


_DESTINATION = _destination_query()


def find_destination(connection: sa.Connection, names: Mapping[str, str | int | None]) -> Destination | None:
    """Where a response belongs by its ``survey``, ``questionnaire``, ``version``, ``service`` and ``station``.

    None when there is no such survey. One query, because it is asked for every submission.
    """
    row = connection.execute(_DESTINATION, dict(names)).one_or_none()
    if row is None:
        return None
    agency, zone, survey, status, opens, closes, hours, number, content, service, station, unit, *rest = row
    tickets, retired_at, secret = rest
    return Destination(
        agency=agency,
        zone=zone,
        survey=survey,
        status=SurveyStatus(status),
        opens=opens,
        closes=closes,
        hours=Hours.read(hours) if hours else None,
        questionnaire=(number, _read_questionnaire(content)) if number else None,
        service=service,
        station=station,
        unit=unit,
        tickets=tickets,
        station_secret=bytes(secret) if secret else None,
        station_retired=retired_at is not None,
    )


@lru_cache(maxsize=64)
def _read_questionnaire(content: str) -> Questionnaire:
    return Questionnaire.from_canonical(content)


def find_questionnaire(connection: sa.Connection, name: str, version: int) -> tuple[int, Questionnaire] | None:
    """The number in the store and the content of a published version; None when it was never published here."""
    row = connection.execute(
        sa.select(QUESTIONNAIRE.c.number, QUESTIONNAIRE.c.content).where(
            QUESTIONNAIRE.c.name == name, QUESTIONNAIRE.c.version == version
        )
    ).one_or_none()
    return (row.number, _read_questionnaire(row.content)) if row else None


def questionnaire_numbered(connection: sa.Connection, number: int) -> Questionnaire:
    """The published version with that number in the store."""
    content = connection.execute(
        sa.select(QUESTIONNAIRE.c.content).where(QUESTIONNAIRE.c.number == number)
    ).scalar_one()
    return _read_questionnaire(content)


def publish_questionnaire(connection: sa.Connection, questionnaire: Questionnaire) -> int:
    """The number of this version in the store, written when it is new.

    Raises ``Problem`` when the same version was published with other content: published versions never change.
    """
    q = questionnaire
    published = find_questionnaire(connection, q.name, q.version)
    if published:
        number, content = published
        if content.digest != q.digest:
            raise Problem("store.version_changed", name=q.name, version=q.version, next=q.version + 1)
        return number
    row = {"name": q.name, "version": q.version, "digest": q.digest, "content": q.canonical}
    number = insert(connection, QUESTIONNAIRE, row)
    columns = [
        {"questionnaire": number, "position": position, "name": column.name}
        for position, column in enumerate(q.columns, start=1)
    ]
    connection.execute(sa.insert(COLUMN), columns)
    return number


def insert(connection: sa.Connection, into: sa.Table, row: dict[str, Any]) -> int:
    """Write one row and give its number."""
    key = connection.execute(sa.insert(into).values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])
