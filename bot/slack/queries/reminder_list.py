"""Reminders of a message or page, with their current details."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache

import msgspec

from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import ReminderTarget, Target
from bot.slack.queries.reminder_details import erased_reminder, load_reminder
from bot.slack.screens.reminder import ReminderDetails, ReminderSources
from domain.kernel.elements import ModelKey, PersonId
from domain.reminder_deliveries import Deliveries, Delivery, DeliveryState, ReminderKey
from domain.reminders import read_key


class SentReminder(msgspec.Struct, frozen=True, kw_only=True):
    """A reminder that was due at one moment and sent at another."""

    key: ReminderKey
    due: datetime
    sent: datetime


def load_reminders(
    load_sources: Callable[[ModelKey], tuple[str, ReminderSources | None]], reminded: Sequence[SentReminder]
) -> list[ReminderDetails]:
    """Return the reminders with their current details, in the given order.

    `load_sources` returns a model's stream and its sources; None for an erased model.
    """
    load = cache(load_sources)  # many reminders may be about one model
    found: list[ReminderDetails] = []
    for one in reminded:
        stream, seen = load(read_key(one.key).model)
        if seen is None:
            found.append(erased_reminder(one.key, stream))
        else:
            found.append(load_reminder(one.key, seen, due=one.due, sent=one.sent))
    return found


def reminder_key(target: Target) -> ReminderKey:
    """Return the key of a button's reminder; raises StaleButton."""
    key = ReminderTarget.of(target).reminder
    try:
        read_key(key)
    except ValueError as unread:
        raise StaleButton from unread
    return ReminderKey(key)


def earlier_deliveries(deliveries: Deliveries, target: Target) -> tuple[Delivery, ...]:
    """Return earlier deliveries to the same person about the same subject, oldest first."""
    about = read_key(reminder_key(target))
    same = [one for one in deliveries.values() if _is_same_subject(one.key, about.to, about.subject)]
    return tuple(sorted(same, key=lambda one: (one.at, one.key)))


def send_failure(deliveries: Deliveries, person: PersonId) -> str:
    """Return Slack's error code for the first failed reminder to a person; empty if none failed."""
    failed = [one for one in deliveries.values() if one.to == person and one.state is DeliveryState.FAILED]
    return min(failed, key=lambda one: (one.at, one.key)).reason if failed else ""


def _is_same_subject(key: ReminderKey, to: str, subject: str) -> bool:
    about = read_key(key)
    return (about.to, about.subject) == (to, subject)
