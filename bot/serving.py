"""Runs the bot until it is asked to stop: as a server for HTTP, or waiting beside its socket."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final
from wsgiref.types import WSGIApplication

import click

from bot.terminal.faults import Unfit

THREADS: Final = 32
LEAVE_SECONDS: Final = 3
"""How long requests in hand may take after SIGTERM."""

Served = tuple[WSGIApplication, Callable[[], None]]
"""What answers requests, and how to stop what was started for it."""


@contextmanager
def asked_to_end() -> Generator[threading.Event]:
    """An event that is set once somebody asks this process to stop, by SIGTERM or Ctrl-C."""
    asked = threading.Event()

    def ask(number: int, frame: object) -> None:
        del number, frame
        asked.set()

    previous = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def serve_http(make: Callable[[], Served], *, host: str, port: int) -> None:
    """Answer requests until SIGTERM with gunicorn: one process, many threads; raises Unfit.

    `make` runs in the serving process, because threads and connections do not survive a fork.
    """
    try:
        from gunicorn.app.base import BaseApplication
        from gunicorn.arbiter import Arbiter
    except ModuleNotFoundError:
        raise Unfit("HTTP needs gunicorn: install threatmodel-bot[http], or use SLACK_APP_TOKEN.") from None
    listening = _listen(host, port)
    stopping: list[Callable[[], None]] = []

    def stop_what_was_started(arbiter: object, worker: object) -> None:
        del arbiter, worker
        for stop in stopping:
            stop()

    options: dict[str, object] = {
        # Opened here, so that a port that is taken is one clear line and not five attempts of gunicorn's.
        "bind": [f"fd://{listening.fileno()}"],
        "workers": 1,
        "worker_class": "gthread",
        "threads": THREADS,
        "keepalive": 65,
        "graceful_timeout": LEAVE_SECONDS,
        "worker_exit": stop_what_was_started,
        "worker_tmp_dir": _memory(),
        "control_socket_disable": True,  # it would be written into the home directory
        "loglevel": "warning",
    }

    class Application(BaseApplication):
        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            try:
                answers, stop = make()
            except Unfit as fault:
                # As when Slack fails while gunicorn starts another worker: one line, then the end of both.
                click.echo(f"threatmodel: {fault}", err=True)
                sys.exit(Arbiter.WORKER_BOOT_ERROR)
            stopping.append(stop)
            return answers

    click.echo(f"listening at http://{host}:{listening.getsockname()[1]}")
    Application().run()


def free_port(wanted: int) -> int:
    """The wanted port on loopback, or 0 (any free one) when it is taken."""
    try:
        with socket.create_server(("127.0.0.1", wanted)):
            return wanted
    except OSError:
        return 0


def cannot_listen(host: str, port: int, error: OSError) -> Unfit:
    """The refusal of a port that cannot be had, in one line."""
    why = os.strerror(error.errno or 0)
    return Unfit(f"PORT: {host}:{port} cannot be listened at ({why}): choose another.")


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise cannot_listen(host, port, error) from None


def _memory() -> str | None:
    # gunicorn's heartbeat is a file: in memory a slow disk cannot make a living worker look dead.
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  not a name to be guessed
