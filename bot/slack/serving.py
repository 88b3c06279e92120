"""Runs the bot until it is told to stop."""

import signal
import threading
from socketserver import ThreadingMixIn
from types import FrameType
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import WSGIApplication

import structlog

from bot.settings import Settings
from bot.slack.app import CannotStart, look_around, slack_client
from bot.slack.running import STOP_SECONDS, SlackBot

THREADS = 32

log = structlog.get_logger()


def run(bot: SlackBot) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is in hand; raises CannotStart."""
    if bot.settings.delivery == "http":
        _run_http(bot, bot.settings)
    else:
        _run_socket(bot, bot.settings)


class SmallServer(ThreadingMixIn, WSGIServer):
    """A WSGI server on a thread, for the pages of whoever watches, the sandbox, and tests."""

    daemon_threads = True

    @classmethod
    def start(cls, application: WSGIApplication, *, host: str, port: int) -> "SmallServer":
        """Serve on a thread of its own; port 0 takes a free one. Raises OSError if the port is taken."""
        server = make_server(host, port, application, server_class=cls, handler_class=_Silent)
        threading.Thread(target=server.serve_forever, name="pages", daemon=True).start()
        return server

    @property
    def address(self) -> str:
        """Where it serves."""
        return f"http://{self.server_address[0]}:{self.server_port}"

    def stop(self) -> None:
        """Serve no more."""
        self.shutdown()
        self.server_close()


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name of the base class)
        """Log nothing: requests are counted in the metrics."""


def _run_socket(bot: SlackBot, settings: Settings) -> None:
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        ended.set()

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, end)
    pages = None if settings.port is None else _watched_at(bot, settings.host, settings.port)
    try:
        bot.start()
        ended.wait()
    finally:
        bot.stop()
        if pages is not None:
            pages.stop()


def _watched_at(bot: SlackBot, host: str, port: int) -> SmallServer:
    try:
        return SmallServer.start(bot.wsgi, host=host, port=port)
    except OSError as taken:
        raise _no_port(host, port, taken) from taken


def _run_http(bot: SlackBot, settings: Settings) -> None:
    try:
        from gunicorn.app.base import BaseApplication
    except ImportError as missing:
        raise CannotStart(
            "SLACK_SIGNING_SECRET: HTTP needs gunicorn; install threatmodel-bot[http], "
            "or set SLACK_APP_TOKEN for Socket Mode"
        ) from missing
    look_around(slack_client(settings))  # so that a wrong token is told here, not by a worker
    host, port = settings.host, settings.port or 0
    probe = _free(host, port)

    class Application(BaseApplication):  # pyright: ignore[reportUntypedBaseClass]  (gunicorn has no types)
        def load_config(self) -> None:
            for name, value in {
                "bind": f"{host}:{probe}",
                "workers": 1,  # one writer; threads share its cache of models
                "worker_class": "gthread",
                "threads": THREADS,
                "graceful_timeout": int(STOP_SECONDS),
                "timeout": 30,
                "loglevel": "warning",
                "proc_name": "threatmodel",
                "worker_exit": lambda server, worker: bot.stop(),  # pyright: ignore[reportUnknownLambdaType]
            }.items():
                self.cfg.set(name, value)

        def load(self) -> WSGIApplication:
            bot.start()
            return bot.wsgi

    Application().run()


def _free(host: str, port: int) -> int:
    """Check that a port can be bound, so that it is told in one line when not; the port, also for 0."""
    import socket

    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            raise _no_port(host, port, taken) from taken
        return int(probe.getsockname()[1])


def _no_port(host: str, port: int, fault: OSError) -> CannotStart:
    return CannotStart(f"PORT: {host}:{port} cannot be used ({fault.strerror}); choose another port or HOST")
