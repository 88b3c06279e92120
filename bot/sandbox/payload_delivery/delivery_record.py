"""One payload for the bot, and the record of its delivery."""

from typing import Protocol

from msgspec import Struct

from bot.sandbox.slack_json import Json, json_objects


class DeliveryFailed(Exception):
    """The bot took nothing; the text is Slack's reason for a retry, such as `http_timeout`."""

    def __init__(self, reason: str, *, again: bool = True) -> None:
        super().__init__(reason)
        self.again = again
        """Whether an event may be brought again: a bot can ask not to be told twice."""


class OutgoingPayload(Struct, frozen=True, kw_only=True):
    """One payload on its way."""

    kind: str
    """Socket Mode's word for it: `slash_commands`, `interactive` or `events_api`."""
    payload: Json
    retry_num: int = 0
    retry_reason: str = ""

    @property
    def is_event(self) -> bool:
        """Whether this tells of what happened, and is not what a person did with the bot."""
        return self.kind == "events_api"


class PayloadTransport(Protocol):
    """A way to the bot: Socket Mode or HTTP."""

    def send(self, outgoing: OutgoingPayload, seconds: float) -> Json | None:
        """Bring a payload and return what the ack says; raises DeliveryFailed."""
        ...


class Delivery:
    """One payload brought to the bot, and how that went."""

    def __init__(self, outgoing: OutgoingPayload) -> None:
        self.outgoing = outgoing
        self.acked = False
        self.ack_ms = 0.0
        self.response: Json | None = None
        """What the ack says, if it says anything."""
        self.failure: str | None = None
        """Slack's word for what went wrong, such as `operation_timeout`."""
        self.reason = ""
        """Slack's reason to bring an event again, such as `http_timeout`."""
        self.again = True
        """Whether an event is brought again if this one was not acked."""
        self.error: str | None = None
        """The sentence the person reads when it went wrong."""

    @property
    def kind(self) -> str:
        """Socket Mode's word for the payload."""
        return self.outgoing.kind

    @property
    def payload(self) -> Json:
        """What the bot was told."""
        return self.outgoing.payload

    @property
    def title(self) -> str:
        """A few words on what it is, such as `/threatmodel start` or `block_actions, press`."""
        payload = self.payload
        if self.kind == "slash_commands":
            return f"{payload.get('command')} {payload.get('text', '')}".strip()
        if self.kind == "events_api":
            return " ".join(str(one.get("type")) for one in json_objects([payload.get("event")])) or "event"
        called = [one.get("action_id") for one in json_objects(payload.get("actions"))]
        called += (
            [one.get("callback_id") for one in json_objects([payload.get("view")])] if not called else []
        )
        called = called or [payload.get("callback_id")]
        return ", ".join(str(word) for word in (payload.get("type"), *called) if word)

    @property
    def outcome(self) -> str:
        """A few words on how it went."""
        return f"acked in {self.ack_ms:.0f} ms" if self.acked else f"not acked: {self.failure}"

    def __repr__(self) -> str:
        """Return a line for failing tests."""
        return f"<Delivery {self.kind} {self.title} {self.outcome}>"
