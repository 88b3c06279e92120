"""The official client of the year before (version 1), run by an environment of its own.

Arguments: a URL and a token, or `stdio` and the command of a server. Prints what it was told as JSON.
"""

import asyncio
import json
import sys
from typing import Any


async def use(read: Any, write: Any) -> dict[str, Any]:
    """Use each kind of thing that the server offers."""
    from mcp import ClientSession  # of the other environment

    Session: Any = ClientSession  # noqa: N806  typed by the version of this environment
    async with Session(read, write) as session:
        begun = await session.initialize()
        tools = await session.list_tools()
        called = await session.call_tool("get_model", {"model": "TM-1"})
        refused = await session.call_tool("get_model", {"model": "TM-99"})
        read_back = await session.read_resource("threatmodel://TM-1/register")
        prompt = await session.get_prompt("answer_from_code", {"model": "TM-1"})
        return {
            "protocol": begun.protocolVersion,
            "tools": [tool.name for tool in tools.tools],
            "model": called.structuredContent["model"],
            "refused": refused.isError,
            "resource": json.loads(read_back.contents[0].text)["model"],
            "prompt": prompt.messages[0].content.text[:40],
        }


async def main(arguments: list[str]) -> None:
    """Connect as asked."""
    if arguments[0] == "stdio":
        import os

        from mcp import StdioServerParameters
        from mcp.client.stdio import stdio_client

        server = StdioServerParameters(command=arguments[1], args=arguments[2:], env=dict(os.environ))
        async with stdio_client(server) as (read, write):
            told = await use(read, write)
    else:
        from mcp.client import streamable_http

        connect: Any = vars(streamable_http)["streamablehttp_client"]  # its name in version 1
        headers = {"Authorization": f"Bearer {arguments[1]}"}
        async with connect(arguments[0], headers=headers) as (read, write, _):
            told = await use(read, write)
    print(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
