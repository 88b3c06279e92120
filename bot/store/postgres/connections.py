"""Connections to a PostgreSQL server: a pool for all threads, one transaction for each change."""

import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, LiteralString, cast

import psycopg
from psycopg import RawCursor
from psycopg.adapt import Buffer, Dumper
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.string import StrDumper
from psycopg_pool import ConnectionPool

from bot.store.postgres.database_faults import is_database_fault, unavailable_error
from bot.store.postgres.dialect import translate
from bot.store.sql.database import SqlConnection
from bot.store.sql.write_guard import WriteGuard

BUSY_TIMEOUT_SECONDS: Final = 2.2
"""How long a change waits for other changes before it is refused: Slack expects an answer within 3 s."""

CONNECTIONS: Final = 16
"""Maximum number of connections of one process."""

_LOCK: Final = "SELECT lock_workspace($1)"

RawConnection = psycopg.Connection[tuple[Any, ...]]


class _NumberFromBool(Dumper):
    """Booleans are stored as 0 and 1, as in SQLite."""

    oid = psycopg.adapters.types["int4"].oid

    def dump(self, obj: bool) -> Buffer:  # noqa: FBT001  (the library's interface)
        return b"1" if obj else b"0"


class _TextWithoutNul(StrDumper):
    """PostgreSQL's texts cannot contain the character NUL."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\0", "\N{REPLACEMENT CHARACTER}"))


class PostgresConnection:
    """Connection that runs statements of SQLite's dialect."""

    def __init__(self, raw: RawConnection) -> None:
        self.raw = raw

    def execute(self, sql: str, parameters: Any = (), /) -> RawCursor[tuple[Any, ...]]:
        """Run a statement; its rows are read at once."""
        text, names = translate(sql)
        return cast("RawCursor[tuple[Any, ...]]", self.raw.execute(_query(text), _values(parameters, names)))

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> None:
        """Run a statement for each of some rows, in one round trip."""
        text, names = translate(sql)
        with self.raw.cursor() as cursor:
            cursor.executemany(_query(text), [_values(one, names) for one in parameters])


class PostgresConnections:
    """Pool of connections; repositories read through `current()` and write through `writing()`."""

    def __init__(
        self, url: str, *, timeout: float = BUSY_TIMEOUT_SECONDS, connections: int = CONNECTIONS
    ) -> None:
        self.place = place_of(url)
        self._url = url
        self._timeout = timeout
        self._running = _Running()
        self.guard = WriteGuard()
        self._pool: ConnectionPool[RawConnection] = ConnectionPool(
            url,
            kwargs={
                "autocommit": True,
                "cursor_factory": RawCursor,
                "application_name": "threatmodel",
                "connect_timeout": 5,
                "options": _options(timeout),
            },
            min_size=1,
            max_size=connections,
            timeout=timeout,
            max_idle=300,
            reconnect_timeout=30,
            configure=_configure,
            check=None,
            name="database",
            open=False,
        )
        self._opening = threading.Lock()

    def current(self) -> SqlConnection:
        """Return a connection for reading; inside of a change, the connection of the change."""
        transaction = self._running.transaction
        return transaction.connection if transaction is not None else _Reader(self)

    @contextmanager
    def borrowed(self) -> Generator[RawConnection]:
        """Return a block with a connection of the pool, outside of any change."""
        self._open()
        raw = self._pool.getconn()
        try:
            yield raw
        finally:
            self._pool.putconn(raw)

    def changing(self) -> RawConnection:
        """Return the connection of this thread's change."""
        if self._running.transaction is None:
            raise RuntimeError("there is no change")
        return self._running.transaction.raw

    def connect(self) -> RawConnection:
        """Return a new connection, which the caller closes; raises StoreUnavailable."""
        with self.translated_faults():
            raw: RawConnection = psycopg.connect(
                self._url, autocommit=True, cursor_factory=RawCursor, connect_timeout=5
            )
            _configure(raw)
            return raw

    def writing(self, tenant: str = "", *, durable: bool = True) -> "PostgresTransaction":
        """Return a block that is one change: durable when it ends, undone when it raises; blocks may nest.

        It excludes other changes of the workspace `tenant`. A change that need not be `durable` does not wait
        for the server's disk.
        """
        return PostgresTransaction(self, tenant, durable=durable)

    def runs_alone(self) -> bool:
        """Return whether a statement of this thread is a change by itself, without a check before it."""
        return self._running.transaction is None and self.guard.check is None

    def change(self, sql: str, parameters: Any) -> RawCursor[tuple[Any, ...]]:
        """Make a durable change by one statement, in one round trip instead of three.

        It must be idempotent: if the connection is lost, the statement is run again on another one, although
        it may have been committed.
        """
        with self.translated_faults():
            for last in (False, True):
                with self.borrowed() as raw:
                    try:
                        return PostgresConnection(raw).execute(sql, parameters)
                    except (psycopg.OperationalError, psycopg.InterfaceError):
                        if last or not raw.closed:
                            raise
                self.replace_lost()
        raise AssertionError  # the loop returns or raises

    def translated_faults(self) -> "ServerFaults":
        """Return a block that raises faults of the server as StoreUnavailable, with the repair."""
        return ServerFaults(self.place)

    def close(self) -> None:
        """Close every connection."""
        with self._opening:
            if not self._pool.closed:
                self._pool.close(timeout=1.0)

    def begin(self) -> RawConnection:
        """Return a connection of the pool for a change; `end` gives it back."""
        self._open()
        return self._pool.getconn()

    def end(self, raw: RawConnection) -> None:
        """Give a connection back to the pool; a broken one is replaced."""
        self._pool.putconn(raw)

    def replace_lost(self) -> None:
        """Replace idle connections that were lost: after a restart of the server, every one is."""
        self._pool.check()

    @property
    def running(self) -> "_Running":
        """The change of this thread, if there is one."""
        return self._running

    def _open(self) -> None:
        if self._pool.closed:
            with self._opening:
                if self._pool.closed:
                    self._pool.open()


class _Reader:
    """Connection of the pool for single statements, each in its own snapshot."""

    def __init__(self, database: PostgresConnections) -> None:
        self._database = database

    def execute(self, sql: str, parameters: Any = (), /) -> RawCursor[tuple[Any, ...]]:
        """Run a statement; one whose connection was lost before is run again on another connection."""
        try:
            with self._database.borrowed() as raw:
                return PostgresConnection(raw).execute(sql, parameters)
        except (psycopg.OperationalError, psycopg.InterfaceError):
            if not sql.lstrip().startswith(("SELECT", "WITH")):
                raise
        self._database.replace_lost()
        with self._database.borrowed() as raw:
            return PostgresConnection(raw).execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> None:
        """Run a statement for each of some rows."""
        with self._database.borrowed() as raw:
            PostgresConnection(raw).executemany(sql, parameters)


class _Running(threading.local):
    transaction: "PostgresTransaction | None" = None


class ServerFaults:
    """Context manager that raises faults of the server as StoreUnavailable."""

    __slots__ = ("_place",)

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if is_database_fault(error):
            raise unavailable_error(self._place, error) from error


class PostgresTransaction:
    """Context manager for one transaction, or for a part of the surrounding one."""

    __slots__ = ("_database", "_durable", "_outermost", "_tenant", "connection", "locked", "raw")

    def __init__(self, database: PostgresConnections, tenant: str, *, durable: bool) -> None:
        self._database = database
        self._tenant = tenant
        self._durable = durable
        self._outermost = False
        self.connection: SqlConnection
        self.locked: set[str]

    def __enter__(self) -> SqlConnection:
        running = self._database.running
        surrounding = running.transaction
        if surrounding is not None:
            self.connection, self.locked = surrounding.connection, surrounding.locked
            with self._database.translated_faults():
                self._lock()
            return self.connection
        with self._database.translated_faults():
            self.raw = self._begin()
        self.connection, self.locked = PostgresConnection(self.raw), set()
        self._outermost, running.transaction = True, self
        try:
            with self._database.translated_faults():
                self._lock()
                if (check := self._database.guard.check) is not None:
                    check(self.connection)
        except BaseException:
            self._abandon()
            raise
        return self.connection

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if not self._outermost:
            return
        if error is not None:
            self._abandon()
            if is_database_fault(error):
                raise unavailable_error(self._database.place, error) from error
            return
        try:
            with self._database.translated_faults():
                self.raw.execute("COMMIT")
        finally:
            self._release()

    def _begin(self) -> RawConnection:
        """Begin a transaction; a connection that was lost while idle is replaced."""
        statements = "BEGIN" if self._durable else "BEGIN; SET LOCAL synchronous_commit TO off"
        for last in (False, True):
            raw = self._database.begin()
            try:
                raw.execute(statements, prepare=False)
            except (psycopg.OperationalError, psycopg.InterfaceError):
                self._database.end(raw)
                if last:
                    raise
                self._database.replace_lost()
            except BaseException:
                self._database.end(raw)
                raise
            else:
                return raw
        raise AssertionError  # the loop returns or raises

    def _lock(self) -> None:
        if self._tenant and self._tenant not in self.locked:
            self.connection.execute(_LOCK, (self._tenant,))
            self.locked.add(self._tenant)

    def _abandon(self) -> None:
        try:
            self.raw.rollback()
        except psycopg.Error:
            self.raw.close()  # the server undoes what was not committed
        finally:
            self._release()

    def _release(self) -> None:
        self._database.running.transaction = None
        self._outermost = False
        self._database.end(self.raw)


def place_of(url: str) -> str:
    """Return the server and database of a URL, without role and password."""
    parts = conninfo_to_dict(url)
    host, port = parts.get("host") or "the local server", parts.get("port")
    name = parts.get("dbname") or parts.get("user") or ""
    return f"{host}{f':{port}' if port else ''}/{name}"


def _options(timeout: float) -> str:
    """Return settings of each session: no wait outlasts Slack's patience, and no dead client holds a lock."""
    settings = {
        "lock_timeout": f"{timeout * 1000:.0f}ms",
        "idle_in_transaction_session_timeout": "60s",
        "timezone": "UTC",
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def _configure(connection: RawConnection) -> None:
    connection.adapters.register_dumper(bool, _NumberFromBool)
    connection.adapters.register_dumper(str, _TextWithoutNul)


def _query(text: str) -> LiteralString:
    # The store's own statements; values are parameters.
    return cast("LiteralString", text)


def _values(parameters: Any, names: Sequence[str]) -> Sequence[Any]:
    if isinstance(parameters, Mapping):
        named = cast("Mapping[str, Any]", parameters)
        return [named[name] for name in names]
    return cast("Sequence[Any]", parameters)
