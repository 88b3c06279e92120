"""Due reminders, computed from the model, earlier deliveries and the time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby

import msgspec

from domain.model import ThreatModel
from domain.reminder_deliveries import Deliveries, ReminderKey, SkipReason
from domain.reminders.occasions import occasions
from domain.reminders.reachability import People, Reachability, last_at_work, next_at_work
from domain.reminders.reminder import (
    POLICIES,
    Occasion,
    PlannedReminder,
    PlanningContext,
    Reminder,
    ReminderKeyParts,
    read_key,
)

__all__ = [
    "Occasion",
    "People",
    "Reachability",
    "Reminder",
    "ReminderKeyParts",
    "ReminderPlan",
    "plan_reminders",
    "read_key",
]


LEAD_TIME = timedelta(hours=1)
"""How long before a deadline a reminder is still useful if it had to wait for working hours."""


class ReminderPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The reminders `due` now, those `held` by quiet hours, those to come, and when to plan again.

    Zones, working hours and accounts change without an event in the model, so `again_at` is never
    further away than a day while any reminder is planned.
    """

    due: tuple[Reminder, ...] = ()
    held: tuple[Reminder, ...] = ()
    coming: tuple[Reminder, ...] = ()
    again_at: datetime | None = None


def plan_reminders(model: ThreatModel, deliveries: Deliveries, now: datetime, people: People) -> ReminderPlan:
    """Plan the reminders of a model at one moment, by its reminder policy."""
    policy = POLICIES[model.terms.reminders]
    context = PlanningContext(model=model, deliveries=deliveries, now=now, people=people, policy=policy)
    planned = ((occasion, _reminder(context, occasion)) for occasion in occasions(context))
    reminders = [reminder for one, reminder in planned if one.since is None or reminder.due > one.since]
    useful = [one for one in reminders if one.until is None or one.until > now]
    due: list[Reminder] = []
    held: list[Reminder] = []
    coming: list[Reminder] = []
    for _, some in groupby(sorted(useful, key=_about), key=_about):
        group = sorted(some, key=lambda one: (one.due, one.occurs, one.key))
        past = [one for one in group if one.due <= now]
        later = [one for one in group if one.due > now and not _is_over(deliveries, one.key)]
        waiting = [one for one in later if one.occurs <= now and not one.snoozed]
        if past and not _is_over(deliveries, past[-1].key):
            # Earlier reminders are superseded even if the last one has to wait.
            if (wait := _waits_until(deliveries, past[-1].key, now)) is not None:
                coming.append(msgspec.structs.replace(past[-1], due=wait))
            elif (morning := _quiet_until(context, past[-1])) is None:
                open_ones = tuple(one.key for one in past[:-1] if not _is_over(deliveries, one.key))
                due.append(msgspec.structs.replace(past[-1], overtakes=open_ones))
            elif not waiting:
                # It was due during working hours and was not sent then.
                waiting.append(msgspec.structs.replace(past[-1], due=morning))
                later.append(waiting[-1])
        held.extend(waiting)
        coming.extend(later)
    return ReminderPlan(
        due=_in_order(due),
        held=_in_order(held),
        coming=_in_order(coming),
        again_at=_look_at([one.due for one in coming], now),
    )


def _look_at(moments: Iterable[datetime], now: datetime) -> datetime | None:
    first = min(moments, default=None)
    if first is None:
        return None
    # Changes of zone or hours shift it by no more than that.
    often = timedelta(hours=1) if first - now < timedelta(days=2) else timedelta(days=1)
    return min(first, now + often)


def _reminder(context: PlanningContext, planned: PlannedReminder) -> Reminder:
    model, reach = context.model, context.reach(planned.to)
    mark = f"{planned.occasion.value}:{planned.subject}:{planned.mark}"
    key, occurs, snoozed = ReminderKey(f"{model.key}:{planned.to}:{mark}"), planned.occurs, False
    # A snoozed reminder becomes another one, which may be snoozed again.
    while (until := model.snoozed.get(key)) is not None:
        key, occurs, snoozed = ReminderKey(f"{key}~{until:%Y-%m-%dT%H:%MZ}"), until, True
    due = next_at_work(reach, occurs)
    if planned.until is not None and due > occurs and due + LEAD_TIME > planned.until and not snoozed:
        due = last_at_work(reach, occurs)  # early rather than never
    return Reminder(
        key=key,
        model=model.key,
        to=planned.to,
        occasion=planned.occasion,
        subject=planned.subject,
        occurs=occurs,
        due=due,
        until=planned.until,
        number=planned.number,
        snoozed=snoozed,
    )


def _about(reminder: Reminder) -> tuple[str, str, bool, bool]:
    """Return the group of a reminder: of several to one person about the same subject, only the last is sent.

    A proposal to extend an acceptance is a group apart from the current acceptance's expiry, and what an
    issue asks apart from the due date of the mitigation.
    """
    occasion = reminder.occasion
    of_issue = occasion is Occasion.ISSUE_CHANGED
    return reminder.to, reminder.subject or occasion.value, occasion.of_proposal, of_issue


def _waits_until(deliveries: Deliveries, key: ReminderKey, now: datetime) -> datetime | None:
    """Return until when a due reminder waits, for instance for Slack; quiet hours are computed anyway."""
    known = deliveries.get(key)
    if known is None or known.until is None or known.reason == SkipReason.QUIET_HOURS.value:
        return None
    if known.at > now:  # the clock went back: ignore the time recorded then
        return None
    return known.until if known.until > now else None


def _quiet_until(context: PlanningContext, reminder: Reminder) -> datetime | None:
    """Return until when a late reminder is held by quiet hours; None if it may be sent.

    It may also be sent if it would be useless afterwards.
    """
    morning = next_at_work(context.reach(reminder.to), context.now)
    if morning <= context.now or (reminder.until is not None and morning >= reminder.until):
        return None
    return morning


def _is_over(deliveries: Deliveries, key: ReminderKey) -> bool:
    known = deliveries.get(key)
    return known is not None and known.over


def _in_order(reminders: Iterable[Reminder]) -> tuple[Reminder, ...]:
    return tuple(sorted(reminders, key=lambda reminder: (reminder.due, reminder.to, reminder.key)))
