"""HTTP to trackers: JSON in and out, pinned addresses, limits of time and size, faults by their kind."""

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from io import BufferedReader, RawIOBase
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final, Protocol, TypeVar, cast
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit

import msgspec
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from bot.settings import Secret
from bot.trackers.tracker import (
    IssueMissing,
    TrackerBusy,
    TrackerFault,
    TrackerRefused,
    TrackerUnreachable,
)
from bot.version import version

Resolve = Callable[[str, int], Sequence[str]]
"""Returns the IP addresses of a host; raises OSError."""

SETTING: Final = "TRACKER_HOSTS"
"""The setting that names hosts for which neither https nor a public address is required."""

# What a Python's `ipaddress` knows depends on its version, so its flags decide nothing here. Blocks that the
# registries call reachable, such as relays and anycast services, hold no trackers and are refused as well.
_SPECIAL: Final = tuple(
    map(
        ip_network,
        (
            # https://www.iana.org/assignments/iana-ipv4-special-registry, without blocks inside of others
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private use
            "100.64.0.0/10",  # shared by the customers of a provider
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link local, with the metadata of cloud providers
            "172.16.0.0/12",  # private use
            "192.0.0.0/24",  # IETF protocol assignments
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # AMT
            "192.88.99.0/24",  # 6to4 relays, deprecated
            "192.168.0.0/16",  # private use
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarking
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "240.0.0.0/4",  # reserved, and limited broadcast
            # https://www.iana.org/assignments/multicast-addresses
            "224.0.0.0/4",
            # https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
            "168.63.129.16/32",  # the host of a virtual machine
            # https://www.iana.org/assignments/iana-ipv6-special-registry, as far as it lies in 2000::/3
            "2001::/23",  # IETF protocol assignments, with Teredo
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",  # documentation
        ),
    )
)
"""Blocks with a special purpose; the registries were read as of October 2025."""
_UNICAST: Final = IPv6Network("2000::/3")
"""The only block of version 6 from which IANA has assigned public addresses."""
_EMBEDDING: Final = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")
"""Blocks of version 6 whose last 32 bits are the address of version 4 that is called: mapped, and NAT64."""
_MOST_CHARACTERS: Final = 500


def check_url(url: str, allowed: Set[str]) -> SplitResult:
    """Return the parts of a tracker's URL; raises TrackerRefused with a sentence for the person who typed it.

    `allowed` are hosts of the operator's setting, each with a port or without.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise TrackerRefused("The URL is invalid. Enter one such as https://tracker.example.org.") from None
    if parts.scheme not in ("http", "https"):
        raise TrackerRefused("The URL has no scheme. Enter one such as https://tracker.example.org.")
    host = parts.hostname or ""
    if not host or port == 0 or not _is_plain(url) or len(url) > _MOST_CHARACTERS:
        raise TrackerRefused("The URL is invalid. Enter one such as https://tracker.example.org.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise TrackerRefused("The URL must have neither a user name nor a query. Enter only the address.")
    if parts.scheme == "http" and not is_allowed(parts, allowed):
        raise TrackerRefused(
            "The URL must begin with https://. For a tracker in your own network, an operator can add "
            f"{host} to {SETTING}."
        )
    return parts


def resolve_public(parts: SplitResult, allowed: Set[str], *, resolve: Resolve) -> Sequence[str]:
    """Return the IP addresses that a call may connect to.

    All of them must be public, unless the host is allowed: a name that leads to both kinds is suspicious.
    Raises TrackerRefused and TrackerUnreachable.
    """
    host = parts.hostname or ""
    try:
        found = [one.partition("%")[0] for one in resolve(host, port_of(parts))]
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise TrackerUnreachable(f"The host {host} was not found.")
    if not is_allowed(parts, allowed) and not all(is_public(one) for one in found):
        raise TrackerRefused(
            f"The host {host} has a private address. For a tracker in your own network, an operator can add "
            f"it to {SETTING}."
        )
    return found


def resolve_host(host: str, port: int) -> Sequence[str]:
    """Return the IP addresses of a host as the system resolves it; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_allowed(parts: SplitResult, allowed: Set[str]) -> bool:
    """Return whether the operator allows the host, with any port or with this one."""
    host = (parts.hostname or "").rstrip(".")
    shown = f"[{host}]" if ":" in host else host
    return not allowed.isdisjoint({host, f"{shown}:{port_of(parts)}"})


def is_public(address: str) -> bool:
    """Return whether an IP address, or the one of version 4 that it stands for, is public."""
    try:
        called = ip_address(address)
    except ValueError:
        return False
    if any(called in block for block in _EMBEDDING):
        called = IPv4Address(int(called) & 0xFFFF_FFFF)
    if isinstance(called, IPv6Address) and called not in _UNICAST:
        return False
    return not any(called in block for block in _SPECIAL)


def port_of(parts: SplitResult) -> int:
    """Return the port of a URL."""
    return parts.port or (443 if parts.scheme == "https" else 80)


def origin_of(url: str) -> tuple[str, str, int]:
    """Return the scheme, host and port of a URL; raises ValueError."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", port_of(parts)


def _is_plain(url: str) -> bool:
    """Whether a URL has only visible characters of ASCII, and none that parsers disagree about."""
    return url.isascii() and url.isprintable() and not any(one in url for one in ' \\"<>^`{|}')


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


Shape = TypeVar("Shape")
Query = Mapping[str, str | int]

_NO_QUERY: Final[Query] = {}

USUAL_WAIT: Final = 60.0
"""Seconds to wait if a busy tracker does not say how long."""
LONGEST_WAIT: Final = 3_600.0

_REDIRECTS: Final = 3
_TEXT: Final = 300
_KEPT_METHOD: Final = (307, 308)
_MOVED: Final = (301, 302, 303, *_KEPT_METHOD)
_WHY: Final = ("message", "error_description", "error", "errors", "errorMessages")
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError)
"""Errors of decoding JSON: it may be nested too deeply, or lack what was asked for."""
_INVISIBLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\s]+")


class TrackerHttp:
    """The HTTP interface of one tracker, called by one account.

    `base` is the address of the interface. `token` is removed from what the tracker says, and so are the
    secret ones of the `headers`.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        product: str,
        base: str,
        token: Secret,
        headers: Mapping[str, str | Secret],
    ) -> None:
        self._transport = transport
        self._product = product
        self._base = base.rstrip("/")
        self._token = token
        self._headers: dict[str, str | Secret] = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": f"threatmodel-bot/{version()}",
            **headers,
        }

    def __repr__(self) -> str:
        return f"TrackerHttp({self._product}, {self._base})"

    def get(
        self,
        path: str,
        shape: type[Shape],
        *inside: str,
        query: Query = _NO_QUERY,
        issue: str = "",
        refusals: Mapping[int, str] = {},
    ) -> Shape:
        """Return what a path shows; `issue` is the key of the issue that it is about; raises TrackerFault.

        `inside` are the names that lead to it in the answer. `refusals` are sentences for statuses, in place
        of the tracker's own words.
        """
        try:
            answer = self.call("GET", path, query=query, issue=issue)
        except TrackerRefused as fault:
            if fault.status not in refusals:
                raise
            raise TrackerRefused(refusals[fault.status], status=fault.status) from None
        return self.decode(answer, shape, *inside)

    def send(
        self, method: str, path: str, content: object, shape: type[Shape], *inside: str, issue: str = ""
    ) -> Shape:
        """Return the answer to JSON, as `get` does."""
        return self.decode(self.call(method, path, content=content, issue=issue), shape, *inside)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Query = _NO_QUERY,
        content: object = None,
        issue: str = "",
        expected: Sequence[int] = (),
    ) -> TrackerAnswer:
        """Return the answer to JSON: a successful one, or one with an expected status.

        Raises IssueMissing if the tracker does not find the issue that the path is about, TrackerBusy,
        TrackerRefused with the status, and TrackerUnreachable: then the call may have succeeded.
        """
        answer = self._followed(method, self._address(path, query), content)
        if 200 <= answer.status < 300 or answer.status in expected:
            return answer
        raise self._fault(answer, issue)

    def decode(self, answer: TrackerAnswer, shape: type[Shape], *inside: str) -> Shape:
        """Return the JSON of an answer; raises TrackerUnreachable for any other content."""
        try:
            body = answer.body
            for name in inside:
                body = bytes(msgspec.json.decode(body, type=dict[str, msgspec.Raw])[name])
            return msgspec.json.decode(body, type=shape)
        except msgspec.ValidationError as fault:
            why = self.cleaned(str(fault))
            raise TrackerUnreachable(f"The answer of {self._product} cannot be read: {why}.") from None
        except _UNREADABLE:
            # A page of a proxy or of a sign-in has the status 200, too.
            raise TrackerUnreachable(f"The answer of {self._product} cannot be read.") from None

    def busy(self, answer: TrackerAnswer) -> TrackerBusy:
        """Return the fault of a rate limit, with the wait that the answer asks for."""
        return TrackerBusy(f"{self._product} limits the rate of calls.", wait=wait_of(answer.headers))

    def refused(self, said: str, *, status: int = 0, unauthorized: bool = False) -> TrackerRefused:
        """Return the fault of a refusal, with the tracker's own words."""
        words = f": {self.cleaned(said)}" if said else "."
        return TrackerRefused(
            f"{self._product} refused the call{words}", status=status, unauthorized=unauthorized
        )

    def cleaned(self, said: str) -> str:
        """Return a text of the tracker on one line, short and without the token."""
        for secret in (self._token, *(one for one in self._headers.values() if isinstance(one, Secret))):
            if secret:
                said = said.replace(secret.reveal(), "…")
        line = _INVISIBLE.sub(" ", said).strip()
        return line if len(line) <= _TEXT else f"{line[: _TEXT - 1]}…"

    def _address(self, path: str, query: Query) -> str:
        return f"{self._base}{path}{'?' if query else ''}{urlencode(query)}"

    def _followed(self, method: str, url: str, content: object) -> TrackerAnswer:
        """Return the answer, after redirects within the tracker, as of a renamed project."""
        body = b"" if content is None else msgspec.json.encode(content)
        headers = {**self._headers, "Content-Type": "application/json"} if body else self._headers
        for _ in range(_REDIRECTS):
            answer = self._transport.send(TrackerRequest(method=method, url=url, headers=headers, body=body))
            if answer.status not in _MOVED:
                return answer
            if method != "GET" and answer.status not in _KEPT_METHOD:
                break
            target = urljoin(url, answer.headers.get("location", ""))
            try:
                same = origin_of(target) == origin_of(self._base)
            except ValueError:
                same = False
            if not same:
                break
            url = target
        raise TrackerRefused(
            f"{self._product} redirects to another address. Connect the tracker by its current address."
        )

    def _fault(self, answer: TrackerAnswer, issue: str) -> TrackerFault:
        status, why = answer.status, explanation(answer)
        if _limits_rate(answer, why):
            return self.busy(answer)
        if status in (404, 410) and issue:
            return IssueMissing(f"{self._product} has no issue {issue}, or the account cannot read it.")
        if status in (408, 425) or status >= 500:
            return TrackerUnreachable(f"{self._product} failed: HTTP {status}.")
        said = f"HTTP {status} {why}".strip()
        return self.refused(said, status=status, unauthorized=status == 401)


def path_part(text: str) -> str:
    """Return a text as one part of a path; raises TrackerRefused for one that leads elsewhere."""
    if text.strip(".") == "":
        raise TrackerRefused("The project is invalid.")
    return quote(text, safe="")


def explanation(answer: TrackerAnswer) -> str:
    """Return why a call failed, in the tracker's words; empty without any."""
    try:
        said: object = msgspec.json.decode(answer.body)
    except _UNREADABLE:
        return ""
    return "; ".join(dict.fromkeys(_sentences(said, depth=3)))


def wait_of(headers: Mapping[str, str]) -> float:
    """Return the seconds to wait that the headers of an answer ask for.

    Moments are compared with the clock of the tracker, not with the one of this machine.
    """
    wait = _seconds(headers, "retry-after")
    for name in ("x-ratelimit-reset", "ratelimit-reset", "x-ratelimit-requests-reset"):
        wait = _seconds(headers, name) if wait is None else wait
    return USUAL_WAIT if wait is None else min(max(wait, 1.0), LONGEST_WAIT)


def _limits_rate(answer: TrackerAnswer, why: str) -> bool:
    headers = answer.headers
    match answer.status:
        case 429:
            return True
        case 403:
            said = "rate limit" in why.lower()
            return said or "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
        case 503:
            return "retry-after" in headers
        case _:
            return False


def _seconds(headers: Mapping[str, str], name: str) -> float | None:
    """The seconds of a header: a number of seconds, a moment in Unix time or its milliseconds, or a date."""
    value = headers.get(name, "").strip()
    if value.isascii() and value.isdecimal() and len(value) < 16:
        number = float(value)
        if number < _UNIX_TIME:
            return number
        number = number / 1_000 if number >= _UNIX_TIME * 1_000 else number
        now = _moment(headers.get("date", ""))
        return None if now is None else number - now
    moment, now = _moment(value), _moment(headers.get("date", ""))
    return None if moment is None or now is None else moment - now


_UNIX_TIME: Final = 1_000_000_000
"""Numbers from here on are moments."""


def _moment(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _sentences(said: Any, *, depth: int) -> Iterable[str]:
    match said:
        case str():
            yield said
        case list() if depth:
            for one in cast("list[Any]", said)[:10]:
                yield from _sentences(one, depth=depth - 1)
        case dict() if depth:
            named = cast("dict[str, Any]", said)
            known = {name: named[name] for name in _WHY if name in named}
            fields = known or named if depth < 3 else known
            for name, one in list(fields.items())[:10]:
                for sentence in _sentences(one, depth=depth - 1):
                    yield sentence if name in _WHY else f"{name}: {sentence}"
        case _:
            pass
