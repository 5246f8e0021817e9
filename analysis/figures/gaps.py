"""How does one see what citizens expect beside what they found?"""

from collections.abc import Callable, Mapping, Sequence
from math import floor
from typing import Any

from analysis.figures import certain_words, findings
from analysis.figures.paper import (
    Figure,
    Reader,
    Table,
    bar,
    beside,
    blank,
    headings_of,
    legend,
    number_axis,
    points_of,
    rows_of,
    see_through,
    whisker,
    wrapped,
)
from analysis.methods.estimate import Estimate
from analysis.results import Gap, Results
from survey.questionnaire import Aspect


def gaps(results: Results, reader: Reader, kind: str) -> Figure:
    """Expectation and perception as a dumbbell, the largest gap on top. ``kind`` is ``dimension`` or ``item``."""
    words, ours, q = reader.words, reader.look, reader.questionnaire
    found = results.dimensions if kind == "dimension" else results.items
    labels = findings.dimension_labels(q, words) if kind == "dimension" else findings.item_labels(q, words)
    ordered = sorted(found, key=lambda gap: (gap.gap.value is None, gap.gap.value or 0.0))
    points = points_of(q, Aspect.PERCEPTION)
    chart, rows = rows_of(reader, [labels[gap.name] for gap in ordered], beside=134)
    values = [e.value for gap in ordered for e in (gap.expectation, gap.perception) if e.value is not None]
    lowest = max(1.0, floor((min(values, default=1.0) - 0.2) * 2) / 2)
    for row, gap in zip(rows, ordered, strict=True):
        clear = gap.gap.high is not None and gap.gap.high < 0
        line = ours.alert if clear and gap is ordered[0] else ours.muted
        ends = [gap.expectation.value, gap.perception.value]
        if None not in ends:
            chart.add_scatter(
                x=ends, y=[row, row], mode="lines", line={"color": line, "width": 4}, opacity=0.55, hoverinfo="skip"
            )
        beside(
            chart,
            row,
            f"<b>{reader.number(gap.gap.value)}</b>  n {words.count(gap.gap.n)}",
            reader.why(gap.gap) or reader.interval(gap.gap),
            reader,
        )
    marks: tuple[tuple[str, Callable[[Gap], Estimate], dict[str, Any]], ...] = (
        ("perception", lambda gap: gap.perception, {"symbol": "circle", "color": ours.first, "size": 14}),
        (
            "expectation",
            lambda gap: gap.expectation,
            {"symbol": "circle-open", "color": ours.second, "size": 13, "line": {"width": 3}},
        ),
    )
    for aspect, pick, marker in marks:
        name = words(f"figure.{aspect}")
        chart.add_scatter(
            x=[pick(gap).value for gap in ordered],
            y=rows,
            mode="markers",
            name=name,
            marker=marker,
            cliponaxis=False,
            text=[reader.told(f"{labels[gap.name]}, {name}", pick(gap)) for gap in ordered],
            hovertemplate="%{text}<extra></extra>",
        )
    for row, gap in zip(rows, ordered, strict=True):
        whisker(chart, row, gap.perception, ours.first)
        whisker(chart, row, gap.expectation, ours.second)
    number_axis(chart, reader, lowest, points)
    legend(chart)
    known = [gap for gap in ordered if gap.gap.value is not None]
    text = words("figure.empty.text")
    if known:
        text = words(
            f"figure.gap.text.{kind}",
            count=words.count(len(known)),
            widest=labels[known[0].name],
            gap=reader.number(known[0].gap.value),
            interval=reader.interval(known[0].gap),
            narrowest=labels[known[-1].name],
            least=reader.number(known[-1].gap.value),
        )
    table = _gap_table(ordered, labels, results.overall if kind == "dimension" else None, reader)
    terms = words("figure.gap.terms", low=reader.number(lowest, 1), points=words.count(points))
    tested = certain_words.chance_of_all(found, words)
    if tested:
        terms = f"{terms} · {tested}"
    return Figure(f"gaps-{kind}", findings.gap_title(found, labels, words, kind), terms, chart, text, table)


def means(results: Results, reader: Reader, kind: str) -> Figure:
    """Perception alone, the lowest on top, where no expectation was asked. ``kind`` is ``dimension`` or ``item``."""
    words, ours, q = reader.words, reader.look, reader.questionnaire
    found = results.dimensions if kind == "dimension" else results.items
    labels = findings.dimension_labels(q, words) if kind == "dimension" else findings.item_labels(q, words)
    ordered = sorted(found, key=lambda gap: (gap.perception.value is None, gap.perception.value or 0.0))
    points = points_of(q, Aspect.PERCEPTION)
    chart, rows = rows_of(reader, [labels[gap.name] for gap in ordered])
    for row, gap in zip(rows, ordered, strict=True):
        bar(chart, row, points - 1, colour=ours.track)
        estimate = gap.perception
        if estimate.value is not None:
            bar(chart, row, estimate.value - 1, colour=ours.first, told=reader.told(labels[gap.name], estimate))
            whisker(chart, row, estimate, ours.ink, halo=ours.paper)
        value = f"<b>{reader.number(estimate.value)}</b>  n {words.count(estimate.n)}"
        beside(chart, row, value, reader.why(estimate) or reader.interval(estimate), reader)
    number_axis(chart, reader, 1, points)
    title = findings.means_title(found, labels, words, kind)
    table = Table(
        headings_of(("figure.column.what", "figure.column.mean", "figure.column.interval", "figure.column.n"), words),
        tuple(
            (
                labels[g.name],
                reader.number(g.perception.value),
                reader.interval(g.perception),
                words.count(g.perception.n),
            )
            for g in ordered
        ),
    )
    terms = words("figure.elements.terms", points=words.count(points), n=words.count(results.n))
    return Figure(f"means-{kind}", title, terms, chart, words("figure.means.text", title=title), table)


def radar(results: Results, reader: Reader) -> Figure:
    """Expectation and perception by dimension as two outlines: dashed and solid, open and filled marks."""
    words, ours, q = reader.words, reader.look, reader.questionnaire
    labels = findings.dimension_labels(q, words)
    shown = [gap for gap in results.dimensions if gap.perception.value is not None]
    points = points_of(q, Aspect.PERCEPTION)
    values = [e.value for gap in shown for e in (gap.expectation, gap.perception) if e.value is not None]
    lowest = max(1.0, floor((min(values, default=1.0) - 0.5) * 2) / 2)
    chart = blank(reader, height=310)
    outlines: tuple[tuple[str, Callable[[Gap], Estimate], str, str, str, str], ...] = (
        ("expectation", lambda gap: gap.expectation, "dash", "circle-open", ours.second, "rgba(0,0,0,0)"),
        ("perception", lambda gap: gap.perception, "solid", "circle", ours.first, see_through(ours.first, 0.18)),
    )
    for aspect, pick, dash, symbol, colour, fill in outlines:
        name = words(f"figure.{aspect}")
        around = [*shown, *shown[:1]]
        chart.add_scatterpolar(
            r=[pick(gap).value for gap in around],
            theta=[wrapped(labels[gap.name], 16) for gap in around],
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2.5},
            marker={"symbol": symbol, "size": 9, "color": colour, "line": {"width": 2, "color": colour}},
            fill="toself",
            fillcolor=fill,
            text=[reader.told(f"{labels[gap.name]}, {name}", pick(gap)) for gap in around],
            hovertemplate="%{text}<extra></extra>",
        )
    chart.update_layout(
        polar={
            "bgcolor": "rgba(0,0,0,0)",
            "radialaxis": {
                "range": [lowest, points],
                "gridcolor": ours.line,
                "linecolor": ours.line,
                "tickangle": 90,
                "angle": 90,
                "tickfont": {"size": 11, "color": ours.muted},
                "nticks": 5,
                "tickformat": ".1f",
            },
            "angularaxis": {
                "gridcolor": ours.line,
                "linecolor": ours.line,
                "rotation": 90,
                "direction": "clockwise",
                "tickfont": {"size": 13, "color": ours.ink},
            },
        },
        margin={"l": 76, "r": 76, "t": 26, "b": 24},
    )
    legend(chart)
    outside = [gap for gap in shown if (gap.expectation.value or 0) > (gap.perception.value or 0)]
    text = words("figure.radar.text", count=words.count(len(outside)), all=words.count(len(shown)))
    title = words("figure.radar.title", count=words.count(len(outside)), all=words.count(len(shown)))
    n = max((gap.perception.n for gap in shown), default=0)
    terms = words("figure.radar.terms", low=reader.number(lowest, 1), points=words.count(points), n=words.count(n))
    return Figure("radar", title, terms, chart, text, _gap_table(shown, labels, results.overall, reader))


def _gap_table(found: Sequence[Gap], labels: Mapping[str, str], overall: Gap | None, reader: Reader) -> Table:
    words = reader.words
    lines = [(labels[gap.name], gap) for gap in found]
    if overall is not None:
        lines.append((words("figure.gap.overall"), overall))
    return Table(
        (
            words("figure.column.what"),
            words("figure.expectation"),
            words("figure.perception"),
            words("figure.gap"),
            words("figure.column.interval"),
            words("figure.column.chance"),
            words("figure.column.n"),
        ),
        tuple(
            (
                label,
                reader.number(gap.expectation.value),
                reader.number(gap.perception.value),
                reader.number(gap.gap.value),
                reader.interval(gap.gap),
                certain_words.chance(gap, words),
                words.count(gap.gap.n),
            )
            for label, gap in lines
        ),
    )
