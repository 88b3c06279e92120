"""Many threads, processes and ended connections on a server: nothing is lost, doubled or half there."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import psycopg
import pytest

from bot.commands.command_handler import CommandHandler, CommandResult
from bot.store import CommandKey, StoreUnavailable, StreamId, Verified
from bot.store.migrations import POSTGRES, migrations
from bot.store.postgres.postgres_store import PostgresStore, open_postgres
from domain.commands import AddAsset
from domain.events import AssetAdded
from tests.depth import DEEP, count
from tests.emptied_database import KEY
from tests.postgres_server import database
from tests.store.crew import ended, let_go, worker
from tests.store.saying import ANNA, HOUSE, NOON, asset, said, say, started, versions
from tests.store.test_processes import killed_after

T = TypeVar("T")


def at_once(number: int, act: Callable[[int], T]) -> list[T]:
    """Do something in so many threads that begin together; return what each made."""
    together = threading.Barrier(number)

    def run(which: int) -> T:
        together.wait()
        return act(which)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def test_eight_replicas_write_one_model_and_every_version_is_there(store: PostgresStore, url: str) -> None:
    each = count(10, deep=40)
    say(store, started())

    def write(which: int) -> list[int]:
        replica = open_postgres(url, key=KEY, timeout=60.0)
        handler = CommandHandler(replica)
        done = [
            handler.execute(
                AddAsset(by=ANNA, at=NOON, name=f"{which}-{number}"),
                stream=HOUSE,
                key=CommandKey(f"{which} {number}"),
            ).version
            for number in range(each)
        ]
        replica.close()
        return done

    written = at_once(8, write)

    assert sorted(version for one in written for version in one) == list(range(2, 8 * each + 2))
    assert versions(store) == list(range(1, 8 * each + 2))
    assert isinstance(store.verify(), Verified)


def test_one_command_eight_times_at_once_is_one_event(store: PostgresStore, url: str) -> None:
    replicas = [open_postgres(url, key=KEY) for _ in range(8)]
    say(store, started())
    command = AddAsset(by=ANNA, at=NOON, name="Papers")

    for turn in range(count(1, deep=20)):
        command = AddAsset(by=ANNA, at=NOON, name=f"Papers {turn}")

        def click(which: int, command: AddAsset = command) -> CommandResult:
            handler = CommandHandler(replicas[which])
            return handler.execute(command, stream=HOUSE, key=CommandKey(command.name))

        done = at_once(8, click)

        assert sorted(one.repeated for one in done) == [False] + [True] * 7
        assert {one.version for one in done} == {turn + 2}
    assert versions(store) == list(range(1, count(1, deep=20) + 2))
    for replica in replicas:
        replica.close()


def test_what_was_acknowledged_is_recorded_however_connections_end(store: PostgresStore, url: str) -> None:
    """A change whose connection ends may or may not be recorded; its key says which."""
    ends = count(25, deep=1000)
    say(store, started())
    over = threading.Event()
    acknowledged: set[str] = set()
    refused: set[str] = set()
    replicas = [open_postgres(url, key=KEY, timeout=60.0) for _ in range(4)]

    def write(which: int) -> None:
        replica, number = replicas[which], 0
        while not over.is_set():
            number += 1
            word = f"{which}-{number}"
            try:
                with replica.exclusively("T1"):
                    version = len(versions(replica)) if number == 1 else replica.state(HOUSE).version  # pyright: ignore[reportOptionalMemberAccess]  the model was started
                    say(replica, asset(word, number=version), expected=version, key=word)
                acknowledged.add(word)
            except StoreUnavailable:
                refused.add(word)
        replica.close()

    def end_connections(_: int) -> None:
        chance = random.Random(7)
        done = 0
        with psycopg.connect(url, autocommit=True) as connection:
            while done < ends:
                over.wait(chance.uniform(0.0, 0.02))
                row = connection.execute(
                    "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity "
                    "WHERE datname = current_database() AND application_name = 'threatmodel' "
                    "ORDER BY random() LIMIT 1) AS one"
                ).fetchone()
                done += row[0] if row else 0
        over.set()

    at_once(4, lambda which: write(which) if which else end_connections(which))

    names = [one.asset.name for one in said(store) if isinstance(one, AssetAdded)]
    assert len(names) == len(set(names)), "something is doubled"
    assert acknowledged <= set(names), "something acknowledged is lost"
    assert set(names) <= acknowledged | refused, "something came that nobody sent"
    assert acknowledged
    assert isinstance(store.verify(), Verified)


def test_a_reader_by_an_identity_column_would_miss_events(url: str) -> None:
    """Its numbers are given out in another order than their rows become visible."""
    insert, read = "INSERT INTO numbered DEFAULT VALUES", "SELECT id FROM numbered WHERE id > %s"
    with psycopg.connect(url) as slow, psycopg.connect(url, autocommit=True) as quick:
        quick.execute("CREATE TABLE numbered (id bigint GENERATED ALWAYS AS IDENTITY)")
        slow.execute(insert)
        quick.execute(insert)
        assert quick.execute(read, (0,)).fetchall() == [(2,)]
        slow.commit()
        assert quick.execute(read, (2,)).fetchall() == []
        quick.execute("DROP TABLE numbered")


def test_a_reader_of_the_end_misses_no_event(store: PostgresStore, url: str) -> None:
    """In the deep run, a reader by an identity column beside it misses some."""
    each, writers = count(60, deep=5000), 4
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE by_identity (id bigint GENERATED ALWAYS AS IDENTITY, word text)")
    writing = threading.Semaphore(0)

    def write(which: int) -> None:
        chance = random.Random(which)
        replica = open_postgres(url, key=KEY, timeout=60.0)
        try:
            for number in range(each):
                # Half of the workspaces are shared by two writers.
                tenant = f"T{which % 3}"
                with replica.exclusively(tenant) if number % 2 else replica.database.writing() as control:
                    if control is not None:
                        control.execute("INSERT INTO by_identity (word) VALUES ($1)", (f"{which} {number}",))
                        if chance.random() < 0.3:
                            control.execute("SELECT pg_sleep($1)", (0.004,))
                    key = f"{which} {number}"
                    say(replica, started(), stream=stream_of(tenant, which, number), key=key)
        finally:
            replica.close()
            writing.release()

    def read(_: int) -> tuple[dict[str, list[int]], set[int]]:
        seen: dict[str, list[int]] = {f"T{number}": [] for number in range(3)}
        identities: set[int] = set()
        last, left = 0, writers
        while True:
            if ending := left == 0:
                pass
            elif writing.acquire(timeout=0.001):
                left -= 1
            for tenant, sequences in seen.items():
                sequences += [one.sequence for one in store.tail(tenant, len(sequences), 500)]
            rows = store.database.current().execute("SELECT id FROM by_identity WHERE id > $1", (last,))
            new = [number for (number,) in rows.fetchall()]
            identities.update(new)
            last = max((last, *new))
            if ending:
                return seen, identities

    results = at_once(writers + 1, lambda which: write(which) if which < writers else read(which))

    found = results[-1]
    assert found is not None
    seen, identities = found
    for sequences in seen.values():
        assert sequences == list(range(1, len(sequences) + 1))
    assert sum(map(len, seen.values())) == writers * each
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("SELECT count(*) FROM by_identity").fetchone()
        connection.execute("DROP TABLE by_identity")
    assert row is not None
    if DEEP:
        assert row[0] > len(identities), "this test would find nothing"


def stream_of(tenant: str, which: int, number: int) -> StreamId:
    return StreamId(f"{tenant}/W-{which}-{number}")


def test_replicas_that_start_together_migrate_once() -> None:
    together = count(8, deep=48)
    with database() as url:
        at_once(together, lambda _: open_postgres(url, key=KEY).close())

        with psycopg.connect(url) as connection:
            rows = connection.execute("SELECT number, count(*) FROM migrations GROUP BY number").fetchall()
        assert sorted(rows) == [(migration.number, 1) for migration in migrations(POSTGRES)]


def test_a_database_of_another_program_is_left_alone() -> None:
    with database() as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE photos (name text)")

        with pytest.raises(
            StoreUnavailable, match=r"^DATABASE_URL: .* another program\. Create a database of its own$"
        ):
            open_postgres(url, key=KEY)
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        assert row == (1,)


def test_a_key_is_needed_before_anything_is_recorded(url: str) -> None:
    store = open_postgres(url)

    with pytest.raises(StoreUnavailable, match="the same for all replicas"):
        say(store, started())
    assert store.heads() == []
    store.close()


def test_four_processes_answer_the_same_model_and_nothing_is_lost(store: PostgresStore, url: str) -> None:
    say(store, started())
    each = count(20, deep=300)

    lines = ended([worker("answer", url, name, str(each)) for name in "abcd"])

    told = {word: int(version) for word, version in (line.split() for one in lines for line in one)}
    assert len(told) == 4 * each
    recorded = {
        one.event.asset.name: one.version for one in store.read(HOUSE) if isinstance(one.event, AssetAdded)
    }
    assert recorded == told
    assert versions(store) == list(range(1, 4 * each + 2))
    assert isinstance(store.verify(), Verified)


def test_what_was_acknowledged_survives_killing_and_nothing_is_half_there(
    store: PostgresStore, url: str
) -> None:
    chance = random.Random()
    say(store, started())
    acknowledged: set[int] = set()
    tried: set[int] = set()
    for _ in range(count(3, deep=40)):
        process = worker("name", url, str(max(tried, default=0) + 1))
        let_go(process)
        for line in killed_after(process, chance.randint(1, 8), chance.uniform(0.0, 0.02)):
            word, _, number = line.partition(" ")
            if number.isdigit():
                (acknowledged if word == "done" else tried).add(int(number))

    names = [event.asset.name for event in said(store) if isinstance(event, AssetAdded)]
    there = sorted({int(name[:-1]) for name in names})
    assert names == [f"{number}{letter}" for number in there for letter in "abc"], "half of a command"
    assert acknowledged <= set(there), "an acknowledged command is lost"
    assert set(there) <= tried, "a command nobody sent"
    assert isinstance(store.verify(), Verified)
