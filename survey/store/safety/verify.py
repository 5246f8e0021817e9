"""Is everything that was ever stored still there, unchanged, and safe elsewhere? The slow, thorough look."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from survey.principal import Permission, Principal
from survey.store.answers.responses import RESPONSE, SET_ASIDE, rebuild
from survey.store.people.audit import broken_at
from survey.store.plans.surveys import list_surveys

if TYPE_CHECKING:
    from survey.store import Store


@dataclass
class Verified:
    """What was looked at and what was wrong with it.

    ``pages``: what the database says of its own pages and keys; ``changed``: the numbers of responses whose digest does
    not fit their content any more; ``aside_changed``: how many set-aside bodies do not fit theirs;
    ``audit_broken``: the number of the first entry of the audit that does not follow from the one before it.
    """

    responses: int = 0
    set_aside: int = 0
    pages: list[str] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    aside_changed: int = 0
    audit_broken: int | None = None

    @property
    def wrong(self) -> bool:
        """Whether anything is not as it was stored."""
        return bool(self.pages or self.changed or self.aside_changed or self.audit_broken is not None)


def verify_database(store: Store, principal: Principal) -> Verified:
    """Check the database's pages and keys, and recompute the digest of every response and of what was set aside."""
    principal.require(Permission.BACK_UP)
    found = Verified()
    try:
        if store.engine.dialect.name == "sqlite":
            with store.reading.connect() as connection:
                said = connection.exec_driver_sql("PRAGMA integrity_check(5)").scalars().all()
                found.pages += [line for line in said if line != "ok"]
                astray = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                found.pages += [f"{row[0]} {row[1]} -> {row[2]}" for row in astray[:5]]
        for survey in list_surveys(store, principal):
            for one in rebuild(store, principal, survey):
                found.responses += 1
                if not one.untouched:
                    found.changed.append(one.number)
        with store.reading.connect() as connection:
            for body, digest in connection.execute(sa.select(SET_ASIDE.c.body, SET_ASIDE.c.body_digest)):
                found.set_aside += 1
                found.aside_changed += hashlib.sha256(bytes(body)).digest() != bytes(digest)
            found.audit_broken = broken_at(connection)
            counted = connection.scalar(sa.select(sa.func.count()).select_from(RESPONSE))
        if counted != found.responses:
            found.pages.append(f"response: {counted} <> {found.responses}")
    except (sa.exc.DBAPIError, ValueError, LookupError) as error:
        found.pages.append(str(error.orig) if isinstance(error, sa.exc.DBAPIError) else type(error).__name__)
    return found
