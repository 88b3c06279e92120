"""SQL statements of the work queue in PostgreSQL.

`:machine` is the time of the database server in seconds, or of a test's clock; times of the machine that are
more than `MAX_PLAUSIBLE_SECONDS` away were written by a clock that was set back since.
"""

from bot.store.repositories.installations import WITH_APP
from bot.store.timestamps import DUE_NOW
from bot.store.work_queue import MAX_PLAUSIBLE_SECONDS, PARKED_AFTER

_ABSURD = f"(:machine + {MAX_PLAUSIBLE_SECONDS})"

TOUCH = f"""
    SELECT touch_work(
        CAST(:tenants AS text[]), CAST(:kinds AS text[]), CAST(:subjects AS text[]), CAST(:lanes AS text[]),
        CAST(:quiet AS double precision[]), CAST(:longest AS double precision[]),
        CAST(:restart AS boolean[]), :clock, {MAX_PLAUSIBLE_SECONDS}, {PARKED_AFTER},
        CAST(:durable AS boolean)
    )
"""
_TIMED = "work.tenant = :tenant AND work.due > '0' AND work.due <= :now AND work.token IS NULL"
STATUS = f"""
    SELECT
        EXISTS (SELECT 1 FROM work WHERE {_TIMED})
            OR is_work_claimable(:tenant, :machine, {MAX_PLAUSIBLE_SECONDS}, '{{}}', '{{}}'),
        EXISTS (SELECT 1 FROM work WHERE tenant = :tenant AND token IS NOT NULL)
"""  # noqa: S608  (our own constants)
# One plan for all values: for each look, the server would otherwise plan for longer than it looks.
BUSY = f"""
    SELECT tenant, claimable, claimed
    FROM busy_workspaces(:after, :now, :clock, :overdue, {MAX_PLAUSIBLE_SECONDS}, :limit)
"""  # noqa: S608  (our own constant)
CLAIM = f"""
    SELECT one.tenant, one.token, kind, subject, lane, touched, tries, timed, more
    FROM unnest(CAST(:tenants AS text[]), CAST(:tokens AS text[])) WITH ORDINALITY
        AS one (tenant, token, number)
    CROSS JOIN wait_for_disk(CAST(:durable AS boolean))
    CROSS JOIN LATERAL claim_work(
        one.tenant, :now, :clock, {MAX_PLAUSIBLE_SECONDS}, CAST(:but AS text[]), CAST(:only AS text[]),
        one.token
    ) WHERE kind IS NOT NULL ORDER BY one.number
"""  # noqa: S608  (our own constant)

_HELD = "tenant = :tenant AND kind = :kind AND subject = :subject AND token = :token"
SETTLE = f"""
    SELECT settle_work(
        :tenant, :kind, :subject, :token, :touched, :again, :wait, :lane, :pause, :clock,
        {MAX_PLAUSIBLE_SECONDS}, CAST(:durable AS boolean)
    )
"""
RETRY_LATER = f"""
    UPDATE work SET token = NULL, tries = :tries, due = '{DUE_NOW}', not_before = :machine + :wait
    WHERE {_HELD}
"""  # noqa: S608  (our own constants)
RENEW = f"UPDATE work SET token = :new WHERE {_HELD} RETURNING touched"  # noqa: S608  (our own constants)
TOUCHED = f"SELECT touched FROM work WHERE {_HELD}"  # noqa: S608  (our own constants)
# The lock on the claim is shared with other readers, but not with a replica that takes the claim over.
TOUCH_WHILE_HELD = f"""
    {TOUCH} FROM (
        SELECT 1 FROM work WHERE tenant = :held_tenant AND kind = :held_kind AND subject = :held_subject
        AND token = :held_token FOR SHARE
    ) AS held
"""  # noqa: S608  (our own statement)
CLAIMS = "SELECT kind, subject, lane, token, touched, tries FROM work WHERE tenant = $1 AND token IS NOT NULL"
RELEASE = "UPDATE work SET token = NULL, not_before = 0 WHERE tenant = $1 AND token IS NOT NULL"
PAUSE = """
    INSERT INTO lanes (tenant, lane, not_before) VALUES (:tenant, :lane, :machine + :seconds)
    ON CONFLICT (tenant, lane) DO UPDATE SET not_before = excluded.not_before
"""
RESERVE = f"""
    INSERT INTO lanes (tenant, lane, not_before) VALUES (:tenant, :lane, :machine + :apart)
    ON CONFLICT (tenant, lane) DO UPDATE SET not_before = :apart + CASE
        WHEN lanes.not_before BETWEEN :machine AND {_ABSURD} THEN lanes.not_before ELSE :machine
    END
    RETURNING not_before - :machine
"""  # noqa: S608  (our own constant)
POSTPONE = """
    INSERT INTO lanes (tenant, lane, not_before) VALUES (:tenant, :lane, :machine + :seconds)
    ON CONFLICT (tenant, lane) DO UPDATE SET not_before = greatest(lanes.not_before, excluded.not_before)
"""
WAITS = f"""
    SELECT 1 FROM work WHERE tenant = $1 AND due = '{DUE_NOW}' AND tries = 0 AND token IS NULL
    AND kind = ANY ($2) LIMIT 1
"""  # noqa: S608  (our own constant)
DUE = f"""
    SELECT subject FROM work WHERE tenant = :tenant AND kind = :kind AND (:lane = '' OR lane = :lane)
    AND (token IS NOT NULL OR due = '{DUE_NOW}' OR due <= :now) ORDER BY subject
"""  # noqa: S608  (our own constant)
SUBJECTS = "SELECT subject FROM work WHERE tenant = $1 AND kind = $2 ORDER BY subject"
BRING_FORWARD = f"""
    UPDATE work SET due = '{DUE_NOW}', first = NULL, not_before = :machine
    WHERE tenant = :tenant AND kind = :kind AND due > :after AND token IS NULL
"""  # noqa: S608  (our own constants)
BRING_ALL_FORWARD = f"""
    UPDATE work SET due = '{DUE_NOW}', first = NULL, not_before = :machine
    WHERE kind = :kind AND due > :after AND due > '{DUE_NOW}' AND token IS NULL
"""  # noqa: S608  (our own constants)
# The start of the wait is unknown for rows of earlier versions.
_WAITS = f"""
    CASE
        WHEN due = '{DUE_NOW}' THEN :machine - nullif(not_before, 0)
        ELSE extract(epoch FROM CAST(:now AS timestamptz) - CAST(due AS timestamptz))
    END
"""
_TOTALS = """
    SELECT count(*) FILTER (WHERE ready), max(waits) FILTER (WHERE ready),
        count(*) FILTER (WHERE tries >= :parked)
"""
BACKLOG = f"""
    {_TOTALS} FROM (
        SELECT tries, {_WAITS} AS waits,
            due = '{DUE_NOW}' AND not_before <= :machine OR due > '0' AND due <= :now AS ready
        FROM work WHERE tenant = :tenant AND due IS NOT NULL
    ) AS waiting
"""  # noqa: S608  (our own constant)
# Rows that wait for a moment to come are not looked at: they are the many. What is due in a workspace without
# the app waits until the app is installed again, and nothing can be done about it before.
TOTAL_BACKLOG = f"""
    SELECT coalesce(sum(due), 0), max(oldest), coalesce(sum(parked), 0) FROM (
        SELECT tenant, count(*) FILTER (WHERE ready) AS due, max(waits) FILTER (WHERE ready) AS oldest,
            count(*) FILTER (WHERE tries >= :parked) AS parked
        FROM (
            SELECT tenant, tries, {_WAITS} AS waits, not_before <= :machine AS ready
            FROM work WHERE due = '{DUE_NOW}' AND token IS NULL
            UNION ALL
            SELECT tenant, tries, {_WAITS},
                due = '{DUE_NOW}' AND not_before <= :machine OR due > '0' AND due <= :now
            FROM work WHERE token IS NOT NULL AND due IS NOT NULL
            UNION ALL
            SELECT tenant, tries, {_WAITS}, TRUE
            FROM work WHERE due > '{DUE_NOW}' AND due <= :now AND token IS NULL
        ) AS waiting GROUP BY tenant
    ) AS there WHERE {WITH_APP}
"""  # noqa: S608  (our own constants)
PARKED = "SELECT kind, subject FROM work WHERE tenant = $1 AND tries >= $2 ORDER BY kind, subject"
