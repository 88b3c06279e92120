"""Tables of the event store, as migration steps from an empty file to the current schema."""

from sqlite_utils import Database

from bot.store.sql.erasure_rules import EVENT_STORE_RULES
from bot.store.sqlite.event_key_migration import allow_copied_positions, key_events_by_workspace
from bot.store.sqlite.tables import Tables

EVENTS = Tables("events", EVENT_STORE_RULES)
"""Migration steps of the store.

Other packages declare their own `Tables` beside the code that reads them, and pass them to `open_store(url,
tables=(...))`. A released step is never changed; another step follows it.
"""


@EVENTS()
def events_are_only_ever_appended(db: Database) -> None:
    """Create the events, and the triggers that protect them."""
    # AUTOINCREMENT: without it the position of a lost last event would be reused.
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
    # Erasure is the only permitted change: it sets both the data and the salt to NULL.
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
    """Create the table of keys of executed commands, with their results."""
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
    """Create the table with one row per stream: its version, and for a model its list entry."""
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
    """Create the table of the last number assigned to a model of each workspace."""
    db.conn.execute("""
        CREATE TABLE counters (tenant TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID
    """)


@EVENTS()
def folded_models_are_kept(db: Database) -> None:
    """Create the table of the last snapshot of each stream."""
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
    """Create the table with one row per nudge, written in the transaction of the event with its outcome."""
    # `place` is the destination: a person, or the thread of a model; at most one message to a place is
    # in progress. `version` is that of the claim, in the place's stream of the day.
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
    """Create the table of the next planning of nudges in a model, and its count of touches."""
    db.conn.execute("ALTER TABLE streams ADD COLUMN look_at TEXT")
    db.conn.execute("ALTER TABLE streams ADD COLUMN touched INTEGER NOT NULL DEFAULT 0")
    # All existing models are planned once.
    db.conn.execute("UPDATE streams SET look_at = '0' WHERE name IS NOT NULL")
    db.conn.execute("CREATE INDEX streams_to_look_at ON streams (tenant, look_at) WHERE look_at IS NOT NULL")


@EVENTS()
def ticks_are_noted(db: Database) -> None:
    """Create the table of the last planning of nudges in each workspace, with its duration."""
    db.conn.execute("""
        CREATE TABLE ticks (tenant TEXT PRIMARY KEY, at TEXT NOT NULL, seconds REAL NOT NULL)
        STRICT, WITHOUT ROWID
    """)


@EVENTS()
def requests_are_keyed(db: Database) -> None:
    """Store keyed digests of requests: with a plain digest, a ballot could be found by trying all values."""
    db.conn.execute("UPDATE commands SET request = keyed(request), key = keyed_name(key)")


@EVENTS()
def ends_of_chains_are_noted(db: Database) -> None:
    """Create the table of chain ends: hash and count of commands of each workspace, also removed ones."""
    db.conn.execute("""
        CREATE TABLE heads (
            tenant TEXT PRIMARY KEY,
            sequence INTEGER NOT NULL,
            hash BLOB NOT NULL,
            commands INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("""
        CREATE TABLE removals (
            tenant TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            hash BLOB NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (tenant, hash)
        ) STRICT, WITHOUT ROWID
    """)
    # Only once the commands of erased events exist again; see the next step.
    db.conn.execute("""
        INSERT INTO heads (tenant, sequence, hash, commands)
        SELECT tenant, sequence, hash, 0 FROM events
        WHERE (tenant, sequence) IN (SELECT tenant, max(sequence) FROM events GROUP BY tenant)
    """)
    db.conn.execute("""
        CREATE TRIGGER heads_stay BEFORE DELETE ON heads
        WHEN NOT EXISTS (SELECT 1 FROM removals WHERE tenant = OLD.tenant AND hash = OLD.hash)
        BEGIN SELECT RAISE(ABORT, 'the end of a chain is never deleted, only removed with a record'); END
    """)
    db.conn.execute("""
        CREATE TRIGGER removals_stay BEFORE DELETE ON removals
        BEGIN SELECT RAISE(ABORT, 'removals are never deleted'); END
    """)
    db.conn.execute("DROP TRIGGER events_stay")
    db.conn.execute("""
        CREATE TRIGGER events_stay BEFORE DELETE ON events
        WHEN NOT EXISTS (SELECT 1 FROM removals JOIN heads USING (tenant, hash) WHERE tenant = OLD.tenant)
        BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END
    """)


@EVENTS()
def erasures_are_recorded(db: Database) -> None:
    """Record which events were erased; their commands stay as rows without a key."""
    db.conn.execute("""
        CREATE TABLE erasures (
            stream TEXT NOT NULL,
            version INTEGER NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (stream, version)
        ) STRICT, WITHOUT ROWID
    """)
    # Pending cleanup of erased events: text in the log, or in a list entry.
    db.conn.execute("""
        CREATE TABLE unfinished (what TEXT PRIMARY KEY, since TEXT NOT NULL) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("""
        INSERT INTO erasures (stream, version, at)
        SELECT stream, version, '' FROM events NOT INDEXED WHERE data IS NULL
    """)
    # Earlier versions deleted the commands of erased events.
    for tenant, stream, version in _without_a_command(db):
        db.conn.execute(
            "INSERT INTO commands (tenant, key, request, stream, first, version) "
            "VALUES (?, 'erased:' || hex(randomblob(12)), x'', ?, ?, ?)",
            (tenant, stream, version, version),
        )
    db.conn.execute("""
        UPDATE heads SET commands = (SELECT count(*) FROM commands WHERE commands.tenant = heads.tenant)
    """)
    # The list showed names from erased events.
    db.conn.execute("""
        INSERT INTO unfinished (what, since)
        SELECT 'summary of ' || stream, '' FROM streams WHERE erasures > 0 AND name IS NOT NULL
    """)
    db.conn.execute(
        "INSERT INTO unfinished (what, since) SELECT 'log', '' WHERE EXISTS (SELECT 1 FROM events)"
    )


@EVENTS()
def snapshots_are_sealed(db: Database) -> None:
    """Add a keyed digest over each snapshot and the chain's hash at its version."""
    db.conn.execute("ALTER TABLE snapshots ADD COLUMN seal BLOB")


@EVENTS()
def streams_belong_to_a_workspace(db: Database) -> None:
    """Put the workspace first in the keys of streams, snapshots and erasures."""
    db.conn.execute("""
        CREATE TABLE new_streams (
            tenant TEXT NOT NULL,
            stream TEXT NOT NULL,
            version INTEGER NOT NULL,
            erasures INTEGER NOT NULL DEFAULT 0,
            name TEXT,
            channel TEXT,
            phase TEXT,
            next_due TEXT,
            started_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            look_at TEXT,
            touched INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (tenant, stream)
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("""
        INSERT INTO new_streams (tenant, stream, version, erasures, name, channel, phase, next_due,
            started_at, updated_at, look_at, touched)
        SELECT tenant, stream, version, erasures, name, channel, phase, next_due,
            started_at, updated_at, look_at, touched
        FROM streams
    """)
    db.conn.execute("DROP TABLE streams")
    db.conn.execute("ALTER TABLE new_streams RENAME TO streams")
    db.conn.execute("CREATE INDEX streams_due ON streams (tenant, next_due) WHERE next_due IS NOT NULL")
    db.conn.execute("CREATE INDEX streams_listed ON streams (tenant, channel) WHERE name IS NOT NULL")
    db.conn.execute("CREATE INDEX streams_to_look_at ON streams (tenant, look_at) WHERE look_at IS NOT NULL")
    db.conn.execute("""
        CREATE TABLE new_snapshots (
            tenant TEXT NOT NULL,
            stream TEXT NOT NULL,
            version INTEGER NOT NULL,
            fold TEXT NOT NULL,
            data BLOB NOT NULL,
            seal BLOB,
            PRIMARY KEY (tenant, stream)
        ) STRICT
    """)
    db.conn.execute("""
        INSERT INTO new_snapshots (tenant, stream, version, fold, data, seal)
        SELECT substr(stream, 1, instr(stream, '/') - 1), stream, version, fold, data, seal FROM snapshots
    """)
    db.conn.execute("DROP TABLE snapshots")
    db.conn.execute("ALTER TABLE new_snapshots RENAME TO snapshots")
    db.conn.execute("""
        CREATE TABLE new_erasures (
            tenant TEXT NOT NULL,
            stream TEXT NOT NULL,
            version INTEGER NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (tenant, stream, version)
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("""
        INSERT INTO new_erasures (tenant, stream, version, at)
        SELECT substr(stream, 1, instr(stream, '/') - 1), stream, version, at FROM erasures
    """)
    db.conn.execute("DROP TABLE erasures")
    db.conn.execute("ALTER TABLE new_erasures RENAME TO erasures")


@EVENTS()
def work_is_queued(db: Database) -> None:
    """Create the work queue, one row for each unit of work, and the lanes that are paused.

    It also contains the Home tabs that are kept up to date. Every existing model becomes due once.
    """
    db.conn.execute("""
        CREATE TABLE work (
            tenant TEXT NOT NULL,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            lane TEXT NOT NULL,
            due TEXT,
            first REAL,
            not_before REAL NOT NULL DEFAULT 0,
            touched INTEGER NOT NULL DEFAULT 0,
            token TEXT,
            tries INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (tenant, kind, subject)
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("CREATE INDEX work_ripe ON work (tenant, not_before) WHERE due = '0' AND token IS NULL")
    db.conn.execute("CREATE INDEX work_timed ON work (tenant, due) WHERE due > '0' AND token IS NULL")
    db.conn.execute("CREATE INDEX work_claimed ON work (tenant, lane) WHERE token IS NOT NULL")
    db.conn.execute("""
        CREATE TABLE lanes (
            tenant TEXT NOT NULL,
            lane TEXT NOT NULL,
            not_before REAL NOT NULL,
            PRIMARY KEY (tenant, lane)
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("""
        CREATE TABLE homes (
            tenant TEXT NOT NULL,
            person TEXT NOT NULL,
            opened_at TEXT NOT NULL,
            shown TEXT NOT NULL,
            PRIMARY KEY (tenant, person)
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("""
        INSERT INTO work (tenant, kind, subject, lane, due, touched)
        SELECT tenant, 'model', substr(stream, length(tenant) + 2), '', '0', 1
        FROM streams WHERE stream GLOB tenant || '/TM-[0-9]*' AND stream NOT GLOB tenant || '/*/*'
    """)


@EVENTS()
def deadlines_of_rounds_are_queued(db: Database) -> None:
    """Put the deadlines of open rounds into the work queue, by model."""
    db.conn.execute("""
        INSERT INTO work (tenant, kind, subject, lane, due, touched)
        SELECT tenant, 'rounds', substr(stream, length(tenant) + 2),
            'rounds/' || substr(stream, length(tenant) + 2), next_due, 1
        FROM streams WHERE next_due IS NOT NULL AND name IS NOT NULL
    """)
    db.conn.execute("DROP INDEX streams_due")


@EVENTS()
def deliveries_are_recorded(db: Database) -> None:
    """Create the slots of deliveries, and the checkpoints of projectors.

    The steps of each kind of message move its rows here.
    """
    db.conn.execute("""
        CREATE TABLE deliveries (
            tenant TEXT NOT NULL,
            slot TEXT NOT NULL,
            kind TEXT NOT NULL,
            sink TEXT NOT NULL,
            stream TEXT NOT NULL,
            place TEXT NOT NULL,
            thread TEXT NOT NULL,
            external_id TEXT NOT NULL,
            attempt TEXT NOT NULL,
            shown TEXT NOT NULL,
            erasures INTEGER NOT NULL,
            over INTEGER NOT NULL,
            of BLOB NOT NULL,
            PRIMARY KEY (tenant, slot),
            CHECK (substr(slot, 1, length(kind) + 1) = kind || '/'),
            CHECK (stream = '' OR substr(stream, 1, length(tenant) + 1) = tenant || '/')
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("CREATE INDEX deliveries_of_model ON deliveries (tenant, stream)")
    db.conn.execute("CREATE INDEX deliveries_in_place ON deliveries (tenant, place)")
    db.conn.execute("CREATE INDEX deliveries_of_kind ON deliveries (tenant, kind)")
    db.conn.execute("CREATE INDEX deliveries_by_attempt ON deliveries (tenant, attempt) WHERE attempt <> ''")
    db.conn.execute("""
        CREATE TABLE projections (
            tenant TEXT NOT NULL,
            kind TEXT NOT NULL,
            stream TEXT NOT NULL,
            version INTEGER NOT NULL,
            erasures INTEGER NOT NULL,
            PRIMARY KEY (tenant, kind, stream),
            CHECK (substr(stream, 1, length(tenant) + 1) = tenant || '/')
        ) STRICT, WITHOUT ROWID
    """)


@EVENTS()
def reminders_are_queued(db: Database) -> None:
    """Put models with planned reminders, and messages that may exist, into the work queue."""
    db.conn.execute("""
        INSERT INTO work (tenant, kind, subject, lane, due, touched)
        SELECT tenant, 'reminders', substr(stream, length(tenant) + 2),
            'reminders/' || substr(stream, length(tenant) + 2), look_at, 1
        FROM streams WHERE look_at IS NOT NULL AND name IS NOT NULL
    """)
    db.conn.execute("""
        INSERT OR IGNORE INTO work (tenant, kind, subject, lane, due, touched)
        SELECT nudges.tenant, 'reminder', nudges.place || '/' || nudges.model,
            iif(nudges.person = 'thread', ifnull(streams.channel, nudges.place), 'person/' || nudges.person),
            '0', 1
        FROM nudges LEFT JOIN streams ON streams.tenant = nudges.tenant
            AND streams.stream = nudges.tenant || '/' || nudges.model
        WHERE nudges.state = 'claimed'
    """)
    db.conn.execute("DROP INDEX streams_to_look_at")
    db.conn.execute("ALTER TABLE streams DROP COLUMN look_at")
    db.conn.execute("ALTER TABLE streams DROP COLUMN touched")
    db.conn.execute("ALTER TABLE ticks DROP COLUMN seconds")


@EVENTS()
def events_have_the_workspace_first_in_their_key(db: Database) -> None:
    """Change the key of an event to its workspace and sequence; the position becomes a unique column."""
    key_events_by_workspace(db)


@EVENTS()
def unfinished_erasures_belong_to_a_workspace(db: Database) -> None:
    """Put the workspace first in the key of pending erasures.

    The workspace of a note about the log is unknown.
    """
    db.conn.execute("""
        CREATE TABLE new_unfinished (
            tenant TEXT NOT NULL,
            what TEXT NOT NULL,
            since TEXT NOT NULL,
            PRIMARY KEY (tenant, what)
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("""
        INSERT INTO new_unfinished (tenant, what, since)
        SELECT iif(what = 'log', '', substr(what, 12, instr(what, '/') - 12)), what, since FROM unfinished
    """)
    db.conn.execute("DROP TABLE unfinished")
    db.conn.execute("ALTER TABLE new_unfinished RENAME TO unfinished")


@EVENTS()
def deadlines_are_in_the_work_queue_alone(db: Database) -> None:
    """Remove the deadlines of rounds from the list of models."""
    db.conn.execute("""
        INSERT OR IGNORE INTO work (tenant, kind, subject, lane, due, touched)
        SELECT tenant, 'rounds', substr(stream, length(tenant) + 2),
            'rounds/' || substr(stream, length(tenant) + 2), next_due, 1
        FROM streams WHERE next_due IS NOT NULL AND name IS NOT NULL
    """)
    db.conn.execute("ALTER TABLE streams DROP COLUMN next_due")


@EVENTS()
def workspaces_are_copied_with_their_positions(db: Database) -> None:
    """Let copied events keep the positions that they have elsewhere, and record which were copied."""
    allow_copied_positions(db)
    db.conn.execute("""
        CREATE TABLE imports (
            tenant TEXT PRIMARY KEY,
            live INTEGER NOT NULL,
            removed INTEGER NOT NULL,
            removals INTEGER NOT NULL,
            skipped INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
    """)


@EVENTS()
def due_work_is_found_in_all_workspaces(db: Database) -> None:
    """Index the moments that work waits for across workspaces, so that one look finds the workspaces."""
    db.conn.execute("CREATE INDEX work_due ON work (due, tenant) WHERE due > '0' AND token IS NULL")


@EVENTS()
def a_restored_database_has_another_epoch(db: Database) -> None:
    """Create the row with the epoch, which changes when the database was restored to an earlier moment."""
    db.conn.execute("""
        CREATE TABLE database_epoch (one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL) STRICT
    """)
    db.conn.execute("INSERT INTO database_epoch (one, epoch) VALUES (1, '')")


@EVENTS()
def records_of_removals_are_final(db: Database) -> None:
    """Protect the records of removed workspaces from changes; they were protected from deletion already."""
    db.conn.execute("""
        CREATE TRIGGER removals_are_final BEFORE UPDATE ON removals
        BEGIN SELECT RAISE(ABORT, 'removals are never changed'); END
    """)
    # INSERT OR REPLACE deletes the earlier row without the triggers of a deletion.
    db.conn.execute("""
        CREATE TRIGGER removals_are_not_replaced BEFORE INSERT ON removals
        WHEN EXISTS (SELECT 1 FROM removals WHERE tenant = NEW.tenant AND hash = NEW.hash)
        BEGIN SELECT RAISE(ABORT, 'removals are never changed'); END
    """)


@EVENTS()
def drafts_wait_for_a_decision(db: Database) -> None:
    """Create the table of drafts from files and agents, and of the numbers of their IDs."""
    db.conn.execute("""
        CREATE TABLE drafts (
            tenant TEXT NOT NULL,
            id TEXT NOT NULL,
            home TEXT NOT NULL,
            person TEXT NOT NULL,
            client TEXT NOT NULL,
            digest TEXT NOT NULL,
            content BLOB NOT NULL,
            choices BLOB NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (tenant, id)
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("CREATE INDEX drafts_of_home ON drafts (tenant, home)")
    db.conn.execute("CREATE INDEX drafts_by_age ON drafts (at)")
    db.conn.execute("""
        CREATE TABLE draft_numbers (
            tenant TEXT NOT NULL,
            home TEXT NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (tenant, home)
        ) STRICT, WITHOUT ROWID
    """)


@EVENTS()
def portfolio_entries_are_kept(db: Database) -> None:
    """Create the table of what the portfolio shows of each model."""
    db.conn.execute("""
        CREATE TABLE portfolio_entries (
            tenant TEXT NOT NULL,
            stream TEXT NOT NULL,
            version INTEGER NOT NULL,
            erasures INTEGER NOT NULL,
            fold TEXT NOT NULL,
            data BLOB NOT NULL,
            PRIMARY KEY (tenant, stream)
        ) STRICT
    """)


def _without_a_command(db: Database) -> list[tuple[str, str, int]]:
    """Return the events that belong to no command, in streams with erased events."""
    covered = {
        (stream, version)
        for stream, first, last in db.conn.execute("""
            SELECT stream, first, version FROM commands WHERE stream IN (SELECT stream FROM erasures)
        """)
        for version in range(first, last + 1)
    }
    there = db.conn.execute("""
        SELECT tenant, stream, version FROM events WHERE stream IN (SELECT stream FROM erasures)
    """)
    return [
        (tenant, stream, version) for tenant, stream, version in there if (stream, version) not in covered
    ]
