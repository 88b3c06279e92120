-- What is done with the work queue for each message, in one round trip each. A change that need not be durable
-- does not wait for the server's disk; within a durable one, nothing of it may be left to chance.

CREATE FUNCTION wait_for_disk(durable boolean) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT durable THEN
        PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
END $$;

-- Make rows due. `first` is the time of the first touch since the last claim, from which the longest wait is
-- measured. A row that was put off after a failure becomes due neither earlier nor later because something changed.
CREATE FUNCTION touch_work(
    workspaces text[], kinds text[], subjects text[], lanes_of text[], quiets double precision[],
    longests double precision[], restarts boolean[], machine double precision,
    absurd_seconds double precision, parked_after integer, durable boolean
) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    at_machine double precision := coalesce(machine, machine_time());
BEGIN
    PERFORM wait_for_disk(durable);
    FOR number IN 1 .. cardinality(kinds) LOOP
        INSERT INTO work (tenant, kind, subject, lane, due, first, not_before, touched)
        VALUES (
            workspaces[number], kinds[number], subjects[number],
            coalesce(
                nullif(lanes_of[number], ''),
                (
                    SELECT channel FROM streams
                    WHERE tenant = workspaces[number] AND stream = workspaces[number] || '/' || subjects[number]
                ),
                subjects[number]
            ),
            '0', at_machine, at_machine + quiets[number], 1
        )
        ON CONFLICT (tenant, kind, subject) DO UPDATE SET
            lane = excluded.lane,
            due = '0',
            touched = work.touched + 1,
            first = CASE WHEN work.due = '0' THEN coalesce(work.first, excluded.first) ELSE excluded.first END,
            not_before = CASE
                WHEN work.tries BETWEEN 1 AND parked_after - 1 AND work.token IS NULL
                    AND work.not_before <= at_machine + absurd_seconds THEN work.not_before
                WHEN work.due = '0' AND work.first IS NOT NULL AND work.first <= at_machine THEN
                    CASE WHEN restarts[number]
                        THEN least(excluded.not_before, greatest(work.first + longests[number], at_machine))
                        ELSE least(
                            work.not_before, greatest(work.first + longests[number], excluded.not_before)
                        ) END
                WHEN NOT restarts[number] AND work.due = '0' AND work.token IS NULL
                    THEN least(work.not_before, excluded.not_before)
                ELSE excluded.not_before
            END;
    END LOOP;
END $$;

-- End a claim whose work is done; false if it was taken over. A row that waits for nothing is deleted: otherwise
-- there would be one for each message ever sent. Each statement sees what was touched meanwhile.
CREATE FUNCTION settle_work(
    workspace text, of_kind text, of_subject text, held_token text, at_touched integer, again text,
    wait_seconds double precision, of_lane text, pause_seconds double precision,
    machine double precision, durable boolean
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    at_machine double precision := coalesce(machine, machine_time());
    settled boolean := false;
BEGIN
    PERFORM wait_for_disk(durable);
    IF again IS NULL THEN
        DELETE FROM work
            WHERE tenant = workspace AND kind = of_kind AND subject = of_subject AND token = held_token
            AND touched = at_touched;
        settled := FOUND;
    END IF;
    IF NOT settled THEN
        UPDATE work SET token = NULL, tries = 0,
            due = CASE WHEN touched = at_touched THEN again ELSE due END,
            first = CASE WHEN touched = at_touched THEN NULL ELSE first END,
            not_before = CASE WHEN touched = at_touched THEN at_machine + wait_seconds ELSE not_before END
            WHERE tenant = workspace AND kind = of_kind AND subject = of_subject AND token = held_token;
        settled := FOUND;
    END IF;
    IF pause_seconds > 0 THEN
        INSERT INTO lanes (tenant, lane, not_before) VALUES (workspace, of_lane, at_machine + pause_seconds)
            ON CONFLICT (tenant, lane) DO UPDATE SET not_before = excluded.not_before;
    END IF;
    RETURN settled;
END $$;

-- A function in SQL that cannot be inlined is planned again in each transaction; one in PL/pgSQL once a session.

CREATE OR REPLACE FUNCTION lock_workspace(workspace text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(workspace, 4711));
END $$;

CREATE OR REPLACE FUNCTION timestamp_text(moment timestamptz) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
END $$;

CREATE OR REPLACE FUNCTION framed(VARIADIC parts bytea[]) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    part bytea;
    whole bytea := '';
BEGIN
    FOREACH part IN ARRAY parts LOOP
        whole := whole || int4send(octet_length(part)) || part;
    END LOOP;
    RETURN whole;
END $$;
