"""What the server tells somebody's page, which can be held back."""

from collections.abc import Generator
from contextlib import contextmanager

from playwright.sync_api import WebSocketRoute

from tests.browser.player import Player


class DelayedEvents:
    """What the server tells somebody's page, which can be held back for a while."""

    def __init__(self, player: Player) -> None:
        self._page = player.page
        self._waiting: list[str | bytes] | None = None
        self._page.route_web_socket(lambda _: True, self._route)
        player.reloads()

    @contextmanager
    def held(self) -> Generator[None]:
        """Hold back what the server says until the end."""
        self._waiting = []
        yield
        waiting, self._waiting = self._waiting, None
        for message in waiting:
            self._browser_side.send(message)

    def wait_for_something(self) -> None:
        """Wait until something is held back."""
        for _ in range(200):
            if self._waiting:
                return
            self._page.wait_for_timeout(50)
        raise AssertionError("the server said nothing")

    def _route(self, browser_side: WebSocketRoute) -> None:
        self._browser_side = browser_side
        server_side = browser_side.connect_to_server()
        browser_side.on_message(server_side.send)
        server_side.on_message(self._heard)

    def _heard(self, message: str | bytes) -> None:
        if self._waiting is None:
            self._browser_side.send(message)
        else:
            self._waiting.append(message)
