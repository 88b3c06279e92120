"""The SDK is loaded only where agents are served, and a missing one is named with what to install."""

import ast
import importlib.util
from collections.abc import Iterator
from contextlib import closing
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import cli
from bot.operator_error import OperatorError
from bot.settings import read_settings
from bot.store import StreamId, open_store
from bot.wiring import serve
from tests.fresh_database import copy_fresh_file
from tests.store.saying import LISTED, say, started

ROOT = Path(__file__).resolve().parents[2]
SDK = {"anyio", "mcp", "mcp_types", "starlette", "uvicorn"}
WITH_SDK = {f"bot.mcp_server.{one}" for one in ("protocol_server", "streamable_http")}
OF_SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "MCP_PORT": "0"}


def imported_at_once(text: str) -> Iterator[str]:
    """The modules that a file imports when it is loaded, not those of its functions or for types alone."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_only_two_modules_load_the_sdk_and_no_other_loads_them() -> None:
    loads: set[str] = set()
    for path in (ROOT / "bot").rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if name.startswith("bot.sandbox."):
            continue  # a program of its own, with the same server
        text = path.read_text()
        if not any(word in text for word in (*SDK, "mcp_server")):
            continue
        found = set(imported_at_once(text))
        if SDK & {one.partition(".")[0] for one in found} or WITH_SDK & found:
            loads.add(name)
    assert loads == WITH_SDK


def test_a_missing_sdk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_fresh_file(tmp_path / "threatmodel.db")
    database = {"DATABASE_URL": f"sqlite:///{tmp_path}/threatmodel.db"}
    found = importlib.util.find_spec

    def without_sdk(name: str) -> ModuleSpec | None:
        return None if name == "mcp" else found(name)

    monkeypatch.setattr(importlib.util, "find_spec", without_sdk)

    started = CliRunner().invoke(cli, ["mcp"], env=database)
    assert started.exit_code != 0
    assert "needs the MCP SDK" in started.output
    with pytest.raises(OperatorError, match=r"MCP_PORT needs the MCP SDK\..*'\.\[mcp\]'"):
        serve(read_settings({**database, **OF_SLACK}, serving=True))


def test_a_workspace_is_chosen_where_there_are_several(tmp_path: Path) -> None:
    path = tmp_path / "threatmodel.db"
    copy_fresh_file(path)
    database = {"DATABASE_URL": f"sqlite:///{path}"}
    run = CliRunner()
    assert "There is no threat model" in run.invoke(cli, ["mcp"], env=database).output
    with closing(open_store(database["DATABASE_URL"])) as store:
        for workspace in ("T1", "T2"):
            say(store, started(), stream=StreamId(f"{workspace}/TM-1"), key=workspace, summary=LISTED)
    assert "Choose one with --workspace" in run.invoke(cli, ["mcp"], env=database).output
    assert "no model in a workspace" in run.invoke(cli, ["mcp", "--workspace", "T3"], env=database).output
