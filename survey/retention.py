"""How does the app keep the promise that comments are deleted, without anybody thinking of it?"""

import asyncio
import logging
from datetime import UTC, datetime

from survey.store import Store
from survey.store.answers.retention import delete_old_comments

log = logging.getLogger(__name__)
AFTER_START, EVERY = 30.0, 24 * 3600.0
"""Seconds until the first look after a start, and between two looks."""


async def forget_by_itself(store: Store, first: float = AFTER_START, every: float = EVERY) -> None:
    """Delete comments whose time has come, once after the start and then daily, until cancelled."""
    await asyncio.sleep(first)
    while True:
        try:
            await asyncio.to_thread(delete_old_comments, store, datetime.now(UTC))
        except Exception as error:  # a locked or full disk: tomorrow is soon enough, and submissions go first
            log.error("old comments could not be deleted: %s", type(error).__name__)
        await asyncio.sleep(every)
