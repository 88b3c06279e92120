"""Commands that read: list of models, one model, its history, changes, charts and diagram."""

import os
from pathlib import Path
from typing import Literal

import click

from bot.cli import options
from bot.cli.error_handling import CommandRefused


@click.command("list")
@options.workspace
@options.as_json
def list_models(workspace: str | None, *, as_json: bool) -> None:
    """List the models of the database."""
    from bot.cli.output.json_document import model_list_json
    from bot.cli.output.model_tables import models_table
    from bot.wiring import open_configured_store

    with open_configured_store(os.environ) as store:
        models = store.streams(workspace)
    if as_json:
        options.print_json(model_list_json(models))
    else:
        empty = (
            "There is no threat model. Start one in Slack with /threatmodel start, or load an example "
            "with threatmodel demo house."
        )
        options.print_list(models, models_table, empty)


@click.command()
@click.argument("model")
@options.as_of_there
@options.as_json
def show(model: str, as_of: str | None, zone: str | None, workspace: str | None, *, as_json: bool) -> None:
    """Show MODEL (such as TM-7): elements, questions, threats and tasks."""
    from bot.cli.model_queries.model_lookup import load_register
    from bot.settings import read_settings
    from bot.wiring import open_configured_store

    with open_configured_store(os.environ) as store:
        holidays = read_settings(os.environ).holidays
        seen = load_register(store, model, workspace=workspace, as_of=as_of, zone=zone, holidays=holidays)
        if as_json:
            from bot.cli.output.json_document import model_json

            options.print_json(model_json(seen.register, seen.reminders))
        else:
            from bot.cli.output.model_tables import console, print_model

            print_model(seen, console())


@click.command()
@click.argument("model")
@options.zone
@options.workspace
@options.as_json
def history(model: str, zone: str | None, workspace: str | None, *, as_json: bool) -> None:
    """List all changes of MODEL with author and time."""
    from bot.cli.model_queries.model_lookup import load_history
    from bot.wiring import open_configured_store

    with open_configured_store(os.environ) as store:
        told = load_history(store, model, workspace=workspace)
        if as_json:
            from bot.cli.output.json_document import history_json

            options.print_json(history_json(told.entries))
        else:
            from bot.cli.output.model_tables import console, history_table

            console().print(history_table(told, zone))


@click.command()
@click.argument("model")
@options.since(required=True)
@options.as_of_there
@options.as_json
def changes(
    model: str, since: str, as_of: str | None, zone: str | None, workspace: str | None, *, as_json: bool
) -> None:
    """Compare MODEL with an earlier time: additions, changes and removals, with their authors."""
    from bot.cli.model_queries.model_lookup import load_difference
    from bot.cli.output.register_tables import changes_json, print_changes
    from bot.wiring import open_configured_store

    with open_configured_store(os.environ) as store:
        told = load_difference(store, model, since, as_of=as_of, zone=zone, workspace=workspace)
        if as_json:
            options.print_json(changes_json(told))
        else:
            from bot.cli.output.model_tables import console

            print_changes(told, zone, console())


@click.command()
@click.argument("model")
@click.argument("what", type=click.Choice(["scores", "coverage", "open-threats"]))
@options.output("Output file, .svg or .png (default: text).")
@options.theme
@options.as_of_there
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
    from bot.cli.operations.picture_operations import check_diagram_file, draw_chart, write_charts
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
@options.theme
@options.as_of_there
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
    from bot.cli.operations.picture_operations import (
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
