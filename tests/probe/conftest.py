"""A workspace to be asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.probe.probe_workspace import Workplace, workplace


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    """A workspace with the bot's own manifest."""
    with workplace(tmp_path) as started:
        yield started
