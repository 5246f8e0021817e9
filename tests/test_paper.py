"""Can a survey be asked on paper and keyed, each form once, into the same answers as on a screen?"""

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from survey.catalogue import Channel
from survey.commands.command_line import main
from survey.keying import form_of, steps
from survey.packed import Flag
from survey.paper_form import MOST_FORMS, paper_form
from survey.principal import CITIZEN, LOCAL_STAFF, Forbidden
from survey.problem import Problem
from survey.response import DoesNotFit
from survey.store import Store
from survey.store.answers.responses import read_responses, rebuild
from survey.store.paper.forms import KeyedForm, PaperForm, key_form, keyed_numbers, last_forms
from survey.store.plans.planning import add_survey
from survey.words import load_words
from tests.builders import NOW, rows, set_survey, survey_called

DAY = date(2026, 11, 20)


def pages(pdf: bytes) -> int:
    """How many pages a PDF says it has in its metadata."""
    (count,) = re.findall(rb"<xmpTPg:NPages>(\d+)<", pdf)
    return int(count)


def form(**given: Any) -> PaperForm:
    filled = {"number": 1, "day": DAY, "service": None, "profile": {}, "answers": {"P_time": 4}} | given
    return PaperForm(**filled)


# --- the form


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_form_is_a_pdf_for_screen_readers_with_the_same_bytes_twice(store: Store, language: str) -> None:
    """Typst itself refuses what PDF/UA-1 does not allow; the standard is declared in the metadata."""
    survey = survey_called(store)
    pdf = paper_form(survey, language)
    assert pdf.startswith(b"%PDF-1.7")
    assert b"pdfuaid:part>1<" in pdf
    assert pdf == paper_form(survey, language)


def test_every_form_has_its_number(store: Store) -> None:
    """Nine elements with the profile take two pages: three numbered forms have six."""
    survey = add_survey(store, LOCAL_STAFF, "nine", "skm-2017")
    assert pages(paper_form(survey, "id")) == 2
    assert pages(paper_form(survey, "id", range(7, 10))) == 6
    assert paper_form(survey, "id", [7]) != paper_form(survey, "id", [8])


@pytest.mark.parametrize("name", ["skm-2004", "skm-2014", "servqual-22", "egov-2003-staff", "zi-spkp-spak"])
def test_every_questionnaire_can_be_printed(store: Store, name: str) -> None:
    """Long scales, points over dimensions, staff questionnaires without services."""
    assert paper_form(add_survey(store, LOCAL_STAFF, "trial", name, test=True), "id").startswith(b"%PDF")


def test_words_of_the_office_are_never_run(store: Store) -> None:
    """What would be code in Typst stands on the form as it is written."""
    title = '#panic("no") $x$ *b* @ref \\ `code` "quoted"'
    assert paper_form(set_survey(store, title={"id": title, "en": title}), "id").startswith(b"%PDF")


def test_what_cannot_be_printed_is_told(store: Store) -> None:
    survey = survey_called(store)
    with pytest.raises(Problem, match=r"does not speak “fr”\. Use one of: id, en"):
        paper_form(survey, "fr")
    for numbers in ([0], [100_000], range(1, MOST_FORMS + 2)):
        with pytest.raises(Problem, match="At most 500 forms"):
            paper_form(survey, "id", numbers)


def test_the_command_writes_the_form(tmp_path: Path) -> None:
    out, err = io.StringIO(), io.StringIO()
    environment = {"SURVEY_DATA": str(tmp_path / "data")}
    file = tmp_path / "form.pdf"
    command = ["paper-form", "skm", "--language", "en", "--to", str(file)]
    assert main([*command, "--numbers", "1-3"], out, err, environment) == 0, err.getvalue()
    assert out.getvalue() == f"3 forms written to {file}.\n"
    assert file.read_bytes().startswith(b"%PDF")
    assert main([*command, "--numbers", "3-1"], out, err, environment) == 2
    assert "“3-1” is no range of numbers. Write it as 1-50." in err.getvalue()


# --- keying


def test_the_steps_are_those_of_the_form_in_its_order(store: Store) -> None:
    survey = add_survey(store, LOCAL_STAFF, "nine", "skm-2017")
    found = steps(survey, load_words("id"))
    numbers = [step.get("number") for step in found]
    assert numbers == [None, None, *"ABCDE", *(f"U{k}" for k in range(1, 10)), None, None]
    assert [step["kind"] for step in found][-2:] == ["comment", "save"]
    assert found[2]["codes"] == ["1", "2", "3", "4", "5", "6", "0"]
    assert found[9]["options"][3] == ["4", "Sangat cepat"]


def test_a_keyed_form_is_a_response_like_any_other(store: Store) -> None:
    """As the desk hands it over: text by step. Its row can be rebuilt and verified, the comment stands apart."""
    survey = survey_called(store)
    values = {
        "number": "12",
        "day": "20112026",
        "service": "4",
        "profile.sex": "2",
        "P_time": "4",
        "E_time": "3",
        "comment": " Ramah ",
    }
    key_form(store, LOCAL_STAFF, survey, form_of(survey, values), now=NOW)
    found = read_responses(store, LOCAL_STAFF, survey)
    (one,) = rebuild(store, LOCAL_STAFF, survey)
    assert one.response.digest == one.digest
    assert (one.response.channel, one.response.sequence, one.response.service) == (Channel.PAPER, 12, "pbg")
    assert (found.day.tolist(), found.flags.tolist()) == ([20261120], [0])
    positions = survey.questionnaire.positions
    assert [found.answers[0, positions[name]] for name in ("P_time", "E_time", "P_fee")] == [4, 3, 0]
    assert rows(store, "SELECT text FROM comment") == [("Ramah",)]


def test_a_form_number_is_kept_once(store: Store) -> None:
    """Also with other answers: the clerk has taken a wrong number, or the same form again."""
    survey = survey_called(store)
    key_form(store, LOCAL_STAFF, survey, form(), now=NOW)
    with pytest.raises(Problem, match="Form 1 has been keyed already; nothing was saved"):
        key_form(store, LOCAL_STAFF, survey, form(answers={"P_time": 1}), now=NOW)
    key_form(store, LOCAL_STAFF, survey_called(store, "contoh"), form(), now=NOW)
    assert len(read_responses(store, LOCAL_STAFF, survey)) == 1


def test_the_last_forms_and_the_numbers_in_use_are_told(store: Store) -> None:
    survey = survey_called(store)
    for number in (1, 2, 3, 7, 5):
        key_form(store, LOCAL_STAFF, survey, form(number=number, service="nib"), now=NOW)
    assert keyed_numbers(store, LOCAL_STAFF, survey) == ((1, 3), (5, 5), (7, 7))
    assert last_forms(store, LOCAL_STAFF, survey, 2) == (KeyedForm(5, DAY, "nib", 1), KeyedForm(7, DAY, "nib", 1))
    assert keyed_numbers(store, LOCAL_STAFF, survey_called(store, "contoh")) == ()


def test_points_are_keyed_as_written_and_stored_plus_one(store: Store) -> None:
    survey = add_survey(store, LOCAL_STAFF, "trial", "servqual-22", test=True)
    points = [column.name for column in survey.questionnaire.columns if column.item is None]
    kinds = [step["kind"] for step in steps(survey, load_words("id"))]
    assert kinds.count("points") == len(points) == 5
    values = {"number": "1", "day": "20/11/2026", **dict(zip(points, ("0", "100", "0", "0", "0"), strict=True))}
    assert list(form_of(survey, values).answers.values()) == [1, 101, 1, 1, 1]


BAD = {
    "no answers": ({"answers": {}}, "Form 1 has no answers"),
    "the future": ({"day": date(2026, 11, 25)}, "it cannot lie in the future"),
    "long ago": ({"day": date(1890, 1, 1)}, "cannot be the date of a form"),
    "number 0": ({"number": 0}, "0 cannot be a form number"),
    "off the scale": ({"answers": {"P_time": 5}}, "its scale goes from 1 to 4"),
    "unknown": ({"answers": {"P_speed": 4}}, "has no column “P_speed”"),
    "service": ({"service": "paspor"}, "has no service “paspor”"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_form_that_cannot_be_is_not_kept(store: Store, name: str) -> None:
    given, wanted = BAD[name]
    with pytest.raises((Problem, DoesNotFit), match=wanted):
        key_form(store, LOCAL_STAFF, survey_called(store), form(**given), now=NOW)
    assert rows(store) == []


def test_a_form_for_a_closed_survey_is_kept_but_not_counted(store: Store) -> None:
    survey = set_survey(store, closes=date(2026, 11, 19))
    key_form(store, LOCAL_STAFF, survey, form(), now=NOW)
    assert read_responses(store, LOCAL_STAFF, survey).flags.tolist() == [Flag.CLOSED]


@pytest.mark.parametrize("said", ["", "kemarin", "31/02/2026"])
def test_a_day_that_is_none_is_told(store: Store, said: str) -> None:
    with pytest.raises(Problem, match="cannot be the date of a form"):
        form_of(survey_called(store), {"number": "1", "day": said})


def test_nobody_keys_without_the_permission(store: Store) -> None:
    survey = survey_called(store)
    for ask in (key_form, last_forms, keyed_numbers):
        with pytest.raises(Forbidden):
            ask(store, CITIZEN, survey, *([form()] if ask is key_form else []))
