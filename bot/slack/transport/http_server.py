"""HTTP server of all doors: one thread reads every connection, the threads of a door answer its requests."""

import asyncio
import resource
import socket
import threading
from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import Any, Final

import structlog

from bot.slack.transport.http_connection import ConnectionPhase, HttpConnection
from bot.slack.transport.http_door import Door
from bot.slack.transport.http_messages import Site
from bot.slack.transport.refusal_log import RefusalLog

MAX_CONNECTIONS: Final = 2_048
"""Maximum number of connections through all doors; fewer where the process may open few files."""

MAX_HELD: Final = 64_000_000
"""Maximum size of all incomplete requests together, in bytes."""

STUCK_SECONDS: Final = 0.05
"""Seconds without a started answer after which further threads are added."""

_BACKLOG: Final = 2_048
_ACCEPTED_AT_ONCE: Final = 16
"""Connections that a door accepts before the limit is looked at again: each has a descriptor by then."""
_FLUSH_SECONDS: Final = 0.5

log = structlog.get_logger()


class HttpServer:
    """HTTP server of the process.

    It has one limit for the connections of all doors, which leaves descriptors to the rest of the process.
    When it is reached, the oldest connection without a complete request is closed. Slack's requests arrive
    within milliseconds, so they are never the oldest, however many clients are silent or trickle.
    """

    def __init__(self, *doors: Door) -> None:
        self.stopping = False
        self._doors = doors
        self._most = connection_limit()
        self._in: dict[ConnectionPhase, dict[HttpConnection, None]] = {phase: {} for phase in ConnectionPhase}
        self._held = 0
        self._helped: set[Door] = set()
        self._refusals = RefusalLog()
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(self._on_fault)
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)

    @classmethod
    def start(cls, site: Site, *, host: str, port: int) -> "HttpServer":
        """Start serving on a port, any free one for 0; raises OSError if it is unavailable."""
        return cls.at(Door(site, open_socket(host, port)))

    @classmethod
    def at(cls, *doors: Door) -> "HttpServer":
        """Start serving at doors."""
        server = cls(*doors)
        server._thread.start()
        return server

    @property
    def address(self) -> str:
        """URL of the first door."""
        return self._doors[0].address

    @property
    def alive(self) -> bool:
        """Whether the reading thread is running."""
        return self._thread.is_alive()

    def stop(self, seconds: float = 3.0) -> None:
        """Stop accepting, finish running requests within `seconds`, and end."""
        asyncio.run_coroutine_threadsafe(self._stop(seconds), self._loop)
        self._thread.join(seconds + 2)
        for door in self._doors:
            door.finish()

    # What connections tell and ask, on the thread that reads

    def phase_changed(
        self, connection: HttpConnection, before: ConnectionPhase, after: ConnectionPhase
    ) -> None:
        """Record a connection's change of phase; if there are too many, make room for a new one."""
        self._in[before].pop(connection, None)
        if after is ConnectionPhase.GONE:
            return
        self._in[after][connection] = None
        if before is ConnectionPhase.GONE and sum(map(len, self._in.values())) > self._most:
            self._make_room(connection)

    def _make_room(self, new: HttpConnection) -> None:
        """Close the oldest unfinished connection; never one whose request is complete and being answered."""
        self._refusals.note("too many connections", 0)
        unfinished = chain(self._in[ConnectionPhase.LEAVING], self._in[ConnectionPhase.READING])
        oldest = next((one for one in unfinished if one is not new), None)
        if oldest is None and (idle := self._in[ConnectionPhase.IDLE]):
            next(iter(idle)).close()
        else:
            (oldest or new).abort()

    def buffered(self, more: int) -> None:
        """Record the size of incomplete requests; close the oldest connections if it is too large."""
        self._held += more
        while self._held > MAX_HELD and (reading := self._in[ConnectionPhase.READING]):
            self._refusals.note("too many requests in progress", 0)
            next(iter(reading)).abort()

    def refused(self, status: int, why: str, **details: int) -> None:
        """Record a refused request."""
        self._refusals.note(why, status, **details)

    def run(self, door: Door, work: Callable[[], None]) -> bool:
        """Queue work for a thread of a door; return False if too much is waiting."""
        # A quarter of the connections is left to requests that are not complete yet.
        if len(self._in[ConnectionPhase.ANSWERING]) > self._most * 3 // 4 or not door.run(work):
            return False
        if door.is_busy and door not in self._helped:
            self._helped.add(door)
            self._loop.call_later(STUCK_SECONDS, self._help_out, door)
        return True

    def _help_out(self, door: Door) -> None:
        if door.help_out():
            self._loop.call_later(STUCK_SECONDS, self._help_out, door)
        else:
            self._helped.discard(door)

    # The thread that reads

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        # A task of the one run: a stop that comes before it is over would only end a run of its own.
        self._accepting = self._loop.create_task(self._accept())
        self._accepting.add_done_callback(self._on_accepting)
        self._loop.run_forever()
        self._loop.close()

    async def _accept(self) -> None:
        self._servers = [
            await self._loop.create_server(
                partial(HttpConnection, self, door, self._loop),
                sock=door.listening,
                backlog=_ACCEPTED_AT_ONCE,
            )
            for door in self._doors
        ]
        for door in self._doors:
            door.listening.listen(_BACKLOG)  # what waits costs no descriptor
        self._refusals.tick(self._loop)

    def _on_accepting(self, begun: "asyncio.Task[None]") -> None:
        if (fault := begun.exception()) is not None:
            log.error("the HTTP server cannot accept connections", exc_info=fault)
            self._loop.stop()

    async def _stop(self, seconds: float) -> None:
        self.stopping = True
        await self._accepting
        # No more are accepted; accepted ones are passed on first, because a closed server takes none.
        for door in self._doors:
            self._loop.remove_reader(door.listening.fileno())
        await self._until_accepted()
        for server in self._servers:
            server.close()
        for connection in tuple(self._in[ConnectionPhase.IDLE]):
            connection.close()
        await self._until_none(ConnectionPhase.ANSWERING, seconds)
        await self._until_none(ConnectionPhase.CLOSING, _FLUSH_SECONDS)
        for phase in ConnectionPhase:
            for connection in tuple(self._in[phase]):
                connection.abort()
        self._refusals.log_summary()
        await asyncio.sleep(0)  # asyncio closes aborted connections in the next iteration
        self._loop.stop()

    async def _until_accepted(self) -> None:
        """Let asyncio finish accepting connections, which would otherwise stay open."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=_FLUSH_SECONDS)

    async def _until_none(self, phase: ConnectionPhase, seconds: float) -> None:
        ends = self._loop.time() + seconds
        while self._in[phase] and self._loop.time() < ends:
            await asyncio.sleep(0.01)

    def _on_fault(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        del loop
        fault = context.get("exception")
        if isinstance(fault, OSError):  # no file descriptor is left for another connection
            self._refusals.note(f"cannot accept connections ({fault.strerror})", 0)
        else:
            log.error("the HTTP server failed", what=context.get("message"), exc_info=fault)


def connection_limit() -> int:
    """Return the maximum number of connections: half of the descriptors are left to databases and files."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_CONNECTIONS if files == resource.RLIM_INFINITY else min(MAX_CONNECTIONS, files // 2)


def open_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises OSError."""
    return socket.create_server((host, port), family=_family(host, port), backlog=_BACKLOG)


def _family(host: str, port: int) -> socket.AddressFamily:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
