"""The command that shows the portfolio."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import options

if TYPE_CHECKING:
    from bot.store import Store


def _orders() -> Iterable[str]:
    from domain.portfolio.portfolio_filter import PortfolioOrder

    return [str(portfolio_order) for portfolio_order in PortfolioOrder]


def _bands() -> Iterable[str]:
    from domain.dread.scoring import Band

    return [str(band) for band in reversed(Band)]


@click.command()
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="LABEL",
    help="Only models with this label; with several, only those with all of them.",
)
@click.option(
    "--phase",
    "phases",
    multiple=True,
    type=click.Choice(["collection", "analysis", "remediation", "closed", "archived"]),
    help="Only models in this phase; may be repeated (default: all but archived ones).",
)
@click.option("--overdue", is_flag=True, help="Only models with an overdue mitigation, approval or review.")
@click.option(
    "--band",
    type=options.LateChoice(_bands),
    help="Only models with an open threat of this severity band or a higher one.",
)
@click.option("--waits-for", metavar="ID", help="Only models whose next step waits for this person (U…).")
@click.option("--facilitator", metavar="ID", help="Only models of this facilitator (U…).")
@click.option("--sort", default="risk", type=options.LateChoice(_orders), help="Order (default: risk).")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write one self-contained HTML page instead of printing.",
)
@options.zone
@options.workspace
@options.as_json
@options.with_store
def portfolio(
    store: "Store",
    labels: tuple[str, ...],
    phases: tuple[str, ...],
    band: str | None,
    waits_for: str | None,
    facilitator: str | None,
    sort: str,
    html: Path | None,
    zone: str | None,
    workspace: str | None,
    *,
    overdue: bool,
    as_json: bool,
) -> None:
    """Show all models side by side: open threats, what is overdue, ages, reviews, next steps."""
    from datetime import UTC, datetime

    from bot.cli.model_queries.portfolio_lookup import load_portfolio
    from bot.cli.output.portfolio_tables import portfolio_json, print_portfolio
    from domain.dread.scoring import Band
    from domain.kernel.elements import PersonId
    from domain.kernel.text_formatting import count_phrase
    from domain.portfolio.portfolio_filter import PortfolioFilter, PortfolioOrder

    wanted = PortfolioFilter(
        labels=labels,
        phases=phases,
        overdue=overdue,
        band=Band(band) if band else None,
        waits_for=PersonId(waits_for) if waits_for else None,
        facilitator=PersonId(facilitator) if facilitator else None,
    )
    found = load_portfolio(
        store,
        workspace,
        datetime.now(UTC),
        wanted=wanted,
        order=PortfolioOrder(sort),
        count_questions=as_json and html is None,
    )
    if html is not None:
        from bot.cli.operations.export_operation import write_portfolio_page

        write_portfolio_page(found, html, zone)
        click.echo(f"The portfolio was written to {html}.")
    elif as_json:
        options.print_json(portfolio_json(found))
    elif not found.of:
        click.echo("There is no threat model. Start one in Slack with /threatmodel start.")
    elif not found.entries:
        every = f"there {'is' if found.of == 1 else 'are'} {count_phrase(found.of, 'model')}"
        filtered = f" the filter ({'; '.join(found.conditions)})" if found.conditions else ""
        click.echo(f"No model matches{filtered}; {every}.")
    else:
        from bot.cli.output.text_grid import console

        print_portfolio(found, console(), zone)
