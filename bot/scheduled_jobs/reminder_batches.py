"""Batches of reminders: each is claimed for one place, sent as one message, and recorded completely."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec
import structlog

from bot.commands.command_handler import CommandHandler, NoSuchModel
from bot.scheduled_jobs.reminder_planner import ReminderPlanner
from bot.store import UnitOfWork
from bot.store.records import model_stream
from bot.store.reminder_store import ReminderAttempt
from bot.store.repositories.deliveries import DeliveryRecord
from domain.kernel.elements import ModelKey
from domain.reminder_deliveries import (
    THREAD,
    DeliveryEvent,
    ReminderFailed,
    ReminderKey,
    ReminderSent,
    ReminderSkipped,
    SkipReason,
)
from domain.reminders import Reminder

REMINDER: Final = "reminder"
"""Kind of the slots of batches: `reminder/U1/2027-01-13.3`, for the third version of the place's day."""

SINK: Final = "direct_message"

log = structlog.get_logger()


class BatchPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The reminders of a batch that are still due before it is sent, and the records of the others."""

    due: tuple[Reminder, ...]
    rest: tuple[DeliveryEvent, ...]


class ReminderBatches:
    """Claims batches and records their outcomes, each in one transaction with the slot of its message."""

    def __init__(
        self,
        command_handler: CommandHandler,
        unit: UnitOfWork,
        planner: ReminderPlanner,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._command_handler = command_handler
        self._unit = unit
        self._planner = planner
        self._now = now

    def under_way(self, place: str) -> str | None:
        """Return the slot of the batch that is being sent to a place, if there is one."""
        attempts = self._unit.reminders.attempts(place)
        if not attempts:
            return None
        slot = slot_of(attempts[0])
        if self._unit.deliveries.find(slot) is None:
            # It was not recorded whether it was posted, so it is searched for.
            self._unit.deliveries.add_missing(
                DeliveryRecord(slot=slot, sink=SINK, attempt=secrets.token_urlsafe(6))
            )
        return slot

    def waits_until(self, place: str) -> datetime | None:
        """Return the time until which nothing is sent to a place, because Slack postponed a reminder."""
        return self._unit.reminders.waits_until(place, self._now())

    def claim(self, place: str, models: Iterable[ModelKey]) -> str | None:
        """Claim the due reminders of a place about some models; return the slot, None if nothing is due.

        The batch is then fixed: reminders that become due later belong to another message.
        """
        now = self._now()
        batch = self._planner.batch(place, models, now)
        if batch is None:
            return None
        with self._unit.transaction():
            attempt = self._unit.reminders.attempt(
                batch.reminders, place=place, day=batch.day, now=now, overtaken=batch.overtaken
            )
            if attempt is None:
                return None
            slot = slot_of(attempt)
            self._unit.deliveries.put(DeliveryRecord(slot=slot, sink=SINK))
        return slot

    def attempt_of(self, slot: str) -> ReminderAttempt | None:
        """Return the batch of a slot while its outcome is not recorded."""
        attempts = self._unit.reminders.attempts(place_of_slot(slot))
        return next((attempt for attempt in attempts if slot_of(attempt) == slot), None)

    def keys_of(self, record: DeliveryRecord) -> tuple[ReminderKey, ...]:
        """Return the keys of a batch while its outcome is not recorded."""
        attempt = self.attempt_of(record.slot)
        return attempt.keys if attempt else ()

    def plan(self, attempt: ReminderAttempt) -> BatchPlan:
        """Plan a batch again before it is sent, because some of it may no longer be due."""
        now = self._now()
        due: list[Reminder] = []
        rest: list[DeliveryEvent] = []
        for model, keys in _by_model(attempt).items():
            planned, waiting = self._planned(model, keys, now)
            due += [planned[key] for key in keys if key in planned]
            for key in keys:
                if key not in planned:
                    until = waiting[key].due if key in waiting else None
                    why = SkipReason.NOT_DUE if until is None else SkipReason.QUIET_HOURS
                    rest.append(self._skipped(attempt, [key], why, until))
        order = {key: place for place, key in enumerate(attempt.keys)}
        return BatchPlan(due=tuple(sorted(due, key=lambda one: order[one.key])), rest=tuple(rest))

    def drop(self, attempt: ReminderAttempt, rest: Sequence[DeliveryEvent]) -> None:
        """Record that no reminder of a batch is due any longer."""
        self._unit.reminders.settle(attempt, rest)

    def sent(self, record: DeliveryRecord, keys: Iterable[str], *, found: bool) -> tuple[ModelKey, ...]:
        """Record that the message of a slot was sent with some reminders; return the models of the batch.

        The other reminders were no longer due when it was posted; they are planned again.
        """
        attempt = self.attempt_of(record.slot)
        if attempt is None:
            return ()
        carried = set(keys) or {*attempt.keys}
        there = tuple(key for key in attempt.keys if key in carried)
        left = tuple(key for key in attempt.keys if key not in carried)
        events: list[DeliveryEvent] = [
            ReminderSent(
                at=self._now(),
                to=attempt.to,
                keys=there,
                channel=record.place,
                ts=record.external_id,
                found=found,
            )
        ]
        if left:
            events.append(self._skipped(attempt, left, SkipReason.NOT_DUE, None))
        self._unit.reminders.settle(attempt, events)
        return tuple(dict.fromkeys(attempt.models))

    def failed(self, slot: str, code: str) -> None:
        """Record that a batch was refused permanently."""
        attempt = self.attempt_of(slot)
        if attempt is not None:
            log.warning("Slack does not take a reminder", place=attempt.place, code=code)
            failed = ReminderFailed(at=self._now(), to=attempt.to, keys=attempt.keys, code=code)
            self._unit.reminders.settle(attempt, [failed])

    def postpone(self, slot: str, why: SkipReason, until: datetime) -> None:
        """Record that a batch was not sent; its reminders are planned again, as another batch."""
        attempt = self.attempt_of(slot)
        if attempt is None:
            return
        with self._unit.transaction():
            self._unit.reminders.settle(attempt, [self._skipped(attempt, attempt.keys, why, until)])
            self._unit.deliveries.drop(slot)

    def _planned(
        self, key: ModelKey, keys: Sequence[ReminderKey], now: datetime
    ) -> tuple[dict[ReminderKey, Reminder], dict[ReminderKey, Reminder]]:
        try:
            model = self._command_handler.model(model_stream(self._unit.tenant, key))
        except NoSuchModel:
            return {}, {}
        plan = self._planner.plan(model, now, without=keys)
        return {one.key: one for one in plan.due}, {one.key: one for one in (*plan.coming, *plan.held)}

    def _skipped(
        self, attempt: ReminderAttempt, keys: Sequence[ReminderKey], why: SkipReason, until: datetime | None
    ) -> ReminderSkipped:
        of = dict(zip(attempt.keys, attempt.models, strict=True))
        models = tuple(of[key] for key in keys)
        return ReminderSkipped(
            at=self._now(), to=attempt.to, keys=tuple(keys), models=models, why=why, until=until
        )


def slot_of(attempt: ReminderAttempt) -> str:
    """Return the slot of a batch."""
    return f"{REMINDER}/{attempt.place}/{attempt.stream.rpartition('/')[2]}.{attempt.version}"


def place_of_slot(slot: str) -> str:
    """Return the place of a batch: a person, or the thread of a model."""
    return slot.partition("/")[2].rpartition("/")[0]


def is_of_thread(slot: str) -> bool:
    """Return whether a batch goes into the thread of a model."""
    return place_of_slot(slot).startswith(f"{THREAD}/")


def _by_model(attempt: ReminderAttempt) -> dict[ModelKey, list[ReminderKey]]:
    keys: dict[ModelKey, list[ReminderKey]] = {}
    for key, model in zip(attempt.keys, attempt.models, strict=True):
        keys.setdefault(model, []).append(key)
    return keys
