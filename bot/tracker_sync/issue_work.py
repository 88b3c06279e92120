"""Work on the issues of one workspace: which exist, and how each is created, found again, updated and ended.

An issue is created with a mark, found again by it, and closed if it was created twice.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Final

import msgspec
import structlog
from msgspec.structs import replace

from bot.delivery.slot_kinds import (
    Deleted,
    Desired,
    Gone,
    NoPost,
    PostPlace,
    SinkOutcome,
    SlotKind,
    Uncertain,
    Unchanged,
    UnknownYet,
)
from bot.delivery.work_kinds import NO_WAIT, Done, Failure, Kind, Waits
from bot.store.records import model_stream
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import MAX_PLAUSIBLE_SECONDS, Claim
from bot.tracker_sync.connected_trackers import APART, PUBLIC, OpenedTracker
from bot.tracker_sync.issue_slots import (
    ISSUE,
    ISSUES,
    current_slots,
    mitigation_of,
    parameters_of,
    tracker_of,
)
from bot.tracker_sync.sync_parts import SyncParts
from bot.tracker_sync.wanted_issues import NotWanted, SlotContent, WantedIssues, is_outdated, issue_digest
from bot.trackers.tracker import (
    Issue,
    IssueMissing,
    TrackerBusy,
    TrackerFault,
    TrackerRefused,
    TrackerUnreachable,
)
from domain.commands import LinkIssue, RecordIssueState
from domain.kernel.elements import SYSTEM, ModelKey
from domain.kernel.tracked_issue import IssueReference, IssueState, SeenIssue, TrackerId
from domain.remediation.issue_proposals import tracker_in_force

SWEEP_AFTER: Final = timedelta(minutes=5)
"""Time after a search until issues that were created twice are looked for.

By then a process that was stopped before its call has either made it or ended.
"""

PRIVATE_FOR: Final = timedelta(minutes=1)
"""Time for which a project that was found private is taken for private."""

UNREACHABLE_WAIT: Final = 10.0
"""Seconds until a tracker is called again that did not show its project."""

MAX_WAIT: Final = 900.0
"""Longest wait in seconds until a new issue is looked for again."""

OUTAGE_SECONDS: Final = 10.0
"""Seconds for which a tracker that did not answer is left alone: each call would wait for its timeout."""

REFUSED_SECONDS: Final = 300.0

log = structlog.get_logger()


class NotOpen(TrackerFault):
    """The tracker was disconnected or stopped in the meantime."""


class IssueWork(msgspec.Struct, frozen=True, kw_only=True):
    """Issues of mitigations as slots, and as the posts of these slots.

    `used` is called with each tracker in which a mitigation gets an issue. `private_at` says when this
    process last found the project of a connection private.
    """

    faults: tuple[type[Exception], ...] = (TrackerFault,)

    parts: SyncParts
    wanted: WantedIssues
    used: Callable[[TrackerId], None]
    waits: Waits
    private_at: dict[tuple[TrackerId, datetime], datetime] = {}

    def planning(self) -> Kind:
        """Return the work that compares the mitigations of a model with its slots; it makes no calls."""
        return Kind(name=ISSUES, waits=self.waits, run=self._plan)

    def slots(self) -> SlotKind[SlotContent]:
        """Return the slot kind: how each issue is created, found again and updated."""
        return SlotKind(
            name=ISSUE,
            waits=NO_WAIT,
            sink=self,
            desired=self._desired,
            uncertain=Uncertain.SEARCH,
            deleted=Deleted.LEAVE,
            digest=issue_digest,
            recorded=self._recorded,
            refused=self._refused,
            written=self._written,
            settled=self._settled,
        )

    # Which issues there are, and what they show

    def _plan(self, claim: Claim) -> Done:
        parts, deliveries = self.parts, self.parts.unit.deliveries
        stream = model_stream(parts.unit.tenant, ModelKey(claim.item.subject))
        records = {one.slot: one for one in deliveries.of_model(stream, ISSUE)}
        model, open_once = parts.model(stream), cache(parts.trackers.open)
        tracker = tracker_in_force(model) if model is not None else None
        opened = open_once(tracker) if tracker is not None else None
        if model is not None and opened is not None:
            known = current_slots(records.values())
            for added in self.wanted.new_slots(stream, model, known, opened):
                (deliveries.put if added.slot in records else deliveries.add_missing)(added)
                self.used(tracker_of(added))
                records[added.slot] = added
        current = current_slots(records.values())
        for record in records.values():
            is_current = current[mitigation_of(record)] is record
            opened = open_once(tracker_of(record))
            wanted = self.wanted.of(record, model, opened, is_current=is_current)
            if is_outdated(record, wanted, parts.now()):
                parts.schedule_slot(record)
        return Done()

    def _desired(self, record: DeliveryRecord) -> Desired[SlotContent] | Gone | Unchanged:
        model, opened = self.parts.model(record.stream), self.parts.trackers.open(tracker_of(record))
        wanted = self.wanted.of(record, model, opened, is_current=self._is_current(record))
        if isinstance(wanted, NotWanted):
            return Gone() if wanted.over else Unchanged()
        known = wanted.parameters
        if known != parameters_of(record):
            self.parts.unit.deliveries.set_parameters(replace(record, parameters=known.encoded()))
        return Desired(
            content=wanted.content,
            again_at=known.sweep_at if known.sweep_at and known.sweep_at > self.parts.now() else None,
            last=wanted.last,
            update_only=wanted.update_only,
        )

    def _recorded(self, record: DeliveryRecord, posted: PostPlace) -> None:
        """Keep what the model is to be told of a new issue, in the transaction that records its key."""
        url, seen = posted.carried
        self.parts.change(record, url=url, seen=msgspec.json.decode(seen, type=SeenIssue), linked=False)

    def _refused(self, record: DeliveryRecord, fault: Exception) -> bool:
        """Return whether a slot is over: an issue that a person named is never created."""
        log.warning("the tracker refused an issue", slot=record.slot, fault=str(fault))
        known = self.parts.change(record, refused_at=self.parts.now())
        return known.typed and not record.external_id

    def _written(self, record: DeliveryRecord) -> None:
        known = self.parts.change(record, sends_due=False, sends_account=False, refused_at=None)
        if known.sweep_at is not None and known.sweep_at > self.parts.now():
            self.parts.schedule_slot(record)  # the next run finds when to sweep

    def _settled(self, record: DeliveryRecord) -> None:
        current = self.parts.unit.deliveries.find(record.slot)
        if current is None:
            return
        known = parameters_of(current)
        if not current.external_id:
            if current.final and known.linked:
                self._report_deleted(current)
            return
        if not known.linked and self._is_current(current):
            self._link(current)
        elif not known.linked:
            # Another slot took its place before the issue was known: the model has another issue.
            self.parts.change(current, linked=True, url="", seen=None)
            self.parts.schedule_slot(current)
        if known.sweep_at is not None and known.sweep_at <= self.parts.now():
            self._sweep(current)

    def _link(self, record: DeliveryRecord) -> None:
        """Record the issue of a slot in the model; by the key, once, however often it is tried.

        A model that refuses it, as while it is archived, is told again later: a slot whose issue the model
        does not know would get another issue.
        """
        known, opened = parameters_of(record), self.parts.trackers.open(tracker_of(record))
        if opened is None:
            return
        command = LinkIssue(
            by=SYSTEM,
            at=self.parts.now(),
            mitigation=mitigation_of(record),
            issue=IssueReference(
                tracker=opened.id, kind=opened.client.kind, key=record.external_id, url=known.url
            ),
            typed=known.typed,
            seen=known.seen,
        )
        if self.parts.execute(command, record.stream, f"tracker/link/{record.slot}/{record.attempt}"):
            self.parts.change(record, linked=True, url="", seen=None)

    def _report_deleted(self, record: DeliveryRecord) -> None:
        """Record in the model that the issue of a slot no longer exists."""
        model, id = self.parts.model(record.stream), mitigation_of(record)
        tracked = model.issues.get(id) if model is not None else None
        missing = (tracker_of(record), parameters_of(record).missing)
        if tracked is None or not tracked.followed or (tracked.issue.tracker, tracked.issue.key) != missing:
            return
        seen, at = SeenIssue(state=IssueState.DELETED), self.parts.now()
        command = RecordIssueState(by=SYSTEM, at=at, mitigation=id, issue=tracked.issue, seen=seen)
        self.parts.execute(command, record.stream, f"tracker/deleted/{record.slot}/{tracked.issue.key}")

    def _is_current(self, record: DeliveryRecord) -> bool:
        """Return whether a slot is the last one of its mitigation."""
        current = current_slots(self.parts.unit.deliveries.of_model(record.stream, ISSUE))
        return current.get(mitigation_of(record), record).slot == record.slot

    # Calls of the tracker

    def post(self, record: DeliveryRecord, content: SlotContent) -> PostPlace:
        """Create an issue, or read the one that a person named."""
        if content.typed:
            return self._named(record, content.typed)
        with self._opened(record) as opened:
            self._ensure_private(opened)
            # Before the call: from now on, the issue may exist.
            self.parts.change(record, attempt=record.attempt, tried_at=self.parts.now())
            return self._place(
                record, opened, opened.client.create(self._mark(opened, record), content.issue)
            )

    def update(self, record: DeliveryRecord, content: SlotContent) -> None:
        """Change what an issue shows of its mitigation."""
        with self._opened(record) as opened:
            self._ensure_private(opened)
            issue = content.issue
            try:
                if not issue.title:
                    issue = replace(issue, title=opened.client.read(record.external_id).title)
                    self.parts.check()
                opened.client.update(record.external_id, self._mark(opened, record), issue)
            except IssueMissing:
                self.parts.change(record, missing=record.external_id)
                raise

    def delete_post(self, record: DeliveryRecord) -> None:
        """Close an issue that was created twice; the issue of the slot stays."""
        kept = self.parts.unit.deliveries.find(record.slot)
        if kept is None or not kept.external_id or kept.external_id == record.external_id:
            return
        with self._opened(record) as opened:
            opened.client.close_duplicate(record.external_id, kept.external_id)

    def find(self, record: DeliveryRecord) -> PostPlace | NoPost | UnknownYet:
        """Search for the issue of an attempt by its mark, until the tracker would find it."""
        known, now = parameters_of(record), self.parts.now()
        if known.typed:
            return NoPost()  # it was only read
        if known.attempt != record.attempt:
            # The process ended before it called, unless its note was lost: then the wait begins now.
            known = self.parts.change(record, attempt=record.attempt, tried_at=now)
        with self._opened(record) as opened:
            found = opened.client.find(self._mark(opened, record))
            delay = timedelta(seconds=opened.client.search_delay)
        findable = (known.tried_at or now) + delay
        if not found and now < findable:
            return UnknownYet(seconds=min((findable - now).total_seconds(), MAX_WAIT))
        self.parts.change(record, sweep_at=now + SWEEP_AFTER + delay)
        return self._place(record, opened, found[0], found=True) if found else NoPost()

    def outcome(self, fault: Exception) -> SinkOutcome:
        """Return the meaning of a failed call."""
        match fault:
            case TrackerUnreachable():
                return SinkOutcome.UNKNOWN
            case IssueMissing():
                return SinkOutcome.GONE
            case NotOpen():
                return SinkOutcome.SUSPENDED
            case TrackerRefused(unauthorized=False):
                return SinkOutcome.REFUSED
            case _:
                return SinkOutcome.LATER

    def _sweep(self, record: DeliveryRecord) -> None:
        """Close the other issues with the mark of a slot, as far as they are open."""
        with self._opened(record) as opened:
            for issue in opened.client.find(self._mark(opened, record)):
                if issue.key != record.external_id and issue.state is IssueState.OPEN:
                    log.warning("closed an issue that was created twice", slot=record.slot, issue=issue.key)
                    self.parts.check()
                    opened.client.close_duplicate(issue.key, record.external_id)
        self.parts.change(record, sweep_at=None)

    @contextmanager
    def _opened(self, record: DeliveryRecord) -> Generator[OpenedTracker]:
        """Yield the tracker of a slot; failures are recorded for operators, and raised."""
        opened = self.parts.trackers.open(tracker_of(record))
        if opened is None:
            raise NotOpen(f"{tracker_of(record)} is not connected.")
        self.parts.check()
        try:
            yield opened
        except (TrackerBusy, IssueMissing, NotOpen):
            raise
        except TrackerFault as fault:
            if self.parts.trackers.failed(opened, fault):
                raise NotOpen(str(fault)) from None
            raise

    def _ensure_private(self, opened: OpenedTracker) -> None:
        """Raise NotOpen if the project has become public since it was checked; nothing is sent then."""
        connection, now = (opened.id, opened.held.saved_at), self.parts.now()
        known = (opened.held.saved_at, opened.held.polled_at, self.private_at.get(connection))
        if any(moment is not None and moment <= now < moment + PRIVATE_FOR for moment in known):
            return
        try:
            private = self.parts.trackers.is_private(opened)
        except TrackerUnreachable as fault:
            # Not an unknown result: nothing was sent yet.
            self.parts.trackers.failed(opened, fault)
            raise TrackerBusy(str(fault), wait=UNREACHABLE_WAIT) from None
        if not private:
            raise NotOpen(PUBLIC)
        self.private_at[connection] = now
        self.parts.check()

    def _named(self, record: DeliveryRecord, key: str) -> PostPlace:
        """Return the place of an issue that a person named; raises TrackerRefused if there is none."""
        try:
            with self._opened(record) as opened:
                return self._place(record, opened, opened.client.read(key))
        except IssueMissing as missing:
            raise TrackerRefused(str(missing)) from None

    def _mark(self, opened: OpenedTracker, record: DeliveryRecord) -> str:
        """Return the mark of a slot as it is recorded now: the key of the connection may be another one."""
        return opened.mark(self.parts.unit.deliveries.find(record.slot) or record)

    def _place(
        self, record: DeliveryRecord, opened: OpenedTracker, issue: Issue, *, found: bool = False
    ) -> PostPlace:
        seen = msgspec.json.encode(self.parts.seen(opened, issue, record.stream)).decode()
        return PostPlace(external_id=issue.key, carried=(issue.url, seen), found=found)


def tracker_failure(fault: Exception) -> Failure | None:
    """Return the meaning of a tracker's failure for the work that called it; None for any other failure.

    Its wait applies to the lane of the tracker, and so to every call of this connection.
    """
    match fault:
        case TrackerBusy():
            wait = min(max(fault.wait, 1.0), MAX_PLAUSIBLE_SECONDS)
            return Failure(reason="pace of the tracker", wait=wait, counted=False, paced=True)
        case TrackerUnreachable():
            return Failure(reason="no answer of the tracker", wait=OUTAGE_SECONDS, counted=False)
        case NotOpen():
            return Failure(reason="the tracker is not connected", counted=False)
        case TrackerRefused(unauthorized=True):
            # Until so many in a row stop the connection: see `count_rejection`.
            wait = APART.total_seconds()
            return Failure(reason="the tracker rejected the token", wait=wait, counted=False)
        case TrackerFault():
            return Failure(reason="refused by the tracker", wait=REFUSED_SECONDS)
        case _:
            return None
