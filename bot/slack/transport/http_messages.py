"""HTTP requests and responses as the bot sees them, and the protocol of a site."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Protocol

import msgspec

TEXT = "text/plain; charset=utf-8"


class RequestHead(msgspec.Struct, frozen=True, kw_only=True):
    """The request line and the headers; names of headers are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]


NO_HEAD = RequestHead(method="", path="", query="", headers={})


class HttpRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request that has arrived whole."""

    head: RequestHead
    body: bytes


def _nothing() -> None:
    return None


class HttpResponse(msgspec.Struct, frozen=True, kw_only=True):
    """An answer; `sent` is called when it was written, or when it is known that it never will be.

    Only where `keep` is set may the connection bring another request.
    """

    status: int = 200
    headers: Mapping[str, str] = {}
    body: bytes = b""
    keep: bool = False
    sent: Callable[[], None] = _nothing


class RequestRefused(Exception):
    """A request that is refused: a status of HTTP, and a sentence of ours without words of the request."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Site(Protocol):
    """Handler of the requests to one port. Its methods run on the reading thread, so they never wait."""

    def max_body_bytes(self, head: RequestHead) -> int:
        """Return the largest body that is read; raises RequestRefused for a request that is not read."""
        ...

    def admit(self, request: HttpRequest) -> HttpResponse | Callable[[], HttpResponse]:
        """Return the answer, or the work that a thread does for it; raises RequestRefused."""
        ...


def plain_response(text: str, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """Return a response with a line of text."""
    return HttpResponse(status=status, headers={"content-type": TEXT}, body=f"{text}\n".encode())
