"""Does a filter choose exactly the responses it names?"""

import pytest

from analysis.counting.cells import Cells
from analysis.counting.tally import Tally
from analysis.selection import Selection, chosen, chosen_cells, months_of, period_label, periods_in, selected
from survey.store import Store
from survey.words import load_words
from tests.builders import survey_called
from tests.numbers import matrix, skm


@pytest.mark.parametrize(
    ("period", "months"),
    [
        ("2026", (202601, 202612)),
        ("2026-S1", (202601, 202606)),
        ("2026-S2", (202607, 202612)),
        ("2026-Q1", (202601, 202603)),
        ("2026-Q4", (202610, 202612)),
        ("2026-02", (202602, 202602)),
    ],
)
def test_a_period_has_a_first_and_a_last_month(period: str, months: tuple[int, int]) -> None:
    assert months_of(period) == months


@pytest.mark.parametrize(
    "name", ["", "26", "2026-S3", "2026-Q0", "2026-13", "2026-00", "2026-1", "all", "2026-S1; DROP"]
)
def test_what_is_not_the_name_of_a_period_is_none(name: str) -> None:
    assert months_of(name) is None


def test_the_periods_offered_are_those_in_which_somebody_answered() -> None:
    assert periods_in([202606, 202607, 0]) == ("2026", "2026-S2", "2026-S1", "2026-Q3", "2026-Q2", "2026-07", "2026-06")


def test_periods_are_named_in_the_readers_language() -> None:
    names = ("2026", "2026-S2", "2026-Q4", "2026-11")
    assert [period_label(name, load_words("id")) for name in names] == [
        "Tahun 2026", "Semester 2 2026", "Triwulan 4 2026", "November 2026",
    ]  # fmt: skip
    assert [period_label(name, load_words("en")) for name in names] == [
        "Year 2026", "Semester 2, 2026", "Quarter 4, 2026", "November 2026",
    ]  # fmt: skip


def test_filters_together_keep_only_what_fits_all_of_them(store: Store) -> None:
    survey = survey_called(store)
    first, second = survey.units[0], survey.units[1]
    people = matrix(
        skm(), {"P_time": [1, 2, 3, 4]}, unit=[first.number, second.number, first.number, 0],
        day=[20261031, 20261101, 20261130, 20261201],
    )  # fmt: skip
    for selection, kept in (
        (Selection(), [1, 2, 3, 4]),
        (Selection(unit=first.name), [1, 3]),
        (Selection(period="2026-11"), [2, 3]),
        (Selection(period="2026-Q4"), [1, 2, 3, 4]),
        (Selection(unit=first.name, period="2026-11"), [3]),
        (Selection(channel="phone"), []),
        (Selection(unit="no such unit"), []),
        (Selection(service="no such service"), []),
        (Selection(period="no such period"), []),
    ):
        assert selected(people, survey, selection).column("P_time").tolist() == kept, selection
        assert chosen(people, survey, selection).sum() == len(kept)
        cells = chosen_cells(Cells.of(people), survey, selection)
        if selection.channel or selection.service:
            assert cells is None, "these have to be counted"
        else:
            assert cells is not None
            assert cells.tally == Tally.of(selected(people, survey, selection)), selection
