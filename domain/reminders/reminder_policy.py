"""When people are reminded, unless their team says otherwise."""

from datetime import date, timedelta

import msgspec

from domain.kernel.nudge_policy import NudgePolicy


class ReminderPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How often and how long somebody is reminded; days are local days of the person.

    `before` are the days before a due date, `every` those between two reminders after it, of which there are
    `most`; one step later the facilitator is told, and from then on a digest stands in the thread each week.
    What waits for a second person is told of as though it had been due when it began to wait.
    """

    before: tuple[int, ...] = (7, 1)
    every: int = 3
    most: int = 5
    last_hours: timedelta = timedelta(hours=4)
    """Before the deadline of a vote."""
    asked_after: int = 2
    untouched: timedelta = timedelta(days=90)

    @property
    def after(self) -> tuple[int, ...]:
        """The days after a due date on which somebody is reminded."""
        return tuple(self.every * time for time in range(1, self.most + 1))

    @property
    def escalates_after(self) -> int:
        """The days after a due date when the facilitator is told."""
        return self.every * (self.most + 1)

    def days_in_common(self, since: date) -> tuple[date, ...]:
        """The days on which somebody is reminded of what began on a day, the same for all that began by then.

        They are those of the calendar that lie `every` apart, whenever something began: so who has many
        such things hears of all of them at once, and of nothing in between.
        """
        first = since.toordinal() + self.every
        first += -first % self.every
        return tuple(date.fromordinal(first + self.every * time) for time in range(self.most))


POLICIES = {
    NudgePolicy.USUAL: ReminderPolicy(),
    NudgePolicy.OFTEN: ReminderPolicy(before=(14, 7, 3, 1), every=1, most=7),
    NudgePolicy.SELDOM: ReminderPolicy(before=(1,), every=7, most=3),
}
"""What each choice of a team comes to."""

LATE = timedelta(hours=1)
"""From how much later than planned a nudge says that it is late."""
