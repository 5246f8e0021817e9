"""Is it known how many were served, offered and answered, and is an answer rate told that no counter can have?"""

import io
from datetime import date, timedelta

import pytest
import xlsxwriter

from survey.principal import CITIZEN, LOCAL_STAFF, MAY, Forbidden, Permission, Principal, Role
from survey.problem import Problem, Problems
from survey.reading.served_file import ServedLine, read_served_lines
from survey.reading.table import read_table
from survey.reading.workbook import Limits
from survey.served import Count, DayOfUnit, Doubt, Totals
from survey.store import Store
from survey.store.people.audit import read_audit
from survey.store.stations.served import MOST, enter_served, forget_served, read_served
from tests.builders import NOW, respond, set_survey, survey_called

TODAY = date(2026, 11, 24)


def unit(store: Store, name: str = "perizinan") -> int:
    return next(one.number for one in survey_called(store).units if one.name == name)


def operator(store: Store, name: str = "perizinan") -> Principal:
    return Principal("op", MAY[Role.OPERATOR], frozenset({unit(store, name)}), Role.OPERATOR)


def days(store: Store, who: Principal = LOCAL_STAFF) -> tuple[DayOfUnit, ...]:
    return read_served(store, who, survey_called(store), TODAY - timedelta(days=31), TODAY)


# --- entered and counted


def test_served_and_offered_stand_beside_what_was_answered(store: Store) -> None:
    """Two answers at the counter of licences today; one without a unit, one outside the survey's period, one trial."""
    for given in ({"service": "nib"}, {"service": "izin-usaha"}, {}):
        respond(store, time=4, **given)
    respond(store, survey="contoh", time=4, service="nib")
    enter_served(store, LOCAL_STAFF, [Count(unit(store), TODAY, 10, 8)], now=NOW)
    assert days(store) == (DayOfUnit(unit(store), TODAY, 10, 8, 2),)
    set_survey(store, status="closed")
    respond(store, time=4, service="nib")
    assert days(store)[0].answered == 2, "what is not counted is not counted here"


def test_a_number_that_is_entered_again_takes_the_place_of_the_first(store: Store) -> None:
    counts = [Count(unit(store), TODAY, 10), Count(unit(store), TODAY - timedelta(days=1), 7, 3)]
    assert enter_served(store, LOCAL_STAFF, counts, now=NOW) == 2
    assert enter_served(store, LOCAL_STAFF, counts, now=NOW) == 0
    assert enter_served(store, LOCAL_STAFF, [Count(unit(store), TODAY, 12)], now=NOW) == 1
    assert [one.served for one in days(store)] == [7, 12]
    assert forget_served(store, LOCAL_STAFF, unit(store), [TODAY]) == 1
    assert [one.served for one in days(store)] == [7]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda store: Count(unit(store), TODAY, -1),
        lambda store: Count(unit(store), TODAY, MOST + 1),
        lambda store: Count(unit(store), TODAY, 10, -1),
        lambda store: Count(unit(store), TODAY + timedelta(days=3), 10),
        lambda store: Count(999, TODAY, 10),
    ],
)
def test_nothing_is_kept_when_one_number_cannot_be(store: Store, wrong: object) -> None:
    with pytest.raises(Problem):
        enter_served(store, LOCAL_STAFF, [Count(unit(store), TODAY, 10), wrong(store)], now=NOW)  # type: ignore[operator]
    assert days(store) == ()


# --- what no counter can have


@pytest.mark.parametrize(
    ("served", "offered", "answered", "doubts"),
    [
        (10, 8, 8, ()),
        (10, 8, 9, (Doubt.MORE_THAN_OFFERED,)),
        (10, None, 11, (Doubt.MORE_THAN_SERVED,)),
        (10, 12, 3, (Doubt.OFFERED_MORE,)),
        (10, 12, 13, (Doubt.MORE_THAN_SERVED, Doubt.MORE_THAN_OFFERED, Doubt.OFFERED_MORE)),
        (0, None, 1, (Doubt.MORE_THAN_SERVED,)),
        (None, None, 50, ()),
    ],
)
def test_numbers_that_cannot_all_be_right_are_told(
    served: int | None, offered: int | None, answered: int, doubts: tuple[Doubt, ...]
) -> None:
    assert DayOfUnit(1, TODAY, served, offered, answered).doubts == doubts


def test_a_rate_is_of_the_days_only_of_which_both_are_known() -> None:
    """10 of 40 served on two days, 6 of 8 offered on one of them; five answers on a day that nobody entered."""
    totals = Totals.of(
        [
            DayOfUnit(1, TODAY, 30, 8, 6),
            DayOfUnit(1, TODAY - timedelta(days=1), 10, None, 4),
            DayOfUnit(1, TODAY - timedelta(days=2), None, None, 5),
        ]
    )
    assert (totals.days, totals.served, totals.answered) == (2, 40, 15)
    assert (totals.of_served, totals.of_offered) == (0.25, 0.75)
    assert Totals.of([]).of_served is None


# --- who may


def test_operators_enter_and_see_their_own_units_only(store: Store) -> None:
    respond(store, time=4, service="nib")
    respond(store, time=4, service="pbg")
    mine, other = operator(store), operator(store, "bangunan")
    enter_served(store, mine, [Count(unit(store), TODAY, 10)], now=NOW)
    with pytest.raises(Problem, match="not yours"):
        enter_served(store, other, [Count(unit(store), TODAY, 11)], now=NOW)
    with pytest.raises(Problem, match="not yours"):
        forget_served(store, other, unit(store), [TODAY])
    assert [one.unit for one in days(store, mine)] == [unit(store)]
    assert [(one.unit, one.served) for one in days(store, other)] == [(unit(store, "bangunan"), None)]
    manager = Principal("m", frozenset({Permission.READ_RESULTS}))
    assert len(days(store, manager)) == 2
    forbidden = (
        lambda: days(store, CITIZEN),
        lambda: enter_served(store, manager, []),
        lambda: forget_served(store, manager, unit(store), []),
    )
    for may_not in forbidden:
        with pytest.raises(Forbidden):
            may_not()


def test_the_audit_tells_who_entered_which_days(store: Store) -> None:
    counts = [Count(unit(store), TODAY - timedelta(days=ago), 5) for ago in range(3)]
    enter_served(store, operator(store), counts, now=NOW)
    (entry,) = read_audit(store, LOCAL_STAFF)
    assert (entry.did, entry.who, entry.what) == ("served_entered", "op", "perizinan")
    assert entry.detail == {"days": 3, "first": "2026-11-22", "last": "2026-11-24"}


# --- files


def lines(store: Store, content: bytes | str, otherwise: str | None = None) -> tuple[ServedLine, ...]:
    units = survey_called(store).units
    table = read_table(content.encode() if isinstance(content, str) else content, "served.csv", limits=Limits())
    return read_served_lines(table, units, next((one for one in units if one.name == otherwise), None))


def test_a_csv_file_is_read_by_its_headings_in_any_order(store: Store) -> None:
    said = "Dilayani;Tanggal;Unit;Ditawari\n1.250;24/11/2026;Perizinan berusaha;\n12;23-11-2026;bangunan;7\n;;;\n"
    first, second = lines(store, said)
    assert (first.unit, first.day, first.served, first.offered) == ("perizinan", TODAY, 1250, None)
    assert (second.row, second.unit, second.served, second.offered) == (3, "bangunan", 12, 7)


def test_a_workbook_is_read_as_well(store: Store) -> None:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["date", "served", "offered"])
        sheet.write_datetime(1, 0, NOW.replace(tzinfo=None))
        sheet.write_row(1, 1, [31, 12])
    (line,) = lines(store, written.getvalue(), otherwise="informasi")
    assert (line.unit, line.day, line.served, line.offered) == ("informasi", TODAY, 31, 12)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("tanggal,unit,dilayani\nkemarin,perizinan,5\n", "Row 2: “kemarin” is no date"),
        ("tanggal,unit,dilayani\n24/11/2026,loket 9,5\n", "Row 2: there is no unit “loket 9”"),
        ("tanggal,unit,dilayani\n24/11/2026,perizinan,banyak\n", "Row 2: “banyak” is no number"),
        ("tanggal,unit,dilayani\n24/11/2026,perizinan,-5\n", "Row 2: “-5” is no number"),
        ("tanggal,unit,dilayani\n24/11/2026,perizinan,1.5\n", "Row 2: “1.5” is no number"),
        ("tanggal,unit,dilayani\n24/11/2026,perizinan,\n", "Row 2: “” is no number"),
        ("nama,umur\nA,5\n", "has the headings “date” and “served”"),
        ("tanggal,dilayani\n24/11/2026,5\n", "there is no column “unit”"),
    ],
)
def test_what_cannot_be_understood_is_told_with_its_row(store: Store, said: str, problem: str) -> None:
    with pytest.raises(Problem) as told:
        lines(store, said)
    assert problem in str(told.value)


def test_several_wrong_rows_are_told_together(store: Store) -> None:
    with pytest.raises(Problems) as told:
        lines(store, "tanggal,unit,dilayani\nx,perizinan,5\n24/11/2026,perizinan,y\n")
    assert len(told.value.problems) == 2
