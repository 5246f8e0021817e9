"""How does one see what only some questionnaires have: an index for each dimension, and points shared over them?"""

from html import escape

from analysis.figures import findings
from analysis.figures.paper import Figure, Reader, Table, beside, headings_of, rows_of, whisker
from analysis.results import Index, Results, Weighted
from survey.questionnaire import Aspect

STEP = 20
NUMBERS_BESIDE = 134


def indices(found: tuple[Index, ...], reader: Reader) -> Figure:
    """The index of each dimension out of 100, in the order of the questionnaire."""
    words, ours = reader.words, reader.look
    labels = findings.dimension_labels(reader.questionnaire, words)
    chart, rows = rows_of(reader, [labels[index.dimension] for index in found], beside=NUMBERS_BESIDE)
    for row, index in zip(rows, found, strict=True):
        value = float(index.value.exact)
        told = reader.told(labels[index.dimension], index.interval)
        bar = {"y": [row], "width": 0.24, "orientation": "h"}
        chart.add_bar(x=[100], marker={"color": ours.track}, hoverinfo="skip", **bar)
        chart.add_bar(x=[value], marker={"color": ours.first}, hovertemplate=f"{told}<extra></extra>", **bar)
        whisker(chart, row, index.interval, ours.ink, halo=ours.paper)
        n = words.count(index.n)
        second = reader.why(index.interval) or reader.interval(index.interval, 1)
        beside(chart, row, f"<b>{words.number(index.value.rounded)}</b>  n {n}", second, reader)
    chart.update_xaxes(range=[0, 100], tickvals=list(range(0, 101, STEP)), showgrid=True, side="bottom")
    names = [labels[index.dimension] for index in found]
    values = [words.number(index.value.rounded) for index in found]
    pairs = [f"{name} {value}" for name, value in zip(names, values, strict=True)]
    rows_told = tuple(
        (
            labels[index.dimension],
            words.number(index.value.rounded),
            reader.interval(index.interval),
            words.count(len(index.elements)),
            words.count(index.n),
        )
        for index in found
    )
    keys = (
        "figure.column.dimension",
        "figure.column.index",
        "figure.column.interval",
        "figure.column.items",
        "figure.column.n",
    )
    codes = max(column.codes for column in reader.questionnaire.columns if column.aspect is Aspect.PERCEPTION)
    return Figure(
        "indices",
        findings.indices_title(found, reader.questionnaire, words),
        words("figure.indices.terms", low=reader.number(100 / codes, 1)),
        chart,
        words("figure.indices.text", indices=findings.listed(pairs, words)),
        Table(headings_of(keys, words), rows_told),
    )


def shared_points(weighted: Weighted, results: Results, reader: Reader) -> Figure:
    """The mean points of each dimension, the most important on top, with the weighted gap as the finding."""
    words, ours = reader.words, reader.look
    labels = findings.dimension_labels(reader.questionnaire, words)
    ordered = sorted(weighted.points, key=lambda shared: -(shared.points.value or 0.0))
    chart, rows = rows_of(reader, [labels[shared.dimension] for shared in ordered], beside=NUMBERS_BESIDE)
    highest = max((shared.points.high or shared.points.value or 0.0 for shared in ordered), default=0.0)
    for row, shared in zip(rows, ordered, strict=True):
        points = shared.points
        told = f"{reader.told(labels[shared.dimension], points)}<extra></extra>"
        if points.value is not None:
            marker = {"color": ours.second}
            chart.add_bar(x=[points.value], y=[row], width=0.24, orientation="h", marker=marker, hovertemplate=told)
        whisker(chart, row, points, ours.ink, halo=ours.paper)
        second = reader.why(points) or reader.interval(points, 1)
        beside(chart, row, f"<b>{escape(reader.number(points.value, 1))}</b>", second, reader)
    chart.update_xaxes(range=[0, max(highest * 1.05, 1)], showgrid=True, side="bottom")
    gaps = {gap.name: gap for gap in results.dimensions}
    rows_told = [
        (
            labels[shared.dimension],
            reader.number(shared.points.value),
            reader.interval(shared.points),
            reader.number(gaps[shared.dimension].gap.value),
            words.count(shared.points.n),
        )
        for shared in ordered
    ]
    n = words.count(weighted.gap.n)
    rows_told.append(
        (words("figure.points.weighted"), "", reader.interval(weighted.gap), reader.number(weighted.gap.value), n)
    )
    keys = (
        "figure.column.dimension",
        "figure.column.points",
        "figure.column.interval",
        "figure.gap",
        "figure.column.n",
    )
    who = words.count(ordered[0].points.n) if ordered else "0"
    pairs = [f"{labels[shared.dimension]} {reader.number(shared.points.value, 1)}" for shared in ordered]
    return Figure(
        "points",
        findings.weighted_title(weighted, results.overall, words),
        words("figure.points.terms", total=words.count(weighted.total), n=who, used=n),
        chart,
        words("figure.points.text", points=findings.listed(pairs, words)),
        Table(headings_of(keys, words), tuple(rows_told)),
    )
