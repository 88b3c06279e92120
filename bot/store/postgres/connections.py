"""Connections to a PostgreSQL server: a pool for all threads, one transaction for each change."""

import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any, Final, LiteralString, TypeVar, cast

import psycopg

from bot.store.postgres.connecting import connect, connection_settings, place_of
from bot.store.postgres.connection_pool import ConnectionPool, RawConnection
from bot.store.postgres.database_faults import is_database_fault, unavailable_error
from bot.store.postgres.dialect import bound
from bot.store.postgres.event_rows import PostgresEventRows
from bot.store.records import StreamId
from bot.store.sql.database import (
    RECORDED,
    Append,
    AppendResult,
    SqlConnection,
    SqlDatabase,
    WriteGuard,
    change_in_transaction,
)
from bot.store.work_queue import Claim, Overtaken

BUSY_TIMEOUT_SECONDS: Final = 2.2
"""How long a change waits for other changes before it is refused: Slack expects an answer within 3 s."""

CONNECTIONS: Final = 16
"""Maximum number of connections of one process."""

_APPEND: Final = """
    SELECT status, earlier_request, earlier_stream, first_version, last_version FROM append_events(
        $1, $2, $3, $4, $5, CAST($6 AS text[]), CAST($7 AS integer[]), CAST($8 AS bytea[]),
        CAST($9 AS bytea[]), CAST($10 AS bytea[]), $11, CAST($12 AS boolean), CAST($13 AS text),
        CAST($14 AS text), CAST($15 AS text), $16
    )
"""
_LOCK: Final = "SELECT lock_workspace($1)"
_OPEN: Final = "SELECT open_change($1, CAST($2 AS boolean), $3, $4, $5, $6)"
_OVERTAKEN: Final = "TM001"
"""SQLSTATE with which the server refuses a change of work that another process has taken over."""

_FORGOTTEN: Final = (psycopg.errors.InvalidSqlStatementName, psycopg.errors.FeatureNotSupported)
"""Errors about a prepared statement that the server forgot, or whose table was changed: nothing was done."""

Rows = psycopg.Cursor[tuple[Any, ...]]
T = TypeVar("T")


class PostgresConnection:
    """Connection that runs statements of SQLite's dialect."""

    def __init__(self, raw: RawConnection) -> None:
        self.raw = raw

    def execute(self, sql: str, parameters: Any = (), /) -> Rows:
        text, values = bound(sql, parameters)
        return self.raw.execute(_query(text), values)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> None:
        rows = [bound(sql, row) for row in parameters]
        if rows:
            with self.raw.cursor() as cursor:
                cursor.executemany(_query(rows[0][0]), [values for _, values in rows])


class PostgresConnections(SqlDatabase):
    """Pool of connections; repositories read through `current()` and write through `writing()`."""

    def __init__(
        self, url: str, *, timeout: float = BUSY_TIMEOUT_SECONDS, connections: int = CONNECTIONS
    ) -> None:
        self.place = place_of(url)
        self._running = _Running()
        self.guard = WriteGuard()
        self._connect = partial(connect, url, connection_settings(url, timeout))
        self._pool = ConnectionPool(self._connect, limit=connections, timeout=timeout)

    def current(self) -> SqlConnection:
        raw = self._running.raw
        return PostgresConnection(raw) if raw is not None else _Reader(self)

    @contextmanager
    def borrowed(self) -> Generator[RawConnection]:
        """Return a block with a connection of the pool, outside of any change."""
        raw = self._pool.take()
        try:
            yield raw
        finally:
            is_lost = raw.closed
            self._pool.give(raw)
            if is_lost:
                # The server was restarted, for example: every idle connection is broken then.
                self._pool.drop_idle()

    def changing(self) -> RawConnection:
        """Return the connection of this thread's change."""
        if self._running.raw is None:
            raise RuntimeError("there is no change")
        return self._running.raw

    def connect(self) -> RawConnection:
        """Return a new connection, which the caller closes; raises StoreUnavailable."""
        with self.translated_faults():
            return self._connect()

    @contextmanager
    def writing(self, tenant: str = "", *, durable: bool = True) -> Generator[PostgresConnection]:
        running = self._running
        if running.raw is not None:
            if tenant and tenant not in running.locked:
                with self.translated_faults():
                    running.raw.execute(_LOCK, (tenant,))
                running.locked.add(tenant)
            yield PostgresConnection(running.raw)
            return
        with self.translated_faults():
            raw = self._begun(tenant, durable=durable)
            running.raw, running.locked = raw, {tenant}
            try:
                yield PostgresConnection(raw)
                raw.execute("COMMIT")
            except BaseException as error:
                self._undo(raw, error)
                raise
            finally:
                running.raw = None
            self._pool.give(raw)

    def runs_alone(self) -> bool:
        """Return whether a statement of this thread is a change by itself, without a check before it."""
        return self._running.raw is None and self.guard.claim is None

    def guarding_claim(self) -> Claim | None:
        """Return the claim that this thread must hold for its next change, if that is a change by itself."""
        return self.guard.claim if self._running.raw is None else None

    def change(self, sql: str, parameters: Any, *, idempotent: bool = True) -> Rows:
        """Make a change by one statement, in one round trip instead of three.

        If the connection is lost, an idempotent statement is run again on another one, although it may have
        been committed.
        """
        with self.translated_faults():
            return self.run(lambda raw: PostgresConnection(raw).execute(sql, parameters), repeated=idempotent)

    def change_rows(self, tenant: str, sql: str, rows: Sequence[Any], *, durable: bool = True) -> int:
        """Run a statement for each of some rows as one change; return how many rows a single one changed.

        Unless it is a part of another change, it is one round trip, so that its lock does not wait for this
        process. It is sent once: if the connection is lost, StoreUnavailable is raised, although the change
        may have been made.
        """
        if self._running.raw is not None or not rows:
            return change_in_transaction(self, tenant, sql, rows, durable=durable)

        def change(raw: RawConnection) -> int:
            with self._opened(raw, tenant, durable=durable):
                changed = [PostgresConnection(raw).execute(sql, row) for row in rows]
                raw.execute("COMMIT", prepare=False)
            return changed[-1].rowcount

        with self.translated_faults():
            return self.run(change, repeated=False)

    def append(self, command: Append) -> AppendResult:
        events, summary = command.events, command.summary
        parameters = (
            command.tenant,
            command.stream,
            command.expected,
            command.key,
            command.request,
            [event.type for event in events],
            [event.schema for event in events],
            [event.salt for event in events],
            [event.data for event in events],
            [event.digest for event in events],
            command.meta,
            summary is not None,
            *((summary.name, summary.channel, summary.phase) if summary else (None, None, None)),
            command.number,
        )
        if self.runs_alone():
            # The function is one transaction by itself, and the key makes it idempotent.
            row = self.change(_APPEND, parameters).fetchone()
        else:
            with self.writing() as connection:
                row = connection.execute(_APPEND, parameters).fetchone()
        status, request, stream, first, last = cast("tuple[str, bytes, StreamId, int, int]", row)
        if status == "repeated":
            return AppendResult(earlier=(request, stream, first, last))
        return AppendResult(conflict=last) if status == "conflict" else RECORDED

    def durable_at_end(self) -> AbstractContextManager[None]:
        """Return a block; each change in it is durable by itself."""
        return nullcontext()

    def wait_for_disk(self) -> None:
        """Do nothing: what can be read is on disk."""

    def check_file(self) -> None:
        """Do nothing: a server has no file."""

    @contextmanager
    def snapshot(self) -> Generator[PostgresEventRows]:
        raw = self.connect()
        try:
            raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield PostgresEventRows(raw, PostgresConnection(raw))
        finally:
            raw.close()

    def note_text_in_log(self, connection: SqlConnection, tenant: str) -> None:
        """Do nothing: text in the server's log, replicas and backups ends with their retention."""

    def remove_text_from_log(self, timeout: float) -> bool:
        del timeout
        return True

    @contextmanager
    def translated_faults(self) -> Generator[None]:
        try:
            yield
        except Exception as error:
            if is_database_fault(error):
                raise unavailable_error(self.place, error) from error
            raise

    def close(self) -> None:
        self._pool.close()

    def run(self, use: Callable[[RawConnection], T], *, repeated: bool = True) -> T:
        """Return what is made of a connection, `repeated` on a new one if it was lost."""
        raw, made = self._used(use, repeated=repeated)
        self._pool.give(raw)
        return made

    def _begun(self, tenant: str, *, durable: bool) -> RawConnection:
        """Return a connection of the pool on which a change of a workspace began; raises Overtaken."""

        def begin(raw: RawConnection) -> None:
            with self._opened(raw, tenant, durable=durable):
                pass

        return self._used(begin)[0]

    def _undo(self, raw: RawConnection, error: BaseException) -> None:
        """Undo what was begun on a connection, and give it back to the pool."""
        try:
            if isinstance(error, _FORGOTTEN):
                raw.close()
            elif not raw.closed:
                raw.rollback()
        except psycopg.Error:
            raw.close()  # the server undoes what was not committed
        finally:
            self._pool.give(raw)

    @contextmanager
    def _opened(self, raw: RawConnection, tenant: str, *, durable: bool) -> Generator[None]:
        """Return a block that begins a change, sent together with what is in the block; raises Overtaken."""
        claim = self.guard.claim
        of_claim = (*claim.item, claim.token) if claim is not None else ("", "", "", "")
        try:
            with raw.pipeline():
                raw.execute("BEGIN", prepare=False)
                raw.execute(_OPEN, (tenant, durable, *of_claim))
                yield
        except psycopg.Error as error:
            if error.sqlstate == _OVERTAKEN:
                raise Overtaken from None
            raise

    def _used(self, use: Callable[[RawConnection], T], *, repeated: bool = True) -> tuple[RawConnection, T]:
        """Return a connection of the pool, and what was made of it."""
        is_first = True
        while True:
            raw = self._pool.take()
            try:
                return raw, use(raw)
            except BaseException as error:
                self._undo(raw, error)
                if raw.closed:
                    # The server was restarted, for example: every idle connection is broken then.
                    self._pool.drop_idle()
                is_lost = raw.closed and isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))
                if not is_first or not (isinstance(error, _FORGOTTEN) or (is_lost and repeated)):
                    raise
                is_first = False


class _Reader:
    """Connection of the pool for single statements, each in its own snapshot."""

    def __init__(self, database: PostgresConnections) -> None:
        self._database = database

    def execute(self, sql: str, parameters: Any = (), /) -> Rows:
        """Run a statement; one whose connection was lost before is run again on another connection."""
        is_read = sql.lstrip().startswith(("SELECT", "WITH"))
        return self._database.run(
            lambda raw: PostgresConnection(raw).execute(sql, parameters), repeated=is_read
        )

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> None:
        with self._database.borrowed() as raw:
            PostgresConnection(raw).executemany(sql, parameters)


class _Running(threading.local):
    """Connection of this thread's change, if there is one, and the workspaces that it has locked."""

    raw: RawConnection | None = None
    locked: set[str]


def _query(text: str) -> LiteralString:
    # The store's own statements; values are parameters.
    return cast("LiteralString", text)
