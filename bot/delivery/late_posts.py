"""Late posts: posts of this process whose slots could not be recorded, or were filled by another process."""

from collections.abc import Callable, Mapping

import msgspec
import structlog

from bot.delivery.slot_kinds import AnyKind, PostPlace, Uncertain
from bot.delivery.slot_records import SlotRecords
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord

log = structlog.get_logger()


class _LatePost(msgspec.Struct, frozen=True, kw_only=True):
    """Post of this process that is not recorded yet."""

    record: DeliveryRecord
    posted: PostPlace


class LatePosts:
    """Posts of one process that are not recorded yet, by attempt; `delete` deletes a post."""

    def __init__(
        self,
        deliveries: Deliveries,
        records: SlotRecords,
        *,
        delete: Callable[[AnyKind, DeliveryRecord], None],
    ) -> None:
        self._deliveries = deliveries
        self._records = records
        self._delete = delete
        self._late: dict[str, _LatePost] = {}

    def add(self, record: DeliveryRecord, posted: PostPlace) -> None:
        """Note a post that is about to be recorded."""
        self._late[record.attempt] = _LatePost(record=record, posted=posted)

    @property
    def empty(self) -> bool:
        """Whether all posts are recorded."""
        return not self._late

    def remove(self, attempt: str) -> None:
        """Forget a post that was recorded."""
        self._late.pop(attempt, None)

    def find(self, attempt: str) -> PostPlace | None:
        """Return the post of an attempt, if this process made it and could not record it."""
        late = self._late.get(attempt)
        return late.posted if late is not None else None

    def delete_all(self, kinds: Mapping[str, AnyKind]) -> None:
        """Delete the posts in slots that another process filled; raises failures to be retried.

        A post whose attempt is still the last one of its slot is recorded instead.
        """
        failed: Exception | None = None
        for attempt, one in list(self._late.items()):
            kind = kinds[one.record.kind]
            try:
                if self._settle(kind, attempt, one):
                    self._late.pop(attempt, None)
            except kind.sink.faults as fault:
                failed = failed or fault  # after the others
        if failed is not None:
            raise failed

    def _settle(self, kind: AnyKind, attempt: str, one: _LatePost) -> bool:
        """Record or delete a post; return False while it may still be found."""
        record, late = self._deliveries.find(one.record.slot), one.record
        if record is not None and record.attempt == attempt and not record.external_id:
            return self._records.settle_found(kind, record, one.posted)
        if record is not None and record.is_uncertain and kind.uncertain is Uncertain.SEARCH:
            return False
        if record is None or record.external_id != late.external_id:
            log.warning("deleted a message that was posted twice", slot=late.slot)
            self._delete(kind, late)
        return True
