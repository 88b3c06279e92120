"""HTTP requests and responses as the bot sees them, parsed and formatted, and the protocol of a site."""

from collections.abc import Callable, Collection, Mapping
from enum import Enum
from functools import lru_cache
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, Protocol

import h11
import msgspec

TEXT = "text/plain; charset=utf-8"


class RequestHead(msgspec.Struct, frozen=True, kw_only=True):
    """Request line and headers; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]


NO_HEAD = RequestHead(method="", path="", query="", headers={})


class HttpRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Complete request; `peer` is the address at the other end, which may be that of a proxy."""

    head: RequestHead
    body: bytes
    peer: str = ""


def _no_callback() -> None:
    return None


class HttpResponse(msgspec.Struct, frozen=True, kw_only=True):
    """Response; `sent` is called when it was written, or when it is known that it never will be.

    The connection stays open for another request only if `keep_alive` is set.
    """

    status: int = 200
    headers: Mapping[str, str] = {}
    body: bytes = b""
    keep_alive: bool = False
    sent: Callable[[], None] = _no_callback


class RequestRefused(Exception):
    """Error: refused request, with an HTTP status and a fixed sentence without text of the request.

    The log may say more than the client is told: `logged` is another fixed sentence, `details` its numbers.
    """

    def __init__(self, status: HTTPStatus, sentence: str, *, logged: str = "", **details: int) -> None:
        super().__init__(sentence)
        self.status = status
        self.logged = logged or sentence
        self.details = details


class Site(Protocol):
    """Handler of the requests to one door. Its methods run on the reading thread, so they never wait."""

    def max_body_bytes(self, head: RequestHead) -> int:
        """Return the maximum body size in bytes; raises RequestRefused if the body must not be read."""
        ...

    def admit(self, request: HttpRequest) -> HttpResponse | Callable[[], HttpResponse]:
        """Return the response, or a function that a thread calls to make it; raises RequestRefused."""
        ...


def plain_response(text: str, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """Return a response with a line of text."""
    return HttpResponse(status=status, headers={"content-type": TEXT}, body=f"{text}\n".encode())


def client_address(request: HttpRequest, proxies: Collection[str]) -> str:
    """Return the address of the client.

    Each trusted proxy adds the address that called it to `X-Forwarded-For`. So the last one that is not a
    proxy itself is the client's; what stands before it was sent by the client.
    """
    named = request.head.headers.get("x-forwarded-for", "").split(",")
    address = request.peer
    while named and _is_proxy(address, frozenset(proxies)):
        address = named.pop().strip() or address
    return address


@lru_cache(maxsize=1_000)
def _is_proxy(address: str, proxies: frozenset[str]) -> bool:
    known = _parsed(address)
    return known is not None and any(known in ip_network(proxy) for proxy in proxies)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        known = ip_address(address)
    except ValueError:
        return None
    return getattr(known, "ipv4_mapped", None) or known


HEAD_BYTES: Final = 16_384
"""Maximum size of the request line and headers, in bytes."""


class Mark(Enum):
    """What follows the parts of a request."""

    END = "end"
    CLOSED = "closed"
    MORE = "more"
    """Further bytes have to arrive first."""


class HttpExchange:
    """Requests and responses of one connection, one after the other."""

    def __init__(self) -> None:
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES)

    def receive(self, data: bytes) -> None:
        """Add what has arrived."""
        self._h11.receive_data(data)

    def next(self) -> RequestHead | bytes | Mark:
        """Return the next part of a request: its head, bytes of its body, or a mark.

        Raises RequestRefused for malformed ones.
        """
        try:
            match self._h11.next_event():
                case h11.Request() as request:
                    return _head_of(request)
                case h11.Data() as data:
                    return bytes(data.data)
                case h11.EndOfMessage():
                    return Mark.END
                case h11.ConnectionClosed():
                    return Mark.CLOSED
                case _:  # h11 waits: NEED_DATA, or PAUSED until the response is sent
                    return Mark.MORE
        except h11.RemoteProtocolError as fault:
            raise RequestRefused(HTTPStatus(fault.error_status_hint), "Malformed HTTP request.") from fault

    def go_on(self) -> bytes:
        """Return an interim response if the client waits for one before it sends the body."""
        if not self._h11.they_are_waiting_for_100_continue:
            return b""
        return self._h11.send(h11.InformationalResponse(status_code=100, headers=[])) or b""

    def respond(self, response: HttpResponse, *, method: str, keep_alive: bool) -> bytes:
        """Return a response as it is sent."""
        headers = [*response.headers.items(), ("content-length", f"{len(response.body)}")]
        if not keep_alive:
            headers.append(("connection", "close"))
        reason = HTTPStatus(response.status).phrase.encode()
        events: list[h11.Event] = [
            h11.Response(status_code=response.status, headers=headers, reason=reason),
            *([h11.Data(data=response.body)] if response.body and method != "HEAD" else []),
            h11.EndOfMessage(),
        ]
        return b"".join(self._h11.send(event) or b"" for event in events)

    @property
    def is_read(self) -> bool:
        """Whether the request was read completely."""
        return self._h11.their_state is h11.DONE

    @property
    def is_reusable(self) -> bool:
        """Whether another request can follow the response."""
        return self.is_read and self._h11.our_state is h11.DONE

    def start_next(self) -> bool:
        """Go on with the next request; return whether some of it has arrived."""
        self._h11.start_next_cycle()
        return bool(self._h11.trailing_data[0])


def _head_of(request: h11.Request) -> RequestHead:
    headers: dict[str, str] = {}
    for name, value in request.headers:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    path, _, query = request.target.decode("latin-1").partition("?")
    return RequestHead(method=request.method.decode("latin-1"), path=path, query=query, headers=headers)
