-- A claim prefers kinds, in one statement; replicas of the earlier release call the function without them.
CREATE FUNCTION claim_work(
    workspace text, moment text, machine double precision, absurd_seconds double precision,
    excluded_kinds text[], included_kinds text[], later_kinds text[], new_token text,
    OUT kind text, OUT subject text, OUT lane text, OUT touched integer, OUT tries integer, OUT timed boolean
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    at_machine double precision := coalesce(machine, machine_time());
    found_row work%ROWTYPE;
    lanes_in_claim text[] := '{}';
    passed_over text[] := later_kinds;
BEGIN
    -- From the moment it is due, a row that waited for it is in the same order as changed rows.
    UPDATE work SET due = '0', first = NULL, not_before = at_machine
        WHERE (work.tenant, work.kind, work.subject) IN (
            SELECT one.tenant, one.kind, one.subject FROM work AS one
            WHERE one.tenant = workspace AND one.due > '0' AND one.due <= moment AND one.token IS NULL
            ORDER BY one.kind, one.subject FOR UPDATE SKIP LOCKED
        );
    LOOP
        SELECT one.* INTO found_row FROM work AS one
            WHERE one.tenant = workspace AND one.due = '0' AND one.token IS NULL
            AND (cardinality(included_kinds) > 0 OR one.not_before <= at_machine
                OR one.not_before > at_machine + absurd_seconds)
            AND one.kind <> ALL (excluded_kinds) AND one.kind <> ALL (passed_over)
            AND one.lane <> ALL (lanes_in_claim)
            AND (cardinality(included_kinds) = 0 OR one.kind = ANY (included_kinds))
            AND NOT EXISTS (
                SELECT 1 FROM work AS other
                WHERE other.tenant = workspace AND other.lane = one.lane AND other.token IS NOT NULL
            )
            AND NOT EXISTS (
                SELECT 1 FROM lanes
                WHERE lanes.tenant = workspace AND lanes.lane = one.lane
                AND lanes.not_before > at_machine AND lanes.not_before <= at_machine + absurd_seconds
            )
            ORDER BY one.not_before LIMIT 1 FOR UPDATE SKIP LOCKED;
        IF NOT FOUND AND cardinality(passed_over) = 0 THEN
            RETURN;
        END IF;
        IF NOT FOUND THEN
            passed_over := '{}';
            CONTINUE;
        END IF;
        -- Another replica may be claiming another row of the lane: what it did is visible once the lock is held.
        -- It is not waited for: one that was stopped in between would stop the whole workspace.
        IF NOT pg_try_advisory_xact_lock(hashtextextended(workspace || ' ' || found_row.lane, 4712)) THEN
            lanes_in_claim := lanes_in_claim || found_row.lane;
            CONTINUE;
        END IF;
        IF EXISTS (
            SELECT 1 FROM work AS other
            WHERE other.tenant = workspace AND other.lane = found_row.lane AND other.token IS NOT NULL
        ) THEN
            CONTINUE;
        END IF;
        UPDATE work AS one SET token = new_token, tries = one.tries + 1, first = NULL
            WHERE one.tenant = workspace AND one.kind = found_row.kind AND one.subject = found_row.subject;
        kind := found_row.kind;
        subject := found_row.subject;
        lane := found_row.lane;
        touched := found_row.touched;
        tries := found_row.tries + 1;
        timed := found_row.first IS NULL;
        RETURN;
    END LOOP;
END $$;
