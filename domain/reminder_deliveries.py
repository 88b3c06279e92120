"""Deliveries of reminders: claimed before sending, then sent, held back, skipped or failed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from domain.kernel.elements import ModelKey, PersonId

ReminderKey = NewType("ReminderKey", str)
"""Identifies one reminder to one person about one subject on one occasion; opaque outside the domain."""

THREAD = PersonId("thread")
"""Stands in place of a person for the thread of the model's card."""


class SkipReason(StrEnum):
    """The reasons why a reminder is not sent; the values are stored and never change, the words may."""

    QUIET_HOURS = "quiet hours"
    SLOW_DOWN = "slow down"
    NOT_REACHED = "not reached"
    NOT_DUE = "not due"
    OVERTAKEN = "overtaken"

    @property
    def label(self) -> str:
        """Return the reason in words."""
        return _LABELS[self]


class _ReminderDelivery(msgspec.Struct, gc=False, frozen=True, kw_only=True, tag_field="type"):
    """The recipient, the time, and the reminders concerned."""

    at: datetime
    to: PersonId
    keys: tuple[ReminderKey, ...]


class ReminderClaimed(_ReminderDelivery, frozen=True, kw_only=True, tag="ReminderClaimed"):
    """A process has claimed some reminders to send them in one message.

    `models` has the key of each reminder's model.
    """

    models: tuple[ModelKey, ...]


class ReminderSent(_ReminderDelivery, frozen=True, kw_only=True, tag="ReminderSent"):
    """The message was sent; `found` if it was discovered in the conversation afterwards."""

    channel: str
    ts: str
    found: bool = False


class ReminderFailed(_ReminderDelivery, frozen=True, kw_only=True, tag="ReminderFailed"):
    """Slack rejected the message permanently, with its error `code`."""

    code: str


class ReminderSkipped(_ReminderDelivery, frozen=True, kw_only=True, tag="ReminderSkipped"):
    """Nothing was sent, with the reason; sent later with `until`, otherwise never."""

    models: tuple[ModelKey, ...]
    why: SkipReason
    until: datetime | None = None


DeliveryEvent = ReminderClaimed | ReminderSent | ReminderFailed | ReminderSkipped


class DeliveryState(StrEnum):
    """The state of the delivery of a reminder."""

    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    HELD_BACK = "held back"
    SKIPPED = "skipped"

    @property
    def settled(self) -> bool:
        """Return whether the state is final."""
        return self in (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.SKIPPED)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """The delivery of one reminder; `reason` explains why it was not sent.

    `channel` and `ts` identify the message; `until` is when a reminder that was held back is retried.
    """

    key: ReminderKey
    model: ModelKey
    to: PersonId
    state: DeliveryState
    at: datetime
    reason: str = ""
    until: datetime | None = None
    channel: str = ""
    ts: str = ""

    @property
    def over(self) -> bool:
        """Return whether nothing has to be done now: it is settled, or a process is sending it.

        A reminder skipped as not due may become due again, for instance when *Done* is undone.
        """
        if self.state is DeliveryState.SKIPPED:
            return self.reason != SkipReason.NOT_DUE.value
        return self.state.settled or self.state is DeliveryState.CLAIMED


Deliveries = Mapping[ReminderKey, Delivery]


def deliveries_after(events: Iterable[DeliveryEvent], before: Deliveries) -> dict[ReminderKey, Delivery]:
    """Return the deliveries after some events of one stream."""
    known = dict(before)
    for event in events:
        models = _models(event, known)
        for key, model in zip(event.keys, models, strict=True):
            known[key] = _after(event, key, model)
    return known


def _models(event: DeliveryEvent, known: Deliveries) -> Iterable[ModelKey]:
    match event:
        case ReminderClaimed() | ReminderSkipped():
            return event.models
        case ReminderSent() | ReminderFailed():  # claimed before
            return (known[key].model if key in known else ModelKey("") for key in event.keys)


def _after(event: DeliveryEvent, key: ReminderKey, model: ModelKey) -> Delivery:
    def became(state: DeliveryState, **more: object) -> Delivery:
        known = {"key": key, "model": model, "to": event.to, "state": state, "at": event.at}
        return msgspec.convert({**known, **more}, Delivery)

    match event:
        case ReminderClaimed():
            return became(DeliveryState.CLAIMED)
        case ReminderSent():
            return became(DeliveryState.SENT, channel=event.channel, ts=event.ts)
        case ReminderFailed():
            return became(DeliveryState.FAILED, reason=event.code)
        case ReminderSkipped(until=None):
            return became(DeliveryState.SKIPPED, reason=event.why.value)
        case ReminderSkipped():
            return became(DeliveryState.HELD_BACK, reason=event.why.value, until=event.until)


_LABELS = {
    SkipReason.QUIET_HOURS: "outside working hours",
    SkipReason.SLOW_DOWN: "rate limited by Slack",
    SkipReason.NOT_REACHED: "Slack was unreachable",
    SkipReason.NOT_DUE: "already done",
    SkipReason.OVERTAKEN: "replaced by a later reminder",
}
