"""How does one see how many of those served, or offered the survey, answered, and where that cannot be?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import plotly.graph_objects as go

from analysis.answer_rate import AnswerRates, Line
from analysis.figures import findings
from analysis.figures.paper import Figure, Reader, Table, beside, hatch, headings_of, rows_of
from analysis.small_cells import safe_counts
from survey.catalogue import Survey
from survey.served import Basis, Doubt, Totals
from survey.words import Words

MONTHS = 12
"""So many of the last months are drawn; the table has all."""


def rates_by_unit(found: AnswerRates, survey: Survey, reader: Reader, minimum: int) -> Figure:
    """The rate of each unit; the title is about all of them. Counts of answers below ``minimum`` are not shown."""
    words = reader.words
    names = unit_names(survey, words)
    doubtful = {one.unit for one in found.doubtful}
    labels = [_unit(line.key, names, words) for line in found.units]
    marked = [
        words("figure.rate.check", where=label) if line.key in doubtful else label
        for line, label in zip(found.units, labels, strict=True)
    ]
    title = rate_title(found.total, words, minimum)
    terms = [words("figure.rate.terms", n=words.count(found.total.days))]
    elsewhere = found.total.answered - found.total.answered_of_served
    if elsewhere >= minimum:
        terms.append(words("figure.rate.elsewhere", n=words.count(elsewhere)))
    if found.missing:
        missing = findings.listed([_unit(unit, names, words) for unit in found.missing], words)
        terms.append(words("figure.rate.missing", units=missing))
    rows = _rows(found.units, labels, marked, minimum)
    text = words("figure.rate.text", title=title)
    return Figure(
        "rates-unit", title, " · ".join(terms), _chart(rows, reader), text, _table(rows, "figure.group.by.unit", words)
    )


def rates_by_month(found: AnswerRates, reader: Reader, minimum: int) -> Figure | None:
    """The rate of each month in which something was entered; None where there is only one."""
    words, lines = reader.words, found.months
    if len(lines) < 2:
        return None
    labels = [findings.month_name(line.key, words) for line in lines]
    terms = words("figure.rate.terms", n=words.count(found.total.days))
    if len(lines) > MONTHS:
        terms += " · " + words("figure.rate.last", n=words.count(MONTHS))
    rows = _rows(lines, labels, labels, minimum)
    title = _month_title(rows[-2], rows[-1], words)
    text = words("figure.rate.text", title=title)
    return Figure(
        "rates-month", title, terms, _chart(rows[-MONTHS:], reader), text, _table(rows, "figure.column.month", words)
    )


def rate_title(total: Totals, words: Words, minimum: int) -> str:
    """The rate of everything that was entered, as a sentence."""
    if 0 < total.answered_of_served < minimum:
        return words("figure.rate.few", minimum=words.count(minimum))
    if total.rate is None:
        return words("figure.rate.nobody")
    return words(
        f"figure.rate.of_{total.basis.value}",
        rate=words.percent(total.rate),
        answered=words.count(total.answered_of_served),
        asked=words.count(total.asked),
    )


def told_doubts(found: AnswerRates, survey: Survey, words: Words) -> tuple[str, ...]:
    """What cannot be, or hardly, in one sentence each: where, what, and what to look at."""
    names = unit_names(survey, words)
    return tuple(
        words(
            f"figure.rate.doubt.{one.doubt.value}",
            unit=_unit(one.unit, names, words),
            days=words.count(one.days),
            when=words.month(one.first) if one.doubt is Doubt.NEARLY_ALL else words.day(one.first),
        )
        for one in found.doubtful
    )


def unit_names(survey: Survey, words: Words) -> Mapping[int, str]:
    """The units of a survey as the reader calls them, by number."""
    return {unit.number: findings.said(unit.label, words) for unit in survey.units}


def _unit(number: int, names: Mapping[int, str], words: Words) -> str:
    return names.get(number, words("figure.group.other", code=words.count(number)))


def _month_title(before: "_Row", last: "_Row", words: Words) -> str:
    """The newest month, and whether it differs from the one before by more than chance."""
    if last.answered is None or last.totals.rate is None:
        return words("figure.rate.by_month")
    told = {"month": last.label, "rate": words.percent(last.totals.rate)}
    pair = (before.totals, last.totals)
    comparable = before.totals.basis is last.totals.basis and all(0 <= (one.rate or 0) <= 1 for one in pair)
    if before.answered is None or before.totals.rate is None or not comparable:
        return words("figure.rate.month", **told)
    if findings.overlap(*(findings.share_interval(one.answered_of_served, one.asked) for one in pair)):
        return words("figure.rate.month", **told)
    way = "up" if last.totals.rate > before.totals.rate else "down"
    return words(f"figure.rate.month.{way}", before=words.percent(before.totals.rate), **told)


@dataclass(frozen=True)
class _Row:
    """A line as it is shown: ``answered`` is None where it may not be; ``marked`` is its label on the chart."""

    totals: Totals
    label: str
    marked: str
    answered: int | None


def _rows(lines: Sequence[Line], labels: Sequence[str], marked: Sequence[str], minimum: int) -> list[_Row]:
    shown = safe_counts([line.totals.answered_of_served for line in lines], minimum)
    return [
        _Row(line.totals, label, mark, answered)
        for line, label, mark, answered in zip(lines, labels, marked, shown, strict=True)
    ]


def _chart(found: Sequence[_Row], reader: Reader) -> go.Figure:
    words, ours = reader.words, reader.look
    chart, rows = rows_of(reader, [row.marked for row in found], height=58, beside=150, below=36, axis=0)
    for place, row in zip(rows, found, strict=True):
        chart.add_bar(x=[1], y=[place], width=0.2, orientation="h", marker={"color": ours.track}, hoverinfo="skip")
        rate, asked = row.totals.rate, words.count(row.totals.asked)
        if row.answered is None or rate is None:
            beside(chart, place, "–" if row.answered is not None else words("figure.group.hidden"), "", reader)
            continue
        told = words(f"figure.rate.beside.{row.totals.basis.value}", answered=words.count(row.answered), asked=asked)
        cannot = rate > 1
        chart.add_bar(
            x=[min(1.0, rate)],
            y=[place],
            width=0.2,
            orientation="h",
            marker={"color": ours.alert if cannot else ours.first, "pattern": hatch("/" if cannot else "", "#ffffff")},
            hovertemplate=f"{escape(row.label)}: {words.percent(rate)}, {escape(told)}<extra></extra>",
        )
        beside(chart, place, f"<b>{words.percent(rate)}</b>", told, reader)
    chart.update_xaxes(range=[0, 1], visible=False)
    return chart


def _table(found: Sequence[_Row], heading: str, words: Words) -> Table:
    keys = (heading, *(f"figure.rate.column.{key}" for key in ("served", "offered", "answered")))
    return Table(headings_of(keys, words), tuple(_cells(row, words) for row in found))


def _cells(row: _Row, words: Words) -> tuple[str, ...]:
    totals = row.totals
    answered = words("figure.group.hidden")
    if row.answered is not None:
        share = "" if totals.rate is None else f" ({words.percent(totals.rate)})"
        answered = f"{words.count(row.answered)}{share}"
    offered = words.count(totals.offered) if totals.basis is Basis.OFFERED else "–"
    return row.label, words.count(totals.served), offered, answered
