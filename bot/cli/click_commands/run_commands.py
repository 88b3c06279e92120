"""The commands that start something: the sandbox, the bot, an example, the server of agents."""

import os
from pathlib import Path
from typing import Literal

import click

from bot.cli import options


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65_535), help="Port of the web page (default: 8765, or a free one)."
)
@click.option("--http", "delivery", flag_value="http", help="Connect the bot by signed HTTP requests.")
@click.option(
    "--socket",
    "delivery",
    flag_value="socket",
    default=True,
    help="Connect the bot by Socket Mode (default).",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".sandbox"),
    show_default=True,
    help="Directory for the data.",
)
@click.option("--house", is_flag=True, help="Load the example of a house.")
@click.option("--web-shop", "shop", is_flag=True, help="Load the example of a web shop, analyzed and scored.")
@click.option("--install", is_flag=True, help="Start with two workspaces, and without the app in either.")
@click.option(
    "--as",
    "answers",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Behave like a real workspace, as recorded by `threatmodel doctor --probe` in this file.",
)
def sandbox(
    port: int | None,
    delivery: Literal["socket", "http"],
    data: Path,
    answers: Path | None,
    *,
    house: bool,
    shop: bool,
    install: bool,
) -> None:
    """Start a local Slack-like workspace in the browser, with the bot in it."""
    from bot.wiring import run_sandbox

    run_sandbox(
        os.environ,
        port=port,
        delivery=delivery,
        data=data,
        answers=answers,
        house=house,
        shop=shop,
        install=install,
    )


@click.command()
def serve() -> None:
    """Run the bot: over Socket Mode if SLACK_APP_TOKEN is set, otherwise over HTTP."""
    from bot.settings import read_settings
    from bot.wiring import serve

    serve(read_settings(os.environ, serving=True))


@click.command()
@click.argument("example", type=click.Choice(["house", "web-shop"]))
@click.option(
    "--workspace", metavar="ID", default="TDEMO", show_default=True, help="Slack ID of the workspace."
)
@click.option("--channel", metavar="ID", default="CDEMO", show_default=True, help="Slack ID of the channel.")
def demo(example: str, workspace: str, channel: str) -> None:
    """Load an example into the database: `house`, a private home, or `web-shop`, a web application."""
    from bot.wiring import load_demo, open_configured_store

    with open_configured_store(os.environ, create=True) as store:
        key = load_demo(store, example, workspace=workspace, channel=channel)
    click.echo(f"{key} was created. To view it: threatmodel show {key} --workspace {workspace}")


@click.command()
@options.workspace
def mcp(workspace: str | None) -> None:
    """Serve the models to an agent on this machine by the Model Context Protocol (MCP).

    Agents read every model of the workspace, and propose drafts that people accept or reject in Slack. The
    server uses standard input and output; an agent's configuration starts it.
    """
    from bot.wiring import serve_agent

    serve_agent(os.environ, workspace=workspace)
