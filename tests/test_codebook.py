"""Does the codebook say what every variable means, in every language and for every kind of questionnaire?"""

import re

from analysis.files.codebook import Role, codebook, profile_names
from survey.catalogue import Channel
from survey.store import Store
from tests.builders import content, scale, shipped, survey_called
from tests.builders import questionnaire as small


def test_variables_stand_in_the_order_of_the_file(store: Store) -> None:
    names = [variable.name for variable in codebook(shipped(), survey_called(store))]
    assert names[:4] == ["month", "unit", "service", "channel"]
    assert names[4:8] == ["sex", "age", "education", "occupation"]
    assert names[8:26] == [column.name for column in shipped().columns]
    assert names[26:] == ["flagged", "counted"]


def test_an_answer_has_its_label_number_dimension_question_and_worded_codes() -> None:
    time = next(variable for variable in codebook(shipped()) if variable.name == "P_time")
    assert time.role is Role.PERCEPTION
    assert time.number == "U3"
    assert time.label["id"] == "Waktu penyelesaian"
    assert time.dimension is not None
    assert time.dimension["en"] == "Responsiveness"
    assert time.question["en"] == "How fast was the service that you have just received?"
    assert {code: label["id"] for code, label in time.codes.items()} == {
        "1": "Tidak cepat",
        "2": "Kurang cepat",
        "3": "Cepat",
        "4": "Sangat cepat",
    }


def test_every_label_is_there_in_both_languages(store: Store) -> None:
    for variable in codebook(shipped(), survey_called(store)):
        assert set(variable.label) >= {"id", "en"}, variable.name
        assert all(set(label) >= {"id", "en"} for label in variable.codes.values()), variable.name


def test_names_are_legal_in_spss_stata_and_r(store: Store) -> None:
    """At most 32 characters, a letter first, letters, digits and underscores; no two that differ only in case."""
    names = [variable.name for variable in codebook(shipped(), survey_called(store))]
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,31}", name) for name in names)
    assert len({name.casefold() for name in names}) == len(names)


def test_a_profile_question_that_takes_one_of_our_names_gets_a_prefix() -> None:
    both = {"id": "x", "en": "x"}
    asked = {"label": both, "question": both, "choices": {1: both, 2: both}}
    q = small("time", profile=[{"name": "month", **asked}, {"name": "P_time", **asked}, {"name": "age", **asked}])
    assert profile_names(q) == ("R_month", "R_P_time", "age")


def test_a_scale_with_words_at_its_ends_only_has_all_its_codes() -> None:
    q = small("time", scales={"four": scale(7, "ends")})
    time = next(variable for variable in codebook(q) if variable.name == "P_time")
    assert list(time.codes) == ["1", "2", "3", "4", "5", "6", "7"]
    assert time.codes["4"] == {}
    assert time.codes["7"]["en"] == "label 7 (en)"


def test_points_have_no_codes_but_their_own_role() -> None:
    q = small("time", points={"question": {"id": "Bagikan", "en": "Share"}, "total": 100})
    points = next(variable for variable in codebook(q) if variable.name == "W_one")
    assert points.role is Role.POINTS
    assert not points.codes
    assert content("time")["dimensions"][0]["label"] == points.label


def test_places_and_channels_are_told_by_name(store: Store) -> None:
    variables = {variable.name: variable for variable in codebook(shipped(), survey_called(store))}
    assert list(variables["unit"].codes) == ["perizinan", "bangunan", "informasi"]
    assert variables["service"].codes["nib"]["id"] == "Nomor Induk Berusaha (NIB)"
    assert set(variables["channel"].codes) == {channel.value for channel in Channel}
