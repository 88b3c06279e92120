"""Statements that are sent to the server together, as one transaction.

The library's own pipelines send each statement by itself: between two of them, a thread that has to wait for
the interpreter would hold the locks of the first one.
"""

import select
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import psycopg
from psycopg.abc import Buffer
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult

MOST_PREPARED: Final = 200
"""Number of statements that a connection prepares; the values of some have changing types."""

_Key = tuple[bytes, tuple[int, ...]]


class BoundStatement(NamedTuple):
    """Statement with its values, as they are sent."""

    text: bytes
    values: Sequence[Buffer | None]
    types: tuple[int, ...]
    formats: Sequence[Format]


class PreparedStatements:
    """Names of the statements that a connection has prepared, each for some types of its values.

    Each user of a connection has names of its own, which begin with `prefix`.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix.encode()
        self._names: dict[_Key, bytes] = {}
        self._given = 0

    def find(self, key: _Key) -> bytes | None:
        """Return the name of a prepared statement."""
        return self._names.get(key)

    def add(self, key: _Key) -> bytes | None:
        """Return a name, never given before, for a statement, unless there are enough of them."""
        if len(self._names) == MOST_PREPARED:
            return None
        self._given += 1
        name = self._names[key] = b"%b_%d" % (self._prefix, self._given)
        return name

    def forget(self, key: _Key) -> None:
        """Forget a statement that the server did not prepare."""
        del self._names[key]

    def forget_all(self) -> None:
        """Forget every statement, as the server did."""
        self._names.clear()


def run_together(
    connection: PGconn, prepared: PreparedStatements, statements: Sequence[BoundStatement]
) -> PGresult:
    """Run statements as one transaction; return the result of the last one, or of the one that failed.

    Raises psycopg.OperationalError if the connection is lost. After an exception it is unusable.
    """
    try:
        connection.enter_pipeline_mode()
        expected = _send(connection, prepared, statements)
    except psycopg.OperationalError as error:
        if connection.status == ConnStatus.BAD:
            # The library only says that there is no pipeline.
            raise psycopg.OperationalError("the connection is lost") from error
        raise
    last: PGresult | None = None
    for number, result in enumerate(_results(connection)):
        failed = last is not None and last.status == ExecStatus.FATAL_ERROR
        last = last if failed else result
        key = expected[number]
        if key is not None and result.status != ExecStatus.COMMAND_OK:
            prepared.forget(key)
    if last is None or connection.status == ConnStatus.BAD:
        raise psycopg.OperationalError("the connection is lost")
    connection.exit_pipeline_mode()
    return last


def _send(
    connection: PGconn, prepared: PreparedStatements, statements: Sequence[BoundStatement]
) -> list[_Key | None]:
    """Send statements; return for each result to expect which statement it shows to be prepared, if any."""
    expected: list[_Key | None] = []
    for statement in statements:
        key = (statement.text, statement.types)
        name = prepared.find(key)
        if name is None and (name := prepared.add(key)) is not None:
            connection.send_prepare(name, statement.text, statement.types)
            expected.append(key)
        if name is not None:
            connection.send_query_prepared(name, statement.values, param_formats=statement.formats)
        else:
            connection.send_query_params(
                statement.text, statement.values, param_types=statement.types, param_formats=statement.formats
            )
        expected.append(None)
    # Until here the library has kept everything, unless it is long.
    connection.pipeline_sync()
    return expected


def _results(connection: PGconn) -> Iterator[PGresult]:
    """Send what is left, and yield the results up to the end of the transaction."""
    poll = select.poll()
    poll.register(connection.socket, select.POLLIN | select.POLLOUT)
    while connection.flush():
        if any(event & ~select.POLLOUT for _, event in poll.poll()):
            connection.consume_input()
    poll.modify(connection.socket, select.POLLIN)
    while connection.status != ConnStatus.BAD:
        while connection.is_busy():
            poll.poll()
            connection.consume_input()
        result = connection.get_result()
        if result is None:
            continue  # the next statement's follow
        if result.status == ExecStatus.PIPELINE_SYNC:
            return
        yield result
