"""Events are read from a SQLite file as they were written, erased or damaged."""

import pytest

from bot.store import HistoryUnreadable, SqliteStore
from domain.events import Erased
from tests.store.saying import HOUSE, NOON, TENANT, asset, plainly, said, say, started


def test_erased_and_other_events_are_folded_in_order(store: SqliteStore) -> None:
    for start in range(0, 600, 200):
        say(store, *(asset("x", number=start + n) for n in range(1, 201)), expected=start)
    store.erase(HOUSE, [300])

    events = list(store.events(HOUSE))

    assert events == said(store)
    assert len(events) == 600
    assert events[299] == Erased()
    assert list(store.events(HOUSE, after=553, until=556)) == events[553:556]


def test_a_damaged_event_is_named(store: SqliteStore) -> None:
    say(store, started(), asset("Valuables"))
    plainly(
        store.database.path,
        "UPDATE events SET data = x'7b7d' WHERE version = 2",
        without_triggers=True,
    )

    for read in (store.events, store.read):
        with pytest.raises(
            HistoryUnreadable, match="T1/TM-1, version 2: an event of type AssetAdded is damaged"
        ):
            list(read(HOUSE))


def test_what_is_asked_again_and_again_is_answered_by_an_index(store: SqliteStore) -> None:
    unit = store.unit(TENANT)
    reminders = unit.reminders
    asked: list[str] = []
    connection = store.database.current()
    connection.set_trace_callback(asked.append)
    store.work.look(NOON)
    store.work.backlog(NOON)
    reminders.attempts("U1")
    reminders.waits_until("U1", NOON)
    unit.deliveries.of_model(HOUSE, "card")
    unit.deliveries.of_kind("card")
    unit.deliveries.in_place("C1")
    unit.deliveries.in_place("C1", "card")
    unit.deliveries.by_attempt("a1")
    connection.set_trace_callback(None)
    plans = [
        [
            row[3]
            for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")
            if " INDEX " in row[3] and "VIRTUAL TABLE" not in row[3]  # a list that was given
        ]
        for sql in asked
    ]
    used = [{step.partition(" INDEX ")[2].partition(" ")[0] for step in plan} for plan in plans]
    assert used == [
        {"work_ripe", "work_claimed", "work_due"},
        {"work_ripe", "work_claimed", "work_due"},
        {"reminders_under_way"},
        {"reminders_waiting"},
        {"deliveries_of_model"},
        {"deliveries_of_kind"},
        {"deliveries_in_place"},
        {"deliveries_in_place"},
        {"deliveries_by_attempt"},
    ]
