"""Statements that run at every poll, claim, append and read go through no table row by row."""

import re
from collections.abc import Callable, Generator
from datetime import UTC, datetime

import psycopg
import pytest

from bot.store import CommandKey, StreamId
from bot.store.postgres.postgres_store import PostgresStore, open_postgres
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import Item, Touch
from domain.kernel.elements import ChannelId
from tests.depth import count
from tests.emptied_database import KEY
from tests.postgres_server import database
from tests.queue_rows import claim_one
from tests.store.saying import ANNA, LISTED, NOON, started

ROWS = count(20_000, deep=1_000_000)
TENANT, STREAM = "T7", StreamId("T7/TM-70")
LATER = datetime(2027, 1, 4, 9, tzinfo=UTC)

SCANNED = re.compile(r"Seq Scan on (\w+)")
SMALL = {"database_epoch"}
"""Tables of one row."""

EVERY = f"FROM generate_series(0, {ROWS - 1}) AS every (n)"

FILL = f"""
    INSERT INTO events SELECT 'T' || n % 100, n / 100 + 1, n / 100 + 1,
        'T' || n % 100 || '/TM-' || n / 100 % 100, n / 10000 + 1, 'AssetAdded', 2, '\\x00', '\\x00', '{{}}',
        '2027-01-01T00:00:00.000000Z', '\\x00', '\\x00' {EVERY};
    INSERT INTO commands SELECT tenant, 'key ' || sequence, '\\x00', stream, version, version FROM events;
    INSERT INTO streams SELECT DISTINCT ON (stream) tenant, stream, version, 0, 'Name', 'C' || sequence % 9,
        'collection', recorded_at, recorded_at FROM events ORDER BY stream, version DESC;
    INSERT INTO heads SELECT tenant, max(sequence), '\\x00', count(*) FROM events GROUP BY tenant;
    INSERT INTO counters SELECT tenant, 1000000 FROM heads;
    INSERT INTO work SELECT 'T' || n % 100, CASE WHEN n % 50 = 0 THEN 'model' ELSE 'reminders' END, 'S' || n,
        'L' || n % 1000, 0, CASE WHEN n % 50 = 0 THEN '0' ELSE '2027-06-01T00:00:00.000000Z' END,
        NULL, 0, 1, NULL, '', 0 {EVERY};
    INSERT INTO deliveries SELECT 'T' || n % 100, 'card/' || n, 'card', 'channels',
        'T' || n % 100 || '/TM-' || n, 'C' || n, '', '', '', '', 0, 0, '\\x00' {EVERY};
    INSERT INTO projections SELECT 'T' || n % 100, 'thread', 'T' || n % 100 || '/TM-' || n, 1, 0 {EVERY};
    INSERT INTO lanes SELECT 'T' || n % 100, 'L' || n, 0 {EVERY};
    INSERT INTO slack_members SELECT 'T' || n % 100, 'C' || n / 100, 'U' || n {EVERY};
    INSERT INTO reminders SELECT 'T' || n % 100, 'key ' || n, 'TM-1', 'U1', 'U1', 'sent', '',
        '2027-01-01T00:00:00.000000Z', '2027-01-01T00:00:00.000000Z', '', 'T1/U1', 1, 'D1', '' {EVERY};
    INSERT INTO installations SELECT 'T' || n, 'A1', '', 'T' || n, 'U1', '', '', '', '', '\\x00', '\\x00',
        'k1', '', '', '', 'installed' {EVERY};
    ANALYZE;
"""


@pytest.fixture(scope="module")
def filled() -> Generator[PostgresStore]:
    """A hundred workspaces with many rows each, of which few are due."""
    with database() as url:
        store = open_postgres(url, key=KEY)
        with psycopg.connect(url, autocommit=True) as connection:
            try:
                connection.execute("LOAD 'auto_explain'")
            except psycopg.errors.UndefinedFile:
                pytest.skip("the server has no module auto_explain (Debian's postgresql-17 has)")
            connection.execute(FILL.encode())
            name = connection.info.dbname
            # Plans of every statement, and of those in functions, are written to the client.
            for setting in (
                "session_preload_libraries = 'auto_explain'",
                "auto_explain.log_min_duration = 0",
                "auto_explain.log_nested_statements = on",
                "auto_explain.log_level = notice",
                "client_min_messages = notice",
            ):
                connection.execute(f"ALTER DATABASE {name} SET {setting}".encode())
        store.close()
        store = open_postgres(url, key=KEY)
        yield store
        store.close()


Act = Callable[[PostgresStore], object]

ACTS: dict[str, Act] = {
    "append": lambda store: store.append(
        TENANT, STREAM, [started()], expected=_version(store), key=_key(), request=b"", summary=LISTED
    ),
    "begin": lambda store: store.begin(TENANT, lambda key: ([started(key)], LISTED), key=_key(), request=b""),
    "answered": lambda store: store.answered(TENANT, CommandKey("key 3"), b"\0"),
    "events": lambda store: [*store.events(StreamId("T7/TM-99"), 10_000)],
    "tail": lambda store: store.tail(TENANT, 100_000_000, 100),
    "state": lambda store: store.state(STREAM),
    "streams of a channel": lambda store: store.streams(TENANT, channel=ChannelId("C4")),
    "busy workspaces": lambda store: store.work.look(NOON),
    "backlog": lambda store: store.work.backlog(NOON),
    "late reminders": lambda store: store.housekeeping.overdue_reminders(
        ("reminders", "due-reminder"), NOON, seconds=600
    ),
    "rows": lambda store: store.work.rows(TENANT, "model"),
    "claim": lambda store: claim_one(store.work, TENANT, NOON),
    "claim of some kinds": lambda store: claim_one(store.work, TENANT, NOON, only=("reminders",)),
    "touch": lambda store: store.work.touch(Touch(item=Item(TENANT, "cards", "TM-1"), lane="C1")),
    "claim and settle": lambda store: _settled(store),
    "reserve": lambda store: store.work.reserve(TENANT, "C1", interval=1.0),
    "a slot": lambda store: store.unit(TENANT).deliveries.find("card/7"),
    "slots of a model": lambda store: store.unit(TENANT).deliveries.of_model(StreamId("T7/TM-7")),
    "a new slot": lambda store: store.unit(TENANT).deliveries.add_missing(
        DeliveryRecord(slot="card/x", sink="channels", stream=STREAM, place="C1")
    ),
    "channels of a person": lambda store: store.unit(TENANT).directory.channels(ANNA),
    "members of a channel": lambda store: store.unit(TENANT).directory.members(ChannelId("C1")),
}
"""What happens for every look at the queue, every answer and every scrape of the metrics."""

_numbers = iter(range(1_000_000))


def _key() -> CommandKey:
    return CommandKey(f"new {next(_numbers)}")


def _version(store: PostgresStore) -> int:
    state = store.state(STREAM)
    return state.version if state else 0


def _settled(store: PostgresStore) -> None:
    store.work.touch(Touch(item=Item(TENANT, "cards", "TM-2"), lane="C2"))
    claim = claim_one(store.work, TENANT, NOON, only=("cards",))
    assert claim is not None
    store.work.settle(claim, again_at=LATER)


def plans(act: Act, store: PostgresStore) -> list[str]:
    """Return the plan of every statement that an act runs, also of those in functions."""
    found: list[str] = []
    with store.database.borrowed() as raw:
        raw.add_notice_handler(lambda said: found.append(said.message_primary or ""))
    act(store)
    return found


@pytest.mark.parametrize("name", ACTS)
def test_no_table_is_read_row_by_row(filled: PostgresStore, name: str) -> None:
    found = plans(ACTS[name], filled)

    assert found, "no plan was written"
    read = [table for plan in found for table in SCANNED.findall(plan)]
    assert [table for table in read if table not in SMALL] == [], "\n".join(found)


def test_a_statement_without_an_index_is_found(filled: PostgresStore) -> None:
    def by_text(store: PostgresStore) -> object:
        return store.database.current().execute("SELECT 1 FROM events WHERE data = $1", (b"x",)).fetchall()

    (plan,) = plans(by_text, filled)
    assert "Seq Scan on events" in plan
