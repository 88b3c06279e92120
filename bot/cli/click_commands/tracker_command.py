"""The command that lists the connected trackers."""

import os

import click

from bot.cli import options


@click.command()
@options.as_json
def trackers(*, as_json: bool) -> None:
    """List the trackers of all workspaces and the state of each connection, without tokens."""
    from bot.cli.operations.tracker_health import list_trackers
    from bot.wiring import open_configured_store

    with open_configured_store(os.environ) as store:
        found = list_trackers(store)
    if as_json:
        import msgspec

        from bot.cli.output.json_document import json_text

        click.echo(json_text(msgspec.to_builtins(found)))
    elif not found:
        click.echo("No tracker is connected. Connect one in Slack with /threatmodel tracker.")
    else:
        from bot.cli.operations.tracker_list import trackers_table
        from bot.cli.output.model_tables import console

        console().print(trackers_table(found))
