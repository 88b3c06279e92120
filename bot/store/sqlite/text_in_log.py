"""Erased text in the log of a SQLite file, until the log is emptied."""

import secrets
import time

from bot.store.sql.database import SqlConnection
from bot.store.sqlite.connections import Connections
from bot.store.timestamps import format_timestamp, utc_now

_EVERY_SECONDS = 0.05
_LOG = "log"

_NOTE = """
    INSERT INTO pending_erasures (tenant, what, since) VALUES (?, ?, ?)
    ON CONFLICT (tenant, what) DO UPDATE SET since = excluded.since
"""
_NOTED = "SELECT tenant, what, since FROM pending_erasures WHERE what = ?"
_DONE = "DELETE FROM pending_erasures WHERE tenant = ? AND what = ? AND since = ?"


class TextInSqliteLog:
    """Text in the log of a file; a note in the file says that there is some."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    def note(self, connection: SqlConnection, tenant: str) -> None:
        """Record, in the transaction that erases it, that text of a workspace is to be removed."""
        connection.execute(_NOTE, (tenant, _LOG, _since()))

    def remove(self, timeout: float) -> bool:
        """Copy the log into the file and truncate it, as soon as no process reads from it."""
        deadline = time.monotonic() + timeout
        connection = self._database.current()
        if connection.in_transaction:
            return False  # its changes are not durable yet; a later call continues
        while True:
            with self._database.translated_faults():
                notes = connection.execute(_NOTED, (_LOG,)).fetchall()
                if not notes:
                    return True
                hindered, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not hindered:
                # A later erasure by another process has another mark.
                with self._database.writing() as writing:
                    writing.executemany(_DONE, notes)
            elif time.monotonic() >= deadline:
                return False
            else:
                time.sleep(_EVERY_SECONDS)


def _since() -> str:
    """Return a unique mark for a note."""
    return f"{format_timestamp(utc_now())} {secrets.token_hex(8)}"
