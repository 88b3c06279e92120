"""A workspace with a tracker: models, processes that sync them, and a clock that only tests move."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from bot.commands.command_handler import CommandHandler, CommandResult
from bot.delivery.work_kinds import Done, Failure, Waits
from bot.store import CommandKey, StreamId, key_of
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.tracker_connections import TrackerConnection
from bot.store.sqlite.work import SqliteWork
from bot.store.work_queue import Claim
from bot.tracker_sync.connected_trackers import ConnectedTrackers, OpenedTracker
from bot.tracker_sync.issue_slots import ISSUES
from bot.tracker_sync.issue_work import tracker_failure
from bot.tracker_sync.sync_parts import SyncParts
from bot.tracker_sync.workspace_sync import SyncPace, WorkspaceSync
from domain.commands import (
    BeginAnalysis,
    BeginRemediation,
    ChooseTracker,
    Command,
    PlanMitigation,
    ReportThreat,
    RequestIssue,
    ReviseMitigation,
    StartThreatModel,
    UnlinkIssue,
)
from domain.events import RecordedEvent
from domain.kernel.due_dates import utc_zone
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import Mitigation, MitigationId
from domain.kernel.threat import Stride, ThreatId
from domain.kernel.tracked_issue import ConnectedTracker, TrackedIssue, TrackerId
from domain.model import ThreatModel
from domain.register import register
from domain.tracker_accounts import TrackerAccount, TrackerAccounts
from domain.workspace_trackers import (
    ConnectTracker,
    DisconnectTracker,
    WorkspaceTrackerCommand,
    WorkspaceTrackers,
    decide_on_trackers,
    evolve_trackers,
)
from tests.changed_models import causing
from tests.examples import ANA, BEN, CHI, HOUSE_CHANNEL, MORNING, reasons_for_conditions
from tests.fresh_database import fresh_store
from tests.queue_rows import claim_one, end_claims
from tests.trackers.fake_tracker import FakeTracker

TENANT = "T1"
TR1 = TrackerId("TR-1")
MI1, MI2 = MitigationId("MI-1"), MitigationId("MI-2")
FRIDAY = date(2026, 3, 6)
CHIS_ACCOUNT = TrackerAccount(tracker=TR1, person=CHI, account="9", name="Chi Chen", by=ANA, confirmed=True)
NOW = Waits(quiet=0.0, longest=0.0)


class Killed(BaseException):
    """The process ends here; nothing after this runs."""


class SyncDesk:
    """One workspace with a tracker; `process` is what syncs it at the moment."""

    def __init__(self, *, search_delay: float = 0.0, mark_key: bytes = b"key") -> None:
        self.passed = timedelta()
        self.tracker = FakeTracker(now=self.now, search_delay=search_delay)
        self.store = fresh_store()
        self.store.work = SqliteWork(self.store.database, machine=lambda: self.now().timestamp())
        self.unit = self.store.unit(TENANT)
        self.handler = CommandHandler(self.store)
        self.settings = WorkspaceTrackers(
            trackers=(
                ConnectedTracker(
                    id=TR1, kind=self.tracker.kind, url="https://tracker.example", project="shop"
                ),
            ),
            accounts=TrackerAccounts(known=(CHIS_ACCOUNT,)),
            last=1,
        )
        self._mark_key = mark_key
        self._number = 0
        self.connect()
        self.stopped: list[TrackerId] = []
        self.failures: list[Failure] = []
        self.outsiders: set[PersonId] = set()
        self.process = self.new_process()

    def now(self) -> datetime:
        return MORNING + self.passed

    def connect(self) -> None:
        """Store secrets that the tracker has accepted."""
        self.unit.tracker_connections.save(
            TrackerConnection(
                tracker=TR1, secrets=b"sealed " + self._mark_key, key_id="k", saved_at=self.now()
            )
        )

    @property
    def connection(self) -> TrackerConnection:
        found = self.unit.tracker_connections.find(TR1)
        assert found is not None
        return found

    def new_trackers(self) -> ConnectedTrackers:
        """Return the trackers as a new process opens them."""
        return ConnectedTrackers(
            self.unit.tracker_connections,
            settings=lambda: self.settings,
            make_client=lambda connected, held: OpenedTracker(
                connected=connected, held=held, client=self.tracker, mark_key=self._mark_key
            ),
            now=self.now,
            stopped=self.stopped.append,
        )

    def parts(self, trackers: ConnectedTrackers) -> SyncParts:
        """Return what the work on issues uses in a new process."""
        return SyncParts(
            unit=self.unit,
            queue=self.store.work,
            trackers=trackers,
            command_handler=self.handler,
            now=self.now,
            check=lambda: None,
            touch=lambda touches: self.store.work.touch(*touches),
            is_member=lambda _, person: person not in self.outsiders,
        )

    def new_process(self) -> WorkspaceSync:
        """Return what syncs the workspace in a new process, which knows nothing but the store."""
        return WorkspaceSync(
            self.parts(self.new_trackers()),
            register=lambda model: register(model, self.now(), utc_zone),
            link=lambda key: f"https://bot.example/m/{key}",
            pace=SyncPace(issues=NOW, poll=NOW),
        )

    def restart(self) -> None:
        """Replace a process that has ended; its claims are released."""
        end_claims(self.store.work)
        self.process = self.new_process()
        self.process.start()

    # The models

    def start_model(self, *, shares_threats: bool = False) -> StreamId:
        """Start a model in remediation, whose mitigations get issues."""
        return start_model(self.handler, self.now(), self._key, shares_threats=shares_threats)

    def plan(
        self,
        stream: StreamId,
        title: str = "Sign refunds",
        *,
        owner: PersonId | None = BEN,
        due: date | None = FRIDAY,
        ticket: str = "",
    ) -> MitigationId:
        """Plan a mitigation of the first threat."""
        before = self.model(stream).mitigations
        plan = PlanMitigation(
            by=ANA, at=self.now(), threat=ThreatId("TH-1"), title=title, owner=owner, due=due, ticket=ticket
        )
        self.do(stream, plan)
        (planned,) = set(self.model(stream).mitigations) - set(before)
        return planned

    def revise(self, stream: StreamId) -> None:
        """Give the first mitigation another title."""
        title = "Sign all refunds"
        self.do(stream, ReviseMitigation(by=ANA, at=self.now(), mitigation=MI1, title=title))

    def name_issue(self, stream: StreamId, ticket: str) -> None:
        """Name an issue in the ticket field of the first mitigation."""
        title = "Sign refunds"
        self.do(stream, ReviseMitigation(by=ANA, at=self.now(), mitigation=MI1, title=title, ticket=ticket))

    def request_issue(self, stream: StreamId) -> None:
        """Request a new issue for the first mitigation."""
        self.do(stream, RequestIssue(by=ANA, at=self.now(), mitigation=MI1))

    def unlink(self, stream: StreamId) -> None:
        """Unlink the issue of the first mitigation."""
        self.do(stream, UnlinkIssue(by=ANA, at=self.now(), mitigation=MI1))

    def do(self, stream: StreamId, *commands: Command) -> None:
        """Execute commands, each once."""
        for command in commands:
            self.handler.execute(command, stream=stream, key=self._key())

    def model(self, stream: StreamId) -> ThreatModel:
        return self.handler.model(stream)

    def mitigation(self, stream: StreamId, id: MitigationId = MI1) -> Mitigation:
        return self.model(stream).mitigations[id]

    def issue(self, stream: StreamId, id: MitigationId = MI1) -> TrackedIssue:
        return self.model(stream).issues[id]

    def slot(self, stream: StreamId, id: MitigationId = MI1) -> DeliveryRecord:
        found = self.unit.deliveries.find(f"issue/{stream.rpartition('/')[2]}/{id}")
        assert found is not None
        return found

    def events(self, stream: StreamId) -> list[RecordedEvent]:
        return [event.event for event in self.handler.events(stream)]

    def named(self, stream: StreamId, *names: str) -> list[str]:
        """Return the names of the events of a model that have one of some names, in order."""
        return [name for event in self.events(stream) if (name := type(event).__name__) in names]

    # The work

    def touch_model(self, stream: StreamId) -> None:
        """Have a model compared with its issues."""
        self.process.schedule_models([key_of(stream)])

    def run(self, *, most: int = 1000) -> None:
        """Do all that is due now; a process that is killed leaves its claim behind."""
        kinds = {kind.name: kind for kind in (*self.process.kinds(), causing(ISSUES, self.store.work.touch))}
        for _ in range(most):
            claim = claim_one(self.store.work, TENANT, self.now())
            if claim is None:
                return
            try:
                done = kinds[claim.item.kind].run(claim)
            except Exception as fault:
                done = tracker_failure(fault)
                if done is None:
                    raise
            self._settle(claim, done)
        raise AssertionError("the work has no end")

    def reconnect(self) -> None:
        """Replace the token by one that the tracker accepts."""
        self.wait(seconds=1)
        self.connect()
        self.process.tracker_ready(TR1)
        self.run()

    @contextmanager
    def killing_commands(self, *, after: bool) -> Generator[None]:
        """Have the process killed at its next command, before or after that is recorded."""
        execute = self.handler.execute

        def killing(*given: Any, **more: Any) -> CommandResult:
            if after:
                execute(*given, **more)
            raise Killed

        self.handler.execute = killing
        try:
            yield
        finally:
            self.handler.execute = execute

    def disconnect(self) -> None:
        """Disconnect the tracker: its secrets are deleted."""
        self._change(DisconnectTracker(by=ANA, at=self.now(), tracker=TR1))
        self.unit.tracker_connections.delete(TR1)

    def connect_again(self, *, mark_key: bytes) -> None:
        """Connect the same project again, with new secrets."""
        self._mark_key = mark_key
        project = ConnectTracker(
            by=ANA, at=self.now(), kind=self.tracker.kind, url="https://tracker.example", project="shop"
        )
        self._change(project)
        self.connect()
        self.process.tracker_ready(TR1)
        self.run()

    def poll(self) -> None:
        """Poll now, as a webhook has it done."""
        self.process.schedule_poll(TR1)
        self.run()

    def wait(self, **time: float) -> None:
        """Let some time pass, and do what is due then."""
        self.passed += timedelta(**time)
        self.run()

    def _change(self, command: WorkspaceTrackerCommand) -> None:
        for event in decide_on_trackers(command, self.settings):
            self.settings = evolve_trackers(self.settings, event)

    def _settle(self, claim: Claim, done: Done | Failure) -> None:
        if isinstance(done, Failure):
            self.failures.append(done)
            wait = done.wait or 2.0
            self.store.work.retry_later(claim, wait, counted=done.counted, pause=done.wait)
            return
        self.store.work.settle(claim, again_at=done.again_at, again_after=done.again_after)

    def _key(self) -> CommandKey:
        self._number += 1
        return CommandKey(f"desk {self._number}")


def planned_desk(*, search_delay: float = 0.0, mark_key: bytes = b"key") -> tuple[SyncDesk, StreamId]:
    """Return a desk whose model has a mitigation without an issue yet."""
    desk = SyncDesk(search_delay=search_delay, mark_key=mark_key)
    stream = desk.start_model()
    desk.plan(stream)
    return desk, stream


def desk_with_issue(*, shares_threats: bool = False) -> tuple[SyncDesk, StreamId]:
    """Return a desk whose model has a mitigation of Ben that has an issue."""
    desk = SyncDesk()
    stream = desk.start_model(shares_threats=shares_threats)
    desk.plan(stream)
    desk.run()
    return desk, stream


def kill() -> None:
    """End the process at a call of the tracker."""
    raise Killed


def start_model(
    handler: CommandHandler, at: datetime, new_key: Callable[[], CommandKey], *, shares_threats: bool = False
) -> StreamId:
    """Start a model in remediation, whose mitigations get issues in the tracker."""
    start = StartThreatModel(by=ANA, at=at, name="Shop", channel=HOUSE_CHANNEL)
    stream = handler.start(start, tenant=TENANT, key=new_key()).stream
    for command in (
        ReportThreat(by=ANA, at=at, title="Forged refunds", stride=(Stride.SPOOFING,)),
        BeginAnalysis(by=ANA, at=at, reason="a test"),
        BeginRemediation(by=ANA, at=at, reasons=reasons_for_conditions()),
        ChooseTracker(by=ANA, at=at, own=True, tracker=TR1, shares_threats=shares_threats),
    ):
        handler.execute(command, stream=stream, key=new_key())
    return stream
