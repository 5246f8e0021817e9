"""Who knocks at the door: which browser, in which language, from where, and does its form come from us?"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from survey.store import Store
from survey.store.people.logins import LoggedIn, who_is
from survey.store.people.passwords import RECOMMENDED, Cost
from survey.store.people.throttle import Try
from survey.words import FALLBACK, LANGUAGES, Words, load_words

LOGIN_COOKIE, FORM_COOKIE = "survey_login", "survey_form"
LARGEST_FORM = 16_384
_FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via")
_LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}


class TooLarge(Exception):
    """A form that is larger than any of ours can be."""


@dataclass(frozen=True)
class Told:
    """What a visit comes with: when, the posted form or else the address's query, and what a new hash is to cost."""

    now: datetime
    given: Mapping[str, str]
    cost: Cost = RECOMMENDED


@dataclass(frozen=True)
class Visit:
    """One request, read. ``browser`` is what its forms belong to."""

    request: Request
    store: Store
    told: Told
    browser: str
    logged_in: LoggedIn | None

    @property
    def now(self) -> datetime:
        """When it comes."""
        return self.told.now

    @property
    def given(self) -> Mapping[str, str]:
        """The posted form, else the address's query."""
        return self.told.given

    @property
    def words(self) -> Words:
        """The words in the language that the form or the address names, else Indonesian."""
        named = self.given.get("lang") or self.given.get("language", "")
        return load_words(named if named in LANGUAGES else FALLBACK)

    @property
    def address(self) -> str:
        """Where the request comes from; kept nowhere but as a keyed hash."""
        return self.request.client.host if self.request.client else "-"

    @property
    def tried(self) -> Try:
        """A try for the name that was typed, from this address."""
        return Try.of(self.given.get("name", ""), self.address)

    @property
    def tried_here(self) -> Try:
        """A try for the account that is logged in, from this address."""
        return Try.of(self.logged_in.account.name if self.logged_in else "", self.address)

    @property
    def token(self) -> str:
        """The token of the login this browser carries; empty without one."""
        return self.request.cookies.get(LOGIN_COOKIE, "")

    @property
    def form_token(self) -> str:
        """What must come with a form of a browser that is not logged in: nobody else can make it for its cookie."""
        return hmac.digest(self.store.receipt_key, f"form {self.browser}".encode(), "sha256").hex()

    @property
    def is_ours(self) -> bool:
        """Whether the posted form was made by us for this browser."""
        return bool(self.request.cookies.get(FORM_COOKIE)) and _same(self.given.get("csrf", ""), self.form_token)

    @property
    def is_ours_logged_in(self) -> bool:
        """Whether the posted form was made by us for this very login."""
        return self.logged_in is not None and _same(self.given.get("csrf", ""), self.logged_in.csrf)

    @property
    def is_local(self) -> bool:
        """Whether it comes from this very machine: by loopback, under a name of it, through no proxy."""
        client, headers = self.request.client, self.request.headers
        if client is None or any(name in headers for name in _FORWARDED):
            return False
        try:
            loopback = ip_address(client.host.split("%")[0]).is_loopback
        except ValueError:
            return False
        return loopback and (urlsplit(f"//{headers.get('host', '')}").hostname or "") in _LOCAL_NAMES

    def remember(self, answer: Response) -> Response:
        """The answer with the cookie to which this browser's forms belong."""
        if self.request.cookies.get(FORM_COOKIE) != self.browser:
            set_cookie(self.request, answer, FORM_COOKIE, self.browser)
        return answer


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())


async def posted(request: Request) -> Mapping[str, str]:
    """The fields of a posted form. Raises ``TooLarge`` before more than a form's worth was read."""
    body = bytearray()
    async for piece in request.stream():
        body.extend(piece)
        if len(body) > LARGEST_FORM:
            raise TooLarge
    text = body.decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=50))


def visit_of(request: Request, store: Store, told: Told) -> Visit:
    """The request as a visit; asks the store who it is."""
    browser = request.cookies.get(FORM_COOKIE, "")
    if not 20 <= len(browser) <= 100 or not browser.isascii():
        browser = secrets.token_urlsafe(32)
    token = request.cookies.get(LOGIN_COOKIE, "")
    return Visit(request, store, told, browser, who_is(store, token, told.now) if token else None)


def set_cookie(request: Request, answer: Response, name: str, value: str) -> None:
    """Set a cookie until the browser is closed; no script can read it, and no other site can make use of it.

    ``Strict`` holds also for a link from elsewhere to a screen: Streamlit's page itself needs no cookie, and the
    websocket that the page then opens is a request of our own.
    """
    secure = request.url.scheme == "https"
    answer.set_cookie(name, value, path="/", secure=secure, httponly=True, samesite="strict")


def own_path(wanted: str) -> str:
    """An address of ours, or nothing: nobody is led elsewhere by a link to the login."""
    clean = wanted.isprintable() and "\\" not in wanted and wanted.startswith("/") and not wanted.startswith("//")
    if not clean or len(wanted) > 500:
        return ""
    parts = urlsplit(wanted)
    if parts.scheme or parts.netloc or parts.path.strip("/") in {"login", "logout", "set-up", "reset"}:
        return ""
    return wanted
