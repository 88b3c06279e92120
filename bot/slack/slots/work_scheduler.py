"""Scheduling of the work of one workspace: which rows of the queue a change makes due, and when."""

from typing import Final

import msgspec
from msgspec.structs import replace

from bot.delivery.worker import Worker
from bot.nudges.reminder_batches import REMINDER, is_of_thread, place_of_slot
from bot.slack.slots.delivery_pace import Pace, WorkKind
from bot.store import StreamId, key_of
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import Item, Touch

_APART: Final = 0.25
"""Seconds between the models that are updated gradually."""

_LANE_OF_ITS_OWN: Final = frozenset(
    {"invitations", "handovers", "sent-reminders", "rounds", "reminders", "changes"}
)
"""Work on a model that writes nothing in its channel has a lane of its own."""

_ONE_PER_WORKSPACE: Final = frozenset({"homes"})
"""Work that the workspace has one row of."""

_TO_A_PERSON: Final = frozenset({"invitation", "handover", "home"})
"""Slots in the lane of a person, who is the last part of their names."""


class WorkScheduler:
    """Touches the work of one workspace; every method raises StoreUnavailable like the store."""

    def __init__(self, worker: Worker, tenant: str, pace: Pace) -> None:
        self._worker = worker
        self._tenant = tenant
        self._pace = pace

    def of_model(self, stream: StreamId, *kinds: WorkKind, waits: bool = True) -> None:
        """Make work on a model due after its quiet time or, without `waits`, now."""
        self._worker.touch(*(self.touch(one, key_of(stream), waits=waits) for one in kinds))

    def of_models(self, *streams: StreamId, kinds: tuple[WorkKind, ...]) -> None:
        """Make work on several models due now."""
        self._worker.touch(
            *(self.touch(one, key_of(stream), waits=False) for stream in streams for one in kinds)
        )

    def caused(self, stream: StreamId, *kinds: WorkKind) -> None:
        """Make work due that the events of a model cause, after its quiet time."""
        model = key_of(stream)
        self._worker.touch(
            *(
                self.touch(one, "", lane=one) if one in _ONE_PER_WORKSPACE else self.touch(one, model)
                for one in kinds
            )
        )

    def gradually(self, kind: WorkKind, *streams: StreamId) -> None:
        """Make work on many models due, on a few in each second."""
        self._worker.touch(
            *(
                replace(self.touch(kind, key_of(stream), waits=False), quiet=number * _APART)
                for number, stream in enumerate(streams)
            )
        )

    def of_workspace(self, kind: WorkKind) -> None:
        """Make work due that the workspace has one row of, after its quiet time."""
        self._worker.touch(self.touch(kind, "", lane=kind))

    def slot(self, record: DeliveryRecord) -> None:
        """Make a slot due now, in the lane of its channel or of its person."""
        kind = msgspec.convert(record.kind, WorkKind)
        if kind in _TO_A_PERSON or (kind == REMINDER and not is_of_thread(record.slot)):
            self.message_slot(record.slot)
        else:
            touch = self.touch(kind, record.subject, lane=record.place, waits=False)
            self._worker.touch(touch, durable=not record.attempt)

    def message_slot(self, slot: str) -> None:
        """Make a slot due now that is shown to one person, in that person's lane."""
        # Not durable: at its start the next process makes due what this one has not sent.
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
            longest=of.longest,
            restart=waits,
        )
