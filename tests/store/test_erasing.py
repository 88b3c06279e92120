"""Erasing: the words are gone, the chain is whole, nothing else changes."""

import sqlite3
from pathlib import Path

import pytest

from bot.commands.command_handler import CommandHandler, NoSuchModel
from bot.store import CommandKey, SqliteStore, StreamId, Verified
from bot.store.records import Snapshot
from domain.events import Erased
from tests.store.saying import HOUSE, TENANT, asset, plainly, said, say, started


@pytest.fixture
def path(store: SqliteStore) -> Path:
    say(store, started(), key="start")
    say(store, asset("Grandmother's ring"), asset("Papers", number=2), expected=1, key="U1 said so")
    say(store, asset("Photos", number=3), expected=3, key="later")
    return store.database.path


def test_erased_words_are_gone_and_the_chain_is_whole(store: SqliteStore, path: Path) -> None:
    assert store.erase(HOUSE, [2]) == 1

    assert said(store) == [started(), Erased(), asset("Papers", number=2), asset("Photos", number=3)]
    sound = store.verify()
    assert isinstance(sound, Verified)
    assert (sound.events, sound.erased) == (4, 1)
    assert store.erase(HOUSE, [2]) == 0


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


def test_the_keys_of_what_was_erased_are_forgotten_and_no_others(store: SqliteStore, path: Path) -> None:
    store.erase(HOUSE, [3])

    assert store.answered(TENANT, CommandKey("U1 said so"), b"U1 said so") is None
    assert store.answered(TENANT, CommandKey("start"), b"start") is not None
    assert store.answered(TENANT, CommandKey("later"), b"later") is not None


def test_snapshots_made_before_are_gone_and_none_comes_back(store: SqliteStore, path: Path) -> None:
    early = Snapshot(version=2, fold="f", data=b"Grandmother's ring", erasures=0)
    store.save_snapshot(HOUSE, early)
    assert store.snapshot(HOUSE, fold="f") == early
    store.erase(HOUSE, [2])
    store.save_snapshot(HOUSE, early)

    assert store.snapshot(HOUSE, fold="f") is None


def test_a_whole_stream_is_listed_no_more(store: SqliteStore, path: Path) -> None:
    say(store, started("TM-2"), stream=StreamId("T1/TM-2"))

    assert store.erase_stream(HOUSE) == 4

    assert [one.key for one in store.streams()] == ["TM-2"]
    with pytest.raises(NoSuchModel, match="no threat model TM-1"):
        CommandHandler(store).model(HOUSE)
    assert said(store, StreamId("T1/TM-2")) == [started("TM-2")]
    assert store.erase_stream(StreamId("T1/TM-9")) == 0


def test_after_erasing_the_record_goes_on(store: SqliteStore, path: Path) -> None:
    store.erase_stream(HOUSE)
    say(store, asset("Keys", number=4), expected=4, summary=None)

    assert said(store)[-1] == asset("Keys", number=4)
    assert isinstance(store.verify(), Verified)


def test_a_flipped_digest_is_found_though_the_words_are_erased(store: SqliteStore, path: Path) -> None:
    store.erase(HOUSE, [2])
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER events_are_only_erased")
        connection.execute("UPDATE events SET digest = zeroblob(32) WHERE version = 2")
    connection.close()

    assert not isinstance(store.verify(), Verified)
