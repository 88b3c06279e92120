-- Rows that are often changed in place.
ALTER TABLE heads SET (fillfactor = 50);
ALTER TABLE lanes SET (fillfactor = 70);
ALTER TABLE work SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE deliveries SET (fillfactor = 80);
ALTER TABLE portfolio_entries SET (fillfactor = 80);
ALTER TABLE streams SET (fillfactor = 80);

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
END $$;
CREATE FUNCTION is_removed(workspace text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN EXISTS (SELECT 1 FROM removals JOIN heads USING (tenant, hash) WHERE tenant = workspace);
END $$;
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON events EXECUTE FUNCTION refuse('events is never emptied');
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON heads EXECUTE FUNCTION refuse('heads is never emptied');
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON removals EXECUTE FUNCTION refuse('removals is never emptied');

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

-- The hash of an event, as in bot/store/chain.py: each part is prefixed with its length.
CREATE FUNCTION link(previous bytea, digest bytea, VARIADIC fields text[]) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    field text;
    content bytea;
    whole bytea := int4send(octet_length(previous)) || previous;
BEGIN
    FOREACH field IN ARRAY fields LOOP
        content := convert_to(field, 'UTF8');
        whole := whole || int4send(octet_length(content)) || content;
    END LOOP;
    RETURN sha256(whole || int4send(octet_length(digest)) || digest);
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
        seal := link(seal, digests[number], at_position::text, workspace, at_sequence::text, of_stream,
            at_version::text, types[number], schemas[number]::text, written_by, moment);
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
