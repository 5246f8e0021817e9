"""What is asked on each page of login and password, and what happens with what is posted?"""

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.responses import RedirectResponse, Response

from survey.login.page import Entry, Page, answer
from survey.login.visit import LOGIN_COOKIE, Visit, own_path, set_cookie
from survey.principal import Role
from survey.problem import Problem
from survey.store.people import accounts, logins
from survey.store.people.passwords import SHORTEST
from survey.store.people.throttle import Throttled, count_failure
from survey.store.secrets import is_setup_code
from survey.words import FALLBACK

FIRST_SCREEN: Mapping[Role, str] = {
    Role.ADMINISTRATOR: "/home",
    Role.MANAGER: "/results",
    Role.RESEARCHER: "/releases",
    Role.OPERATOR: "/stations",
}
"""Where somebody comes to who wanted to go nowhere else."""


# --- /login


def show_login(visit: Visit) -> Response:
    """The form, or straight on for whoever is logged in already."""
    if visit.logged_in:
        return _onward(visit)
    if not accounts.is_set_up(visit.store):
        return _redirect("/set-up", visit)
    said = [visit.words("login.told.out")] if visit.given.get("told") == "out" else []
    return _said(visit, _login(visit, *said))


def log_in(visit: Visit) -> Response:
    """The login: a token that no one had before, whatever the browser came with."""
    if not visit.is_ours:
        return _old_form(visit, _login(visit))
    try:
        token = logins.log_in(visit.store, visit.tried, visit.given.get("password", ""), visit.now)
    except Throttled as waiting:
        return throttled(visit, waiting)
    if isinstance(token, logins.Wrong):
        return _said(visit, _login(visit), visit.words("login.wrong"), 401)
    return _with_login(visit, token)


def _login(visit: Visit, *told: str) -> Page:
    words, wanted = visit.words, own_path(visit.given.get("next", ""))
    return Page(
        "/login",
        words("login.title"),
        [
            Entry("name", words("login.name"), completes="username", value=visit.given.get("name", "")[:100]),
            Entry("password", words("login.password"), "password", "current-password"),
        ],
        words("login.enter"),
        carries={"csrf": visit.form_token, "next": wanted},
        told=told,
        query={"next": wanted} if wanted else {},
        links=[
            (_address("/reset", visit), words("login.to_reset")),
            (_address("/", visit), words("login.to_survey")),
        ],
    )


def throttled(visit: Visit, waiting: Throttled) -> Response:
    """Too many wrong tries: nothing was looked at."""
    pages = {"/password": _password, "/reset": _reset, "/set-up": _set_up}
    page = pages.get(visit.request.url.path, _login)(visit)
    return _said(visit, page, waiting.say(visit.words), 429)


# --- /logout


def show_logout(visit: Visit) -> Response:
    """A form that leaves, for whoever comes here by hand."""
    if not visit.logged_in:
        return _redirect("/login", visit)
    return _said(visit, _logout(visit))


def log_out(visit: Visit) -> Response:
    """The login ends, here and on the server."""
    if visit.logged_in and not visit.is_ours_logged_in:
        return _old_form(visit, _logout(visit))
    logins.log_out(visit.store, visit.token, visit.now)
    left = _redirect("/login", visit, told="out")
    left.delete_cookie(LOGIN_COOKIE, path="/", httponly=True, samesite="strict")
    return left


def _logout(visit: Visit) -> Page:
    words, who = visit.words, visit.logged_in
    return Page(
        "/logout",
        words("login.out_title"),
        button=words("login.out"),
        carries={"csrf": who.csrf if who else ""},
        told=[words("login.out_who", name=who.account.label)] if who else [],
        links=[(_address("/", visit), words("login.to_survey"))],
    )


# --- /set-up


def show_set_up(visit: Visit) -> Response:
    """The form that makes the first administrator; closed as soon as there is one."""
    if accounts.is_set_up(visit.store):
        return _redirect("/login", visit)
    return _said(visit, _set_up(visit))


def set_up(visit: Visit) -> Response:
    """The first administrator, who is logged in at once."""
    if not visit.is_ours:
        return _old_form(visit, _set_up(visit))
    if accounts.is_set_up(visit.store):
        return _redirect("/login", visit)
    given = visit.given
    if not visit.is_local and not is_setup_code(visit.store.data, given.get("code", "")):
        with visit.store.engine.begin() as connection:
            count_failure(visit.store, connection, visit.tried, visit.now)
        return _said(visit, _set_up(visit), visit.words("login.setup_wrong_code"), 401)

    def make(password: str) -> accounts.Account:
        return accounts.make_first_administrator(
            visit.store, given.get("name", ""), given.get("label", ""), password, visit.now, cost=visit.told.cost
        )

    return _with_password(visit, _set_up(visit), make, "login.wrong")


def _set_up(visit: Visit) -> Page:
    words, given = visit.words, visit.given
    asks = [] if visit.is_local else [Entry("code", words("login.setup_code"), hint=words("login.setup_code.where"))]
    asks += [
        Entry("label", words("login.label"), completes="name", value=given.get("label", "")[:100]),
        Entry(
            "name",
            words("login.name"),
            completes="username",
            hint=words("login.name.hint"),
            value=given.get("name", "")[:100],
        ),
        *_new_password(visit),
    ]
    carried = {"csrf": visit.form_token}
    return Page("/set-up", words("login.setup_title"), asks, words("login.setup"), carried, [words("login.setup_why")])


# --- /password


def show_password(visit: Visit) -> Response:
    """The form, for whoever is logged in."""
    if not visit.logged_in:
        return _redirect("/login", visit, next="/password")
    return _said(visit, _password(visit))


def change_password(visit: Visit) -> Response:
    """Another password: every login of the account ends, and this browser gets a new one."""
    if not visit.logged_in:
        return _redirect("/login", visit, next="/password")
    if not visit.is_ours_logged_in:
        return _old_form(visit, _password(visit))

    def change(password: str) -> accounts.Account | None:
        old = visit.given.get("old", "")
        return accounts.change_password(visit.store, visit.tried_here, old, password, visit.now, cost=visit.told.cost)

    return _with_password(visit, _password(visit), change, "login.wrong_old")


def _password(visit: Visit) -> Page:
    words, who = visit.words, visit.logged_in
    return Page(
        "/password",
        words("login.password_title"),
        [Entry("old", words("login.old"), "password", "current-password"), *_new_password(visit)],
        words("login.password_change"),
        {"csrf": who.csrf if who else ""},
        [words("login.password_why")],
        links=[(_address(FIRST_SCREEN[who.account.role], visit), words("login.back"))] if who else [],
    )


# --- /reset


def show_reset(visit: Visit) -> Response:
    """The form for a one-time code."""
    if not accounts.is_set_up(visit.store):
        return _redirect("/set-up", visit)
    return _said(visit, _reset(visit))


def reset_password(visit: Visit) -> Response:
    """The password that the account has from now on, for whoever has its one-time code."""
    if not visit.is_ours:
        return _old_form(visit, _reset(visit))

    def choose(password: str) -> accounts.Account | None:
        return accounts.choose_password_by_code(
            visit.store, visit.tried, visit.given.get("code", ""), password, visit.now, cost=visit.told.cost
        )

    return _with_password(visit, _reset(visit), choose, "login.wrong_code")


def _reset(visit: Visit) -> Page:
    words, given = visit.words, visit.given
    return Page(
        "/reset",
        words("login.reset_title"),
        [
            Entry("name", words("login.name"), completes="username", value=given.get("name", "")[:100]),
            Entry("code", words("login.code"), hint=words("login.code.hint"), value=given.get("code", "")[:40]),
            *_new_password(visit),
        ],
        words("login.reset"),
        {"csrf": visit.form_token},
        [words("login.reset_why")],
        links=[(_address("/login", visit), words("login.to_login"))],
    )


def _new_password(visit: Visit) -> list[Entry]:
    words = visit.words
    hint = words("login.new.hint", shortest=SHORTEST)
    return [
        Entry("password", words("login.new"), "password", "new-password", hint),
        Entry("again", words("login.again"), "password", "new-password"),
    ]


def _with_password(visit: Visit, page: Page, keep: Callable[[str], accounts.Account | None], wrong: str) -> Response:
    """Keep the new password and log in with it; or the page again, with what is wrong."""
    password = visit.given.get("password", "")
    if password != visit.given.get("again"):
        return _said(visit, page, visit.words("login.differ"), 400)
    try:
        account = keep(password)
    except Throttled as waiting:
        return throttled(visit, waiting)
    except Problem as problem:
        return _said(visit, page, problem.say(visit.words), 400)
    if account is None:
        return _said(visit, page, visit.words(wrong), 401)
    with visit.store.engine.begin() as connection:
        token = logins.begin_login(connection, account, visit.now)
    return _with_login(visit, token)


# --- what all of them do


def _said(visit: Visit, page: Page, alarm: str = "", status: int = 200) -> Response:
    label = accounts.agency_label(visit.store)
    agency = label.get(visit.words.language) or label.get(FALLBACK, "")
    shown = Page(**{**vars(page), "alarm": alarm}) if alarm else page
    return answer(shown, visit.words, agency, status)


def _old_form(visit: Visit, page: Page) -> Response:
    """The form was not made for this browser and login: nothing is done, and a fresh one is shown."""
    return _said(visit, page, visit.words("login.old_form"), 403)


def _with_login(visit: Visit, token: str) -> Response:
    """Onward with a new login; the one the browser came with is over."""
    with visit.store.engine.begin() as connection:
        if visit.token:
            logins.end_login(connection, visit.token)
    fresh = logins.who_is(visit.store, token, visit.now, used=False)
    assert fresh is not None
    left = _redirect(own_path(visit.given.get("next", "")) or FIRST_SCREEN[fresh.account.role], visit)
    set_cookie(visit.request, left, LOGIN_COOKIE, token)
    return left


def _onward(visit: Visit) -> Response:
    assert visit.logged_in is not None
    return _redirect(own_path(visit.given.get("next", "")) or FIRST_SCREEN[visit.logged_in.account.role], visit)


def _redirect(address: str, visit: Visit, **query: str) -> RedirectResponse:
    return RedirectResponse(_address(address, visit, **query), 303, {"Cache-Control": "no-store"})


def _address(address: str, visit: Visit, **query: str) -> str:
    """The address in the visitor's language, unless it names one already."""
    parts = urlsplit(address)
    asked = [*parse_qsl(parts.query, keep_blank_values=True), *query.items()]
    if visit.words.language != FALLBACK and not any(name == "lang" for name, _ in asked):
        asked.append(("lang", visit.words.language))
    return quote(parts.path) + ("?" + urlencode(asked) if asked else "")
