"""The configurations that the guide for agents shows can be read, and lead to what the server is."""

import json
import re
import tomllib
from pathlib import Path

from bot.__main__ import cli
from bot.mcp_server.agent_service import PROMPT, REGISTER_URI

PAGE = (Path(__file__).resolve().parents[2] / "deploy/docs/guide/agents.md").read_text()
PATH = "/mcp"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_every_configuration_can_be_read_and_names_the_server() -> None:
    found = [json.loads(text) for text in blocks("json")] + [tomllib.loads(text) for text in blocks("toml")]
    servers = [
        (one.get("mcpServers") or one.get("servers") or one.get("mcp_servers"))["threatmodel"]
        for one in found
    ]
    assert len(servers) == 5
    remote = [server for server in servers if "url" in server]
    assert {one["url"] for one in remote} == {f"https://threats.example.org{PATH}"}
    for one in remote:
        kept = json.dumps(one)
        assert "tmb_" not in kept
        assert re.search(r"\$\{[\w:-]+\}|THREATMODEL_TOKEN", kept)
    (local,) = [server for server in servers if "url" not in server]
    assert local["command"] == "threatmodel"
    assert local["args"][0] in cli.commands


def test_the_resource_and_the_prompt_are_named() -> None:
    assert REGISTER_URI.format(model="TM-7") in PAGE
    assert PROMPT in PAGE
