"""Model of a slash command: by key, by thread, or the only open one."""

import re
from datetime import date

from msgspec.structs import replace

from bot.slack.handlers.handler_responses import HandlerResponse, show_message
from bot.slack.handlers.slash_commands.argument_matching import nearest_key
from bot.slack.handlers.slash_commands.slash_word import ModelSelection, ParsedCommand, SlashWord
from bot.slack.protocol.app_ids import COMMAND
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.requests import BlockAction, Request, SlashCommand, is_direct_message
from bot.slack.protocol.targets import WordTarget
from bot.slack.queries.home_overview import CLOSED_PHASES, model_list_items
from bot.slack.queries.services import Services
from bot.slack.ui.messages.help_messages import opening_help
from bot.slack.ui.messages.model_choice_messages import key_needed, model_picker, unknown_key
from bot.store import StreamSummary
from domain.kernel.elements import ChannelId
from domain.rejections import Rejected


def check_no_day(word: SlashWord, parsed: ParsedCommand) -> None:
    """Raise Rejected if a day was typed after a word that shows only the current model."""
    if not word.takes_text and _OF_A_DAY.search(parsed.rest):
        raise Rejected(
            f"“{word.name}” shows the current model only. For a past day, type “{COMMAND} as-of "
            f"yesterday” or “{COMMAND} report as-of yesterday”."
        )


def command_target(
    services: Services, request: SlashCommand, word: SlashWord | None, rest: str, *, strictly: bool = True
) -> WordTarget:
    """Return the typed text after a word, as far as buttons can carry it.

    Raises Rejected for an invalid day, unless `strictly` is False: then the day is left out.
    """
    channel = "" if is_direct_message(request.channel) else request.channel
    here = WordTarget(name="" if word is None else word.name, channel=channel, thread=request.thread)
    try:
        return here if word is None else word.parse(services, request, rest, here)
    except Rejected:
        if strictly:
            raise
        return here


def today_of(services: Services, request: Request) -> date:
    """Return the current day in the person's time zone."""
    return services.zone(request.person).day_of(services.now())


def answer_word(
    word: SlashWord, services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Return the answer to a word; if it needs a model and several match, a choice of models."""
    if word.models is ModelSelection.NONE or target.stream:
        return word.answer(services, request, target, parsed)
    channel = channel_of_command(request, target)
    models = models_of(services, request, channel)
    if not models:
        return show_message(request, opening_help(channel))
    meant = matching_models(services, models, parsed, target, word.models)
    if len(meant) == 1:
        return word.answer(services, request, replace(target, stream=meant[0].stream, thread=""), parsed)
    target = replace(target, channel=channel, thread="")
    if parsed.key:
        return show_message(request, _unknown(services, request, models, parsed, target))
    if word.text_without_button(parsed.rest):
        return show_message(request, key_needed(word.name, parsed.rest, models[-1].key, len(meant or models)))
    return show_message(
        request, model_picker(target, model_list_items(services, meant or models, request.person))
    )


def matching_models(
    services: Services,
    models: list[StreamSummary],
    parsed: ParsedCommand,
    target: WordTarget,
    which: ModelSelection = ModelSelection.OPEN,
) -> list[StreamSummary]:
    """Return the models that may be meant; one where it is clear."""
    if parsed.key:
        return [one for one in models if one.key == parsed.key]
    if target.thread:
        here = [one for one in models if services.card_ts(one.stream) == target.thread]
        if here:
            return here
    if which is ModelSelection.ALL:
        return [one for one in models if one.phase != "archived"]
    if which is ModelSelection.CLOSED:
        return [one for one in models if one.phase in CLOSED_PHASES]
    return [one for one in models if one.phase not in CLOSED_PHASES] or (models if len(models) == 1 else [])


def channel_of_command(request: Request, target: WordTarget) -> ChannelId:
    """Return the channel of a word, empty for a direct message; raises StaleButton if it is unknown."""
    if target.channel:
        return ChannelId(target.channel)
    if isinstance(request, SlashCommand | BlockAction) and request.channel:
        return ChannelId("") if is_direct_message(request.channel) else request.channel
    raise StaleButton


def models_of(services: Services, request: Request, channel: ChannelId) -> list[StreamSummary]:
    """Return the models of a channel; in a direct message those of all channels of the person."""
    return services.models(channel) if channel else services.models_of(request.person)


def _unknown(
    services: Services,
    request: Request,
    models: list[StreamSummary],
    parsed: ParsedCommand,
    target: WordTarget,
) -> Message:
    near = nearest_key(parsed.key, [one.key for one in models])
    meant = [one for one in models if one.key == near]
    line = model_list_items(services, meant, request.person)
    return unknown_key(parsed.key, line[0] if line else None, target)


_OF_A_DAY = re.compile(r"(?:^|\s)(?:as[- ]of|since|until)\s", re.IGNORECASE)
