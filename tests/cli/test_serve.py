"""`threatmodel serve` and `sandbox` as an operator runs them: real processes, stopped by signals."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.manifest import build_manifest
from bot.sandbox.api import Sandbox
from bot.settings import VARIABLES
from tests.depth import deep_also
from tests.forked_popen import ForkedPopen
from tests.waiting import patient_sandbox

ROOT = Path(__file__).resolve().parents[2]

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start `threatmodel` with some words and settings; killed at the end if it still runs."""
    with ExitStack() as processes:

        def run(*words: str, **settings: str) -> subprocess.Popen[str]:
            kept = {name: value for name, value in os.environ.items() if name not in names}
            process = ForkedPopen(
                [sys.executable, "-m", "bot", *words],
                cwd=ROOT,
                env={**kept, "DATABASE_URL": f"sqlite:///{tmp_path}/threatmodel.db", **settings},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            processes.enter_context(process)
            processes.callback(process.kill)
            return process

        names = {variable.name for variable in VARIABLES}
        yield run


@pytest.fixture
def by_socket() -> Iterator[Sandbox]:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        yield sandbox


@pytest.fixture
def by_http() -> Iterator[Sandbox]:
    described = build_manifest("http", "https://sandbox.invalid")
    with patient_sandbox(manifest=described, delivery="http") as sandbox:
        yield sandbox


def settings_of(sandbox: Sandbox) -> dict[str, str]:
    way = (
        {"SLACK_APP_TOKEN": sandbox.app_token}
        if sandbox.delivery == "socket"
        else {"SLACK_SIGNING_SECRET": sandbox.signing_secret}
    )
    return {"SLACK_API_URL": sandbox.url, "SLACK_BOT_TOKEN": sandbox.bot_token, **way}


def said(process: subprocess.Popen[str], beginning: str) -> str:
    """The rest of the line that begins so."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(beginning):
            return line.removeprefix(beginning).strip()
    pytest.fail(f"it ended without saying {beginning!r}: {process.communicate()[1]}")


def fetch(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def ended(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> str:
    """Stop it as a supervisor would; what it said on standard error."""
    began = time.monotonic()
    process.send_signal(number)
    _, errors = process.communicate(timeout=90)
    assert time.monotonic() - began < 25
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    return errors


def refused(process: subprocess.Popen[str]) -> str:
    _, errors = process.communicate(timeout=90)
    assert process.returncode == 2, errors
    (line,) = [line for line in errors.splitlines() if line.startswith("threatmodel: ")]
    assert "Traceback" not in errors
    return line.removeprefix("threatmodel: ")


def test_over_socket_mode_it_responds_and_stops_cleanly(start: Start, by_socket: Sandbox) -> None:
    process = start("serve", PORT="0", METRICS_PORT="0", **settings_of(by_socket))
    operators = said(process, "readiness and metrics at ")
    address = said(process, "listening at ")
    by_socket.wait_for_connection(60)
    assert fetch(f"{address}/healthz")[0] == 200
    assert fetch(f"{operators}/healthz")[0] == 200
    ready = fetch(f"{operators}/readyz")
    assert ready[0] == 200
    assert ready[1].startswith("ready\nreminders: last checked ")
    assert ready[1].endswith(" s ago, none overdue\n")
    assert "threatmodel_ready 1.0" in fetch(f"{operators}/metrics")[1]
    assert [fetch(f"{address}{path}")[0] for path in ("/readyz", "/metrics")] == [404, 404]
    assert fetch(f"{address}/slack/events")[0] == 404
    assert by_socket.person("ana").command("#general", "/threatmodel help").acked
    errors = ended(process)
    assert by_socket.bot_token not in errors
    assert by_socket.app_token not in errors


def test_over_http_it_responds_to_signed_requests_and_stops_cleanly(start: Start, by_http: Sandbox) -> None:
    process = start("serve", PORT="0", METRICS_PORT="0", **settings_of(by_http))
    operators = said(process, "readiness and metrics at ")
    address = said(process, "listening at ")
    by_http.deliver_to(f"{address}/slack/events")
    until_ready(operators)
    assert [fetch(f"{address}{path}")[0] for path in ("/healthz", "/readyz", "/metrics")] == [200, 404, 404]
    assert by_http.person("ana").command("#general", "/threatmodel help").acked
    unsigned = urllib.request.Request(f"{address}/slack/events", data=b"command=/threatmodel")
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(unsigned, timeout=30)
    ended(process)


@pytest.mark.parametrize("way", ["by_socket", *deep_also(("by_http",))])
def test_as_json_every_line_is_an_object_and_none_of_a_start_is_a_warning(
    start: Start, way: str, request: pytest.FixtureRequest
) -> None:
    sandbox: Sandbox = request.getfixturevalue(way)
    process = start("serve", LOG_FORMAT="json", PORT="0", METRICS_PORT="0", **settings_of(sandbox))
    assert process.stderr is not None
    entries: list[dict[str, str]] = []
    while not entries or not entries[-1]["event"].startswith("listening at"):
        entries.append(json.loads(process.stderr.readline()))
    process.send_signal(signal.SIGTERM)
    printed, rest = process.communicate(timeout=90)
    entries += [json.loads(line) for line in rest.splitlines()]
    assert printed == ""
    assert [entry for entry in entries if entry["level"] not in ("debug", "info")] == []


@pytest.mark.parametrize("words", ["serve", *deep_also(("serve --unknown",), ("sandbox --port x",))])
def test_as_json_a_start_that_fails_says_so_in_objects(start: Start, words: str) -> None:
    printed, errors = start(*words.split(), LOG_FORMAT="json", SLACK_BOT_TOKEN="nope").communicate(timeout=90)
    assert printed == ""
    assert {json.loads(line)["level"] for line in errors.splitlines()} == {"error"}


def until_ready(address: str) -> None:
    ends = time.monotonic() + 15
    while fetch(f"{address}/readyz")[0] != 200:
        assert time.monotonic() < ends
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("wrong", "beginning"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-of-somebody-else"}, "SLACK_BOT_TOKEN: Slack does not accept it"),
        ({"SLACK_APP_TOKEN": "xapp-of-somebody-else"}, "SLACK_APP_TOKEN: Slack does not accept it"),
        ({"SLACK_API_URL": "http://127.0.0.1:9/api/"}, "SLACK_API_URL: Slack cannot be reached"),
        (
            {"DATABASE_URL": "sqlite:////nowhere/at/all.db"},
            "DATABASE_URL: /nowhere/at/all.db cannot be opened",
        ),
    ],
)
def test_a_failure_over_socket_mode_is_one_clear_line(
    start: Start, by_socket: Sandbox, wrong: dict[str, str], beginning: str
) -> None:
    assert refused(start("serve", **{**settings_of(by_socket), **wrong})).startswith(beginning)


@pytest.mark.parametrize("setting", ["PORT", "METRICS_PORT", *deep_also(("MCP_PORT",))])
@pytest.mark.parametrize("way", ["by_socket", "by_http"])
def test_a_port_that_is_taken_is_one_clear_line(
    start: Start, way: str, setting: str, request: pytest.FixtureRequest
) -> None:
    sandbox: Sandbox = request.getfixturevalue(way)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = refused(start("serve", **{"PORT": "0", setting: port}, **settings_of(sandbox)))
    assert line == (
        f"{setting}: 127.0.0.1:{port} is not available (Address already in use). Choose another port."
    )


@pytest.mark.parametrize("setting", ["HOST", "METRICS_HOST", *deep_also(("MCP_HOST",))])
def test_a_foreign_listen_address_is_one_clear_line(start: Start, by_http: Sandbox, setting: str) -> None:
    line = refused(
        start(
            "serve",
            PORT="0",
            METRICS_PORT="0",
            MCP_PORT="0",
            **{setting: "192.0.2.1"},
            **settings_of(by_http),
        )
    )
    assert line.startswith(f"{setting}: 192.0.2.1 is not an address of this machine")


@pytest.mark.parametrize(
    ("way", "number"),
    [
        ("--socket", signal.SIGTERM),
        ("--http", signal.SIGINT),
        *deep_also(("--http", signal.SIGTERM), ("--socket", signal.SIGINT)),
    ],
)
def test_the_sandbox_opens_a_page_and_stops_cleanly(
    start: Start, way: str, number: signal.Signals, tmp_path: Path
) -> None:
    process = start("sandbox", way, "--port", "0", "--data", str(tmp_path / "kept"))
    address = said(process, "The workspace is open: ")
    status, page = fetch(address)
    assert status == 200
    assert "sandbox" in page
    ended(process, number)
    assert (tmp_path / "kept" / "models.db").exists()


def test_the_sandbox_names_a_port_that_is_taken(start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = refused(start("sandbox", "--port", port, "--data", str(tmp_path)))
        assert line.startswith(f"--port: {port} is not available")
