"""HTTP server on loopback, run in a thread."""

import asyncio
import socket
import threading
import time
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from bot.sandbox.http_endpoints.origin_guard import OriginGuard
from bot.sandbox.payload_delivery.dropped_connections import DropConnections

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
