"""Does a manager see how many of those served answered, of whom that is a share, and where that cannot be?"""

from datetime import date, timedelta

import pytest

from analysis.answer_rate import AnswerRates, answer_rates
from analysis.counting.live import Live
from analysis.figures.answer_rate import rate_title, rates_by_month, rates_by_unit, told_doubts
from analysis.figures.paper import Figure, Reader
from analysis.selection import Selection
from survey.principal import LOCAL_STAFF, Principal, Role
from survey.served import Basis, Count, DayOfUnit, Doubt, Totals
from survey.store import Store
from survey.store.stations.served import enter_served, entered_served
from survey.words import load_words
from tests.builders import NOW, respond, set_survey, survey_called
from tests.people import principal, unit_number

TODAY = NOW.date()
ID, EN = load_words("id"), load_words("en")
LICENCES, BUILDINGS = "nib", "pbg"
"""Services of the units perizinan and bangunan."""


def answers(store: Store, service: str, n: int, *, days_ago: int = 0) -> None:
    for _ in range(n):
        respond(store, time=4, service=service, at=NOW - timedelta(days=days_ago), **_sent(days_ago))


def _sent(days_ago: int) -> dict[str, str]:
    day = (NOW - timedelta(days=days_ago)).date().isoformat()
    return {"started_at": f"{day}T01:57:00Z", "submitted_at": f"{day}T01:59:00Z"}


def enter(store: Store, unit: str, served: int, offered: int | None = None, *, days_ago: int = 0) -> None:
    count = Count(unit_number(store, unit), TODAY - timedelta(days=days_ago), served, offered)
    enter_served(store, LOCAL_STAFF, [count], now=NOW)


def rates(store: Store, who: Principal = LOCAL_STAFF, **selected: str) -> AnswerRates:
    survey = survey_called(store).of_units(who.units)
    return answer_rates(
        Live(store).matrix(who, survey), entered_served(store, who, survey), survey, Selection(**selected)
    )


def by_unit(store: Store, minimum: int = 5, language: str = "en", **selected: str) -> Figure:
    survey = survey_called(store)
    return rates_by_unit(rates(store, **selected), survey, Reader(survey.questionnaire, load_words(language)), minimum)


def by_month(store: Store, minimum: int = 5) -> Figure | None:
    return rates_by_month(rates(store), Reader(survey_called(store).questionnaire, EN), minimum)


def written(figure: Figure) -> str:
    """Everything that stands on the chart, beside it and in its table."""
    notes = [str(note.text) for note in figure.chart.layout.annotations]
    return " | ".join(
        [figure.title, figure.terms, figure.alternative, *notes, *(" ".join(r) for r in figure.table.rows)]
    )


# --- of whom it is a share


def test_it_is_a_share_of_those_offered_where_they_were_counted_every_day_else_of_those_served() -> None:
    """12 answers of 20 offered, of 40 served on two days; on a third day nobody counted those offered."""
    days = [DayOfUnit(1, TODAY, 25, 12, 7), DayOfUnit(1, TODAY - timedelta(days=1), 15, 8, 5)]
    offered = Totals.of(days)
    assert (offered.basis, offered.asked, offered.rate) == (Basis.OFFERED, 20, 0.6)
    served = Totals.of([*days, DayOfUnit(1, TODAY - timedelta(days=2), 8, None, 0)])
    assert (served.basis, served.asked, served.rate) == (Basis.SERVED, 48, 0.25)
    assert Totals.of([DayOfUnit(1, TODAY, None, None, 9)]).rate is None


def test_each_unit_and_month_stands_with_its_numbers(store: Store) -> None:
    """November: 6 of 10 offered in licences, 5 of 20 served in buildings; October: 10 of 10 served in licences."""
    set_survey(store, opens=date(2026, 10, 1))
    for unit, service, n, served, offered, ago in (
        ("perizinan", LICENCES, 6, 12, 10, 0),
        ("bangunan", BUILDINGS, 5, 20, None, 1),
        ("perizinan", LICENCES, 10, 10, None, 35),
    ):
        answers(store, service, n, days_ago=ago)
        enter(store, unit, served, offered, days_ago=ago)
    answers(store, "konsultasi", 7)
    found = rates(store)
    assert [(line.key, line.totals.rate) for line in found.months] == [(202610, 1.0), (202611, 11 / 32)]
    assert found.missing == (unit_number(store, "informasi"),)
    figure, months = by_unit(store), by_month(store)
    assert figure.title == "50% of the 42 citizens served answered (21)"
    assert "nothing entered yet for Information and complaints" in figure.terms
    assert "7 answers came on days not entered" in figure.terms
    assert figure.table.rows == (
        ("Business licences", "22", "–", "16 (73%)"),
        ("Buildings and land use", "20", "–", "5 (25%)"),
    )
    assert months is not None and months.title == "November 2026: 34% answered, fewer than in the month before (100%)"
    assert by_unit(store, unit="perizinan", period="2026-11").title == (
        "60% of the 10 citizens offered the survey answered (6)"
    )
    assert (
        by_unit(store, language="id", unit="perizinan", period="2026-11").title
        == "60 % dari 10 warga yang ditawari survei menjawab (6)"
    )


def test_a_service_or_a_way_of_answering_gives_the_numbers_of_its_whole_unit(store: Store) -> None:
    """Citizens served are known by unit and day only."""
    answers(store, LICENCES, 5)
    answers(store, BUILDINGS, 5)
    enter(store, "perizinan", 10)
    enter(store, "bangunan", 20)
    found = rates(store, service=LICENCES)
    assert found.whole and [line.totals.rate for line in found.units] == [0.5]
    assert rates(store, channel="kiosk").whole and not rates(store, unit="perizinan").whole


def test_numbers_of_a_time_before_or_after_the_survey_belong_to_another(store: Store) -> None:
    """Without dates a survey begins with its first answer; closed without a date, it ends with its last."""
    answers(store, LICENCES, 5, days_ago=2)
    for ago in (40, 2, 1):
        enter(store, "perizinan", 10, days_ago=ago)
    assert rates(store).total.served == 20
    set_survey(store, status="closed")
    assert rates(store).total.served == 10
    set_survey(store, status="open", opens=TODAY - timedelta(days=40), closes=TODAY - timedelta(days=2))
    assert rates(store).total.served == 20


def test_before_anything_was_entered_nothing_is_told(store: Store) -> None:
    answers(store, LICENCES, 5)
    assert (rates(store).units, rates(store).months, rates(store).doubtful) == ((), (), ())
    assert rates(store).total.rate is None


# --- what cannot be


def test_days_that_cannot_be_and_months_in_which_nearly_all_answered_are_told_by_unit(store: Store) -> None:
    answers(store, LICENCES, 6)
    enter(store, "perizinan", 10, 5)
    answers(store, BUILDINGS, 6)
    enter(store, "bangunan", 5, 7)
    found = rates(store)
    assert {(one.doubt, one.days) for one in found.doubtful} == {
        (Doubt.MORE_THAN_OFFERED, 1),
        (Doubt.MORE_THAN_SERVED, 1),
        (Doubt.OFFERED_MORE, 1),
    }
    told = told_doubts(found, survey_called(store), EN)
    assert told[0] == (
        "Business licences: more answers than citizens offered the survey (days: 1, the first 24 November 2026). "
        "Check the number offered."
    )
    assert "Business licences – please check" in written(by_unit(store))
    assert "120%" in written(by_unit(store))


@pytest.mark.parametrize(
    ("asked", "answered", "nearly"), [(100, 94, False), (100, 95, True), (100, 101, False), (49, 49, False)]
)
def test_a_rate_that_hardly_any_counter_has_is_told_from_50_citizens_on(
    asked: int, answered: int, nearly: bool
) -> None:
    """Above 100 % it is told as what cannot be."""
    assert Totals.of([DayOfUnit(1, TODAY, asked, None, answered)]).nearly_all is nearly


# --- who may see what


def test_a_manager_of_one_unit_sees_the_rates_of_it_alone(store: Store) -> None:
    answers(store, LICENCES, 5)
    answers(store, BUILDINGS, 5)
    enter(store, "perizinan", 10)
    enter(store, "bangunan", 20)
    mine = rates(store, principal(store, Role.MANAGER, "bangunan"))
    assert [line.key for line in mine.units] == [unit_number(store, "bangunan")]
    assert mine.total.served == 20


def test_fewer_than_five_answers_stand_nowhere_and_do_not_follow_from_the_rest(store: Store) -> None:
    """Three answers in licences; of the other two the smaller, six of 24, is hidden too, because the total is told."""
    for unit, service, n in (("perizinan", LICENCES, 3), ("bangunan", BUILDINGS, 6), ("informasi", "konsultasi", 9)):
        answers(store, service, n)
        enter(store, unit, n * 4)
    figure = by_unit(store)
    assert [row[1:] for row in figure.table.rows] == [
        ("12", "–", "hidden"),
        ("24", "–", "hidden"),
        ("36", "–", "9 (25%)"),
    ]
    assert "3 of" not in written(figure) and "6 of" not in written(figure)
    assert figure.title == "25% of the 72 citizens served answered (18)"
    few = rates(store, unit="perizinan").total
    assert rate_title(few, EN, 5) == "Fewer than 5 answers on the days entered: their number is not shown"
    assert not _numbers(by_unit(store, unit="perizinan")) & {"3", "3,", "(3)"}


def test_a_hidden_month_is_not_told_by_the_title(store: Store) -> None:
    set_survey(store, opens=date(2026, 10, 1))
    for n, ago in ((3, 35), (6, 0)):
        answers(store, LICENCES, n, days_ago=ago)
        enter(store, "perizinan", n * 4, days_ago=ago)
    figure = by_month(store)
    assert figure is not None and figure.title == "Answer rate by month"
    assert [row[-1] for row in figure.table.rows] == ["hidden", "hidden"]


def _numbers(figure: Figure) -> set[str]:
    return set(written(figure).split())
