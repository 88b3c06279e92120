"""A model whose owners are reminded by as many replicas as one likes, and the moments around a post."""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import Mock

from bot.commands.command_handler import CommandHandler
from bot.delivery.pool import Pool
from bot.delivery.reconciler import Reconciler
from bot.delivery.slot_kinds import NoPost, PostPlace, SinkOutcome
from bot.delivery.work_dispatcher import WorkDispatcher, WorkPace
from bot.delivery.work_kinds import Waits
from bot.delivery.worker import Worker
from bot.sandbox.api import TEAM_ID
from bot.scheduled_jobs.reminder_batches import REMINDER, ReminderBatches, place_of_slot
from bot.scheduled_jobs.reminder_planner import ReminderPlanner
from bot.scheduled_jobs.reminder_sender import ReminderSender
from bot.scheduled_jobs.reminder_work import REMINDERS, ReminderWork
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.web_api_client import ApiRefused, SlackApi
from bot.slack.sinks.outcomes import FAULTS, classify_failure
from bot.slack.slots.reminder_slots import ReminderContent, ReminderMessages, ReminderSlots
from bot.store import CommandKey, SqliteStore, StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.sqlite.work import SqliteWork
from bot.store.work_queue import Item, Touch
from domain.commands import (
    BeginAnalysis,
    BeginRemediation,
    Command,
    DropMitigation,
    PlanMitigation,
    ReportThreat,
    StartThreatModel,
)
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import Stride, ThreatId
from domain.reminder_deliveries import DeliveryState, ReminderKey
from domain.reminders import Reachability
from tests.changed_models import causing
from tests.reminders.reminder_story import DUE, FIRST, MODEL, MORNING, create_due_mitigations
from tests.slack.slot_contexts import make_context

SLOW = 60.0
AGAIN = 2.0
QUIET = 0.01
BEN = PersonId("U0BEN")
NOW = FIRST + timedelta(hours=1)
"""Ben works, and what he owns is due today."""


class ManualClocks:
    """The clock that every process has for itself, and that of the machine, in the test's hand."""

    def __init__(self) -> None:
        self.seconds = time.time()

    def __call__(self) -> float:
        return self.seconds


class FakeDirectMessages:
    """Direct messages to Ben, and what happens in the moments around a post."""

    def __init__(self) -> None:
        self.there: dict[str, tuple[ReminderKey, ...]] = {}
        self.posted = 0
        self.looked = 0
        self.refusals: list[ApiRefused] = []
        self.edited: list[str] = []

    def edit(self, ts: str) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        self.edited.append(ts)

    def post(self, keys: tuple[ReminderKey, ...]) -> PostPlace:
        if self.refusals:
            raise self.refusals.pop(0)
        self.posted += 1
        self.there[f"{self.posted}.0"] = keys
        return PostPlace(external_id=f"{self.posted}.0", place="D1", carried=keys)


class ProcessKilled(BaseException):
    """The process is killed."""


def do_nothing() -> None:
    pass


class ReplicaSlack:
    """One replica's way to Slack; `before_last_look` and `after_last_look` happen around each post."""

    faults = FAULTS

    def __init__(self, slack: FakeDirectMessages, batches: ReminderBatches) -> None:
        self._slack = slack
        self._batches = batches
        self._sink = ReminderMessages(
            SlackApi(token="xoxb-1", base_url="http://127.0.0.1:9/api/"),
            card=lambda _: None,
            keys=batches.keys_of,
            writes=do_nothing,
        )
        self.check = do_nothing
        self.before_last_look = self.after_last_look = self.before_find = do_nothing

    def post(self, record: DeliveryRecord, content: ReminderContent) -> PostPlace:
        del record
        self.before_last_look()
        self.check()
        self.after_last_look()
        return self._slack.post(content.keys)

    def update(self, record: DeliveryRecord, content: ReminderContent) -> None:
        self._slack.edit(record.external_id)

    def delete_post(self, record: DeliveryRecord) -> None:
        del self._slack.there[record.external_id]

    def find(self, record: DeliveryRecord) -> PostPlace | NoPost:
        self.check()
        self.before_find()
        self._slack.looked += 1
        wanted = self._batches.keys_of(record)
        for ts, there in self._slack.there.items():
            if carried := tuple(key for key in wanted if key in there):
                return PostPlace(external_id=ts, place="D1", carried=carried, found=True)
        return NoPost()

    def outcome(self, fault: Exception) -> SinkOutcome:
        return self._sink.outcome(fault)


class InlinePool(Pool):
    """Runs each task in the thread that submits it."""

    def submit(self, task: Callable[[], None]) -> None:
        task()


class Replica:
    """One process, which works when the test says so."""

    def __init__(
        self,
        dispatcher: WorkDispatcher,
        reconciler: Reconciler,
        watch: ManualClocks,
        lose_others: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._dispatcher = dispatcher
        self._reconciler = reconciler
        self._watch = watch
        self._lose_others = lose_others

    def take_over(self) -> None:
        """Go on looking while all other replicas have lost their sessions with the database."""
        with self._lose_others():
            for _ in range(3):
                self._watch.seconds += 5
                self.tick()

    def tick(self) -> None:
        """Do everything that is due, in a thread of its own as every process has."""
        raised: list[BaseException] = []

        def look() -> None:
            try:
                with suppress(ValueError):  # a round of its own, whose faults keep no work waiting
                    self._reconciler.delete_late_posts()
                # An append notes the time of the machine itself.
                self._watch.seconds = max(self._watch.seconds, time.time())
                for quiet in (0.0, QUIET, QUIET):  # changed models, what they cause, and what that causes
                    self._dispatcher.wake(TEAM_ID)
                    self._dispatcher.poll()  # what its thread does
                    self._watch.seconds += quiet
            except BaseException as fault:  # noqa: BLE001  (handed on)
                raised.append(fault)

        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        if raised:
            raise raised[0]


class ReminderTestbed:
    """A model in which Ben owns one thing, and as many replicas as one likes."""

    def __init__(self, store: SqliteStore, watch: ManualClocks) -> None:
        self.now = NOW
        self.slack = FakeDirectMessages()
        self.queue = store.work = SqliteWork(store.database, machine=watch)
        self._database = store.database
        self._owners: list[str] = []
        self._lost: list[str] = []
        self._unit = store.unit(TEAM_ID)
        self.reminders = self._unit.reminders
        self._watch = watch
        self._command_handler = CommandHandler(store)
        create_due_mitigations(store, self._command_handler, [BEN], each=1)

    def replica(self) -> tuple[Replica, ReplicaSlack]:
        planner = ReminderPlanner(
            self._command_handler,
            self.reminders,
            tenant=TEAM_ID,
            people=lambda _: lambda _: Reachability(),
            is_suspended=lambda _: False,
        )
        batches = ReminderBatches(self._command_handler, self._unit, planner, now=lambda: self.now)
        desk = ReplicaSlack(self.slack, batches)
        owner = f"replica {len(self._owners)}"
        self._owners.append(owner)
        queue = SqliteWork(
            self._database, machine=self._watch, owner=owner, is_gone=lambda other: other in self._lost
        )

        @contextmanager
        def lose_others() -> Generator[None]:
            before, self._lost = self._lost, [one for one in self._owners if one != owner]
            try:
                yield
            finally:
                self._lost = before

        dispatcher = WorkDispatcher(
            queue,
            InlinePool(),
            now=lambda: self.now,
            pace=WorkPace(retry_seconds=AGAIN, channel_interval=0.0),
            clock=self._watch,
        )
        worker = Worker(dispatcher, TEAM_ID, failed=classify_failure, ended=lambda _: None)
        desk.check = worker.check
        reader = SimpleNamespace(now=lambda: self.now)
        slots = ReminderSlots(
            make_context(self._unit, reader, scheduler=Mock()),
            batches,
            desk,
            compose=lambda reminded: [Message(text="Due today", blocks=[]) for _ in reminded],
        )

        def touch(slot: str) -> None:
            kind, _, subject = slot.partition("/")
            worker.touch(Touch(item=Item(TEAM_ID, kind, subject), lane=f"person/{place_of_slot(slot)}"))

        reconciler = Reconciler(
            self._unit.deliveries, slots.slots(), touch=touch, transaction=self._unit.transaction
        )
        work = ReminderWork(
            planner,
            ReminderSender(batches, reconcile=reconciler.reconcile, now=lambda: self.now),
            queue,
            tenant=TEAM_ID,
            now=lambda: self.now,
            waits=Waits(quiet=QUIET, longest=1.0),
            touch=lambda touches: worker.touch(*touches),
        )
        # The dispatcher is not started: a replica works when the test says so.
        worker.start([*work.kinds(), *reconciler.work(), causing(REMINDERS, worker.touch)])
        return Replica(dispatcher, reconciler, self._watch, lose_others), desk

    def doubt(self) -> None:
        """It is no longer known what the messages show."""
        for one in self._unit.deliveries.of_kind(REMINDER):
            self._unit.deliveries.mark_unknown(one.slot)
            self.queue.touch(Touch(item=Item(TEAM_ID, REMINDER, one.subject), lane=f"person/{BEN}"))

    def also(self, owner: str) -> None:
        """Somebody else owns something, too."""
        self._do(self._plan(owner), key=f"also {owner}")

    def elsewhere(self) -> ModelKey:
        """Ben owns something in another model, too."""
        start = StartThreatModel(by=BEN, at=MORNING, name="The Garage", channel=ChannelId("C0HOUSE01"))
        stream = self._command_handler.start(start, tenant=TEAM_ID, key=CommandKey("start another")).stream
        commands: list[Command] = [
            BeginAnalysis(by=BEN, at=MORNING, reason="a test"),
            ReportThreat(by=BEN, at=MORNING, title="Doors left open", stride=(Stride.SPOOFING,)),
            BeginRemediation(by=BEN, at=MORNING, reason="a test"),
            self._plan(BEN),
        ]
        for number, command in enumerate(commands):
            self._do(command, key=f"elsewhere {number}", stream=stream)
        return ModelKey(stream.partition("/")[2])

    def drop(self, mitigation: str) -> None:
        """Nothing is to be done about something any more."""
        drop = DropMitigation(by=BEN, at=NOW, mitigation=MitigationId(mitigation), reason="A better one")
        self._do(drop, key=f"drop {mitigation}")

    def states(self, model: ModelKey = MODEL) -> list[DeliveryState]:
        return [one.state for one in self.reminders.of(model).values()]

    def _plan(self, owner: str) -> PlanMitigation:
        return PlanMitigation(
            by=BEN,
            at=MORNING,
            threat=ThreatId("TH-1"),
            title="Another control",
            owner=PersonId(owner),
            due=DUE,
        )

    def _do(self, command: Command, *, key: str, stream: StreamId | None = None) -> None:
        self._command_handler.execute(
            command, stream=stream or StreamId(f"{TEAM_ID}/{MODEL}"), key=CommandKey(key)
        )
