"""Is the device told everything it needs, and nothing that it will not show?"""

from datetime import date, timedelta

import pytest

from survey.catalogue import Station, Survey
from survey.form.definition import form_definition, needed_files, packed
from survey.store import Store
from survey.words import load_words
from tests.builders import add_survey, both, content, questionnaire, scale, set_survey, shipped, survey_called

TODAY = date(2026, 11, 24)


@pytest.fixture
def survey(store: Store) -> Survey:
    return survey_called(store)


def station(survey: Survey, name: str) -> Station:
    return survey.stations[name]


def test_every_column_is_asked_once_in_codebook_order(survey: Survey) -> None:
    definition = form_definition(survey, None, "light", today=TODAY)
    asked = [column["name"] for block in definition["blocks"] for column in block["columns"]]
    assert asked == [column.name for column in shipped().columns]
    q = survey.questionnaire
    assert definition["questionnaire"] == {"name": q.name, "version": q.version, "digest": q.digest}


def test_equal_scales_are_written_once_and_every_column_points_at_its_own(survey: Survey) -> None:
    definition = form_definition(survey, None, "light", today=TODAY)
    scales = definition["scales"]
    assert len(scales) == len({str(scale) for scale in scales})
    for block in definition["blocks"]:
        for column in block["columns"]:
            question = shipped().columns[shipped().positions[column["name"]]].question
            assert question is not None
            said = scales[column["scale"]]
            assert said["points"] == question.scale.points
            assert said["labels"] == {str(code): dict(text) for code, text in question.scale.labels.items()}


@pytest.mark.parametrize(
    ("name", "door", "kind"),
    [
        (None, "light", "phone"),
        (None, "streamlit", "kiosk"),
        ("loket-1", "light", "kiosk"),
        ("tablet-1", "light", "kiosk"),
        ("tablet-1", "streamlit", "kiosk"),
    ],
)
def test_a_shared_device_is_a_kiosk_and_the_light_page_without_a_station_a_phone(
    survey: Survey, name: str | None, door: str, kind: str
) -> None:
    at = station(survey, name) if name else None
    assert form_definition(survey, at, door, today=TODAY)["profile_kind"] == kind  # type: ignore[arg-type]


def test_an_unknown_station_forgets_like_a_kiosk_and_sends_no_name(survey: Survey) -> None:
    """A response with a station we do not know would be set aside; without one it counts."""
    definition = form_definition(survey, None, "light", today=TODAY, unknown_station=True)
    assert (definition["profile_kind"], definition["station"]) == ("kiosk", None)
    assert "station.unknown" in definition["words"]["id"]


def test_a_station_of_a_unit_offers_the_services_of_that_unit_only(survey: Survey) -> None:
    everything = form_definition(survey, None, "light", today=TODAY)
    assert len(everything["services"]) == len(survey.services)
    here = form_definition(survey, station(survey, "loket-2"), "light", today=TODAY)
    assert [service["name"] for service in here["services"]] == ["pbg", "reklame"]
    assert [unit["name"] for unit in here["units"]] == ["bangunan"]


def test_a_survey_is_open_on_its_days_only(store: Store) -> None:
    survey = set_survey(store, opens=TODAY, closes=TODAY)
    opened = [
        form_definition(survey, None, "light", today=TODAY + timedelta(days=days))["survey"]["open"]
        for days in (-1, 0, 1)
    ]
    assert opened == [False, True, False]


def test_words_that_this_device_will_not_say_do_not_travel(survey: Survey) -> None:
    phone = form_definition(survey, None, "light", today=TODAY)["words"]
    kiosk = form_definition(survey, station(survey, "loket-1"), "light", today=TODAY)["words"]
    assert set(phone) == {"id", "en"}
    assert set(phone["id"]) == set(phone["en"])
    assert "phone.resumed" in phone["id"] and "kiosk.idle" not in phone["id"]
    assert "kiosk.idle" in kiosk["id"] and "phone.resumed" not in kiosk["id"]
    assert "points.hint" not in phone["id"]
    assert set(phone["id"]) | set(kiosk["id"]) < set(load_words("id").under("form."))


def test_shared_points_name_their_columns_and_only_then_their_script_travels(store: Store) -> None:
    made = content("time", points={"question": both("Share")}, scales={"four": scale(7, worded="ends")})
    survey = add_survey(store, questionnaire(**made))
    definition = form_definition(survey, None, "light", today=TODAY)
    assert definition["points"] == {
        "question": both("Share"),
        "total": 100,
        "dimensions": [{"column": "W_one", "label": both("One")}],
    }
    assert definition["comment"] is None
    assert "send.title" in definition["words"]["id"] and "comment.hint" not in definition["words"]["id"]
    assert {"points.js", "scales.css"} <= needed_files(definition)
    ordinary = needed_files(form_definition(survey_called(store), None, "light", today=TODAY))
    assert ordinary.isdisjoint({"points.js", "stars.js", "scales.css", "kiosk.js"})


def test_what_travels_says_the_same_in_lists(survey: Survey) -> None:
    """Texts as lists in the order of the languages; words as lists by key; what is missing or false is left out."""
    definition = form_definition(survey, None, "light", today=TODAY)
    short = packed(definition)
    assert short["survey"]["title"] == [survey.title["id"], survey.title["en"]]
    assert short["words"]["next"] == ["Lanjut", "Next"]
    assert short["blocks"][0]["columns"][0]["name"] == "P_requirements"
    assert short["scales"][0]["labels"][1] == [definition["scales"][0]["labels"]["1"][one] for one in ("id", "en")]
    assert short["questionnaire"] == definition["questionnaire"]
    assert short["survey"].keys() == {"name", "title", "open"}
    assert {"station", "unknown_station", "points"}.isdisjoint(short)
    assert needed_files(short) == needed_files(definition)
