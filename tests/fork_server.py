"""Process that has imported the bot, and forks for each module that is to run in a process of its own.

`tests/forked_popen.py` starts it, and says there what for.
"""

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import threading
from io import TextIOWrapper
from typing import Any, cast

PRELOADED = (
    "bot.__main__",
    "bot.logs",
    "bot.server_process",
    "bot.sandbox.page.page_server",
    "bot.slack.slack_bot",
    "bot.store.sqlite.migrate",
    "bot.wiring",
    "tests.reminders.ticker",
    "tests.sandbox.page.page_bot",
    "tests.slack.replica_process",
    "tests.store.worker",
    "tests.trackers.sync_process",
)

MAX_REQUEST_BYTES = 2**20

RARE_COLLECTIONS = 20_000, 20, 20
"""New objects before a garbage collection, and collections before one of an older generation.

Tests make and drop whole bots and workspaces, and Python's own values collect twenty times as often.
"""


def main(control: int) -> None:
    """Import the bot, and fork for each request from the other end of the socket, until that is closed."""
    preload()
    serve(control)


def preload() -> None:
    """Import what forked processes need."""
    for name in PRELOADED:
        importlib.import_module(name)


def serve(control: int) -> None:
    """Fork for each request from the other end of the socket, until that is closed.

    It returns in this process alone; forked ones run the module that was asked for.
    """
    assert threading.active_count() == 1, "a forked process would lack the other threads"
    sys.stdout.flush()  # or what is left of it is written by each forked process
    sys.stderr.flush()
    gc.collect()
    gc.set_threshold(*RARE_COLLECTIONS)
    gc.freeze()  # no forked process goes through them again, and their pages stay shared
    with socket.socket(fileno=control) as requests:
        while (request := _next_request(requests)) is not None:
            module = _fork(request, requests)
            if module:
                break
        else:
            return
    _run(module)


def _next_request(requests: socket.socket) -> dict[str, Any] | None:
    data, streams, _, _ = socket.recv_fds(requests, MAX_REQUEST_BYTES, 3)
    return {**json.loads(data), "streams": streams} if data else None


def _fork(request: dict[str, Any], requests: socket.socket) -> str:
    """Fork; return the module that is to be run, in the forked process only.

    A process in between ends at once, so that the forked one becomes a child of the process that asked.
    """
    there, here = os.pipe()
    between = os.fork()
    if not between:
        if os.fork():
            os._exit(0)
        os.close(there)
        module = _become(request)
        # The session and the directory must be its own before its id is known.
        os.write(here, str(os.getpid()).encode())
        os.close(here)
        return module
    os.close(here)
    for one in request["streams"]:
        os.close(one)
    os.waitpid(between, 0)
    with os.fdopen(there, "rb") as told:
        requests.sendall(told.read(20))
    return ""


def _become(request: dict[str, Any]) -> str:
    """Give this process what it would have had if it had been started."""
    if request["new_session"]:
        os.setsid()
    os.chdir(request["directory"])
    os.environ.clear()
    os.environ.update(request["environment"])
    for number, stream in enumerate(request["streams"]):
        os.dup2(stream, number)
        os.close(stream)
    if os.environ.get("PYTHONUNBUFFERED"):
        for stream in (sys.stdout, sys.stderr):
            cast("TextIOWrapper", stream).reconfigure(write_through=True)
    module, *arguments = request["module"]
    sys.argv[1:] = arguments
    return module


def _run(module: str) -> None:
    """Run a module as the interpreter does with `-m`; it ends when this process ends."""
    sys.modules.pop(module, None)
    sys.modules.pop(f"{module}.__main__", None)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main(int(sys.argv[1]))
