"""Slash commands that show a screen or order a file."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from msgspec.structs import replace

from bot.formats import FORMATS
from bot.report import REPORT_FORMATS
from bot.slack.directory.workspace_administrators import check_administers
from bot.slack.handlers.handler_responses import HandlerResponse, respond_privately, show_message, show_view
from bot.slack.handlers.modal_buttons import open_form, show_page
from bot.slack.handlers.modal_loading import load_page
from bot.slack.handlers.slash_commands.slash_word import (
    ParsedCommand,
    WordHandler,
    channel_of_command,
    match_chart,
    match_format,
    match_report_format,
    matching_models,
    models_of,
    parse_report_arguments,
    today_of,
)
from bot.slack.handlers.submissions.form_submission import perform_action
from bot.slack.handlers.submissions.start_model import open_start
from bot.slack.protocol.app_ids import COMMAND
from bot.slack.protocol.block_builders import Message, message, section
from bot.slack.protocol.escaping import clip
from bot.slack.protocol.requests import Request, SlashCommand, command_key
from bot.slack.protocol.targets import Action, DayTarget, PhaseTarget, SelectionTarget, Target, WordTarget
from bot.slack.queries.home_overview import model_list_items
from bot.slack.queries.services import Services
from bot.slack.screens.page_data import ReportOrder, report_argument
from bot.slack.screens.portfolio_screen import (
    CRITICAL,
    FACILITATED,
    HIGH,
    LABEL,
    MINE,
    OVERDUE,
    PHASE,
    PortfolioSelection,
    label_id,
    read_conditions,
)
from bot.slack.ui.messages.card_message import status_copy
from bot.slack.ui.messages.file_answers import (
    chart_coming,
    chart_order,
    charts_message,
    diagram_coming,
    export_coming,
    formats_message,
    forms_message,
    report_coming,
    report_order_code,
)
from bot.slack.ui.messages.help_messages import import_help, opening_help, undo_help
from bot.slack.ui.messages.model_choice_messages import model_list
from bot.slack.ui.messages.notices import already_in_preparation, message_modal, refusal, refusal_modal
from bot.slack.ui.texts.common_texts import PHASE_LABELS
from bot.store import StreamId
from bot.store.repositories.file_slots import Order
from domain.commands import DrawFlows
from domain.kernel.elements import ChannelId, Kind
from domain.rejections import Rejected
from domain.working_hours import WEEKDAYS
from domain.workspace_settings import ChooseDigest


def portfolio_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Show the portfolio of the person's channels."""
    del parsed
    if target.argument in (DIGEST_HERE, DIGEST_OFF):
        return _choose_digest(services, request, target)
    selection = PortfolioSelection(conditions=read_conditions(target.argument.split(",")))
    return show_page(services, request, SelectionTarget(name="portfolio", selection=selection.code))


def parse_conditions(services: Services, request: SlashCommand, rest: str, target: WordTarget) -> WordTarget:
    """Parse the text after `portfolio`: conditions, phases, and labels."""
    del services, request
    text = " ".join(rest.split())
    word = text.lower()
    if not word:
        return target
    match word.split():
        case ["digest"] | ["digest", "on" | "here"]:
            return replace(target, argument=DIGEST_HERE)
        case ["digest", "off" | "none"] | ["no", "digest"]:
            return replace(target, argument=DIGEST_OFF)
        case _:
            pass
    return replace(target, argument=",".join(_conditions(text)))


def _conditions(text: str) -> Iterator[str]:
    """Yield the conditions of a text: words that name one, and labels between commas."""
    for part in (part.strip() for part in text.split(",")):
        words = part.lower().split()
        if all(word in _WORDS for word in words):
            yield from (_WORDS[word] for word in words)
        else:
            yield f"{LABEL}{label_id(_without_prefix(part))}"


def _without_prefix(part: str) -> str:
    first, _, rest = part.partition(" ")
    return rest.strip() if first.lower() == "label" and rest else part


_WORDS = {
    **{word: word for word in (OVERDUE, CRITICAL, HIGH, MINE, FACILITATED)},
    **{phase: f"{PHASE}{phase}" for phase in PHASE_LABELS},
}
"""The condition that each word names; every other text is a label."""

DIGEST_HERE, DIGEST_OFF = "digest/here", "digest/off"
"""Arguments that choose the channel of the weekly digest."""


def _choose_digest(services: Services, request: Request, target: WordTarget) -> HandlerResponse:
    """Have the weekly digest posted in this channel, or turn it off; raises Rejected."""
    person = request.person
    check_administers(services.directory, services.settings, person)
    channel = None
    if target.argument == DIGEST_HERE:
        channel = channel_of_command(request, target)
        if not channel:
            raise Rejected("Type the command in the channel in which the digest is to be posted.")
        _check_channel(services, channel)
    command = ChooseDigest(by=person, at=services.now(), channel=channel)
    services.command_handler.settings.choose_digest(
        command,
        tenant=services.installation.team,
        key=command_key(request),
        recorded=services.settings_changed,
    )
    if channel is None:
        text = "✓ The weekly digest of the portfolio is off."
    else:
        text = (
            "✓ The weekly digest of the portfolio is posted in this channel on the first working day of each "
            "week. It counts the models of your channels, without naming them. To turn it off, type "
            f"`{COMMAND} portfolio digest off`."
        )
    return show_message(request, message(text, [section(text)]))


def _check_channel(services: Services, channel: ChannelId) -> None:
    known = services.directory.channel(channel)
    if known is None or not known.bot_inside:
        raise Rejected(
            f"The bot is not in this channel. Type “{services.installation.invite}” first, then try again."
        )
    if known.shared:
        raise Rejected(
            "This channel is shared with another organization. Choose a channel of your own workspace."
        )


class UnreadableDay(Rejected):
    """Error: a day cannot be parsed; the sentence says how to write one."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"“{text}” is not a date. Enter one such as “2026-11-20” or “yesterday”.", field="day"
        )


def parse_day(text: str, today: date) -> date:
    """Return the typed day, the most recent one if it has no year; raises UnreadableDay."""
    words = " ".join(text.lower().replace(",", " ").split())
    for shape, meant in _SHAPES:
        found = shape.fullmatch(words)
        if found:
            try:
                return meant(found.groupdict(), today)
            except (ValueError, OverflowError):
                break
    raise UnreadableDay(clip(text.strip(), _SHOWN))


_SHOWN = 60

_Found = dict[str, str | None]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = tuple(day.lower() for day in WEEKDAYS)
_SHORT = "mon|tues?|wed|thu(?:rs)?|fri|sat|sun"
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?"


def _in_figures(found: _Found, today: date) -> date:
    return _latest(int(found["day"] or 0), int(found["month"] or 0), found.get("year"), today)


def _in_words(found: _Found, today: date) -> date:
    month = _MONTHS.index(found["month"] or "") + 1
    return _latest(int(found["day"] or 0), month, found.get("year"), today)


def _latest(day: int, month: int, year: str | None, today: date) -> date:
    if year:
        return date(int(year), month, day)
    meant = date(today.year, month, day)
    return meant if meant <= today else date(today.year - 1, month, day)


def _weekday(found: _Found, today: date) -> date:
    wanted = next(number for number, day in enumerate(_DAYS) if day.startswith(found["weekday"] or ""))
    # The name of today's weekday means the day a week ago.
    return today - timedelta(days=(today.weekday() - wanted - 1) % 7 + 1)


def _ago(found: _Found, today: date) -> date:
    count = {"a": 1, "an": 1, "one": 1}.get(found["count"] or "") or int(found["count"] or 0)
    return today - timedelta(days=count * (7 if found["unit"] == "week" else 1))


_SHAPES: tuple[tuple[re.Pattern[str], Callable[[_Found, date], date]], ...] = (
    (re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"), _in_figures),
    (re.compile(r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\.? ?(?P<year>\d{4})?"), _in_figures),
    (re.compile(rf"{_DAY} (?:of )?{_MONTH}(?: (?P<year>\d{{4}}))?"), _in_words),
    (re.compile(rf"{_MONTH} {_DAY}(?: (?P<year>\d{{4}}))?"), _in_words),
    (re.compile(r"today|now"), lambda _, today: today),
    (re.compile(r"yesterday"), lambda _, today: today - timedelta(days=1)),
    (re.compile(r"last week"), lambda _, today: today - timedelta(days=7)),
    (re.compile(rf"(?:last |on )?(?P<weekday>{'|'.join(_DAYS)}|{_SHORT})"), _weekday),
    (re.compile(r"(?P<count>a|an|one|\d{1,4}) (?P<unit>day|week)s? ago"), _ago),
)


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


def start_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Open the form of a new model with the typed text as its name."""
    return open_start(services, request, target, parsed.rest)


def import_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Show how to import a file."""
    del services, parsed
    return show_message(request, import_help(channel_of_command(request, target)))


def list_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """List the models of the channel."""
    del parsed
    channel = channel_of_command(request, target)
    models = models_of(services, request, channel)
    if not models:
        return show_message(request, opening_help(channel))
    return show_message(request, model_list(model_list_items(services, models, request.person), channel))


def status_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Show a copy of the card."""
    del parsed
    stream = services.stream(target)
    known = services.register(stream)
    link = services.permalink(stream, known.channel)
    return show_message(request, status_copy(stream, known, services.naming, link))


def questions_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Open the form of the open questions."""
    del parsed
    return open_form(services, request, Target(name="questions", stream=target.stream))


def as_of_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Show the model as of a day; without a day, ask for it."""
    del parsed
    if target.day is None:
        return open_form(services, request, Target(name="look_back", stream=target.stream))
    return show_page(services, request, DayTarget(name="as_of", stream=target.stream, day=target.day))


def settings_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Show the person's settings, and those of the model if only one matches."""
    stream = target.stream
    if not stream and (channel := channel_of_command(request, target)):
        meant = matching_models(services, services.models(channel), parsed, target)
        stream = meant[0].stream if len(meant) == 1 else ""
    shown = Target(name="settings", stream=stream)
    return show_view(request, load_page(services, shown, request.person), again=shown)


def undo_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Undo the person's last answer; with further text, ask for confirmation first."""
    if parsed.rest:
        return show_message(request, undo_help(target))
    return perform_action(services, request, Target(name=Action.UNDO, stream=target.stream))


def parse_as_of_day(services: Services, request: SlashCommand, rest: str, target: WordTarget) -> WordTarget:
    """Parse the day after `as-of`; raises Rejected for an invalid one."""
    return replace(target, day=parse_day(rest, today_of(services, request))) if rest else target


def threats_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Show all threats, or the one whose ID was typed."""
    del parsed
    about = SelectionTarget(name="threats", stream=target.stream, selection=target.element)
    return show_page(services, request, about)


def parse_threat(services: Services, request: SlashCommand, rest: str, target: WordTarget) -> WordTarget:
    """Parse the ID of a threat, as in `threats TH-3`."""
    del services, request
    found = _THREAT.search(rest)
    return replace(target, element=f"TH-{found[1]}") if found else target


def page_command(page: str) -> WordHandler:
    """Return a handler that shows a page."""

    def asked_for(
        services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
    ) -> HandlerResponse:
        del parsed
        return show_page(services, request, Target(name=page, stream=target.stream))

    return asked_for


def phase_command(move: Action) -> WordHandler:
    """Return a handler that opens the form for a phase change."""

    def asked_for(
        services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
    ) -> HandlerResponse:
        del parsed
        if (
            move is Action.CLOSE
            and services.command_handler.model(services.stream(target)).closing is not None
        ):
            return show_page(services, request, Target(name="closing", stream=target.stream))
        return open_form(services, request, PhaseTarget(name="move", stream=target.stream, move=move))

    return asked_for


_THREAT = re.compile(r"\bTH[-_ ]?([1-9][0-9]{0,8})\b", re.IGNORECASE | re.ASCII)
