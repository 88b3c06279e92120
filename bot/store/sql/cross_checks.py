"""Comparison of counts and records in other tables with the hash chain."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec.structs import asdict

from bot.store import chain
from bot.store.kept_heads import REPAIR
from bot.store.records import COMMANDS_KEPT_FOR, Fault, Head, StreamId, tenant_of
from bot.store.sql.database import SqlConnection
from bot.store.timestamps import format_timestamp, utc_now

_ENDS = "SELECT tenant, sequence, hash FROM heads"
# Of a removed workspace only the last end is known, so any earlier one counts as there.
_FIND = """
    SELECT 1 FROM events WHERE tenant = :tenant AND sequence = :sequence AND hash = :hash
    UNION ALL SELECT 1 FROM removals WHERE tenant = :tenant AND sequence >= :sequence
"""


class Walked(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a walk over every event: ends of chains, lengths of streams, erased events."""

    heads: Mapping[str, tuple[int, bytes]]
    versions: Mapping[str, int]
    loss: str
    """Which events are missing according to a count over all workspaces; empty if none."""
    erased: Mapping[tuple[str, int], int]
    """The sequence of each erased event, by its stream and version."""


def cross_checks(connection: SqlConnection, walked: Walked) -> Iterator[Fault]:
    """Return every difference between the events and the tables that describe them."""
    yield from _erasures(connection, walked)
    yield from _heads(connection, walked)
    yield from _known_workspaces(connection, walked)
    if walked.loss:
        yield Fault(what=walked.loss)
    yield from _counters(connection, walked)
    yield from _commands(connection, walked)


def _erasures(connection: SqlConnection, walked: Walked) -> Iterator[Fault]:
    recorded = set(connection.execute("SELECT stream, version FROM erasures"))
    for stream, version in sorted(set(walked.erased) - recorded):
        sequence = walked.erased[stream, version]
        what = "its text is missing, and no erasure is recorded"
        yield _of_stream(stream, version, what, sequence=sequence)
    for stream, version in sorted(recorded - set(walked.erased)):
        yield _of_stream(stream, version, "its erasure is recorded, but its text is still there")


def _heads(connection: SqlConnection, walked: Walked) -> Iterator[Fault]:
    noted = {end.tenant: (end.sequence, end.hash) for end in chain_ends(connection)}
    for tenant, (sequence, hashed) in sorted(noted.items()):
        there = walked.heads.get(tenant, (0, chain.GENESIS))
        if there == (sequence, hashed):
            continue
        if tenant not in walked.heads:
            what = (
                f"the workspace is missing without a record of its removal; its last event was {sequence}, "
                f"with {hashed.hex()}"
            )
        elif there[0] < sequence:
            what = f"the end of the chain is missing; its last event was {sequence}, with {hashed.hex()}"
        else:
            what = f"the end of the chain differs from the recorded one (event {sequence})"
        yield Fault(tenant=tenant, sequence=there[0] + (there[0] < sequence), what=what)
    for tenant in sorted(set(walked.heads) - set(noted)):
        yield Fault(tenant=tenant, what="the record of the end of its chain is missing")


def _known_workspaces(connection: SqlConnection, walked: Walked) -> Iterator[Fault]:
    """Return workspaces that exist only in tables other than the events."""
    rows = connection.execute("SELECT tenant FROM heads UNION SELECT tenant FROM removals")
    tenants = {tenant for (tenant,) in rows} | set(walked.heads)
    for table in ("streams", "commands", "counters", "reminders"):
        rows = connection.execute(f"SELECT DISTINCT tenant FROM {table} ORDER BY tenant")  # noqa: S608  (our own names)
        for (tenant,) in rows:
            if tenant not in tenants:
                what = (
                    f"`{table}` has the workspace, but there are no events of it and no record of its removal"
                )
                yield Fault(tenant=tenant, what=what)


def _counters(connection: SqlConnection, walked: Walked) -> Iterator[Fault]:
    highest: dict[str, int] = {}
    for stream in walked.versions:
        tenant = tenant_of(StreamId(stream))
        number = stream.removeprefix(f"{tenant}/TM-")
        if number.isascii() and number.isdecimal():
            highest[tenant] = max(highest.get(tenant, 0), int(number))
    given: dict[str, int] = dict(connection.execute("SELECT tenant, number FROM counters"))
    for tenant, number in sorted(highest.items()):
        if given.get(tenant, 0) < number:
            what = f"`counters` has {given.get(tenant, 0)} models, but TM-{number} exists"
            yield Fault(tenant=tenant, what=what)


def _commands(connection: SqlConnection, walked: Walked) -> Iterator[Fault]:
    """Return events without exactly one command; of old ones, the commands may be forgotten."""
    due = dict.fromkeys(sorted(walked.versions), 1)
    unknown: set[str] = set()
    for stream, first, last in connection.execute(_COVERED):
        if stream not in due:
            unknown.add(stream)
        elif first < due[stream] or _lacks(connection, stream, due[stream], first - 1):
            yield _of_stream(stream, min(first, due[stream]), _NO_COMMAND)
        due[stream] = last + 1
    for stream, version in sorted(walked.versions.items()):
        if due[stream] > version + 1 or _lacks(connection, stream, due[stream], version):
            yield _of_stream(stream, min(due[stream], version), _NO_COMMAND)
    for stream in sorted(unknown):
        yield _of_stream(stream, 1, "`commands` has a command of it, but there are no events")
    held: dict[str, int] = dict(connection.execute("SELECT tenant, count(*) FROM commands GROUP BY tenant"))
    for tenant, count in connection.execute("SELECT tenant, commands FROM heads ORDER BY tenant"):
        if held.get(tenant, 0) != count:
            yield Fault(tenant=tenant, what=f"`commands` has {held.get(tenant, 0)} of {count} commands")


_NO_COMMAND = "`commands` lacks the command that caused it"
_COVERED = "SELECT stream, first, version FROM commands WHERE version >= first ORDER BY stream, first"
_RECORDED = (
    "SELECT recorded_at FROM events WHERE tenant = :tenant AND stream = :stream AND version = :version"
)


def _lacks(connection: SqlConnection, stream: str, first: int, last: int) -> bool:
    """Return whether events lack their commands, the last of which are too new to be forgotten."""
    if first > last:
        return False
    where = {"tenant": tenant_of(StreamId(stream)), "stream": stream, "version": last}
    row = connection.execute(_RECORDED, where).fetchone()
    return row is None or row[0] >= format_timestamp(utc_now() - COMMANDS_KEPT_FOR)


def _of_stream(stream: str, version: int, what: str, *, sequence: int = 0) -> Fault:
    tenant = tenant_of(StreamId(stream))
    return Fault(tenant=tenant, sequence=sequence, stream=StreamId(stream), version=version, what=what)


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
        what=f"it was acknowledged and is missing; the chain ends at {ends.get(first.tenant, 0)}",
        repair=REPAIR,
    )


def _is_there(connection: SqlConnection, one: Head) -> bool:
    return connection.execute(_FIND, asdict(one)).fetchone() is not None
