"""Ends of chains that the database no longer has."""

from collections.abc import Iterable

from msgspec.structs import asdict

from bot.store.kept_heads import REPAIR
from bot.store.records import Fault, Head
from bot.store.sql.database import SqlConnection

_ENDS = "SELECT tenant, sequence, hash FROM heads"
# Of a removed workspace only the last end is known, so any earlier one counts as there.
_FIND = """
    SELECT 1 FROM events WHERE tenant = :tenant AND sequence = :sequence AND hash = :hash
    UNION ALL SELECT 1 FROM removals WHERE tenant = :tenant AND sequence >= :sequence
"""


def chain_ends(connection: SqlConnection) -> list[Head]:
    """Return the end of each workspace's chain as the last append recorded it: without reading events."""
    rows = connection.execute(_ENDS)
    return [Head(tenant=tenant, sequence=last, hash=bytes(seal)) for tenant, last, seal in rows]


def lost_heads(connection: SqlConnection, kept: Iterable[Head]) -> list[Head]:
    """Return those kept ends that are not in the database; an unchanged one costs no statement."""
    ends = set(chain_ends(connection))
    return [one for one in kept if one not in ends and not _is_there(connection, one)]


def lost_head_fault(connection: SqlConnection, kept: Iterable[Head]) -> Fault | None:
    """Return the first kept end that is not in the database, as a fault."""
    lost = lost_heads(connection, kept)
    if not lost:
        return None
    ends = {end.tenant: end.sequence for end in chain_ends(connection)}
    first = lost[0]
    return Fault(
        tenant=first.tenant,
        sequence=first.sequence,
        stream=None,
        version=None,
        what=f"it was acknowledged and is missing; the chain ends at {ends.get(first.tenant, 0)}",
        repair=REPAIR,
    )


def _is_there(connection: SqlConnection, one: Head) -> bool:
    return connection.execute(_FIND, asdict(one)).fetchone() is not None
