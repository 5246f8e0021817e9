"""Which servers does the harness start, kill and start again? The API alone, forked from a process that has it loaded.

A start takes a tenth of a second that way, so that a thousand kills fit into an evening. Each server opens the database
itself, after the fork.
"""

import contextlib
import multiprocessing
import os
import random
import signal
import socket
import time
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from tests.harness.made import settings_in
from tests.running import free_port

METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
CONTEXT = multiprocessing.get_context(METHOD)
if METHOD == "forkserver":
    CONTEXT.set_forkserver_preload(["uvicorn", "survey.api", "tests.harness.made"])


@dataclass
class Server:
    """One server process at one address; ``dying`` is the share of answers before which it kills itself."""

    data: Path
    dying: float = 0.0
    port: int = 0
    process: BaseProcess | None = None
    died_by_itself: int = 0

    def __post_init__(self) -> None:
        self.port = self.port or free_port()

    def start(self) -> None:
        self.process = CONTEXT.Process(target=serve, args=(self.data, self.port, self.dying), daemon=True)
        self.process.start()

    def wait(self, seconds: float = 60) -> None:
        """Until it answers."""
        end = time.monotonic() + seconds
        while True:
            with contextlib.suppress(URLError, OSError), urlopen(f"http://127.0.0.1:{self.port}/api/health", timeout=2):
                return
            if time.monotonic() > end:
                raise RuntimeError("the server did not start")
            time.sleep(0.02)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.is_alive()

    def kill(self) -> bool:
        """SIGKILL; whether it was alive."""
        if self.process is None or not self.process.is_alive():
            return False
        self.process.kill()
        self.process.join()
        return True

    def stop(self) -> None:
        """As Ctrl+C does."""
        if self.process is not None and self.process.is_alive():
            self.process.terminate()
            self.process.join(20)
            self.kill()


def serve(data: Path, port: int, dying: float = 0.0) -> None:
    """Run the API as it is shipped until told to end."""
    import uvicorn

    settings = settings_in(data)
    os.environ |= {"SURVEY_DATA": str(settings.data), "SURVEY_QUESTIONNAIRES": str(settings.questionnaires)}
    from survey.api import make_api_alone

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    app: Any = DiesBeforeAnswering(make_api_alone(), dying) if dying else make_api_alone()
    uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False)).run(sockets=[listener])


class DiesBeforeAnswering:
    """Some of the responses that are committed are not answered: the process is gone at that very moment."""

    def __init__(self, app: Any, share: float) -> None:
        self.app, self.share = app, share

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def send_or_die(message: Any) -> None:
            if message["type"] == "http.response.start" and message["status"] == 201 and random.random() < self.share:
                os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
            await send(message)

        await self.app(scope, receive, send_or_die)
