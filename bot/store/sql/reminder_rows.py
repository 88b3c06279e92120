"""Rows of reminders: the outcome of each."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import asdict

from bot.store.records import StreamId
from bot.store.sql.rows import WorkspaceRows
from bot.store.timestamps import parse_timestamp
from domain.kernel.elements import ModelKey, PersonId
from domain.reminder_deliveries import Delivery, DeliveryState, ReminderKey

FIELDS = "key, model, person, due, state, reason, at, until, channel, ts, place, stream, version"
_ALL = f"SELECT {FIELDS} FROM reminders WHERE tenant = :tenant"  # noqa: S608  (our own column names)
_OF_MODEL = f"{_ALL} AND model = :model ORDER BY due, key"
_FIND = f"{_ALL} AND key = :key"
_IN_MESSAGE = f"{_ALL} AND channel = :channel AND ts = :ts AND ts <> '' ORDER BY due, key"
_CLAIMED = f"""
    SELECT {FIELDS} FROM reminders INDEXED BY reminders_under_way
    WHERE tenant = :tenant AND (:place = '' OR place = :place) AND state = 'claimed' ORDER BY place, due, key
"""  # noqa: S608  (our own column names)
# An outcome later than now was recorded before the clock was set back: no reason to wait.
_WAITS_UNTIL = """
    SELECT max(until) FROM reminders INDEXED BY reminders_waiting
    WHERE tenant = :tenant AND place = :place AND state = 'held back'
    AND until > :now AND at <= :now AND reason <> 'quiet hours'
"""
_ERASURES = "SELECT stream, erasures FROM streams WHERE tenant = :tenant AND erasures > 0 ORDER BY stream"
_KEEP = """
    INSERT INTO reminders
        (tenant, key, model, person, due, state, reason, at, until, channel, ts, place, stream, version)
    VALUES (:tenant, :key, :model, :to, :due, :state, :reason, :at, :until, :channel, :ts, :place, :stream,
        :version)
    ON CONFLICT (tenant, key) DO UPDATE SET place = excluded.place, state = excluded.state,
        reason = excluded.reason, at = excluded.at, until = excluded.until, stream = excluded.stream,
        version = excluded.version, channel = excluded.channel, ts = excluded.ts
"""


class ReminderRow(msgspec.Struct, frozen=True, kw_only=True):
    """Outcome of one reminder, its place, and the event of the outcome."""

    delivery: Delivery
    due: datetime
    place: str
    stream: StreamId
    version: int


class ReminderRows:
    """Reminders of one workspace as rows; raises StoreUnavailable like every store."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def erasures(self) -> dict[StreamId, int]:
        """Return the number of erasures in each stream that has any."""
        return {StreamId(stream): times for stream, times in self._rows.all(_ERASURES)}

    def of_model(self, model: ModelKey) -> list[ReminderRow]:
        """Return the reminders of a model, the earliest first."""
        return [reminder_of(row) for row in self._rows.all(_OF_MODEL, model=model)]

    def find(self, key: ReminderKey) -> ReminderRow | None:
        """Return one reminder, if it has an outcome."""
        row = self._rows.one(_FIND, key=key)
        return reminder_of(row) if row else None

    def in_message(self, channel: str, ts: str) -> list[ReminderRow]:
        """Return the reminders in a message, earliest first."""
        return [reminder_of(row) for row in self._rows.all(_IN_MESSAGE, channel=channel, ts=ts)]

    def claimed(self, place: str | None = None) -> list[ReminderRow]:
        """Return the claimed reminders, by place and earliest first: all, or those of one place."""
        return [reminder_of(row) for row in self._rows.all(_CLAIMED, place=place)]

    def waits_until(self, place: str, now: datetime) -> datetime | None:
        """Return the time until which a reminder to a place is postponed, other than by quiet hours."""
        (until,) = self._rows.one(_WAITS_UNTIL, place=place, now=now)
        return parse_timestamp(until) if until else None

    def save(self, rows: Sequence[ReminderRow]) -> None:
        """Store reminders as given, except their first due dates, which stay."""
        self._rows.write_each(
            _KEEP,
            [
                {
                    **asdict(row.delivery),
                    "due": row.due,
                    "place": row.place,
                    "stream": row.stream,
                    "version": row.version,
                }
                for row in rows
            ],
        )


def reminder_of(
    row: tuple[str, str, str, str, str, str, str, str | None, str, str, str, str, int],
) -> ReminderRow:
    """Return a reminder from its row."""
    key, model, person, due, state, reason, at, until, channel, ts, place, stream, version = row
    return ReminderRow(
        delivery=Delivery(
            key=ReminderKey(key),
            model=ModelKey(model),
            to=PersonId(person),
            state=DeliveryState(state),
            reason=reason,
            at=parse_timestamp(at),
            until=parse_timestamp(until) if until else None,
            channel=channel,
            ts=ts,
        ),
        due=parse_timestamp(due),
        place=place,
        stream=StreamId(stream),
        version=version,
    )
