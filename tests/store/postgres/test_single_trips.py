"""A change of a workspace is one round trip: a transaction whose locks do not wait for its sender."""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from bot.store import StoreUnavailable
from bot.store.postgres.connection_pool import FRESH_SECONDS
from bot.store.postgres.postgres_store import PostgresStore
from bot.store.work_queue import Claim, Item, Overtaken, Touch
from tests.queue_rows import claim_one, take_over
from tests.waiting import wait_until

TENANT = "T1"
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
SAVE = "INSERT INTO lanes (tenant, lane, not_before) VALUES ($1, $2, $3)"
HOSTILE = (
    "O'Brien''s",
    "back\\slash\\'",
    "100 % of %s and %(tenant)s",
    "$1 $1 :name",
    "'; DROP TABLE lanes; --",
    "E'\\x41' $$ $a$",
    "\N{PILE OF POO}\n\t\u202e",
)


def change(
    store: PostgresStore, sql: str, rows: Sequence[tuple[object, ...]], *, durable: bool = True
) -> int:
    return store.database.change_rows(TENANT, sql, rows, durable=durable)


def lanes(store: PostgresStore) -> list[Any]:
    return store.database.current().execute("SELECT lane, not_before FROM lanes ORDER BY lane").fetchall()


def claimed(store: PostgresStore) -> Claim:
    store.work.touch(Touch(item=Item(TENANT, "card", "TM-1")))
    claim = claim_one(store.work, TENANT, NOON)
    assert claim is not None
    return claim


def test_hostile_text_is_kept_as_it_is(store: PostgresStore) -> None:
    for text in HOSTILE:
        assert change(store, SAVE, [(TENANT, text, -1.5)]) == 1
    assert {lane for lane, _ in lanes(store)} == set(HOSTILE)
    keep = (
        "INSERT INTO open_forms (tenant, token, stream, version, shown, at) VALUES ($1, $2, $3, $4, $5, $6)"
    )
    shown = bytes(range(256))
    change(store, keep, [(TENANT, "a\0b", "T1/TM-1", -7, shown, "2027-03-01")])
    row = store.database.current().execute("SELECT token, version, shown FROM open_forms").fetchone()
    assert row == ("a\N{REPLACEMENT CHARACTER}b", -7, shown)


def test_every_value_is_kept_whatever_its_type_and_size(store: PostgresStore) -> None:
    draft = """
        INSERT INTO pending_imports (tenant, digest, events, preview, channel, person, at)
        VALUES ($1, $2, $3, $4, '', '', '')
    """
    texts = ("", "\ue000\U0010ffff", "\u00e4" * 1_000_000)
    contents = (b"", b"\0'\\x41", bytes(1_000_000))
    for digest, row in enumerate(zip(texts, contents, strict=True)):
        assert change(store, draft, [(TENANT, str(digest), *row)]) == 1
    kept = store.database.current().execute("SELECT events, preview FROM pending_imports ORDER BY digest")
    assert kept.fetchall() == list(zip(texts, contents, strict=True))
    flag = "INSERT INTO counters (tenant, number) VALUES ($1, $2)"
    numbers = {"T0": 0, "T1": True, "T2": -(2**31)}
    for tenant, number in numbers.items():
        change(store, flag, [(tenant, number)])
    assert dict(store.database.current().execute("SELECT * FROM counters").fetchall()) == numbers
    moments = (0.1, -1e300, math.inf, -math.inf, 7, -7, 2**62)
    for moment in moments:
        change(store, SAVE, [(TENANT, str(moment), moment)])
    assert dict(lanes(store)) == {str(one): one for one in moments}
    columns = "tenant, stream, version, name, started_at, updated_at"
    name = f"INSERT INTO streams ({columns}) VALUES ($1, $2, 1, $3, '', '')"
    change(store, name, [(TENANT, "T1/TM-1", None), (TENANT, "T1/TM-2", "House")])
    names = store.database.current().execute("SELECT name FROM streams ORDER BY stream").fetchall()
    assert names == [(None,), ("House",)]


def test_placeholders_are_numbered_repeated_and_quoted_as_everywhere(store: PostgresStore) -> None:
    swapped = """
        INSERT INTO lanes (not_before, lane, tenant)
        SELECT $3, $2 || '$1 $2 %s %' || $2, $1 WHERE $2 LIKE '%'
    """
    change(store, swapped, [(TENANT, "C1", 1.0)])
    assert lanes(store) == [("C1$1 $2 %s %C1", 1.0)]


def test_a_value_that_is_refused_leaves_the_connection_usable(store: PostgresStore, url: str) -> None:
    change(store, SAVE, [(TENANT, "C0", 0.0)])
    refused: list[tuple[type[Exception], object]] = [
        (UnicodeEncodeError, "\ud800"),
        (psycopg.errors.UniqueViolation, "C0"),
        (psycopg.ProgrammingError, object()),
    ]
    with store.database.borrowed() as raw:
        before = raw.info.backend_pid
    for number, (error, value) in enumerate(refused, 1):
        with pytest.raises(error):
            change(store, SAVE, [(TENANT, f"C{number}", 1.0), (TENANT, value, 1.0)])
        with store.database.borrowed() as raw:
            assert raw.info.backend_pid == before, error
        assert [lane for lane, _ in lanes(store)] == ["C0"]
    change(store, SAVE, [(TENANT, "C1", 1.0)])
    assert len(lanes(store)) == 2


def test_values_are_not_a_part_of_the_statement_which_others_may_see(store: PostgresStore, url: str) -> None:
    seen = "SELECT string_agg(query, ' ') FROM pg_stat_activity WHERE datname = current_database()"
    with psycopg.connect(url, autocommit=True) as administrator:
        for shown in ("a secret", "a secret"):
            with pytest.raises(psycopg.errors.UniqueViolation):
                change(store, SAVE, [(TENANT, shown, 1.0), (TENANT, shown, 1.0)])
            assert "secret" not in str(administrator.execute(seen).fetchone())
        change(store, SAVE, [(TENANT, "a secret", 1.0)])
        queries = str(administrator.execute(seen).fetchone())
        assert "COMMIT" in queries
        assert "secret" not in queries


def test_statements_that_the_server_forgot_are_prepared_again(store: PostgresStore) -> None:
    for number in range(20):
        change(store, SAVE, [(TENANT, f"C{number}", 1.0)])
        with store.database.borrowed() as raw:
            raw.pgconn.exec_(b"DEALLOCATE ALL")  # unseen by the library
    assert len(lanes(store)) == 20


def test_a_change_sees_what_was_committed_while_it_waited_for_its_workspace(
    store: PostgresStore, url: str
) -> None:
    waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objsubid = 1"
    drop = "DELETE FROM lanes WHERE tenant = $1"
    with psycopg.connect(url) as other, psycopg.connect(url, autocommit=True) as watcher:
        other.execute("SELECT lock_workspace(%s)", (TENANT,))
        other.execute("INSERT INTO lanes VALUES (%s, 'C1', 1.0)", (TENANT,))
        with ThreadPoolExecutor(1) as thread:
            dropped = thread.submit(change, store, drop, [(TENANT,)])
            wait_until(lambda: watcher.execute(waits).fetchone() != (0,))
            other.commit()
            assert dropped.result() == 1
    assert lanes(store) == []


@pytest.mark.parametrize("number", [2, 50])
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
        SELECT $1, current_setting('synchronous_commit'), count(*) FROM pg_locks
        WHERE locktype = 'advisory' AND pid = pg_backend_pid()
    """
    for durable in (True, False):
        change(store, note, [(TENANT,)], durable=durable)
    assert lanes(store) == [("off", 1.0), ("on", 1.0)]
    assert store.database.current().execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_the_number_of_changed_rows_is_returned(store: PostgresStore) -> None:
    change(store, SAVE, [(TENANT, "C1", 1.0), (TENANT, "C2", 2.0)])
    drop = "DELETE FROM lanes WHERE tenant = $1 AND not_before > $2"
    assert [change(store, drop, [(TENANT, least)]) for least in (3.0, 0.0)] == [0, 2]
    assert change(store, drop, []) == 0


def test_work_that_was_taken_over_changes_nothing(store: PostgresStore) -> None:
    claim = claimed(store)
    taken = take_over(store.work, claim)
    with store.work.guarding(claim), pytest.raises(Overtaken):
        change(store, SAVE, [(TENANT, "C1", 1.0)])
    assert lanes(store) == []
    with store.work.guarding(taken):
        change(store, SAVE, [(TENANT, "C1", 1.0)])
    assert len(lanes(store)) == 1


def test_a_change_whose_connection_is_lost_is_not_repeated(
    store: PostgresStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end_all() -> None:
        with psycopg.connect(url) as administrator:
            administrator.execute(
                "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    with store.database.borrowed():
        assert lanes(store) == [], "by another connection"
    end_all()
    with pytest.raises(StoreUnavailable, match="ended the connection"):
        change(store, SAVE, [(TENANT, "C1", 1.0)])
    change(store, SAVE, [(TENANT, "C2", 1.0)])
    end_all()
    with pytest.raises(StoreUnavailable, match="ended the connection"):
        change(store, SAVE, [(TENANT, "C" * 1_000_000, 1.0), (TENANT, "C1", 1.0)])
    change(store, "DELETE FROM lanes WHERE tenant = $1 AND lane = $2", [(TENANT, "C1")])
    end_all()
    monkeypatch.setattr("bot.store.postgres.connection_pool.FRESH_SECONDS", -FRESH_SECONDS)
    change(store, SAVE, [(TENANT, "C3", 1.0)])
    assert [lane for lane, _ in lanes(store)] == ["C2", "C3"], "an idle connection is examined before"
