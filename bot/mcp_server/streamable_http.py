"""Service over streamable HTTP, for holders of access tokens: stateless, behind a door of its own."""

import asyncio
import hashlib
import json
import math
import threading
import time
from collections.abc import Callable, Collection, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from bot.mcp_server.agent_service import MAX_BYTES, AgentService, Count, not_counted
from bot.mcp_server.callers import Caller, Unavailable
from bot.mcp_server.protocol_server import Context, ProtocolServer
from bot.request_rates import AddressRates, Clock, RequestRate, SenderRates
from bot.slack.transport.http_messages import (
    HttpRequest,
    HttpResponse,
    RequestHead,
    RequestRefused,
    client_address,
    plain_response,
)

EACH: Final = RequestRate(burst=20, per_second=1.0)
"""Calls from one address."""

ALL: Final = RequestRate(burst=200, per_second=20.0)
"""Calls from all addresses together: each that has the form of a token costs a statement."""

MOST_TOKENS: Final = 10_000
"""Tokens that are known to be valid: those that were used last."""

USED: Final = RequestRate(burst=600, per_second=60.0)
"""Calls with one valid token, which are looked at however many others are refused."""


class CallRates:
    """Rates of calls in one process; holders of a token that was valid lately are not concerned.

    All others take from the rate of their address first, so that one address alone cannot use up what is
    left for callers with a token that the process does not know yet. Tokens are kept as digests.
    """

    def __init__(self, *, clock: Clock = time.monotonic) -> None:
        self._addresses = AddressRates(EACH, ALL, clock=clock)
        self._tokens: SenderRates[bytes] = SenderRates(USED, most=MOST_TOKENS, clock=clock)

    def take(self, token: str, address: str) -> float:
        """Return 0.0 if a call may be looked at, or the seconds until it may be repeated."""
        digest = _digest(token)
        if digest in self._tokens:
            return self._tokens.take(digest)
        return self._addresses.take(address)

    def accepted(self, token: str) -> None:
        """Record that a token is valid."""
        self._tokens.add(_digest(token))

    def refused(self, token: str) -> None:
        """Record that a token is not valid, or no longer."""
        self._tokens.remove(_digest(token))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()


PATH: Final = "/mcp"
THREADS: Final = 4
"""Calls answered at the same time: few, so that agents do not take the processor from people in Slack."""

Authenticate = Callable[[str], Caller | None]
"""Return the caller with an access token; None if it is not accepted. Raises Unavailable."""

_CALLER: Final = "threatmodel.caller"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


class AgentSite:
    """Site that answers callers with an accepted token; the token goes no further.

    `proxies` are the addresses and networks whose header `X-Forwarded-For` names the caller. If there is a
    `public_url`, requests must be for it.
    """

    def __init__(
        self,
        service: AgentService,
        authenticate: Authenticate,
        *,
        count: Count = not_counted,
        proxies: Collection[str] = ("127.0.0.1",),
        public_url: str = "",
        rates: CallRates | None = None,
    ) -> None:
        self._authenticate = authenticate
        self._count = count
        self._proxies = proxies
        self._public_url = public_url
        self._rates = rates or CallRates()
        self._protocol = ProtocolLoop(service)

    def close(self) -> None:
        """End the protocol; the server has finished its calls by then."""
        self._protocol.close()

    def max_body_bytes(self, head: RequestHead) -> int:
        """Return the largest body to read; raises RequestRefused for requests from web pages of others.

        Without the check, a page could reach a port of its reader's machine, by a name that it has led there.
        """
        if head.headers.get("origin", self._public_url).lower() != self._public_url.lower():
            raise RequestRefused(HTTPStatus.FORBIDDEN, "Requests from other web pages are not accepted.")
        if self._public_url and not self._is_for(head.headers.get("host", "")):
            raise RequestRefused(HTTPStatus.MISDIRECTED_REQUEST, "The Host header is not that of PUBLIC_URL.")
        return MAX_BYTES if head.path == PATH else 0

    def _is_for(self, host: str) -> bool:
        """Return whether a request is for the public address, or from this machine."""
        name = (host if host.endswith("]") else host.rpartition(":")[0] or host).lower()
        return name in _LOOPBACK or name == urlsplit(self._public_url).hostname

    def admit(self, request: HttpRequest) -> HttpResponse | Callable[[], HttpResponse]:
        """Return a refusal, or a function that authenticates the caller and answers the call."""
        if request.head.path != PATH:
            return plain_response("not found", HTTPStatus.NOT_FOUND)
        started, token = time.monotonic(), _token_of(request.head)
        if wait := self._rates.take(token, client_address(request, self._proxies)):
            # Before a thread or the database has anything to do with it.
            self._count("authentication", "rate_limited", time.monotonic() - started)
            return _refusal(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too_many_requests",
                "Too many calls. Try again later.",
                {"retry-after": str(math.ceil(wait))},
            )
        return partial(self._answer, request, token, started)

    def _answer(self, request: HttpRequest, token: str, started: float) -> HttpResponse:
        try:
            caller = self._authenticate(token)
        except Unavailable as fault:
            return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, "temporarily_unavailable", str(fault))
        if caller is None:
            self._rates.refused(token)
            self._count("authentication", "token_refused", time.monotonic() - started)
            error = "invalid_token"
            challenge = {"www-authenticate": f'Bearer error="{error}"'}
            return _refusal(HTTPStatus.UNAUTHORIZED, error, "A valid access token is required.", challenge)
        self._rates.accepted(token)
        if request.head.method != "POST":
            # A stream for messages of the server, of which there are none, would only hold a connection.
            return _refusal(
                HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", "Send a POST request.", {"allow": "POST"}
            )
        return self._protocol.answer(request, caller)


class ProtocolLoop:
    """The SDK on an event loop of its own, so that reading a call delays no request of Slack.

    Each call is whole before it comes here, and is answered as a whole: the server starts no streams.
    """

    def __init__(self, service: AgentService) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="mcp")
        self._manager = StreamableHTTPSessionManager(
            ProtocolServer(service, _caller_of, self._threads).server,
            json_response=True,
            stateless=True,
            max_request_body_size=MAX_BYTES,
        )
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mcp", daemon=True)
        self._thread.start()
        self._begun.wait()

    def answer(self, request: HttpRequest, caller: Caller) -> HttpResponse:
        """Return the response to an authenticated call."""
        return asyncio.run_coroutine_threadsafe(self._exchange(request, caller), self._loop).result()

    def close(self) -> None:
        """End the loop and its threads."""
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        self._threads.shutdown()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        async with self._manager.run():
            self._begun.set()
            await self._ended.wait()

    async def _exchange(self, request: HttpRequest, caller: Caller) -> HttpResponse:
        """Pass a request to the SDK as an ASGI server does."""
        head = request.head
        left = [{"type": "http.request", "body": request.body, "more_body": False}]
        start: MutableMapping[str, Any] = {}
        body: list[bytes] = []

        async def receive() -> MutableMapping[str, Any]:
            if not left:
                await asyncio.Event().wait()  # for the end of the connection, which matters to no one
            return left.pop()

        async def send(message: MutableMapping[str, Any]) -> None:
            start.update(message)
            body.append(message.get("body", b""))

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": head.method,
            "scheme": "http",
            "path": head.path,
            "raw_path": head.path.encode(),
            "query_string": head.query.encode(),
            "root_path": "",
            "headers": [
                (name.encode("latin-1"), value.encode("latin-1"))
                for name, value in head.headers.items()
                if name != "authorization"
            ],
            _CALLER: caller,
        }
        await self._manager.handle_request(scope, receive, send)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
        headers.pop("content-length", None)  # that of the response as it is sent
        return HttpResponse(status=start["status"], headers=headers, body=b"".join(body), keep_alive=True)


def _caller_of(context: Context) -> Caller:
    request: Any = context.request
    caller = request.scope[_CALLER]
    if not isinstance(caller, Caller):
        raise TypeError("the request was not authenticated")
    return caller


def _token_of(head: RequestHead) -> str:
    """Return the bearer token of a request; empty if it has none, or several."""
    scheme, _, token = head.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and "," not in token else ""


def _refusal(
    status: HTTPStatus, error: str, description: str, headers: dict[str, str] | None = None
) -> HttpResponse:
    body = json.dumps({"error": error, "error_description": description}).encode()
    return HttpResponse(
        status=status, headers={"content-type": "application/json", **(headers or {})}, body=body
    )
