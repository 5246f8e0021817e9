"""What does the dashboard show of how many were served, were offered the survey, and answered?"""

from typing import TYPE_CHECKING

import streamlit as st

from analysis.answer_rate import AnswerRates, answer_rates
from analysis.counting.live import Seen
from analysis.counting.matrix import Matrix
from analysis.figures import findings
from analysis.screens.showing import show_card, small_print, two_columns
from analysis.selection import Selection
from survey.catalogue import Survey
from survey.principal import Permission, Principal
from survey.screens import session
from survey.screens.frame import plain
from survey.screens.pages import link_to
from survey.served import Count
from survey.store.stations.served import entered_served
from survey.words import Words

if TYPE_CHECKING:
    from analysis.figures.paper import Figure


def read_rates(principal: Principal, survey: Survey, seen: Seen, selection: Selection) -> AnswerRates | None:
    """The answer rates of what is selected; None for a survey that is not offered to citizens at a counter."""
    if survey.questionnaire.audience == "staff":
        return None
    counts = entered_served(session.store(), principal, survey)
    about = f"{survey.name} {survey.status} {survey.opens} {survey.closes} {survey.units} {survey.services}"
    found: AnswerRates = _counted_rates(
        principal.view, about, seen.stand, selection, hash(counts), _matrix=seen.matrix, _counts=counts, _survey=survey
    )
    return found


@st.cache_data(show_spinner=False, max_entries=64, ttl=3600)
def _counted_rates(
    principal: str,
    survey: str,
    stand: tuple[int, int],
    selection: Selection,
    entered: int,
    *,
    _matrix: Matrix,
    _counts: tuple[Count, ...],
    _survey: Survey,
) -> AnswerRates:
    """Counted from the responses, which takes a tenth of a second of a million; the first five are its key."""
    return answer_rates(_matrix, _counts, _survey, selection)


def rates_note(found: AnswerRates | None, survey: Survey, words: Words) -> str:
    """One sentence for those who look at another part, when some numbers cannot be right."""
    if found is None or not found.doubtful:
        return ""
    doubtful = {one.unit for one in found.doubtful}
    units = [findings.said(unit.label, words) for unit in survey.units if unit.number in doubtful]
    return words("dashboard.rate.note", units=findings.listed(units, words))


def show_rates(principal: Principal, found: AnswerRates, survey: Survey, minimum: int, words: Words) -> None:
    """By unit and by month with a table each, and what cannot be right; how to enter numbers while there are none."""
    if not found.units:
        _nothing_entered(principal, words)
        return
    from analysis.figures.answer_rate import rates_by_month, rates_by_unit, told_doubts
    from analysis.figures.paper import Reader

    doubts = told_doubts(found, survey, words)
    if doubts:
        with st.container(key="aside-rates"):
            st.markdown("  \n".join([f"**{plain(words('dashboard.rate.doubts'))}**", *map(plain, doubts)]))
    reader = Reader(survey.questionnaire, words, st.context.theme.type == "dark")
    figures: list[Figure | None] = [
        rates_by_unit(found, survey, reader, minimum),
        rates_by_month(found, reader, minimum),
    ]
    for place, figure in zip(two_columns("rate"), figures, strict=True):
        if figure is not None:
            with place:
                show_card(figure, words)
    if found.whole:
        small_print(words("dashboard.rate.whole"))


def _nothing_entered(principal: Principal, words: Words) -> None:
    with st.container(border=True, key="card-rates"):
        st.header(plain(words("dashboard.rate.title")), anchor=False)
        st.markdown(plain(words("dashboard.rate.none")))
        if principal.may(Permission.KEY_FORMS):
            link_to("served", words("dashboard.rate.enter"))
