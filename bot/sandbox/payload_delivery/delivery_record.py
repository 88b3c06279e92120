"""One payload for the bot, the record of its delivery, and the list of exchanges."""

import threading
from collections import deque
from typing import Literal, Protocol

from msgspec import Struct
from msgspec.structs import replace

from bot.sandbox.slack_json import Json, json_objects


class DeliveryFailed(Exception):
    """Error: the bot did not accept a payload; the text is Slack's reason, such as `http_timeout`."""

    def __init__(self, reason: str, *, again: bool = True) -> None:
        super().__init__(reason)
        self.again = again
        """Whether an event may be retried; the bot can decline that."""


VERIFICATION_TOKEN = "sandbox-verification-token"  # noqa: S105  (Slack still sends it; it proves nothing)
FAREWELLS = ("tokens_revoked", "app_uninstalled")
"""Events that Slack delivers also to an app that is no longer installed."""


class OutgoingPayload(Struct, frozen=True, kw_only=True):
    """One payload before its delivery."""

    kind: str
    """Socket Mode's name of its type: `slash_commands`, `interactive` or `events_api`."""
    payload: Json
    retry_num: int = 0
    retry_reason: str = ""

    @property
    def is_event(self) -> bool:
        """Whether this is an event, and not a person's interaction with the bot."""
        return self.kind == "events_api"

    @property
    def is_farewell(self) -> bool:
        """Whether it tells the bot of the end of its installation."""
        return any(one.get("type") in FAREWELLS for one in json_objects([self.payload.get("event")]))


class PayloadTransport(Protocol):
    """Transport of payloads to the bot: Socket Mode or HTTP."""

    def send(self, outgoing: OutgoingPayload, seconds: float) -> Json | None:
        """Send a payload and return the content of its acknowledgment; raises DeliveryFailed."""
        ...


class Delivery:
    """One delivery of a payload to the bot, and its outcome."""

    def __init__(self, outgoing: OutgoingPayload) -> None:
        self.outgoing = outgoing
        self.acked = False
        self.ack_ms = 0.0
        self.response: Json | None = None
        """The content of the acknowledgment, if there is any."""
        self.failure: str | None = None
        """Slack's code for the failure, such as `operation_timeout`."""
        self.reason = ""
        """Slack's reason to retry an event, such as `http_timeout`."""
        self.again = True
        """Whether an event is retried if it was not acknowledged."""
        self.error: str | None = None
        """The error message that the person reads after a failure."""

    @property
    def kind(self) -> str:
        """Socket Mode's name of the payload's type."""
        return self.outgoing.kind

    @property
    def payload(self) -> Json:
        """The content of the payload."""
        return self.outgoing.payload

    @property
    def title(self) -> str:
        """A short description, such as `/threatmodel start` or `block_actions, press`."""
        payload = self.payload
        if self.kind == "slash_commands":
            return f"{payload.get('command')} {payload.get('text', '')}".strip()
        if self.kind == "events_api":
            return " ".join(str(one.get("type")) for one in json_objects([payload.get("event")])) or "event"
        called = [json_object.get("action_id") for json_object in json_objects(payload.get("actions"))]
        called += (
            [one.get("callback_id") for one in json_objects([payload.get("view")])] if not called else []
        )
        called = called or [payload.get("callback_id")]
        return ", ".join(str(word) for word in (payload.get("type"), *called) if word)

    @property
    def outcome(self) -> str:
        """A short description of the outcome."""
        return f"acked in {self.ack_ms:.0f} ms" if self.acked else f"not acked: {self.failure}"

    def __repr__(self) -> str:
        """Return a line for the messages of failing tests."""
        return f"<Delivery {self.kind} {self.title} {self.outcome}>"


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
