"""Requests of other websites to loopback are refused, and no page may frame the workspace."""

import asyncio
import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from bot.sandbox.sandbox_server import Sandbox
from bot.sandbox.threaded_server import LOOPBACK, OriginGuard


@pytest.fixture(scope="module")
def workspace() -> Iterator[Sandbox]:
    with Sandbox(event_retries=()).start() as started:
        yield started


def ask(
    url: str, path: str = "/api/api.test", method: str = "POST", **headers: str
) -> http.client.HTTPResponse:
    server = urlsplit(url)
    assert server.hostname is not None
    connection = http.client.HTTPConnection(server.hostname, server.port, timeout=30)
    connection.putrequest(method, path, skip_host=True)
    for name, value in {"Host": server.netloc, **headers}.items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", "0")
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    return answer


def own(workspace: Sandbox) -> str:
    return urlsplit(workspace.url).netloc


FOREIGN_HOSTS = (
    "evil.example",
    "evil.example:80",
    "127.0.0.1.evil.example",
    "169.254.169.254",
    "",
    "[",
    "0.0.0.0",
)
FOREIGN_ORIGINS = ("http://evil.example", "null", "http://127.0.0.1:1", "file://", "https://localhost", "")


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_request_with_a_foreign_host_name_is_refused(workspace: Sandbox, host: str) -> None:
    assert ask(workspace.url, Host=host).status in (400, 403)


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "PUT"])
def test_a_request_of_a_foreign_origin_is_refused(workspace: Sandbox, origin: str, method: str) -> None:
    assert ask(workspace.url, method=method, Origin=origin).status == 403


@pytest.mark.parametrize("name", sorted(LOOPBACK))
def test_requests_to_each_local_host_name_are_accepted(workspace: Sandbox, name: str) -> None:
    port = urlsplit(workspace.url).port
    host = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    assert ask(workspace.url, Host=host).status == 200
    assert ask(workspace.url, Host=host.upper(), Origin=f"http://{host}").status == 200


def test_no_page_may_frame_what_is_served(workspace: Sandbox) -> None:
    for answer in (
        ask(workspace.url),
        ask(workspace.url, path="/nowhere"),
        ask(workspace.url, Host="evil.example"),
    ):
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'none'"


@pytest.mark.parametrize(
    ("host", "origin"),
    [("evil.example", None), (None, "http://evil.example"), (None, "null"), (None, "http://127.0.0.1:1")],
)
def test_a_websocket_with_a_foreign_host_name_or_origin_is_refused(
    workspace: Sandbox, host: str | None, origin: str | None
) -> None:
    asyncio.run(refused(f"ws://{own(workspace)}/link/?ticket=x", host, origin))


async def refused(url: str, host: str | None, origin: str | None) -> None:
    """Try to connect as a browser would on a page of another website; the handshake is refused."""
    headers = {"Host": host} if host else {}
    with pytest.raises(InvalidStatus) as answer:
        async with connect(
            url, additional_headers=headers, origin=Origin(origin) if origin else None, proxy=None
        ):
            pass
    assert answer.value.response.status_code == 403


def test_an_additional_host_name_is_accepted_if_configured() -> None:
    async def call(host: str) -> list[int]:
        said: list[int] = []

        async def app(scope: object, receive: object, send: object) -> None:
            del scope, receive, send
            said.append(200)

        async def receive() -> dict[str, str]:
            return {"type": "http.request"}

        async def send(message: object) -> None:
            if isinstance(message, dict) and "status" in message:
                said.append(int(message["status"]))  # pyright: ignore[reportUnknownArgumentType]  (ASGI)

        scope = {"type": "http", "headers": [(b"host", host.encode())]}
        await OriginGuard(app, ("Slack.Example",))(scope, receive, send)
        return said

    assert asyncio.run(call("slack.example:8000")) == [200]
    assert asyncio.run(call("other.example:8000")) == [403]
