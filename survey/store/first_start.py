"""What is there when the program starts for the first time? An agency that can be tried at once, and renamed."""

import sqlalchemy as sa

from survey.catalogue import EXACT_WEIGHTS, StationKind, SurveyStatus
from survey.store.plans.surveys import AGENCY, QUESTIONNAIRE, SERVICE, STATION, SURVEY, SURVEY_UNIT, UNIT, insert

EXAMPLE_QUESTIONNAIRE = "skm-2017-servqual"
RETENTION_MONTHS = 12


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
