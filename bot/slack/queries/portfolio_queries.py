"""The portfolio of a person: the models of their channels, if the settings let them see it."""

from datetime import UTC, timedelta

from bot.portfolio.portfolio_reader import Portfolio
from bot.slack.directory.member_directory import check_sees_portfolio
from bot.slack.protocol.targets import SelectionTarget, Target
from bot.slack.queries.services import Services
from bot.slack.screens.portfolio_screen import PortfolioScreen, read_selection
from domain.kernel.elements import PersonId
from domain.portfolio.portfolio_entry import add_counts
from domain.portfolio.portfolio_filter import select_entries
from domain.portfolio.portfolio_totals import portfolio_totals

SECONDS = 0.8
"""Time limit for computing entries while a person waits; the others follow in the background."""

_WEEKS = (1, 4, 12)


def read_portfolio(services: Services, reader: PersonId, *, seconds: float | None = SECONDS) -> Portfolio:
    """Return the entries of the models of a person's channels; raises Rejected for others."""
    check_sees_portfolio(services.directory, services.settings, reader)
    return services.portfolio.read(services.models_of(reader), services.now(), seconds=seconds)


def load_portfolio_screen(services: Services, target: Target, reader: PersonId) -> PortfolioScreen:
    """Return the portfolio as a person selected it; raises Rejected for others."""
    now, selection = services.now(), read_selection(SelectionTarget.of(target).selection)
    found = read_portfolio(services, reader)
    if found.missing:
        services.compute_portfolio()
    labels = {label.casefold(): label for entry in found.entries for label in entry.labels}
    names = tuple(labels[key] for key in sorted(labels))
    wanted = selection.filter_for(reader, names)
    shown = select_entries(found.entries, wanted, selection.order, now)
    today = now.astimezone(UTC).date()
    days = ((weeks, today - timedelta(weeks=weeks)) for weeks in _WEEKS)
    channels = {one: services.directory.channel(one) for one in {entry.channel for entry in shown}}
    return PortfolioScreen(
        tenant=services.installation.team,
        selection=selection,
        entries=shown,
        totals=portfolio_totals(shown, now),
        models=len(found.entries) + len(found.missing),
        labels=names,
        missing=len(found.missing),
        conditions=wanted.conditions(services.naming),
        weeks=tuple((weeks, add_counts(one.open_on(day) for one in shown).total) for weeks, day in days),
        channels={id: known.name for id, known in channels.items() if known is not None},
    )
