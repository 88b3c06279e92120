"""The tables of the event store, as steps from the empty file to today's."""

from sqlite_utils import Database, Migrations

EVENTS = Migrations("events")
"""The store's own steps. Another room keeps its own `Migrations` beside the code that reads its tables,
and hands them to `open_store(url, tables=(...))`; a released step is never changed, only followed by another.
"""


@EVENTS()
def events_are_only_ever_appended(db: Database) -> None:
    """The record itself, and the triggers that guard it."""
    # AUTOINCREMENT: without it the position of a lost last event would be given out again.
    db.conn.execute("""
        CREATE TABLE events (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
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
            UNIQUE (stream, version),
            UNIQUE (tenant, sequence)
        ) STRICT
    """)
    db.conn.execute("""
        CREATE TRIGGER events_stay BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END
    """)
    # Erasing is the one change there is: words and salt together, and only to nothing.
    db.conn.execute("""
        CREATE TRIGGER events_are_only_erased BEFORE UPDATE ON events
        WHEN NOT (
            NEW.salt IS NULL AND NEW.data IS NULL
            AND NEW.position IS OLD.position AND NEW.tenant IS OLD.tenant AND NEW.sequence IS OLD.sequence
            AND NEW.stream IS OLD.stream AND NEW.version IS OLD.version AND NEW.type IS OLD.type
            AND NEW.schema IS OLD.schema AND NEW.meta IS OLD.meta AND NEW.recorded_at IS OLD.recorded_at
            AND NEW.digest IS OLD.digest AND NEW.hash IS OLD.hash
        )
        BEGIN SELECT RAISE(ABORT, 'events are never changed, only erased'); END
    """)


@EVENTS()
def commands_are_answered_once(db: Database) -> None:
    """The keys of the commands that were carried out, and what they led to."""
    db.conn.execute("""
        CREATE TABLE commands (
            tenant TEXT NOT NULL,
            key TEXT NOT NULL,
            request BLOB NOT NULL,
            stream TEXT NOT NULL,
            first INTEGER NOT NULL,
            version INTEGER NOT NULL,
            PRIMARY KEY (tenant, key)
        ) STRICT, WITHOUT ROWID
    """)


@EVENTS()
def streams_are_summed_up(db: Database) -> None:
    """One row per stream: its version always, what a list shows of it where it is a model."""
    db.conn.execute("""
        CREATE TABLE streams (
            stream TEXT PRIMARY KEY,
            tenant TEXT NOT NULL,
            version INTEGER NOT NULL,
            erasures INTEGER NOT NULL DEFAULT 0,
            name TEXT,
            channel TEXT,
            phase TEXT,
            next_due TEXT,
            started_at TEXT NOT NULL,
            updated_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("CREATE INDEX streams_due ON streams (next_due) WHERE next_due IS NOT NULL")
    db.conn.execute("CREATE INDEX streams_listed ON streams (tenant, channel) WHERE name IS NOT NULL")


@EVENTS()
def models_are_numbered_by_workspace(db: Database) -> None:
    """The last number given to a model of each workspace."""
    db.conn.execute("""
        CREATE TABLE counters (tenant TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID
    """)


@EVENTS()
def folded_models_are_kept(db: Database) -> None:
    """The last snapshot of each stream."""
    db.conn.execute("""
        CREATE TABLE snapshots (
            stream TEXT PRIMARY KEY,
            version INTEGER NOT NULL,
            fold TEXT NOT NULL,
            data BLOB NOT NULL
        ) STRICT
    """)


@EVENTS()
def nudges_come_once(db: Database) -> None:
    """One row per nudge, written in the transaction of the event that tells what became of it."""
    # `place` is where it is sent: a person, or the thread of a model; at most one message to a place is
    # under way. `version` is that of the claim, in the place's stream of the day.
    db.conn.execute("""
        CREATE TABLE nudges (
            tenant TEXT NOT NULL,
            key TEXT NOT NULL,
            model TEXT NOT NULL,
            person TEXT NOT NULL,
            place TEXT NOT NULL,
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            due TEXT NOT NULL,
            at TEXT NOT NULL,
            until TEXT,
            stream TEXT NOT NULL,
            version INTEGER NOT NULL,
            channel TEXT NOT NULL,
            ts TEXT NOT NULL,
            PRIMARY KEY (tenant, key)
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("CREATE INDEX nudges_of_model ON nudges (tenant, model)")
    db.conn.execute("CREATE INDEX nudges_under_way ON nudges (tenant, place) WHERE state = 'claimed'")
    db.conn.execute("CREATE INDEX nudges_waiting ON nudges (tenant, place) WHERE state = 'held back'")
    db.conn.execute("CREATE INDEX nudges_in_message ON nudges (tenant, channel, ts) WHERE ts <> ''")


@EVENTS()
def models_are_looked_at_when_it_is_time(db: Database) -> None:
    """When to look for nudges in a model again, and how often it was touched until then."""
    db.conn.execute("ALTER TABLE streams ADD COLUMN look_at TEXT")
    db.conn.execute("ALTER TABLE streams ADD COLUMN touched INTEGER NOT NULL DEFAULT 0")
    # Whatever was there before is looked at once.
    db.conn.execute("UPDATE streams SET look_at = '0' WHERE name IS NOT NULL")
    db.conn.execute("CREATE INDEX streams_to_look_at ON streams (tenant, look_at) WHERE look_at IS NOT NULL")


@EVENTS()
def ticks_are_noted(db: Database) -> None:
    """When nudges were last looked for in each workspace, and how long that took."""
    db.conn.execute("""
        CREATE TABLE ticks (tenant TEXT PRIMARY KEY, at TEXT NOT NULL, seconds REAL NOT NULL)
        STRICT, WITHOUT ROWID
    """)


@EVENTS()
def requests_are_keyed(db: Database) -> None:
    """Of each request a digest under a key; without one, a ballot was found by trying them all."""
    db.conn.execute("UPDATE commands SET request = keyed(request), key = keyed_name(key)")
