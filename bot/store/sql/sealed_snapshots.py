"""Last snapshot of each stream, with a keyed seal, so that only snapshots of this store are used."""

from typing import Any

from bot.store import chain
from bot.store.keys import RequestKey
from bot.store.records import Snapshot, StreamId, tenant_of
from bot.store.sql.database import SqlDatabase

_FIND = """
    SELECT snapshots.version, fold, snapshots.data, erasures, seal, events.hash
    FROM snapshots JOIN streams USING (tenant, stream)
    LEFT JOIN events ON events.tenant = snapshots.tenant AND events.stream = snapshots.stream
        AND events.version = snapshots.version
    WHERE snapshots.tenant = ? AND snapshots.stream = ?
"""
_HASH = """
    SELECT hash FROM events JOIN streams USING (tenant, stream)
    WHERE events.tenant = ? AND events.stream = ? AND events.version = ? AND erasures = ?
"""
# Unless text was erased, or another snapshot was saved, since the snapshot was sealed.
_SAVE = """
    INSERT INTO snapshots (tenant, stream, version, fold, data, seal)
    SELECT tenant, stream, ?3, ?4, ?5, ?6 FROM streams WHERE tenant = ?1 AND stream = ?2 AND erasures = ?7
    ON CONFLICT (tenant, stream) DO UPDATE SET version = excluded.version, fold = excluded.fold,
        data = excluded.data, seal = excluded.seal
    WHERE snapshots.seal IS NULL OR snapshots.seal = ?8
"""


class SealedSnapshots:
    """Snapshots with a keyed digest of their content and of the chain's hash at their version.

    A snapshot that does not match was not made here, or not from these events: it is ignored and the events
    are replayed. Without a key, as in a copy, all are ignored.
    """

    def __init__(self, database: SqlDatabase, key: RequestKey) -> None:
        self._database = database
        self._key = key

    def find(self, stream: StreamId, fold: str) -> Snapshot | None:
        """Return the stream's snapshot, unless a different version of the model produced it."""
        if not self._key.exists():
            return None
        with self._database.translated_faults():
            kept = self._database.current().execute(_FIND, (tenant_of(stream), stream)).fetchone()
        found = self._checked(kept, stream)
        return found if found is not None and found.fold == fold else None

    def save(self, stream: StreamId, snapshot: Snapshot) -> None:
        """Replace the stream's snapshot; do nothing if text was erased since this one was made."""
        if not self._key.exists():
            return  # a read-only process creates no key
        tenant = tenant_of(stream)
        place = (tenant, stream, snapshot.version, snapshot.erasures)
        with self._database.translated_faults():
            connection = self._database.current()
            row = connection.execute(_HASH, place).fetchone()
            kept = connection.execute(_FIND, (tenant, stream)).fetchone()
        earlier = self._checked(kept, stream)
        if row is None or (
            earlier is not None and earlier.fold == snapshot.fold and earlier.version >= snapshot.version
        ):
            return
        seal = self._seal(stream, snapshot.version, snapshot.fold, row[0], snapshot.data)
        made = (snapshot.version, snapshot.fold, snapshot.data, seal, snapshot.erasures)
        replaced = kept[4] if kept is not None else b""
        # Others who write in the workspace do not wait for this; what a crash loses is made again.
        self._database.change_rows(tenant, _SAVE, [(tenant, stream, *made, replaced)], durable=False)

    def _checked(self, row: Any, stream: StreamId) -> Snapshot | None:
        """Return a snapshot that was made here from these events; None if it was not, or there is none."""
        if row is None:
            return None
        version, fold, data, erasures, seal, hashed = row
        if seal is None or hashed is None or seal != self._seal(stream, version, fold, hashed, data):
            return None
        return Snapshot(version=version, fold=fold, data=data, erasures=erasures)

    def _seal(self, stream: StreamId, version: int, fold: str, hashed: bytes, data: bytes) -> bytes:
        place = (stream.encode(), b"%d" % version, fold.encode(), hashed, data)
        return self._key.sealed(b"snapshot", chain.framed(place))
