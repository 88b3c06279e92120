"""What all work on the issues of one workspace uses."""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec
import structlog

from bot.commands.command_handler import CommandHandler, NoSuchModel
from bot.store import CommandKey, StreamId, UnitOfWork
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import Item, Touch, WorkQueue
from bot.tracker_sync.connected_trackers import ConnectedTrackers, IsMember, OpenedTracker
from bot.tracker_sync.issue_slots import ISSUE, IssueParameters, lane_of, parameters_of, tracker_of
from bot.trackers.tracker import Issue
from domain.commands import LinkIssue, RecordIssueState
from domain.kernel.tracked_issue import SeenIssue
from domain.model import ThreatModel
from domain.rejections import Rejected

log = structlog.get_logger()


class SyncParts(msgspec.Struct, frozen=True, kw_only=True):
    """The store, the trackers and the models of one workspace.

    `check` is called before each call of a tracker and each command; it raises if another process has taken
    over the running work. `is_member` says whether a person can act in the channel of a model, and `touch`
    makes work due.
    """

    unit: UnitOfWork
    queue: WorkQueue
    trackers: ConnectedTrackers
    command_handler: CommandHandler
    now: Callable[[], datetime]
    check: Callable[[], None]
    touch: Callable[[Iterable[Touch]], None]
    is_member: IsMember

    def schedule_slot(self, record: DeliveryRecord) -> None:
        """Make the slot of an issue due, in the lane of its tracker."""
        item = Item(self.unit.tenant, ISSUE, record.subject)
        self.touch([Touch(item=item, lane=lane_of(tracker_of(record)))])

    def model(self, stream: StreamId) -> ThreatModel | None:
        """Return a model; None if it was erased."""
        try:
            return self.command_handler.model(stream)
        except NoSuchModel:
            return None

    def execute(self, command: LinkIssue | RecordIssueState, stream: StreamId, key: str) -> bool:
        """Return whether the command is carried out, or its model was erased; False if it was refused."""
        try:
            self.command_handler.execute(command, stream=stream, key=CommandKey(key))
        except NoSuchModel:
            return True
        except Rejected as refused:
            log.warning("an issue is not recorded", model=stream, why=str(refused))
            return False
        return True

    def change(self, record: DeliveryRecord, **changes: object) -> IssueParameters:
        """Change some of what is recorded of a slot; the caller holds the claim of its work."""
        current = self.unit.deliveries.find(record.slot)
        if current is None:
            return IssueParameters()
        known = parameters_of(current)
        changed = msgspec.structs.replace(known, **changes)
        if changed != known:
            self.unit.deliveries.set_parameters(
                msgspec.structs.replace(current, parameters=changed.encoded())
            )
        return changed

    def seen(self, opened: OpenedTracker, issue: Issue, stream: StreamId) -> SeenIssue:
        """Return what an issue of a model shows; its assignee is a person where the account stands for one.

        The name that the tracker shows is kept unless the account is confirmed to be that of a member: others
        can then see for whom it is taken.
        """
        account = issue.assignee
        accounts = self.trackers.settings().accounts
        held = accounts.holder(opened.id, account.id) if account is not None else None
        outside = held is not None and not self.is_member(stream, held.person)
        is_settled = held is not None and held.confirmed and not outside
        return SeenIssue(
            state=issue.state,
            reason=issue.reason,
            assignee=account.name if account is not None and not is_settled else "",
            person=held.person if held is not None else None,
            due=issue.due,
            account=account.id if account is not None else "",
            outside=outside,
        )
