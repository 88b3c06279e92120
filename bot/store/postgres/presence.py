"""Presence of replicas: while one serves a database, it is not copied, and what it claimed is its own."""

import secrets
import select
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Final

import psycopg

from bot.store.errors import StoreUnavailable
from bot.store.postgres.connections import PostgresConnections, RawConnection

_SHARE: Final = "SELECT pg_try_advisory_lock_shared(4711, 2)"
_EXCLUDE: Final = "SELECT pg_try_advisory_lock(4711, 2)"
_ADMIT: Final = "SELECT pg_advisory_unlock(4711, 2)"

OWNERS: Final = 4713
"""First number of the locks that say which owners of claims live; the second one is the owner's."""


class Presence:
    """Locks of a session of its own: that of all replicas that serve, and that of the owner of claims.

    The server ends them with the session, as when the process ends.
    """

    def __init__(self, database: PostgresConnections) -> None:
        self.owner = str(secrets.randbelow(2**31))
        self._database = database
        self._session: RawConnection | None = None
        self._serves = False
        self._changing = threading.Lock()

    @contextmanager
    def serving(self) -> Generator[None]:
        """Return a block in which this process serves; raises StoreUnavailable during a copy."""
        with self._changing:
            self._serves = True
            try:
                self._begin()
            except StoreUnavailable:
                self._serves = False
                raise
        try:
            yield
        finally:
            self.close()

    @contextmanager
    def alone(self) -> Generator[None]:
        """Return a block in which no replica serves; raises StoreUnavailable while one does."""
        raw = self._database.connect()
        try:
            if not _granted(raw, _EXCLUDE):
                raise StoreUnavailable(
                    f"DATABASE_URL: {self._database.place} is in use by a `threatmodel serve`, or is copied. "
                    "Stop all replicas first"
                )
            try:
                yield
            finally:
                # The server notices the end of a session a moment later, and the next copy may begin before.
                with suppress(psycopg.Error):
                    _granted(raw, _ADMIT)
        finally:
            raw.close()

    def hold(self) -> None:
        """Hold the lock of the owner of claims; raises StoreUnavailable."""
        with self._changing:
            if self._session is None or not _is_alive(self._session):
                self._begin()

    def renew(self) -> None:
        """Take the locks again after the session was lost, as with a restart of the server."""
        if self._session is not None:
            with suppress(StoreUnavailable):  # until the server is back, nothing can be copied
                self.hold()

    def close(self) -> None:
        """End the session."""
        with self._changing:
            self._serves = False
            if self._session is not None:
                self._session.close()
            self._session = None

    def _begin(self) -> None:
        """Begin a session with the locks; the caller holds the lock of this object."""
        if self._session is not None:
            self._session.close()
        raw = self._session = self._database.connect()
        with self._database.translated_faults():
            raw.execute(f"SELECT pg_advisory_lock_shared({OWNERS}, {self.owner})".encode())
            if self._serves and not _granted(raw, _SHARE):
                raw.close()
                raise StoreUnavailable(
                    f"DATABASE_URL: {self._database.place} is being copied (`threatmodel copy`). "
                    "Wait for its end"
                )


def _granted(raw: RawConnection, sql: str) -> bool:
    row = raw.execute(sql.encode()).fetchone()
    return bool(row and row[0])


def _is_alive(raw: RawConnection) -> bool:
    """Return whether the server has not ended the session; asks the socket, not the server."""
    if raw.closed:
        return False
    try:
        if select.select([raw.fileno()], [], [], 0)[0]:
            raw.pgconn.consume_input()
    except (psycopg.Error, OSError):
        return False
    return not raw.closed
