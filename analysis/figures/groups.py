"""How does one see who answered, and how the index moves from month to month?"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from analysis.figures import findings
from analysis.figures.paper import Figure, Reader, Table, beside, blank, headings_of, rows_of
from analysis.methods.estimate import Estimate
from analysis.results import Group, Month
from analysis.small_cells import safe_counts
from survey.words import Words


def groups(
    found: Iterable[Group], reader: Reader, *, variable: str, heading: str, labels: Mapping[int, str], minimum: int
) -> Figure:
    """How many respondents belong to each category of one variable. Counts below ``minimum`` are not shown."""
    words, ours = reader.words, reader.look
    given = {group.code: group.n for group in found}
    codes = [*labels, *(code for code in sorted(given) if code and code not in labels)]
    names = [labels.get(code, words("figure.group.other", code=words.count(code))) for code in codes]
    counts = [given.get(code, 0) for code in codes]
    if given.get(0):
        codes, names, counts = [*codes, 0], [*names, words("figure.group.missing")], [*counts, given[0]]
    shown = safe_counts(counts, minimum)
    answered = sum(count for code, count in zip(codes, counts, strict=True) if code)
    chart, rows = rows_of(reader, names, height=44, below=12, axis=0)
    for row, name, code, count in zip(rows, names, codes, shown, strict=True):
        chart.add_bar(x=[1], y=[row], width=0.2, orientation="h", marker={"color": ours.track}, hoverinfo="skip")
        if count is None:
            beside(chart, row, escape(words("figure.group.hidden")), "", reader)
            continue
        share = count / answered if answered and code else 0.0
        chart.add_bar(
            x=[share],
            y=[row],
            width=0.2,
            orientation="h",
            marker={"color": ours.first},
            hovertemplate=f"{escape(name)}: {words.percent(share)}, n {words.count(count)}<extra></extra>",
        )
        beside(
            chart,
            row,
            f"<b>{words.percent(share)}</b>  n {words.count(count)}" if code else f"n {words.count(count)}",
            "",
            reader,
        )
    chart.update_xaxes(range=[0, 1], visible=False)
    chart.update_layout(barmode="overlay", margin={"l": 12, "r": 108, "t": 0, "b": 0})
    is_small = any(count is None for count in shown)
    safe = [Group(variable, code, count) for code, count in zip(codes, shown, strict=True) if count is not None]
    title = (
        words("figure.group.unclear") if is_small and not safe else findings.group_title(safe, labels, words, answered)
    )
    table = Table(
        (heading, *headings_of(("figure.column.n", "figure.column.share"), words)),
        tuple(
            (name, words("figure.group.hidden"), "–")
            if count is None
            else (name, words.count(count), words.percent(count / answered, 1) if code and answered else "–")
            for name, code, count in zip(names, codes, shown, strict=True)
        ),
    )
    terms = words("figure.group.terms", heading=heading, n=words.count(answered))
    if is_small:
        terms = f"{terms} · {words('figure.group.small', minimum=words.count(minimum))}"
    text = words("figure.group.text", heading=heading, title=title, n=words.count(answered))
    return Figure(f"group-{variable}", title, terms, chart, text, table)


def months(found: Sequence[Month], reader: Reader, official: bool) -> Figure:
    """The index of each month with its interval, and how many answered."""
    words, ours = reader.words, reader.look
    chart = blank(reader, height=300)
    names = [findings.month_name(month.month, words) for month in found]
    places = list(range(len(found)))
    shown = [(place, month) for place, month in zip(places, found, strict=True) if month.index.value is not None]
    index_name = words("figure.index.official" if official else "figure.index.unofficial")
    chart.add_bar(
        x=places,
        y=[month.n for month in found],
        yaxis="y2",
        width=0.5,
        marker={"color": ours.track, "line": {"color": ours.muted, "width": 1}},
        text=[f"n {words.count(month.n)}" for month in found],
        textposition="outside",
        textfont={"color": ours.muted, "size": 12},
        cliponaxis=False,
        hovertemplate="%{customdata}<extra></extra>",
        customdata=[f"{name}: n {words.count(month.n)}" for name, month in zip(names, found, strict=True)],
    )
    chart.add_scatter(
        x=[place for place, _ in shown],
        y=[month.index.value for _, month in shown],
        mode="lines+markers",
        line={"color": ours.first, "width": 2.5},
        marker={
            "size": 10,
            "color": [*[ours.paper] * (len(shown) - 1), ours.first][-len(shown) :] if shown else [],
            "line": {"color": ours.first, "width": 2.5},
        },
        error_y={
            "type": "data",
            "symmetric": False,
            "color": ours.first,
            "thickness": 2,
            "width": 5,
            "array": [_up(month.index) for _, month in shown],
            "arrayminus": [_down(month.index) for _, month in shown],
        },
        customdata=[
            f"{findings.month_name(month.month, words)}: {escape(index_name)} {reader.number(month.index.value)} "
            f"({reader.interval(month.index)}), n {words.count(month.n)}"
            for _, month in shown
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    for at, (place, month) in enumerate(shown):
        if len(shown) <= 6 or at in (0, len(shown) - 1):
            chart.add_annotation(
                x=place,
                y=month.index.high if month.index.high is not None else month.index.value,
                yshift=3,
                yanchor="bottom",
                text=f"<b>{reader.number(month.index.value, 1)}</b>",
                showarrow=False,
                font={"size": 13},
            )
    every = max(1, -(-len(found) // 12))
    chart.update_xaxes(
        tickvals=places[::every],
        ticktext=_short_months([month.month for month in found[::every]], words),
        tickangle=0,
        showgrid=False,
        range=[-0.6, len(found) - 0.4],
        anchor="y2",
    )
    bounds = [
        bound
        for _, month in shown
        for bound in (month.index.low, month.index.high, month.index.value)
        if bound is not None
    ]
    low, high = min(bounds, default=25.0), max(bounds, default=100.0)
    room = max(1.0, (high - low) * 0.12)
    chart.update_layout(
        yaxis={
            "domain": [0.4, 1],
            "range": [low - room, high + 2 * room],
            "nticks": 5,
            "tickformat": ".0f" if high - low > 4 else ".1f",
        },
        yaxis2={
            "domain": [0, 0.26],
            "range": [0, max((month.n for month in found), default=1) * 1.5],
            "visible": False,
            "fixedrange": True,
        },
        margin={"l": 34, "r": 10, "t": 8, "b": 40},
    )
    title = findings.month_title(found, words)
    text = words("figure.month.text", title=title, months=words.count(len(found)))
    table = Table(
        (
            *headings_of(("figure.column.month",), words),
            index_name,
            *headings_of(("figure.column.interval", "figure.column.n"), words),
        ),
        tuple(
            (
                name,
                reader.number(month.index.value) if month.index.value is not None else reader.why(month.index),
                reader.interval(month.index),
                words.count(month.n),
            )
            for name, month in zip(names, found, strict=True)
        ),
    )
    terms = words("figure.month.terms", index=index_name, n=words.count(sum(month.n for month in found)))
    return Figure("months", title, terms, chart, text, table)


def _up(estimate: Estimate) -> float:
    return 0.0 if estimate.high is None or estimate.value is None else estimate.high - estimate.value


def _down(estimate: Estimate) -> float:
    return 0.0 if estimate.low is None or estimate.value is None else estimate.value - estimate.low


def _short_months(found: Sequence[int], words: Words) -> list[str]:
    """*Nov*, with the year below the first month and each January. Three letters tell all months apart."""
    short = [findings.month_name(month, words)[:3] for month in found]
    return [
        f"{escape(name)}<br>{month // 100}" if at == 0 or month % 100 == 1 else escape(name)
        for at, (month, name) in enumerate(zip(found, short, strict=True))
    ]
