"""A bot in a workspace, over Socket Mode, and once over each way of meeting Slack."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.slack.slack_team import SlackTeam, Transport, run_bot
from tests.slack.transports import transports


@pytest.fixture
def team(tmp_path: Path) -> Generator[SlackTeam]:
    """A bot over Socket Mode."""
    with run_bot(tmp_path / "threatmodel.db") as running:
        yield running


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the transports of a test that may be played over either."""
    own = any("transport" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "transport" in metafunc.fixturenames and not own:
        metafunc.parametrize("transport", transports(metafunc), indirect=True)


@pytest.fixture
def transport(request: pytest.FixtureRequest) -> Transport:
    """Each way of meeting Slack."""
    return request.param


@pytest.fixture
def either_way(tmp_path: Path, transport: Transport) -> Generator[SlackTeam]:
    """A bot over one of the transports."""
    with run_bot(tmp_path / "threatmodel.db", transport=transport) as running:
        yield running
