-- Look for workspaces in which there is something to do, from one to the next by the indexes: neither rows that wait
-- for a moment nor the many of a busy workspace are looked at. A model's row is never claimed: that it is not is said
-- for the index of due rows. The plan is the same for all values. Planned for each look, as the server would do
-- because it takes the moment for one that a third of the rows is due at, the plan takes longer than the look.
CREATE FUNCTION busy_workspaces(
    after_workspace text, moment text, machine double precision, absurd_seconds double precision, most bigint
) RETURNS TABLE (tenant text, changed boolean, claimable boolean, claimed boolean)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    at_machine double precision := coalesce(machine, machine_time());
BEGIN
    RETURN QUERY
    WITH RECURSIVE
    waiting (tenant) AS (
        SELECT after_workspace COLLATE "C"
        UNION ALL
        SELECT (
            SELECT work.tenant FROM work
            WHERE work.tenant > waiting.tenant AND due = '0' AND token IS NULL
            ORDER BY work.tenant LIMIT 1
        )
        FROM waiting WHERE waiting.tenant IS NOT NULL
    ),
    held (tenant) AS (
        SELECT after_workspace COLLATE "C"
        UNION ALL
        SELECT (
            SELECT work.tenant FROM work
            WHERE work.tenant > held.tenant AND token IS NOT NULL ORDER BY work.tenant LIMIT 1
        )
        FROM held WHERE held.tenant IS NOT NULL
    ),
    known (tenant) AS (
        SELECT tenant FROM waiting UNION SELECT tenant FROM held
        UNION SELECT tenant FROM work WHERE due > '0' AND due <= moment AND token IS NULL
    ),
    found (tenant, changed, claimable, claimed) AS (
        SELECT tenant,
            EXISTS (
                SELECT 1 FROM work
                WHERE work.tenant = known.tenant AND work.kind = 'model' AND work.due = '0'
                AND work.token IS NULL
            ),
            EXISTS (
                SELECT 1 FROM work WHERE work.tenant = known.tenant
                AND work.due > '0' AND work.due <= moment AND work.token IS NULL
            ) OR EXISTS (
                SELECT 1 FROM work
                WHERE work.tenant = known.tenant AND work.kind <> 'model' AND work.due = '0'
                AND work.token IS NULL
                AND (work.not_before <= at_machine OR work.not_before > at_machine + absurd_seconds)
            ),
            EXISTS (SELECT 1 FROM work WHERE work.tenant = known.tenant AND work.token IS NOT NULL)
        FROM known WHERE known.tenant > after_workspace
    )
    SELECT tenant, changed, claimable, claimed FROM found
    WHERE changed OR claimable OR claimed ORDER BY tenant LIMIT most;
END $$;
