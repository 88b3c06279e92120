"""Scheduling of a workspace's work: the queue rows that a change makes due, and when."""

from typing import Final
from zlib import crc32

import msgspec
from msgspec.structs import replace

from bot.delivery.worker import Worker
from bot.scheduled_jobs.reminder_batches import REMINDER, is_of_thread, place_of_slot
from bot.slack.slots.delivery_pace import Pace, WorkKind
from bot.store import StreamId, key_of
from bot.store.repositories.cards import CARD
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import MODEL, Item, Touch, gradual_wait
from bot.tracker_sync.issue_slots import ISSUE, lane_of, tracker_of
from domain.kernel.tracked_issue import TrackerId

_APART: Final = 0.25
"""Seconds between the models that are updated gradually."""

LONG_WAIT_SECONDS: Final = 10.0
"""Longest waits from this length are shorter in some workspaces."""

EARLIER_BY: Final = 0.4
"""Part of a long wait by which it is shorter at most, so that it does not end in all workspaces at once."""

_LANE_OF_ITS_OWN: Final = frozenset(
    {
        *(
            "invitations",
            "handovers",
            "proposals",
            "claims",
            "sent-reminders",
            "rounds",
            "reminders",
        ),
        *("inherit", "issues", "accounts"),
    }
)
"""Kinds of work on a model that write nothing in its channel, so each model has its own lane."""

_PATIENT: Final = frozenset(
    {"sent-reminders", "reminders", "accounts", "inherit", "portfolio", "digests", "erased"}
)
"""Kinds of work whose result no person waits for."""

_ONE_PER_WORKSPACE: Final = frozenset({"homes"})
"""Kinds of work with a single row for the workspace."""

_TO_A_PERSON: Final = frozenset({"invitation", "handover", "proposal", "claim", "tracker-notice", "home"})
"""Slot kinds in the lane of a person, whose ID is the last part of the slot's name."""


class WorkScheduler:
    """Schedules the work of one workspace; every method raises StoreUnavailable like the store."""

    def __init__(self, worker: Worker, tenant: str, pace: Pace) -> None:
        self._worker = worker
        self._tenant = tenant
        self._pace = pace
        self._share_of_long_waits = 1 - EARLIER_BY * crc32(tenant.encode()) / 2**32

    def schedule_model(self, stream: StreamId, *kinds: WorkKind, waits: bool = True) -> None:
        """Schedule work on a model after its quiet time; immediately without `waits`."""
        self._worker.touch(*(self.touch(kind, key_of(stream), waits=waits) for kind in kinds))

    def schedule_models(self, *streams: StreamId, kinds: tuple[WorkKind, ...]) -> None:
        """Schedule work on several models immediately."""
        self._worker.touch(
            *(self.touch(kind, key_of(stream), waits=False) for stream in streams for kind in kinds)
        )

    def schedule_caused(self, stream: StreamId, *kinds: WorkKind) -> None:
        """Schedule the work that new events of a model cause, after its quiet time."""
        model = key_of(stream)
        self._worker.touch(
            *(
                self.touch(kind, "", lane=kind) if kind in _ONE_PER_WORKSPACE else self.touch(kind, model)
                for kind in kinds
            )
        )

    def schedule_gradually(self, kind: WorkKind, *streams: StreamId) -> None:
        """Schedule work on many models, a few each second."""
        self._worker.touch(
            *(
                replace(
                    self.touch(kind, key_of(stream), waits=False),
                    quiet=gradual_wait(number, _APART),
                    patient=True,
                )
                for number, stream in enumerate(streams)
            )
        )

    def schedule_workspace(self, kind: WorkKind, *, durable: bool = False) -> None:
        """Schedule work of which the workspace has one row, after its quiet time."""
        self._worker.touch(self.touch(kind, "", lane=kind), durable=durable)

    def schedule_notices(self, tracker: TrackerId) -> None:
        """Schedule the notices that a tracker was stopped, or works again."""
        lane = f"tracker-notices/{tracker}"
        self._worker.touch(self.touch("tracker-notices", tracker, lane=lane), durable=True)

    def schedule_slot(self, record: DeliveryRecord) -> None:
        """Make a slot due, in the lane of its channel or person."""
        # The work on a model reconciles its card.
        kind = MODEL if record.kind == CARD else msgspec.convert(record.kind, WorkKind)
        if kind in _TO_A_PERSON or (kind == REMINDER and not is_of_thread(record.slot)):
            self.schedule_message(record.slot)
        else:
            lane = lane_of(tracker_of(record)) if kind == ISSUE else record.place
            touch = self.touch(kind, record.subject, lane=lane, waits=False)
            self._worker.touch(touch, durable=not record.attempt)

    def schedule_message(self, slot: str) -> None:
        """Make a slot due that is shown to one person, in that person's lane."""
        # Not durable: the next process schedules at its start what this one has not sent.
        kind, _, subject = slot.partition("/")
        person = place_of_slot(slot) if kind == REMINDER else subject.rpartition("/")[2]
        self._worker.touch(Touch(item=Item(self._tenant, kind, subject), lane=f"person/{person}"))

    def touch(self, kind: WorkKind, subject: str, *, lane: str = "", waits: bool = True) -> Touch:
        """Return the touch of one row."""
        of = self._pace.of(kind)
        return Touch(
            item=Item(self._tenant, kind, subject),
            lane=lane or (f"{kind}/{subject}" if kind in _LANE_OF_ITS_OWN else ""),
            quiet=of.quiet if waits else 0.0,
            longest=of.longest if of.longest < LONG_WAIT_SECONDS else of.longest * self._share_of_long_waits,
            patient=kind in _PATIENT,
        )
