"""Does ``python -m survey`` do what it says, and say what it cannot do?"""

import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.regulation import rule_set
from survey.catalogue import weight_conventions
from survey.commands.command_line import main
from survey.principal import LOCAL_STAFF, Principal
from survey.problem import Problem
from survey.questionnaire import load_questionnaire
from survey.settings import ROOT
from survey.store import Store
from survey.store.plans.planning import add_survey
from survey.store.plans.surveys import list_surveys, publish_questionnaire
from tests.builders import next_version, store_in, survey_called


def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Exit code, output and complaints of a command on the installation in ``folder``."""
    out, err = io.StringIO(), io.StringIO()
    code = main(arguments, out, err, {"SURVEY_DATA": str(folder), **environment})
    return code, out.getvalue(), err.getvalue()


def test_a_trial_survey_is_opened_in_every_unit_with_the_questionnaire_asked_for(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, "add-survey", "coba-servqual", "--questionnaire", "servqual-22", "--test")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "Survei uji coba “coba-servqual” dibuka dengan kuesioner servqual-22, versi 1.",
        "Alamatnya pada aplikasi yang berjalan: /s/coba-servqual",
    ]
    with store_in(tmp_path) as store:
        made, first = survey_called(store, "coba-servqual"), survey_called(store, "skm")
    assert (made.test, made.questionnaire.name, made.status.value) == (True, "servqual-22", "open")
    assert (made.units, made.services) == (first.units, first.services)
    assert made.title == made.questionnaire.title


def test_without_test_it_takes_real_answers(tmp_path: Path) -> None:
    assert run(tmp_path, "add-survey", "skm-2026", "--questionnaire", "skm-2017", "--language", "en")[1].startswith(
        "The survey “skm-2026” is open with the questionnaire skm-2017, version 1."
    )
    with store_in(tmp_path) as store:
        assert not survey_called(store, "skm-2026").test


@pytest.mark.parametrize(
    ("arguments", "english", "indonesian"),
    [
        (["skm", "--questionnaire", "skm-2017"], "already a survey “skm”", "“skm” sudah ada"),
        (["SKM 2026", "--questionnaire", "skm-2017"], "part of an address", "bagian dari alamat"),
        (
            ["new", "--questionnaire", "skm-1999"],
            "Use one of: egov-2003-citizen,",
            "salah satu dari: egov-2003-citizen,",
        ),
        (["new"], "--questionnaire", "python -m survey --help"),
    ],
)
def test_what_cannot_be_done_is_told_in_both_languages_and_changes_nothing(
    tmp_path: Path, arguments: list[str], english: str, indonesian: str
) -> None:
    for language, words in (("en", english), ("id", indonesian)):
        code, out, err = run(tmp_path, "add-survey", *arguments, "--language", language)
        assert (code, out) == (2, "")
        assert words in err
    with store_in(tmp_path) as store:
        assert {survey.name for survey in list_surveys(store, LOCAL_STAFF)} == {"skm", "contoh"}


def test_the_language_is_that_of_the_installation_unless_asked(tmp_path: Path) -> None:
    assert "is not understood" in run(tmp_path, "dance", SURVEY_LANGUAGE="en")[2]
    assert "tidak dimengerti" in run(tmp_path, "dance", SURVEY_LANGUAGE="id")[2]
    assert "tidak mungkin" in run(tmp_path, "add-survey", "a", "--questionnaire", "b", SURVEY_LANGUAGE="fr")[2]


def test_it_runs_as_people_run_it() -> None:
    """In a process of its own; the help comes in Indonesian."""
    command = [sys.executable, "-m", "survey", "add-survey", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60)
    assert "buka survei baru" in done.stdout.decode("utf-8")


def test_a_new_version_of_a_questionnaire_is_the_one_that_is_asked(store: Store) -> None:
    first = add_survey(store, LOCAL_STAFF, "first", "skm-2017").questionnaire
    with store.engine.begin() as connection:
        publish_questionnaire(connection, next_version(first, minutes=3))
    assert add_survey(store, LOCAL_STAFF, "second", "skm-2017").questionnaire.version == 2
    assert survey_called(store, "first").questionnaire.version == 1


def test_a_survey_counts_with_the_weights_that_were_asked_for(tmp_path: Path) -> None:
    """0.11 and 0.111 are printed for 1/9, 0.071 for 1/14; ``set`` changes them, the answers stay."""
    assert run(tmp_path, "add-survey", "nine", "--questionnaire", "skm-2017", "--weights", "0.11")[0] == 0
    assert run(tmp_path, "add-survey", "fourteen", "--questionnaire", "skm-2004", "--weights", "0.071")[0] == 0
    assert run(tmp_path, "set", "skm", "--weights", "0.111", "--language", "en")[1] == (
        "The index of the survey “skm” is now counted with the weights 0.111.\n"
    )
    with store_in(tmp_path) as store:
        said = {survey.name: survey.weight_convention for survey in list_surveys(store, LOCAL_STAFF)}
    assert said == {"nine": "0.11", "fourteen": "0.071", "skm": "0.111", "contoh": "exact"}


@pytest.mark.parametrize(
    ("arguments", "known"),
    [
        (["add-survey", "new", "--questionnaire", "skm-2017", "--weights", "0.071"], "Use one of: exact, 0.11, 0.111."),
        (["add-survey", "new", "--questionnaire", "servqual-22", "--weights", "0.11"], "Use one of: exact."),
        (["set", "skm", "--weights", "1/9"], "Use one of: exact, 0.11, 0.111."),
        (["set", "skm"], "--weights 0.11"),
    ],
)
def test_weights_that_do_not_fit_are_refused_with_those_that_do(
    tmp_path: Path, arguments: list[str], known: str
) -> None:
    code, out, err = run(tmp_path, *arguments, "--language", "en")
    assert (code, out) == (2, "")
    assert known in err


@pytest.mark.parametrize("name", ["skm-2004", "skm-2014", "skm-2017"])
def test_the_weights_offered_are_those_of_the_regulation(name: str) -> None:
    q = load_questionnaire(ROOT / "questionnaires" / f"{name}.yaml")
    regulated = rule_set(name)
    assert weight_conventions(q) == tuple(kind.name for kind in regulated.conventions(len(q.items)))


def test_without_an_office_a_survey_is_refused_with_the_way_to_get_one(tmp_path: Path) -> None:
    """The example office is made with the questionnaire that its surveys ask; a folder may lack it."""
    folder = tmp_path / "questionnaires"
    folder.mkdir()
    shutil.copy(ROOT / "questionnaires" / "skm-2017.yaml", folder)
    asked = ("add-survey", "new", "--questionnaire", "skm-2017", "--language", "en")
    code, out, err = run(tmp_path / "data", *asked, SURVEY_QUESTIONNAIRES=str(folder))
    assert (code, out) == (2, "")
    assert "no office yet" in err and "skm-2017-servqual" in err


def test_whoever_may_not_manage_surveys_opens_none(store: Store) -> None:
    with pytest.raises(Problem, match="the role of your account does not cover it"):
        add_survey(store, Principal("visitor", frozenset()), "mine", "skm-2017")
