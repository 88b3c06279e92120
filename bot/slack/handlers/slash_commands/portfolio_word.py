"""The portfolio by a slash command: `portfolio overdue analysis`, `portfolio PCI DSS, team: payments`."""

from collections.abc import Iterator

from msgspec.structs import replace

from bot.slack.directory.workspace_administrators import check_administers
from bot.slack.handlers.handler_responses import HandlerResponse, show_message
from bot.slack.handlers.modal_buttons import show_page
from bot.slack.handlers.slash_commands.slash_word import ParsedCommand, channel_of_command
from bot.slack.protocol.app_ids import COMMAND
from bot.slack.protocol.block_builders import message, section
from bot.slack.protocol.idempotency_keys import command_key
from bot.slack.protocol.requests import Request, SlashCommand
from bot.slack.protocol.targets import SelectionTarget, WordTarget
from bot.slack.queries.services import Services
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
from bot.slack.ui.texts.common_texts import PHASE_LABELS
from domain.kernel.elements import ChannelId
from domain.rejections import Rejected
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
