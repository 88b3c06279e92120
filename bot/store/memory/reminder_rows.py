"""Rows of reminders in memory."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.memory.streams import Streams
from bot.store.records import StreamId
from bot.store.reminder_rows import ReminderRow
from domain.kernel.elements import ModelKey
from domain.reminder_deliveries import DeliveryState, ReminderKey, SkipReason


class MemoryReminderRows:
    """Reminder rows in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._kept = Streams(database, tenant)
        self._reminders = Table(database, tenant, "reminders", ReminderRow)

    def erasures(self) -> dict[StreamId, int]:
        """Return how often something was erased in each stream in which something was."""
        return {row.stream: row.erasures for row in self._kept.streams.all() if row.erasures}

    def of_model(self, model: ModelKey) -> list[ReminderRow]:
        """Return the reminders of a model, the earliest first."""
        return [row for row in self._all() if row.delivery.model == model]

    def find(self, key: ReminderKey) -> ReminderRow | None:
        """Return one reminder, if it has an outcome."""
        return self._reminders.get(key)

    def in_message(self, channel: str, ts: str) -> list[ReminderRow]:
        """Return the reminders that a message holds, the earliest first."""
        return [row for row in self._all() if ts and (row.delivery.channel, row.delivery.ts) == (channel, ts)]

    def claimed(self, place: str | None = None) -> list[ReminderRow]:
        """Return the claimed reminders, by place and earliest first: all, or those of one place."""
        claimed = [row for row in self._all() if row.delivery.state is DeliveryState.CLAIMED]
        wanted = [row for row in claimed if place in (None, row.place)]
        return sorted(wanted, key=lambda row: row.place)

    def waits_until(self, place: str, now: datetime) -> datetime | None:
        """Return until when a reminder to a place was put off for another reason than quiet hours."""
        waiting = [
            told.until
            for row in self._all()
            if row.place == place and (told := row.delivery).state is DeliveryState.HELD_BACK
            if told.until is not None and told.until > now >= told.at
            if told.reason != SkipReason.QUIET_HOURS.value
        ]
        return max(waiting, default=None)

    def save(self, rows: Sequence[ReminderRow]) -> None:
        """Store reminders as given, except their first due dates, which stay."""
        with self._database.writing():
            for row in rows:
                existing = self._reminders.get(row.delivery.key)
                self._reminders.put(replace(row, due=existing.due) if existing else row, row.delivery.key)

    def _all(self) -> list[ReminderRow]:
        return sorted(self._reminders.all(), key=lambda row: (row.due, row.delivery.key))
