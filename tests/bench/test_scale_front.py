"""The benchmark's front end sends what a replica did not answer to the next one."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

from tests.bench.scale_front import FrontEnd, steady_load
from tests.depth import deep_only

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
REQUEST = b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.readline():
        if await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.close()


async def sent_to(*handlers: Handler, refusing: int = 0) -> list[tuple[int, int]]:
    """Send four requests; return the status and the attempts of each."""
    servers = [await asyncio.start_server(handler, "127.0.0.1", 0) for handler in handlers]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    front = FrontEnd([*ports, *([refusing] if refusing else [])])
    answers = await steady_load(front, lambda _: REQUEST, rate=1000, count=4)
    for one in servers:
        one.close()
    return [(one.status, one.attempts) for one in sorted(answers, key=lambda one: one.number)]


@deep_only
def test_answered_requests_are_sent_once() -> None:
    assert asyncio.run(sent_to(answer, answer)) == [(200, 1)] * 4


def test_a_request_without_an_answer_is_sent_to_the_next_replica() -> None:
    done = asyncio.run(sent_to(answer, hang_up))

    assert [status for status, _ in done] == [200] * 4
    assert max(attempts for _, attempts in done) > 1


def test_a_refused_request_is_sent_to_the_next_replica() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    done = asyncio.run(sent_to(answer, refusing=port))

    assert [status for status, _ in done] == [200] * 4
    assert max(attempts for _, attempts in done) > 1
