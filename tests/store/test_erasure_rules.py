"""Every table says what it holds of people's words, and forgets it when a model is erased."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey, SqliteStore, StreamId, open_store
from bot.store.records import summary_of
from bot.store.sql.erasure_rules import ERASURE_RULES as HOLDINGS
from domain.commands import AddAsset, ReviseScope, StartThreatModel
from domain.kernel.elements import ChannelId
from tests.examples import ANA, at
from tests.store.saying import HOUSE, asset, plainly, say, started

LIBRARY = {"_sqlite_migrations", "sqlite_sequence"}
"""Tables of SQLite and sqlite-utils themselves."""

MARKER = "a grandmother's ring"
ERASED = sorted(name for name, one in HOLDINGS.items() if one.forget or one.forget_all)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = open_store(f"sqlite:///{tmp_path}/threatmodel.db")
    say(store, started(), asset("Valuables"))
    yield store
    store.close()


def tables(store: SqliteStore) -> set[str]:
    return {
        name
        for (name,) in plainly(store.database.path, "SELECT name FROM sqlite_schema WHERE type = 'table'")
    }


def holds(store: SqliteStore, words: str) -> list[str]:
    """The files that hold some words."""
    files = sorted(store.database.path.parent.iterdir())
    return [file.name for file in files if words.encode() in file.read_bytes()]


def test_every_table_says_what_it_holds(store: SqliteStore) -> None:
    for table in sorted(tables(store) - LIBRARY):
        assert table in HOLDINGS, f"say in bot/store/sql/erasure_rules.py what {table} holds"
    assert set(HOLDINGS) <= tables(store), "a table that is declared is not there"


@pytest.mark.parametrize("table", sorted(HOLDINGS))
def test_a_table_that_holds_words_says_how_they_go(table: str) -> None:
    one = HOLDINGS[table]

    assert bool(one.what) == bool(one.forget or one.forget_all or one.by_itself)


def plant(connection: sqlite3.Connection, table: str) -> None:
    """A row about the model, with the marker wherever there is room for words."""
    known = {"tenant": "T1", "stream": HOUSE, "channel": "C1", "home": "TM-1", "version": 0, "first": 1}
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    values = [
        known.get(name, 1 if kind in ("INTEGER", "REAL") else MARKER.encode() if kind == "BLOB" else MARKER)
        for _, name, kind, *_ in columns
    ]
    connection.execute(f"DELETE FROM {table} WHERE {columns[0][1]} = ?", (values[0],))
    connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)


@pytest.mark.parametrize("table", ERASED)
def test_what_a_table_holds_of_a_model_goes_with_it(store: SqliteStore, table: str) -> None:
    with store.database.writing() as connection:
        plant(connection, table)
    assert holds(store, MARKER)

    store.erase_stream(HOUSE)

    assert holds(store, MARKER) == []


@pytest.mark.parametrize("table", sorted(name for name in ERASED if HOLDINGS[name].forget))
def test_what_a_table_holds_of_an_entry_goes_with_it(store: SqliteStore, table: str) -> None:
    with store.database.writing() as connection:
        plant(connection, table)

    store.erase(HOUSE, [2])

    assert holds(store, MARKER) == []


def waits(store: SqliteStore, key: str, channel: str, body: str) -> None:
    with store.database.writing() as connection:
        row = ("T1", key, channel, "U1", "slash", body, "2026-11-24")
        connection.execute("INSERT INTO pending_requests VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def test_requests_about_other_models_go_on_waiting(store: SqliteStore) -> None:
    say(store, started("TM-10"), stream=StreamId("T1/TM-10"))
    waits(store, "of it", "C9", '{"value": "TM-1"}')
    waits(store, "of another", "C9", '{"value": "TM-10"}')
    waits(store, "of either", "C1", "{}")

    store.erase_stream(HOUSE)

    left = plainly(store.database.path, "SELECT key FROM pending_requests ORDER BY key")
    assert [key for (key,) in left] == ["of another", "of either"]


def test_a_name_that_an_erased_entry_gave_goes_from_the_list(store: SqliteStore) -> None:
    command_handler = CommandHandler(store)
    start = StartThreatModel(by=ANA, at=at(0), name="Shop", channel=ChannelId("C1"))
    shop = command_handler.start(start, tenant="T1", key=CommandKey("shop")).stream
    renamed = command_handler.execute(
        ReviseScope(by=ANA, at=at(1), name=MARKER), stream=shop, key=CommandKey("renamed")
    )
    command_handler.execute(AddAsset(by=ANA, at=at(2), name="Papers"), stream=shop, key=CommandKey("papers"))

    store.erase(shop, [renamed.version])

    assert [stream.name for stream in store.streams() if stream.stream == shop] == ["Shop"]
    assert holds(store, MARKER) == []
    assert store.verify().__class__.__name__ == "Verified"


def test_a_command_that_changed_nothing_is_forgotten_too(store: SqliteStore) -> None:
    model = CommandHandler(store).model(HOUSE)
    say(store, expected=2, key=MARKER, summary=summary_of(model))
    assert holds(store, MARKER)

    store.erase_stream(HOUSE)

    assert holds(store, MARKER) == []
    assert store.answered("T1", CommandKey(MARKER), MARKER.encode()) is None
