"""What does somebody look at? The filters, kept in the address, so that a link shows the same to whoever opens it."""

from collections import Counter
from collections.abc import Iterable, Sequence

import streamlit as st

from analysis.figures.findings import said
from analysis.selection import Selection, period_label, periods_in
from survey.catalogue import Channel, Survey
from survey.screens import session
from survey.words import Words

EVERYTHING = ""
FILTER_PIXELS = {"survey": 225, "unit": 150, "service": 164, "period": 160, "channel": 146}
_DEPENDENT = {"survey": ("unit", "service", "period", "channel"), "unit": ("service",)}


def from_address(name: str, options: Sequence[str]) -> str | None:
    """What the address says under ``name``, when it is one of ``options``."""
    given = st.query_params.get(name)
    return given if given in options else None


def choose_survey(surveys: Sequence[Survey], words: Words, *, pixels: int = FILTER_PIXELS["survey"]) -> Survey:
    """The survey that the address names, else the first; and the widget to choose another, so many ``pixels`` wide."""
    by_name = {survey.name: survey for survey in surveys}
    titles = {name: said(survey.title, words) for name, survey in by_name.items()}
    return by_name[_select("survey", words("dashboard.filter.survey"), _distinct(titles), pixels)]


def choose(survey: Survey, months: Iterable[int], words: Words) -> Selection:
    """The selection that the address names, and the widgets to change it; ``months`` are those with answers."""
    units = {unit.name: said(unit.label, words) for unit in survey.units}
    unit = _filter("unit", units, words)
    offered = [s for s in survey.services if unit is None or _unit_name(survey, s.unit) == unit]
    service = _filter("service", {s.name: said(s.label, words) for s in offered}, words)
    period = _filter("period", {p: period_label(p, words) for p in periods_in(months)}, words)
    channel = _filter("channel", {c.value: words(f"data.channel.{c.value}") for c in Channel}, words)
    return Selection(unit, service, channel, period)


def choose_view(views: Sequence[str], words: Words) -> str:
    """Which part of the results is shown."""
    key = "choice-view"
    session.set_widget(key, from_address("view", views) or views[0])
    st.segmented_control(
        words("dashboard.view"),
        views,
        format_func=lambda view: words(f"dashboard.view.{view}"),
        key=key,
        required=True,
        label_visibility="collapsed",
        on_change=_into_address,
        args=("view", key, views[0]),
    )
    return from_address("view", views) or views[0]


def choose_language(words: Words) -> None:
    """The switch between the languages."""
    key = "choice-language"
    session.set_widget(key, words.language)
    st.segmented_control(
        words("dashboard.language"),
        ["id", "en"],
        format_func={"id": "Indonesia", "en": "English"}.__getitem__,
        key=key,
        required=True,
        label_visibility="collapsed",
        on_change=_remember_language,
        args=(key,),
    )


def _unit_name(survey: Survey, number: int) -> str | None:
    return next((unit.name for unit in survey.units if unit.number == number), None)


def _filter(name: str, labels: dict[str, str], words: Words) -> str | None:
    """One filter; the first option is everything."""
    shown = {EVERYTHING: words(f"dashboard.filter.every_{name}"), **_distinct(labels)}
    return _select(name, words(f"dashboard.filter.{name}"), shown, FILTER_PIXELS[name]) or None


def _distinct(labels: dict[str, str]) -> dict[str, str]:
    """The labels by name; those used twice get their name behind them, because they must differ."""
    twice = {label for label, times in Counter(labels.values()).items() if times > 1}
    return {name: f"{label} ({name})" if label in twice else label for name, label in labels.items()}


def _select(name: str, label: str, options: dict[str, str], pixels: int) -> str:
    """A select box whose value is the address's: going back in the browser changes it too."""
    key, default = f"choice-{name}", next(iter(options))
    chosen = from_address(name, list(options)) or default
    session.set_widget(key, chosen)
    st.selectbox(
        label,
        list(options),
        format_func=lambda option: options.get(option, option),
        key=key,
        on_change=_into_address,
        args=(name, key, default),
        label_visibility="collapsed",
        width=pixels,
    )
    return chosen


def _into_address(name: str, key: str, default: str) -> None:
    chosen = session.widget(key)
    for dependent in (name, *_DEPENDENT.get(name, ())):
        st.query_params.pop(dependent, None)
    if chosen is not None and chosen != default:
        st.query_params[name] = str(chosen)


def _remember_language(key: str) -> None:
    session.choose_language(str(session.widget(key)))
