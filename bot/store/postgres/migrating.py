"""Migration of a database, once, even if several replicas start together."""

from contextlib import closing

import psycopg

from bot.store.errors import StoreUnavailable
from bot.store.migrations import POSTGRES, Migration, migrations, missing_steps
from bot.store.postgres.connections import PostgresConnections, RawConnection
from bot.store.postgres.database_faults import is_database_fault
from bot.version import version

_LOCK = "SELECT pg_advisory_xact_lock(4711, 1)"
_APPLIED = "SELECT number, encode(digest, 'hex') FROM migrations"
# Not to_regclass, which may answer from a cache of before the lock was waited for.
_EXISTS = """
    SELECT EXISTS (
        SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname = current_schema() AND relname = 'migrations'
    )
"""
_OTHER_TABLES = """
    SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = current_schema() AND relkind IN ('r', 'p', 'v', 'm')
    AND NOT EXISTS (
        SELECT 1 FROM pg_depend
        WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
    )
"""  # views of extensions, such as pg_stat_statements, are part of many servers' databases
_CREATE = """
    CREATE TABLE migrations (
        number integer PRIMARY KEY,
        name text NOT NULL,
        digest bytea NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        release text NOT NULL
    )
"""
_APPLY = "INSERT INTO migrations (number, name, digest, release) VALUES ($1, $2, decode($3, 'hex'), $4)"


def migrate(database: PostgresConnections, steps: tuple[Migration, ...] | None = None) -> int:
    """Apply all missing steps in one transaction; return how many there were.

    Raises StoreUnavailable if the database belongs to another program or cannot be migrated by this release,
    and leaves it as it is.
    """
    steps = migrations(POSTGRES) if steps is None else steps
    # Not a connection of the pool, which would say only that there is none in time.
    with database.translated_faults(), closing(database.connect()) as raw:
        if not missing_steps(steps, _applied(raw), database.place):
            return 0
        with raw.transaction():
            # A start waits for another one that migrates, however long that takes.
            raw.execute("SET LOCAL lock_timeout TO 0")
            raw.execute(_LOCK)
            if not _exists(raw):
                _refuse_a_stranger(raw, database)
                raw.execute(_CREATE)
            missing = missing_steps(steps, _applied(raw), database.place)
            for step in missing:
                _apply(raw, database, step)
                raw.execute(_APPLY, (step.number, step.name, step.digest, version()))
            return len(missing)


def _apply(raw: RawConnection, database: PostgresConnections, step: Migration) -> None:
    try:
        raw.execute(step.sql.encode(), prepare=False)
    except psycopg.Error as error:
        if is_database_fault(error):
            raise
        said = " ".join(str(error).split())
        raise StoreUnavailable(
            f"DATABASE_URL: {database.place} cannot be migrated (step {step.number}, {step.name}: {said}). "
            "Nothing was changed; go on with the release of before"
        ) from error


def _exists(raw: RawConnection) -> bool:
    row = raw.execute(_EXISTS).fetchone()
    return bool(row and row[0])


def _applied(raw: RawConnection) -> dict[int, str]:
    """Return the digests of the applied steps by number."""
    return dict(raw.execute(_APPLIED)) if _exists(raw) else {}


def _refuse_a_stranger(raw: RawConnection, database: PostgresConnections) -> None:
    row = raw.execute(_OTHER_TABLES).fetchone()
    if row and row[0]:
        raise StoreUnavailable(
            f"DATABASE_URL: {database.place} contains tables of another program. Create a database of its own"
        )
