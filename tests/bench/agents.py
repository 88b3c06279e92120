"""What agents wait: each tool of the MCP server on the web shop, over HTTP with the official client."""

import asyncio
import time
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

from bot.mcp_server import agent_service
from bot.mcp_server.tool_table import TOOLS
from bot.store import open_store
from tests.bench.measurements import Row, Say, at_most
from tests.mcp_server.agents import ARGUMENTS, Agents

CALLS = 200
AIM = 100
"""Milliseconds within which 95 of 100 calls are answered."""


def run(directory: Path, say: Say) -> list[Row]:
    """Compare the 95th percentile of each tool with what is allowed."""
    say(f"calling each of {len(TOOLS)} tools {CALLS} times")
    with (
        closing(open_store(f"sqlite:///{directory / 'shop.db'}")) as store,
        patch.object(agent_service, "MAX_CALLS", 1_000_000),  # it is the time that is measured, not the limit
    ):
        times = asyncio.run(_times(Agents(store)))
    return [
        at_most(f"{name} by MCP, 95 of 100 calls ÷ allowed", p95, AIM, "ms", aim=1)
        for name, p95 in times.items()
    ]


async def _times(agents: Agents) -> dict[str, float]:
    """Return the 95th percentile of each tool in milliseconds; proposals are the same draft each time."""
    from tests.mcp_server.official_client import http_client, http_server

    found: dict[str, float] = {}
    with http_server(agents) as url:
        async with http_client(url, agents.token(), "auto") as connected:
            for name in TOOLS:
                took: list[float] = []
                for _ in range(CALLS):
                    began = time.perf_counter()
                    await connected.call_tool(name, ARGUMENTS[name])
                    took.append((time.perf_counter() - began) * 1000)
                found[name] = sorted(took)[int(CALLS * 0.95)]
    return found
