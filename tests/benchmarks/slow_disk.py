"""What if the disk needs 8 ms to make a commit safe, as a cheap one does? The API alone, on such a disk.

Every commit sleeps before it is made, while it holds the database's only write lock and no other lock of ours: that is
where and how an fsync waits. Only the one fsync of a commit is played; those of a checkpoint (one in about 1000 pages)
are not.
"""

import time

import sqlalchemy as sa
from starlette.applications import Starlette

from survey import api

FSYNC_SECONDS = 0.008


def make_api() -> Starlette:
    """For ``uvicorn --factory``."""
    sa.event.listen(sa.Engine, "commit", lambda _: time.sleep(FSYNC_SECONDS))
    return api.make_api_alone()


def make_api_one_by_one() -> Starlette:
    """The same, where each response has a commit of its own: what it is worth to write together what waits."""
    api.MOST_AT_ONCE = 1
    return make_api()
