"""Last snapshot of each stream, with a keyed seal, so that only snapshots of this store are used."""

from bot.store import chain
from bot.store.keys import RequestKey
from bot.store.records import Snapshot, StreamId, tenant_of
from bot.store.sql.database import SqlConnection, SqlDatabase

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
_SAVE = """
    INSERT INTO snapshots (tenant, stream, version, fold, data, seal) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, stream) DO UPDATE SET version = excluded.version, fold = excluded.fold,
        data = excluded.data, seal = excluded.seal
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
            found = self._sealed(self._database.current(), stream)
        return found if found is not None and found.fold == fold else None

    def save(self, stream: StreamId, snapshot: Snapshot) -> None:
        """Replace the stream's snapshot; do nothing if text was erased since this one was made."""
        if not self._key.exists():
            return  # a read-only process creates no key
        tenant = tenant_of(stream)
        with self._database.writing(tenant) as connection:
            place = (tenant, stream, snapshot.version, snapshot.erasures)
            row = connection.execute(_HASH, place).fetchone()
            earlier = self._sealed(connection, stream)
            if row is None or (
                earlier is not None and earlier.fold == snapshot.fold and earlier.version >= snapshot.version
            ):
                return
            seal = self._seal(stream, snapshot.version, snapshot.fold, row[0], snapshot.data)
            made = (snapshot.version, snapshot.fold, snapshot.data, seal)
            connection.execute(_SAVE, (tenant, stream, *made))

    def _sealed(self, connection: SqlConnection, stream: StreamId) -> Snapshot | None:
        row = connection.execute(_FIND, (tenant_of(stream), stream)).fetchone()
        if row is None:
            return None
        version, fold, data, erasures, seal, hashed = row
        if seal is None or hashed is None or seal != self._seal(stream, version, fold, hashed, data):
            return None
        return Snapshot(version=version, fold=fold, data=data, erasures=erasures)

    def _seal(self, stream: StreamId, version: int, fold: str, hashed: bytes, data: bytes) -> bytes:
        place = (stream.encode(), b"%d" % version, fold.encode(), hashed, data)
        return self._key.sealed(b"snapshot", chain.framed(place))
