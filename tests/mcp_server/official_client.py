"""The official client, and a server for it; imported where needed, because the SDK takes a second to load."""

import json
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

from bot.mcp_server.call_refusals import NO_MODEL
from bot.mcp_server.streamable_http import McpHttpServer
from bot.mcp_server.tool_table import TOOLS
from tests.mcp_server.agents import Agents


@contextmanager
def http_server(agents: Agents) -> Generator[str]:
    """Serve on a free port; yields the URL."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = McpHttpServer(
            agents.service, agents.authenticator.authenticate, listening, count=agents.metrics.agent_call
        )
        try:
            yield server.address
        finally:
            server.stop(3)
            assert not server.alive


def http_client(url: str, token: str, mode: Any) -> Client:
    headers = {"Authorization": f"Bearer {token}"}
    return Client(streamable_http_client(url, http_client=httpx2.AsyncClient(headers=headers)), mode=mode)


async def everything(connected: Client) -> None:
    """Use each kind of thing that the server offers."""
    listed = (await connected.list_tools()).tools
    assert [one.name for one in listed] == list(TOOLS)
    for one in listed:
        assert one.input_schema["type"] == "object"
        assert one.annotations is not None
        assert one.annotations.destructive_hint is False
    answer: Any = await connected.call_tool("get_model", {"model": "TM-1"})
    assert answer.structured_content == json.loads(answer.content[0].text)
    refused: Any = await connected.call_tool("get_model", {"model": "TM-99"})
    assert (refused.is_error, refused.content[0].text) == (True, NO_MODEL)
    resources = (await connected.list_resources()).resources
    assert "threatmodel://TM-1/register" in [str(one.uri) for one in resources]
    read: Any = await connected.read_resource("threatmodel://TM-1/register")
    assert json.loads(read.contents[0].text)["model"] == "TM-1"
    prompt: Any = await connected.get_prompt("answer_from_code", {"model": "TM-1"})
    assert "TM-1" in prompt.messages[0].content.text
    for fault in (
        connected.read_resource("threatmodel://TM-99/register"),
        connected.call_tool("cast_ballot", {}),
        connected.get_prompt("answer_from_code", {"model": "TM-99"}),
    ):
        with pytest.raises(MCPError):
            await fault
