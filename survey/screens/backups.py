"""Which backups are there, where, and does one of them bring everything back? Made and tried without a terminal."""

from zoneinfo import ZoneInfo

import streamlit as st

from survey.principal import Permission, Principal
from survey.screens import session
from survey.screens.entry import attempt, say_what_was_done
from survey.screens.frame import open_screen, plain
from survey.settings import Settings, read_settings
from survey.store.safety.backup import Backup, folder_of, last_failure, list_backups, make_backup
from survey.store.safety.restore import last_rehearsal, rehearse
from survey.store.safety.second_place import choose_second_place
from survey.words import Words

SHOWN = 30


def show() -> None:
    """The whole screen."""
    principal, words = open_screen("backups.title", Permission.BACK_UP)
    settings = read_settings()
    st.markdown(plain(words("backups.why")))
    say_what_was_done()
    failure = last_failure(settings)
    if failure:
        st.error(plain(words("health.backup.failed", reason=failure[1][words.language])))
    with st.container(horizontal=True):
        if st.button(words("health.back_up"), key="backups-make", type="primary", icon=":material/save:"):
            _make(principal, settings, words)
        if st.button(words("health.rehearse"), key="backups-rehearse", help=words("health.rehearse.why")):
            _rehearse(principal, settings, words)
    _last_rehearsal(settings, words)
    with st.container(border=True):
        st.subheader(words("backups.here"), anchor=False)
        _list(settings, words)
    with st.container(border=True):
        st.subheader(words("backups.second"), anchor=False)
        _second_place(principal, settings, words)
    with st.expander(words("backups.restore")):
        st.markdown(plain(words("backups.restore.how")))


def _second_place(principal: Principal, settings: Settings, words: Words) -> None:
    second = settings.backup_to
    st.markdown(plain(words("backups.second.at", where=str(second)) if second else words("backups.second.none")))
    with st.form("second-place", border=False):
        place = st.text_input(
            words("backups.second.folder"),
            str(second or ""),
            placeholder="E:/survei",
            help=words("backups.second.help"),
            max_chars=200,
        )
        asked = st.form_submit_button(words("setup.save"))
    if asked:
        attempt(
            lambda: choose_second_place(session.store(), principal, settings, place), words("backups.second.chosen")
        )


def _make(principal: Principal, settings: Settings, words: Words) -> None:
    def make() -> None:
        made = make_backup(session.store(), principal, settings)
        if made.problem:
            raise made.problem

    with st.spinner(words("backups.making")):
        attempt(make, words("backups.made"))


def _rehearse(principal: Principal, settings: Settings, words: Words) -> None:
    with st.spinner(words("backups.rehearsing")):
        attempt(lambda: rehearse(session.store(), principal, settings), words("backups.rehearsed"))


def _last_rehearsal(settings: Settings, words: Words) -> None:
    found = last_rehearsal(settings)
    if found is None:
        st.caption(plain(words("health.rehearsal.never")))
        return
    done, succeeded = found
    key = "backups.rehearsal" if succeeded else "backups.rehearsal.failed"
    day = words.day(done.at.astimezone(ZoneInfo(settings.zone)))
    st.caption(plain(words(key, day=day, responses=words.count(done.responses))))


def _list(settings: Settings, words: Words) -> None:
    found = list_backups(folder_of(settings))
    if not found:
        st.markdown(plain(words("backups.none")))
        return
    st.caption(plain(words("backups.where", where=str(folder_of(settings)), n=words.count(len(found)))))
    zone = ZoneInfo(settings.zone)
    lines = [_line(one, zone, words) for one in found[:SHOWN]]
    with st.container(height=360 if len(lines) > 8 else "content", border=False):
        st.table(lines, border="horizontal", hide_index=True)


def _line(one: Backup, zone: ZoneInfo, words: Words) -> dict[str, str]:
    at = one.manifest.moment.astimezone(zone)
    size = words("backups.size", n=words.number(one.manifest.bytes / 1e6, 1))
    made = f"{words.day(at)}, {words.hour(at)}"
    cells = {"made": f"{plain(made)}  \n:small[{plain(one.file.name)}]", "size": size}
    cells["responses"] = words.count(one.manifest.responses)
    return {words(f"backups.column.{name}"): cells[name] for name in ("made", "responses", "size")}
