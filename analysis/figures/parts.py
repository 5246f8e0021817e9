"""Which figures make up each part of the dashboard?"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.figures import findings
from analysis.figures.answers import distributions
from analysis.figures.gaps import gaps, means, radar
from analysis.figures.groups import groups, months
from analysis.figures.index import bands_of, elements_weakest_first, grade_bar
from analysis.figures.instruments import indices, shared_points
from analysis.figures.paper import Figure, Reader
from analysis.results import Index, Results
from survey.catalogue import Channel, Survey

if TYPE_CHECKING:
    from analysis.study import Study


DEEPER = ("priorities", "comparison", "measurement")
"""Parts that need more than ``Results``: they are computed only when somebody looks."""


def part(
    view: str, results: Results, survey: Survey, reader: Reader, study: "Callable[[], Study] | None" = None
) -> tuple[Figure, ...]:
    """The figures of one part of the dashboard: overview, elements, gaps, answers, people or one of ``DEEPER``.

    study: makes the study that the deeper parts ask.
    """
    if view in DEEPER:
        assert study is not None, "a deeper part needs a study"
        found = _DEEPER[view](study(), survey, reader)
    else:
        found = _PARTS[view](results, survey, reader)
    return tuple(figure for figure in found if figure is not None)


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


def _priorities(study: "Study", survey: Survey, reader: Reader) -> Iterable[Figure | None]:
    from analysis.figures.priorities import priorities
    from analysis.topics.priorities import stated_map

    found = stated_map(study)
    yield priorities(found, reader) if found else None


def _comparison(study: "Study", survey: Survey, reader: Reader) -> Iterable[Figure | None]:
    from analysis.figures.compare import groups_compared, trend
    from analysis.methods.trend import Period
    from analysis.topics.comparison import index_outcome
    from analysis.topics.time import trend as index_by_period

    for index in study.indices:
        for variable, labels in _places(survey, reader).items():
            grouping = study.background.grouping(variable)
            if grouping is not None:
                outcome = index_outcome(study, grouping, index)
                figure = groups_compared(outcome, grouping.names, labels, reader, variable)
                yield _of_dimension(figure, index.dimension, reader)
        figure = trend(index_by_period(study, index, Period.MONTH), reader, bool(study.rules))
        yield _of_dimension(figure, index.dimension, reader)


def _of_dimension(figure: Figure | None, dimension: str, reader: Reader) -> Figure | None:
    """One of several figures, named after its dimension when each dimension has an index of its own."""
    if figure is None or not dimension:
        return figure
    label = findings.dimension_labels(reader.questionnaire, reader.words)[dimension]
    return replace(figure, name=f"{figure.name}-{dimension}", title=f"{label} — {figure.title}")


def _places(survey: Survey, reader: Reader) -> dict[str, dict[str, str]]:
    """Which groupings are compared, and the words of their groups."""
    words = reader.words
    return {
        "unit": {unit.name: findings.said(unit.label, words) for unit in survey.units},
        "service": {service.name: findings.said(service.label, words) for service in survey.services},
        "channel": {c.value: words(f"data.channel.{c.value}") for c in Channel},
    }


def _measurement(study: "Study", survey: Survey, reader: Reader) -> Iterable[Figure | None]:
    from analysis.figures.measure import doubts, reliability, with_and_without
    from analysis.topics.quality import quality_topic
    from analysis.topics.reliability import reliability_topic

    found = reliability_topic(study)
    for kind in ("perception", "expectation", "gap"):
        yield reliability(found, kind, reader)
    quality = quality_topic(study)
    yield doubts(quality, reader)
    yield with_and_without(quality, reader)


_DEEPER: "Mapping[str, Callable[[Study, Survey, Reader], Iterable[Figure | None]]]" = {
    "priorities": _priorities,
    "comparison": _comparison,
    "measurement": _measurement,
}
_PARTS: Mapping[str, Callable[[Results, Survey, Reader], Iterable[Figure | None]]] = {
    "overview": _overview,
    "elements": _elements,
    "gaps": _gaps,
    "answers": _answers_given,
    "people": _people,
}


def _asked_twice(results: Results) -> bool:
    return any(gap.gap.value is not None for gap in results.items)
