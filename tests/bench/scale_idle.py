"""Ten thousand workspaces in which nothing happens: what a replica asks of its database, and its threads.

No model has changed for a month, so each channel is read once a week. These reads are part of the measure,
spread over the week.
"""

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import psycopg

from bot.slack.directory.channel_reads import CHANNEL_READ
from bot.slack.process_app import IDLE_DIRECTORY_SECONDS
from bot.store import utc_now
from tests.bench.http_servers import ServerProcess
from tests.bench.measurements import Say, at_most
from tests.bench.scale_results import Part
from tests.bench.scale_server import BenchmarkServer
from tests.bench.scale_slack import team
from tests.bench.scale_workspaces import (
    install,
    installation,
    memory_of,
    processor_of,
    site,
    threads_of,
    token_cipher,
)

FEW, MANY = 10, 10_000
SECONDS = 60.0
SETTLE_SECONDS = 15.0
ALLOWED: Final = 3.0
"""Statements a second of a replica."""

# Copied from the first workspace under other IDs: in each the bot is installed, has read the channel and
# shown a card, and the model waits for the next look at reminders.
_TABLES: Final = (
    "installations",
    "streams",
    "events",
    "commands",
    "heads",
    "counters",
    "deliveries",
    "projections",
    "slack_channels",
    "slack_members",
    "slack_people",
)
# As if each workspace had been read at another time of the week before; the order is by chance.
_SPREAD: Final = """
    UPDATE work SET due = timestamp_text(
        clock_timestamp() + (place - 0.5) * CAST(%s AS double precision) / count * interval '1 second'
    ) FROM (
        SELECT tenant AS of, row_number() OVER (ORDER BY md5(tenant)) AS place, count(*) OVER () AS count
        FROM work WHERE kind = %s
    ) AS every WHERE work.tenant = every.of AND work.kind = %s
"""
_READ_SINCE: Final = "SELECT count(*) FROM slack_channels WHERE read_at > %s"
_STATEMENTS: Final = """
    SELECT calls, query FROM pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND query NOT LIKE '%pg_stat_statements%' ORDER BY calls DESC
"""


class Idle(msgspec.Struct, frozen=True, kw_only=True):
    """What a replica did in a second, on average, while nothing happened."""

    statements: Mapping[str, float]
    reads: int
    """Channels that were read meanwhile."""
    threads: int
    processor: float
    memory: float


def measure(server: BenchmarkServer, say: Say) -> Part:
    """Compare a replica of many idle workspaces with one of few."""
    few = _idle(server, say, FEW)
    many = _idle(server, say, MANY)
    what = f"replica of {MANY:,} idle workspaces"
    asked, threads = sum(many.statements.values()), many.threads
    rows = [
        at_most(f"{what}: statements a second ÷ allowed", asked, ALLOWED, "/s", aim=1),
        # A thread of the pool is started when there is something to do, such as the read of a channel.
        at_most(f"{what}: threads ÷ with {FEW}", threads, few.threads, "", aim=1.25),
        at_most(f"{what}: memory ÷ with {FEW}", many.memory, few.memory, "MiB", aim=1.25),
    ]
    asked_few = sum(few.statements.values())
    notes = [
        f"{what}: {100 * many.processor:.1f} % of a core; with {FEW} workspaces {100 * few.processor:.1f} %",
        f"with {FEW} workspaces {asked_few:.2f} statements a second",
        f"{what}: {many.reads} channels were read in {SECONDS:.0f} s, as each is read once a week",
    ]
    notes += [f"{often:.2f} a second: `{query}`" for query, often in many.statements.items() if often >= 0.02]
    return Part(rows=rows, notes=notes)


def _idle(server: BenchmarkServer, say: Say, count: int) -> Idle:
    url = server.create_database(f"idle_{count}")
    say(f"{count:,} workspaces")
    install(url, 1)
    with tempfile.TemporaryDirectory(prefix="bench-") as directory, site(url, Path(directory)) as running:
        # One replica shows the first workspace's card; what it leaves is copied for the others.
        with running.start_replica():
            _wait_until_shown(url)
        _copy(url, count)
        replica = running.start_replica()
        time.sleep(SETTLE_SECONDS)
        say(f"idle for {SECONDS:.0f} s")
        return _watched(url, replica)


def _watched(url: str, replica: ServerProcess) -> Idle:
    number = replica.process.pid
    with psycopg.connect(url, autocommit=True) as connection:
        before, noted = dict(_asked(connection)), utc_now()
        used, began = processor_of(number), time.monotonic()
        time.sleep(SECONDS)
        seconds = time.monotonic() - began
        after = _asked(connection)
        read = connection.execute(_READ_SINCE, (noted.isoformat(),)).fetchone()
        statements = {
            query: often for query, calls in after if (often := (calls - before.get(query, 0)) / seconds) > 0
        }
    return Idle(
        statements=statements,
        reads=read[0] if read else 0,
        threads=threads_of(number),
        processor=(processor_of(number) - used) / seconds,
        memory=memory_of(number),
    )


def _asked(connection: psycopg.Connection[tuple[int, str]]) -> list[tuple[str, int]]:
    rows = connection.execute(_STATEMENTS).fetchall()
    return [(" ".join(query.split())[:100], calls) for calls, query in rows]


def _wait_until_shown(url: str) -> None:
    """Wait until the card stands and nothing is due soon."""
    ends = time.monotonic() + 60
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() < ends:
            row = connection.execute("SELECT count(*) FROM deliveries WHERE external_id <> ''").fetchone()
            if row and row[0]:
                time.sleep(SETTLE_SECONDS)
                return
            time.sleep(0.5)
    raise AssertionError("the first card was not posted")


def _copy(url: str, count: int) -> None:
    first = team(0)
    with psycopg.connect(url, autocommit=True) as connection:
        for table in (*_TABLES, "work"):
            columns = [
                name
                for (name,) in connection.execute(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = %s", (table,)
                )
            ]
            # IDs of the workspace, of its channel and of its person end with the same digits.
            values = ", ".join(
                f"replace({column}, '{first[1:]}', lpad(n::text, 6, '0'))" if column in _TEXTS else column
                for column in columns
            )
            only = " AND due > '1'" if table == "work" else ""
            connection.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table}, "
                f"generate_series(1, {count - 1}) AS n WHERE tenant = '{first}'{only}".encode()
            )
        _encrypt_tokens(connection, count)
        connection.execute("UPDATE streams SET updated_at = timestamp_text(now() - interval '30 days')")
        connection.execute("DELETE FROM work WHERE due IS NULL OR due <= '1'")
        spread = connection.execute(_SPREAD, (IDLE_DIRECTORY_SECONDS, CHANNEL_READ, CHANNEL_READ))
        assert spread.rowcount == count, "a workspace waits for no read of its channel"
        connection.execute("VACUUM ANALYZE")


def _encrypt_tokens(connection: psycopg.Connection, count: int) -> None:
    """Give each workspace a token of its own: where it cannot be read, nothing is done."""
    cipher = token_cipher()
    tokens = ((installation(cipher, team(number)).token, team(number)) for number in range(count))
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany("UPDATE installations SET token = %s WHERE tenant = %s", tokens)


_TEXTS: Final = {"tenant", "team", "stream", "place", "channel", "lane", "subject", "person"}
