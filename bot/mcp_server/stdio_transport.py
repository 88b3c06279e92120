"""Service over standard input and output, for the operator of the database."""

from concurrent.futures import ThreadPoolExecutor

import anyio
from mcp.server.stdio import stdio_server

from bot.mcp_server.agent_service import AgentService
from bot.mcp_server.callers import Caller
from bot.mcp_server.protocol_server import ProtocolServer


def serve_stdio(service: AgentService, operator: Caller) -> None:
    """Answer a client until it closes standard input."""

    async def serve(threads: ThreadPoolExecutor) -> None:
        server = ProtocolServer(service, lambda _: operator, threads).server
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    with ThreadPoolExecutor(1, thread_name_prefix="mcp") as threads:
        anyio.run(serve, threads)
