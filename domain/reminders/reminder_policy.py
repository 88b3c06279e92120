"""Reminder policies: when and how often people are reminded."""

from datetime import date, timedelta

import msgspec

from domain.kernel.inherited_settings import ReminderFrequency


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
    asked_after: int = 2
    untouched: timedelta = timedelta(days=90)
    override_every: timedelta = timedelta(days=14)
    """Between two reminders of a gate that was overridden and is still open."""

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
