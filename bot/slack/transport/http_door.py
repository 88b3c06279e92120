"""Doors of the HTTP server: a site on a port, which threads of its own answer."""

import socket
from collections.abc import Callable
from typing import Final

from bot.slack.handlers.thread_pool import ThreadPool
from bot.slack.transport.http_messages import Site

THREADS: Final = 32
AT_ONCE: Final = 4
"""Concurrently answered requests, as long as none is stuck."""
MAX_WAITING: Final = 1_000
"""Maximum number of admitted requests, running or waiting for a thread."""
MAX_WAITING_ASIDE: Final = 64
"""The same for doors that are not Slack's, so that they leave connections to it."""


class Door:
    """Site on a listening socket. No door waits for the threads of another."""

    def __init__(
        self,
        site: Site,
        listening: socket.socket,
        *,
        path: str = "",
        threads: int = THREADS,
        waiting: int = MAX_WAITING,
    ) -> None:
        self.site = site
        self.listening = listening
        self.address = address_of(listening) + path
        self._waiting = waiting
        self._threads = ThreadPool("http", threads, usual=AT_ONCE)

    @property
    def is_busy(self) -> bool:
        """Whether more work is there than is usually answered at once."""
        return self._threads.count > AT_ONCE

    def run(self, work: Callable[[], None]) -> bool:
        """Queue work for a thread; return False if too much is waiting."""
        if self._threads.count >= self._waiting:
            return False
        self._threads.run(work)
        return True

    def help_out(self) -> bool:
        """Start more threads if all are stuck; return whether any work is waiting."""
        return self._threads.help_out()

    def finish(self) -> None:
        """End the threads without waiting for them."""
        self._threads.finish(0)


def address_of(listening: socket.socket) -> str:
    """Return the address of a listening socket as a URL."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
