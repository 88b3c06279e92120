"""Commands about whole workspaces: list, export, erase; list of their trackers."""

import os
from pathlib import Path

import click

from bot.cli import options


@click.group()
def workspace() -> None:
    """List, export or erase workspaces."""


@workspace.command("list")
@options.as_json
def list_all(*, as_json: bool) -> None:
    """List the workspaces of the database."""
    from bot.cli.operations.workspace_erasure import list_workspaces, workspaces_table
    from bot.wiring import open_configured_store

    with open_configured_store(os.environ) as store:
        found = list_workspaces(store)
    if as_json:
        options.print_json(found)
    else:
        options.print_list(found, workspaces_table, "The database has no workspace.")


@workspace.command()
@click.argument("workspace", metavar="ID")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(workspace: str, file: Path) -> None:
    """Write all data of workspace ID to FILE, a new ZIP archive of JSON Lines and exports, without tokens.

    It contains every ballot with its voter, also of open rounds, like the database itself. Only its owner may
    read the file. No other command and no message shows a ballot to anyone but its voter.
    """
    from bot.cli.operations.workspace_export import export_workspace
    from bot.wiring import open_configured_store

    with open_configured_store(os.environ) as store:
        click.echo(export_workspace(store, workspace, file))


@workspace.command("erase")
@click.argument("workspace", metavar="ID")
@options.yes
def erase_workspace(workspace: str, *, yes: bool) -> None:
    """Erase all data of workspace ID, as after an uninstall; the end of its chain is kept on record."""
    from bot.cli.click_commands.database_commands import report_erasing
    from bot.cli.operations.workspace_erasure import erase, plan_workspace_erasure
    from bot.settings import read_settings
    from bot.wiring import open_configured_store

    file = read_settings(os.environ).database_file
    with open_configured_store(os.environ) as store:
        click.echo(plan_workspace_erasure(store, workspace, file))
        typed = workspace if yes else click.prompt(f"Type {workspace} to erase it")
        if typed.strip() != workspace:
            click.echo("That is another ID. Nothing was erased.", err=True)
            raise click.Abort
        click.echo(erase(store, workspace, file))
        report_erasing(finished=store.erasing_is_finished())


@click.command()
@options.as_json
def trackers(*, as_json: bool) -> None:
    """List the trackers of all workspaces and the state of each connection, without tokens."""
    from bot.cli.operations.tracker_health import list_trackers, trackers_table
    from bot.wiring import open_configured_store

    with open_configured_store(os.environ) as store:
        found = list_trackers(store)
    if as_json:
        options.print_json(found)
    else:
        empty = "No tracker is connected. Connect one in Slack with /threatmodel tracker."
        options.print_list(found, trackers_table, empty)
