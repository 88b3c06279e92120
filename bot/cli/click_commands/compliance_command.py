"""The command that shows controls by chapter of OWASP ASVS, across models."""

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
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@options.output("Output file, .md, .html or .pdf (default: a table on standard output).")
@click.option(
    "-f",
    "--format",
    "word",
    type=options.LateChoice(_renderings),
    help="Format, if the file name does not tell it.",
)
@options.zone
@options.workspace
@options.as_json
def compliance(
    models: tuple[str, ...],
    output: Path | None,
    word: str | None,
    zone: str | None,
    workspace: str | None,
    *,
    as_json: bool,
) -> None:
    """Show which chapters of OWASP ASVS the team has looked at, in each MODEL or in all of them.

    Without a MODEL, archived ones are left out. It shows what was looked at and is not a certificate.
    """
    from bot.cli.local_moments import local_day
    from bot.cli.model_queries.model_lookup import load_registers
    from bot.cli.operations.private_file import write_private_file
    from bot.cli.operations.report_operation import choose_format, render_document
    from bot.report.compliance_report import compliance_report
    from bot.store import utc_now
    from bot.wiring import open_configured_store

    with open_configured_store(os.environ) as store:
        registers = load_registers(store, models, workspace=workspace)
    if as_json:
        from bot.cli.output.compliance_output import compliance_json
        from bot.cli.output.json_document import json_text

        click.echo(json_text(compliance_json(registers)))
        return
    if output is None and word is None:
        from bot.cli.output.compliance_output import print_compliance
        from bot.cli.output.model_tables import console

        print_compliance(registers, console())
        return
    form = choose_format(word, output)
    if output is None and form.word == "pdf" and sys.stdout.isatty():
        raise CommandRefused("-o: a PDF cannot be written to a terminal. Choose a file.")
    content = render_document(compliance_report(registers, local_day(utc_now(), zone)), form)
    if output is None:
        click.echo(content, nl=False)
    else:
        write_private_file(output, content)
        click.echo(f"The report was written to {output}.")
