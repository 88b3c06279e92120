"""Direct messages that tell people what concerns them: planned for each model, and each a slot of its own."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Protocol

import msgspec

from bot.delivery.slot_kinds import Deleted, Desired, Gone, SlotKind, Uncertain, Unchanged
from bot.delivery.work_kinds import NO_WAIT, Done, Kind
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import SlackApi
from bot.slack.sinks.direct_messages import DirectMessages
from bot.slack.slots.delivery_pace import Pace, WorkKind
from bot.store import StreamId, key_of
from bot.store.records import model_stream
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from bot.store.work_queue import Claim
from domain.kernel.elements import ModelKey, PersonId

SINK = "direct_message"

DirectTouch = Callable[[DeliveryRecord], None]
"""Has a direct message posted or edited, in the lane of its person."""


class DirectPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The messages about a model that are to be posted or edited, and when to look again."""

    messages: tuple[DeliveryRecord, ...] = ()
    again: datetime | None = None


class DirectKind(Protocol):
    """One kind of direct messages."""

    surface: ClassVar[WorkKind]
    """The kind of the work that plans the messages about one model."""
    message: ClassVar[WorkKind]
    """The kind of slot, and of the work on one message."""

    def carried(self, record: DeliveryRecord) -> Json:
        """Return what a message carries unseen, to be found by."""
        ...

    def plan(self, stream: StreamId) -> DirectPlan:
        """Want the messages about a model that are to be sent, and find those that are to be edited."""
        ...

    def look(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return what a message should show now."""
        ...


class DirectSlots:
    """The direct messages of one kind, planned without a call to Slack; `touch` makes a message due."""

    def __init__(
        self, kind: DirectKind, deliveries: Deliveries, api: SlackApi, *, touch: DirectTouch, pace: Pace
    ) -> None:
        self._kind = kind
        self._deliveries = deliveries
        self._api = api
        self._touch = touch
        self._pace = pace

    def planning(self) -> Kind:
        """Return the work that plans the messages about one model."""
        surface = self._kind.surface
        return Kind(name=surface, group="people", waits=self._pace.of(surface), do=self._plan)

    def slots(self) -> SlotKind[Message]:
        """Return how each message is posted, found again and edited."""
        return SlotKind(
            name=self._kind.message,
            group="people",
            waits=NO_WAIT,
            sink=DirectMessages(self._api, metadata=self._kind.carried),
            look=self._kind.look,
            uncertain=Uncertain.SEARCH,
            deleted=Deleted.LEAVE,
        )

    def owed(self) -> set[StreamId]:
        """Return the models with messages that were to be posted when the last process ended."""
        records = self._deliveries.of_kind(self._kind.message)
        return {one.stream for one in records if not one.external_id and not one.over}

    def _plan(self, claim: Claim) -> Done:
        planned = self._kind.plan(model_stream(claim.item.tenant, ModelKey(claim.item.subject)))
        for one in planned.messages:
            self._touch(one)
        return Done(again=planned.again)


def direct_slot(kind: WorkKind, stream: StreamId, about: str, person: PersonId) -> DeliveryRecord:
    """Return the slot of a message about something in a model to a person."""
    return DeliveryRecord(slot=f"{kind}/{key_of(stream)}/{about}/{person}", sink=SINK, stream=stream)


def about_of(record: DeliveryRecord) -> str:
    """Return what in the model a message is about: a round, or the version of an event."""
    return record.slot.split("/")[-2]


def shown_as(content: Message, *, last: bool = False, found_only: bool = False) -> Desired[Message]:
    """Return a content for a slot; without its blocks where Slack does not take them."""
    shorter = Message(text=content.text, blocks=[])
    return Desired(content=content, shorter=shorter, last=last, found_only=found_only)
