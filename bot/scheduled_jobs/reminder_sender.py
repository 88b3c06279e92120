"""Sending of the reminders due at one place, one batch after the other."""

from collections.abc import Callable, Iterable
from datetime import datetime

from bot.delivery.work_kinds import Done
from bot.scheduled_jobs.reminder_batches import ReminderBatches
from bot.scheduled_jobs.reminder_planner import PLANNING_INTERVAL
from domain.kernel.elements import ModelKey


class ReminderSender:
    """Claims a batch and has its message posted; the caller holds the work of the place.

    Before the post it is recorded that a message may exist, and a batch with an unknown outcome is searched
    for first: nothing else is sent to the place before that.

    If a process loses its session with the database between its last check and the call, it posts a
    message that another process may have searched for in vain and posted itself. Both messages exist until
    the first process continues, finds its claim taken over, and deletes its own; if it ends before that, both
    remain. Slack has no idempotency key for messages, so no store can prevent this.

    `reconcile` updates the slot of a batch, and raises errors that are to be retried.
    """

    def __init__(
        self, batches: ReminderBatches, *, reconcile: Callable[[str], Done], now: Callable[[], datetime]
    ) -> None:
        self._batches = batches
        self._reconcile = reconcile
        self._now = now

    def send(self, place: str, models: Iterable[ModelKey]) -> Done:
        """Send the reminders due at a place about some models."""
        if (slot := self._batches.under_way(place)) is not None:
            return self._go_on(place, slot)
        if (until := self._batches.waits_until(place)) is not None:
            return Done(again_at=until)
        slot = self._batches.claim(place, models)
        return Done() if slot is None else self._reconcile(slot)

    def _go_on(self, place: str, slot: str) -> Done:
        """Determine the outcome of a batch, post it if there is no message, then send what else is due."""
        done = self._reconcile(slot)
        if done != Done():
            return done
        if self._batches.under_way(place) == slot:
            return Done(again_at=self._now() + PLANNING_INTERVAL)
        return Done(again_after=0.0)
