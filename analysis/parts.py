"""Which figures make up each part of the dashboard?"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from analysis import findings
from analysis.figures import (
    bands_of,
    distributions,
    elements_weakest_first,
    gaps,
    grade_bar,
    groups,
    means,
    months,
    radar,
)
from analysis.instrument_figures import indices, shared_points
from analysis.paper import Figure, Reader
from analysis.results import Index, Results
from survey.catalogue import Channel, Survey


def part(view: str, results: Results, survey: Survey, reader: Reader) -> tuple[Figure, ...]:
    """The figures of one part of the dashboard: overview, elements, gaps, answers or people."""
    return tuple(figure for figure in _PARTS[view](results, survey, reader) if figure is not None)


def _overview(results: Results, survey: Survey, reader: Reader) -> Iterable[Figure | None]:
    index = results.index
    if index is not None:
        yield grade_bar(index, bands_of(index), reader) if index.regulation else None
        yield elements_weakest_first(index, reader, limit=3)
        yield months(results.months, reader, index.official)
    if results.indices:
        yield indices(results.indices, reader)
    elif _asked_twice(results):
        yield gaps(results, reader, "dimension")
    else:
        yield means(results, reader, "dimension")


def _elements(results: Results, survey: Survey, reader: Reader) -> Iterable[Figure | None]:
    if results.indices:
        yield from (_elements_of(index, reader) for index in results.indices)
    else:
        yield elements_weakest_first(results.index, reader) if results.index else means(results, reader, "item")


def _elements_of(index: Index, reader: Reader) -> Figure:
    """The elements of one of several indices, named after its dimension."""
    figure = elements_weakest_first(index, reader)
    label = findings.dimension_labels(reader.questionnaire, reader.words)[index.dimension]
    return replace(figure, name=f"elements-{index.dimension}", title=f"{label} — {figure.title}")


def _gaps(results: Results, survey: Survey, reader: Reader) -> Iterable[Figure | None]:
    if _asked_twice(results):
        yield gaps(results, reader, "dimension")
        yield gaps(results, reader, "item")
        yield radar(results, reader) if len(results.dimensions) > 2 else None
    if results.weighted:
        yield shared_points(results.weighted, results, reader)


def _answers_given(results: Results, survey: Survey, reader: Reader) -> Iterable[Figure | None]:
    for aspect in reader.questionnaire.aspects():
        yield distributions(results, reader, aspect)


def _people(results: Results, survey: Survey, reader: Reader) -> Iterable[Figure | None]:
    words = reader.words
    used = {group.code for group in results.groups if group.variable == "channel"}
    places: tuple[tuple[str, dict[int, str]], ...] = (
        ("unit", {unit.number: findings.said(unit.label, words) for unit in survey.units}),
        ("service", {service.number: findings.said(service.label, words) for service in survey.services}),
        ("channel", {c.code: words(f"data.channel.{c.value}") for c in Channel if c.code in used}),
    )
    for question in reader.questionnaire.profile:
        labels = {code: findings.said(text, words) for code, text in question.choices.items()}
        found = [group for group in results.profile if group.variable == question.name]
        yield groups(
            found,
            reader,
            variable=question.name,
            heading=findings.said(question.label, words),
            labels=labels,
            minimum=results.minimum,
        )
    for variable, labels in places:
        found = [group for group in results.groups if group.variable == variable]
        if found:
            yield groups(
                found,
                reader,
                variable=variable,
                heading=words(f"figure.group.by.{variable}"),
                labels=labels,
                minimum=results.minimum,
            )


_PARTS: Mapping[str, Callable[[Results, Survey, Reader], Iterable[Figure | None]]] = {
    "overview": _overview,
    "elements": _elements,
    "gaps": _gaps,
    "answers": _answers_given,
    "people": _people,
}


def _asked_twice(results: Results) -> bool:
    return any(gap.gap.value is not None for gap in results.items)
