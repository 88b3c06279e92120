"""The commands that help to install the bot: look whether it could run, describe its app."""

import os
import signal
import sys
from pathlib import Path

import click

from bot.cli import options
from bot.cli.error_handling import CommandRefused


@click.command()
@click.option(
    "--probe",
    "channel",
    metavar="CHANNEL",
    help="Instead, test in this channel (C… or #name) how Slack behaves in your workspace: the bot "
    "posts there for about two minutes, deletes its messages, and writes the results to a file.",
)
@click.option(
    "--with",
    "person",
    metavar="PERSON",
    help="With --probe: the person who takes part (@name or U…; default: the first to press a button).",
)
@click.option("--alone", is_flag=True, help="With --probe: skip the tests that need a person.")
@click.option(
    "--shared",
    "shared_channel",
    metavar="CHANNEL",
    help="With --probe: a Slack Connect channel in which to test a mention.",
)
@options.output("With --probe: file for the results (default: slack-probe.json).")
@click.option(
    "--clean-up", "clean_up", is_flag=True, help="Only delete what an interrupted probe left in Slack."
)
def doctor(
    channel: str | None,
    person: str | None,
    shared_channel: str | None,
    output: Path | None,
    *,
    alone: bool,
    clean_up: bool,
) -> None:
    """Check the settings, the database and the connection to Slack; suggest a fix for each problem."""
    if clean_up or channel is not None:
        _probe(channel, person, shared_channel, output, alone=alone)
        return
    if person or shared_channel or output or alone:
        raise CommandRefused("--with, --shared, --alone and --output require --probe CHANNEL.")
    from bot.cli.operations.doctor import examine

    findings = examine(os.environ)
    for finding in findings:
        click.echo(f"{'ok   ' if finding.well else 'WRONG'} {finding.text}")
    if not all(finding.well for finding in findings):
        sys.exit(2)


def _probe(
    channel: str | None, person: str | None, shared: str | None, output: Path | None, *, alone: bool
) -> None:
    from bot.cli.operations.probe_operation import ProbeOptions, clean_up_probe, run_probe
    from bot.settings import read_settings

    settings = read_settings(os.environ)
    if channel is None:
        done = clean_up_probe(settings, click.echo)
    else:
        wanted = ProbeOptions(
            channel=channel,
            person=person or "",
            shared_channel=shared or "",
            alone=alone,
            output=output or Path("slack-probe.json"),
        )
        # SIGTERM from a supervisor is treated like Ctrl-C, so that the probe deletes its artifacts.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            done = run_probe(settings, wanted, click.echo)
        finally:
            signal.signal(signal.SIGTERM, before)
    if not done:
        sys.exit(1)


@click.command()
@click.option(
    "--http", "request_url", metavar="URL", help="Public https URL of the bot (default: Socket Mode)."
)
@click.option(
    "--install",
    "install_url",
    metavar="URL",
    help="Public https URL of the bot, if workspaces and organizations install the app by themselves. "
    "The tokens of such an app expire, and the bot renews them.",
)
@click.option(
    "--public-url",
    metavar="URL",
    default="",
    envvar="PUBLIC_URL",
    help="Address of the links to models, whose previews the bot shows (default: PUBLIC_URL).",
)
@options.as_json
def manifest(request_url: str | None, install_url: str | None, public_url: str, *, as_json: bool) -> None:
    """Print the Slack app's manifest."""
    from bot.manifest import build_manifest as described
    from bot.manifest import manifest_yaml

    for url, refusal in (
        (request_url, "--http: Slack reaches only https:// addresses; give the public one."),
        (install_url, "--install: Slack redirects only to https:// addresses; give the public one."),
        (public_url or None, "--public-url: Slack shows previews of https:// addresses only."),
    ):
        if url is not None and not url.startswith("https://"):
            raise CommandRefused(refusal)
    mode = "http" if request_url else "socket"
    app = described(mode, request_url, install_url=install_url, public_url=public_url)
    if as_json:
        options.print_json(app)
    else:
        click.echo(manifest_yaml(app), nl=False)
