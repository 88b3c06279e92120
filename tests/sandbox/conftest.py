"""A sandbox with a small bot in it, over both transports."""

from collections.abc import Iterator

import pytest

from bot.sandbox.api import Sandbox, Transport
from tests.sandbox.small_bot import MANIFEST, SmallBot, small_bot


@pytest.fixture(params=["socket", "http"])
def transport(request: pytest.FixtureRequest) -> Transport:
    """How payloads reach the bot."""
    return request.param


@pytest.fixture
def sandbox(transport: Transport) -> Iterator[Sandbox]:
    """A workspace that waits half a second for an ack, so that tests of silence are quick."""
    with Sandbox(
        manifest=MANIFEST, delivery=transport, ack_seconds=0.5, event_retries=(0.0, 0.1, 0.2)
    ).start() as started:
        yield started


@pytest.fixture
def bot(sandbox: Sandbox) -> Iterator[SmallBot]:
    """The small bot, connected."""
    with small_bot(sandbox) as connected:
        yield connected


@pytest.fixture
def quiet() -> Iterator[Sandbox]:
    """A workspace without a bot, for the Web API alone."""
    with Sandbox(manifest=MANIFEST).start() as started:
        yield started
