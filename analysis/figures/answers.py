"""How does one see how the answers to each question are spread?"""

from collections.abc import Sequence
from html import escape
from typing import Any

from analysis.figures import findings
from analysis.figures.look import ink_on, scale_colours
from analysis.figures.paper import BAR, BELOW, ROW, Figure, Reader, Table, beside, hatch, legend, rows_of, under
from analysis.results import Results
from survey.questionnaire import Aspect, Column
from survey.words import Words


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


def _numbers(values: Any) -> list[float]:
    return [] if values is None else [float(value) for value in values]
