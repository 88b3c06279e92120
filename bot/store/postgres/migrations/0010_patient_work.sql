-- The end of a claim, and a claim, say whether there is more to claim, so that nobody has to ask. Rows of patient
-- kinds, such as Home tabs, are overtaken by those that people wait for, for some seconds at most. Replicas of the
-- earlier release call the functions with the earlier arguments.

CREATE FUNCTION is_work_claimable(
    workspace text, at_machine double precision, absurd_seconds double precision,
    excluded_kinds text[], included_kinds text[]
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1 FROM work AS one
        WHERE one.tenant = workspace AND one.due = '0' AND one.token IS NULL
        AND (cardinality(included_kinds) > 0 OR one.not_before <= at_machine
            OR one.not_before > at_machine + absurd_seconds)
        AND one.kind <> ALL (excluded_kinds)
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
    );
END $$;

CREATE FUNCTION claim_work(
    workspace text, moment text, machine double precision, absurd_seconds double precision,
    excluded_kinds text[], included_kinds text[], later_kinds text[],
    patient_kinds text[], patience_seconds double precision, new_token text,
    OUT kind text, OUT subject text, OUT lane text, OUT touched integer, OUT tries integer, OUT timed boolean,
    OUT more boolean
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    at_machine double precision := coalesce(machine, machine_time());
    found_row work%ROWTYPE;
    lanes_in_claim text[] := '{}';
    passed_over text[] := later_kinds;
    overtaken text[] := patient_kinds;
BEGIN
    -- From the moment it is due, a row that waited for it is in the same order as changed rows.
    IF EXISTS (
        SELECT 1 FROM work AS one
        WHERE one.tenant = workspace AND one.due > '0' AND one.due <= moment AND one.token IS NULL
    ) THEN
        UPDATE work SET due = '0', first = NULL, not_before = at_machine
            WHERE (work.tenant, work.kind, work.subject) IN (
                SELECT one.tenant, one.kind, one.subject FROM work AS one
                WHERE one.tenant = workspace AND one.due > '0' AND one.due <= moment AND one.token IS NULL
                ORDER BY one.kind, one.subject FOR UPDATE SKIP LOCKED
            );
    END IF;
    LOOP
        SELECT one.* INTO found_row FROM work AS one
            WHERE one.tenant = workspace AND one.due = '0' AND one.token IS NULL
            AND (cardinality(included_kinds) > 0 OR one.not_before <= at_machine
                OR one.not_before > at_machine + absurd_seconds)
            AND one.kind <> ALL (excluded_kinds) AND one.kind <> ALL (passed_over)
            AND (one.kind <> ALL (overtaken) OR one.not_before <= at_machine - patience_seconds)
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
        IF NOT FOUND THEN
            IF cardinality(passed_over) > 0 THEN
                passed_over := '{}';
            ELSIF cardinality(overtaken) > 0 THEN
                overtaken := '{}';
            ELSE
                RETURN;
            END IF;
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
        more := is_work_claimable(workspace, at_machine, absurd_seconds, excluded_kinds, included_kinds);
        RETURN;
    END LOOP;
END $$;

-- End a claim whose work is done: 0 if it was taken over, 2 if other work can be claimed now, otherwise 1.
CREATE FUNCTION settle_work(
    workspace text, of_kind text, of_subject text, held_token text, at_touched integer, again text,
    wait_seconds double precision, of_lane text, pause_seconds double precision,
    machine double precision, absurd_seconds double precision, excluded_kinds text[], durable boolean
) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    at_machine double precision := coalesce(machine, machine_time());
BEGIN
    IF NOT settle_work(
        workspace, of_kind, of_subject, held_token, at_touched, again, wait_seconds, of_lane, pause_seconds,
        at_machine, durable
    ) THEN
        RETURN 0;
    END IF;
    IF is_work_claimable(workspace, at_machine, absurd_seconds, excluded_kinds, '{}') THEN
        RETURN 2;
    END IF;
    RETURN 1;
END $$;
