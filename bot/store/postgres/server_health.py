"""Health of a PostgreSQL server: version, settings, clock, privileges, standby servers, connections."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from bot.store.database_store import HealthFinding
from bot.store.sql.database import SqlConnection

OLDEST: Final = 140_000
"""The first version that is tested and still supported by PostgreSQL's own policy: 14."""

SKEW_SECONDS: Final = 60.0
"""A difference of the clocks from which reminders come noticeably early or late."""

LAG_SECONDS: Final = 60.0
"""A lag of a standby from which a failover would lose a minute of answers."""

ARCHIVE_HOURS: Final = 24.0
"""A busy server archives within minutes; an idle one has little to lose for a day."""

FEW_CONNECTIONS: Final = 20
"""Fewer free connections than one more replica may open."""

_SERVER = """
    SELECT CAST(current_setting('server_version_num') AS integer), current_setting('server_version'),
        current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
        CAST(extract(epoch FROM clock_timestamp()) AS double precision), pg_is_in_recovery(),
        current_setting('server_encoding')
"""
_NOT_OWNED = """
    SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace
    AND relkind IN ('r', 'p') AND NOT pg_has_role(relowner, 'USAGE') ORDER BY relname
"""
_STANDBYS = """
    SELECT count(*), CAST(coalesce(max(extract(epoch FROM replay_lag)), 0) AS double precision)
    FROM pg_stat_replication
"""
_ARCHIVE = """
    SELECT current_setting('archive_mode'),
        CAST(extract(epoch FROM last_archived_time) AS double precision) FROM pg_stat_archiver
"""
_CONNECTIONS = """
    SELECT CAST(current_setting('max_connections') AS integer),
        (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
"""


def server_health(connection: SqlConnection, place: str, now: datetime) -> Iterator[HealthFinding]:
    """Yield the result of each check; `now` is the time of this machine."""
    number, version, fsync, pages, commit, clock, standby, encoding = connection.execute(_SERVER).fetchone()
    yield _version(number, version)
    yield from _durability(fsync, pages, commit)
    yield _clock(clock, now)
    if encoding != "UTF8":
        yield _bad(f"DATABASE_URL: {place} has the encoding {encoding}. Create the database with UTF8.")
    if standby:
        yield _bad(f"DATABASE_URL: {place} is a read-only standby. Name the primary server.")
        return
    yield _owner(connection.execute(_NOT_OWNED).fetchall())
    yield _lag(*connection.execute(_STANDBYS).fetchone())
    yield _archive(now, *connection.execute(_ARCHIVE).fetchone())
    yield _connections(*connection.execute(_CONNECTIONS).fetchone())


def _version(number: int, version: str) -> HealthFinding:
    if number < OLDEST:
        return _bad(f"PostgreSQL {version} is too old. Use version {OLDEST // 10_000} or newer.")
    return _well(f"PostgreSQL {version.split()[0]}")


def _durability(fsync: str, pages: str, commit: str) -> Iterator[HealthFinding]:
    off = [name for name, value in (("fsync", fsync), ("full_page_writes", pages)) if value != "on"]
    if commit == "off":
        off.append("synchronous_commit")
    for name in off:
        yield _bad(
            f"PostgreSQL: {name} is off, so acknowledged answers can be lost when the server fails. "
            f"Set `{name} = on` in postgresql.conf."
        )
    if not off:
        yield _well("PostgreSQL: changes are on disk before they are acknowledged")


def _clock(clock: float, now: datetime) -> HealthFinding:
    seconds = clock - now.timestamp()
    if abs(seconds) > SKEW_SECONDS:
        ahead = "ahead of" if seconds > 0 else "behind"
        there = datetime.fromtimestamp(clock, UTC)
        return _bad(
            f"PostgreSQL: its clock ({there:%H:%M:%S} UTC) is {abs(seconds):.0f} s {ahead} this machine's. "
            "Synchronize both with NTP."
        )
    return _well("PostgreSQL: its clock agrees with this machine's")


def _owner(others: list[Any]) -> HealthFinding:
    if others:
        names = ", ".join(name for (name,) in others[:3])
        return _bad(
            f"PostgreSQL: this role does not own {names}. Run `ALTER TABLE … OWNER TO` for it, or the next "
            "upgrade cannot migrate them."
        )
    return _well("PostgreSQL: this role owns its tables")


def _lag(standbys: int, seconds: float) -> HealthFinding:
    if not standbys:
        return _well("PostgreSQL: no standby server is visible to this role")
    if seconds > LAG_SECONDS:
        return _bad(
            f"PostgreSQL: a standby server is {seconds:.0f} s behind. A failover now would lose the answers "
            "of that time; check its network and disk."
        )
    return _well(f"PostgreSQL: {standbys} standby servers, at most {seconds:.1f} s behind")


def _archive(now: datetime, mode: str, last: float | None) -> HealthFinding:
    if mode == "off":
        return _well("not checked: backups; this server archives no log, and dumps leave no sign in it")
    hours = (now.timestamp() - last) / 3600 if last else None
    if hours is None or hours > ARCHIVE_HOURS:
        since = "never archived" if hours is None else f"last archived {hours:.0f} hours ago"
        return _bad(f"backups: the server's log was {since}. Check its archive_command.")
    return _well(f"backups: the server's log was last archived {hours:.1f} hours ago")


def _connections(most: int, used: int) -> HealthFinding:
    if most - used < FEW_CONNECTIONS:
        return _bad(
            f"PostgreSQL: {used} of {most} connections are in use. Raise max_connections: each replica opens "
            "up to 16."
        )
    return _well(f"PostgreSQL: {used} of {most} connections are in use")


def _well(text: str) -> HealthFinding:
    return HealthFinding(well=True, text=text)


def _bad(text: str) -> HealthFinding:
    return HealthFinding(well=False, text=text)
