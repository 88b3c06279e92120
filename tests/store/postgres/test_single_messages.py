"""A change of a workspace is one message: a transaction whose locks do not wait for its sender."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from bot.store import StoreUnavailable
from bot.store.postgres.connection_pool import FRESH_SECONDS
from bot.store.postgres.postgres_store import PostgresStore
from bot.store.postgres.single_messages import MOST_ROWS
from bot.store.work_queue import Claim, Item, Overtaken, Touch

TENANT = "T1"
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
SAVE = "INSERT INTO lanes (tenant, lane, not_before) VALUES (?1, ?2, ?3)"
HOSTILE = (
    "O'Brien''s",
    "back\\slash\\'",
    "100 % of %s and %(tenant)s",
    "$1 ?1 :name",
    "'; DROP TABLE lanes; --",
    "E'\\x41' $$ $a$",
    "\N{PILE OF POO}\n\t\u202e",
)


def change(
    store: PostgresStore, sql: str, rows: Sequence[tuple[object, ...]], *, durable: bool = True
) -> int:
    return store.database.change_rows(TENANT, sql, rows, durable=durable, plain=True)


def lanes(store: PostgresStore) -> list[Any]:
    return store.database.current().execute("SELECT lane, not_before FROM lanes ORDER BY lane").fetchall()


def claimed(store: PostgresStore) -> Claim:
    store.work.touch(Touch(item=Item(TENANT, "card", "TM-1")))
    claim = store.work.claim(TENANT, NOON)
    assert claim is not None
    return claim


def test_hostile_text_is_kept_as_it_is(store: PostgresStore) -> None:
    for text in HOSTILE:
        assert change(store, SAVE, [(TENANT, text, -1.5)]) == 1
    assert {lane for lane, _ in lanes(store)} == set(HOSTILE)
    keep = "INSERT INTO slack_opened (tenant, token, stream, version, shown, at) VALUES (?, ?, ?, ?, ?, ?)"
    shown = bytes(range(256))
    change(store, keep, [(TENANT, "a\0b", "T1/TM-1", -7, shown, "2027-03-01")])
    row = store.database.current().execute("SELECT token, version, shown FROM slack_opened").fetchone()
    assert row == ("a\N{REPLACEMENT CHARACTER}b", -7, shown)


@pytest.mark.parametrize("number", [2, MOST_ROWS, MOST_ROWS + 1])
def test_all_rows_are_changed_or_none(store: PostgresStore, number: int) -> None:
    rows = [(TENANT, f"C{one}", float(one)) for one in range(number)]
    with pytest.raises(psycopg.errors.UniqueViolation):
        change(store, SAVE, [*rows[:-1], rows[0]])
    assert lanes(store) == []
    change(store, SAVE, rows)
    assert len(lanes(store)) == number


def test_a_change_locks_its_workspace_and_waits_for_the_disk_if_it_is_durable(store: PostgresStore) -> None:
    note = """
        INSERT INTO lanes (tenant, lane, not_before)
        SELECT ?1, current_setting('synchronous_commit'), count(*) FROM pg_locks
        WHERE locktype = 'advisory' AND pid = pg_backend_pid()
    """
    for durable in (True, False):
        change(store, note, [(TENANT,)], durable=durable)
    assert lanes(store) == [("off", 1.0), ("on", 1.0)]
    assert store.database.current().execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_the_number_of_changed_rows_is_returned(store: PostgresStore) -> None:
    change(store, SAVE, [(TENANT, "C1", 1.0), (TENANT, "C2", 2.0)])
    drop = "DELETE FROM lanes WHERE tenant = ? AND not_before > ?"
    assert [change(store, drop, [(TENANT, least)]) for least in (3.0, 0.0)] == [0, 2]
    assert change(store, drop, []) == 0


def test_work_that_was_taken_over_changes_nothing(store: PostgresStore) -> None:
    claim = claimed(store)
    taken = store.work.renew(claim)
    with store.work.guarding(lambda: claim), pytest.raises(Overtaken):
        change(store, SAVE, [(TENANT, "C1", 1.0)])
    assert lanes(store) == []
    with store.work.guarding(lambda: taken):
        change(store, SAVE, [(TENANT, "C1", 1.0)])
    assert len(lanes(store)) == 1


def test_work_whose_claim_is_renewed_meanwhile_continues(store: PostgresStore) -> None:
    claim = claimed(store)
    taken = store.work.renew(claim)
    known = iter([claim])  # the claim of before at the first look, the renewed one after that
    with store.work.guarding(lambda: next(known, taken)):
        change(store, SAVE, [(TENANT, "C1", 1.0)])
    assert len(lanes(store)) == 1


def test_a_change_whose_connection_is_lost_is_not_repeated(
    store: PostgresStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end_all() -> None:
        with psycopg.connect(url) as administrator:
            administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    assert lanes(store) == []
    end_all()
    with pytest.raises(StoreUnavailable, match="ended the connection"):
        change(store, SAVE, [(TENANT, "C1", 1.0)])
    change(store, SAVE, [(TENANT, "C2", 1.0)])
    end_all()
    monkeypatch.setattr("bot.store.postgres.connection_pool.FRESH_SECONDS", -FRESH_SECONDS)
    change(store, SAVE, [(TENANT, "C3", 1.0)])
    assert [lane for lane, _ in lanes(store)] == ["C2", "C3"], "an idle connection is examined before"


def test_words_and_secrets_are_no_part_of_a_statement(store: PostgresStore) -> None:
    running = """
        INSERT INTO lanes (tenant, lane, not_before)
        SELECT ?1, query, position(?2 IN query) FROM pg_stat_activity WHERE pid = pg_backend_pid()
    """
    store.database.change_rows(TENANT, running, [(TENANT, "tell no one")])
    change(store, running, [(TENANT, "C0123")])
    assert [found > 0 for _, found in lanes(store)] == [False, True]
