"""Erasure of text in memory."""

import secrets
from collections.abc import Sequence

from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase
from bot.store.memory.deliveries import MemoryDeliveries
from bot.store.memory.drafts import MemoryDrafts
from bot.store.memory.open_forms import MemoryOpenForms
from bot.store.memory.pending_requests import MemoryPendingRequests
from bot.store.memory.portfolio_entries import MemoryPortfolioEntries
from bot.store.memory.stored_imports import MemoryStoredImports
from bot.store.memory.streams import CommandRow, Streams
from bot.store.records import RETURNED, CommandKey, StreamId, key_of, tenant_of


class MemoryEraser:
    """Eraser inside a transaction that the caller holds."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def erase(self, stream: StreamId, versions: Sequence[int]) -> int:
        """Blank some events, and delete the keys of their commands."""
        streams = Streams(self._database, tenant_of(stream))
        erased = self._blank(streams, stream, versions)
        for one in streams.commands.all():
            of_it = one.stream == stream and any(one.first <= version <= one.version for version in versions)
            if of_it or (one.stream == stream and one.version < one.first):
                self._forget_key(streams, one)
        self._forget(streams, stream)
        return erased

    def erase_stream(self, stream: StreamId) -> int:
        """Blank every event of a stream, and delete everything stored or pending beside it."""
        tenant = tenant_of(stream)
        streams = Streams(self._database, tenant)
        existing = streams.streams.get(stream)
        if existing is None:
            return 0
        erased = self._blank(streams, stream, range(1, existing.version + 1))
        for one in streams.commands.all():
            if one.stream == stream:
                self._forget_key(streams, one)
        self._forget(streams, stream)
        channel = existing.summary.channel if existing.summary else None
        MemoryDrafts(self._database, tenant).forget_homes(channel)
        if channel is not None:
            MemoryStoredImports(self._database, tenant).forget_channel(channel)
        others = (
            one.summary.channel for one in streams.streams.all() if one.summary and one.stream != stream
        )
        only = None if channel in set(others) else channel
        MemoryPendingRequests(self._database, tenant).forget_model(key_of(stream), only)
        existing = replace(existing, summary=None, erasures=existing.erasures + 1)
        streams.streams.put(existing, stream)
        return erased

    def _blank(self, streams: Streams, stream: StreamId, versions: Sequence[int]) -> int:
        erased = 0
        for version in versions:
            row = streams.events.get(stream, version)
            if row is not None and row.data is not None:
                streams.events.put(replace(row, salt=None, data=None), stream, version)
                erased += 1
        existing = streams.streams.get(stream)
        if existing is not None:
            streams.streams.put(replace(existing, erasures=existing.erasures + 1), stream)
        return erased

    def _forget(self, streams: Streams, stream: StreamId) -> None:
        streams.snapshots.delete(stream)
        MemoryPortfolioEntries(self._database, tenant_of(stream)).forget(stream)
        MemoryDrafts(self._database, tenant_of(stream)).forget_homes(key_of(stream))
        MemoryOpenForms(self._database, tenant_of(stream)).forget_model(stream)
        MemoryDeliveries(self._database, tenant_of(stream)).mark_model_unknown(stream)

    def _forget_key(self, streams: Streams, one: CommandRow) -> None:
        if one.key.startswith(RETURNED):
            return
        streams.commands.delete(one.key)
        blank = CommandKey(f"erased:{secrets.token_hex(12)}")
        streams.commands.put(replace(one, key=blank, request=b""), blank)
