"""The command that drafts elements from files, and finds what is not known."""

import sys
from pathlib import Path

import click

from bot.cli import options

_FILES = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
_OUTPUT = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILES)
@options.as_json
@click.option(
    "--known",
    metavar="FILE",
    type=_OUTPUT,
    help="Write what is known now to a file for the repository; with --check, compare with it.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Compare, and exit with 1 if anything is not known; 2 means that a file cannot be read.",
)
@click.option("--sarif", metavar="FILE", type=_OUTPUT, help="Write the result of --check as SARIF.")
@click.option("--junit", metavar="FILE", type=_OUTPUT, help="Write the result of --check as JUnit XML.")
def draft(
    files: tuple[Path, ...],
    known: Path | None,
    sarif: Path | None,
    junit: Path | None,
    *,
    as_json: bool,
    check: bool,
) -> None:
    """Draft elements and answers from FILEs together: Compose, Kubernetes, OpenAPI, Terraform and others.

    Nothing is stored, and no secret value is shown or kept. A dash reads standard input:
    helm template shop ./chart | threatmodel draft -
    """
    if check and known is None:
        raise click.UsageError("--check needs --known FILE to compare with.")
    if (sarif or junit) and not check:
        raise click.UsageError("--sarif and --junit write the result of --check.")
    from bot.cli.operations.draft_operation import check_known, read_files, write_known, write_report

    drafted = read_files(files)
    if known is None:
        from bot.cli.output.draft_tables import draft_json, draft_tables
        from bot.cli.output.model_tables import console

        if as_json:
            click.echo(draft_json(drafted), nl=False)
            return
        for part in draft_tables(drafted):
            console().print(part)
        return
    if not check:
        click.echo(write_known(drafted, known))
        return
    report = check_known(drafted, known)
    write_report(report, sarif=sarif, junit=junit)
    if as_json:
        from bot.cli.output.draft_tables import drift_json

        click.echo(drift_json(report), nl=False)
    else:
        from bot.cli.output.draft_tables import drift_text

        click.echo(drift_text(report, known))
    sys.exit(1 if report.drifts else 0)
