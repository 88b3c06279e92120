"""Housekeeping of all workspaces by one statement each, so that an idle workspace costs nothing."""

import time
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from bot.store.records import COMMANDS_KEPT_FOR, RETURNED
from bot.store.repositories.installations import WITH_APP
from bot.store.repositories.tracker_connections import (
    CONNECTIONS,
    TrackerConnection,
    tracker_number,
)
from bot.store.sql.database import SqlDatabase
from bot.store.timestamps import format_timestamp, parse_timestamp
from bot.store.work_queue import PARKED_AFTER

# In pages: a long transaction would delay other changes.
_COMMANDS = """
    SELECT page.tenant, page.key, events.recorded_at FROM (
        SELECT tenant, key, stream, CASE WHEN version < first THEN version + 1 ELSE version END AS version
        FROM commands WHERE (tenant, key) > (:tenant, :key) ORDER BY tenant, key LIMIT 500
    ) AS page
    LEFT JOIN events ON events.tenant = page.tenant AND events.stream = page.stream
        AND events.version = page.version
    ORDER BY page.tenant, page.key
"""
_FORGET = "DELETE FROM commands WHERE tenant = :tenant AND key = :key"
_COUNT_DOWN = "UPDATE heads SET commands = commands - :gone WHERE tenant = :tenant"
_WITH_PENDING = "SELECT DISTINCT tenant FROM pending_requests ORDER BY tenant"
_CONNECTIONS = f"SELECT tenant, {CONNECTIONS.fields} FROM tracker_connections"  # noqa: S608  (our own names)
_AGE = {
    "pending_imports": "at",
    "drafts": "at",
    "open_forms": "at",
    "agent_calls": "at",
    "access_tokens": "expires_at",
}
"""Tables whose rows are deleted after a time, and the column that has it."""
# The row of no workspace is that of all.
_NOTE_CHECK = """
    INSERT INTO periodic_checks (tenant, at) VALUES ('', :at)
    ON CONFLICT (tenant) DO UPDATE SET at = excluded.at
"""
_LAST_CHECK = "SELECT at FROM periodic_checks WHERE tenant = ''"
# A row that was put off after a failure does not say since when it was due: what was about to be sent is in
# `reminders`, and other work counts once it is parked. A released row (0) does not say it either.
_OVERDUE = """
    SELECT coalesce(sum(late), 0) FROM (
        SELECT tenant, count(*) AS late FROM (
            SELECT tenant FROM work WHERE due = '0' AND token IS NULL AND kind IN ({kinds})
            AND (not_before > 0 AND not_before <= :machine OR tries >= :parked)
            UNION ALL
            SELECT tenant FROM work
            WHERE due > '0' AND due <= :moment AND token IS NULL AND kind IN ({kinds})
            UNION ALL
            SELECT tenant FROM reminders WHERE state = 'claimed' AND due <= :moment
        ) AS late GROUP BY tenant
    ) AS there WHERE {with_app}
"""


class Housekeeping:
    """Statements over all workspaces; every method raises StoreUnavailable."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def tenants_with_pending_requests(self) -> list[str]:
        """Return the workspaces with requests that wait for a check, sorted."""
        return [tenant for (tenant,) in self._database.all(_WITH_PENDING)]

    def forget_before(self, moments: Mapping[str, datetime]) -> None:
        """Delete the rows of some tables that are older than a moment: those of `_AGE`."""
        for table, moment in moments.items():
            old = f"FROM {table} WHERE {_AGE[table]} < :moment"
            parameters = {"moment": format_timestamp(moment)}
            if self._database.one(f"SELECT 1 {old} LIMIT 1", **parameters):  # a change would wait for writers
                with self._database.writing() as connection:
                    connection.execute(f"DELETE {old}", parameters)

    def forget_commands(self, now: datetime) -> int:
        """Delete the keys of old commands, except of models that came back; return how many.

        A command is as old as its last event; one without events is older than the next event of its stream.
        """
        before, forgotten = format_timestamp(now - COMMANDS_KEPT_FOR), 0
        tenant, key = "", ""
        while page := self._database.all(_COMMANDS, tenant=tenant, key=key):
            tenant, key, *_ = page[-1]
            old: dict[str, list[str]] = {}
            for of, one, at in page:
                if at is not None and at < before and not one.startswith(RETURNED):
                    old.setdefault(of, []).append(one)
            for of, keys in old.items():
                with self._database.writing(of) as connection:
                    gone = sum(
                        connection.execute(_FORGET, {"tenant": of, "key": one}).rowcount for one in keys
                    )
                    connection.execute(_COUNT_DOWN, {"tenant": of, "gone": gone})
                forgotten += gone
        return forgotten

    def tracker_connections(self) -> list[tuple[str, TrackerConnection]]:
        """Return the connections to trackers, each with the ID of its workspace, in the order of both."""
        rows = self._database.all(_CONNECTIONS)
        found = [(str(tenant), CONNECTIONS.decoded(row)) for tenant, *row in rows]
        return sorted(found, key=lambda one: (one[0], tracker_number(one[1].tracker)))

    def note_reminder_check(self, at: datetime) -> None:
        """Record when due reminders of all workspaces were last looked for."""
        with self._database.writing(durable=False) as connection:
            connection.execute(_NOTE_CHECK, {"at": format_timestamp(at)})

    def last_reminder_check(self) -> datetime | None:
        """Return when due reminders of all workspaces were last looked for."""
        row = self._database.one(_LAST_CHECK)
        return parse_timestamp(row[0]) if row else None

    def overdue_reminders(self, kinds: Collection[str], now: datetime, *, seconds: float) -> int:
        """Return the number of reminders that have been due for so many seconds, in all workspaces.

        Reminders whose sending was begun count one by one, others by the rows of these kinds of work: for
        each place to send to, and each model to plan. Workspaces that no longer have the app are left out. It
        is one statement, whose cost does not depend on idle workspaces.
        """
        named = {f"kind_{number}": kind for number, kind in enumerate(kinds)}
        statement = _OVERDUE.format(
            kinds=", ".join(f":{name}" for name in named),
            with_app=WITH_APP,
        )
        parameters = {
            **named,
            "moment": format_timestamp(now - timedelta(seconds=seconds)),
            # The clock of this machine, not the server's: a difference of seconds does not matter here.
            "machine": time.time() - seconds,
            "parked": PARKED_AFTER,
        }
        (count,) = self._database.one(statement, **parameters)
        return int(count)
