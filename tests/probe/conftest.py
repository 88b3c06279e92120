"""A workspace to be asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.probe.probe_workspace import ProbeWorkspace, open_probe_workspace


@pytest.fixture
def place(tmp_path: Path) -> Iterator[ProbeWorkspace]:
    """A workspace with the bot's own manifest."""
    with open_probe_workspace(tmp_path) as started:
        yield started
