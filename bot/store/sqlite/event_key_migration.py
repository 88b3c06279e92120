"""Migrations of the events to a key that starts with the workspace, and to positions that may be copied."""

import time

from sqlite_utils import Database

_COLUMNS = """
    position, tenant, sequence, stream, version, type, schema, salt, data, meta, recorded_at, digest, hash
"""
_EVENTS_PER_STATEMENT = 5_000
_SECONDS_BETWEEN_MESSAGES = 2.0


def key_events_by_workspace(db: Database) -> None:
    """Copy the events, in the order of recording, into a table with the new key.

    The position, which counts the events of the whole file, stays a unique column. The last one is stored in
    a table of its own, because SQLite counts automatically only if the position is the key.
    """
    # An implicit rowid: without one, appending costs the same, and reading a stream 50 % more.
    db.conn.execute("""
        CREATE TABLE new_events (
            position INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            stream TEXT NOT NULL,
            version INTEGER NOT NULL,
            type TEXT NOT NULL,
            schema INTEGER NOT NULL,
            salt BLOB,
            data TEXT,
            meta TEXT NOT NULL,
            recorded_at TEXT NOT NULL,
            digest BLOB NOT NULL,
            hash BLOB NOT NULL,
            UNIQUE (tenant, stream, version),
            PRIMARY KEY (tenant, sequence),
            UNIQUE (position)
        ) STRICT
    """)
    db.conn.execute("""
        CREATE TABLE positions (only INTEGER PRIMARY KEY CHECK (only = 1), last INTEGER NOT NULL) STRICT
    """)
    db.conn.execute("""
        INSERT INTO positions (only, last)
        VALUES (1, ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0))
    """)
    _copy(db)
    db.conn.execute("DROP TABLE events")
    db.conn.execute("ALTER TABLE new_events RENAME TO events")
    _guard(db)


def allow_copied_positions(db: Database) -> None:
    """Copy the events, in the order of recording, into a table in which two of them may have one position.

    The file itself gives each position once; events that are copied from another database bring theirs.
    """
    db.conn.execute("""
        CREATE TABLE new_events (
            position INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            stream TEXT NOT NULL,
            version INTEGER NOT NULL,
            type TEXT NOT NULL,
            schema INTEGER NOT NULL,
            salt BLOB,
            data TEXT,
            meta TEXT NOT NULL,
            recorded_at TEXT NOT NULL,
            digest BLOB NOT NULL,
            hash BLOB NOT NULL,
            UNIQUE (tenant, stream, version),
            PRIMARY KEY (tenant, sequence)
        ) STRICT
    """)
    _copy(db)
    db.conn.execute("DROP TABLE events")
    db.conn.execute("ALTER TABLE new_events RENAME TO events")
    _guard(db)


def _copy(db: Database) -> None:
    """Copy the events; log the progress of a long copy."""
    (last,) = db.conn.execute("SELECT ifnull(max(position), 0) FROM events").fetchone()
    due = time.monotonic() + _SECONDS_BETWEEN_MESSAGES
    for start in range(0, last, _EVENTS_PER_STATEMENT):
        db.conn.execute(
            f"""
            INSERT INTO new_events ({_COLUMNS})
            SELECT {_COLUMNS} FROM events WHERE position > ? AND position <= ? ORDER BY position
            """,  # noqa: S608  (our own names)
            (start, start + _EVENTS_PER_STATEMENT),
        )
        if time.monotonic() >= due:
            due = time.monotonic() + _SECONDS_BETWEEN_MESSAGES
            _log_progress(min(start + _EVENTS_PER_STATEMENT, last), last)


def _log_progress(copied: int, total: int) -> None:
    import structlog  # imported here: rarely needed, and slower to load than `--help` may be

    structlog.get_logger().info("migrating the database", events=copied, of=total)


def _guard(db: Database) -> None:
    """Recreate the triggers of the table."""
    db.conn.execute("""
        CREATE TRIGGER events_stay BEFORE DELETE ON events
        WHEN NOT EXISTS (SELECT 1 FROM removals JOIN heads USING (tenant, hash) WHERE tenant = OLD.tenant)
        BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END
    """)
    db.conn.execute("""
        CREATE TRIGGER events_are_only_erased BEFORE UPDATE ON events
        WHEN NOT (
            NEW.salt IS NULL AND NEW.data IS NULL
            AND NEW.position IS OLD.position AND NEW.tenant IS OLD.tenant AND NEW.sequence IS OLD.sequence
            AND NEW.stream IS OLD.stream AND NEW.version IS OLD.version AND NEW.type IS OLD.type
            AND NEW.schema IS OLD.schema AND NEW.meta IS OLD.meta AND NEW.recorded_at IS OLD.recorded_at
            AND NEW.digest IS OLD.digest AND NEW.hash IS OLD.hash AND NEW.rowid IS OLD.rowid
        )
        BEGIN SELECT RAISE(ABORT, 'events are never changed, only erased'); END
    """)
