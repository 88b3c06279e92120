"""Slots of exports: a file in the model's thread, the message below it, and the canvas of the report.

A file is created when it is posted. After text of the model was erased, every earlier file and the message
about it are deleted, because they may contain the erased text.
"""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
import structlog
from msgspec.structs import replace

from bot.delivery.slot_kinds import AnyKind, Deleted, Desired, Gone, SlotKind, Uncertain, Unchanged
from bot.formats import FORMATS, ExportFormat, file_name
from bot.picture.png_renderer import render_png
from bot.report import REPORT_FORMATS, ReportFormat, available_format
from bot.report.markdown_renderer import render_canvas
from bot.report.sections import report_of
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.targets import WordTarget
from bot.slack.protocol.web_api_client import ApiRefused
from bot.slack.queries.model_reader import ModelReader
from bot.slack.screens.page_data import ReportOrder, report_argument
from bot.slack.sinks.files import CanvasContent, ChannelCanvases, FilesMade, FilesToShow, ThreadFile
from bot.slack.sinks.outcomes import why_not_shown
from bot.slack.slots.file_declarations import FileDeclaration
from bot.slack.ui.messages.file_answers import (
    CHARTS,
    PDF_UNAVAILABLE,
    chart_comment,
    chart_order,
    chart_rejected,
    chart_text,
    export_comment,
    export_rejected,
    ordered_report,
    report_comment,
    report_rejected,
    report_summary,
)
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


class OrderedFileKind(msgspec.Struct, frozen=True, kw_only=True):
    """Kind of file that can be ordered.

    `rejection` returns the message shown if Slack rejects the file, given Slack's code; `message_below`
    returns the message below the file, given the address of its canvas if it `has_canvas`.
    """

    make: Callable[[ModelReader, ThreatRegister], FilesMade]
    message_below: Callable[[ModelReader, ThreatRegister, str], Message] | None = None
    rejection: Callable[[ThreatRegister, str], Message]
    has_canvas: bool = False


def find_file_kind(word: str) -> OrderedFileKind:
    """Return the kind of file for an order code."""
    report = ordered_report(word)
    return _FILE_KINDS[word] if report is None else _report(report)


def _file_named(name: str, content: bytes, alt_text: str) -> ThreadFile:
    return ThreadFile(name=name, content=content, title=name, alt_text=alt_text)


def _export(chosen: ExportFormat) -> OrderedFileKind:
    def make(reader: ModelReader, register: ThreatRegister) -> FilesMade:
        name, words = file_name(register.key, chosen), export_comment(register, chosen)
        file = _file_named(name, chosen.write(reader.source(register)), words)
        return FilesMade(files=[file], comment=words)

    return OrderedFileKind(
        make=make, rejection=lambda register, code: export_rejected(register, chosen, code)
    )


def _report(order: ReportOrder) -> OrderedFileKind:
    chosen, days = REPORT_FORMATS[order.form], order.days

    def make(reader: ModelReader, register: ThreatRegister) -> FilesMade:
        form, source = available_format(chosen), reader.report_source(register, days)
        content = form.render(report_of(replace(source, full=order.full)))
        comment = report_comment(source.register, order, note="" if form is chosen else PDF_UNAVAILABLE)
        name = _report_name(register, form)
        file = _file_named(name, content, comment)
        return FilesMade(files=[file], comment=comment)

    def message_below(reader: ModelReader, register: ThreatRegister, canvas: str) -> Message:
        known = reader.report_source(register, days).register if days.as_of else register
        full = WordTarget(
            name="report",
            stream=reader.stream_of(register),
            argument=report_argument(order.form, full=True),
            day=days.since,
            until=days.as_of,
        )
        return report_summary(known, reader.naming, canvas=canvas, full=None if order.full else full)

    return OrderedFileKind(
        make=make,
        message_below=message_below,
        rejection=lambda register, code: report_rejected(register, _report_name(register, chosen), code),
        has_canvas=days.as_of is None,  # the model's only canvas always shows the current state
    )


def _report_name(register: ThreatRegister, form: ReportFormat) -> str:
    return f"{register.key}.report{form.suffix}"


def _chart(word: str) -> OrderedFileKind:
    def make(reader: ModelReader, register: ThreatRegister) -> FilesMade:
        files = [
            _file_named(
                f"{register.key}.{word}{f'-{number}' if number > 1 else ''}.png",
                render_png(drawn.svg),
                drawn.alt_text,
            )
            for number, drawn in enumerate(reader.charts(register, word), start=1)
        ]
        return FilesMade(files=files, comment=chart_comment(register, word))

    return OrderedFileKind(
        make=make,
        message_below=lambda reader, register, _: chart_text(
            register, word, " ".join(chart.alt_text for chart in reader.charts(register, word))
        ),
        rejection=lambda register, code: chart_rejected(register, word, code),
    )


_FILE_KINDS: Final[Mapping[str, OrderedFileKind]] = {
    **{one.word: _export(one) for one in FORMATS.values()},
    **{chart_order(word): _chart(word) for word in CHARTS},
}


log = structlog.get_logger()


class ExportSlots(FileDeclaration):
    """Slot declarations for exports, for the messages below them, and for canvases."""

    def slots(self) -> list[AnyKind]:
        """Return the slot kinds."""
        canvas = SlotKind(
            name=CANVAS,
            waits=self.context.pace.of(CANVAS),
            sink=ChannelCanvases(self.context.api),
            desired=self._canvas,
            uncertain=Uncertain.POST_AGAIN,
            deleted=Deleted.POST_AGAIN,
            refused=self._no_canvas,
            settled=self._written,
        )
        return [
            self.file(EXPORT, desired=self._export, failed=self._give_up, seen=self._want_message),
            self.message(EXPORT_MESSAGE, desired=self._message),
            canvas,
        ]

    def _export(self, record: DeliveryRecord) -> Desired[FilesToShow] | Gone | Unchanged:
        register = self.register(record.stream)
        if register is None or self.shows_erased(record):
            return Gone()
        make = find_file_kind(file_parameters(record).word).make
        return self.files_in_thread(record, register, lambda: make(self.reader, register))

    def _message(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return the message below a file; unlike the file's comment, it can be deleted."""
        stream = record.stream
        register = self.register(stream)
        if register is None or (record.external_id and record.erasures != self.erasures(stream)):
            return Gone()
        known = file_parameters(record)
        file_kind = find_file_kind(known.word)
        if record.external_id or not self.thread(stream, register) or file_kind.message_below is None:
            return Unchanged()
        address = ""
        if file_kind.has_canvas:
            canvas = self.deliveries.find(canvas_slot(stream))
            if canvas is not None and not canvas.final:
                state = file_parameters(canvas)
                if state.written < known.wanted:
                    return Unchanged()  # once the canvas is written
                if canvas.external_id and not state.why:
                    address = self.reader.canvas_address(canvas.external_id)
        content = file_kind.message_below(self.reader, register, address)
        return Desired(content=content, erasures=self.erasures(stream))

    def _canvas(self, record: DeliveryRecord) -> Desired[CanvasContent] | Gone | Unchanged:
        stream = record.stream
        register = self.register(stream)
        # Counted first: an erasure during the creation then marks the canvas for deletion.
        erasures = self.erasures(stream)
        if register is None or (record.external_id and record.erasures != erasures):
            return Gone()
        known = file_parameters(record)
        if known.written == known.wanted or not self.thread(stream, register):
            return Unchanged()
        report = report_of(self.reader.report_source(register))
        content = CanvasContent(
            title=f"{register.key} {register.name}", markdown=render_canvas(report), report=known.wanted
        )
        return Desired(content=content, erasures=erasures)

    def _want_message(self, record: DeliveryRecord) -> None:
        """Request the message below a visible file, and the canvas that it links to."""
        file_kind = find_file_kind(file_parameters(record).word)
        wanted = 0
        if file_kind.has_canvas:
            canvas = self.file_slots.request_canvas(record.stream, record.place)
            wanted = file_parameters(canvas).wanted
            self.touch(canvas)
        if file_kind.message_below is not None:
            below = replace(record, thread=record.thread or self.card_thread(record.stream))
            self.touch(self.file_slots.request_beside(below, EXPORT_MESSAGE, wanted=wanted))

    def _give_up(self, record: DeliveryRecord, fault: Exception) -> None:
        """Request a notice in place of a file that is not shown."""
        why = why_not_shown(fault)
        log.warning("file not shown", slot=record.slot, code=why)
        self.replace_by(FILE_NOTICE, record, why=why)

    def _written(self, record: DeliveryRecord) -> None:
        found = self.deliveries.find(record.slot)
        if found is not None and found.shown:
            self._go_on(found, why="")

    def _no_canvas(self, record: DeliveryRecord, fault: Exception) -> bool:
        detail = fault.detail if isinstance(fault, ApiRefused) else ""
        log.info("no canvas", slot=record.slot, code=why_not_shown(fault), detail=detail)
        self._go_on(record, why=why_not_shown(fault))
        return not record.external_id  # an existing one must be deleted when text is erased

    def _go_on(self, canvas: DeliveryRecord, *, why: str) -> None:
        """Make the messages due that wait for a canvas."""
        self.file_slots.change(canvas.slot, lambda one: replace(one, written=one.wanted, why=why))
        for one in self.deliveries.of_model(canvas.stream, EXPORT_MESSAGE):
            if not one.external_id and not one.final:
                self.touch(one)
