"""Exchanges between the workspace and the bot, for inspection."""

import threading
from collections import deque
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from bot.sandbox.slack_json import Json

MOST = 500
REDACTED = "(redacted)"

ExchangeKind = Literal["delivery", "call", "response_url"]


class Exchange(Struct, frozen=True, kw_only=True):
    """One payload brought to the bot, or one call of the bot, each with its answer and without tokens."""

    number: int = 0
    at: float
    """Seconds since 1970, by the workspace's clock."""
    kind: ExchangeKind
    title: str
    """A few words on what it was, such as `/threatmodel start` or `chat.postMessage`."""
    ms: float
    """How long the answer took."""
    ok: bool
    outcome: str
    """A few words on how it went, such as `acked in 12 ms` or Slack's error code."""
    request: Json
    answer: Json | None


class Exchanges:
    """The last five hundred exchanges, in order."""

    def __init__(self) -> None:
        self._kept: deque[Exchange] = deque(maxlen=MOST)
        self._lock = threading.Lock()
        self._number = 0

    def all(self) -> list[Exchange]:
        """Return them, the newest last."""
        with self._lock:
            return list(self._kept)

    def add(self, exchange: Exchange) -> None:
        """Number and keep one, with the verification token left out."""
        request = exchange.request
        shown = {**request, "token": REDACTED} if "token" in request else request
        with self._lock:
            self._number += 1
            self._kept.append(replace(exchange, number=self._number, request=shown))
