"""What did the staff do, when and who, in words; and was any of it changed afterwards?"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from survey.principal import Permission, Principal
from survey.screens import session
from survey.screens.frame import open_screen, plain
from survey.store.people.audit import Asked, Did, Entry, first_broken, people_in_audit, read_audit
from survey.store.plans.setup import read_office
from survey.words import Words

AT_ONCE = 100
_SINCE: dict[str, int | None] = {"day": 1, "week": 7, "month": 31, "ever": None}
_PRIVATE = {"-": "nobody", "local-staff": "computer", "station": "station", "citizen": "nobody"}
_CHANGES = {Did.SURVEY_CHANGED, Did.AGENCY_CHANGED, Did.UNIT_CHANGED, Did.SERVICE_CHANGED}
_DAYS = {"active_from", "active_to", "closes", "day", "first", "last", "opens"}
_MOMENTS = {"restored_at"}
_DETAILS = frozenset(
    {
        *("account", "active_from", "active_to", "added", "after", "before", "closes", "code"),
        *("comments", "count", "day", "days", "deleted", "digest", "disabled", "emptied"),
        *("en", "fields", "first", "given", "hours", "id", "improved", "kind"),
        *("label", "languages", "last", "logo", "made", "months", "n", "notice"),
        *("number", "opens", "order", "pin", "place", "population", "questionnaire", "quotas", "reason"),
        *("responses", "restored_at", "retention_months", "retired", "role", "scope", "status", "target"),
        *("test", "thanks", "tickets", "title", "unit", "units", "version", "weights"),
        *("zone"),
    }
)
"""What entries tell more of, and we have words for."""
_KINDS: dict[str, frozenset[Did]] = {
    "all": frozenset(),
    "entry": frozenset({Did.LOGGED_IN, Did.LOGIN_FAILED, Did.LOGGED_OUT}),
    "people": frozenset(
        {
            Did.PASSWORD_CHANGED,
            Did.RESET_CODE_MADE,
            Did.ACCOUNT_MADE,
            Did.ACCOUNT_CHANGED,
            Did.TOKEN_MADE,
            Did.TOKEN_REVOKED,
        }
    ),
    "data": frozenset(
        {
            Did.IMPORTED,
            Did.EXPORTED,
            Did.RESPONSE_DELETED,
            Did.COMMENTS_DELETED,
            Did.FORM_CORRECTED,
            Did.SERVED_ENTERED,
        }
    ),
    "setup": frozenset(
        {
            Did.AGENCY_CHANGED,
            Did.UNIT_CHANGED,
            Did.SERVICE_CHANGED,
            Did.SURVEY_MADE,
            Did.SURVEY_CHANGED,
            Did.DRAFT_KEPT,
            Did.DRAFT_DISCARDED,
            Did.QUESTIONNAIRE_PUBLISHED,
            Did.SETTING_CHANGED,
            Did.STATION_CHANGED,
            Did.STATION_REGISTERED,
            Did.TICKETS_MADE,
        }
    ),
    "care": frozenset({Did.BACKED_UP, Did.RESTORED}),
}


def show() -> None:
    """The whole screen."""
    principal, words = open_screen("audit.title", Permission.READ_AUDIT)
    st.markdown(plain(words("audit.why")))
    _whole(principal, words)
    now = datetime.now(UTC)
    asked = _asked(principal, now, words)
    entries = read_audit(session.store(), principal, asked, limit=AT_ONCE)
    if not entries:
        st.info(words("audit.none"))
        return
    zone = ZoneInfo(read_office(session.store(), principal).agency.zone)
    st.table([_line(entry, zone, words) for entry in entries], border="horizontal", hide_index=True)
    if len(entries) == AT_ONCE:
        st.caption(plain(words("audit.newest", n=words.count(AT_ONCE))))


def _whole(principal: Principal, words: Words) -> None:
    broken = first_broken(session.store(), principal)
    if broken is None:
        st.success(words("audit.whole"), icon=":material/link:")
    else:
        st.error(words("audit.broken", number=words.count(broken)), icon=":material/link_off:")


def _asked(principal: Principal, now: datetime, words: Words) -> Asked:
    kind_at, who_at, since_at = st.columns(3)
    kind = kind_at.selectbox(
        words("audit.kind"), list(_KINDS), format_func=lambda kind: words(f"audit.kind.{kind}"), key="audit-kind"
    )
    people = ["", *people_in_audit(session.store(), principal)]
    who = who_at.selectbox(
        words("audit.who"),
        people,
        format_func=lambda name: _person(name, words) if name else words("audit.everybody"),
        key="audit-who",
    )
    since = since_at.selectbox(
        words("audit.since"),
        list(_SINCE),
        index=2,
        format_func=lambda since: words(f"audit.since.{since}"),
        key="audit-since",
    )
    days = _SINCE[since]
    return Asked(who, _KINDS[kind], now - timedelta(days=days) if days else None)


def _person(name: str, words: Words) -> str:
    return words(f"audit.person.{_PRIVATE[name]}") if name in _PRIVATE else name


def _line(entry: Entry, zone: ZoneInfo, words: Words) -> dict[str, str]:
    here = entry.at.astimezone(zone)
    known = f"audit.did.{entry.did}"
    did = words(known) if known in words.sentences else entry.did.replace("_", " ")
    thing = "" if entry.what == "-" else f" “{entry.what}”"
    return {
        words("audit.at"): plain(f"{words.day(here.date())}, {words.time(here)}"),
        words("audit.who"): plain(_person(entry.who, words)),
        words("audit.did"): f"**{plain(did + thing)}**  \n{plain(detail_in_words(entry, zone, words))}",
    }


def detail_in_words(entry: Entry, zone: ZoneInfo, words: Words) -> str:
    """What more is known: a thing that changed as before and after."""
    known = entry.detail.items()
    return "; ".join(f"{_name(key, words)}: {_change(entry, key, value, zone, words)}" for key, value in known)


def _change(entry: Entry, key: str, value: object, zone: ZoneInfo, words: Words) -> str:
    if isinstance(value, list) and len(value) == 2 and entry.did in _CHANGES:
        before, after = (_told(key, one, zone, words) for one in value)
        return words("audit.changed", before=before, after=after)
    return _told(key, value, zone, words)


def _told(key: str, value: object, zone: ZoneInfo, words: Words) -> str:
    """A value whose meaning depends on what it is of."""
    if key == "hours" and isinstance(value, list):
        open_on = [(day, span) for day, span in enumerate(value, start=1) if span]
        return ", ".join(f"{words(f'plan.day.{day}')} {span[0]}\N{EN DASH}{span[1]}" for day, span in open_on)
    if key == "units" and value is None:
        return words("account.all_units")
    if key in _DAYS | _MOMENTS and isinstance(value, str):
        return _when(value, zone, words)
    return _value(value, words)


def _when(written: str, zone: ZoneInfo, words: Words) -> str:
    """A day or a moment as this screen shows them; what is neither stays as it was written."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return written
    if moment.tzinfo is None:
        return words.day(moment)
    here = moment.astimezone(zone)
    return f"{words.day(here)}, {words.time(here)}"


def _name(key: str, words: Words) -> str:
    return words(f"audit.detail.{key}") if key in _DETAILS else key.replace("_", " ")


def _value(value: object, words: Words) -> str:
    """A value of an entry as a person reads it."""
    if value in (None, [], {}, ""):
        return words("audit.nothing")
    match value:
        case bool():
            return words("audit.yes" if value else "audit.no")
        case int():
            return words.count(value)
        case list():
            return ", ".join(_value(one, words) for one in value)
        case dict():
            return ", ".join(f"{_name(key, words)} {_value(one, words)}" for key, one in value.items())
    known = (f"{prefix}.{value}" for prefix in ("staff.role", "plan.status", "token.scope"))
    return next((words(key) for key in known if key in words.sentences), str(value))
