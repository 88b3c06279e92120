"""Diagrams as slots: one in the thread of its model, once someone asked for it; drawn again at each phase.

Where nothing can be drawn, or Slack does not accept a file, the thread is told the flows in words.
"""

import structlog
from msgspec.structs import replace

from bot.delivery.reconciler import AnyKind
from bot.delivery.slot_kinds import Deleted, Desired, Gone, SlotKind, Uncertain, Unchanged
from bot.delivery.work_kinds import Waits
from bot.picture.diagram import LayoutFailed, describe_diagram, diagram_png, headline, lay_out
from bot.slack.protocol.block_builders import Message
from bot.slack.sinks.file_messages import FileMessages
from bot.slack.sinks.file_outcomes import FileNotShown
from bot.slack.sinks.thread_files import (
    MOST_SHARED,
    NEVER_SHOWN,
    FilesMade,
    FilesToShow,
    ThreadFile,
    ThreadFiles,
)
from bot.slack.slots.file_context import FileContext, why_not_shown
from bot.slack.ui.messages.files.diagram_messages import diagram_comment, flows_message
from bot.store import StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.file_slots import DIAGRAM, DIAGRAM_MESSAGE, file_parameters, number_of_slot
from domain.register import ThreatRegister

log = structlog.get_logger()


class DiagramSlots:
    """Declares the slots of diagrams; a newer one takes the place of the one before."""

    def __init__(self, context: FileContext, files: ThreadFiles, messages: FileMessages) -> None:
        self._context = context
        self._files = files
        self._messages = messages

    def kinds(self, waits: Waits, *, look_seconds: float) -> list[AnyKind]:
        """Return the declarations."""
        picture = SlotKind(
            name=DIAGRAM,
            group="channels",
            waits=waits,
            sink=self._files,
            look=self._picture,
            uncertain=Uncertain.SEARCH,
            deleted=Deleted.LEAVE,
            edited=False,
            confirmed=True,
            confirmed_after=look_seconds,
            digest=lambda _: "",
            rested=self._context.rested,
            refused=self._not_shown,
            missing=self._missing,
            settled=self._posted,
        )
        words = SlotKind(
            name=DIAGRAM_MESSAGE,
            group="channels",
            waits=waits,
            sink=self._messages,
            look=self._words,
            uncertain=Uncertain.LEAVE,
            deleted=Deleted.LEAVE,
            edited=False,
            rested=self._context.rested,
            settled=self._posted,
        )
        return [picture, words]

    def project(self, stream: StreamId, register: ThreatRegister) -> None:
        """Want a diagram of the phase in which a model is by now, where one is shown."""
        diagrams = self._context.slots.diagrams(stream)
        if not diagrams:
            return
        for one in diagrams[:-1]:
            if one.external_id and self._is_replaced(one):
                self._context.touch(one)
        last = diagrams[-1]
        if last.over or (last.external_id and file_parameters(last).phase != register.phase):
            self._context.touch(self._context.slots.want_diagram(stream, register.channel))

    def _picture(self, record: DeliveryRecord) -> Desired[FilesToShow] | Gone | Unchanged:
        context, stream = self._context, record.stream
        register = context.register(stream)
        if register is None or self._is_replaced(record):
            return Gone()
        if context.shows_erased(record):
            self._want_another(record, register)
            return Gone()
        thread = (record.external_id and record.thread) or context.thread(stream, register)
        if not thread:
            return Unchanged()  # what cannot be shown now is due again once it can
        erasures = context.erasures(stream)
        made = FilesToShow(make=lambda: self._made(register), thread=thread, erasures=erasures)
        return Desired(content=made, erasures=erasures)

    def _made(self, register: ThreatRegister) -> FilesMade:
        diagram = self._context.reader.diagram(register)
        try:
            picture = diagram_png(lay_out(diagram))
        except LayoutFailed as why:
            raise FileNotShown(str(why)) from why
        file = ThreadFile(
            name=f"{diagram.key}.png",
            content=picture,
            title=headline(diagram),
            words=describe_diagram(diagram),
        )
        return FilesMade(files=[file], comment=diagram_comment(diagram), phase=register.phase)

    def _words(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        context, stream = self._context, record.stream
        register = context.register(stream)
        if register is None or self._is_replaced(record):
            return Gone()
        if record.external_id and record.erasures != context.erasures(stream):
            self._want_another(record, register)
            return Gone()
        if record.external_id or not context.thread(stream, register):
            return Unchanged()
        content = flows_message(context.reader.diagram(register), file_parameters(record).why)
        return Desired(content=content, erasures=context.erasures(stream))

    def _want_another(self, record: DeliveryRecord, register: ThreatRegister) -> None:
        """Want the diagram drawn again, unless one is wanted already."""
        if self._context.slots.diagrams(record.stream)[-1].slot == record.slot:
            self._context.touch(self._context.slots.want_diagram(record.stream, register.channel))

    def _is_replaced(self, record: DeliveryRecord) -> bool:
        """Whether a newer diagram is shown."""
        number = number_of_slot(record)
        later = (one for one in self._context.slots.diagrams(record.stream) if number_of_slot(one) > number)
        return any(one.external_id for one in later)

    def _posted(self, record: DeliveryRecord) -> None:
        """A diagram is shown: the ones before it go."""
        found = self._context.deliveries.find(record.slot)
        if found is None or not found.external_id:
            return
        if found.shown:
            self._context.slots.change(record.slot, lambda one: replace(one, shared_at=None))
        for one in self._context.slots.diagrams(found.stream):
            if number_of_slot(one) < number_of_slot(found):
                self._context.touch(one)

    def _missing(self, record: DeliveryRecord) -> None:
        """Slack accepted a picture and never showed it: it is drawn once more, or its flows are told."""
        context = self._context
        context.slots.change(
            record.slot, lambda one: replace(one, tries=one.tries + 1, files=(), shared_at=None)
        )
        found = context.deliveries.find(record.slot)
        if found is not None and file_parameters(found).tries >= MOST_SHARED:
            why = f"Slack does not show the picture of the diagram ({NEVER_SHOWN})."
            self._tell_in_words(found, why)

    def _not_shown(self, record: DeliveryRecord, fault: Exception) -> bool:
        code = why_not_shown(fault)
        if isinstance(fault, FileNotShown) and not fault.code:
            why = fault.why
        else:
            why = f"Slack does not take the picture of the diagram ({code})."
        self._tell_in_words(record, why)
        return False

    def _tell_in_words(self, record: DeliveryRecord, why: str) -> None:
        log.warning("diagram told in words", slot=record.slot, why=why)
        context = self._context
        register = context.register(record.stream)
        thread = record.thread or context.card_thread(record.stream)
        words = context.slots.want_beside(
            replace(record, thread=thread),
            DIAGRAM_MESSAGE,
            why=why,
            phase=register.phase if register is not None else "",
        )
        context.deliveries.drop(record.slot)
        context.touch(words)
