"""Files of models: people's orders, the charts of rounds, and the slots that follow from a model's events."""

import hashlib
from collections.abc import Callable, Iterable, Sequence

import structlog
from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.delivery.slot_kinds import AnyKind, Desired, Gone, Unchanged
from bot.picture.png_renderer import render_png
from bot.slack.protocol.block_builders import Message, message, section
from bot.slack.queries.model_reader import BallotChart
from bot.slack.sinks.files import NEVER_SHOWN, FilesMade, FilesToShow, ThreadFile
from bot.slack.sinks.outcomes import why_not_shown
from bot.slack.slots.channel_suspensions import ChannelSuspensions
from bot.slack.slots.diagram_slots import DiagramSlots
from bot.slack.slots.export_slots import ExportSlots, find_file_kind
from bot.slack.slots.file_declarations import FileDeclaration
from bot.slack.slots.slot_context import SlotContext
from bot.store import CommandKey, StreamId
from bot.store.records import StreamState
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from bot.store.repositories.file_slots import (
    FILE_KINDS,
    FILE_NOTICE,
    PICTURE,
    FileSlots,
    Order,
    file_parameters,
)
from bot.store.repositories.thread_messages import RESULT, version_of
from domain.kernel.elements import ChannelId

COMMENT = "Distribution of the ballots per threat, with the same numbers as above."

log = structlog.get_logger()


def not_shown() -> Message:
    """Return the notice about a round whose charts Slack does not show."""
    sentence = "Slack accepted the image of the votes but did not show it. The result above has all numbers."
    return message(sentence, [section(sentence)])


class BallotChartSlots(FileDeclaration):
    """Slot declarations for charts. Charts that Slack rejects are given up and logged once."""

    def slots(self) -> list[AnyKind]:
        """Return the slot kind."""
        return [self.file(PICTURE, desired=self._look, failed=self._refused, never_shown=self._never_shown)]

    def _look(self, record: DeliveryRecord) -> Desired[FilesToShow] | Gone | Unchanged:
        stream = record.stream
        register = self.register(stream)
        if register is None:
            return Gone()
        known = file_parameters(record)
        charts = self.reader.ballot_charts(stream, known.version)
        if self.shows_erased(record) and chart_text_digest(charts) != known.digest:
            return Gone()
        if not charts and not record.external_id:
            return Gone()  # a result without scores
        if not record.external_id and not self.thread(stream, register):
            return Unchanged()
        erasures = self.erasures(stream)
        made = FilesToShow(make=lambda: _made(charts), thread=record.thread, erasures=erasures)
        return Desired(content=made, erasures=erasures)

    def _never_shown(self, record: DeliveryRecord) -> None:
        """Request a notice in the thread: Slack accepted charts and never showed them."""
        self.deliveries.drop(record.slot)
        thread = replace(record, thread=self.card_thread(record.stream) or record.thread)
        self.touch(self.file_slots.request_beside(thread, FILE_NOTICE, why=NEVER_SHOWN))

    def _refused(self, record: DeliveryRecord, fault: Exception) -> None:
        log.warning("file not shown", slot=record.slot, code=why_not_shown(fault))
        self.deliveries.drop(record.slot)


def _made(charts: Sequence[BallotChart]) -> FilesMade:
    files = [
        ThreadFile(
            name=f"{one.threat}.png", content=render_png(one.svg), title=one.title, alt_text=one.alt_text
        )
        for one in charts
    ]
    return FilesMade(files=files, comment=COMMENT, digest=chart_text_digest(charts))


def chart_text_digest(charts: Sequence[BallotChart]) -> str:
    """Return a digest of users' text in some charts, in 64 characters."""
    return hashlib.sha256("\n".join(chart.title for chart in charts).encode()).hexdigest()


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


class FileOrders:
    """Records orders; `touch` makes a slot due. Orders for erased models raise NoSuchModel."""

    def __init__(
        self,
        deliveries: Deliveries,
        command_handler: CommandHandler,
        *,
        touch: Callable[[DeliveryRecord], None],
    ) -> None:
        self._slots = FileSlots(deliveries)
        self._command_handler = command_handler
        self._touch = touch

    def order_export(self, order: Order) -> bool:
        """Order an export to the model's thread; return False if the person already waits for it."""
        wanted = self._slots.order(order, self._channel(order.stream))
        if wanted is not None:
            self._touch(wanted)
        return wanted is not None

    def order_diagram(self, stream: StreamId, key: CommandKey) -> bool:
        """Order the model's diagram to its thread; return False if one is already pending."""
        wanted, is_first = self._slots.order_diagram(stream, key, self._channel(stream))
        self._touch(wanted)
        return is_first

    def _channel(self, stream: StreamId) -> ChannelId:
        return self._command_handler.model(stream).channel
