"""HTTP requests and responses as the bot sees them, and the protocol of a site."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Protocol

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
