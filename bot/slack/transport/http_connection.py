"""HTTP connection of a client, read within a deadline and limits before it occupies a thread."""

import asyncio
from collections.abc import Callable
from enum import Enum
from http import HTTPStatus
from typing import Final, Protocol, cast

import structlog

from bot.logs import request_context
from bot.slack.transport.http_door import Door
from bot.slack.transport.http_exchange import HttpExchange, Mark
from bot.slack.transport.http_messages import (
    NO_HEAD,
    HttpRequest,
    HttpResponse,
    RequestHead,
    RequestRefused,
    plain_response,
)

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

LEAVE_SECONDS: Final = 2.0
"""Deadline in seconds for a client to receive the response on a closing connection."""

log = structlog.get_logger()


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


class ConnectionServer(Protocol):
    """Interface of the server for its connections."""

    @property
    def stopping(self) -> bool:
        """Whether connections close after their next response."""
        ...

    def phase_changed(
        self, connection: "HttpConnection", before: ConnectionPhase, after: ConnectionPhase
    ) -> None:
        """Record a connection's change of phase."""
        ...

    def buffered(self, more: int) -> None:
        """Record a change in the size of incomplete requests, in bytes."""
        ...

    def refused(self, status: int, why: str, **details: int) -> None:
        """Record a refused request."""
        ...

    def run(self, door: Door, work: Callable[[], None]) -> bool:
        """Queue work for a thread of a door; return False if too much is waiting."""
        ...


class HttpConnection(asyncio.Protocol):
    """HTTP connection that reads one request after the other."""

    def __init__(self, traffic: ConnectionServer, door: Door, loop: asyncio.AbstractEventLoop) -> None:
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
