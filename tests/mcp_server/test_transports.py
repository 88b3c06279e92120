"""Both transports answer the official client, and neither lets anyone pass without a token."""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.commands.command_handler import CommandHandler
from bot.demo import load_story
from bot.mcp_server.agent_service import MAX_BYTES
from bot.mcp_server.streamable_http import EACH, CallRates
from bot.mcp_server.tool_table import TOOLS
from bot.settings import VARIABLES
from bot.store import open_store
from tests.fake_clock import FakeMonotonicClock
from tests.forked_popen import ForkedPopen
from tests.fresh_database import copy_fresh_file
from tests.mcp_server.agents import BENJI, HOUSE, TEAM, Agents

ROOT = Path(__file__).resolve().parents[2]
ACCEPTED = 400
"""The status of a call that is looked at, and is none."""

PUBLIC = "https://threats.example.org"
EXPECTED: dict[str, list[tuple[dict[str, str], int]]] = {
    "": [
        ({}, ACCEPTED),
        ({"Host": "proxy.internal"}, ACCEPTED),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://rebound.example", "Host": "rebound.example"}, 403),
    ],
    PUBLIC: [
        ({}, ACCEPTED),  # from this machine
        ({"Host": "[::1]:3002"}, ACCEPTED),
        ({"Host": "threats.example.org"}, ACCEPTED),
        ({"Host": "Threats.example.org:443", "Origin": PUBLIC}, ACCEPTED),
        ({"Host": "threats.example.org", "Origin": f"{PUBLIC}.evil.example"}, 403),
        ({"Host": "rebound.example"}, 421),
        ({"Host": "localhost.evil.example:3002"}, 421),
        ({"Host": "["}, 421),
    ],
}
"""Headers of a call, and the status of its response, by the public address."""

INITIALIZE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


def test_http_answers_holders_of_a_token_alone() -> None:
    import httpx2

    from tests.mcp_server.official_client import everything, http_client, http_server

    agents = Agents()
    good, revoked = agents.token(), agents.token(BENJI)
    agents.tokens.revoke(revoked.split("_")[2], BENJI)

    async def use(url: str) -> None:
        for mode in ("auto", "legacy"):
            async with http_client(url, good, mode) as connected:
                await everything(connected)

    with http_server(agents) as url:
        asyncio.run(use(url))
        json_body = {"content-type": "application/json"}
        for given in ({}, {"Authorization": f"Bearer {revoked}"}, {"Authorization": f"Basic {good}"}):
            answer = httpx2.post(url, json={}, headers=given)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
        refused = 'threatmodel_agent_calls_total{operation="authentication",outcome="token_refused"} 3.0'
        assert refused in agents.metrics.text().decode()
        authorized = {"Authorization": f"Bearer {good}"}
        assert httpx2.get(url, headers=authorized).status_code == 405
        large = httpx2.post(url, content=b" " * (MAX_BYTES + 1), headers=authorized | json_body)
        assert large.status_code == 413
        assert httpx2.get(url.replace("/mcp", "/"), headers=authorized).status_code == 404
        assert httpx2.post(url.replace("/mcp", "/else"), headers=authorized).status_code == 404


def test_other_web_pages_and_other_host_names_are_refused() -> None:
    import httpx2

    from tests.mcp_server.official_client import http_server

    agents = Agents()
    token = {"Authorization": f"Bearer {agents.token()}"}
    for public_url, asked in EXPECTED.items():
        with http_server(agents, public_url) as url:
            for headers, status in asked:
                answer = httpx2.post(url, json={}, headers=token | headers)
                assert answer.status_code == status, (public_url, headers)


def test_a_flood_without_a_valid_token_is_refused_and_delays_no_one_else() -> None:
    import httpx2

    from tests.mcp_server.official_client import http_server

    agents = Agents()
    known, new, wrong = agents.token(), agents.token(BENJI), f"{agents.token()[:-1]}x"
    looked_up: list[str] = []
    authenticate = agents.authenticator.authenticate
    agents.authenticator.authenticate = lambda text: looked_up.append(text) or authenticate(text)

    def post(url: str, token: str, address: str) -> Any:
        headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": address}
        return httpx2.post(url, json={}, headers=headers)

    with http_server(agents, rates=CallRates(clock=FakeMonotonicClock())) as url:
        assert post(url, known, "203.0.113.1").status_code == 400, "the token is valid, the call is not"
        flood = [post(url, wrong, "203.0.113.1") for _ in range(EACH.burst + 5)]
        assert {one.status_code for one in flood[: EACH.burst - 1]} == {401}
        assert flood[-1].status_code == 429
        assert flood[-1].headers["retry-after"] == "1"
        assert flood[-1].json()["error"] == "too_many_requests"
        assert len(looked_up) <= EACH.burst + 1

        assert post(url, new, "203.0.113.2").status_code == 400, "from another address"
        assert post(url, known, "203.0.113.1").status_code == 400, "with a token that was valid before"
        assert 'outcome="rate_limited"' in agents.metrics.text().decode()


def test_standard_input_and_output_answer_the_operator(tmp_path: Path) -> None:
    path = tmp_path / "threatmodel.db"
    copy_fresh_file(path)
    with closing(open_store(f"sqlite:///{path}")) as store:
        load_story(CommandHandler(store), "house", workspace=TEAM, channel=HOUSE)
    names = {variable.name for variable in VARIABLES}
    kept = {name: one for name, one in os.environ.items() if name not in names}
    process = ForkedPopen(
        [sys.executable, "-m", "bot", "mcp"],
        cwd=ROOT,
        env={**kept, "DATABASE_URL": f"sqlite:///{path}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    asked: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": INITIALIZE},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/list"},
        {"id": 3, "method": "tools/call", "params": {"name": "list_models", "arguments": {}}},
    ]
    assert process.stdin is not None
    assert process.stdout is not None
    answers: dict[int, Any] = {}
    for one in asked:
        process.stdin.write(json.dumps({"jsonrpc": "2.0", **one}) + "\n")
        process.stdin.flush()
        if "id" in one:
            told = json.loads(process.stdout.readline())
            answers[told["id"]] = told["result"]
    rest, errors = process.communicate(timeout=60)

    assert (process.returncode, rest) == (0, ""), errors
    assert [one["name"] for one in answers[2]["tools"]] == list(TOOLS)
    models = answers[3]["structuredContent"]["models"]
    assert [model["key"] for model in models] == ["TM-1"]
