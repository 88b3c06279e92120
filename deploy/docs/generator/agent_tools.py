"""Tools of the MCP server, from their declarations."""

from bot.mcp_server.tool_table import TOOLS
from deploy.docs.generator.tables import table


def agent_tools() -> str:
    """Return a table of the tools."""
    rows = [(f"`{one.name}`", one.scope.value, one.description) for one in TOOLS.values()]
    return table(("Tool", "Scope", "Use"), rows)
