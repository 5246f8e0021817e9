"""Does the office describe itself so that nothing that has answers is lost, and everything is in the audit?"""

import io
from datetime import date

import pytest
from PIL import Image

from survey.catalogue import Agency
from survey.logo import LONGEST_SIDE, MAX_BYTES, read_logo
from survey.principal import LOCAL_STAFF, Principal
from survey.problem import Problem
from survey.store import Store
from survey.store.answers.responses import read_responses
from survey.store.people.audit import Did, first_broken, read_audit
from survey.store.plans.setup import (
    Part,
    add_service,
    add_unit,
    change_agency,
    change_part,
    delete_part,
    order_parts,
    read_office,
)
from tests.builders import both, respond, survey_called

MANAGER = Principal("manager", frozenset())


def did(store: Store) -> list[tuple[str, str]]:
    return [(entry.did, entry.what) for entry in reversed(read_audit(store, LOCAL_STAFF))]


def picture(size: tuple[int, int] = (40, 20), kind: str = "PNG") -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", size, (10, 90, 120)).save(drawn, kind)
    return drawn.getvalue()


def kept(store: Store, logo: bytes | None) -> Agency:
    """The agency as it is, with this logo."""
    agency = read_office(store, LOCAL_STAFF).agency
    return change_agency(store, LOCAL_STAFF, label=agency.label, zone=agency.zone, languages=["id", "en"], logo=logo)


# --- agency


def test_the_agency_is_renamed_in_both_languages_with_its_zone_and_languages(store: Store) -> None:
    label = {"id": "  DPMPTSP\nKota ", "en": "Licences"}
    changed = change_agency(store, LOCAL_STAFF, label=label, zone="Asia/Jayapura", languages=["en"], logo=None)
    assert changed.label == {"id": "DPMPTSP Kota", "en": "Licences"}
    assert survey_called(store).agency == changed and changed.languages == ("en",)
    assert did(store) == [(Did.AGENCY_CHANGED, "dpmptsp")] and first_broken(store, LOCAL_STAFF) is None


def test_what_does_not_change_is_not_in_the_audit(store: Store) -> None:
    kept(store, None)
    assert did(store) == []


@pytest.mark.parametrize(
    ("label", "zone", "languages", "key"),
    [
        ({"id": "Kantor"}, "Asia/Makassar", ["id"], "setup.name_in_all"),
        (both("x" * 100), "Asia/Makassar", ["id"], "survey.text_too_long"),
        (both("Kantor"), "Europe/Berlin", ["id"], "setup.zone"),
        (both("Kantor"), "Asia/Makassar", ["tet"], "setup.no_language"),
    ],
)
def test_an_agency_that_cannot_be_is_refused(
    store: Store, label: dict[str, str], zone: str, languages: list[str], key: str
) -> None:
    with pytest.raises(Problem) as told:
        change_agency(store, LOCAL_STAFF, label=label, zone=zone, languages=languages, logo=None)
    assert told.value.key == key and did(store) == []


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_is_drawn_anew_as_a_small_png(kind: str) -> None:
    kept = read_logo(picture((2000, 1000), kind) + b"<script>", "logo")
    found = Image.open(io.BytesIO(kept))
    assert (found.format, found.size) == ("PNG", (LONGEST_SIDE, LONGEST_SIDE // 2)) and b"script" not in kept


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.no_picture"),
        (picture()[:60], "logo.no_picture"),
        (picture(kind="GIF"), "logo.no_picture"),
        (b"", "logo.no_picture"),
        (picture((6000, 6000)), "logo.too_many_points"),
        (b"\x89PNG" + bytes(MAX_BYTES), "logo.too_large"),
    ],
)
def test_what_is_no_such_picture_is_refused_whatever_its_name(content: bytes, key: str) -> None:
    with pytest.raises(Problem) as told:
        read_logo(content, "logo.png")
    assert told.value.key == key


def test_a_logo_is_kept_and_only_its_digest_is_in_the_audit(store: Store) -> None:
    logo = read_logo(picture(), "logo.png")
    assert kept(store, logo).logo == logo
    (entry,) = read_audit(store, LOCAL_STAFF)
    assert list(entry.detail) == ["logo"] and len(entry.detail["logo"][1]) == 16


# --- units and services


def test_units_and_services_are_added_renamed_and_ordered(store: Store) -> None:
    unit = add_unit(store, LOCAL_STAFF, {"id": "Pelayanan Ékspor & Impor", "en": "Export"})
    first = add_service(store, LOCAL_STAFF, unit, {"id": "Surat asal", "en": "Origin"})
    second = add_service(store, LOCAL_STAFF, unit, {"id": "Surat asal", "en": "Origin 2"})
    change_part(store, LOCAL_STAFF, Part.SERVICE, second, label={"id": "Surat jalan", "en": "Waybill"})
    order_parts(store, LOCAL_STAFF, Part.SERVICE, [second, first])
    office = read_office(store, LOCAL_STAFF)
    made = office.units[-1]
    assert made.name == "pelayanan-ekspor-impor"
    assert [(one.name, one.label["id"]) for one in office.services_of(made)] == [
        ("surat-asal-2", "Surat jalan"),
        ("surat-asal", "Surat asal"),
    ]
    assert [what for what, _ in did(store)] == [Did.UNIT_CHANGED, *[Did.SERVICE_CHANGED] * 4]


def test_a_service_that_has_answers_can_only_be_retired(store: Store) -> None:
    respond(store, time=4, service="reklame")
    office = read_office(store, LOCAL_STAFF)
    service = next(one for one in office.services if one.name == "reklame")
    assert office.of_services[service.number] == 1 and office.of_units[service.unit] == 1
    for part, number in ((Part.SERVICE, service.number), (Part.UNIT, service.unit)):
        with pytest.raises(Problem) as told:
            delete_part(store, LOCAL_STAFF, part, number)
        assert told.value.key == "setup.in_use"
    assert read_office(store, LOCAL_STAFF).services == office.services and did(store) == []


def test_a_retired_service_is_not_offered_and_its_answers_keep_their_name(store: Store) -> None:
    """What a kiosk sends that still shows it is kept, and counts."""
    respond(store, time=4, service="reklame")
    service = next(one for one in survey_called(store).services if one.name == "reklame")
    change_part(store, LOCAL_STAFF, Part.SERVICE, service.number, label=service.label, active_to=date(2026, 11, 23))
    survey = survey_called(store)
    assert "reklame" in [one.name for one in survey.services]
    assert "reklame" not in [one.name for one in survey.offered_services(date(2026, 11, 24))]
    assert "reklame" in [one.name for one in survey.offered_services(date(2026, 11, 23))]
    assert respond(store, time=3, service="reklame").fate == "stored"
    assert set(read_responses(store, LOCAL_STAFF, survey).service) == {service.number}


def test_a_unit_that_is_not_offered_takes_its_services_along(store: Store) -> None:
    unit = next(one for one in survey_called(store).units if one.name == "bangunan")
    change_part(store, LOCAL_STAFF, Part.UNIT, unit.number, label=unit.label, active_from=date(2026, 12, 1))
    offered = survey_called(store).offered_services(date(2026, 11, 30))
    assert offered and unit.number not in [one.unit for one in offered]
    assert unit.number in [one.unit for one in survey_called(store).offered_services(date(2026, 12, 1))]


def test_a_unit_that_nothing_belongs_to_is_deleted_with_its_services(store: Store) -> None:
    unit = add_unit(store, LOCAL_STAFF, both("New"))
    add_service(store, LOCAL_STAFF, unit, both("Something"))
    delete_part(store, LOCAL_STAFF, Part.UNIT, unit)
    assert unit not in [one.number for one in read_office(store, LOCAL_STAFF).units]
    assert did(store)[-1] == (Did.UNIT_CHANGED, "new-id")


def test_only_an_administrator_sets_up(store: Store) -> None:
    for call in (
        lambda: read_office(store, MANAGER),
        lambda: change_agency(store, MANAGER, label=both("x"), zone="Asia/Makassar", languages=["id"], logo=None),
        lambda: add_unit(store, MANAGER, both("x")),
        lambda: add_service(store, MANAGER, 1, both("x")),
        lambda: change_part(store, MANAGER, Part.UNIT, 1, label=both("x")),
        lambda: order_parts(store, MANAGER, Part.UNIT, [1]),
        lambda: delete_part(store, MANAGER, Part.UNIT, 1),
    ):
        with pytest.raises(Problem) as told:
            call()
        assert told.value.key == "forbidden"
