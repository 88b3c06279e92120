"""Statements that are run one at a time; each connection prepares those that it runs often.

The library's own cursors do the same, but are made for more: they take twice the processor time.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final
from weakref import WeakKeyDictionary

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.generators import execute
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from bot.store.postgres.connection_pool import RawConnection
from bot.store.postgres.pipeline import BoundStatement, PreparedStatements

OFTEN: Final = 5
"""Uses of a statement on a connection before it is prepared, as in the library."""

MOST_COUNTED: Final = 1_000
"""Number of statements of which a connection counts the uses; then it starts again."""


FORGOTTEN: Final = (psycopg.errors.InvalidSqlStatementName, psycopg.errors.FeatureNotSupported)
"""Errors about a prepared statement that has to be prepared again."""

_ANSWERS: Final = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.EMPTY_QUERY)


class StatementRows:
    """Result of a statement, which has been read."""

    __slots__ = ("_rest", "rowcount")

    def __init__(self, rows: Iterable[tuple[Any, ...]], rowcount: int) -> None:
        self._rest = iter(rows)
        self.rowcount = rowcount
        """Number of found or changed rows."""

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row, or None."""
        return next(self._rest, None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all remaining rows."""
        return list(self._rest)

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        """Return up to `size` further rows."""
        return list(islice(self._rest, size))

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Yield the remaining rows."""
        return self._rest


class StatementRunner:
    """Runs statements of the connections of one pool."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[RawConnection, _KnownStatements] = WeakKeyDictionary()

    def run(self, raw: RawConnection, text: str, values: Sequence[Any]) -> StatementRows:
        """Run a statement with parameters `$1`, `$2`, …; raises the errors of the server."""
        transformer = Transformer(raw)
        dumped = transformer.dump_sequence(values, [PyFormat.AUTO] * len(values))
        bound = BoundStatement(text.encode(), dumped, transformer.types or (), transformer.formats or ())
        known = self._known.get(raw)
        if known is None:
            known = self._known[raw] = _KnownStatements()
        try:
            result = _run(raw, known, bound)
        except FORGOTTEN:
            # Someone had the server forget what is prepared, or changed a table. Nothing was done.
            known.prepared.forget_all()
            if raw.pgconn.transaction_status != TransactionStatus.IDLE:
                raise
            result = _run(raw, known, bound)
        if result.status != ExecStatus.TUPLES_OK:
            changed = result.command_tuples
            return StatementRows((), -1 if changed is None else changed)
        transformer.set_pgresult(result)
        count = result.ntuples
        return StatementRows(transformer.load_rows(0, count, tuple), count)


class _KnownStatements:
    """What a connection has prepared, and how often it has used the others."""

    def __init__(self) -> None:
        self.prepared = PreparedStatements("statement")
        self._uses: dict[tuple[bytes, tuple[int, ...]], int] = {}

    def is_often_used(self, key: tuple[bytes, tuple[int, ...]]) -> bool:
        """Count a use of a statement, and return whether it is to be prepared."""
        if len(self._uses) >= MOST_COUNTED:
            self._uses.clear()
        uses = self._uses[key] = self._uses.get(key, 0) + 1
        return uses > OFTEN


def _run(raw: RawConnection, known: _KnownStatements, bound: BoundStatement) -> PGresult:
    connection, key = raw.pgconn, (bound.text, bound.types)
    name = known.prepared.find(key)
    if name is None and known.is_often_used(key) and (name := known.prepared.add(key)) is not None:
        try:
            connection.send_prepare(name, bound.text, bound.types)
            _result(raw)
        except BaseException:
            known.prepared.forget(key)
            raise
    if name is not None:
        connection.send_query_prepared(name, bound.values, param_formats=bound.formats)
    else:
        connection.send_query_params(
            bound.text, bound.values, param_types=bound.types, param_formats=bound.formats
        )
    return _result(raw)


def _result(raw: RawConnection) -> PGresult:
    """Wait for the result of what was sent; raises the errors of the server."""
    results = raw.wait(execute(raw.pgconn))
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            raise psycopg.errors.error_from_result(result, encoding=raw.info.encoding)
        if result.status not in _ANSWERS:
            raise psycopg.InternalError(f"unexpected result of a statement: {ExecStatus(result.status).name}")
    return results[0]
