"""Changes that are sent to the server in one message, so that their locks do not wait for this process.

A change of several messages holds its locks until the last of them, for which its thread waits while others
compute: with many of them, everyone who writes in the same workspace waits for that.

Values are parameters. As a part of a statement's text, they would be visible to everyone who may look at the
server's sessions, and the server would log them whenever a change fails.
"""

from collections.abc import Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus

from bot.store.postgres.connection_pool import RawConnection
from bot.store.postgres.dialect import bound
from bot.store.postgres.pipeline import BoundStatement, PreparedStatements, run_together
from bot.store.work_queue import Claim, Overtaken

MOST_ROWS: Final = 20
"""Number of rows up to which a change is one message, which is composed before it is sent."""

_OVERTAKEN: Final = "TM001"
"""SQLSTATE with which the server refuses a change of work that another process has taken over."""

_OPEN: Final = "SELECT require_change($1, CAST($2 AS boolean), $3, $4, $5, $6)"


class SingleMessages:
    """Sends changes; each connection prepares their statements at their first use."""

    def __init__(self) -> None:
        self._prepared: WeakKeyDictionary[RawConnection, PreparedStatements] = WeakKeyDictionary()

    def send(
        self,
        raw: RawConnection,
        sql: str,
        rows: Sequence[Any],
        *,
        tenant: str,
        durable: bool,
        claim: Claim | None,
    ) -> int:
        """Run a statement for each of some rows as one change; return how many rows the last one changed.

        Raises Overtaken if `claim` was taken over, and the errors of the server. The connection is closed if
        it did not answer everything.
        """
        of_claim = (*claim.item, claim.token) if claim is not None else ("", "", "", "")
        opening = _bound(raw, _OPEN, (tenant, durable, *of_claim))
        statements = [opening, *(_bound(raw, *bound(sql, row)) for row in rows)]
        prepared = self._prepared.setdefault(raw, PreparedStatements("change"))
        try:
            return _run(raw, prepared, statements)
        except psycopg.errors.InvalidSqlStatementName:
            # Someone had the server forget what is prepared. Nothing was changed.
            prepared.forget_all()
            return _run(raw, prepared, statements)


def _bound(raw: RawConnection, text: str, values: Sequence[Any]) -> BoundStatement:
    transformer = Transformer(raw)
    dumped = transformer.dump_sequence(values, [PyFormat.AUTO] * len(values))
    return BoundStatement(text.encode(), dumped, transformer.types or (), transformer.formats or ())


def _run(raw: RawConnection, prepared: PreparedStatements, statements: Sequence[BoundStatement]) -> int:
    """Return how many rows the last statement changed."""
    try:
        result = run_together(raw.pgconn, prepared, statements)
    except BaseException:
        raw.close()
        raise
    if result.status != ExecStatus.FATAL_ERROR:
        return result.command_tuples or 0
    error = psycopg.errors.error_from_result(result, encoding=raw.info.encoding)
    if error.sqlstate == _OVERTAKEN:
        raise Overtaken
    raise error
