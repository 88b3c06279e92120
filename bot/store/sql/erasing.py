"""Erasure of users' text from events, and from every table that contains it."""

from collections.abc import Callable, Sequence

from msgspec.structs import asdict

from bot.store.records import Head, StreamId, is_model, key_of, listed, tenant_of
from bot.store.sql.database import SqlConnection, SqlDatabase
from bot.store.sql.erasure_rules import BLANK_COMMAND, ERASURE_RULES, FORGOTTEN, workspace_tables
from bot.store.sql.model_touch import touch_model
from bot.store.timestamps import format_timestamp, utc_now
from domain.model import ThreatModel

ERASING_TIMEOUT_SECONDS = 5.0
"""How long erasing waits for readers of the database to end."""

# In what follows, the only parts are our own conditions.
_PLACE = "WHERE tenant = :tenant AND stream = :stream"
_ERASE = f"UPDATE events SET salt = NULL, data = NULL {_PLACE} AND version = :version AND data IS NOT NULL"  # noqa: S608
_RECORD = """
    INSERT INTO erasures (tenant, stream, version, at) VALUES (:tenant, :stream, :version, :at)
    ON CONFLICT (tenant, stream, version) DO NOTHING
"""
# A key identifies an action, and a plain digest of a request would allow its content to be guessed.
_FORGET_KEY = f"{BLANK_COMMAND} AND first <= :version AND version >= :version"
_STREAM = f"SELECT version, channel, name FROM streams {_PLACE}"  # noqa: S608
_COUNT = f"UPDATE streams SET erasures = erasures + 1 {_PLACE}"  # noqa: S608
_SUM_UP = f"UPDATE streams SET name = :name, channel = :channel, phase = :phase {_PLACE}"  # noqa: S608
_UNLISTED = f"UPDATE streams SET name = NULL, channel = NULL, phase = NULL {_PLACE}"  # noqa: S608
# Without its salt a digest cannot be compared with guesses; the slot is then checked again. Home tabs and
# reminders belong to no single model, and may contain text of any.
_UNKNOWN = "UPDATE deliveries SET shown = '' WHERE tenant = :tenant AND stream IN (:stream, '')"
# A message that no longer changes may have contained erased text, too.
_REOPEN = f"UPDATE deliveries SET final = 0 {_PLACE} AND external_id <> ''"  # noqa: S608
_END = "SELECT sequence, hash FROM heads WHERE tenant = :tenant"
# The record of the removal permits the deletion of the events, and then of the end of their chain.
_REMOVED = "INSERT INTO removals (tenant, sequence, hash, at) VALUES (:tenant, :sequence, :hash, :at)"
_KEPT = {"counters", "removals"}
"""The count of models is kept, so that a workspace that returns reuses no key."""
_UNFINISHED = "SELECT 1 FROM pending_erasures"

Fold = Callable[[StreamId], ThreatModel]
"""Computes a model from the remaining content of its events."""


class Eraser:
    """Eraser of text in one transaction, and then from the log, immediately or later."""

    def __init__(self, database: SqlDatabase, fold: Fold) -> None:
        self._database = database
        self._fold = fold

    def erase(self, stream: StreamId, versions: Sequence[int]) -> int:
        """Erase the text of some events; returns how many were not erased before."""
        place = {"tenant": tenant_of(stream), "stream": stream}
        with self._database.writing(tenant_of(stream)) as connection:
            erased = self._blank(connection, stream, versions)
            connection.executemany(_FORGET_KEY, [{**place, **FORGOTTEN, "version": one} for one in versions])
            self._forget(connection, stream, everything=False)
            row = connection.execute(_STREAM, place).fetchone()
            if row is not None and row[2] is not None:
                self._sum_up(connection, stream)
        self.finish(ERASING_TIMEOUT_SECONDS)
        return erased

    def erase_stream(self, stream: StreamId) -> int:
        """Erase the text of every event of a stream, and everything stored beside it."""
        place = {"tenant": tenant_of(stream), "stream": stream}
        with self._database.writing(tenant_of(stream)) as connection:
            row = connection.execute(_STREAM, place).fetchone()
            if row is None:
                return 0
            erased = self._blank(connection, stream, range(1, row[0] + 1))
            self._forget(connection, stream, everything=True)
            connection.execute(_UNLISTED, place)
        self.finish(ERASING_TIMEOUT_SECONDS)
        return erased

    def remove_workspace(self, tenant: str) -> Head | None:
        """Delete every row of a workspace; return the end of its chain, None if it had no events."""
        removed, of = None, {"tenant": tenant}
        with self._database.writing(tenant) as connection:
            row = connection.execute(_END, of).fetchone()
            if row is not None:
                removed = Head(tenant=tenant, sequence=row[0], hash=row[1])
                connection.execute(_REMOVED, {**asdict(removed), "at": format_timestamp(utc_now())})
            for table in sorted(workspace_tables() - _KEPT, key=lambda table: (table == "heads", table)):
                connection.execute(f"DELETE FROM {table} WHERE tenant = :tenant", of)  # noqa: S608  (our own names)
            self._database.note_text_in_log(connection, tenant)
        self.finish(ERASING_TIMEOUT_SECONDS)
        return removed

    def unfinished(self) -> bool:
        """Return whether erased text may still be in the file's log."""
        return self._database.one(_UNFINISHED) is not None

    def finish(self, timeout: float) -> bool:
        """Remove erased text from the log; False if a reader of the file still prevents it.

        A process that was ended in between leaves a note, and the next process continues from it.
        """
        return not self.unfinished() or self._database.remove_text_from_log(timeout)

    def _blank(self, connection: SqlConnection, stream: StreamId, versions: Sequence[int]) -> int:
        place, erased = {"tenant": tenant_of(stream), "stream": stream}, 0
        now = format_timestamp(utc_now())
        for version in versions:
            if connection.execute(_ERASE, {**place, "version": version}).rowcount:
                connection.execute(_RECORD, {**place, "version": version, "at": now})
                erased += 1
        connection.execute(_COUNT, place)
        return erased

    def _forget(self, connection: SqlConnection, stream: StreamId, *, everything: bool) -> None:
        tenant = tenant_of(stream)
        row = connection.execute(_STREAM, {"tenant": tenant, "stream": stream}).fetchone()
        parameters = {
            "tenant": tenant,
            "stream": stream,
            "model": key_of(stream),
            "channel": row[1] if row else None,
            **FORGOTTEN,
        }
        for rule in ERASURE_RULES.values():
            for statement in (*rule.forget, *(rule.forget_all if everything else ())):
                connection.execute(statement, parameters)
        connection.execute(_UNKNOWN, parameters)
        connection.execute(_REOPEN, parameters)
        if is_model(stream):
            touch_model(connection, tenant, stream)
        # Noted in the same transaction, so that the note exists even if the process is killed now.
        self._database.note_text_in_log(connection, tenant)

    def _sum_up(self, connection: SqlConnection, stream: StreamId) -> None:
        summary = listed(self._fold(stream))
        shown = asdict(summary) if summary is not None else {}
        sql = _UNLISTED if summary is None else _SUM_UP
        connection.execute(sql, {"tenant": tenant_of(stream), "stream": stream, **shown})
