"""Issues as posts: created with a mark, found again by it, updated, and closed if they were created twice."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

import msgspec
import structlog
from msgspec.structs import replace

from bot.delivery.slot_kinds import NoPost, PostPlace, SinkOutcome, UnknownYet
from bot.delivery.work_kinds import Failure
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from bot.store.work_queue import MAX_PLAUSIBLE_SECONDS
from bot.tracker_sync.connected_trackers import (
    APART,
    PUBLIC,
    ConnectedTrackers,
    IsMember,
    OpenedTracker,
)
from bot.tracker_sync.issue_slots import IssueParameters, parameters_of, tracker_of
from bot.trackers.tracker import (
    Issue,
    IssueContent,
    IssueMissing,
    TrackerBusy,
    TrackerFault,
    TrackerRefused,
    TrackerUnreachable,
)
from domain.kernel.tracked_issue import IssueState, TrackerId

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

log = structlog.get_logger()


class NotOpen(TrackerFault):
    """The tracker was disconnected or stopped in the meantime."""


class SlotContent(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of an issue: its content, or with `typed` to follow the issue that a person named.

    `sent` changes with the due date and the assignee that are to be sent. An issue without a title keeps the
    one that it has.
    """

    issue: IssueContent
    typed: str = ""
    sent: int = 0


class IssueSink(msgspec.Struct, frozen=True, kw_only=True):
    """Creates, finds and updates the issues of one workspace.

    `check` is called before each call; it raises if another process has taken over the work. `is_member` says
    whether an assignee can own the mitigation.
    """

    faults: tuple[type[Exception], ...] = (TrackerFault,)

    trackers: ConnectedTrackers
    deliveries: Deliveries
    now: Callable[[], datetime]
    check: Callable[[], None]
    is_member: IsMember
    private_at: dict[tuple[TrackerId, datetime], datetime] = {}
    """When the project of a connection was last found private by this process."""

    def post(self, record: DeliveryRecord, content: SlotContent) -> PostPlace:
        """Create an issue, or read the one that a person named."""
        if content.typed:
            return self._named(record, content.typed)
        with self._opened(record) as opened:
            self._ensure_private(opened)
            # Before the call: from now on, the issue may exist.
            self._record(record, attempt=record.attempt, tried_at=self.now())
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
                    self.check()
                opened.client.update(record.external_id, self._mark(opened, record), issue)
            except IssueMissing:
                self._record(record, missing=record.external_id)
                raise

    def delete_post(self, record: DeliveryRecord) -> None:
        """Close an issue that was created twice; the issue of the slot stays."""
        kept = self.deliveries.find(record.slot)
        if kept is None or not kept.external_id or kept.external_id == record.external_id:
            return
        with self._opened(record) as opened:
            opened.client.close_duplicate(record.external_id, kept.external_id)

    def find(self, record: DeliveryRecord) -> PostPlace | NoPost | UnknownYet:
        """Search for the issue of an attempt by its mark, until the tracker would find it."""
        known, now = parameters_of(record), self.now()
        if known.typed:
            return NoPost()  # it was only read
        if known.attempt != record.attempt:
            # The process ended before it called, unless its note was lost: then the wait begins now.
            known = self._record(record, attempt=record.attempt, tried_at=now)
        with self._opened(record) as opened:
            found = opened.client.find(self._mark(opened, record))
            findable = (known.tried_at or now) + timedelta(seconds=opened.client.search_delay)
        if not found and now < findable:
            return UnknownYet(seconds=min((findable - now).total_seconds(), MAX_WAIT))
        again = SWEEP_AFTER + timedelta(seconds=opened.client.search_delay)
        self._record(record, sweep_at=now + again)
        return self._place(record, opened, found[0], found=True) if found else NoPost()

    def sweep(self, record: DeliveryRecord) -> None:
        """Close the other issues with the mark of a slot, as far as they are open; raises TrackerFault."""
        with self._opened(record) as opened:
            for one in opened.client.find(self._mark(opened, record)):
                if one.key != record.external_id and one.state is IssueState.OPEN:
                    log.warning("closed an issue that was created twice", slot=record.slot, issue=one.key)
                    self.check()
                    opened.client.close_duplicate(one.key, record.external_id)
        self._record(record, sweep_at=None)

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

    @contextmanager
    def _opened(self, record: DeliveryRecord) -> Generator[OpenedTracker]:
        """Yield the tracker of a slot; failures are recorded for operators, and raised."""
        opened = self.trackers.open(tracker_of(record))
        if opened is None:
            raise NotOpen(f"{tracker_of(record)} is not connected.")
        self.check()
        try:
            yield opened
        except (TrackerBusy, IssueMissing, NotOpen):
            raise
        except TrackerFault as fault:
            if self.trackers.failed(opened, fault):
                raise NotOpen(str(fault)) from None
            raise

    def _ensure_private(self, opened: OpenedTracker) -> None:
        """Raise NotOpen if the project has become public since it was checked; nothing is sent then."""
        connection, now = (opened.id, opened.held.saved_at), self.now()
        known = (opened.held.saved_at, opened.held.polled_at, self.private_at.get(connection))
        if any(one is not None and one <= now < one + PRIVATE_FOR for one in known):
            return
        try:
            private = self.trackers.is_private(opened)
        except TrackerUnreachable as fault:
            # Not an unknown result: nothing was sent yet.
            self.trackers.failed(opened, fault)
            raise TrackerBusy(str(fault), wait=UNREACHABLE_WAIT) from None
        if not private:
            raise NotOpen(PUBLIC)
        self.private_at[connection] = now
        self.check()

    def _named(self, record: DeliveryRecord, key: str) -> PostPlace:
        """Return the place of an issue that a person named; raises TrackerRefused if there is none."""
        try:
            with self._opened(record) as opened:
                return self._place(record, opened, opened.client.read(key))
        except IssueMissing as missing:
            raise TrackerRefused(str(missing)) from None

    def _mark(self, opened: OpenedTracker, record: DeliveryRecord) -> str:
        """Return the mark of a slot as it is recorded now: the key of the connection may be another one."""
        return opened.mark(self.deliveries.find(record.slot) or record)

    def _place(
        self, record: DeliveryRecord, opened: OpenedTracker, issue: Issue, *, found: bool = False
    ) -> PostPlace:
        shown = self.trackers.seen(opened.id, issue, record.stream, self.is_member)
        seen = msgspec.json.encode(shown).decode()
        return PostPlace(external_id=issue.key, carried=(issue.url, seen), found=found)

    def _record(self, record: DeliveryRecord, **changes: object) -> IssueParameters:
        return change_parameters(self.deliveries, record, **changes)


def change_parameters(deliveries: Deliveries, record: DeliveryRecord, **changes: object) -> IssueParameters:
    """Change some of what is recorded of a slot; the caller holds the claim of its work."""
    current = deliveries.find(record.slot)
    if current is None:
        return IssueParameters()
    changed = replace(parameters_of(current), **changes)
    if changed.encoded() != (current.parameters or IssueParameters().encoded()):
        deliveries.set_parameters(replace(current, parameters=changed.encoded()))
    return changed


OUTAGE_SECONDS: Final = 10.0
"""Seconds for which a tracker that did not answer is left alone: each call would wait for its timeout."""

REFUSED_SECONDS: Final = 300.0


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
            # Until so many in a row stop the connection: see `token_rejections`.
            wait = APART.total_seconds()
            return Failure(reason="the tracker rejected the token", wait=wait, counted=False)
        case TrackerFault():
            return Failure(reason="refused by the tracker", wait=REFUSED_SECONDS)
        case _:
            return None
