"""Words that show a page, a form or a list."""

import re

from msgspec.structs import replace

from bot.slack.handlers.buttons.modal_buttons import open_form, show_page
from bot.slack.handlers.handler_responses import HandlerResponse, show_message, show_view
from bot.slack.handlers.modal_loading import load_page
from bot.slack.handlers.slash_commands.day_argument import parse_day
from bot.slack.handlers.slash_commands.model_resolution import (
    channel_of_command,
    matching_models,
    models_of,
    today_of,
)
from bot.slack.handlers.slash_commands.slash_word import ParsedCommand, WordHandler
from bot.slack.handlers.submissions.form_submission import perform_action
from bot.slack.handlers.submissions.start_model import open_start
from bot.slack.protocol.interactions import Action
from bot.slack.protocol.requests import Request, SlashCommand
from bot.slack.protocol.targets import DayTarget, PhaseTarget, SelectionTarget, Target, WordTarget
from bot.slack.queries.home_overview import model_list_items
from bot.slack.queries.services import Services
from bot.slack.ui.messages.card.card_message import status_copy
from bot.slack.ui.messages.help_messages import import_help, opening_help, undo_help
from bot.slack.ui.messages.model_choice_messages import model_list


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
