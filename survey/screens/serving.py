"""How is Streamlit served here? Compressed, in the visitor's language, and without dialogs that make the form inert."""

import asyncio
import socket
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from survey.screens import session
from survey.settings import read_settings

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


MIDDLEWARE = [Middleware(NoErrorDialogs), Middleware(GZipMiddleware, minimum_size=1000, compresslevel=6)]


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
