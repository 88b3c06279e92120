"""Direct messages about a model: planned together for each model, delivered as one slot each."""

from collections.abc import Callable
from typing import ClassVar, Protocol

from bot.delivery.slot_kinds import Deleted, Desired, Gone, SlotKind, Uncertain, Unchanged
from bot.delivery.work_kinds import NO_WAIT, Done, Kind
from bot.slack.projectors.direct_messages import DirectPlan
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.web_api_client import SlackApi
from bot.slack.sinks.posted_messages import DirectMessages
from bot.slack.slots.delivery_pace import Pace, WorkKind
from bot.store import StreamId
from bot.store.records import model_stream
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from bot.store.repositories.projections import Projections
from bot.store.work_queue import Claim
from domain.kernel.elements import ModelKey

DirectTouch = Callable[[DeliveryRecord], None]
"""Makes a direct message due, in the lane of its recipient."""


class DirectKind(Protocol):
    """Interface of one kind of direct message."""

    planning: ClassVar[WorkKind]
    """Name of the work that plans the messages about one model."""
    message: ClassVar[WorkKind]
    """Name of the slot kind, and of the work on one message."""

    def plan(self, stream: StreamId) -> DirectPlan:
        """Return the messages wanted about a model, without changing anything."""
        ...

    def desired(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return the current content of a message."""
        ...


class DirectSlots:
    """Slots of one kind of direct message, planned without calls to Slack; `touch` makes a message due."""

    def __init__(
        self,
        kind: DirectKind,
        deliveries: Deliveries,
        projections: Projections,
        api: SlackApi,
        *,
        touch: DirectTouch,
        pace: Pace,
        epoch: str = "",
    ) -> None:
        self._kind = kind
        self._epoch = epoch
        self._deliveries = deliveries
        self._projections = projections
        self._api = api
        self._touch = touch
        self._pace = pace

    def planning(self) -> Kind:
        """Return the work that plans the messages about one model."""
        planning = self._kind.planning
        return Kind(name=planning, waits=self._pace.of(planning), run=self._plan)

    def slots(self) -> SlotKind[Message]:
        """Return the slot kind: how each message is posted, found again and edited."""
        return SlotKind(
            name=self._kind.message,
            waits=NO_WAIT,
            sink=DirectMessages(self._api, epoch=self._epoch),
            desired=self._kind.desired,
            uncertain=Uncertain.SEARCH,
            deleted=Deleted.LEAVE,
        )

    def models_with_unposted(self) -> set[StreamId]:
        """Return the models with messages that were still to be posted when the previous process ended."""
        records = self._deliveries.of_kind(self._kind.message)
        return {record.stream for record in records if not record.external_id and not record.final}

    def _plan(self, claim: Claim) -> Done:
        stream = model_stream(claim.item.tenant, ModelKey(claim.item.subject))
        planned = self._kind.plan(stream)
        self._deliveries.add_missing(*planned.added)
        for one in planned.due:
            self._touch(one)
        # Last: if the process ends before this, the next one repeats the same planning.
        if planned.checkpoint is not None:
            self._projections.save(self._kind.planning, stream, planned.checkpoint)
        return Done(again_at=planned.again_at)
