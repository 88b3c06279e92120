"""Everything that keeps the issues of a workspace up to date: slots, their reconciler, and the polls."""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.delivery.reconciler import Reconciler
from bot.delivery.work_kinds import Kind, Waits
from bot.store import UnitOfWork, key_of
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import Item, Touch, WorkQueue, gradual_wait
from bot.tracker_sync.connected_trackers import ConnectedTrackers, IsMember
from bot.tracker_sync.issue_delivery import IssueDelivery
from bot.tracker_sync.issue_sink import IssueSink
from bot.tracker_sync.issue_slots import ISSUE, ISSUES, POLL, lane_of, parameters_of, tracker_of
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
    """Composes the sync of one workspace.

    `check` raises if another process has taken over the running work; `touch` makes work due, and `count`
    counts outcomes. `register` and `link` are as WantedIssues describes. `is_member` says whether a person
    can act in the channel of a model.
    """

    def __init__(
        self,
        unit: UnitOfWork,
        queue: WorkQueue,
        trackers: ConnectedTrackers,
        command_handler: CommandHandler,
        *,
        now: Callable[[], datetime],
        check: Callable[[], None],
        touch: Callable[[Iterable[Touch]], None],
        is_member: IsMember,
        register: Callable[[ThreatModel], ThreatRegister],
        link: Callable[[ModelKey], str],
        count: Callable[[str, str], None] = lambda _kind, _what: None,
        pace: SyncPace | None = None,
    ) -> None:
        self._unit = unit
        self._queue = queue
        self._trackers = trackers
        self._touch = touch
        self._pace = pace = pace or SyncPace()
        deliveries = unit.deliveries
        self._delivery = delivery = IssueDelivery(
            deliveries=deliveries,
            trackers=trackers,
            command_handler=command_handler,
            wanted=WantedIssues(
                account_of=trackers.account_of,
                register=register,
                link=link,
                default=lambda: trackers.default,
            ),
            sink=IssueSink(
                trackers=trackers, deliveries=deliveries, now=now, check=check, is_member=is_member
            ),
            tenant=unit.tenant,
            now=now,
            touch=self.schedule_slot,
            used=self._begin_polling,
            waits=pace.issues,
        )
        self._reconciler = Reconciler(
            deliveries,
            [delivery.slots()],
            touch=self._touch_slot,
            count=count,
            transaction=unit.transaction,
        )
        self._poll = TrackerPoll(
            deliveries=deliveries,
            trackers=trackers,
            command_handler=command_handler,
            now=now,
            check=check,
            is_member=is_member,
            touch=self.schedule_slot,
            waits=pace.poll,
        )

    def kinds(self) -> list[Kind]:
        """Return the kinds of work."""
        calls = [replace(one, external=True) for one in self._reconciler.work()]
        return [self._delivery.planning(), *calls, self._poll.kind()]

    def start(self) -> None:
        """Schedule the work that an earlier process may have left: polls, and issues to be completed.

        An issue whose mark an earlier version did not record has it recorded, so that it is found again after
        the project was disconnected.
        """
        for tracker in self._trackers.all():
            self.schedule_poll(tracker)
        for one in self._unit.deliveries.of_kind(ISSUE):
            if not (one.final or (one.external_id and parameters_of(one).mark)):
                self.schedule_slot(one)

    def tracker_ready(self, tracker: TrackerId) -> None:
        """Compare all models with their issues after a tracker was connected, or its token was replaced.

        Also the issues of models that were erased while the tracker could not be called.
        """
        self.schedule_poll(tracker)
        slots = self._unit.deliveries.in_place(tracker, ISSUE)
        for one in slots:
            if parameters_of(one).refused_at is not None or not (one.external_id or one.final):
                self.schedule_slot(one)
        tenant, streams = self._unit.tenant, self._unit.events.streams(self._unit.tenant)
        models = dict.fromkeys([*(one.key for one in streams), *(key_of(one.stream) for one in slots)])
        self._touch(
            replace(_issues_touch(tenant, one), quiet=gradual_wait(number, _APART))
            for number, one in enumerate(models)
        )

    def account_changed(self, tracker: TrackerId) -> None:
        """Compare the models that have issues in a tracker, after it became known whose an account is."""
        self.schedule_poll(tracker)
        slots = self._unit.deliveries.in_place(tracker, ISSUE)
        models = dict.fromkeys(key_of(one.stream) for one in slots)
        self._touch(
            replace(_issues_touch(self._unit.tenant, one), quiet=gradual_wait(number, _APART))
            for number, one in enumerate(models)
        )

    def schedule_poll(self, tracker: TrackerId) -> None:
        """Poll a tracker shortly, once for all webhooks until then."""
        self._touch([poll_touch(self._unit.tenant, tracker, self._pace.poll)])

    def schedule_models(self, models: Iterable[ModelKey]) -> None:
        """Compare models with their issues."""
        self._touch(_issues_touch(self._unit.tenant, one) for one in models)

    def schedule_slot(self, record: DeliveryRecord) -> None:
        """Make the slot of an issue due, in the lane of its tracker."""
        item = Item(self._unit.tenant, ISSUE, record.subject)
        self._touch([Touch(item=item, lane=lane_of(tracker_of(record)))])

    @property
    def has_late_posts(self) -> bool:
        """Whether issues that this process created are not recorded yet."""
        return self._reconciler.has_late_posts

    def delete_late_posts(self) -> None:
        """Close issues that this process created in slots filled by another one; raises TrackerFault."""
        self._reconciler.delete_late_posts()

    def _touch_slot(self, slot: str) -> None:
        record = self._unit.deliveries.find(slot)
        if record is not None:
            self.schedule_slot(record)

    def _begin_polling(self, tracker: TrackerId) -> None:
        """Have a tracker polled in which a mitigation gets an issue."""
        if tracker not in self._queue.subjects(self._unit.tenant, POLL):
            self.schedule_poll(tracker)


def _issues_touch(tenant: str, model: ModelKey) -> Touch:
    return Touch(item=Item(tenant, ISSUES, model), lane=f"{ISSUES}/{model}")


def poll_touch(tenant: str, tracker: TrackerId, waits: Waits) -> Touch:
    """Return the touch of the row of a tracker's poll."""
    return Touch(
        item=Item(tenant, POLL, tracker),
        lane=lane_of(tracker),
        quiet=waits.quiet,
        longest=waits.longest,
    )
