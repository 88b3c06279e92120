"""Verification of the hash chain; reports the first event that is not as it was recorded."""

import hashlib
from collections.abc import Callable, Sequence
from itertools import chain as chained
from typing import Any, cast

import msgspec

from bot.store import chain
from bot.store.records import Fault, Head, StreamId, Verified
from bot.store.sql.cross_checks import Walked, cross_checks, lost_head_fault
from bot.store.sql.database import EventRows
from bot.store.sql.replay_comparison import ReplayComparison
from bot.store.sql.verified_file import RESUMED_FROM, Finished, Resumed, Verification, VerifiedFile
from bot.store.sql.verify_workers import Workers, workers
from bot.store.timestamps import format_timestamp, utc_now

Progress = Callable[[int, int], None]
"""Called with the number of completed steps, and of all steps."""

EVENT_COLUMNS: dict[str, type[int] | type[bytes]] = {
    "position": int,
    "tenant": bytes,
    "sequence": int,
    "stream": bytes,
    "version": int,
    "type": bytes,
    "schema": int,
    "salt": bytes,
    "data": bytes,
    "meta": bytes,
    "recorded_at": bytes,
    "digest": bytes,
    "hash": bytes,
}

_NO_EVENT = (0, chain.GENESIS)
_MOVED = "its position differs from the recorded one"
_PAGE = 1000


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    link: chain.Link
    salt: bytes | None
    data: bytes | None
    digest: bytes
    hash: bytes


def verify(
    rows: EventRows,
    tenant: str | None = None,
    witnessed: Sequence[Head] = (),
    progress: Progress | None = None,
    kept: Sequence[Head] = (),
    file: VerifiedFile | None = None,
) -> Verified | Fault:
    """Check every event, that none is missing, and every table derived from the events.

    `tenant` limits the report. `kept` are ends of chains that were kept outside of the database. With a
    `file`, an interrupted check goes on where it was within a day, and the result is kept.
    """
    whole = file if tenant is None and not witnessed else None
    try:
        return _Walk(rows, tenant, witnessed, progress, kept, whole).result()
    except rows.unreadable as error:
        return Fault(what=str(error))


class _Walk:
    def __init__(
        self,
        rows: EventRows,
        tenant: str | None,
        witnessed: Sequence[Head],
        progress: Progress | None,
        kept: Sequence[Head],
        file: VerifiedFile | None,
    ) -> None:
        self._rows = rows
        self._connection = rows.connection
        self._tenant = tenant
        self._wanted = None if tenant is None else tenant.encode()
        self._kept = [one for one in kept if tenant in (None, one.tenant)]
        self._witnessed = {(head.tenant.encode(), head.sequence): head.hash for head in witnessed}
        self._file_kept = file
        self._progress = progress
        self._all = 0
        self._begin()

    def _begin(self) -> None:
        self._heads: dict[bytes, tuple[int, bytes]] = {}
        self._versions: dict[bytes, int] = {}
        self._blanked: dict[tuple[str, int], int] = {}
        self._positions: dict[bytes, int] = {}
        self._events = 0
        self._erased = 0
        self._done = 0

    def result(self) -> Verified | Fault:
        # Each is checked in the chain, and again when its model is replayed.
        self._all = 2 * self._rows.count()
        if self._all < 2 * RESUMED_FROM or self._wanted is not None or self._witnessed:
            return self._one_by_one()
        resumed = Resumed(self._file_kept, self._connection)
        if self._is_sound(resumed):
            with workers(self._all // 2) as others:
                return self._rest(others, resumed)
        # Which event is the first one that is not as it was recorded is found one by one.
        self._begin()
        return self._one_by_one()

    def _is_sound(self, resumed: Resumed) -> bool:
        """Walk over all events, in pages; return whether all are as they were recorded.

        This takes less time than sending the events to another process.
        """
        state = resumed.state
        heads = self._heads = {tenant.encode(): head for tenant, head in state.heads.items()}
        positions = self._positions = {tenant.encode(): one for tenant, one in state.positions.items()}
        versions = self._versions = {stream.encode(): one for stream, one in state.versions.items()}
        self._blanked = {(stream, version): sequence for stream, version, sequence in state.erased}
        self._events, self._erased = state.events, len(state.erased)
        self._step(state.events)
        for values in self._rows.walk(state.heads, state.place):
            position, tenant, sequence, stream, version = values[:5]
            if isinstance(tenant, str) and isinstance(stream, str):
                tenant, stream = tenant.encode(), stream.encode()
            if not (isinstance(tenant, bytes) and isinstance(stream, bytes) and isinstance(position, int)):
                return False
            if not (isinstance(sequence, int) and isinstance(version, int)):
                return False
            last, previous = heads.get(tenant, _NO_EVENT)
            if sequence != last + 1 or position <= positions.get(tenant, 0):
                return False
            if version != versions.get(stream, 0) + 1 or not is_sealed(values, previous):
                return False
            heads[tenant] = (sequence, cast("bytes", values[-1]))
            positions[tenant], versions[stream] = position, version
            if values[8] is None:
                self._blanked[_text(stream), version] = sequence
                self._erased += 1
            self._events += 1
            if self._events % _PAGE == 0:
                self._step(_PAGE)
                if resumed.is_due():
                    self._note(resumed)
        self._note(resumed)
        return True

    def _note(self, resumed: Resumed) -> None:
        state = resumed.state
        state.place = self._rows.place()
        state.events = self._events
        state.heads = {_text(tenant): head for tenant, head in self._heads.items()}
        state.positions = {_text(tenant): one for tenant, one in self._positions.items()}
        state.versions = {_text(stream): one for stream, one in self._versions.items()}
        state.erased = tuple((*where, sequence) for where, sequence in self._blanked.items())
        resumed.keep()

    def _one_by_one(self) -> Verified | Fault:
        for values in self._rows.walk():
            row = _row(values)
            if isinstance(row, Fault):
                return row
            fault = self._look_at(row)
            if fault and (self._wanted is None or fault.tenant == self._tenant):
                return fault
            self._step(1)
        return self._rest(None, None)

    def _rest(self, others: Workers | None, resumed: Resumed | None) -> Verified | Fault:
        found = (
            self._cut()
            or lost_head_fault(self._connection, self._kept)
            or self._file()
            or self._beside(others, resumed)
            or self._sound()
        )
        if isinstance(found, Verified) and self._file_kept is not None:
            finished = Finished(at=format_timestamp(utc_now()), heads=found.heads)
            self._file_kept.write(Verification(finished=finished))
        return found

    def _step(self, events: int) -> None:
        self._done += events
        if self._progress and self._done // _PAGE != (self._done - events) // _PAGE:
            self._progress(self._done, self._all)

    def _beside(self, others: Workers | None, resumed: Resumed | None) -> Fault | None:
        versions = {_text(stream): version for stream, version in self._versions.items()}
        walked = Walked(
            heads={_text(tenant): head for tenant, head in self._heads.items()},
            versions=versions,
            loss=self._rows.loss(),
            erased=self._blanked,
        )
        erased = frozenset(stream for stream, _ in self._blanked)
        comparison = ReplayComparison(self._connection, versions, erased, self._step, others, resumed)
        for fault in chained(cross_checks(self._connection, walked), comparison.differences()):
            if self._wanted is None or fault.tenant == self._tenant:
                return fault
        return None

    def _look_at(self, row: _Row) -> Fault | None:
        link = row.link
        last, previous = self._heads.get(link.tenant, (0, chain.GENESIS))
        position = self._positions.get(link.tenant, 0)
        fault = self._out_of_order(row, last, previous) or _altered(row, previous, position + 1)
        if fault is None and link.version != self._versions.get(link.stream, 0) + 1:
            fault = _fault(link, f"version {self._versions.get(link.stream, 0) + 1} of its stream is missing")
        if fault is None and self._witnessed.pop((link.tenant, link.sequence), row.hash) != row.hash:
            fault = _fault(link, "it differs from the event recorded by the witness")
        self._positions[link.tenant] = link.position
        if row.data is None:
            self._blanked[_text(link.stream), link.version] = link.sequence
        self._heads[link.tenant] = (link.sequence, row.hash)
        self._versions[link.stream] = link.version
        if self._wanted in (None, link.tenant):
            self._events += 1
            self._erased += row.data is None
        return fault

    def _out_of_order(self, row: _Row, last: int, previous: bytes) -> Fault | None:
        link, due = row.link, last + 1
        if link.sequence == due:
            return _fault(link, _MOVED) if link.position <= self._positions.get(link.tenant, 0) else None
        if chain.seal(previous, msgspec.structs.replace(link, sequence=due), row.digest) == row.hash:
            return _fault(link, f"its sequence was {due}")
        elsewhere = self._rows.at(_text(link.tenant), due)
        moved = elsewhere and _row(elsewhere)
        if isinstance(moved, _Row):
            return _fault(moved.link, _MOVED)
        if not last:
            return _fault(link, "its workspace was altered, or the events before it are missing")
        what = f"event {due} is missing before it" if link.sequence > due else "its sequence was altered"
        return _fault(link, what)

    def _cut(self) -> Fault | None:
        removed = {(one.tenant, one.sequence, one.hash) for one in self._removed()}
        for (tenant, sequence), hashed in self._witnessed.items():
            if self._wanted in (None, tenant) and (_text(tenant), sequence, hashed) not in removed:
                what = "it was recorded by the witness and is missing"
                return Fault(tenant=_text(tenant), sequence=sequence, what=what)
        for stream, tenant, version in self._connection.execute(
            "SELECT stream, tenant, version FROM streams ORDER BY stream"
        ):
            there = self._versions.get(stream.encode(), 0)
            if version > there and self._tenant in (None, tenant):
                return Fault(
                    tenant=tenant,
                    sequence=self._heads.get(tenant.encode(), (0, b""))[0] + 1,
                    stream=StreamId(stream),
                    version=there + 1,
                    what="the end of the stream is missing",
                )
        return None

    def _removed(self) -> list[Head]:
        rows = self._connection.execute("SELECT tenant, sequence, hash FROM removals ORDER BY at, tenant")
        return [Head(tenant=tenant, sequence=last, hash=hashed) for tenant, last, hashed in rows]

    def _file(self) -> Fault | None:
        damage = self._rows.damage()
        return Fault(what=damage) if damage else None

    def _sound(self) -> Verified:
        return Verified(
            events=self._events,
            erased=self._erased,
            heads=tuple(
                Head(tenant=_text(tenant), sequence=sequence, hash=seal)
                for tenant, (sequence, seal) in sorted(self._heads.items())
                if self._wanted in (None, tenant)
            ),
            removed=tuple(one for one in self._removed() if self._tenant in (None, one.tenant)),
        )


def is_sealed(values: Sequence[object], previous: bytes) -> bool:
    """Return whether an event is as it was recorded; `previous` is the hash of the one before it.

    Checks the same as `_altered`, several times as fast, and does not tell what is wrong.
    """
    fields = [value.encode() if isinstance(value, str) else value for value in values]
    position, tenant, sequence, stream, version, kind, schema, salt, data, *rest = cast("list[Any]", fields)
    meta, recorded_at, digest, hashed = rest
    try:
        link = (b"%d" % position, tenant, b"%d" % sequence, stream, b"%d" % version, kind)
        text = (b"%d" % schema, meta, recorded_at, digest)
        if (salt is None) != (data is None) or not isinstance(schema, int):
            return False
        if salt is not None and chain.digest(salt, data) != digest:
            return False
        return hashlib.sha256(chain.framed((previous, *link, *text))).digest() == hashed
    except TypeError:  # a damaged file may contain any value
        return False


def _row(values: tuple[object, ...]) -> _Row | Fault:
    # STRICT is checked on writing, not on reading: a damaged file may contain any value.
    fields = {
        name: value.encode() if isinstance(value, str) else value
        for name, value in zip(EVENT_COLUMNS, values, strict=True)
    }
    for name, kind in EVENT_COLUMNS.items():
        if not isinstance(fields[name], kind) and not (name in ("salt", "data") and fields[name] is None):
            return Fault(what=f"{name} of the event at position {fields['position']} was altered")
    link = msgspec.convert({name: fields[name] for name in chain.Link.__struct_fields__}, chain.Link)
    rest = {name: fields[name] for name in ("salt", "data", "digest", "hash")}
    return _Row(link=link, **rest)  # pyright: ignore[reportArgumentType]  (their types were checked above)


def _altered(row: _Row, previous: bytes, position: int) -> Fault | None:
    if (row.salt is None) != (row.data is None):
        return _fault(row.link, "its text or salt is missing without an erasure")
    if row.salt is not None and row.data is not None and chain.digest(row.salt, row.data) != row.digest:
        return _fault(row.link, "its text, salt or digest was altered")
    if chain.seal(previous, row.link, row.digest) != row.hash:
        if chain.seal(previous, msgspec.structs.replace(row.link, position=position), row.digest) == row.hash:
            return _fault(row.link, _MOVED)
        return _fault(row.link, "its position, type, times or hash was altered")
    return None


def _fault(link: chain.Link, what: str) -> Fault:
    return Fault(
        tenant=_text(link.tenant),
        sequence=link.sequence,
        stream=StreamId(_text(link.stream)),
        version=link.version,
        what=what,
    )


def _text(value: bytes) -> str:
    return value.decode(errors="replace")
