"""SQL statements of the work queue in a SQLite file."""

from bot.store.repositories.installations import WITH_APP
from bot.store.timestamps import DUE_NOW
from bot.store.work_queue import PARKED_AFTER

# `first` is the time of the first touch since the last claim, from which the longest wait is measured.
# A row that was put off after a failure becomes due neither earlier nor later because something changed.
TOUCH = f"""
    INSERT INTO work (tenant, kind, subject, lane, due, first, not_before, touched)
    VALUES (
        :tenant, :kind, :subject,
        coalesce(
            nullif(:lane, ''),
            (SELECT channel FROM streams WHERE tenant = :tenant AND stream = :tenant || '/' || :subject),
            :subject
        ),
        '{DUE_NOW}', :machine, :quiet, 1
    )
    ON CONFLICT (tenant, kind, subject) DO UPDATE SET
        lane = excluded.lane,
        due = '{DUE_NOW}',
        touched = touched + 1,
        first = CASE WHEN due = '{DUE_NOW}' THEN ifnull(first, excluded.first) ELSE excluded.first END,
        not_before = CASE
            WHEN tries BETWEEN 1 AND {PARKED_AFTER - 1} AND token IS NULL AND not_before <= :absurd
                THEN not_before
            WHEN due = '{DUE_NOW}' AND first IS NOT NULL AND first <= :machine THEN
                CASE WHEN :restart THEN min(excluded.not_before, max(first + :longest, :machine))
                ELSE min(not_before, max(first + :longest, excluded.not_before)) END
            WHEN NOT :restart AND due = '{DUE_NOW}' AND token IS NULL
                THEN min(not_before, excluded.not_before)
            ELSE excluded.not_before
        END
"""  # noqa: S608  (our own constant)

# The clock that wrote `not_before` may have been set back since: absurdly long waits are ignored.
_RIPE = f"""
    work.tenant = :tenant AND work.due = '{DUE_NOW}' AND work.token IS NULL
    AND (:impatient OR work.not_before <= :machine OR work.not_before > :absurd)
    AND work.kind NOT IN (SELECT value FROM json_each(:but))
    AND (:only = '[]' OR work.kind IN (SELECT value FROM json_each(:only)))
    AND NOT EXISTS (
        SELECT 1 FROM work AS other
        WHERE other.tenant = work.tenant AND other.lane = work.lane AND other.token IS NOT NULL
    )
    AND NOT EXISTS (
        SELECT 1 FROM lanes
        WHERE lanes.tenant = work.tenant AND lanes.lane = work.lane
        AND lanes.not_before > :machine AND lanes.not_before <= :absurd
    )
"""  # noqa: S608  (our own constant)
_TIMED = "work.tenant = :tenant AND work.due > '0' AND work.due <= :now AND work.token IS NULL"
# Many rows wait for a moment and few are due, so the partial indexes are named.
STATUS = f"""
    SELECT
        EXISTS (SELECT 1 FROM work INDEXED BY work_timed WHERE {_TIMED})
            OR EXISTS (SELECT 1 FROM work INDEXED BY work_ripe WHERE {_RIPE}),
        EXISTS (
            SELECT 1 FROM work INDEXED BY work_claimed WHERE tenant = :tenant AND token IS NOT NULL
        )
"""  # noqa: S608  (our own constants)
# From one workspace to the next by the indexes: neither rows that wait for a moment nor the many of a busy
# workspace are looked at.
BUSY = f"""
    WITH RECURSIVE
    waiting(tenant) AS (
        SELECT :after
        UNION ALL
        SELECT (
            SELECT tenant FROM work INDEXED BY work_ripe
            WHERE tenant > waiting.tenant AND due = '{DUE_NOW}' AND token IS NULL ORDER BY tenant LIMIT 1
        )
        FROM waiting WHERE waiting.tenant IS NOT NULL
    ),
    held(tenant) AS (
        SELECT :after
        UNION ALL
        SELECT (
            SELECT tenant FROM work INDEXED BY work_claimed
            WHERE tenant > held.tenant AND token IS NOT NULL ORDER BY tenant LIMIT 1
        )
        FROM held WHERE held.tenant IS NOT NULL
    ),
    known(tenant) AS (
        SELECT tenant FROM waiting UNION SELECT tenant FROM held
        UNION SELECT tenant FROM work INDEXED BY work_due
        WHERE due > '{DUE_NOW}' AND due <= :now AND token IS NULL
    ),
    found(tenant, claimable, claimed) AS (
        SELECT tenant,
            EXISTS (
                SELECT 1 FROM work INDEXED BY work_timed WHERE work.tenant = known.tenant
                AND work.due > '{DUE_NOW}' AND work.due <= :now AND work.token IS NULL
            ) OR EXISTS (
                SELECT 1 FROM work INDEXED BY work_ripe
                WHERE work.tenant = known.tenant AND work.due = '{DUE_NOW}'
                AND work.token IS NULL AND (work.not_before <= :ripe OR work.not_before > :absurd)
            ),
            EXISTS (
                SELECT 1 FROM work INDEXED BY work_claimed
                WHERE work.tenant = known.tenant AND work.token IS NOT NULL
            )
        FROM known WHERE known.tenant > :after
    )
    SELECT tenant, claimable, claimed FROM found
    WHERE claimable OR claimed ORDER BY tenant LIMIT :limit
"""  # noqa: S608  (our own constant)
IS_RIPE = f"SELECT 1 FROM work INDEXED BY work_ripe WHERE {_RIPE} LIMIT 1"  # noqa: S608  (our own constants)
IS_THERE = f"""
    SELECT 1 FROM work INDEXED BY work_timed WHERE {_TIMED}
    UNION ALL SELECT 1 FROM work INDEXED BY work_ripe WHERE {_RIPE} LIMIT 1
"""  # noqa: S608  (our own constants)
# From the moment it is due, it is in the same order as changed rows.
MAKE_TIMED_ROWS_DUE = f"""
    UPDATE work INDEXED BY work_timed
    SET due = '{DUE_NOW}', first = NULL, not_before = :machine WHERE {_TIMED}
"""  # noqa: S608  (our own constants)
NEXT = f"""
    SELECT kind, subject, lane, touched, tries, first IS NULL FROM work INDEXED BY work_ripe
    WHERE {_RIPE} ORDER BY not_before LIMIT 1
"""  # noqa: S608  (our own constants)
CLAIM = """
    UPDATE work SET token = ?, tries = tries + 1, first = NULL WHERE tenant = ? AND kind = ? AND subject = ?
"""

_HELD = "tenant = :tenant AND kind = :kind AND subject = :subject AND token = :token"
SETTLE = f"""
    UPDATE work SET token = NULL, tries = 0,
        due = CASE WHEN touched = :touched THEN :again ELSE due END,
        first = CASE WHEN touched = :touched THEN NULL ELSE first END,
        not_before = CASE WHEN touched = :touched THEN :not_before ELSE not_before END
    WHERE {_HELD}
"""  # noqa: S608  (our own constants)
# Rows that wait for nothing are deleted: otherwise there would be one for each message ever sent.
DROP = """
    DELETE FROM work
    WHERE tenant = :tenant AND kind = :kind AND subject = :subject AND due IS NULL AND token IS NULL
"""
RETRY_LATER = f"""
    UPDATE work SET token = NULL, tries = :tries, due = '{DUE_NOW}', not_before = :until
    WHERE {_HELD}
"""  # noqa: S608  (our own constants)
RENEW = f"UPDATE work SET token = :new WHERE {_HELD}"  # noqa: S608  (our own constants)
TOUCHED = f"SELECT touched FROM work WHERE {_HELD}"  # noqa: S608  (our own constants)
CLAIMS = """
    SELECT kind, subject, lane, token, touched, tries FROM work INDEXED BY work_claimed
    WHERE tenant = ? AND token IS NOT NULL
"""
RELEASE = "UPDATE work SET token = NULL, not_before = 0 WHERE tenant = ? AND token IS NOT NULL"
PAUSE = """
    INSERT INTO lanes (tenant, lane, not_before) VALUES (?, ?, ?)
    ON CONFLICT (tenant, lane) DO UPDATE SET not_before = excluded.not_before
"""
RESERVE = """
    INSERT INTO lanes (tenant, lane, not_before) VALUES (:tenant, :lane, :machine + :apart)
    ON CONFLICT (tenant, lane) DO UPDATE SET not_before = :apart + CASE
        WHEN not_before BETWEEN :machine AND :absurd THEN not_before ELSE :machine
    END
    RETURNING not_before
"""
POSTPONE = """
    INSERT INTO lanes (tenant, lane, not_before) VALUES (?, ?, ?)
    ON CONFLICT (tenant, lane) DO UPDATE SET not_before = max(not_before, excluded.not_before)
"""
WAITS = f"""
    SELECT 1 FROM work WHERE tenant = ? AND due = '{DUE_NOW}' AND tries = 0 AND token IS NULL
    AND kind IN (SELECT value FROM json_each(?)) LIMIT 1
"""  # noqa: S608  (our own constant)
DUE = f"""
    SELECT subject FROM work WHERE tenant = :tenant AND kind = :kind AND (:lane = '' OR lane = :lane)
    AND (token IS NOT NULL OR due = '{DUE_NOW}' OR due <= :now) ORDER BY subject
"""  # noqa: S608  (our own constant)
SUBJECTS = "SELECT subject FROM work WHERE tenant = ? AND kind = ? ORDER BY subject"
_LATER = "tenant = :tenant AND kind = :kind AND due > :after AND token IS NULL"
ANY_LATER = f"SELECT 1 FROM work WHERE {_LATER} LIMIT 1"  # noqa: S608  (our own constant)
BRING_FORWARD = f"""
    UPDATE work SET due = '{DUE_NOW}', first = NULL, not_before = :machine WHERE {_LATER}
"""  # noqa: S608  (our own constants)
BRING_ALL_FORWARD = f"""
    UPDATE work INDEXED BY work_due SET due = '{DUE_NOW}', first = NULL, not_before = :machine
    WHERE kind = :kind AND due > :after AND due > '{DUE_NOW}' AND token IS NULL
"""  # noqa: S608  (our own constants)
# The start of the wait is unknown for rows of earlier versions.
_WAITS = f"""
    CASE
        WHEN due = '{DUE_NOW}' THEN :machine - nullif(not_before, 0)
        ELSE (julianday(:now) - julianday(due)) * 86400
    END
"""
_TOTALS = "SELECT count(*) FILTER (WHERE ready), max(waits) FILTER (WHERE ready), sum(tries >= :parked)"
BACKLOG = f"""
    {_TOTALS} FROM (
        SELECT tries, {_WAITS} AS waits,
            due = '{DUE_NOW}' AND not_before <= :machine OR due > '0' AND due <= :now AS ready
        FROM work WHERE tenant = :tenant AND due IS NOT NULL
    )
"""  # noqa: S608  (our own constant)
# Rows that wait for a moment to come are not looked at: they are the many. What is due in a workspace without
# the app waits until the app is installed again, and nothing can be done about it before.
TOTAL_BACKLOG = f"""
    SELECT coalesce(sum(due), 0), max(oldest), coalesce(sum(parked), 0) FROM (
        SELECT tenant, count(*) FILTER (WHERE ready) AS due, max(waits) FILTER (WHERE ready) AS oldest,
            count(*) FILTER (WHERE tries >= :parked) AS parked
        FROM (
            SELECT tenant, tries, {_WAITS} AS waits, not_before <= :machine AS ready
            FROM work INDEXED BY work_ripe WHERE due = '{DUE_NOW}' AND token IS NULL
            UNION ALL
            SELECT tenant, tries, {_WAITS},
                due = '{DUE_NOW}' AND not_before <= :machine OR due > '0' AND due <= :now
            FROM work INDEXED BY work_claimed WHERE token IS NOT NULL AND due IS NOT NULL
            UNION ALL
            SELECT tenant, tries, {_WAITS}, 1
            FROM work INDEXED BY work_due WHERE due > '{DUE_NOW}' AND due <= :now AND token IS NULL
        ) AS waiting GROUP BY tenant
    ) AS there WHERE {WITH_APP}
"""  # noqa: S608  (our own constants)
PARKED = "SELECT kind, subject FROM work WHERE tenant = ? AND tries >= ? ORDER BY kind, subject"
