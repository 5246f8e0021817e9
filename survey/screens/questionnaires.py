"""How does the administrator bring a questionnaire in, look at it as a citizen would, and publish it?"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from survey.principal import Permission, Principal
from survey.problem import Problems
from survey.questionnaire import Questionnaire
from survey.questionnaire_file import questionnaire_file
from survey.revision import Difference, Kind
from survey.screens import session
from survey.screens.choosing import said_in
from survey.screens.entry import attempt, say_problem, say_what_was_done
from survey.screens.frame import open_screen, plain
from survey.screens.preview import show_preview
from survey.screens.uploading import handed_over
from survey.settings import read_settings
from survey.store.plans.questionnaires import (
    Draft,
    Published,
    discard_draft,
    keep_draft,
    list_drafts,
    list_questionnaires,
    publish_draft,
)
from survey.store.plans.setup import read_office
from survey.words import Words

_SYMBOLS = {Kind.ADDED: "+", Kind.REMOVED: "\N{MINUS SIGN}", Kind.REWORDED: "~", Kind.MOVED: "\N{UP DOWN ARROW}"}


def show() -> None:
    """The whole screen."""
    principal, words = open_screen("ask.title", Permission.MANAGE_SURVEYS)
    st.markdown(plain(words("ask.why")))
    say_what_was_done()
    published = list_questionnaires(session.store(), principal)
    with st.container(border=True):
        st.subheader(words("ask.published"), anchor=False)
        _published(published, words)
    with st.container(border=True):
        st.subheader(words("ask.new"), anchor=False)
        _upload(principal, words)
    for draft in list_drafts(session.store(), principal):
        with st.container(border=True):
            _draft(principal, draft, words)


def _published(published: tuple[Published, ...], words: Words) -> None:
    by_name = {f"{one.questionnaire.name} {one.questionnaire.version}": one for one in published}
    chosen = st.selectbox(
        words("ask.choose"),
        list(by_name),
        format_func=lambda key: _titled(by_name[key].questionnaire, words) if key in by_name else key,
        key="ask-published",
        filter_mode=None,
    )
    one = by_name[chosen]
    q = one.questionnaire
    surveys = ", ".join(one.surveys) or words("ask.no_survey")
    st.markdown(plain(words("ask.about", items=words.count(len(q.items)), minutes=q.minutes, surveys=surveys)))
    with st.container(horizontal=True):
        st.download_button(
            words("ask.download"),
            questionnaire_file(q, q.version + 1),
            f"{q.name}.yaml",
            "text/yaml",
            key="ask-download",
            on_click="ignore",
            help=words("ask.download.help"),
        )
        looked = st.toggle(words("ask.preview"), key="ask-look")
    if looked:
        _preview(q)


def _upload(principal: Principal, words: Words) -> None:
    st.markdown(plain(words("ask.how")))
    brought = handed_over(words("ask.file"), types=["yaml", "yml"], key="ask-file", words=words, megabytes=1)
    asked = st.button(words("ask.check"), type="primary", key="ask-check", disabled=brought is None)
    if asked and brought is not None:
        attempt(
            lambda: keep_draft(session.store(), principal, brought.getvalue(), brought.name, read_settings()),
            words("ask.kept"),
        )


def _draft(principal: Principal, draft: Draft, words: Words) -> None:
    q = draft.questionnaire
    st.subheader(plain(words("ask.draft", title=_titled(q, words))), anchor=False)
    if draft.objections:
        say_problem(Problems(list(draft.objections)), words)
    _differences(draft, words)
    if st.toggle(words("ask.preview"), key=f"ask-look-{q.name}"):
        _preview(q)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        if st.button(
            words("ask.publish", version=q.version),
            type="primary",
            key=f"ask-publish-{q.name}",
            disabled=bool(draft.objections),
            help=words("ask.publish.help"),
        ):
            attempt(lambda: publish_draft(session.store(), principal, q.name), words("ask.published_now", name=q.name))
        if st.button(words("ask.discard"), type="tertiary", key=f"ask-discard-{q.name}", icon=":material/delete:"):
            attempt(lambda: discard_draft(session.store(), principal, q.name), words("ask.discarded"))


def _differences(draft: Draft, words: Words) -> None:
    if draft.former is None:
        st.markdown(plain(words("ask.nothing_before")))
        return
    former = f"{draft.former.name} {draft.former.version}"
    if not draft.differences:
        st.markdown(plain(words("ask.same", former=former)))
        return
    st.markdown(plain(words("ask.differences", former=former, n=words.count(len(draft.differences)))))
    with st.container(height=320 if len(draft.differences) > 6 else "content", border=False):
        for difference in draft.differences:
            st.markdown(_line(difference, words))


def _line(difference: Difference, words: Words) -> str:
    kind = words(f"ask.kind.{difference.kind.value}")
    said = [plain(said_in(text, words)) for text in (difference.before, difference.after) if text is not None]
    place = plain(difference.place)
    return f"{plain(_SYMBOLS[difference.kind])} **{plain(kind)}** · {place}: {' → '.join(said)}"


def _preview(questionnaire: Questionnaire) -> None:
    principal = session.principal()
    assert principal is not None
    agency = read_office(session.store(), principal).agency
    with st.container(border=True):
        show_preview(questionnaire, agency, datetime.now(UTC).astimezone(ZoneInfo(agency.zone)).date())


def _titled(questionnaire: Questionnaire, words: Words) -> str:
    q = questionnaire
    return words("ask.titled", title=said_in(q.title, words), name=q.name, version=q.version)
