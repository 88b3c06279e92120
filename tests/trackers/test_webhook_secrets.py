"""The secret of a webhook that is in its address is in no line of the log, however the request ends."""

import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

from bot.settings import Secret
from bot.slack.handlers.thread_pool import DeferredWork
from bot.slack.transport.http_server import HttpServer
from bot.slack.transport.http_sites import PublicSite
from bot.slack.transport.tracker_webhooks import EACH, MAX_BYTES, TrackerWebhooks, WebhookTarget
from bot.store import StoreUnavailable
from domain.kernel.tracked_issue import TrackerId, TrackerKind
from tests.slack.sealed_ballots import captured_logs

SECRET = "s3cret-in-the-address"
ADDRESS = f"/trackers/T1/TR-1/{SECRET}"


class Endpoint:
    """A running server with one tracker; `happen` is called when a webhook looks its tracker up."""

    def __init__(self) -> None:
        self.known = True
        self.happen: Callable[[], object] = lambda: None

    def find(self, tenant: str, tracker: TrackerId) -> WebhookTarget | None:
        self.happen()
        found = WebhookTarget(kind=TrackerKind.REDMINE, secret=Secret(SECRET))
        return found if self.known and (tenant, tracker) == ("T1", "TR-1") else None

    @contextmanager
    def serving(self) -> Generator[int]:
        """Serve on a port of this machine."""
        webhooks = TrackerWebhooks(
            find=self.find,
            use_once=lambda _, __: True,
            wake=lambda _, __: None,
            now=lambda: datetime(2027, 3, 1, tzinfo=UTC),
        )
        site = PublicSite(None, DeferredWork(), signing_secret="", tracker_webhooks=webhooks)
        server = HttpServer.start(site, host="127.0.0.1", port=0)
        try:
            yield urlsplit(server.address).port or 0
        finally:
            server.stop()


def send(port: int, request: str) -> int:
    """Send a request as it is, and return the status of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(request.encode())
        return int(client.makefile("rb").readline().split()[1])


def post(address: str, *, method: str = "POST", length: int = 0) -> str:
    head = f"{method} {address} HTTP/1.1\r\nHost: bot\r\nReferer: https://bot{address}\r\n"
    return f"{head}Connection: close\r\nContent-Length: {length}\r\n\r\n"


def fail(fault: Exception) -> Callable[[], object]:
    def happen() -> object:
        raise fault

    return happen


def test_no_line_of_the_log_has_the_secret_of_an_address() -> None:
    endpoint, statuses = Endpoint(), list[int]()
    with captured_logs() as logged, endpoint.serving() as port:
        for request in (
            post(ADDRESS),
            post(f"{ADDRESS}x"),  # a mistake in the secret must not show it either
            post(ADDRESS, method="GET"),
            post(ADDRESS, length=MAX_BYTES + 1),
            f"POST {ADDRESS} HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            f"POST {ADDRESS} HTTP/9\r\n\r\n",
            post(f"{ADDRESS}/more"),
            post(f"/elsewhere{ADDRESS}"),
            post(f"{ADDRESS}?secret={SECRET}"),
        ):
            statuses.append(send(port, request))
        for fault in (StoreUnavailable("the database is away"), ValueError("unforeseen")):
            endpoint.happen = fail(fault)
            statuses.append(send(port, post(ADDRESS)))
        endpoint.happen, endpoint.known = (lambda: None), False
        statuses.append(send(port, post(ADDRESS)))
        statuses += [send(port, post(ADDRESS)) for _ in range(EACH.burst)]
    lines = "\n".join(logged())
    assert statuses[:12] == [202, 401, 405, 413, 400, 400, 404, 404, 202, 503, 500, 404]
    assert statuses[-1] == 429
    for words in ("a webhook was refused", "request rejected", "was not answered", "Too many webhooks"):
        assert words in lines, words
    assert "s3cret" not in lines
