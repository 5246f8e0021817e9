"""What do citizens say about our services, and how sure is that? The screen of the manager."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import streamlit as st

from analysis.answer_rate import AnswerRates
from analysis.counting.cells import evaluate_cells
from analysis.counting.live import Live, Seen
from analysis.counting.matrix import Matrix
from analysis.figures import certain_words, findings
from analysis.regulation import rule_set
from analysis.results import Index, Results, evaluate
from analysis.screens import choice
from analysis.screens.answer_rate import rates_note, read_rates, show_rates
from analysis.screens.showing import show_card, show_figure, small_print, two_columns
from analysis.screens.style import dress, weave
from analysis.selection import Selection, chosen_cells, selected
from analysis.selection import chosen as which
from survey.catalogue import Survey
from survey.example import add_example_answers
from survey.principal import Permission, Principal
from survey.screens import session
from survey.screens.frame import plain
from survey.screens.staff import require_principal
from survey.store.answers.responses import count_set_aside
from survey.store.plans.surveys import list_surveys
from survey.words import Words, load_words

if TYPE_CHECKING:
    from analysis.figures.paper import Figure
    from analysis.files.live_visits import LiveVisits
    from analysis.files.visits import Visits
    from analysis.study import Study

MINIMUM = 5
LOOK_AGAIN_SECONDS = 1.5
EXAMPLE_ANSWERS, EXAMPLE_SEED = 400, 2026
KEPT_MINUTES = 60 * 60


@st.cache_resource(show_spinner=False)
def live() -> Live:
    """The responses in memory, one for the whole process."""
    return Live(session.store())


@st.cache_resource(show_spinner=False)
def live_visits() -> "LiveVisits":
    """The times and stations that the quality of answers is judged by, one for the whole process."""
    from analysis.files.live_visits import LiveVisits

    return LiveVisits(session.store())


def show() -> None:
    """The whole screen: the finding as a sentence first, then the pictures that show it, each with its table."""
    principal = require_principal(Permission.READ_RESULTS)
    words = session.words()
    dress(words("app.results"))
    surveys = list_surveys(session.store(), principal)
    if not surveys:
        st.info(words("dashboard.no_survey"))
        return
    head = st.container(key="head")
    with st.container(horizontal=True, gap="xsmall", key="filters"):
        survey = choice.choose_survey(surveys, words)
        seen = live().seen(principal, survey)
        matrix = seen.matrix
        selection = choice.choose(survey, seen.cells.months, words)
    results = _results(principal, survey, seen, selection)
    rates = read_rates(principal, survey, seen, selection)
    with head:
        _headline(results, survey, selection, words)
        _freshness(principal, survey, seen.stand)
        _notes(principal, results, survey, rates, words)
    if len(matrix) == 0:
        _nothing_yet(principal, survey, surveys, words)
    elif results.hidden or results.n == 0:
        _too_few(results, words)
    else:
        _pictures(principal, results, survey, seen, selection=selection, rates=rates, words=words)
    if (results.hidden or results.n == 0) and rates and rates.units:
        show_rates(principal, rates, survey, _minimum(survey), words)
    weave()


def _results(principal: Principal, survey: Survey, seen: Seen, selection: Selection) -> Results:
    """Every number of the selection: from its cells in less time than it takes to keep it, else counted and kept."""
    cells = chosen_cells(seen.cells, survey, selection)
    if cells is None:
        found: Results = _counted_results(
            principal.view, _about(survey), seen.stand, selection, _matrix=seen.matrix, _survey=survey
        )
        return found
    return evaluate_cells(survey.questionnaire, cells, weights=survey.weight_convention, minimum=_minimum(survey))


@st.cache_data(show_spinner=False, max_entries=64, ttl=KEPT_MINUTES)
def _counted_results(
    principal: str, survey: str, stand: tuple[int, int], selection: Selection, *, _matrix: Matrix, _survey: Survey
) -> Results:
    """The same from the responses, kept until the next one comes; the first four arguments are its key."""
    chosen = selected(_matrix, _survey, selection)
    weights = _survey.weight_convention
    return evaluate(_survey.questionnaire, chosen, weights=weights, minimum=_minimum(_survey))


def _about(survey: Survey) -> str:
    """What results of a survey hang on beside its answers: when set-up changes it, nothing kept is shown any more."""
    s = survey
    return f"{s.name} {s.questionnaire.digest} {s.weight_convention} {s.test} {s.title} {s.units} {s.services}"


def _minimum(survey: Survey) -> int:
    return 1 if survey.test else MINIMUM


def _headline(results: Results, survey: Survey, selection: Selection, words: Words) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="topline"):
        st.markdown(
            f"**{plain(findings.said(survey.agency.label, words))}** · {plain(findings.said(survey.title, words))}"
        )
        choice.choose_language(words)
    if survey.test:
        with st.container(key="test-mark"):
            st.markdown(f"**{plain(words('dashboard.test.mark'))}** {plain(words('dashboard.test.why'))}")
    with st.container(key="headline"):
        if results.n == 0:
            st.title(plain(words("dashboard.empty.title")), anchor=False)
        elif results.hidden:
            st.title(plain(words("dashboard.few.title", n=words.count(results.n))), anchor=False)
        else:
            said = findings.headline(results, survey.questionnaire, words)
            st.title(f":primary[{plain(said.lead)}]{plain(said.rest)}", anchor=False)


@st.fragment(run_every=LOOK_AGAIN_SECONDS)
def _freshness(principal: Principal, survey: Survey, shown: tuple[int, int]) -> None:
    """Says how fresh the screen is, and draws it again when a response has come since."""
    if session.principal() != principal:
        session.run_by_itself()
    stand = live().newest(principal, survey)
    if (stand.last, stand.deleted) != shown:
        session.run_by_itself()
    words = session.words()
    zone = ZoneInfo(survey.agency.zone)
    now = datetime.now(UTC).astimezone(zone)
    looked = words("dashboard.fresh", time=words.time(now), zone=now.strftime("%Z"))
    if stand.received_at is None:
        small_print(looked)
        return
    came = stand.received_at.astimezone(zone)
    newest = words("dashboard.newest", day=words.day(came.date()), time=words.time(came))
    small_print(f"{newest} · {looked}")


def _notes(principal: Principal, results: Results, survey: Survey, rates: AnswerRates | None, words: Words) -> None:
    """What a careful reader must know besides: the weight convention, and what is kept but not counted."""
    if results.index is not None:
        warning = findings.weights_warning(results.index, words)
        if warning:
            with st.container(key="aside-weights"):
                st.markdown(plain(warning))
    lines = [words(f"dashboard.left_out.{reason}", n=words.count(n)) for reason, n in results.left_out.items()]
    set_aside = sum(count_set_aside(session.store(), principal, survey).values())
    if set_aside:
        lines.append(words("dashboard.set_aside", n=words.count(set_aside)))
    if (note := rates_note(rates, survey, words)) and choice.from_address("view", ["people"]) is None:
        lines.append(note)
    if lines:
        with st.container(key="aside-left-out"):
            st.markdown(plain(" ".join(lines)))


def _nothing_yet(principal: Principal, survey: Survey, surveys: tuple[Survey, ...], words: Words) -> None:
    """An empty survey says so, and offers to show what the screen will say."""
    with st.container(border=True, key="card-empty"):
        st.header(plain(words("dashboard.empty.what")), anchor=False)
        st.markdown(plain(words("dashboard.empty.how")))
        test = survey if survey.test else next((other for other in surveys if other.test), None)
        if test is not None:
            st.button(
                words("dashboard.empty.fill", n=words.count(EXAMPLE_ANSWERS)),
                key="fill-example",
                type="primary",
                on_click=_fill_example,
                args=(principal, test),
            )
            small_print(words("dashboard.empty.apart", survey=findings.said(test.title, words)))


def _fill_example(principal: Principal, test: Survey) -> None:
    add_example_answers(session.store(), principal, test, EXAMPLE_ANSWERS, seed=EXAMPLE_SEED)
    st.query_params["survey"] = test.name


def _too_few(results: Results, words: Words) -> None:
    with st.container(border=True, key="card-few"):
        if results.n == 0:
            st.header(plain(words("dashboard.none.what")), anchor=False)
            st.markdown(plain(words("dashboard.none.how")))
        else:
            st.header(plain(words("dashboard.few.what")), anchor=False)
            st.markdown(
                plain(words("dashboard.few.why", n=words.count(results.n), minimum=words.count(results.minimum)))
            )


def _pictures(
    principal: Principal,
    results: Results,
    survey: Survey,
    seen: Seen,
    *,
    selection: Selection,
    rates: AnswerRates | None,
    words: Words,
) -> None:
    """The chosen part of the results. The text of the page is on its way before the charts are even imported."""
    views = _views(results)
    view = choice.choose_view(list(views), words)
    found = _figures(
        principal.view,
        _about(survey),
        seen.stand,
        selection,
        language=words.language,
        dark=st.context.theme.type == "dark",
        view=view,
        _principal=principal,
        _results=results,
        _survey=survey,
        _matrix=seen.matrix,
    )
    if view == "people" and rates is not None:
        show_rates(principal, rates, survey, _minimum(survey), words)
    views[view](found, results, survey, words)


def _views(results: Results) -> dict[str, "Callable[[dict[str, Figure], Results, Survey, Words], None]"]:
    """The parts there is something to show in."""
    asked_twice = any(gap.gap.value is not None for gap in results.items)
    views: dict[str, Callable[[dict[str, Figure], Results, Survey, Words], None]] = {"overview": _overview}
    views["elements"] = _in_columns
    if asked_twice or results.weighted is not None:
        views["gaps"] = _in_columns
    if asked_twice:
        views["priorities"] = _in_columns
    if _can_compare(results):
        views["comparison"] = _in_columns
    return views | {"answers": _in_columns, "people": _in_columns, "measurement": _in_columns}


def _can_compare(results: Results) -> bool:
    """Whether there are two units, services or ways of answering, or months enough for a control chart."""
    enough = Counter(group.variable for group in results.groups if group.code and group.n >= results.minimum)
    months = sum(month.index.value is not None for month in results.months)
    return (results.index is not None or bool(results.indices)) and (max(enough.values(), default=0) > 1 or months >= 8)


def _overview(found: "dict[str, Figure]", results: Results, survey: Survey, words: Words) -> None:
    left, right = two_columns()
    with left:
        if results.index is not None:
            _index_card(results.index, found.get("grade"), survey, words)
        for name in ("indices", "gaps-dimension", "means-dimension"):
            if name in found:
                show_card(found[name], words)
    with right:
        for name in ("months", "weakest"):
            if name in found:
                show_card(found[name], words)


def _index_card(index: Index, figure: "Figure | None", survey: Survey, words: Words) -> None:
    """The index in large figures, its grade as letter and word, its place on the scale, and the other conventions."""
    with st.container(border=True, key="card-grade"):
        rules = rule_set(index.regulation) if index.regulation else None
        st.header(plain(words("dashboard.index.title" if index.official else "figure.index.unofficial")), anchor=False)
        source = f" · {rules.source}" if rules else ""
        weights = findings.convention_name(index.value.convention, len(index.elements), words)
        small_print(f"{words('dashboard.respondents', n=words.count(index.n))} · {weights}{source}")
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="index-line"):
            with st.container(key="index-value", width="content"):
                st.markdown(plain(words.number(index.value.rounded)))
            if index.value.grade:
                with st.container(key=f"grade-{index.value.grade}", width="content"):
                    st.markdown(plain(f"{index.value.grade}  {findings.grade_word(index.value.grade, words)}"))
            if index.interval.low is not None and index.interval.high is not None:
                low, high = words.number(index.interval.low), words.number(index.interval.high)
                small_print(words("dashboard.interval", low=low, high=high), width=146)
        if figure:
            show_figure(figure, words, with_title=False)
        sure = certain_words.grade_certainty(index, words)
        rise = certain_words.next_grade(index, survey.questionnaire, words)
        if sure or rise:
            with st.container(key="certainty"):
                st.markdown(plain(" ".join(f"{said.rstrip('.')}." for said in (sure, rise) if said)))
        same = findings.weights_note(index, words)
        if same:
            small_print(same)


def _in_columns(found: "dict[str, Figure]", results: Results, survey: Survey, words: Words) -> None:
    places = two_columns() if len(found) > 1 else (st.container(),)
    for at, figure in enumerate(found.values()):
        with places[at % len(places)]:
            show_card(figure, words)


@st.cache_data(show_spinner=False, max_entries=64, ttl=KEPT_MINUTES)
def _figures(
    principal: str,
    survey: str,
    stand: tuple[int, int],
    selection: Selection,
    *,
    language: str,
    dark: bool,
    view: str,
    _principal: Principal,
    _results: Results,
    _survey: Survey,
    _matrix: Matrix,
) -> "dict[str, Figure]":
    """The figures of one part of the results, kept until the next response comes; ``_`` marks what is no key."""
    from analysis.figures import parts
    from analysis.figures.paper import Reader

    def study() -> "Study":
        from analysis.files.background import background_of
        from analysis.full import study_of

        responses = selected(_matrix, _survey, selection)
        background = background_of(responses, _survey)
        if view == "measurement":
            background = replace(background, visits=_visits(_principal, _survey, _matrix, selection, stand[1]))
        return study_of(
            _survey.questionnaire,
            responses,
            background=background,
            weights=_survey.weight_convention,
            minimum=_results.minimum,
            results=_results,
        )

    words = load_words(language)
    reader = Reader(_survey.questionnaire, words, dark)
    made = parts.part(view, _results, _survey, reader, study)
    return {figure.name: figure for figure in made}


def _visits(
    principal: Principal, survey: Survey, matrix: Matrix, selection: Selection, deleted: int
) -> "Visits | None":
    """When, where and how quickly the selected responses were given; None when one was deleted at this moment."""
    known = live_visits().visits(principal, survey, matrix, deleted)
    return None if known is None else known.chosen(which(matrix, survey, selection))
