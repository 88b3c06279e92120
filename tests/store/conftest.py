"""A store in a new file, and the handful of things the tests put into it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import SqliteStore, open_store
from tests.fresh_database import copy_fresh_file


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/threatmodel.db"


@pytest.fixture
def store(tmp_path: Path, url: str) -> Iterator[SqliteStore]:
    copy_fresh_file(tmp_path / "threatmodel.db")
    store = open_store(url)
    yield store
    store.close()
