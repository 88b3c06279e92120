"""Reconciler: compares the desired content of a slot with its record, then posts, updates or deletes."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import msgspec
import structlog
from msgspec.structs import replace

from bot.delivery.slot_kinds import (
    AnyKind,
    Deleted,
    Desired,
    Gone,
    NoPost,
    PostPlace,
    SinkOutcome,
    Uncertain,
    Unchanged,
    UnknownYet,
)
from bot.delivery.work_kinds import Done, Kind
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from bot.store.salted_digests import matches_salted_digest, salted_digest
from bot.store.work_queue import Claim

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
        settled = self.settle_location(kind, held, updated, posted)
        if settled:
            kind.written(updated)
            kind.settled(updated)
        return settled

    def settle_location(
        self, kind: AnyKind, held: DeliveryRecord, updated: DeliveryRecord, found: PostPlace | None
    ) -> bool:
        """Record where a post is, but not its content; return False if the slot has changed meanwhile."""
        with self._together(kind):
            settled = self._deliveries.settle(held, updated)
            if settled and found is not None:
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
        log.warning("refused permanently", slot=held.slot, fault=str(fault))
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


class Reconciler:
    """Reconciler of one workspace's slots.

    Callers hold the claim of the slot's work, except for kinds whose posts replace each other and whose sink
    refuses to replace an unknown version.

    An attempt is recorded before the call. An attempt without a result is resolved as the kind declares:
    search, post again, or leave it. Before an update the content is recorded as unknown, so that an update
    whose result was not recorded is repeated.

    `touch` makes the work of a slot due; `count` counts outcomes by kind. The changes in one `transaction`
    are recorded together. Failures to be retried are raised as the sink raised them.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        kinds: Iterable[AnyKind],
        *,
        touch: Callable[[str], None],
        count: Callable[[str, str], None] = lambda _kind, _what: None,
        transaction: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._deliveries = deliveries
        self._kinds = {kind.name: kind for kind in kinds}
        self._touch = touch
        self._count = count
        self._records = SlotRecords(deliveries, touch=touch, transaction=transaction)
        self._late = LatePosts(deliveries, self._records, delete=self._delete)

    def work(self) -> list[Kind]:
        """Return the kinds of work that reconcile slots."""
        return [
            Kind(
                name=kind.name,
                waits=kind.waits,
                run=lambda claim: self.reconcile(_slot_of(claim)),
                lost=lambda claim: self._deliveries.mark_unknown(_slot_of(claim)),
            )
            for kind in self._kinds.values()
        ]

    def reconcile(self, slot: str) -> Done:
        """Reconcile a slot; raises failures that must be retried."""
        return self.reconcile_record(self._deliveries.find(slot))

    def reconcile_record(self, record: DeliveryRecord | None) -> Done:
        """Reconcile a slot whose record was just read; raises failures that must be retried."""
        if record is None:
            return Done()
        kind = self._kinds[record.kind]
        desired = kind.desired(record)
        match desired:
            case Unchanged():
                return Done(again_at=desired.again_at)
            case Gone():
                return Done(again_after=self._delete_post(kind, record))
            case Desired() if record.final:
                return Done()
            case Desired():
                soon = self._show(kind, record, desired)
                return Done(again_at=desired.again_at, again_after=soon)

    def recognize(self, attempt: str, post: PostPlace) -> bool:
        """Return whether a slot holds a post that users see; a post without a slot is an orphan.

        The post of an attempt without a result is recorded when it is recognized.
        """
        record = self._deliveries.by_attempt(attempt)
        if record is None:
            return False
        if record.external_id or record.place not in ("", post.place):
            return True
        recorded = self._records.settle_found(self._kinds[record.kind], record, post)
        return recorded or self._deliveries.by_attempt(attempt) is not None

    @property
    def has_late_posts(self) -> bool:
        """Whether posts of this process are not recorded yet."""
        return not self._late.empty

    def delete_late_posts(self) -> None:
        """Delete this process's posts in slots that another process filled; raises failures to be retried.

        A post whose attempt is still the last one of its slot is recorded instead.
        """
        self._late.delete_all(self._kinds)

    def _show(self, kind: AnyKind, record: DeliveryRecord, desired: Desired[Any]) -> float | None:
        """Show a slot's content; return the seconds until the next check, if any."""
        if record.is_uncertain:
            return self._resolve(kind, record, desired)
        if not record.external_id:
            return self._post(kind, record, desired)
        if kind.confirmed and not record.shown:
            return self._confirm(kind, record, desired)
        if kind.edited and not matches_salted_digest(record.shown, kind.digest(desired.content)):
            return self._update(kind, record, desired)
        if desired.last:
            self._deliveries.settle(record, replace(record, final=True))
        kind.settled(record)
        return None

    def _resolve(self, kind: AnyKind, record: DeliveryRecord, desired: Desired[Any]) -> float | None:
        """Resolve an attempt whose result is not known."""
        own = self._late.find(record.attempt)
        if own is not None and not kind.confirmed:
            return self._adopt_post(kind, record, desired, own)
        match kind.uncertain:
            case Uncertain.POST_AGAIN:
                return self._post(kind, record, desired)
            case Uncertain.SEARCH:
                pass
        log.info("looking for a message", slot=record.slot)
        try:
            found = kind.sink.find(record)
        except kind.sink.faults as fault:
            if kind.sink.outcome(fault) is not SinkOutcome.REFUSED:
                raise
            self._records.give_up(kind, record, replace(record, attempt=""), fault)
            return None
        match found:
            case UnknownYet():
                return found.seconds
            case NoPost() if desired.update_only:
                self._records.end(kind, record, replace(record, attempt="", final=True))
                return None
            case NoPost() if kind.repeat_after_search:
                self._deliveries.settle(record, replace(record, attempt=""))
                return 0.0
            case NoPost():
                return self._post(kind, record, desired)
            case PostPlace():
                self._count(kind.name, "found")
                return self._adopt_post(kind, record, desired, found)

    def _adopt_post(
        self, kind: AnyKind, record: DeliveryRecord, desired: Desired[Any], found: PostPlace
    ) -> float | None:
        """Record the location of an attempt's post, and update it."""
        there = replace(record, external_id=found.external_id, place=found.place or record.place)
        if not kind.edited:
            self._records.settle(kind, record, shown_record(kind, there, desired), posted=found)
            return None
        if not self._records.settle_location(kind, record, there, found):
            return None
        self._late.remove(record.attempt)
        return 0.0 if kind.repeat_after_search else self._update(kind, there, desired)

    def _confirm(self, kind: AnyKind, record: DeliveryRecord, desired: Desired[Any]) -> float | None:
        """Check whether an accepted post is visible to users."""
        found = kind.sink.find(record)
        match found:
            case UnknownYet():
                return found.seconds
            case PostPlace():
                self._records.settle(kind, record, shown_record(kind, record, desired))
                return None
            case NoPost():
                self._count(kind.name, "never_shown")
                self._delete(kind, record)
                self._deliveries.settle(record, replace(record, attempt="", external_id=""))
                kind.missing(record)
                self._touch(record.slot)
                return None

    def _post(self, kind: AnyKind, record: DeliveryRecord, desired: Desired[Any]) -> float | None:
        attempted = self._deliveries.begin(record, secrets.token_urlsafe(6))
        if attempted is None:
            self._touch(record.slot)  # it changed meanwhile
            return None
        try:
            posted: PostPlace = self._show_fitting(
                kind, desired, lambda content: kind.sink.post(attempted, content)
            )
        except kind.sink.faults as fault:
            self._failed_post(kind, attempted, fault)
            return None
        self._count(kind.name, "posted")
        event = f"{kind.name} posted"
        log.info(event, slot=record.slot, place=record.place)
        there = replace(attempted, external_id=posted.external_id, place=attempted.place or posted.place)
        if not kind.replaces:
            # Noted before: a process that was overtaken can record nothing.
            self._late.add(there, replace(posted, place=there.place))
        updated = (
            replace(there, erasures=desired.erasures)
            if kind.confirmed
            else shown_record(kind, there, desired)
        )
        if self._records.settle(kind, attempted, updated, posted=posted):
            self._late.remove(there.attempt)
        else:
            if kind.replaces:
                self._deliveries.mark_unknown(record.slot)  # this post may stand in place of a newer one
            self._touch(record.slot)
        return kind.confirmed_after if kind.confirmed else None

    def _failed_post(self, kind: AnyKind, attempted: DeliveryRecord, fault: Exception) -> None:
        released = replace(attempted, attempt="")
        match kind.sink.outcome(fault):
            case SinkOutcome.UNKNOWN:
                raise fault
            case SinkOutcome.SUSPENDED:
                self._deliveries.settle(attempted, released)
                kind.suspended(released, fault)
            case SinkOutcome.REFUSED | SinkOutcome.TOO_LONG:
                self._records.give_up(kind, attempted, released, fault)
            case SinkOutcome.NO_THREAD:
                self._deliveries.settle(attempted, released)
                kind.unthreaded(released)
                raise fault
            case SinkOutcome.LATER | SinkOutcome.NOTHING_DONE | SinkOutcome.GONE:
                if self._deliveries.settle(attempted, released):
                    kind.postponed(released, fault)
                raise fault

    def _update(self, kind: AnyKind, record: DeliveryRecord, desired: Desired[Any]) -> float | None:
        self._deliveries.mark_unknown(record.slot)
        unknown = replace(record, shown="")
        try:
            moved: PostPlace | None = self._show_fitting(
                kind, desired, lambda content: kind.sink.update(record, content)
            )
        except kind.sink.faults as fault:
            return self._failed_update(kind, record, desired, fault)
        self._count(kind.name, "updated")
        there = replace(record, external_id=moved.external_id) if moved else record
        if not self._records.settle(kind, unknown, shown_record(kind, there, desired)):
            self._deliveries.mark_unknown(record.slot)
            self._touch(record.slot)
        return None

    def _failed_update(
        self, kind: AnyKind, record: DeliveryRecord, desired: Desired[Any], fault: Exception
    ) -> float | None:
        outcome = kind.sink.outcome(fault)
        if outcome is SinkOutcome.UNKNOWN:
            raise fault  # recorded as not known already
        if outcome is SinkOutcome.GONE:
            return self._deleted(kind, record, desired)
        self._deliveries.settle(record, record)  # it shows what it showed before
        match outcome:
            case SinkOutcome.SUSPENDED:
                kind.suspended(record, fault)
            case SinkOutcome.REFUSED | SinkOutcome.TOO_LONG:
                self._records.give_up(kind, record, record, fault)
            case SinkOutcome.LATER | SinkOutcome.NOTHING_DONE | SinkOutcome.NO_THREAD:
                raise fault
        return None

    def _deleted(self, kind: AnyKind, record: DeliveryRecord, desired: Desired[Any]) -> float | None:
        """Handle a post that someone deleted."""
        empty = replace(record, attempt="", external_id="", shown="")
        if kind.deleted is Deleted.LEAVE:
            self._records.end(kind, record, replace(empty, final=True))
            return None
        if not self._deliveries.settle(record, empty):
            return None
        return self._post(kind, empty, desired)

    def _delete_post(self, kind: AnyKind, record: DeliveryRecord) -> float | None:
        if record.is_uncertain and kind.uncertain is Uncertain.SEARCH:
            found = kind.sink.find(record)
            if isinstance(found, UnknownYet):
                return found.seconds
            if isinstance(found, PostPlace):
                record = replace(record, external_id=found.external_id, place=found.place or record.place)
        if record.external_id:
            self._delete(kind, record)
        self._deliveries.drop(record.slot)
        kind.settled(record)
        return None

    def _delete(self, kind: AnyKind, record: DeliveryRecord) -> None:
        """Delete a post; treat one that is missing or cannot be deleted as deleted."""
        try:
            kind.sink.delete_post(record)
        except kind.sink.faults as fault:
            if kind.sink.outcome(fault) not in (SinkOutcome.GONE, SinkOutcome.REFUSED):
                raise
            log.warning("not deleted", slot=record.slot, fault=str(fault))
        else:
            self._count(kind.name, "deleted")

    def _show_fitting(self, kind: AnyKind, desired: Desired[Any], show: Callable[[Any], Any]) -> Any:
        """Show the content, or the shorter form if it is too long."""
        try:
            return show(desired.content)
        except kind.sink.faults as fault:
            if desired.shorter is None or kind.sink.outcome(fault) is not SinkOutcome.TOO_LONG:
                raise
            log.warning("message shortened", kind=kind.name, fault=str(fault))
            self._count(kind.name, "shortened")
        return show(desired.shorter)


def _slot_of(claim: Claim) -> str:
    return f"{claim.item.kind}/{claim.item.subject}"
