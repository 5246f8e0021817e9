"""How does one see how well was measured: reliability, and results with and without doubtful responses?"""

from collections.abc import Sequence

from analysis.figures import findings
from analysis.figures.paper import Figure, Reader, Table, beside, headings_of, rows_of, whisker
from analysis.topics.quality import QualityTopic, Without
from analysis.topics.reliability import EVERYTHING, ReliabilityTopic, Scale
from survey.words import Words

ENOUGH = 0.70
"""From here on a scale is customarily called precise enough for statements about groups."""


def reliability(found: ReliabilityTopic, kind: str, reader: Reader) -> Figure | None:
    """The preferred coefficient of every scale of one respect with its interval and n."""
    words, ours = reader.words, reader.look
    scales = [scale for scale in found.scales if scale.kind == kind]
    if not scales:
        return None
    labels = findings.dimension_labels(reader.questionnaire, words) | {EVERYTHING: words("figure.alpha.all")}
    chart, rows = rows_of(reader, [labels[scale.dimension] for scale in scales])
    for row, scale in zip(rows, scales, strict=True):
        estimate = scale.found.coefficient
        told = reader.told(labels[scale.dimension], estimate)
        place = {"y": [row], "width": 0.24, "orientation": "h"}
        chart.add_bar(x=[1], marker={"color": ours.track}, hoverinfo="skip", **place)
        if estimate.value is not None and estimate.value > 0:
            hover = f"{told}<extra></extra>"
            chart.add_bar(x=[estimate.value], marker={"color": ours.first}, hovertemplate=hover, **place)
            whisker(chart, row, estimate, ours.ink, halo=ours.paper)
        second = reader.why(estimate) or ("" if estimate.low is None else reader.interval(estimate))
        beside(chart, row, f"<b>{reader.number(estimate.value)}</b>  n {words.count(estimate.n)}", second, reader)
    chart.add_vline(x=ENOUGH, line={"color": ours.alert, "width": 1.6, "dash": "dash"})
    ticks = [0, 0.25, 0.5, ENOUGH, 1]
    chart.update_xaxes(
        range=[0, 1], tickvals=ticks, ticktext=[reader.number(tick) for tick in ticks], tickangle=0, side="bottom"
    )
    keys = ("figure.column.what", "figure.column.alpha", "figure.column.interval", "figure.column.items")
    table = Table(
        headings_of((*keys, "figure.column.n"), words),
        tuple(
            (
                labels[scale.dimension],
                reader.number(scale.found.coefficient.value),
                reader.interval(scale.found.coefficient) if scale.found.coefficient.low is not None else "–",
                words.count(scale.found.k),
                words.count(scale.found.n),
            )
            for scale in scales
        ),
    )
    title = _reliability_title(scales, labels, kind, reader)
    terms = words("figure.alpha.terms", aspect=words(f"figure.{kind}"), enough=reader.number(ENOUGH))
    return Figure(f"alpha-{kind}", title, terms, chart, words("figure.alpha.text", title=title), table)


def _reliability_title(scales: Sequence[Scale], labels: dict[str, str], kind: str, reader: Reader) -> str:
    words = reader.words
    each = [scale for scale in scales if scale.dimension != EVERYTHING and scale.found.coefficient.value is not None]
    aspect = words(f"figure.{kind}")
    if not each:
        return words("figure.alpha.none", aspect=aspect)
    weak = [scale for scale in each if (scale.found.coefficient.value or 0.0) < ENOUGH]
    if not weak:
        return words("figure.alpha.good", aspect=aspect)
    names = findings.listed([labels[scale.dimension] for scale in weak[:3]], words)
    return words("figure.alpha.weak", aspect=aspect, where=names)


def doubts(found: QualityTopic, reader: Reader) -> Figure:
    """How many responses deserve a second look, by reason, and which reasons could not be judged."""
    words, ours = reader.words, reader.look
    counted = sorted(found.doubts.items(), key=lambda one: -one[1])
    labels = [words(f"figure.doubt.{name}") for name in (*(name for name, _ in counted), *found.not_judged)]
    chart, rows = rows_of(reader, labels)
    most = max((count for _, count in counted), default=0) or 1
    told = []
    for row, (name, count) in zip(rows, counted, strict=False):
        share = words.percent(count / found.n, 1)
        hover = f"{words(f'reason.doubt.{name}')}: {words.count(count)}<extra></extra>"
        chart.add_bar(
            x=[count], y=[row], width=0.24, orientation="h", marker={"color": ours.first}, hovertemplate=hover
        )
        beside(chart, row, f"<b>{words.count(count)}</b>", share, reader)
        told.append((words(f"figure.doubt.{name}"), words.count(count), share))
    for row, name in zip(rows[len(counted) :], found.not_judged, strict=True):
        reason = words("figure.doubts.not_judged", reason=words(f"reason.{found.not_judged_because[name]}"))
        chart.add_annotation(
            x=0, xref="paper", xanchor="left", xshift=-8, y=row, showarrow=False, text=reason,
            font={"color": ours.muted, "size": 13},
        )  # fmt: skip
        told.append((words(f"figure.doubt.{name}"), "–", reason))
    chart.update_xaxes(range=[0, most], showticklabels=False, showgrid=False)
    key = "figure.doubts.title" if found.doubtful else "figure.doubts.none"
    title = words(key, n=words.count(found.doubtful), all=words.count(found.n)) if found.doubtful else words(key)
    keys = ("figure.column.what", "figure.doubts.column", "figure.doubts.share")
    table = Table(headings_of(keys, words), tuple(told))
    return Figure("doubts", title, words("figure.doubts.terms"), chart, words("figure.doubts.text", title=title), table)


def with_and_without(found: QualityTopic, reader: Reader) -> Figure | None:
    """The index of everybody, and of those left without each doubt; None where there is no index."""
    words, ours = reader.words, reader.look
    told = [one for one in found.comparison if one.index is not None and one.index.value is not None]
    if not told or told[0].without != "none":
        return None
    labels = [words(f"figure.without.{one.without}") for one in told]
    chart, rows = rows_of(reader, labels)
    indices = [one.index for one in told if one.index is not None]
    for row, label, one in zip(rows, labels, told, strict=True):
        if one.index is None:
            continue
        chart.add_scatter(
            x=[one.index.value],
            y=[row],
            mode="markers",
            marker={"color": ours.first, "size": 13, "symbol": "circle" if one.without == "none" else "diamond"},
            text=[reader.told(label, one.index)],
            hovertemplate="%{text}<extra></extra>",
            cliponaxis=False,
        )
        whisker(chart, row, one.index, ours.first)
        beside(
            chart,
            row,
            f"<b>{reader.number(one.index.value)}</b>  n {words.count(one.left)}",
            reader.why(one.index) or reader.interval(one.index, 1),
            reader,
        )
    bounds = [bound for e in indices for bound in (e.value, e.low, e.high) if bound is not None]
    chart.update_xaxes(range=[min(bounds) - 1, max(bounds) + 1], showgrid=True, side="bottom", nticks=6)
    title = _without_title(told, words)
    keys = ("figure.column.what", "figure.column.index", "figure.column.interval", "figure.column.gap_of_all")
    table = Table(
        headings_of((*keys, "figure.column.n"), words),
        tuple(
            (
                label,
                reader.number(one.index.value if one.index else None),
                reader.interval(one.index) if one.index else "–",
                reader.number(one.overall_gap.value if one.overall_gap else None),
                words.count(one.left),
            )
            for label, one in zip(labels, told, strict=True)
        ),
    )
    terms = _straight_terms(found, reader)
    return Figure("without", title, terms, chart, words("figure.without.text", title=title), table)


def _without_title(told: Sequence[Without], words: Words) -> str:
    everybody, rest = told[0], told[-1]
    assert everybody.index is not None and rest.index is not None
    if rest.left == everybody.left:
        return words("figure.without.nobody")
    if rest.grade != everybody.grade:
        return words("figure.without.grade", before=everybody.grade, after=rest.grade)
    moved = words.number(abs((rest.index.value or 0.0) - (everybody.index.value or 0.0)))
    key = "figure.without.moved" if moved != words.number(0) else "figure.without.same"
    return words(key, points=moved, n=words.count(everybody.left - rest.left))


def _straight_terms(found: QualityTopic, reader: Reader) -> str:
    """How many gave one answer throughout, and how many were to be expected."""
    words = reader.words
    block = next((block for block in found.blocks if block.kind == "perception"), None)
    straight = block.straight[0].found if block and block.straight else None
    if straight is None or straight.expected is None:
        return words("figure.without.terms")
    expected = words.percent(sum(straight.expected), 1)
    return words(
        "figure.without.seen", n=words.count(straight.n), seen=words.percent(sum(straight.observed), 1),
        expected=expected,
    )  # fmt: skip
