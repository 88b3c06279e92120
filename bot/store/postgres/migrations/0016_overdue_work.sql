-- Look for workspaces in which there is something to do, with touched rows that have been due for some seconds: before
-- that, they are left to the replica that touched them. Replicas of the earlier release call the earlier function.
CREATE FUNCTION busy_workspaces(
    after_workspace text, moment text, machine double precision, overdue_seconds double precision,
    absurd_seconds double precision, most bigint
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
                AND (
                    work.not_before <= at_machine - overdue_seconds
                    OR work.not_before > at_machine + absurd_seconds
                )
            ),
            EXISTS (SELECT 1 FROM work WHERE work.tenant = known.tenant AND work.token IS NOT NULL)
        FROM known WHERE known.tenant > after_workspace
    )
    SELECT tenant, changed, claimable, claimed FROM found
    WHERE changed OR claimable OR claimed ORDER BY tenant LIMIT most;
END $$;
