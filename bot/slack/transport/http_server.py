"""HTTP server: one thread reads all connections, a pool answers admitted requests."""

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any, Final

import structlog

from bot.slack.handlers.thread_pool import ThreadPool
from bot.slack.transport.http_connection import ConnectionPhase, HttpConnection
from bot.slack.transport.http_messages import Site
from bot.slack.transport.refusal_log import RefusalLog

MAX_READING: Final = 256
"""Maximum number of connections with an incomplete request; above it the oldest one is closed.

Slack's requests arrive within milliseconds, so they are never the oldest, however many clients trickle.
"""

MAX_IDLE: Final = 256
"""Maximum number of idle keep-alive connections."""

MAX_HELD: Final = 64_000_000
"""Maximum size of all incomplete requests together, in bytes."""

THREADS: Final = 32
AT_ONCE: Final = 4
"""Concurrently answered requests, as long as none is stuck."""
STUCK_SECONDS: Final = 0.05
"""Seconds without a started answer after which further threads are added."""
MAX_WAITING: Final = 1_000
"""Maximum number of admitted requests, running or waiting for a thread."""

_BACKLOG: Final = 2_048
_FLUSH_SECONDS: Final = 0.5

log = structlog.get_logger()


class HttpServer:
    """HTTP server of one site on one port."""

    def __init__(self, site: Site, listening: socket.socket) -> None:
        self.site = site
        self.stopping = False
        self._listening = listening
        self._in: dict[ConnectionPhase, dict[HttpConnection, None]] = {phase: {} for phase in ConnectionPhase}
        self._held = 0
        self._threads = ThreadPool("http", THREADS, usual=AT_ONCE)
        self._helping = False
        self._refusals = RefusalLog()
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(self._on_fault)
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)

    @classmethod
    def start(cls, site: Site, *, host: str, port: int) -> "HttpServer":
        """Start serving on a port, any free one for 0; raises OSError if it is unavailable."""
        return cls.at(site, open_socket(host, port))

    @classmethod
    def at(cls, site: Site, listening: socket.socket) -> "HttpServer":
        """Start serving on a listening socket."""
        server = cls(site, listening)
        server._thread.start()
        return server

    @property
    def address(self) -> str:
        """URL of the server."""
        return address_of(self._listening)

    @property
    def alive(self) -> bool:
        """Whether the reading thread is running."""
        return self._thread.is_alive()

    def stop(self, seconds: float = 3.0) -> None:
        """Stop accepting, finish running requests within `seconds`, and end."""
        asyncio.run_coroutine_threadsafe(self._stop(seconds), self._loop)
        self._thread.join(seconds + 2)
        self._threads.finish(0)

    # What connections tell and ask, on the thread that reads

    def phase_changed(
        self, connection: HttpConnection, before: ConnectionPhase, after: ConnectionPhase
    ) -> None:
        """Record a connection's change of phase; close the oldest if there are too many."""
        self._in[before].pop(connection, None)
        if after is ConnectionPhase.GONE:
            return
        self._in[after][connection] = None
        reading = self._in[ConnectionPhase.READING]
        if len(reading) + len(self._in[ConnectionPhase.LEAVING]) > MAX_READING:
            oldest = next(iter(self._in[ConnectionPhase.LEAVING] or reading))
            self._refusals.note("too many connections", 0)
            oldest.abort()
        if len(self._in[ConnectionPhase.IDLE]) > MAX_IDLE:
            next(iter(self._in[ConnectionPhase.IDLE])).close()

    def buffered(self, more: int) -> None:
        """Record the size of incomplete requests; close the oldest connections if it is too large."""
        self._held += more
        while self._held > MAX_HELD and (reading := self._in[ConnectionPhase.READING]):
            self._refusals.note("too many requests in progress", 0)
            next(iter(reading)).abort()

    def refused(self, status: int, why: str) -> None:
        """Record a refused request."""
        self._refusals.note(why, status)

    def run(self, work: Callable[[], None]) -> bool:
        """Queue work for a thread; return False if the queue is full."""
        if self._threads.count >= MAX_WAITING:
            return False
        self._threads.run(work)
        if not self._helping and self._threads.count > AT_ONCE:
            self._helping = True
            self._loop.call_later(STUCK_SECONDS, self._help_out)
        return True

    def _help_out(self) -> None:
        self._helping = self._threads.help_out()
        if self._helping:
            self._loop.call_later(STUCK_SECONDS, self._help_out)

    # The thread that reads

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        # A task of the one run: a stop that comes before it is over would only end a run of its own.
        self._accepting = self._loop.create_task(self._accept())
        self._accepting.add_done_callback(self._on_accepting)
        self._loop.run_forever()
        self._loop.close()

    async def _accept(self) -> None:
        self._server = await self._loop.create_server(
            lambda: HttpConnection(self, self._loop), sock=self._listening, backlog=_BACKLOG
        )
        self._refusals.tick(self._loop)

    def _on_accepting(self, begun: "asyncio.Task[None]") -> None:
        if (fault := begun.exception()) is not None:
            log.error("the HTTP server cannot accept connections", exc_info=fault)
            self._loop.stop()

    async def _stop(self, seconds: float) -> None:
        self.stopping = True
        await self._accepting
        # No more are accepted; accepted ones are passed on first, because a closed server takes none.
        self._loop.remove_reader(self._listening.fileno())
        await self._until_accepted()
        self._server.close()
        for connection in tuple(self._in[ConnectionPhase.IDLE]):
            connection.close()
        await self._until_none(ConnectionPhase.ANSWERING, seconds)
        await self._until_none(ConnectionPhase.LEAVING, _FLUSH_SECONDS)
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


def open_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises OSError."""
    return socket.create_server((host, port), family=_family(host, port), backlog=_BACKLOG)


def address_of(listening: socket.socket) -> str:
    """Return the address of a listening socket as a URL."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _family(host: str, port: int) -> socket.AddressFamily:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
