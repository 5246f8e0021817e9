"""How is Streamlit served here? Compressed, in the visitor's language, and without dialogs that make the form inert."""

import asyncio
import re
import socket
from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from survey.screens import session
from survey.settings import read_settings
from survey.words import FALLBACK, LANGUAGES, load_words

HOST_CONFIG = "/_stcore/host-config"


class NoErrorDialogs:
    """Answers Streamlit's host configuration with ``blockErrorDialogs``.

    Four seconds after the network goes, Streamlit's "Connection error" dialog makes the whole page inert, and with it
    a survey that needs no connection at all. The answer is a private contract of the pinned version; a browser test
    cuts the connection and goes on answering.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the one address, hand everything else on."""
        if scope["type"] == "http" and scope["path"] == HOST_CONFIG:
            answer = JSONResponse(
                {
                    "allowedOrigins": [],
                    "useExternalAuthToken": False,
                    "enableCustomParentMessages": False,
                    "enforceDownloadInNewTab": False,
                    "metricsUrl": "",
                    "blockErrorDialogs": True,
                    "resourceCrossOriginMode": None,
                },
                headers={"Cache-Control": "no-cache"},
            )
            await answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class SecurityHeaders:
    """Tells the browser what no page of ours does, so that it refuses when one is made to.

    A page with a policy of its own (form, login) keeps it; this one is for Streamlit's pages: their styles stand
    in the page, their components come as ``blob:``, and their websocket leads to this very server, which is ``'self'``.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to every answer over HTTP."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.setdefault("Content-Security-Policy", POLICY)
            await send(message)

        await self.app(scope, receive, with_headers)


class OwnFrontPage:
    """Rewrites the one HTML page of Streamlit, on which every screen runs.

    It asks for 170 kB of a font that our theme does not use, before anything else: 1.4 s of a line of 1 Mbit/s. It
    also calls itself English, and tells a visitor without scripts about an interface that is switched off here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold back the page until it is whole, and send it rewritten; everything else passes."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith(_NOT_STREAMLIT):
            await self.app(scope, receive, send)
            return
        start: Message = {}
        body = bytearray()

        async def hold_back(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                headers = MutableHeaders(raw=start["headers"])
                ours = "content-security-policy" in headers  # a page that brings its own is none of Streamlit's
                if start["status"] == 200 and headers.get("content-type", "").startswith("text/html") and not ours:
                    return
                start = {}
            if not start:
                await send(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            whole = own_front_page(body.decode())
            page = whole.encode()
            headers = MutableHeaders(raw=start["headers"])
            headers["content-security-policy"] = policy_of(whole)
            headers["content-length"] = str(len(page))
            for stamp in ("etag", "last-modified"):  # they would vouch for the page as it was
                if stamp in headers:
                    del headers[stamp]
            await send(start)
            await send({"type": "http.response.body", "body": page})

        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self.app({**scope, "headers": plain}, receive, hold_back)  # compressed outside, by our own middleware


def own_front_page(html: str) -> str:
    """The page without that font, in Indonesian until a screen says otherwise, with our own words for no script."""
    html = _FONT_PRELOAD.sub("", html)
    html = _AGENT_LINK.sub("", _COMMENT.sub("", html))
    html = html.replace("<title>Streamlit</title>", f"<title>{load_words(FALLBACK)('app.survey')}</title>", 1)
    html = html.replace('<html lang="en">', f'<html lang="{FALLBACK}">', 1)
    said = "".join(f'<p lang="{language}">{load_words(language)("app.no_script")}</p>' for language in LANGUAGES)
    return _NO_SCRIPT.sub(f"<noscript>{said}</noscript>", html)


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def policy_of(page: str) -> str:
    """The policy of Streamlit's page: besides files of ours, the script that stands in it, named by its digest."""
    digests = (b64encode(sha256(script.encode()).digest()).decode() for script in _INLINE.findall(page))
    own = "".join(f" 'sha256-{digest}'" for digest in digests)
    return POLICY.replace("script-src 'self'", f"script-src 'self'{own}", 1)


_NOT_STREAMLIT = ("/api", "/form/", "/s/", "/_stcore/", "/static/", "/media/", "/component/")
_FONT_PRELOAD = re.compile(r'<link\s+rel="preload"[^>]*\bas="font"[^>]*>\s*')
_AGENT_LINK = re.compile(r'<link\s+rel="service-desc"[^>]*>\s*')
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)
_NO_SCRIPT = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)

MIDDLEWARE = [
    Middleware(SecurityHeaders),
    Middleware(NoErrorDialogs),
    Middleware(GZipMiddleware, minimum_size=1000, compresslevel=6),
    Middleware(OwnFrontPage),
]


def answer_without_delay() -> None:
    """Let the small packets of this process leave at once (TCP_NODELAY).

    asyncio sees to that itself, but only on sockets that were opened with their protocol named, and Streamlit names
    none. The head and the body of an answer are two packets; without this the second waits until the device has
    acknowledged the first, which it may put off for 40 ms. The function replaced is private to asyncio; a test shows
    that a connection to Streamlit's socket has the option.
    """

    def set_nodelay(connection: socket.socket) -> None:
        if connection.family in {socket.AF_INET, socket.AF_INET6} and connection.type == socket.SOCK_STREAM:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    asyncio.base_events._set_nodelay = set_nodelay  # type: ignore[attr-defined]


def say_sorry(error: Exception) -> bool:
    """What a visitor sees when a screen fails: a sentence and the time, under which the error stands in the log."""
    zone = ZoneInfo(read_settings().zone)
    words = session.words()
    st.error(words("app.error", time=words.time(datetime.now(zone))))
    return True


def tell_the_browser_its_language(language: str) -> None:
    """Set ``lang`` of the document, so that a screen reader speaks the right language."""
    component = st.components.v2.component(
        "document_language",
        js="""export default function ({ data }) {
            document.documentElement.lang = data
        }""",
    )
    component(data=language, key="document_language", height=1)
