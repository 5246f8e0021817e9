"""Does a device get an answer it can rely on, whatever it sends and whatever has happened to the disk?"""

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from survey.api import Collector, make_api, make_api_alone
from survey.catalogue import StationKind
from survey.packed import Flag
from survey.principal import LOCAL_STAFF
from survey.response import MAX_BODY
from survey.store import Store
from survey.store.stations.registration import NewStation, make_station
from tests.builders import after_first_start, body, encoded, rows, set_survey, shipped, store_in

HEADERS = {"Content-Type": "application/json", "Device-Time": "2026-11-24T02:00:00Z"}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of an installation, named in the environment as an office would."""
    monkeypatch.setenv("SURVEY_DATA", str(tmp_path / "data"))
    return after_first_start(tmp_path / "data")


@pytest.fixture
def client(data: Path) -> Iterator[TestClient]:
    """A device in front of the API as ``uvicorn --factory survey.api:make_api_alone`` serves it."""
    with TestClient(make_api_alone()) as asking:
        yield asking


@pytest.fixture
def beside(data: Path, client: TestClient) -> Iterator[Store]:
    """The same database, opened beside the running API."""
    with store_in(data) as opened:
        yield opened


def post(client: TestClient, content: object, **headers: str) -> httpx.Response:
    sent = content if isinstance(content, bytes) else encoded(content)
    return client.post("/api/responses", content=sent, headers=HEADERS | headers)


# --- the answers of POST /api/responses


def test_a_new_response_is_answered_201_with_its_id_and_a_receipt(client: TestClient, beside: Store) -> None:
    sent = body(shipped(), time=4)
    answer = post(client, sent)
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    told = answer.json()
    assert told == {"id": sent["id"], "receipt": told["receipt"], "status": "stored"}
    assert len(told["receipt"]) == 8
    assert [str(uuid.UUID(row.id)) for row in rows(beside)] == [sent["id"]]


def test_the_same_response_again_is_answered_200_with_the_same_receipt(client: TestClient) -> None:
    sent = encoded(body(shipped(), time=4))
    first, again = post(client, sent), post(client, sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_a_response_to_a_closed_survey_is_answered_202_with_a_receipt(client: TestClient, beside: Store) -> None:
    set_survey(beside, status="closed")
    answer = post(client, body(shipped(), time=4))
    assert (answer.status_code, answer.json()["status"]) == (202, "kept")
    assert len(answer.json()["receipt"]) == 8


def test_a_questionnaire_nobody_knows_here_is_answered_202_with_a_receipt(client: TestClient) -> None:
    unknown = {"name": "skm-2030", "version": 1, "digest": "0" * 64}
    answer = post(client, body(shipped(), questionnaire=unknown))
    assert (answer.status_code, answer.json()["status"]) == (202, "kept")


def test_a_change_of_the_survey_holds_for_the_next_submission(client: TestClient, beside: Store) -> None:
    """Nothing about a survey is remembered from one submission to the next."""
    statuses = []
    for status in ("open", "closed", "open"):
        set_survey(beside, status=status)
        statuses.append(post(client, body(shipped(), time=4)).status_code)
    assert statuses == [201, 202, 201]


def test_other_content_under_the_same_id_is_answered_409_without_a_receipt(client: TestClient) -> None:
    sent = body(shipped(), time=4)
    post(client, sent)
    answer = post(client, sent | {"answers": {"P_time": 1}})
    told = answer.json()
    assert answer.status_code == 409
    assert (told["id"], told["status"], "receipt" in told) == (sent["id"], "conflict", False)


def test_a_body_larger_than_64_kb_is_answered_413(client: TestClient, beside: Store) -> None:
    answer = post(client, b" " * (MAX_BODY + 1))
    assert (answer.status_code, answer.json()) == (413, {"detail": "Kiriman lebih besar dari 65536 byte."})


def test_a_body_that_comes_in_pieces_is_measured_too(client: TestClient) -> None:
    """Sent without a length; a device in front of a real server is cut off there."""
    pieces = (b" " * 1000 for _ in range(100))
    assert client.post("/api/responses", content=pieces).status_code == 413


WORDS: list[tuple[str, Any, int, str, str]] = [
    ("no JSON", b"halo", 422, "bukan JSON yang sah", "not valid JSON"),
    ("no id", {}, 422, "tidak memiliki “id”", "has no “id”"),
    ("too large", b" " * (MAX_BODY + 1), 413, "lebih besar dari", "larger than"),
]


@pytest.mark.parametrize(("case", "sent", "status", "indonesian", "english"), WORDS, ids=[case for case, *_ in WORDS])
def test_a_refusal_speaks_the_language_that_was_asked_for(
    client: TestClient, case: str, sent: Any, status: int, indonesian: str, english: str
) -> None:
    for spoken, words in (
        ("id-ID,id;q=0.9", indonesian),
        ("en-GB,en;q=0.8", english),
        ("fr", indonesian),
        ("", indonesian),
    ):
        answer = post(client, sent, **{"Accept-Language": spoken})
        assert answer.status_code == status
        assert words in answer.json()["detail"]


def test_a_conflict_speaks_both_languages(client: TestClient) -> None:
    sent = body(shipped(), time=4)
    post(client, sent)
    for spoken, words in (("en", "Both are kept"), ("id", "Keduanya disimpan")):
        assert words in post(client, sent | {"comment": "!"}, **{"Accept-Language": spoken}).json()["detail"]


@pytest.mark.parametrize(
    "told", ["kemarin", "2026-11-24T02:00:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "٣"]
)
def test_a_device_time_that_cannot_be_read_is_a_device_time_that_was_not_told(
    client: TestClient, beside: Store, told: str
) -> None:
    sent = encoded(body(shipped(), time=4))
    answer = client.post("/api/responses", content=sent, headers=[(b"Device-Time", told.encode())])
    assert answer.status_code == 201
    assert rows(beside)[0].clock_offset is None


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/nothing", 404),
        ("GET", "/api/", 404),
        ("POST", "/api/responses/", 404),
        ("GET", "/api/docs", 404),
        ("GET", "/api/responses", 405),
        ("PUT", "/api/responses", 405),
        ("DELETE", "/api/responses", 405),
        ("POST", "/api/health", 405),
    ],
)
def test_an_unknown_address_or_method_is_answered_in_json_and_in_words(
    client: TestClient, method: str, path: str, status: int
) -> None:
    """A device must never take somebody's HTML for a receipt."""
    answer = client.request(method, path, headers={"Accept-Language": "en"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    assert answer.json()["detail"].endswith(".")
    if status == 405:
        assert answer.headers["allow"]


def test_the_service_says_that_it_is_up(client: TestClient) -> None:
    assert client.get("/api/health").json() == {"status": "ok"}


# --- what is documented


def test_the_openapi_description_documents_every_status_and_the_submission(client: TestClient) -> None:
    described = client.get("/api/openapi.json").json()
    operation = described["paths"]["/responses"]["post"]
    assert set(operation["responses"]) == {"200", "201", "202", "409", "413", "422", "503"}
    submission = described["components"]["schemas"]["Submission"]
    assert set(submission["properties"]) == set(body(shipped(), ticket=None))
    assert operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/Submission")
    assert "device-time" in [parameter["name"].lower() for parameter in operation["parameters"]]


def test_every_reference_in_the_openapi_description_leads_somewhere(client: TestClient) -> None:
    described = client.get("/api/openapi.json").json()

    def references(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            yield from [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            part = list(part.values())
        for inner in part if isinstance(part, list) else []:
            yield from references(inner)

    found = set(references(described))
    assert found
    for reference in found:
        place = described
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_a_body_as_documented_is_a_body_that_is_taken(client: TestClient) -> None:
    """The required fields of the description are those without which a submission does not fit."""
    described = client.get("/api/openapi.json").json()
    required = described["components"]["schemas"]["Submission"]["required"]
    sent = body(shipped(), time=4)
    assert post(client, {name: sent[name] for name in required}).status_code == 201


# --- when it cannot be written


def test_a_full_disk_is_answered_503_in_words_stores_nothing_and_heals_by_itself(data: Path) -> None:
    """The disk is full for one connection of a real database: it may not grow by a single page (max_page_count)."""
    with store_in(data) as store:
        engine = store.engine
        with engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()

        def limit(connection: Any, _record: object) -> None:
            connection.execute(f"PRAGMA max_page_count={pages}")

        async def story(ask: httpx.AsyncClient) -> None:
            waiting = encoded(body(shipped(), time=4, comment="p" * 50_000))
            engine.dispose()
            sa.event.listen(engine, "connect", limit)
            answer = await ask.post("/api/responses", content=waiting, headers={"Accept-Language": "en"})
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert answer.json()["detail"] == "Not saved yet. Keep the answers and send them again."
            assert "receipt" not in answer.json()
            assert rows(store) == [] and rows(store, "SELECT * FROM comment") == []
            engine.dispose()
            sa.event.remove(engine, "connect", limit)
            assert (await ask.post("/api/responses", content=waiting)).status_code == 201

        in_front_of(store, story)


def test_a_database_that_another_program_holds_is_answered_503_and_heals_by_itself(data: Path) -> None:
    with store_in(data) as store, store_in(data) as other:
        sa.event.listen(store.engine, "connect", lambda c, _: c.execute("PRAGMA busy_timeout=50"))
        store.engine.dispose()

        async def story(ask: httpx.AsyncClient) -> None:
            waiting = encoded(body(shipped(), time=4))
            with other.engine.begin():
                answer = await ask.post("/api/responses", content=waiting)
                assert answer.status_code == 503
            assert (await ask.post("/api/responses", content=waiting)).status_code == 201

        in_front_of(store, story)


def test_a_table_that_is_gone_is_answered_503(data: Path) -> None:
    with store_in(data) as store:
        with store.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE response RENAME TO gone")

        async def story(ask: httpx.AsyncClient) -> None:
            assert (await ask.post("/api/responses", content=encoded(body(shipped())))).status_code == 503

        in_front_of(store, story)


def test_before_the_store_is_open_a_submission_is_answered_503() -> None:
    def not_yet() -> Collector:
        raise LookupError

    with TestClient(make_api(not_yet)) as client:
        assert client.post("/responses", content=encoded(body(shipped()))).status_code == 503


# --- many at once


def in_front_of(store: Store, story: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
    """Tell a story of requests to an API on this store."""

    async def told() -> None:
        async with Collector(store) as collector:
            app = Starlette(routes=[Mount("/api", make_api(lambda: collector))])
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as client:
                await story(client)

    asyncio.run(told())


def test_two_hundred_submissions_at_once_get_two_hundred_receipts_and_are_two_hundred_rows(data: Path) -> None:
    with store_in(data) as store:
        commits: list[object] = []
        sa.event.listen(store.engine, "commit", commits.append)
        sent = [body(shipped(), time=1 + n % 4) for n in range(200)]

        async def story(ask: httpx.AsyncClient) -> None:
            answers = await asyncio.gather(*(ask.post("/api/responses", content=encoded(one)) for one in sent))
            assert [answer.status_code for answer in answers] == [201] * 200
            assert [answer.json()["id"] for answer in answers] == [one["id"] for one in sent]
            assert len({answer.json()["receipt"] for answer in answers}) == 200

        in_front_of(store, story)
        assert len(rows(store)) == 200
        assert len(commits) < 50, "those that wait together are committed together"


def test_a_submission_whose_device_hung_up_does_not_hold_up_the_others(data: Path) -> None:
    with store_in(data) as store:

        async def story(ask: httpx.AsyncClient) -> None:
            hung_up = asyncio.create_task(ask.post("/api/responses", content=encoded(body(shipped(), time=4))))
            await asyncio.sleep(0)
            hung_up.cancel()
            for _ in range(3):
                assert (await ask.post("/api/responses", content=encoded(body(shipped())))).status_code == 201

        in_front_of(store, story)


# --- what is written about it


def test_neither_answers_nor_addresses_stand_in_the_log(
    client: TestClient, beside: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Every kind of answer, one that cannot be written included; everything our code logs at the finest level."""
    secret = {"comment": "rahasia-pelapor", "service": "nib", "time": 4}
    with caplog.at_level(logging.DEBUG, logger="survey"):
        sent = body(shipped(), **secret)
        for content in (sent, sent, sent | {"comment": "rahasia-lain"}, b"rahasia", body(shipped(), **secret, speed=3)):
            post(client, content)
        with beside.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE response RENAME TO gone")
        failed = body(shipped(), **secret)
        assert post(client, failed).status_code == 503
    assert "could not be written" in caplog.text
    for told in ("rahasia", "nib", "P_time", sent["id"], failed["id"], "testclient", "127.0.0.1"):
        assert told not in "\n".join(
            record.getMessage() + str(record.exc_info) for record in caplog.records if record.name.startswith("survey")
        )


def test_the_api_alone_needs_nothing_but_the_data_folder(data: Path) -> None:
    with TestClient(make_api_alone()) as client:
        assert client.get("/api/health").status_code == 200
        assert json.loads(client.post("/api/responses", content=encoded(body(shipped()))).content)["status"] == "stored"


# --- what stations tell

BEAT = {"survey": "skm", "station": "loket-1", "epoch": str(uuid.UUID(int=7, version=4)), "sequence": 4, "waiting": 2}
BEAT |= {"aside": 1, "form": "0123456789"}


def test_a_heartbeat_is_kept_and_answered_with_the_clock_of_the_server(client: TestClient, beside: Store) -> None:
    answer = client.post("/api/stations/heartbeat", json=BEAT)
    told = answer.json()
    assert (answer.status_code, told["status"]) == (200, "heard")
    assert abs((datetime.now(UTC) - datetime.fromisoformat(told["now"])).total_seconds()) < 60
    assert rows(beside, "SELECT announced, waiting, aside, form FROM station_epoch") == [(4, 2, 1, "0123456789")]


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        (BEAT | {"station": "loket-99"}, 404, "Tidak ada survei atau stasiun seperti itu di sini."),
        (BEAT | {"sequence": -1}, 422, "Ini bukan kabar dari sebuah stasiun."),
        (BEAT | {"answers": {"P_time": 4}}, 422, "Ini bukan kabar dari sebuah stasiun."),
        (BEAT | {"epoch": "x"}, 422, "Ini bukan kabar dari sebuah stasiun."),
        ([], 422, "Ini bukan kabar dari sebuah stasiun."),
        ("x" * 70_000, 413, "Kiriman lebih besar dari 65536 byte."),
    ],
)
def test_what_is_no_heartbeat_is_refused_in_words(client: TestClient, body: object, status: int, detail: str) -> None:
    answer = client.post("/api/stations/heartbeat", json=body)
    assert (answer.status_code, answer.json()) == (status, {"detail": detail})


# --- many people behind one address, and stations that prove themselves


def test_own_phones_behind_one_address_are_never_throttled_as_one_person(client: TestClient, beside: Store) -> None:
    """A whole hall shares the office's Wi-Fi: three hundred answers from one address, each stored and receipted."""
    answers = [post(client, body(shipped(), time=1 + number % 4)) for number in range(300)]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["receipt"] for answer in answers}) == 300
    assert rows(beside, "SELECT count(*) FROM response") == [(300,)]


def registered(client: TestClient, store: Store, kind: str = "tablet") -> httpx.Response:
    code = make_station(store, LOCAL_STAFF, NewStation("tablet-9", "Tablet 9", StationKind(kind)))
    return client.post("/api/stations/register", json={"code": code.lower(), "survey": "skm"})


def test_a_device_registers_by_a_code_and_proves_itself_from_then_on(client: TestClient, beside: Store) -> None:
    answer = registered(client, beside)
    told = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (told["station"], told["address"]) == ("tablet-9", "/s/skm?station=tablet-9")
    sent = {"station": "tablet-9", "channel": "kiosk", "time": 4}
    assert post(client, body(shipped(), **sent), Token=told["token"]).status_code == 201
    assert post(client, body(shipped(), **sent)).status_code == 201
    foreign = int(Flag.UNKNOWN_STATION)
    assert rows(beside, f"SELECT flags & {foreign} FROM response ORDER BY number") == [(0,), (foreign,)]
    beat = BEAT | {"station": "tablet-9", "sequence": 0}
    assert client.post("/api/stations/heartbeat", json=beat).status_code == 200
    assert rows(beside, "SELECT proven_at FROM station_epoch") == [(None,)]
    client.post("/api/stations/heartbeat", json=beat, headers={"Token": told["token"]})
    assert rows(beside, "SELECT count(proven_at) FROM station_epoch") == [(1,)]


def test_a_keying_desk_goes_on_to_its_screen(client: TestClient, beside: Store) -> None:
    assert registered(client, beside, "desk").json()["address"] == "/paper?station=tablet-9"


@pytest.mark.parametrize(
    ("sent", "status", "detail"),
    [
        ({"code": "AAAA-BBBB-CCCC"}, 404, "Kode ini tidak berlaku."),
        ({"code": "", "language": "en"}, 404, "This code is not valid."),
        ({"code": "AAAA", "survey": None}, 404, "Kode ini tidak berlaku."),
        ({"code": 5}, 422, "Isinya tidak sesuai."),
        ({}, 422, "Isinya tidak sesuai."),
        ({"code": "x" * 61}, 422, "Isinya tidak sesuai."),
        ([], 422, "Isinya tidak sesuai."),
    ],
)
def test_what_is_no_code_is_refused_in_words(client: TestClient, sent: object, status: int, detail: str) -> None:
    answer = client.post("/api/stations/register", json=sent)
    assert (answer.status_code, answer.json()["detail"].partition(" Periksa")[0].partition(" Check")[0]) == (
        status,
        detail,
    )
