"""Where does everything stand on paper? Rows, marks, whiskers and legends that fit on a phone as on a wall.

Rows carry their label above the mark and their number beside it. Nothing is computed here but places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import plotly.graph_objects as go

from analysis.figures import findings
from analysis.figures.look import FONT, Look, look, template
from analysis.methods.estimate import Estimate
from survey.questionnaire import Aspect, Questionnaire
from survey.words import Words

ROW = 54
"""Height of a row in pixels: a line of words and a line of marks."""
LINE, BELOW, BAR = 24, 24, 26
SHORT_WORDS = 28


@dataclass(frozen=True)
class Table:
    """What a figure shows, as text ready to print. The first column names the row, the others are numbers."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Paper(go.Figure):  # type: ignore[misc]  # Plotly tells no types
    """A chart that takes its notes together: Plotly would check all that are there again with each one that is added.

    With 28 items that was half of the time of the drawing.
    """

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._notes: list[dict[str, Any]] = []

    def add_annotation(self, **note: Any) -> "Paper":
        """Note it; it stands there when the paper is ``settled``."""
        self._notes.append(note)
        return self

    def settled(self) -> "Paper":
        """The same paper, with every note on it."""
        if self._notes:
            self.layout.annotations = (*self.layout.annotations, *self._notes)
            self._notes.clear()
        return self


@dataclass(frozen=True)
class Figure:
    """A chart and what goes with it.

    ``title`` states the finding, ``terms`` unit, n and interval; ``alternative`` says in one or two sentences what the
    chart shows to somebody who cannot see it; ``table`` has every number of the chart.
    """

    name: str
    title: str
    terms: str
    chart: go.Figure
    alternative: str
    table: Table

    def __post_init__(self) -> None:
        if isinstance(self.chart, Paper):
            self.chart.settled()


@dataclass(frozen=True)
class Reader:
    """For whom a figure is drawn: which questionnaire, in which words, on light or dark paper."""

    questionnaire: Questionnaire
    words: Words
    dark: bool = False

    @property
    def look(self) -> Look:
        """The colours of the reader's paper."""
        return look(self.dark)

    def number(self, value: float | None, decimals: int = 2) -> str:
        """A number as the reader writes it, or a dash."""
        return "–" if value is None else self.words.number(value, decimals)

    def interval(self, estimate: Estimate, decimals: int = 2) -> str:
        """An interval as the reader writes it, or a dash."""
        return findings.interval(estimate, self.words, decimals) or "–"

    def told(self, label: str, estimate: Estimate) -> str:
        """An estimate in one line, ready for a chart: *Waktu: 2,71 (2,64 sampai 2,78), n 400*."""
        n = self.words.count(estimate.n)
        return f"{escape(label)}: {self.number(estimate.value)} ({self.interval(estimate)}), n {n}"

    def why(self, estimate: Estimate) -> str:
        """The reason why a number is not defined, in words; empty when it is."""
        return self.words(f"reason.{estimate.reason}") if estimate.reason else ""


def blank(reader: Reader, height: int) -> go.Figure:
    """Empty paper of a height in pixels; it is as wide as the place it gets."""
    chart = Paper(layout={"template": template(reader.dark, reader.words.language), "height": height})
    chart.update_layout(font={"family": FONT, "color": reader.look.ink})
    return chart


def rows_of(
    reader: Reader,
    labels: Sequence[str],
    *,
    height: int = ROW,
    beside: int = 112,
    lift: int = 9,
    below: int = BELOW,
    axis: int = 28,
) -> tuple[go.Figure, list[float]]:
    """A chart with one row per label, the first on top, and where the mark of each row stands.

    Everything is placed in pixels from the mark, so that it fits at any width: the label ``lift`` pixels above,
    the numbers in a margin of ``beside`` pixels at the right, ``below`` pixels free under the mark, ``axis`` pixels
    under the last row.
    """
    rows = [float(-place) for place in range(len(labels))]
    steps = max(0, len(labels) - 1)
    above = lift + LINE
    chart = blank(reader, height=height * steps + above + below + axis)
    for row, label in zip(rows, labels, strict=True):
        chart.add_annotation(
            x=0,
            xref="paper",
            xanchor="left",
            xshift=-8,
            y=row,
            yanchor="bottom",
            yshift=lift,
            text=escape(label),
            showarrow=False,
            font={"size": 13},
        )
    chart.update_yaxes(range=[-steps - below / height, above / height], visible=False)
    chart.update_layout(margin={"l": 12, "r": beside, "t": 0, "b": axis}, barmode="overlay")
    return chart, rows


def bar(chart: go.Figure, row: float, length: float, *, colour: str, told: str = "", hatched: bool = False) -> None:
    """A bar from 1, the lowest answer, over ``length`` points of the scale; ``told`` is shown when pointed at."""
    chart.add_bar(
        x=[length],
        base=[1],
        y=[row],
        width=0.24,
        orientation="h",
        marker={"color": colour, "pattern": hatch("/" if hatched else "", "#ffffff")},
        hovertemplate=f"{told}<extra></extra>" if told else None,
        hoverinfo=None if told else "skip",
    )


def beside(chart: go.Figure, row: float, first: str, second: str, reader: Reader) -> None:
    """The numbers of a row, in the right margin: the value and n beside the mark, the interval below."""
    grey = f"<br><span style='font-size:11.5px;color:{reader.look.muted}'>{escape(second)}</span>"
    chart.add_annotation(
        x=1,
        xref="paper",
        xanchor="left",
        xshift=8,
        y=row,
        yanchor="top",
        yshift=12,
        text=first + grey if second else first,
        align="left",
        showarrow=False,
        font={"size": 13},
    )


def under(chart: go.Figure, row: float, left: str, right: str, reader: Reader) -> None:
    """What the ends of the scale mean, under a row; long words take two lines, the second up to the paper's edge."""
    long = len(left) + len(right) > SHORT_WORDS
    edge = chart.layout.margin.r - 12
    places = ((left, 0, "left", 0, -12), (right, 1, "right", edge if long else 0, -24 if long else -12))
    for text, x, anchor, across, down in places:
        chart.add_annotation(
            x=x,
            xref="paper",
            xanchor=anchor,
            xshift=across,
            y=row,
            yanchor="top",
            yshift=down,
            text=escape(text),
            showarrow=False,
            font={"size": 11, "color": reader.look.muted},
        )


def whisker(chart: go.Figure, row: float, estimate: Estimate, colour: str, halo: str | None = None) -> None:
    """The interval of a mark as a thin line with ends."""
    if estimate.low is None or estimate.high is None:
        return
    if halo:
        chart.add_scatter(
            x=[estimate.low, estimate.high],
            y=[row, row],
            mode="lines",
            line={"color": halo, "width": 5},
            hoverinfo="skip",
        )
    chart.add_scatter(
        x=[estimate.low, estimate.high],
        y=[row, row],
        mode="lines+markers",
        line={"color": colour, "width": 1.6},
        marker={"symbol": "line-ns", "size": 8, "line": {"width": 1.6, "color": colour}},
        hoverinfo="skip",
        showlegend=False,
    )


def number_axis(chart: go.Figure, reader: Reader, low: float, high: float) -> None:
    """The scale under the rows, from ``low`` to ``high`` in steps of a half or, on a long scale, of one."""
    step = 1.0 if high - low > 4 else 0.5
    ticks = [low + step * place for place in range(round((high - low) / step) + 1)]
    chart.update_xaxes(
        range=[low, high],
        tickvals=ticks,
        ticktext=[reader.number(tick, 1) for tick in ticks],
        tickangle=0,
        showgrid=True,
        side="bottom",
    )


def legend(chart: go.Figure, *, entry: int = 90) -> None:
    """Show the names of the marks below the chart, ``entry`` pixels each.

    Plotly lets a legend be as wide as the plot, without the margin of numbers beside it: on a phone every name then
    takes a line, for which there is room.
    """
    names = sum(bool(trace.name) for trace in chart.data)
    below = chart.layout.margin.b
    plot = chart.layout.height - below - (chart.layout.margin.t or 0)
    room = 20 * names + 6
    chart.update_layout(
        showlegend=True,
        height=chart.layout.height + room,
        margin={"b": below + room},
        legend={
            "orientation": "h",
            "x": 0,
            "y": -below / plot,
            "yanchor": "top",
            "entrywidth": entry,
            "entrywidthmode": "pixels",
        },
    )
    for trace in chart.data:
        if not trace.name:
            trace.showlegend = False


def hatch(shape: str, colour: str) -> dict[str, Any]:
    """Faint lines over the colour of a mark, so that the number on it stays easy to read."""
    return {"shape": shape, "fillmode": "overlay", "fgcolor": colour, "fgopacity": 0.25, "size": 8, "solidity": 0.1}


def see_through(colour: str, share: float) -> str:
    """A colour of which only a share (0 to 1) covers what lies under it."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"


def wrapped(text: str, width: int) -> str:
    """A label broken between words, for the axis of a chart."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "<br>".join(escape(line) for line in lines)


def headings_of(keys: Sequence[str], words: Words) -> tuple[str, ...]:
    """The headings of a table, by the keys of their words."""
    return tuple(words(key) for key in keys)


def points_of(questionnaire: Questionnaire, aspect: Aspect) -> int:
    """How many answers the scale of an aspect has."""
    return max((column.codes for column in questionnaire.columns if column.aspect is aspect), default=4)
