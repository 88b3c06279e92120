"""Presence of replicas: while one serves a database, it is not copied."""

import select
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Final

import psycopg

from bot.store.errors import StoreUnavailable
from bot.store.postgres.connections import PostgresConnections, RawConnection

_SHARE: Final = "SELECT pg_try_advisory_lock_shared(4711, 2)"
_EXCLUDE: Final = "SELECT pg_try_advisory_lock(4711, 2)"


class Presence:
    """Lock of a session of its own, shared by all replicas; the server ends it with the session."""

    def __init__(self, database: PostgresConnections) -> None:
        self._database = database
        self._held: RawConnection | None = None

    @contextmanager
    def serving(self) -> Generator[None]:
        """Return a block in which this process serves; raises StoreUnavailable during a copy."""
        self._share()
        try:
            yield
        finally:
            self._release()

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
            yield
        finally:
            raw.close()

    def renew(self) -> None:
        """Take the lock again after the session was lost, as with a restart of the server."""
        if self._held is None or _is_alive(self._held):
            return
        self._release()
        with suppress(StoreUnavailable):  # until the server is back, nothing can be copied
            self._share()

    def _share(self) -> None:
        raw = self._database.connect()
        if not _granted(raw, _SHARE):
            raw.close()
            raise StoreUnavailable(
                f"DATABASE_URL: {self._database.place} is being copied (`threatmodel copy`). Wait for its end"
            )
        self._held = raw

    def _release(self) -> None:
        if self._held is not None:
            self._held.close()


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
