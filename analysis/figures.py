"""How does one see the results? ``Results`` -> Plotly figures, each with its finding, its terms, a text and a table.

Nothing is computed here; numbers come from ``Results`` and are written in the reader's language. No chart relies on
colour alone: marks differ in shape, fill, side or hatch, and the numbers stand beside them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from html import escape
from math import floor
from typing import Any

from analysis import certain_words, findings
from analysis.estimate import Estimate
from analysis.look import ink_on, scale_colours
from analysis.paper import (
    BAR,
    BELOW,
    ROW,
    Figure,
    Reader,
    Table,
    bar,
    beside,
    blank,
    hatch,
    headings_of,
    legend,
    number_axis,
    rows_of,
    see_through,
    under,
    whisker,
    wrapped,
)
from analysis.regulation import rule_set
from analysis.results import Element, Gap, Group, Index, Month, Results
from analysis.small_cells import safe_counts
from survey.questionnaire import Aspect, Column, Questionnaire
from survey.words import Words

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
    points = _points(q, Aspect.PERCEPTION)
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


def gaps(results: Results, reader: Reader, kind: str) -> Figure:
    """Expectation and perception as a dumbbell, the largest gap on top. ``kind`` is ``dimension`` or ``item``."""
    words, ours, q = reader.words, reader.look, reader.questionnaire
    found = results.dimensions if kind == "dimension" else results.items
    labels = findings.dimension_labels(q, words) if kind == "dimension" else findings.item_labels(q, words)
    ordered = sorted(found, key=lambda gap: (gap.gap.value is None, gap.gap.value or 0.0))
    points = _points(q, Aspect.PERCEPTION)
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
    points = _points(q, Aspect.PERCEPTION)
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
    points = _points(q, Aspect.PERCEPTION)
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


def distributions(results: Results, reader: Reader, aspect: Aspect) -> Figure:
    """How the answers of each item spread, as stacked bars to both sides of the middle of the scale."""
    words, ours, q = reader.words, reader.look, reader.questionnaire
    columns = {column.name: column for column in q.columns if column.aspect is aspect}
    found = [d for d in results.distributions if d.column in columns and d.n]
    found.sort(key=lambda d: -findings.low_answers(d) / d.n)
    labels = {name: findings.column_label(column, q, words) for name, column in columns.items()}
    points = max((len(d.counts) for d in found), default=4)
    one_scale = len({tuple(_answers(columns[d.column], words)) for d in found}) == 1
    height = ROW + 4 if one_scale else ROW + 26
    chart, rows = rows_of(
        reader,
        [labels[d.column] for d in found],
        height=height,
        lift=15,
        below=BELOW if one_scale else 44,
        axis=4,
    )
    colours = scale_colours(points)
    for code in range(1, points + 1):
        shares, bases, texts, hovers = [], [], [], []
        for d in found:
            part = [count / d.n for count in d.counts]
            half, odd = len(part) // 2, len(part) % 2
            left = sum(part[:half]) + (part[half] / 2 if odd else 0.0)
            share = part[code - 1] if code <= len(part) else 0.0
            shares.append(share)
            bases.append(sum(part[: code - 1]) - left)
            texts.append(words.percent(share) if share >= 0.12 else "")
            answer = _answers(columns[d.column], words)[code - 1] if code <= len(part) else ""
            count = words.count(d.counts[code - 1]) if code <= len(part) else ""
            of_all = f"{words.percent(share)} ({count}/{words.count(d.n)})"
            hovers.append(f"{escape(labels[d.column])}: {code} {escape(answer)}, {of_all}")
        key = _answer_name(
            code, points, _answers(columns[found[0].column], words) if one_scale and found else (), words
        )
        chart.add_bar(
            x=shares,
            base=bases,
            y=rows,
            orientation="h",
            name=escape(key),
            text=texts,
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": ink_on(colours[code - 1]), "size": 12},
            width=BAR / height,
            customdata=hovers,
            hovertemplate="%{customdata}<extra></extra>",
            offset=-BAR / height / 2,
            marker={
                "color": colours[code - 1],
                "line": {"color": ours.edge if reader.dark else ours.paper, "width": 1},
                "pattern": hatch(_pattern(code, points), ink_on(colours[code - 1])),
            },
        )
    for row, d in zip(rows, found, strict=True):
        low = findings.share_interval(findings.low_answers(d), d.n)
        beside(
            chart,
            row,
            f"<b>{words.percent(low.value or 0.0)}</b>  n {words.count(d.n)}",
            words("figure.between", low=words.percent(low.low or 0.0), high=words.percent(low.high or 0.0)),
            reader,
        )
        if not one_scale:
            worded = _answers(columns[d.column], words)
            under(chart, row, f"← {worded[0]}", f"{worded[-1]} →", reader)
    left = max((abs(base) for trace in chart.data for base in _numbers(trace.base)), default=0.5)
    right = max(
        (base + x for trace in chart.data for base, x in zip(_numbers(trace.base), _numbers(trace.x), strict=True)),
        default=0.5,
    )
    chart.update_xaxes(range=[-left - 0.02, right + 0.02], showgrid=False, showticklabels=False, zeroline=False)
    for row in rows:
        chart.add_shape(
            type="line",
            x0=0,
            x1=0,
            y0=row - 0.62 * BAR / height,
            y1=row + 0.62 * BAR / height,
            line={"color": ours.ink, "width": 1.6},
        )
    chart.update_layout(uniformtext={"minsize": 11, "mode": "hide"})
    legend(chart, entry=120)
    title = findings.distribution_title(found, labels, words)
    terms = words("figure.distribution.terms", aspect=words(f"figure.{aspect.value}"))
    text = words("figure.distribution.text", title=title)
    table = Table(
        (
            words("figure.column.item"),
            *(_answer_name(code, points, (), words) for code in range(1, points + 1)),
            words("figure.column.n"),
            words("figure.column.missing"),
        ),
        tuple(
            (
                labels[d.column],
                *(words.percent(c / d.n, 1) for c in d.counts),
                *("–" for _ in range(points - len(d.counts))),
                words.count(d.n),
                words.count(d.missing),
            )
            for d in found
        ),
    )
    return Figure(f"distribution-{aspect.value}", title, terms, chart, text, table)


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


def _answers(column: Column, words: Words) -> tuple[str, ...]:
    """The words of each answer of a column; a bare number where the scale has none."""
    if column.question is None:
        return ()
    labels = column.question.scale.labels
    return tuple(
        findings.said(labels[code], words) if code in labels else str(code) for code in range(1, column.codes + 1)
    )


def _answer_name(code: int, points: int, worded: Sequence[str], words: Words) -> str:
    if worded:
        return str(code) if worded[code - 1] == str(code) else f"{code} {worded[code - 1]}"
    if code in (1, points):
        return f"{code} {words('figure.answer.lowest' if code == 1 else 'figure.answer.highest')}"
    return str(code)


def _pattern(code: int, points: int) -> str:
    """A hatch on the lower half and none on the upper: a second sign beside colour and side."""
    if code == 1:
        return "/"
    return "." if code <= points // 2 else ""


def _numbered(element: Element, labels: Mapping[str, str]) -> str:
    return f"{element.number} {labels[element.name]}"


def _mean(element: Element) -> float | None:
    return None if element.mean is None else float(element.mean)


def _points(questionnaire: Questionnaire, aspect: Aspect) -> int:
    return max((column.codes for column in questionnaire.columns if column.aspect is aspect), default=4)


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


def _numbers(values: Any) -> list[float]:
    return [] if values is None else [float(value) for value in values]
