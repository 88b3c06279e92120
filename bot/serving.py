"""Runs the bot until it is asked to stop: as a server for HTTP, or waiting beside its socket."""

import errno
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, Protocol
from wsgiref.types import WSGIApplication

from bot.terminal.faults import Unfit

if TYPE_CHECKING:
    from gunicorn.app.base import BaseApplication

THREADS: Final = 32
LEAVE_SECONDS: Final = 8
"""How long work in hand may take after SIGTERM; with what comes around it, the end is there within 10 s."""

Served = tuple[WSGIApplication, Callable[[], None]]
"""What answers requests, and how to stop what was started for it."""


class Server(Protocol):
    """A way to answer requests until SIGTERM."""

    def __call__(self, make: Callable[[], Served], *, host: str, port: int) -> None:
        """Make what answers, serve it, stop it."""
        ...


def wait_for_end() -> None:
    """Wait until somebody asks this process to stop, by SIGTERM or Ctrl-C."""
    asked = threading.Event()
    previous = {
        number: signal.signal(number, lambda *_: asked.set()) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        asked.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def serve_http(make: Callable[[], Served], *, host: str, port: int) -> None:
    """Answer requests until SIGTERM with gunicorn: one process, many threads; raises Unfit.

    `make` runs in the serving process, because threads and connections do not survive a fork.
    """
    try:
        application = _application()
    except ImportError:
        raise Unfit("HTTP needs gunicorn: install threatmodel-bot[http], or use SLACK_APP_TOKEN.") from None
    listening = _listen(host, port)
    # Handed over by number, so that a port taken by another is one clear line and not gunicorn's retries.
    os.set_inheritable(listening.fileno(), True)  # noqa: FBT003  the signature of os
    options = {
        "bind": [f"fd://{listening.fileno()}"],
        "workers": 1,
        "worker_class": "gthread",
        "threads": THREADS,
        "keepalive": 65,
        "graceful_timeout": LEAVE_SECONDS,
        "timeout": 30,
        "worker_tmp_dir": _memory(),
        "control_socket_disable": True,
        "loglevel": "warning",
        "proc_name": "threatmodel",
    }
    print(f"listening at http://{host}:{listening.getsockname()[1]}", flush=True)
    application(make, options).run()
