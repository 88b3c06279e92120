"""Everything that keeps the issues of a workspace up to date: slots, their reconciler, and the polls."""

from collections.abc import Callable, Iterable

import msgspec
from msgspec.structs import replace

from bot.delivery.reconciler import Reconciler
from bot.delivery.work_kinds import Kind, Waits
from bot.store import key_of
from bot.store.work_queue import Item, Touch, gradual_wait
from bot.tracker_sync.issue_slots import ISSUE, ISSUES, POLL, lane_of, parameters_of
from bot.tracker_sync.issue_work import IssueWork
from bot.tracker_sync.sync_parts import SyncParts
from bot.tracker_sync.tracker_poll import TrackerPoll
from bot.tracker_sync.wanted_issues import WantedIssues
from domain.kernel.elements import ModelKey
from domain.kernel.tracked_issue import TrackerId
from domain.model import ThreatModel
from domain.register import ThreatRegister

_APART = 0.25
"""Seconds between the models that are compared one after the other."""


class SyncPace(msgspec.Struct, frozen=True, kw_only=True):
    """Debounce times: of the changes of a model, because a new issue notifies people, and of webhooks."""

    issues: Waits = Waits(quiet=4.0, longest=20.0)
    poll: Waits = Waits(quiet=1.0, longest=10.0)


class WorkspaceSync:
    """Composes the sync of one workspace; `register` and `link` are as WantedIssues describes."""

    def __init__(
        self,
        parts: SyncParts,
        *,
        register: Callable[[ThreatModel], ThreatRegister],
        link: Callable[[ModelKey], str],
        count: Callable[[str, str], None] = lambda _kind, _what: None,
        pace: SyncPace,
    ) -> None:
        self._parts = parts
        self._pace = pace
        self._issues = IssueWork(
            parts=parts,
            wanted=WantedIssues(settings=parts.trackers.settings, register=register, link=link),
            used=self._begin_polling,
            waits=pace.issues,
        )
        self.reconciler = Reconciler(
            parts.unit.deliveries,
            [self._issues.slots()],
            touch=self._touch_slot,
            count=count,
            transaction=parts.unit.transaction,
        )
        self._poll = TrackerPoll(parts=parts, waits=pace.poll)

    def kinds(self) -> list[Kind]:
        """Return the kinds of work."""
        calls = [replace(kind, external=True) for kind in self.reconciler.work()]
        return [self._issues.planning(), *calls, self._poll.kind()]

    def start(self) -> None:
        """Schedule the work that an earlier process may have left: polls, and issues to be completed."""
        for tracker in self._parts.trackers.settings().trackers:
            self.schedule_poll(tracker.id)
        for slot in self._parts.unit.deliveries.of_kind(ISSUE):
            if not (slot.final or slot.external_id):
                self._parts.schedule_slot(slot)

    def tracker_ready(self, tracker: TrackerId) -> None:
        """Compare all models with their issues after a tracker was connected, or its token was replaced.

        Also the issues of models that were erased while the tracker could not be called.
        """
        unit = self._parts.unit
        for slot in unit.deliveries.in_place(tracker, ISSUE):
            if parameters_of(slot).refused_at is not None or not (slot.external_id or slot.final):
                self._parts.schedule_slot(slot)
        self._compare(tracker, [model.key for model in unit.events.streams(unit.tenant)])

    def account_changed(self, tracker: TrackerId) -> None:
        """Compare the models that have issues in a tracker, after it became known whose an account is."""
        self._compare(tracker, ())

    def schedule_poll(self, tracker: TrackerId) -> None:
        """Poll a tracker shortly, once for all webhooks until then."""
        self._parts.touch([poll_touch(self._parts.unit.tenant, tracker, self._pace.poll)])

    def schedule_models(self, models: Iterable[ModelKey]) -> None:
        """Compare models with their issues, one after the other."""
        self._parts.touch(
            Touch(
                item=Item(self._parts.unit.tenant, ISSUES, model),
                lane=f"{ISSUES}/{model}",
                quiet=gradual_wait(number, _APART),
            )
            for number, model in enumerate(models)
        )

    def _compare(self, tracker: TrackerId, models: Iterable[ModelKey]) -> None:
        """Poll a tracker, and compare these models and those that have issues there."""
        self.schedule_poll(tracker)
        slots = self._parts.unit.deliveries.in_place(tracker, ISSUE)
        self.schedule_models(dict.fromkeys([*models, *(key_of(slot.stream) for slot in slots)]))

    def _touch_slot(self, slot: str) -> None:
        record = self._parts.unit.deliveries.find(slot)
        if record is not None:
            self._parts.schedule_slot(record)

    def _begin_polling(self, tracker: TrackerId) -> None:
        """Have a tracker polled in which a mitigation gets an issue."""
        rows = self._parts.queue.rows(self._parts.unit.tenant, POLL)
        if tracker not in {row.item.subject for row in rows}:
            self.schedule_poll(tracker)


def poll_touch(tenant: str, tracker: TrackerId, waits: Waits) -> Touch:
    """Return the touch of the row of a tracker's poll."""
    return Touch(
        item=Item(tenant, POLL, tracker),
        lane=lane_of(tracker),
        quiet=waits.quiet,
        longest=waits.longest,
    )
