"""HTTP server of all doors: one thread reads every connection, the threads of a door answer its requests."""

import asyncio
import errno
import resource
import socket
import threading
from collections import Counter
from collections.abc import Callable
from enum import Enum
from functools import partial
from http import HTTPStatus
from itertools import chain
from typing import Any, Final, cast

import structlog

from bot.logs import request_context
from bot.slack.handlers.thread_pool import ThreadPool
from bot.slack.transport.http_messages import (
    NO_HEAD,
    HttpExchange,
    HttpRequest,
    HttpResponse,
    Mark,
    RequestHead,
    RequestRefused,
    Site,
    plain_response,
)

THREADS: Final = 32
AT_ONCE: Final = 4
"""Concurrently answered requests, as long as none is stuck."""
MAX_WAITING: Final = 1_000
"""Maximum number of admitted requests, running or waiting for a thread."""
MAX_WAITING_ASIDE: Final = 64
"""The same for doors that are not Slack's, so that they leave connections to it."""


class Door:
    """Site on a listening socket. No door waits for the threads of another."""

    def __init__(
        self,
        site: Site,
        listening: socket.socket,
        *,
        path: str = "",
        threads: int = THREADS,
        waiting: int = MAX_WAITING,
    ) -> None:
        self.site = site
        self.listening = listening
        self.address = address_of(listening) + path
        self._waiting = waiting
        self._threads = ThreadPool("http", threads, usual=AT_ONCE)

    @property
    def is_busy(self) -> bool:
        """Whether more work is there than is usually answered at once."""
        return self._threads.count > AT_ONCE

    def run(self, work: Callable[[], None]) -> bool:
        """Queue work for a thread; return False if too much is waiting."""
        if self._threads.count >= self._waiting:
            return False
        self._threads.run(work)
        return True

    def help_out(self) -> bool:
        """Start more threads if all are stuck; return whether any work is waiting."""
        return self._threads.help_out()

    def finish(self) -> None:
        """End the threads without waiting for them."""
        self._threads.finish(0)


def address_of(listening: socket.socket) -> str:
    """Return the address of a listening socket as a URL."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


FIRST: Final = 3
"""Refusals of a kind that are logged individually in each period."""

PERIOD_SECONDS: Final = 60.0

log = structlog.get_logger()


class RefusalLog:
    """Counter of refusals by kind; kinds are fixed sentences, so that their number is bounded."""

    def __init__(self, say: Callable[..., object] | None = None) -> None:
        self._say = say or log.warning
        self._counts: Counter[tuple[str, int]] = Counter()

    def note(self, why: str, status: int, **details: int) -> None:
        """Count a refused request; a status of 0 means that no response was sent."""
        kind = (why, status)
        self._counts[kind] += 1
        if self._counts[kind] <= FIRST:
            self._say("request rejected", status=status, why=why, **details)

    def log_summary(self) -> None:
        """End a period: log the number of refusals not logged individually, and reset the counters."""
        counts, self._counts = self._counts, Counter()
        for (why, status), count in counts.items():
            if count > FIRST:
                self._say("requests rejected", status=status, why=why, more=count - FIRST)

    def tick(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start periodic summaries on an event loop."""
        self.log_summary()
        loop.call_later(PERIOD_SECONDS, self.tick, loop)


FIRST_BYTE_SECONDS: Final = 3.0
"""Deadline in seconds for the first byte of a new connection."""

HEAD_SECONDS: Final = 5.0
"""Deadline in seconds for the headers, from their first byte; Slack waits three seconds for the response."""

BODY_SECONDS: Final = 10.0
"""Deadline in seconds for the body, from the end of the headers."""

IDLE_SECONDS: Final = 65.0
"""Keep-alive time in seconds after a verified request."""

FEW_PARTS: Final = 64
MEAN_PART_BYTES: Final = 256
"""A body may have a few parts of any size. More must be this large on average: the thread that reads all
connections needs as much time for each as for several kilobytes of a larger one."""

_EXHAUSTED: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
"""Errors of a process or a machine that has nothing left for another connection."""

LEAVE_SECONDS: Final = 2.0
"""Deadline in seconds for a client to receive the response on a closing connection."""


class ConnectionPhase(Enum):
    """State of a connection."""

    READING = "reading"
    ANSWERING = "answering"
    IDLE = "idle"
    LEAVING = "leaving"
    """The request was refused before it was complete; the rest is discarded."""
    CLOSING = "closing"
    """The response is on its way."""
    GONE = "gone"


class HttpConnection(asyncio.Protocol):
    """HTTP connection that reads one request after the other."""

    def __init__(self, traffic: "HttpServer", door: Door, loop: asyncio.AbstractEventLoop) -> None:
        self._traffic = traffic
        self._door = door
        self._loop = loop
        self._peer = ""
        self._http = HttpExchange()
        self._phase = ConnectionPhase.GONE
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport
        self._paused = False
        self._ended = False
        self._method = ""
        self._head = NO_HEAD
        self._most = 0
        self._parts: list[bytes] = []
        self._body = 0
        self._size = 0

    # What asyncio tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start reading the first request of a new connection."""
        self._transport = cast("asyncio.Transport", transport)
        self._peer = (transport.get_extra_info("peername") or ("",))[0]
        self._begin(ConnectionPhase.READING, FIRST_BYTE_SECONDS)

    def data_received(self, data: bytes) -> None:
        """Parse what has arrived."""
        if self._phase in (ConnectionPhase.LEAVING, ConnectionPhase.CLOSING):
            return
        self._http.receive(data)
        if self._phase is ConnectionPhase.ANSWERING:
            self._paused = True
            self._transport.pause_reading()
            return
        if self._phase is ConnectionPhase.IDLE:
            self._begin(ConnectionPhase.READING, HEAD_SECONDS)
        elif not self._size:
            self._set_deadline(HEAD_SECONDS)
        self._size += len(data)
        self._traffic.buffered(len(data))
        if self._phase is ConnectionPhase.READING:  # unless this was too much to keep
            self._read()

    def eof_received(self) -> bool:
        """Record that the client has finished sending; it may still wait for a response."""
        self._ended = True
        return self._phase is ConnectionPhase.ANSWERING

    def connection_lost(self, exc: Exception | None) -> None:
        """Record that the connection is closed."""
        del exc
        self._begin(ConnectionPhase.GONE, None)
        self._forget_request()

    # What the server asks for

    def close(self) -> None:
        """Close after all written data has been sent."""
        self._begin(ConnectionPhase.CLOSING, LEAVE_SECONDS)
        self._transport.close()

    def abort(self) -> None:
        """Close immediately."""
        self._begin(ConnectionPhase.GONE, None)
        self._forget_request()
        self._transport.abort()

    # Reading

    def _read(self) -> None:
        try:
            while self._phase is ConnectionPhase.READING:
                match self._http.next():
                    case RequestHead() as head:
                        self._take_head(head)
                    case bytes() as part:
                        self._take_part(part)
                    case Mark.END:
                        self._take_whole()
                    case Mark.CLOSED:
                        self.close()
                    case Mark.MORE:
                        return
        except RequestRefused as refused:
            self._refuse(refused)

    def _take_head(self, head: RequestHead) -> None:
        self._head, self._method = head, head.method
        self._most = self._door.site.max_body_bytes(head)
        length = head.headers.get("content-length", "0")  # digits alone
        if len(length) > 12 or int(length) > self._most:
            raise _too_large()
        self._set_deadline(BODY_SECONDS)
        if interim := self._http.go_on():
            self._transport.write(interim)

    def _take_part(self, part: bytes) -> None:
        self._parts.append(part)
        self._body += len(part)
        if self._body > self._most:
            raise _too_large()
        if len(self._parts) > FEW_PARTS + self._body // MEAN_PART_BYTES:
            raise RequestRefused(HTTPStatus.BAD_REQUEST, "The request body arrives in too many small parts.")

    def _take_whole(self) -> None:
        request = HttpRequest(head=self._head, body=b"".join(self._parts), peer=self._peer)
        self._forget_request()
        work = self._door.site.admit(request)
        if isinstance(work, HttpResponse):
            self._send(work)
            return
        self._begin(ConnectionPhase.ANSWERING, None)
        if not self._traffic.run(self._door, lambda: self._answer(work)):
            raise RequestRefused(HTTPStatus.SERVICE_UNAVAILABLE, "Too many pending requests.")

    def _forget_request(self) -> None:
        self._traffic.buffered(-self._size)
        self._head = NO_HEAD
        self._most = self._body = self._size = 0
        self._parts = []

    # Answering

    def _answer(self, work: Callable[[], HttpResponse]) -> None:
        """Make the response, on a thread of the pool."""
        with request_context():
            try:
                response = work()
            except Exception:
                # Top of a thread: an unforeseen error must not leave a client without an answer.
                log.exception("a request was not answered")
                response = plain_response(
                    "Internal error. See the log of the bot.", HTTPStatus.INTERNAL_SERVER_ERROR
                )
        try:
            self._loop.call_soon_threadsafe(self._send, response)
        except RuntimeError:  # the server has ended meanwhile
            response.sent()

    def _refuse(self, refused: RequestRefused) -> None:
        self._forget_request()
        self._traffic.refused(int(refused.status), refused.logged, **refused.details)
        self._send(plain_response(str(refused), refused.status))

    def _send(self, response: HttpResponse) -> None:
        """Write a complete response; then wait for the next request, or close."""
        if self._phase is ConnectionPhase.GONE or self._transport.is_closing():
            response.sent()
            return
        # A client that asks on without reading its answers would have the process keep them all.
        is_read = self._transport.get_write_buffer_size() == 0
        keep_alive = response.keep_alive and is_read and not self._ended and not self._traffic.stopping
        self._transport.write(self._http.respond(response, method=self._method, keep_alive=keep_alive))
        response.sent()
        if keep_alive and self._http.is_reusable:
            self._wait_for_the_next()
        else:
            self._leave()

    def _wait_for_the_next(self) -> None:
        has_more = self._http.start_next()
        self._begin(ConnectionPhase.IDLE, IDLE_SECONDS)
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        if has_more:  # the client did not wait for the answer
            self._begin(ConnectionPhase.READING, HEAD_SECONDS)
            self._loop.call_soon(self._read)

    def _leave(self) -> None:
        """Close after the response was sent; keep reading, since unread data would reset the connection."""
        if self._http.is_read and not self._paused:
            self.close()
            return
        self._begin(ConnectionPhase.LEAVING, LEAVE_SECONDS)
        if self._transport.can_write_eof():
            self._transport.write_eof()
        if self._paused:
            self._transport.resume_reading()

    # Phases

    def _begin(self, phase: ConnectionPhase, seconds: float | None) -> None:
        before, self._phase = self._phase, phase
        self._set_deadline(seconds)
        self._traffic.phase_changed(self, before, phase)

    def _set_deadline(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self._loop.call_later(seconds, self._be_late)

    def _be_late(self) -> None:
        if self._phase is ConnectionPhase.READING and self._size:
            self._refuse(RequestRefused(HTTPStatus.REQUEST_TIMEOUT, "The request took too long."))
        else:
            self.abort()


def _too_large() -> RequestRefused:
    return RequestRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large.")


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
        if isinstance(fault, OSError):
            if fault.errno in _EXHAUSTED:
                self._refusals.note(f"cannot accept connections ({fault.strerror})", 0)
            else:  # the network's error of one connection, whose client has gone
                log.debug("a connection failed", why=str(fault))
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
