"""The bot receives from each session, also from one that is there before the SDK has noted its state."""

import threading
from collections.abc import Generator
from pathlib import Path

import pytest
from slack_sdk.socket_mode.builtin.client import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection, ConnectionState

from tests.slack.slack_team import SlackTeam, run_bot
from tests.waiting import waiting_for_acks


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
