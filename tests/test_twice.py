"""Do two people key the same form to the same answers, and does the office know which numbered forms are still out?"""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from survey.principal import CITIZEN, LOCAL_STAFF, MAY, Forbidden, Principal, Role
from survey.problem import Problem
from survey.response import DoesNotFit
from survey.store import Store
from survey.store.answers.responses import read_responses, rebuild
from survey.store.paper.forms import PaperForm, keyed_numbers
from survey.store.paper.numbered import number_forms, printed_forms
from survey.store.paper.twice import Keying, decide, differing_forms, fields_of, key_carefully, waiting_forms
from survey.store.people.audit import read_audit
from tests.builders import NOW, rows, survey_called

DAY = date(2026, 11, 20)
ANI, BUDI = (Principal(name, MAY[Role.OPERATOR], None, Role.OPERATOR) for name in ("ani", "budi"))


def form(number: int = 1, day: date = DAY, service: str | None = "nib", comment: str = "", **codes: int) -> PaperForm:
    return PaperForm(number, day, service, {"sex": 1}, {f"P_{name}": code for name, code in codes.items()}, comment)


def key(store: Store, who: Principal, filled: PaperForm, double: bool = True) -> Keying:
    return key_carefully(store, who, survey_called(store), filled, double=double, now=NOW)


def stored(store: Store) -> list[int]:
    """What was answered about time and fee, form by form."""
    survey = survey_called(store)
    answers, at = read_responses(store, LOCAL_STAFF, survey).answers, survey.questionnaire.positions
    return [int(row[at["P_time"]]) * 10 + int(row[at["P_fee"]]) for row in answers]


# --- two keyings


def test_a_form_is_kept_when_two_people_have_keyed_the_same(store: Store) -> None:
    """Spaces in a comment are no difference."""
    assert key(store, ANI, form(time=4, fee=3, comment="Cepat  sekali")) is Keying.WAITS
    assert stored(store) == [] and [one.by for one in waiting_forms(store, BUDI, survey_called(store))] == ["ani"]
    assert key(store, BUDI, form(time=4, fee=3, comment="Cepat sekali ")) is Keying.KEPT
    assert stored(store) == [43] and waiting_forms(store, BUDI, survey_called(store)) == ()
    assert all(one.untouched for one in rebuild(store, LOCAL_STAFF, survey_called(store)))


def test_nobody_keys_a_form_twice_by_oneself(store: Store) -> None:
    key(store, ANI, form(time=4))
    with pytest.raises(Problem, match="You have keyed form 1 yourself"):
        key(store, ANI, form(time=4))
    assert stored(store) == []


def test_a_form_that_waits_is_keyed_a_second_time_also_where_nobody_asks_for_it(store: Store) -> None:
    key(store, ANI, form(time=4))
    assert key(store, BUDI, form(time=4), double=False) is Keying.KEPT


@pytest.mark.parametrize("double", [False, True])
def test_a_form_that_was_kept_is_caught(store: Store, double: bool) -> None:
    assert key(store, ANI, form(time=4), double=False) is Keying.KEPT
    with pytest.raises(Problem, match="Form 1 has been keyed already"):
        key(store, BUDI, form(time=1), double=double)
    assert stored(store) == [40]


def test_what_cannot_be_a_form_is_told_at_its_first_keying(store: Store) -> None:
    with pytest.raises(Problem, match="has no answers"):
        key(store, ANI, form())
    with pytest.raises(DoesNotFit):
        key(store, ANI, form(time=9))
    assert waiting_forms(store, ANI, survey_called(store)) == ()


# --- when they differ


@pytest.fixture
def differing(store: Store) -> Store:
    """A form keyed differently in one item, the service, and the comment; the second left out an item."""
    key(store, ANI, form(time=4, fee=3, procedure=2, comment="Baik"))
    assert key(store, BUDI, form(time=1, fee=3, service="pbg", comment="Biak")) is Keying.DIFFERS
    return store


def test_the_differences_are_told_item_by_item_and_nothing_counts_yet(differing: Store) -> None:
    (found,) = differing_forms(differing, ANI, survey_called(differing))
    assert (found.number, found.first_by, found.second_by) == (1, "ani", "budi")
    assert set(found.differences) == {"P_time", "P_procedure", "service", "comment"}
    assert fields_of(found.first)["P_procedure"] == "2" and "P_procedure" not in fields_of(found.second)
    assert stored(differing) == [] and keyed_numbers(differing, ANI, survey_called(differing)) == ()
    with pytest.raises(Problem, match="waits for a decision"):
        key(differing, ANI, form(time=4))


def test_a_person_decides_and_the_audit_tells_it_without_an_answer(differing: Store) -> None:
    survey = survey_called(differing)
    chosen = {"P_time": "4", "P_procedure": "", "service": "pbg", "comment": "Baik"}
    with pytest.raises(Problem, match="waits for a decision"):
        decide(differing, ANI, survey, 1, {"P_time": "4"})
    decide(differing, ANI, survey, 1, chosen, now=NOW)
    assert stored(differing) == [43] and differing_forms(differing, ANI, survey) == ()
    assert rows(differing, "SELECT text FROM comment") == [("Baik",)]
    entries = read_audit(differing, LOCAL_STAFF)
    assert [(e.did, e.who, e.what, dict(e.detail)) for e in entries] == [
        ("form_corrected", "ani", "skm 1", {"fields": 4})
    ]
    with pytest.raises(Problem, match="does not wait"):
        decide(differing, BUDI, survey, 1, chosen)


def test_what_was_keyed_is_forgotten_when_the_form_is_kept(differing: Store) -> None:
    """Else a deleted comment would live on beside its response."""
    survey = survey_called(differing)
    chosen = {"P_time": "4", "P_procedure": "2", "service": "nib", "comment": "Baik"}
    decide(differing, ANI, survey, 1, chosen)
    key(differing, ANI, form(2, time=4))
    key(differing, BUDI, form(2, time=4))
    query = "SELECT first, second, first_by, second_by FROM paper_form ORDER BY form"
    assert rows(differing, query) == [(None, None, "ani", "budi")] * 2


def test_a_decision_must_be_an_answer_the_questionnaire_has(differing: Store) -> None:
    chosen = {"P_time": "9", "P_procedure": "2", "service": "nib", "comment": ""}
    with pytest.raises(DoesNotFit):
        decide(differing, ANI, survey_called(differing), 1, chosen)
    assert len(differing_forms(differing, ANI, survey_called(differing))) == 1


# --- numbers on paper


def test_no_number_is_given_twice(store: Store) -> None:
    survey = survey_called(store)
    assert number_forms(store, ANI, survey, 3) == range(1, 4)
    assert number_forms(store, BUDI, survey, 2) == range(4, 6)
    key(store, ANI, form(50, time=4), double=False)
    assert number_forms(store, ANI, survey, 1) == range(51, 52), "a number written by hand is not given either"
    assert number_forms(store, ANI, survey_called(store, "contoh"), 1) == range(1, 2)
    for count in (0, 501, 100_000):
        with pytest.raises(Problem, match="At most 500 forms"):
            number_forms(store, ANI, survey, count)


def test_it_is_known_which_printed_forms_were_not_keyed(store: Store) -> None:
    survey = survey_called(store)
    number_forms(store, ANI, survey, 6)
    key(store, ANI, form(2, time=4), double=False)
    key(store, ANI, form(5, time=4))
    found = printed_forms(store, ANI, survey)
    assert (found.count, found.next, found.outstanding) == (6, 7, ((1, 1), (3, 4), (6, 6)))
    assert found.outstanding_count == 4


# --- who may


def test_a_citizen_keys_nothing_and_an_operator_the_forms_of_the_own_units(store: Store) -> None:
    survey = survey_called(store)
    forbidden: list[Callable[[], Any]] = [
        lambda: key(store, CITIZEN, form(time=4)),
        lambda: waiting_forms(store, CITIZEN, survey),
        lambda: differing_forms(store, CITIZEN, survey),
        lambda: decide(store, CITIZEN, survey, 1, {}),
        lambda: number_forms(store, CITIZEN, survey, 1),
        lambda: printed_forms(store, CITIZEN, survey),
    ]
    for may_not in forbidden:
        with pytest.raises(Forbidden):
            may_not()
    number = next(unit.number for unit in survey.units if unit.name == "informasi")
    other = Principal("citra", MAY[Role.OPERATOR], frozenset({number}), Role.OPERATOR)
    with pytest.raises(Forbidden):
        key(store, other, form(time=4, service="nib"))
    key(store, ANI, form(time=4, service="nib"))
    key(store, BUDI, form(time=1, service="nib"))
    assert differing_forms(store, other, survey) == ()
    with pytest.raises(Problem, match="does not wait"):
        decide(store, other, survey, 1, {"P_time": "1"})
