"""Slots in memory."""

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.ownership import check_ownership
from bot.store.records import StreamId
from bot.store.repositories.deliveries import DeliveryRecord


class MemoryDeliveries:
    """Slots in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._slots = Table(database, tenant, "deliveries", DeliveryRecord)

    def find(self, slot: str) -> DeliveryRecord | None:
        """Return the record of a slot."""
        return self._slots.get(slot)

    def of_model(self, stream: StreamId, kind: str = "") -> list[DeliveryRecord]:
        """Return the slots of a model."""
        return self._where(lambda one: one.stream == stream and kind in ("", one.kind))

    def of_kind(self, kind: str) -> list[DeliveryRecord]:
        """Return every slot of a kind."""
        return self._where(lambda one: one.kind == kind)

    def in_place(self, place: str, kind: str = "") -> list[DeliveryRecord]:
        """Return the slots in a channel or conversation."""
        return self._where(lambda one: one.place == place and kind in ("", one.kind))

    def changeable_kinds(self, stream: StreamId) -> frozenset[str]:
        """Return the kinds of the slots that a change of a model may change."""
        live = self._where(lambda one: one.stream in (stream, "") and not one.final)
        return frozenset(one.kind for one in live)

    def by_attempt(self, attempt: str) -> DeliveryRecord | None:
        """Return the slot whose post has this attempt ID."""
        return next(iter(self._where(lambda one: bool(attempt) and one.attempt == attempt)), None)

    def add_missing(self, *records: DeliveryRecord) -> list[DeliveryRecord]:
        """Add slots that do not exist."""
        with self._database.writing():
            return [one for one in records if self._slots.add(self._own(one), one.slot)]

    def put(self, record: DeliveryRecord) -> None:
        """Record a slot as given."""
        self._slots.put(self._own(record), record.slot)

    def set_parameters(self, record: DeliveryRecord) -> bool:
        """Change the parameters of a slot."""
        with self._database.writing():
            existing = self._slots.get(record.slot)
            if existing is not None:
                self._slots.put(
                    replace(existing, parameters=record.parameters, thread=record.thread), record.slot
                )
            return existing is not None

    def begin(self, before: DeliveryRecord, attempt: str) -> DeliveryRecord | None:
        """Record that a post may exist from now on."""
        with self._database.writing():
            existing = self._held(before)
            if existing is None or existing.final:
                return None
            self._slots.put(replace(existing, attempt=attempt, external_id="", shown=""), before.slot)
            return replace(before, attempt=attempt, external_id="", shown="")

    def settle(self, attempted: DeliveryRecord, outcome: DeliveryRecord) -> bool:
        """Record the result of an attempt, or of an update."""
        with self._database.writing():
            existing = self._held(attempted)
            if existing is not None:
                settled = replace(
                    existing,
                    attempt=outcome.attempt,
                    external_id=outcome.external_id,
                    shown=outcome.shown,
                    erasures=outcome.erasures,
                    final=outcome.final,
                    place=existing.place or outcome.place,
                )
                self._slots.put(settled, attempted.slot)
            return existing is not None

    def mark_unknown(self, *slots: str) -> None:
        """Record that the content of some slots is unknown."""
        with self._database.writing():
            for one in (self._slots.get(slot) for slot in slots):
                if one is not None:
                    self._slots.put(replace(one, shown=""), one.slot)

    def mark_model_unknown(self, stream: StreamId) -> None:
        """Record that the content of every slot that may show a model is unknown."""
        with self._database.writing():
            self.mark_unknown(*(one.slot for one in self._where(lambda one: one.stream in (stream, ""))))
            # A message that no longer changes may have contained erased text, too.
            for one in self._where(lambda one: one.stream == stream and one.final and bool(one.external_id)):
                self._slots.put(replace(one, final=False), one.slot)

    def drop(self, *slots: str) -> None:
        """Delete slots that show nothing."""
        with self._database.writing():
            for slot in slots:
                self._slots.delete(slot)

    def drop_kinds(self, kinds: Iterable[str]) -> None:
        """Delete every slot of some kinds."""
        with self._database.writing():
            for kind in kinds:
                self.drop(*(one.slot for one in self.of_kind(kind)))

    def change_channel_id(self, old: str, new: str) -> None:
        """Record that a channel has a new ID."""
        with self._database.writing():
            for one in self.in_place(old):
                self._slots.put(replace(one, place=new), one.slot)

    def _where(self, wanted: Callable[[DeliveryRecord], bool]) -> list[DeliveryRecord]:
        return [one for one in self._slots.all() if wanted(one)]

    def _held(self, before: DeliveryRecord) -> DeliveryRecord | None:
        """Return a slot if it still contains the same post."""
        existing = self._slots.get(before.slot)
        same = existing is not None and (existing.attempt, existing.external_id) == (
            before.attempt,
            before.external_id,
        )
        return existing if same else None

    def _own(self, one: DeliveryRecord) -> DeliveryRecord:
        if one.stream:
            check_ownership(one.stream, self._slots.tenant)
        return one
