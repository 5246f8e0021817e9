"""How many were served, offered the survey, and answered? Entered a week at a time, or brought in a file."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from survey.catalogue import Survey, Unit
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.reading.served_file import ServedLine, read_served_lines
from survey.reading.table import read_table
from survey.reading.workbook import Limits
from survey.screens import session
from survey.screens.choosing import choose_survey, said_in
from survey.screens.frame import open_screen, plain
from survey.screens.uploading import handed_over
from survey.served import Count, DayOfUnit, Totals
from survey.store.plans.surveys import list_surveys
from survey.store.stations.served import enter_served, forget_served, read_served
from survey.words import Words

LIMITS = Limits(columns=100)


def show() -> None:
    """The whole screen."""
    principal, words = open_screen("served.title", Permission.KEY_FORMS)
    st.text(words("served.intro"))
    surveys = [s for s in list_surveys(session.store(), principal) if s.questionnaire.audience != "staff"]
    if not surveys:
        st.info(words("page.none.title"))
        return
    survey = choose_survey(surveys, words("served.survey"), "served_survey", words)
    units = [unit for unit in survey.units if principal.units is None or unit.number in principal.units]
    if not units:
        st.info(words("problem.served.unit"))
        return
    today = datetime.now(ZoneInfo(survey.agency.zone)).date()
    week, file, summary = st.tabs([words(f"served.tab.{tab}") for tab in ("week", "file", "sum")])
    with week:
        _week(survey, units, today, principal, words)
    with file:
        _file(units, principal, words)
    with summary:
        _summary(survey, units, today, principal, words)


def _week(survey: Survey, units: list[Unit], today: date, principal: Principal, words: Words) -> None:
    """Seven rows to be typed, and a button; what stands there already is shown."""
    left, right = st.columns(2)
    unit = left.selectbox(
        words("served.unit"), units, format_func=lambda unit: said_in(unit.label, words), key="served_unit"
    )
    chosen = right.date_input(words("served.week"), today, max_value=today, format="DD/MM/YYYY", key="served_week")
    monday = chosen - timedelta(days=chosen.weekday())
    days = [day for ahead in range(7) if (day := monday + timedelta(days=ahead)) <= today]
    known = {
        one.day: one
        for one in read_served(session.store(), principal, survey, days[0], days[-1])
        if one.unit == unit.number
    }
    with st.form("served_week_form", border=False):
        rows = [_row(day, known.get(day), words) for day in days]
        edited = st.data_editor(
            rows,
            key=f"served_{unit.number}_{monday}",
            hide_index=True,
            num_rows="fixed",
            placeholder="–",
            column_config={
                "day": st.column_config.TextColumn(words("served.column.day"), disabled=True, width="medium"),
                "served": st.column_config.NumberColumn(words("served.column.served"), min_value=0, step=1),
                "offered": st.column_config.NumberColumn(words("served.column.offered"), min_value=0, step=1),
                "answered": st.column_config.NumberColumn(words("served.column.answered"), disabled=True),
            },
        )
        st.caption(plain(words("served.week.how")))
        saved = st.form_submit_button(words("served.save"), type="primary")
    if saved:
        _save(unit, dict(zip(days, edited, strict=True)), known, principal, words)


def _row(day: date, known: DayOfUnit | None, words: Words) -> dict[str, Any]:
    return {
        "day": words.weekday(day),
        "served": known.served if known else None,
        "offered": known.offered if known else None,
        "answered": known.answered if known else 0,
    }


def _save(
    unit: Unit, typed: dict[date, dict[str, Any]], known: dict[date, DayOfUnit], principal: Principal, words: Words
) -> None:
    counts, emptied = [], []
    for day, row in typed.items():
        served, offered = row["served"], row["offered"]
        if served is not None:
            counts.append(Count(unit.number, day, int(served), None if offered is None else int(offered)))
        elif offered is not None:
            st.error(plain(words("served.offered_alone", day=words.day(day))))
            return
        elif day in known and known[day].served is not None:
            emptied.append(day)
    try:
        changed = enter_served(session.store(), principal, counts)
        changed += forget_served(session.store(), principal, unit.number, emptied) if emptied else 0
    except Problem as problem:
        st.error(plain(problem.say(words)))
        return
    st.success(plain(words("served.saved", count=words.count(changed)) if changed else words("served.same")))


def _file(units: list[Unit], principal: Principal, words: Words) -> None:
    """A file, what was understood of it, and a button."""
    st.text(words("served.file.how"))
    otherwise = st.selectbox(
        words("served.file.unit"), units, format_func=lambda unit: said_in(unit.label, words), key="served_file_unit"
    )
    brought = handed_over(words("served.file"), types=["csv", "txt", "tsv", "xlsx"], key="served_file", words=words)
    if brought is None:
        return
    try:
        table = read_table(brought.getvalue(), brought.name, limits=LIMITS)
        lines = read_served_lines(table, units, otherwise)
        _keep(lines, units, principal, words)
    except Problem as problem:
        st.error(plain(problem.say(words)))


def _keep(lines: tuple[ServedLine, ...], units: list[Unit], principal: Principal, words: Words) -> None:
    if not lines:
        st.info(words("served.file.none"))
        return
    first, last = min(line.day for line in lines), max(line.day for line in lines)
    count = words.count(len(lines))
    st.text(words("served.file.found", count=count, first=words.day(first), last=words.day(last)))
    labels = {unit.name: said_in(unit.label, words) for unit in units}
    st.dataframe(
        [
            {
                words("served.column.day"): words.day(line.day),
                words("served.column.unit"): labels[line.unit],
                words("served.column.served"): line.served,
                words("served.column.offered"): line.offered,
            }
            for line in lines[:200]
        ],
        hide_index=True,
        placeholder="–",
    )
    if st.button(words("served.file.keep", count=count), type="primary", key="served_keep"):
        numbers = {unit.name: unit.number for unit in units}
        counts = [Count(numbers[line.unit], line.day, line.served, line.offered) for line in lines]
        changed = enter_served(session.store(), principal, counts)
        st.success(plain(words("served.saved", count=words.count(changed)) if changed else words("served.same")))


def _summary(survey: Survey, units: list[Unit], today: date, principal: Principal, words: Words) -> None:
    """Sentences first, then a table by unit, then what cannot be right."""
    period = st.date_input(
        words("served.period"),
        (today.replace(day=1), today),
        max_value=today,
        format="DD/MM/YYYY",
        key="served_period",
    )
    if len(period) != 2:
        return
    found = read_served(session.store(), principal, survey, *period)
    total = Totals.of(found)
    if not found:
        st.info(words("served.sum.none"))
        return
    st.markdown(f"**{plain(_told(total, words))}**")
    labels = {unit.number: said_in(unit.label, words) for unit in units}
    by_unit = {unit.number: Totals.of(day for day in found if day.unit == unit.number) for unit in units}
    st.dataframe(
        [
            {
                words("served.column.unit"): labels[number],
                words("served.column.served"): sums.served if sums.days else None,
                words("served.column.offered"): sums.offered or None,
                words("served.column.answered"): sums.answered,
                words("served.column.rate"): _percent(sums.of_served, words),
                words("served.column.rate_offered"): _percent(sums.of_offered, words),
                words("served.column.days"): sums.days,
            }
            for number, sums in by_unit.items()
        ],
        hide_index=True,
        placeholder="–",
    )
    _doubts(found, labels, words)


def _told(total: Totals, words: Words) -> str:
    answered = words.count(total.answered)
    if total.of_served is None:
        return words("served.sum.unknown", answered=answered)
    said = words(
        "served.sum.of",
        answered=words.count(total.answered_of_served),
        of_served=words.percent(total.of_served),
        served=words.count(total.served),
        days=words.count(total.days),
    )
    if total.of_offered is None:
        return said
    offered = words(
        "served.sum.offered", offered=words.count(total.offered), of_offered=words.percent(total.of_offered)
    )
    return f"{said} {offered}"


def _doubts(found: tuple[DayOfUnit, ...], labels: dict[int, str], words: Words) -> None:
    doubtful = [(day, doubt) for day in found for doubt in day.doubts]
    if not doubtful:
        return
    said = [
        words(
            f"served.doubt.{doubt.value}",
            day=words.day(day.day),
            unit=labels.get(day.unit, "–"),
            answered=words.count(day.answered),
            served=words.count(day.served or 0),
            offered=words.count(day.offered or 0),
        )
        for day, doubt in doubtful
    ]
    st.warning("\n\n".join([f"**{plain(words('served.doubts'))}**", *map(plain, said)]))


def _percent(share: float | None, words: Words) -> str:
    return "–" if share is None else words.percent(share)
