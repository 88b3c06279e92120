"""Other clients in processes of their own: the official one of both major versions.

The earlier version is installed from its registry; without a network its test skips.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.commands.command_handler import CommandHandler
from bot.mcp_server.tool_table import TOOLS
from bot.settings import VARIABLES
from bot.store import open_store
from tests.depth import deep_only
from tests.mcp_server.agents import Agents, load_models

pytestmark = deep_only

ROOT = Path(__file__).resolve().parents[2]
SERVER = (sys.executable, "-m", "bot", "mcp")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a server on a database with both models."""
    database = f"sqlite:///{tmp_path}/threatmodel.db"
    with closing(open_store(database)) as store:
        load_models(CommandHandler(store))
    names = {variable.name for variable in VARIABLES}
    kept = {name: one for name, one in os.environ.items() if name not in names}
    return {**kept, "DATABASE_URL": database, "PYTHONPATH": str(ROOT)}


def run(command: Sequence[str], environment: dict[str, str], where: Path) -> str:
    """Return what a command prints; fails with its errors."""
    done = subprocess.run(
        command, cwd=where, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def installed(command: Sequence[str], where: Path) -> None:
    """Install something; skips the test without a network."""
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        pytest.skip(f"not to be had: {done.stderr.strip()[-200:]}")


def test_the_official_client_starts_the_server_by_itself(environment: dict[str, str]) -> None:
    from mcp import Client, StdioServerParameters

    from tests.mcp_server.official_client import everything

    async def use() -> None:
        for mode in ("auto", "legacy"):
            server = StdioServerParameters(command=SERVER[0], args=[*SERVER[1:]], env=environment)
            chosen: Any = mode
            async with Client(server, mode=chosen) as connected:
                await everything(connected)

    asyncio.run(use())


def test_the_official_client_of_the_year_before_uses_both_transports(
    environment: dict[str, str], tmp_path: Path
) -> None:
    from tests.mcp_server.official_client import http_server

    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    earlier = tmp_path / "earlier"
    installed((uv, "venv", "--quiet", "--python", sys.executable, str(earlier)), tmp_path)
    python = str(earlier / "bin/python")
    installed((uv, "pip", "install", "--quiet", "--python", python, "mcp<2"), tmp_path)
    script = (python, str(ROOT / "tests/mcp_server/earlier_client.py"))
    agents = Agents()
    with http_server(agents) as url:
        over_http = json.loads(run((*script, url, agents.token()), {"PATH": os.environ["PATH"]}, tmp_path))
    over_stdio = json.loads(run((*script, "stdio", *SERVER), environment, tmp_path))

    for told in (over_http, over_stdio):
        assert told.pop("protocol") == "2025-11-25"
        assert told == {
            "tools": list(TOOLS),
            "model": "TM-1",
            "refused": True,
            "resource": "TM-1",
            "prompt": "Answer the open questions of the threat ",
        }
