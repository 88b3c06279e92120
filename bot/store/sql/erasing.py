"""Erasure of users' text from events, and from every table that contains it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from bot.store.records import StreamId, is_model, key_of, tenant_of
from bot.store.sql.database import SqlConnection, SqlDatabase
from bot.store.sql.erasure_rules import ERASURE_RULES
from bot.store.sql.model_touch import touch_model
from bot.store.summaries import listed
from bot.store.timestamps import format_timestamp, utc_now
from domain.model import ThreatModel

ERASING_TIMEOUT_SECONDS = 5.0
"""How long erasing waits for readers of the database to end."""

_ERASE = """
    UPDATE events SET salt = NULL, data = NULL
    WHERE tenant = ? AND stream = ? AND version = ? AND data IS NOT NULL
"""
_RECORD = """
    INSERT INTO erasures (tenant, stream, version, at) VALUES (?, ?, ?, ?)
    ON CONFLICT (tenant, stream, version) DO NOTHING
"""
# A key identifies an action, and a plain digest of a request would allow its content to be guessed.
_FORGET_KEY = """
    UPDATE commands SET key = 'erased:' || random_hex(), request = CAST('' AS BLOB)
    WHERE tenant = ? AND stream = ? AND first <= ? AND version >= ?
    AND substr(key, 1, 8) <> 'restore/'
"""
_VERSION = "SELECT version FROM streams WHERE tenant = ? AND stream = ?"
_CHANNEL = "SELECT channel FROM streams WHERE tenant = ? AND stream = ?"
_NAME = "SELECT name FROM streams WHERE tenant = ? AND stream = ?"
_COUNT = "UPDATE streams SET erasures = erasures + 1 WHERE tenant = ? AND stream = ?"
_SUM_UP = """
    UPDATE streams SET name = ?, channel = ?, phase = ? WHERE tenant = ? AND stream = ?
"""
_UNLISTED = """
    UPDATE streams SET name = NULL, channel = NULL, phase = NULL WHERE tenant = ? AND stream = ?
"""
# Without its salt a digest cannot be compared with guesses; the slot is then checked again. Home tabs and
# reminders belong to no single model, and may contain text of any.
_UNKNOWN = "UPDATE deliveries SET shown = '' WHERE tenant = ? AND stream IN (?, '')"
# A message that no longer changes may have contained erased text, too.
_REOPEN = "UPDATE deliveries SET over = 0 WHERE tenant = ? AND stream = ? AND external_id <> ''"
_UNFINISHED = "SELECT 1 FROM pending_erasures"

Fold = Callable[[StreamId], ThreatModel]
"""Computes a model from the remaining content of its events."""


class TextInLog(Protocol):
    """Erased text that remains in the log of a database until that is emptied."""

    def note(self, connection: SqlConnection, tenant: str) -> None:
        """Record, in the transaction that erases it, that text of a workspace is to be removed."""
        ...

    def remove(self, timeout: float) -> bool:
        """Remove the text; False if a reader of the database prevents it for `timeout` seconds."""
        ...


class Eraser:
    """Eraser of text in one transaction, and then from the log, immediately or later."""

    def __init__(self, database: SqlDatabase, fold: Fold, log: TextInLog) -> None:
        self._database = database
        self._log = log
        self._fold = fold

    def tables(self) -> set[str]:
        """Return every table with rows of workspaces."""
        return {table for table, rule in ERASURE_RULES.items() if not rule.shared}

    def note_text_in_log(self, connection: SqlConnection, tenant: str) -> None:
        """Record that text of a workspace was erased in this change and is to be removed from the log."""
        self._log.note(connection, tenant)

    def erase(self, stream: StreamId, versions: Sequence[int]) -> int:
        """Erase the text of some events; returns how many were not erased before."""
        tenant = tenant_of(stream)
        with self._database.writing(tenant) as connection:
            erased = self._blank(connection, stream, versions)
            connection.executemany(_FORGET_KEY, [(tenant, stream, one, one) for one in versions])
            self._forget(connection, stream, everything=False)
            self._sum_up(connection, stream)
        self.finish(ERASING_TIMEOUT_SECONDS)
        return erased

    def erase_stream(self, stream: StreamId) -> int:
        """Erase the text of every event of a stream, and everything stored beside it."""
        tenant = tenant_of(stream)
        with self._database.writing(tenant) as connection:
            row = connection.execute(_VERSION, (tenant, stream)).fetchone()
            if row is None:
                return 0
            erased = self._blank(connection, stream, range(1, row[0] + 1))
            self._forget(connection, stream, everything=True)
            connection.execute(_UNLISTED, (tenant, stream))
        self.finish(ERASING_TIMEOUT_SECONDS)
        return erased

    def unfinished(self) -> bool:
        """Return whether erased text may still be in the file's log."""
        with self._database.translated_faults():
            return self._database.current().execute(_UNFINISHED).fetchone() is not None

    def finish(self, timeout: float) -> bool:
        """Remove erased text from the log; False if a reader of the file still prevents it.

        A process that was ended in between leaves a note, and the next process continues from it.
        """
        return not self.unfinished() or self._log.remove(timeout)

    def _blank(self, connection: SqlConnection, stream: StreamId, versions: Sequence[int]) -> int:
        now, erased, tenant = format_timestamp(utc_now()), 0, tenant_of(stream)
        for version in versions:
            if connection.execute(_ERASE, (tenant, stream, version)).rowcount:
                connection.execute(_RECORD, (tenant, stream, version, now))
                erased += 1
        connection.execute(_COUNT, (tenant, stream))
        return erased

    def _forget(self, connection: SqlConnection, stream: StreamId, *, everything: bool) -> None:
        tenant = tenant_of(stream)
        row = connection.execute(_CHANNEL, (tenant, stream)).fetchone()
        parameters = {
            "tenant": tenant,
            "stream": stream,
            "model": key_of(stream),
            "channel": row[0] if row else None,
        }
        for one in ERASURE_RULES.values():
            for statement in (*one.forget, *(one.forget_all if everything else ())):
                connection.execute(statement, parameters)
        connection.execute(_UNKNOWN, (tenant, stream))
        connection.execute(_REOPEN, (tenant, stream))
        if is_model(stream):
            touch_model(connection, tenant, stream)
        # Noted in the same transaction, so that the note exists even if the process is killed now.
        self._log.note(connection, tenant)

    def _sum_up(self, connection: SqlConnection, stream: StreamId) -> None:
        tenant = tenant_of(stream)
        row = connection.execute(_NAME, (tenant, stream)).fetchone()
        if row is None or row[0] is None:
            return
        summary = listed(self._fold(stream))
        if summary is None:
            connection.execute(_UNLISTED, (tenant_of(stream), stream))
            return
        connection.execute(_SUM_UP, (summary.name, summary.channel, summary.phase, tenant, stream))
