"""Files that can be ordered, by order code: exports for other tools, reports, charts."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.formats import FORMATS, ExportFormat, file_name
from bot.picture.png_renderer import render_png
from bot.report import REPORT_FORMATS, ReportFormat, available_format
from bot.report.sections import report_of
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.targets import WordTarget
from bot.slack.queries.model_reader import ModelReader
from bot.slack.screens.page_data import ReportOrder, report_argument
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
from domain.register import ThreatRegister


class GeneratedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A generated file: name, content and alternative text."""

    name: str
    content: bytes
    alt_text: str


class GeneratedFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The generated files of one order, such as the pages of a chart, and the comment above them.

    The comment remains when the files are deleted, so it contains no text of users.
    """

    files: tuple[GeneratedFile, ...]
    comment: str


class OrderedFileKind(msgspec.Struct, frozen=True, kw_only=True):
    """Kind of file that can be ordered.

    `rejection` returns the message shown if Slack rejects the file, given Slack's code; `message_below`
    returns the message below the file, given the address of its canvas if it `has_canvas`.
    """

    make: Callable[[ModelReader, ThreatRegister], GeneratedFiles]
    message_below: Callable[[ModelReader, ThreatRegister, str], Message] | None = None
    rejection: Callable[[ThreatRegister, str], Message]
    has_canvas: bool = False


def find_file_kind(word: str) -> OrderedFileKind:
    """Return the kind of file for an order code."""
    report = ordered_report(word)
    return _FILE_KINDS[word] if report is None else _report(report)


def _export(chosen: ExportFormat) -> OrderedFileKind:
    def make(reader: ModelReader, register: ThreatRegister) -> GeneratedFiles:
        name, words = file_name(register.key, chosen), export_comment(register, chosen)
        file = GeneratedFile(name=name, content=chosen.write(reader.source(register)), alt_text=words)
        return GeneratedFiles(files=(file,), comment=words)

    return OrderedFileKind(
        make=make, rejection=lambda register, code: export_rejected(register, chosen, code)
    )


def _report(order: ReportOrder) -> OrderedFileKind:
    chosen, days = REPORT_FORMATS[order.form], order.days

    def make(reader: ModelReader, register: ThreatRegister) -> GeneratedFiles:
        form, source = available_format(chosen), reader.report_source(register, days)
        content = form.render(report_of(replace(source, full=order.full)))
        comment = report_comment(source.register, order, note="" if form is chosen else PDF_UNAVAILABLE)
        name = _report_name(register, form)
        file = GeneratedFile(name=name, content=content, alt_text=comment)
        return GeneratedFiles(files=(file,), comment=comment)

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
    def make(reader: ModelReader, register: ThreatRegister) -> GeneratedFiles:
        files = tuple(
            GeneratedFile(
                name=f"{register.key}.{word}{f'-{number}' if number > 1 else ''}.png",
                content=render_png(drawn.svg),
                alt_text=drawn.alt_text,
            )
            for number, drawn in enumerate(reader.charts(register, word), start=1)
        )
        return GeneratedFiles(files=files, comment=chart_comment(register, word))

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
