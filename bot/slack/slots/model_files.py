"""Files of models: their slot declarations, and the slots that follow from a model's events."""

from collections.abc import Callable, Iterable
from datetime import datetime

from bot.delivery.slot_kinds import AnyKind, Desired, Gone, Unchanged
from bot.delivery.work_kinds import Waits
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.web_api_client import SlackApi
from bot.slack.sinks.files import ChannelCanvases, ThreadFiles
from bot.slack.sinks.outcomes import FILE_OUTCOMES
from bot.slack.sinks.posted_messages import ChannelMessages
from bot.slack.slots.ballot_chart_slots import BallotChartSlots, not_shown
from bot.slack.slots.diagram_slots import DiagramSlots
from bot.slack.slots.export_slots import ExportSlots
from bot.slack.slots.file_context import FileContext
from bot.slack.slots.file_slot_kinds import FileSlotKinds
from bot.slack.slots.ordered_files import find_file_kind
from bot.store import StreamId
from bot.store.records import StreamState
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.file_slots import FILE_KINDS, FILE_NOTICE, PICTURE, file_parameters
from bot.store.repositories.projections import Projections
from bot.store.repositories.thread_messages import RESULT, version_of


class ModelFiles:
    """Declares every kind of file, and requests the slots that follow from a model's events.

    `writes` is called before each write to a channel.
    """

    def __init__(
        self,
        context: FileContext,
        projections: Projections,
        api: SlackApi,
        *,
        now: Callable[[], datetime],
        writes: Callable[[], None],
        waits: Waits,
        look_seconds: float,
    ) -> None:
        self._context = context
        self._projections = projections
        self._waits = waits
        files = ThreadFiles(
            api,
            context.deliveries,
            now=now,
            writes=writes,
            look_seconds=look_seconds,
        )
        messages = ChannelMessages(api, writes=writes, outcomes=FILE_OUTCOMES)
        self._kinds = FileSlotKinds(context, files, messages, waits=waits, look_seconds=look_seconds)
        self._exports = ExportSlots(context, self._kinds, ChannelCanvases(api))
        self._diagrams = DiagramSlots(context, self._kinds)
        self._pictures = BallotChartSlots(context, self._kinds)

    def kinds(self) -> list[AnyKind]:
        """Return the slot kinds."""
        return [
            *self._exports.kinds(self._waits),
            *self._diagrams.kinds(),
            *self._pictures.kinds(),
            self._kinds.message(FILE_NOTICE, desired=self._notice),
        ]

    def project(self, stream: StreamId, slots: Iterable[DeliveryRecord]) -> None:
        """Request the slots that follow from a model's events and its `slots`, and make outdated ones due."""
        register = self._context.register(stream)
        if register is None:
            return
        slots = [*slots, *self._want_pictures(stream, register.channel, slots)]
        slots = [slot for slot in slots if slot.kind in FILE_KINDS]
        if not slots:
            return
        self._diagrams.project(stream, register)
        erasures = self._context.erasures(stream)
        for slot in slots:
            # A file that has not appeared in its thread yet; the message below it waits for that.
            is_unseen = slot.sink == "file" and not slot.shown
            if not slot.final and (not slot.external_id or is_unseen or slot.erasures != erasures):
                self._context.touch(slot)

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
            self._context.slots.request_picture(stream, version, channel, thread)
            for version, thread in new.items()
        ]
        if new:
            state = StreamState(version=max(new), erasures=checked.erasures)
            self._projections.save(PICTURE, stream, state)
        return wanted

    def _notice(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        context, stream = self._context, record.stream
        register = context.register(stream)
        if register is None:
            return Gone()
        if not context.thread(stream, register):
            return Unchanged()
        known = file_parameters(record)
        content = find_file_kind(known.word).rejection(register, known.why) if known.word else not_shown()
        return Desired(content=content, last=True)
