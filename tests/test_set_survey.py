"""Can an office tell, on the screen that invites to a survey, what it has improved?"""

import io
from pathlib import Path

import pytest

from survey.commands.command_line import CANNOT, main
from survey.principal import CITIZEN, LOCAL_STAFF, Forbidden
from survey.problem import Problem
from survey.store import Store
from survey.store.plans.planning import IMPROVED_LONGEST, tell_improved
from tests.builders import store_in, survey_called

TOLD = {"id": "Loket buka sampai pukul 16.", "en": "The counters are open until 4 p.m."}


def test_the_text_is_kept_with_the_survey_and_can_be_taken_back(store: Store) -> None:
    assert survey_called(store).improved is None
    assert tell_improved(store, LOCAL_STAFF, "skm", TOLD).improved == TOLD
    assert survey_called(store, "contoh").improved is None
    assert tell_improved(store, LOCAL_STAFF, "skm", {"id": " ", "en": ""}).improved is None


def test_it_is_one_line_however_it_was_typed(store: Store) -> None:
    told = tell_improved(store, LOCAL_STAFF, "skm", {"id": "  Loket\nbuka ", "en": "Open\tnow"}).improved
    assert told == {"id": "Loket buka", "en": "Open now"}


@pytest.mark.parametrize(
    ("given", "name", "key"),
    [
        ({"id": "Loket"}, "skm", "survey.improved_in_all"),
        ({"id": "x" * (IMPROVED_LONGEST + 1), "en": "x"}, "skm", "survey.improved_too_long"),
        (TOLD, "nowhere", "survey.unknown"),
    ],
)
def test_what_cannot_be_told_is_said_and_nothing_changes(
    store: Store, given: dict[str, str], name: str, key: str
) -> None:
    with pytest.raises(Problem) as told:
        tell_improved(store, LOCAL_STAFF, name, given)
    assert told.value.key == key
    assert survey_called(store).improved is None


def test_a_citizen_may_not(store: Store) -> None:
    with pytest.raises(Forbidden):
        tell_improved(store, CITIZEN, "skm", TOLD)


def test_the_command_says_what_is_told_now(tmp_path: Path) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        code = main(["set", *arguments], out, err, {"SURVEY_DATA": str(tmp_path / "data")})
        return code, out.getvalue(), err.getvalue()

    code, told, _ = run("skm", "--improved-id", TOLD["id"], "--improved-en", TOLD["en"])
    assert code == 0
    assert told.splitlines() == [
        "Layar undangan survei “skm” sekarang memberi tahu:",
        "  id: Loket buka sampai pukul 16.",
        "  en: The counters are open until 4 p.m.",
    ]
    with store_in(tmp_path / "data") as store:
        assert survey_called(store).improved == TOLD
    code, _, told = run("lain", "--improved-id", "", "--improved-en", "")
    assert code == CANNOT and "Gunakan salah satu dari: contoh, skm." in told
    assert "tidak lagi" in run("skm", "--improved-id", "", "--improved-en", "")[1]
