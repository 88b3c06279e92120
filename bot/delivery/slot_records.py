"""Records of slots: the results of posts and updates, written together with what their kinds record."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import structlog
from msgspec.structs import replace

from bot.delivery.slot_kinds import AnyKind, Desired, PostPlace
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from bot.store.salted_digests import salted_digest

log = structlog.get_logger()


class SlotRecords:
    """Writer of one workspace's slot records; `touch` makes the work of a slot due."""

    def __init__(
        self,
        deliveries: Deliveries,
        *,
        touch: Callable[[str], None],
        transaction: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._deliveries = deliveries
        self._touch = touch
        self._transaction = transaction

    def settle(
        self, kind: AnyKind, held: DeliveryRecord, updated: DeliveryRecord, *, posted: PostPlace | None = None
    ) -> bool:
        """Record a post or an update; return False if the slot has changed meanwhile."""
        with self._together(kind):
            settled = self._deliveries.settle(held, updated)
            if settled and posted is not None:
                kind.recorded(updated, posted)
        if settled:
            kind.written(updated)
            kind.settled(updated)
        return settled

    def settle_location(
        self, kind: AnyKind, held: DeliveryRecord, updated: DeliveryRecord, found: PostPlace
    ) -> bool:
        """Record where a post is, but not its content; return False if the slot has changed meanwhile."""
        with self._together(kind):
            settled = self._deliveries.settle(held, updated)
            if settled:
                kind.recorded(updated, found)
        return settled

    def settle_found(self, kind: AnyKind, record: DeliveryRecord, found: PostPlace) -> bool:
        """Record the post of an attempt without a result; return False if the slot has changed meanwhile.

        Its content is not known, so that the slot is due.
        """
        place = record.place or found.place
        there = replace(record, external_id=found.external_id, place=place, shown="", final=False)
        recorded = self.settle_location(kind, record, there, found)
        self._touch(record.slot)
        return recorded

    def end(self, kind: AnyKind, held: DeliveryRecord, updated: DeliveryRecord) -> None:
        """Record that a slot no longer changes."""
        if self._deliveries.settle(held, updated):
            kind.settled(updated)

    def give_up(
        self, kind: AnyKind, held: DeliveryRecord, released: DeliveryRecord, fault: Exception
    ) -> None:
        """Record that a post or an update was refused permanently."""
        log.warning("refused for good", slot=held.slot, fault=str(fault))
        with self._together(kind):
            self._deliveries.settle(held, released)
            if kind.refused(released, fault):
                self.end(kind, released, replace(released, final=True))

    def _together(self, kind: AnyKind) -> AbstractContextManager[None]:
        """Return a transaction for a kind's records beside its slots; a null context if it has none."""
        return self._transaction() if kind.records_more else nullcontext()


def shown_record(kind: AnyKind, record: DeliveryRecord, desired: Desired[Any]) -> DeliveryRecord:
    """Return the record of a slot that shows the desired content."""
    shown = salted_digest(kind.digest(desired.content))
    return replace(record, shown=shown, erasures=desired.erasures, final=desired.last)
