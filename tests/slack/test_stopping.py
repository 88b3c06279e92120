"""An end that nobody has to wait for, even while Slack answers nothing."""

import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin.client import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection, ConnectionState
from typing_extensions import override

from bot.manifest import build_manifest
from bot.sandbox.api import Sandbox
from bot.slack.handlers.thread_pool import DeferredWork
from bot.slack.transport.socket_connection import close_client
from tests.forked_popen import ForkedPopen
from tests.running_database import environment_of
from tests.slack.slack_team import SlackTeam, run_bot
from tests.waiting import patient_sandbox, waiting_for_acks

ROOT = Path(__file__).resolve().parents[2]


def test_while_slack_hangs_the_process_still_ends_in_time_with_0(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox, started(sandbox, tmp_path) as process:
        sandbox.wait_for_connection(60)
        sandbox.faults.latency = 30
        assert sandbox.person("ana").command("#house", "/threatmodel start").acked
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert time.monotonic() - began < 25
        sandbox.faults.latency = 0


def test_what_follows_an_answer_is_finished_before_the_end() -> None:
    done: list[str] = []
    deferred_work = DeferredWork()
    deferred_work.later(lambda: time.sleep(0.1))
    deferred_work.later(lambda: done.append("told"))
    deferred_work.start()
    assert deferred_work.finish(5)
    assert done == ["told"]


def test_what_hangs_is_given_up_and_what_would_follow_it_is_not_begun() -> None:
    slack_answers = threading.Event()
    done: list[str] = []
    deferred_work = DeferredWork()
    deferred_work.later(lambda: slack_answers.wait(10))
    deferred_work.later(lambda: done.append("too late"))
    deferred_work.start()
    assert not deferred_work.finish(0.05)
    slack_answers.set()
    deferred_work.now(lambda: done.append("far too late"))
    wait_for_threads()
    assert done == []


def test_one_piece_of_work_that_fails_does_not_stop_the_next() -> None:
    done: list[str] = []
    deferred_work = DeferredWork()
    deferred_work.now(lambda: done.remove("never there"))
    deferred_work.now(lambda: done.append("well"))
    assert deferred_work.finish(5)
    assert done == ["well"]


def test_it_works_on_no_more_threads_than_it_may_have() -> None:
    gate = threading.Event()
    deferred_work = DeferredWork()
    of_other_tests = set(threading.enumerate())
    for _ in range(100):
        deferred_work.now(lambda: gate.wait(10))
    started = set(threading.enumerate()) - of_other_tests
    names = [one.name for one in started if one.name.startswith("afterwards-")]
    gate.set()
    assert len(names) == 32
    assert deferred_work.finish(5)
    wait_for_threads()


def wait_for_threads() -> None:
    ends = time.monotonic() + 60
    while any(one.name.startswith("afterwards-") for one in threading.enumerate()):
        assert time.monotonic() < ends, "threads are left behind"
        time.sleep(0.005)


@contextmanager
def started(sandbox: Sandbox, directory: Path) -> Generator[subprocess.Popen[bytes]]:
    """The bot as an operator starts it; killed at the end if it still runs."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "SLACK_API_URL": sandbox.url,
        "SLACK_BOT_TOKEN": sandbox.bot_token,
        "SLACK_APP_TOKEN": sandbox.app_token,
        **environment_of(directory / "threatmodel.db"),
    }
    command = [sys.executable, "-m", "bot", "serve"]
    with ForkedPopen(command, cwd=ROOT, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


class InterruptedClient(SocketModeClient):
    """Client whose receiving thread begins between the two steps by which `connect` changes the session."""

    receiving = threading.Event()
    _state: ConnectionState

    @property
    def current_session_state(self) -> ConnectionState:
        """The state; the next one is noted once the thread receives from the new session."""
        return self._state

    @current_session_state.setter
    def current_session_state(self, value: ConnectionState) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]  to be told when it is replaced
        if self.current_session is not None:
            assert self.receiving.wait(60)
        self._state = value


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[SlackTeam]:
    """A bot that receives from its session before the SDK has noted the state of that session."""
    monkeypatch.setattr("slack_bolt.adapter.socket_mode.builtin.SocketModeClient", InterruptedClient)
    monkeypatch.setattr(InterruptedClient, "receiving", threading.Event())
    receive = Connection.run_until_completion

    def tell(session: Connection, state: ConnectionState) -> None:
        InterruptedClient.receiving.set()
        receive(session, state)

    monkeypatch.setattr(Connection, "run_until_completion", tell)
    with run_bot(tmp_path / "threatmodel.db") as running:
        yield running


def test_it_stops(team: SlackTeam) -> None:
    stopping = threading.Thread(target=team.bot.stop, daemon=True)
    stopping.start()
    stopping.join(30)
    assert not stopping.is_alive()


def test_it_receives_from_the_session_after_one_that_was_lost(team: SlackTeam) -> None:
    opened = len(team.sandbox.calls_of("apps.connections.open"))
    team.sandbox.drop_connections()
    link = team.bot._link  # pyright: ignore[reportPrivateUsage]  its round comes every five seconds only
    assert link is not None
    team.wait(lambda: link.renew_if_deaf() or len(team.sandbox.calls_of("apps.connections.open")) > opened)
    team.wait(lambda: not team.bot.readiness_problem())
    with waiting_for_acks(team.sandbox, 2.0):  # the sandbox may still send to the lost one
        team.wait(lambda: team.command("ben", "/threatmodel help").acked)


class Hesitant(logging.Logger):
    """Holds the receiving thread where it has found the session open and has not begun to receive."""

    client: SocketModeClient
    began = threading.Event()
    told_to_end = threading.Event()

    @override
    def info(self, msg: object, *args: object, **more: object) -> None:
        if str(msg).startswith("Starting to receive"):
            self.began.set()
            self.told_to_end.wait()


class Told:
    """The state of a session that says when it was told to end."""

    def __init__(self, heard: threading.Event) -> None:
        self._heard = heard
        self._terminated = False

    @property
    def terminated(self) -> bool:
        return self._terminated

    @terminated.setter
    def terminated(self, value: bool) -> None:
        self._terminated = value
        if value:
            self._heard.set()


def test_it_closes_though_the_receiving_thread_takes_back_the_word_to_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logger = Hesitant("hesitant")
    with Sandbox(manifest=build_manifest("socket")).start() as sandbox:
        monkeypatch.setattr(
            "slack_sdk.socket_mode.builtin.client.ConnectionState", lambda: Told(logger.told_to_end)
        )
        client = SocketModeClient(
            app_token=sandbox.app_token, web_client=WebClient(base_url=sandbox.url), logger=logger
        )
        first = client.current_session_state
        client.connect()
        assert isinstance(first, Told)
        logger.told_to_end.clear()  # `connect` ends the state of the session before
        assert logger.began.wait(30)
        closing = threading.Thread(target=close_client, args=(client,), daemon=True)
        closing.start()
        closing.join(30)
        assert not closing.is_alive()
        assert not client.current_session_runner.is_alive()
