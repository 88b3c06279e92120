"""A sandbox with a small bot in it, over both transports."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from bot.sandbox.api import Sandbox, Transport
from tests.sandbox.small_bot import MANIFEST, SmallBot, small_bot
from tests.waiting import PATIENCE, patient_sandbox


@pytest.fixture(autouse=True)
def in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events in their order, also where a busy machine takes long for one of them."""
    monkeypatch.setattr("bot.sandbox.payload_delivery.payload_sender.LONGEST_TURN", PATIENCE)


@pytest.fixture(params=["socket", "http"])
def transport(request: pytest.FixtureRequest) -> Transport:
    """How payloads reach the bot."""
    return request.param


@pytest.fixture
def sandbox(transport: Transport) -> Iterator[Sandbox]:
    """A workspace that repeats events soon."""
    with patient_sandbox(manifest=MANIFEST, delivery=transport, event_retries=(0.0, 0.1, 0.2)) as started:
        yield started


@pytest.fixture
def bot(sandbox: Sandbox) -> Iterator[SmallBot]:
    """The small bot, connected."""
    with small_bot(sandbox) as connected:
        yield connected


@pytest.fixture
def quiet() -> Iterator[Sandbox]:
    """A workspace without a bot, for the Web API alone."""
    with patient_sandbox(manifest=MANIFEST) as started:
        yield started


@pytest.fixture
def workspace() -> Iterator[Sandbox]:
    """A workspace that grants every scope and delivers every event, and no one who acknowledges."""
    with Sandbox(event_retries=(), ack_seconds=0.1).start() as started:
        yield started


@pytest.fixture
def client(workspace: Sandbox) -> WebClient:
    """A client with the bot's token."""
    return WebClient(token=workspace.bot_token, base_url=workspace.url)
