"""Poll of trackers: what changed in issues is recorded in the models, with or without webhooks."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from bot.delivery.work_kinds import Done, Kind, Waits
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import Claim
from bot.tracker_sync.connected_trackers import OpenedTracker
from bot.tracker_sync.issue_slots import ISSUE, POLL, mitigation_of, parameters_of
from bot.tracker_sync.issue_work import NotOpen
from bot.tracker_sync.sync_parts import SyncParts
from bot.trackers.tracker import Issue, IssueMissing, TrackerBusy, TrackerFault, TrackerRefused
from domain.commands import RecordIssueState
from domain.kernel.elements import SYSTEM
from domain.kernel.tracked_issue import IssueState, SeenIssue, TrackedIssue, TrackerId

EVERY: Final = timedelta(minutes=5)
"""Time between two polls of a tracker, unless a webhook reports a change."""

OVERLAP: Final = timedelta(minutes=2)
"""Time before the last change read that is read again: changes of one moment may appear one by one."""

READS: Final = 20
"""Issues that one poll reads by themselves, to find those that were deleted or lost their mark."""

REFUSED_AGAIN: Final = timedelta(days=1)
"""Time after which an issue is tried again that the tracker refused, as without a permission.

Not sooner: some trackers create an issue before they find out what they do not permit.
"""

BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)


class TrackerPoll(msgspec.Struct, frozen=True, kw_only=True):
    """Reads what changed in the trackers of one workspace."""

    parts: SyncParts
    waits: Waits

    def kind(self) -> Kind:
        """Return the kind of work; its rows are the trackers."""
        return Kind(name=POLL, waits=self.waits, run=self._poll, external=True)

    def _poll(self, claim: Claim) -> Done:
        tracker = TrackerId(claim.item.subject)
        trackers, slots = self.parts.trackers, self.parts.unit.deliveries.in_place(tracker, ISSUE)
        opened = trackers.open(tracker)
        if opened is None or not slots:
            return Done()
        began = self.parts.now()
        refused = [slot for slot in slots if not slot.final and parameters_of(slot).refused_at is not None]
        for one in refused:
            if (parameters_of(one).refused_at or began) + REFUSED_AGAIN < began:
                self.parts.schedule_slot(one)
        try:
            until = self._read(opened, _by_key(slots), began)
        except TrackerBusy:
            raise
        except TrackerFault as fault:
            if trackers.failed(opened, fault):
                raise NotOpen(str(fault)) from None
            raise
        if until is not None:
            trackers.polled(opened, until=until)
            if refused and opened.held.error:
                # What was refused stays known to operators, although the tracker answers.
                trackers.failed(opened, TrackerRefused(opened.held.error))
        return Done(again_at=began + EVERY)

    def _read(
        self, opened: OpenedTracker, slots: Mapping[str, Sequence[DeliveryRecord]], began: datetime
    ) -> datetime | None:
        """Record what changed; return the moment of the last change, None if the connection was stopped.

        A moment in the future, by a wrong clock there, is not returned: changes until then would be missed.
        """
        self.parts.check()
        if not self.parts.trackers.is_private(opened):
            return None
        since = until = opened.held.polled_until or BEGINNING
        listed: set[str] = set()
        overlap = OVERLAP + timedelta(seconds=opened.client.search_delay)
        self.parts.check()
        for issue in opened.client.changed(since - overlap):
            self.parts.check()
            until = max(until, issue.updated)
            if issue.key in slots:
                listed.add(issue.key)
                self._record(slots[issue.key], opened, issue)
        for key in _some(sorted(slots.keys() - listed), began):
            self.parts.check()
            try:
                issue = opened.client.read(key)
            except IssueMissing:
                issue = None
            self._record(slots[key], opened, issue)
        return min(until, began)

    def _record(self, slots: Iterable[DeliveryRecord], opened: OpenedTracker, issue: Issue | None) -> None:
        """Record what the issue of some slots shows; None if it is missing."""
        for slot in slots:
            seen = SeenIssue(state=IssueState.DELETED)
            if issue is not None:
                seen = self.parts.seen(opened, issue, slot.stream)
            tracked = self._tracked(slot)
            if tracked is None or tracked.seen == seen or not parameters_of(slot).linked:
                continue
            command = RecordIssueState(
                by=SYSTEM, at=self.parts.now(), mitigation=mitigation_of(slot), issue=tracked.issue, seen=seen
            )
            self.parts.execute(command, slot.stream, state_key(slot, tracked, seen, issue))

    def _tracked(self, slot: DeliveryRecord) -> TrackedIssue | None:
        """Return the issue that the model has for the mitigation of a slot, while it is that of the slot."""
        model = self.parts.model(slot.stream)
        tracked = model.issues.get(mitigation_of(slot)) if model is not None else None
        if tracked is None or not tracked.linked:  # one that was missing may be there again
            return None
        is_same = (tracked.issue.tracker, tracked.issue.key) == (slot.place, slot.external_id)
        return tracked if is_same else None


def state_key(slot: DeliveryRecord, tracked: TrackedIssue, seen: SeenIssue, issue: Issue | None) -> str:
    """Return the key of a command that records a state: the same one for each poll that reads it.

    The state before belongs to it: an issue may be closed, reopened and closed.
    """
    updated = issue.updated.isoformat() if issue is not None else ""
    content = msgspec.json.encode((slot.slot, tracked.issue, tracked.seen, seen, updated))
    return f"tracker/{slot.place}/{hashlib.sha256(content).hexdigest()[:32]}"


def _by_key(slots: Iterable[DeliveryRecord]) -> dict[str, list[DeliveryRecord]]:
    found: defaultdict[str, list[DeliveryRecord]] = defaultdict(list)
    for slot in slots:
        if slot.external_id:
            found[slot.external_id].append(slot)
    return found


def _some(keys: Sequence[str], now: datetime) -> Iterator[str]:
    """Yield the issues that this poll reads: all of them in turn, a few each time."""
    if len(keys) <= READS:
        yield from keys
        return
    parts = -(-len(keys) // READS)
    part = int(now.timestamp() // EVERY.total_seconds()) % parts
    yield from keys[part::parts]
