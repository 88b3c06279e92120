"""A server that cannot be used is refused in one line with the repair, and used again when it is back."""

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey, StoreUnavailable, StreamId, Verified
from bot.store.postgres.connecting import place_of
from bot.store.postgres.connection_pool import IDLE_SECONDS, LIFE_SECONDS, ConnectionPool
from bot.store.postgres.database_faults import ConnectionsInUse
from bot.store.postgres.postgres_store import PostgresStore, open_postgres
from bot.store.records import StreamState
from domain.commands import AddAsset
from tests.emptied_database import KEY
from tests.fake_clock import FakeMonotonicClock
from tests.postgres_server import PostgresServer
from tests.queue_rows import claim_one
from tests.store.saying import ANNA, HOUSE, NOON, TENANT, asset, said, say, started, versions

SECRET = "s3cr3t-word"


@pytest.fixture
def lone(stoppable: PostgresServer) -> Iterator[PostgresStore]:
    """A store on a server that the test may stop, with one model."""
    name = f"lone_{next(_numbers)}"
    administer(stoppable, f"CREATE DATABASE {name}")
    store = open_postgres(stoppable.url.format(name), key=KEY)
    say(store, started())
    yield store
    store.close()


_numbers = iter(range(1, 1000))


def administer(server: PostgresServer, *statements: str) -> None:
    with psycopg.connect(server.url.format("postgres"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(StoreUnavailable) as refused:
        act()
    sentence = str(refused.value)
    assert sentence.startswith("DATABASE_URL: ")
    assert "\n" not in sentence
    assert SECRET not in sentence
    return sentence


def at_once(number: int, act: Callable[[], object]) -> None:
    """Do something in so many threads, all of which hold a connection at one moment."""
    together = threading.Barrier(number)

    def run() -> None:
        together.wait()
        act()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def lent(store: PostgresStore, number: int) -> Generator[None]:
    """Take so many connections, so that as many are idle afterwards."""
    with ExitStack() as taken:
        for _ in range(number):
            taken.enter_context(store.database.borrowed())
        yield


def test_after_a_crash_and_restart_the_next_request_works_whatever_was_idle(
    stoppable: PostgresServer, lone: PostgresStore
) -> None:
    with lent(lone, 4):
        pass
    stoppable.stop()
    stoppable.start()
    assert said(lone) == [started()]

    with lent(lone, 4):
        pass
    stoppable.stop()
    stoppable.start()
    say(lone, asset("Papers"), expected=1)

    assert versions(lone) == [1, 2]
    assert isinstance(lone.verify(), Verified)


def test_a_change_that_a_crash_interrupts_is_refused_and_leaves_nothing(
    stoppable: PostgresServer, lone: PostgresStore
) -> None:
    def interrupted() -> None:
        with lone.exclusively("T1"):
            say(lone, asset("Papers"), expected=1)
            stoppable.stop()

    try:
        sentence = refusal(interrupted)
        assert sentence.endswith("ended the connection. Try again; if it was shut down, start it")
        reached = refusal(lambda: lone.state(HOUSE))
        assert reached.endswith(
            "cannot be reached. Check that the server runs, and its address in DATABASE_URL"
        )
        assert refusal(lone.check_writable) == reached
        assert refusal(lambda: claim_one(lone.work, "T1", NOON)) == reached
        assert refusal(lone.verify) == reached
        assert refusal(lambda: list(lone.health(NOON))) == reached
    finally:
        stoppable.start()

    assert versions(lone) == [1]
    say(lone, asset("Papers"), expected=1)


def test_a_command_that_was_refused_during_an_outage_can_be_sent_again(
    stoppable: PostgresServer, lone: PostgresStore
) -> None:
    handler = CommandHandler(lone)
    command, key = AddAsset(by=ANNA, at=NOON, name="Papers"), CommandKey("click")
    stoppable.stop()
    try:
        refusal(lambda: handler.execute(command, stream=HOUSE, key=key))
    finally:
        stoppable.start()

    assert handler.execute(command, stream=HOUSE, key=key).version == 2
    assert handler.execute(command, stream=HOUSE, key=key).repeated


def test_a_wrong_password_role_or_database_is_named_and_the_password_is_not(
    stoppable: PostgresServer,
) -> None:
    administer(stoppable, f"CREATE ROLE guarded LOGIN PASSWORD '{SECRET}'")
    rules = stoppable.data / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(f"local all guarded scram-sha-256\nlocal all banned reject\n{before}")
    administer(stoppable, "CREATE ROLE banned LOGIN", "SELECT pg_reload_conf()")
    at = f"?host={stoppable.directory}"
    place = f"{stoppable.directory}/postgres"

    def refused(url: str) -> str:
        return refusal(lambda: open_postgres(url, key=KEY)).removeprefix(f"DATABASE_URL: {place} ")

    wrong = refused(f"postgresql://guarded:{SECRET}x@/postgres{at}")
    assert wrong == "does not accept the password. Correct it in DATABASE_URL"
    assert refused(f"postgresql://nobody@/postgres{at}") == (
        "does not accept the role. Correct it in DATABASE_URL"
    )
    assert refused(f"postgresql://banned@/postgres{at}") == (
        "does not let this role connect from this machine. Allow it in pg_hba.conf"
    )
    assert refused(f"postgresql://postgres@/nowhere{at}").endswith(
        "/nowhere has no database of that name. Create it, or correct DATABASE_URL"
    )


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            f"postgresql://bot:{SECRET}@localhost:1/bot",
            (
                "DATABASE_URL: localhost:1/bot cannot be reached. "
                "Check that the server runs, and its address in DATABASE_URL"
            ),
        ),
        (
            f"postgresql://bot:{SECRET}@nowhere.invalid/bot",
            (
                "DATABASE_URL: nowhere.invalid/bot has an unknown host name. Correct it in DATABASE_URL, or "
                "check the name server"
            ),
        ),
    ],
)
def test_a_server_that_is_not_there_is_named_without_the_password(url: str, sentence: str) -> None:
    assert refusal(lambda: open_postgres(url, key=KEY)) == sentence


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://bot:a/{SECRET}@host/bot",
        f"postgresql://bot:{SECRET}/b@host/bot",
        f"postgresql://bot:{SECRET}@b@host/bot",
        f"postgresql://bot:a@{SECRET}@host/bot",
        f"postgresql://bot:{SECRET}%zz@host/bot",
        f"postgresql://bot:{SECRET} b@host/bot",
        f"postgresql://bot:{SECRET}@host:port/bot",
    ],
)
def test_a_password_with_unencoded_characters_is_explained_and_not_repeated(url: str) -> None:
    assert "percent-encoded (@ as %40" in refusal(lambda: open_postgres(url, key=KEY))


def test_an_encoded_password_is_no_part_of_the_place() -> None:
    assert place_of(f"postgresql://bot:{SECRET}%40%2F@db.example:5433/threats") == "db.example:5433/threats"


def test_a_workspace_that_another_replica_holds_is_refused_in_time(stoppable: PostgresServer) -> None:
    quick = open_postgres(stoppable.url.format("postgres"), key=KEY, timeout=0.05)
    slow = open_postgres(stoppable.url.format("postgres"), key=KEY)
    say(quick, started())

    with slow.exclusively("T1"):
        sentence = refusal(lambda: say(quick, asset("Papers"), expected=1))
        say(quick, started(), stream=StreamId("T2/TM-1"))
    say(quick, asset("Papers"), expected=1)

    assert sentence.endswith("/postgres is busy with another change of this workspace. Try again")
    assert versions(quick) == [1, 2]
    quick.close()
    slow.close()


def test_a_full_disk_is_named_and_what_was_acknowledged_stays(
    stoppable: PostgresServer, lone: PostgresStore
) -> None:
    """The server itself says so where its disk is full; here, a trigger says it in its words."""
    connection = lone.database.connect()
    connection.execute("""
        CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$
    """)
    connection.execute("CREATE TRIGGER full_disk BEFORE INSERT ON commands EXECUTE FUNCTION full_disk()")

    sentence = refusal(lambda: say(lone, asset("Papers"), expected=1))
    connection.execute("DROP TRIGGER full_disk ON commands")

    assert sentence.endswith("cannot grow because its disk is full. Free some space on the server")
    assert versions(lone) == [1]
    say(lone, asset("Papers"), expected=1)
    assert isinstance(lone.verify(), Verified)
    connection.close()


def test_a_server_without_a_free_connection_is_named(stoppable: PostgresServer, lone: PostgresStore) -> None:
    name = lone.location.rpartition("/")[2]
    administer(stoppable, "CREATE ROLE crowd LOGIN", f"GRANT ALL ON DATABASE {name} TO crowd")
    administer(stoppable, "ALTER ROLE crowd CONNECTION LIMIT 1", f"ALTER DATABASE {name} OWNER TO crowd")
    url = f"postgresql://crowd@/{name}?host={stoppable.directory}"
    with psycopg.connect(url):
        sentence = refusal(lambda: open_postgres(url, key=KEY))

    assert sentence.endswith("has no free connection. Raise max_connections, or run fewer replicas")


def test_threads_share_one_connection_where_the_server_gives_no_further_one(
    stoppable: PostgresServer, lone: PostgresStore
) -> None:
    name = f"crowded_{next(_numbers)}"
    administer(
        stoppable, f"CREATE ROLE {name} LOGIN SUPERUSER", f"CREATE DATABASE {name} CONNECTION LIMIT -1"
    )
    store = open_postgres(f"postgresql://{name}@/{name}?host={stoppable.directory}", key=KEY)
    say(store, started())
    administer(stoppable, f"ALTER ROLE {name} NOSUPERUSER CONNECTION LIMIT 1")
    read: list[int] = []

    at_once(6, lambda: read.append(len(said(store))))

    assert read == [1] * 6
    store.close()


def test_a_standby_is_refused_and_says_which_server_to_name(
    stoppable: PostgresServer, lone: PostgresStore, tmp_path: Path
) -> None:
    standby = stoppable.standby(stoppable.directory / f"standby-{next(_numbers)}")
    standby.start()
    try:
        store = open_postgres(standby.url.format(lone.location.rpartition("/")[2]), key=KEY)
        assert versions(store) == [1], "it can be read"
        assert refusal(store.check_writable).endswith("is a read-only standby. Name the primary server")
        assert refusal(lambda: say(store, asset("Papers"), expected=1)).endswith(
            "is read-only (a standby?). Name the primary server in DATABASE_URL"
        )
        state = StreamState(version=1, erasures=0)
        assert refusal(lambda: store.unit(TENANT).projections.save("homes", HOUSE, state)).endswith(
            "is read-only (a standby?). Name the primary server in DATABASE_URL"
        )
        (finding,) = [one for one in store.health(NOON) if "standby" in one.text]
        assert not finding.well
        store.close()
        (behind,) = [one for one in lone.health(NOON) if "standby servers" in one.text]
        assert behind.text.startswith("PostgreSQL: 1 standby servers, at most ")
    finally:
        standby.remove()


def test_settings_of_the_url_are_kept(stoppable: PostgresServer) -> None:
    store = open_postgres(
        f"{stoppable.url.format('postgres')}&options=-c%20work_mem%3D7MB&application_name=mine&connect_timeout=9",
        key=KEY,
    )
    connection = store.database.connect()
    settings = connection.execute(
        "SELECT current_setting('work_mem'), current_setting('application_name'), "
        "current_setting('lock_timeout'), current_setting('timezone')"
    ).fetchone()

    assert settings == ("7MB", "mine", "2200ms", "UTC")
    connection.close()
    store.close()


def test_a_process_uses_so_many_connections_at_most(lone: PostgresStore) -> None:
    pool = ConnectionPool(lone.database.connect, limit=2, timeout=0.01)
    first, second = pool.take(), pool.take()

    with pytest.raises(ConnectionsInUse, match="all 2 connections are in use"):
        pool.take()
    pool.give(first)
    assert pool.take() is first
    pool.give(first)
    pool.give(second)
    pool.close()
    assert first.closed
    assert second.closed


def test_a_connection_that_is_given_in_the_last_moment_is_used(
    lone: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = ConnectionPool(lone.database.connect, limit=1, timeout=0.01)
    only = pool.take()

    def give_too_late(condition: object, timeout: float) -> bool:
        pool.give(only)
        return False

    monkeypatch.setattr(threading.Condition, "wait", give_too_late)
    assert pool.take() is only
    monkeypatch.undo()
    pool.give(only)
    pool.close()


def test_idle_and_old_connections_are_closed(lone: PostgresStore) -> None:
    clock = FakeMonotonicClock()
    pool = ConnectionPool(lone.database.connect, limit=4, timeout=0.01, clock=clock)
    one, other = pool.take(), pool.take()
    pool.give(one)
    pool.give(other)

    clock.advance(IDLE_SECONDS + 1)
    assert pool.take() is other
    pool.give(other)
    assert one.closed, "one connection suffices"
    assert not other.closed
    clock.advance(LIFE_SECONDS)
    pool.give(pool.take())
    assert other.closed, "it was an hour old"
    pool.close()
