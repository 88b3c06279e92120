"""Tables about Slack, as migration steps from an empty file to the current schema."""

import secrets

import msgspec
from sqlite_utils import Database

from bot.store.salted_digests import salted_digest
from bot.store.sql.slack_erasure_rules import SLACK_RULES
from bot.store.sqlite.file_migration import move_files
from bot.store.sqlite.tables import Tables

SLACK = Tables("slack", SLACK_RULES)


@SLACK()
def people_and_channels_are_known(db: Database) -> None:
    """Create the directory: channels, their members, and people."""
    db.conn.execute("""
        CREATE TABLE slack_channels (
            tenant TEXT NOT NULL,
            channel TEXT NOT NULL,
            name TEXT NOT NULL,
            bot_inside INTEGER NOT NULL,
            shared INTEGER NOT NULL,
            archived INTEGER NOT NULL,
            read_at TEXT NOT NULL,
            PRIMARY KEY (tenant, channel)
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("""
        CREATE TABLE slack_members (
            tenant TEXT NOT NULL,
            channel TEXT NOT NULL,
            person TEXT NOT NULL,
            PRIMARY KEY (tenant, channel, person)
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("""
        CREATE TABLE slack_people (
            tenant TEXT NOT NULL,
            person TEXT NOT NULL,
            name TEXT NOT NULL,
            zone TEXT NOT NULL,
            bot INTEGER NOT NULL,
            deactivated INTEGER NOT NULL,
            foreigner INTEGER NOT NULL,
            read_at TEXT NOT NULL,
            PRIMARY KEY (tenant, person)
        ) STRICT, WITHOUT ROWID
    """)


@SLACK()
def requests_wait_for_a_check(db: Database) -> None:
    """Create the table of pending requests of people who are not in the directory yet."""
    db.conn.execute("""
        CREATE TABLE slack_pending (
            tenant TEXT NOT NULL,
            key TEXT NOT NULL,
            channel TEXT NOT NULL,
            person TEXT NOT NULL,
            kind TEXT NOT NULL,
            body TEXT NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (tenant, key)
        ) STRICT, WITHOUT ROWID
    """)


@SLACK()
def cards_are_remembered(db: Database) -> None:
    """Create the table of cards: place, content, and reason of a suspension."""
    db.conn.execute("""
        CREATE TABLE slack_cards (
            stream TEXT PRIMARY KEY,
            channel TEXT NOT NULL,
            ts TEXT,
            digest TEXT,
            version INTEGER NOT NULL DEFAULT 0,
            resting TEXT
        ) STRICT, WITHOUT ROWID
    """)


@SLACK()
def people_and_channels_are_told_apart(db: Database) -> None:
    """Add guests, administrators and their workspaces; private channels, and invited organizations."""
    for table, column in (
        ("slack_people", "home TEXT NOT NULL DEFAULT ''"),
        ("slack_people", "guest INTEGER NOT NULL DEFAULT 0"),
        ("slack_people", "admin INTEGER NOT NULL DEFAULT 0"),
        ("slack_channels", "invited INTEGER NOT NULL DEFAULT 0"),
        ("slack_channels", "private INTEGER NOT NULL DEFAULT 0"),
    ):
        db.conn.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    # Everyone read before is read again in the next round.
    db.conn.execute("UPDATE slack_people SET read_at = ''")


@SLACK()
def summaries_are_remembered(db: Database) -> None:
    """Create the table of thread messages, with the progress; existing models start at their version."""
    db.conn.execute("ALTER TABLE slack_cards ADD COLUMN told TEXT")
    db.conn.execute("""
        CREATE TABLE slack_threads (stream TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("""
        CREATE TABLE slack_summaries (
            stream TEXT NOT NULL,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            until TEXT NOT NULL,
            thread TEXT NOT NULL,
            ts TEXT NOT NULL,
            digest TEXT NOT NULL,
            closing INTEGER NOT NULL,
            PRIMARY KEY (stream, first, closing)
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("""
        INSERT INTO slack_threads (stream, version) SELECT stream, version FROM streams WHERE name IS NOT NULL
    """)


@SLACK()
def writing_is_tried(db: Database) -> None:
    """Create the row that is written to check whether the file is writable."""
    db.conn.execute("""
        CREATE TABLE slack_pulse (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            at TEXT NOT NULL,
            filler BLOB NOT NULL
        ) STRICT
    """)


@SLACK()
def summaries_forget_what_was_erased(db: Database) -> None:
    """Add the count of erasures at the last update of each thread."""
    db.conn.execute("ALTER TABLE slack_threads ADD COLUMN erasures INTEGER NOT NULL DEFAULT 0")


@SLACK()
def voters_are_invited_once(db: Database) -> None:
    """Create the table of invitations to vote by direct message, with the content of each message."""
    db.conn.execute("""
        CREATE TABLE slack_invitations (
            stream TEXT NOT NULL,
            round TEXT NOT NULL,
            person TEXT NOT NULL,
            channel TEXT NOT NULL,
            ts TEXT NOT NULL,
            digest TEXT NOT NULL,
            over INTEGER NOT NULL,
            PRIMARY KEY (stream, round, person)
        ) STRICT, WITHOUT ROWID
    """)


@SLACK()
def pictures_are_shown_once(db: Database) -> None:
    """Create the table of charts of closed rounds: Slack's IDs, and a digest of users' text in them."""
    db.conn.execute("""
        CREATE TABLE slack_pictures (
            stream TEXT NOT NULL,
            version INTEGER NOT NULL,
            files TEXT NOT NULL,
            words TEXT NOT NULL,
            erasures INTEGER NOT NULL,
            PRIMARY KEY (stream, version)
        ) STRICT, WITHOUT ROWID
    """)


@SLACK()
def reminders_show_what_was_done(db: Database) -> None:
    """Create the table of the content of each reminder message."""
    db.conn.execute("""
        CREATE TABLE slack_nudges (
            channel TEXT NOT NULL,
            ts TEXT NOT NULL,
            digest TEXT NOT NULL,
            over INTEGER NOT NULL,
            PRIMARY KEY (channel, ts)
        ) STRICT, WITHOUT ROWID
    """)


@SLACK()
def diagrams_are_kept_true(db: Database) -> None:
    """Create the table of ordered diagrams: the answered request, and the content."""
    db.conn.execute("""
        CREATE TABLE slack_diagrams (
            stream TEXT PRIMARY KEY,
            key TEXT NOT NULL,
            asked INTEGER NOT NULL,
            answered INTEGER NOT NULL DEFAULT 0,
            shown TEXT NOT NULL DEFAULT '',
            old TEXT NOT NULL DEFAULT '',
            phase TEXT NOT NULL DEFAULT '',
            erasures INTEGER NOT NULL DEFAULT 0
        ) STRICT, WITHOUT ROWID
    """)


@SLACK()
def exports_are_posted_once(db: Database) -> None:
    """Create the table of ordered files of models, in order: the format, and Slack's ID of the file."""
    db.conn.execute("""
        CREATE TABLE slack_exports (
            place INTEGER PRIMARY KEY AUTOINCREMENT,
            stream TEXT NOT NULL,
            key TEXT NOT NULL,
            word TEXT NOT NULL,
            file TEXT NOT NULL DEFAULT '',
            over INTEGER NOT NULL DEFAULT 0,
            erasures INTEGER NOT NULL DEFAULT 0,
            UNIQUE (stream, key)
        ) STRICT
    """)


@SLACK()
def files_are_read_before_they_are_imported(db: Database) -> None:
    """Create the table of import drafts: the preview and the events, until the person imports them."""
    db.conn.execute("""
        CREATE TABLE slack_drafts (
            tenant TEXT NOT NULL,
            channel TEXT NOT NULL,
            person TEXT NOT NULL,
            digest TEXT NOT NULL,
            preview TEXT NOT NULL,
            events BLOB NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (tenant, channel, person, digest)
        ) STRICT, WITHOUT ROWID
    """)


@SLACK()
def invitations_are_about_a_round(db: Database) -> None:
    """Generalize the subject of direct messages, which was a round."""
    db.conn.execute("ALTER TABLE slack_invitations RENAME COLUMN round TO about")


@SLACK()
def people_are_told_once_what_they_were_handed(db: Database) -> None:
    """Create the table of handover messages with their events and content, and of each model's progress.

    Earlier events were announced immediately.
    """
    db.conn.execute("""
        CREATE TABLE slack_handovers (
            stream TEXT NOT NULL,
            about TEXT NOT NULL,
            person TEXT NOT NULL,
            channel TEXT NOT NULL,
            ts TEXT NOT NULL,
            digest TEXT NOT NULL,
            over INTEGER NOT NULL,
            PRIMARY KEY (stream, about, person)
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("""
        CREATE TABLE slack_followed (stream TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("""
        INSERT INTO slack_followed (stream, version)
        SELECT stream, version FROM streams WHERE name IS NOT NULL
    """)


@SLACK()
def words_about_a_file_stand_in_a_message_of_their_own(db: Database) -> None:
    """Add the message with users' text about a file, so that it can be deleted together with the file."""
    db.conn.execute("ALTER TABLE slack_exports ADD COLUMN message TEXT NOT NULL DEFAULT ''")


@SLACK()
def one_order_waits_for_each_person_and_format(db: Database) -> None:
    """Add the person and format of an order: a second order is not queued while the first is pending."""
    db.conn.execute("ALTER TABLE slack_exports ADD COLUMN person TEXT NOT NULL DEFAULT ''")
    db.conn.execute("ALTER TABLE slack_exports ADD COLUMN form TEXT NOT NULL DEFAULT ''")


@SLACK()
def what_forms_showed_is_remembered(db: Database) -> None:
    """Create the table of initial field values of open forms, by a token in the form."""
    db.conn.execute("""
        CREATE TABLE slack_opened (
            tenant TEXT NOT NULL,
            token TEXT NOT NULL,
            stream TEXT NOT NULL,
            version INTEGER NOT NULL,
            shown BLOB NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (tenant, token)
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("CREATE INDEX slack_opened_of ON slack_opened (stream)")


@SLACK()
def people_may_use_several_workspaces(db: Database) -> None:
    """Add the workspaces of an organization that a person may use besides their own."""
    db.conn.execute("ALTER TABLE slack_people ADD COLUMN teams TEXT NOT NULL DEFAULT ''")
    # A person read before is read again in the next round.
    db.conn.execute("UPDATE slack_people SET read_at = ''")


@SLACK()
def files_are_checked_until_they_appear(db: Database) -> None:
    """Create the table of files that Slack accepted and that have not appeared yet."""
    db.conn.execute("""
        CREATE TABLE slack_uploads (
            stream TEXT NOT NULL,
            surface TEXT NOT NULL,
            about TEXT NOT NULL,
            files TEXT NOT NULL,
            at TEXT NOT NULL,
            tries INTEGER NOT NULL,
            PRIMARY KEY (stream, surface, about)
        ) STRICT, WITHOUT ROWID
    """)


@SLACK()
def what_slack_told_has_a_moment(db: Database) -> None:
    """Add the time of the last event about each fact, so that older events are ignored."""
    db.conn.execute("""
        CREATE TABLE slack_told (
            tenant TEXT NOT NULL,
            kind TEXT NOT NULL,
            channel TEXT NOT NULL,
            person TEXT NOT NULL,
            moment TEXT NOT NULL,
            says TEXT NOT NULL,
            noted_at TEXT NOT NULL,
            PRIMARY KEY (tenant, kind, channel, person)
        ) STRICT, WITHOUT ROWID
    """)


@SLACK()
def every_row_belongs_to_a_workspace(db: Database) -> None:
    """Put the workspace first in every key, so that workspaces in one file do not see each other's rows."""
    for table, columns in _OF_MODELS.items():
        names = ", ".join(name for name, _ in columns)
        key = ", ".join(("tenant", *(name for name, kind in columns if kind.endswith(_KEY))))
        defined = ", ".join(f"{name} {kind.removesuffix(_KEY)}" for name, kind in columns)
        db.conn.execute(f"""
            CREATE TABLE new_{table} (
                tenant TEXT NOT NULL, {defined}, PRIMARY KEY ({key}), {_OF_ITS_WORKSPACE}
            ) STRICT, WITHOUT ROWID
        """)
        db.conn.execute(f"""
            INSERT INTO new_{table} (tenant, {names})
            SELECT substr(stream, 1, instr(stream, '/') - 1), {names} FROM {table}
        """)  # noqa: S608  (our own names)
        db.conn.execute(f"DROP TABLE {table}")
        db.conn.execute(f"ALTER TABLE new_{table} RENAME TO {table}")
    _exports_belong_to_a_workspace(db)
    _nudges_belong_to_a_workspace(db)
    db.conn.execute("DROP INDEX slack_opened_of")
    db.conn.execute("CREATE INDEX slack_opened_of ON slack_opened (tenant, stream)")
    db.conn.execute("CREATE INDEX slack_members_of ON slack_members (tenant, person)")


def _exports_belong_to_a_workspace(db: Database) -> None:
    db.conn.execute(f"""
        CREATE TABLE new_slack_exports (
            tenant TEXT NOT NULL,
            place INTEGER NOT NULL,
            stream TEXT NOT NULL,
            key TEXT NOT NULL,
            word TEXT NOT NULL,
            file TEXT NOT NULL DEFAULT '',
            over INTEGER NOT NULL DEFAULT 0,
            erasures INTEGER NOT NULL DEFAULT 0,
            message TEXT NOT NULL DEFAULT '',
            person TEXT NOT NULL DEFAULT '',
            form TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (tenant, place),
            UNIQUE (tenant, stream, key),
            {_OF_ITS_WORKSPACE}
        ) STRICT, WITHOUT ROWID
    """)
    columns = "place, stream, key, word, file, over, erasures, message, person, form"
    db.conn.execute(f"""
        INSERT INTO new_slack_exports (tenant, {columns})
        SELECT substr(stream, 1, instr(stream, '/') - 1), {columns} FROM slack_exports
    """)  # noqa: S608  (our own names)
    db.conn.execute("DROP TABLE slack_exports")
    db.conn.execute("ALTER TABLE new_slack_exports RENAME TO slack_exports")


def _nudges_belong_to_a_workspace(db: Database) -> None:
    """Assign nudges to the workspace of their message; in a file of one workspace, all belong to it."""
    db.conn.execute("""
        CREATE TABLE new_slack_nudges (
            tenant TEXT NOT NULL,
            channel TEXT NOT NULL,
            ts TEXT NOT NULL,
            digest TEXT NOT NULL,
            over INTEGER NOT NULL,
            PRIMARY KEY (tenant, channel, ts)
        ) STRICT, WITHOUT ROWID
    """)
    # If two workspaces have messages with the same IDs, the owner is unknown: both check it again.
    db.conn.execute("""
        INSERT INTO new_slack_nudges (tenant, channel, ts, digest, over)
        SELECT DISTINCT nudges.tenant, channel, ts,
            iif(whose.workspaces = 1, digest, ''), iif(whose.workspaces = 1, over, 0)
        FROM slack_nudges JOIN nudges USING (channel, ts) JOIN (
            SELECT channel, ts, count(DISTINCT tenant) AS workspaces FROM nudges GROUP BY channel, ts
        ) AS whose USING (channel, ts)
    """)
    # A message without stored nudges belongs to the file's only workspace, if there is only one.
    db.conn.execute("""
        INSERT OR IGNORE INTO new_slack_nudges (tenant, channel, ts, digest, over)
        SELECT heads.tenant, channel, ts, digest, over FROM slack_nudges CROSS JOIN heads
        WHERE (SELECT count(*) FROM heads) = 1
    """)
    db.conn.execute("DROP TABLE slack_nudges")
    db.conn.execute("ALTER TABLE new_slack_nudges RENAME TO slack_nudges")


@SLACK()
def cards_are_deliveries(db: Database) -> None:
    """Create a slot for the card of each model.

    One without a place in Slack may have been posted nevertheless.
    """
    for tenant, stream, channel, ts, digest, resting, told in db.conn.execute("""
        SELECT tenant, stream, channel, ts, digest, resting, told FROM slack_cards
    """).fetchall():
        known = {name: value for name, value in (("resting", resting), ("told", told)) if value}
        _deliver(
            db,
            tenant,
            f"card/{stream.partition('/')[2]}",
            sink="channel",
            stream=stream,
            place=channel,
            external_id=ts or "",
            attempt="" if ts else secrets.token_hex(8),
            shown=salted_digest(digest) if ts and digest else "",
            of=msgspec.json.encode(known),
        )
    db.conn.execute("DROP TABLE slack_cards")


@SLACK()
def thread_messages_are_deliveries(db: Database) -> None:
    """Create slots for the messages in each card's thread, and checkpoints for its progress.

    A message without a place was deleted, or its post has an unknown result: it is not posted again.
    """
    for tenant, stream, first, last, until, thread, ts, digest, closing, channel in db.conn.execute("""
        SELECT slack_summaries.tenant, slack_summaries.stream, first, last, until, slack_summaries.thread, ts,
            digest, closing, ifnull(deliveries.place, '')
        FROM slack_summaries LEFT JOIN deliveries ON deliveries.tenant = slack_summaries.tenant
            AND deliveries.stream = slack_summaries.stream AND deliveries.kind = 'card'
    """).fetchall():
        _deliver(
            db,
            tenant,
            f"{'result' if closing else 'sitting'}/{stream.partition('/')[2]}/{first}",
            sink="thread",
            stream=stream,
            place=channel,
            thread=thread,
            external_id=ts,
            shown=salted_digest(digest) if ts and digest else "",
            over=not ts,
            of=b"" if closing else msgspec.json.encode({"last": last, "until": until}),
        )
    db.conn.execute("DROP TABLE slack_summaries")
    db.conn.execute("""
        INSERT INTO projections (tenant, kind, stream, version, erasures)
        SELECT tenant, 'thread', stream, version, erasures FROM slack_threads
    """)
    db.conn.execute("DROP TABLE slack_threads")


@SLACK()
def files_are_slots(db: Database) -> None:
    """Create slots for the charts, diagrams and exports of models, and for uncertain uploads."""
    move_files(db)


@SLACK()
def direct_messages_are_deliveries(db: Database) -> None:
    """Create slots for direct messages, and checkpoints for the progress of handovers.

    One that was attempted with an unknown result is searched for before it is posted.
    """
    for kind in ("invitation", "handover"):
        for tenant, stream, about, person, channel, ts, digest, over in db.conn.execute(f"""
            SELECT tenant, stream, about, person, channel, ts, digest, over FROM slack_{kind}s
        """).fetchall():  # noqa: S608  (our own names)
            _deliver(
                db,
                tenant,
                f"{kind}/{stream.partition('/')[2]}/{about}/{person}",
                sink="direct_message",
                stream=stream,
                place=channel,
                external_id=ts,
                attempt=secrets.token_hex(8) if digest and not ts and not over else "",
                shown=salted_digest(digest) if ts and digest else "",
                over=bool(over),
            )
        db.conn.execute(f"DROP TABLE slack_{kind}s")
    db.conn.execute("""
        INSERT INTO projections (tenant, kind, stream, version, erasures)
        SELECT tenant, 'handovers', stream, version, 0 FROM slack_followed
    """)
    db.conn.execute("DROP TABLE slack_followed")


@SLACK()
def home_tabs_are_deliveries(db: Database) -> None:
    """Create slots for Home tabs; Slack's hashes are unknown, so each tab is published again once."""
    homes = db.conn.execute("SELECT tenant, person, opened_at FROM homes").fetchall()
    for tenant, person, opened_at in homes:
        opened = msgspec.json.encode({"opened_at": opened_at})
        _deliver(db, tenant, f"home/{person}", sink="home", of=opened)
    db.conn.execute("DROP TABLE homes")


@SLACK()
def files_that_became_slots_are_looked_at(db: Database) -> None:
    """Make each model due once: pending and outdated files of an earlier release become due then."""
    db.conn.execute("""
        INSERT INTO work (tenant, kind, subject, lane, due, touched)
        SELECT tenant, 'model', substr(stream, length(tenant) + 2), '', '0', 1
        FROM streams WHERE name IS NOT NULL
        ON CONFLICT (tenant, kind, subject) DO UPDATE SET due = excluded.due, touched = touched + 1
    """)


@SLACK()
def reminders_are_deliveries(db: Database) -> None:
    """Create slots for reminder messages.

    The content of a message that was never edited is unknown. A batch with an unknown outcome is searched for
    before it is posted.
    """
    for tenant, stream, version, place in db.conn.execute("""
        SELECT DISTINCT tenant, stream, version, place FROM nudges WHERE state = 'claimed'
    """).fetchall():
        slot, attempt = _reminder_slot(stream, version, place), secrets.token_hex(8)
        _deliver(db, tenant, slot, sink="direct_message", attempt=attempt)
    for tenant, stream, version, place, channel, ts, digest, over in db.conn.execute("""
        SELECT nudges.tenant, stream, max(version), place, channel, ts, ifnull(digest, ''), ifnull(over, 0)
        FROM nudges LEFT JOIN slack_nudges USING (tenant, channel, ts)
        WHERE state = 'sent' AND ts <> '' GROUP BY nudges.tenant, channel, ts
    """).fetchall():
        _deliver(
            db,
            tenant,
            _reminder_slot(stream, version, place),
            sink="direct_message",
            place=channel,
            external_id=ts,
            shown=salted_digest(digest) if digest else "",
            over=bool(over),
        )
    db.conn.execute("DROP TABLE slack_nudges")
    db.conn.execute("UPDATE work SET kind = 'due-reminder' WHERE kind = 'reminder'")


@SLACK()
def work_is_named_for_what_it_wants(db: Database) -> None:
    """Rename the kinds of work that determine the wanted messages."""
    for old, new in (("reveal", "results"), ("summary", "summaries"), ("nudges", "sent-reminders")):
        db.conn.execute("UPDATE work SET kind = ? WHERE kind = ?", (new, old))


@SLACK()
def workspaces_install_the_app(db: Database) -> None:
    """Create the table of installations, and that of the used states of the way there."""
    db.conn.execute("""
        CREATE TABLE installations (
            tenant TEXT NOT NULL,
            app TEXT NOT NULL,
            enterprise TEXT NOT NULL,
            team TEXT NOT NULL,
            bot_user TEXT NOT NULL,
            bot_id TEXT NOT NULL,
            bot_name TEXT NOT NULL,
            url TEXT NOT NULL,
            scopes TEXT NOT NULL,
            token BLOB NOT NULL,
            refresh_token BLOB NOT NULL,
            key_id TEXT NOT NULL,
            token_at TEXT NOT NULL,
            expires_at TEXT NOT NULL,
            installed_at TEXT NOT NULL,
            state TEXT NOT NULL,
            PRIMARY KEY (tenant, app, enterprise, team),
            UNIQUE (app, enterprise, team)
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("CREATE INDEX installations_of_organization ON installations (enterprise, team)")
    db.conn.execute("""
        CREATE TABLE used_install_states (
            nonce TEXT PRIMARY KEY,
            until TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
    """)


@SLACK()
def old_forms_are_found_in_all_workspaces(db: Database) -> None:
    """Index the ages of import drafts and open forms, which are deleted for all workspaces together."""
    db.conn.execute("CREATE INDEX slack_drafts_by_age ON slack_drafts (at)")
    db.conn.execute("CREATE INDEX slack_opened_by_age ON slack_opened (at)")


@SLACK()
def agents_call(db: Database) -> None:
    """Create the tables of personal access tokens, and of the calls made with them."""
    db.conn.execute("""
        CREATE TABLE access_tokens (
            tenant TEXT NOT NULL,
            id TEXT NOT NULL,
            person TEXT NOT NULL,
            digest BLOB NOT NULL,
            scopes TEXT NOT NULL,
            created_at TEXT NOT NULL,
            expires_at TEXT NOT NULL,
            revoked_at TEXT NOT NULL,
            PRIMARY KEY (tenant, id)
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at)")
    db.conn.execute("""
        CREATE TABLE agent_calls (
            tenant TEXT NOT NULL,
            id TEXT NOT NULL,
            token TEXT NOT NULL,
            person TEXT NOT NULL,
            operation TEXT NOT NULL,
            model TEXT NOT NULL,
            at TEXT NOT NULL,
            outcome TEXT NOT NULL,
            PRIMARY KEY (tenant, id)
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("CREATE INDEX agent_calls_of_token ON agent_calls (tenant, token, at)")
    db.conn.execute("CREATE INDEX agent_calls_by_age ON agent_calls (at)")


@SLACK()
def trackers_are_connected(db: Database) -> None:
    """Create the tables of connections to trackers, and of requests that a tracker has to answer first."""
    db.conn.execute("""
        CREATE TABLE tracker_connections (
            tenant TEXT NOT NULL,
            tracker TEXT NOT NULL,
            secrets BLOB NOT NULL,
            key_id TEXT NOT NULL,
            saved_at TEXT NOT NULL,
            polled_until TEXT NOT NULL,
            polled_at TEXT NOT NULL,
            failures INTEGER NOT NULL,
            failed_at TEXT NOT NULL,
            error TEXT NOT NULL,
            stopped INTEGER NOT NULL,
            PRIMARY KEY (tenant, tracker)
        ) STRICT, WITHOUT ROWID
    """)
    db.conn.execute("""
        CREATE TABLE tracker_checks (
            tenant TEXT NOT NULL,
            id TEXT NOT NULL,
            person TEXT NOT NULL,
            at TEXT NOT NULL,
            kind TEXT NOT NULL,
            url TEXT NOT NULL,
            project TEXT NOT NULL,
            labels TEXT NOT NULL,
            tracker TEXT NOT NULL,
            account TEXT NOT NULL,
            secrets BLOB NOT NULL,
            key_id TEXT NOT NULL,
            shown_in TEXT NOT NULL,
            outcome TEXT NOT NULL,
            PRIMARY KEY (tenant, id)
        ) STRICT, WITHOUT ROWID
    """)


@SLACK()
def rejections_of_tokens_are_counted(db: Database) -> None:
    """Add the count of the rejections of a tracker's token, and the moment of the last one."""
    db.conn.execute("ALTER TABLE tracker_connections ADD COLUMN rejections INTEGER NOT NULL DEFAULT 0")
    db.conn.execute("ALTER TABLE tracker_connections ADD COLUMN rejected_at TEXT NOT NULL DEFAULT ''")


def _reminder_slot(stream: str, version: int, place: str) -> str:
    return f"reminder/{place}/{stream.rpartition('/')[2]}.{version}"


def _deliver(
    db: Database,
    tenant: str,
    slot: str,
    *,
    sink: str,
    stream: str = "",
    place: str = "",
    thread: str = "",
    external_id: str = "",
    attempt: str = "",
    shown: str = "",
    erasures: int = 0,
    over: bool = False,
    of: bytes = b"",
) -> None:
    """Add a slot with the content of an earlier table."""
    row = (tenant, slot.partition("/")[0], slot, sink, stream, place, thread, external_id, attempt)
    db.conn.execute(
        """
        INSERT INTO deliveries (tenant, kind, slot, sink, stream, place, thread, external_id, attempt, shown,
            erasures, over, of)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (*row, shown, erasures, over, of),
    )


_KEY = " (key)"
_OF_ITS_WORKSPACE = "CHECK (substr(stream, 1, length(tenant) + 1) = tenant || '/')"
_DIRECT = (
    ("stream", "TEXT NOT NULL (key)"),
    ("about", "TEXT NOT NULL (key)"),
    ("person", "TEXT NOT NULL (key)"),
    ("channel", "TEXT NOT NULL"),
    ("ts", "TEXT NOT NULL"),
    ("digest", "TEXT NOT NULL"),
    ("over", "INTEGER NOT NULL"),
)
_OF_MODELS = {
    "slack_cards": (
        ("stream", "TEXT NOT NULL (key)"),
        ("channel", "TEXT NOT NULL"),
        ("ts", "TEXT"),
        ("digest", "TEXT"),
        ("version", "INTEGER NOT NULL DEFAULT 0"),
        ("resting", "TEXT"),
        ("told", "TEXT"),
    ),
    "slack_threads": (
        ("stream", "TEXT NOT NULL (key)"),
        ("version", "INTEGER NOT NULL"),
        ("erasures", "INTEGER NOT NULL DEFAULT 0"),
    ),
    "slack_summaries": (
        ("stream", "TEXT NOT NULL (key)"),
        ("first", "INTEGER NOT NULL (key)"),
        ("last", "INTEGER NOT NULL"),
        ("until", "TEXT NOT NULL"),
        ("thread", "TEXT NOT NULL"),
        ("ts", "TEXT NOT NULL"),
        ("digest", "TEXT NOT NULL"),
        ("closing", "INTEGER NOT NULL (key)"),
    ),
    "slack_pictures": (
        ("stream", "TEXT NOT NULL (key)"),
        ("version", "INTEGER NOT NULL (key)"),
        ("files", "TEXT NOT NULL"),
        ("words", "TEXT NOT NULL"),
        ("erasures", "INTEGER NOT NULL"),
    ),
    "slack_diagrams": (
        ("stream", "TEXT NOT NULL (key)"),
        ("key", "TEXT NOT NULL"),
        ("asked", "INTEGER NOT NULL"),
        ("answered", "INTEGER NOT NULL DEFAULT 0"),
        ("shown", "TEXT NOT NULL DEFAULT ''"),
        ("old", "TEXT NOT NULL DEFAULT ''"),
        ("phase", "TEXT NOT NULL DEFAULT ''"),
        ("erasures", "INTEGER NOT NULL DEFAULT 0"),
    ),
    "slack_uploads": (
        ("surface", "TEXT NOT NULL (key)"),
        ("stream", "TEXT NOT NULL (key)"),
        ("about", "TEXT NOT NULL (key)"),
        ("files", "TEXT NOT NULL"),
        ("at", "TEXT NOT NULL"),
        ("tries", "INTEGER NOT NULL"),
    ),
    "slack_followed": (("stream", "TEXT NOT NULL (key)"), ("version", "INTEGER NOT NULL")),
    "slack_invitations": _DIRECT,
    "slack_handovers": _DIRECT,
}
"""The columns of the tables about models, as created by this release's step."""
