"""How does the app make its backups by itself, without being any slower for it?

By the command ``python -m survey backup`` in a process of its own, at low priority where the system has that. It reads
the settings anew each time, so that a second place chosen meanwhile takes the next backup.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable

from survey.settings import ROOT, Settings
from survey.store.safety.backup import seconds_until_due

AFTER_START, AGAIN, EVERY = 60.0, 600.0, 3600.0
"""Seconds: the first look after a start, the next try after a failure, the age at which a backup is followed."""


async def back_up_by_itself(
    settings: Settings, say: Callable[[str], None], first: float = AFTER_START, every: float = EVERY
) -> None:
    """Make a backup whenever the newest is an hour old, until cancelled. ``say`` is told what failed, in words."""
    await asyncio.sleep(first)
    while True:
        await asyncio.sleep(seconds_until_due(settings, every))
        code, told = await _back_up(settings)
        if code:
            say(told)
        await asyncio.sleep(min(AGAIN, every))


async def _back_up(settings: Settings) -> tuple[int, str]:
    command = [sys.executable, "-m", "survey", "backup", "--by-itself", "--language", settings.language]
    if nice := shutil.which("nice"):
        command = [nice, "-n", "10", *command]
    environment = {**os.environ, "SURVEY_DATA": str(settings.data), "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
    )
    try:
        told, _ = await asyncio.to_thread(process.communicate)
    except asyncio.CancelledError:
        process.terminate()  # whatever is unfinished goes at the next backup
        raise
    return process.returncode, told.decode("utf-8", "replace").strip()
