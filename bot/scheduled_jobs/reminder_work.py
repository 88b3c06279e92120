"""Work on reminders: planning those of a model, and sending those due at a place."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from bot.delivery.work_kinds import Done, Kind, Waits
from bot.scheduled_jobs.reminder_planner import PlannedPlace, ReminderPlanner
from bot.scheduled_jobs.reminder_sender import ReminderSender
from bot.store.records import model_stream
from bot.store.reminder_store import REMINDERS
from bot.store.work_queue import MODEL, Claim, Item, Touch, WorkQueue
from domain.kernel.elements import ModelKey
from domain.reminder_deliveries import THREAD

DUE_REMINDER: Final = "due-reminder"
"""The kind of work that sends to one place.

Its rows name a place and a model with something due there. All rows of a place share a lane; the process that
claims one sends the reminders about the models of all of them.
"""

LATEST = timedelta(days=1, hours=1)
"""The longest wait until a model is planned; a later one was planned while the clock was ahead."""


class ReminderWork:
    """The work on the reminders of one workspace; `touch` makes rows due."""

    def __init__(
        self,
        planner: ReminderPlanner,
        sender: ReminderSender,
        queue: WorkQueue,
        *,
        tenant: str,
        now: Callable[[], datetime],
        waits: Waits,
        touch: Callable[[Iterable[Touch]], None],
    ) -> None:
        self._planner = planner
        self._sender = sender
        self._queue = queue
        self._tenant = tenant
        self._now = now
        self._waits = waits
        self._touch = touch

    def kinds(self) -> list[Kind]:
        """Return the kinds of work."""
        return [
            Kind(name=REMINDERS, waits=self._waits, run=self._plan),
            Kind(name=DUE_REMINDER, waits=self._waits, run=self._send),
        ]

    def bring_forward(self) -> None:
        """Plan the models that would be planned too late because the clock was set back."""
        self._queue.bring_forward(REMINDERS, self._now() + LATEST, tenant=self._tenant)

    def _plan(self, claim: Claim) -> Done:
        model = ModelKey(claim.item.subject)
        planned = self._planner.plan_model(model_stream(claim.item.tenant, model), self._now())
        self._touch(self._reminder(place, model) for place in planned.places)
        return Done(again_at=planned.again_at)

    def _send(self, claim: Claim) -> Done:
        place, _ = _parts(claim.item.subject)
        rows, now = self._queue.rows(self._tenant, DUE_REMINDER), self._now()
        subjects = [row.item.subject for row in rows if row.lane == claim.lane and row.is_due(now)]
        models = dict.fromkeys(
            _parts(subject)[1] for subject in (*subjects, claim.item.subject) if _parts(subject)[0] == place
        )
        return self._sender.send(place, models)

    def _reminder(self, one: PlannedPlace, model: ModelKey) -> Touch:
        return Touch(
            item=Item(self._tenant, DUE_REMINDER, f"{one.place}/{model}"),
            # Other messages to the same person or channel use the same lane.
            lane=one.channel if one.to == THREAD else f"person/{one.to}",
            quiet=self._waits.quiet,
            longest=self._waits.longest,
        )


def overdue_reminders(
    queue: WorkQueue, planner: ReminderPlanner, tenant: str, now: datetime, most: int
) -> tuple[list[datetime], int]:
    """Return the due times of reminders that should have been sent some time ago.

    At most so many models are planned; return also how many were not.
    """
    due = [row.item for row in queue.rows(tenant, MODEL, REMINDERS, DUE_REMINDER) if row.is_due(now)]
    models = {_parts(one.subject)[1] for one in due}
    return planner.overdue(sorted(models)[:most], now), max(0, len(models) - most)


def _parts(subject: str) -> tuple[str, ModelKey]:
    """Return the place and the model of a row of the kind `due-reminder`."""
    place, _, model = subject.rpartition("/")
    return place, ModelKey(model)
