"""Portfolio as one self-contained HTML file."""

from pathlib import Path

from bot.cli.local_moments import local_day
from bot.cli.model_queries.portfolio_lookup import LoadedPortfolio
from bot.cli.operations.private_file import write_private_file
from bot.report.html_renderer import render_html
from bot.report.portfolio_report import PortfolioSource, portfolio_report


def write_portfolio_page(portfolio: LoadedPortfolio, file: Path, zone: str | None) -> None:
    """Write the page, readable only by its owner; raises OperatorError if the file cannot be written."""
    left = portfolio.of - len(portfolio.entries)
    source = PortfolioSource(
        entries=portfolio.entries,
        now=portfolio.now,
        naming=portfolio.naming,
        day_of=lambda moment: local_day(moment, zone),
        conditions=(*portfolio.conditions, *((f"{left} not shown",) if left else ())),
    )
    write_private_file(file, render_html(portfolio_report(source)))
