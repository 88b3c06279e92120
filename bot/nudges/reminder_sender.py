"""Sends the reminders that are due at one place, one batch after the other."""

from collections.abc import Callable, Iterable
from datetime import datetime

from bot.delivery.work_kinds import Done
from bot.nudges.reminder_batches import ReminderBatches
from bot.nudges.reminder_planner import REST
from domain.kernel.elements import ModelKey


class ReminderSender:
    """Claims a batch and has its message posted; the caller holds the work of the place.

    That a message may exist is recorded before it is posted, and a batch whose outcome is not known is
    searched for first: nothing else is sent to the place before. A process that is stopped between its last
    check and the call, for longer than the lease, posts what another process has searched for in vain and
    posted itself. Both messages stand until the first one goes on, finds its claim taken over, and deletes
    its own; they stay where it ends before that. Slack has no key by which it would accept a message once, so
    no store can prevent this.

    `reconcile` brings the slot of a batch up to date, and raises what is to be tried again.
    """

    def __init__(
        self, batches: ReminderBatches, *, reconcile: Callable[[str], Done], now: Callable[[], datetime]
    ) -> None:
        self._batches = batches
        self._reconcile = reconcile
        self._now = now

    def send(self, place: str, models: Iterable[ModelKey]) -> Done:
        """Send what is due at a place about some models."""
        if (slot := self._batches.under_way(place)) is not None:
            return self._go_on(place, slot)
        if (until := self._batches.waits_until(place)) is not None:
            return Done(again=until)
        slot = self._batches.claim(place, models)
        return Done() if slot is None else self._reconcile(slot)

    def _go_on(self, place: str, slot: str) -> Done:
        """Find out the outcome of a batch, post it if there is no message, then send what else is due."""
        done = self._reconcile(slot)
        if done != Done():
            return done
        if self._batches.under_way(place) == slot:
            return Done(again=self._now() + REST)
        return Done(soon=0.0)
