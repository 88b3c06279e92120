"""Reminder to one person, with its occasion and its key."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from domain.kernel.elements import ModelKey, PersonId
from domain.reminder_deliveries import ReminderKey
from domain.reminders.reminder_policy import LATE_AFTER


class Occasion(StrEnum):
    """The occasion of a reminder; the values are part of stored keys and never change."""

    DUE_SOON = "due-soon"
    DUE_TODAY = "due-today"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    DIGEST = "digest"
    OWNER_GONE = "owner-gone"
    VOTE_OWED = "vote-owed"
    VOTE_ENDS = "vote-ends"
    ASKED = "asked"
    ANSWERS_DUE = "answers-due"
    ACCEPTANCE_ENDS = "acceptance-ends"
    ACCEPTANCE_OVER = "acceptance-over"
    UNTOUCHED = "untouched"
    REVIEW = "review"
    NOT_REACHED = "not-reached"
    APPROVAL_WAITS = "approval-waits"
    APPROVAL_ESCALATED = "approval-escalated"
    APPROVER_GONE = "approver-gone"
    VERIFICATION_WAITS = "verification-waits"
    OVERRIDE_OPEN = "override-open"
    OVERRIDE_OVER = "override-over"
    ISSUE_CHANGED = "issue-changed"

    @property
    def reason(self) -> str:
        """Return the reason in words."""
        return _REASONS[self]

    @property
    def of_proposal(self) -> bool:
        """Return whether it is about a proposed acceptance."""
        return self in (Occasion.APPROVAL_WAITS, Occasion.APPROVAL_ESCALATED, Occasion.APPROVER_GONE)


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """One reminder to one person about `subject` (an id; empty for the model as a whole).

    It was planned for `occurs` and is sent at `due`, in working hours; `until` is when it becomes
    useless. `overtakes` are the keys of earlier reminders about the same that it replaces.
    """

    key: ReminderKey
    model: ModelKey
    to: PersonId
    occasion: Occasion
    subject: str
    occurs: datetime
    due: datetime
    until: datetime | None = None
    number: int = 0
    snoozed: bool = False
    overtakes: tuple[ReminderKey, ...] = ()


def lateness(due: datetime, sent: datetime) -> timedelta:
    """Return how late a reminder is sent; zero within the first hour."""
    late = sent - due
    return late if late >= LATE_AFTER else timedelta(0)


class ReminderKeyParts(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a reminder key: model, recipient, occasion, subject; `mark` identifies its time."""

    model: ModelKey
    to: PersonId
    occasion: Occasion
    subject: str
    mark: str


def read_key(key: str) -> ReminderKeyParts:
    """Parse the key of a reminder; raises ValueError for anything else."""
    model, to, occasion, subject, mark = key.split(":", 4)
    return ReminderKeyParts(
        model=ModelKey(model), to=PersonId(to), occasion=Occasion(occasion), subject=subject, mark=mark
    )


_REASONS = {
    Occasion.DUE_SOON: "due soon",
    Occasion.DUE_TODAY: "due today",
    Occasion.OVERDUE: "overdue",
    Occasion.ESCALATED: "long overdue after reminders to its owner",
    Occasion.DIGEST: "long overdue after a notice to the facilitator",
    Occasion.OWNER_GONE: "its owner has left",
    Occasion.VOTE_OWED: "a ballot is missing at half-time",
    Occasion.VOTE_ENDS: "a ballot is missing shortly before the deadline",
    Occasion.ASKED: "assigned questions are unanswered",
    Occasion.ANSWERS_DUE: "answers are due today",
    Occasion.ACCEPTANCE_ENDS: "a risk acceptance expires soon",
    Occasion.ACCEPTANCE_OVER: "a risk acceptance has expired",
    Occasion.UNTOUCHED: "the model has not changed for a long time",
    Occasion.REVIEW: "the review of the closed model is due",
    Occasion.NOT_REACHED: "reminders could not be delivered",
    Occasion.APPROVAL_WAITS: "a risk acceptance is waiting for approval",
    Occasion.APPROVAL_ESCALATED: "a risk acceptance has been waiting for approval for a long time",
    Occasion.APPROVER_GONE: "its approver has left",
    Occasion.VERIFICATION_WAITS: "it is implemented and waiting for verification",
    Occasion.OVERRIDE_OPEN: "an overridden condition is still not met",
    Occasion.ISSUE_CHANGED: "its issue in the tracker asks for a decision",
    Occasion.OVERRIDE_OVER: "the override of a condition has expired",
}
