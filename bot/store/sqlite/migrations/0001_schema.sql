-- The tables of a file: those of a server's database (bot/store/postgres/migrations), and the count of its events.

CREATE TABLE events (
    position INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    type TEXT NOT NULL,
    schema INTEGER NOT NULL,
    salt BLOB,
    data BLOB,
    meta TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    digest BLOB NOT NULL,
    hash BLOB NOT NULL,
    UNIQUE (tenant, stream, version),
    PRIMARY KEY (tenant, sequence)
) STRICT;
CREATE TRIGGER events_stay BEFORE DELETE ON events
WHEN NOT EXISTS (SELECT 1 FROM removals JOIN heads USING (tenant, hash) WHERE tenant = OLD.tenant)
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
-- Erasure is the only permitted change: it sets both the data and the salt to NULL.
CREATE TRIGGER events_are_only_erased BEFORE UPDATE ON events
WHEN NOT (
    NEW.salt IS NULL AND NEW.data IS NULL
    AND NEW.position IS OLD.position AND NEW.tenant IS OLD.tenant AND NEW.sequence IS OLD.sequence
    AND NEW.stream IS OLD.stream AND NEW.version IS OLD.version AND NEW.type IS OLD.type
    AND NEW.schema IS OLD.schema AND NEW.meta IS OLD.meta AND NEW.recorded_at IS OLD.recorded_at
    AND NEW.digest IS OLD.digest AND NEW.hash IS OLD.hash AND NEW.rowid IS OLD.rowid
)
BEGIN SELECT RAISE(ABORT, 'events are never changed, only erased'); END;

CREATE TABLE commands (
    tenant TEXT NOT NULL,
    key TEXT NOT NULL,
    request BLOB NOT NULL,
    stream TEXT NOT NULL,
    first INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (tenant TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE streams (
    tenant TEXT NOT NULL,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    erasures INTEGER NOT NULL DEFAULT 0,
    name TEXT,
    channel TEXT,
    phase TEXT,
    started_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (tenant, stream)
) STRICT, WITHOUT ROWID;
CREATE INDEX streams_listed ON streams (tenant, channel) WHERE name IS NOT NULL;

CREATE TABLE snapshots (
    tenant TEXT NOT NULL,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    fold TEXT NOT NULL,
    data BLOB NOT NULL,
    seal BLOB,
    PRIMARY KEY (tenant, stream)
) STRICT;

CREATE TABLE erasures (
    tenant TEXT NOT NULL,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (tenant, stream, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE heads (
    tenant TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL,
    commands INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER heads_stay BEFORE DELETE ON heads
WHEN NOT EXISTS (SELECT 1 FROM removals WHERE tenant = OLD.tenant AND hash = OLD.hash)
BEGIN SELECT RAISE(ABORT, 'the end of a chain is never deleted, only removed with a record'); END;

CREATE TABLE removals (
    tenant TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (tenant, hash)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER removals_stay BEFORE DELETE ON removals
BEGIN SELECT RAISE(ABORT, 'removals are never deleted'); END;
CREATE TRIGGER removals_are_final BEFORE UPDATE ON removals
BEGIN SELECT RAISE(ABORT, 'removals are never changed'); END;
CREATE TRIGGER removals_are_not_replaced BEFORE INSERT ON removals
WHEN EXISTS (SELECT 1 FROM removals WHERE tenant = NEW.tenant AND hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'removals are never changed'); END;

-- The last position that was given to an event: without it, the position of a lost last event would be used again.
CREATE TABLE positions (only INTEGER PRIMARY KEY CHECK (only = 1), last INTEGER NOT NULL) STRICT;
INSERT INTO positions (only, last) VALUES (1, 0);

-- Events that were copied from another database, which keep the positions that they have there.
CREATE TABLE copied_workspaces (
    tenant TEXT PRIMARY KEY,
    live INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    removals INTEGER NOT NULL,
    skipped INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Pending cleanup of erased events: text in the log, or in a list entry.
CREATE TABLE pending_erasures (
    tenant TEXT NOT NULL,
    what TEXT NOT NULL,
    since TEXT NOT NULL,
    PRIMARY KEY (tenant, what)
) STRICT, WITHOUT ROWID;

-- Part of the marks of messages: those that were posted after the moment to which a database was restored are not
-- taken for its own.
CREATE TABLE database_epoch (one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL) STRICT;
INSERT INTO database_epoch (one, epoch) VALUES (1, '');

CREATE TABLE reminders (
    tenant TEXT NOT NULL,
    key TEXT NOT NULL,
    model TEXT NOT NULL,
    person TEXT NOT NULL,
    place TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    due TEXT NOT NULL,
    at TEXT NOT NULL,
    until TEXT NOT NULL,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    channel TEXT NOT NULL,
    ts TEXT NOT NULL,
    PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX reminders_of_model ON reminders (tenant, model);
CREATE INDEX reminders_under_way ON reminders (tenant, place) WHERE state = 'claimed';
CREATE INDEX reminders_waiting ON reminders (tenant, place) WHERE state = 'held back';
CREATE INDEX reminders_in_message ON reminders (tenant, channel, ts) WHERE ts <> '';

CREATE TABLE periodic_checks (tenant TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE work (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    lane TEXT NOT NULL,
    patience REAL NOT NULL DEFAULT 0,
    due TEXT,
    latest REAL,
    not_before REAL NOT NULL DEFAULT 0,
    touched INTEGER NOT NULL DEFAULT 0,
    token TEXT,
    owner TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, kind, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX work_ripe ON work (tenant, (not_before + patience)) WHERE due = '0' AND token IS NULL;
CREATE INDEX work_timed ON work (tenant, due) WHERE due > '0' AND token IS NULL;
CREATE UNIQUE INDEX work_claimed ON work (tenant, lane) WHERE token IS NOT NULL;
CREATE INDEX work_due ON work (due, tenant) WHERE due > '0' AND token IS NULL;

CREATE TABLE lanes (
    tenant TEXT NOT NULL,
    lane TEXT NOT NULL,
    not_before REAL NOT NULL,
    PRIMARY KEY (tenant, lane)
) STRICT, WITHOUT ROWID;

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
    final INTEGER NOT NULL,
    parameters BLOB NOT NULL,
    PRIMARY KEY (tenant, slot),
    CHECK (substr(slot, 1, length(kind) + 1) = kind || '/'),
    CHECK (stream = '' OR substr(stream, 1, length(tenant) + 1) = tenant || '/')
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_of_model ON deliveries (tenant, stream);
CREATE INDEX deliveries_in_place ON deliveries (tenant, place);
CREATE INDEX deliveries_of_kind ON deliveries (tenant, kind);
CREATE INDEX deliveries_by_attempt ON deliveries (tenant, attempt) WHERE attempt <> '';

CREATE TABLE projections (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    erasures INTEGER NOT NULL,
    PRIMARY KEY (tenant, kind, stream),
    CHECK (substr(stream, 1, length(tenant) + 1) = tenant || '/')
) STRICT, WITHOUT ROWID;

CREATE TABLE drafts (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    home TEXT NOT NULL,
    person TEXT NOT NULL,
    client TEXT NOT NULL,
    digest TEXT NOT NULL,
    draft TEXT NOT NULL,
    choices TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX drafts_of_home ON drafts (tenant, home);
CREATE INDEX drafts_by_age ON drafts (at);

CREATE TABLE draft_numbers (
    tenant TEXT NOT NULL,
    home TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (tenant, home)
) STRICT, WITHOUT ROWID;

CREATE TABLE portfolio_entries (
    tenant TEXT NOT NULL,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    erasures INTEGER NOT NULL,
    fold TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (tenant, stream)
) STRICT;

CREATE TABLE slack_channels (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    bot_inside INTEGER NOT NULL,
    shared INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    read_at TEXT NOT NULL,
    invited INTEGER NOT NULL DEFAULT 0,
    private INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE slack_members (
    tenant TEXT NOT NULL,
    channel TEXT NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (tenant, channel, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX slack_members_of ON slack_members (tenant, person);

CREATE TABLE slack_people (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    bot INTEGER NOT NULL,
    deactivated INTEGER NOT NULL,
    foreigner INTEGER NOT NULL,
    read_at TEXT NOT NULL,
    home TEXT NOT NULL DEFAULT '',
    guest INTEGER NOT NULL DEFAULT 0,
    admin INTEGER NOT NULL DEFAULT 0,
    teams TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE pending_requests (
    tenant TEXT NOT NULL,
    key TEXT NOT NULL,
    channel TEXT NOT NULL,
    person TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE write_checks (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    at TEXT NOT NULL,
    filler BLOB NOT NULL
) STRICT;

CREATE TABLE pending_imports (
    tenant TEXT NOT NULL,
    channel TEXT NOT NULL,
    person TEXT NOT NULL,
    digest TEXT NOT NULL,
    preview BLOB NOT NULL,
    events TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (tenant, channel, person, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_imports_by_age ON pending_imports (at);

CREATE TABLE open_forms (
    tenant TEXT NOT NULL,
    token TEXT NOT NULL,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    shown BLOB NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (tenant, token)
) STRICT, WITHOUT ROWID;
CREATE INDEX open_forms_of ON open_forms (tenant, stream);
CREATE INDEX open_forms_by_age ON open_forms (at);

CREATE TABLE slack_observations (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    person TEXT NOT NULL,
    moment TEXT NOT NULL,
    state TEXT NOT NULL,
    noted_at TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, channel, person)
) STRICT, WITHOUT ROWID;

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
) STRICT, WITHOUT ROWID;
CREATE INDEX installations_of_organization ON installations (enterprise, team);

CREATE TABLE used_install_states (
    nonce TEXT PRIMARY KEY,
    until TEXT NOT NULL
) STRICT, WITHOUT ROWID;

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
) STRICT, WITHOUT ROWID;
CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);

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
) STRICT, WITHOUT ROWID;
CREATE INDEX agent_calls_of_token ON agent_calls (tenant, token, at);
CREATE INDEX agent_calls_by_age ON agent_calls (at);

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
    rejections INTEGER NOT NULL DEFAULT 0,
    rejected_at TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, tracker)
) STRICT, WITHOUT ROWID;

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
) STRICT, WITHOUT ROWID;
