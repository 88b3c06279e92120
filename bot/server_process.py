"""The server process: its ports, and the signals that stop it."""

import errno
import os
import signal
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from bot.operator_error import OperatorError
from bot.slack.transport.http_server import Door, HttpServer, open_socket

LEAVE_SECONDS: Final = 3
"""Seconds that running requests may take after SIGTERM."""


@contextmanager
def stop_requests() -> Generator[threading.Event]:
    """Yield an event that is set on SIGTERM or Ctrl-C."""
    stop_requested = threading.Event()

    def ask(number: int, frame: object) -> None:
        del number, frame
        stop_requested.set()

    previous = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop_requested
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def running_server(*doors: Door) -> Generator[HttpServer]:
    """Serve requests at doors; running requests are finished at the end."""
    server = HttpServer.at(*doors)
    try:
        yield server
    finally:
        server.stop(LEAVE_SECONDS)


def wait_for_stop(stop_requested: threading.Event, server: HttpServer | None = None) -> None:
    """Wait for the stop event; raises RuntimeError if the server ended by itself."""
    # Python may take a signal in the moment before it waits, and then only the end of a wait shows it.
    while not stop_requested.wait(0.5):
        if server is not None and not server.alive:
            raise RuntimeError("the HTTP server has ended; its log says why")


@contextmanager
def listening_socket(host: str, port: int, *, setting: str = "PORT") -> Generator[socket.socket]:
    """Yield a listening socket before anything else is started; raises OperatorError if the port is taken."""
    try:
        place = open_socket(host, port)
    except OSError as error:
        raise port_unavailable(host, port, error, setting=setting) from None
    with place:
        yield place


def free_port(wanted: int) -> int:
    """Return the wanted port on loopback, or 0 (any free one) if it is taken."""
    try:
        with socket.create_server(("127.0.0.1", wanted)):
            return wanted
    except OSError:
        return 0


def port_unavailable(host: str, port: int, error: OSError, *, setting: str = "PORT") -> OperatorError:
    """Return the error for an unavailable port, with what to do."""
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return OperatorError(
            f"{setting.replace('PORT', 'HOST')}: {host} is not an address of this machine. "
            "Use 127.0.0.1 for connections from this machine only, 0.0.0.0 for all."
        )
    if error.errno == errno.EACCES:
        return OperatorError(f"{setting}: {host}:{port} is a privileged port. Choose one from 1024.")
    why = os.strerror(error.errno or 0)
    return OperatorError(f"{setting}: {host}:{port} is not available ({why}). Choose another port.")
