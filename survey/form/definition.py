"""What must a device know to ask a survey, all in one piece of JSON?

The form needs nothing else from the server: the questions, the services, and the words of the program in every
language. It is put into the light page itself, so that a device on a slow line asks only once; there in the first
language alone, the others follow when one can answer already.
"""

from datetime import date, datetime, time
from typing import Any, Literal

from survey.catalogue import Service, Station, StationKind, Survey, SurveyStatus
from survey.form import files
from survey.questionnaire import FULLY_WORDED_UP_TO, Questionnaire, Scale
from survey.words import LANGUAGES, load_words

IDLE_SECONDS = 60
"""How long a kiosk waits for the next touch before it asks whether somebody is still there."""

Door = Literal["light", "streamlit"]


def form_definition(
    survey: Survey,
    station: Station | None,
    door: Door,
    *,
    today: date,
    now: datetime | None = None,
    unknown_station: bool = False,
    unit: str = "",
    service: str = "",
) -> dict[str, Any]:
    """Everything the form shows and sends back, ready for JSON.

    ``today`` is the day in the agency's zone and ``now`` the moment; they decide what is offered and whether the survey
    is open (None: opening hours are not looked at). ``unknown_station``: the address
    named a station that is not registered. Somebody put a shared device there, so it forgets like a kiosk. ``unit`` and
    ``service`` are what a poster's address names: only that unit's services are offered, and that service is chosen
    already. What the survey does not have is as if it were not named.
    """
    q = survey.questionnaire
    scales: list[Scale] = []
    services = [] if q.audience == "staff" else _services(survey, station, unit, today)
    kind = _profile_kind(station, door, unknown_station)
    is_open = survey.takes_answers_on(today) and (now is None or _within_hours(survey, now))
    unsaid = _never_said(
        closed=not is_open,
        test=survey.test,
        kiosk=kind == "kiosk",
        phone=kind == "phone",
        station=unknown_station,
        service=len(services) > 1,
        profile=bool(q.profile),
        points=q.points is not None,
        comment=q.comment is not None,
        send=q.comment is None,
        ticket=survey.tickets,
    )
    languages = _languages(survey)
    return {
        "survey": {
            "name": survey.name,
            "title": dict(survey.title),
            "test": survey.test,
            "open": is_open,
        },
        "agency": dict(survey.agency.label),
        "station": {"name": station.name, "label": station.label, "kind": station.kind.value} if station else None,
        "unknown_station": unknown_station,
        "profile_kind": kind,
        "form": files.version() if kind == "kiosk" else None,
        "questionnaire": {"name": q.name, "version": q.version, "digest": q.digest},
        "languages": languages,
        "words": {language: _words(language, unsaid) | _own_words(survey, language, now) for language in languages},
        "units": [
            {"name": unit.name, "label": dict(unit.label)}
            for unit in survey.units
            if any(service["unit"] == unit.name for service in services)
        ],
        "services": services,
        "service": service if any(service == offered["name"] for offered in services) else None,
        "profile": [
            {
                "name": question.name,
                "question": dict(question.question),
                "choices": [[code, dict(label)] for code, label in question.choices.items()],
            }
            for question in q.profile
        ],
        "blocks": _blocks(q, scales),
        "scales": [_scale(scale) for scale in scales],
        "points": _points(q),
        "comment": {"question": dict(q.comment.question)} if q.comment else None,
        "minutes": q.minutes,
        "retention_months": survey.retention_months,
        "idle_seconds": IDLE_SECONDS,
        "ticket": survey.tickets,
    }


def invitation(survey: Survey) -> dict[str, dict[str, str]]:
    """What a screen in the hall says while nobody uses it, by language; ``text`` is empty when nothing is told."""
    languages = _languages(survey)
    improved = survey.improved or {}
    return {
        language: dict(load_words(language).under("invite.")) | {"text": improved.get(language, "")}
        for language in languages
    }


def needed_files(definition: dict[str, Any]) -> set[str]:
    """Which files of the form this survey on this device needs; no other travels."""
    scales, points = definition["scales"], definition.get("points") is not None
    stars = any(scale.get("picture") == "stars" for scale in scales)
    long = any(scale["points"] > FULLY_WORDED_UP_TO for scale in scales)
    only_sometimes = {
        "points.js": points,
        "stars.js": stars,
        "scales.css": points or stars or long,
        "kiosk.js": definition["profile_kind"] == "kiosk",
        "phone.js": definition["profile_kind"] == "phone",
        "ticket.js": definition.get("ticket", False),
    }
    always = {"device.js", "queue.js", "screens.js", "form.js", "form.css"}
    return always | {name for name, needed in only_sometimes.items() if needed}


def packed(definition: dict[str, Any], *, first_language_only: bool = False) -> dict[str, Any]:
    """The same definition as it travels: every text as a list in the order of ``languages``, which is much shorter.

    ``words`` turns from words by language into lists by key; what is None or False is left out. A scale that is fully
    worded gives its words as a list that begins at 1. ``first_language_only``: those lists hold one text each; only
    the names of the languages are whole, since the buttons for them stand there at once.
    """
    languages: list[str] = definition["languages"]
    spoken = languages[:1] if first_language_only else languages

    def shorter(part: Any) -> Any:
        if isinstance(part, dict):
            if part and set(languages) <= set(part):
                return [part[language] for language in spoken]
            if part and list(part) == [str(code) for code in range(1, len(part) + 1)]:
                return [0, *map(shorter, part.values())]
            return {key: shorter(value) for key, value in part.items() if value is not None and value is not False}
        return [shorter(value) for value in part] if isinstance(part, list) else part

    words = definition["words"]
    by_key = {key: {language: words[language][key] for language in languages} for key in words[languages[0]]}
    names = {"language": list(by_key["language"].values())}
    return dict(shorter(definition | {"words": by_key | names}))


def _never_said(**holds: bool) -> tuple[str, ...]:
    """The beginnings of the keys whose words this device will not need: every byte counts on a slow line."""
    return tuple(f"{part}." for part, needed in holds.items() if not needed)


def _words(language: str, unsaid: tuple[str, ...]) -> dict[str, str]:
    """The words of the form. A key such as ``kiosk.finish`` is needed only where there is a kiosk."""
    said = load_words(language).under("form.")
    return {key: sentence for key, sentence in said.items() if not key.startswith(unsaid)}


def _languages(survey: Survey) -> list[str]:
    """Those the agency offers, in its order, as far as the questionnaire speaks them."""
    spoken = [language for language in survey.questionnaire.languages if language in LANGUAGES]
    return [language for language in survey.agency.languages or () if language in spoken] or spoken


def _own_words(survey: Survey, language: str, now: datetime | None) -> dict[str, str]:
    """What this survey says in place of the form's own words; they are there already, so this costs no line more."""
    said = {}
    for key, own in (("notice", survey.notice), ("thanks_stored", survey.thanks)):
        if own and own.get(language):
            said[key] = own[language]
    again = _opens_again(survey, now)
    if again:
        words = load_words(language)
        when = words("form.closed.when", day=words.day(again), time=words.hour(again))
        said["closed.text"] = words("form.closed.again", when=when)
    return said


def _within_hours(survey: Survey, now: datetime) -> bool:
    return survey.hours is None or survey.hours.are_open_at(now)


def _opens_again(survey: Survey, now: datetime | None) -> datetime | None:
    """When a survey that is closed at this moment opens by itself; None when that is not known, or open already."""
    if now is None or survey.status is not SurveyStatus.OPEN:
        return None
    if survey.takes_answers_on(now.date()) and _within_hours(survey, now):
        return None
    if survey.hours:
        return survey.hours.opens_next(now, survey.opens, survey.closes)
    later = survey.opens and survey.opens > now.date()
    return datetime.combine(survey.opens, time(0), now.tzinfo) if survey.opens and later else None


def _profile_kind(station: Station | None, door: Door, unknown_station: bool) -> str:
    """``kiosk``: shared, forgets everything. ``phone``: a person's own, may go on where it stopped."""
    if unknown_station or (station and station.kind in (StationKind.KIOSK, StationKind.TABLET)):
        return "kiosk"
    return "kiosk" if door == "streamlit" else "phone"


def _services(survey: Survey, station: Station | None, unit: str, today: date) -> list[dict[str, Any]]:
    """The services to choose from: those of the unit in which the station stands, or that the address names."""
    units = {unit.number: unit.name for unit in survey.units}
    offered: tuple[Service, ...] = survey.offered_services(today)
    in_unit = station.unit if station else next((u.number for u in survey.units if u.name == unit), None)
    if in_unit is not None:
        offered = tuple(service for service in offered if service.unit == in_unit) or offered
    return [{"name": s.name, "label": dict(s.label), "unit": units.get(s.unit, "")} for s in offered]


def _blocks(q: Questionnaire, scales: list[Scale]) -> list[dict[str, Any]]:
    """The blocks with their questions. Equal scales are written once, into ``scales``."""
    blocks = []
    for block in q.blocks:
        columns = []
        for column in q.columns:
            if column.aspect is not block.aspect or column.question is None or column.item is None:
                continue
            scale = column.question.scale
            if scale not in scales:
                scales.append(scale)
            columns.append(
                {
                    "name": column.name,
                    "question": dict(column.question.question),
                    "scale": scales.index(scale),
                }
            )
        blocks.append(
            {
                "aspect": block.aspect.value,
                "title": dict(block.title),
                "intro": dict(block.intro),
                "columns": columns,
            }
        )
    return blocks


def _scale(scale: Scale) -> dict[str, Any]:
    """A scale; ``picture`` is left out where the form chooses it by itself."""
    labels = {str(code): dict(label) for code, label in scale.labels.items()}
    picture = {"picture": scale.picture} if scale.picture else {}
    return {"points": scale.points, "labels": labels} | picture


def _points(q: Questionnaire) -> dict[str, Any] | None:
    """The sharing of points over the dimensions, if the questionnaire asks for it, in plain words where it has them."""
    if q.points is None:
        return None
    return {
        "question": dict(q.points.question),
        "total": q.points.total,
        "dimensions": [{"column": f"W_{d.name}", "label": dict(d.meaning or d.label)} for d in q.dimensions],
    }
