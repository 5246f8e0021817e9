"""At which addresses does a citizen find the form?

=========================================  ============================================================================
``/s/<survey>``                            the light page: the form with its definition, for kiosks and own phones
``/s/<survey>/definition``                 the definition alone, in all languages: for the Streamlit door, and for the
                                           light page, which begins with one; ``-`` is the first open survey
``/s/sw.js``                               the service worker; its place gives it the scope ``/s/``
``/form/invitation/<survey>``              what a screen in the hall says while nobody uses it
``/form/<version>/<file>``                 scripts and styles; immutable, because the version is made from their content
``/form/operator``                         the words of the staff's panel on shared devices, and the hash of its PIN
``/station``                               here a device becomes a station: a code is typed once
=========================================  ============================================================================

Every address below ``/s`` and ``/form`` is answered here, whatever the method: what is not answered would fall
through to Streamlit, which says 200 to everything.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from html import escape
from string import Template
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from survey.catalogue import Survey
from survey.form import files
from survey.form.definition import Door, form_definition, invitation, needed_files, packed
from survey.problem import Problem
from survey.store import Store
from survey.store.plans.surveys import find_survey, first_survey
from survey.store.stations.registration import pin_of
from survey.words import FALLBACK, LANGUAGES, load_words

OWN_ANSWER = "X-Survey-Form"
"""Set on every page of ours. The service worker keeps nothing without it: a captive portal also answers 200."""

_STATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")
_REGISTERING = ("title", "hint", "code", "after", "send", "failed", "storage", "agency")
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_POLICY = "default-src 'none';script-src {script};style-src {style};img-src data:;connect-src 'self';worker-src 'self'"
"""Nothing runs on our pages but what we wrote into them, named by digest; on a shared device also our own files."""


def form_routes(open_store: Callable[[], Store]) -> list[Route]:
    """The routes of the form. ``open_store`` gives the open store; it is asked at every request, never on import."""

    def page(request: Request) -> Response:
        survey = _survey(open_store(), request.path_params["survey"])
        if survey is None:
            return _told(request, "unknown", 404)
        return _light_page(request, survey)

    def definition(request: Request) -> Response:
        survey = _survey(open_store(), request.path_params["survey"])
        if survey is None:
            return _answer(request, files.pack('{"detail":"unknown survey"}', ".json"), 404)
        door: Door = "streamlit" if request.query_params.get("door") == "streamlit" else "light"
        return _answer(request, files.pack(_as_json(packed(_definition(request, survey, door))), ".json"))

    def operator(request: Request) -> Response:
        try:
            own = pin_of(open_store(), request.query_params.get("station", ""))
            pin = asdict(own or open_store().pin_hash())
        except (Problem, OSError):
            pin = None  # nobody gets in, and everything else goes on
        words = {
            language: {f"operator.{key}": said for key, said in load_words(language).under("operator.").items()}
            for language in LANGUAGES
        }
        return _answer(request, files.pack(json.dumps({"words": words, "pin": pin}, ensure_ascii=False), ".json"))

    def told_in_the_hall(request: Request) -> Response:
        survey = _survey(open_store(), request.path_params["survey"])
        if survey is None:
            return _no_file(request)
        return _answer(request, files.pack(json.dumps(invitation(survey), ensure_ascii=False), ".json"))

    def start(request: Request) -> Response:
        survey = first_survey(open_store())
        if survey is None:
            return _told(request, "none", 404)
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/s/{survey.name}{query}", 307)

    return [
        Route("/s", _only_reading(start), methods=_METHODS),
        Route("/s/", _only_reading(start), methods=_METHODS),
        Route("/s/sw.js", _only_reading(_service_worker), methods=_METHODS),
        Route("/s/{survey}", _only_reading(page), methods=_METHODS),
        Route("/s/{survey}/definition", _only_reading(definition), methods=_METHODS),
        Route("/s/{rest:path}", _only_reading(_lost), methods=_METHODS),
        Route("/station", _only_reading(_registering), methods=_METHODS),
        Route("/form/operator", _only_reading(operator), methods=_METHODS),
        Route("/form/invitation/{survey}", _only_reading(told_in_the_hall), methods=_METHODS),
        Route("/form/{version}/{file}", _only_reading(_asset), methods=_METHODS),
        Route("/form/{rest:path}", _only_reading(_no_file), methods=_METHODS),
    ]


def _only_reading(answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """The same endpoint, which answers 405 to every method that would change something."""

    def endpoint(request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return Response(status_code=405, headers={"Allow": "GET, HEAD"})
        return answer(request)

    return endpoint


def _survey(store: Store, name: str) -> Survey | None:
    return first_survey(store) if name == "-" else find_survey(store, name)


def _definition(request: Request, survey: Survey, door: Door) -> dict[str, Any]:
    """The definition for the station, unit and service named in the address."""
    named = request.query_params.get("station", "")
    station = survey.stations.get(named)
    now = datetime.now(UTC).astimezone(ZoneInfo(survey.agency.zone))
    return form_definition(
        survey,
        station,
        door,
        today=now.date(),
        now=now,
        unknown_station=bool(_STATION.fullmatch(named)) and station is None,
        unit=request.query_params.get("unit", ""),
        service=request.query_params.get("service", ""),
    )


def _as_json(content: dict[str, Any]) -> str:
    """Short, and ``<`` is escaped: it stands inside a page."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _light_page(request: Request, survey: Survey) -> Response:
    """The page in the first language. Where there are more, it names the definition in which it will find them."""
    whole = _definition(request, survey, "light")
    content = packed(whole, first_language_only=True)
    if len(whole["languages"]) > 1:
        content["whole"] = files.tag_of(_as_json(packed(whole)))
    definition = _as_json(content)
    title = f"{survey.title.get(FALLBACK, survey.name)} · {survey.agency.label.get(FALLBACK, '')}"
    return _answer(request, _page(title, load_words(FALLBACK)("page.no_script"), definition))


@lru_cache(maxsize=64)
def _page(title: str, no_script: str, definition: str) -> files.Packed:
    """The light page, filled and packed once for every definition, with those files only that the definition needs."""
    needed = needed_files(json.loads(definition))
    filled = Template(files.read("page.html")).substitute(
        language=FALLBACK,
        title=escape(title),
        style="".join(files.read(name) for name in files.STYLES if name in needed),
        script=files.joined(*(name for name in files.SCRIPTS if name in needed), "page.js"),
        no_script=escape(no_script),
        definition=definition,
    )
    return files.pack(filled, ".html")


def _told(request: Request, what: str, status: int) -> Response:
    """A page in plain words, in every language, for an address where there is no survey."""
    said = [
        f'<section lang="{language}"><h1>{escape(words(f"page.{what}.title"))}</h1>'
        f'<p class="lead">{escape(words(f"page.{what}.text"))}</p></section>'
        for language in LANGUAGES
        for words in [load_words(language)]
    ]
    words = load_words(FALLBACK)
    if what != "none":
        said.append(f'<p class="buttons"><a class="button main" href="/s">{escape(words("page.first"))}</a></p>')
    filled = Template(files.read("told.html")).substitute(
        style=files.read("form.css"),
        language=FALLBACK,
        title=escape(words(f"page.{what}.title")),
        said="".join(said),
    )
    return _answer(request, files.pack(filled, ".html"), status)


def _registering(request: Request) -> Response:
    """The page on which a device becomes a station, in the visitor's language."""
    wanted = request.query_params.get("lang") or request.headers.get("accept-language", "")[:2].lower()
    words = load_words(wanted)
    asked = request.query_params.get("survey", "")
    others = [
        f'<a class="tool button" lang="{language}" href="/station?lang={language}&amp;survey={quote(asked)}">'
        f"{escape(load_words(language)('form.language'))}</a>"
        for language in LANGUAGES
        if language != words.language
    ]
    said = {part: escape(words(f"station.page.{part}")) for part in _REGISTERING}
    filled = Template(files.read("registering.html")).substitute(
        said,
        language=words.language,
        languages="".join(others),
        style=files.read("form.css"),
        script=files.joined("device.js", "queue.js", "registering.js"),
        no_script=escape(words("page.no_script")),
    )
    return _answer(request, files.pack(filled, ".html"))


def _lost(request: Request) -> Response:
    return _told(request, "unknown", 404)


def _service_worker(request: Request) -> Response:
    return _answer(request, files.pack(files.read("service-worker.js"), ".js"))


def _asset(request: Request) -> Response:
    name = request.path_params["file"]
    if request.path_params["version"] != files.version() or name not in files.assets():
        return _no_file(request)
    return _answer(request, files.assets()[name], cache="public, max-age=31536000, immutable")


def _no_file(request: Request) -> Response:
    return Response("Not found\n", 404, {"Cache-Control": "no-store"}, "text/plain")


def _answer(request: Request, packed: files.Packed, status: int = 200, cache: str = "no-cache") -> Response:
    """The packed text, compressed where the browser takes it; 304 when the browser has it already."""
    headers = {
        "Cache-Control": cache,
        "ETag": f'"{packed.tag}"',
        "Vary": "Accept-Encoding",
        OWN_ANSWER: "1",
    }
    if packed.media_type.startswith("text/html"):
        headers["Content-Security-Policy"] = _policy(packed)
    else:
        headers["X-Content-Type-Options"] = "nosniff"
    if status == 200 and f'"{packed.tag}"' in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    content = packed.plain
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        content = packed.compressed
        headers["Content-Encoding"] = "gzip"
    return Response(content, status, headers, packed.media_type)


@lru_cache(maxsize=64)
def _policy(packed: files.Packed) -> str:
    """The content security policy of a page: the digests of the scripts and styles that stand in it."""

    def digests(element: str) -> str:
        found = re.findall(rf"<{element}(?: type=\"module\")?>(.*?)</{element}>", packed.plain.decode(), re.DOTALL)
        return " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in found) or "'none'"

    later = " 'self'" if b"/station.js`" in packed.plain else ""
    return _POLICY.format(script=digests("script") + later, style=digests("style"))
