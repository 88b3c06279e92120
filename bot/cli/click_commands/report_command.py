"""The commands that write a report of a model, and the compliance with OWASP ASVS across models."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.error_handling import CommandRefused

if TYPE_CHECKING:
    from bot.cli.model_queries.model_lookup import AskedModel
    from bot.report import ReportFormat
    from bot.store import Store


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
@options.asked_model_then
def report(
    asked: "AskedModel",
    output: Path | None,
    word: str | None,
    full: bool,  # noqa: FBT001 (an option)
    since: str | None,
) -> None:
    """Write the report of MODEL as Markdown, as one page of HTML, or as PDF.

    It has a summary, the diagram, the threats, the plan, accepted risks and gaps.
    """
    from bot.cli.model_queries.model_lookup import load_difference, load_register
    from bot.cli.operations.export_operation import render_report

    form = _form(word, output)
    seen = load_register(asked)
    changed = load_difference(asked, since) if since else None
    _write(render_report(asked, seen, form, since=changed, full=full), output)


def _form(word: str | None, output: Path | None) -> "ReportFormat":
    """Return the format of a document; raises CommandRefused for a PDF on a terminal."""
    from bot.cli.operations.export_operation import choose_format

    form = choose_format(word, output)
    if output is None and form.word == "pdf" and sys.stdout.isatty():
        raise CommandRefused("-o: a PDF cannot be written to a terminal. Choose a file.")
    return form


def _write(content: bytes, output: Path | None) -> None:
    from bot.cli.operations.export_operation import write_private_file

    if output is None:
        click.echo(content, nl=False)
    else:
        write_private_file(output, content)
        click.echo(f"The report was written to {output}.")


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
@options.with_store
def compliance(
    store: "Store",
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
    from bot.cli.operations.export_operation import render_document
    from bot.cli.output.compliance_output import compliance_json, print_compliance
    from bot.cli.output.text_grid import console
    from bot.report.compliance_report import compliance_report
    from bot.store import utc_now

    registers = load_registers(store, models, workspace=workspace)
    if as_json:
        options.print_json(compliance_json(registers))
    elif output is None and word is None:
        print_compliance(registers, console())
    else:
        report = compliance_report(registers, local_day(utc_now(), zone))
        _write(render_document(report, _form(word, output)), output)
