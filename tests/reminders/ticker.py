"""One replica of what sends direct messages, as a process of its own: it works until somebody ends it."""

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, cast
from unittest.mock import Mock

import msgspec
from slack_sdk.web import WebClient

from bot.commands.command_handler import CommandHandler
from bot.delivery.pool import Pool
from bot.delivery.reconciler import Reconciler
from bot.delivery.slot_kinds import NoPost
from bot.delivery.work_dispatcher import WorkDispatcher
from bot.delivery.work_kinds import Waits
from bot.delivery.worker import Worker
from bot.metrics import Metrics
from bot.scheduled_jobs.reminder_batches import ReminderBatches
from bot.scheduled_jobs.reminder_planner import ReminderPlanner
from bot.scheduled_jobs.reminder_sender import ReminderSender
from bot.scheduled_jobs.reminder_work import ReminderWork
from bot.settings import DatabaseUrl, Secret, Settings
from bot.slack.app import compose_workspace
from bot.slack.process_app import ProcessApp
from bot.slack.protocol.installation import ConfiguredInstallation, make_slack_api, read_installation
from bot.slack.sinks.outcomes import FAULTS, classify_failure
from bot.slack.sinks.posted_messages import DirectMessages
from bot.slack.slots.handover_slots import HandoverMessages
from bot.slack.slots.reminder_slots import ReminderMessages, ReminderSlots
from bot.slack.slots.work_scheduler import Pace, WorkScheduler
from bot.slack.workspace_app import WorkspaceApp
from bot.store import Store, StoreError
from tests.changed_models import causing
from tests.delivery.tortures.blindness import plant
from tests.emptied_database import open_shared
from tests.slack.slot_contexts import make_context

Work = Literal["reminders", "handovers", "everything"]
"""What a process does: remind people, tell them what they were handed, or all that the bot does by itself."""


class Replica(msgspec.Struct, frozen=True, kw_only=True):
    """What one ticker is given; `skew` are the seconds of the story by which its clock is wrong.

    A `blind` one does not look for messages that another process may have sent. `pauses` is the share of its
    messages just before which it stops, until somebody lets it go on.
    """

    database: str
    api_url: str
    token: str
    clock: str
    patience: float
    work: Work = "reminders"
    skew: float = 0.0
    pauses: float = 0.0
    blind: bool = False


class FileClock:
    """What time it is in a story: it runs faster than time does, and jumps, as a file says."""

    def __init__(self, path: Path, skew: float) -> None:
        self._path = path
        self._skew = skew

    def __call__(self) -> datetime:
        told = json.loads(self._path.read_text())
        passed = (time.time() - told["since"]) * told["rate"] + told["jumped"] + self._skew
        return datetime.fromisoformat(told["start"]) + timedelta(seconds=passed)


def main(given: str) -> None:
    """Work for ever."""
    replica = msgspec.json.decode(given, type=Replica)
    settings = Settings(
        bot_token=Secret(replica.token),
        app_token=Secret("xapp-none"),
        signing_secret=Secret(""),
        api_url=replica.api_url,
        database_url=DatabaseUrl(replica.database),
        host="127.0.0.1",
        port=None,
        log_level="info",
        log_format="text",
    )
    if replica.blind:
        setattr(ReminderMessages, "find", _finds_nothing)  # noqa: B010  (the fault that is planted)
        setattr(DirectMessages, "find", _finds_nothing)  # noqa: B010  (the same)
    store = open_shared(settings.database_url, timeout=replica.patience)
    command_handler = CommandHandler(store)
    pace = Pace(
        card=Waits(quiet=0.05, longest=0.2),
        retry_seconds=0.2,
        file_poll_seconds=0.2,
        summary=Waits(quiet=0.3, longest=1.0),
        home=Waits(quiet=0.05, longest=0.2),
        channel_interval=0.01,
        quiet_hours=False,  # the clock jumps by a day and more
    )
    installation = read_installation(make_slack_api(settings))
    clock = FileClock(Path(replica.clock), replica.skew)
    directory = ConfiguredInstallation(settings, installation)
    process = ProcessApp(settings, directory, command_handler, store, clock, metrics=Metrics(), pace=pace)
    parts = compose_workspace(process.parts, installation, token=settings.bot_token.reveal)
    if replica.pauses:
        _stop_before_posting(replica.pauses)
    print("working", flush=True)
    if replica.work == "handovers":
        _hand_over(settings, parts, store, pace)
    if replica.work == "everything":
        if replica.blind:
            plant()
        process.start()
        threading.Event().wait()
    if replica.work == "reminders":
        _remind(settings, parts, store, command_handler, pace)


class RemindsOnly:
    """What reminds people in one process, and does nothing else."""

    def __init__(
        self,
        settings: Settings,
        parts: WorkspaceApp,
        store: Store,
        command_handler: CommandHandler,
        pace: Pace,
    ) -> None:
        services = parts.services
        tenant = services.installation.team
        self.dispatcher = _dispatcher(parts, store, pace)
        self.worker = worker = _worker(parts, self.dispatcher)
        self._scheduler = WorkScheduler(worker, tenant, pace)
        unit = store.unit(tenant)
        planner = ReminderPlanner(
            command_handler,
            unit.reminders,
            tenant=tenant,
            people=services.people,
            is_suspended=lambda _: False,
        )
        api = make_slack_api(settings, patient=False, before=worker.check)
        batches = ReminderBatches(command_handler, unit, planner, now=services.now)
        slots = ReminderSlots(
            make_context(unit, services, scheduler=Mock()),
            batches,
            ReminderMessages(api, card=lambda _: None, keys=batches.keys_of, writes=worker.pause),
        )
        self.reconciler = Reconciler(
            unit.deliveries,
            slots.slots(),
            touch=self._scheduler.schedule_message,
            transaction=unit.transaction,
        )
        sender = ReminderSender(batches, reconcile=self.reconciler.reconcile, now=services.now)
        self.reminders = ReminderWork(
            planner,
            sender,
            store.work,
            tenant=tenant,
            now=services.now,
            waits=pace.of("reminders"),
            touch=lambda touches: worker.touch(*touches),
        )

    def start(self) -> None:
        """Begin with everything that is due."""
        kinds = [*self.reminders.kinds(), *self.reconciler.work()]
        self.worker.start([*kinds, causing("reminders", self.worker.touch)])
        self.dispatcher.start()


def _remind(
    settings: Settings, parts: WorkspaceApp, store: Store, command_handler: CommandHandler, pace: Pace
) -> None:
    """Remind people, and do nothing else."""
    reminds = RemindsOnly(settings, parts, store, command_handler, pace)
    reminds.start()
    while True:
        time.sleep(0.2)
        try:
            reminds.reconciler.delete_late_posts()
            reminds.reminders.bring_forward()
        except (StoreError, *FAULTS) as busy:
            print("nothing is taken back", busy, flush=True)


def _hand_over(settings: Settings, parts: WorkspaceApp, store: Store, pace: Pace) -> None:
    """Tell people of what others say in the models, and of nothing else."""
    unit = store.unit(parts.services.installation.team)
    dispatcher = _dispatcher(parts, store, pace)
    worker = _worker(parts, dispatcher)
    scheduler = WorkScheduler(worker, unit.tenant, pace)
    api = make_slack_api(settings, patient=False, before=worker.check)
    handovers = HandoverMessages(make_context(unit, parts.services, api=api, scheduler=scheduler, pace=pace))

    def touch(slot: str) -> None:
        record = unit.deliveries.find(slot)
        if record is not None:
            scheduler.schedule_slot(record)

    reconciler = Reconciler(unit.deliveries, handovers.slots(), touch=touch)
    kinds = [*handovers.work(), *reconciler.work()]
    worker.start([*kinds, causing("handovers", worker.touch)])
    dispatcher.start()
    scheduler.schedule_models(*handovers.models_with_unposted(), kinds=("handovers",))
    while True:
        time.sleep(0.2)
        reconciler.delete_late_posts()


def _dispatcher(parts: WorkspaceApp, store: Store, pace: Pace) -> WorkDispatcher:
    return WorkDispatcher(store.work, Pool(), now=parts.services.now, pace=pace.work)


def _worker(parts: WorkspaceApp, dispatcher: WorkDispatcher) -> Worker:
    return Worker(
        dispatcher,
        parts.tenant,
        failed=classify_failure,
        ended=lambda why: print("silenced", why, flush=True),
    )


def _finds_nothing(*_: object) -> NoPost:
    return NoPost()


def _stop_before_posting(share: float) -> None:
    """Stop where nothing is looked at any more: between the last check and the post."""
    call = cast("Callable[..., object]", getattr(WebClient, "api_call"))  # noqa: B009  (its types are loose)
    chance = random.Random()

    def called(self: WebClient, api_method: str, **arguments: Any) -> object:
        if api_method in _POSTS and chance.random() < share:
            os.kill(os.getpid(), signal.SIGSTOP)
        return call(self, api_method, **arguments)

    setattr(WebClient, "api_call", called)  # noqa: B010  (the fault that is planted)


_POSTS = ("chat.postMessage", "files.completeUploadExternal")


if __name__ == "__main__":
    main(sys.argv[1])
