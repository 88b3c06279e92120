"""Exports as slots: a file in the thread of its model, what is told below it, and the canvas of the report.

A file is made in the moment in which it is posted. Once words of the model were erased, every file that was
made before is deleted, with what is told about it: it may hold them.
"""

import structlog
from msgspec.structs import replace

from bot.delivery.reconciler import AnyKind
from bot.delivery.slot_kinds import Deleted, Desired, Gone, SlotKind, Uncertain, Unchanged
from bot.delivery.work_kinds import Waits
from bot.report.canvas_renderer import render_canvas
from bot.report.sections import report_of
from bot.slack.protocol.block_builders import Message
from bot.slack.sinks.canvases import CanvasContent, ChannelCanvases
from bot.slack.sinks.file_messages import FileMessages
from bot.slack.sinks.thread_files import (
    MOST_SHARED,
    NEVER_SHOWN,
    FilesMade,
    FilesToShow,
    ThreadFile,
    ThreadFiles,
)
from bot.slack.slots.file_context import FileContext, why_not_shown
from bot.slack.slots.ordered_files import offer_of
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.file_slots import (
    CANVAS,
    EXPORT,
    EXPORT_MESSAGE,
    FILE_NOTICE,
    canvas_slot,
    file_parameters,
)
from domain.register import ThreatRegister

log = structlog.get_logger()


class ExportSlots:
    """Declares the slots of exports, of the messages below them, and of canvases."""

    def __init__(
        self, context: FileContext, files: ThreadFiles, messages: FileMessages, canvases: ChannelCanvases
    ) -> None:
        self._context = context
        self._files = files
        self._messages = messages
        self._canvases = canvases

    def kinds(self, waits: Waits, *, look_seconds: float) -> list[AnyKind]:
        """Return the declarations."""
        rested = self._context.rested
        export = SlotKind(
            name=EXPORT,
            group="channels",
            waits=waits,
            sink=self._files,
            look=self._export,
            uncertain=Uncertain.SEARCH,
            deleted=Deleted.LEAVE,
            edited=False,
            confirmed=True,
            confirmed_after=look_seconds,
            digest=lambda _: "",
            rested=rested,
            refused=self._not_shown,
            missing=self._missing,
            settled=self._seen,
        )
        message = SlotKind(
            name=EXPORT_MESSAGE,
            group="channels",
            waits=waits,
            sink=self._messages,
            look=self._message,
            uncertain=Uncertain.LEAVE,
            deleted=Deleted.LEAVE,
            edited=False,
            rested=rested,
        )
        canvas = SlotKind(
            name=CANVAS,
            group="channels",
            waits=waits,
            sink=self._canvases,
            look=self._canvas,
            uncertain=Uncertain.POST_AGAIN,
            deleted=Deleted.POST_AGAIN,
            refused=self._no_canvas,
            settled=self._written,
        )
        return [export, message, canvas]

    def _export(self, record: DeliveryRecord) -> Desired[FilesToShow] | Gone | Unchanged:
        context, stream = self._context, record.stream
        register = context.register(stream)
        if register is None or context.shows_erased(record):
            return Gone()
        thread = (record.external_id and record.thread) or context.thread(stream, register)
        if not thread:
            return Unchanged()  # what cannot be shown now is due again once it can
        word = file_parameters(record).word
        erasures = context.erasures(stream)
        made = FilesToShow(make=lambda: self._made(word, register), thread=thread, erasures=erasures)
        return Desired(content=made, erasures=erasures)

    def _made(self, word: str, register: ThreatRegister) -> FilesMade:
        made = offer_of(word).make(self._context.reader, register)
        file = ThreadFile(name=made.name, content=made.content, title=made.name, words=made.alt)
        return FilesMade(files=[file], comment=made.comment)

    def _message(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return what is told below a file, in a message that can be taken away with the words in it."""
        context, stream = self._context, record.stream
        register = context.register(stream)
        if register is None or (record.external_id and record.erasures != context.erasures(stream)):
            return Gone()
        known = file_parameters(record)
        offer = offer_of(known.word)
        if record.external_id or not context.thread(stream, register) or offer.tell is None:
            return Unchanged()
        address = ""
        if offer.has_canvas:
            canvas = context.deliveries.find(canvas_slot(stream))
            if canvas is not None and not canvas.over:
                state = file_parameters(canvas)
                if state.written < known.wanted:
                    return Unchanged()  # once it is written
                if canvas.external_id and not state.why:
                    address = context.reader.canvas_address(canvas.external_id)
        content = offer.tell(context.reader, register, address)
        return Desired(content=content, erasures=context.erasures(stream))

    def _canvas(self, record: DeliveryRecord) -> Desired[CanvasContent] | Gone | Unchanged:
        context, stream = self._context, record.stream
        register = context.register(stream)
        # Before it is made: what is erased meanwhile makes it one to be deleted.
        erasures = context.erasures(stream)
        if register is None or (record.external_id and record.erasures != erasures):
            return Gone()
        known = file_parameters(record)
        if known.written == known.wanted or not context.thread(stream, register):
            return Unchanged()
        report = report_of(context.reader.report_source(register))
        content = CanvasContent(
            title=f"{register.key} {register.name}", markdown=render_canvas(report), report=known.wanted
        )
        return Desired(content=content, erasures=erasures)

    def _seen(self, record: DeliveryRecord) -> None:
        """A file is seen in its thread, or gone: what is told below it follows."""
        found = self._context.deliveries.find(record.slot)
        if found is None or not found.shown or file_parameters(found).shared_at is None:
            return
        self._context.slots.change(record.slot, lambda one: replace(one, shared_at=None))
        offer = offer_of(file_parameters(found).word)
        wanted = 0
        if offer.has_canvas:
            canvas = self._context.slots.want_canvas(found.stream, found.place)
            wanted = file_parameters(canvas).wanted
            self._context.touch(canvas)
        if offer.tell is not None:
            below = replace(found, thread=found.thread or self._context.card_thread(found.stream))
            self._context.touch(self._context.slots.want_beside(below, EXPORT_MESSAGE, wanted=wanted))

    def _missing(self, record: DeliveryRecord) -> None:
        """Slack accepted a file and never showed it: it is posted again, or the thread is told so."""
        context = self._context
        context.slots.change(
            record.slot, lambda one: replace(one, tries=one.tries + 1, files=(), shared_at=None)
        )
        found = context.deliveries.find(record.slot)
        if found is not None and file_parameters(found).tries >= MOST_SHARED:
            self._give_up(found, NEVER_SHOWN)

    def _not_shown(self, record: DeliveryRecord, fault: Exception) -> bool:
        self._give_up(record, why_not_shown(fault))
        return False

    def _give_up(self, record: DeliveryRecord, why: str) -> None:
        log.warning("file not shown", slot=record.slot, code=why)
        context = self._context
        thread = record.thread or context.card_thread(record.stream)
        notice = context.slots.want_beside(replace(record, thread=thread), FILE_NOTICE, why=why)
        context.deliveries.drop(record.slot)
        context.touch(notice)

    def _written(self, record: DeliveryRecord) -> None:
        found = self._context.deliveries.find(record.slot)
        if found is not None and found.shown:
            self._go_on(found, why="")

    def _no_canvas(self, record: DeliveryRecord, fault: Exception) -> bool:
        log.info("no canvas", slot=record.slot, code=why_not_shown(fault))
        self._go_on(record, why=why_not_shown(fault))
        return not record.external_id  # one that is there must be deleted when words are erased

    def _go_on(self, canvas: DeliveryRecord, *, why: str) -> None:
        """Let the messages follow that wait for a canvas."""
        context = self._context
        context.slots.change(canvas.slot, lambda one: replace(one, written=one.wanted, why=why))
        for one in context.deliveries.of_model(canvas.stream, EXPORT_MESSAGE):
            if not one.external_id and not one.over:
                context.touch(one)
