"""Changes that are sent to the server in one message, so that their locks do not wait for this process.

A change of several messages holds its locks until the last of them, for which its thread waits while others
compute: with many of them, everyone who writes in the same workspace waits for that.

The values are a part of the message's text, which the server may write into its log. So only plain values are
sent like this: IDs, numbers and digests, but neither words of people nor secrets.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, LiteralString, cast

import psycopg
from psycopg import ClientCursor

from bot.store.postgres.connection_pool import RawConnection
from bot.store.postgres.dialect import translate
from bot.store.work_queue import Claim, Overtaken

MOST_ROWS: Final = 20
"""Number of rows up to which a change is one message: its text contains their values."""

_OVERTAKEN: Final = "TM001"
"""SQLSTATE with which the server refuses a change of work that another process has taken over."""

_NUMBERED = re.compile(r"\$(\d+)")


def send_change(
    raw: RawConnection,
    sql: str,
    rows: Sequence[Sequence[Any]],
    *,
    tenant: str,
    durable: bool,
    claim: Claim | None,
) -> int:
    """Run a statement for each of some rows as one change; return how many rows the last one changed.

    Raises Overtaken if `claim` was taken over, and the errors of the server.
    """
    of_claim = (*claim.item, claim.token) if claim is not None else ("", "", "", "")
    values: dict[str, Any] = {"tenant": tenant, "durable": durable}
    values |= zip(("of_tenant", "of_kind", "of_subject", "token"), of_claim, strict=True)
    for number, row in enumerate(rows):
        values |= {f"v{number}_{place}": value for place, value in enumerate(row, 1)}
    cursor = ClientCursor(raw)
    try:
        cursor.execute(_message(sql, len(rows)), values)
    except psycopg.Error as error:
        if error.sqlstate == _OVERTAKEN:
            raise Overtaken from error
        raise
    while cursor.nextset():
        pass
    return cursor.rowcount


@lru_cache(maxsize=1024)
def _message(sql: str, rows: int) -> LiteralString:
    """Return the text of a change, with a name for each value of each row."""
    text, _ = translate(sql)
    statement = text.replace("%", "%%")
    begin = (
        "SELECT require_change("
        "%(tenant)s, %(durable)s = 1, %(of_tenant)s, %(of_kind)s, %(of_subject)s, %(token)s)"
    )
    statements = (_NUMBERED.sub(rf"%(v{number}_\1)s", statement) for number in range(rows))
    # The store's own statements; values are parameters, which the library quotes.
    return cast("LiteralString", "; ".join((begin, *statements)))
