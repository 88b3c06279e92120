"""Commands about whole workspaces: list, export, erase; list of their trackers."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import options

if TYPE_CHECKING:
    from bot.store import Store


@click.group()
def workspace() -> None:
    """List, export or erase workspaces."""


@workspace.command("list")
@options.as_json
@options.with_store
def list_all(store: "Store", *, as_json: bool) -> None:
    """List the workspaces of the database."""
    from bot.cli.operations.workspace_erasure import list_workspaces, workspaces_table

    empty = "The database has no workspace."
    options.print_list(list_workspaces(store), workspaces_table, empty, as_json=as_json)


@workspace.command()
@click.argument("workspace", metavar="ID")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@options.with_store
def export(store: "Store", workspace: str, file: Path) -> None:
    """Write all data of workspace ID to FILE, a new ZIP archive of JSON Lines and exports, without tokens.

    It contains every ballot with its voter, also of open rounds, like the database itself. Only its owner may
    read the file. No other command and no message shows a ballot to anyone but its voter.
    """
    from bot.cli.operations.workspace_export import export_workspace

    click.echo(export_workspace(store, workspace, file))


@workspace.command("erase")
@click.argument("workspace", metavar="ID")
@options.yes
@options.with_store
def erase_workspace(store: "Store", workspace: str, *, yes: bool) -> None:
    """Erase all data of workspace ID, as after an uninstall; the end of its chain is kept on record."""
    from bot.cli.click_commands.database_commands import report_erasing
    from bot.cli.operations.workspace_erasure import erase, plan_workspace_erasure
    from bot.settings import read_settings

    file = read_settings(os.environ).database_file
    click.echo(plan_workspace_erasure(store, workspace, file))
    typed = workspace if yes else click.prompt(f"Type {workspace} to erase it")
    if typed.strip() != workspace:
        click.echo("That is another ID. Nothing was erased.", err=True)
        raise click.Abort
    click.echo(erase(store, workspace, file))
    report_erasing(finished=store.erasing_is_finished())


@click.command()
@options.as_json
@options.with_store
def trackers(store: "Store", *, as_json: bool) -> None:
    """List the trackers of all workspaces and the state of each connection, without tokens."""
    from bot.cli.operations.tracker_health import list_trackers, trackers_table

    empty = "No tracker is connected. Connect one in Slack with /threatmodel tracker."
    options.print_list(list_trackers(store), trackers_table, empty, as_json=as_json)
