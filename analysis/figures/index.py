"""How does one see the index: on the scale of the regulation, and element by element?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape

from analysis.figures import findings
from analysis.figures.look import ink_on, scale_colours
from analysis.figures.paper import (
    Figure,
    Reader,
    Table,
    bar,
    beside,
    blank,
    headings_of,
    number_axis,
    points_of,
    rows_of,
    whisker,
)
from analysis.regulation import rule_set
from analysis.results import Element, Index
from survey.questionnaire import Aspect

Bands = Sequence[tuple[str, float]]
"""Each grade with its lowest index, the best first: ``(("A", 88.31), ("B", 76.61), ("C", 65.0), ("D", 25.0))``."""


def bands_of(index: Index) -> Bands:
    """The grades of the regulation of an index with the lowest value of each; the last begins where the scale does."""
    lowest = 25.0
    return tuple((g.grade, lowest if g.lowest is None else float(g.lowest)) for g in rule_set(index.regulation).grades)


def grade_bar(index: Index, bands: Bands, reader: Reader) -> Figure:
    """The scale of the regulation with the index on it and its interval as a frame."""
    words, ours = reader.words, reader.look
    value = float(index.value.rounded)
    rising = sorted(bands, key=lambda band: band[1])
    starts = [start for _, start in rising]
    ends = [*starts[1:], 100.0]
    chart = blank(reader, height=112)
    colours = scale_colours(len(rising))
    for (grade, start), end, colour in zip(rising, ends, colours, strict=True):
        named = f"{grade} {findings.grade_word(grade, words)}"
        chart.add_bar(
            x=[end - start],
            base=[start],
            y=[0],
            width=0.5,
            orientation="h",
            marker={"color": colour, "line": {"color": ours.paper, "width": 1}},
            hovertemplate=f"{escape(named)}: {reader.number(start)}–{reader.number(end)}<extra></extra>",
        )
        wide = end - start > 20
        chart.add_annotation(
            x=(start + end) / 2,
            y=0,
            text=f"<b>{escape(named if wide else grade)}</b>",
            showarrow=False,
            font={"color": ink_on(colour), "size": 13},
        )
    if index.interval.low is not None and index.interval.high is not None:
        chart.add_shape(
            type="rect",
            x0=max(index.interval.low, starts[0]),
            x1=min(index.interval.high, 100),
            y0=-0.4,
            y1=0.4,
            line={"color": ours.ink, "width": 2.5},
        )
    chart.add_annotation(
        x=value,
        y=0.42,
        ax=0,
        ay=-14,
        text=f"<b>{reader.number(value)}</b>",
        arrowhead=2,
        arrowsize=1.3,
        arrowwidth=1.6,
        arrowcolor=ours.ink,
        yanchor="bottom",
        font={"size": 14},
    )
    chart.update_xaxes(
        range=[starts[0], 100],
        showgrid=False,
        tickvals=[*starts, 100],
        tickangle=0,
        tickfont={"size": 11.5},
        ticktext=[reader.number(starts[0], 0), *(reader.number(start) for start in starts[1:]), reader.number(100, 0)],
    )
    chart.update_yaxes(range=[-0.55, 1.25], visible=False)
    chart.update_layout(margin={"l": 12, "r": 14, "t": 0, "b": 24}, barmode="overlay")
    meaning = findings.grade_word(index.value.grade, words)
    text = words(
        "figure.grade.text",
        low=reader.number(starts[0], 0),
        high=reader.number(100, 0),
        value=reader.number(value),
        grade=index.value.grade,
        meaning=meaning,
        interval=reader.interval(index.interval),
    )
    rows = []
    for each in (index.value, *index.others):
        rows.append(
            (
                findings.convention_name(each.convention, len(index.elements), words),
                reader.number(float(each.exact), 4),
                words.number(each.rounded),
                f"{each.grade} – {findings.grade_word(each.grade, words)}",
            )
        )
    headings = ("figure.column.weights", "figure.column.exact", "figure.column.index", "figure.column.grade")
    terms = words(
        "figure.grade.terms",
        n=words.count(index.n),
        interval=reader.interval(index.interval),
        weights=findings.convention_name(index.value.convention, len(index.elements), words),
    )
    title = findings.index_named(index, words)
    return Figure("grade", title, terms, chart, text, Table(headings_of(headings, words), tuple(rows)))


def elements_weakest_first(index: Index, reader: Reader, limit: int | None = None) -> Figure:
    """Every element with its mean, interval and n, the lowest on top; ``limit`` keeps the first few."""
    words, ours, q = reader.words, reader.look, reader.questionnaire
    elements = index.weakest_first[:limit]
    labels = findings.item_labels(q, words)
    points = points_of(q, Aspect.PERCEPTION)
    chart, rows = rows_of(reader, [_numbered(element, labels) for element in elements])
    weakest = [e for e in elements if e.mean is not None]
    alone = len(weakest) > 1 and not any(findings.overlap(weakest[0].interval, e.interval) for e in weakest[1:])
    for row, element in zip(rows, elements, strict=True):
        mean = None if element.mean is None else float(element.mean)
        lowest = alone and element is weakest[0]
        bar(chart, row, points - 1, colour=ours.track)
        if mean is None:
            beside(chart, row, f"<b>–</b>  n {words.count(element.n)}", reader.why(element.interval), reader)
            continue
        told = reader.told(labels[element.name], replace(element.interval, value=mean, n=element.n))
        bar(chart, row, mean - 1, colour=ours.alert if lowest else ours.first, told=told, hatched=lowest)
        whisker(chart, row, element.interval, ours.ink, halo=ours.paper)
        beside(
            chart,
            row,
            f"<b>{reader.number(mean)}</b>  n {words.count(element.n)}",
            reader.interval(element.interval),
            reader,
        )
    number_axis(chart, reader, 1, points)
    found = [e for e in elements if e.mean is not None]
    text = words("figure.empty.text")
    if found:
        text = words(
            "figure.elements.text",
            count=words.count(len(found)),
            points=words.count(points),
            lowest=labels[found[0].name],
            low=reader.number(_mean(found[0])),
            highest=labels[found[-1].name],
            high=reader.number(_mean(found[-1])),
        )
    table = Table(
        headings_of(
            (
                "figure.column.element",
                "figure.column.mean",
                "figure.column.interval",
                "figure.column.of_100",
                "figure.column.n",
            ),
            words,
        ),
        tuple(
            (
                _numbered(e, labels),
                reader.number(_mean(e)),
                reader.interval(e.interval),
                reader.number(None if e.out_of_100 is None else float(e.out_of_100)),
                words.count(e.n),
            )
            for e in index.weakest_first
        ),
    )
    title = findings.weakest(index, q, words) or words("figure.elements.title")
    terms = words("figure.elements.terms", points=words.count(points), n=words.count(index.n))
    name = "elements" if limit is None else "weakest"
    return Figure(name, title, terms, chart, text, table)


def _numbered(element: Element, labels: Mapping[str, str]) -> str:
    return f"{element.number} {labels[element.name]}"


def _mean(element: Element) -> float | None:
    return None if element.mean is None else float(element.mean)
