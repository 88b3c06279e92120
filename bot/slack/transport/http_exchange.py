"""HTTP messages of one connection: requests are parsed, and responses are formatted.

Usual requests are read with one pattern, in a tenth of the time of h11. It takes only what h11 reads in the
same way; everything else is left to h11, with its tolerance and its refusals.
"""

import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from http import HTTPStatus
from typing import Final

import h11

from bot.slack.transport.http_messages import HttpResponse, RequestHead, RequestRefused

HEAD_BYTES: Final = 16_384
"""Maximum size of the request line and headers, in bytes."""

_USUAL_HEAD: Final = re.compile(
    rb"POST (/[!-~]*) HTTP/1\.1\r\n"
    rb"((?:[\w!#$%&'*+.^`|~-]+:[ ]?(?:[!-~]+(?: [!-~]+)*)?\r\n)+)\r\n"
)
"""Request with headers of visible ASCII; h11 accepts other line ends, folded lines and further characters."""

_DECISIVE: Final = frozenset({"connection", "expect", "trailer", "transfer-encoding", "upgrade"})
"""Headers that change how the rest is read, or what follows."""

_LENGTH: Final = re.compile(r"0|[1-9]\d{0,11}", re.ASCII)


class Mark(Enum):
    """What follows the parts of a request."""

    END = "end"
    CLOSED = "closed"
    MORE = "more"
    """Further bytes have to arrive first."""


class HttpExchange:
    """Requests and responses of one connection, one after the other."""

    def __init__(self) -> None:
        self._general = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES)
        self._is_untouched = True
        self._head: RequestHead | None = None
        self._missing: int | None = None
        """Bytes of the body of a usual request that were not read yet; None while h11 reads."""
        self._data = b""
        self._is_read = False

    def receive(self, data: bytes) -> None:
        """Add what has arrived."""
        if self._missing is not None:
            self._data += data
        elif self._is_untouched and (usual := _usual_head(data)) is not None:
            self._head, self._missing, size = usual
            self._data = data[size:]
        else:
            self._is_untouched = False
            self._general.receive_data(data)

    def next(self) -> RequestHead | bytes | Mark:
        """Return the next part of a request: its head, bytes of its body, or a mark.

        Raises RequestRefused for malformed ones.
        """
        if self._missing is None:
            return self._next_general()
        if self._head is not None:
            head, self._head = self._head, None
            return head
        if self._missing:
            part, self._data = self._data[: self._missing], self._data[self._missing :]
            self._missing -= len(part)
            return part or Mark.MORE
        if self._is_read:
            return Mark.MORE  # of the next request, after the response
        self._is_read = True
        return Mark.END

    def go_on(self) -> bytes:
        """Return an interim response if the client waits for one before it sends the body."""
        if self._missing is not None or not self._general.they_are_waiting_for_100_continue:
            return b""
        return self._general.send(h11.InformationalResponse(status_code=100, headers=[])) or b""

    def respond(self, response: HttpResponse, *, method: str, keep_alive: bool) -> bytes:
        """Return a response as it is sent."""
        length = f"{len(response.body)}"
        if self._missing is not None:
            end = "" if keep_alive else "connection: close\r\n"
            head = _formatted_head(response.status, tuple(response.headers.items()))
            return b"%b%b" % (f"{head}content-length: {length}\r\n{end}\r\n".encode(), response.body)
        headers = [*response.headers.items(), ("content-length", length)]
        if not keep_alive:
            headers.append(("connection", "close"))
        events: list[h11.Event] = [
            h11.Response(status_code=response.status, headers=headers, reason=_reason(response.status)),
            *([h11.Data(data=response.body)] if response.body and method != "HEAD" else []),
            h11.EndOfMessage(),
        ]
        return b"".join(self._general.send(event) or b"" for event in events)

    @property
    def is_read(self) -> bool:
        """Whether the request was read completely."""
        return self._general.their_state is h11.DONE if self._missing is None else self._is_read

    @property
    def is_reusable(self) -> bool:
        """Whether another request can follow the response."""
        return self.is_read and (self._missing is not None or self._general.our_state is h11.DONE)

    def start_next(self) -> bool:
        """Go on with the next request; return whether some of it has arrived."""
        if self._missing is None:
            self._general.start_next_cycle()
            self._is_untouched = not self._general.trailing_data[0]
            return not self._is_untouched
        data, self._data, self._missing, self._is_read = self._data, b"", None, False
        if data:
            self.receive(data)
        return bool(data)

    def _next_general(self) -> RequestHead | bytes | Mark:
        try:
            match self._general.next_event():
                case h11.Request() as request:
                    return _head_of(request)
                case h11.Data() as data:
                    return bytes(data.data)
                case h11.EndOfMessage():
                    return Mark.END
                case h11.ConnectionClosed():
                    return Mark.CLOSED
                case _:
                    return Mark.MORE
        except h11.RemoteProtocolError as fault:
            raise RequestRefused(HTTPStatus(fault.error_status_hint), "Malformed HTTP request.") from fault


def _usual_head(data: bytes) -> tuple[RequestHead, int, int] | None:
    """Return the head of a usual request, the sizes of its body and of its head; None for any other bytes."""
    found = _USUAL_HEAD.match(data, 0, HEAD_BYTES)
    if found is None:
        return None
    target, lines = found[1].decode("ascii"), found[2].decode("ascii").split("\r\n")[:-1]
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.lstrip(" ")
    length = headers.get("content-length", "")
    is_usual = len(headers) == len(lines) and "host" in headers and _LENGTH.fullmatch(length)
    if not is_usual or not _DECISIVE.isdisjoint(headers):
        return None
    return _request_head("POST", target, headers), int(length), found.end()


def _head_of(request: h11.Request) -> RequestHead:
    headers: dict[str, str] = {}
    for name, value in request.headers:
        key, said = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {said}" if key in headers else said
    return _request_head(request.method.decode("latin-1"), request.target.decode("latin-1"), headers)


def _request_head(method: str, target: str, headers: Mapping[str, str]) -> RequestHead:
    path, _, query = target.partition("?")
    return RequestHead(method=method, path=path, query=query, headers=headers)


@lru_cache(maxsize=256)
def _formatted_head(status: int, headers: tuple[tuple[str, str], ...]) -> str:
    """Return the status line and headers of a response; raises h11.LocalProtocolError for invalid ones."""
    checked = h11.Response(status_code=status, headers=list(headers), reason=_reason(status))
    lines = (f"{name.decode()}: {value.decode('latin-1')}\r\n" for name, value in checked.headers.raw_items())
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{''.join(lines)}"


def _reason(status: int) -> bytes:
    return HTTPStatus(status).phrase.encode()
