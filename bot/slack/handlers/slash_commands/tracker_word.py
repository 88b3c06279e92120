"""Trackers by a slash command: the page of the workspace, with the choice of the model that is meant."""

from bot.slack.handlers.buttons.modal_buttons import show_page
from bot.slack.handlers.handler_responses import HandlerResponse
from bot.slack.handlers.slash_commands.model_resolution import channel_of_command, matching_models
from bot.slack.handlers.slash_commands.slash_word import ParsedCommand
from bot.slack.protocol.requests import Request
from bot.slack.protocol.targets import Target, WordTarget
from bot.slack.queries.services import Services


def tracker_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Show the connected trackers, and the choice of the model if only one matches."""
    stream = target.stream
    if not stream and (channel := channel_of_command(request, target)):
        meant = matching_models(services, services.models(channel), parsed, target)
        stream = meant[0].stream if len(meant) == 1 else ""
    return show_page(services, request, Target(name="trackers", stream=stream))
