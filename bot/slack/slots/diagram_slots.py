"""Slots of diagrams: posted to the model's thread on request, and redrawn in each phase.

If no diagram can be drawn, or Slack rejects the file, a message describes the data flows in words.
"""

import structlog

from bot.delivery.slot_kinds import AnyKind, Desired, Gone, Unchanged
from bot.picture.diagram import LayoutFailed, describe_diagram, diagram_png, headline, lay_out
from bot.slack.protocol.block_builders import Message
from bot.slack.sinks.files import NEVER_SHOWN, FilesMade, FilesToShow, ThreadFile
from bot.slack.sinks.outcomes import FileNotShown, why_not_shown
from bot.slack.slots.file_declarations import FileDeclaration
from bot.slack.ui.messages.file_answers import diagram_comment, flows_message
from bot.store import StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.file_slots import DIAGRAM, DIAGRAM_MESSAGE, file_parameters, number_of_slot
from domain.register import ThreatRegister

log = structlog.get_logger()


class DiagramSlots(FileDeclaration):
    """Slot declarations for diagrams; a newer diagram replaces the previous one."""

    def slots(self) -> list[AnyKind]:
        """Return the slot kinds."""
        return [
            self.file(
                DIAGRAM,
                desired=self._picture,
                failed=self._failed,
                never_shown=self._never_shown,
                posted=self._delete_earlier,
            ),
            self.message(DIAGRAM_MESSAGE, desired=self._words, settled=self._message_posted),
        ]

    def project(self, stream: StreamId, register: ThreatRegister) -> None:
        """Request a diagram of the current phase for a model that already shows one."""
        diagrams = self.file_slots.diagrams(stream)
        if not diagrams:
            return
        for diagram in diagrams[:-1]:
            if diagram.external_id and self._is_replaced(diagram):
                self.touch(diagram)
        last = diagrams[-1]
        if last.final or (last.external_id and file_parameters(last).phase != register.phase):
            self.touch(self.file_slots.request_diagram(stream, register.channel))

    def _picture(self, record: DeliveryRecord) -> Desired[FilesToShow] | Gone | Unchanged:
        stream = record.stream
        register = self.register(stream)
        if register is None or self._is_replaced(record):
            return Gone()
        if self.shows_erased(record):
            self._want_another(record, register)
            return Gone()
        return self.files_in_thread(record, register, lambda: self._made(register))

    def _made(self, register: ThreatRegister) -> FilesMade:
        diagram = self.reader.diagram(register)
        try:
            picture = diagram_png(lay_out(diagram))
        except LayoutFailed as why:
            raise FileNotShown(str(why)) from why
        file = ThreadFile(
            name=f"{diagram.key}.png",
            content=picture,
            title=headline(diagram),
            alt_text=describe_diagram(diagram),
        )
        return FilesMade(files=[file], comment=diagram_comment(diagram), phase=register.phase)

    def _words(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        stream = record.stream
        register = self.register(stream)
        if register is None or self._is_replaced(record):
            return Gone()
        if record.external_id and record.erasures != self.erasures(stream):
            self._want_another(record, register)
            return Gone()
        if record.external_id or not self.thread(stream, register):
            return Unchanged()
        content = flows_message(self.reader.diagram(register), file_parameters(record).why)
        return Desired(content=content, erasures=self.erasures(stream))

    def _want_another(self, record: DeliveryRecord, register: ThreatRegister) -> None:
        """Request another drawing of the diagram, unless one is pending."""
        if self.file_slots.diagrams(record.stream)[-1].slot == record.slot:
            self.touch(self.file_slots.request_diagram(record.stream, register.channel))

    def _is_replaced(self, record: DeliveryRecord) -> bool:
        """Return whether a newer diagram is shown."""
        number = number_of_slot(record)
        later = (one for one in self.file_slots.diagrams(record.stream) if number_of_slot(one) > number)
        return any(one.external_id for one in later)

    def _message_posted(self, record: DeliveryRecord) -> None:
        found = self.deliveries.find(record.slot)
        if found is not None and found.external_id:
            self._delete_earlier(found)

    def _delete_earlier(self, record: DeliveryRecord) -> None:
        """Make the diagrams due that a posted one replaces, so that they are deleted."""
        for diagram in self.file_slots.diagrams(record.stream):
            if number_of_slot(diagram) < number_of_slot(record):
                self.touch(diagram)

    def _never_shown(self, record: DeliveryRecord) -> None:
        why = f"Slack does not show the image of the diagram ({NEVER_SHOWN})."
        self._describe_in_words(record, why)

    def _failed(self, record: DeliveryRecord, fault: Exception) -> None:
        code = why_not_shown(fault)
        if isinstance(fault, FileNotShown) and not fault.code:
            why = fault.why
        else:
            why = f"Slack refused the image of the diagram ({code})."
        self._describe_in_words(record, why)

    def _describe_in_words(self, record: DeliveryRecord, why: str) -> None:
        log.warning("diagram described in words", slot=record.slot, why=why)
        register = self.register(record.stream)
        phase = register.phase if register is not None else ""
        self.replace_by(DIAGRAM_MESSAGE, record, why=why, phase=phase)
