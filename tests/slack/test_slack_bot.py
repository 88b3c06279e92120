"""What runs: killed and started again, connected anew, stopped with work in hand, watched by its pages."""

import io
import json
import logging
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import pytest
import structlog
from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.delivery.poll_timer import POLL_SECONDS
from bot.delivery.work_kinds import Waits
from bot.logs import set_up_logging
from bot.metrics import Metrics
from bot.sandbox.api import TEAM_ID, Sandbox
from bot.settings import Secret
from bot.slack.process_app import ProcessApp
from bot.slack.protocol.installation import Installation, InstalledWorkspace
from bot.slack.transport import socket_connection
from bot.slack.transport.http_server import HttpServer
from bot.store import SqliteStore, open_store
from bot.store.timestamps import format_timestamp
from domain.kernel.elements import ChannelId, PersonId
from tests.depth import count
from tests.forked_popen import ForkedPopen
from tests.fresh_database import copy_fresh_file
from tests.running_database import environment_of, open_running
from tests.slack.installing import oauth_settings
from tests.slack.slack_team import QUICK, SlackTeam, run_bot
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]


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
    assert [stream.name for stream in store.streams()] == ["The House"]
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


def test_a_dead_connection_is_renewed(team: SlackTeam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_connection, "QUIET_SECONDS", 0.5)
    team.wait(lambda: len(team.sandbox.calls_of("apps.connections.open")) > 1)
    team.sandbox.wait_for_connection()
    team.wait(lambda: team.command("ben", "/threatmodel help").acked)


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
        assert served | of_many == set(re.findall(r"(?m)^- `(\w+)`", page)), (
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
    said = [message.plain for message in workspace.person("ben").sees("#house")]
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


TEXT = "Zebra valuables"
"""What a person types; it must not be logged."""

LogReader = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def entries() -> Generator[LogReader]:
    """All that is logged meanwhile, at the level that says most."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    set_up_logging(level="debug", format="json")
    heard = io.StringIO()
    cast("logging.StreamHandler[io.StringIO]", root.handlers[0]).setStream(heard)
    yield lambda: [
        entry
        for line in heard.getvalue().splitlines()
        if not (entry := json.loads(line)).get("logger", "").startswith("uvicorn")
    ]
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def of(entries: LogReader, event: str) -> list[dict[str, Any]]:
    return [entry for entry in entries() if entry["event"] == event]


def test_a_line_after_the_ack_has_the_id_of_its_request(entries: LogReader, either_way: SlackTeam) -> None:
    team = either_way
    team.start()
    team.sandbox.faults.fail_next("views.open", "expired_trigger_id")
    team.command("ben", "/threatmodel add asset")
    team.wait(lambda: of(entries, "Slack refused the call"), 5)
    (late,) = of(entries, "Slack refused the call")
    requests = of(entries, "request answered")
    ids = [request["request_id"] for request in requests]
    (cause,) = [request for request in requests if request["request_id"] == late["request_id"]]
    assert (cause["kind"], cause["outcome"]) == ("slash", "answered")
    assert len(ids) == len(set(ids)), "each request has an ID of its own"
    assert {one["workspace"] for one in (late, *requests)} == {TEAM_ID}


def test_a_line_of_claimed_work_has_its_id_and_no_id_of_a_request(
    entries: LogReader, either_way: SlackTeam
) -> None:
    team = either_way
    team.start()
    team.card("The House")
    work = [entry for entry in entries() if entry.get("work", "").startswith("model/")]
    assert {one["workspace"] for one in work} == {team.streams[0].partition("/")[0]}
    assert all(one["work_id"] and "request_id" not in one for one in work)


def test_no_line_has_a_text_or_a_token(entries: LogReader, either_way: SlackTeam) -> None:
    team = either_way
    team.start()
    team.person("ana").fill("Assets", TEXT)
    team.submit("ana")
    team.sandbox.faults.fail_next("views.open", "expired_trigger_id")
    team.command("ben", f"/threatmodel add asset {TEXT} of Ben")
    team.command("ben", f"/threatmodel {TEXT}")
    team.command("ben", "/threatmodel add asset")
    assert TEXT in team.names()
    team.wait(lambda: of(entries, "Slack refused the call") and of(entries, "card posted"), 20)
    said = json.dumps(entries())
    assert len(entries()) > 5
    assert "Zebra" not in said
    secrets = (team.sandbox.bot_token, team.sandbox.app_token, team.sandbox.signing_secret)
    assert [secret for secret in secrets if secret in said] == []


NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
MOST_PER_SECOND = 3.0


class Everywhere:
    """The app is installed in every workspace; this costs no statement."""

    def find(self, enterprise: str, team: str) -> InstalledWorkspace:
        installation = Installation(
            team=team, url="", bot_user=PersonId("U1"), bot_name="bot", enterprise=enterprise
        )
        return InstalledWorkspace(installation=installation, token=Secret("xoxb-1"))

    def tenants(self) -> list[str]:
        return []


@contextmanager
def process_of(folder: Path, workspaces: int) -> Generator[tuple[ProcessApp, SqliteStore]]:
    """A process with workspaces whose models wait for the next day."""
    copy_fresh_file(folder / "idle.db")
    store = open_store(f"sqlite:///{folder / 'idle.db'}")
    tomorrow = format_timestamp(NOON + timedelta(days=1))
    with store.database.writing(durable=False) as connection:
        connection.executemany(
            "INSERT INTO work (tenant, kind, subject, lane, due) VALUES (?, 'reminders', 'TM-1', 'TM-1', ?)",
            [(f"T{number}", tomorrow) for number in range(workspaces)],
        )
    command_handler = CommandHandler(store)
    settings = oauth_settings("http://127.0.0.1:9/api/")
    process = ProcessApp(settings, Everywhere(), command_handler, store, lambda: NOON, metrics=Metrics())
    try:
        yield process, store
    finally:
        process.stop(1.0)
        store.close()


def statements_per_second(process: ProcessApp, store: SqliteStore) -> float:
    """Count what every periodic job and the poll of the queue ask of the database, by their intervals."""
    asked: list[str] = []
    connection = store.database.current()
    rate = 0.0
    for job in [*process.rounds._jobs]:  # pyright: ignore[reportPrivateUsage]  all of them
        job.work()  # the first time there may be more to do
        connection.set_trace_callback(asked.append)
        job.work()
        connection.set_trace_callback(None)
        rate += len(asked) / job.every
        asked.clear()
    connection.set_trace_callback(asked.append)
    process.dispatcher.poll()
    connection.set_trace_callback(None)
    return rate + len(asked) / POLL_SECONDS


def test_idle_workspaces_cost_next_to_nothing(tmp_path: Path) -> None:
    workspaces = count(1_000, deep=10_000)
    with process_of(tmp_path, workspaces) as (process, store):
        assert statements_per_second(process, store) <= MOST_PER_SECOND
        assert process.workspaces.sending() == [], "none was opened"


def test_the_number_of_threads_does_not_depend_on_the_workspaces(tmp_path: Path) -> None:
    with process_of(tmp_path, 100) as (process, store):
        before = threading.active_count()
        process.start()
        wait_until(lambda: store.housekeeping.last_reminder_check() is not None)
        few = threading.active_count() - before
        for number in range(100):
            process.workspaces.of_tenant(f"T{number}")
        wait_until(lambda: not any(one.holds_unsaved for one in process.workspaces.sending()))
        assert len(process.workspaces.sending()) == 100
        most = before + min(few, 18) + 16  # the threads of the pool, for any number of workspaces
        wait_until(lambda: threading.active_count() <= most)
