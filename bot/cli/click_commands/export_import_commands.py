"""The commands that write a model for other tools, and bring one back."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import options

if TYPE_CHECKING:
    from bot.cli.model_queries.model_lookup import AskedModel


def _formats() -> Iterable[str]:
    from bot.formats import FORMATS

    return FORMATS


@click.command()
@click.argument("model")
@click.option(
    "-f",
    "--format",
    "word",
    type=options.LateChoice(_formats),
    required=True,
    help="Format of the file; see “File formats” in the documentation.",
)
@options.output("Output file (default: standard output).")
@click.option(
    "--anchor",
    metavar="PATH",
    help="SARIF only: the file in your repository that findings refer to; code scanning needs one.",
)
@options.asked_model_then
def export(asked: "AskedModel", word: str, output: Path | None, anchor: str | None) -> None:
    """Export MODEL to OTM, Threat Dragon, Threat Composer, TM-BOM, SARIF, CSV, draw.io, or as its events."""
    from bot.cli.model_queries.model_lookup import load_register
    from bot.cli.operations.export_operation import export_model, write_private_file

    seen = load_register(asked)
    content = export_model(asked, seen, word, anchor)
    if output is None:
        click.echo(content, nl=False)
    else:
        write_private_file(output, content)
        click.echo(f"{seen.register.key} was exported to {output}.")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--channel", metavar="ID", required=True, help="Slack ID of the model's channel (C…).")
@click.option(
    "--by",
    metavar="ID",
    required=True,
    help="Slack ID of the person who imports it (U…) and becomes its facilitator.",
)
@options.yes
@click.option("--all-notes", "every", is_flag=True, help="List all differences from the file.")
@click.option(
    "--ignore-limits",
    "unlimited",
    is_flag=True,
    help="Import also beyond MAX_MODELS, MAX_ELEMENTS and MAX_FILE_MB.",
)
@options.workspace
def import_file(
    file: Path, channel: str, by: str, workspace: str | None, *, yes: bool, every: bool, unlimited: bool
) -> None:
    """Import a model from FILE (OTM, Threat Dragon, TM-BOM or exported events), after a preview."""
    from bot.cli.operations.import_operation import ImportLimits, plan_import, preview_lines, store_import
    from bot.settings import read_settings
    from bot.wiring import mark_as_announced, open_configured_store

    limits = None if unlimited else ImportLimits.of(read_settings(os.environ))
    with open_configured_store(os.environ, create=workspace is not None) as store:
        found = plan_import(store, file, workspace=workspace, channel=channel, by=by, limits=limits)
        for line in preview_lines(found, every=every):
            click.echo(line)
        if not yes:
            click.confirm("Import it as a new model?", abort=True)
        click.echo(store_import(store, found, mark_as_announced(store), limits=limits))
