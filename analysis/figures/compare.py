"""How does one see which units can be told apart, and which months stand out?"""

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape

from analysis.figures import findings
from analysis.figures.paper import Figure, Reader, Table, beside, blank, headings_of, rows_of, whisker
from analysis.topics.comparison import Outcome
from analysis.topics.time import Trend
from survey.words import Words

FEWEST_MONTHS = 8
"""A control chart of fewer periods has limits that mean little."""
MOST_NAMED = 3


def groups_compared(
    found: Outcome, names: Sequence[str], labels: Mapping[str, str], reader: Reader, variable: str
) -> Figure | None:
    """The index of every group with its interval and its tiers, the highest on top."""
    words, ours = reader.words, reader.look
    order = [at for at in found.tiers.order if found.means[at].value is not None]
    if len(order) < 2:
        return None
    said = [labels.get(names[at], names[at]) for at in order]
    letters = [found.tiers.letters[at] for at in order]
    chart, rows = rows_of(reader, said, beside=130)
    for row, label, at, own in zip(rows, said, order, letters, strict=True):
        estimate = found.means[at]
        chart.add_scatter(
            x=[estimate.value],
            y=[row],
            mode="markers",
            marker={"color": ours.first, "size": 13},
            text=[reader.told(label, estimate)],
            hovertemplate="%{text}<extra></extra>",
            cliponaxis=False,
        )
        whisker(chart, row, estimate, ours.first)
        first = f"<b>{reader.number(estimate.value)}</b>  <b>{escape(own)}</b>  n {words.count(estimate.n)}"
        beside(chart, row, first, reader.why(estimate) or reader.interval(estimate, 1), reader)
    means = [found.means[at] for at in order]
    bounds = [bound for e in means for bound in (e.value, e.low, e.high) if bound is not None]
    chart.update_xaxes(range=[min(bounds) - 1, max(bounds) + 1], showgrid=True, side="bottom", nticks=6)
    title = _groups_title(found, said, letters, reader, variable)
    keys = ("figure.column.what", "figure.column.index", "figure.column.interval", "figure.compare.column.tier")
    table = Table(
        headings_of((*keys, "figure.column.n"), words),
        tuple(
            (
                label,
                reader.number(found.means[at].value),
                reader.interval(found.means[at]),
                own,
                words.count(found.means[at].n),
            )
            for label, at, own in zip(said, order, letters, strict=True)
        ),
    )
    terms = words("figure.compare.terms")
    return Figure(f"compare-{variable}", title, terms, chart, words("figure.compare.text", title=title), table)


def _groups_title(found: Outcome, said: Sequence[str], letters: Sequence[str], reader: Reader, variable: str) -> str:
    words = reader.words
    if len(set(letters)) == 1:
        return words(f"figure.compare.same.{variable}")
    # The highest and the lowest share no tier as soon as anything can be told apart.
    if set(letters[0]) & set(letters[-1]):
        return words("figure.compare.some", count=words.count(len(set("".join(letters)))))
    return words("figure.compare.apart", high=said[0], low=said[-1])


def trend(found: Trend, reader: Reader, official: bool) -> Figure | None:
    """The index by month with the limits of its ordinary variation (XmR); None with fewer than eight months."""
    words, ours = reader.words, reader.look
    if len(found.charted) < FEWEST_MONTHS or found.x.center is None:
        return None
    places = list(range(len(found.charted)))
    values = [float(value) for value in found.x.values]
    names = [_month(name, words) for name in found.charted]
    signals = {place for signal in found.x.signals for place in signal.places}
    chart = blank(reader, height=310)
    for limit in (found.x.low, found.x.high):
        line = {"color": ours.alert, "width": 1.4, "dash": "dash"}
        chart.add_scatter(x=places, y=[float(v) for v in limit], mode="lines", line=line, hoverinfo="skip")
    middle = {"color": ours.muted, "width": 1.2}
    chart.add_scatter(x=places, y=[found.x.center] * len(places), mode="lines", line=middle, hoverinfo="skip")
    index_name = words("figure.index.official" if official else "figure.index.unofficial")
    chart.add_scatter(
        x=places,
        y=values,
        mode="lines+markers",
        line={"color": ours.first, "width": 2.2},
        marker={
            "opacity": 1,
            "size": [13 if place in signals else 9 for place in places],
            "symbol": ["diamond" if place in signals else "circle" for place in places],
            "color": [ours.alert if place in signals else ours.first for place in places],
        },
        text=[
            f"{escape(name)}: {escape(index_name)} {reader.number(value)}"
            for name, value in zip(names, values, strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
        cliponaxis=False,
    )
    every = max(1, -(-len(places) // 6))
    ticks = [f"{name[:3]}<br>{name[-4:]}" for name in names[::every]]
    chart.update_xaxes(tickvals=places[::every], ticktext=ticks, tickangle=0, showgrid=False)
    chart.update_yaxes(nticks=6)
    chart.update_layout(margin={"l": 40, "r": 12, "t": 10, "b": 44}, showlegend=False)
    low, high = float(found.x.low[0]), float(found.x.high[0])
    title = _trend_title(found, names, sorted(signals), reader)
    index = {period.period: period.index for period in found.periods}
    table = Table(
        (
            *headings_of(("figure.column.month",), words),
            index_name,
            *headings_of(("figure.column.interval", "figure.trend.column.signal", "figure.column.n"), words),
        ),
        tuple(
            (
                name,
                reader.number(value),
                reader.interval(index[period]),
                words("figure.trend.signal") if place in signals else "–",
                words.count(index[period].n),
            )
            for place, (name, value, period) in enumerate(zip(names, values, found.charted, strict=True))
        ),
    )
    terms = words("figure.trend.terms", low=reader.number(low, 1), high=reader.number(high, 1))
    return Figure("trend", title, terms, chart, words("figure.trend.text", title=title), table)


def _trend_title(found: Trend, names: Sequence[str], signals: Sequence[int], reader: Reader) -> str:
    words = reader.words
    kendall = found.mann_kendall
    p = kendall.p_exact if kendall.p_exact is not None else kendall.p
    if p is not None and p < 0.05 and found.sen_slope.value is not None:
        key = "rises" if found.sen_slope.value > 0 else "falls"
        return words(f"figure.trend.{key}", slope=reader.number(abs(found.sen_slope.value)))
    if len(signals) > MOST_NAMED:
        return words(
            "figure.trend.many_stand_out", count=words.count(len(signals)), all=words.count(len(found.charted))
        )
    if signals:
        return words("figure.trend.stands_out", months=findings.listed([names[place] for place in signals], words))
    return words("figure.trend.ordinary")


def _month(name: str, words: Words) -> str:
    year, _, month = name.partition("-")
    return words.month(date(int(year), int(month), 1))
