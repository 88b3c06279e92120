-- Tables of the store, with the workspace (tenant) first in every key, so that they can be partitioned by it.
-- Texts sort by bytes, as in SQLite; times are texts in UTC, because the chain's hashes cover them.

CREATE TABLE events (
    tenant text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    position bigint NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    type text COLLATE "C" NOT NULL,
    schema integer NOT NULL,
    salt bytea,
    data bytea, -- JSON as it was digested; jsonb would reorder keys
    meta text COLLATE "C" NOT NULL,
    recorded_at text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (tenant, sequence),
    UNIQUE (tenant, stream, version)
);

CREATE TABLE commands (
    tenant text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    request bytea NOT NULL,
    stream text COLLATE "C" NOT NULL,
    first integer NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (tenant, key)
);

CREATE TABLE counters (
    tenant text COLLATE "C" NOT NULL,
    number integer NOT NULL,
    PRIMARY KEY (tenant)
);

CREATE TABLE deliveries (
    tenant text COLLATE "C" NOT NULL,
    slot text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    sink text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    place text COLLATE "C" NOT NULL,
    thread text COLLATE "C" NOT NULL,
    external_id text COLLATE "C" NOT NULL,
    attempt text COLLATE "C" NOT NULL,
    shown text COLLATE "C" NOT NULL,
    erasures integer NOT NULL,
    final integer NOT NULL,
    parameters bytea NOT NULL,
    PRIMARY KEY (tenant, slot),
    CHECK (substr(slot, 1, length(kind) + 1) = kind || '/'),
    CHECK (stream = '' OR substr(stream, 1, length(tenant) + 1) = tenant || '/')
) WITH (fillfactor = 80);

CREATE TABLE erasures (
    tenant text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    at text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, stream, version)
);

CREATE TABLE heads (
    tenant text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    commands bigint NOT NULL,
    PRIMARY KEY (tenant)
) WITH (fillfactor = 50);

CREATE TABLE installations (
    tenant text COLLATE "C" NOT NULL,
    app text COLLATE "C" NOT NULL,
    enterprise text COLLATE "C" NOT NULL,
    team text COLLATE "C" NOT NULL,
    bot_user text COLLATE "C" NOT NULL,
    bot_id text COLLATE "C" NOT NULL,
    bot_name text COLLATE "C" NOT NULL,
    url text COLLATE "C" NOT NULL,
    scopes text COLLATE "C" NOT NULL,
    token bytea NOT NULL,
    refresh_token bytea NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    token_at text COLLATE "C" NOT NULL,
    expires_at text COLLATE "C" NOT NULL,
    installed_at text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, app, enterprise, team),
    UNIQUE (app, enterprise, team)
);

CREATE TABLE lanes (
    tenant text COLLATE "C" NOT NULL,
    lane text COLLATE "C" NOT NULL,
    not_before double precision NOT NULL,
    PRIMARY KEY (tenant, lane)
) WITH (fillfactor = 70);

CREATE TABLE reminders (
    tenant text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    model text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    place text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    due text COLLATE "C" NOT NULL,
    at text COLLATE "C" NOT NULL,
    until text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    channel text COLLATE "C" NOT NULL,
    ts text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, key)
);

CREATE TABLE projections (
    tenant text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    erasures integer NOT NULL,
    PRIMARY KEY (tenant, kind, stream),
    CHECK (substr(stream, 1, length(tenant) + 1) = tenant || '/')
);

CREATE TABLE removals (
    tenant text COLLATE "C" NOT NULL,
    hash bytea NOT NULL,
    sequence bigint NOT NULL,
    at text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, hash)
);

CREATE TABLE slack_channels (
    tenant text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    bot_inside integer NOT NULL,
    shared integer NOT NULL,
    archived integer NOT NULL,
    read_at text COLLATE "C" NOT NULL,
    invited integer NOT NULL DEFAULT 0,
    private integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE pending_imports (
    tenant text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    digest text COLLATE "C" NOT NULL,
    preview bytea NOT NULL,
    events text COLLATE "C" NOT NULL,
    at text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, channel, person, digest)
);

CREATE TABLE slack_members (
    tenant text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, channel, person)
);

CREATE TABLE open_forms (
    tenant text COLLATE "C" NOT NULL,
    token text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    shown bytea NOT NULL,
    at text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, token)
);

CREATE TABLE pending_requests (
    tenant text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    body text COLLATE "C" NOT NULL,
    at text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, key)
);

CREATE TABLE slack_people (
    tenant text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    zone text COLLATE "C" NOT NULL,
    bot integer NOT NULL,
    deactivated integer NOT NULL,
    foreigner integer NOT NULL,
    read_at text COLLATE "C" NOT NULL,
    home text COLLATE "C" NOT NULL DEFAULT '',
    guest integer NOT NULL DEFAULT 0,
    admin integer NOT NULL DEFAULT 0,
    teams text COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, id)
);

CREATE TABLE slack_observations (
    tenant text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    moment text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    noted_at text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, kind, channel, person)
);

CREATE TABLE snapshots (
    tenant text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    fold text COLLATE "C" NOT NULL,
    data bytea NOT NULL,
    seal bytea,
    PRIMARY KEY (tenant, stream)
) WITH (fillfactor = 80);

CREATE TABLE streams (
    tenant text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    erasures integer NOT NULL DEFAULT 0,
    name text COLLATE "C",
    channel text COLLATE "C",
    phase text COLLATE "C",
    started_at text COLLATE "C" NOT NULL,
    updated_at text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, stream)
) WITH (fillfactor = 80);

CREATE TABLE periodic_checks (
    tenant text COLLATE "C" NOT NULL,
    at text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant)
);

CREATE TABLE pending_erasures (
    tenant text COLLATE "C" NOT NULL,
    what text COLLATE "C" NOT NULL,
    since text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, what)
);

CREATE TABLE used_install_states (
    nonce text COLLATE "C" NOT NULL,
    until text COLLATE "C" NOT NULL,
    PRIMARY KEY (nonce)
);

CREATE TABLE work (
    tenant text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    lane text COLLATE "C" NOT NULL,
    patience double precision NOT NULL DEFAULT 0,
    due text COLLATE "C",
    latest double precision,
    not_before double precision NOT NULL DEFAULT 0,
    touched integer NOT NULL DEFAULT 0,
    token text COLLATE "C",
    owner text COLLATE "C" NOT NULL DEFAULT '',
    tries integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, kind, subject)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

-- A restored database gets a new epoch, which is part of the marks of its messages: those that were posted after the
-- moment to which it was restored are not taken for its own.
CREATE TABLE database_epoch (
    one integer PRIMARY KEY CHECK (one = 1),
    epoch text COLLATE "C" NOT NULL
);

-- Personal access tokens, and the calls of agents that were made with them.
CREATE TABLE access_tokens (
    tenant text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    scopes text COLLATE "C" NOT NULL,
    created_at text COLLATE "C" NOT NULL,
    expires_at text COLLATE "C" NOT NULL,
    revoked_at text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE agent_calls (
    tenant text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    token text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    operation text COLLATE "C" NOT NULL,
    model text COLLATE "C" NOT NULL,
    at text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- Drafts from files and agents; the numbers of their IDs, which are never used again.
CREATE TABLE drafts (
    tenant text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    home text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    client text COLLATE "C" NOT NULL,
    digest text COLLATE "C" NOT NULL,
    draft text COLLATE "C" NOT NULL,
    choices text COLLATE "C" NOT NULL,
    at text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE draft_numbers (
    tenant text COLLATE "C" NOT NULL,
    home text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (tenant, home)
);

-- What the portfolio shows of each model, kept so that a process need not compute it again.
CREATE TABLE portfolio_entries (
    tenant text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    erasures integer NOT NULL,
    fold text COLLATE "C" NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (tenant, stream)
) WITH (fillfactor = 80);

-- Connections to trackers with their encrypted secrets, and requests that a tracker has to answer first.
CREATE TABLE tracker_connections (
    tenant text COLLATE "C" NOT NULL,
    tracker text COLLATE "C" NOT NULL,
    secrets bytea NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    saved_at text COLLATE "C" NOT NULL,
    polled_until text COLLATE "C" NOT NULL,
    polled_at text COLLATE "C" NOT NULL,
    failures integer NOT NULL,
    failed_at text COLLATE "C" NOT NULL,
    error text COLLATE "C" NOT NULL,
    stopped integer NOT NULL,
    -- Those that followed one another closely, and the moment of the last one.
    rejections integer NOT NULL DEFAULT 0,
    rejected_at text COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, tracker)
);

CREATE TABLE tracker_checks (
    tenant text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    at text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    url text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    labels text COLLATE "C" NOT NULL,
    tracker text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    secrets bytea NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    shown_in text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
);

INSERT INTO database_epoch (one, epoch) VALUES (1, '');

CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);
CREATE INDEX agent_calls_by_age ON agent_calls (at);
CREATE INDEX agent_calls_of_token ON agent_calls (tenant, token, at);
CREATE INDEX deliveries_by_attempt ON deliveries (tenant, attempt) WHERE attempt <> '';
CREATE INDEX deliveries_in_place ON deliveries (tenant, place);
CREATE INDEX deliveries_of_kind ON deliveries (tenant, kind);
CREATE INDEX deliveries_of_model ON deliveries (tenant, stream);
CREATE INDEX drafts_by_age ON drafts (at);
CREATE INDEX drafts_of_home ON drafts (tenant, home);
CREATE INDEX installations_of_organization ON installations (enterprise, team);
CREATE INDEX reminders_in_message ON reminders (tenant, channel, ts) WHERE ts <> '';
CREATE INDEX reminders_of_model ON reminders (tenant, model);
CREATE INDEX reminders_under_way ON reminders (tenant, place) WHERE state = 'claimed';
CREATE INDEX reminders_waiting ON reminders (tenant, place) WHERE state = 'held back';
CREATE INDEX pending_imports_by_age ON pending_imports (at);
CREATE INDEX slack_members_of ON slack_members (tenant, person);
CREATE INDEX open_forms_by_age ON open_forms (at);
CREATE INDEX open_forms_of ON open_forms (tenant, stream);
CREATE INDEX streams_listed ON streams (tenant, channel) WHERE name IS NOT NULL;
CREATE UNIQUE INDEX work_claimed ON work (tenant, lane) WHERE token IS NOT NULL;
CREATE INDEX work_due ON work (due, tenant) WHERE due > '0' AND token IS NULL;
CREATE INDEX work_ripe ON work (tenant, (not_before + patience)) WHERE due = '0' AND token IS NULL;
CREATE INDEX work_timed ON work (tenant, due) WHERE due > '0' AND token IS NULL;

-- Rules that no release may break: events are only erased, and nothing of a chain is deleted without a record.

CREATE FUNCTION events_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM removals JOIN heads USING (tenant, hash) WHERE tenant = OLD.tenant) THEN
        RAISE EXCEPTION 'events are never deleted';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER events_stay BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION events_stay();

CREATE FUNCTION never_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME;
END $$;
CREATE TRIGGER events_never_emptied BEFORE TRUNCATE ON events EXECUTE FUNCTION never_emptied();
CREATE TRIGGER heads_never_emptied BEFORE TRUNCATE ON heads EXECUTE FUNCTION never_emptied();
CREATE TRIGGER removals_never_emptied BEFORE TRUNCATE ON removals EXECUTE FUNCTION never_emptied();

CREATE FUNCTION events_are_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.salt IS NOT NULL OR NEW.data IS NOT NULL
        OR (NEW.tenant, NEW.sequence, NEW.position, NEW.stream, NEW.version, NEW.type, NEW.schema, NEW.meta,
            NEW.recorded_at, NEW.digest, NEW.hash)
        IS DISTINCT FROM
           (OLD.tenant, OLD.sequence, OLD.position, OLD.stream, OLD.version, OLD.type, OLD.schema, OLD.meta,
            OLD.recorded_at, OLD.digest, OLD.hash)
    THEN
        RAISE EXCEPTION 'events are never changed, only erased';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER events_are_only_erased BEFORE UPDATE ON events
    FOR EACH ROW EXECUTE FUNCTION events_are_only_erased();

CREATE FUNCTION heads_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM removals WHERE tenant = OLD.tenant AND hash = OLD.hash) THEN
        RAISE EXCEPTION 'the end of a chain is never deleted, only removed with a record';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER heads_stay BEFORE DELETE ON heads FOR EACH ROW EXECUTE FUNCTION heads_stay();

CREATE FUNCTION removals_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'removals are never deleted';
END $$;
CREATE TRIGGER removals_stay BEFORE DELETE ON removals FOR EACH ROW EXECUTE FUNCTION removals_stay();

-- The record of a removed workspace is final, as events are. Otherwise a change could claim that another end of
-- a chain was removed, or at another time.
CREATE FUNCTION removals_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'removals are never changed';
END $$;
CREATE TRIGGER removals_are_final BEFORE UPDATE ON removals FOR EACH ROW EXECUTE FUNCTION removals_are_final();

-- Functions that SQLite's connections define as well; see bot/store/sqlite/functions.py.

CREATE FUNCTION machine_time() RETURNS double precision LANGUAGE sql VOLATILE AS
    'SELECT extract(epoch FROM clock_timestamp())::double precision';
CREATE FUNCTION random_hex() RETURNS text LANGUAGE sql VOLATILE AS
    $$ SELECT replace(gen_random_uuid()::text, '-', '') $$;
CREATE FUNCTION mentions(content text, model text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
    $$ SELECT content ~ (model || '[^0-9]') $$;

-- A function in SQL that cannot be inlined is planned again in each transaction; one in PL/pgSQL once a session.

-- One change of a workspace at a time: it ends with the transaction.
CREATE FUNCTION lock_workspace(workspace text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(workspace, 4711));
END $$;

-- As bot/store/timestamps.py writes a moment; a cast to text would follow the session's time zone.
CREATE FUNCTION timestamp_text(moment timestamptz) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
END $$;

-- As bot/store/chain.py: each part is prefixed with its length.
CREATE FUNCTION framed(VARIADIC parts bytea[]) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    part bytea;
    whole bytea := '';
BEGIN
    FOREACH part IN ARRAY parts LOOP
        whole := whole || int4send(octet_length(part)) || part;
    END LOOP;
    RETURN whole;
END $$;

-- Record the events of a command, each chained to the event before it, with everything that goes with them.
-- status: 'appended', 'repeated' (the key was used before: request, stream, first and last of then) or
-- 'conflict' (last: the version at which the stream is).
-- Volatile, so that each statement sees what was committed while the lock was waited for.
CREATE FUNCTION append_events(
    workspace text, of_stream text, expected integer, command_key text, request_digest bytea,
    types text[], schemas integer[], salts bytea[], contents bytea[], digests bytea[], written_by text,
    is_model boolean, model_name text, model_channel text, model_phase text, model_number integer,
    OUT status text, OUT earlier_request bytea, OUT earlier_stream text, OUT first_version integer,
    OUT last_version integer
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    earlier commands%ROWTYPE;
    at_version integer;
    at_position bigint;
    at_sequence bigint;
    seal bytea;
    moment text;
    model_subject text := substr(of_stream, length(workspace) + 2);
BEGIN
    PERFORM lock_workspace(workspace);
    SELECT * INTO earlier FROM commands WHERE tenant = workspace AND key = command_key;
    IF FOUND THEN
        status := 'repeated';
        earlier_request := earlier.request;
        earlier_stream := earlier.stream;
        first_version := earlier.first;
        last_version := earlier.version;
        RETURN;
    END IF;
    SELECT streams.version INTO at_version FROM streams WHERE tenant = workspace AND stream = of_stream;
    at_version := coalesce(at_version, 0);
    IF at_version <> expected THEN
        status := 'conflict';
        last_version := at_version;
        RETURN;
    END IF;
    SELECT events.position, events.sequence, events.hash INTO at_position, at_sequence, seal
        FROM events WHERE tenant = workspace ORDER BY events.sequence DESC LIMIT 1;
    IF NOT FOUND THEN
        at_position := 0;
        at_sequence := 0;
        seal := decode(repeat('00', 32), 'hex');
    END IF;
    moment := timestamp_text(clock_timestamp());
    FOR number IN 1 .. cardinality(types) LOOP
        at_position := at_position + 1;
        at_sequence := at_sequence + 1;
        at_version := at_version + 1;
        seal := sha256(framed(
            seal,
            convert_to(at_position::text, 'UTF8'),
            convert_to(workspace, 'UTF8'),
            convert_to(at_sequence::text, 'UTF8'),
            convert_to(of_stream, 'UTF8'),
            convert_to(at_version::text, 'UTF8'),
            convert_to(types[number], 'UTF8'),
            convert_to(schemas[number]::text, 'UTF8'),
            convert_to(written_by, 'UTF8'),
            convert_to(moment, 'UTF8'),
            digests[number]
        ));
        INSERT INTO events (tenant, sequence, position, stream, version, type, schema, salt, data, meta,
                recorded_at, digest, hash)
            VALUES (workspace, at_sequence, at_position, of_stream, at_version, types[number], schemas[number],
                salts[number], contents[number], written_by, moment, digests[number], seal);
    END LOOP;
    INSERT INTO heads (tenant, sequence, hash, commands) VALUES (workspace, at_sequence, seal, 1)
        ON CONFLICT (tenant) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash,
            commands = heads.commands + 1;
    IF expected = 0 AND model_number > 0 THEN
        INSERT INTO counters (tenant, number) VALUES (workspace, model_number)
            ON CONFLICT (tenant) DO UPDATE SET number = greatest(counters.number, excluded.number);
    END IF;
    INSERT INTO streams (tenant, stream, version, name, channel, phase, started_at, updated_at)
        VALUES (workspace, of_stream, at_version, model_name, model_channel, model_phase, moment, moment)
        ON CONFLICT (tenant, stream) DO UPDATE SET version = excluded.version, name = excluded.name,
            channel = excluded.channel, phase = excluded.phase, updated_at = excluded.updated_at;
    IF is_model THEN
        -- Most changes occur while the model is due already: its row is locked, so that it is not claimed before
        -- the change can be seen, but stays unchanged until it is claimed.
        INSERT INTO work (tenant, kind, subject, lane, due, latest, not_before, touched)
            VALUES (workspace, 'model', model_subject, coalesce(model_channel, model_subject), '0', machine_time(),
                machine_time(), 1)
            ON CONFLICT (tenant, kind, subject) DO UPDATE SET
                lane = CASE WHEN work.token IS NULL THEN excluded.lane ELSE work.lane END, patience = 0,
                due = excluded.due, latest = coalesce(work.latest, excluded.latest),
                not_before = excluded.not_before, touched = work.touched + 1
            WHERE work.due IS DISTINCT FROM '0' OR work.latest IS NULL;
    END IF;
    INSERT INTO commands (tenant, key, request, stream, first, version)
        VALUES (workspace, command_key, request_digest, of_stream, expected + 1, at_version);
    status := 'appended';
    first_version := expected + 1;
    last_version := at_version;
END $$;

-- The work queue.

CREATE FUNCTION wait_for_disk(durable boolean) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT durable THEN
        PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
END $$;

-- Begin a change: exclude other changes of a workspace, unless it is '', and share a lock on the claim of the work
-- that makes the change, unless its token is ''; refuse it by an error if another replica has taken the work over.
CREATE FUNCTION open_change(
    workspace text, durable boolean, of_tenant text, of_kind text, of_subject text, held_token text
) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT durable THEN
        PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
    IF workspace <> '' THEN
        PERFORM lock_workspace(workspace);
    END IF;
    IF held_token <> '' THEN
        PERFORM 1 FROM work
            WHERE tenant = of_tenant AND kind = of_kind AND subject = of_subject AND token = held_token FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'another replica has taken the work over' USING ERRCODE = 'TM001';
        END IF;
    END IF;
END $$;
