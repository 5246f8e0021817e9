"""How does the office bring in the answers it gathered before? By a file that is understood before anything is kept."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from survey.catalogue import Channel, Survey
from survey.importing.cells import EARLIEST
from survey.importing.columns import Headings, Kind, mapping_text, proposed_headings, target_names
from survey.importing.report import counts_lines, reason_of
from survey.importing.understanding import TOLD, Progress, Understood, Wishes, understand
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.reading.days import read_days
from survey.reading.headings import parse_mapping
from survey.reading.table import ZIP, Table, read_table
from survey.reading.workbook import Limits, filled_sheets
from survey.screens import session
from survey.screens.choosing import choose_survey
from survey.screens.frame import open_screen, plain
from survey.screens.uploading import handed_over
from survey.store.answers.imports import Imported, import_responses
from survey.store.plans.surveys import list_surveys
from survey.words import Words

LIMITS = Limits()
MAPPING_BYTES = 200_000


def show() -> None:
    """The whole screen: which survey and file, what the columns mean, what would happen, and then it happens."""
    principal, words = open_screen("bring.title", Permission.MANAGE_SURVEYS)
    st.markdown(plain(words("bring.intro")))
    surveys = list_surveys(session.store(), principal)
    if not surveys:
        st.info(words("bring.no_survey"))
        return
    with st.container(border=True):
        survey = choose_survey(surveys, words("bring.survey"), "bring-survey", words)
        brought = handed_over(words("bring.file"), types=["csv", "txt", "tsv", "xlsx"], key="bring-file", words=words)
        said = _said_of_it(words)
    if brought is None:
        return
    try:
        table = _table(brought.getvalue(), brought.name, words)
        if table is None:
            return
        wishes = _wishes(table, said, survey, words)
        if wishes is None:
            return
        with _progress(words, "import.progress.reading") as progress:
            understood = understand(table, survey, wishes, datetime.now(UTC), progress)
        _judge(principal, survey, understood, words)
    except Problem as problem:
        st.error(plain(problem.say(words)))


@dataclass(frozen=True)
class _Said:
    """What a person says of a file before it is looked at; it stays when another file is chosen."""

    day: str
    channel: Channel
    batch: str


def _said_of_it(words: Words) -> _Said:
    day = st.text_input(words("bring.day"), key="bring-day", max_chars=30, help=words("bring.day.help"))
    channel = st.radio(
        words("bring.channel"),
        [Channel.IMPORT.value, Channel.PAPER.value],
        format_func=lambda channel: words(f"data.channel.{channel}"),
        horizontal=True,
        key="bring-channel",
    )
    batch = st.text_input(words("bring.batch"), key="bring-batch", max_chars=60, help=words("bring.batch.help"))
    return _Said(day.strip(), Channel(channel), batch.strip())


def _table(content: bytes, name: str, words: Words) -> Table | None:
    """The rows of the file; None while it is not clear which sheet is meant."""
    sheet = None
    if content[:4] == ZIP:
        sheets = filled_sheets(content, name, LIMITS)
        if len(sheets) > 1:
            sheet = st.selectbox(words("bring.sheet"), sheets, index=None, key="bring-sheet")
            if sheet is None:
                return None
    return read_table(content, name, sheet=sheet, limits=LIMITS)


def _wishes(table: Table, said: _Said, survey: Survey, words: Words) -> Wishes | None:
    """What the file is to be read as; None while its day is not clear."""
    with st.container(border=True):
        st.subheader(words("bring.columns"), anchor=False)
        mapping = _mapping(proposed_headings(table, survey), survey, words)
        st.download_button(
            words("bring.save_mapping"),
            mapping_text(mapping),
            "mapping.yaml",
            "text/yaml",
            key="bring-save",
            on_click="ignore",
        )
    day = _day(said.day, survey) if said.day else None
    if day is None and (said.day or Kind.DATE.value not in mapping.values()):
        st.info(words("bring.day.missing"))
        return None
    return Wishes(said.channel, day=day, mapping=mapping, said_in=table.where, batch=said.batch)


def _day(said: str, survey: Survey) -> date | None:
    """The day that a person typed; None while it is none, or has not come yet."""
    day = read_days([said])[said]
    today = datetime.now(ZoneInfo(survey.agency.zone)).date()
    return day if day and EARLIEST <= day <= today else None


def _mapping(headings: Headings, survey: Survey, words: Words) -> dict[str, str]:
    """What each column means, proposed by us or by a saved mapping, and corrected by the person."""
    proposed = headings.mapping
    with st.expander(words("bring.use_mapping")):
        given = handed_over(
            words("bring.mapping_file"), types=["yaml", "yml", "json"], key="bring-mapping", words=words
        )
    if given is not None:
        if given.size > MAPPING_BYTES:
            raise Problem("yaml.too_large", where=given.name, limit=MAPPING_BYTES)
        proposed = parse_mapping(given.getvalue().decode("utf-8-sig", "replace"), given.name)
    meanings = {"": words("bring.left_out"), **_meanings(survey, words)}
    by_label = {label: name for name, label in meanings.items()}
    rows = [
        {"heading": heading, "meaning": meanings.get(proposed.get(heading, ""), meanings[""])}
        for heading in dict.fromkeys(word for word in headings.words if word)
    ]
    edited = st.data_editor(
        rows,
        column_config={
            "heading": st.column_config.TextColumn(words("bring.heading"), disabled=True),
            "meaning": st.column_config.SelectboxColumn(
                words("bring.meaning"), options=list(meanings.values()), required=True, width="large"
            ),
        },
        hide_index=True,
        key=f"bring-columns-{hash((headings.words, tuple(proposed.items())))}",
    )
    found: dict[str, str] = {row["heading"]: by_label[row["meaning"]] for row in edited}
    return {heading: name for heading, name in found.items() if name}


def _meanings(survey: Survey, words: Words) -> Mapping[str, str]:
    """What can be said of a column: the name in a mapping, and the words for a person."""
    q = survey.questionnaire
    labels: dict[str, str] = {}
    for column in q.columns:
        said = column.item.label if column.item else next(d.label for d in q.dimensions if d.name == column.dimension)
        number = f"{column.item.number} " if column.item else ""
        labels[column.name] = f"{column.name}: {number}{said.get(words.language, '')}"
    labels |= {asked.name: f"{asked.name}: {asked.label.get(words.language, '')}" for asked in q.profile}
    return {name: labels.get(name) or words(f"bring.kind.{name}") for name in target_names(survey)}


def _judge(principal: Principal, survey: Survey, understood: Understood, words: Words) -> None:
    """What would happen, what cannot be read, and the button that makes it happen."""
    store = session.store()
    planned = import_responses(store, principal, survey, understood.arrived, dry_run=True)
    with st.container(border=True):
        st.subheader(words("bring.would"), anchor=False)
        _counts(planned, words)
        for line in counts_lines(planned, survey, words, dry_run=True)[1:]:
            st.markdown(plain(line))
        if understood.empty_rows:
            st.markdown(plain(words("import.empty_rows", count=words.count(understood.empty_rows))))
        if understood.table.encoding == "cp1252":
            st.markdown(plain(words("import.code_page")))
        leave_out = True
        if understood.bad_cells:
            _bad_cells(understood, survey, words)
            leave_out = st.checkbox(
                words("bring.leave_out_bad", rows=words.count(understood.bad_rows)), key="bring-leave-out"
            )
        asked = st.button(
            words("bring.keep", count=words.count(planned.new)),
            type="primary",
            key="bring-keep",
            disabled=not planned.new or not leave_out,
        )
    if asked:
        with _progress(words, "import.progress.keeping") as progress:
            done = import_responses(store, principal, survey, understood.arrived, progress=progress)
        st.success(plain(counts_lines(done, survey, words, dry_run=False)[0]))


def _counts(planned: Imported, words: Words) -> None:
    with st.container(horizontal=True):
        for name in ("before", "new", "again", "after"):
            st.metric(words(f"bring.count.{name}"), words.count(getattr(planned, name)), width="stretch")


def _bad_cells(understood: Understood, survey: Survey, words: Words) -> None:
    counts = {"count": words.count(understood.bad_cells), "rows": words.count(understood.bad_rows)}
    st.warning(plain(words("bring.bad_cells", **counts)))
    lines = [
        "| " + " | ".join(words(f"bring.bad.{name}") for name in ("row", "column", "reason")) + " |",
        "| ---: | :--- | :--- |",
    ]
    for cell in understood.bad:
        cells = (words.count(cell.row), cell.column, reason_of(cell, survey, words))
        lines.append("| " + " | ".join(plain(text) for text in cells) + " |")
    with st.container(height=360 if len(understood.bad) > 6 else "content", border=False):
        st.markdown("\n".join(lines))
    if understood.bad_cells > TOLD:
        st.markdown(plain(words("import.more_bad_cells", count=words.count(understood.bad_cells - TOLD))))


@contextmanager
def _progress(words: Words, key: str) -> Iterator[Progress]:
    """A bar that tells how far it is, and is gone when it is done."""
    bar = st.progress(0.0)

    def told(done: int, of: int) -> None:
        bar.progress(done / of if of else 1.0, words(key, done=words.count(done), of=words.count(of)))

    yield told
    bar.empty()
