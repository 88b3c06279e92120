"""Server of the Web API, Socket Mode and the page."""

import asyncio
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request
from nicegui import ui

from bot.sandbox.page.browser_tab import BrowserTab
from bot.sandbox.payload_delivery.socket_mode_server import DropConnections
from bot.sandbox.sandbox_server import OnReady, Sandbox
from bot.sandbox.threaded_server import OriginGuard

STYLES = Path(__file__).with_name("styles")
SCRIPTS = Path(__file__).with_name("scripts")
FAVICON = "🏠"
LEAVE_SECONDS = 2
BOT_SECONDS = 6


def serve_page(sandbox: Sandbox, port: int, on_ready: OnReady) -> None:
    """Serve a sandbox with its page until SIGTERM or SIGINT; raises OSError if the port is taken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    sandbox.serves_at(f"http://127.0.0.1:{listening.getsockname()[1]}")
    server = _Server(
        uvicorn.Config(
            DropConnections(OriginGuard(_page_app(sandbox))),
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=LEAVE_SECONDS,
        )
    )
    bot = _Bot(sandbox, server, on_ready)
    server.before_shutdown = bot.stop
    # uvicorn raises the signal again after it has stopped; without our own handlers that would kill the
    # process instead of an orderly shutdown.
    previous = {number: signal.signal(number, _ignore) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        bot.start()
        server.run(sockets=[listening])
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        sandbox.stop()
    bot.tell()


class _Server(uvicorn.Server):
    """Stops the bot while the Web API still responds, so that it can finish its work."""

    before_shutdown: Callable[[], None] | None = None

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.before_shutdown is not None:
            # A daemon, because the loop would wait for threads of its own pool without a limit.
            stopping = threading.Thread(target=self.before_shutdown, name="sandbox-bot-stop", daemon=True)
            stopping.start()
            ends = time.monotonic() + BOT_SECONDS
            while stopping.is_alive() and time.monotonic() < ends:
                await asyncio.sleep(0.02)
        await super().shutdown(sockets)


class _Bot:
    """Starts the bot when the server responds, and stops it when the server ends."""

    def __init__(self, sandbox: Sandbox, server: uvicorn.Server, on_ready: OnReady) -> None:
        self._server = server
        self._on_ready = on_ready
        self._sandbox = sandbox
        self._stop: Callable[[], None] | None = None
        self._failed: BaseException | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-bot", daemon=True)

    def start(self) -> None:
        """Start waiting for the server."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the bot, if it was started."""
        self._ended.set()
        self._thread.join(LEAVE_SECONDS)
        if self._stop is not None:
            self._stop()

    def tell(self) -> None:
        """Raise the error of the bot's start, if there was one."""
        if self._failed is not None:
            raise self._failed

    def _run(self) -> None:
        while not self._server.started:
            if self._ended.wait(0.01):
                return
        try:
            self._stop = self._on_ready(self._sandbox)
        except BaseException as failed:  # noqa: BLE001  (raised again in the main thread, by `tell`)
            self._failed = failed
            self._server.should_exit = True


def _page_app(sandbox: Sandbox) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.router.routes.extend(sandbox.app.routes)
    style = "\n".join(sheet.read_text() for sheet in sorted(STYLES.glob("*.css")))
    script = "\n".join(file.read_text() for file in sorted(SCRIPTS.glob("*.js")))

    @ui.page("/", title=f"{sandbox.workspace.app.name} | sandbox", favicon=FAVICON)
    def page(request: Request) -> None:
        ui.add_head_html(f"<style>{style}</style><script>{script}</script>")
        asked = request.query_params
        named = [one for one in sandbox.workspaces if one.workspace.team.id == asked.get("at")]
        tab = BrowserTab(
            named[0] if named else sandbox,
            spaces=[workspace.workspace for workspace in sandbox.workspaces],
            who=asked.get("as", "ana"),
            where=asked.get("in", ""),
        )
        tab.draw()

    ui.run_with(  # pyright: ignore[reportUnknownMemberType]  (NiceGUI leaves one callback's type open)
        app, tailwind=False, reconnect_timeout=30, show_welcome_message=False
    )
    return app


def _ignore(number: int, frame: object) -> None:
    del number, frame
