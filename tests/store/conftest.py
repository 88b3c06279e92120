"""A store in a new file, and the handful of things the tests put into it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import SqliteStore, open_store


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/threatmodel.db"


@pytest.fixture
def store(url: str) -> Iterator[SqliteStore]:
    store = open_store(url)
    yield store
    store.close()
