"""Check of the events after the last verified ones, in a limited time."""

import time
from collections.abc import Sequence

import msgspec

from bot.store import chain
from bot.store.records import Fault, Head
from bot.store.sql.cross_checks import chain_ends, lost_head_fault
from bot.store.sql.database import SqlConnection
from bot.store.sql.verify import EVENT_COLUMNS, is_sealed

_PAGE = 500
_AFTER = f"""
    SELECT {", ".join(EVENT_COLUMNS)} FROM events
    WHERE tenant = :tenant AND sequence > :after ORDER BY sequence LIMIT {_PAGE}
"""  # noqa: S608  (our own column names)


class NewestChecked(msgspec.Struct, frozen=True, kw_only=True):
    """How many events are in the database, how many were checked now, and how many come after those."""

    events: int
    checked: int
    left: int


def check_newest(
    connection: SqlConnection, verified: Sequence[Head], kept: Sequence[Head], seconds: float
) -> NewestChecked | Fault:
    """Check that no known end is missing, and the chains from the verified ends on, for so many seconds."""
    fault = lost_head_fault(connection, [*kept, *verified])
    if fault is not None:
        return fault
    since = {one.tenant: one for one in verified}
    deadline = time.monotonic() + seconds
    ends, checked, left = chain_ends(connection), 0, 0
    for end in ends:
        start = since.get(end.tenant)
        sequence, hashed = (start.sequence, start.hash) if start else (0, chain.GENESIS)
        while sequence < end.sequence and time.monotonic() < deadline:
            page = connection.execute(_AFTER, {"tenant": end.tenant, "after": sequence}).fetchall()
            before = [hashed, *(bytes(row[-1]) for row in page[:-1])]
            numbers = [row[2] for row in page]
            if numbers != list(range(sequence + 1, sequence + 1 + len(page))) or not page:
                return Fault(tenant=end.tenant, sequence=sequence + 1, what="it is missing")
            if not all(map(is_sealed, page, before)):
                return Fault(tenant=end.tenant, sequence=sequence + 1, what=_ALTERED)
            checked += len(page)
            sequence, hashed = numbers[-1], bytes(page[-1][-1])
        left += max(0, end.sequence - sequence)
        if sequence == end.sequence and hashed != end.hash:
            return Fault(tenant=end.tenant, sequence=sequence, what="it differs from the recorded end")
    return NewestChecked(events=sum(one.sequence for one in ends), checked=checked, left=left)


_ALTERED = f"it or one of the {_PAGE} after it was altered; `threatmodel verify` names it"
