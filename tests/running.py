"""Starts the real app as its users do, in a data folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from survey.settings import Settings, read_settings
from survey.store import Store, open_store

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 30


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


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

    @property
    def staff_code(self) -> str:
        return (self.data / "staff-code.txt").read_text().strip()

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
    app.start()
    try:
        yield app
    finally:
        app.stop()
