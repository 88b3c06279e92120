"""The portfolio by a slash command: `portfolio overdue`, `portfolio analysis`, `portfolio PCI DSS`."""

from msgspec.structs import replace

from bot.slack.handlers.buttons.modal_buttons import show_page
from bot.slack.handlers.handler_responses import HandlerResponse
from bot.slack.handlers.slash_commands.slash_word import ParsedCommand
from bot.slack.protocol.requests import Request, SlashCommand
from bot.slack.protocol.targets import SelectionTarget, WordTarget
from bot.slack.queries.services import Services
from bot.slack.screens.portfolio_screen import (
    CRITICAL,
    HIGH,
    LABEL,
    MINE,
    OVERDUE,
    PHASE,
    PortfolioSelection,
    label_id,
)
from bot.slack.ui.texts.common_texts import PHASE_LABELS


def portfolio_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Show the portfolio of the person's channels."""
    del parsed
    selection = PortfolioSelection(condition=target.argument)
    return show_page(services, request, SelectionTarget(name="portfolio", selection=selection.code))


def parse_condition(services: Services, request: SlashCommand, rest: str, target: WordTarget) -> WordTarget:
    """Parse the text after `portfolio`: a condition, a phase, or else a label."""
    del services, request
    text = " ".join(rest.split())
    word = text.lower()
    if not word:
        return target
    if word in (OVERDUE, CRITICAL, HIGH, MINE):
        return replace(target, argument=word)
    if word in PHASE_LABELS:
        return replace(target, argument=f"{PHASE}{word}")
    return replace(target, argument=f"{LABEL}{label_id(text.removeprefix('label ').strip())}")
