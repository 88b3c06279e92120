"""Clients that cost as little as possible themselves: one thread, connections that stay open."""

import selectors
import socket
import time
from types import TracebackType

from tests.bench.http_forms import Forms

_PATIENCE_SECONDS = 10.0


class FormServer:
    """A server that forms are handed in to, and how many of them it acked."""

    def __init__(self, name: str, port: int) -> None:
        self.name = name
        self.acked = 0
        self._port = port
        self._connection = self.connect()

    def __enter__(self) -> "FormServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def connect(self) -> socket.socket:
        """Another connection to it."""
        connection = socket.create_connection(("127.0.0.1", self._port), timeout=_PATIENCE_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def answer(self, forms: Forms) -> None:
        """Hand in one form and wait for its ack; raises AssertionError for any other answer."""
        self.heard(self._exchange(forms))

    def heard(self, answer: bytes) -> None:
        """Count an answer, which must be a bare ack: anything else was not a form saved."""
        if not _is_bare_ack(answer):
            raise AssertionError(f"{self.name} answered {answer.decode(errors='replace')[:600]}")
        self.acked += 1

    def wait_until_ready(self, forms: Forms) -> None:
        """Hand forms in until one is saved at once: just after its start the bot has yet to look around.

        A form that it keeps until then is applied later, so it counts as acked.
        """
        ends = time.monotonic() + _PATIENCE_SECONDS
        while not _is_bare_ack(answer := self._exchange(forms)):
            self.acked += 1
            if time.monotonic() > ends:
                self.heard(answer)
            time.sleep(0.2)
        self.acked += 1

    def _exchange(self, forms: Forms) -> bytes:
        self._connection.sendall(forms.request())
        answer = b""
        while not _is_whole(answer):
            answer += _received(self._connection)
        return answer


def per_second(answerer: FormServer, forms: Forms, *, clients: int, seconds: float) -> float:
    """How many forms are acked in a second while each of several clients has one under way."""
    connections = [answerer.connect() for _ in range(clients)]
    # Signed beforehand: the clients share the machine with what they measure.
    waiting = forms.requests(int(seconds * _MAX_A_SECOND))
    answers = dict.fromkeys(connections, b"")
    with selectors.DefaultSelector() as ready:
        for connection in connections:
            ready.register(connection, selectors.EVENT_READ)
            connection.sendall(waiting.pop())
        done = 0
        begun = time.perf_counter()
        ends = begun + seconds
        under_way = clients
        while under_way:
            for key, _ in ready.select(_PATIENCE_SECONDS):
                connection = key.fileobj
                assert isinstance(connection, socket.socket)
                answers[connection] += _received(connection)
                if not _is_whole(answers[connection]):
                    continue
                answerer.heard(answers[connection])
                answers[connection] = b""
                if time.perf_counter() < ends:
                    done += 1
                    connection.sendall(waiting.pop())
                else:
                    under_way -= 1
    for connection in connections:
        connection.close()
    forms.give_back(len(waiting))
    return done / seconds


_MAX_A_SECOND = 3_000


def _received(connection: socket.socket) -> bytes:
    received = connection.recv(65_536)
    if not received:
        raise AssertionError("the server closed the connection")
    return received


def _is_whole(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" in head.lower():
        return body.endswith(b"0\r\n\r\n")
    _, _, length = head.lower().partition(b"content-length:")
    return bool(length) and len(body) >= int(length.split(b"\r\n")[0])


def _is_bare_ack(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.startswith(b"HTTP/1.1 200") and body in (b"", b"0\r\n\r\n")
