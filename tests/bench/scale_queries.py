"""A million open rows of work, with deliveries and events to match: what is asked at every poll and claim."""

import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import psycopg

from bot.store import StreamId
from bot.store.postgres.connections import CONNECTIONS
from bot.store.work_queue import Item, Touch
from tests.bench.measurements import Row, Say, at_most, medians
from tests.bench.scale_contenders import BotStore, create_tables
from tests.bench.scale_results import Part, Plan
from tests.bench.scale_server import BenchmarkServer, open_benchmark_store
from tests.queue_rows import claim_one

FEW, MANY = 1_000, 1_000_000
PER_WORKSPACE: Final = 100
"""Rows of work, deliveries and events of each workspace."""

BUSY_WORKSPACES: Final = 200
ROUNDS: Final = 300
GENERIC_AFTER: Final = 12
"""Executions after which a server has decided how it plans a prepared statement."""

# Of a hundred rows, most wait for a moment: the next look at a model's reminders, or a page at home.
_FILL: Final = """
INSERT INTO work (tenant, kind, subject, lane, due, not_before, touched)
    SELECT 'T' || n / {per}, (ARRAY['reminders', 'home', 'round', 'members'])[n % 4 + 1], 'S-' || n % {per},
        'lane-' || n % {per}, to_char(timestamp '2030-01-01' + n * interval '1 second',
        'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 0, 1 FROM generate_series(0, {rows} - 1) AS n;
INSERT INTO deliveries SELECT 'T' || n / {per}, 'card/TM-' || n % {per}, 'card', 'message',
    'T' || n / {per} || '/TM-' || n % {per}, 'C' || n % 20, '', '17.' || n, '', '', 0, 0, ''
    FROM generate_series(0, {rows} - 1) AS n;
INSERT INTO events SELECT 'T' || n / {per}, n % {per} + 1, n % {per} + 1,
    'T' || n / {per} || '/TM-' || n % 5, n % {per} / 5 + 1, 'AssetRevised', 1, '',
    repeat('x', 150)::bytea, '{{}}',
    '2026-11-28', decode(md5(n::text), 'hex'), decode(md5(n::text), 'hex')
    FROM generate_series(0, {rows} - 1) AS n;
INSERT INTO streams SELECT 'T' || n / 5, 'T' || n / 5 || '/TM-' || n % 5, {per} / 5, 0, 'Model',
    'C' || n % 20, 'collection', '2026-11-28', '2026-11-28'
    FROM generate_series(0, {rows} / {per} * 5 - 1) AS n;
INSERT INTO lanes SELECT 'T' || n / 10, 'C' || n % 10, 0 FROM generate_series(0, {rows} / {per} * 10 - 1) AS n
"""
_EXPLAINED: Final = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_level": "notice",
}
_COSTS: Final = re.compile(r"cost=\S+ rows=\d+ width=\d+\) \(|  \(cost=[^)]*\)")
_SEQUENTIAL: Final = re.compile(
    r"Seq Scan on (work|deliveries|events|streams|commands|heads|lanes|projections)\b"
)


class Queue:
    """The store of a database with so many rows."""

    def __init__(self, rows: int, url: str, *, connections: int = CONNECTIONS) -> None:
        self.rows, self.url = rows, url
        self.store = open_benchmark_store(url, connections=connections)
        self._appender = BotStore(url, self.store)
        self._stream = f"T3/TM-{random.randrange(10**9)}"
        self._appended = 0
        self._now = datetime.now(UTC)
        self._next = 0

    def idle_look(self) -> None:
        """Look for workspaces with something to do, where there is none."""
        self.store.work.look(self._now)

    def touch(self) -> str:
        """Make a row of a workspace due; returns the workspace."""
        self._next = (self._next + 7) % (self.rows // PER_WORKSPACE)
        tenant = f"T{self._next}"
        self.store.work.touch(Touch(item=Item(tenant, "card", "TM-1"), lane="C1"))
        return tenant

    def claim_and_settle(self) -> None:
        """Make a row due, claim it, and settle it, as for each message."""
        claim = claim_one(self.store.work, self.touch(), self._now)
        assert claim is not None
        self.store.work.settle(claim)

    def status(self) -> None:
        """Look at one workspace."""
        self.store.work.rows("T3", "card")

    def backlog(self) -> None:
        """Count what is due in all workspaces, as for the metrics."""
        self.store.work.backlog(self._now)

    def append(self) -> None:
        """Record an event of a workspace that has some."""
        self._appended += 1
        self._appender.append("T3", self._stream, self._appended - 1)

    def slot(self) -> None:
        """Find what stands in a slot, and the slots of a model."""
        deliveries = self.store.unit("T3").deliveries
        deliveries.find("card/TM-1")
        deliveries.of_model(StreamId("T3/TM-1"))

    def close(self) -> None:
        """Close the connections."""
        self.store.close()


def filled(server: BenchmarkServer, rows: int) -> str:
    """Create a database with so many rows, and return its URL."""
    url = server.create_database(f"rows_{rows}")
    create_tables(url)
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in _FILL.format(per=PER_WORKSPACE, rows=rows).split(";"):
            connection.execute(statement.encode())
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    return url


def measure(server: BenchmarkServer, say: Say) -> Part:
    """Compare a million rows with a thousand, and explain the statements."""
    say(f"{MANY:,} rows of work, deliveries and events")
    many = Queue(MANY, filled(server, MANY))
    few = Queue(FEW, filled(server, FEW))
    say(f"{ROUNDS} rounds of looks, claims and appends in turns")
    rows = [*_times(few, many, _READS), *_times(few, many, _CHANGES), _busy_look(many)]
    few.close()
    many.close()
    say("plans of the statements")
    plans = explained(many)
    sequential = sum(1 for plan in plans if _SEQUENTIAL.search(plan.plan))
    rows.append(_at_most_so_many("sequential scans in the plans of these statements", sequential, 0))
    return Part(rows=rows, plans=plans)


def _times(few: Queue, many: Queue, methods: Mapping[str, str]) -> list[Row]:
    queues = {"few": few, "many": many}
    looks = {
        f"{what} {name}": getattr(queue, method)
        for what, method in methods.items()
        for name, queue in queues.items()
    }
    times = medians(looks, rounds=ROUNDS, warm_up=GENERIC_AFTER)
    return [
        at_most(
            f"{what}: {MANY:,} open rows ÷ {FEW:,}", times[f"{what} many"], times[f"{what} few"], "µs", aim=2
        )
        for what in methods
    ]


def _busy_look(queue: Queue) -> Row:
    for _ in range(BUSY_WORKSPACES):
        queue.touch()
    times = medians({"busy": queue.idle_look}, rounds=50)
    return at_most(
        f"look for workspaces with due work, {BUSY_WORKSPACES} of them ÷ the 50 ms that it may take",
        times["busy"] / 1000,
        50,
        "ms",
        aim=1,
    )


def explained(queue: Queue) -> list[Plan]:
    """Return the plans that the server used for what is done at every poll and claim."""
    with psycopg.connect(queue.url, autocommit=True) as connection:
        for name, value in _EXPLAINED.items():
            connection.execute(f"ALTER DATABASE rows_{queue.rows} SET {name} TO '{value}'".encode())
    again = Queue(queue.rows, queue.url, connections=1)
    told: list[str] = []
    with again.store.database.borrowed() as raw:
        raw.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
    plans: list[Plan] = []
    for what, method in _EXPLAINED_LOOKS.items():
        for _ in range(GENERIC_AFTER):
            told.clear()
            getattr(again, method)()
        plans += [Plan(what=what, plan=plan) for one in told if (plan := _plan(one))]
    again.close()
    return plans


def _plan(message: str) -> str:
    """Return the statement and its plan without estimates; empty for what reads no table."""
    if "Scan" not in message:
        return ""
    _, _, text = message.partition("Query Text: ")
    return _COSTS.sub(lambda found: "(" if found[0].endswith("(") else "", text)


def _at_most_so_many(what: str, count: int, aim: int) -> Row:
    # As a ratio to one more than none, since nothing is a multiple of zero.
    return Row(what=what, ours=count, theirs=aim, unit="", ratio=count, aim=aim)


_READS: Final = {
    "look for workspaces with due work, none": "idle_look",
    "look at one workspace": "status",
    "slots of a model": "slot",
}
_CHANGES: Final = {"touch, claim and settle": "claim_and_settle", "append": "append"}
_EXPLAINED_LOOKS: Final = {**_READS, **_CHANGES, "backlog for the metrics": "backlog"}
