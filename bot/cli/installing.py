"""The commands that help to install the bot: look whether it could run, describe its app."""

import os
import sys

import click

from bot.cli import options
from bot.cli.refusing import Refused


@click.command()
def doctor() -> None:
    """Check the settings, the database and the way to Slack; name a mend for each fault."""
    from bot.terminal.doctor import examine

    findings = examine(os.environ)
    for finding in findings:
        click.echo(f"{'ok   ' if finding.well else 'WRONG'} {finding.text}")
    if not all(finding.well for finding in findings):
        sys.exit(2)


@click.command()
@click.option(
    "--http", "request_url", metavar="URL", help="The bot's public https address (default: Socket Mode)."
)
@options.as_json
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
