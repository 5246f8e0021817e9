"""How are many devices played at once without becoming the bottleneck? Raw HTTP over asyncio, requests made before."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

HOST = "127.0.0.1"


@dataclass
class Run:
    """One closed loop: every client sends its next response as soon as the last one is answered.

    ``waits`` are seconds from the send to the whole answer; ``statuses`` counts the answers by HTTP status;
    ``client_seconds`` is the processor time that the client itself took.
    """

    clients: int
    seconds: float = 0.0
    client_seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    statuses: Counter[bytes] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        """Answered submissions per second."""
        return len(self.waits) / self.seconds

    def wait_ms(self, share: float) -> float:
        """The quantile of the waits, in milliseconds."""
        return sorted(self.waits)[int(share * (len(self.waits) - 1))] * 1000


def request(body: bytes) -> bytes:
    """The bytes of one submission on a connection that stays open."""
    head = (
        f"POST /api/responses HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def closed_loop(port: int, bodies: Iterable[bytes], clients: int) -> Run:
    """Send all bodies with that many clients at once."""
    run = Run(clients)
    waiting = [request(body) for body in bodies]
    asyncio.run(_send(port, waiting, run))
    return run


async def _send(port: int, waiting: list[bytes], run: Run) -> None:
    loop = asyncio.get_running_loop()
    devices = [(await loop.create_connection(lambda: _Device(waiting, run), HOST, port))[1] for _ in range(run.clients)]
    began, worked = time.perf_counter(), time.process_time()
    for device in devices:
        device.send_next()
    await asyncio.gather(*(device.done for device in devices))
    run.seconds = time.perf_counter() - began
    run.client_seconds = time.process_time() - worked


class _Device(asyncio.Protocol):
    """One connection with at most one submission under way."""

    def __init__(self, waiting: list[bytes], run: Run) -> None:
        self._waiting, self._run = waiting, run
        self._received = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send_next(self) -> None:
        if not self._waiting:
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(self._waiting.pop())

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(rest) < length:
            return
        self._run.waits.append(time.perf_counter() - self._sent)
        self._run.statuses[head[9:12]] += 1
        self._received = b""
        self.send_next()

    def connection_lost(self, problem: Exception | None) -> None:
        if self.done.done():
            return
        if self._waiting or problem:
            self.done.set_exception(problem or ConnectionResetError("the server hung up"))
        else:
            self.done.set_result(None)
