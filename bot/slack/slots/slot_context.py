"""What the declarations of slots share, and what each of them declares."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from bot.commands.command_handler import NoSuchModel
from bot.delivery.slot_kinds import AnyKind, Deleted, Desired, Gone, SlotKind, Uncertain, Unchanged
from bot.delivery.work_kinds import Kind
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.web_api_client import SlackApi
from bot.slack.queries.model_reader import ModelReader
from bot.slack.sinks.posted_messages import DirectMessages
from bot.slack.sinks.watched_cards import WatchedCards
from bot.slack.slots.work_scheduler import Pace, WorkScheduler
from bot.store import StreamId, UnitOfWork
from bot.store.repositories.deliveries import DeliveryRecord
from domain.kernel.elements import ChannelId, PersonId
from domain.model import ThreatModel
from domain.register import ThreatRegister
from domain.reminders.reachability import next_at_work

DesiredMessage = Desired[Message] | Gone | Unchanged


class SlotContext(msgspec.Struct, frozen=True, kw_only=True):
    """The store, the readers of models, Slack and the schedule of one workspace.

    `api` is the Slack API for queued work; `writes` is called before each write to a channel.
    """

    unit: UnitOfWork
    reader: ModelReader
    api: SlackApi
    scheduler: WorkScheduler
    pace: Pace
    writes: Callable[[], None]
    watched: WatchedCards

    def model(self, stream: StreamId) -> ThreatModel | None:
        """Return a model; None if all of it was erased."""
        try:
            return self.reader.command_handler.model(stream)
        except NoSuchModel:
            return None

    def register(self, stream: StreamId) -> ThreatRegister | None:
        """Return the register of a model; None if all of the model was erased."""
        try:
            return self.reader.register(stream)
        except NoSuchModel:
            return None

    def direct_kind(
        self, name: str, desired: Callable[[DeliveryRecord], DesiredMessage]
    ) -> SlotKind[Message]:
        """Return a kind of direct message: one that is found again by its metadata, and edited in place."""
        return SlotKind(
            name=name,
            sink=DirectMessages(self.api, epoch=self.unit.epoch),
            desired=desired,
            uncertain=Uncertain.SEARCH,
            deleted=Deleted.LEAVE,
        )

    def touch(self, *records: DeliveryRecord) -> None:
        """Make slots due."""
        for record in records:
            self.scheduler.schedule_slot(record)

    def waits_until(self, person: PersonId, channel: ChannelId) -> datetime | None:
        """Return when a person may be notified; None if they may be notified now."""
        now = self.reader.now()
        opening = next_at_work(self.reader.people(channel)(person), now)
        return opening if self.pace.quiet_hours and opening > now else None


class SlotDeclaration(ABC):
    """What the bot shows of one subject: the kinds of its slots, and the work that plans them."""

    def __init__(self, context: SlotContext) -> None:
        self.context = context
        self.deliveries = context.unit.deliveries

    @abstractmethod
    def slots(self) -> Sequence[AnyKind]:
        """Return the slot kinds: how each is shown, found again, edited and deleted."""

    def work(self) -> Sequence[Kind]:
        """Return the work that determines which slots there are, and which of them are due."""
        return ()
