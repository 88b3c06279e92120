"""A bot in a workspace, over Socket Mode, and once over each way of meeting Slack."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.slack.crew import House, Transport, house


@pytest.fixture
def there(tmp_path: Path) -> Generator[House]:
    """A bot over Socket Mode."""
    with house(tmp_path / "threatmodel.db") as running:
        yield running


@pytest.fixture(params=["socket", "http"])
def transport(request: pytest.FixtureRequest) -> Transport:
    """Each way of meeting Slack."""
    return request.param


@pytest.fixture
def either_way(tmp_path: Path, transport: Transport) -> Generator[House]:
    """A bot over Socket Mode, and once more over signed HTTP."""
    with house(tmp_path / "threatmodel.db", transport=transport) as running:
        yield running
