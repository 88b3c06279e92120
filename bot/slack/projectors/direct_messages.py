"""Slots of direct messages about one model: their names, and the plan for one kind."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from bot.delivery.slot_kinds import Desired, content_digest
from bot.slack.protocol.block_builders import Message
from bot.store import StreamId, key_of
from bot.store.records import StreamState
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.salted_digests import matches_salted_digest
from domain.kernel.elements import PersonId

SINK: Final = "direct_message"

KEPT_FOR: Final = timedelta(days=30)
"""How long a direct message is kept up to date; later messages have replaced it by then."""

MAX_REREAD_DELAY: Final = timedelta(hours=1)
"""Longest wait before a person's time zone and working hours are read again, because they may change."""


class DirectPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The slots to add, the slots that are due, and when the plan changes without an event.

    `checkpoint` is the model state whose events are covered, for kinds that follow events.
    """

    added: tuple[DeliveryRecord, ...] = ()
    due: tuple[DeliveryRecord, ...] = ()
    again_at: datetime | None = None
    checkpoint: StreamState | None = None


def direct_slot(kind: str, stream: StreamId, about: str, person: PersonId) -> DeliveryRecord:
    """Return the slot of a message about part of a model to a person."""
    return DeliveryRecord(slot=f"{kind}/{key_of(stream)}/{about}/{person}", sink=SINK, stream=stream)


def about_of(record: DeliveryRecord) -> str:
    """Return what a message is about: a round, or the version of an event."""
    return record.slot.split("/")[-2]


def person_of(record: DeliveryRecord) -> PersonId:
    """Return the recipient of a direct message."""
    return PersonId(record.slot.rpartition("/")[2])


def shows(record: DeliveryRecord, content: Message) -> bool:
    """Return whether a message was last shown with a content."""
    return matches_salted_digest(record.shown, content_digest(content))


def desired_message(content: Message, *, last: bool = False, update_only: bool = False) -> Desired[Message]:
    """Return a content for a slot; without its blocks if Slack rejects them."""
    shorter = Message(text=content.text, blocks=[])
    return Desired(content=content, shorter=shorter, last=last, update_only=update_only)
