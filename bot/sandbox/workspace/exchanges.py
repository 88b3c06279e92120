"""Exchanges between the workspace and the bot, for inspection."""

import threading
from collections import deque
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from bot.sandbox.slack_json import Json

MAX_EXCHANGES = 500
REDACTED = "(redacted)"

ExchangeKind = Literal["delivery", "call", "response_url"]


class Exchange(Struct, frozen=True, kw_only=True):
    """One payload to the bot, or one API call of the bot, with its response and without tokens."""

    number: int = 0
    at: float
    """Seconds since 1970, by the workspace's clock."""
    kind: ExchangeKind
    title: str
    """A short description, such as `/threatmodel start` or `chat.postMessage`."""
    ms: float
    """The response time in milliseconds."""
    ok: bool
    outcome: str
    """A short description of the outcome, such as `acked in 12 ms` or Slack's error code."""
    request: Json
    answer: Json | None


class Exchanges:
    """The latest five hundred exchanges, in order."""

    def __init__(self) -> None:
        self._kept: deque[Exchange] = deque(maxlen=MAX_EXCHANGES)
        self._lock = threading.Lock()
        self._number = 0

    def all(self) -> list[Exchange]:
        """Return all exchanges, newest last."""
        with self._lock:
            return list(self._kept)

    def add(self, exchange: Exchange) -> None:
        """Number and store an exchange, without the verification token."""
        request = exchange.request
        shown = {**request, "token": REDACTED} if "token" in request else request
        with self._lock:
            self._number += 1
            self._kept.append(replace(exchange, number=self._number, request=shown))
