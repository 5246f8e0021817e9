"""How does one see where an agency should concentrate?"""

from collections.abc import Sequence
from html import escape
from math import cos, pi, sin

import plotly.graph_objects as go

from analysis.figures import findings
from analysis.figures.paper import Figure, Reader, Table, blank, headings_of, see_through
from analysis.methods.importance import CONCENTRATE, KEEP_UP, LOW_PRIORITY, POSSIBLE_OVERKILL, Ellipse, Placed
from analysis.topics.priorities import Map

HEIGHT = 430
STEPS = 48
WIDE = 0.4
CORNERS = {CONCENTRATE: (1, 0), KEEP_UP: (1, 1), LOW_PRIORITY: (0, 0), POSSIBLE_OVERKILL: (0, 1)}
"""Where each quadrant lies: importance to the right, performance upwards."""


def priorities(found: Map, reader: Reader) -> Figure | None:
    """Importance to the right, performance upwards, an ellipse of 95 % around every item, two cut lines."""
    words = reader.words
    labels = findings.item_labels(reader.questionnaire, words)
    numbers = {item.name: item.number for item in reader.questionnaire.items}
    placed = [
        (name, one)
        for name, one in zip(found.items, found.found.items, strict=True)
        if one.importance.value is not None and one.performance.value is not None
    ]
    if not placed or found.found.cut_importance is None or found.found.cut_performance is None:
        return None
    chart = blank(reader, height=HEIGHT)
    for name, one in placed:
        _item(chart, f"{numbers[name]} {labels[name]}", numbers[name], one, reader)
    _lines(chart, found.found.cut_importance, found.found.cut_performance, [one for _, one in placed], reader)
    rows = sorted(placed, key=lambda pair: (pair[1].undecided, list(CORNERS).index(pair[1].quadrant or KEEP_UP)))
    table = Table(
        headings_of(
            (
                "figure.column.what",
                "figure.priority.column.importance",
                "figure.perception",
                "figure.priority.column.quadrant",
                "figure.column.n",
            ),
            words,
        ),
        tuple(
            (
                f"{numbers[name]} {labels[name]}",
                reader.number(one.importance.value),
                reader.number(one.performance.value),
                _quadrant(one, reader),
                words.count(min(one.importance.n, one.performance.n)),
            )
            for name, one in rows
        ),
    )
    title = _title(placed, labels, reader)
    undecided = sum(one.undecided for _, one in placed)
    terms = words("figure.priority.terms", undecided=words.count(undecided), all=words.count(len(placed)))
    return Figure("priorities", title, terms, chart, words("figure.priority.text", title=title), table)


def _item(chart: go.Figure, label: str, number: str, one: Placed, reader: Reader) -> None:
    ours = reader.look
    colour = ours.muted if one.undecided else ours.alert if one.quadrant == CONCENTRATE else ours.first
    if one.ellipse is not None:
        x, y = _outline(one.ellipse)
        chart.add_scatter(
            x=x,
            y=y,
            mode="lines",
            line={"color": colour, "width": 1.2, "dash": "dot" if one.undecided else "solid"},
            fill="toself",
            fillcolor=see_through(colour, 0.1),
            hoverinfo="skip",
        )
    told = f"{escape(label)}: {reader.number(one.importance.value)}, {reader.number(one.performance.value)}"
    chart.add_scatter(
        x=[one.importance.value],
        y=[one.performance.value],
        mode="markers+text",
        marker={"color": colour, "size": 10, "symbol": "circle-open" if one.undecided else "circle", "line_width": 2},
        text=[escape(number)],
        textposition="top center",
        textfont={"size": 13, "color": ours.ink},
        customdata=[f"{told} – {escape(_quadrant(one, reader))}"],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )


def _outline(ellipse: Ellipse) -> tuple[list[float], list[float]]:
    x, y = [], []
    for step in range(STEPS + 1):
        turn = 2 * pi * step / STEPS
        along, across = ellipse.long * cos(turn), ellipse.short * sin(turn)
        x.append(ellipse.importance + along * cos(ellipse.angle) - across * sin(ellipse.angle))
        y.append(ellipse.performance + along * sin(ellipse.angle) + across * cos(ellipse.angle))
    return x, y


def _lines(chart: go.Figure, across: float, up: float, placed: Sequence[Placed], reader: Reader) -> None:
    """The two cut lines, the names of the quadrants in the corners, and room around everything."""
    ours = reader.look
    chart.add_vline(x=across, line={"color": ours.muted, "width": 1.4})
    chart.add_hline(y=up, line={"color": ours.muted, "width": 1.4})
    for quadrant, (right, top) in CORNERS.items():
        chart.add_annotation(
            x=right,
            y=top,
            xref="paper",
            yref="paper",
            xanchor="right" if right else "left",
            yanchor="top" if top else "bottom",
            text=f"<b>{escape(reader.words(f'figure.priority.{quadrant}'))}</b>",
            showarrow=False,
            font={"size": 12, "color": ours.alert if quadrant == CONCENTRATE else ours.muted},
        )
    for axis, centre, values in (
        ("x", across, [(p.importance.value or 0.0, p.ellipse.reach_importance if p.ellipse else 0.0) for p in placed]),
        ("y", up, [(p.performance.value or 0.0, p.ellipse.reach_performance if p.ellipse else 0.0) for p in placed]),
    ):
        reach = max((abs(value - centre) + half for value, half in values), default=0.1)
        room = max(reach * 1.25, 0.05)
        chart.update_layout(
            {
                f"{axis}axis": {
                    "range": [centre - room, centre + room],
                    "nticks": 6,
                    "showgrid": False,
                    "tickformat": ".1f" if room > WIDE else ".2f",
                }
            }
        )
    title = {"font": {"size": 12, "color": ours.muted}}
    chart.update_xaxes(title={"text": reader.words("figure.priority.importance"), **title})
    chart.update_yaxes(title={"text": reader.words("figure.priority.performance"), **title})
    chart.update_layout(margin={"l": 52, "r": 12, "t": 8, "b": 48}, showlegend=False)


def _quadrant(one: Placed, reader: Reader) -> str:
    if one.undecided:
        return reader.words("figure.priority.undecided")
    return reader.words(f"figure.priority.{one.quadrant}")


def _title(placed: Sequence[tuple[str, Placed]], labels: dict[str, str], reader: Reader) -> str:
    first = [name for name, one in placed if one.quadrant == CONCENTRATE and not one.undecided]
    if not first:
        return reader.words("figure.priority.none")
    names = findings.listed([labels[name] for name in first[:4]], reader.words)
    return reader.words("figure.priority.first", items=names)
