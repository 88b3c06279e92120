"""Erasing in a file: the words are in no byte of it, and every other column stays as it was."""

import sqlite3
from pathlib import Path

import pytest

from bot.store import SqliteStore, Verified
from tests.store.saying import HOUSE, asset, plainly, say, started


@pytest.fixture
def path(store: SqliteStore) -> Path:
    say(store, started(), key="start")
    say(store, asset("Grandmother's ring"), asset("Papers", number=2), expected=1, key="U1 said so")
    say(store, asset("Photos", number=3), expected=3, key="later")
    return store.database.path


def test_nothing_of_the_words_is_left_in_any_file(store: SqliteStore, path: Path) -> None:
    def holds(words: bytes) -> bool:
        return any(words in file.read_bytes() for file in path.parent.iterdir())

    assert holds(b"Grandmother's ring")
    store.erase(HOUSE, [2])

    assert not holds(b"Grandmother's ring")
    assert not holds(b"U1 said so")
    assert holds(b"Photos")


def test_every_other_column_stays_as_it_was(store: SqliteStore, path: Path) -> None:
    columns = "position, tenant, sequence, stream, version, type, schema, meta, recorded_at, digest, hash"
    before = plainly(path, f"SELECT {columns} FROM events ORDER BY position")
    store.erase_stream(HOUSE)

    assert plainly(path, f"SELECT {columns} FROM events ORDER BY position") == before
    assert plainly(path, "SELECT DISTINCT salt, data FROM events") == [(None, None)]


def test_a_flipped_digest_is_found_though_the_words_are_erased(store: SqliteStore, path: Path) -> None:
    store.erase(HOUSE, [2])
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER events_are_only_erased")
        connection.execute("UPDATE events SET digest = zeroblob(32) WHERE version = 2")
    connection.close()

    assert not isinstance(store.verify(), Verified)
