"""A running bot in a workspace of its own, over both ways of meeting Slack."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from bot.manifest import build_manifest
from bot.picture import png_renderer
from bot.sandbox.api import Sandbox
from tests.slack.access_harness import AccessHarness, open_access_harness
from tests.slack.oauth_stand_in import OAuthStandIn, slack_of_oauth
from tests.slack.slack_team import SlackTeam, Transport, run_bot
from tests.slack.transports import transports
from tests.waiting import patient_sandbox

SMALL = 0.35
"""Pixels for each unit of a picture."""


@pytest.fixture(autouse=True)
def small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw pictures with a fiftieth of their pixels, which take most of the time of drawing."""
    draw = png_renderer.resvg_py.svg_to_bytes

    def draw_small(*, zoom: float, **settings: Any) -> bytes:
        return draw(zoom=min(zoom, SMALL), **settings)

    monkeypatch.setattr(png_renderer.resvg_py, "svg_to_bytes", draw_small)


@pytest.fixture
def team(tmp_path: Path) -> Generator[SlackTeam]:
    """A bot over Socket Mode."""
    with run_bot(tmp_path / "threatmodel.db") as running:
        yield running


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the transports of a test that may be played over either."""
    if "either_way" in metafunc.fixturenames:
        metafunc.parametrize("either_way", transports(metafunc), indirect=True)


@pytest.fixture
def either_way(tmp_path: Path, request: pytest.FixtureRequest) -> Generator[SlackTeam]:
    """A bot over one of the transports."""
    transport: Transport = request.param
    with run_bot(tmp_path / "threatmodel.db", transport=transport) as running:
        yield running


@pytest.fixture
def harness(tmp_path: Path) -> Generator[AccessHarness]:
    """A bot that is called directly."""
    with open_access_harness(tmp_path / "threatmodel.db") as running:
        yield running


@pytest.fixture
def workspace() -> Generator[Sandbox]:
    """A workspace without a bot."""
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        yield sandbox


@pytest.fixture
def slack() -> Generator[OAuthStandIn]:
    """A stand-in for what Slack answers when workspaces install the app."""
    with slack_of_oauth() as stand_in:
        yield stand_in
