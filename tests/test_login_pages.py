"""Do the pages of login, logout, set-up and password let in whom they should, and nobody by a trick?"""

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from survey.login.routes import login_routes
from survey.login.visit import FORM_COOKIE, LOGIN_COOKIE, own_path
from survey.principal import LOCAL_STAFF, Role
from survey.store import Store
from survey.store.people.accounts import Wanted, is_set_up, make_account
from survey.store.people.audit import read_audit
from survey.store.people.logins import who_is
from survey.store.secrets import setup_code
from tests.builders import rows
from tests.people import START, account, administrator, at, found, token
from tests.running import CHEAP, PASSWORD

HERE, ELSEWHERE = ("127.0.0.1", 50_000), ("192.168.1.20", 50_000)
NEW = "delapan perahu menuju Rote"
OF_SET_UP = {"name": "ina", "label": "Ina Lestari", "password": PASSWORD, "again": PASSWORD}


class Visitor:
    """A browser at the door, with its cookies, at a time that the test sets."""

    def __init__(self, store: Store, client: tuple[str, int] = ELSEWHERE, scheme: str = "http") -> None:
        self.now: datetime = START
        app = Starlette(routes=login_routes(lambda: store, lambda: self.now, CHEAP))
        self.http = TestClient(app, f"{scheme}://localhost", client=client, follow_redirects=False)

    def csrf(self, path: str) -> str:
        """What stands unseen in the form at that address."""
        form = re.search(r'name="csrf" value="([^"]+)"', self.http.get(path).text)
        return form[1] if form else ""

    def post(self, path: str, *, csrf: str | None = None, **fields: str):  # type: ignore[no-untyped-def]
        given = {"csrf": self.csrf(path) if csrf is None else csrf, **fields}
        return self.http.post(path, data=given)

    def log_in(self, name: str = "ina", password: str = PASSWORD, **more: str):  # type: ignore[no-untyped-def]
        return self.post("/login", name=name, password=password, **more)

    @property
    def token(self) -> str:
        return self.http.cookies.get(LOGIN_COOKIE, "")


@pytest.fixture
def office(store: Store) -> Iterator[Store]:
    administrator(store)
    yield store


# --- the first administrator


def test_set_up_asks_for_the_code_from_elsewhere_and_for_nothing_on_the_machine_itself(store: Store) -> None:
    code = setup_code(store.data)
    here, elsewhere = Visitor(store, HERE), Visitor(store)
    assert 'name="code"' in elsewhere.http.get("/set-up").text
    assert 'name="code"' not in here.http.get("/set-up").text
    for wrong in ("", "AAAA-AAAA-AAAA"):
        assert elsewhere.post("/set-up", **OF_SET_UP, code=wrong).status_code == 401
    assert not is_set_up(store)
    done = elsewhere.post("/set-up", **OF_SET_UP, code=code.lower())
    assert (done.status_code, done.headers["location"]) == (303, "/home")
    assert who_is(store, elsewhere.token, START)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "192.168.1.20"},
        {"Forwarded": "for=192.168.1.20"},
        {"X-Real-IP": "192.168.1.20"},
        {"Via": "1.1 proxy"},
        {"Host": "survey.example"},
        {"Host": "evil.example:8501"},
    ],
)
def test_who_comes_through_a_proxy_or_under_another_name_is_not_on_the_machine(
    store: Store, headers: dict[str, str]
) -> None:
    """A proxy on the same machine connects by loopback; a page elsewhere can point its own name to loopback."""
    setup_code(store.data)
    here = Visitor(store, HERE)
    assert 'name="code"' in here.http.get("/set-up", headers=headers).text
    csrf = here.csrf("/set-up")
    refused = here.http.post("/set-up", data={**OF_SET_UP, "csrf": csrf}, headers=headers)
    assert refused.status_code == 401 and not is_set_up(store)


def test_set_up_is_closed_once_there_is_an_administrator(store: Store) -> None:
    here = Visitor(store, HERE)
    csrf = here.csrf("/set-up")
    administrator(store)
    assert here.http.get("/set-up").headers["location"] == "/login"
    answer = here.post("/set-up", csrf=csrf, name="other", label="Other", password=NEW, again=NEW)
    assert answer.headers["location"] == "/login" and len(rows(store, "SELECT * FROM account")) == 1


def test_every_door_leads_to_set_up_until_there_is_an_administrator(store: Store) -> None:
    visitor = Visitor(store)
    assert [visitor.http.get(path).headers["location"] for path in ("/login", "/reset")] == ["/set-up"] * 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"again": "x"}, "tidak sama"),
        ({"password": "short", "again": "short"}, "terlalu pendek"),
        ({"name": "?"}, "nama akun"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(store: Store, change: dict[str, str], said: str) -> None:
    answer = Visitor(store, HERE).post("/set-up", **OF_SET_UP | change)
    assert answer.status_code == 400 and said in answer.text
    assert 'value="Ina Lestari"' in answer.text and PASSWORD not in answer.text


# --- in and out


def test_a_login_sets_a_cookie_that_no_script_reads_and_no_other_site_uses(office: Store) -> None:
    answer = Visitor(office).log_in()
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith(LOGIN_COOKIE))
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie
    assert "Secure" not in cookie and "Max-Age" not in cookie and "Domain" not in cookie


def test_over_https_every_cookie_is_secure(office: Store) -> None:
    visitor = Visitor(office, scheme="https")
    cookies = [visitor.http.get("/login").headers["set-cookie"], *visitor.log_in().headers.get_list("set-cookie")]
    assert len(cookies) == 2 and all("; Secure" in cookie for cookie in cookies)


def test_a_token_that_a_browser_was_given_by_somebody_else_is_not_taken_over(office: Store) -> None:
    """Session fixation: whoever plants a cookie knows nothing after the login."""
    planted = token(office)
    visitor = Visitor(office)
    csrf = visitor.csrf("/login")
    visitor.http.cookies.set(LOGIN_COOKIE, planted)
    answer = visitor.post("/login", csrf=csrf, name="ina", password=PASSWORD)
    fresh = re.search(rf"{LOGIN_COOKIE}=([^;]+)", answer.headers["set-cookie"])
    assert fresh and fresh[1] != planted
    assert who_is(office, planted, START) is None and who_is(office, fresh[1], START)


def test_wrong_names_and_wrong_passwords_get_the_same_answer(office: Store) -> None:
    answers = []
    for name in ("ina", "nobody"):
        answer = Visitor(office).log_in(name, "wrong")
        answers.append((answer.status_code, answer.text.replace(f'value="{name}"', "")))
        assert "tidak cocok" in answer.text
    known, unknown = (re.sub(r'name="csrf" value="[^"]+"', "", text) for _, text in answers)
    assert known == unknown and {status for status, _ in answers} == {401}


def test_too_many_tries_are_told_with_the_time_to_wait(office: Store) -> None:
    visitor = Visitor(office)
    for _ in range(5):
        assert visitor.log_in(password="wrong").status_code == 401
    answer = visitor.log_in()
    assert answer.status_code == 429 and "setelah 1 menit" in answer.text and not visitor.token
    visitor.now = at(minutes=1)
    assert visitor.log_in().status_code == 303


def test_a_logout_ends_the_login_on_the_server_and_in_the_browser(office: Store) -> None:
    visitor = Visitor(office)
    visitor.log_in()
    kept = visitor.token
    answer = visitor.post("/logout")
    assert answer.headers["location"] == "/login?told=out" and not visitor.token
    assert who_is(office, kept, START) is None
    assert "Anda sudah keluar" in visitor.http.get("/login?told=out").text


def test_whoever_is_logged_in_is_not_asked_again(office: Store) -> None:
    visitor = Visitor(office)
    visitor.log_in()
    assert visitor.http.get("/login?next=/data%3Fsurvey%3Dskm").headers["location"] == "/data?survey=skm"


@pytest.mark.parametrize(
    ("role", "first"), [(Role.MANAGER, "/results"), (Role.OPERATOR, "/stations"), (Role.RESEARCHER, "/releases")]
)
def test_everybody_comes_to_the_first_screen_of_the_role(office: Store, role: Role, first: str) -> None:
    account(office, "budi", role)
    assert Visitor(office).log_in("budi").headers["location"] == first


# --- forms that are not ours


@pytest.mark.parametrize("csrf", ["", "x", "0" * 64])
def test_a_login_without_our_own_form_is_refused(office: Store, csrf: str) -> None:
    visitor = Visitor(office)
    visitor.http.get("/login")
    answer = visitor.log_in(csrf=csrf)
    assert answer.status_code == 403 and not visitor.token


def test_a_form_made_for_another_browser_is_refused(office: Store) -> None:
    theirs, visitor = Visitor(office).csrf("/login"), Visitor(office)
    assert visitor.http.get("/login") and visitor.log_in(csrf=theirs).status_code == 403
    visitor.http.cookies.delete(FORM_COOKIE)
    assert visitor.log_in(csrf=theirs).status_code == 403, "and without its cookie"


def test_a_logout_and_a_password_need_the_form_of_this_very_login(office: Store) -> None:
    account(office, "budi", Role.OPERATOR)
    visitor, other = Visitor(office), Visitor(office)
    visitor.log_in()
    other.log_in("budi")
    theirs, before_login = other.csrf("/logout"), Visitor(office).csrf("/login")
    for csrf in ("", theirs, before_login):
        assert visitor.post("/logout", csrf=csrf).status_code == 403
        assert visitor.post("/password", csrf=csrf, old=PASSWORD, password=NEW, again=NEW).status_code == 403
    assert who_is(office, visitor.token, START)


# --- where one is led


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
        "evil.example", "/\t/evil.example", "/\n/evil.example", "///evil.example", "/results\r\nSet-Cookie: a=b",
        "/login", "/logout", "/set-up", "", "http:/evil", "/" + "x" * 600, "/\u202e",
    ],
)  # fmt: skip
def test_nobody_is_led_to_another_place_than_ours(office: Store, elsewhere: str) -> None:
    assert own_path(elsewhere) == ""
    assert Visitor(office).log_in(next=elsewhere).headers["location"] == "/home"


def test_one_comes_to_where_one_wanted_to_go_in_ones_language(office: Store) -> None:
    wanted = "/results?survey=skm&view=gaps"
    assert own_path(wanted) == wanted
    answer = Visitor(office).log_in(next=wanted, lang="en")
    assert answer.headers["location"] == "/results?survey=skm&view=gaps&lang=en"


# --- passwords


def test_another_password_keeps_this_browser_in_and_ends_every_other_login(office: Store) -> None:
    visitor, other = Visitor(office), Visitor(office)
    visitor.log_in()
    other.log_in()
    before = visitor.token
    assert visitor.post("/password", old="wrong", password=NEW, again=NEW).status_code == 401
    assert visitor.post("/password", old=PASSWORD, password=NEW, again=NEW).status_code == 303
    assert visitor.token != before and who_is(office, visitor.token, START)
    assert who_is(office, before, START) is None and who_is(office, other.token, START) is None


def test_guessing_the_present_password_is_held_up_whatever_name_the_form_carries(office: Store) -> None:
    account(office, "budi", Role.OPERATOR)
    visitor = Visitor(office)
    visitor.log_in("budi")
    for number in range(5):
        answer = visitor.post("/password", old="wrong", password=NEW, again=NEW, name=f"other-{number}")
        assert answer.status_code == 401
    assert visitor.post("/password", old=PASSWORD, password=NEW, again=NEW, name="x").status_code == 429
    assert visitor.post("/password", old=PASSWORD, password=NEW, again=NEW, name="ina").status_code == 429


def test_a_one_time_code_opens_a_password_and_logs_in(office: Store) -> None:
    code = make_account(office, LOCAL_STAFF, "budi", Wanted("Budi", Role.OPERATOR), START)
    visitor = Visitor(office)
    assert visitor.post("/reset", name="budi", code="AAAA-AAAA-AAAA", password=NEW, again=NEW).status_code == 401
    assert visitor.post("/reset", name="Budi ", code=code, password=NEW, again=NEW).headers["location"] == "/stations"
    assert who_is(office, visitor.token, START) and found(office, "budi").has_password


def test_who_is_not_logged_in_has_no_page_for_another_password(office: Store) -> None:
    visitor = Visitor(office)
    assert visitor.http.get("/password").headers["location"] == "/login?next=%2Fpassword"
    assert visitor.post("/password", csrf="", old=PASSWORD, password=NEW, again=NEW).status_code == 303
    assert Visitor(office).log_in().status_code == 303, "the password is what it was"


# --- the pages themselves


@pytest.mark.parametrize("path", ["/login", "/logout", "/set-up", "/password", "/reset"])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_refused_here_and_do_not_fall_through(office: Store, path: str, method: str) -> None:
    assert Visitor(office).http.request(method, path).status_code == 405


def test_a_page_runs_no_script_is_kept_nowhere_and_stands_in_no_frame(office: Store) -> None:
    page = Visitor(office).http.get("/login")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
    assert "script" not in policy and "<script" not in page.text and not re.search(r"\son\w+=", page.text)
    assert page.headers["cache-control"] == "no-store"


def test_whatever_is_typed_comes_back_as_text(office: Store) -> None:
    planted = '"><script>alert(1)</script>'
    answer = Visitor(office).log_in(planted, "wrong", next=f"/results?{planted}")
    assert "<script" not in answer.text and "&quot;&gt;&lt;script" in answer.text
    assert "<script" not in Visitor(office).http.get("/login", params={"next": f"/{planted}"}).text


def test_a_form_larger_than_any_of_ours_is_refused(office: Store) -> None:
    visitor = Visitor(office)
    assert visitor.http.post("/login", content=b"name=" + b"x" * 20_000).status_code == 413
    assert visitor.http.post("/login", content="&".join(f"a{n}=1" for n in range(100))).status_code == 413
    assert visitor.http.post("/login", content=b"\xff\xfe%ff=\x00").status_code == 403


def test_both_languages_are_there_and_a_switch_keeps_the_way(office: Store) -> None:
    page = Visitor(office).http.get("/login?lang=en&next=/data")
    assert '<html lang="en">' in page.text and "Log in for the staff" in page.text
    assert 'href="/login?next=%2Fdata&amp;lang=id"' in page.text
    assert 'lang="id"' in Visitor(office).http.get("/login?lang=xx").text


def test_nothing_of_it_is_noted_but_that_it_happened(office: Store) -> None:
    visitor = Visitor(office)
    visitor.log_in(password="wrong")
    visitor.log_in()
    said = repr(read_audit(office, LOCAL_STAFF))
    assert "192.168.1.20" not in said and visitor.token not in said and PASSWORD not in said and "wrong" not in said
