"""The command that drafts elements from files, and finds what is not known."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import options

if TYPE_CHECKING:
    from domain.drafts.draft import Draft
    from domain.model import ThreatModel

_FILES = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
_OUTPUT = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILES)
@options.as_json
@click.option(
    "--env-file",
    "env_files",
    metavar="FILE",
    multiple=True,
    type=_OUTPUT,
    help="Take the values of variables from this file instead of .env beside each FILE. Only those of ports, "
    "mounts, privileges and hosts are read.",
)
@click.option(
    "--known",
    metavar="FILE",
    type=_OUTPUT,
    help="Write what is known now to a file for the repository; with --check, compare with it.",
)
@click.option("--model", metavar="KEY", help="Compare with a model of the database, such as TM-7.")
@options.workspace
@click.option(
    "--check",
    is_flag=True,
    help="Compare, and exit with 1 if anything is not known; 2 means that a file cannot be read.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 also if anything was not read.")
@click.option("--sarif", metavar="FILE", type=_OUTPUT, help="Write the result of --check as SARIF.")
@click.option("--junit", metavar="FILE", type=_OUTPUT, help="Write the result of --check as JUnit XML.")
def draft(
    files: tuple[Path, ...],
    env_files: tuple[Path, ...],
    known: Path | None,
    model: str | None,
    workspace: str | None,
    sarif: Path | None,
    junit: Path | None,
    *,
    as_json: bool,
    check: bool,
    strict: bool,
) -> None:
    """Draft elements and answers from FILEs together: Compose, Kubernetes, OpenAPI, Terraform and others.

    Nothing is stored in the database, and no secret value is shown or kept. A dash reads standard input:
    helm template shop ./chart | threatmodel draft -
    """
    if check and (known is None) == (model is None):
        raise click.UsageError("--check needs either --known FILE or --model KEY to compare with.")
    if known and model:
        raise click.UsageError("--known and --model are two comparisons. Choose one.")
    if (sarif or junit) and not check:
        raise click.UsageError("--sarif and --junit write the result of --check.")
    from bot.cli.operations.draft_operation import check_known, read_files, write_known, write_report

    drafted = read_files(files, env_files)
    if known and not check:
        click.echo(write_known(drafted, known))
        sys.exit(1 if strict and drafted.notes else 0)
    stored = _stored_model(model, workspace) if model else None
    if not check:
        _show(drafted, stored, as_json=as_json)
        sys.exit(1 if strict and drafted.notes else 0)
    from bot.cli.output.draft_tables import drift_json, drift_text
    from bot.drafts.draft_drift import drift_from_model

    if stored:
        report = drift_from_model(drafted, stored, strict=strict)
    else:
        report = check_known(drafted, known or Path(), strict=strict)
    write_report(report, sarif=sarif, junit=junit)
    click.echo(drift_json(report) if as_json else drift_text(report, known or model or ""), nl=not as_json)
    sys.exit(1 if report.drifts else 0)


def _stored_model(model: str, workspace: str | None) -> "ThreatModel":
    from bot.cli.model_queries.model_lookup import load_model
    from bot.wiring import open_configured_store

    with open_configured_store(os.environ) as store:
        return load_model(store, model, workspace=workspace)


def _show(drafted: "Draft", stored: "ThreatModel | None", *, as_json: bool) -> None:
    from bot.cli.output.draft_tables import draft_json, draft_tables
    from bot.cli.output.text_grid import console
    from bot.drafts.draft_drift import states_of

    states = states_of(drafted, stored) if stored else {}
    if as_json:
        click.echo(draft_json(drafted, states), nl=False)
        return
    for part in draft_tables(drafted, states):
        console().print(part)
