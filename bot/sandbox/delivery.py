"""Bringing payloads to the bot and waiting for its ack."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from bot.sandbox.faults import Faults
from bot.sandbox.kit import Json

ACK_SECONDS = 3.0
EVENT_RETRIES = (0.0, 60.0, 300.0)
"""Seconds after a failed delivery of an event at which Slack tries again."""


class NotDelivered(Exception):
    """The bot took nothing; the text is Slack's reason for a retry, such as `http_timeout`."""


class Parcel(Struct, frozen=True, kw_only=True):
    """One payload on its way."""

    kind: str
    """Socket Mode's word for it: `slash_commands`, `interactive` or `events_api`."""
    payload: Json
    retry_num: int = 0
    retry_reason: str = ""


class Carrier(Protocol):
    """A way to the bot: Socket Mode or HTTP."""

    def carry(self, parcel: Parcel, seconds: float) -> Json | None:
        """Bring a parcel and return what the ack says; raises NotDelivered."""
        ...


class Delivery:
    """One payload brought to the bot, and how that went."""

    def __init__(self, parcel: Parcel) -> None:
        self.parcel = parcel
        self.acked = False
        self.ack_ms = 0.0
        self.response: Json | None = None
        """What the ack says, if it says anything."""
        self.failure: str | None = None
        """Slack's word for what went wrong, such as `operation_timeout`."""
        self.error: str | None = None
        """The sentence the person reads when it went wrong."""

    @property
    def kind(self) -> str:
        """Socket Mode's word for the payload."""
        return self.parcel.kind

    @property
    def payload(self) -> Json:
        """What the bot was told."""
        return self.parcel.payload

    def __repr__(self) -> str:
        """Return a line for failing tests."""
        outcome = f"acked in {self.ack_ms:.0f} ms" if self.acked else f"not acked: {self.failure}"
        return f"<Delivery {self.kind} {self.payload.get('type', self.payload.get('command'))} {outcome}>"


class Courier:
    """Brings every payload, keeps the record, and repeats events that failed."""

    def __init__(
        self,
        carrier: Carrier,
        *,
        faults: Faults,
        told: Callable[[], None],
        ack_seconds: float = ACK_SECONDS,
        event_retries: Sequence[float] = EVENT_RETRIES,
    ) -> None:
        self.carrier = carrier
        self.deliveries: list[Delivery] = []
        self._faults = faults
        self._told = told
        self._ack_seconds = ack_seconds
        self._event_retries = tuple(event_retries)
        self._timers: set[threading.Timer] = set()
        self._stopped = False

    def bring(self, kind: str, payload: Json) -> Delivery:
        """Bring a payload and wait for its ack."""
        delivery = self._bring(Parcel(kind=kind, payload=payload))
        if self._faults.take_repeat():
            self._bring(delivery.parcel)
        return delivery

    def repeat(self, delivery: Delivery) -> Delivery:
        """Bring the same payload once more, as Slack sometimes does."""
        return self._bring(delivery.parcel)

    def bring_event(self, payload: Json) -> Delivery:
        """Bring an event and wait for its ack; if none comes, retries follow by themselves."""
        delivery = self.bring("events_api", payload)
        if not delivery.acked:
            self._retry_later(delivery, 0)
        return delivery

    def bring_event_soon(self, payload: Json) -> None:
        """Bring an event without waiting for it."""
        self._after(0.0, lambda: self.bring_event(payload))

    def stop(self) -> None:
        """Give up retries to come."""
        self._stopped = True
        for timer in list(self._timers):
            timer.cancel()

    def _bring(self, parcel: Parcel) -> Delivery:
        delivery = Delivery(parcel)
        self.deliveries.append(delivery)
        began = time.perf_counter()
        try:
            delivery.response = self.carrier.carry(parcel, self._ack_seconds)
            if self._faults.take_lost_ack():
                raise NotDelivered("http_timeout")
            delivery.acked = True
        except NotDelivered as failed:
            timed_out = str(failed) in ("http_timeout", "timeout")
            delivery.failure = "operation_timeout" if timed_out else "dispatch_failed"
            delivery.response = None
        delivery.ack_ms = (time.perf_counter() - began) * 1000
        self._told()
        return delivery

    def _retry_later(self, delivery: Delivery, tried: int) -> None:
        if tried >= len(self._event_retries):
            return
        reason = "http_timeout" if delivery.failure == "operation_timeout" else "http_error"

        def again() -> None:
            parcel = Parcel(
                kind=delivery.kind, payload=delivery.payload, retry_num=tried + 1, retry_reason=reason
            )
            repeated = self._bring(parcel)
            if not repeated.acked:
                self._retry_later(repeated, tried + 1)

        self._after(self._event_retries[tried], again)

    def _after(self, seconds: float, do: Callable[[], object]) -> None:
        if self._stopped:
            return

        def run() -> None:
            self._timers.discard(timer)
            if not self._stopped:
                do()

        timer = threading.Timer(seconds, run)
        timer.daemon = True
        self._timers.add(timer)
        timer.start()
