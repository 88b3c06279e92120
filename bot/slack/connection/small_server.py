"""A small WSGI server on a thread: for the pages of whoever watches, the sandbox, and tests."""

import threading
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import WSGIApplication


class SmallServer(ThreadingMixIn, WSGIServer):
    """Serves until it is stopped; the bot itself is served by gunicorn."""

    daemon_threads = True
    request_queue_size = 128

    @classmethod
    def start(cls, application: WSGIApplication, *, host: str, port: int) -> "SmallServer":
        """Serve on a thread of its own, at any free port for 0; raises OSError if the port is taken."""
        server = make_server(host, port, application, server_class=cls, handler_class=_Silent)
        threading.Thread(target=server.serve_forever, args=(0.05,), name="pages", daemon=True).start()
        return server

    @property
    def address(self) -> str:
        """Where it serves."""
        return f"http://{self.server_address[0]}:{self.server_port}"

    def server_bind(self) -> None:
        """Bind without the base class's look-up of this machine's name, which may ask the network."""
        TCPServer.server_bind(self)
        host, port = str(self.server_address[0]), int(self.server_address[1])
        self.server_name, self.server_port = host, port
        self.setup_environ()

    def stop(self) -> None:
        """Serve no more."""
        self.shutdown()
        self.server_close()


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name of the base class)
        """Log nothing: requests are counted in the metrics."""
