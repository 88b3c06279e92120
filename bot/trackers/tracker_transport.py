"""HTTP to trackers by urllib3: addresses are checked, and time and size are limited."""

import ssl
import time
from collections.abc import Mapping, Set
from http.client import HTTPException, HTTPResponse
from io import BufferedReader, RawIOBase
from typing import Any, Final, Protocol

import msgspec
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from bot.settings import Secret
from bot.trackers.tracker import TrackerUnreachable
from bot.trackers.tracker_addresses import Resolve, check_url, port_of, resolve_host, resolve_public

CONNECT_SECONDS: Final = 5.0
MOST_ADDRESSES: Final = 6
"""Addresses of a host that are tried: each may keep a thread for the time of a connection."""
SILENCE_SECONDS: Final = 15.0
"""The longest wait for the next bytes of an answer."""
ANSWER_SECONDS: Final = 30.0
"""The longest time in which a whole answer must arrive."""
MOST_BYTES: Final = 8_000_000
"""The largest answer that is read, after decompression."""

_PIECE: Final = 65_536


class TrackerRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request to a tracker; tokens are only in headers that hide their value."""

    method: str
    url: str
    headers: Mapping[str, str | Secret]
    body: bytes = b""


class TrackerAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of a tracker; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """Sends a request once, and follows no redirects."""

    def send(self, request: TrackerRequest) -> TrackerAnswer:
        """Return the answer; raises TrackerUnreachable, and TrackerRefused for an address not allowed."""
        ...


class UrllibTransport:
    """The connections of a process to all trackers, to be used by any thread.

    The host of each request is resolved and checked again, and the connection goes to the address that was
    checked: a name that changes its address in between gains nothing. `allowed` are the hosts for which
    neither https nor a public address is required.
    """

    def __init__(self, *, allowed: Set[str] = frozenset(), resolve: Resolve = resolve_host) -> None:
        self._allowed = frozenset(one.lower() for one in allowed)
        self._resolve = resolve
        self._pools = PoolManager(num_pools=32, maxsize=4, ssl_context=ssl.create_default_context())
        classes: dict[str, Any] = {"http": _Pool, "https": _SecurePool}
        self._pools.pool_classes_by_scheme = classes

    @property
    def allowed(self) -> Set[str]:
        """The hosts for which neither https nor a public address is required."""
        return self._allowed

    def close(self) -> None:
        """Close the idle connections."""
        self._pools.clear()

    def send(self, request: TrackerRequest) -> TrackerAnswer:
        """Return the answer; raises TrackerUnreachable, and TrackerRefused for an address not allowed."""
        base, question, query = request.url.partition("?")
        parts = check_url(base, self._allowed)
        host, scheme, port = parts.hostname or "", parts.scheme, port_of(parts)
        path = f"{parts.path or '/'}{question}{query}"
        headers = {
            name: one if isinstance(one, str) else one.reveal() for name, one in request.headers.items()
        }
        headers["Host"] = parts.netloc
        checked = {"server_hostname": host, "assert_hostname": host} if scheme == "https" else {}
        addresses = resolve_public(parts, self._allowed, resolve=self._resolve)
        for address in addresses[:MOST_ADDRESSES]:
            pool = self._pools.connection_from_host(address, port, scheme, pool_kwargs=checked)
            try:
                with pool.urlopen(
                    request.method,
                    path,
                    body=request.body or None,
                    headers=headers,
                    retries=False,
                    redirect=False,
                    timeout=Timeout(connect=CONNECT_SECONDS, read=SILENCE_SECONDS),
                    preload_content=False,
                ) as response:
                    return _read(response, host)
            except (NewConnectionError, ConnectTimeoutError):
                continue  # nothing was sent
            except SSLError as error:
                reason = getattr(error.args[0], "verify_message", "") if error.args else ""
                raise TrackerUnreachable(
                    f"The certificate of {host} is not valid. {reason}".strip()
                ) from None
            except (OSError, HTTPException, HTTPError) as error:
                raise TrackerUnreachable(f"{host} did not answer: {type(error).__name__}.") from None
        raise TrackerUnreachable(f"{host} does not accept connections.")


def _read(response: BaseHTTPResponse, host: str) -> TrackerAnswer:
    pieces: list[bytes] = []
    size = 0
    for piece in response.stream(_PIECE, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > MOST_BYTES:
            response.close()
            raise TrackerUnreachable(f"The answer of {host} is too large.")
    headers = {name.lower(): value for name, value in response.headers.items()}
    response.release_conn()
    return TrackerAnswer(status=response.status, headers=headers, body=b"".join(pieces))


class TimedReader(RawIOBase):
    """Reads from a socket until a moment, however slowly the other side sends."""

    def __init__(self, raw: RawIOBase, connected: Any, *, until: float, clock: Any = time.monotonic) -> None:
        super().__init__()
        self._raw = raw
        self._socket = connected
        self._until = until
        self._clock = clock

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        """Read what has arrived; raises TimeoutError."""
        left = self._until - self._clock()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._socket.settimeout(min(left, SILENCE_SECONDS))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Close the file of the socket."""
        self._raw.close()
        super().close()


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: Any, *arguments: Any, **named: Any) -> None:
        super().__init__(sock, *arguments, **named)
        raw: Any = self.fp.detach()
        self.fp: Any = BufferedReader(TimedReader(raw, sock, until=time.monotonic() + ANSWER_SECONDS))


class _Connection(HTTPConnection):
    response_class = _TimedResponse


class _SecureConnection(HTTPSConnection):
    response_class = _TimedResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls: Any = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls: Any = _SecureConnection
