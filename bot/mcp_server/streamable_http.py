"""Service over streamable HTTP, for holders of access tokens: stateless, on a port of its own."""

import asyncio
import json
import math
import socket
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.mcp_server.agent_service import MAX_BYTES, AgentService, Count, not_counted
from bot.mcp_server.call_rates import CallRates
from bot.mcp_server.call_refusals import Unavailable
from bot.mcp_server.callers import Caller
from bot.mcp_server.protocol_server import Context, ProtocolServer

PATH: Final = "/mcp"
THREADS: Final = 4
"""Calls answered at the same time: few, so that agents do not take the processor from people in Slack."""

MAX_CONNECTIONS: Final = 256

Authenticate = Callable[[str], Caller | None]
"""Return the caller with an access token; None if it is not accepted. Raises Unavailable."""

_CALLER: Final = "threatmodel.caller"


class McpHttpServer:
    """Running server on a listening socket, with a thread of its own.

    `proxies` are the addresses and networks whose header `X-Forwarded-For` names the caller.
    """

    def __init__(
        self,
        service: AgentService,
        authenticate: Authenticate,
        listening: socket.socket,
        *,
        count: Count = not_counted,
        proxies: Collection[str] = ("127.0.0.1",),
        rates: CallRates | None = None,
    ) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="mcp")
        app = ProtocolServer(service, _caller_of, self._threads).server.streamable_http_app(
            streamable_http_path=PATH,
            json_response=True,
            stateless_http=True,
            max_request_body_size=MAX_BYTES,
            # A page in a browser has no access token, and the proxy in front decides on host names.
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        config = uvicorn.Config(
            AuthenticatedApp(app, authenticate, self._threads, count, rates or CallRates()),
            forwarded_allow_ips=list(proxies),
            access_log=False,
            limit_concurrency=MAX_CONNECTIONS,
            log_config=None,
            server_header=False,
            date_header=False,
            lifespan="on",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=partial(self._server.run, sockets=[listening]), name="mcp", daemon=True
        )
        self.address = f"http://{listening.getsockname()[0]}:{listening.getsockname()[1]}{PATH}"
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Return whether it serves."""
        return self._thread.is_alive()

    def stop(self, seconds: int) -> None:
        """Finish the running calls, within so many seconds."""
        self._server.config.timeout_graceful_shutdown = seconds
        self._server.should_exit = True
        self._thread.join(seconds + 1)
        self._threads.shutdown()


class AuthenticatedApp:
    """Application that only callers with an accepted token reach; the token goes no further."""

    def __init__(
        self,
        app: ASGIApp,
        authenticate: Authenticate,
        threads: ThreadPoolExecutor,
        count: Count,
        rates: CallRates,
    ) -> None:
        self._app = app
        self._authenticate = authenticate
        self._threads = threads
        self._count = count
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request of the ASGI protocol."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, token = time.monotonic(), _token_of(scope)
        if wait := self._rates.take(token, _address_of(scope)):
            # Before a thread or the database has anything to do with it.
            self._count("authentication", "rate_limited", time.monotonic() - started)
            await _respond(send, 429, "too_many_requests", "Too many calls. Try again later.", wait=wait)
            return
        try:
            loop = asyncio.get_running_loop()
            caller = await loop.run_in_executor(self._threads, self._authenticate, token)
        except Unavailable as fault:
            await _respond(send, 503, "temporarily_unavailable", str(fault))
            return
        if caller is None:
            self._rates.refused(token)
            self._count("authentication", "token_refused", time.monotonic() - started)
            await _respond(send, 401, "invalid_token", "A valid access token is required.")
            return
        self._rates.accepted(token)
        if scope["method"] != "POST":
            # A stream for messages of the server, of which there are none, would only hold a connection.
            await _respond(send, 405, "method_not_allowed", "Send a POST request.")
            return
        kept = [(name, value) for name, value in scope["headers"] if name != b"authorization"]
        await self._app({**scope, "headers": kept, _CALLER: caller}, receive, send)


def _caller_of(context: Context) -> Caller:
    request: Any = context.request
    caller = request.scope[_CALLER]
    if not isinstance(caller, Caller):
        raise TypeError("the request was not authenticated")
    return caller


def _token_of(scope: Scope) -> str:
    """Return the bearer token of a request; empty if it has none, or several."""
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    scheme, _, token = given[0].decode("latin-1").partition(" ") if len(given) == 1 else ("", "", "")
    return token.strip() if scheme.lower() == "bearer" else ""


def _address_of(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


async def _respond(send: Send, status: int, error: str, description: str, *, wait: float = 0.0) -> None:
    body = json.dumps({"error": error, "error_description": description}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", f'Bearer error="{error}"'.encode()))
    if wait:
        headers.append((b"retry-after", str(math.ceil(wait)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
