"""Slots of files and of the messages about them: what all of their declarations share."""

from collections.abc import Callable

from msgspec.structs import replace

from bot.delivery.slot_kinds import AnyKind, Deleted, Desired, Gone, SlotKind, Uncertain, Unchanged
from bot.slack.protocol.block_builders import Message
from bot.slack.sinks.files import MAX_SHARED, NEVER_SHOWN, FilesMade, FilesToShow, ThreadFiles
from bot.slack.sinks.outcomes import FILE_OUTCOMES, FileNotShown
from bot.slack.sinks.posted_messages import ChannelMessages
from bot.slack.slots.channel_suspensions import ChannelSuspensions
from bot.slack.slots.slot_context import SlotContext, SlotDeclaration
from bot.store import StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.file_slots import FileSlots, file_parameters
from domain.register import ThreatRegister


def _nothing(_: DeliveryRecord) -> None:
    pass


class FileDeclaration(SlotDeclaration):
    """Base of the declarations of files; a file counts as posted once it appears in its conversation."""

    def __init__(self, context: SlotContext, suspensions: ChannelSuspensions) -> None:
        super().__init__(context)
        self.suspensions = suspensions
        self._cards = context.unit.cards
        self.reader = context.reader
        self.file_slots = FileSlots(context.unit.deliveries)
        self.touch = context.touch
        self.register = context.register
        self._files = ThreadFiles(
            context.api,
            context.unit.deliveries,
            now=context.reader.now,
            writes=context.writes,
            look_seconds=context.pace.file_poll_seconds,
        )
        self._messages = ChannelMessages(context.api, writes=context.writes, outcomes=FILE_OUTCOMES)

    def file(
        self,
        name: str,
        *,
        desired: Callable[[DeliveryRecord], Desired[FilesToShow] | Gone | Unchanged],
        failed: Callable[[DeliveryRecord, Exception], None],
        never_shown: Callable[[DeliveryRecord], None] | None = None,
        posted: Callable[[DeliveryRecord], None] = _nothing,
        seen: Callable[[DeliveryRecord], None] = _nothing,
    ) -> AnyKind:
        """Declare a kind of file.

        `failed` handles a file that Slack rejected, `never_shown` one that did not appear after a second
        post. `posted` is called after each post and update, `seen` once the file is visible.
        """

        def refused(record: DeliveryRecord, fault: Exception) -> bool:
            failed(record, fault)
            return False

        def missing(record: DeliveryRecord) -> None:
            self.file_slots.change(
                record.slot, lambda one: replace(one, tries=one.tries + 1, files=(), shared_at=None)
            )
            found = self.deliveries.find(record.slot)
            if found is None or file_parameters(found).tries < MAX_SHARED:
                return  # it is posted again
            if never_shown is not None:
                never_shown(found)
            else:
                failed(found, FileNotShown(NEVER_SHOWN, code=NEVER_SHOWN))

        def settled(record: DeliveryRecord) -> None:
            found = self.deliveries.find(record.slot)
            if found is None or not found.external_id:
                return
            is_first = bool(found.shown) and file_parameters(found).shared_at is not None
            if is_first:
                self.file_slots.change(record.slot, lambda one: replace(one, shared_at=None))
            posted(found)
            if is_first:
                seen(found)

        return SlotKind(
            name=name,
            waits=self.context.pace.of("export"),
            sink=self._files,
            desired=desired,
            uncertain=Uncertain.SEARCH,
            deleted=Deleted.LEAVE,
            edited=False,
            confirmed=True,
            confirmed_after=self.context.pace.file_poll_seconds,
            digest=lambda _: "",
            suspended=self.suspensions.file_refused,
            refused=refused,
            missing=missing,
            settled=settled,
        )

    def message(
        self,
        name: str,
        *,
        desired: Callable[[DeliveryRecord], Desired[Message] | Gone | Unchanged],
        settled: Callable[[DeliveryRecord], None] = _nothing,
    ) -> AnyKind:
        """Declare a kind of message about a file."""
        return SlotKind(
            name=name,
            waits=self.context.pace.of("export"),
            sink=self._messages,
            desired=desired,
            uncertain=Uncertain.POST_AGAIN,
            deleted=Deleted.LEAVE,
            edited=False,
            suspended=self.suspensions.file_refused,
            settled=settled,
        )

    def files_in_thread(
        self, record: DeliveryRecord, register: ThreatRegister, make: Callable[[], FilesMade]
    ) -> Desired[FilesToShow] | Unchanged:
        """Return files for the model's thread, created when posted; Unchanged while there is no thread."""
        # What cannot be posted becomes due again once the card is shown.
        thread = (record.external_id and record.thread) or self.thread(record.stream, register)
        if not thread:
            return Unchanged()
        # Counted before the files are made: an erasure meanwhile marks them for deletion.
        erasures = self.erasures(record.stream)
        return Desired(content=FilesToShow(make=make, thread=thread, erasures=erasures), erasures=erasures)

    def replace_by(self, kind: str, record: DeliveryRecord, **parameters: str) -> None:
        """Request a message in place of a file that is not shown."""
        beside = replace(record, thread=record.thread or self.card_thread(record.stream))
        message = self.file_slots.request_beside(beside, kind, **parameters)
        self.deliveries.drop(record.slot)
        self.touch(message)

    def thread(self, stream: StreamId, register: ThreatRegister) -> str:
        """Return the timestamp of a model's card; empty while nothing can be posted in its thread."""
        card = self._cards.find(stream)
        active = self.suspensions.active_card(card, register) if card is not None else None
        return (active.ts if active is not None else None) or ""

    def card_thread(self, stream: StreamId) -> str:
        """Return the timestamp of a model's card; empty if it was not posted."""
        card = self._cards.find(stream)
        return (card.ts if card is not None else None) or ""

    def erasures(self, stream: StreamId) -> int:
        """Return the number of erasures in a model."""
        return self.reader.state(stream).erasures

    def shows_erased(self, record: DeliveryRecord) -> bool:
        """Return whether a file may have been created before the last erasure in its model."""
        known = file_parameters(record)
        is_there = bool(record.external_id) or (record.is_uncertain and bool(known.files))
        return is_there and known.erasures != self.erasures(record.stream)
