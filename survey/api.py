"""How do devices hand over responses? ``make_api`` is the FastAPI application behind ``/api``.

It runs inside the Streamlit process, or alone: ``uvicorn --factory survey.api:make_api_alone``.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import Mount

from survey.catalogue import StationKind
from survey.principal import Principal
from survey.problem import Problem
from survey.response import MAX_BODY, Name, Submission
from survey.settings import read_settings
from survey.store import Store, open_store
from survey.store.answers.submissions import Fate, Incoming, Outcome, submit
from survey.store.people.tokens import Scope
from survey.store.plans.surveys import find_survey, first_survey
from survey.store.stations.arrivals import Heartbeat, hear
from survey.store.stations.registration import register
from survey.store.stations.watch import Watched, watch_stations
from survey.token_door import token_with
from survey.words import LANGUAGES, Words, load_words

log = logging.getLogger(__name__)
MOST_AT_ONCE = 500
STATUS = {
    Fate.STORED: 201,
    Fate.AGAIN: 200,
    Fate.KEPT: 202,
    Fate.CONFLICT: 409,
    Fate.REFUSED: 422,
    Fate.NOT_WRITTEN: 503,
}


class Receipt(BaseModel):
    """The promise that a response is committed to disk."""

    id: str
    receipt: str = Field(description="code to show the respondent: 8 characters, base32 of an HMAC of the id")
    status: str = Field(description="stored, or kept when it is flagged or set aside")


class Heard(BaseModel):
    """A station was heard."""

    status: str = Field(description="heard")
    now: datetime = Field(description="the clock of the server, with which the station compares its own")


class Registration(BaseModel):
    """What a device asks for with the code that was typed on it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    code: str = Field(max_length=60)
    survey: Name | None = Field(default=None, description="the survey it will ask; without, the first open one")
    language: str | None = Field(default=None, description="in which it is told what is wrong; else Accept-Language")


class Station(BaseModel):
    """The device is a station now."""

    station: str
    token: str = Field(description="goes with its submissions and heartbeats, in the header Token; told only now")
    address: str = Field(description="where it goes on")


class StationState(BaseModel):
    """What is known of a station now."""

    station: str
    label: str
    kind: str
    unit: str | None
    retired: bool
    last_heard: datetime | None
    silent_minutes: int | None = Field(description="how long nothing was heard while the office is open; null: well")
    waiting: int | None = Field(description="answers that wait on the device, as it told last")
    set_aside: int | None = Field(description="answers that the device has set aside, as it told last")
    missing: int = Field(description="numbered answers that have not arrived")


class Refusal(BaseModel):
    """Why there is no receipt, in words."""

    detail: str
    id: str | None = None
    status: str | None = None


class Collector:
    """Commits together whatever waits together, and answers each only after the commit.

    On a disk with a slow fsync this is what lets many citizens press *send* at once. Use it as an async context
    manager: the loop that drains must be a task of its own, or the first request would wait for all the others.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._waiting: list[tuple[Incoming, asyncio.Future[Outcome]]] = []
        self._arrived = asyncio.Event()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")

    async def __aenter__(self) -> "Collector":
        self._task = asyncio.create_task(self._drain())
        return self

    async def __aexit__(self, *_: object) -> None:
        while self._waiting:
            await asyncio.sleep(0.01)
        self._task.cancel()
        self._writer.shutdown()

    async def submit(self, incoming: Incoming) -> Outcome:
        """What became of it, once it is committed. Raises the database's error when it could not be written."""
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((incoming, outcome))
        self._arrived.set()
        return await outcome

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while batch := self._waiting[:MOST_AT_ONCE]:
                try:
                    outcomes = await loop.run_in_executor(self._writer, submit, self.store, [one for one, _ in batch])
                except Exception as error:
                    # Whatever it was (disk full, locked, gone): nobody is told that it was stored.
                    log.error("submissions could not be written: %s", type(error).__name__)
                    for _, future in batch:
                        if not future.done():
                            future.set_exception(error)
                else:
                    for (_, future), outcome in zip(batch, outcomes, strict=True):
                        if not future.done():
                            future.set_result(outcome)
                del self._waiting[: len(batch)]


def _header(name: str, description: str) -> dict[str, object]:
    """A header that may be sent with a response. We read it ourselves, which costs less than when FastAPI does."""
    return {"name": name, "in": "header", "required": False, "description": description, "schema": {"type": "string"}}


_DEVICE_TIME = _header("Device-Time", "the device's clock while sending, ISO 8601")
_TOKEN = _header("Token", "the token of a registered station")
_SUBMISSION = {"$ref": "#/components/schemas/Submission"}
_HEARTBEAT = {"$ref": "#/components/schemas/Heartbeat"}
_REGISTRATION = {"$ref": "#/components/schemas/Registration"}


class _Api(FastAPI):
    """Documents the bodies, which it reads byte by byte and not as models."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        for model in (Submission, Heartbeat, Registration):
            schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
            parts = schema.pop("$defs", {})
            document["components"]["schemas"] |= {**parts, model.__name__: schema}
        return document


def make_api(collector: Callable[[], Collector]) -> FastAPI:
    """The API. ``collector`` is asked at each request: it is opened in the lifespan of the outer application."""
    api = _Api(
        title="Survey responses",
        description="Idempotent submission of survey responses: send the same bytes until a receipt comes back.",
        docs_url=None,  # the pages load scripts from elsewhere, and nothing here may
        redoc_url=None,
        redirect_slashes=False,
    )

    @api.exception_handler(HTTPException)
    async def _in_words(request: Request, error: HTTPException) -> JSONResponse:
        words, key = _words(request), f"api.{error.status_code}"
        detail = words(key) if key in words.sentences else str(error.detail)
        return JSONResponse({"detail": detail}, error.status_code, headers=error.headers)

    @api.get("/health", summary="Whether the service is up")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @api.post(
        "/responses",
        status_code=201,
        summary="Hand over one response",
        response_model=Receipt,
        responses={
            200: {"model": Receipt, "description": "The same response was here already; the same receipt"},
            202: {"model": Receipt, "description": "Safe, but flagged or set aside (closed survey, unknown version)"},
            409: {"model": Refusal, "description": "This id is here with other content; both are kept"},
            413: {"model": Refusal, "description": "Larger than 64 kB"},
            422: {"model": Refusal, "description": "No response at all"},
            503: {"model": Refusal, "description": "Could not be written; keep it and send it again"},
        },
        openapi_extra={
            "parameters": [_DEVICE_TIME, _TOKEN],
            "requestBody": {"required": True, "content": {"application/json": {"schema": _SUBMISSION}}},
        },
    )
    async def responses(request: Request) -> JSONResponse:
        words, headers = _words(request), request.headers
        body = await _body(request)
        if body is None:
            return JSONResponse({"detail": words("problem.response.too_large", limit=MAX_BODY)}, 413)
        incoming = Incoming(body, datetime.now(UTC), _moment(headers.get("device-time")), headers.get("token"))
        try:
            outcome = await collector().submit(incoming)
        except Exception as error:
            log.error("submission not written: %s", type(error).__name__)
            outcome = Outcome(Fate.NOT_WRITTEN, reason=Problem("response.not_written"))
        return _answer(outcome, words)

    with_stations = Depends(token_with(Scope.STATIONS, lambda: collector().store))

    @api.get(
        "/stations",
        summary="How the stations are, for a program that watches them",
        responses={401: {"model": Refusal, "description": "No token, or one that is not good for this"}},
    )
    def stations(principal: Annotated[Principal, with_stations]) -> list[StationState]:
        return [_state(station) for station in watch_stations(collector().store, principal, datetime.now(UTC))]

    @api.post(
        "/stations/heartbeat",
        summary="Tell how far a station has counted, and what waits there",
        response_model=Heard,
        responses={
            404: {"model": Refusal, "description": "There is no such survey or station"},
            413: {"model": Refusal, "description": "Larger than 64 kB"},
            422: {"model": Refusal, "description": "Not what a station tells"},
            503: {"model": Refusal, "description": "Could not be kept; nothing is lost by that"},
        },
        openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _HEARTBEAT}}}},
    )
    async def heartbeat(
        request: Request,
        token: Annotated[str | None, Header(description="the token of a registered station")] = None,
    ) -> JSONResponse:
        words, now = _words(request), datetime.now(UTC)
        body = await _body(request)
        if body is None:
            return JSONResponse({"detail": words("problem.response.too_large", limit=MAX_BODY)}, 413)
        try:
            beat = Heartbeat.model_validate_json(body)
            known = await run_in_threadpool(hear, collector().store, beat, now, token)
        except ValidationError:
            return JSONResponse({"detail": words("api.heartbeat")}, 422)
        except Exception as error:
            log.error("heartbeat not written: %s", type(error).__name__)
            return JSONResponse({"detail": words("problem.response.not_written")}, 503)
        if not known:
            return JSONResponse({"detail": words("api.station")}, 404)
        return JSONResponse({"status": "heard", "now": now.isoformat(timespec="milliseconds").replace("+00:00", "Z")})

    @api.post(
        "/stations/register",
        summary="Become a station by a code that the staff has made",
        response_model=Station,
        responses={
            404: {"model": Refusal, "description": "The code is unknown, used or too old"},
            413: {"model": Refusal, "description": "Larger than 64 kB"},
            422: {"model": Refusal, "description": "No code"},
            503: {"model": Refusal, "description": "Could not be written; the code is still good"},
        },
        openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _REGISTRATION}}}},
    )
    async def register_station(request: Request) -> JSONResponse:
        words = _words(request)
        body = await _body(request)
        if body is None:
            return JSONResponse({"detail": words("problem.response.too_large", limit=MAX_BODY)}, 413)
        try:
            asked = Registration.model_validate_json(body)
            words = load_words(asked.language) if asked.language else words
            became = await run_in_threadpool(_register, collector().store, asked)
        except ValidationError:
            return JSONResponse({"detail": words("api.422")}, 422)
        except Problem as problem:
            return JSONResponse({"detail": problem.say(words)}, 404)
        except Exception as error:
            log.error("station not registered: %s", type(error).__name__)
            return JSONResponse({"detail": words("api.503")}, 503)
        return JSONResponse(became.model_dump(), headers={"Cache-Control": "no-store"})

    return api


def _state(station: Watched) -> StationState:
    told = station.present
    return StationState(
        station=station.name,
        label=station.label,
        kind=station.kind.value,
        unit=station.unit_name,
        retired=station.retired_at is not None,
        last_heard=station.last_at,
        silent_minutes=int(station.silent.total_seconds() // 60) if station.silent else None,
        waiting=told.waiting if told else None,
        set_aside=told.aside if told else None,
        missing=station.missing,
    )


def _register(store: Store, asked: Registration) -> Station:
    """Spend the code; where the device goes on: to the survey that was asked for, or to the first open one."""
    became = register(store, asked.code)
    survey = (find_survey(store, asked.survey) if asked.survey else None) or first_survey(store)
    path = "/paper" if became.kind is StationKind.DESK else f"/s/{survey.name}" if survey else "/s"
    return Station(station=became.station, token=became.token, address=f"{path}?station={became.station}")


def make_api_alone() -> Starlette:
    """The API as an application of its own, with its own store, at the same paths."""
    opened: list[Collector] = []

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        store = open_store(read_settings())
        async with Collector(store) as collector:
            opened.append(collector)
            yield
        store.close()

    return Starlette(lifespan=lifespan, routes=[Mount("/api", make_api(lambda: opened[0]))])


def _answer(outcome: Outcome, words: Words) -> JSONResponse:
    status = STATUS[outcome.fate]
    identity = {"id": str(outcome.id)} if outcome.id else {}
    if outcome.receipt:
        said = Fate.KEPT if outcome.fate is Fate.KEPT else Fate.STORED
        return JSONResponse({**identity, "receipt": outcome.receipt, "status": said.value}, status)
    assert isinstance(outcome.reason, Problem)
    content = {**identity, "status": outcome.fate.value, "detail": outcome.reason.say(words)}
    return JSONResponse(content, status, headers={"Retry-After": "5"} if status == 503 else None)


async def _body(request: Request) -> bytes | None:
    """The body, or None when it is larger than we read."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo and 1970 <= moment.year <= 9000 else None


def _words(request: Request) -> Words:
    wanted = request.headers.get("accept-language", "")[:2].lower()
    return load_words(wanted if wanted in LANGUAGES else "id")
