"""Lookup of the portfolio of a workspace, for its operator."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from bot.cli.model_queries.model_lookup import names_of
from bot.cli.progress_display import progress_display
from bot.cli.terminal_text import terminal_text
from bot.commands.command_handler import CommandHandler
from bot.operator_error import OperatorError
from bot.portfolio.portfolio_reader import PortfolioReader
from bot.slack.directory.member_directory import Directory
from bot.slack.directory.time_zones import zones_of
from bot.store import Store
from domain.kernel.elements import ChannelId
from domain.kernel.text_formatting import Naming
from domain.portfolio.portfolio_entry import PortfolioEntry
from domain.portfolio.portfolio_filter import PortfolioFilter, PortfolioOrder, select_entries


class LoadedPortfolio(msgspec.Struct, frozen=True, kw_only=True):
    """The selected entries of a workspace in order, at a moment; `of` is the number of all of its models.

    `conditions` are those of the filter in words, safe for a terminal.
    """

    entries: tuple[PortfolioEntry, ...]
    of: int
    now: datetime
    naming: Naming
    channels: dict[ChannelId, str]
    conditions: tuple[str, ...] = ()


def load_portfolio(
    store: Store,
    workspace: str | None,
    now: datetime,
    *,
    wanted: PortfolioFilter,
    order: PortfolioOrder,
    count_questions: bool = False,
) -> LoadedPortfolio:
    """Return the portfolio of the only workspace, or of the named one; raises OperatorError.

    It has every model of the workspace: only people in Slack are limited to the models of their channels.
    With `count_questions`, the entries have the progress of the questions, which takes longer.
    """
    models = store.streams(workspace)
    tenants = sorted({model.tenant for model in models})
    if len(tenants) > 1:
        raise OperatorError(
            f"There are models in several workspaces ({terminal_text(', '.join(tenants))}). Choose one with "
            "--workspace."
        )
    if not tenants:
        return LoadedPortfolio(entries=(), of=0, now=now, naming=str, channels={})
    unit = store.unit(tenants[0])
    directory = Directory(unit)
    name = names_of(directory)
    with progress_display() as show:
        read = PortfolioReader(CommandHandler(store), unit, zones=zones_of(directory)).read(
            models,
            now,
            count_questions=count_questions,
            progress=lambda done, of: show(f"{done} of {of} models calculated"),
        )
    every = read.entries
    shown = select_entries(every, wanted, order, now)
    return LoadedPortfolio(
        entries=shown,
        of=len(every),
        now=now,
        naming=name,
        channels=_channels(directory, shown),
        conditions=tuple(map(terminal_text, wanted.conditions(name))),
    )


def _channels(directory: Directory, entries: Sequence[PortfolioEntry]) -> dict[ChannelId, str]:
    found = {one: directory.channel(one) for one in {entry.channel for entry in entries}}
    return {id: known.name for id, known in found.items() if known is not None}
