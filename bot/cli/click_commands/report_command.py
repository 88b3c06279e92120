"""The command that writes a report."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from bot.cli import options
from bot.cli.error_handling import CommandRefused


def _renderings() -> Iterable[str]:
    from bot.report import REPORT_FORMATS

    return REPORT_FORMATS


@click.command()
@click.argument("model")
@options.output("Output file, .md, .html or .pdf (default: Markdown to standard output).")
@click.option(
    "-f",
    "--format",
    "word",
    type=options.LateChoice(_renderings),
    help="Format, if the file name does not tell it.",
)
@click.option("--full", is_flag=True, help="With an appendix: each threat, registers, answers, history.")
@options.since()
@options.as_of
@options.zone
@options.workspace
def report(
    model: str,
    output: Path | None,
    word: str | None,
    full: bool,  # noqa: FBT001 (an option)
    since: str | None,
    as_of: str | None,
    zone: str | None,
    workspace: str | None,
) -> None:
    """Write the report of MODEL as Markdown, as one page of HTML, or as PDF.

    It has a summary, the diagram, the threats, the plan, accepted risks and gaps.
    """
    from bot.cli.model_queries.model_difference import load_difference
    from bot.cli.model_queries.model_lookup import load_register
    from bot.cli.operations.private_file import write_private_file
    from bot.cli.operations.report_operation import choose_format, render_report
    from bot.wiring import open_configured_store

    form = choose_format(word, output)
    if output is None and form.word == "pdf" and sys.stdout.isatty():
        raise CommandRefused("-o: a PDF cannot be written to a terminal. Choose a file.")
    with open_configured_store(os.environ) as store:
        seen = load_register(store, model, workspace=workspace, as_of=as_of, zone=zone)
        changed = (
            load_difference(store, model, since, as_of=as_of, zone=zone, workspace=workspace)
            if since
            else None
        )
        content = render_report(
            store,
            seen,
            form,
            since=changed,
            workspace=workspace,
            zone=zone,
            past=as_of is not None,
            full=full,
        )
    if output is None:
        click.echo(content, nl=False)
    else:
        write_private_file(output, content)
        click.echo(f"The report was written to {output}.")
