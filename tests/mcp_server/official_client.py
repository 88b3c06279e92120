"""The official client, and a server for it; imported where needed, because the SDK takes a second to load."""

import json
from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

from bot.mcp_server.callers import NO_MODEL
from bot.mcp_server.streamable_http import PATH, THREADS, AgentSite, CallRates
from bot.mcp_server.tool_table import TOOLS
from bot.server_process import listening_socket, running_server
from bot.slack.transport.http_server import Door
from tests.mcp_server.agents import Agents


@contextmanager
def http_server(agents: Agents, public_url: str = "", rates: CallRates | None = None) -> Generator[str]:
    """Serve on a free port; yields the URL."""
    site = AgentSite(
        agents.service,
        agents.authenticator.authenticate,
        count=agents.metrics.agent_call,
        public_url=public_url,
        rates=rates,
    )
    with closing(site), listening_socket("127.0.0.1", 0) as listening:
        door = Door(site, listening, path=PATH, threads=THREADS)
        with running_server(door):
            yield door.address


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
    assert "threatmodel://TM-1/register" in [str(resource.uri) for resource in resources]
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
