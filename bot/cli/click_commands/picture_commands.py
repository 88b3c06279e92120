"""The commands that draw: a chart, the diagram."""

import os
from pathlib import Path
from typing import Literal

import click

from bot.cli import options
from bot.cli.error_handling import CommandRefused


@click.command()
@click.argument("model")
@click.argument("what", type=click.Choice(["scores", "coverage", "open-threats"]))
@options.output("Output file, .svg or .png (default: text).")
@options.for_paper
@options.for_night
@options.for_screens
@options.as_of
@options.zone
@options.workspace
def chart(
    model: str,
    what: Literal["scores", "coverage", "open-threats"],
    output: Path | None,
    theme: Literal["light", "dark", "print"],
    as_of: str | None,
    zone: str | None,
    workspace: str | None,
) -> None:
    """Draw a chart of MODEL: threats by score, coverage by STRIDE, or open threats over time."""
    from datetime import UTC, datetime

    from bot.cli.model_queries.model_lookup import load_register
    from bot.cli.operations.chart_operation import draw_chart, write_charts
    from bot.cli.operations.diagram_operation import check_diagram_file
    from bot.cli.terminal_text import terminal_text
    from bot.wiring import open_configured_store

    file = check_diagram_file(output) if output else None
    with open_configured_store(os.environ) as store:
        seen = load_register(store, model, workspace=workspace, as_of=as_of, zone=zone)
        until = seen.as_of if as_of else max(seen.as_of, datetime.now(UTC))
        drawn = draw_chart(store, seen, what, theme=theme, workspace=workspace, zone=zone, until=until)
    if file is None:
        click.echo(terminal_text(" ".join(page.alt_text for page in drawn)))
        return
    names = ", ".join(str(one) for one in write_charts(drawn, file))
    click.echo(f"The chart was written to {names}.")


@click.command()
@click.argument("model")
@options.output("Output file, .svg or .png (default: a table of the data flows).")
@options.for_paper
@options.for_night
@options.for_screens
@options.as_of
@options.zone
@options.workspace
def diagram(
    model: str,
    output: Path | None,
    theme: Literal["light", "dark", "print"],
    as_of: str | None,
    zone: str | None,
    workspace: str | None,
) -> None:
    """Draw the data flow diagram of MODEL with trust boundaries and open threats."""
    from bot.cli.model_queries.model_lookup import load_register
    from bot.cli.operations.diagram_operation import (
        check_diagram_file,
        draw_diagram,
        flows_table,
        write_diagram,
    )
    from bot.cli.output.model_tables import console
    from bot.picture.diagram import LayoutFailed
    from bot.wiring import open_configured_store

    file = check_diagram_file(output) if output else None
    with open_configured_store(os.environ) as store:
        seen = load_register(store, model, workspace=workspace, as_of=as_of, zone=zone)
    shown = draw_diagram(seen, zone)
    if file is None:
        console().print(flows_table(shown))
        return
    try:
        write_diagram(shown, file, theme)
    except LayoutFailed as fault:
        if shown.flows:
            console().print(flows_table(shown))
        raise CommandRefused(str(fault)) from None
    click.echo(f"The diagram was written to {file}.")
