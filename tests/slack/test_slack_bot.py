"""What runs: killed and started again, connected anew, stopped with work in hand, watched by its pages."""

import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.delivery.work_kinds import Waits
from bot.manifest import build_manifest
from bot.sandbox.api import Sandbox
from bot.slack.transport.http_server import HttpServer
from bot.store import SqliteStore
from domain.kernel.elements import ChannelId, PersonId
from tests.forked_popen import ForkedPopen
from tests.running_database import environment_of, open_running
from tests.slack.slack_team import QUICK, SlackTeam, run_bot
from tests.waiting import patient_sandbox

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def workspace() -> Generator[Sandbox]:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        yield sandbox


def test_killed_and_started_again_it_goes_on_with_the_same_card(workspace: Sandbox, tmp_path: Path) -> None:
    database = tmp_path / "threatmodel.db"
    with process(workspace, database) as killed:
        workspace.wait_for_connection()
        before = SlackTeam(workspace, None, *opened(database))  # pyright: ignore[reportArgumentType]  (it runs elsewhere)
        before.command("ana", "/threatmodel start")
        before.modal("ana", "New threat model")
        before.person("ana").fill("Name", "The House")
        before.submit("ana")
        before.person("ana").click(before.modal("ana", "Add data flows"), "Add elements one by one")
        before.modal("ana", "Add elements")
        card = before.card("TM-1")
        before.person("ana").fill("Assets", "Valuables")
        before.submit("ana")
        killed.kill()
        killed.wait(60)
        before.store.close()
    with run_bot(database, sandbox=workspace) as team:
        assert team.names() == {"Valuables"}, "what was acked is there"
        assert team.card("Assets  1").ts == card.ts
        team.command("ben", "/threatmodel add asset")
        team.modal("ben", "Add asset")
        team.person("ben").fill("Name", "Family photos")
        team.submit("ben")
        assert team.card("Assets  2").ts == card.ts
        assert len(team.cards()) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_finishes_what_is_in_hand(
    workspace: Sandbox, tmp_path: Path, number: signal.Signals
) -> None:
    with process(workspace, tmp_path / "threatmodel.db") as running:
        workspace.wait_for_connection()
        ana = workspace.person("ana")
        ana.command("#house", "/threatmodel start")
        workspace.wait_until(lambda: ana.modal is not None)
        ana.fill("Name", "The House")
        delivery = ana.submit()
        running.send_signal(number)
        assert running.wait(60) == 0, running.communicate()[1]
        assert delivery is not None
        assert delivery.acked
        workspace.wait_until(lambda: not workspace.socket_mode.connections)
    store, _ = opened(tmp_path / "threatmodel.db")
    assert [one.name for one in store.streams()] == ["The House"]
    store.close()
    assert any("The House" in one.plain for one in workspace.person("ben").sees("#house")), "the card is out"


def test_a_connection_that_slack_renews_is_taken_up_again(team: SlackTeam) -> None:
    team.start()
    team.card("TM-1")
    team.sandbox.socket_mode.disconnect()
    team.wait(lambda: team.sandbox.calls_of("apps.connections.open")[1:])
    team.sandbox.wait_for_connection(60)
    team.wait(lambda: team.command("ben", "/threatmodel list").acked)
    assert "The House" in team.private_message("ben", "The House")


def test_who_joined_while_the_bot_was_away_may_answer_after_it(team: SlackTeam) -> None:
    team.start()
    team.card("TM-1")
    house_channel = team.sandbox.workspace.channel("#house")
    team.sandbox.workspace.join(house_channel.id, team.person("eve").id)  # and no event tells of it
    calls = len(team.sandbox.calls_of("conversations.members"))
    team.sandbox.socket_mode.disconnect()
    team.wait(lambda: len(team.sandbox.calls_of("conversations.members")) > calls)
    team.wait(lambda: team.knows(PersonId(team.person("eve").id), ChannelId(house_channel.id)))


def test_its_pages_say_whether_it_is_alive_ready_and_busy(team: SlackTeam) -> None:
    pages = HttpServer.start(team.bot.operators, host="127.0.0.1", port=0)
    public = HttpServer.start(team.bot.public, host="127.0.0.1", port=0)
    try:
        assert fetch(f"{public.address}/healthz") == (200, "alive\n")
        for path in ("/readyz", "/metrics"):
            assert fetch(f"{public.address}{path}") == (404, "Metrics are served on METRICS_PORT.\n")
        assert fetch(f"{pages.address}/healthz") == (200, "alive\n")
        status, said = fetch(f"{pages.address}/readyz")
        assert (status, said.splitlines()[0]) == (200, "ready")
        team.command("ana", "/threatmodel help")
        status, metrics = fetch(f"{pages.address}/metrics")
        assert status == 200
        assert 'threatmodel_requests_total{kind="slash",outcome="answered"} 1.0' in metrics
        assert "threatmodel_ready 1.0" in metrics
        # Without those that Prometheus' clients have of every process.
        served = set(re.findall(r"(?m)^# TYPE (?!process_)(\w+)(?<!_created) ", metrics))
        page = (ROOT / "deploy/docs/reference/metrics.md").read_text()
        of_many = {"threatmodel_workspaces"}  # served where workspaces install the app
        assert served | of_many == set(re.findall(r"(?m)^\| `(\w+)`", page)), (
            "they are declared where nothing finds them"
        )
        assert fetch(f"{public.address}/slack/events")[0] == 404, (
            "over the socket there is nothing to post to"
        )
        team.bot.stop()
        assert fetch(f"{pages.address}/readyz")[0] == 503
    finally:
        pages.stop()
        public.stop()


def test_over_http_only_what_slack_signed_just_now_is_answered(tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db", transport="http") as team:
        url = str(team.sandbox.http.bot_url)
        body = urlencode({"command": "/threatmodel", "text": "help", "user_id": "U0BEN0002"}).encode()
        signed = team.sandbox.http.signed(body)
        old = str(int(signed["X-Slack-Request-Timestamp"]) - 600)
        assert fetch(url, post=body)[0] == 401
        assert fetch(url, post=body + b"x", headers=signed)[0] == 401
        assert fetch(url, post=body, headers={**signed, "X-Slack-Request-Timestamp": old})[0] == 401
        assert fetch(url)[0] == 405


def test_a_stop_shows_what_was_said_last(workspace: Sandbox, tmp_path: Path) -> None:
    slow = replace(QUICK, card=Waits(quiet=1.0, longest=2.0), file_poll_seconds=60)
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace, pace=slow) as team:
        team.start()
        team.card("TM-1")
        team.person("ana").fill("Assets", "Valuables")
        team.submit("ana")
    said = [one.plain for one in workspace.person("ben").sees("#house")]
    assert len(said) == 1
    assert "Assets  1" in said[0]


def opened(database: Path) -> tuple[SqliteStore, CommandHandler]:
    store = open_running(database)
    return store, CommandHandler(store)


@contextmanager
def process(sandbox: Sandbox, database: Path, **settings: str) -> Generator[subprocess.Popen[str]]:
    """The bot as an operator starts it; killed at the end if it still runs."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "SLACK_API_URL": sandbox.url,
        "SLACK_BOT_TOKEN": sandbox.bot_token,
        "SLACK_APP_TOKEN": sandbox.app_token,
        **environment_of(database),
        **settings,
    }
    with ForkedPopen(
        [sys.executable, "-m", "bot", "serve"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def fetch(
    url: str, *, post: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, str]:
    request = urllib.request.Request(url, data=post, headers=dict(headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
