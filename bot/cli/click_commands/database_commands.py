"""Database maintenance commands: verify, erase, back up."""

import os
import sys
from pathlib import Path

import click

from bot.cli import options

NOT_YET_GONE_STATUS = 3
"""The exit status of `erase` when the words are erased, and the file's log still holds them."""


@click.command()
@options.workspace
@click.option(
    "--witness",
    "witnesses",
    metavar="SEQ:HASH",
    multiple=True,
    help="An end of the chain noted from an earlier run; may be given several times. "
    "ID:SEQ:HASH where there are several workspaces.",
)
def verify(workspace: str | None, witnesses: tuple[str, ...]) -> None:
    """Check every event and what follows from it; status 1 and the first fault if anything was changed."""
    from bot.cli.operations.chain_witnesses import parse_witnesses, progress_printer
    from bot.store.records import Fault
    from bot.wiring import open_configured_store

    with open_configured_store(os.environ) as store:
        heads = parse_witnesses(witnesses, workspace, [one.tenant for one in store.heads()])
        found = store.verify(workspace, witnessed=heads, progress=progress_printer())
    if isinstance(found, Fault):
        click.echo(f"threatmodel: {found}", err=True)
        sys.exit(1)
    click.echo(f"{found.events} events are as they were recorded ({found.erased} of them erased).")
    for head in found.heads:
        click.echo(f"{head.tenant} ends at {head.sequence} with {head.hash.hex()}")
    for head in found.removed:
        click.echo(f"{head.tenant} was removed; it ended at {head.sequence} with {head.hash.hex()}")


@click.command()
@click.argument("model")
@click.option(
    "--entry",
    "entries",
    type=click.IntRange(1),
    multiple=True,
    help="Only what this entry of `history` says; may be given several times.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.workspace
def erase(model: str, entries: tuple[int, ...], workspace: str | None, *, yes: bool) -> None:
    """Erase MODEL, or some entries of it; status 3 while a reader keeps erased words in the file's log."""
    from bot.cli.operations.erase_operation import NOT_YET_GONE, erase, plan_erasure
    from bot.wiring import open_configured_store

    with open_configured_store(os.environ) as store:
        meant = plan_erasure(store, model, entries, workspace=workspace)
        if not yes:
            click.confirm(f"Forget {meant.description}? Nothing brings it back.", abort=True)
        click.echo(erase(store, meant))
        if not store.erasing_is_finished():
            click.echo(f"threatmodel: {NOT_YET_GONE}", err=True)
            sys.exit(NOT_YET_GONE_STATUS)


@click.command()
@click.argument("workspace", metavar="WORKSPACE")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(workspace: str, *, yes: bool) -> None:
    """Delete all data of WORKSPACE, as after an uninstall; a record of the end of its chain stays."""
    from bot.cli.operations.erase_operation import NOT_YET_GONE
    from bot.operator_error import OperatorError
    from bot.serving_lock import serving_process
    from bot.settings import read_settings
    from bot.wiring import open_configured_store
    from domain.kernel.text_formatting import count_phrase

    with open_configured_store(os.environ) as store:
        if workspace not in {one.tenant for one in store.heads()}:
            raise OperatorError(
                f"{workspace[:80]}: there is no such workspace; `threatmodel verify` lists them."
            )
        if process := serving_process(read_settings(os.environ).database_path):
            raise OperatorError(
                f"{process} runs `threatmodel serve` on this database: end it first. "
                f"A running bot would store data of {workspace} again."
            )
        if not yes:
            models = count_phrase(len(store.streams(workspace)), "model")
            click.confirm(f"Delete workspace {workspace} with {models}? It cannot be undone.", abort=True)
        removed = store.remove_workspace(workspace)
        if removed is not None:
            click.echo(f"{workspace} is removed; it ended at {removed.sequence} with {removed.hash.hex()}")
        if not store.erasing_is_finished():
            click.echo(f"threatmodel: {NOT_YET_GONE}", err=True)
            sys.exit(NOT_YET_GONE_STATUS)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write a consistent copy of the database to FILE while the bot goes on."""
    from bot.operator_error import OperatorError
    from bot.wiring import open_configured_store

    with open_configured_store(os.environ) as store:
        try:
            store.backup(file)
        except OSError as error:
            raise OperatorError(f"{file} cannot be written ({error.strerror}): name a new file.") from None
        where = store.key_location()
    click.echo(f"The copy is in {file}; DATABASE_URL=sqlite:///{file} reads it.")
    click.echo(
        f"It does not contain the key of requests ({where}). Without that key the copy is complete; only a "
        "request that was sent before and comes again is not compared with its first version."
    )
