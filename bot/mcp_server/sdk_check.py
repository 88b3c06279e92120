"""Whether the SDK of the protocol is installed; looked for without an import, which takes half a second."""

import importlib.util

from bot.version import installing

MISSING_SDK = f"needs the MCP SDK. {installing('mcp')}"
"""Ends a sentence that names what was wanted."""


def is_sdk_installed() -> bool:
    """Return whether agents can be served."""
    return importlib.util.find_spec("mcp") is not None
