"""The command line: each command reads the settings, lets `wiring` make its parts, and says what came out."""

import os
import sys
from pathlib import Path
from typing import IO, Any, Literal

import click

# Everything else is imported inside the commands: `threatmodel --help` loads only this file and click.


class Refused(click.ClickException):
    """What the operator can mend: one line for each fault, exit status 2, no traceback."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the faults to standard error."""
        for line in self.message.splitlines():
            click.echo(f"threatmodel: {line}", file=file or sys.stderr)


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except _mendable() as fault:  # computed only when something was raised
            raise Refused(str(fault)) from None


def _mendable() -> tuple[type[Exception], ...]:
    from bot.settings import WrongSettings
    from bot.store.errors import HistoryUnreadable, StoreUnavailable
    from bot.terminal.faults import Unfit
    from domain.rejections import Rejected

    return (WrongSettings, StoreUnavailable, HistoryUnreadable, Unfit, Rejected)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="threatmodel-bot", prog_name="threatmodel")
def cli() -> None:
    """Threat modelling with your team in Slack: collect, analyse, remediate.

    Settings come from the environment; `threatmodel doctor` checks them.
    """


_workspace = click.option(
    "--workspace", metavar="ID", help="Slack's id of the workspace (T…), if several are there."
)
_zone = click.option(
    "--zone", metavar="NAME", help="Time zone for days and times, e.g. Europe/Berlin (default: here)."
)
_as_json = click.option("--json", "as_json", is_flag=True, help="For programs: JSON instead of tables.")


@cli.command()
@click.option(
    "--port", type=click.IntRange(0, 65_535), help="Port of the page (default: 8765 or a free one)."
)
@click.option("--http", "delivery", flag_value="http", help="Reach the bot by signed requests.")
@click.option("--socket", "delivery", flag_value="socket", default=True, help="By Socket Mode (default).")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".sandbox"),
    show_default=True,
    help="The directory in which the models are kept.",
)
@click.option("--house", is_flag=True, help="With an example in it: a house, collected by four people.")
@click.option(
    "--web-shop", "shop", is_flag=True, help="With an example in #general: a web shop, judged and scored."
)
def sandbox(
    port: int | None, delivery: Literal["socket", "http"], data: Path, *, house: bool, shop: bool
) -> None:
    """Start a workspace in the browser, with the bot in it."""
    from bot.wiring import run_sandbox

    run_sandbox(os.environ, port=port, delivery=delivery, data=data, house=house, shop=shop)


@cli.command()
def serve() -> None:
    """Run the bot: by Socket Mode with SLACK_APP_TOKEN, else by HTTP."""
    from bot.settings import read_settings
    from bot.wiring import serve

    serve(read_settings(os.environ, serving=True))


@cli.command()
@click.argument("example", type=click.Choice(["house", "web-shop"]))
@click.option(
    "--workspace", metavar="ID", default="TDEMO", show_default=True, help="The workspace it goes into."
)
@click.option(
    "--channel", metavar="ID", default="CDEMO", show_default=True, help="The channel it belongs to."
)
def demo(example: str, workspace: str, channel: str) -> None:
    """Load an example into the database: `house`, a home and its doors, or `web-shop`, software at work."""
    from bot.wiring import load_demo, opened_store

    with opened_store(os.environ, create=True) as store:
        key = load_demo(store, example, workspace=workspace, channel=channel)
    click.echo(f"{key} is there; look at it: threatmodel show {key} --workspace {workspace}")


@cli.command("list")
@_workspace
@_as_json
def list_models(workspace: str | None, *, as_json: bool) -> None:
    """List the models of the database."""
    from bot.terminal.document import listed, written
    from bot.wiring import opened_store

    with opened_store(os.environ) as store:
        models = store.streams(workspace)
    if as_json:
        click.echo(written(listed(models)))
    elif not models:
        click.echo(
            "There is no threat model yet. /threatmodel start makes one; threatmodel demo house shows one."
        )
    else:
        from bot.terminal.tables import console, models_table

        console().print(models_table(models))


@cli.command()
@click.argument("model")
@click.option(
    "--as-of", metavar="MOMENT", help="As it was: a date (meaning its end), or 2026-03-31T12:00:00Z."
)
@_zone
@_workspace
@_as_json
def show(model: str, as_of: str | None, zone: str | None, workspace: str | None, *, as_json: bool) -> None:
    """Show MODEL (such as TM-7): what is known, asked, suspected and still to do."""
    from bot.terminal.reading import register_of
    from bot.wiring import opened_store

    with opened_store(os.environ) as store:
        seen = register_of(store, model, workspace=workspace, as_of=as_of, zone=zone)
        if as_json:
            from bot.terminal.document import document, written

            click.echo(written(document(seen.register, seen.nudges)))
        else:
            from bot.terminal.tables import console
            from bot.terminal.tables import show as show_tables

            show_tables(seen, console())


@cli.command()
@click.argument("model")
@_zone
@_workspace
@_as_json
def history(model: str, zone: str | None, workspace: str | None, *, as_json: bool) -> None:
    """Tell who said what about MODEL, in order."""
    from bot.terminal.reading import history_of
    from bot.wiring import opened_store

    with opened_store(os.environ) as store:
        told = history_of(store, model, workspace=workspace)
        if as_json:
            from bot.terminal.document import entries, written

            click.echo(written(entries(told.entries)))
        else:
            from bot.terminal.tables import console, history_table

            console().print(history_table(told, zone))


_drawn = click.option("--print", "look", flag_value="print", help="Black on white, for paper.")
_drawn_light = click.option("--light", "look", flag_value="light", default=True, help="In colours (default).")


@cli.command()
@click.argument("model")
@click.argument("what", type=click.Choice(["scores", "coverage", "open-threats"]))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A file that ends in .svg or .png; without one, the same is told in words.",
)
@_drawn
@_drawn_light
@click.option(
    "--as-of", metavar="MOMENT", help="As it was: a date (meaning its end), or 2026-03-31T12:00:00Z."
)
@_zone
@_workspace
def chart(
    model: str,
    what: Literal["scores", "coverage", "open-threats"],
    output: Path | None,
    look: Literal["light", "print"],
    as_of: str | None,
    zone: str | None,
    workspace: str | None,
) -> None:
    """Draw a chart of MODEL: threats by score, coverage by STRIDE, or open threats over time."""
    from datetime import UTC, datetime

    from bot.terminal.charts import chart_of, write_chart
    from bot.terminal.diagrams import checked
    from bot.terminal.plain import plain
    from bot.terminal.reading import register_of
    from bot.wiring import opened_store

    file = checked(output) if output else None
    with opened_store(os.environ) as store:
        seen = register_of(store, model, workspace=workspace, as_of=as_of, zone=zone)
        until = seen.of if as_of else max(seen.of, datetime.now(UTC))
        drawn = chart_of(store, seen, what, look=look, workspace=workspace, zone=zone, until=until)
    if file is None:
        click.echo(plain(drawn.words))
        return
    write_chart(drawn, file)
    click.echo(f"The chart is in {file}.")


@cli.command()
@click.argument("model")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A file that ends in .svg or .png; without one, the flows are told as a table.",
)
@_drawn
@_drawn_light
@click.option(
    "--as-of", metavar="MOMENT", help="As it was: a date (meaning its end), or 2026-03-31T12:00:00Z."
)
@_zone
@_workspace
def diagram(
    model: str,
    output: Path | None,
    look: Literal["light", "print"],
    as_of: str | None,
    zone: str | None,
    workspace: str | None,
) -> None:
    """Draw MODEL's data flows into a file: who and what there is, what crosses, where threats are open."""
    from bot.picture.diagram import NotLaidOut
    from bot.terminal.diagrams import checked, diagram_seen, flows_table, write_diagram
    from bot.terminal.reading import register_of
    from bot.terminal.tables import console
    from bot.wiring import opened_store

    file = checked(output) if output else None
    with opened_store(os.environ) as store:
        seen = register_of(store, model, workspace=workspace, as_of=as_of, zone=zone)
    shown = diagram_seen(seen, zone)
    if file is None:
        console().print(flows_table(shown))
        return
    try:
        write_diagram(shown, file, look)
    except NotLaidOut as fault:
        if shown.flows:
            console().print(flows_table(shown))
        raise Refused(str(fault)) from None
    click.echo(f"The diagram is in {file}.")


FORMATS = ("otm", "threat-dragon", "tm-bom", "sarif", "csv", "csv-registers", "drawio", "events")
"""The words of `bot.formats`, which is loaded only when it is needed."""


@cli.command()
@click.argument("model")
@click.option(
    "-f",
    "--format",
    "word",
    type=click.Choice(FORMATS),
    required=True,
    help="What is to be written; the README says what reads each, and what is lost.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to; without it, to the standard output.",
)
@click.option(
    "--as-of", metavar="MOMENT", help="As it was: a date (meaning its end), or 2026-03-31T12:00:00Z."
)
@_zone
@_workspace
def export(
    model: str,
    word: str,
    output: Path | None,
    as_of: str | None,
    zone: str | None,
    workspace: str | None,
) -> None:
    """Write MODEL for other tools: OTM, Threat Dragon, TM-BOM, SARIF, CSV, draw.io, or all of its events."""
    from bot.terminal.exports import exported, write_file
    from bot.terminal.reading import register_of
    from bot.wiring import opened_store

    with opened_store(os.environ) as store:
        seen = register_of(store, model, workspace=workspace, as_of=as_of, zone=zone)
        content = exported(store, seen, word, workspace=workspace, zone=zone)
    if output is None:
        click.echo(content, nl=False)
    else:
        write_file(output, content)
        click.echo(f"{seen.register.key} is in {output}.")


@cli.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--channel", metavar="ID", required=True, help="Slack's id of the channel (C…) it will live in."
)
@click.option(
    "--by", metavar="ID", required=True, help="Slack's id of who brings it (U…) and will facilitate it."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--all-notes", "every", is_flag=True, help="List all that is not as it was in the file.")
@_workspace
def import_file(file: Path, channel: str, by: str, workspace: str | None, *, yes: bool, every: bool) -> None:
    """Make a model of FILE: OTM, Threat Dragon, TM-BOM, or exported events; shown before it is stored."""
    from bot.terminal.imports import looked_at, preview_lines, stored
    from bot.wiring import opened_store

    with opened_store(os.environ, create=workspace is not None) as store:
        found = looked_at(store, file, workspace=workspace, channel=channel, by=by)
        for line in preview_lines(found, every=every):
            click.echo(line)
        if not yes:
            click.confirm("Store it as a new model?", abort=True)
        click.echo(stored(store, found))


@cli.command()
@_workspace
def verify(workspace: str | None) -> None:
    """Check every event against the hash chain; status 1 and the first bad event when one was changed."""
    from bot.store.records import Fault
    from bot.wiring import opened_store

    with opened_store(os.environ) as store:
        found = store.verify(workspace)
    if isinstance(found, Fault):
        click.echo(f"threatmodel: {found}", err=True)
        sys.exit(1)
    click.echo(f"{found.events} events are as they were recorded ({found.erased} of them erased).")
    for head in found.heads:
        click.echo(f"{head.tenant} ends at {head.sequence} with {head.hash.hex()}")


@cli.command()
@click.argument("model")
@click.option(
    "--entry",
    "entries",
    type=click.IntRange(1),
    multiple=True,
    help="Only what this entry of `history` says; may be given several times.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@_workspace
def erase(model: str, entries: tuple[int, ...], workspace: str | None, *, yes: bool) -> None:
    """Forget for good what MODEL, or some entries of it, said; the hash chain stays whole."""
    from bot.terminal.erasing import erased, what_is_erased
    from bot.wiring import opened_store

    with opened_store(os.environ) as store:
        meant = what_is_erased(store, model, entries, workspace=workspace)
        if not yes:
            click.confirm(f"Forget {meant.words}? Nothing brings it back.", abort=True)
        click.echo(erased(store, meant))


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write a consistent copy of the database to FILE while the bot goes on."""
    from bot.terminal.faults import Unfit
    from bot.wiring import opened_store

    with opened_store(os.environ) as store:
        try:
            store.backup(file)
        except OSError as error:
            raise Unfit(f"{file} cannot be written ({error.strerror}): name a new file.") from None
    click.echo(f"The copy is in {file}; DATABASE_URL=sqlite:///{file} reads it.")


@cli.command()
def doctor() -> None:
    """Check the settings, the database and the way to Slack; name a mend for each fault."""
    from bot.terminal.doctor import examine

    findings = examine(os.environ)
    for finding in findings:
        click.echo(f"{'ok   ' if finding.well else 'WRONG'} {finding.text}")
    if not all(finding.well for finding in findings):
        sys.exit(2)


@cli.command()
@click.option(
    "--http", "request_url", metavar="URL", help="The bot's public https address (default: Socket Mode)."
)
@_as_json
def manifest(request_url: str | None, *, as_json: bool) -> None:
    """Print the Slack app's manifest."""
    from bot.manifest import as_yaml
    from bot.manifest import manifest as described

    if request_url is not None and not request_url.startswith("https://"):
        raise Refused("--http: Slack reaches only https:// addresses; give the public one.")
    app = described("http" if request_url else "socket", request_url)
    if as_json:
        from bot.terminal.document import written

        click.echo(written(app))
    else:
        click.echo(as_yaml(app), nl=False)


def main() -> None:
    """The command `threatmodel`."""
    cli(prog_name="threatmodel")


if __name__ == "__main__":
    main()
