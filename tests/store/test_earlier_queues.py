"""A file from before time-driven work was queued: what is owed stays owed, and nothing is sent again."""

import lzma
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.store import SqliteStore, Verified, open_store

FILE = Path(__file__).parent / "fixtures" / "2026-11-27-work-queue.db.xz"
TENANTS = ("T1", "T2")
DEADLINE = datetime(2026, 3, 4, 9, 5, tzinfo=UTC)


@pytest.fixture
def earlier(tmp_path: Path) -> Iterator[SqliteStore]:
    path = tmp_path / "threatmodel.db"
    path.write_bytes(lzma.decompress(FILE.read_bytes()))
    store = open_store(f"sqlite:///{path}")
    yield store
    store.close()


def test_the_file_verifies(earlier: SqliteStore) -> None:
    found = earlier.verify()

    assert isinstance(found, Verified), found
    assert {one.tenant: one.sequence for one in found.heads} == dict.fromkeys(TENANTS, 20)


@pytest.mark.parametrize("tenant", TENANTS)
def test_an_open_round_is_due_at_its_deadline(earlier: SqliteStore, tenant: str) -> None:
    assert earlier.work.due(tenant, "rounds", DEADLINE.replace(minute=4)) == []
    assert earlier.work.due(tenant, "rounds", DEADLINE) == ["TM-2"]
