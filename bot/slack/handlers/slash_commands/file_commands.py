"""Words that order a file to the card's thread: diagram, chart, report, export."""

from msgspec.structs import replace

from bot.formats import FORMATS
from bot.report import REPORT_FORMATS
from bot.slack.handlers.buttons.modal_buttons import open_form
from bot.slack.handlers.handler_responses import HandlerResponse, respond_privately
from bot.slack.handlers.slash_commands.argument_matching import (
    match_chart,
    match_format,
    match_report_format,
    parse_report_arguments,
)
from bot.slack.handlers.slash_commands.day_argument import parse_day
from bot.slack.handlers.slash_commands.model_resolution import today_of
from bot.slack.handlers.slash_commands.slash_word import ParsedCommand
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.idempotency_keys import command_key
from bot.slack.protocol.requests import Request, SlashCommand
from bot.slack.protocol.targets import Target, WordTarget
from bot.slack.queries.services import Services
from bot.slack.screens.report_days import ReportOrder, report_argument
from bot.slack.ui.messages.files.chart_messages import chart_coming, chart_order, charts_message
from bot.slack.ui.messages.files.diagram_messages import diagram_coming
from bot.slack.ui.messages.files.export_messages import export_coming, formats_message
from bot.slack.ui.messages.files.report_messages import forms_message, report_coming, report_order_code
from bot.slack.ui.messages.notices import already_in_preparation, message_modal, refusal, refusal_modal
from bot.store import StreamId
from bot.store.repositories.file_slots import Order
from domain.commands import DrawFlows
from domain.kernel.elements import Kind

NOTHING_DRAWN = (
    "The diagram is empty: it shows components and the data flows between them. Add the first data flows."
)


def diagram_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Order the diagram; if there is nothing to draw, offer to enter flows."""
    del parsed
    stream = services.stream(target)
    known = services.register(stream)
    if not known.items(Kind.COMPONENT):
        flows = Target(name="flows", stream=stream) if known.allows(DrawFlows) else None
        nothing = refusal(NOTHING_DRAWN, again=flows, label="Add data flows")
        return respond_privately(request, nothing, view=refusal_modal(NOTHING_DRAWN, target))
    permalink = services.permalink(stream, known.channel)
    if not services.request_diagram(stream, command_key(request)):
        return _say(request, already_in_preparation("diagram", known.key, permalink), "Diagram")
    return _say(request, diagram_coming(known, permalink), "Diagram")


def chart_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Order a chart; without a valid chart name, offer the choice."""
    stream = services.stream(target)
    known = services.register(stream)
    word = target.argument or parsed.rest
    chosen = match_chart(word)
    if chosen is None:
        offered = charts_message(known, stream, wrong=word)
        return _say(request, offered, "Chart")
    permalink = services.permalink(stream, known.channel)
    if not _order(services, request, stream, chart_order(chosen)):
        return _say(request, already_in_preparation("chart", known.key, permalink), "Chart")
    return _say(request, chart_coming(known, chosen, permalink), "Chart")


def parse_chart(services: Services, request: SlashCommand, rest: str, target: WordTarget) -> WordTarget:
    """Return the chart that was typed after `chart`."""
    del services, request
    return replace(target, argument=match_chart(rest) or "")


def report_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Order a report in the given format; `report threat` opens the form of a threat."""
    asked = parse_report_arguments(target.argument or parsed.rest)
    form = match_report_format(asked.form) or ""
    if form == "threat":
        return open_form(services, request, Target(name="threat", stream=target.stream))
    stream = services.stream(target)
    known = services.register(stream)
    days = services.days(stream, target, request.person)
    chosen = REPORT_FORMATS.get(form)
    if chosen is None:
        offered = forms_message(known, target, wrong=asked.form, full=asked.full)
        return _say(request, offered, "Report")
    permalink = services.permalink(stream, known.channel)
    order = ReportOrder(form=chosen.word, full=asked.full)
    word = report_order_code(replace(order, days=days))
    if not _order(services, request, stream, report_order_code(order), word=word):
        return _say(request, already_in_preparation("report", known.key, permalink), "Report")
    return _say(request, report_coming(known, chosen, permalink, full=asked.full), "Report")


def parse_report(services: Services, request: SlashCommand, rest: str, target: WordTarget) -> WordTarget:
    """Parse the format and days after `report`; raises Rejected for an invalid day."""
    parts, today = parse_report_arguments(rest), today_of(services, request)
    since, until = (parse_day(one, today) if one else None for one in (parts.since, parts.as_of))
    argument = report_argument(match_report_format(parts.form) or "", full=parts.full)
    return replace(target, argument=argument, day=since, until=until)


def export_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Order an export in the given format; without a valid format, offer the choice."""
    stream = services.stream(target)
    known = services.register(stream)
    word = target.argument or parsed.rest
    chosen = FORMATS.get(match_format(word) or "")
    if chosen is None:
        offered = formats_message(known, stream, wrong=word)
        return _say(request, offered, "Export")
    permalink = services.permalink(stream, known.channel)
    if not _order(services, request, stream, chosen.word):
        return _say(request, already_in_preparation("file", known.key, permalink), "Export")
    return _say(request, export_coming(known, chosen, permalink), "Export")


def parse_format(services: Services, request: SlashCommand, rest: str, target: WordTarget) -> WordTarget:
    """Return the format that was typed after `export`."""
    del services, request
    return replace(target, argument=match_format(rest) or "")


def _order(services: Services, request: Request, stream: StreamId, form: str, *, word: str = "") -> bool:
    """Order a file; return False if the person already waits for one in this format."""
    order = Order(
        stream=stream, key=command_key(request), person=request.person, form=form, word=word or form
    )
    return services.request_export(order)


def _say(request: Request, message: Message, title: str) -> HandlerResponse:
    return respond_privately(request, message, view=message_modal(message, title))
