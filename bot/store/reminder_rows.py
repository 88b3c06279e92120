"""Rows of reminders: the outcome of each, and attempts to send them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from bot.store.records import StreamId
from domain.kernel.elements import ModelKey, PersonId
from domain.reminder_deliveries import Delivery, ReminderKey


class ReminderAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """Attempt to send reminders to one place: a message with them may exist.

    It is recorded by the event of `version` in `stream`; `models` has the key of each reminder's model.
    """

    stream: StreamId
    version: int
    to: PersonId
    place: str
    keys: tuple[ReminderKey, ...]
    models: tuple[ModelKey, ...]


class ReminderOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """Outcome of a reminder, and when it was due."""

    delivery: Delivery
    due: datetime


class ReminderRow(msgspec.Struct, frozen=True, kw_only=True):
    """Outcome of one reminder, its place, and the event of the outcome."""

    delivery: Delivery
    due: datetime
    place: str
    stream: StreamId
    version: int


class ReminderRows(Protocol):
    """Reminders of one workspace as rows; raises StoreUnavailable like every store."""

    def erasures(self) -> dict[StreamId, int]:
        """Return the number of erasures in each stream that has any."""
        ...

    def of_model(self, model: ModelKey) -> list[ReminderRow]:
        """Return the reminders of a model, the earliest first."""
        ...

    def find(self, key: ReminderKey) -> ReminderRow | None:
        """Return one reminder, if it has an outcome."""
        ...

    def in_message(self, channel: str, ts: str) -> list[ReminderRow]:
        """Return the reminders in a message, earliest first."""
        ...

    def claimed(self, place: str | None = None) -> list[ReminderRow]:
        """Return the claimed reminders, by place and earliest first: all, or those of one place."""
        ...

    def waits_until(self, place: str, now: datetime) -> datetime | None:
        """Return the time until which a reminder to a place is postponed, other than by quiet hours."""
        ...

    def save(self, rows: Sequence[ReminderRow]) -> None:
        """Store reminders as given, except their first due dates, which stay."""
        ...
