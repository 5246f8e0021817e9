"""What do ten managers do to the server who have the dashboard open? They let it be computed again and again.

Each is a session of Streamlit over its websocket, as a browser would hold it, without drawing: the browser's own work
would be done on other machines. They run in a process of their own.
"""

import contextlib
import multiprocessing
import threading
import time

from tests.harness.servers import CONTEXT

EVERY_SECONDS = 3.0
PATIENCE = 60.0


class Watchers:
    """So many open dashboards, as long as the block lasts; ``reruns`` are the seconds each new computation took."""

    def __init__(self, url: str, login: dict[str, str], count: int) -> None:
        self.reruns: list[float] = []
        self._over, self._told = CONTEXT.Event(), CONTEXT.Queue()
        self._process = CONTEXT.Process(target=watch, args=(url, login, count, self._over, self._told), daemon=True)

    def __enter__(self) -> "Watchers":
        self._process.start()
        if (said := self._told.get(timeout=PATIENCE * 3)) != "ready":
            raise RuntimeError(f"the dashboards did not open: {said}")
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.reruns, failed = self._told.get(timeout=PATIENCE * 2)
        self._process.join(PATIENCE)
        if failed:
            raise RuntimeError(f"a dashboard broke off: {failed[0]}")


def watch(
    url: str,
    login: dict[str, str],
    count: int,
    over: "multiprocessing.synchronize.Event",
    told: "multiprocessing.Queue[object]",
) -> None:
    """Open the dashboards one after the other, then let each be computed every few seconds until it is over."""
    took: list[float] = []
    failed: list[str] = []
    try:
        sessions = [_Session(url, login) for _ in range(count)]
    except Exception as error:  # whatever it was, the other side must not wait
        told.put(repr(error))
        return
    told.put("ready")

    def look(session: _Session, late: float) -> None:
        over.wait(late)
        while not over.is_set():
            began = time.perf_counter()
            try:
                session.rerun()
            except Exception as error:
                failed.append(repr(error))
                return
            took.append(time.perf_counter() - began)
            over.wait(max(0.0, EVERY_SECONDS - (time.perf_counter() - began)))

    threads = [
        threading.Thread(target=look, args=(session, number * EVERY_SECONDS / count))
        for number, session in enumerate(sessions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.put((took, failed))


class _Session:
    """One open page with the results, logged in."""

    def __init__(self, url: str, login: dict[str, str]) -> None:
        from websockets import Subprotocol
        from websockets.sync.client import connect

        address = url.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = connect(
            address,
            subprotocols=[Subprotocol("streamlit")],
            additional_headers={"Cookie": "; ".join(f"{name}={value}" for name, value in login.items())},
            max_size=None,
            max_queue=None,
            ping_interval=None,
        ).__enter__()
        self._page = ""
        self.rerun()

    def rerun(self) -> None:
        """Let the page be computed and wait for its end."""
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        message = BackMsg()
        message.rerun_script.query_string = "lang=en"
        message.rerun_script.page_name = "results"
        message.rerun_script.page_script_hash = self._page
        with contextlib.suppress(TimeoutError):
            while True:  # what came since the last look
                self._socket.recv(timeout=0)
        self._socket.send(message.SerializeToString())
        kind = ""
        while kind != "script_finished":
            told = ForwardMsg()
            told.ParseFromString(self._socket.recv(timeout=PATIENCE))
            kind = told.WhichOneof("type")
            if kind == "navigation":
                self._page = told.navigation.page_script_hash
