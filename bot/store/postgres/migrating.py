"""Migration of a database, once, even if several replicas start together."""

import hashlib
from contextlib import closing
from importlib import resources

import msgspec
import psycopg

from bot.store.errors import StoreUnavailable
from bot.store.postgres.connections import PostgresConnections, RawConnection
from bot.store.postgres.database_faults import is_database_fault
from bot.version import version

_LOCK = "SELECT pg_advisory_xact_lock(4711, 1)"
_APPLIED = "SELECT number, name, digest FROM migrations ORDER BY number"
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
_APPLY = "INSERT INTO migrations (number, name, digest, release) VALUES ($1, $2, $3, $4)"


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """Numbered step of SQL; a released one is never changed, another one follows it."""

    number: int
    name: str
    sql: str

    @property
    def digest(self) -> bytes:
        """Digest of the step."""
        return hashlib.sha256(self.sql.encode()).digest()


def migrations() -> tuple[Migration, ...]:
    """Return the steps of this release, in order."""
    files = resources.files("bot.store.postgres").joinpath("migrations").iterdir()
    found = [
        Migration(number=int(file.name[:4]), name=file.name[5:].removesuffix(".sql"), sql=file.read_text())
        for file in files
        if file.name.endswith(".sql")
    ]
    return tuple(sorted(found, key=lambda one: one.number))


def migrate(database: PostgresConnections, steps: tuple[Migration, ...] | None = None) -> int:
    """Apply all missing steps in one transaction; return how many there were.

    Raises StoreUnavailable if the database belongs to another program, was written by a newer release, or has
    a step that differs from this release's.
    """
    steps = migrations() if steps is None else steps
    # Not a connection of the pool, which would say only that there is none in time.
    with database.translated_faults(), closing(database.connect()) as raw:
        if _is_current(raw, database, steps):
            return 0
        with raw.transaction():
            # A start waits for another one that migrates, however long that takes.
            raw.execute("SET LOCAL lock_timeout TO 0")
            raw.execute(_LOCK)
            if not _exists(raw):
                _refuse_a_stranger(raw, database)
                raw.execute(_CREATE)
            missing = [one for one in steps if one.number not in _applied(raw, database, steps)]
            for one in missing:
                _apply(raw, database, one)
                raw.execute(_APPLY, (one.number, one.name, one.digest, version()))
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


def _is_current(raw: RawConnection, database: PostgresConnections, steps: tuple[Migration, ...]) -> bool:
    return _exists(raw) and len(_applied(raw, database, steps)) == len(steps)


def _exists(raw: RawConnection) -> bool:
    row = raw.execute(_EXISTS).fetchone()
    return bool(row and row[0])


def _applied(raw: RawConnection, database: PostgresConnections, steps: tuple[Migration, ...]) -> set[int]:
    known = {one.number: one for one in steps}
    numbers: set[int] = set()
    for number, name, digest in raw.execute(_APPLIED):
        if number not in known:
            raise StoreUnavailable(
                f"DATABASE_URL: {database.place} was written by a newer release ({name}); install that one"
            )
        if known[number].digest != digest:
            raise StoreUnavailable(
                f"DATABASE_URL: {database.place} was migrated by another build (step {number} differs); "
                "install the release that migrated it"
            )
        numbers.add(number)
    return numbers


def _refuse_a_stranger(raw: RawConnection, database: PostgresConnections) -> None:
    row = raw.execute(_OTHER_TABLES).fetchone()
    if row and row[0]:
        raise StoreUnavailable(
            f"DATABASE_URL: {database.place} contains tables of another program. Create a database of its own"
        )
