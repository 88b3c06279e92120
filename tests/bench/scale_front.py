"""Requests at a steady rate through a front end that shares them among replicas, as a proxy does.

A request whose connection is refused or ends before an answer is sent to the next replica: the command's key
makes that harmless.
"""

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

PATIENCE_SECONDS: Final = 10.0
RETRY_SECONDS: Final = 0.05


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to one request: when it came, by the machine's clock, and how long after its turn it came."""

    number: int
    at: float
    seconds: float
    status: int
    body: bytes
    attempts: int


class FrontEnd:
    """Round robin over the ports of the running replicas, with connections that stay open."""

    def __init__(self, ports: Iterable[int]) -> None:
        self.ports = list(ports)
        self._turn = itertools.count()
        self._open: dict[int, list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]] = {}

    def forget_connections(self) -> None:
        """Open new connections from now on."""
        self._open.clear()

    async def exchange(self, request: bytes) -> tuple[int, bytes, int]:
        """Send a request until there is an answer; returns status (0: none in time), body and attempts."""
        attempts = 0
        ends = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < ends:
            attempts += 1
            port = self.ports[next(self._turn) % len(self.ports)]
            try:
                return *await asyncio.wait_for(self._send(port, request), ends - time.monotonic()), attempts
            except (OSError, EOFError, TimeoutError):
                await asyncio.sleep(RETRY_SECONDS if attempts > len(self.ports) else 0)
        return 0, b"", attempts

    async def _send(self, port: int, request: bytes) -> tuple[int, bytes]:
        idle = self._open.setdefault(port, [])
        reader, writer = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
            body = await reader.readexactly(length)
        except BaseException:
            writer.close()
            raise
        if b"connection: close" in head:
            writer.close()
        else:
            idle.append((reader, writer))
        return int(head.split()[1]), body


async def steady_load(
    front: FrontEnd, request: Callable[[int], bytes], *, rate: float, count: int
) -> list[Answer]:
    """Send requests, so many a second on average, at random moments; earlier ones may be unanswered."""
    chance, answers = random.Random(7), list[Answer]()

    async def send(number: int, at: float) -> None:
        status, body, attempts = await front.exchange(request(number))
        took = time.perf_counter() - at
        answers.append(
            Answer(number=number, at=time.time(), seconds=took, status=status, body=body, attempts=attempts)
        )

    under_way: set[asyncio.Task[None]] = set()
    at = time.perf_counter()
    for number in range(count):
        at += chance.expovariate(rate)
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        task = asyncio.create_task(send(number, at))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    return answers
