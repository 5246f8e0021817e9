"""Which surveys, units, services and stations are there, and with which published questionnaire?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from survey.catalogue import (
    EXACT_WEIGHTS,
    Agency,
    Service,
    Station,
    StationKind,
    Survey,
    SurveyStatus,
    Unit,
    counts_on,
    weight_conventions,
)
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
    UnitRow,
)
from survey.words import LANGUAGES

if TYPE_CHECKING:
    from survey.store import Store

EXAMPLE_QUESTIONNAIRE = "skm-2017-servqual"
RETENTION_MONTHS = 12
SURVEY_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
"""What may stand in the address of a survey."""


def table(row: type[Table]) -> sa.Table:
    """The table behind a class of ``tables.py``."""
    found: sa.Table = row.__table__  # type: ignore[attr-defined]
    return found


AGENCY, UNIT, SERVICE, STATION = table(AgencyRow), table(UnitRow), table(ServiceRow), table(StationRow)
QUESTIONNAIRE, COLUMN = table(QuestionnaireRow), table(QuestionnaireColumnRow)
SURVEY, SURVEY_UNIT = table(SurveyRow), table(SurveyUnitRow)


def list_surveys(store: Store, principal: Principal) -> tuple[Survey, ...]:
    """Every survey, real ones first, the newest first."""
    principal.require(Permission.READ_RESULTS)
    with store.reading.connect() as connection:
        names = connection.scalars(sa.select(SURVEY.c.name).order_by(SURVEY.c.test, SURVEY.c.number.desc())).all()
        found = (load_survey(connection, name) for name in names)
        return tuple(survey for survey in found if survey)


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
    """The survey of that name with everything the form and the store need to know of it."""
    row = connection.execute(
        sa.select(SURVEY, QUESTIONNAIRE.c.content, AGENCY.c.name.label("agency_name"), AGENCY.c.label, AGENCY.c.zone)
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
        agency=Agency(row.agency, row.agency_name, row.label, row.zone),
        questionnaire=_read_questionnaire(row.content),
        status=SurveyStatus(row.status),
        test=row.test,
        weight_convention=row.weight_convention,
        opens=row.opens,
        closes=row.closes,
        population=row.population,
        target=row.target,
        retention_months=row.retention_months,
        units=tuple(Unit(unit.number, unit.name, unit.label) for unit in units),
        services=tuple(Service(s.number, s.name, s.label, s.unit) for s in services),
        stations={s.name: Station(s.number, s.name, s.label, StationKind(s.kind), s.unit) for s in stations},
        improved=row.improved,
    )


@dataclass(frozen=True)
class Destination:
    """Where a response belongs: what is needed of its survey to keep it, read at once.

    ``questionnaire`` is None when that version was never published here; ``service`` and ``station`` are None when the
    survey has none of that name. ``unit`` is the service's, else the station's.
    """

    agency: int
    zone: str
    survey: int
    status: SurveyStatus
    opens: date | None
    closes: date | None
    questionnaire: tuple[int, Questionnaire] | None
    service: int | None
    station: int | None
    unit: int | None

    def takes_answers_on(self, day: date) -> bool:
        """Whether an answer of that day counts."""
        return counts_on(day, self.status, self.opens, self.closes)


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
            QUESTIONNAIRE.c.number,
            QUESTIONNAIRE.c.content,
            SERVICE.c.number,
            STATION.c.number,
            sa.func.coalesce(SERVICE.c.unit, STATION.c.unit),
        )
        .join_from(SURVEY, AGENCY, SURVEY.c.agency == AGENCY.c.number)
        .outerjoin(QUESTIONNAIRE, questionnaire)
        .outerjoin(SERVICE, service)
        .outerjoin(STATION, station)
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
    agency, zone, survey, status, opens, closes, number, content, service, station, unit = row
    questionnaire = (number, _read_questionnaire(content)) if number else None
    return Destination(agency, zone, survey, SurveyStatus(status), opens, closes, questionnaire, service, station, unit)


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


def add_survey(
    store: Store,
    principal: Principal,
    name: str,
    questionnaire: str,
    *,
    test: bool = False,
    weights: str = EXACT_WEIGHTS,
) -> Survey:
    """A new open survey of the agency in all its units, with the newest published version of a questionnaire.

    Its title is the questionnaire's. Raises ``Problem`` for a name that is taken or cannot be part of an address, for
    a questionnaire that was never published here, for weights that do not fit it, and while there is no agency.
    """
    principal.require(Permission.MANAGE_SURVEYS)
    if not SURVEY_NAME.fullmatch(name):
        raise Problem("survey.bad_name", name=name)
    with store.engine.begin() as connection:
        if connection.scalar(sa.select(SURVEY.c.number).where(SURVEY.c.name == name)):
            raise Problem("survey.exists", name=name)
        published = connection.execute(
            sa.select(QUESTIONNAIRE.c.number, QUESTIONNAIRE.c.content)
            .where(QUESTIONNAIRE.c.name == questionnaire)
            .order_by(QUESTIONNAIRE.c.version.desc())
            .limit(1)
        ).one_or_none()
        if published is None:
            known = connection.scalars(sa.select(QUESTIONNAIRE.c.name).distinct().order_by(QUESTIONNAIRE.c.name)).all()
            raise Problem("survey.no_questionnaire", given=questionnaire, known=", ".join(known))
        agency = connection.scalar(sa.select(AGENCY.c.number).order_by(AGENCY.c.number).limit(1))
        if agency is None:
            raise Problem("survey.no_agency", questionnaire=EXAMPLE_QUESTIONNAIRE)
        asked = _read_questionnaire(published.content)
        _require_weights(asked, weights)
        row = {
            "agency": agency,
            "name": name,
            "title": dict(asked.title),
            "questionnaire": published.number,
            "status": SurveyStatus.OPEN.value,
            "test": test,
            "weight_convention": weights,
            "retention_months": RETENTION_MONTHS,
        }
        number = insert(connection, SURVEY, row)
        for unit in connection.scalars(sa.select(UNIT.c.number).where(UNIT.c.agency == agency)).all():
            connection.execute(sa.insert(SURVEY_UNIT).values(survey=number, unit=unit))
        made = load_survey(connection, name)
    assert made is not None
    return made


def choose_weights(store: Store, principal: Principal, name: str, weights: str) -> Survey:
    """Count the index of a survey with other weights from now on; its answers stay as they are.

    Raises ``Problem`` for a survey that is not there and for weights that do not fit its questionnaire.
    """
    principal.require(Permission.MANAGE_SURVEYS)
    _require_weights(require_survey(store, name).questionnaire, weights)
    return _changed(store, name, {"weight_convention": weights})


def _require_weights(questionnaire: Questionnaire, weights: str) -> None:
    known = weight_conventions(questionnaire)
    if weights not in known:
        raise Problem("survey.weights", given=weights, questionnaire=questionnaire.name, known=", ".join(known))


IMPROVED_LONGEST = 160
"""Letters of the text about what was improved: it is read in passing."""


def tell_improved(store: Store, principal: Principal, name: str, improved: Mapping[str, str]) -> Survey:
    """Change what the survey's inviting screen tells of what was improved lately; empty texts tell nothing any more.

    The text is there in every language of the program or in none. Raises ``Problem`` for a survey that is not there, a
    language that is missing, and a text that is too long to be read in passing.
    """
    principal.require(Permission.MANAGE_SURVEYS)
    told = {language: " ".join(improved.get(language, "").split()) for language in LANGUAGES}
    if any(told.values()) and not all(told.values()):
        raise Problem("survey.improved_in_all", languages=", ".join(LANGUAGES))
    if max(map(len, told.values())) > IMPROVED_LONGEST:
        raise Problem("survey.improved_too_long", longest=IMPROVED_LONGEST)
    require_survey(store, name)
    return _changed(store, name, {"improved": told if any(told.values()) else None})


def _changed(store: Store, name: str, values: dict[str, Any]) -> Survey:
    with store.engine.begin() as connection:
        connection.execute(sa.update(SURVEY).where(SURVEY.c.name == name).values(values))
        changed = load_survey(connection, name)
    assert changed is not None
    return changed


def create_example(connection: sa.Connection, zone: str) -> None:
    """The agency, units, services, stations and survey of a first start, unless there is an agency already."""
    if connection.scalar(sa.select(sa.func.count()).select_from(AGENCY)):
        return
    questionnaire = connection.execute(
        sa.select(QUESTIONNAIRE.c.number, QUESTIONNAIRE.c.content)
        .where(QUESTIONNAIRE.c.name == EXAMPLE_QUESTIONNAIRE)
        .order_by(QUESTIONNAIRE.c.version.desc())
        .limit(1)
    ).one_or_none()
    if questionnaire is None:
        return
    agency = insert(
        connection,
        AGENCY,
        {
            "name": "dpmptsp",
            "zone": zone,
            "label": {"id": "DPMPTSP Kota Kupang", "en": "One-stop licensing office, Kupang"},
        },
    )
    units = {}
    for position, (name, label) in enumerate(_EXAMPLE_UNITS.items(), start=1):
        row = {"agency": agency, "name": name, "label": label, "position": position}
        units[name] = insert(connection, UNIT, row)
    for position, (name, (unit, label)) in enumerate(_EXAMPLE_SERVICES.items(), start=1):
        row = {"agency": agency, "unit": units[unit], "name": name, "label": label, "position": position}
        insert(connection, SERVICE, row)
    for name, (unit, said, kind) in _EXAMPLE_STATIONS.items():
        insert(connection, STATION, {"agency": agency, "unit": units[unit], "name": name, "label": said, "kind": kind})
    for test, (name, title) in enumerate(_EXAMPLE_SURVEYS.items()):
        survey = insert(
            connection,
            SURVEY,
            {
                "agency": agency,
                "name": name,
                "title": title,
                "questionnaire": questionnaire.number,
                "status": SurveyStatus.OPEN.value,
                "test": bool(test),
                "weight_convention": EXACT_WEIGHTS,
                "retention_months": RETENTION_MONTHS,
            },
        )
        for unit_number in units.values():
            connection.execute(sa.insert(SURVEY_UNIT).values(survey=survey, unit=unit_number))


_EXAMPLE_UNITS = {
    "perizinan": {"id": "Perizinan berusaha", "en": "Business licences"},
    "bangunan": {"id": "Bangunan dan tata ruang", "en": "Buildings and land use"},
    "informasi": {"id": "Informasi dan pengaduan", "en": "Information and complaints"},
}
_EXAMPLE_SERVICES = {
    "nib": ("perizinan", {"id": "Nomor Induk Berusaha (NIB)", "en": "Business identification number (NIB)"}),
    "izin-usaha": ("perizinan", {"id": "Izin usaha", "en": "Business licence"}),
    "izin-praktik": ("perizinan", {"id": "Izin praktik tenaga kesehatan", "en": "Licence for health workers"}),
    "pbg": ("bangunan", {"id": "Persetujuan Bangunan Gedung (PBG)", "en": "Building approval (PBG)"}),
    "reklame": ("bangunan", {"id": "Izin reklame", "en": "Advertising permit"}),
    "konsultasi": ("informasi", {"id": "Informasi dan konsultasi", "en": "Information and advice"}),
}
_EXAMPLE_STATIONS = {
    "loket-1": ("perizinan", "Loket 1", StationKind.KIOSK.value),
    "loket-2": ("bangunan", "Loket 2", StationKind.KIOSK.value),
    "tablet-1": ("informasi", "Tablet 1", StationKind.TABLET.value),
}
_EXAMPLE_SURVEYS = {
    "skm": {"id": "Survei Kepuasan Masyarakat", "en": "Community satisfaction survey"},
    "contoh": {"id": "Contoh (jawaban buatan)", "en": "Example (made-up answers)"},
}
