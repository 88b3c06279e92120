"""The workspace's own small server on loopback."""

import socket
import threading
import time

import uvicorn
from starlette.types import ASGIApp

from bot.sandbox.delivery.dropping import HangUp
from bot.sandbox.web.guarding import OwnPagesOnly

LEAVE_SECONDS = 5


class Server:
    """Serves an application in a thread."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        """Start; port 0 takes a free one. Raises OSError if the port is taken."""
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            HangUp(OwnPagesOnly(app)),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
            ws_max_size=2**24,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, name="sandbox", daemon=True
        )

    def start(self) -> None:
        """Serve, and return once answers come."""
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.002)

    def stop(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        self._thread.join(LEAVE_SECONDS)
