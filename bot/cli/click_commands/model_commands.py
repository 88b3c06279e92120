"""Commands that read: list of models, one model, its history, changes, charts and diagram."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from bot.cli import options
from bot.cli.error_handling import CommandRefused

if TYPE_CHECKING:
    from bot.cli.model_queries.model_lookup import AskedModel
    from bot.store import Store


@click.command("list")
@options.workspace
@options.as_json
@options.with_store
def list_models(store: "Store", workspace: str | None, *, as_json: bool) -> None:
    """List the models of the database."""
    from bot.cli.output.json_document import model_list_json
    from bot.cli.output.model_tables import models_table

    empty = (
        "There is no threat model. Start one in Slack with /threatmodel start, or load an example "
        "with threatmodel demo house."
    )
    options.print_list(store.streams(workspace), models_table, empty, as_json=as_json, value=model_list_json)


@click.command()
@click.argument("model")
@options.asked_model_then
@options.as_json
def show(asked: "AskedModel", *, as_json: bool) -> None:
    """Show MODEL (such as TM-7): elements, questions, threats and tasks."""
    import os

    from bot.cli.model_queries.model_lookup import load_register
    from bot.cli.output.json_document import model_json
    from bot.cli.output.model_tables import print_model
    from bot.cli.output.text_grid import console
    from bot.settings import read_settings

    holidays = read_settings(os.environ).holidays
    seen = load_register(asked, holidays=holidays)
    if as_json:
        options.print_json(model_json(seen.register, seen.reminders))
    else:
        print_model(seen, console())


@click.command()
@click.argument("model")
@options.asked_model
@options.as_json
def history(asked: "AskedModel", *, as_json: bool) -> None:
    """List all changes of MODEL with author and time."""
    from bot.cli.model_queries.model_lookup import load_history
    from bot.cli.output.json_document import history_json
    from bot.cli.output.model_tables import history_table
    from bot.cli.output.text_grid import console

    known = load_history(asked)
    if as_json:
        options.print_json(history_json(known.entries))
    else:
        console().print(history_table(known, asked.zone))


@click.command()
@click.argument("model")
@options.since(required=True)
@options.asked_model_then
@options.as_json
def changes(asked: "AskedModel", since: str, *, as_json: bool) -> None:
    """Compare MODEL with an earlier time: additions, changes and removals, with their authors."""
    from bot.cli.model_queries.model_lookup import load_difference
    from bot.cli.output.register_rows import changes_json, print_changes
    from bot.cli.output.text_grid import console

    found = load_difference(asked, since)
    if as_json:
        options.print_json(changes_json(found))
    else:
        print_changes(found, asked.zone, console())


@click.command()
@click.argument("model")
@click.argument("what", type=click.Choice(["scores", "coverage", "open-threats"]))
@options.output("Output file, .svg or .png (default: text).")
@options.theme
@options.asked_model_then
def chart(
    asked: "AskedModel",
    what: Literal["scores", "coverage", "open-threats"],
    output: Path | None,
    theme: Literal["light", "dark", "print"],
) -> None:
    """Draw a chart of MODEL: threats by score, coverage by STRIDE, or open threats over time."""
    from bot.cli.model_queries.model_lookup import load_register
    from bot.cli.operations.picture_operations import check_diagram_file, draw_chart, write_charts
    from bot.cli.terminal_text import terminal_text

    file = check_diagram_file(output) if output else None
    seen = load_register(asked)
    drawn = draw_chart(asked, seen, what, theme)
    if file is None:
        click.echo(terminal_text(" ".join(page.alt_text for page in drawn)))
        return
    names = ", ".join(str(write_chart) for write_chart in write_charts(drawn, file))
    click.echo(f"The chart was written to {names}.")


@click.command()
@click.argument("model")
@options.output("Output file, .svg or .png (default: a table of the data flows).")
@options.theme
@options.asked_model_then
def diagram(
    asked: "AskedModel",
    output: Path | None,
    theme: Literal["light", "dark", "print"],
) -> None:
    """Draw the data flow diagram of MODEL with trust boundaries and open threats."""
    from bot.cli.model_queries.model_lookup import load_register
    from bot.cli.operations.picture_operations import (
        check_diagram_file,
        draw_diagram,
        flows_table,
        write_diagram,
    )
    from bot.cli.output.text_grid import console
    from bot.picture.diagram import LayoutFailed

    file = check_diagram_file(output) if output else None
    seen = load_register(asked)
    shown = draw_diagram(seen, asked.zone)
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
