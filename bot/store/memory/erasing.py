"""Erasure of text in memory."""

import secrets
from collections.abc import Sequence

from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase
from bot.store.memory.deliveries import MemoryDeliveries
from bot.store.memory.drafts import MemoryImportDrafts
from bot.store.memory.open_forms import MemoryOpenForms
from bot.store.memory.pending_requests import MemoryPendingRequests
from bot.store.memory.streams import CommandRow, Streams
from bot.store.records import CommandKey, StreamId, key_of, tenant_of


class MemoryEraser:
    """Eraser inside a transaction that the caller holds."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def erase(self, stream: StreamId, versions: Sequence[int]) -> int:
        """Blank some events, and delete the keys of their commands."""
        kept = Streams(self._database, tenant_of(stream))
        erased = self._blank(kept, stream, versions)
        for one in kept.commands.all():
            of_it = one.stream == stream and any(one.first <= version <= one.version for version in versions)
            if of_it or (one.stream == stream and one.version < one.first):
                self._forget_key(kept, one)
        self._forget(kept, stream)
        return erased

    def erase_stream(self, stream: StreamId) -> int:
        """Blank every event of a stream, and delete everything stored or pending beside it."""
        tenant = tenant_of(stream)
        kept = Streams(self._database, tenant)
        known = kept.streams.get(stream)
        if known is None:
            return 0
        erased = self._blank(kept, stream, range(1, known.version + 1))
        for one in kept.commands.all():
            if one.stream == stream:
                self._forget_key(kept, one)
        self._forget(kept, stream)
        channel = known.summary.channel if known.summary else None
        if channel is not None:
            MemoryImportDrafts(self._database, tenant).forget_channel(channel)
        others = (one.summary.channel for one in kept.streams.all() if one.summary and one.stream != stream)
        only = None if channel in set(others) else channel
        MemoryPendingRequests(self._database, tenant).forget_model(key_of(stream), only)
        known = replace(known, summary=None, erasures=known.erasures + 1)
        kept.streams.put(known, stream)
        return erased

    def _blank(self, kept: Streams, stream: StreamId, versions: Sequence[int]) -> int:
        erased = 0
        for version in versions:
            row = kept.events.get(stream, version)
            if row is not None and row.data is not None:
                kept.events.put(replace(row, salt=None, data=None), stream, version)
                erased += 1
        known = kept.streams.get(stream)
        if known is not None:
            kept.streams.put(replace(known, erasures=known.erasures + 1), stream)
        return erased

    def _forget(self, kept: Streams, stream: StreamId) -> None:
        kept.snapshots.delete(stream)
        MemoryOpenForms(self._database, tenant_of(stream)).forget_model(stream)
        MemoryDeliveries(self._database, tenant_of(stream)).doubt_model(stream)

    def _forget_key(self, kept: Streams, one: CommandRow) -> None:
        kept.commands.delete(one.key)
        blank = CommandKey(f"erased:{secrets.token_hex(12)}")
        kept.commands.put(replace(one, key=blank, request=b""), blank)
