"""Erased words are gone from the file and its log, or it is said that they are not yet."""

import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.store import SqliteStore, Verified, open_store
from bot.store.sql import erasing
from bot.store.sqlite import connections
from tests.depth import deep_only
from tests.store.crew import let_go, worker
from tests.store.saying import HOUSE, asset, plainly, say, started

RING = "Grandmother's ring"


@pytest.fixture
def path(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(erasing, "ERASING_TIMEOUT_SECONDS", 0.1)
    say(store, started(), asset(RING))
    return store.database.path


def holders(path: Path) -> list[str]:
    """The files that hold the words."""
    return [one.name for one in sorted(path.parent.iterdir()) if RING.encode() in one.read_bytes()]


@contextmanager
def reading(path: Path) -> Generator[sqlite3.Connection]:
    """Another program has the file open and reads from it, as a backup tool does."""
    reader = sqlite3.connect(path, isolation_level=None)
    try:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        yield reader
    finally:
        reader.close()


def test_without_a_reader_erased_text_is_gone(store: SqliteStore, path: Path) -> None:
    store.erase(HOUSE, [2])

    assert store.erasing_is_finished()
    assert holders(path) == []


def test_while_someone_reads_they_are_not_yet_gone_and_that_is_said(store: SqliteStore, path: Path) -> None:
    with reading(path):
        store.erase_stream(HOUSE)

        assert not store.erasing_is_finished()
        assert holders(path)
        assert not store.finish_erasing(0)
    assert store.finish_erasing(0)

    assert store.erasing_is_finished()
    assert holders(path) == []
    assert isinstance(store.verify(), Verified)


def ending(reader: sqlite3.Connection) -> Callable[[float], None]:
    """In place of waiting, the reader ends."""

    def end(seconds: float) -> None:
        if reader.in_transaction:
            reader.execute("ROLLBACK")

    return end


def test_a_reader_who_ends_in_time_is_waited_for(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reading(path) as reader:
        monkeypatch.setattr(erasing, "ERASING_TIMEOUT_SECONDS", 30.0)
        monkeypatch.setattr(connections.time, "sleep", ending(reader))

        store.erase(HOUSE, [2])

        assert store.erasing_is_finished()
        assert holders(path) == []


def test_the_next_opening_goes_on(store: SqliteStore, path: Path) -> None:
    with reading(path):
        store.erase(HOUSE, [2])
        assert not store.erasing_is_finished()
        store.close()
        again = open_store(f"sqlite:///{path}")
        assert not again.erasing_is_finished()
        again.close()
    again = open_store(f"sqlite:///{path}")

    assert again.erasing_is_finished()
    assert holders(path) == []
    again.close()


@deep_only
def test_while_the_file_is_written_to_they_go_all_the_same(store: SqliteStore, path: Path) -> None:
    busy = worker("answer", f"sqlite:///{path}", "busy", "400")
    let_go(busy)
    deadline = time.monotonic() + 60
    while len(plainly(path, "SELECT 1 FROM events")) < 20:
        assert time.monotonic() < deadline

    store.erase(HOUSE, [2])
    finished = store.finish_erasing(60)

    assert finished
    assert holders(path) == []
    busy.communicate(timeout=120)
    assert isinstance(store.verify(), Verified)


def test_erasing_twice_at_once_finishes_both(store: SqliteStore, path: Path) -> None:
    """Whoever finishes the first does not take away the note of the second."""
    say(store, asset(f"{RING} again", number=2), expected=2)
    with reading(path):
        store.erase(HOUSE, [2])
        (before,) = plainly(path, "SELECT since FROM pending_erasures WHERE what = 'log'")
        store.erase(HOUSE, [3])
        (after,) = plainly(path, "SELECT since FROM pending_erasures WHERE what = 'log'")
    assert before != after
    assert store.finish_erasing(0)

    assert holders(path) == []


def test_words_are_overwritten_where_they_stood(store: SqliteStore) -> None:
    assert store.database.current().execute("PRAGMA secure_delete").fetchone() == (1,)
    other = store.database.open()
    assert other.execute("PRAGMA secure_delete").fetchone() == (1,)
    other.close()
