"""HTTP server on loopback, run in a thread, that refuses foreign hosts and origins."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import urlsplit

import uvicorn
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

from bot.sandbox.payload_delivery.socket_mode_server import DropConnections

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

NO_SUCH_HOST = "Unknown host name. Open the workspace at the address that was printed at startup.\n"
OTHER_ORIGIN = "Requests from pages of other origins are refused.\n"

_HEADERS = (
    ("x-frame-options", "DENY"),
    ("content-security-policy", "frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "same-origin"),
)


class OriginGuard:
    """Middleware that refuses foreign hosts and origins, and forbids framing.

    A name that a website has pointed to this address (DNS rebinding) appears in `Host`; a page of another
    website that connects or posts here is named in `Origin`. Programs send no origin. `names` are the
    workspace's additional host names besides those of this machine.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str] = ()) -> None:
        self._app = app
        self._names = LOOPBACK | {name.lower() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward permitted requests, and refuse the others."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Headers(scope=scope))
        if refusal is None:
            await self._app(scope, receive, _unframed(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": refusal.strip()})
        else:
            await PlainTextResponse(refusal, status_code=403)(scope, receive, _unframed(send))

    def _refusal(self, headers: Headers) -> str | None:
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or _name(f"//{hosts[0]}") not in self._names:
            return NO_SUCH_HOST
        # The same host with another port is another server of this machine, which has no access here.
        own = (f"http://{hosts[0]}".lower(), f"https://{hosts[0]}".lower())
        return OTHER_ORIGIN if any(origin.lower() not in own for origin in origins) else None


def _name(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _unframed(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS:
                headers.setdefault(name, value)
        await send(message)

    return with_headers


LEAVE_SECONDS = 5


class ThreadedServer:
    """Server for an application in a thread."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        """Start the server; port 0 selects a free one. Raises OSError if the port is taken."""
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            DropConnections(OriginGuard(app)),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
            ws_max_size=2**24,
        )
        self._server = _PromptServer(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, name="sandbox", daemon=True
        )

    def start(self) -> None:
        """Start the server, and return once it responds."""
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.002)

    def stop(self) -> None:
        """Stop the server."""
        self._server.end()
        self._thread.join(LEAVE_SECONDS)


class _PromptServer(uvicorn.Server):
    """Server that stops immediately; uvicorn itself polls every tenth of a second and then waits again."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()

    def end(self) -> None:
        """Stop the server; may be called from any thread, and repeatedly."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed: the server has ended already
                self._loop.call_soon_threadsafe(self._ended.set)

    @override
    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        # Each poll updates the date of the responses if its count is divisible by ten.
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), 1.0)

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for one in sockets or []:
            one.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        ends = time.monotonic() + (self.config.timeout_graceful_shutdown or 0)
        while (self.server_state.connections or self.server_state.tasks) and time.monotonic() < ends:
            await asyncio.sleep(0.002)
        for task in self.server_state.tasks:
            task.cancel()
