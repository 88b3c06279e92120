"""The page and its socket.io connection accept only the sandbox's own origin."""

import asyncio
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect

from tests.sandbox.test_own_pages import ask, refused

SOCKET_IO = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
POLLING = "/_nicegui_ws/socket.io/?EIO=4&transport=polling"


def test_the_page_is_served_to_its_own_address_and_may_not_be_framed(address: str) -> None:
    page = ask(address, path="/", method="GET")
    assert page.status == 200
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Content-Security-Policy"] == "frame-ancestors 'none'"


@pytest.mark.parametrize("path", ["/", POLLING])
@pytest.mark.parametrize(
    "forged", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}]
)
def test_neither_page_nor_polling_answers_another_website(
    address: str, path: str, forged: dict[str, str]
) -> None:
    assert ask(address, path=path, method="GET", **forged).status == 403


@pytest.mark.parametrize(
    ("host", "origin"), [("evil.example", None), (None, "http://evil.example"), (None, "null")]
)
def test_the_websocket_of_the_page_refuses_another_website(
    address: str, host: str | None, origin: str | None
) -> None:
    asyncio.run(refused(f"ws://{urlsplit(address).netloc}{SOCKET_IO}", host, origin))


def test_the_websocket_of_the_page_takes_its_own_origin(address: str) -> None:
    async def first() -> str | bytes:
        url = f"ws://{urlsplit(address).netloc}{SOCKET_IO}"
        async with connect(url, origin=address, proxy=None) as socket:  # pyright: ignore[reportArgumentType]  (a str in all but name)
            return await socket.recv()

    assert str(asyncio.run(first())).startswith("0{")
