"""Makes the surfaces of a workspace due."""

import msgspec
from msgspec.structs import replace

from bot.delivery.worker import Worker
from bot.slack.slots.delivery_pace import Pace, WorkKind
from bot.store import StreamId, key_of
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import Item, Touch


class WorkScheduler:
    """Touches the work of one workspace; every method raises StoreUnavailable like the store."""

    def __init__(self, worker: Worker, tenant: str, pace: Pace) -> None:
        self._worker = worker
        self._tenant = tenant
        self._pace = pace

    def of_model(
        self, stream: StreamId, *surfaces: WorkKind, waits: bool = True, durable: bool = False
    ) -> None:
        """Have surfaces of a model looked at, after their quiet time or, without `waits`, now."""
        touches = [self.touch(one, key_of(stream), waits=waits) for one in surfaces]
        self._worker.touch(*touches, durable=durable)

    def of_models(self, *streams: StreamId, surfaces: tuple[WorkKind, ...]) -> None:
        """Have surfaces of several models looked at now."""
        self._worker.touch(
            *(self.touch(one, key_of(stream), waits=False) for stream in streams for one in surfaces)
        )

    def caused(self, stream: StreamId, *surfaces: WorkKind) -> None:
        """Have surfaces looked at because of events of a model, after their quiet time."""
        model = key_of(stream)
        self._worker.touch(
            *(
                self.touch(one, "", lane=one) if one in _OF_A_WORKSPACE else self.touch(one, model)
                for one in surfaces
            )
        )

    def gradually(self, surface: WorkKind, *streams: StreamId) -> None:
        """Have a surface of many models looked at, a few in each second."""
        self._worker.touch(
            *(
                replace(self.touch(surface, key_of(stream), waits=False), quiet=number * _APART)
                for number, stream in enumerate(streams)
            )
        )

    def of_workspace(self, surface: WorkKind, *, waits: bool = True) -> None:
        """Have something looked at of which the workspace has one."""
        self._worker.touch(self.touch(surface, "", lane=surface, waits=waits))

    def message(self, record: DeliveryRecord) -> None:
        """Have a direct message posted or edited, in the lane of its person."""
        self.message_slot(record.slot)

    def message_slot(self, slot: str) -> None:
        """The same for the slot of a direct message."""
        kind, _, subject = slot.partition("/")
        person = subject.rpartition("/")[2]
        self._worker.touch(Touch(item=Item(self._tenant, kind, subject), lane=f"person/{person}"))

    def slot(self, record: DeliveryRecord) -> None:
        """Have a slot looked at now, in the lane of its channel."""
        surface = msgspec.convert(record.kind, WorkKind)
        self._worker.touch(
            self.touch(surface, record.subject, lane=record.place, waits=False), durable=not record.attempt
        )

    def touch(self, surface: WorkKind, subject: str, *, lane: str = "", waits: bool = True) -> Touch:
        """A touch of one row."""
        of = self._pace.of(surface)
        return Touch(
            item=Item(self._tenant, surface, subject),
            lane=lane or (f"{surface}/{subject}" if surface in _TO_PEOPLE else ""),
            quiet=of.quiet if waits else 0.0,
            longest=of.longest,
            restart=waits,
        )


_APART = 0.25

_TO_PEOPLE = frozenset({"invitations", "handovers", "nudges", "rounds", "reminders", "changes"})
"""Work on a model that writes nothing in its channel has a lane of its own."""

_OF_A_WORKSPACE = frozenset({"homes"})
"""What the workspace has one of."""
