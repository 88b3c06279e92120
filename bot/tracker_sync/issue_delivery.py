"""Delivery of issues: which mitigations of a model have one, and how each is created and kept up to date."""

from collections.abc import Callable
from datetime import datetime
from functools import cache

import msgspec
import structlog
from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler, NoSuchModel
from bot.delivery.slot_kinds import (
    Deleted,
    Desired,
    Gone,
    PostPlace,
    SlotKind,
    Uncertain,
    Unchanged,
)
from bot.delivery.work_kinds import NO_WAIT, Done, Kind, Waits
from bot.store import StreamId
from bot.store.records import CommandKey, model_stream
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from bot.store.work_queue import Claim
from bot.tracker_sync.connected_trackers import ConnectedTrackers
from bot.tracker_sync.issue_sink import IssueSink, SlotContent, change_parameters
from bot.tracker_sync.issue_slots import (
    GROUP,
    ISSUE,
    ISSUES,
    current_slots,
    mitigation_of,
    parameters_of,
    tracker_of,
)
from bot.tracker_sync.wanted_issues import NotWanted, WantedIssue, WantedIssues, is_outdated, issue_digest
from domain.commands import LinkIssue, RecordIssueState
from domain.kernel.elements import SYSTEM, ModelKey
from domain.kernel.tracked_issue import IssueReference, IssueState, SeenIssue, TrackerId
from domain.model import ThreatModel
from domain.rejections import Rejected

log = structlog.get_logger()


class IssueDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """The slots of issues in one workspace.

    `touch` makes a slot due, and `used` is called with each tracker in which a mitigation gets an issue.
    """

    deliveries: Deliveries
    trackers: ConnectedTrackers
    command_handler: CommandHandler
    wanted: WantedIssues
    sink: IssueSink
    tenant: str
    now: Callable[[], datetime]
    touch: Callable[[DeliveryRecord], None]
    used: Callable[[TrackerId], None]
    waits: Waits

    def planning(self) -> Kind:
        """Return the work that compares the mitigations of a model with its slots; it makes no calls."""
        return Kind(name=ISSUES, group="people", waits=self.waits, run=self._plan)

    def slots(self) -> SlotKind[SlotContent]:
        """Return the slot kind: how each issue is created, found again and updated."""
        return SlotKind(
            name=ISSUE,
            group=GROUP,
            waits=NO_WAIT,
            sink=self.sink,
            desired=self._desired,
            uncertain=Uncertain.SEARCH,
            deleted=Deleted.LEAVE,
            digest=issue_digest,
            recorded=self._recorded,
            refused=self._refused,
            written=self._written,
            settled=self._settled,
        )

    def _plan(self, claim: Claim) -> Done:
        stream = model_stream(self.tenant, ModelKey(claim.item.subject))
        records = {one.slot: one for one in self.deliveries.of_model(stream, ISSUE)}
        model, open_once = self._model(stream), cache(self.trackers.open)
        if model is not None:
            known = current_slots(records.values())
            for one in self.wanted.new_slots(stream, model, known, open=open_once):
                (self.deliveries.put if one.slot in records else self.deliveries.add_missing)(one)
                self.used(tracker_of(one))
                records[one.slot] = one
        current = current_slots(records.values())
        for record in records.values():
            is_current = current[mitigation_of(record)] is record
            wanted = self.wanted.of(record, model, is_current=is_current, open=open_once)
            if is_outdated(record, wanted, self.now()):
                self.touch(record)
        return Done()

    def _desired(self, record: DeliveryRecord) -> Desired[SlotContent] | Gone | Unchanged:
        wanted = self.wanted.of(
            record,
            self._model(record.stream),
            is_current=self._is_current(record),
            open=self.trackers.open,
        )
        match wanted:
            case NotWanted(over=True):
                return Gone()
            case NotWanted():
                return Unchanged()
            case WantedIssue():
                if wanted.parameters != parameters_of(record):
                    described = replace(record, parameters=wanted.parameters.encoded())
                    self.deliveries.set_parameters(described)
                sweep_at = wanted.parameters.sweep_at
                return Desired(
                    content=wanted.content,
                    again_at=sweep_at if sweep_at is not None and sweep_at > self.now() else None,
                    last=wanted.last,
                    update_only=wanted.update_only,
                )

    def _recorded(self, record: DeliveryRecord, posted: PostPlace) -> None:
        """Keep what the model is to be told of a new issue, in the transaction that records its key."""
        url, seen = posted.carried
        change_parameters(
            self.deliveries, record, url=url, seen=msgspec.json.decode(seen, type=SeenIssue), linked=False
        )

    def _refused(self, record: DeliveryRecord, fault: Exception) -> bool:
        """Return whether a slot is over: an issue that a person named is never created."""
        log.warning("the tracker refused an issue", slot=record.slot, fault=str(fault))
        known = change_parameters(self.deliveries, record, refused_at=self.now())
        return known.typed and not record.external_id

    def _written(self, record: DeliveryRecord) -> None:
        known = change_parameters(
            self.deliveries, record, sends_due=False, sends_account=False, refused_at=None
        )
        if known.sweep_at is not None and known.sweep_at > self.now():
            self.touch(record)  # the next look finds when to sweep

    def _settled(self, record: DeliveryRecord) -> None:
        current = self.deliveries.find(record.slot)
        if current is None:
            return
        known = parameters_of(current)
        if current.final and not current.external_id:
            if known.linked:
                self._report_deleted(current)
            return
        if not current.external_id:
            return
        if not known.linked and self._is_current(current):
            self._link(current)
        elif not known.linked:
            # Another slot took its place before the issue was known: the model has another issue.
            change_parameters(self.deliveries, current, linked=True, url="", seen=None)
            self.touch(current)
        if known.sweep_at is not None and known.sweep_at <= self.now():
            self.sink.sweep(current)

    def _link(self, record: DeliveryRecord) -> None:
        """Record the issue of a slot in the model; by the key, once, however often it is tried.

        A model that refuses it, as while it is archived, is told again later: a slot whose issue the model
        does not know would get another issue.
        """
        known, tracker = parameters_of(record), tracker_of(record)
        opened = self.trackers.open(tracker)
        if opened is None:
            return
        issue = IssueReference(
            tracker=tracker, kind=opened.client.kind, key=record.external_id, url=known.url
        )
        command = LinkIssue(
            by=SYSTEM,
            at=self.now(),
            mitigation=mitigation_of(record),
            issue=issue,
            typed=known.typed,
            seen=known.seen,
        )
        if self._execute(command, record.stream, f"tracker/link/{record.slot}/{record.attempt}"):
            change_parameters(self.deliveries, record, linked=True, url="", seen=None)

    def _report_deleted(self, record: DeliveryRecord) -> None:
        """Record in the model that the issue of a slot no longer exists."""
        model, id = self._model(record.stream), mitigation_of(record)
        tracked = model.issues.get(id) if model is not None else None
        missing = (tracker_of(record), parameters_of(record).missing)
        if tracked is None or not tracked.followed or (tracked.issue.tracker, tracked.issue.key) != missing:
            return
        command = RecordIssueState(
            by=SYSTEM,
            at=self.now(),
            mitigation=id,
            issue=tracked.issue,
            seen=SeenIssue(state=IssueState.DELETED),
        )
        self._execute(command, record.stream, f"tracker/deleted/{record.slot}/{tracked.issue.key}")

    def _execute(self, command: LinkIssue | RecordIssueState, stream: StreamId, key: str) -> bool:
        """Return whether the command is carried out, or its model was erased; False if it was refused."""
        try:
            self.command_handler.execute(command, stream=stream, key=CommandKey(key))
        except NoSuchModel:
            return True
        except Rejected as refused:
            log.warning("an issue is not recorded", model=stream, why=str(refused))
            return False
        return True

    def _is_current(self, record: DeliveryRecord) -> bool:
        """Return whether a slot is the last one of its mitigation."""
        current = current_slots(self.deliveries.of_model(record.stream, ISSUE))
        return current.get(mitigation_of(record), record).slot == record.slot

    def _model(self, stream: StreamId) -> ThreatModel | None:
        """Return a model; None if it was erased."""
        try:
            return self.command_handler.model(stream)
        except NoSuchModel:
            return None
