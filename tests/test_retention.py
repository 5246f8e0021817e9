"""A comment is deleted after the months the citizen was told; the answers stay and can still be verified."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from survey.principal import LOCAL_STAFF
from survey.retention import forget_by_itself
from survey.store import Store
from survey.store.answers.responses import rebuild
from survey.store.answers.retention import delete_old_comments, forgotten_comments, kept_comments, months_before
from survey.store.plans.surveys import find_survey
from tests.builders import respond, rows

RECEIVED = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def comments(store: Store) -> list[str]:
    return [row.text for row in rows(store, "SELECT text FROM comment")]


def test_a_comment_is_kept_for_twelve_months_to_the_second(store: Store) -> None:
    respond(store, comment="antre lama", at=RECEIVED)
    assert delete_old_comments(store, datetime(2027, 11, 24, 3, 0, tzinfo=UTC)) == 0
    assert comments(store) == ["antre lama"]


def test_a_comment_older_than_that_is_deleted(store: Store) -> None:
    respond(store, comment="antre lama", at=RECEIVED)
    assert delete_old_comments(store, datetime(2027, 11, 24, 3, 0, 1, tzinfo=UTC)) == 1
    assert comments(store) == []


def test_the_response_of_a_deleted_comment_can_still_be_verified(store: Store) -> None:
    respond(store, comment="antre lama", at=RECEIVED)
    delete_old_comments(store, datetime(2028, 1, 1, tzinfo=UTC))
    survey = find_survey(store, "skm")
    assert survey is not None
    (rebuilt,) = rebuild(store, LOCAL_STAFF, survey)
    assert rebuilt.response.digest == rebuilt.digest


@pytest.mark.parametrize(
    ("moment", "months", "before"),
    [
        (datetime(2026, 3, 31, tzinfo=UTC), 1, datetime(2026, 2, 28, tzinfo=UTC)),
        (datetime(2028, 2, 29, tzinfo=UTC), 12, datetime(2027, 2, 28, tzinfo=UTC)),
        (datetime(2026, 1, 15, tzinfo=UTC), 13, datetime(2024, 12, 15, tzinfo=UTC)),
    ],
)
def test_months_are_counted_on_the_calendar(moment: datetime, months: int, before: datetime) -> None:
    assert months_before(moment, months) == before


def test_the_app_deletes_by_itself_while_it_runs(store: Store) -> None:
    respond(store, comment="lama sekali", at=datetime(2025, 1, 1, tzinfo=UTC))

    async def a_moment() -> None:
        task = asyncio.create_task(forget_by_itself(store, first=0, every=60))
        for _ in range(100):
            await asyncio.sleep(0.02)
            if not comments(store):
                break
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(a_moment())
    assert comments(store) == []


def test_what_went_when_is_in_the_log_and_the_next_day_is_known(store: Store) -> None:
    respond(store, comment="antre lama", at=RECEIVED)
    respond(store, comment="cepat", at=datetime(2027, 3, 1, 3, 0, tzinfo=UTC))
    delete_old_comments(store, datetime(2027, 12, 1, tzinfo=UTC))
    delete_old_comments(store, datetime(2027, 12, 2, tzinfo=UTC))
    (log,) = forgotten_comments(store, LOCAL_STAFF)
    assert (log.survey, log.comments, log.at) == ("skm", 1, datetime(2027, 12, 1, tzinfo=UTC))
    kept = {one.survey: one for one in kept_comments(store, LOCAL_STAFF)}
    assert (kept["skm"].comments, kept["skm"].months) == (1, 12)
    assert kept["skm"].next_at == datetime(2028, 3, 1, 3, 0, tzinfo=UTC) and kept["contoh"].next_at is None
