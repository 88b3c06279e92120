"""Slot kinds of files and of the messages about them: the rules that all of them share."""

from collections.abc import Callable

from msgspec.structs import replace

from bot.delivery.slot_kinds import AnyKind, Deleted, Desired, Gone, SlotKind, Uncertain, Unchanged
from bot.delivery.work_kinds import Waits
from bot.slack.protocol.block_builders import Message
from bot.slack.sinks.files import MAX_SHARED, NEVER_SHOWN, FilesMade, FilesToShow, ThreadFiles
from bot.slack.sinks.outcomes import FileNotShown
from bot.slack.sinks.posted_messages import ChannelMessages
from bot.slack.slots.file_context import FileContext
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.file_slots import file_parameters
from domain.register import ThreatRegister


def _nothing(_: DeliveryRecord) -> None:
    pass


class FileSlotKinds:
    """Declares slot kinds; a file counts as posted once it appears in its conversation."""

    def __init__(
        self,
        context: FileContext,
        files: ThreadFiles,
        messages: ChannelMessages,
        *,
        waits: Waits,
        look_seconds: float,
    ) -> None:
        self._context = context
        self._files = files
        self._messages = messages
        self._waits = waits
        self._look_seconds = look_seconds

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
        context = self._context

        def refused(record: DeliveryRecord, fault: Exception) -> bool:
            failed(record, fault)
            return False

        def missing(record: DeliveryRecord) -> None:
            context.slots.change(
                record.slot, lambda one: replace(one, tries=one.tries + 1, files=(), shared_at=None)
            )
            found = context.deliveries.find(record.slot)
            if found is None or file_parameters(found).tries < MAX_SHARED:
                return  # it is posted again
            if never_shown is not None:
                never_shown(found)
            else:
                failed(found, FileNotShown(NEVER_SHOWN, code=NEVER_SHOWN))

        def settled(record: DeliveryRecord) -> None:
            found = context.deliveries.find(record.slot)
            if found is None or not found.external_id:
                return
            is_first = bool(found.shown) and file_parameters(found).shared_at is not None
            if is_first:
                context.slots.change(record.slot, lambda one: replace(one, shared_at=None))
            posted(found)
            if is_first:
                seen(found)

        return SlotKind(
            name=name,
            waits=self._waits,
            sink=self._files,
            desired=desired,
            uncertain=Uncertain.SEARCH,
            deleted=Deleted.LEAVE,
            edited=False,
            confirmed=True,
            confirmed_after=self._look_seconds,
            digest=lambda _: "",
            suspended=context.suspensions.file_refused,
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
            waits=self._waits,
            sink=self._messages,
            desired=desired,
            uncertain=Uncertain.POST_AGAIN,
            deleted=Deleted.LEAVE,
            edited=False,
            suspended=self._context.suspensions.file_refused,
            settled=settled,
        )

    def files_in_thread(
        self, record: DeliveryRecord, register: ThreatRegister, make: Callable[[], FilesMade]
    ) -> Desired[FilesToShow] | Unchanged:
        """Return files for the model's thread, created when posted; Unchanged while there is no thread."""
        context, stream = self._context, record.stream
        # What cannot be posted becomes due again once the card is shown.
        thread = (record.external_id and record.thread) or context.thread(stream, register)
        if not thread:
            return Unchanged()
        # Counted before the files are made: an erasure meanwhile marks them for deletion.
        erasures = context.erasures(stream)
        return Desired(content=FilesToShow(make=make, thread=thread, erasures=erasures), erasures=erasures)
