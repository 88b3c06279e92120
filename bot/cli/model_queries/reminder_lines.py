"""Reminders of a model: their outcome, and those planned."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from bot.store.reminder_store import ReminderStore
from domain.kernel.elements import PersonId
from domain.model import ThreatModel
from domain.reminder_deliveries import DeliveryState, ReminderKey, SkipReason
from domain.reminders import Occasion, People, Reminder, plan_reminders, read_key
from domain.voting.turnout import names_second_voter


class ReminderLine(msgspec.Struct, frozen=True, kw_only=True):
    """One reminder: recipient, due time, subject, occasion and state.

    `why_not` says why it was not sent (yet), where that was so; `until` is when it is tried again.
    """

    key: ReminderKey
    to: PersonId
    due: datetime
    occasion: Occasion
    subject: str
    state: str
    why_not: str = ""
    until: datetime | None = None


def past_reminders(reminder_store: ReminderStore, model: ThreatModel, until: datetime) -> list[ReminderLine]:
    """Return the outcomes of a model's reminders until a moment, the earliest first."""
    lines: list[ReminderLine] = []
    for outcome in reminder_store.outcomes_of(model.key):
        told, about = outcome.delivery, read_key(outcome.delivery.key)
        if told.at > until or names_second_voter(model, told.key):
            continue
        unsent = told.state in (DeliveryState.SKIPPED, DeliveryState.HELD_BACK)
        lines.append(
            ReminderLine(
                key=told.key,
                to=told.to,
                due=outcome.due,
                occasion=about.occasion,
                subject=about.subject,
                state=told.state.value,
                why_not=SkipReason(told.reason).label if unsent else told.reason,
                until=told.until,
            )
        )
    return lines


def planned_reminders(
    reminder_store: ReminderStore, model: ThreatModel, now: datetime, people: People
) -> list[ReminderLine]:
    """Return the reminders that are due or to come as things stand, the earliest first."""
    plan = plan_reminders(model, reminder_store.of(model.key), now, people)
    lines = [*_planned(plan.due, "due"), *_planned(plan.coming, "planned")]
    return [line for line in lines if not names_second_voter(model, line.key)]


def merge_reminders(
    past: Sequence[ReminderLine], planned: Sequence[ReminderLine]
) -> tuple[ReminderLine, ...]:
    """Merge reminders, the earliest first: an outcome takes precedence over a plan."""
    known = {one.key for one in past}
    lines = [*past, *(one for one in planned if one.key not in known)]
    return tuple(sorted(lines, key=lambda line: (line.due, line.to, line.key)))


def _planned(reminders: Iterable[Reminder], state: str) -> list[ReminderLine]:
    return [
        ReminderLine(
            key=one.key, to=one.to, due=one.due, occasion=one.occasion, subject=one.subject, state=state
        )
        for one in reminders
    ]
