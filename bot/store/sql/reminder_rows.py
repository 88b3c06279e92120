"""Rows of reminders: the outcome of each."""

from datetime import datetime

import msgspec

from bot.store.records import StreamId
from bot.store.timestamps import parse_timestamp
from domain.kernel.elements import ModelKey, PersonId
from domain.reminder_deliveries import Delivery, DeliveryState, ReminderKey

FIELDS = "key, model, person, due, state, reason, at, until, channel, ts, place, stream, version"


class ReminderRow(msgspec.Struct, frozen=True, kw_only=True):
    """Outcome of one reminder, its place, and the event of the outcome."""

    delivery: Delivery
    due: datetime
    place: str
    stream: StreamId
    version: int


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
