"""The server finishes what it has in hand, stops what it started, and ends with 0 when asked to."""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.server_process import wait_for_stop
from bot.slack.transport.http_messages import HttpRequest, HttpResponse, RequestHead, plain_response
from bot.slack.transport.http_server import HttpServer

ROOT = Path(__file__).resolve().parents[2]

SLOW = """
import sys, time
from bot.server_process import listening_socket, running_server, stop_requests, wait_for_stop
from bot.slack.transport.http_messages import plain_response
from bot.slack.transport.http_server import Door

class Slow:
    def max_body_bytes(self, head):
        return 0

    def admit(self, request):
        return self.answer

    def answer(self):
        print("asked", flush=True)
        time.sleep(0.5)
        return plain_response("finished")

with stop_requests() as asked:
    if sys.argv[1] == "http":
        with listening_socket("127.0.0.1", 0) as place, running_server(Door(Slow(), place)) as server:
            print("listening at", server.address, flush=True)
            wait_for_stop(asked, server)
        print("stopped", flush=True)
    else:
        print("waiting", flush=True)
        wait_for_stop(asked)
        print("asked to end", flush=True)
"""


@pytest.fixture
def started(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "home").mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, request.param],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "HOME": str(tmp_path / "home")},
    ) as process:
        yield process
        process.kill()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("started", ["http"], indirect=True)
def test_a_running_request_is_completed_before_the_end(
    started: subprocess.Popen[str], tmp_path: Path
) -> None:
    address = line(started).removeprefix("listening at ")
    answers: list[bytes] = []

    def ask() -> None:
        with urllib.request.urlopen(address, timeout=30) as answer:
            answers.append(answer.read())

    asking = threading.Thread(target=ask)
    asking.start()
    assert line(started) == "asked"
    began = time.monotonic()
    started.send_signal(signal.SIGTERM)
    assert line(started) == "stopped"
    assert started.wait(60) == 0
    assert time.monotonic() - began < 25
    asking.join(60)
    assert answers == [b"finished\n"]
    assert list((tmp_path / "home").iterdir()) == [], "a server must not write into the home directory"


@pytest.mark.parametrize("started", ["socket"], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_waiting_ends_with_either_signal(started: subprocess.Popen[str], number: signal.Signals) -> None:
    assert line(started) == "waiting"
    started.send_signal(number)
    assert line(started) == "asked to end"
    assert started.wait(60) == 0


class Alive:
    def max_body_bytes(self, head: RequestHead) -> int:
        del head
        return 0

    def admit(self, request: HttpRequest) -> HttpResponse:
        del request
        return plain_response("alive")


def test_a_server_that_is_stopped_as_soon_as_it_was_started_ends() -> None:
    for _ in range(200):
        server = HttpServer.start(Alive(), host="127.0.0.1", port=0)
        server.stop()
        assert not server.alive


def test_a_server_that_ends_by_itself_ends_the_bot_so_that_it_is_started_again() -> None:
    server = HttpServer.start(Alive(), host="127.0.0.1", port=0)
    server.stop()
    with pytest.raises(RuntimeError, match="the HTTP server has ended"):
        wait_for_stop(threading.Event(), server)
