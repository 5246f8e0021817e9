"""What else is started, in the way in which the tests start the app?"""

import sys

from tests.running import RunningApp


class ApiAlone(RunningApp):
    """The API in a process of its own."""

    health = "/api/health"
    factory = "survey.api:make_api_alone"

    @property
    def command(self) -> list[str]:
        return [
            sys.executable,
            "-m",
            "uvicorn",
            "--factory",
            self.factory,
            f"--port={self.port}",
            "--log-level=warning",
        ]


class ApiOnSlowDisk(ApiAlone):
    """The same, where each commit takes as long as on a cheap disk (``slow_disk.py``)."""

    factory = "tests.benchmarks.slow_disk:make_api"


class ApiOneByOne(ApiAlone):
    """That disk, and one commit for each response."""

    factory = "tests.benchmarks.slow_disk:make_api_one_by_one"


class StreamlitHello(RunningApp):
    """What Streamlit shows to whoever has just installed it, as it comes: the peer of our pages."""

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "streamlit", "hello", f"--server.port={self.port}"]
