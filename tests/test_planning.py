"""Is a survey made, changed, opened and closed so that no answer given before changes?"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from survey.catalogue import Survey, SurveyStatus
from survey.form.definition import form_definition
from survey.hours import Hours, parse_hours
from survey.packed import NOT_COUNTED, Flag
from survey.principal import LOCAL_STAFF, Principal
from survey.problem import Problem
from survey.store import Store
from survey.store.answers.responses import read_responses, rebuild
from survey.store.people.audit import Did, read_audit
from survey.store.plans.planning import NOTICE_LONGEST, Plan, change_survey, move_survey, plan_survey
from survey.store.plans.progress import read_quotas, set_quotas, standings
from survey.store.plans.surveys import publish_questionnaire
from tests.builders import ask_instead, both, next_version, respond, rows, set_survey, shipped, survey_called

MONDAY = datetime(2026, 11, 23, 7, 30, tzinfo=ZoneInfo("Asia/Makassar"))
WEEK = ["08.00-15.00", "8-15", "08:00 - 15:00", "08.00–15.00", "08.00 s/d 11.30", "", ""]


def plan_of(store: Store, **changes: Any) -> Plan:
    return replace(Plan.of(survey_called(store)), **changes)


def change(store: Store, **changes: Any) -> Survey:
    return change_survey(store, LOCAL_STAFF, "skm", plan_of(store, **changes))


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(Problem) as told:
        call()
    return told.value.key


def open_again(store: Store, reason: str = "") -> Survey:
    return move_survey(store, LOCAL_STAFF, "skm", SurveyStatus.OPEN, reason)


# --- making and changing


def test_a_new_survey_is_a_draft_until_it_is_opened(store: Store) -> None:
    made = plan_survey(store, LOCAL_STAFF, "skm-2027", plan_of(store, population=4600, target=357))
    assert (made.status, made.population, made.target) == (SurveyStatus.DRAFT, 4600, 357)
    assert not made.takes_answers_on(date(2027, 1, 1))
    assert respond(store, survey="skm-2027", time=4).fate == "kept"
    opened = move_survey(store, LOCAL_STAFF, "skm-2027", SurveyStatus.OPEN)
    assert opened.status is SurveyStatus.OPEN and respond(store, survey="skm-2027", time=4).fate == "stored"
    assert [entry.did for entry in read_audit(store, LOCAL_STAFF)] == [Did.SURVEY_CHANGED, Did.SURVEY_MADE]


def test_no_two_surveys_have_the_same_name_because_it_is_their_address(store: Store) -> None:
    assert refused(lambda: plan_survey(store, LOCAL_STAFF, "skm", plan_of(store))) == "survey.exists"
    assert refused(lambda: plan_survey(store, LOCAL_STAFF, "S K M", plan_of(store))) == "survey.bad_name"


def test_a_change_to_an_open_survey_is_audited_and_touches_no_earlier_answer(store: Store) -> None:
    """The digests of the responses, made again from their rows, are the same before and after."""
    for code in (1, 2, 3):
        respond(store, time=code, comment="antre lama", service="nib")
    before, digests = rows(store), [one.response.digest for one in rebuild(store, LOCAL_STAFF, survey_called(store))]
    later = next_version(shipped(), minutes=9)
    with store.engine.begin() as connection:
        publish_questionnaire(connection, later)
    changed = change(
        store,
        title=both("Renamed"),
        questionnaire=(later.name, later.version),
        closes=date(2026, 12, 31),
        target=400,
        weights="0.11",
        retention_months=6,
        notice=both("Kami ingin tahu."),
        hours=parse_hours(WEEK),
    )
    assert (changed.questionnaire.version, changed.weight_convention) == (later.version, "0.11")
    assert rows(store) == before
    again = list(rebuild(store, LOCAL_STAFF, changed))
    assert [one.response.digest for one in again] == digests and all(one.untouched for one in again)
    (entry,) = read_audit(store, LOCAL_STAFF)
    assert entry.did == Did.SURVEY_CHANGED and entry.detail["target"] == [None, 400]
    assert set(entry.detail) == {
        "title", "questionnaire", "closes", "target", "weights", "retention_months", "notice", "hours",
    }  # fmt: skip


def test_what_would_give_answers_another_meaning_is_refused(store: Store) -> None:
    respond(store, time=4, service="nib", comment="antre lama")
    fewer = next_version(shipped(), name="fewer", items=shipped().model_dump(mode="json")["items"][:5])
    with store.engine.begin() as connection:
        publish_questionnaire(connection, fewer)
    units = frozenset(unit.number for unit in survey_called(store).units if unit.name != "perizinan")
    cases: Mapping[str, dict[str, Any]] = {
        "survey.test_with_answers": {"test": True},
        "survey.unit_with_answers": {"units": units},
        "survey.columns_lost": {"questionnaire": ("fewer", fewer.version)},
        "survey.months_promised": {"retention_months": 24},
    }
    assert {key: refused(lambda changes=changes: change(store, **changes)) for key, changes in cases.items()} == {
        key: key for key in cases
    }
    assert read_audit(store, LOCAL_STAFF) == ()


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"title": {"id": "Survei"}}, "survey.title_in_all"),
        ({"notice": both("x" * NOTICE_LONGEST)}, "survey.text_too_long"),
        ({"thanks": {"id": "Terima kasih"}}, "survey.text_in_all"),
        ({"thanks": both("Hello {agency}")}, "survey.text_sign"),
        ({"opens": date(2026, 2, 1), "closes": date(2026, 1, 1)}, "survey.period"),
        ({"target": 0}, "survey.number"),
        ({"retention_months": 0}, "survey.months"),
        ({"weights": "0.071"}, "survey.weights"),
        ({"units": frozenset({999})}, "survey.no_units"),
        ({"questionnaire": ("nothing", 1)}, "survey.no_questionnaire"),
    ],
)
def test_a_plan_that_no_survey_may_have_is_refused(store: Store, changes: dict[str, Any], key: str) -> None:
    assert refused(lambda: change(store, **changes)) == key


# --- steps


def test_a_survey_goes_from_open_to_closed_to_published_and_back_only_with_a_reason(store: Store) -> None:
    assert refused(lambda: move_survey(store, LOCAL_STAFF, "skm", SurveyStatus.PUBLISHED)) == "survey.step"
    for status in (SurveyStatus.CLOSED, SurveyStatus.OPEN, SurveyStatus.CLOSED, SurveyStatus.PUBLISHED):
        assert move_survey(store, LOCAL_STAFF, "skm", status).status is status
    assert refused(lambda: open_again(store)) == "survey.reason"
    assert open_again(store, "Periode diperpanjang wali kota").status is SurveyStatus.OPEN
    newest = read_audit(store, LOCAL_STAFF)[0]
    assert newest.detail == {"status": ["published", "open"], "reason": ["Periode diperpanjang wali kota"]}


def test_an_open_survey_becomes_a_draft_again_only_without_answers(store: Store) -> None:
    """One that is not counted is an answer, too: it came before the survey's period."""
    assert move_survey(store, LOCAL_STAFF, "skm", SurveyStatus.DRAFT).status is SurveyStatus.DRAFT
    assert read_audit(store, LOCAL_STAFF)[0].detail == {"status": ["open", "draft"]}
    open_again(store)
    set_survey(store, opens=date(2027, 1, 1))
    respond(store, time=4)
    entries = len(read_audit(store, LOCAL_STAFF))
    assert refused(lambda: move_survey(store, LOCAL_STAFF, "skm", SurveyStatus.DRAFT)) == "survey.draft_with_answers"
    assert len(read_audit(store, LOCAL_STAFF)) == entries and survey_called(store).status is SurveyStatus.OPEN


# --- opening hours


def test_hours_are_read_as_people_write_them() -> None:
    hours = parse_hours(WEEK)
    assert hours and [span and f"{span[0]:%H:%M}-{span[1]:%H:%M}" for span in hours.week] == [
        *["08:00-15:00"] * 4, "08:00-11:30", None, None,
    ]  # fmt: skip
    assert Hours.read(hours.stored()) == hours and parse_hours([""] * 7) is None
    assert refused(lambda: parse_hours(["pagi", *[""] * 6])) == "hours.unreadable"
    assert refused(lambda: parse_hours(["25-26", *[""] * 6])) == "hours.unreadable"
    assert refused(lambda: parse_hours(["15-08", *[""] * 6])) == "hours.backwards"


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ((23, 7, 30), (23, 8, 0)),
        ((23, 15, 0), (24, 8, 0)),
        ((27, 11, 30), (30, 8, 0)),
        ((28, 9, 0), (30, 8, 0)),
    ],
)
def test_when_it_opens_next_is_known_over_night_and_week_end(
    moment: tuple[int, int, int], opens: tuple[int, int, int]
) -> None:
    hours = parse_hours(WEEK)
    at, then = (datetime(2026, 11, *when, tzinfo=MONDAY.tzinfo) for when in (moment, opens))
    assert hours and not hours.are_open_at(at) and hours.opens_next(at) == then
    assert hours.opens_next(at, last=date(2026, 11, 22)) is None


def test_outside_the_hours_the_form_says_when_it_opens_and_what_arrives_is_kept_and_counted(store: Store) -> None:
    survey = change(store, hours=parse_hours(WEEK))
    shown = form_definition(survey, None, "light", today=MONDAY.date(), now=MONDAY)
    assert not shown["survey"]["open"]
    assert shown["words"]["id"]["closed.text"].endswith("buka lagi 23 November 2026 pukul 08.00.")
    assert shown["words"]["en"]["closed.text"].endswith("opens again on 23 November 2026 at 08:00.")
    early = MONDAY.astimezone(UTC)
    sent = respond(store, time=4, at=early, started_at=early.isoformat(), submitted_at=early.isoformat())
    assert sent.fate == "stored"
    (flags,) = read_responses(store, LOCAL_STAFF, survey).flags
    assert flags == Flag.OUT_OF_HOURS and not flags & NOT_COUNTED


def test_within_the_hours_the_form_is_open_and_nothing_is_flagged(store: Store) -> None:
    survey = change(store, hours=parse_hours(WEEK))
    at = MONDAY.replace(hour=9)
    assert form_definition(survey, None, "light", today=at.date(), now=at)["survey"]["open"]
    sent = at.astimezone(UTC)
    respond(store, time=4, at=sent, started_at=sent.isoformat(), submitted_at=sent.isoformat())
    assert read_responses(store, LOCAL_STAFF, survey).flags.tolist() == [0]


def test_before_its_period_the_form_says_the_day_and_after_it_to_ask_the_staff(store: Store) -> None:
    survey = change(store, opens=date(2026, 12, 1), closes=date(2026, 12, 31))
    words = form_definition(survey, None, "light", today=MONDAY.date(), now=MONDAY)["words"]["id"]
    assert "buka lagi 1 Desember 2026" in words["closed.text"]
    late = datetime(2027, 1, 1, 9, tzinfo=MONDAY.tzinfo)
    words = form_definition(survey, None, "light", today=late.date(), now=late)["words"]["id"]
    assert "tanyakan kepada petugas" in words["closed.text"]


# --- texts and languages


def test_own_texts_stand_in_place_of_the_usual_ones_and_usual_ones_cost_nothing(store: Store) -> None:
    usual = form_definition(survey_called(store), None, "light", today=MONDAY.date())["words"]
    survey = change(store, notice=both("Halo"), thanks=both("Makasih"))
    own = form_definition(survey, None, "light", today=MONDAY.date())["words"]
    assert (own["id"]["notice"], own["en"]["thanks_stored"]) == ("Halo (id)", "Makasih (en)")
    assert set(own["id"]) == set(usual["id"])
    back = change(store, notice=None, thanks=None)
    assert form_definition(back, None, "light", today=MONDAY.date())["words"] == usual


# --- target and quotas


def test_quotas_are_wishes_with_progress(store: Store) -> None:
    survey = survey_called(store)
    nib = next(service.number for service in survey.services if service.name == "nib")
    set_quotas(store, LOCAL_STAFF, survey, {nib: 30})
    for _ in range(2):
        assert respond(store, time=4, service="nib").fate == "stored"
    assert read_quotas(store, LOCAL_STAFF, survey)[nib] == (2, 30)
    set_quotas(store, LOCAL_STAFF, survey, {nib: None})
    assert read_quotas(store, LOCAL_STAFF, survey)[nib] == (2, None)
    assert refused(lambda: set_quotas(store, LOCAL_STAFF, survey, {nib: 0})) == "survey.quota"
    assert [entry.detail["quotas"] for entry in read_audit(store, LOCAL_STAFF)] == [{}, {"nib": 30}]


def test_where_a_survey_stands_counts_what_counts(store: Store) -> None:
    change(store, target=10, opens=date(2026, 11, 1), closes=date(2026, 11, 30))
    for _ in range(3):
        respond(store, time=4)
    move_survey(store, LOCAL_STAFF, "skm", SurveyStatus.CLOSED)
    respond(store, time=1)
    skm = next(one for one in standings(store, LOCAL_STAFF, MONDAY) if one.survey.name == "skm")
    assert skm.n == 3 and skm.progress and (skm.progress.remaining, skm.progress.days_left) == (7, 8)


def test_only_an_administrator_plans(store: Store) -> None:
    nobody, survey = Principal("manager", frozenset()), survey_called(store)
    for call in (
        lambda: plan_survey(store, nobody, "new", plan_of(store)),
        lambda: change_survey(store, nobody, "skm", plan_of(store)),
        lambda: move_survey(store, nobody, "skm", SurveyStatus.CLOSED),
        lambda: set_quotas(store, nobody, survey, {}),
        lambda: read_quotas(store, nobody, survey),
        lambda: standings(store, nobody),
    ):
        assert refused(call) == "forbidden"


def test_answers_to_the_earlier_version_stand_beside_those_to_the_later_one(store: Store) -> None:
    respond(store, time=2)
    survey = ask_instead(store, next_version(shipped(), minutes=8))
    respond(store, time=4)
    at = survey.questionnaire.positions["P_time"]
    assert read_responses(store, LOCAL_STAFF, survey).answers[:, at].tolist() == [2, 4]
