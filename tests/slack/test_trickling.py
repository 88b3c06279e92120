"""Clients that keep connections busy without a request of Slack's: they hold up nobody who has one."""

import asyncio
import resource
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import cast
from unittest.mock import Mock
from urllib.parse import urlencode, urlsplit

import pytest

from bot.slack.transport import http_server
from bot.slack.transport.http_messages import HttpRequest, HttpResponse, RequestHead, plain_response
from bot.slack.transport.http_server import FIRST, PERIOD_SECONDS, HttpServer, RefusalLog, open_socket
from tests.slack.slack_team import SlackTeam, run_bot
from tests.waiting import wait_until

ASKED = b"GET / HTTP/1.1\r\nHost: b\r\n\r\n"
HEADERS = b"POST /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Type: application/x-www-form-urlencoded\r\n"

DEADLINE = 12.0
"""Seconds for each request, more than usual: a busy machine, too, looks at the clients before that."""

SOON = 10.0
"""Seconds. What waits for clients that trickle takes longer."""

PATIENT = 30.0
"""Seconds for what comes by itself."""


MOST = 256
"""Connections in all, so that the clients of these tests are too many."""


@pytest.fixture
def over_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[SlackTeam]:
    monkeypatch.setattr(http_server, "MAX_CONNECTIONS", MOST)
    with run_bot(tmp_path / "threatmodel.db", transport="http") as running:
        yield running


@contextmanager
def trickling(port: int, count: int) -> Generator[list[socket.socket]]:
    """So many clients that send a byte now and then: half of them of their headers, half of a body."""
    stop = threading.Event()
    now = str(int(time.time()))
    claims = f"X-Slack-Request-Timestamp: {now}\r\nX-Slack-Signature: v0={'0' * 64}\r\n".encode()
    whole = HEADERS + claims + b"Content-Length: 90000\r\n\r\n"
    with ExitStack() as opened:
        clients = [
            opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            for _ in range(count)
        ]
        for number, client in enumerate(clients):
            send(client, whole if number % 2 else HEADERS + b"X-Long: ")

        def trickle() -> None:
            while not stop.wait(0.2):
                for client in clients:
                    send(client, b"x")

        thread = threading.Thread(target=trickle)
        thread.start()
        try:
            yield clients
        finally:
            stop.set()
            thread.join(60)


def send(client: socket.socket, data: bytes) -> None:
    try:
        client.sendall(data)
    except OSError:
        return  # closed by the other side


def ended(client: socket.socket, within: float) -> bool:
    """Whether the other side has ended this connection, or does so in time."""
    ends = time.monotonic() + within
    try:
        while (left := ends - time.monotonic()) > 0:
            client.settimeout(left)
            if not client.recv(65_536):
                return True
    except TimeoutError:
        return False
    except OSError:
        return True
    return False


def seconds(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def allow(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Give a client so many seconds for each part of its request."""
    for part in ("FIRST_BYTE_SECONDS", "HEAD_SECONDS", "BODY_SECONDS"):
        monkeypatch.setattr(http_server, part, seconds)


def port_of(team: SlackTeam) -> int:
    return urlsplit(str(team.sandbox.http.bot_url)).port or 0


def healthy(port: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
        assert answer.read() == b"alive\n"


def help_is_acked(team: SlackTeam) -> None:
    assert team.command("ben", "/threatmodel help").acked


@pytest.mark.parametrize("count", [200, 600])
def test_while_clients_trickle_a_signed_command_is_acked_soon(
    over_http: SlackTeam, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, DEADLINE)
    help_is_acked(over_http)
    with trickling(port_of(over_http), count) as clients:
        assert seconds(lambda: help_is_acked(over_http)) < SOON
        assert seconds(lambda: healthy(port_of(over_http))) < SOON
        open_still = [client for client in clients if not ended(client, 0.001)]
        assert len(open_still) <= MOST
        assert count > MOST or len(open_still) == count
        assert seconds(lambda: help_is_acked(over_http)) < SOON
        assert all(ended(client, PATIENT) for client in clients), "each part of a request has a deadline"
        assert seconds(lambda: help_is_acked(over_http)) < SOON


def test_a_request_that_trickles_in_is_told_so_at_the_deadline(
    over_http: SlackTeam, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, 0.5)
    with trickling(port_of(over_http), 2) as clients:
        assert [client.recv(100).partition(b"\r\n")[0] for client in clients] == [
            b"HTTP/1.1 408 Request Timeout"
        ] * 2
        assert all(ended(one, PATIENT) for one in clients)


def test_of_what_is_not_whole_only_so_much_is_kept(
    over_http: SlackTeam, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_server, "MAX_HELD", 1_000_000)
    allow(monkeypatch, DEADLINE)
    with trickling(port_of(over_http), 40) as clients:
        for client in clients:
            send(client, b"x" * 80_000)
        bodies = clients[1::2]
        assert ended(bodies[0], PATIENT), "the oldest goes first"
        assert not ended(bodies[-1], 0.1)
        assert seconds(lambda: help_is_acked(over_http)) < SOON


class Blocked:
    """Answers nothing for as long as its gate is shut, but refuses and is healthy."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.asked = 0

    def max_body_bytes(self, head: RequestHead) -> int:
        return 100 if head.method == "POST" else 0

    def admit(self, request: HttpRequest) -> HttpResponse | Callable[[], HttpResponse]:
        if request.head.path == "/healthz":
            return plain_response("alive")
        return lambda: self.answer(request)

    def answer(self, request: HttpRequest) -> HttpResponse:
        self.asked += 1
        self.gate.wait(10)
        return HttpResponse(body=request.body + request.head.query.encode(), keep_alive=True)


@contextmanager
def serving(site: Blocked, *, waiting: int = http_server.MAX_WAITING) -> Generator[int]:
    """Serve a site on a free port, which is yielded."""
    server = HttpServer.at(http_server.Door(site, open_socket("127.0.0.1", 0), waiting=waiting))
    try:
        yield urlsplit(server.address).port or 0
    finally:
        site.gate.set()
        server.stop()


@pytest.fixture
def blocked() -> Generator[tuple[Blocked, int]]:
    site = Blocked()
    with serving(site) as port:
        yield site, port


def connected(port: int, data: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=30)
    client.sendall(data)
    return client


def test_while_all_threads_answer_the_bot_is_alive_and_what_waits_is_answered_after_it(
    blocked: tuple[Blocked, int],
) -> None:
    site, port = blocked
    clients = [
        connected(port, f"GET /?{number} HTTP/1.1\r\nHost: b\r\n\r\n".encode()) for number in range(50)
    ]
    while site.asked < http_server.THREADS:
        time.sleep(0.01)
    assert seconds(lambda: healthy(port)) < SOON
    site.gate.set()
    for number, client in enumerate(clients):
        assert client.recv(1000).endswith(f"\r\n\r\n{number}".encode())
        client.close()


def test_so_many_wait_for_a_thread_and_the_next_is_refused() -> None:
    site = Blocked()
    with serving(site, waiting=3) as port, ExitStack() as clients:
        for _ in range(3):
            clients.enter_context(connected(port, ASKED))
        while site.asked < 3:
            time.sleep(0.01)
        refused = clients.enter_context(connected(port, ASKED))
        assert refused.recv(1000).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")


def test_a_quarter_of_the_connections_is_left_to_requests_that_are_not_complete(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_server, "MAX_CONNECTIONS", 8)
    site = Blocked()
    with serving(site) as port, ExitStack() as clients:
        for _ in range(6):
            clients.enter_context(connected(port, ASKED))
        wait_until(lambda: site.asked >= 4)
        refused = clients.enter_context(connected(port, ASKED))
        assert refused.recv(1000).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert seconds(lambda: healthy(port)) < SOON


def test_of_all_connections_the_oldest_unfinished_one_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "MAX_CONNECTIONS", 4)
    allow(monkeypatch, 60.0)
    site = Blocked()
    with serving(site) as port, ExitStack() as opened:
        answered = opened.enter_context(connected(port, ASKED))
        wait_until(lambda: site.asked == 1)
        unfinished = [opened.enter_context(connected(port, data)) for data in (b"GET / ", b"", b"GET /")]
        opened.enter_context(connected(port, b""))
        assert ended(unfinished[0], PATIENT), "the oldest, though it has sent something"
        assert not any(ended(one, 0.05) for one in unfinished[1:])
        for _ in range(20):
            opened.enter_context(connected(port, b""))
        assert all(ended(one, PATIENT) for one in unfinished[1:])
        site.gate.set()
        assert answered.recv(1000).startswith(b"HTTP/1.1 200 OK"), "never one that is being answered"


def test_one_limit_holds_for_all_doors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "MAX_CONNECTIONS", 3)
    doors = [http_server.Door(Blocked(), open_socket("127.0.0.1", 0)) for _ in range(2)]
    server = HttpServer.at(*doors)
    with ExitStack() as opened:
        opened.callback(server.stop)
        ports = [urlsplit(doors[place].address).port or 0 for place in (0, 1, 1, 1)]
        first, *others = [opened.enter_context(connected(port, b"")) for port in ports]
        assert ended(first, PATIENT)
        assert not any(ended(other, 0.05) for other in others)


def test_the_limit_leaves_half_of_the_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    most = http_server.MAX_CONNECTIONS
    limits: list[int] = []
    for files in (1_024, 65_536, resource.RLIM_INFINITY):
        monkeypatch.setattr(resource, "getrlimit", Mock(return_value=(files, files)))
        limits.append(http_server.connection_limit())
    assert limits == [512, most, most]
    unit = (Path(__file__).parents[2] / "deploy/threatmodel.service").read_text()
    assert int(unit.partition("\nLimitNOFILE=")[2].partition("\n")[0]) // 2 >= most


@pytest.mark.parametrize(
    ("part", "sent"),
    [
        ("FIRST_BYTE_SECONDS", b""),
        ("HEAD_SECONDS", b"POST / HTTP/1.1\r\n"),
        ("BODY_SECONDS", b"POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 9\r\n\r\n"),
    ],
)
def test_first_byte_headers_and_body_have_a_deadline_each(
    blocked: tuple[Blocked, int], monkeypatch: pytest.MonkeyPatch, part: str, sent: bytes
) -> None:
    allow(monkeypatch, 60.0)
    monkeypatch.setattr(http_server, part, 0.1)
    with connected(blocked[1], sent) as client:
        assert ended(client, PATIENT)


def test_idle_connections_make_room_for_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "MAX_CONNECTIONS", 3)
    site = Blocked()
    site.gate.set()
    with serving(site) as port, ExitStack() as opened:
        clients: list[socket.socket] = []
        for _ in range(4):
            clients.append(opened.enter_context(connected(port, ASKED)))
            assert clients[-1].recv(1000).startswith(b"HTTP/1.1 200 OK")
        assert ended(clients[0], PATIENT), "the one that has been idle for longest"
        assert not any(ended(client, 0.05) for client in clients[1:])


def test_who_was_refused_and_goes_on_sending_counts_as_unfinished(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "MAX_CONNECTIONS", 3)
    monkeypatch.setattr(http_server, "LEAVE_SECONDS", 60.0)
    too_large = b"POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 900000\r\n\r\n"
    with serving(Blocked()) as port, ExitStack() as opened:
        clients: list[socket.socket] = []
        for _ in range(4):
            clients.append(opened.enter_context(connected(port, too_large)))
            assert clients[-1].recv(1000).startswith(b"HTTP/1.1 413 ")
        assert takes_no_more(clients[0], PATIENT)
        assert not takes_no_more(clients[-1], 0.2)


def takes_no_more(client: socket.socket, within: float) -> bool:
    """Whether the other side has closed a connection, so that what is sent is refused."""
    ends = time.monotonic() + within
    while time.monotonic() < ends:
        try:
            client.sendall(b"x")
        except OSError:
            return True
        time.sleep(0.02)
    return False


def test_requests_that_follow_each_other_without_waiting_are_answered_in_order(
    blocked: tuple[Blocked, int],
) -> None:
    site, port = blocked
    asked = b"POST /?%d HTTP/1.1\r\nHost: b\r\nContent-Length: 4\r\n\r\nbody"
    with connected(port, b"".join(asked % number for number in range(200))) as client:
        site.gate.set()
        told = b""
        while told.count(b"HTTP/1.1 200 OK") < 200 or not told.endswith(b"body199"):
            told += client.recv(65_536)
    places = [told.index(b"\r\n\r\nbody%d" % number) for number in range(200)]
    assert places == sorted(places)


def test_a_client_that_asks_on_without_reading_its_answers_is_not_kept() -> None:
    answered: list[HttpResponse] = []

    class Large:
        def max_body_bytes(self, head: RequestHead) -> int:
            del head
            return 0

        def admit(self, request: HttpRequest) -> Callable[[], HttpResponse]:
            del request
            answered.append(HttpResponse(body=bytes(20_000_000), keep_alive=True))
            return lambda: answered[-1]

    server = HttpServer.start(Large(), host="127.0.0.1", port=0)
    port = urlsplit(server.address).port or 0
    with connected(port, ASKED * 20) as client:
        wait_until(lambda: len(answered) == 2)
        assert ended(client, PATIENT)
    server.stop()
    assert len(answered) == 2


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (b"GARBAGE\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.1\r\nHost: b\r\nX: " + b"x" * 20_000, b"431 Request Header Fields Too Large"),
        (b"POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 101\r\n\r\n", b"413 "),
        (b"POST / HTTP/1.1\r\nHost: b\r\nContent-Length: -1\r\n\r\n", b"400 Bad Request"),
        (
            b"POST / HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + b"x" * 255,
            b"413 ",
        ),
        (
            b"POST / HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 99,
            b"400 Bad Request",
        ),
        (b"HEAD /healthz HTTP/1.1\r\nHost: b\r\n\r\n", b"200 OK"),
    ],
)
def test_what_is_no_request_is_refused_and_its_connection_closed(
    blocked: tuple[Blocked, int], asked: bytes, status: bytes
) -> None:
    with connected(blocked[1], asked) as client:
        assert client.recv(1000).startswith(b"HTTP/1.1 " + status)
        assert ended(client, PATIENT)


def test_a_client_refused_while_sending_gets_the_reason(blocked: tuple[Blocked, int]) -> None:
    with connected(blocked[1], b"POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 900000\r\n\r\n") as client:
        send(client, b"x" * 900_000)
        assert client.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_anyone_who_waits_to_be_asked_for_a_body_is_asked(blocked: tuple[Blocked, int]) -> None:
    blocked[0].gate.set()
    head = b"POST / HTTP/1.1\r\nHost: b\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
    with connected(blocked[1], head) as client:
        assert client.recv(1000).startswith(b"HTTP/1.1 100 ")
        client.sendall(b"body")
        assert client.recv(1000).endswith(b"\r\n\r\nbody")


def test_a_stop_waits_for_no_one_who_trickles(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, DEADLINE)
    server = HttpServer.start(Blocked(), host="127.0.0.1", port=0)
    with trickling(urlsplit(server.address).port or 0, 20) as clients:
        assert seconds(server.stop) < SOON
        assert not server.alive
        assert all(ended(client, PATIENT) for client in clients)


def test_what_was_accepted_in_the_moment_of_a_stop_is_closed() -> None:
    server = HttpServer.start(Blocked(), host="127.0.0.1", port=0)
    held, port = threading.Event(), urlsplit(server.address).port or 0
    loop = server._loop  # pyright: ignore[reportPrivateUsage]  (to let both come in the same turn)
    loop.call_soon_threadsafe(held.wait)
    with ExitStack() as opened:
        clients = [opened.enter_context(connected(port, b"GET")) for _ in range(5)]
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        time.sleep(0.1)
        held.set()
        assert all(ended(client, PATIENT) for client in clients)
        stopping.join()


def test_refusals_are_logged_one_by_one_at_first_and_then_by_number() -> None:
    said: list[dict[str, object]] = []

    def say(event: str, **more: object) -> None:
        said.append({"event": event, **more})

    refusals = RefusalLog(say)
    for _ in range(1000):
        refusals.note("not signed", 401)
    refusals.note("too large", 413)
    assert len(said) == FIRST + 1
    refusals.log_summary()
    assert said[FIRST + 1 :] == [
        {"event": "requests rejected", "status": 401, "why": "not signed", "more": 1000 - FIRST}
    ]
    refusals.log_summary()
    assert len(said) == FIRST + 2, "a quiet minute says nothing"
    refusals.note("not signed", 401)
    assert len(said) == FIRST + 3, "the next minute begins with its first"


def test_the_number_of_refusals_is_told_after_each_period() -> None:
    said: list[object] = []

    def say(event: str, **more: object) -> None:
        del event
        said.append(more.get("more"))

    refusals, later = RefusalLog(say), Later()
    refusals.tick(cast("asyncio.AbstractEventLoop", later))
    for more in (1, 2):
        said.clear()
        for _ in range(FIRST + more):
            refusals.note("not signed", 401)
        later.pass_by()
        assert said == [None] * FIRST + [more]


class Later:
    """A loop that does what is due when it is told to."""

    def __init__(self) -> None:
        self.due: list[Callable[[], object]] = []

    def call_later(self, seconds: float, act: Callable[..., object], *arguments: object) -> None:
        assert seconds == PERIOD_SECONDS
        self.due.append(lambda: act(*arguments))

    def pass_by(self) -> None:
        (act,), self.due = self.due, []
        act()


def test_a_flood_of_unsigned_requests_is_a_few_lines_in_the_log(
    over_http: SlackTeam, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    port, body = port_of(over_http), urlencode({"command": "/threatmodel"}).encode()
    asked = HEADERS + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    for _ in range(100):
        with connected(port, asked) as client:
            assert client.recv(1000).startswith(b"HTTP/1.1 401 Unauthorized")
    told = capsys.readouterr().out + caplog.text
    assert 0 < told.count("request rejected") <= FIRST
