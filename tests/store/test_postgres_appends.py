"""An append to PostgreSQL is one round trip, and is made again where the connection was lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from bot.store.postgres.postgres_store import PostgresStore, open_postgres
from bot.store.records import StreamState
from bot.store.work_queue import Item, Overtaken, Touch
from tests.emptied_database import KEY, empty_database
from tests.postgres_server import database
from tests.queue_rows import claim_one, take_over
from tests.store.saying import HOUSE, NOON, TENANT, asset, say, started, versions


@pytest.fixture
def url() -> str:
    return empty_database()


@pytest.fixture
def store(url: str) -> Iterator[PostgresStore]:
    store = open_postgres(url, key=KEY)
    yield store
    store.close()


@pytest.fixture
def trips(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    say(store, started())
    done: list[str] = []
    together: list[str] = []
    execute, pipeline = psycopg.Connection.execute, psycopg.Connection.pipeline

    def recorded(connection: object, query: str, *parameters: object, **options: object) -> object:
        (together or done).append(query.split()[0])
        return execute(connection, query, *parameters, **options)  # pyright: ignore[reportCallIssue,reportArgumentType,reportUnknownVariableType]  passed on

    @contextmanager
    def recorded_together(connection: psycopg.Connection[Any]) -> Iterator[object]:
        together.append("together:")
        with pipeline(connection) as sent:
            yield sent
        done.append(" ".join(together))
        del together[:]

    monkeypatch.setattr(psycopg.Connection, "execute", recorded)
    monkeypatch.setattr(psycopg.Connection, "pipeline", recorded_together)
    return done


def test_an_append_is_one_round_trip(store: PostgresStore, trips: list[str]) -> None:
    say(store, asset("Letters"), expected=1)

    assert trips == ["SELECT"]


def test_what_is_done_for_each_message_is_one_round_trip_each(store: PostgresStore, trips: list[str]) -> None:
    cards = [Touch(item=Item(TENANT, "card", model)) for model in ("TM-1", "TM-2")]
    claim_one(store.work, TENANT, NOON)  # the session of this process begins
    del trips[:]
    store.work.touch(*cards)
    claim = claim_one(store.work, TENANT, NOON)
    assert claim is not None
    store.work.settle(claim, pause=1.0)

    assert trips == ["INSERT", "WITH", "WITH"]


def test_a_change_of_claimed_work_checks_the_claim_without_a_round_trip_of_its_own(
    store: PostgresStore, trips: list[str]
) -> None:
    card, unit = Touch(item=Item(TENANT, "card", "TM-1")), store.unit(TENANT)
    store.work.touch(card)
    claim = claim_one(store.work, TENANT, NOON)
    del trips[:]
    assert claim is not None
    with store.work.guarding(claim):
        store.work.touch(card)
        unit.projections.save("changes", HOUSE, StreamState(version=1, erasures=0))

    assert trips == ["INSERT", "together: BEGIN SELECT INSERT COMMIT"]


def test_what_is_done_within_a_durable_change_waits_for_the_disk_with_it(store: PostgresStore) -> None:
    modes: list[str] = []
    for durable in (True, False):
        with store.database.writing(durable=durable) as connection:
            store.work.touch(Touch(item=Item(TENANT, "card", "TM-1")))
            modes += connection.execute("SHOW synchronous_commit").fetchone() or ()

    assert modes == ["on", "off"]


def test_what_follows_work_that_did_not_wait_for_the_disk_waits_for_it(store: PostgresStore) -> None:
    store.work.touch(Touch(item=Item(TENANT, "card", "TM-1")))
    claim = claim_one(store.work, TENANT, NOON)
    assert claim is not None
    store.work.settle(claim)

    assert store.database.current().execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_an_append_within_a_change_is_part_of_it(store: PostgresStore, trips: list[str]) -> None:
    with store.exclusively(TENANT):
        say(store, asset("Letters"), expected=1)

    assert trips == ["together: BEGIN SELECT", "SELECT", "COMMIT"], (
        "the workspace is locked where the change begins"
    )


def test_an_append_of_work_that_was_taken_over_is_refused(store: PostgresStore) -> None:
    say(store, started())
    store.work.touch(Touch(item=Item(TENANT, "card", "TM-1")))
    claim = claim_one(store.work, TENANT, NOON, only=["card"])
    assert claim is not None
    take_over(store.work, claim)
    with store.work.guarding(claim), pytest.raises(Overtaken):
        say(store, asset("Letters"), expected=1)
    assert versions(store) == [1]


def test_an_append_through_an_ended_connection_is_made_through_another(
    store: PostgresStore, url: str
) -> None:
    say(store, started())
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("""
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
        """)

    appended = say(store, asset("Letters"), expected=1)

    assert (appended.stream, appended.version, appended.repeated) == (HOUSE, 2, False)


def test_a_database_with_views_of_an_extension_is_free() -> None:
    with database() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")
        store = open_postgres(url, key=KEY)
        store.check_writable()
        store.close()
