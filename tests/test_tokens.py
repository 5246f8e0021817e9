"""Does a token open what it is for, for whom it is for and as long as it is good, and nothing else?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from survey.api import Collector, make_api
from survey.principal import LOCAL_STAFF, Permission, Role
from survey.problem import Problem
from survey.store import Store
from survey.store.people.accounts import disable_account
from survey.store.people.audit import read_audit
from survey.store.people.tokens import OFFERED, NewToken, Scope, holder, list_tokens, make_token, revoke_token
from tests.builders import respond, rows
from tests.people import START, account, administrator, at, everything_kept, unit_number


def made(store: Store, name: str = "budi", now: datetime = START, days: int = 90) -> str:
    return make_token(store, LOCAL_STAFF, NewToken("wall display", Scope.STATIONS, name, days), now)


@pytest.fixture
def office(store: Store) -> Store:
    administrator(store)
    account(store, "budi", Role.OPERATOR)
    account(store, "umi", Role.RESEARCHER)
    return store


def test_a_token_is_kept_as_a_hash_and_told_once(office: Store) -> None:
    token = made(office)
    prefix, identity, secret = token.split("_", 2)
    assert (prefix, len(identity), len(secret)) == ("skp", 12, 43)
    kept = everything_kept(office)
    assert identity.encode() in kept and secret.encode() not in kept
    assert token not in repr(list_tokens(office, LOCAL_STAFF)) + repr(read_audit(office, LOCAL_STAFF))


def test_a_token_opens_its_scope_for_its_account_until_its_last_day(office: Store) -> None:
    token = made(office, days=30)
    found = holder(office, token, Scope.STATIONS, at(days=29))
    assert found is not None and found.permissions == {Permission.RUN_STATIONS} and found.name.startswith("budi (")
    assert holder(office, token, Scope.RELEASES, START) is None
    assert holder(office, token, Scope.STATIONS, at(days=30)) is None


def test_a_token_never_opens_more_than_its_account_may(office: Store) -> None:
    with pytest.raises(Problem, match="may not do this"):
        made(office, "umi")
    account(office, "citra", Role.OPERATOR, "perizinan")
    found = holder(office, made(office, "citra"), Scope.STATIONS, START)
    assert found is not None and found.units == {unit_number(office, "perizinan")}


@pytest.mark.parametrize("spoil", ["", "x", "{token}x", "{start}", "skp_{other}_{secret}", "{token}\n", "SKP_{rest}"])
def test_what_is_not_exactly_a_token_opens_nothing(office: Store, spoil: str) -> None:
    token = made(office)
    _, identity, secret = token.split("_", 2)
    parts = {"token": token, "start": token[:-1], "other": identity[::-1], "secret": secret, "rest": token[4:]}
    assert holder(office, spoil.format(**parts), Scope.STATIONS, START) is None


def test_a_revoked_token_and_one_of_a_closed_account_open_nothing(office: Store) -> None:
    first, second = made(office), made(office)
    revoke_token(office, LOCAL_STAFF, first.split("_")[1], START)
    assert holder(office, first, Scope.STATIONS, START) is None
    assert holder(office, second, Scope.STATIONS, START)
    disable_account(office, LOCAL_STAFF, "budi", True, START)
    assert holder(office, second, Scope.STATIONS, START) is None
    assert [entry.did for entry in read_audit(office, LOCAL_STAFF)].count("token_revoked") == 1


def test_last_use_is_written_once_a_minute_at_most(office: Store) -> None:
    token = made(office)
    used = []
    for seconds in (0, 59, 60):
        holder(office, token, Scope.STATIONS, at(seconds=seconds))
        used.append(list_tokens(office, LOCAL_STAFF)[0].used_at)
    assert used == [at(seconds=0), at(seconds=0), at(seconds=60)]


@pytest.mark.parametrize(("label", "days"), [("", 90), ("x" * 81, 90), ("a", 0), ("a", 367), ("a\x00", 90)])
def test_a_token_says_what_it_is_for_and_ends_within_a_year(office: Store, label: str, days: int) -> None:
    with pytest.raises(Problem):
        make_token(office, LOCAL_STAFF, NewToken(label, Scope.STATIONS, "budi", days), START)
    assert rows(office, "SELECT * FROM token") == []


# --- over the wire


@pytest.fixture
def api(office: Store) -> Iterator[TestClient]:
    collector = Collector(office)
    with TestClient(make_api(lambda: collector)) as client:
        yield client


def test_the_stations_are_told_to_whoever_shows_a_token_for_them(office: Store, api: TestClient) -> None:
    respond(office, station="loket-1", channel="kiosk", epoch="6f7d6b80-1111-4222-8333-444455556666", sequence=2)
    account(office, "citra", Role.OPERATOR, "perizinan")
    now = datetime.now(UTC)
    whole = api.get("/stations", headers={"Authorization": f"Bearer {made(office, now=now)}"})
    part = api.get("/stations", headers={"Authorization": f"bearer {made(office, 'citra', now)}"})
    assert {one["station"]: one["missing"] for one in whole.json()} == {"loket-1": 1, "loket-2": 0, "tablet-1": 0}
    assert [one["station"] for one in part.json()] == ["loket-1"]


@pytest.mark.parametrize("scope", Scope)
def test_no_token_is_made_that_opens_no_address_of_the_api(office: Store, api: TestClient, scope: Scope) -> None:
    """Every address with a method GET is tried; without a token none but the API's health and description answers."""
    account(office, "wati", Role.ADMINISTRATOR)
    addresses = [route.path for route in api.app.routes if "GET" in route.methods]  # type: ignore[attr-defined]
    open_to_all = {address for address in addresses if api.get(address).status_code == 200}
    assert open_to_all == {"/health", "/openapi.json"}
    try:
        token = make_token(office, LOCAL_STAFF, NewToken("program", scope, "wati"), datetime.now(UTC))
    except Problem as problem:
        assert scope not in OFFERED and problem.key == "token.not_yet"
        return
    asked = {"Authorization": f"Bearer {token}"}
    assert [a for a in addresses if a not in open_to_all and api.get(a, headers=asked).status_code == 200]


def test_every_other_token_gets_the_same_401(office: Store, api: TestClient) -> None:
    now = datetime.now(UTC)
    old = made(office, now=now - timedelta(days=91))
    revoked = made(office, now=now)
    revoke_token(office, LOCAL_STAFF, revoked.split("_")[1], now)
    good = made(office, now=now)
    headers = [
        "",
        f"Bearer {old}",
        f"Bearer {revoked}",
        f"Basic {good}",
        good,
        f"Bearer {good[:-1]}",
        "Bearer skp_\xff",
    ]
    answers = {
        (answer.status_code, answer.headers["www-authenticate"], answer.text)
        for header in headers
        for answer in [api.get("/stations", headers={"Authorization": header.encode("latin-1")})]
    }
    assert len(answers) == 1 and answers.pop()[:2] == (401, "Bearer")
