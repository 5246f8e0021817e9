"""At which addresses do the staff come in, go out and choose a password?

=============  ========================================================================================================
``/login``     name and password; ``next`` says where one wanted to go
``/logout``    the way out
``/set-up``    the first administrator, while there is none: on this machine itself, or with the code of the first start
``/password``  another password, for whoever is logged in
``/reset``     a password by a one-time code: the first one of an account, or after it was forgotten
=============  ========================================================================================================

Whatever costs time runs in two threads of its own, so that a crowd at this door keeps no citizen waiting.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from survey.login import pages
from survey.login.visit import Told, TooLarge, Visit, posted, visit_of
from survey.store import Store
from survey.store.people.passwords import AT_ONCE, RECOMMENDED, Cost
from survey.store.people.throttle import Throttled, require_free

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
Doing = Callable[[Visit], Response]


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def login_routes(
    open_store: Callable[[], Store], clock: Callable[[], datetime] = utc_now, cost: Cost = RECOMMENDED
) -> list[Route]:
    """The routes. ``open_store`` gives the open store; it is asked at every request, never on import.

    ``cost``: what the hash of a new password costs.
    """
    slowly = ThreadPoolExecutor(AT_ONCE, "password")

    def endpoint(show: Doing, do: Doing, guesses: bool = True) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if request.method not in ("GET", "HEAD", "POST"):
                return Response(status_code=405, headers={"Allow": "GET, HEAD, POST"})
            store, posting = open_store(), request.method == "POST"
            try:
                given = await posted(request) if posting else dict(request.query_params)
            except (TooLarge, ValueError):
                return Response("Too large\n", 413, media_type="text/plain")
            visit = await run_in_threadpool(visit_of, request, store, Told(clock(), given, cost))
            if not posting:
                return visit.remember(await run_in_threadpool(show, visit))
            throttled = await run_in_threadpool(_throttled, visit) if guesses else None
            if throttled:  # before it would wait for its turn to be computed
                return visit.remember(await run_in_threadpool(pages.throttled, visit, throttled))
            work = asyncio.get_running_loop().run_in_executor(slowly, partial(do, visit))
            return visit.remember(await work)

        return answer

    doors = {
        "/login": endpoint(pages.show_login, pages.log_in),
        "/logout": endpoint(pages.show_logout, pages.log_out, guesses=False),
        "/set-up": endpoint(pages.show_set_up, pages.set_up),
        "/password": endpoint(pages.show_password, pages.change_password),
        "/reset": endpoint(pages.show_reset, pages.reset_password),
    }
    below = [Route(f"{path}/{{rest:path}}", RedirectResponse(path)) for path in doors]
    return [*(Route(path, answer, methods=_METHODS) for path, answer in doors.items()), *below]


def _throttled(visit: Visit) -> Throttled | None:
    try:
        require_free(visit.store, visit.tried, visit.now)
    except Throttled as waiting:
        return waiting
    return None
