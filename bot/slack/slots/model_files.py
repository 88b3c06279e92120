"""Files of models: their slot declarations, and the slots that follow from a model's events."""

from collections.abc import Iterable

from bot.delivery.slot_kinds import AnyKind, Desired, Gone, Unchanged
from bot.slack.protocol.block_builders import Message
from bot.slack.slots.ballot_chart_slots import BallotChartSlots, not_shown
from bot.slack.slots.channel_suspensions import ChannelSuspensions
from bot.slack.slots.diagram_slots import DiagramSlots
from bot.slack.slots.export_slots import ExportSlots
from bot.slack.slots.file_declarations import FileDeclaration
from bot.slack.slots.ordered_files import find_file_kind
from bot.slack.slots.slot_context import SlotContext
from bot.store import StreamId
from bot.store.records import StreamState
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.file_slots import FILE_KINDS, FILE_NOTICE, PICTURE, file_parameters
from bot.store.repositories.thread_messages import RESULT, version_of


class ModelFiles(FileDeclaration):
    """Declares every kind of file, and requests the slots that follow from a model's events."""

    def __init__(self, context: SlotContext, suspensions: ChannelSuspensions) -> None:
        super().__init__(context, suspensions)
        self._projections = context.unit.projections
        self._diagrams = DiagramSlots(context, suspensions)

    def slots(self) -> list[AnyKind]:
        """Return the slot kinds."""
        return [
            *ExportSlots(self.context, self.suspensions).slots(),
            *self._diagrams.slots(),
            *BallotChartSlots(self.context, self.suspensions).slots(),
            self.message(FILE_NOTICE, desired=self._notice),
        ]

    def project(self, stream: StreamId, slots: Iterable[DeliveryRecord]) -> None:
        """Request the slots that follow from a model's events and its `slots`, and make outdated ones due."""
        register = self.register(stream)
        if register is None:
            return
        slots = [*slots, *self._want_pictures(stream, register.channel, slots)]
        slots = [slot for slot in slots if slot.kind in FILE_KINDS]
        if not slots:
            return
        self._diagrams.project(stream, register)
        erasures = self.erasures(stream)
        for slot in slots:
            # A file that has not appeared in its thread yet; the message below it waits for that.
            is_unseen = slot.sink == "file" and not slot.shown
            if not slot.final and (not slot.external_id or is_unseen or slot.erasures != erasures):
                self.touch(slot)

    def _want_pictures(
        self, stream: StreamId, channel: str, slots: Iterable[DeliveryRecord]
    ) -> list[DeliveryRecord]:
        """Request the pictures of results posted since the last call; return their slots."""
        posted = {version_of(slot): slot.thread for slot in slots if slot.kind == RESULT and slot.external_id}
        if not posted:
            return []
        checked = self._projections.find(PICTURE, stream) or StreamState(version=0, erasures=0)
        new = {version: posted[version] for version in sorted(posted) if version > checked.version}
        wanted = [
            self.file_slots.request_picture(stream, version, channel, thread)
            for version, thread in new.items()
        ]
        if new:
            state = StreamState(version=max(new), erasures=checked.erasures)
            self._projections.save(PICTURE, stream, state)
        return wanted

    def _notice(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        stream = record.stream
        register = self.register(stream)
        if register is None:
            return Gone()
        if not self.thread(stream, register):
            return Unchanged()
        known = file_parameters(record)
        content = find_file_kind(known.word).rejection(register, known.why) if known.word else not_shown()
        return Desired(content=content, last=True)
