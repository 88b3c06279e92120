"""A running bot in a workspace of its own, over both ways of meeting Slack."""

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
def either_way(tmp_path: Path, request: pytest.FixtureRequest) -> Generator[House]:
    """A bot over Socket Mode, and once more over HTTP."""
    transport: Transport = request.param
    with house(tmp_path / "threatmodel.db", transport=transport) as running:
        yield running
