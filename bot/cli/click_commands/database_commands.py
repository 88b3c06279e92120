"""Commands on the whole database: verify, erase, back up and copy; its workspaces and trackers."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import options

if TYPE_CHECKING:
    from bot.store import Store

NOT_YET_GONE_STATUS = 3
"""The exit status of `erase` when the words are erased, and the file's log still holds them."""


def _report_erasing(*, finished: bool) -> None:
    """Exit with the status and the advice for an erasure that is not finished."""
    from bot.cli.operations.erase_operation import NOT_YET_GONE

    if not finished:
        click.echo(f"threatmodel: {NOT_YET_GONE}", err=True)
        sys.exit(NOT_YET_GONE_STATUS)


@click.command()
@options.workspace
@click.option(
    "--witness",
    "witnesses",
    metavar="SEQ:HASH",
    multiple=True,
    help="End of the chain printed by an earlier run; repeatable. ID:SEQ:HASH with several workspaces.",
)
@options.with_store
def verify(store: "Store", workspace: str | None, witnesses: tuple[str, ...]) -> None:
    """Check all events and derived data against the hash chain; exit status 1 with the first error.

    The ends of the chain that `serve` keeps outside of the database are compared as well. Use --witness to
    detect a rewritten chain.
    """
    from bot.cli.operations.copy_operation import parse_witnesses
    from bot.cli.progress_display import progress_display
    from bot.store.records import Fault

    with progress_display() as show:
        heads = parse_witnesses(witnesses, workspace, [one.tenant for one in store.heads()])
        found = store.verify(
            workspace,
            witnessed=heads,
            progress=lambda done, steps: show(f"{100 * done // max(steps, 1)} % checked"),
        )
    if isinstance(found, Fault):
        click.echo(f"threatmodel: {found}. {found.repair}.", err=True)
        sys.exit(1)
    click.echo(f"{found.events} events verified ({found.erased} of them erased).")
    for head in found.heads:
        click.echo(f"{head.tenant}: the chain ends at {head.sequence} with {head.hash.hex()}")
    for head in found.removed:
        click.echo(f"{head.tenant}: erased; its chain ended at {head.sequence} with {head.hash.hex()}")


@click.command()
@click.argument("model")
@click.option(
    "--entry",
    "entries",
    type=click.IntRange(1),
    multiple=True,
    help="Erase only this entry of `history`; repeatable.",
)
@options.yes
@options.workspace
@options.with_store
def erase(store: "Store", model: str, entries: tuple[int, ...], workspace: str | None, *, yes: bool) -> None:
    """Erase MODEL or some of its entries; exit status 3 if erased text stays in the write-ahead log."""
    from bot.cli.operations.erase_operation import erase, plan_erasure

    meant = plan_erasure(store, model, entries, workspace=workspace)
    if not yes:
        click.confirm(f"Erase {meant.description}? This cannot be undone.", abort=True)
    click.echo(erase(store, meant))
    _report_erasing(finished=store.erasing_is_finished())


@click.command("forget-person")
@click.argument("person", metavar="SLACK_ID")
@options.yes
@options.workspace
@options.with_store
def forget_person(store: "Store", person: str, workspace: str | None, *, yes: bool) -> None:
    """Erase a person's text, ballots, name and preferences, also while the bot is running.

    Elements and decisions of others are kept. Exit status 3 if erased text stays in the write-ahead log.
    """
    from bot.cli.operations.erase_operation import forget, plan_forgetting

    meant = plan_forgetting(store, person, workspace=workspace)
    click.echo(meant.notice)
    if not yes:
        click.confirm(f"Erase {meant.person}?", abort=True)
    click.echo(forget(store, meant))
    _report_erasing(finished=store.finish_erasing())


@click.command()
def restored() -> None:
    """Tell the bot that its database was restored to an earlier moment; run it before the first start.

    It says what the database no longer has, which `verify` then accepts. The bot compares everything that it
    shows in Slack with the restored state, and does not take a message that it posted after that moment for
    another one. What was due since may be posted again.
    """
    from bot.cli.operations.copy_operation import mark_database_restored

    slots, lost = mark_database_restored(os.environ)
    for one in lost:
        click.echo(
            f"{one.tenant}: the chain went on to event {one.sequence}; its end is not in this database"
        )
    click.echo(f"At the next start, {slots} messages and files are compared with the restored state.")


@click.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
def copy_to(source: str, target: str) -> None:
    """Copy all workspaces from the database FROM to the database TO, each named as in DATABASE_URL.

    Both must be out of use, and TO must have none of the workspaces. Name no password: that of a server is
    read from PGPASSWORD or the file of PGPASSFILE.
    """
    from bot.cli.operations.copy_operation import copy_database
    from bot.settings import read_settings
    from domain.kernel.text_formatting import count_phrase

    heads = copy_database(source, target, key=read_settings(os.environ).key.reveal())
    for head in heads:
        click.echo(f"{head.tenant}: the chain ends at {head.sequence} with {head.hash.hex()}")
    click.echo(f"{count_phrase(len(heads), 'workspace')} copied and verified. Claimed work was released.")
    click.echo("The new database needs the same THREATMODEL_KEY; the key of a file is beside it (….db.key).")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@options.with_store
def backup(store: "Store", file: Path) -> None:
    """Write a consistent copy of the database to FILE, also while the bot is running."""
    from bot.operator_error import OperatorError

    try:
        store.backup(file)
    except OSError as error:
        raise OperatorError(f"{file} cannot be written ({error.strerror}). Choose a new file.") from None
    where = store.key_location()
    click.echo(f"The copy is in {file}. To read it, set DATABASE_URL=sqlite:///{file}.")
    click.echo(
        f"It does not contain the key for request digests ({where}). Without this key, the copy is "
        f"complete, but a repeated request is not compared with its first version."
    )


@click.group()
def workspace() -> None:
    """List, export or erase workspaces."""


@workspace.command("list")
@options.as_json
@options.with_store
def list_all(store: "Store", *, as_json: bool) -> None:
    """List the workspaces of the database."""
    from bot.cli.operations.erase_operation import list_workspaces, workspaces_table

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
    from bot.cli.operations.erase_operation import erase_workspace as erase
    from bot.cli.operations.erase_operation import plan_workspace_erasure
    from bot.settings import read_settings

    file = read_settings(os.environ).database_file
    click.echo(plan_workspace_erasure(store, workspace, file))
    typed = workspace if yes else click.prompt(f"Type {workspace} to erase it")
    if typed.strip() != workspace:
        click.echo("That is another ID. Nothing was erased.", err=True)
        raise click.Abort
    click.echo(erase(store, workspace, file))
    _report_erasing(finished=store.erasing_is_finished())


@click.command()
@options.as_json
@options.with_store
def trackers(store: "Store", *, as_json: bool) -> None:
    """List the trackers of all workspaces and the state of each connection, without tokens."""
    from bot.cli.operations.tracker_health import list_trackers, trackers_json, trackers_table

    empty = "No tracker is connected. Connect one in Slack with /threatmodel tracker."
    options.print_list(list_trackers(store), trackers_table, empty, as_json=as_json, value=trackers_json)
