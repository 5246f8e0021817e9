"""Is the form found at its addresses, compressed, cached as long as it is true, and never a traceback?"""

import gzip
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.testclient import TestClient

from survey.form import files
from survey.form.routes import form_routes
from survey.store import Store
from survey.store.plans.surveys import AGENCY
from tests.builders import set_survey


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=form_routes(lambda: store)), follow_redirects=False) as opened:
        yield opened


def definition_in(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="definition">(.*?)</script>', page, re.DOTALL)
    assert found
    told: dict[str, object] = json.loads(found[1])
    return told


def test_the_light_page_carries_everything_and_asks_for_nothing_else(client: TestClient) -> None:
    page = client.get("/s/skm")
    assert page.status_code == 200
    assert definition_in(page.text)["profile_kind"] == "phone"
    assert not re.search(r'\b(src|href)="(?!data:)', page.text)
    assert "</style>" in page.text and "mountSurvey(document" in page.text
    assert '<html lang="id">' in page.text


def test_the_page_begins_in_one_language_and_names_the_definition_that_holds_them_all(
    client: TestClient, store: Store
) -> None:
    """The name is the tag of what stands at ``/definition`` beside the very same address."""
    for query in ("", "?station=loket-1", "?service=nib"):
        told = definition_in(client.get(f"/s/skm{query}").text)
        answer = client.get(f"/s/skm/definition{query}")
        assert answer.headers["ETag"] == f'"{told.pop("whole")}"'
        assert told["words"]["start"] == ["Mulai"]  # type: ignore[index]
        assert told["words"]["language"] == ["Indonesia", "English"]  # type: ignore[index]
        whole = answer.json()
        assert whole["words"]["start"] == ["Mulai", "Start"] and whole.keys() == told.keys()
    with store.engine.begin() as connection:
        connection.execute(sa.update(AGENCY).values(languages=["en"]))
    alone = definition_in(client.get("/s/skm").text)
    assert "whole" not in alone and alone == client.get("/s/skm/definition").json()


def test_a_station_in_the_address_makes_the_page_a_kiosk(client: TestClient) -> None:
    known = definition_in(client.get("/s/skm?station=loket-1").text)
    assert (known["profile_kind"], known["station"]) == (
        "kiosk",
        {"name": "loket-1", "label": "Loket 1", "kind": "kiosk"},
    )
    unknown = definition_in(client.get("/s/skm?station=loket-99").text)
    assert (unknown["profile_kind"], "station" in unknown, unknown["unknown_station"]) == ("kiosk", False, True)
    assert "unknown_station" not in definition_in(client.get("/s/skm?station=%3Cscript%3E").text)


def test_nothing_from_the_store_can_leave_its_place_in_the_page(client: TestClient, store: Store) -> None:
    title = "</script><script>alert(1)</script> & <b>"
    set_survey(store, title={"id": title, "en": title})
    page = client.get("/s/skm").text
    assert definition_in(page)["survey"]["title"] == [title]  # type: ignore[index]
    assert "<script>alert" not in page
    assert "&lt;/script&gt;" in page


def test_only_the_scripts_and_styles_that_we_wrote_into_a_page_may_run(client: TestClient) -> None:
    page = client.get("/s/skm?station=loket-1")
    policy = page.headers["Content-Security-Policy"]
    script = page.text.split('<script type="module">')[1].split("</script>")[0]
    style = page.text.split("<style>")[1].split("</style>")[0]
    for kind, text in (("script-src", script), ("style-src", style)):
        assert f"{kind} 'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in policy
    assert "unsafe" not in policy and policy.startswith("default-src 'none'")


def test_a_shared_device_may_fetch_our_own_files_and_a_phone_nothing(client: TestClient) -> None:
    """What comes later on a kiosk cannot be named by its digest: import() knows none."""
    policies = [client.get(f"/s/skm{query}").headers["Content-Security-Policy"] for query in ("", "?station=loket-1")]
    scripts = [re.search("script-src ([^;]+)", policy)[1].split() for policy in policies]  # type: ignore[index]
    assert [len(sources) for sources in scripts] == [1, 2]
    assert scripts[1][1] == "'self'"


def test_the_staffs_panel_has_its_words_and_a_pin_that_can_be_changed(client: TestClient, store: Store) -> None:
    """The PIN itself does not travel; devices check its hash. Another PIN in the file holds at once."""
    pin = store.data / "device-pin.txt"
    first = client.get("/form/operator").json()
    assert re.fullmatch(r"\d{6}\n", pin.read_text()) and pin.stat().st_mode & 0o777 == 0o600
    assert set(first["words"]) == {"id", "en"} and set(first["words"]["id"]) == set(first["words"]["en"])
    assert pin.read_text().strip() not in json.dumps(first)
    hashed = (first["pin"]["salt"] + pin.read_text().strip()).encode()
    for _ in range(first["pin"]["rounds"]):
        hashed = sha256(hashed).digest()
    assert hashed.hex() == first["pin"]["hash"]
    pin.write_text("4711\n")
    assert client.get("/form/operator").json()["pin"]["hash"] != first["pin"]["hash"]
    pin.write_text("open\n")
    assert client.get("/form/operator").json()["pin"] is None, "a PIN that is none lets nobody in"


def test_the_page_is_asked_for_anew_each_time_and_sent_only_when_it_changed(client: TestClient, store: Store) -> None:
    first = client.get("/s/skm")
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get("/s/skm", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    set_survey(store, status="closed")
    changed = client.get("/s/skm", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert "open" not in definition_in(changed.text)["survey"]  # type: ignore[operator]


def test_what_is_compressed_is_the_same(client: TestClient) -> None:
    with client.stream("GET", "/s/skm", headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
        assert answer.headers["Content-Encoding"] == "gzip"
        assert int(answer.headers["Content-Length"]) == len(packed)
    plain = client.get("/s/skm", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed) == plain.content


@pytest.mark.parametrize("path", ["/s/nobody", "/s/skm/more", "/s/skm.html"])
def test_an_address_without_a_survey_is_told_in_both_languages(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Survei ini tidak ditemukan" in answer.text
    assert "This survey was not found" in answer.text
    assert answer.headers["X-Survey-Form"], "the service worker shows it instead of a page it kept"


def test_without_an_address_the_first_open_survey_is_shown(client: TestClient, store: Store) -> None:
    answer = client.get("/s?station=loket-1")
    assert (answer.status_code, answer.headers["Location"]) == (307, "/s/skm?station=loket-1")
    set_survey(store, "skm", status="closed")
    set_survey(store, "contoh", status="closed")
    answer = client.get("/s")
    assert answer.status_code == 404
    assert "Belum ada survei" in answer.text


def test_the_definition_for_the_streamlit_door_is_that_of_a_kiosk(client: TestClient) -> None:
    definition = client.get("/s/-/definition?door=streamlit").json()
    assert (definition["survey"]["name"], definition["profile_kind"]) == ("skm", "kiosk")
    missing = client.get("/s/nobody/definition")
    assert (missing.status_code, missing.json()) == (404, {"detail": "unknown survey"})


def test_a_file_is_immutable_under_its_version_and_under_no_other(client: TestClient) -> None:
    for name in files.assets():
        answer = client.get(f"/form/{files.version()}/{name}")
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Type"].startswith(("text/javascript", "text/css"))
    for path in (
        "/form/0000000000/form.js",
        f"/form/{files.version()}/routes.py",
        f"/form/{files.version()}/..%2froutes.py",
        "/form/x",
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (404, "Not found\n")


def test_the_service_worker_stands_where_its_scope_is(client: TestClient) -> None:
    answer = client.get("/s/sw.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert 'addEventListener("fetch"' in answer.text


@pytest.mark.parametrize("path", ["/s", "/s/skm", "/s/sw.js", "/s/skm/definition", "/form/x/y", "/form/x/y/z"])
def test_these_addresses_are_only_read(client: TestClient, path: str) -> None:
    """Otherwise the request would fall through to Streamlit, which answers 200."""
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = client.request(method, path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD"), method


@pytest.mark.parametrize("inside", ["/s/", "/form/", "/s/skm/", "/form/operator/"])
@pytest.mark.parametrize(
    "way", ["..%2f..%2fdata%2freceipt.key", "%2e%2e/%2e%2e/app.py", "..%5c..%5capp.py", "%00", "/etc/passwd"]
)
def test_no_address_leads_to_a_file_that_is_not_the_forms(client: TestClient, inside: str, way: str) -> None:
    answer = client.get(inside + way)
    assert answer.status_code in (307, 400, 404), answer.text[:200]
    assert "import " not in answer.text and "root:" not in answer.text
