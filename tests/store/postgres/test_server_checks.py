"""What `doctor` says about a PostgreSQL server: each check, when it is well and when it is not."""

import re
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from bot.store import HealthFinding, utc_now
from bot.store.postgres.postgres_store import PostgresStore, open_postgres
from bot.store.postgres.server_health import server_health
from tests.emptied_database import KEY
from tests.postgres_server import PostgresServer
from tests.store.saying import NOON

WELL: dict[str, Any] = {
    "number": 170_000,
    "version": "17.2 (Debian)",
    "fsync": "on",
    "pages": "on",
    "commit": "on",
    "clock": NOON.timestamp(),
    "standby": False,
    "encoding": "UTF8",
    "others": [],
    "standbys": 0,
    "lag": 0.0,
    "archive": "off",
    "archived": None,
    "most": 100,
    "used": 3,
}


class Server:
    """A server whose answers a test sets."""

    def __init__(self, **changed: Any) -> None:
        self._answers = {**WELL, **changed}
        self._rows: list[tuple[Any, ...]] = []

    def execute(self, sql: str, parameters: Any = (), /) -> "Any":
        """Answer a question of the health checks."""
        a = self._answers
        if "pg_stat_replication" in sql:
            self._rows = [(a["standbys"], a["lag"])]
        elif "relowner" in sql:
            self._rows = [(name,) for name in a["others"]]
        elif "pg_stat_archiver" in sql:
            self._rows = [(a["archive"], a["archived"])]
        elif "max_connections" in sql:
            self._rows = [(a["most"], a["used"])]
        else:
            asked = ("number", "version", "fsync", "pages", "commit", "clock", "standby", "encoding")
            self._rows = [tuple(a[one] for one in asked)]
        return self

    def executemany(self, sql: str, parameters: Any, /) -> object:
        """Refuse: a check changes nothing."""
        raise NotImplementedError

    def fetchone(self) -> Any:
        """Return the answer."""
        return self._rows[0]

    def fetchall(self) -> list[Any]:
        """Return the answer."""
        return self._rows


def findings(**changed: Any) -> list[HealthFinding]:
    return list(server_health(Server(**changed), "db.example/bot", NOON))


def test_a_server_that_is_as_it_should_be_has_no_finding() -> None:
    assert [finding.text for finding in findings()] == [
        "PostgreSQL 17.2",
        "PostgreSQL: changes are on disk before they are acknowledged",
        "PostgreSQL: its clock agrees with this machine's",
        "PostgreSQL: this role owns its tables",
        "PostgreSQL: no standby server is visible to this role",
        "not checked: backups; this server archives no log, and dumps leave no sign in it",
        "PostgreSQL: 3 of 100 connections are in use",
    ]
    assert all(finding.well for finding in findings())
    (followed,) = [finding for finding in findings(standbys=2, lag=0.25) if "standby" in finding.text]
    assert (followed.well, followed.text) == (True, "PostgreSQL: 2 standby servers, at most 0.2 s behind")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"number": 130_012, "version": "13.12"}, "PostgreSQL 13.12 is too old. Use version 14 or newer."),
        ({"fsync": "off"}, "PostgreSQL: fsync is off, so acknowledged answers can be lost"),
        ({"pages": "off"}, "PostgreSQL: full_page_writes is off, so acknowledged answers can be lost"),
        ({"commit": "off"}, "Set `synchronous_commit = on` in postgresql.conf."),
        ({"clock": NOON.timestamp() + 61}, "its clock (12:01:01 UTC) is 61 s ahead of this machine's."),
        ({"clock": NOON.timestamp() - 3600}, "its clock (11:00:00 UTC) is 3600 s behind this machine's."),
        ({"encoding": "LATIN1"}, "db.example/bot has the encoding LATIN1. Create the database with UTF8."),
        ({"standby": True}, "db.example/bot is a read-only standby. Name the primary server."),
        ({"others": ["events", "work"]}, "this role does not own events, work. Run `ALTER TABLE … OWNER TO`"),
        ({"standbys": 1, "lag": 90.0}, "a standby server is 90 s behind. A failover now would lose"),
        ({"used": 81}, "81 of 100 connections are in use. Raise max_connections"),
    ],
)
def test_each_fault_is_named_with_the_repair(changed: dict[str, Any], sentence: str) -> None:
    (found,) = [finding for finding in findings(**changed) if not finding.well]

    assert sentence in found.text


def test_a_real_server_answers_every_question(store: PostgresStore) -> None:
    found = {one.text: one.well for one in store.health(utc_now())}

    assert [text for text, well in found.items() if not well] == [
        text for text in found if "fsync is off" in text or "full_page_writes is off" in text
    ]
    (late,) = [one for one in store.health(utc_now() - timedelta(hours=1)) if "its clock" in one.text]
    assert not late.well


def test_a_role_that_does_not_own_the_tables_is_told_so(stoppable: PostgresServer) -> None:
    open_postgres(stoppable.url.format("postgres"), key=KEY).close()
    with psycopg.connect(stoppable.url.format("postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE guest LOGIN")
        connection.execute("GRANT pg_read_all_data TO guest")
    guest = open_postgres(f"postgresql://guest@/postgres?host={stoppable.directory}", key=KEY)

    (found,) = [one for one in guest.health(utc_now()) if "own" in one.text]

    assert not found.well
    assert re.match(
        r"PostgreSQL: this role does not own \w+, \w+, \w+\. Run `ALTER TABLE … OWNER TO`", found.text
    )
    guest.close()


@pytest.mark.parametrize(
    ("archived", "said"),
    [
        (None, "backups: the server's log was never archived. Check its archive_command."),
        (NOON.timestamp() - 200_000, "backups: the server's log was last archived 56 hours ago. "),
        (NOON.timestamp() - 1800, ""),
    ],
)
def test_an_archive_that_stopped_is_named(archived: float | None, said: str) -> None:
    bad = [one.text for one in findings(archive="on", archived=archived) if not one.well]
    assert len(bad) == bool(said)
    assert "".join(bad).startswith(said)
