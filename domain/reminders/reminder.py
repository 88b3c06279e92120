"""Reminders: occasions, policies, and planned reminders with their context."""

from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec

from domain.kernel.elements import ModelKey, PersonId
from domain.kernel.inherited_settings import ReminderFrequency
from domain.model import ThreatModel
from domain.reminder_deliveries import THREAD, Deliveries, ReminderKey
from domain.reminders.reachability import People, Reachability


class ReminderPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How often and how long a person is reminded; days are local days of the person.

    `before` are the days before a due date, `every` those between two reminders after it, of which there are
    `most`; one step later the facilitator is notified, and from then on the thread gets a weekly digest.
    A pending review is treated as if it had been due when it began to wait.
    """

    before: tuple[int, ...] = (7, 1)
    every: int = 3
    most: int = 5
    last_hours: timedelta = timedelta(hours=4)
    """Before the deadline of a vote."""
    untouched: timedelta = timedelta(days=90)
    override_every: timedelta = timedelta(days=14)
    """Between two reminders of a condition that was overridden and is still open."""

    @property
    def after(self) -> tuple[int, ...]:
        """Return the days after a due date on which a person is reminded."""
        return tuple(self.every * time for time in range(1, self.most + 1))

    @property
    def escalates_after(self) -> int:
        """Return the number of days after a due date when the facilitator is notified."""
        return self.every * (self.most + 1)

    def days_in_common(self, since: date) -> tuple[date, ...]:
        """Return the days of reminders of something that began on a day, shared by all that began by then.

        They are calendar days `every` apart, whenever something began: a person with many
        reviews is reminded of all of them together.
        """
        first = since.toordinal() + self.every
        first += -first % self.every
        return tuple(date.fromordinal(first + self.every * time) for time in range(self.most))


POLICIES = {
    ReminderFrequency.USUAL: ReminderPolicy(),
    ReminderFrequency.OFTEN: ReminderPolicy(before=(14, 7, 3, 1), every=1, most=7),
    ReminderFrequency.SELDOM: ReminderPolicy(before=(1,), every=7, most=3),
}
"""The policy for each choice of a team."""

LATE_AFTER = timedelta(hours=1)
"""The delay after which a reminder says that it is late."""


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
    SPOT_CHECK = "spot-check"

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
    Occasion.ASKED: "open questions that you own are due",
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
    Occasion.SPOT_CHECK: "answers of others are to be spot-checked",
    Occasion.OVERRIDE_OVER: "the override of a condition has expired",
}


class PlannedReminder(msgspec.Struct, frozen=True, kw_only=True):
    """A reminder to one person at a moment; `mark` distinguishes it from others of its occasion.

    It is independent of zone and working hours: otherwise a person who moves would be reminded again.
    It is never sent before `since`, even if the next working hours are later.
    """

    to: PersonId
    occasion: Occasion
    subject: str
    occurs: datetime
    mark: str
    until: datetime | None = None
    since: datetime | None = None
    number: int = 0


class PlanningContext(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that occasions are computed from."""

    model: ThreatModel
    deliveries: Deliveries
    now: datetime
    people: People
    policy: ReminderPolicy

    @property
    def facilitator(self) -> PersonId:
        """Return the facilitator, or the thread if their account is gone."""
        there = self.model.facilitator
        return THREAD if self.people(there).gone else there

    def reach(self, person: PersonId) -> Reachability:
        """Return how a person can be reached; the thread follows the facilitator's working hours."""
        if person != THREAD:
            return self.people(person)
        return msgspec.structs.replace(self.people(self.model.facilitator), gone=False)
