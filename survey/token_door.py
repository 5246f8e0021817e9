"""How does a program show its token, and who is it then? A dependency for the endpoints of the API."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Header
from starlette.exceptions import HTTPException

from survey.principal import Principal
from survey.store import Store
from survey.store.people.tokens import Scope, holder


def token_with(scope: Scope, open_store: Callable[[], Store]) -> Callable[..., Principal]:
    """A dependency that gives the principal behind a token of this scope.

    Whatever is wrong with a token (none, unknown, of another scope, too old, revoked), the answer is the same 401.
    """

    def principal(
        authorization: Annotated[str, Header(description="Bearer and the token: Bearer skp_...")] = "",
    ) -> Principal:
        kind, _, given = authorization.partition(" ")
        found = holder(open_store(), given.strip(), scope, datetime.now(UTC)) if kind.lower() == "bearer" else None
        if found is None:
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
        return found

    return principal
