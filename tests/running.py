"""Starts the real app as its users do, in a data folder of its own."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from survey.login.visit import LOGIN_COOKIE
from survey.settings import Settings, read_settings
from survey.store import Store, open_store
from survey.store.people.accounts import find_account, is_set_up, make_first_administrator
from survey.store.people.logins import begin_login
from survey.store.people.passwords import Cost

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 60
"""Generous, because tests share a machine."""
ADMINISTRATOR, PASSWORD = "ina", "tujuh kuda di bukit hijau"
CHEAP = Cost(memory=8, rounds=1, lanes=1)
"""A hash that costs nothing. It names its own cost, so that the app checks such a password as fast."""


def free_port() -> int:
    """A port that nobody listens on, below those that the system lends to whoever connects.

    Among those, a browser of another process could get it while the app that shall listen there starts again.
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


@dataclass
class RunningApp:
    """One process of the app; it can be stopped, killed and started again at the same address."""

    data: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    health = "/_stcore/health"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def command(self) -> list[str]:
        """What starts it; the benchmarks start other things in the same way."""
        return [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={self.port}"]

    @property
    def settings(self) -> Settings:
        return read_settings({"SURVEY_DATA": str(self.data)})

    def administrator(self) -> str:
        """The name of an administrator with ``PASSWORD``, made straight in the store when there is none."""
        with self.store() as store:
            if not is_set_up(store):
                make_first_administrator(store, ADMINISTRATOR, "Ina Tes", PASSWORD, datetime.now(UTC), cost=CHEAP)
        return ADMINISTRATOR

    def login(self) -> dict[str, str]:
        """The cookie of a login of the administrator, begun straight in the store."""
        name = self.administrator()
        with self.store() as store, store.engine.begin() as connection:
            account = find_account(connection, name)
            assert account
            return {LOGIN_COOKIE: begin_login(connection, account, datetime.now(UTC))}

    @property
    def log(self) -> str:
        """What the terminal would show."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def _log(self) -> Path:
        return self.data.parent / f"{self.data.name}.log"

    def start(self) -> None:
        environment = {**os.environ, "SURVEY_DATA": str(self.data), "STREAMLIT_SERVER_HEADLESS": "true"}
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self.command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._healthy():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the app did not start:\n{self.log}")
            time.sleep(0.05)

    def _healthy(self) -> bool:
        try:
            with urlopen(self.url + self.health, timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a power cut would: without a goodbye."""
        self._end(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE_SECONDS)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The app's database, opened beside it as another process would."""
        opened = open_store(self.settings)
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def running_app(data: Path, kind: type[RunningApp] = RunningApp) -> Iterator[RunningApp]:
    """The app, healthy, on a free port; it ends with the block."""
    app = kind(data)
    try:
        app.start()
        yield app
    finally:
        app.stop()
