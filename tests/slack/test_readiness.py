"""Ready means: Slack is heard, and what it brings can be written down."""

import sqlite3
import threading
import urllib.error
import urllib.request
from collections.abc import Generator
from http.client import RemoteDisconnected
from pathlib import Path

import pytest
from slack_bolt import App

from bot.heartbeat import EVERY_SECONDS, Heartbeat
from bot.slack.handlers.thread_pool import DeferredWork
from bot.slack.transport.http_server import HttpServer
from bot.slack.transport.socket_connection import QUIET_SECONDS, SocketConnection
from bot.store import SqliteStore, open_store
from tests.running_database import only_on_a_file
from tests.slack.slack_team import SlackTeam


class Time:
    """A clock in the test's hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Generator[SqliteStore]:
    store = open_store(f"sqlite:///{tmp_path}/threatmodel.db", timeout=0.05)
    yield store
    store.close()


def test_a_full_disk_is_not_ready_until_there_is_space_again(store: SqliteStore) -> None:
    clock = Time()
    pulse = Heartbeat(store, clock=clock)
    connection = store.database.current()
    connection.execute("VACUUM")  # migrations left free pages, which are room, too
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    assert pulse.problem().endswith("cannot grow because the disk is full. Free some space")
    connection.execute(f"PRAGMA max_page_count = {pages * 100}")
    assert pulse.problem(), "an answer stands for some seconds"
    clock.now += EVERY_SECONDS
    assert pulse.problem() == ""


def test_a_file_that_others_hold_is_not_ready(store: SqliteStore) -> None:
    holder = sqlite3.connect(store.database.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert "is locked by another process" in Heartbeat(store).problem()
    holder.execute("ROLLBACK")
    holder.close()
    assert Heartbeat(store).problem() == ""


def test_a_file_that_is_only_to_be_read_is_not_ready(store: SqliteStore) -> None:
    store.database.current().execute("PRAGMA query_only = ON")
    assert "is read-only. Give this user write permission" in Heartbeat(store).problem()


@only_on_a_file
def test_a_file_that_is_gone_shows_on_the_page(team: SlackTeam) -> None:
    path = team.store.database.path
    pages = HttpServer.start(team.bot.operators, host="127.0.0.1", port=0)
    try:
        path.rename(path.with_suffix(".aside"))
        status, said = fetch(f"{pages.address}/readyz")
        assert status == 503
        assert "was deleted while it was in use" in said
        path.with_suffix(".aside").rename(path)
    finally:
        pages.stop()


def test_a_connection_on_which_slack_says_nothing_for_long_is_not_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Time()
    app = App(token="xoxb-1", signing_secret="1", token_verification_enabled=False)
    link = SocketConnection(app, "xapp-1", DeferredWork(), connected=lambda: None, clock=clock)
    assert link.problem == "no connection to Slack"
    monkeypatch.setattr(link, "_ended", lambda: False)  # a connection stands
    assert link.problem == ""
    clock.now += 2 * QUIET_SECONDS + 60
    assert link.problem == "nothing received from Slack for 31 minutes: check the network"


def test_where_no_new_connection_can_be_opened_it_is_a_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(token="xoxb-1", signing_secret="1", token_verification_enabled=False)
    link = SocketConnection(app, "xapp-1", DeferredWork(), connected=lambda: None)
    tried = threading.Event()

    def refuse() -> str:
        tried.set()
        raise RemoteDisconnected("Remote end closed connection without response")

    monkeypatch.setattr(link.client, "issue_new_wss_url", refuse)
    link.client.enqueue_message('{"type": "disconnect", "reason": "refresh_requested"}')
    assert tried.wait(60)
    link.stop(5)
    assert "Failed to process a message" not in caplog.text
    assert not any(record.exc_info for record in caplog.records)


def test_a_bot_that_looks_at_no_work_is_not_ready(team: SlackTeam, monkeypatch: pytest.MonkeyPatch) -> None:
    team.wait(lambda: not team.bot.readiness_problem())
    monkeypatch.setattr("bot.slack.slack_bot.STUCK_SECONDS", -1.0)
    assert "due reminders have not been checked for" in team.bot.readiness_problem()


def test_how_long_slack_was_quiet_is_measured_over_either_way(either_way: SlackTeam) -> None:
    pages = HttpServer.start(either_way.bot.operators, host="127.0.0.1", port=0)
    try:
        before = quiet_seconds(pages)
        either_way.wait(lambda: quiet_seconds(pages) > before + 0.3)
        quiet = quiet_seconds(pages)
        either_way.command("ana", "/threatmodel help")
        either_way.wait(lambda: quiet_seconds(pages) < quiet)
    finally:
        pages.stop()


def quiet_seconds(pages: HttpServer) -> float:
    _, metrics = fetch(f"{pages.address}/metrics")
    (line,) = [one for one in metrics.splitlines() if one.startswith("threatmodel_quiet_seconds ")]
    return float(line.split()[1])


def fetch(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
