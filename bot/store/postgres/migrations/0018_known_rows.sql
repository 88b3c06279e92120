-- Work that follows other work of its workspace is claimed as the row that it is known to be, without a search, and
-- in the message that ends the work before it.

-- Claim a row if it may be claimed now; its lane is null if not. It is not waited for.
CREATE FUNCTION claim_row(
    workspace text, of_kind text, of_subject text, new_token text,
    machine double precision, absurd_seconds double precision, excluded_kinds text[],
    OUT lane text, OUT touched integer, OUT tries integer, OUT timed boolean
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    at_machine double precision := coalesce(machine, machine_time());
    found_row work%ROWTYPE;
BEGIN
    SELECT one.* INTO found_row FROM work AS one
        WHERE one.tenant = workspace AND one.kind = of_kind AND one.subject = of_subject
        AND one.due = '0' AND one.token IS NULL AND one.kind <> ALL (excluded_kinds)
        AND (one.not_before <= at_machine OR one.not_before > at_machine + absurd_seconds)
        AND NOT EXISTS (
            SELECT 1 FROM lanes
            WHERE lanes.tenant = workspace AND lanes.lane = one.lane
            AND lanes.not_before > at_machine AND lanes.not_before <= at_machine + absurd_seconds
        )
        FOR UPDATE OF one SKIP LOCKED;
    -- Another replica may be claiming another row of the lane: what it did is visible once the lock is held.
    IF NOT FOUND OR NOT pg_try_advisory_xact_lock(hashtextextended(workspace || ' ' || found_row.lane, 4712)) THEN
        RETURN;
    END IF;
    IF EXISTS (
        SELECT 1 FROM work AS other
        WHERE other.tenant = workspace AND other.lane = found_row.lane AND other.token IS NOT NULL
    ) THEN
        RETURN;
    END IF;
    UPDATE work AS one SET token = new_token, tries = one.tries + 1, first = NULL
        WHERE one.tenant = workspace AND one.kind = of_kind AND one.subject = of_subject;
    lane := found_row.lane;
    touched := found_row.touched;
    tries := found_row.tries + 1;
    timed := found_row.first IS NULL;
END $$;

-- Claim those of some rows that may be claimed now; `place` is the number of a row, from 1.
CREATE FUNCTION claim_rows(
    workspaces text[], kinds text[], subjects text[], tokens text[],
    machine double precision, absurd_seconds double precision, excluded_kinds text[], durable boolean
) RETURNS TABLE (place integer, token text, lane text, touched integer, tries integer, timed boolean)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    at_machine double precision := coalesce(machine, machine_time());
BEGIN
    PERFORM wait_for_disk(durable);
    FOR number IN 1 .. cardinality(tokens) LOOP
        SELECT one.lane, one.touched, one.tries, one.timed INTO lane, touched, tries, timed
            FROM claim_row(
                workspaces[number], kinds[number], subjects[number], tokens[number], at_machine, absurd_seconds,
                excluded_kinds
            ) AS one;
        IF lane IS NOT NULL THEN
            place := number;
            token := tokens[number];
            RETURN NEXT;
        END IF;
    END LOOP;
END $$;

-- Make rows due, and claim some of them.
CREATE FUNCTION touch_and_claim(
    workspaces text[], kinds text[], subjects text[], lanes_of text[], quiets double precision[],
    longests double precision[], restarts boolean[],
    claimed_in text[], claimed_kinds text[], claimed_subjects text[], tokens text[],
    machine double precision, absurd_seconds double precision, parked_after integer, excluded_kinds text[],
    durable boolean
) RETURNS TABLE (place integer, token text, lane text, touched integer, tries integer, timed boolean)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    at_machine double precision := coalesce(machine, machine_time());
BEGIN
    PERFORM touch_work(
        workspaces, kinds, subjects, lanes_of, quiets, longests, restarts, at_machine, absurd_seconds,
        parked_after, durable
    );
    RETURN QUERY SELECT * FROM claim_rows(
        claimed_in, claimed_kinds, claimed_subjects, tokens, at_machine, absurd_seconds, excluded_kinds, durable
    );
END $$;

-- End a claim whose work is done, record its checkpoint, make due what it caused, and claim the next row if a token
-- is given. `settled` is 0 if the claim was taken over, which changes nothing, 2 if the next row was not claimed and
-- there is something to claim, otherwise 1.
CREATE FUNCTION continue_work(
    workspace text, of_kind text, of_subject text, held_token text, at_touched integer,
    of_projector text, of_stream text, at_version integer, at_erasures integer,
    workspaces text[], kinds text[], subjects text[], lanes_of text[], quiets double precision[],
    longests double precision[], restarts boolean[], next_kind text, next_subject text, next_token text,
    machine double precision, absurd_seconds double precision, parked_after integer, excluded_kinds text[],
    durable boolean,
    OUT settled integer, OUT next_lane text, OUT next_touched integer, OUT next_tries integer,
    OUT next_timed boolean
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    at_machine double precision := coalesce(machine, machine_time());
BEGIN
    settled := 0;
    IF NOT open_change(workspace, durable, workspace, of_kind, of_subject, held_token) THEN
        RETURN;
    END IF;
    INSERT INTO projections (tenant, kind, stream, version, erasures)
        VALUES (workspace, of_projector, of_stream, at_version, at_erasures)
        ON CONFLICT (tenant, kind, stream) DO UPDATE
        SET version = excluded.version, erasures = excluded.erasures;
    PERFORM touch_work(
        workspaces, kinds, subjects, lanes_of, quiets, longests, restarts, at_machine, absurd_seconds,
        parked_after, durable
    );
    PERFORM settle_work(
        workspace, of_kind, of_subject, held_token, at_touched, NULL, 0, '', 0, at_machine, durable
    );
    settled := 1;
    IF next_token IS NOT NULL THEN
        SELECT one.lane, one.touched, one.tries, one.timed INTO next_lane, next_touched, next_tries, next_timed
            FROM claim_row(
                workspace, next_kind, next_subject, next_token, at_machine, absurd_seconds, excluded_kinds
            ) AS one;
    END IF;
    IF next_lane IS NULL AND is_work_claimable(workspace, at_machine, absurd_seconds, excluded_kinds, '{}') THEN
        settled := 2;
    END IF;
END $$;
