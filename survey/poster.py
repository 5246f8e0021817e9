"""How do citizens in the hall come to the survey on their own phone? By a poster with a code to be scanned.

The address under the code names the survey, and where it is wanted a unit (its services are offered) or a service (it
is chosen already, and can be changed). The same poster always has the same bytes.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from survey import look
from survey.catalogue import Service, Survey, Unit
from survey.problem import Problem
from survey.questionnaire import Text
from survey.words import FALLBACK, LANGUAGES, load_words

Kind = Literal["pdf", "png"]
Named = TypeVar("Named", Unit, Service)
KINDS: tuple[Kind, ...] = ("pdf", "png")
DOTS_PER_INCH = 150  # of the picture: 1240 by 1754 points
CODE_WIDTH = 90  # millimetres, without the quiet zone: for a phone held a metre away
_QUIET_MODULES = 4  # of white around the code, as ISO/IEC 18004 asks
_LONGEST_ADDRESS = 300
LOCAL = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104  nothing is bound to it
"""Names that reach no other device."""


@dataclass(frozen=True)
class Poster:
    """A poster of a survey; ``address`` is what the code says, ``about`` the unit or service that it is for."""

    survey: Survey
    address: str
    about: Text | None = None

    @property
    def name(self) -> str:
        """A name for its file: the survey, and the unit or service."""
        chosen = dict(parse_qsl(urlsplit(self.address).query))
        return "-".join([self.survey.name, *chosen.values()])


def poster_of(survey: Survey, base: str, unit: str | None = None, service: str | None = None) -> Poster:
    """The poster for a survey at an app whose address is ``base``, such as ``http://192.168.1.10:8501``.

    Raises ``Problem`` for an address that phones cannot open, and for a unit or service that the survey does not have.
    """
    found_unit = _named(survey.units, unit, "poster.no_unit")
    found_service = _named(survey.services, service, "poster.no_service")
    if found_unit and found_service and found_service.unit != found_unit.number:
        raise Problem("poster.no_service", given=service, known=_names(_services_of(survey, found_unit)))
    address = address_of(survey, base, {"unit": unit, "service": service})
    about = found_service or found_unit
    return Poster(survey, address, about.label if about else None)


def address_of(survey: Survey, base: str, named: Mapping[str, str | None]) -> str:
    """The address of a survey at an app whose address is ``base``; what is ``named`` stands in its query.

    Raises ``Problem`` for an address that phones cannot open.
    """
    query = urlencode({name: value for name, value in named.items() if value})
    address = f"{_checked(base)}/s/{survey.name}" + (f"?{query}" if query else "")
    if len(address) > _LONGEST_ADDRESS:
        raise Problem("poster.bad_address", given=base)
    return address


def kind_of(file: Path) -> Kind:
    """Which kind a file is by its ending. Raises ``Problem`` for an ending that is neither."""
    ending = file.suffix.lower().lstrip(".")
    for kind in KINDS:
        if ending == kind:
            return kind
    raise Problem("poster.ending", where=str(file), known=", ".join(f".{kind}" for kind in KINDS))


def draw_poster(poster: Poster, kind: Kind) -> bytes:
    """The poster as a tagged PDF (PDF/UA-1) or as a picture."""
    return _drawn(json.dumps(_told(poster)), kind)


@lru_cache(maxsize=16)
def _drawn(told: str, kind: Kind) -> bytes:
    import typst

    template = (Path(__file__).parent / "poster.typ").read_bytes()
    drawn = typst.compile(
        template,
        format=kind,
        ppi=DOTS_PER_INCH,
        sys_inputs={"poster": told},
        pdf_standards=["ua-1"],
        timestamp=datetime.fromtimestamp(0, UTC),
    )
    assert isinstance(drawn, bytes)
    return drawn


def _told(poster: Poster) -> dict[str, object]:
    """Everything the template shows, as data: a label with typst's own signs in it stays a label."""
    code, modules = _code(poster.address)
    colours = asdict(look.LIGHT) | {"clay": look.CLAY, "ochre": look.OCHRE}
    return {
        "address": poster.address,
        "code": code,
        "width": CODE_WIDTH,
        "quiet": CODE_WIDTH / modules * _QUIET_MODULES,
        "colours": colours,
        "logo": list(poster.survey.agency.logo or b""),
        "words": [_words(poster, language) for language in LANGUAGES],
    }


def _words(poster: Poster, language: str) -> dict[str, str | None]:
    words = load_words(language)
    survey = poster.survey
    return {
        "language": language,
        "agency": _in(survey.agency.label, language),
        "title": _in(survey.title, language),
        "about": _in(poster.about, language) if poster.about else None,
        "headline": words("poster.headline"),
        "scan": words("poster.scan"),
        "type": words("poster.type"),
        "facts": words("poster.facts", minutes=survey.questionnaire.minutes),
        "alt": words("poster.alt", address=poster.address),
    }


def _code(address: str) -> tuple[str, int]:
    """The QR code as a drawing without its quiet zone, and how many modules wide it is."""
    import segno

    code = segno.make_qr(address, error="m")
    drawing = io.BytesIO()
    code.save(drawing, kind="svg", border=0, xmldecl=False, omitsize=True)
    return drawing.getvalue().decode(), len(code.matrix)


def _in(text: Text, language: str) -> str:
    return text.get(language) or text[FALLBACK]


def _checked(base: str) -> str:
    """The address of the app without a slash at its end."""
    given = base.strip().rstrip("/")
    try:
        parts = urlsplit(given)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Problem("poster.bad_address", given=base) from None
    extra = parts.path or parts.query or parts.fragment or parts.username
    is_address = parts.scheme in ("http", "https") and host and not extra and port != 0
    if not is_address or " " in given or not given.isprintable():
        raise Problem("poster.bad_address", given=base)
    if host in LOCAL:
        raise Problem("poster.local_address", given=base)
    return given


def _named(every: tuple[Named, ...], name: str | None, problem: str) -> Named | None:
    if name is None:
        return None
    for one in every:
        if one.name == name:
            return one
    raise Problem(problem, given=name, known=_names(every))


def _services_of(survey: Survey, unit: Unit) -> tuple[Service, ...]:
    return tuple(service for service in survey.services if service.unit == unit.number)


def _names(every: tuple[Unit, ...] | tuple[Service, ...]) -> str:
    return ", ".join(one.name for one in every)
