"""A server that receives webhooks."""

import queue
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import NamedTuple

SECONDS = 20


class Webhook(NamedTuple):
    """What was received; the names of headers are in lower case."""

    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """The address to which webhooks are sent, and those that came."""

    def __init__(self, url: str, came: "queue.Queue[Webhook]") -> None:
        self.url = url
        self._came = came

    def wait_for(self, header: str, value: str) -> Webhook:
        """The next one with this header."""
        while True:
            webhook = self._came.get(timeout=SECONDS)
            if webhook.headers.get(header) == value:
                return webhook


@contextmanager
def receiver() -> Generator[Receiver]:
    """Receive on a free port."""
    came: queue.Queue[Webhook] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.put(Webhook({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object, **__: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Receiver(f"http://127.0.0.1:{server.server_port}/", came)
        finally:
            server.shutdown()
            thread.join()
