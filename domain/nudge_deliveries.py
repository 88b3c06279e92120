"""What became of nudges: claimed before they are sent, then sent, held back, left out or failed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from domain.kernel.elements import ModelKey, PersonId

NudgeKey = NewType("NudgeKey", str)
"""Names one reminder to one person about one thing on one occasion, and says nothing to anybody else."""

THREAD = PersonId("thread")
"""In place of a person: the thread of the model's card."""


class SkipReason(StrEnum):
    """Why a nudge is not sent; the value is kept for ever, the words may become better."""

    QUIET_HOURS = "quiet hours"
    SLOW_DOWN = "slow down"
    NOT_REACHED = "not reached"
    NOT_DUE = "not due"
    OVERTAKEN = "overtaken"

    @property
    def words(self) -> str:
        """The reason as people read it."""
        return _WORDS[self]


class _NudgeEvent(msgspec.Struct, gc=False, frozen=True, kw_only=True, tag_field="type"):
    """Whom it was to be sent to, when this was written down, and which nudges of which models it is about."""

    at: datetime
    to: PersonId
    keys: tuple[NudgeKey, ...]


class NudgeClaimed(_NudgeEvent, frozen=True, kw_only=True, tag="NudgeClaimed"):
    """One of the bot's processes is about to send some nudges in one message, and nobody else may.

    `models` has the key of each nudge's model.
    """

    models: tuple[ModelKey, ...]


class NudgeSent(_NudgeEvent, frozen=True, kw_only=True, tag="NudgeSent"):
    """Slack has the message; `found` if that was seen in the conversation afterwards."""

    channel: str
    ts: str
    found: bool = False


class NudgeFailed(_NudgeEvent, frozen=True, kw_only=True, tag="NudgeFailed"):
    """Slack will never take the message; `code` is its own word for why."""

    code: str


class NudgeSkipped(_NudgeEvent, frozen=True, kw_only=True, tag="NudgeSkipped"):
    """Nothing was sent, and why; with `until` it is sent later, without it never."""

    models: tuple[ModelKey, ...]
    why: SkipReason
    until: datetime | None = None


DeliveryEvent = NudgeClaimed | NudgeSent | NudgeFailed | NudgeSkipped


class DeliveryState(StrEnum):
    """How far a nudge has come."""

    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    HELD_BACK = "held back"
    SKIPPED = "skipped"

    @property
    def settled(self) -> bool:
        """Whether nothing is ever done about it any more."""
        return self in (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.SKIPPED)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one nudge; `reason` says why where it was not sent.

    `channel` and `ts` name the message, `until` when one that was held back is tried again.
    """

    key: NudgeKey
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
        """Whether nothing is to be done about it now: it is settled, or somebody is sending it.

        What was not due when it was about to be sent may become due again, as when *Done* is taken back.
        """
        if self.state is DeliveryState.SKIPPED:
            return self.reason != SkipReason.NOT_DUE.value
        return self.state.settled or self.state is DeliveryState.CLAIMED


Deliveries = Mapping[NudgeKey, Delivery]


def deliveries_after(
    events: Iterable[DeliveryEvent], before: Deliveries | None = None
) -> dict[NudgeKey, Delivery]:
    """What became of each nudge that some events of one stream tell of."""
    known = dict(before or {})
    for event in events:
        models = _models(event, known)
        for key, model in zip(event.keys, models, strict=True):
            known[key] = _after(event, key, model)
    return known


def _models(event: DeliveryEvent, known: Deliveries) -> Iterable[ModelKey]:
    match event:
        case NudgeClaimed() | NudgeSkipped():
            return event.models
        case NudgeSent() | NudgeFailed():  # of what was claimed before
            return (known[key].model if key in known else ModelKey("") for key in event.keys)


def _after(event: DeliveryEvent, key: NudgeKey, model: ModelKey) -> Delivery:
    def became(state: DeliveryState, **more: object) -> Delivery:
        told = {"key": key, "model": model, "to": event.to, "state": state, "at": event.at}
        return msgspec.convert({**told, **more}, Delivery)

    match event:
        case NudgeClaimed():
            return became(DeliveryState.CLAIMED)
        case NudgeSent():
            return became(DeliveryState.SENT, channel=event.channel, ts=event.ts)
        case NudgeFailed():
            return became(DeliveryState.FAILED, reason=event.code)
        case NudgeSkipped(until=None):
            return became(DeliveryState.SKIPPED, reason=event.why.value)
        case NudgeSkipped():
            return became(DeliveryState.HELD_BACK, reason=event.why.value, until=event.until)


_WORDS = {
    SkipReason.QUIET_HOURS: "it is outside their working hours",
    SkipReason.SLOW_DOWN: "Slack asked to wait",
    SkipReason.NOT_REACHED: "Slack could not be reached",
    SkipReason.NOT_DUE: "it had been seen to meanwhile",
    SkipReason.OVERTAKEN: "a later one says it all",
}
