"""A process that keeps the issues of a workspace up to date, and does nothing else, until it is ended."""

import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from bot.commands.command_handler import CommandHandler
from bot.delivery.pool import Pool
from bot.delivery.work_dispatcher import WorkDispatcher, WorkPace
from bot.delivery.work_kinds import Failure, Waits
from bot.delivery.worker import Worker
from bot.store import StoreError
from bot.store.repositories.tracker_connections import TrackerConnection
from bot.tracker_sync import issue_work
from bot.tracker_sync.connected_trackers import ConnectedTrackers, OpenedTracker
from bot.tracker_sync.issue_slots import ISSUES
from bot.tracker_sync.sync_parts import SyncParts
from bot.tracker_sync.workspace_sync import SyncPace, WorkspaceSync
from bot.trackers.tracker import TrackerFault
from domain.kernel.due_dates import utc_zone
from domain.kernel.tracked_issue import ConnectedTracker, TrackerId, TrackerKind
from domain.register import register
from domain.workspace_trackers import WorkspaceTrackers
from tests.changed_models import causing
from tests.delivery.tortures.blindness import plant
from tests.emptied_database import open_shared
from tests.reminders.ticker import FileClock
from tests.trackers.tracker_stand_in import RemoteTracker

TENANT = "T1"
TR1 = TrackerId("TR-1")


class SyncReplica(msgspec.Struct, frozen=True, kw_only=True):
    """What one process is given.

    A `blind` one records an attempt only with its answer. `pauses` is the share of creations just before
    which it stops, until it is let go on.
    """

    database: str
    port: int
    clock: str
    search_delay: float
    blind: bool = False
    pauses: float = 0.0


def main(given: str) -> None:
    """Work for ever."""
    replica = msgspec.json.decode(given, type=SyncReplica)
    if replica.blind:
        plant()
    setattr(issue_work, "OUTAGE_SECONDS", 0.3)  # noqa: B010  (real ones last longer)
    store = open_shared(replica.database, timeout=20.0)
    unit, clock = store.unit(TENANT), FileClock(Path(replica.clock), 0.0)
    handler = CommandHandler(store)
    dispatcher = WorkDispatcher(
        store.work,
        Pool(),
        now=clock,
        pace=WorkPace(retry_seconds=0.2, channel_interval=0.0),
    )
    worker = Worker(dispatcher, TENANT, failed=_failed, ended=lambda why: print(why, flush=True))
    client = RemoteTracker(replica.port, search_delay=replica.search_delay)
    if replica.pauses:
        setattr(client, "create", _pausing(client.create, replica.pauses))  # noqa: B010  (the fault)
    connected = ConnectedTracker(id=TR1, kind=TrackerKind.REDMINE, url="https://tracker", project="shop")
    trackers = ConnectedTrackers(
        unit.tracker_connections,
        settings=lambda: WorkspaceTrackers(trackers=(connected,), last=1),
        make_client=lambda connected, held: OpenedTracker(
            connected=connected, held=held, client=client, mark_key=b"key"
        ),
        now=clock,
        stopped=lambda _: None,
    )
    sync = WorkspaceSync(
        SyncParts(
            unit=unit,
            queue=store.work,
            trackers=trackers,
            command_handler=handler,
            now=clock,
            check=worker.check,
            touch=lambda touches: worker.touch(*touches),
            is_member=lambda _stream, _person: True,
        ),
        register=lambda model: register(model, clock(), utc_zone),
        link=lambda key: f"https://bot.example/m/{key}",
        pace=SyncPace(issues=Waits(quiet=0.05, longest=0.2), poll=Waits(quiet=0.05, longest=0.2)),
    )
    handler.subscribe(lambda _: dispatcher.model_changed(TENANT))
    worker.start([*sync.kinds(), causing(ISSUES, worker.touch)])
    sync.start()
    print("working", flush=True)
    dispatcher.start()
    while True:
        threading.Event().wait(0.2)
        try:
            sync.reconciler.delete_late_posts()
        except (StoreError, TrackerFault) as fault:
            print("nothing is taken back", fault, flush=True)


def save_connection(unit: Any, now: Any) -> None:
    """Connect the tracker of the processes."""
    unit.tracker_connections.save(TrackerConnection(tracker=TR1, secrets=b"sealed", key_id="k", saved_at=now))


def _failed(fault: Exception) -> Failure:
    known = issue_work.tracker_failure(fault)
    if known is not None:
        return known
    counted = not isinstance(fault, StoreError)
    return Failure(reason=type(fault).__name__, counted=counted, trace=counted)


def _pausing(create: Callable[..., Any], share: float) -> Callable[..., Any]:
    """Stop where nothing is looked at any more: between the last check and the call."""
    chance = random.Random()

    def creating(*given: Any) -> Any:
        if chance.random() < share:
            os.kill(os.getpid(), signal.SIGSTOP)
        return create(*given)

    return creating


if __name__ == "__main__":
    main(sys.argv[1])
