"""The command that serves agents on this machine."""

import os

import click

from bot.cli import options


@click.command()
@options.workspace
def mcp(workspace: str | None) -> None:
    """Serve the models to an agent on this machine by the Model Context Protocol (MCP).

    Agents read every model of the workspace, and propose drafts that people accept or reject in Slack. The
    server uses standard input and output; an agent's configuration starts it.
    """
    from bot.wiring import serve_agent

    serve_agent(os.environ, workspace=workspace)
