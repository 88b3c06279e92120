"""From a slash word to a draft: the bot as a process, a person in Slack, and their agent."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.commands.command_handler import CommandHandler
from bot.demo import load_story
from bot.manifest import build_manifest
from bot.sandbox.api import ANA, BEN, CHI, DEE, HOUSE, TEAM_ID, Sandbox
from bot.settings import VARIABLES
from bot.store import open_store
from domain.drafts.settlement import DraftId
from domain.kernel.elements import ChannelId, PersonId
from tests.depth import deep_only
from tests.forked_popen import ForkedPopen
from tests.mcp_server.agents import ARGUMENTS
from tests.waiting import patient_sandbox

pytestmark = deep_only

ROOT = Path(__file__).resolve().parents[2]
TOKEN = re.compile(r"tmb_\w+")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with patient_sandbox(manifest=build_manifest("socket")) as opened:
        yield opened


def test_a_person_gives_their_agent_a_token_and_it_proposes_a_draft(sandbox: Sandbox, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/threatmodel.db"
    people = [PersonId(one.id) for one in (ANA, BEN, CHI, DEE)]
    with closing(open_store(database)) as store:
        load_story(
            CommandHandler(store), "web-shop", workspace=TEAM_ID, channel=ChannelId(HOUSE.id), people=people
        )
    names = {variable.name for variable in VARIABLES}
    process = ForkedPopen(
        [sys.executable, "-m", "bot", "serve"],
        cwd=ROOT,
        env={
            **{name: one for name, one in os.environ.items() if name not in names},
            "DATABASE_URL": database,
            "SLACK_API_URL": sandbox.url,
            "SLACK_BOT_TOKEN": sandbox.bot_token,
            "SLACK_APP_TOKEN": sandbox.app_token,
            "MCP_PORT": "0",
            "LOG_LEVEL": "debug",
        },
        stdout=subprocess.PIPE,
        stderr=(tmp_path / "log").open("w"),
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("agents at ").strip()
        assert url.endswith("/mcp"), (tmp_path / "log").read_text()
        sandbox.wait_for_connection(60)
        ana = sandbox.person("ana")
        token = created(sandbox, "propose")
        assert asyncio.run(proposed(url, token)) == "TM-1/D-1"
        sandbox.wait_until(ana.direct_messages)
        assert "Your agent (mcp) proposed 1 item for The web shop" in ana.direct_messages()[-1].plain
        assert asyncio.run(proposed(url, created(sandbox, "read"))) == "refused"
        id = token.split("_")[2]
        assert ana.command("#house", f"/threatmodel token revoke {id}").acked
        sandbox.wait_until(lambda: any("is revoked" in message.plain for message in ana.sees("#house")))
        assert refused(url, token)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        process.stdout.close() if process.stdout else None
    with closing(open_store(database)) as store:
        draft = store.unit(TEAM_ID).drafts.find(DraftId("TM-1/D-1"))
    assert draft is not None
    assert (draft.person, draft.client) == (ANA.id, "mcp")
    secret = token.rpartition("_")[2].encode()
    assert [path.name for path in tmp_path.iterdir() if path.is_file() and secret in path.read_bytes()] == []


def created(sandbox: Sandbox, scope: str) -> str:
    """Create a token as a person in Slack, and read it there."""
    ana = sandbox.person("ana")
    before = {token for message in ana.sees("#house") for token in TOKEN.findall(message.plain)}
    assert ana.command("#house", f"/threatmodel token {scope}").acked

    def new() -> set[str]:
        return {token for message in ana.sees("#house") for token in TOKEN.findall(message.plain)} - before

    sandbox.wait_until(new)
    (token,) = new()
    assert not [message for message in sandbox.person("ben").sees("#house") if token in message.plain]
    return token


async def proposed(url: str, token: str) -> str:
    """Propose as an agent; the ID of the draft, or that it was refused."""
    from tests.mcp_server.official_client import http_client

    async with http_client(url, token, "auto") as connected:
        answer: Any = await connected.call_tool("propose_answers", ARGUMENTS["propose_answers"])
    return "refused" if answer.is_error else answer.structured_content["draft"]


def refused(url: str, token: str) -> bool:
    import httpx2

    return httpx2.post(url, json={}, headers={"Authorization": f"Bearer {token}"}).status_code == 401
