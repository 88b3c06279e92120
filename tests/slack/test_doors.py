"""Floods of connections to each door of a process with few descriptors: every door answers the others."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from bot.commands.personal_tokens import PersonTokens, Scope
from bot.manifest import build_manifest
from bot.sandbox.api import BEN, TEAM_ID, Sandbox
from bot.settings import VARIABLES
from bot.store import open_store
from bot.store.repositories.workspace_directory import Person
from domain.kernel.elements import PersonId
from tests.depth import DEEP, count, deep_also
from tests.forked_popen import ForkedPopen
from tests.fresh_database import copy_fresh_file
from tests.waiting import patient_sandbox

ROOT = Path(__file__).resolve().parents[2]

FILES = count(256, deep=1_024)
"""Descriptors of the process."""

PATIENCE = count(60, deep=0)
"""Deadlines of the process in the condition, where the limit alone has to do; in the deep run its own."""

SILENT = count(350, deep=1_400)
SECONDS = 1.0 if DEEP else 10.0
"""Seconds in which each request is answered; in the condition, other tests keep the machine busy."""

FLOOD_SECONDS = count(1, deep=5)

POST = "POST /{} HTTP/1.1\r\nHost: b\r\nX-Slack-Request-Timestamp: {}\r\nX-Slack-Signature: v0={}\r\n"
PATHS = {"listening": "slack/events", "readiness and metrics": "readyz", "agents": "mcp"}
"""What is asked at each door, by the name that the process gives it."""

FLOODS = {"silent": SILENT, "trickling": count(150, deep=600), "stuck": count(75, deep=300)}
"""Connections of each kind."""


AGAIN = 50


class Served:
    """A serving process, and requests that each of its doors has to answer."""

    def __init__(self, ports: Mapping[str, int], sandbox: Sandbox, token: str) -> None:
        self.ports = ports
        self._sandbox = sandbox
        self._token = token

    def slowest(self) -> float:
        """Ask once at each door; return the seconds of the slowest answer."""
        said = {"command": "/threatmodel", "text": "help", "team_id": TEAM_ID, "trigger_id": f"{time.time()}"}
        body = urlencode({**said, "user_id": BEN.id, "channel_id": "C0HOUSE01"}).encode()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        agent = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        call = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).encode()
        return max(
            self._seconds("listening", "/slack/events", body, form | self._sandbox.http.signed(body)),
            self._seconds("readiness and metrics", "/healthz"),
            self._seconds("readiness and metrics", "/readyz"),
            self._seconds("agents", "/mcp", call, agent),
        )

    def _seconds(
        self, door: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> float:
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[door], timeout=30)
        with closing(connection):
            connection.request("POST" if body else "GET", path, body, dict(headers or {}))
            answer = connection.getresponse()
            told = answer.read()
        assert answer.status == 200, (door, path, answer.status, told)
        return time.monotonic() - began


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    directory = tmp_path_factory.mktemp("doors")
    copy_fresh_file(directory / "bot.db")
    database = f"sqlite:///{directory}/bot.db"
    with closing(open_store(database)) as store:
        now, unit = datetime.now(UTC), store.unit(TEAM_ID)
        unit.directory.learn_person(Person(id=PersonId(BEN.id), name="Ben"), now)
        issued = PersonTokens(unit, now=lambda: now).issue(PersonId(BEN.id), frozenset(Scope), key="token")
    names = {variable.name for variable in VARIABLES}
    with (
        patient_sandbox(manifest=build_manifest("socket"), delivery="http") as sandbox,
        (directory / "log").open("w") as log,
    ):
        process = ForkedPopen(
            [sys.executable, "-m", "tests.slack.limited_process", str(FILES), str(PATIENCE)],
            cwd=ROOT,
            env={
                **{name: value for name, value in os.environ.items() if name not in names},
                "DATABASE_URL": database,
                "SLACK_API_URL": sandbox.url,
                "SLACK_BOT_TOKEN": sandbox.bot_token,
                "SLACK_SIGNING_SECRET": sandbox.signing_secret,
                **dict.fromkeys(("PORT", "METRICS_PORT", "MCP_PORT"), "0"),
            },
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline().strip().split(" at ") for _ in PATHS]
            assert all(len(line) == 2 for line in lines), (directory / "log").read_text()
            ports = {door: urlsplit(address).port or 0 for door, address in lines}
            yield Served(ports, sandbox, issued.text.reveal())
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
            process.stdout.close() if process.stdout else None


@contextmanager
def flood(port: int, kind: str, path: str) -> Generator[None]:
    """Keep so many connections busy without a request; closed ones are opened again, some at a time."""
    begun = POST.format(path, int(time.time()), "0" * 64).encode()
    first = {"silent": b"", "trickling": begun, "stuck": begun + b"Content-Length: 1000\r\n\r\n{"}[kind]
    further = b"X" if kind == "trickling" else b""
    stop = threading.Event()
    clients: list[socket.socket] = []

    def keep_up() -> None:
        while not stop.wait(0.2):
            closed: list[int] = []
            for place, client in enumerate(clients):
                try:
                    client.send(further)
                    if not client.recv(4_096):
                        raise ConnectionResetError
                except BlockingIOError:
                    continue
                except OSError:
                    closed.append(place)
            for place in closed[:AGAIN]:
                clients[place].close()
                clients[place] = _begun(port, first)

    clients += [_begun(port, first) for _ in range(FLOODS[kind])]
    thread = threading.Thread(target=keep_up)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        for client in clients:
            client.close()


def _begun(port: int, data: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=30)
    client.sendall(data)
    client.setblocking(False)
    return client


TRIES = [(door, kind) for kind in FLOODS for door in ("agents", "listening", "readiness and metrics")]


@pytest.mark.parametrize(("door", "kind"), [TRIES[0], *deep_also(*TRIES[1:])])
def test_a_flood_of_connections_to_one_door_stops_no_door(served: Served, door: str, kind: str) -> None:
    slowest: list[float] = []
    with flood(served.ports[door], kind, PATHS[door]):
        ends = time.monotonic() + FLOOD_SECONDS
        while not slowest or time.monotonic() < ends:
            slowest.append(served.slowest())
    print(f"{door}, {kind}: {len(slowest)} rounds, slowest {max(slowest):.3f} s")
    assert max(slowest) < SECONDS
