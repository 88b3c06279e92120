"""Events are read from a SQLite file as they were written, erased or damaged."""

import pytest

from bot.store import HistoryUnreadable, SqliteStore
from domain.elements import Rating
from domain.events import AssetAdded, Erased
from tests.store.saying import HOUSE, NOON, TENANT, asset, plainly, said, say, started


def test_old_erased_and_new_events_are_folded_in_order(store: SqliteStore) -> None:
    for start in range(0, 600, 200):
        say(store, *(asset("x", number=start + n) for n in range(1, 201)), expected=start)
    store.erase(HOUSE, [300])
    common = '"type":"AssetAdded","by":"U1","at":"2026-11-24T12:00:00Z","answer":1'
    old = f'{{{common},"asset":{{"id":"AS-9","name":"x","rating":"high"}}}}'
    plainly(
        store.database.path,
        f"UPDATE events SET schema = 1, data = '{old}' WHERE version = 555",
        without_triggers=True,
    )

    events = list(store.events(HOUSE))

    assert events == said(store)
    assert len(events) == 600
    assert events[299] == Erased()
    assert isinstance(events[554], AssetAdded)
    assert events[554].asset.integrity is Rating.HIGH
    assert list(store.events(HOUSE, after=553, until=556)) == events[553:556]


def test_a_damaged_event_is_named(store: SqliteStore) -> None:
    say(store, started(), asset("Valuables"))
    plainly(store.database.path, "UPDATE events SET data = '{}' WHERE version = 2", without_triggers=True)

    for read in (store.events, store.read):
        with pytest.raises(
            HistoryUnreadable, match="T1/TM-1, version 2: an event of type AssetAdded is damaged"
        ):
            list(read(HOUSE))


def test_what_is_asked_at_every_tick_is_answered_by_an_index_of_little_more(
    store: SqliteStore,
) -> None:
    nudges = store.unit(TENANT).nudges
    asked: list[str] = []
    connection = store.database.here()
    connection.set_trace_callback(asked.append)
    nudges.to_look_at(NOON)
    nudges.claims()
    connection.set_trace_callback(None)
    plans = [connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()[0][3] for sql in asked]
    assert [plan.partition(" INDEX ")[2].partition(" ")[0] for plan in plans] == [
        "streams_to_look_at",
        "streams_to_look_at",
        "nudges_under_way",
    ]
